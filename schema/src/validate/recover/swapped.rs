//! Where an element may be another by a wrong name that is not near: what has nothing of its own, one of two by one
//! name, what stands where one that is needed is missing. Only readings; which of them is the cheapest `align` finds.

use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{Attr, NodeId, NodeKind};

use super::super::label::{Judge, text_run};
use super::super::states::Symbol;
use super::align::Aligner;
use super::fit::cost;
use super::memo::{Next, plain_name};
use super::steps::{Reading, Step};

/// Where more are needed, none is looked for in the place of another.
const FEW: usize = 64;

impl Judge<'_> {
    /// The name of the first attribute that an element has and that no other by that pattern has.
    pub fn strange_attribute(&mut self, id: NodeId, e: u32) -> Option<Symbol> {
        let tree = self.tree;
        let names = tree.attrs(id).iter().filter(|a| !self.is_declaration(a));
        let names: Vec<Symbol> = names.map(|a| self.symbol(a.name)).collect();
        names.into_iter().find(|&name| !self.takes(e, name))
    }

    /// True where an element fits a pattern that names it.
    pub fn is_sound(&self, id: NodeId) -> bool {
        self.fitting(id).iter().any(|&e| self.is_named(id, e))
    }

    /// True where an element has something, and nothing of it belongs to that pattern by its name: no attribute, no
    /// child, no text. A child that is not sound itself may be the one by a wrong name.
    pub fn is_bare(&mut self, id: NodeId, e: u32) -> bool {
        let tree = self.tree;
        self.purse.spend(20 + 10 * tree.attrs(id).len());
        let content = self.content(e);
        let mut given = false;
        for attr in tree.attrs(id) {
            if self.is_declaration(attr) {
                continue;
            }
            if self.has_by_name(content, attr) {
                return false;
            }
            // What any name takes tells nothing.
            let name = self.symbol(attr.name);
            given |= self.matcher.readings(self.grammar, content, name).1 == 0;
        }
        let body = self.body(content);
        let held = self.matcher.leaves(body);
        for child in tree.children(id) {
            self.purse.spend(10);
            let node = tree.node(child);
            match node.kind {
                NodeKind::Element => {
                    // What is sound as one of any name alone tells nothing either.
                    let known = self.candidates(child);
                    if !self.is_sound(child) || known.iter().any(|c| held.elements.binary_search(c).is_ok()) {
                        return false;
                    }
                    given = true;
                }
                NodeKind::Text | NodeKind::CData if !node.blank => {
                    // A wrong value is a value.
                    let text = tree.text_value(child);
                    if self.matcher.has_data(body) || self.after_text(body, id, &text, false) != NOT_ALLOWED {
                        return false;
                    }
                    given = true;
                }
                _ => {}
            }
        }
        given
    }

    /// False where an element is empty but for one attribute, which a pattern may have and need not: then that is as likely
    /// the slip itself.
    pub fn tells_enough(&mut self, id: NodeId, e: u32, strange: Option<Symbol>) -> bool {
        if self.tree.node(id).first_child.is_some() || self.tree.attrs(id).len() > 1 {
            return true;
        }
        let content = self.content(e);
        let needed = self.matcher.required(content);
        let takes = strange.map_or(&[][..], |name| self.matcher.attributes_of(name));
        takes.iter().any(|a| needed.attributes.binary_search(a).is_ok())
    }

    /// True where the grammar names each attribute of an element, at whichever.
    pub fn is_of_others(&self, id: NodeId) -> bool {
        let mut attrs = self.tree.attrs(id).iter().filter(|a| !self.is_declaration(a));
        attrs.all(|a| self.attributes_of_name(a).next().is_some())
    }

    /// True where a content has the attribute by its name, and not as one of any name.
    fn has_by_name(&mut self, content: PatId, attr: &Attr) -> bool {
        let key = (content, self.symbol(attr.name));
        if let Some(&known) = self.matcher.needs.named.get(&key) {
            return known;
        }
        let named: Vec<u32> = self.attributes_of_name(attr).collect();
        let fits = |a: &u32| self.matcher.attribute(content, *a) != NOT_ALLOWED;
        let has = named.iter().any(fits);
        self.matcher.needs.named.insert(key, has);
        has
    }

    /// True where an element by that pattern has the first child element of a node among those that it names; of a node
    /// with text alone, where it may hold values, or words where there are several, or where the node would cost more than
    /// that text by its own name; of any other, always.
    pub fn holds_child_of(&mut self, id: NodeId, e: u32, own: u32) -> bool {
        let tree = self.tree;
        if tree.node(id).first_child.is_none() {
            return true;
        }
        self.purse.spend(10);
        let content = self.content(e);
        let body = self.body(content);
        let Some(child) = tree.elements(id).next() else {
            if own > cost::DROP || self.matcher.has_data(body) {
                return true;
            }
            let text = text_run(tree, tree.node(id).first_child);
            let prose = text.split_whitespace().nth(1).is_some();
            return prose && self.after_text(body, id, &text, true) != NOT_ALLOWED;
        };
        let held = self.matcher.leaves(body);
        let mut known = self.candidates(child).iter();
        known.any(|&c| held.elements.binary_search(&c).is_ok() && self.is_named(child, c))
    }

    /// True where an element by that pattern may have an attribute by that name.
    pub fn takes(&mut self, e: u32, name: Symbol) -> bool {
        self.purse.spend(10);
        let content = self.content(e);
        self.matcher.readings(self.grammar, content, name).1 > 0
    }
}

