//! The rules over the corpus: what KIWI's schematron accepts they accept, and every finding has been read.
#![cfg(test)]
#![allow(clippy::print_stdout)] // A test may.

mod shared;

use apteryx_schema::LineIndex;
use apteryx_schema::description::load_text;
use apteryx_schema::rules::{self, Options};
use shared::shared;

/// Every finding on the corpus as `file:line code`, and KIWI's schematron verdict beside each file.
fn findings(dir: &std::path::Path) -> Vec<(bool, String, &'static str)> {
    let corpus = dir.join("corpus");
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let mut out = Vec::new();
    for row in index.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        if cells[2] != "xml" {
            continue;
        }
        let path = corpus.join(cells[0]);
        let bytes = std::fs::read(&path).unwrap();
        let loaded = load_text(&path, &bytes, &|p| std::fs::read(p));
        for f in rules::check(&loaded.image, &loaded.trees, &Options::default()) {
            let text = &loaded.image.files[f.file.0 as usize].text;
            let line = LineIndex::new(text).position(text, f.span.start).line + 1;
            if std::env::var_os("SHOW").is_some() {
                println!(
                    "{}:{line}\t{}\t{}\t{}\t{:?}",
                    cells[0], f.code, f.message, f.label, f.help
                );
            }
            out.push((
                cells[5] == "yes",
                format!("{}:{line} {}", cells[0], f.code),
                f.code,
            ));
        }
    }
    out
}

#[test]
fn what_kiwis_schematron_accepts_the_co_occurrence_rules_accept() {
    let Some(dir) = shared("corpus/INDEX.tsv") else {
        return;
    };
    let refused = |code: &str| rules::code(code).unwrap().consequence.contains("refuses");
    let found = findings(&dir);
    let wrong: Vec<_> = found
        .iter()
        .filter(|(accepted, _, code)| *accepted && refused(code))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(
        found.iter().any(|(accepted, _, code)| !accepted && refused(code)),
        "the refused one is found"
    );
}

#[test]
fn every_finding_on_the_corpus_has_been_read() {
    let Some(dir) = shared("corpus/INDEX.tsv") else {
        return;
    };
    let mut lines: Vec<String> = findings(&dir).into_iter().map(|(_, line, _)| line).collect();
    lines.sort();
    expect_test::expect_file!["rules_corpus.txt"].assert_eq(&(lines.join("\n") + "\n"));
}
