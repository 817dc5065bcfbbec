//! Neighbouring packages in the order of their names. Only where asked for: authors group packages by purpose.

use std::ops::Range;

use super::layout::{is_container, lines};
use crate::diagnostic::Edit;
use crate::syntax::{NodeId, NodeKind, Tree};
use crate::text::Span;

/// Elements whose order among themselves means nothing to a package manager.
const SORTED: [&str; 4] = ["package", "ignore", "namedCollection", "product"];

/// One element of a list with the comment on its line.
struct Item {
    node: NodeId,
    span: Span,
}

/// The edits that put each group in order: the bytes of one item in the place of another.
pub(super) fn edits(tree: &Tree) -> Vec<Edit> {
    let mut out = Vec::new();
    let lists = tree
        .all()
        .filter(|&n| tree.node(n).kind == NodeKind::Element && tree.local(n) == "packages");
    for list in lists.filter(|&l| is_container(tree, l)) {
        let items = items(tree, list);
        for group in groups(tree, &items) {
            let group = items.get(group).unwrap_or(&[]);
            let mut order: Vec<&Item> = group.iter().collect();
            order.sort_by_cached_key(|i| key(tree, i.node));
            let moved = group.iter().zip(order).filter(|(a, b)| a.span != b.span);
            out.extend(moved.map(|(place, item)| Edit {
                span: place.span,
                new_text: item.span.of(tree.text()).to_owned().into(),
            }));
        }
    }
    out.sort_by_key(|e| e.span);
    out
}

fn key(tree: &Tree, id: NodeId) -> (String, String) {
    let name = tree.attr_value(id, "name").unwrap_or_default();
    (name.to_lowercase(), name.into_owned())
}

/// The elements of a list. What stands between two of them is looked at by `groups`.
fn items(tree: &Tree, list: NodeId) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    for child in tree.children(list) {
        let node = tree.node(child);
        match (node.kind, out.last_mut()) {
            (NodeKind::Element, _) if SORTED.contains(&tree.local(child)) => out.push(Item {
                node: child,
                span: node.span,
            }),
            (NodeKind::Comment, Some(last)) => {
                let gap = Span::new(last.span.end, node.span.start).of(tree.text());
                let text = node.span.of(tree.text());
                // An allowance is about what follows.
                if gap.trim().is_empty() && lines(gap) == 0 && !text.contains("apteryx:") {
                    last.span.end = node.span.end;
                }
            }
            _ => {}
        }
    }
    out
}

/// Runs of items of one kind with one line end and nothing else between them.
fn groups(tree: &Tree, items: &[Item]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut begin = 0;
    for n in 1..=items.len() {
        let next = match (items.get(n - 1), items.get(n)) {
            (Some(a), Some(b)) => {
                let gap = Span::new(a.span.end, b.span.start).of(tree.text());
                let blank = gap.chars().all(char::is_whitespace);
                tree.local(a.node) == tree.local(b.node) && blank && lines(gap) <= 1
            }
            _ => false,
        };
        if !next {
            out.push(begin..n);
            begin = n;
        }
    }
    out
}
