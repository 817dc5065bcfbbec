//! A namespace declaration by a misspelt name, or one that is missing: one fault, though all elements below it are in
//! another namespace then than was meant. Makes the tree that was meant, with what is wrong with its declarations; gives no verdict.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Edit, Fix, Severity, Source};
use crate::grammar::Grammar;
use crate::syntax::{AttrId, NameId, NodeId, NodeKind, Tree, XMLNS_NAMESPACE};

use super::near::{Given, Outline};
use super::prefixes;
use super::recover::short;
use crate::text::Span;

/// The name of a declaration without a prefix.
const XMLNS: &str = "xmlns";
/// Whoever has more means something else.
const MOST: usize = 8;
/// Trees with more nodes are not copied.
const LARGEST: usize = 100_000;

/// A namespace that was meant for all names with a prefix, or without one, in an element.
pub struct Slip<'t> {
    pub owner: NodeId,
    pub namespace: Arc<str>,
    /// Empty for none.
    pub prefix: &'t str,
    /// The declaration by a wrong name; none where there is none, or one of another namespace.
    pub attr: Option<AttrId>,
}

/// The tree with those declarations as they were meant, and what is to be said of each; none where there are none.
pub fn meant(grammar: &Grammar, tree: &Tree) -> Option<(Tree, Vec<Diagnostic>)> {
    let mut slips = slips(tree);
    if slips.is_empty() && tree.nodes.len() <= LARGEST {
        slips = prefixes::slips(tree);
    }
    if slips.is_empty() && tree.nodes.len() <= LARGEST {
        slips = undeclared(grammar, tree);
    }
    if slips.is_empty() || slips.len() > MOST || tree.nodes.len() > LARGEST {
        return None;
    }
    let mut meant = tree.clone();
    let mut found = Vec::new();
    for slip in slips {
        let mut todo = vec![slip.owner];
        while let Some(id) = todo.pop() {
            let node = *tree.node(id);
            let named = prefixes::of(tree, node.name_span) == slip.prefix;
            if let Some(new) = meant.nodes.get_mut(id.place()).filter(|_| named) {
                new.name = meant.names.intern(&slip.namespace, tree.local(id));
            }
            if !slip.prefix.is_empty() {
                for (at, attr) in (node.first_attr as usize..).zip(tree.attrs(id)) {
                    let named = prefixes::of(tree, attr.name_span) == slip.prefix;
                    if let Some(new) = meant.attrs.get_mut(at).filter(|_| named) {
                        new.name = meant.names.intern(&slip.namespace, &tree.name(attr.name).local);
                    }
                }
            }
            todo.extend(tree.elements(id).filter(|&c| !declares(tree, c, slip.prefix)));
        }
        let Some(attr) = slip.attr else {
            found.push(elsewhere(tree, &slip));
            continue;
        };
        if let Some(one) = meant.attrs.get_mut(attr.0 as usize) {
            let local = if slip.prefix.is_empty() {
                XMLNS
            } else {
                slip.prefix
            };
            one.name = meant.names.intern(&XMLNS_NAMESPACE.into(), local);
        }
        let at = tree.attrs.get(attr.0 as usize)?.name_span;
        let written = at.of(tree.text());
        let message = if written.starts_with("xmlns:") {
            format!("`{written}` declares a prefix that no name has")
        } else {
            format!("`<{}>` has no attribute `{written}`", tree.local(slip.owner))
        };
        let name = match slip.prefix {
            "" => XMLNS.to_owned(),
            prefix => format!("{XMLNS}:{prefix}"),
        };
        let fix = Fix {
            title: format!("rename to `{name}`").into(),
            edits: vec![Edit {
                span: at,
                new_text: name.as_str().into(),
            }],
            safe: true,
        };
        let one = Diagnostic::new("unknown-attribute", Severity::Error, Source::Schema, at, message);
        found.push(one.label(format!("did you mean `{name}`?")).fix(fix));
    }
    Some((meant, found))
}

/// A namespace in the words of a message.
pub fn in_words(namespace: &str) -> String {
    match namespace {
        "" => "no namespace".to_owned(),
        uri => format!("the namespace `{}`", short(uri)),
    }
}

