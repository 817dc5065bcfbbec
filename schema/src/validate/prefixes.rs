//! Declarations of a prefix by a misspelt name: one that no name has, near one that the element's own name has. Reads the
//! tree alone; whether that explains what is wrong with it, `declared` finds out.

use std::collections::BTreeSet;

use crate::syntax::{AttrId, NodeId, NodeKind, Tree, XMLNS_NAMESPACE};
use crate::text::Span;

use super::declared::{Slip, declares};
use super::near::{Given, Outline};

/// Whoever declares more of them has not written them by hand.
const FEW: usize = 16;
/// Where there are more, none is one slip.
const MOST: usize = 8;
const HEAD: &str = "xmlns";

/// The prefix of a name as it is written, empty for none.
pub fn of(tree: &Tree, name: Span) -> &str {
    name.of(tree.text()).split_once(':').map_or("", |n| n.0)
}

/// The declarations of prefixes by a wrong name, each with the prefix that is meant.
pub fn slips(tree: &Tree) -> Vec<Slip<'_>> {
    let near = near(tree);
    if near.is_empty() {
        return Vec::new();
    }
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut owners: Vec<(NodeId, AttrId, &str, &str)> = Vec::new();
    for id in tree.all().filter(|&n| tree.node(n).kind == NodeKind::Element) {
        let node = tree.node(id);
        let own = of(tree, node.name_span);
        used.insert(own);
        for (at, attr) in (node.first_attr..).zip(tree.attrs(id)) {
            used.insert(of(tree, attr.name_span));
            let written = attr.name_span.of(tree.text());
            // One that is mended has the name already that was meant.
            let local = &*tree.name(attr.name).local;
            let given = [written, declared(written)].contains(&local);
            if given && near.iter().any(|n| n.0 == written && n.1 == own) && !declares(tree, id, own) {
                owners.push((id, AttrId(at), declared(written), own));
            }
        }
        if owners.len() > MOST {
            return Vec::new();
        }
    }
    owners.retain(|o| o.2.is_empty() || !used.contains(o.2));
    let slip = |(owner, attr, _, prefix): (NodeId, AttrId, &str, _)| {
        let value = tree.attrs.get(attr.0 as usize).map(|a| tree.value(a));
        let namespace = value.filter(|v| !v.is_empty())?;
        Some(Slip {
            owner,
            namespace: namespace.as_ref().into(),
            prefix,
            attr: Some(attr),
        })
    };
    owners.into_iter().filter_map(slip).collect()
}

/// The prefix that a written name declares, empty where it declares none.
fn declared(written: &str) -> &str {
    written
        .strip_prefix(HEAD)
        .and_then(|w| w.strip_prefix(':'))
        .unwrap_or("")
}

/// Names of attributes that are nearly a declaration of a prefix that is declared somewhere, with that prefix.
fn near(tree: &Tree) -> Vec<(String, String)> {
    let all = (0..tree.name_count() as u32).map(|n| tree.name(crate::syntax::NameId(n)));
    let (mut prefixes, mut others) = (Vec::new(), Vec::new());
    for name in all {
        let local = &*name.local;
        if &*name.namespace == XMLNS_NAMESPACE {
            if local != HEAD {
                prefixes.push(local);
            }
        } else if name.namespace.is_empty() && local.len() > HEAD.len() && local.starts_with("x") {
            others.push(local);
        }
        if prefixes.len() > FEW || others.len() > FEW {
            return Vec::new();
        }
    }
    let mut out = Vec::new();
    for meant in &prefixes {
        let whole = format!("{HEAD}:{meant}");
        let mut given = Given::new(&whole);
        let slips = prefixes.iter().map(|p| format!("{HEAD}:{p}"));
        let slips = slips.chain(others.iter().map(|o| (*o).to_owned()));
        for slip in slips.filter(|s| *s != whole) {
            if given.near(&slip, Outline::of(&slip)).is_some() {
                out.push((slip, (*meant).to_owned()));
            }
        }
    }
    out
}
