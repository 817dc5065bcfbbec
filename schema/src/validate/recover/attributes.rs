//! The attributes of one element: unknown ones, bad values, missing ones. A misspelt required attribute is not
//! missing as well.

use crate::diagnostic::{Edit, Fix};
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{Attr, NodeId};
use crate::text::Span;

use super::super::label::{Judge, XMLNS, namespace};
use super::super::words;
use super::{Reporter, error, listed, plain_name, tag};

impl Judge<'_> {
    /// The name of an attribute pattern as it would be written at an element.
    fn attribute_name(&self, owner: NodeId, a: u32) -> Option<String> {
        let name = *self.grammar.attributes.get(a as usize)?.names.names().first()?;
        if name.namespace.is_empty() {
            return Some(name.local.to_string());
        }
        if &*name.namespace == "http://www.w3.org/XML/1998/namespace" {
            return Some(format!("xml:{}", name.local));
        }
        let mut id = owner;
        loop {
            for a in self
                .tree
                .attrs(id)
                .iter()
                .filter(|a| &*self.tree.name(a.name).namespace == XMLNS)
            {
                let written = a.name_span.of(self.tree.text());
                if let Some(prefix) = written.strip_prefix("xmlns:") {
                    if self.tree.value(a) == *name.namespace
                        && namespace(self.tree, owner, prefix).as_deref() == Some(&name.namespace)
                    {
                        return Some(format!("{prefix}:{}", name.local));
                    }
                }
            }
            id = self.tree.parent(id)?;
        }
    }
}

