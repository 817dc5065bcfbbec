//! Derivatives of patterns with their memos: what remains of a content after an element, an attribute or text.
//! Exact; recurses on patterns only, never on a document.

use std::cell::Cell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::needs::Needs;
use super::recover::Scratch;
use super::states::States;
use crate::grammar::datatype::Lookup;
use crate::grammar::pattern::{EMPTY, Holds, NOT_ALLOWED, Pat, PatId, Patterns, TEXT};
use crate::grammar::{Data, Grammar};

/// The arena of a grammar's patterns, grown by derivatives, and the memos over it.
#[derive(Debug, Default)]
pub struct Matcher {
    pub patterns: Patterns,
    element: FxHashMap<(PatId, u32), PatId>,
    attribute: FxHashMap<(PatId, u32), PatId>,
    closed: FxHashMap<PatId, PatId>,
    text: FxHashMap<PatId, PatId>,
    /// After a text that is empty.
    empty: FxHashMap<PatId, PatId>,
    /// After the text that a choice of very many was asked about last.
    last_text: Option<(PatId, Box<str>, PatId)>,
    /// How many values were compared with a datatype or one by one, which takes longer than a look into a list.
    pub(super) compared: u32,
    first: FxHashMap<PatId, Arc<[u32]>>,
    attributes: FxHashMap<PatId, Arc<[u32]>>,
    pub(super) states: States,
    pub(super) needs: Needs,
    pub(super) scratch: Scratch,
}

/// A choice of so many takes long to read.
const MANY: usize = 32;

/// A memo of more patterns than this is thrown away after use.
const MAX_PATTERNS: usize = 200_000;

impl Matcher {
    /// A matcher without memos.
    pub fn new(grammar: &Grammar) -> Self {
        Self {
            patterns: grammar.patterns.clone(),
            ..Self::default()
        }
    }

    /// True while its memos are worth keeping.
    pub fn is_small(&self) -> bool {
        self.patterns.len() < MAX_PATTERNS && self.states.is_small()
    }

    /// What remains after an element that fits the element pattern `e`.
    pub fn element(&mut self, p: PatId, e: u32) -> PatId {
        let sought = Holds::element(e);
        if !self.patterns.may_hold(p, sought) {
            return NOT_ALLOWED;
        }
        if let Some(&q) = self.element.get(&(p, e)) {
            return q;
        }
        let q = self.leaf(
            p,
            sought,
            &mut |_, pat| {
                if *pat == Pat::Element(e) {
                    EMPTY
                } else {
                    NOT_ALLOWED
                }
            },
            false,
        );
        self.element.insert((p, e), q);
        q
    }

    /// What remains after an attribute that fits the attribute pattern `a`. Attributes have no order.
    pub fn attribute(&mut self, p: PatId, a: u32) -> PatId {
        let sought = Holds::attribute(a);
        if !self.patterns.may_hold(p, sought) {
            return NOT_ALLOWED;
        }
        if let Some(&q) = self.attribute.get(&(p, a)) {
            return q;
        }
        let q = self.leaf(
            p,
            sought,
            &mut |_, pat| {
                if *pat == Pat::Attribute(a) {
                    EMPTY
                } else {
                    NOT_ALLOWED
                }
            },
            true,
        );
        self.attribute.insert((p, a), q);
        q
    }

    /// True where what remains after text is known not to depend on the text.
    pub fn text_is_free(&self, p: PatId) -> bool {
        self.text.contains_key(&p)
    }

    /// What remains after text. White space alone is the caller's matter.
    pub fn text(&mut self, g: &Grammar, p: PatId, text: &str, lookup: Lookup<'_>) -> PatId {
        if let Pat::Data(d) = *self.patterns.get(p) {
            let fits = self.data(g, d, text, lookup);
            return if fits { EMPTY } else { NOT_ALLOWED };
        }
        if let Some(&q) = self.text.get(&p) {
            return q;
        }
        if text.is_empty() {
            if let Some(&q) = self.empty.get(&p) {
                return q;
            }
            let q = self.find_text(g, p, text, lookup);
            self.empty.insert(p, q);
            return q;
        }
        match self.patterns.get(p) {
            Pat::Choice(all) if all.len() >= MANY => self.text_of_many(g, p, text, lookup),
            _ => self.find_text(g, p, text, lookup),
        }
    }

