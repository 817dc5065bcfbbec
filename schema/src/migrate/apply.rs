//! A change made to a tree, or said as an edit of its text.

use super::steps::Change;
use crate::diagnostic::Edit;
use crate::syntax::{Attr, Name, NameId, NodeId, Tree};
use crate::text::Span;

fn own(tree: &mut Tree, value: &str) -> u32 {
    tree.owned.push(value.into());
    (tree.owned.len() - 1) as u32
}

fn intern(tree: &mut Tree, local: &str) -> NameId {
    let known = |n: &Name| n.namespace.is_empty() && &*n.local == local;
    let at = tree.names.list.iter().position(known).unwrap_or_else(|| {
        tree.names.list.push(Name::new("".into(), local));
        tree.names.list.len() - 1
    });
    NameId(at as u32)
}

/// The attribute's place in the arena.
fn index(tree: &Tree, id: NodeId, name: &str) -> Option<usize> {
    let at = tree.attrs(id).iter().position(|a| {
        let n = tree.name(a.name);
        n.namespace.is_empty() && &*n.local == name
    })?;
    Some(tree.node(id).first_attr as usize + at)
}

fn set(tree: &mut Tree, at: usize, name: Option<NameId>, value: u32) {
    if let Some(attr) = tree.attrs.get_mut(at) {
        attr.name = name.unwrap_or(attr.name);
        attr.owned_value = Some(value);
    }
}

/// Makes the change in the tree; spans stay.
pub(super) fn apply(tree: &mut Tree, change: &Change) {
    match change {
        Change::Value(id, name, value) => {
            let Some(at) = index(tree, *id, name) else { return };
            let value = own(tree, value);
            set(tree, at, None, value);
        }
        Change::Rename(id, old, new, value) => {
            let Some(at) = index(tree, *id, old) else { return };
            let (value, name) = (own(tree, value), intern(tree, new));
            set(tree, at, Some(name), value);
        }
        Change::Split(id, old, parts) => {
            let Some(at) = index(tree, *id, old) else { return };
            let Some(attr) = tree.attrs.get(at).copied() else {
                return;
            };
            let mut attrs: Vec<Attr> = Vec::new();
            for (name, value) in parts {
                let owned_value = Some(own(tree, value));
                attrs.push(Attr {
                    name: intern(tree, name),
                    owned_value,
                    ..attr
                });
            }
            // The element's attributes move to the end of the arena, where there is room for one more.
            let at = at - tree.node(*id).first_attr as usize;
            let mut all = tree.attrs(*id).to_vec();
            all.splice(at..=at, attrs);
            let first = tree.attrs.len() as u32;
            if let Some(node) = tree.nodes.get_mut(id.place()) {
                node.first_attr = first;
                node.attr_count = all.len() as u32;
            }
            tree.attrs.append(&mut all);
        }
        Change::Remove(id, name) => {
            let Some(at) = index(tree, *id, name) else { return };
            let end = tree.node(*id).first_attr as usize + tree.node(*id).attr_count as usize;
            if let Some(attrs) = tree.attrs.get_mut(at..end) {
                attrs.rotate_left(1);
            }
            if let Some(node) = tree.nodes.get_mut(id.place()) {
                node.attr_count = node.attr_count.saturating_sub(1);
            }
        }
        Change::Text(id, text) => {
            let value = own(tree, text);
            tree.set_owned_text(*id, value);
        }
    }
}

/// Escapes a value for both kinds of quotes.
fn escape(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

/// The same change as an edit of the text.
pub(super) fn edit(tree: &Tree, change: &Change) -> Edit {
    let text = tree.text();
    let attr = |id: &NodeId, name: &str| tree.attr(*id, name).copied();
    let edit = |span: Span, new_text: String| Edit {
        span,
        new_text: new_text.into(),
    };
    // Quotes are kept as they are written.
    let quoted = |a: &Attr, name: &str, value: &str| {
        let quote = Span::new(a.value_span.end, a.span.end).of(text);
        let quote = if quote == "'" { "'" } else { "\"" };
        format!("{name}={quote}{}{quote}", escape(value))
    };
    let none = edit(Span::empty(0), String::new());
    match change {
        Change::Value(id, name, value) => attr(id, name).map_or(none, |a| edit(a.value_span, escape(value))),
        Change::Rename(id, old, new, value) => attr(id, old).map_or(none, |a| {
            if tree.value(&a) == value.as_str() {
                edit(a.name_span, (*new).to_owned())
            } else {
                edit(a.span, quoted(&a, new, value))
            }
        }),
        Change::Split(id, old, parts) => attr(id, old).map_or(none, |a| {
            let parts = parts.each_ref().map(|(name, value)| quoted(&a, name, value));
            edit(a.span, parts.join(" "))
        }),
        Change::Remove(id, name) => {
            attr(id, name).map_or(none, |a| edit(tree.with_blanks(&a), String::new()))
        }
        Change::Text(id, value) => edit(tree.node(*id).span.trimmed(text), value.clone()),
    }
}
