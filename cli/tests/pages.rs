//! Every code that can appear, in a check or in a build, has its page, and `explain --list` lists it.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

/// The code of a source folder, without its unit tests.
fn sources(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            out.push_str(text.split("#[cfg(test)]\nmod").next().unwrap());
        }
    }
}

/// The words with a hyphen in quotes that follow one of `before`.
fn named(text: &str, before: &[&str]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for start in before {
        for rest in text.split(start).skip(1) {
            let quoted = rest
                .trim_start()
                .strip_prefix('"')
                .and_then(|r| r.split('"').next());
            let is_code = |w: &&str| {
                w.contains('-')
                    && w.split('-')
                        .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()))
            };
            out.extend(quoted.filter(is_code).map(str::to_owned));
        }
    }
    out
}

#[test]
#[allow(clippy::disallowed_methods)] // The program under test is not run by the builder.
fn every_code_of_a_build_has_a_page_and_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut builder = String::new();
    sources(&root.join("builder/src"), &mut builder);
    let made = [
        "code: ",
        "refuse(",
        "wrong(",
        "fault(",
        "packages_error(",
        "description(",
        "Diagnostic::new(",
    ];
    let mut codes = named(&builder, &made);
    codes.extend(named(
        &std::fs::read_to_string(root.join("builder/src/error.rs")).unwrap(),
        &["=> "],
    ));
    // Tables of what is refused, by attribute.
    let quoted = builder
        .split('"')
        .filter(|w| w.starts_with("unsupported-") || w.starts_with("repository-"));
    codes.extend(
        quoted
            .filter(|w| w.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
            .map(str::to_owned),
    );
    assert!(codes.len() > 70, "{codes:?}");
    let list = std::process::Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(["explain", "--list"])
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let listed: BTreeSet<_> = list.lines().filter_map(|l| l.split(' ').next()).collect();
    let page = |code: &str| root.join(format!("docs/diagnostics/{code}.md")).is_file();
    let missing: Vec<_> = codes
        .iter()
        .filter(|c| !page(c) || !listed.contains(c.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