impl<'a> Reporter<'_, 'a> {
    /// Judges the attributes; what remains for the content.
    pub(super) fn attributes(&mut self, id: NodeId, mut p: PatId) -> PatId {
        let mut strange: Vec<&'a Attr> = Vec::new();
        for attr in self.judge.attrs(id) {
            let q = self.judge.after_attribute(p, id, attr);
            if q != NOT_ALLOWED {
                p = q;
                continue;
            }
            let takes = self.judge.attribute_named(attr);
            let known: Vec<u32> = takes
                .iter()
                .copied()
                .filter(|&a| self.judge.matcher.attribute(p, a) != NOT_ALLOWED)
                .collect();
            let Some(&a) = known.first() else {
                strange.push(attr);
                continue;
            };
            p = self.judge.matcher.attribute(p, a);
            let value = self.judge.tree.value(attr).into_owned();
            let name = attr.name_span.of(self.judge.tree.text());
            let patterns: Vec<PatId> = known
                .iter()
                .filter_map(|&a| self.judge.grammar.attributes.get(a as usize))
                .map(|x| x.value)
                .collect();
            self.bad_value(
                &format!("`{name}`"),
                &value,
                attr.span,
                attr.value_span,
                &patterns,
            );
        }
        for attr in strange {
            p = self.strange(id, attr, p);
        }
        let closed = self.judge.matcher.close(p);
        if closed != NOT_ALLOWED {
            return closed;
        }
        self.missing(id, p)
    }

    /// An attribute that the element does not have; what remains when it is read as the one that was meant.
    fn strange(&mut self, id: NodeId, attr: &'a Attr, p: PatId) -> PatId {
        let tree = self.judge.tree;
        let mut open: Vec<(u32, String)> = Vec::new();
        for &a in self.judge.matcher.attributes(p).iter() {
            if self.judge.matcher.attribute(p, a) != NOT_ALLOWED {
                open.extend(self.judge.attribute_name(id, a).map(|n| (a, n)));
            }
        }
        let written = attr.name_span.of(tree.text());
        let owner = tag(tree.local(id));
        let mut d = error(
            "unknown-attribute",
            attr.name_span,
            format!("{owner} has no attribute `{written}`"),
        );
        let (near, alone) = words::nearest(written, open.iter().map(|o| o.1.as_str()));
        let value = tree.value(attr);
        let takes_value = |judge: &mut Judge<'_>, a: u32| {
            let want = judge
                .grammar
                .attributes
                .get(a as usize)
                .map_or(NOT_ALLOWED, |x| x.value);
            judge
                .matcher
                .fits(judge.grammar, want, &value, &|prefix| namespace(tree, id, prefix))
        };
        // Among several near names the one that is required, then one that takes the value.
        let mut meant: Vec<u32> = near
            .iter()
            .filter_map(|n| open.iter().find(|o| o.1 == **n))
            .map(|o| o.0)
            .collect();
        if !alone {
            meant.sort_by_key(|&a| {
                (
                    !takes_value(self.judge, a),
                    !crate::grammar::required(&self.judge.matcher.patterns, p, a),
                )
            });
        }
        let near_one = meant.first().copied();
        // No near name, but one that is required and takes the value: one fault, not two.
        let far_one = || {
            let needed: Vec<u32> = open
                .iter()
                .map(|o| o.0)
                .filter(|&a| crate::grammar::required(&self.judge.matcher.patterns, p, a))
                .collect();
            if let [one] = needed.as_slice() {
                Some(*one)
            } else {
                None
            }
        };
        let far_one = if near_one.is_none() {
            far_one().filter(|&a| takes_value(self.judge, a))
        } else {
            None
        };
        let known = !self.judge.attribute_named(attr).is_empty();
        if known && near_one.is_none() {
            d.code = "misplaced-attribute";
            let owners = self.owners(attr);
            d = d.label(format!("it belongs to {}", words::list(&owners, "and")));
        }
        let meant = near_one.or(far_one);
        if let Some((a, name)) = meant.and_then(|a| open.iter().find(|o| o.0 == a)) {
            d = d.label(format!("did you mean `{name}`?")).fix(Fix {
                title: format!("rename to `{name}`").into(),
                edits: vec![Edit {
                    span: attr.name_span,
                    new_text: name.clone().into(),
                }],
                safe: alone && near_one.is_some(),
            });
            self.out.push(d);
            return self.judge.matcher.attribute(p, *a);
        }
        let head = tree.text().get(..attr.span.start as usize).unwrap_or("");
        let from = head.trim_end_matches([' ', '\t', '\n', '\r']).len() as u32;
        self.out.push(d.fix(Fix {
            title: format!("remove `{written}`").into(),
            edits: vec![Edit {
                span: Span::new(from, attr.span.end),
                new_text: String::new().into(),
            }],
            safe: false,
        }));
        p
    }

    /// The elements that have an attribute.
    fn owners(&mut self, attr: &Attr) -> Vec<String> {
        if let Some(known) = self.owners.get(&attr.name) {
            return known.clone();
        }
        let g = self.judge.grammar;
        let takes = self.judge.attribute_named(attr);
        let mut out = Vec::new();
        for e in 0..g.elements.len() as u32 {
            let has = g.held(e).0.iter().any(|a| takes.contains(a));
            if let Some(n) = plain_name(g, e).filter(|_| has) {
                out.push(tag(n));
            }
        }
        self.owners.insert(attr.name, out.clone());
        out
    }

    /// Names every attribute without which the element cannot end; what remains for the content.
    fn missing(&mut self, id: NodeId, mut p: PatId) -> PatId {
        let owner = tag(self.judge.tree.local(id));
        let at = self.span(id);
        let mut said = false;
        for &a in self.judge.matcher.attributes(p).iter() {
            if !crate::grammar::required(&self.judge.matcher.patterns, p, a) {
                continue;
            }
            p = self.judge.matcher.attribute(p, a);
            said = true;
            let name = self.judge.attribute_name(id, a).or_else(|| {
                Some(
                    self.judge
                        .grammar
                        .attributes
                        .get(a as usize)?
                        .names
                        .names()
                        .first()?
                        .local
                        .to_string(),
                )
            });
            let Some(name) = name else { continue };
            let values = self
                .judge
                .grammar
                .attributes
                .get(a as usize)
                .map(|x| listed(self.judge.grammar, x.value))
                .unwrap_or_default();
            let value = if let [one] = values.as_slice() {
                one.as_str()
            } else {
                ""
            };
            let mut d = error(
                "missing-attribute",
                at,
                format!("{owner} needs the attribute `{name}`"),
            )
            .fix(Fix {
                title: format!("add `{name}`").into(),
                edits: vec![Edit {
                    span: Span::empty(at.end),
                    new_text: format!(" {name}=\"{value}\"").into(),
                }],
                safe: false,
            });
            if values.len() > 1 {
                let quoted: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
                d = d.help(format!("its values are {}", words::list(&quoted, "and")));
            }
            self.out.push(d);
        }
        let closed = self.judge.matcher.close(p);
        if closed != NOT_ALLOWED {
            return closed;
        }
        if !said {
            let open: Vec<String> = self
                .judge
                .matcher
                .attributes(p)
                .iter()
                .filter_map(|&a| self.judge.attribute_name(id, a))
                .map(|n| format!("`{n}`"))
                .collect();
            self.out.push(
                error(
                    "missing-attribute",
                    at,
                    format!("{owner} needs another attribute"),
                )
                .label(format!("expected {}", words::list(&open, "or"))),
            );
        }
        self.judge.body(p)
    }
}
