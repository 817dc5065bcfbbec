//! A namespace declaration by a misspelt name: one fault, though all elements below it are in another namespace then than
//! was meant. Makes the tree that was meant, with what is wrong with its declarations; gives no verdict.

use crate::diagnostic::{Diagnostic, Edit, Fix, Severity, Source};
use crate::grammar::Grammar;
use crate::syntax::{AttrId, NameId, NodeId, NodeKind, Tree, XMLNS_NAMESPACE};

use super::words::{Given, Outline};

/// The name of a declaration without a prefix.
const XMLNS: &str = "xmlns";
/// Whoever has more means something else.
const MOST: usize = 8;
/// Trees with more nodes are not copied.
const LARGEST: usize = 100_000;

/// The tree with those declarations as they were meant, and what is to be said of each; none where there are none.
pub fn meant(grammar: &Grammar, tree: &Tree) -> Option<(Tree, Vec<Diagnostic>)> {
    let slips = slips(grammar, tree);
    if slips.is_empty() || slips.len() > MOST || tree.nodes.len() > LARGEST {
        return None;
    }
    let mut meant = tree.clone();
    let mut found = Vec::new();
    for (owner, attr) in slips {
        let one = tree.attrs.get(attr.0 as usize)?;
        let namespace = tree.value(one).as_ref().into();
        if let Some(one) = meant.attrs.get_mut(attr.0 as usize) {
            one.name = meant.names.intern(&XMLNS_NAMESPACE.into(), XMLNS);
        }
        let mut todo = vec![owner];
        while let Some(id) = todo.pop() {
            let node = *tree.node(id);
            let plain = !node.name_span.of(tree.text()).contains(':');
            if let Some(new) = meant.nodes.get_mut(id.0 as usize).filter(|_| plain) {
                new.name = meant.names.intern(&namespace, tree.local(id));
            }
            todo.extend(tree.elements(id).filter(|&c| !declares(tree, c)));
        }
        let written = one.name_span.of(tree.text());
        let message = format!("`<{}>` has no attribute `{written}`", tree.local(owner));
        let fix = Fix {
            title: "rename to `xmlns`".into(),
            edits: vec![Edit {
                span: one.name_span,
                new_text: XMLNS.into(),
            }],
            safe: true,
        };
        let one = Diagnostic::new(
            "unknown-attribute",
            Severity::Error,
            Source::Schema,
            one.name_span,
            message,
        );
        found.push(one.label("did you mean `xmlns`?").fix(fix));
    }
    Some((meant, found))
}

/// True where an element says what namespace names without a prefix are in.
fn declares(tree: &Tree, id: NodeId) -> bool {
    let mut attrs = tree.attrs(id).iter();
    attrs.any(|a| a.name_span.of(tree.text()) == XMLNS)
}

/// The names of a tree that are nearly that of a declaration: most trees have none, and need no walk.
fn near(tree: &Tree) -> Vec<NameId> {
    let mut xmlns = Given::new(XMLNS);
    let mut is_near = |id: &NameId| {
        let name = tree.name(*id);
        let local = &*name.local;
        let alike = name.namespace.is_empty() && local.len().abs_diff(XMLNS.len()) < 2;
        alike && local != XMLNS && xmlns.near(local, Outline::of(local)).is_some()
    };
    let all = (0..tree.name_count() as u32).map(NameId);
    all.filter(|id| is_near(id)).collect()
}

/// Attributes that are nearly such a declaration, of a namespace that the grammar has elements in, with their elements.
fn slips(grammar: &Grammar, tree: &Tree) -> Vec<(NodeId, AttrId)> {
    let mut out = Vec::new();
    let near = near(tree);
    if near.is_empty() {
        return out;
    }
    for id in tree.all().filter(|&n| tree.node(n).kind == NodeKind::Element) {
        let first = tree.node(id).first_attr;
        for (at, attr) in (first..).zip(tree.attrs(id)) {
            if near.contains(&attr.name) && !declares(tree, id) {
                let value = tree.value(attr);
                let mut named = grammar.elements.iter().filter_map(|e| e.names.first());
                if !value.is_empty() && named.any(|n| *n.namespace == *value) {
                    out.push((id, AttrId(at)));
                }
                if out.len() > MOST {
                    return out;
                }
            }
        }
    }
    out
}
