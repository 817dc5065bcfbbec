//! What repair asks of patterns, each question answered once: what a content needs, which attributes it may still
//! get, which values it lists. Exact; knows no tree.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::coming::{Coming, Decides};
use super::derive::{Matcher, leaves};
use super::near::Outline;
use super::states::Symbol;
use super::words::words_of_pattern;
use crate::grammar::datatype::{Datatype, Lookup, Value};
use crate::grammar::pattern::{EMPTY, NOT_ALLOWED, Pat, PatId, Patterns};
use crate::grammar::{Data, Grammar};

/// The patterns in a content, each list sorted.
#[derive(Debug, Default)]
pub struct Leaves {
    pub elements: Box<[u32]>,
    pub data: Box<[u32]>,
}

/// What a content cannot do without, sorted.
#[derive(Debug, Default)]
pub struct Required {
    pub elements: Box<[u32]>,
    pub attributes: Box<[u32]>,
}

/// What becomes of a content when no more attributes come.
#[derive(Debug, Clone, Copy)]
pub struct Closed {
    /// How many required ones are missing; where none is and the content still cannot end, `fits` is false.
    pub missing: u32,
    pub fits: bool,
    /// What remains for the children, whether all attributes are there or not.
    pub body: PatId,
}

/// The values that a pattern lists.
#[derive(Debug, Default)]
pub struct Listed {
    pub values: Vec<(Arc<str>, Outline)>,
    /// Words that patterns of them spell out.
    pub spelt: Vec<(Arc<str>, Outline)>,
    /// The kind of value in words, where more than those may stand.
    pub kind: Option<String>,
}

/// One part of a choice of data: values of one type, or whatever else.
#[derive(Debug)]
enum Part {
    /// Values that are their own texts.
    Texts(Datatype, FxHashSet<String>),
    Values(Datatype, FxHashSet<Value>),
    /// Index into the grammar's data.
    Other(u32),
}

/// A choice of data, to look a text up instead of comparing it with each value.
#[derive(Debug, Default)]
struct Enumeration {
    asked: u32,
    parts: Option<Arc<[Part]>>,
    is_none: bool,
}

/// How an attribute of some name may be read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What remains after it.
    pub rest: PatId,
    /// What its value must fit.
    pub value: PatId,
}

/// The answers given so far.
#[derive(Debug, Default)]
pub struct Needs {
    required: FxHashMap<PatId, Arc<Required>>,
    needed: FxHashMap<PatId, Arc<[u32]>>,
    /// By pattern.
    closed: Vec<Option<Closed>>,
    bare: FxHashMap<PatId, PatId>,
    has_data: Vec<Option<bool>>,
    leaves: FxHashMap<PatId, Arc<Leaves>>,
    pub(super) open: FxHashMap<PatId, Option<Arc<Coming>>>,
    /// How the attributes of a content decide over the rest of it.
    pub(super) decides: FxHashMap<PatId, Decides>,
    listed: FxHashMap<PatId, Arc<Listed>>,
    enumerations: FxHashMap<PatId, Enumeration>,
    readings: FxHashMap<(PatId, Symbol), (u32, u32)>,
    reading_list: Vec<Reading>,
    /// A content has an attribute by its name, and not as one of any name.
    pub(super) named: FxHashMap<(PatId, Symbol), bool>,
    after_names: FxHashMap<(PatId, Symbol), PatId>,
    after_missing: FxHashMap<(PatId, Symbol), PatId>,
}

/// Of a content that may begin with more elements, the first so many are thought of as missing.
const MANY_NAMES: usize = 256;

/// So many elements that are missing at the end are told.
pub const MOST: usize = 64;

/// A list is compared value by value so many times before it is worth an index.
const SELDOM: u32 = 8;

fn remember<T: Clone>(list: &mut Vec<Option<T>>, p: PatId, found: T) {
    let at = p.0 as usize;
    if list.len() <= at {
        list.resize(at + 1, None);
    }
    if let Some(slot) = list.get_mut(at) {
        *slot = Some(found);
    }
}

