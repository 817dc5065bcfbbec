//! What a growing selection takes in next: the value, the attribute, the tag, the content, the element, and so outwards.

use apteryx_schema::Span;
use apteryx_schema::syntax::{NodeId, Tree};

use crate::snapshot::Derived;

/// The spans around byte `offset`, the smallest first; each holds the one before it and is larger.
pub fn around(derived: &Derived, offset: u32) -> Vec<Span> {
    let tree = &derived.tree;
    let mut out = vec![Span::new(0, derived.text.len() as u32)];
    let mut here = tree.document();
    while let Some(child) = tree.children(here).find(|&c| holds(tree.node(c).span, offset)) {
        parts(tree, child, offset, &mut out);
        here = child;
    }
    out.reverse();
    out
}

fn holds(span: Span, offset: u32) -> bool {
    span.start <= offset && offset < span.end.max(span.start + 1)
}

fn touches(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end && !span.is_empty()
}

/// A node, and what of its parts is around the offset: from large to small.
fn parts(tree: &Tree, id: NodeId, offset: u32, out: &mut Vec<Span>) {
    let node = tree.node(id);
    let mut add = |span: Span| {
        let fits = out
            .last()
            .is_none_or(|l| l.start <= span.start && span.end <= l.end && *l != span);
        if fits && touches(span, offset) {
            out.push(span);
        }
    };
    add(node.span);
    if node.open.is_empty() {
        return;
    }
    add(Span::new(node.open.end, node.close.start.max(node.open.end)));
    if holds(node.close, offset) {
        add(node.close);
        add(node.close_name());
    } else if holds(node.open, offset) {
        add(node.open);
        add(node.name_span);
        for attr in tree.attrs(id).iter().filter(|a| touches(a.span, offset)) {
            for span in [attr.span, attr.name_span, attr.value_span] {
                add(span);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::at_cursor;

    #[test]
    fn a_selection_grows_from_the_value_to_the_whole_text() {
        let (snapshot, at) = at_cursor("<image><packages type=\"ima$0ge\"><a/></packages></image>");
        let derived = snapshot.derived();
        let found: Vec<_> = around(derived, at)
            .iter()
            .map(|s| s.of(&derived.text).to_owned())
            .collect();
        let wanted = [
            "image",
            "type=\"image\"",
            "<packages type=\"image\">",
            "<packages type=\"image\"><a/></packages>",
            "<image><packages type=\"image\"><a/></packages></image>",
        ];
        assert_eq!(found, wanted);
    }
}