    /// The same for a choice of very many, each of which may take long: of the text last read it is known.
    fn text_of_many(&mut self, g: &Grammar, p: PatId, text: &str, lookup: Lookup<'_>) -> PatId {
        if let Some(last) = self.last_text.as_ref().filter(|l| l.0 == p && *l.1 == *text) {
            return last.2;
        }
        let asked = Cell::new(false);
        let q = self.find_text(g, p, text, &|ask| {
            asked.set(true);
            lookup(ask)
        });
        self.last_text = (!asked.get()).then(|| (p, text.into(), q));
        q
    }

    fn find_text(&mut self, g: &Grammar, p: PatId, text: &str, lookup: Lookup<'_>) -> PatId {
        if let Pat::Choice(_) = *self.patterns.get(p) {
            if let Some(fits) = self.enumerated(g, p, text, lookup) {
                return if fits { EMPTY } else { NOT_ALLOWED };
            }
        }
        let mut looked = false;
        let q = self.leaf(
            p,
            Holds::text(),
            &mut |m, pat| match pat {
                Pat::Text => TEXT,
                Pat::Data(d) => {
                    looked = true;
                    if m.data(g, *d, text, lookup) {
                        EMPTY
                    } else {
                        NOT_ALLOWED
                    }
                }
                Pat::List(l) => {
                    looked = true;
                    let mut rest = *l;
                    for word in text.split([' ', '\t', '\n', '\r']).filter(|w| !w.is_empty()) {
                        rest = m.text(g, rest, word, lookup);
                    }
                    if m.patterns.nullable(rest) {
                        EMPTY
                    } else {
                        NOT_ALLOWED
                    }
                }
                _ => NOT_ALLOWED,
            },
            false,
        );
        if !looked {
            self.text.insert(p, q);
        }
        q
    }

    /// True where the whole text fits the pattern, as for an attribute's value.
    pub fn fits(&mut self, g: &Grammar, p: PatId, text: &str, lookup: Lookup<'_>) -> bool {
        if p == TEXT {
            return true;
        }
        let blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        if blank && self.patterns.nullable(p) {
            return true;
        }
        let rest = self.text(g, p, text, lookup);
        self.patterns.nullable(rest)
    }

    pub(super) fn data(&mut self, g: &Grammar, d: u32, text: &str, lookup: Lookup<'_>) -> bool {
        self.compared = self.compared.wrapping_add(1);
        match g.data.get(d as usize) {
            Some(Data::Type { datatype, except }) => {
                datatype.allows(text, lookup) && !except.is_some_and(|e| self.fits(g, e, text, lookup))
            }
            Some(Data::Value { datatype, value, .. }) => datatype.is(text, value, lookup),
            None => false,
        }
    }

    /// The derivative by a symbol that `leaf` judges; `free` where order does not matter. What does not hold what is
    /// sought is not looked into.
    fn leaf(
        &mut self,
        p: PatId,
        sought: Holds,
        leaf: &mut dyn FnMut(&mut Self, &Pat) -> PatId,
        free: bool,
    ) -> PatId {
        if !self.patterns.may_hold(p, sought) {
            return NOT_ALLOWED;
        }
        match self.patterns.get(p).clone() {
            Pat::Choice(l) => {
                let mut out = Vec::new();
                for &q in &l {
                    let d = self.leaf(q, sought, leaf, free);
                    if d != NOT_ALLOWED {
                        out.push(d);
                    }
                }
                self.patterns.choice(&out)
            }
            Pat::Interleave(l) => {
                let mut out = Vec::new();
                for (at, &q) in l.iter().enumerate() {
                    let d = self.leaf(q, sought, leaf, free);
                    if d != NOT_ALLOWED {
                        let mut parts = l.clone();
                        if let Some(slot) = parts.get_mut(at) {
                            *slot = d;
                        }
                        out.push(self.patterns.interleave(&parts));
                    }
                }
                self.patterns.choice(&out)
            }
            Pat::Group(a, b) => {
                let da = self.leaf(a, sought, leaf, free);
                let mut out = vec![self.patterns.group(da, b)];
                if free || self.patterns.nullable(a) {
                    let db = self.leaf(b, sought, leaf, free);
                    out.push(if free { self.patterns.group(a, db) } else { db });
                }
                self.patterns.choice(&out)
            }
            Pat::OneOrMore(q) => {
                let d = self.leaf(q, sought, leaf, free);
                let more = self.patterns.choice(&[p, EMPTY]);
                self.patterns.group(d, more)
            }
            pat => leaf(self, &pat),
        }
    }

