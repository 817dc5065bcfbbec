//! How badly an element would fit a pattern: a cheap look at its attributes and the names of its children, to choose
//! between readings. The verdict is not made here.

use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{NodeId, NodeKind};

use super::super::label::Judge;

/// What one repair costs; a slip of the keyboard is the cheapest.
pub mod cost {
    /// A name one slip away; its distance is added.
    pub const NEAR: u32 = 10;
    /// A value that must be changed.
    pub const VALUE: u32 = 10;
    /// An attribute that must go.
    pub const ATTRIBUTE: u32 = 12;
    /// An attribute that must come.
    pub const NEW_ATTRIBUTE: u32 = 15;
    /// An element or text that must go, or move.
    pub const DROP: u32 = 20;
    /// An element that must come.
    pub const INSERT: u32 = 20;
    /// Another name altogether: less than taking one away and putting another there.
    pub const FAR: u32 = 25;
    /// Another name altogether under which all of it fits: less than any two repairs under its own.
    pub const OTHER: u32 = 18;
    /// Beyond this nothing is compared any more.
    pub const CAP: u32 = 60;
}

/// How many children are looked at.
const LOOK: usize = 24;

impl Judge<'_> {
    /// The content pattern of an element pattern.
    pub fn content(&self, e: u32) -> PatId {
        self.grammar
            .elements
            .get(e as usize)
            .map_or(NOT_ALLOWED, |x| x.content)
    }

    /// The content without attributes, whichever are given.
    pub fn body(&mut self, mut p: PatId) -> PatId {
        for &a in self.matcher.attributes(p).iter() {
            let q = self.matcher.attribute(p, a);
            if q != NOT_ALLOWED {
                p = q;
            }
        }
        self.matcher.close(p)
    }

    /// The patterns that may come next and take the name of a node.
    pub fn enabled(&mut self, p: PatId, child: NodeId) -> Vec<u32> {
        let first = self.matcher.first(p);
        let named = self.candidates(child);
        named
            .into_iter()
            .filter(|e| first.binary_search(e).is_ok())
            .collect()
    }

    /// What it would cost to make a node fit a pattern, its name left aside; at most `cost::CAP`.
    pub fn misfit(&mut self, id: NodeId, e: u32) -> u32 {
        if self.fitting(id).contains(&e) {
            return 0;
        }
        let tree = self.tree;
        let (mut p, mut sum, mut strange) = (self.content(e), 0, 0);
        for attr in self.attrs(id) {
            let q = self.after_attribute(p, id, attr);
            if q != NOT_ALLOWED {
                p = q;
                continue;
            }
            let takes = self.attribute_named(attr);
            let known = takes
                .iter()
                .map(|&a| self.matcher.attribute(p, a))
                .find(|&q| q != NOT_ALLOWED);
            match known {
                Some(q) => {
                    p = q;
                    sum += cost::VALUE;
                }
                None => strange += 1,
            }
        }
        // A strange attribute and a missing one are most often one by a wrong name.
        let needed = self.matcher.attributes(p);
        let missing = needed
            .iter()
            .filter(|&&a| crate::grammar::required(&self.matcher.patterns, p, a))
            .count() as u32;
        let pairs = missing.min(strange);
        sum += pairs * cost::ATTRIBUTE
            + (strange - pairs) * cost::ATTRIBUTE
            + (missing - pairs) * cost::NEW_ATTRIBUTE;
        let closed = self.matcher.close(p);
        p = if closed == NOT_ALLOWED {
            self.body(p)
        } else {
            closed
        };
        let only = tree.elements(id).next().is_none();
        if only {
            let text = tree.element_text(id);
            let q = self.after_text(p, id, &text, true);
            if !self.matcher.patterns.nullable(q) {
                sum += if text.trim().is_empty() {
                    cost::INSERT
                } else {
                    cost::ATTRIBUTE
                };
            }
            return sum.clamp(1, cost::CAP);
        }
        let mut bad = 0;
        for child in tree.children(id).take(LOOK) {
            let node = tree.node(child);
            match node.kind {
                NodeKind::Element => {
                    let next = self.enabled(p, child);
                    let parts: Vec<PatId> = next.into_iter().map(|e| self.matcher.element(p, e)).collect();
                    let q = self.matcher.patterns.choice(&parts);
                    if q == NOT_ALLOWED {
                        sum += cost::ATTRIBUTE;
                        bad += 1;
                    } else {
                        p = q;
                    }
                }
                NodeKind::Text | NodeKind::CData if !node.blank => {
                    let text = tree.text_value(child);
                    let q = self.after_text(p, id, &text, false);
                    if q == NOT_ALLOWED {
                        sum += cost::ATTRIBUTE;
                    } else {
                        p = q;
                    }
                }
                _ => {}
            }
            if sum >= cost::CAP {
                return cost::CAP;
            }
        }
        if !self.matcher.patterns.nullable(p) && tree.children(id).count() <= LOOK {
            // What is missing may be the strange one by its right name.
            sum += if bad > 0 { cost::VALUE } else { cost::NEW_ATTRIBUTE };
        }
        sum.clamp(1, cost::CAP)
    }
}
