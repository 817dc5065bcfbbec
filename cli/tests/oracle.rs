//! The binary against KIWI's own grammar on mutated descriptions: the verdict, the place, the count and the repair.
//! Needs `../shared` and Debian's python3-lxml; says loudly when it cannot run, and fails then in CI.
//!
//! `APTERYX_ORACLE_CASES=50000` sets how many cases are made (twenty seeds), and `APTERYX_ORACLE_SEED` the first seed.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PYTHON: &str = "/usr/bin/python3";

/// The folder of the corpus and the oracle, none where this cannot run.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("APTERYX_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let lxml = Command::new(PYTHON)
        .args(["-c", "import lxml"])
        .status()
        .is_ok_and(|s| s.success());
    if folder.join("oracle/mutate.py").exists() && lxml {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "CI has ../shared and python3-lxml, this test must run there"
    );
    eprintln!("SKIPPED: needs ../shared and the Debian package python3-lxml");
    None
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Cases of several seeds, one JSON object a line.
fn cases(shared: &Path, seeds: impl Iterator<Item = u64>, each: u64) -> String {
    let index = std::fs::read_to_string(shared.join("corpus/INDEX.tsv")).unwrap();
    let bases: Vec<PathBuf> = index
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row.get(3) == Some(&"yes"))
        .map(|row| shared.join("corpus").join(row[0]))
        .collect();
    assert!(bases.len() > 20);
    let mut out = String::new();
    for seed in seeds {
        let made = Command::new(PYTHON)
            .arg(shared.join("oracle/mutate.py"))
            .arg("--rng")
            .arg(shared.join("oracle/kiwi-8.5.rng"))
            .args(["--seed", &seed.to_string(), "--count", &each.to_string()])
            .args(&bases)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        out.push_str(&String::from_utf8(made.stdout).unwrap());
    }
    out
}

/// What the score says of a command.
fn score(shared: &Path, cases: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.ndjson");
    std::fs::write(&file, cases).unwrap();
    let scored = Command::new(PYTHON)
        .arg(shared.join("oracle/score.py"))
        .arg("--cases")
        .arg(&file)
        .args(["--show", "10", "--", env!("CARGO_BIN_EXE_apteryx")])
        .args(["check", "--format", "json"])
        .args(more)
        .output()
        .unwrap();
    let figures = String::from_utf8_lossy(&scored.stdout).into_owned();
    eprintln!("{figures}");
    figures
}

/// The share that a line of the figures names.
fn share(figures: &str, name: &str) -> f64 {
    let line = figures.lines().find(|l| l.starts_with(name) && l.contains('/'));
    let last = line.and_then(|l| l.rsplit(' ').next());
    last.and_then(|n| n.parse().ok()).unwrap_or(0.0)
}

#[test]
fn mutated_descriptions_are_judged_as_the_oracle_judges_them() {
    let Some(shared) = shared() else { return };
    let all = number("APTERYX_ORACLE_CASES").unwrap_or(5_000);
    let first = number("APTERYX_ORACLE_SEED").unwrap_or(4711);
    let each = all.div_ceil(20);
    let cases = cases(&shared, first..first + 20, each);
    let oracle = shared.join("oracle/kiwi-8.5.rng");
    // By KIWI's own file fewer are judged in the everyday run: the engine is the same.
    let lines: Vec<&str> = cases.lines().collect();
    let part = if all > 5_000 { lines.len() } else { lines.len() / 5 };
    let some = lines[..part].join("\n");
    let schema = ["--schema", oracle.to_str().unwrap()];
    for (cases, more) in [(&cases, &[][..]), (&some, &schema[..])] {
        let count = cases.lines().count();
        let figures = score(&shared, cases, more);
        assert!(
            figures.contains(&format!("verdict {count}/{count} ")),
            "{figures}"
        );
        assert!(figures.contains("panics 0"), "{figures}");
        assert!(share(&figures, "hit") >= 0.995, "{figures}");
        assert!(share(&figures, "single") >= 0.98, "{figures}");
        // What is said of `schemaversion` is not the grammar's doing.
        assert!(!more.is_empty() || share(&figures, "repair") >= 0.97, "{figures}");
    }
}

/// `check` on files, a few hundred at a time.
fn check(more: &[&str], files: &[PathBuf]) -> Vec<Output> {
    let run = |part: &[PathBuf]| {
        let out = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args(["check", "--format", "json"])
            .args(more)
            .args(part)
            .output()
            .unwrap();
        assert!(matches!(out.status.code(), Some(0 | 1)), "{out:?}");
        out
    };
    files.chunks(500).map(run).collect()
}

/// How many errors of the text itself each file has, in the order of the files.
fn errors(files: &[PathBuf]) -> Vec<usize> {
    let answers: Vec<serde_json::Value> = check(&[], files)
        .iter()
        .map(|o| serde_json::from_slice(&o.stdout).unwrap())
        .collect();
    let count = |file: &PathBuf| {
        let mut all = answers.iter().flat_map(|a| a["files"].as_array().unwrap());
        let found = all.find(|f| f["path"] == file.to_str().unwrap()).unwrap();
        let list = found["diagnostics"].as_array().unwrap();
        let own = |d: &&serde_json::Value| {
            d["severity"] == "error" && ["schema", "xml"].map(Into::into).contains(&d["source"])
        };
        list.iter().filter(own).count()
    };
    files.iter().map(count).collect()
}

#[test]
fn fix_gives_the_original_of_a_typo_again() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut texts, mut originals) = (Vec::new(), Vec::new(), Vec::new());
    let mut seed = number("APTERYX_ORACLE_SEED").unwrap_or(1848);
    while files.len() < 2_000 {
        for line in cases(&shared, seed..seed + 1, 3_000).lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            if case["valid"] == true || case["original"].is_null() || files.len() == 2_000 {
                continue;
            }
            let file = folder
                .path()
                .join(format!("{}.xml", case["id"].as_str().unwrap()));
            let base = shared.join("corpus").join(case["base"].as_str().unwrap());
            let base = std::fs::read_to_string(base).unwrap();
            originals.push(base.replace("\r\n", "\n"));
            texts.push(case["text"].as_str().unwrap().to_owned());
            std::fs::write(&file, texts.last().unwrap()).unwrap();
            files.push(file);
        }
        seed += 1;
    }
    let before = errors(&files);
    check(&["--fix"], &files);
    let after = errors(&files);
    let (mut restored, mut worse, mut shown) = (0, 0, 0);
    for (at, file) in files.iter().enumerate() {
        let now = std::fs::read_to_string(file).unwrap();
        if now == originals[at] {
            restored += 1;
            continue;
        }
        // A repair that changes the text and mends nothing is as bad as one that adds an error.
        let bad = after[at] > before[at] || now != texts[at] && after[at] == before[at];
        worse += usize::from(bad);
        if bad || now != texts[at] && shown < 20 {
            shown += 1;
            let mut lines = texts[at].lines().zip(now.lines());
            eprintln!("{}: {:?}", file.display(), lines.find(|(a, b)| a != b));
        }
    }
    let all = files.len();
    eprintln!("restored {restored}/{all}, worse {worse}");
    assert_eq!(worse, 0);
    assert!(restored * 100 >= all * 97, "{restored}/{all}");
}
