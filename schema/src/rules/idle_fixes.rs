//! The repair of a setting that counts for nothing: it is taken out, a guess. Judges nothing.

use super::judge::without;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::{NodeId, NodeKind, Tree};
use crate::text::Span;

/// Adds the repair to findings that have none.
pub(super) fn add(trees: &[Tree], out: &mut [Diagnostic]) {
    let idle = |d: &&mut Diagnostic| d.code == "unused-setting" && d.fixes.is_empty();
    for one in out.iter_mut().filter(idle) {
        let tree = trees.get(one.file.0 as usize).filter(|t| t.is_xml());
        let fix = tree.and_then(|tree| repair(tree, one.span));
        one.fixes.extend(fix);
    }
}

fn repair(tree: &Tree, span: Span) -> Option<Fix> {
    // What begins last before it lies in the innermost element around it, or is that.
    let before = tree.nodes.partition_point(|node| node.span.start <= span.start);
    let last = NodeId::new(before.checked_sub(1)?);
    let mut around = std::iter::once(last).chain(tree.ancestors(last));
    let id = around.find(|&id| {
        let node = tree.node(id);
        node.kind == NodeKind::Element && span.end <= node.span.end
    })?;
    let whole = |own: Span| own == span;
    let attribute = tree
        .attrs(id)
        .iter()
        .find(|a| whole(a.span) || whole(a.value_span) || whole(a.name_span));
    match attribute {
        // Without its name it is nothing.
        Some(a) if &*tree.name(a.name).local != "name" => without(tree, a, &tree.name(a.name).local),
        Some(_) => element(tree, id),
        None if whole(tree.node(id).name_span) => element(tree, id),
        None => None,
    }
}

/// Takes an element out, with the blanks before it.
fn element(tree: &Tree, id: NodeId) -> Option<Fix> {
    let (text, span, name) = (tree.text(), tree.node(id).span, tree.local(id));
    span.of(text).starts_with('<').then_some(())?;
    let head = text.get(..span.start as usize)?;
    Some(Fix {
        title: format!("remove this `<{name}>`").into(),
        edits: vec![Edit {
            span: Span::new(head.trim_end().len() as u32, span.end),
            new_text: String::new().into(),
        }],
        safe: false,
    })
}
