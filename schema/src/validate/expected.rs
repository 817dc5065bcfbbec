//! What may stand at a place: for completion. Works on broken trees; an element under unknown ancestors is taken
//! for any that has its name.

use super::derive::{Matcher, leaves};
use super::{Expected, ExpectedAttribute, ExpectedElement, ExpectedValue, ExpectedValues, without};
use crate::grammar::Grammar;
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{NodeId, NodeKind, Tree};

/// The element patterns that a node may be taken for.
fn resolve(g: &Grammar, m: &mut Matcher, tree: &Tree, id: NodeId) -> Vec<u32> {
    let mut path = vec![id];
    while let Some(up) = tree
        .parent(path.last().copied().unwrap_or(id))
        .filter(|&u| tree.node(u).kind == NodeKind::Element)
    {
        path.push(up);
    }
    let mut level: Vec<u32> = m.first(g.start).to_vec();
    let mut found = Vec::new();
    for &node in path.iter().rev() {
        let takes = |e: &u32| {
            let name = tree.name(tree.node(node).name);
            g.elements
                .get(*e as usize)
                .is_some_and(|x| x.names.contains(&name.namespace, &name.local))
        };
        found = level.iter().copied().filter(takes).collect();
        if found.is_empty() {
            found = (0..g.elements.len() as u32).filter(takes).collect();
        }
        level = found
            .iter()
            .flat_map(|&e| leaves(&g.patterns, content(g, e)).1)
            .collect();
        level.sort_unstable();
        level.dedup();
    }
    found
}

fn content(g: &Grammar, e: u32) -> PatId {
    g.elements.get(e as usize).map_or(NOT_ALLOWED, |x| x.content)
}

/// The content of an element without its attributes, taken as given or not.
fn body(m: &mut Matcher, mut p: PatId) -> PatId {
    for &a in m.attributes(p).iter() {
        let q = m.attribute(p, a);
        if q != NOT_ALLOWED {
            p = q;
        }
    }
    m.close(p)
}

/// What remains after a sibling, by its name; the same where it does not fit.
fn skip(g: &Grammar, m: &mut Matcher, tree: &Tree, p: PatId, child: NodeId) -> (PatId, bool) {
    let name = tree.name(tree.node(child).name);
    let mut parts = Vec::new();
    for &e in m.first(p).iter() {
        if g.elements
            .get(e as usize)
            .is_some_and(|x| x.names.contains(&name.namespace, &name.local))
        {
            parts.push(m.element(p, e));
        }
    }
    if parts.is_empty() {
        (p, false)
    } else {
        (m.patterns.choice(&parts), true)
    }
}

/// How many of the siblings do not fit, and what remains after them.
fn follow(g: &Grammar, m: &mut Matcher, tree: &Tree, mut p: PatId, siblings: &[NodeId]) -> (usize, PatId) {
    let mut misfits = 0;
    for &s in siblings {
        let (q, fine) = skip(g, m, tree, p, s);
        p = q;
        misfits += usize::from(!fine);
    }
    (misfits, p)
}

/// What may stand in `element` at byte `offset` of its content. Siblings that end before the offset have been
/// read; those that begin after it must stay valid where they can; one that holds the offset is being typed
/// and does not count.
pub fn expected(grammar: &Grammar, tree: &Tree, element: NodeId, offset: u32) -> Expected {
    let g = grammar;
    let mut m = g.pool.take(g);
    let mut out = Expected::default();
    let starts = if tree.node(element).kind == NodeKind::Element {
        resolve(g, &mut m, tree, element)
            .into_iter()
            .map(|e| body(&mut m, content(g, e)))
            .collect()
    } else {
        vec![g.start]
    };
    let before: Vec<NodeId> = tree
        .elements(element)
        .filter(|&c| tree.node(c).span.end <= offset)
        .collect();
    let after: Vec<NodeId> = tree
        .elements(element)
        .filter(|&c| tree.node(c).span.start >= offset)
        .collect();
    for start in starts {
        let (_, p) = follow(g, &mut m, tree, start, &before);
        let (misfits, end) = follow(g, &mut m, tree, p, &after);
        let (_, _, data, text) = leaves(&m.patterns, p);
        out.text |= text || !data.is_empty();
        out.end_tag |= m.patterns.nullable(p);
        for &e in m.first(p).iter() {
            let q = m.element(p, e);
            if follow(g, &mut m, tree, q, &after).0 > misfits {
                continue;
            }
            let required = without(&mut m, end, e) == NOT_ALLOWED;
            let Some(x) = g.elements.get(e as usize) else {
                continue;
            };
            for name in x.names.names() {
                if out
                    .elements
                    .iter()
                    .any(|o| o.local == *name.local && o.namespace == *name.namespace)
                {
                    continue;
                }
                let (attributes, children, data, text) = leaves(&g.patterns, x.content);
                let inner = body(&mut m, x.content);
                let needs = |m: &mut Matcher, c: &u32| without(m, inner, *c) == NOT_ALLOWED;
                let wanted: Vec<u32> = children.iter().copied().filter(|c| needs(&mut m, c)).collect();
                out.elements.push(ExpectedElement {
                    namespace: name.namespace.to_string(),
                    local: name.local.to_string(),
                    required,
                    required_attributes: attributes
                        .iter()
                        .filter(|&&a| crate::grammar::required(&g.patterns, x.content, a))
                        .filter_map(|&a| {
                            Some(
                                g.attributes
                                    .get(a as usize)?
                                    .names
                                    .names()
                                    .first()?
                                    .local
                                    .to_string(),
                            )
                        })
                        .collect(),
                    required_children: wanted
                        .iter()
                        .filter_map(|&c| {
                            Some(
                                g.elements
                                    .get(c as usize)?
                                    .names
                                    .names()
                                    .first()?
                                    .local
                                    .to_string(),
                            )
                        })
                        .collect(),
                    // Values of attributes are no content, and `leaves` does not enter them.
                    empty: children.is_empty() && data.is_empty() && !text,
                    doc: x.doc.clone(),
                });
            }
        }
    }
    out.elements.sort_by_key(|e| !e.required);
    g.pool.give(m);
    out
}

