//! The whole path on real parts: the example becomes a disk from a real mirror and boots to a login prompt, from BIOS
//! and from UEFI. Says loudly where it cannot run, and fails then in CI.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs)]

mod guest;

use std::path::{Path, PathBuf};
use std::process::Command;

use guest::apteryx;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/debian-minimal")
}

#[test]
fn the_example_is_built_and_boots_to_a_login_prompt() {
    if !guest::ready(false) {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let out = target.path().join("out");
    let (out, example) = (out.to_str().unwrap(), example());
    let built = apteryx(&[
        "build",
        example.to_str().unwrap(),
        "--target-dir",
        out,
        "--mirror",
        "host",
    ]);
    let words = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{words}");
    assert!(
        words.contains("-1.0.0.qcow2 (") && words.contains("  apteryx boot "),
        "{words}"
    );
    let results = String::from_utf8_lossy(&built.stdout);
    assert!(results.lines().all(|line| Path::new(line).is_file()), "{results}");
    assert!(
        results.contains("/Debian-Minimal.x86_64-1.0.0.qcow2"),
        "{results}"
    );
    let index: serde_json::Value =
        serde_json::from_slice(&std::fs::read(Path::new(out).join("kiwi.result.json")).unwrap()).unwrap();
    assert!(
        index["disk_format_image"]["filename"]
            .as_str()
            .unwrap()
            .ends_with(".qcow2")
    );
    let packages =
        std::fs::read_to_string(Path::new(out).join("Debian-Minimal.x86_64-1.0.0.packages")).unwrap();
    assert!(
        packages
            .lines()
            .any(|line| line.starts_with("base-files|None|") && line.split('|').count() == 7)
    );
    let image = results.lines().find(|line| line.ends_with(".qcow2")).unwrap();
    for firmware in ["bios", "uefi"] {
        let boot = guest::boot(image, &["--firmware", firmware]);
        let console = String::from_utf8_lossy(&boot.stdout);
        assert!(
            boot.status.success(),
            "{firmware}: {}",
            console.chars().rev().take(2000).collect::<String>()
        );
        assert!(console.contains("localhost login:"), "{firmware}");
    }
    let tree = Path::new(out).join("build");
    // A tree that belongs to the user's subordinate ids goes with the verb that made it; as root it goes so.
    let _ = Command::new("rm")
        .arg("-rf")
        .arg("--one-file-system")
        .arg(tree)
        .status();
}

#[test]
fn a_wrong_description_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example().join("config.xml")).unwrap();
    std::fs::write(
        folder.path().join("config.xml"),
        text.replace("filesystem=", "filesytem="),
    )
    .unwrap();
    let built = apteryx(&["build", folder.path().to_str().unwrap(), "--mirror", "host"]);
    let words = String::from_utf8_lossy(&built.stderr);
    assert_eq!(built.status.code(), Some(1), "{words}");
    assert!(words.contains("`<type>` has no attribute `filesytem`"), "{words}");
    assert!(built.stdout.is_empty() && !folder.path().join("out").exists());
}
