//! What can be folded: elements over several lines, comments, and rows of comments.

use apteryx_schema::Span;
use apteryx_schema::syntax::NodeKind;

use crate::snapshot::Derived;

/// A part that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// From the line that stays to the last that goes.
    pub span: Span,
    /// A comment.
    pub comment: bool,
}

/// Every part of more than one line.
pub fn folds(derived: &Derived) -> Vec<Fold> {
    let tree = &derived.tree;
    let mut out = Vec::new();
    for id in tree.all() {
        let node = tree.node(id);
        let (end, comment) = match node.kind {
            // The end tag stays in sight.
            NodeKind::Element if node.close.is_empty() => (node.span.end, false),
            NodeKind::Element => (before(&derived.text, node.close.start), false),
            NodeKind::Comment => (node.span.end, true),
            _ => continue,
        };
        let span = Span::new(node.span.start, end.max(node.span.start));
        if span.of(&derived.text).contains(['\n', '\r']) {
            out.push(Fold { span, comment });
        }
    }
    out
}

/// The end of the line before the one that `at` stands in, where only blanks stand between; else `at`.
fn before(text: &str, at: u32) -> u32 {
    let head = text.get(..at as usize).unwrap_or("");
    let blank = head.trim_end_matches([' ', '\t']);
    let line = blank.strip_suffix('\n').unwrap_or(blank);
    line.strip_suffix('\r').unwrap_or(line).len() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;

    #[test]
    fn the_end_tag_stays_in_sight_and_one_line_is_not_folded() {
        let text = "<image>\n  <a>\n    <b/>\n  </a>\n  <!-- x\n y -->\n</image>";
        let snapshot = Snapshot::of_text(text);
        let found: Vec<_> = folds(snapshot.derived())
            .iter()
            .map(|f| (f.span.of(text).replace('\n', "|"), f.comment))
            .collect();
        let wanted = [
            ("<image>|  <a>|    <b/>|  </a>|  <!-- x| y -->", false),
            ("<a>|    <b/>", false),
            ("<!-- x| y -->", true),
        ];
        assert_eq!(found, wanted.map(|(t, c)| (t.to_owned(), c)));
    }
}