/// The attributes that `element` may still get, required ones first, then in the grammar's order.
pub fn expected_attributes(grammar: &Grammar, tree: &Tree, element: NodeId) -> Vec<ExpectedAttribute> {
    let g = grammar;
    let mut m = g.pool.take(g);
    let mut out: Vec<ExpectedAttribute> = Vec::new();
    for e in resolve(g, &mut m, tree, element) {
        let mut p = content(g, e);
        for attr in tree.attrs(element) {
            let name = tree.name(attr.name);
            let takes = |a: &u32| {
                g.attributes
                    .get(*a as usize)
                    .is_some_and(|x| x.names.contains(&name.namespace, &name.local))
            };
            let parts: Vec<PatId> = m
                .attributes(p)
                .to_vec()
                .into_iter()
                .filter(takes)
                .map(|a| m.attribute(p, a))
                .collect();
            let q = m.patterns.choice(&parts);
            if q != NOT_ALLOWED {
                p = q;
            }
        }
        for &a in m.attributes(p).to_vec().iter() {
            let Some(x) = g.attributes.get(a as usize) else {
                continue;
            };
            for name in x.names.names() {
                if !out
                    .iter()
                    .any(|o| o.local == *name.local && o.namespace == *name.namespace)
                {
                    out.push(ExpectedAttribute {
                        namespace: name.namespace.to_string(),
                        local: name.local.to_string(),
                        required: crate::grammar::required(&m.patterns, p, a),
                        doc: x.doc.clone(),
                    });
                }
            }
        }
    }
    out.sort_by_key(|a| !a.required);
    g.pool.give(m);
    out
}

fn values(g: &Grammar, patterns: impl Iterator<Item = PatId>) -> ExpectedValues {
    let mut out = ExpectedValues::default();
    for p in patterns {
        let (values, kind) = g.listed(p);
        out.values.extend(values.into_iter().map(|v| ExpectedValue {
            value: v.value,
            doc: v.doc,
        }));
        out.kind = out.kind.take().or(kind);
    }
    out
}

/// The values that the attribute of that (prefixed) name may have on `element`.
pub fn expected_values(grammar: &Grammar, tree: &Tree, element: NodeId, attribute: &str) -> ExpectedValues {
    let g = grammar;
    let mut m = g.pool.take(g);
    let bare = attribute.rsplit(':').next().unwrap_or(attribute);
    let mut found = Vec::new();
    for e in resolve(g, &mut m, tree, element) {
        for a in leaves(&g.patterns, content(g, e)).0 {
            let Some(x) = g.attributes.get(a as usize) else {
                continue;
            };
            if x.names.names().iter().any(|n| &*n.local == bare) && !found.contains(&x.value) {
                found.push(x.value);
            }
        }
    }
    g.pool.give(m);
    values(g, found.into_iter())
}

/// The values that the text of `element` may have.
pub fn expected_text(grammar: &Grammar, tree: &Tree, element: NodeId) -> ExpectedValues {
    let g = grammar;
    let mut m = g.pool.take(g);
    let mut found: Vec<PatId> = resolve(g, &mut m, tree, element)
        .into_iter()
        .map(|e| content(g, e))
        .collect();
    found.dedup();
    g.pool.give(m);
    values(g, found.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn names(list: &[ExpectedElement]) -> Vec<String> {
        list.iter()
            .map(|e| format!("{}{}", e.local, if e.required { "!" } else { "" }))
            .collect()
    }

    #[test]
    fn the_embedded_grammar_completes_a_broken_description() {
        let g = Grammar::kiwi();
        let text = "<image name=\"x\" schemaversion=\"8.5\"><description type=\"system\"><author>a</author><packages>";
        let tree = parse(text);
        let root = tree.root().unwrap();
        let description = tree.elements(root).next().unwrap();
        let at = text.find("<packages>").unwrap() as u32;
        let got = expected(g, &tree, description, at);
        assert_eq!(names(&got.elements), ["contact!", "specification!", "license"]);
        assert!(!got.end_tag && !got.text);
        let attributes = expected_attributes(g, &tree, description);
        assert!(attributes.is_empty(), "{attributes:?}");
        let values = expected_values(g, &tree, description, "type");
        assert!(values.values.iter().any(|v| v.value == "system"), "{values:?}");
    }
}