/// An element that is in another namespace than was meant.
fn elsewhere(tree: &Tree, slip: &Slip<'_>) -> Diagnostic {
    let at = tree.node(slip.owner).name_span;
    let name = tree.name(tree.node(slip.owner).name);
    let message = format!("`<{}>` is in {}", short(&name.local), in_words(&name.namespace));
    let wanted = in_words(&slip.namespace);
    let found = Diagnostic::new("unknown-element", Severity::Error, Source::Schema, at, message);
    let found = found.label(format!("expected in {wanted}"));
    if slip.namespace.contains(['"', '\'', '<', '&']) {
        return found;
    }
    let own = tree
        .attrs(slip.owner)
        .iter()
        .find(|a| a.name_span.of(tree.text()) == XMLNS);
    let (span, new_text) = match own {
        Some(own) => (own.value_span, slip.namespace.to_string()),
        None => (Span::empty(at.end), format!(" xmlns=\"{}\"", slip.namespace)),
    };
    found.fix(Fix {
        title: format!("declare {wanted}").into(),
        edits: vec![Edit {
            span,
            new_text: new_text.into(),
        }],
        safe: true,
    })
}

/// Elements that the grammar has in one other namespace alone, which has no prefix where they stand, with that.
fn undeclared<'t>(grammar: &Grammar, tree: &'t Tree) -> Vec<Slip<'t>> {
    let mut named = grammar.elements.iter().filter_map(|e| e.names.first());
    let first = named.next();
    if named.all(|n| first.is_some_and(|f| f.namespace == n.namespace)) {
        return Vec::new();
    }
    // By local name: the only namespace that has it, none where several have.
    let mut only: FxHashMap<&str, Option<&Arc<str>>> = FxHashMap::default();
    for name in grammar.elements.iter().flat_map(|e| e.names.names()) {
        let known = only.entry(&name.local).or_insert(Some(&name.namespace));
        *known = known.filter(|uri| **uri == name.namespace);
    }
    let elsewhere = |id: NameId| {
        let name = tree.name(id);
        let namespace = only.get(&*name.local).copied().flatten()?;
        (*namespace != name.namespace).then(|| namespace.clone())
    };
    let wanted: Vec<_> = (0..tree.name_count() as u32)
        .map(|n| elsewhere(NameId(n)))
        .collect();
    let mut out = Vec::new();
    let mut todo: Vec<NodeId> = tree
        .root()
        .map(|r| tree.elements(r).collect())
        .unwrap_or_default();
    while let Some(id) = todo.pop() {
        let node = tree.node(id);
        let namespace = wanted.get(node.name.0 as usize).cloned().flatten();
        let plain = !node.name_span.of(tree.text()).contains(':');
        match namespace.filter(|uri| plain && !uri.is_empty() && !has_prefix(tree, id, uri)) {
            Some(namespace) => out.push(Slip {
                owner: id,
                namespace,
                prefix: "",
                attr: None,
            }),
            None => todo.extend(tree.elements(id)),
        }
        if out.len() > MOST {
            return Vec::new();
        }
    }
    out
}

/// True where a prefix stands for a namespace at an element.
fn has_prefix(tree: &Tree, id: NodeId, uri: &str) -> bool {
    let around = std::iter::successors(Some(id), |&n| tree.parent(n));
    let mut attrs = around.flat_map(|n| tree.attrs(n));
    attrs.any(|a| a.name_span.of(tree.text()).starts_with("xmlns:") && tree.value(a) == *uri)
}

/// True where an element says what namespace names with that prefix are in, or those without one.
pub fn declares(tree: &Tree, id: NodeId, prefix: &str) -> bool {
    let mut attrs = tree.attrs(id).iter();
    attrs.any(|a| {
        let written = a.name_span.of(tree.text()).strip_prefix(XMLNS);
        match prefix {
            "" => written == Some(""),
            _ => written.and_then(|w| w.strip_prefix(':')) == Some(prefix),
        }
    })
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

/// Attributes that are nearly such a declaration, with their elements.
fn slips(tree: &Tree) -> Vec<Slip<'_>> {
    let mut out = Vec::new();
    let near = near(tree);
    if near.is_empty() {
        return out;
    }
    for id in tree.all().filter(|&n| tree.node(n).kind == NodeKind::Element) {
        let first = tree.node(id).first_attr;
        for (at, attr) in (first..).zip(tree.attrs(id)) {
            if near.contains(&attr.name) && !declares(tree, id, "") {
                let value = tree.value(attr);
                if !value.is_empty() {
                    out.push(Slip {
                        owner: id,
                        namespace: value.as_ref().into(),
                        prefix: "",
                        attr: Some(AttrId(at)),
                    });
                }
                if out.len() > MOST {
                    return out;
                }
            }
        }
    }
    out
}
