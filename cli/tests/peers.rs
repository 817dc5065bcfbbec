//! `apteryx check --schema` against jing and libxml2: random grammars, and documents that fit them or nearly do. Jing
//! decides; where it agrees, libxml2 may be wrong (it is, in places), but not often.
//! What is not tried, because jing errs: `1.50` with one fraction digit (the parameter is about the value, 1.5), and a
//! `ref` in a file of `externalRef` to the grammar around (it is as if written there; jing finds nothing).
//! `APTERYX_PEERS` says how many grammars; 40 by default.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr)] // A test may.

mod random_grammar;
mod user;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use random_grammar::{Chance, document, files, schema};

const DOCUMENTS: usize = 30;

/// The documents that a validator refuses; none where it refuses the schema.
type Refused = Option<BTreeSet<usize>>;

#[allow(clippy::disallowed_methods)] // Peers are not run by the builder.
fn run(command: &mut Command, dir: &Path, names: &[String]) -> Option<Output> {
    command.args(names).current_dir(dir).output().ok()
}

fn apteryx(dir: &Path, names: &[String]) -> Refused {
    let mut args = vec!["check", "--format", "json", "--schema", "main.rng"];
    args.extend(names.iter().map(String::as_str));
    let ran = user::apteryx(dir, &args, b"");
    if ran.code == 2 {
        assert!(ran.err.contains(".rng:"), "no place in: {}", ran.err);
        return None;
    }
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let bad = report["files"].as_array().unwrap().iter().filter(|f| {
        let found = f["diagnostics"].as_array().unwrap();
        found.iter().any(|d| d["severity"] == "error")
    });
    Some(bad.map(|f| number(f["path"].as_str().unwrap())).collect())
}

/// The number in the name of a document.
fn number(path: &str) -> usize {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.trim_end_matches(".xml").parse().unwrap()
}

fn jing(dir: &Path, names: &[String]) -> Option<Refused> {
    let ran = run(Command::new("jing").args(["-i", "main.rng"]), dir, names)?;
    let out = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    if out.contains(".rng:") {
        return Some(None);
    }
    let bad = out
        .lines()
        .filter_map(|l| l.split(".xml:").next().filter(|_| l.contains(".xml:")));
    Some(Some(bad.map(number).collect()))
}

fn xmllint(dir: &Path, names: &[String]) -> Option<Refused> {
    let ran = run(
        Command::new("xmllint").args(["--noout", "--nonet", "--relaxng", "main.rng"]),
        dir,
        names,
    )?;
    let out = String::from_utf8_lossy(&ran.stderr).into_owned();
    if out.contains("failed to compile") || ran.status.code() == Some(5) {
        return Some(None);
    }
    let bad = out.lines().filter_map(|l| l.strip_suffix(" fails to validate"));
    Some(Some(bad.map(number).collect()))
}

#[test]
fn verdicts_on_random_grammars_are_the_peers() {
    let dir = tempfile::tempdir().unwrap();
    if run(Command::new("jing").arg("-h"), dir.path(), &[]).is_none() {
        eprintln!("SKIPPED: jing is not installed (Debian: jing)");
        return;
    }
    let count = std::env::var("APTERYX_PEERS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(40);
    let (mut loaded, mut judged, mut valid, mut other) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for seed in 1..=count {
        let mut chance = Chance(seed * 7919);
        let schema = schema(&mut chance);
        let dir = dir.path().join(seed.to_string());
        fs::create_dir(&dir).unwrap();
        for (name, text) in files(&schema) {
            fs::write(dir.join(name), text).unwrap();
        }
        let names: Vec<String> = (0..DOCUMENTS).map(|n| format!("{n}.xml")).collect();
        for (n, name) in names.iter().enumerate() {
            let faults = if n % 2 == 0 { 0 } else { 80 };
            fs::write(dir.join(name), document(&schema, &mut chance, faults)).unwrap();
        }
        let (ours, peer) = (apteryx(&dir, &names), jing(&dir, &names).unwrap());
        if let (Some(ours), Some(peer)) = (&ours, &peer) {
            loaded += 1;
            judged += DOCUMENTS;
            valid += DOCUMENTS - ours.len();
            let third = xmllint(&dir, &names).flatten();
            other += third.map_or(0, |t| t.symmetric_difference(ours).count());
            for n in ours.symmetric_difference(peer) {
                wrong.push(format!(
                    "seed {seed}, document {n}: refused by us {}",
                    ours.contains(n)
                ));
            }
        } else if ours.is_some() != peer.is_some() {
            wrong.push(format!("seed {seed}: schema refused by us {}", ours.is_none()));
        }
    }
    eprintln!(
        "{loaded}/{count} grammars conform, {judged} documents, {valid} valid; libxml2 differs on {other}"
    );
    if !wrong.is_empty() {
        let kept = dir.keep();
        panic!(
            "{} differ from jing (in {}):\n{}",
            wrong.len(),
            kept.display(),
            wrong.join("\n")
        );
    }
    assert!(loaded * 4 > count && valid * 10 > judged && valid * 10 < judged * 9);
    assert!(other * 20 < judged, "libxml2 differs too often");
}
