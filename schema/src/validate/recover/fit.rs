//! How badly an element would fit a pattern: a cheap look at its attributes and the names of its children, to choose
//! between readings. The verdict is not made here.

use crate::grammar::datatype::Ask;
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{Attr, NodeId, NodeKind};

use super::super::label::{Judge, answer, is_blank, text_run};
use super::super::near::{Given, Outline};

/// What one repair costs; a slip of the keyboard is the cheapest.
pub mod cost {
    /// A name one slip away; its distance is added.
    pub const NEAR: u32 = 10;
    /// A value that must be changed.
    pub const VALUE: u32 = 10;
    /// A value that must be changed, and is just what another element of that name has in its place.
    pub const OF_ANOTHER: u32 = 24;
    /// An attribute that must go.
    pub const ATTRIBUTE: u32 = 12;
    /// Each further one, beyond that: several rather say that the element is another.
    pub const FURTHER: u32 = 4;
    /// An attribute that must come.
    pub const NEW_ATTRIBUTE: u32 = 15;
    /// An element or text that must go, or move.
    pub const DROP: u32 = 20;
    /// An element that must go and is written as the one before it.
    pub const REPEATED: u32 = 18;
    /// Content that must come between two tags that stand apart.
    pub const CONTENT: u32 = 11;
    /// An element that must come.
    pub const INSERT: u32 = 20;
    /// Another name altogether: less than taking one away and putting another there.
    pub const FAR: u32 = 25;
    /// Another name altogether for what has nothing that belongs to its own.
    pub const BARE: u32 = 9;
    /// Another name altogether for what stands where the one that is needed is missing, and others of its own name do not.
    pub const IN_PLACE: u32 = 19;
    /// A name that only any name takes, near one that has a meaning.
    pub const ODD: u32 = 5;
    /// The most that the faults of a child cost its parent.
    pub const SLIGHT: u32 = 4;
    /// Beyond this nothing is compared any more.
    pub const CAP: u32 = 60;
}

/// How an attribute reads where some content must still come.
pub enum Read {
    /// It may stand here; what remains.
    Fits(PatId),
    /// It may stand here with another value; what remains, and the range of its readings.
    Bad(PatId, (u32, u32)),
    /// It may not stand here.
    Strange,
}

/// How an element fits one pattern.
#[derive(Debug, Clone, Copy)]
struct Fitted {
    e: u32,
    misfit: u32,
    /// What remains behind the attributes where nothing is wrong with them.
    behind: PatId,
}

/// The element looked at last, and how it fits the patterns that it was compared with: each reading asks again.
#[derive(Debug, Default)]
pub struct LastFitted {
    id: Option<NodeId>,
    list: Vec<Fitted>,
}

/// So many patterns are remembered.
const REMEMBERED: usize = 64;

impl LastFitted {
    fn known(&self, id: NodeId, e: u32) -> Option<&Fitted> {
        let list = if self.id == Some(id) { &*self.list } else { &[] };
        list.iter().find(|f| f.e == e)
    }

    fn note(&mut self, id: NodeId, found: Fitted) {
        if self.id != Some(id) {
            self.id = Some(id);
            self.list.clear();
        }
        if self.list.len() < REMEMBERED {
            self.list.push(found);
        }
    }
}

