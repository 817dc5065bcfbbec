//! The layout of a document, as edits of white space. The style is `apteryx fmt`'s, whatever the editor's own is.

use apteryx_schema::{Edit, fmt};

use crate::snapshot::Snapshot;

/// The edits; none at all for a text that is not well-formed or no description.
pub fn formatting(snapshot: &Snapshot) -> Option<Vec<Edit>> {
    fmt::edits(&snapshot.derived().tree).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str) -> Option<(usize, String)> {
        let edits = formatting(&Snapshot::of_text(text))?;
        Some((edits.len(), apteryx_schema::fix::apply(text, &edits)))
    }

    #[test]
    fn only_what_is_out_of_place_is_touched() {
        let text = "<image>\n    <users>\n      <user  name=\"ä\"/>\n    </users>\n</image>\n";
        let new = "<image>\n    <users>\n        <user name=\"ä\"/>\n    </users>\n</image>\n";
        assert_eq!(edited(text), Some((2, new.to_owned())));
        assert_eq!(edited(new), Some((0, new.to_owned())));
    }

    #[test]
    fn a_broken_text_is_left_alone() {
        assert_eq!(edited("<image>\n <users>"), None);
    }
}