    /// What remains when no more attributes come.
    pub fn close(&mut self, p: PatId) -> PatId {
        if let Some(&q) = self.closed.get(&p) {
            return q;
        }
        let q = match self.patterns.get(p) {
            Pat::Attribute(_) => NOT_ALLOWED,
            _ => self.rebuilt(p, &mut Self::close),
        };
        self.closed.insert(p, q);
        q
    }

    /// A pattern with another in place of each of its parts; one that has none stays.
    pub(super) fn rebuilt(&mut self, p: PatId, part: &mut dyn FnMut(&mut Self, PatId) -> PatId) -> PatId {
        let mut each = |m: &mut Self, l: &[PatId]| l.iter().map(|&q| part(m, q)).collect::<Vec<PatId>>();
        match self.patterns.get(p).clone() {
            Pat::Choice(l) => {
                let l = each(self, &l);
                self.patterns.choice(&l)
            }
            Pat::Interleave(l) => {
                let l = each(self, &l);
                self.patterns.interleave(&l)
            }
            Pat::Group(a, b) => {
                let (a, b) = (part(self, a), part(self, b));
                self.patterns.group(a, b)
            }
            Pat::OneOrMore(q) => {
                let q = part(self, q);
                self.patterns.one_or_more(q)
            }
            _ => p,
        }
    }

    /// The element patterns that may come next.
    pub fn first(&mut self, p: PatId) -> Arc<[u32]> {
        if let Some(f) = self.first.get(&p) {
            return f.clone();
        }
        let mut out: Vec<u32> = Vec::new();
        match self.patterns.get(p).clone() {
            Pat::Element(e) => out.push(e),
            Pat::Choice(l) | Pat::Interleave(l) => l.iter().for_each(|&q| out.extend(self.first(q).iter())),
            Pat::Group(a, b) => {
                out.extend(self.first(a).iter());
                if self.patterns.nullable(a) {
                    out.extend(self.first(b).iter());
                }
            }
            Pat::OneOrMore(q) => out.extend(self.first(q).iter()),
            _ => {}
        }
        out.sort_unstable();
        out.dedup();
        let out: Arc<[u32]> = out.into();
        self.first.insert(p, out.clone());
        out
    }

    /// All attribute patterns in a content.
    pub fn attributes(&mut self, p: PatId) -> Arc<[u32]> {
        if let Some(f) = self.attributes.get(&p) {
            return f.clone();
        }
        let out: Arc<[u32]> = leaves(&self.patterns, p).0.into();
        self.attributes.insert(p, out.clone());
        out
    }
}

/// The attribute, element and data patterns in a content, each once, in the grammar's order; and whether it has text.
pub fn leaves(patterns: &Patterns, p: PatId) -> (Vec<u32>, Vec<u32>, Vec<u32>, bool) {
    let (mut attributes, mut elements, mut data, mut text) = (Vec::new(), Vec::new(), Vec::new(), false);
    let mut seen = rustc_hash::FxHashSet::default();
    let mut stack = vec![p];
    while let Some(p) = stack.pop() {
        if !seen.insert(p) {
            continue;
        }
        match patterns.get(p) {
            Pat::Attribute(a) => attributes.push(*a),
            Pat::Element(e) => elements.push(*e),
            Pat::Data(d) => data.push(*d),
            Pat::Text => text = true,
            Pat::Choice(l) | Pat::Interleave(l) => stack.extend(l.iter().rev()),
            Pat::Group(a, b) => stack.extend([*b, *a]),
            Pat::OneOrMore(q) | Pat::List(q) => stack.push(*q),
            _ => {}
        }
    }
    for l in [&mut attributes, &mut elements, &mut data] {
        l.sort_unstable();
    }
    (attributes, elements, data, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::pattern::Pat;

    /// Sixty-four share a bit: what another has is no proof.
    #[test]
    fn what_a_content_does_not_hold_is_not_looked_for_in_it() {
        let mut m = Matcher::default();
        let all: Vec<PatId> = (0..40).map(|a| m.patterns.intern(Pat::Attribute(a))).collect();
        let p = m.patterns.interleave(&all);
        assert_eq!(m.attribute(p, 50), NOT_ALLOWED);
        assert_eq!(m.element(p, 3), NOT_ALLOWED);
        assert!(m.attribute.is_empty() && m.element.is_empty());
        assert_eq!(m.attribute(p, 64 + 3), NOT_ALLOWED);
        let rest = m.attribute(p, 3);
        assert_eq!(m.attributes(rest).len(), 39);
        assert_eq!(m.attribute(rest, 3), NOT_ALLOWED);
    }
}
