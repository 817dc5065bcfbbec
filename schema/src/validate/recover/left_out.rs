//! What was left out: before an element, at the end, in an element that holds nothing, and a value in one that holds one
//! text. Only readings; which of them is the cheapest `align` finds.

use crate::grammar::pattern::{EMPTY, NOT_ALLOWED, PatId};
use crate::syntax::{NodeId, NodeKind};

use super::super::label::Judge;
use super::align::Aligner;
use super::fit::cost;
use super::memo::{Ending, Options};
use super::steps::{Log, Reading, Step, Steps};

impl Aligner<'_, '_> {
    /// A sequence in which something required was left out.
    pub fn insert_before(&mut self, r: &Reading, child: NodeId, options: &Options) {
        let mut r = *r;
        let Some((inserts, then)) = &options.behind else {
            if !options.through.is_empty() {
                r.step = self.log.push(r.step, Step::Incomplete(r.p));
                r.cost += cost::INSERT;
            }
            for &(e, q) in &options.through {
                let misfit = self.judge.misfit(child, e);
                let step = (misfit > 0).then_some(Step::Keep(child, e, NOT_ALLOWED));
                self.push(&r, q, misfit, e, step);
            }
            return;
        };
        for &e in inserts {
            r.step = self.log.push(r.step, Step::Insert(e, Some(child)));
            r.cost += cost::INSERT;
        }
        for &(e, q) in then {
            let misfit = self.judge.misfit(child, e);
            let step = (misfit > 0).then_some(Step::Keep(child, e, NOT_ALLOWED));
            self.push(&r, q, misfit, e, step);
        }
    }

    /// A sequence in which an element was left out before text.
    pub fn insert_before_text(&mut self, r: &Reading, owner: NodeId, text: &str, only: bool) {
        if self.judge.purse.is_empty() {
            return;
        }
        let needed = self.judge.matcher.needed(r.p);
        let Some(&e) = needed.first() else {
            return;
        };
        self.judge.purse.spend(20);
        let rest = self.judge.matcher.element(r.p, e);
        let q = self.judge.after_text(rest, owner, text, only);
        if q != NOT_ALLOWED {
            self.push(r, q, cost::INSERT, e, Some(Step::Insert(e, None)));
        }
    }

    /// What is still missing at the end.
    pub fn finish(&mut self, r: &Reading) {
        let mut r = *r;
        if !self.judge.matcher.patterns.nullable(r.p) {
            let ending = self.memo.ending(self.judge, r.p);
            for &e in &ending.inserts {
                r.step = self.log.push(r.step, Step::Insert(e, None));
                r.cost += cost::INSERT;
            }
            if let Some(open) = ending.open {
                let step = Some(Step::Incomplete(open));
                self.push(&r, EMPTY, cost::INSERT, r.last, step);
                return;
            }
        }
        self.next.push(r);
    }
}

/// The steps where an element that needs something has nothing.
pub fn nothing(ending: &Ending, out: &mut Steps) {
    let inserts = ending.inserts.iter().map(|&e| Step::Insert(e, None));
    let all = inserts.chain(ending.open.map(Step::Incomplete));
    out.log.steps.extend(all.map(|step| (0, step)));
    out.order.extend((1..=out.log.steps.len() as u32).rev());
}

/// Where an element holds one text and nothing else, and a value should stand there: that it is none, if so. There is but
/// one reading. False where it is not so.
pub fn value_alone(judge: &mut Judge<'_>, id: NodeId, p: PatId, log: &mut Log) -> bool {
    let tree = judge.tree;
    let Some(child) = tree.node(id).first_child else {
        return false;
    };
    let node = tree.node(child);
    let alone = node.kind == NodeKind::Text && !node.blank && node.next_sibling.is_none();
    if !alone || !judge.matcher.has_data(p) {
        return false;
    }
    judge.purse.spend(ONE_TEXT);
    let text = tree.text_value(child);
    let q = judge.after_text(p, id, &text, true);
    if q == NOT_ALLOWED || !judge.matcher.patterns.nullable(q) {
        let span = node.span.trimmed(tree.text());
        let text = text.trim();
        let other = text != span.of(tree.text());
        let given = other.then(|| log.give(text)).flatten();
        log.push(0, Step::Value(span, p, given));
    }
    true
}

/// What a look at such an element costs.
const ONE_TEXT: usize = 205;