impl Judge<'_> {
    /// The content pattern of an element pattern.
    pub fn content(&self, e: u32) -> PatId {
        self.grammar
            .elements
            .get(e as usize)
            .map_or(NOT_ALLOWED, |x| x.content)
    }

    /// The content without attributes, whichever are given.
    pub fn body(&mut self, p: PatId) -> PatId {
        self.matcher.finish_attributes(p).body
    }

    /// Reads an attribute.
    pub fn read(&mut self, p: PatId, owner: NodeId, attr: &Attr) -> Read {
        self.read_value(p, owner, attr, &self.tree.value(attr))
    }

    /// Reads an attribute that has this value.
    pub fn read_value(&mut self, p: PatId, owner: NodeId, attr: &Attr, value: &str) -> Read {
        let name = self.symbol(attr.name);
        let (tree, g) = (self.tree, self.grammar);
        let (start, count) = self.matcher.readings(g, p, name);
        if count == 0 {
            return Read::Strange;
        }
        let first = self.matcher.reading(start);
        let lookup = |ask: Ask<'_>| answer(tree, owner, ask);
        if count == 1 {
            return if self.matcher.fits(g, first.value, value, &lookup) {
                Read::Fits(first.rest)
            } else {
                Read::Bad(first.rest, (start, count))
            };
        }
        let (mut parts, mut all) = (Vec::new(), Vec::new());
        for at in start..start + count {
            let one = self.matcher.reading(at);
            all.push(one.rest);
            if self.matcher.fits(g, one.value, value, &lookup) {
                parts.push(one.rest);
            }
        }
        if parts.is_empty() {
            // Which of them was meant, the rest of the element may tell.
            Read::Bad(self.matcher.patterns.choice(&all), (start, count))
        } else {
            Read::Fits(self.matcher.patterns.choice(&parts))
        }
    }

    /// True where it would cost at most `cost::FAR` to make a node fit a pattern, which can be told at a glance: it has
    /// no content, one attribute at most, and needs one at most; or it has text alone, and needs no attribute.
    pub fn is_simple(&mut self, id: NodeId, e: u32) -> bool {
        let tree = self.tree;
        let (empty, attributes) = (tree.node(id).first_child.is_none(), tree.attrs(id).len());
        if attributes > usize::from(empty) || tree.elements(id).next().is_some() {
            return false;
        }
        let closed = self.matcher.finish_attributes(self.content(e));
        if empty {
            closed.missing <= 1 && self.matcher.patterns.nullable(closed.body)
        } else {
            closed.missing == 0 && self.matcher.has_data(closed.body)
        }
    }

    /// What remained behind the attributes of that node, where the last looks of [`Judge::misfit`] were at it and found
    /// nothing wrong with them; else nothing may stand there.
    pub fn behind_attributes(&self, id: NodeId, e: u32) -> PatId {
        self.fitted.known(id, e).map_or(NOT_ALLOWED, |known| known.behind)
    }

    /// What it would cost to make a node fit a pattern, its name left aside; at most `cost::CAP`.
    pub fn misfit(&mut self, id: NodeId, e: u32) -> u32 {
        if self.fitting(id).contains(&e) {
            return 0;
        }
        if let Some(known) = self.fitted.known(id, e) {
            return known.misfit;
        }
        self.purse.spend(15 + 15 * self.tree.attrs(id).len());
        let (misfit, behind) = self.find_misfit(id, e);
        self.fitted.note(id, Fitted { e, misfit, behind });
        misfit
    }

    /// That cost, and what remains behind the attributes where nothing is wrong with them.
    fn find_misfit(&mut self, id: NodeId, e: u32) -> (u32, PatId) {
        let tree = self.tree;
        let (mut p, mut sum, mut strange) = (self.content(e), 0, 0);
        for attr in tree.attrs(id) {
            if self.is_declaration(attr) {
                continue;
            }
            match self.read(p, id, attr) {
                Read::Fits(q) => p = q,
                Read::Bad(q, _) => {
                    sum += self.price_of_value(id, (e, p), attr);
                    p = q;
                }
                Read::Strange => strange += 1,
            }
            // Nothing below takes away from it.
            if sum + strange * cost::ATTRIBUTE >= cost::CAP {
                return (cost::CAP, NOT_ALLOWED);
            }
        }
        let behind = if sum == 0 && strange == 0 { p } else { NOT_ALLOWED };
        if strange > 0 && self.has_rivals(id) {
            for attr in tree.attrs(id) {
                let own = self.symbol(attr.name);
                if self.is_declaration(attr)
                    || self.matcher.readings(self.grammar, self.content(e), own).1 > 0
                {
                    continue;
                }
                if let Some((q, price)) = self.as_near(id, attr, p) {
                    (p, sum, strange) = (q, sum + price, strange.saturating_sub(1));
                }
            }
        }
        // A strange attribute and a missing one are most often one by a wrong name.
        let closed = self.matcher.finish_attributes(p);
        let mut pairs = closed.missing.min(strange);
        if pairs == 1 && !self.has_near_pair(id, e, p) {
            pairs = 0;
        }
        sum += strange * cost::ATTRIBUTE
            + strange.saturating_sub(1) * cost::FURTHER
            + pairs
            + (closed.missing - pairs) * cost::NEW_ATTRIBUTE;
        // One of several is missing.
        if !closed.fits && closed.missing == 0 {
            sum += cost::NEW_ATTRIBUTE;
        }
        p = closed.body;
        if tree.node(id).first_child.is_none() && self.matcher.patterns.nullable(p) {
            return (sum.clamp(1, cost::CAP), behind);
        }
        let only = tree.elements(id).next().is_none();
        if only {
            let text = text_run(tree, tree.node(id).first_child);
            let lookup = |ask: Ask<'_>| answer(tree, id, ask);
            let q = self.matcher.text(self.grammar, p, &text, &lookup);
            // White space may always be left out.
            let left = is_blank(&text) && self.matcher.patterns.nullable(p);
            if !left && !self.matcher.patterns.nullable(q) {
                let has_value = self.matcher.has_data(p);
                sum += match text.trim() {
                    // Whoever has nothing to say writes one tag.
                    "" if text.contains('\n') => cost::CONTENT,
                    "" => cost::INSERT,
                    _ if has_value => cost::ATTRIBUTE,
                    _ if self.matcher.patterns.nullable(p) => cost::DROP,
                    _ => cost::DROP + cost::INSERT,
                };
            }
            return (sum.clamp(1, cost::CAP), behind);
        }
        let (mut bad, mut skipped) = (0, false);
        for child in tree.children(id) {
            self.purse.spend(15);
            let node = tree.node(child);
            match node.kind {
                NodeKind::Element => {
                    let mut q = self.after_name(p, child);
                    // What is sound may be so as another element by that name alone.
                    if q != NOT_ALLOWED {
                        let sound = self.after_child(p, child);
                        if sound != NOT_ALLOWED {
                            q = sound;
                        } else {
                            let elsewhere = self.is_sound(child);
                            sum += u32::from(elsewhere) * cost::VALUE;
                            if self.has_rivals(id) {
                                sum += self.slight_misfit(p, child);
                            }
                        }
                    }
                    if q == NOT_ALLOWED && !skipped {
                        // Something before it may be missing.
                        skipped = true;
                        let name = self.symbol(node.name);
                        q = self.matcher.after_missing(p, name);
                        sum += u32::from(q != NOT_ALLOWED) * cost::NEW_ATTRIBUTE;
                    }
                    if q == NOT_ALLOWED {
                        // A child that nothing has is most often a slip itself.
                        let further = strange > 0 && self.knows_element(child);
                        sum += cost::ATTRIBUTE + if further { cost::FURTHER } else { 0 };
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
                return (cost::CAP, behind);
            }
        }
        if !self.matcher.patterns.nullable(p) {
            // What is missing may be the strange one by its right name.
            sum += if bad > 0 { cost::VALUE } else { cost::NEW_ATTRIBUTE };
        }
        (sum.clamp(1, cost::CAP), behind)
    }

    /// True where a strange attribute of an element has nearly the name of one that is missing; `p` must still come.
    fn has_near_pair(&mut self, id: NodeId, e: u32, p: PatId) -> bool {
        let (tree, g) = (self.tree, self.grammar);
        let wanted = self.matcher.required(p);
        let steps = 20 * tree.attrs(id).len() * wanted.attributes.len();
        self.purse.spend(steps);
        tree.attrs(id).iter().any(|attr| {
            let symbol = self.symbol(attr.name);
            if self.is_declaration(attr) || self.takes(e, symbol) {
                return false;
            }
            let mut given = Given::new(&tree.name(attr.name).local);
            let names = wanted.attributes.iter();
            let mut names = names.filter_map(|&a| g.attributes.get(a as usize)?.names.first());
            names.any(|n| given.near(&n.local, Outline::of(&n.local)).is_some())
        })
    }

    /// What remains after a child, by its name alone.
    fn after_name(&mut self, p: PatId, child: NodeId) -> PatId {
        let name = self.symbol(self.tree.node(child).name);
        self.matcher.after_name(p, name)
    }
}
