//! The findings of one version: the same judgement as `apteryx check` gives.

use apteryx_schema::{Diagnostic, check};

use crate::snapshot::Snapshot;

/// All findings in the order of the text.
pub fn diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
    // The tree as written is kept for the other features; the judgement migrates a copy.
    let tree = snapshot.derived().tree.clone();
    check::check_tree(tree, check::Options::default()).diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_that_is_not_closed_is_found_in_its_place() {
        let text = "<image schemaversion=\"8.5\" name=\"a\">\n  <packages>\n</image>";
        let found = diagnostics(&Snapshot::of_text(text));
        assert!(!found.is_empty());
        let place = found[0].span;
        assert!(
            place.start as usize >= text.find("<packages").unwrap(),
            "{found:?}"
        );
    }
}
