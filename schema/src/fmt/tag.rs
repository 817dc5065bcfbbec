//! The white space inside a tag: attributes in the line of their element while they fit, else each in its own.

use super::layout::Layout;
use super::{INDENT, MAX_LEVEL, WIDTH};
use crate::syntax::NodeId;
use crate::text::Span;

/// Lays out the start tag of an element that stands at `level`.
pub(super) fn start(layout: &mut Layout<'_>, id: NodeId, level: usize) {
    let tree = layout.tree;
    let node = tree.node(id);
    let attrs = tree.attrs(id);
    let text = tree.text();
    let quoted = |a: &crate::syntax::Attr| Span::new(a.value_span.start.saturating_sub(1), a.span.end);
    let size = |span: Span| span.of(text).chars().count();
    let tail = if node.self_closing { 2 } else { 1 };
    let line: usize = attrs
        .iter()
        .map(|a| 2 + size(a.name_span) + size(quoted(a)))
        .sum();
    let width = INDENT * level.min(MAX_LEVEL) + 1 + size(node.name_span) + line + tail;
    let broken = |a: &crate::syntax::Attr| a.value_span.of(text).contains(['\n', '\r']);
    let wrapped = attrs.len() > 1 && (width > WIDTH || attrs.iter().any(broken));
    let before = match wrapped {
        true => layout.line(level + 1),
        false => " ".to_owned(),
    };
    let mut at = node.name_span.end;
    for attr in attrs {
        layout.put(Span::new(at, attr.span.start), before.clone());
        let equals = Span::new(attr.name_span.end, quoted(attr).start);
        layout.put(equals, "=".to_owned());
        at = attr.span.end;
    }
    let after = match wrapped {
        true => layout.line(level),
        false => String::new(),
    };
    layout.put(Span::new(at, node.open.end.saturating_sub(tail as u32)), after);
}

/// Lays out the end tag.
pub(super) fn end(layout: &mut Layout<'_>, id: NodeId) {
    let node = layout.tree.node(id);
    let gap = Span::new(node.close_name().end, node.close.end.saturating_sub(1));
    if !node.close.is_empty() {
        layout.put(gap, String::new());
    }
}
