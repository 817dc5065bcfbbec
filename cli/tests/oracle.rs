//! Verdicts of the binary against KIWI's own grammar on mutated descriptions. Needs `../shared` and Debian's
//! python3-lxml; says loudly when it cannot run, and fails then in CI.
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("APTERYX_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    folder.join("oracle/mutate.py").exists().then_some(folder)
}

#[test]
fn verdicts_on_five_thousand_mutated_descriptions_equal_the_oracles() {
    let lxml = Command::new("/usr/bin/python3")
        .args(["-c", "import lxml"])
        .status()
        .is_ok_and(|s| s.success());
    let (Some(shared), true) = (shared(), lxml) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI has ../shared and python3-lxml, this test must run there"
        );
        eprintln!("SKIPPED: needs ../shared and the Debian package python3-lxml");
        return;
    };
    let index = std::fs::read_to_string(shared.join("corpus/INDEX.tsv")).unwrap();
    let bases: Vec<PathBuf> = index
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row.get(3) == Some(&"yes"))
        .map(|row| shared.join("corpus").join(row[0]))
        .collect();
    assert!(bases.len() > 20);
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("cases.ndjson");
    let mut all = Vec::new();
    for (seed, count) in [(4711, 1700), (815, 1700), (90125, 1600)] {
        let made = Command::new("/usr/bin/python3")
            .arg(shared.join("oracle/mutate.py"))
            .arg("--rng")
            .arg(shared.join("oracle/kiwi-8.5.rng"))
            .args(["--seed", &format!("{seed}"), "--count", &format!("{count}")])
            .args(&bases)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        all.extend(made.stdout);
    }
    std::fs::write(&cases, all).unwrap();
    let scored = Command::new("/usr/bin/python3")
        .arg(shared.join("oracle/score.py"))
        .arg("--cases")
        .arg(&cases)
        .args([
            "--show",
            "10",
            "--",
            env!("CARGO_BIN_EXE_apteryx"),
            "check",
            "--format",
            "json",
        ])
        .output()
        .unwrap();
    let figures = String::from_utf8_lossy(&scored.stdout);
    eprintln!("{figures}");
    assert!(figures.contains("verdict 5000/5000"), "{figures}");
    assert!(figures.contains("panics 0"), "{figures}");
}
