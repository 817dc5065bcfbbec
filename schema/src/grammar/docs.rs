//! What a grammar says of itself: names, documentation, values, who may stand in whom. Answers by local name; where
//! several patterns have one name, the first that says something speaks.

use super::{Attribute, AttributeInfo, Data, Element, Grammar, NameClass, ValueInfo};
use crate::grammar::pattern::{NOT_ALLOWED, Pat, PatId, Patterns};
use crate::validate::leaves;

fn has(names: &NameClass, local: &str) -> bool {
    names.names().iter().any(|n| &*n.local == local)
}

fn bare(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl Grammar {
    /// The element patterns of a local name.
    pub(crate) fn named<'a>(&'a self, local: &str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |e| has(&e.names, local))
    }

    /// The attribute patterns of an element, with the content they stand in.
    pub(crate) fn attributes_of<'a>(
        &'a self,
        element: &str,
    ) -> impl Iterator<Item = (u32, &'a Attribute, PatId)> {
        self.named(element).flat_map(move |e| {
            let list = leaves(&self.patterns, e.content).0;
            list.into_iter()
                .filter_map(move |a| Some((a, self.attributes.get(a as usize)?, e.content)))
        })
    }

    /// What an attribute or element content may be, as the grammar lists it.
    pub(crate) fn listed(&self, p: PatId) -> (Vec<ValueInfo>, Option<String>) {
        let (mut values, mut kind) = (Vec::new(), None);
        for d in leaves(&self.patterns, p).2 {
            match self.data.get(d as usize) {
                Some(Data::Value { text, doc, .. }) => values.push(ValueInfo {
                    value: text.clone(),
                    doc: doc.clone(),
                }),
                Some(Data::Type { datatype, .. }) if datatype.is_boolean() => {
                    values.extend(["true", "false"].map(|v| ValueInfo {
                        value: v.into(),
                        doc: None,
                    }));
                }
                Some(Data::Type { datatype, .. }) => kind = kind.or_else(|| datatype.words()),
                None => {}
            }
        }
        (values, kind)
    }

    pub(super) fn find_element_doc(&self, element: &str) -> Option<&str> {
        self.named(element).find_map(|e| e.doc.as_deref())
    }

    pub(super) fn find_attribute_doc(&self, element: &str, attribute: &str) -> Option<&str> {
        self.attributes_of(element)
            .filter(|a| has(&a.1.names, bare(attribute)))
            .find_map(|a| a.1.doc.as_deref())
    }

    pub(super) fn list_attributes(&self, element: &str) -> Vec<AttributeInfo> {
        let mut out: Vec<AttributeInfo> = Vec::new();
        for (id, a, content) in self.attributes_of(element) {
            for name in a.names.names() {
                let name = name.local.to_string();
                if !out.iter().any(|o| o.name == name) {
                    out.push(AttributeInfo {
                        name,
                        required: required(&self.patterns, content, id),
                        doc: a.doc.clone(),
                    });
                }
            }
        }
        out
    }

    pub(super) fn list_children(&self, element: &str) -> Vec<&str> {
        let mut out = Vec::new();
        for e in self.named(element) {
            for c in leaves(&self.patterns, e.content).1 {
                for n in self
                    .elements
                    .get(c as usize)
                    .map(|e| e.names.names())
                    .unwrap_or_default()
                {
                    if !out.contains(&&*n.local) {
                        out.push(&*n.local);
                    }
                }
            }
        }
        out
    }
}

impl Grammar {
    /// The attribute and the element patterns in the content of an element pattern.
    pub(crate) fn held(&self, e: u32) -> (&[u32], &[u32]) {
        let all = self.held.get_or_init(|| {
            let both = |e: &Element| {
                let found = leaves(&self.patterns, e.content);
                (found.0, found.1)
            };
            self.elements.iter().map(both).collect()
        });
        all.get(e as usize).map_or((&[], &[]), |(a, c)| (a, c))
    }

    pub(super) fn list_parents(&self, element: &str) -> Vec<&str> {
        let all = (0u32..).zip(&self.elements);
        let named: Vec<u32> = all.filter(|x| has(&x.1.names, element)).map(|x| x.0).collect();
        self.holders(&named)
    }

    /// The names of the elements that hold one of those element patterns, sorted.
    pub(crate) fn holders(&self, wanted: &[u32]) -> Vec<&str> {
        let mut out: Vec<&str> = (0u32..)
            .zip(&self.elements)
            .filter(|(e, _)| self.held(*e).1.iter().any(|c| wanted.contains(c)))
            .flat_map(|(_, e)| e.names.names())
            .map(|n| &*n.local)
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// True where a content cannot do without the attribute.
pub(crate) fn required(patterns: &Patterns, p: PatId, a: u32) -> bool {
    match patterns.get(p) {
        Pat::Attribute(x) => *x == a,
        Pat::Choice(l) => l.iter().all(|&q| required(patterns, q, a)),
        Pat::Interleave(l) => l.iter().any(|&q| required(patterns, q, a)),
        Pat::Group(x, y) => required(patterns, *x, a) || required(patterns, *y, a),
        Pat::OneOrMore(q) => required(patterns, *q, a),
        _ => p == NOT_ALLOWED,
    }
}
