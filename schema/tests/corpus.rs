//! Every real description of the corpus gets the verdict that KIWI's own grammar gave it after migration.
#![cfg(test)]

mod shared;

use apteryx_schema::check::{Options, check};
use apteryx_schema::diagnostic::{Severity, Source};
use shared::shared;

#[test]
fn every_verdict_of_the_corpus_is_kiwis() {
    let Some(shared) = shared("corpus/INDEX.tsv") else {
        return;
    };
    let folder = shared.join("corpus");
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut judged = 0;
    for line in index.lines().skip(1) {
        let row: Vec<&str> = line.split('\t').collect();
        let (name, valid) = (row[0], row[4] == "yes");
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let found = check(std::path::Path::new(name), &bytes, Options::default()).diagnostics;
        let mut errors = found
            .iter()
            .filter(|d| d.severity == Severity::Error && matches!(d.source, Source::Xml | Source::Schema));
        let first = errors.next();
        judged += 1;
        if first.is_none() != valid {
            wrong.push(format!(
                "{name}: should be {valid}: {:?}",
                first.map(|d| &d.message)
            ));
        }
    }
    assert_eq!(judged, 96);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
