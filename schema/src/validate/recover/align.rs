//! The cheapest reading of an element's children: which to keep, rename, drop, and what to insert, so that the
//! content is valid. A beam over the states of the content: linear in the children, whatever the faults.

use rustc_hash::FxHashMap;

use crate::grammar::pattern::{EMPTY, NOT_ALLOWED, PatId};
use crate::syntax::{NameId, NodeId, NodeKind};
use crate::text::Span;

use super::super::derive::leaves;
use super::super::label::Judge;
use super::super::{without, words};
use super::fit::cost;
use super::plain_name;

/// What is to be done with one child. Children that simply fit have no step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It stands where it may, with faults within.
    Keep(NodeId, u32),
    /// It is another element by a wrong name.
    Rename(NodeId, u32),
    /// It cannot stand here; the elements that could.
    Drop(NodeId, PatId),
    /// This element is missing before the child given, or at the end.
    Insert(u32, Option<NodeId>),
    /// Text that cannot stand here.
    Text(Span),
    /// Text that is no value; the pattern it should fit.
    Value(Span, String, PatId),
    /// Something is missing at the end, one of several; the pattern that remains.
    Incomplete(PatId),
}

#[derive(Debug, Clone)]
struct Reading {
    p: PatId,
    cost: u32,
    /// The last element pattern, to prefer readings in the grammar's order.
    last: u32,
    /// Index into the log of steps, 0 for none.
    step: u32,
}

/// How many readings are followed at once, and how much dearer than the best one may be.
const BEAM: usize = 8;
const MARGIN: u32 = 45;

struct Aligner<'j, 'a> {
    judge: &'j mut Judge<'a>,
    log: Vec<(u32, Step)>,
    now: Vec<Reading>,
    next: Vec<Reading>,
    /// How many children have each name.
    count: FxHashMap<NameId, u32>,
}

impl Aligner<'_, '_> {
    fn push(&mut self, from: &Reading, p: PatId, more: u32, last: u32, step: Option<Step>) {
        let cost = from.cost + more;
        if let Some(same) = self.next.iter_mut().find(|r| r.p == p) {
            if same.cost <= cost {
                return;
            }
            same.cost = u32::MAX;
        }
        self.next.retain(|r| r.cost != u32::MAX);
        let step = match step {
            Some(s) => {
                self.log.push((from.step, s));
                self.log.len() as u32
            }
            None => from.step,
        };
        self.next.push(Reading { p, cost, last, step });
    }

    fn prune(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
        self.next.clear();
        if self.now.len() > 1 {
            self.now.sort_by_key(|r| r.cost);
            let best = self.now.first().map_or(0, |r| r.cost);
            self.now.retain(|r| r.cost <= best + MARGIN);
            self.now.truncate(BEAM);
        }
    }

    fn child(&mut self, r: &Reading, child: NodeId) {
        let judge = &mut *self.judge;
        let q = judge.after_child(r.p, child);
        let back = |e: u32| u32::from(e < r.last);
        if q != NOT_ALLOWED {
            let e = judge.fitting(child).first().copied().unwrap_or(r.last);
            self.push(r, q, back(e), e, None);
            self.twin(r, child);
            return;
        }
        let enabled = judge.enabled(r.p, child);
        let mut kept = u32::MAX;
        for &e in &enabled {
            let misfit = self.judge.misfit(child, e);
            kept = kept.min(misfit);
            let q = self.judge.matcher.element(r.p, e);
            self.push(r, q, misfit + back(e), e, Some(Step::Keep(child, e)));
        }
        // Of two by one name, one may be another by a wrong name.
        let twin = kept != u32::MAX && self.count.get(&self.judge.tree.node(child).name) == Some(&2);
        if kept <= cost::NEAR && !twin {
            return;
        }
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let name = tree.local(child);
        let first = self.judge.matcher.first(r.p);
        let mut looked = 0;
        for &e in first.iter().filter(|e| !enabled.contains(e)) {
            let Some(new) = plain_name(g, e) else { continue };
            let near = words::near(name, new);
            let price = match near {
                Some(d) => cost::NEAR + d as u32,
                // Another name altogether is only thought of where it saves a second repair.
                None if (twin || kept != u32::MAX && kept >= cost::DROP) && looked < 16 => {
                    looked += 1;
                    match self.judge.misfit(child, e) {
                        0 if !twin => cost::OTHER,
                        _ => cost::FAR,
                    }
                }
                None if without(&mut self.judge.matcher, r.p, e) == NOT_ALLOWED => cost::FAR,
                None => continue,
            };
            if price >= kept && !twin {
                continue;
            }
            let misfit = self.judge.misfit(child, e);
            let q = self.judge.matcher.element(r.p, e);
            self.push(r, q, price + misfit + back(e), e, Some(Step::Rename(child, e)));
        }
        if enabled.is_empty() {
            self.insert_before(r, child);
            self.push(r, r.p, cost::DROP, r.last, Some(Step::Drop(child, r.p)));
        }
    }

    /// Of two by one name, where something else is missing, either may be the other by a wrong name.
    fn twin(&mut self, r: &Reading, child: NodeId) {
        if self.count.get(&self.judge.tree.node(child).name) != Some(&2) {
            return;
        }
        let first = self.judge.matcher.first(r.p);
        for &e in first.iter().filter(|&&e| e >= r.last) {
            if self.judge.fitting(child).contains(&e)
                || plain_name(self.judge.grammar, e).is_none()
                || without(&mut self.judge.matcher, r.p, e) != NOT_ALLOWED
            {
                continue;
            }
            let price = cost::FAR + self.judge.misfit(child, e);
            let q = self.judge.matcher.element(r.p, e);
            self.push(r, q, price, e, Some(Step::Rename(child, e)));
        }
    }

