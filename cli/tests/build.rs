//! The whole path on real parts: the example becomes a disk from a real mirror and boots to a login prompt, from BIOS
//! and from UEFI. Says loudly where it cannot run, and fails then in CI.
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn missing() -> Option<&'static str> {
    let apt = Path::new("/etc/apt/sources.list.d").exists() || Path::new("/etc/apt/sources.list").exists();
    let there = |tool: &str| {
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .any(|dir| dir.join(tool).exists())
    };
    match () {
        () if !apt => Some("an apt host, for its mirror"),
        () if !there("qemu-system-x86_64") => Some("qemu-system-x86"),
        () if !Path::new("/usr/share/OVMF/OVMF_CODE_4M.fd").exists() => Some("ovmf"),
        () if !Path::new("/usr/lib/grub/i386-pc/boot.img").exists() => Some("grub-pc-bin"),
        () => None,
    }
}

fn apteryx(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(args)
        .output()
        .unwrap()
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/debian-minimal")
}

#[test]
fn the_example_is_built_and_boots_to_a_login_prompt() {
    if let Some(what) = missing() {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI has {what}, this test must run there"
        );
        eprintln!("SKIPPED: needs {what}");
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
        let boot = apteryx(&[
            "boot",
            image,
            "--firmware",
            firmware,
            "--until",
            "login",
            "--timeout",
            "400",
        ]);
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
