//! The findings of one version: the same judgement as `apteryx check` gives.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use apteryx_builder::archive::Beside;
use apteryx_schema::{Diagnostic, check, rules};

use crate::lock::lock;
use crate::snapshot::Snapshot;

/// All findings in the order of the text.
pub fn diagnostics(snapshot: &Snapshot) -> &[Diagnostic] {
    snapshot.derived().judged()
}

/// What the folder of the document at `path` gives rise to, in the texts of the description and in scripts beside it.
pub fn beside(snapshot: &Snapshot, path: &Path) -> rules::Beside {
    let derived = snapshot.derived();
    let image = derived.tree.root().filter(|&r| derived.tree.local(r) == "image");
    let folder = Beside::of(path).filter(|_| image.is_some() && derived.tree.errors().is_empty());
    let Some(folder) = folder else {
        return rules::Beside::default();
    };
    let loaded = derived.model();
    let judged = check::Judged {
        texts: &loaded.texts(),
        image: &loaded.image,
        told: derived.judged(),
    };
    check::beside(judged, &folder, Some(&faults))
}

/// What bash says of a script, remembered: a keystroke in the description starts no process.
fn faults(script: &[u8]) -> Vec<rules::Fault> {
    static KNOWN: Mutex<BTreeMap<Vec<u8>, Vec<rules::Fault>>> = Mutex::new(BTreeMap::new());
    /// More scripts than the open descriptions have.
    const MOST: usize = 64;
    if let Some(known) = lock(&KNOWN).get(script) {
        return known.clone();
    }
    let found = apteryx_builder::shell::faults(script);
    let mut known = lock(&KNOWN);
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(script.to_owned(), found.clone());
    found
}

/// The findings that a person sees in the document: of its text and of its folder.
#[cfg(test)]
fn all(snapshot: &Snapshot, path: Option<&Path>) -> Vec<Diagnostic> {
    let mut found = diagnostics(snapshot).to_vec();
    if let Some(path) = path.filter(|_| snapshot.derived().sound()) {
        found.extend(beside(snapshot, path).diagnostics);
        check::sort(&mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use apteryx_schema::diagnostic::Source;

    #[test]
    fn a_file_that_is_not_beside_the_document_is_found_and_one_that_is_not() {
        let folder = std::env::temp_dir().join(format!("apteryx-lsp-beside-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("config.xml");
        let text = "<image schemaversion=\"8.5\" name=\"a\">\n  <packages type=\"image\"><archive \
                    name=\"tools.tar.gz\"/></packages>\n</image>";
        std::fs::write(&path, text).unwrap();
        let snapshot = Snapshot::of_text(text);
        let codes = |path: Option<&Path>| -> Vec<&str> {
            let found = all(&snapshot, path).into_iter();
            found
                .filter(|d| d.source == Source::Files)
                .map(|d| d.code)
                .collect()
        };
        assert_eq!(codes(Some(&path)), ["missing-file"]);
        assert!(codes(None).is_empty(), "a document that lies nowhere");
        std::fs::write(folder.join("tools.tar.gz"), "").unwrap();
        // What the empty archive is to be told for is another matter.
        assert!(!codes(Some(&path)).contains(&"missing-file"));
        for name in ["config.xml", "tools.tar.gz"] {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
        std::fs::remove_dir(folder).unwrap();
    }

    #[test]
    fn an_element_that_is_not_closed_is_found_in_its_place() {
        let text = "<image schemaversion=\"8.5\" name=\"a\">\n  <packages>\n</image>";
        let snapshot = Snapshot::of_text(text);
        let found = diagnostics(&snapshot);
        assert!(!found.is_empty());
        let place = found[0].span;
        assert!(
            place.start as usize >= text.find("<packages").unwrap(),
            "{found:?}"
        );
    }
}