    /// A sequence in which something required was left out.
    fn insert_before(&mut self, r: &Reading, child: NodeId) {
        let (mut r, mut budget) = (r.clone(), 3);
        while budget > 0 {
            budget -= 1;
            let first = self.judge.matcher.first(r.p);
            let needed = first
                .iter()
                .copied()
                .find(|&e| without(&mut self.judge.matcher, r.p, e) == NOT_ALLOWED);
            let Some(e) = needed else { return };
            let q = self.judge.matcher.element(r.p, e);
            // What may come in any order may come later too.
            if q == NOT_ALLOWED || q == r.p {
                return;
            }
            self.log.push((r.step, Step::Insert(e, Some(child))));
            r = Reading {
                p: q,
                cost: r.cost + cost::INSERT,
                last: e,
                step: self.log.len() as u32,
            };
            for e in self.judge.enabled(r.p, child) {
                let misfit = self.judge.misfit(child, e);
                let q = self.judge.matcher.element(r.p, e);
                let step = (misfit > 0).then_some(Step::Keep(child, e));
                self.push(&r, q, misfit, e, step);
                budget = 0;
            }
        }
    }

    fn text(&mut self, r: &Reading, owner: NodeId, text: &str, span: Option<Span>, only: bool) {
        let q = self.judge.after_text(r.p, owner, text, only);
        let has_data = !leaves(&self.judge.matcher.patterns, r.p).2.is_empty();
        let fine = q != NOT_ALLOWED && !(only && has_data && !self.judge.matcher.patterns.nullable(q));
        match span {
            _ if fine => self.push(r, q, 0, r.last, None),
            Some(s) if has_data => {
                self.push(
                    r,
                    EMPTY,
                    cost::VALUE,
                    r.last,
                    Some(Step::Value(s, text.to_string(), r.p)),
                );
            }
            Some(s) => self.push(r, r.p, cost::DROP, r.last, Some(Step::Text(s))),
            None => self.push(r, r.p, 0, r.last, None),
        }
    }

    /// What is still missing at the end.
    fn finish(&mut self, r: &Reading) {
        let mut r = r.clone();
        for _ in 0..64 {
            if self.judge.matcher.patterns.nullable(r.p) {
                break;
            }
            let first = self.judge.matcher.first(r.p);
            let needed = first
                .iter()
                .copied()
                .find(|&e| without(&mut self.judge.matcher, r.p, e) == NOT_ALLOWED);
            let Some(e) = needed else {
                self.push(&r, EMPTY, cost::INSERT, r.last, Some(Step::Incomplete(r.p)));
                return;
            };
            self.log.push((r.step, Step::Insert(e, None)));
            r.p = self.judge.matcher.element(r.p, e);
            r.cost += cost::INSERT;
            r.step = self.log.len() as u32;
        }
        self.next.push(r);
    }
}

/// The cheapest steps that make the content of `id` fit `p`, in the order of the text.
pub fn align(judge: &mut Judge<'_>, id: NodeId, p: PatId) -> Vec<Step> {
    let tree = judge.tree;
    let only = tree.elements(id).next().is_none();
    let start = Reading {
        p,
        cost: 0,
        last: 0,
        step: 0,
    };
    let mut a = Aligner {
        judge,
        log: Vec::new(),
        now: vec![start],
        next: Vec::new(),
        count: FxHashMap::default(),
    };
    for child in tree.elements(id) {
        *a.count.entry(tree.node(child).name).or_default() += 1;
    }
    let (mut text, mut span): (String, Option<Span>) = (String::new(), None);
    for child in tree.children(id) {
        let node = tree.node(child);
        match node.kind {
            NodeKind::Text | NodeKind::CData => {
                if only || !node.blank {
                    text.push_str(&tree.text_value(child));
                }
                if !node.blank {
                    let own = trimmed(node.span, tree.text());
                    span = Some(span.map_or(own, |s| s.cover(own)));
                }
            }
            NodeKind::Element => {
                if let Some(s) = span.take() {
                    a.each(|a, r| a.text(r, id, &text, Some(s), false));
                    text.clear();
                }
                a.each(|a, r| a.child(r, child));
            }
            _ => {}
        }
    }
    if only || span.is_some() {
        a.each(|a, r| a.text(r, id, &text, span, only));
    }
    let all = std::mem::take(&mut a.now);
    all.iter().for_each(|r| a.finish(r));
    a.prune();
    let mut steps = Vec::new();
    let mut at = a.now.first().map_or(0, |r| r.step);
    while let Some((before, step)) = (at as usize).checked_sub(1).and_then(|i| a.log.get(i)) {
        steps.push(step.clone());
        at = *before;
    }
    steps.reverse();
    steps
}

impl Aligner<'_, '_> {
    fn each(&mut self, mut step: impl FnMut(&mut Self, &Reading)) {
        let now = std::mem::take(&mut self.now);
        for r in &now {
            step(self, r);
        }
        self.prune();
    }
}

/// A text without the white space around it.
pub fn trimmed(span: Span, text: &str) -> Span {
    let all = span.of(text);
    let head = (all.len() - all.trim_start().len()) as u32;
    let tail = (all.len() - all.trim_end().len()) as u32;
    if head as usize == all.len() {
        span
    } else {
        Span::new(span.start + head, span.end - tail)
    }
}