impl Aligner<'_, '_> {
    #[allow(clippy::too_many_arguments)] // what `child` knows already
    pub fn rename(
        &mut self,
        r: &Reading,
        child: NodeId,
        other: &Next,
        near: Option<u32>,
        far: Option<u32>,
        kept: u32,
        twin: bool,
    ) {
        let far = far.or(other.needed.then_some(cost::FAR));
        let Some(price) = near.map(|d| cost::NEAR + d).or(far) else {
            return;
        };
        // One that is needed need not be put in then.
        let saved = if other.needed && kept >= cost::NEW_ATTRIBUTE {
            cost::INSERT
        } else {
            0
        };
        if price >= kept.saturating_add(saved) && !twin {
            return;
        }
        let back = u32::from(other.e < r.last);
        if self.is_hopeless(r.cost + price + back) {
            return;
        }
        let misfit = self.judge.misfit(child, other.e);
        let step = Some(Step::Rename(
            child,
            other.e,
            other.at,
            self.is_doubtful(child, misfit),
            Some(near.is_some()),
        ));
        self.push(r, other.rest, price + misfit + back, other.e, step);
    }

    /// Of two by one name, where something else is missing, either may be the other by a wrong name.
    pub fn twin(&mut self, r: &Reading, child: NodeId) {
        let needed = self.judge.matcher.needed(r.p);
        for &e in needed.iter().filter(|&&e| e >= r.last) {
            if self.judge.fitting(child).contains(&e) || plain_name(self.judge.grammar, e).is_none() {
                continue;
            }
            let misfit = self.judge.misfit(child, e);
            let q = self.judge.matcher.element(r.p, e);
            let step = Some(Step::Rename(child, e, 0, self.is_doubtful(child, misfit), None));
            self.push(r, q, cost::FAR + misfit, e, step);
        }
    }

    /// Where one that is needed is missing between the elements around it, in the grammar's order, and others of its own
    /// name stand elsewhere in that order, it may be the missing one by a wrong name.
    pub fn stands_in_place(&mut self, r: &Reading, child: NodeId, own: u32) {
        if self.judge.purse.is_empty() {
            return;
        }
        let needed = self.judge.matcher.needed(r.p);
        if needed.is_empty() || needed.len() > FEW {
            return;
        }
        let tree = self.judge.tree;
        let next = std::iter::successors(tree.node(child).next_sibling, |&n| tree.node(n).next_sibling);
        let mut next = next.filter(|&n| tree.node(n).kind == NodeKind::Element);
        let Some(&after) = next.next().and_then(|n| self.judge.fitting(n).first()) else {
            return;
        };
        let between = if r.last == 0 { 0 } else { r.last + 1 }..after;
        if between.contains(&own) {
            return;
        }
        for &e in needed.iter().filter(|e| between.contains(e)) {
            let misfit = self.judge.misfit(child, e);
            if misfit <= 1 && plain_name(self.judge.grammar, e).is_some() {
                let q = self.judge.matcher.element(r.p, e);
                let step = Step::Rename(child, e, 0, self.is_doubtful(child, misfit), None);
                self.push(r, q, cost::IN_PLACE, e, Some(step));
            }
        }
    }
}