fn union(parts: impl Iterator<Item = Box<[u32]>>) -> Box<[u32]> {
    let mut all: Vec<u32> = parts.flatten().collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

fn intersection(mut parts: impl Iterator<Item = Box<[u32]>>) -> Box<[u32]> {
    let mut all = parts.next().unwrap_or_default().into_vec();
    for part in parts {
        all.retain(|x| part.binary_search(x).is_ok());
    }
    all.into()
}

impl Matcher {
    /// The elements and attributes without which no content fits.
    pub fn required(&mut self, p: PatId) -> Arc<Required> {
        if let Some(r) = self.needs.required.get(&p) {
            return r.clone();
        }
        let one = |x: u32| -> Box<[u32]> { Box::new([x]) };
        let found = match self.patterns.get(p).clone() {
            Pat::Element(e) => Required {
                elements: one(e),
                ..Required::default()
            },
            Pat::Attribute(a) => Required {
                attributes: one(a),
                ..Required::default()
            },
            Pat::Choice(l) => {
                let parts: Vec<_> = l.iter().map(|&q| self.required(q)).collect();
                Required {
                    elements: intersection(parts.iter().map(|r| r.elements.clone())),
                    attributes: intersection(parts.iter().map(|r| r.attributes.clone())),
                }
            }
            Pat::Interleave(l) => self.required_of_all(&l),
            Pat::Group(a, b) => self.required_of_all(&[a, b]),
            Pat::OneOrMore(q) => return self.required(q),
            _ => Required::default(),
        };
        let found = Arc::new(found);
        self.needs.required.insert(p, found.clone());
        found
    }

    fn required_of_all(&mut self, parts: &[PatId]) -> Required {
        let parts: Vec<_> = parts.iter().map(|&q| self.required(q)).collect();
        Required {
            elements: union(parts.iter().map(|r| r.elements.clone())),
            attributes: union(parts.iter().map(|r| r.attributes.clone())),
        }
    }

    /// The element patterns that may come next and must come at some time, in the grammar's order.
    pub fn needed(&mut self, p: PatId) -> Arc<[u32]> {
        if let Some(n) = self.needs.needed.get(&p) {
            return n.clone();
        }
        let required = self.required(p);
        let first = self.first(p);
        let must = |e: &&u32| required.elements.binary_search(e).is_ok();
        let needed: Arc<[u32]> = first.iter().filter(must).copied().collect();
        self.needs.needed.insert(p, needed.clone());
        needed
    }

    /// Where a content is elements in any order, and what may be left out: those that must come, in the grammar's order.
    pub fn apart(&mut self, p: PatId) -> Option<Vec<u32>> {
        let Pat::Interleave(parts) = self.patterns.get(p) else {
            return None;
        };
        let mut out = Vec::new();
        for &q in parts {
            match self.patterns.get(q) {
                Pat::Element(e) => out.push(*e),
                _ if self.patterns.nullable(q) => {}
                _ => return None,
            }
        }
        out.sort_unstable();
        out.truncate(MOST);
        Some(out)
    }

    /// True where a content cannot do without the attribute.
    pub fn requires(&mut self, p: PatId, a: u32) -> bool {
        self.required(p).attributes.binary_search(&a).is_ok()
    }

    /// What remains when no more attributes come, and whether they may be left out.
    pub fn finish_attributes(&mut self, p: PatId) -> Closed {
        if let Some(&Some(c)) = self.needs.closed.get(p.0 as usize) {
            return c;
        }
        let closed = self.close(p);
        let mut body = closed;
        if closed == NOT_ALLOWED {
            // Whichever are given.
            body = self.bare(p);
        }
        let found = Closed {
            missing: self.required(p).attributes.len() as u32,
            fits: closed != NOT_ALLOWED,
            body,
        };
        remember(&mut self.needs.closed, p, found);
        found
    }

    /// What remains for the children if all attributes that may come were there, even those that exclude each other.
    fn bare(&mut self, p: PatId) -> PatId {
        if let Some(&q) = self.needs.bare.get(&p) {
            return q;
        }
        let q = match self.patterns.get(p) {
            Pat::Attribute(_) => EMPTY,
            _ => self.rebuilt(p, &mut Self::bare),
        };
        self.needs.bare.insert(p, q);
        q
    }

    /// The element and data patterns in a content.
    pub fn leaves(&mut self, p: PatId) -> Arc<Leaves> {
        if let Some(l) = self.needs.leaves.get(&p) {
            return l.clone();
        }
        let (_, elements, data, _) = leaves(&self.patterns, p);
        let found = Arc::new(Leaves {
            elements: elements.into(),
            data: data.into(),
        });
        self.needs.leaves.insert(p, found.clone());
        found
    }

    /// True where a content has data.
    pub fn has_data(&mut self, p: PatId) -> bool {
        if let Some(&Some(known)) = self.needs.has_data.get(p.0 as usize) {
            return known;
        }
        let found = !self.leaves(p).data.is_empty();
        remember(&mut self.needs.has_data, p, found);
        found
    }

    /// The values that a pattern lists.
    pub fn listed(&mut self, g: &Grammar, p: PatId) -> Arc<Listed> {
        if let Some(l) = self.needs.listed.get(&p) {
            return l.clone();
        }
        let (mut values, mut spelt): (Vec<Arc<str>>, Vec<Arc<str>>) = (Vec::new(), Vec::new());
        for &d in self.leaves(p).data.iter() {
            match g.data.get(d as usize) {
                Some(Data::Value { text, .. }) => values.push(text.as_str().into()),
                Some(Data::Type { datatype, .. }) if datatype.is_boolean() => {
                    values.extend(["true", "false"].map(Arc::from));
                }
                Some(Data::Type { datatype, .. }) => {
                    let words = datatype.patterns().flat_map(words_of_pattern);
                    spelt.extend(words.map(Arc::from));
                }
                _ => {}
            }
        }
        values.dedup();
        spelt.sort();
        spelt.dedup();
        spelt.truncate(MANY_NAMES);
        let outlined = |v: Arc<str>| {
            let outline = Outline::of(&v);
            (v, outline)
        };
        let found = Arc::new(Listed {
            values: values.into_iter().map(outlined).collect(),
            spelt: spelt.into_iter().map(outlined).collect(),
            kind: self.kind_of_value(g, p),
        });
        self.needs.listed.insert(p, found.clone());
        found
    }

    fn kind_of_value(&mut self, g: &Grammar, p: PatId) -> Option<String> {
        self.leaves(p)
            .data
            .iter()
            .find_map(|d| match g.data.get(*d as usize) {
                Some(Data::Type { datatype, .. }) if !datatype.is_boolean() => datatype.words(),
                _ => None,
            })
    }

    /// How an attribute of that name may be read where `p` must still come: the first and the number of readings.
    pub fn readings(&mut self, g: &Grammar, p: PatId, name: Symbol) -> (u32, u32) {
        if let Some(&run) = self.needs.readings.get(&(p, name)) {
            return run;
        }
        let start = self.needs.reading_list.len();
        for &a in self.attributes_named(name).iter() {
            let rest = self.attribute(p, a);
            if rest != NOT_ALLOWED {
                let value = g.attributes.get(a as usize).map_or(NOT_ALLOWED, |x| x.value);
                self.needs.reading_list.push(Reading { rest, value });
            }
        }
        let run = (start as u32, (self.needs.reading_list.len() - start) as u32);
        self.needs.readings.insert((p, name), run);
        run
    }

    /// What remains after an element of that name, whatever is in it.
    pub fn after_name(&mut self, p: PatId, name: Symbol) -> PatId {
        if let Some(&q) = self.needs.after_names.get(&(p, name)) {
            return q;
        }
        let first = self.first(p);
        let named = self.elements_named(name);
        let here = named.iter().filter(|e| first.binary_search(e).is_ok());
        let parts: Vec<PatId> = here.map(|&e| self.element(p, e)).collect();
        let q = self.patterns.choice(&parts);
        self.needs.after_names.insert((p, name), q);
        q
    }

    /// What remains after an element of that name, where one other that must come before it is left out.
    pub fn after_missing(&mut self, p: PatId, name: Symbol) -> PatId {
        if let Some(&q) = self.needs.after_missing.get(&(p, name)) {
            return q;
        }
        let mut parts: Vec<PatId> = Vec::new();
        for &e in self.first(p).iter().take(MANY_NAMES) {
            let rest = self.element(p, e);
            let q = self.after_name(rest, name);
            if q != NOT_ALLOWED && !parts.contains(&q) {
                parts.push(q);
            }
        }
        let q = self.patterns.choice(&parts);
        self.needs.after_missing.insert((p, name), q);
        q
    }

    /// One of those readings.
    pub fn reading(&self, at: u32) -> Reading {
        let none = Reading {
            rest: NOT_ALLOWED,
            value: NOT_ALLOWED,
        };
        self.needs.reading_list.get(at as usize).copied().unwrap_or(none)
    }

    /// Where a pattern is a choice of data and nothing else: whether the text is one of them.
    pub(super) fn enumerated(
        &mut self,
        g: &Grammar,
        p: PatId,
        text: &str,
        lookup: Lookup<'_>,
    ) -> Option<bool> {
        let one = self.needs.enumerations.entry(p).or_default();
        if one.is_none {
            return None;
        }
        if one.parts.is_none() {
            one.asked += 1;
            if one.asked < SELDOM {
                return None;
            }
            let found = enumeration(&self.patterns, g, p);
            one.is_none = found.is_none();
            one.parts = found;
        }
        let parts = one.parts.as_ref()?;
        let mut others = parts.iter().filter(|part| matches!(part, Part::Other(_)));
        let listed = parts.iter().any(|part| match part {
            Part::Texts(t, texts) => t.plain(text).is_some_and(|v| texts.contains(&*v)),
            Part::Values(t, values) => t.parse(text, lookup).is_some_and(|v| values.contains(&v)),
            Part::Other(_) => false,
        });
        if listed || others.next().is_none() {
            return Some(listed);
        }
        let parts = parts.clone();
        Some(parts.iter().any(|part| match part {
            Part::Other(d) => self.data(g, *d, text, lookup),
            _ => false,
        }))
    }
}

fn enumeration(patterns: &Patterns, g: &Grammar, p: PatId) -> Option<Arc<[Part]>> {
    let Pat::Choice(choices) = patterns.get(p) else {
        return None;
    };
    let mut out: Vec<Part> = Vec::new();
    for &q in choices {
        let Pat::Data(d) = patterns.get(q) else {
            return None;
        };
        let Some(Data::Value { datatype, value, .. }) = g.data.get(*d as usize) else {
            out.push(Part::Other(*d));
            continue;
        };
        let same = out.iter_mut().find(|o| match o {
            Part::Texts(t, _) | Part::Values(t, _) => t.is_same(datatype),
            Part::Other(_) => false,
        });
        match (same, value) {
            (Some(Part::Texts(_, all)), Value::Text(text)) => {
                all.insert(text.clone());
            }
            (Some(Part::Values(_, all)), _) => {
                all.insert(value.clone());
            }
            (_, Value::Text(text)) if datatype.is_any() => {
                let all = FxHashSet::from_iter([text.clone()]);
                out.push(Part::Texts(datatype.clone(), all));
            }
            _ => out.push(Part::Values(
                datatype.clone(),
                FxHashSet::from_iter([value.clone()]),
            )),
        }
    }
    Some(out.into())
}
