//! The cheapest reading of an element's children: which to keep, rename, drop, and what to insert, so that the
//! content is valid. A beam over the states of the content: linear in the children, whatever the faults.

use crate::grammar::pattern::{EMPTY, NOT_ALLOWED, PatId};
use crate::syntax::{NodeId, NodeKind};
use crate::text::Span;

use super::super::label::Judge;
use super::MOST;
use super::fit::cost;
use super::fixes::begins_line;
use super::left_out::{nothing, value_alone};
use super::memo::{Memo, Options};
use super::steps::{Log, Reading, Step, Steps};

/// How many readings are followed at once, and how much dearer than the best one may be.
const BEAM: usize = 8;
const MARGIN: u32 = 45;
/// Of a single reading so many steps are kept: each leads to a fault that is told, but for a few.
const ENOUGH: usize = 4 * MOST;
/// How many other names altogether are thought of for one child.
const STRANGE: usize = 16;

/// The readings of one content as they are followed.
pub struct Aligner<'j, 'a> {
    pub judge: &'j mut Judge<'a>,
    pub memo: &'j mut Memo,
    pub log: &'j mut Log,
    now: Vec<Reading>,
    pub next: Vec<Reading>,
    /// There is one reading only, so that nothing is compared with it.
    single: bool,
    /// What fits may be taken away too, for the sake of what follows.
    early: bool,
    /// The element before the one at hand.
    before: Option<NodeId>,
    /// All that the content should fit.
    whole: PatId,
}

impl Aligner<'_, '_> {
    pub fn push(&mut self, from: &Reading, p: PatId, more: u32, last: u32, step: Option<Step>) {
        self.judge.purse.spend(if self.single { 5 } else { 12 });
        let cost = from.cost + more;
        // Nothing is compared with the first one.
        if self.next.is_empty() {
            return self.follow(from, p, cost, last, step);
        }
        if self.is_hopeless(cost) {
            return;
        }
        if let Some(at) = self.next.iter().position(|r| r.p == p) {
            if self.next.get(at).is_some_and(|same| same.cost <= cost) {
                return;
            }
            self.next.remove(at);
        } else if self.next.len() >= BEAM {
            // Of the dearest the one that came last.
            let dearest = (0..self.next.len()).max_by_key(|&at| self.next.get(at).map(|r| r.cost));
            dearest.map(|at| self.next.remove(at));
        }
        self.follow(from, p, cost, last, step);
    }

    #[inline]
    fn follow(&mut self, from: &Reading, p: PatId, cost: u32, last: u32, step: Option<Step>) {
        // Nobody reads more of the only reading than these.
        let more = !self.single || self.log.steps.len() < ENOUGH;
        let step = match step.filter(|_| more) {
            Some(s) => self.log.push(from.step, s),
            None => from.step,
        };
        self.next.push(Reading { p, cost, last, step });
    }

    /// True where a reading of that cost would be pruned, whatever else comes.
    pub fn is_hopeless(&self, cost: u32) -> bool {
        let costs = || self.next.iter().map(|r| r.cost);
        costs().min().is_some_and(|best| cost > best + MARGIN)
            || self.next.len() >= BEAM && costs().max().is_some_and(|dearest| cost >= dearest)
    }

    fn prune(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
        self.next.clear();
        if self.now.len() > 1 {
            self.now.sort_by_key(|r| r.cost);
            let best = self.now.first().map_or(0, |r| r.cost);
            self.now.retain(|r| r.cost <= best + MARGIN);
            let spent = self.judge.purse.is_empty();
            self.now.truncate(if spent { 1 } else { BEAM });
        }
    }

    /// True where just two children have the name: then one may be another by a wrong name.
    fn is_twin(&self, child: NodeId) -> bool {
        let name = self.judge.tree.node(child).name.0 as usize;
        self.memo.counts.get(name) == Some(&2)
    }

    fn child(&mut self, r: &Reading, child: NodeId) {
        let q = self.judge.after_child(r.p, child);
        let back = |e: u32| u32::from(e < r.last);
        if q != NOT_ALLOWED {
            let e = self.judge.fitting(child).first().copied().unwrap_or(r.last);
            self.push(r, q, back(e), e, None);
            if self.is_twin(child) {
                self.twin(r, child);
            } else {
                self.stands_in_place(r, child, e);
            }
            if !self.judge.knows_element(child) && !self.judge.purse.is_empty() {
                self.slip(r, child);
            }
            if self.early {
                self.push(r, r.p, self.early_price(child), r.last, Some(Step::Early(child)));
            }
            return;
        }
        if self.judge.candidates(child).len() > 1 {
            let all = self.judge.matcher.leaves(self.whole);
            self.judge.note_rivals(child, &all.elements);
        }
        self.judge.purse.spend(10);
        let options = self.memo.options(self.judge, r.p, child);
        let spent = self.judge.purse.is_empty();
        if let ([(e, q)], []) = (&*options.own, &*options.likely) {
            // However badly it fits, it is nothing else.
            let simple = self.single
                && self.judge.is_simple(child, *e)
                && !self.is_twin(child)
                && (spent || !self.judge.is_bare(child, *e));
            if simple && !self.bars_next(r.p, child, &options) {
                self.push(r, *q, back(*e), *e, Some(Step::Keep(child, *e, NOT_ALLOWED)));
                return;
            }
        }
        let mut kept = u32::MAX;
        // A name that only any name takes, and that is near another, is hardly meant.
        let near = options.likely.iter().any(|l| l.1.is_some());
        let odd = if near && !options.own.is_empty() && !self.judge.knows_element(child) {
            cost::ODD
        } else {
            0
        };
        // Where nothing in it belongs to an element that only any name takes, it hardly belongs there itself.
        let alien = !spent
            && !options.own.is_empty()
            && !self.judge.knows_element(child)
            && self.judge.is_of_others(child)
            && options.own.iter().all(|o| self.judge.is_bare(child, o.0));
        let least = if alien { cost::DROP + 1 } else { 0 };
        for &(e, q) in &options.own {
            let misfit = (self.judge.misfit(child, e) + odd).max(least);
            kept = kept.min(misfit);
            let behind = self.judge.behind_attributes(child, e);
            self.push(r, q, misfit + back(e), e, Some(Step::Keep(child, e, behind)));
        }
        if self.judge.purse.is_empty() && kept != u32::MAX {
            return;
        }
        let twin = kept != u32::MAX && self.is_twin(child);
        if kept <= cost::NEAR && !twin {
            return;
        }
        // Another name altogether is only thought of where it may save a second repair.
        let bars = kept != u32::MAX && self.bars_next(r.p, child, &options);
        let worth = kept.saturating_add(if bars { cost::DROP } else { 0 });
        let own = options.own.first().filter(|_| !twin);
        let bare = kept != u32::MAX && options.own.iter().all(|o| self.judge.is_bare(child, o.0));
        if twin || kept != u32::MAX && (bare || worth > cost::FAR) {
            let mut looked = 0;
            // Of very many others those that have what is strange here.
            let strange = own.and_then(|o| self.judge.strange_attribute(child, o.0));
            for (at, other) in (0u32..).zip(options.next.list.iter()) {
                if options.own.iter().any(|o| o.0 == other.e) {
                    continue;
                }
                let near = options.likely.iter().find(|l| l.0 == at).and_then(|l| l.1);
                let far = near.is_none()
                    && looked < STRANGE
                    && strange.is_none_or(|name| self.judge.takes(other.e, name))
                    && (!bare || self.judge.holds_child_of(child, other.e, kept));
                looked += usize::from(far);
                let far = far.then(|| {
                    let meant = bare
                        && self.judge.misfit(child, other.e) <= 1
                        && self.judge.tells_enough(child, other.e, strange);
                    if meant { cost::BARE } else { cost::FAR }
                });
                self.rename(r, child, other, near, far, worth, twin);
            }
        } else {
            for &(at, near) in &options.likely {
                if let Some(other) = options.next.list.get(at as usize) {
                    self.rename(r, child, other, near, None, kept, twin);
                }
            }
        }
        // Nothing is wrong with it but that others by its name should come here.
        let other = kept != u32::MAX
            && kept >= cost::OF_ANOTHER
            && self.judge.has_rivals(child)
            && !self.judge.fitting(child).is_empty();
        if options.own.is_empty() || other || alien {
            self.insert_before(r, child, &options);
            // A name that nothing has and that is near to one that may stand here is a slip, whatever else is wrong.
            let slip = options.likely.iter().any(|l| l.1.is_some()) && !self.judge.knows_element(child);
            let price = match slip {
                true => 2 * cost::DROP,
                false if self.repeats(child) => cost::REPEATED,
                false => cost::DROP,
            };
            self.push(r, r.p, price, r.last, Some(Step::Drop(child, r.p)));
        }
    }

    /// True where an element is written as the one before it.
    fn repeats(&mut self, child: NodeId) -> bool {
        let tree = self.judge.tree;
        let written = |id: NodeId| tree.node(id).span.of(tree.text());
        let (this, before) = (written(child), self.before.map_or("", written));
        if this.len() != before.len() {
            return false;
        }
        self.judge.purse.spend(this.len() / 64);
        this == before
    }

    /// True where the next element could stand in a child's place, and not after one that is taken for what its name says.
    fn bars_next(&mut self, p: PatId, child: NodeId, options: &Options) -> bool {
        let tree = self.judge.tree;
        let mut next = std::iter::successors(tree.node(child).next_sibling, |&n| tree.node(n).next_sibling);
        let Some(next) = next.find(|&n| tree.node(n).kind == NodeKind::Element) else {
            return false;
        };
        let name = self.judge.symbol(tree.node(next).name);
        // A second one by the same name tells nothing.
        if tree.node(next).name == tree.node(child).name
            || self.judge.matcher.after_name(p, name) == NOT_ALLOWED
        {
            return false;
        }
        let mut after = options
            .own
            .iter()
            .map(|&(_, q)| self.judge.matcher.after_name(q, name));
        after.all(|q| q == NOT_ALLOWED)
    }

    /// False where a misfit says that an element has no fault but its name.
    pub fn is_doubtful(&self, child: NodeId, misfit: u32) -> bool {
        misfit > 1 || self.judge.tree.node(child).first_child.is_some()
    }

    /// A name that only any name takes may be a slip of one that may stand here; where something must come, a name without
    /// its prefix may be what is missing.
    fn slip(&mut self, r: &Reading, child: NodeId) {
        let options = self.memo.options(self.judge, r.p, child);
        let bare = self
            .judge
            .tree
            .name(self.judge.tree.node(child).name)
            .namespace
            .is_empty();
        if bare && !self.judge.matcher.patterns.nullable(r.p) {
            let others = options.next.list.iter().take(STRANGE);
            let mut others = others.filter(|n| !n.namespace.is_empty());
            if let Some(other) = others.find(|n| self.judge.misfit(child, n.e) <= 1) {
                let step = Step::Rename(child, other.e, other.at, self.is_doubtful(child, 1), None);
                self.push(r, other.rest, cost::IN_PLACE, other.e, Some(step));
            }
        }
        for &(at, near) in &options.likely {
            if let (Some(other), Some(d)) = (options.next.list.get(at as usize), near) {
                let misfit = self.judge.misfit(child, other.e);
                let doubtful = self.is_doubtful(child, misfit);
                let step = Step::Rename(child, other.e, other.at, doubtful, Some(true));
                self.push(r, other.rest, cost::NEAR + d + misfit, other.e, Some(step));
            }
        }
    }

    /// What it costs to take an element away for the sake of what follows: it is the intruder where it does not begin its
    /// line, as others do, and as one of several lines does.
    fn early_price(&self, child: NodeId) -> u32 {
        let tree = self.judge.tree;
        let mut next = std::iter::successors(tree.node(child).next_sibling, |&n| tree.node(n).next_sibling);
        let next = next.find(|&n| tree.node(n).kind == NodeKind::Element);
        let others_do = || match next {
            Some(next) => begins_line(tree, next),
            None => tree.node(child).span.of(tree.text()).contains('\n'),
        };
        if !begins_line(tree, child) && others_do() {
            cost::DROP - 1
        } else {
            cost::DROP + 1
        }
    }

    fn text(&mut self, r: &Reading, owner: NodeId, text: &str, span: Option<Span>, only: bool) {
        let q = self.judge.after_text(r.p, owner, text, only);
        let has_data = self.judge.matcher.has_data(r.p);
        let fine = q != NOT_ALLOWED && !(only && has_data && !self.judge.matcher.patterns.nullable(q));
        match span {
            _ if fine => {
                self.push(r, q, 0, r.last, None);
                if let Some(s) = span.filter(|_| self.early && q != r.p) {
                    self.push(r, r.p, cost::DROP - 1, r.last, Some(Step::Text(s)));
                }
            }
            Some(s) if has_data => {
                let text = text.trim();
                let other = text != s.of(self.judge.tree.text());
                let given = other.then(|| self.log.give(text)).flatten();
                let step = Step::Value(s, r.p, given);
                self.push(r, EMPTY, cost::VALUE, r.last, Some(step));
            }
            Some(s) => {
                self.push(r, r.p, cost::DROP, r.last, Some(Step::Text(s)));
                self.insert_before_text(r, owner, text, only);
            }
            None => self.push(r, r.p, 0, r.last, None),
        }
    }

    fn each(&mut self, mut step: impl FnMut(&mut Self, &Reading)) {
        let mut now = std::mem::take(&mut self.now);
        self.single = now.len() == 1;
        for r in &now {
            step(self, r);
        }
        now.clear();
        self.now = now;
        if self.next.len() == 1 {
            // Nothing is dearer than the only one.
            std::mem::swap(&mut self.now, &mut self.next);
        } else {
            self.prune();
        }
        self.log.tidy(&mut self.now);
    }
}

/// The cheapest steps that make the content of `id` fit `p`, in the order of the text; in place of those of `out`.
pub fn align(judge: &mut Judge<'_>, memo: &mut Memo, id: NodeId, p: PatId, out: &mut Steps) {
    let tree = judge.tree;
    out.log.clear();
    out.order.clear();
    if tree.node(id).first_child.is_none() {
        if judge.matcher.patterns.nullable(p) {
            return;
        }
        // No value is looked for, so that only what is missing counts.
        if !judge.matcher.has_data(p) {
            return nothing(&memo.ending(judge, p), out);
        }
    }
    if value_alone(judge, id, p, &mut out.log) {
        out.order.extend((!out.log.steps.is_empty()).then_some(1));
        return;
    }
    let price = read(judge, memo, id, p, false, out);
    // Where something cannot stand after what came before, what came before may be the fault.
    let late = |s: &Step| matches!(s, Step::Drop(..) | Step::Text(_));
    if !judge.purse.is_empty()
        && out.len() <= FEW
        && out.iter().any(late)
        && tree.elements(id).nth(MANY).is_none()
    {
        let mut others = Steps::default();
        if read(judge, memo, id, p, true, &mut others) < price {
            *out = others;
        }
    }
}

/// Where more is wrong with one element's children, or where it has more of them, they are read once.
const FEW: usize = 64;
const MANY: usize = 1000;

/// The cheapest steps into `out`, which has none, and what they cost; `early` where what fits may be taken away too.
fn read(judge: &mut Judge<'_>, memo: &mut Memo, id: NodeId, p: PatId, early: bool, out: &mut Steps) -> u32 {
    let tree = judge.tree;
    let Steps { log, order } = out;
    let start = Reading {
        p,
        cost: 0,
        last: 0,
        step: 0,
    };
    let mut count = 0;
    for child in tree.elements(id) {
        count += 1;
        if let Some(n) = memo.counts.get_mut(tree.node(child).name.0 as usize) {
            *n += 1;
        }
    }
    judge.purse.spend(200 + 5 * count);
    let only = count == 0;
    let mut now = std::mem::take(&mut memo.now);
    now.push(start);
    let next = std::mem::take(&mut memo.next_ones);
    let mut a = Aligner {
        judge,
        memo,
        log,
        now,
        next,
        single: true,
        early,
        before: None,
        whole: p,
    };
    let (mut text, mut span): (String, Option<Span>) = (std::mem::take(&mut a.memo.text), None);
    text.clear();
    for child in tree.children(id) {
        let node = tree.node(child);
        match node.kind {
            NodeKind::Text | NodeKind::CData => {
                if only || !node.blank {
                    text.push_str(&tree.text_value(child));
                }
                if !node.blank {
                    let own = node.span.trimmed(tree.text());
                    span = Some(span.map_or(own, |s| s.cover(own)));
                }
            }
            NodeKind::Element => {
                if let Some(s) = span.take() {
                    a.each(|a, r| a.text(r, id, &text, Some(s), false));
                    text.clear();
                }
                a.each(|a, r| a.child(r, child));
                a.before = Some(child);
            }
            _ => {}
        }
    }
    if only || span.is_some() {
        a.each(|a, r| a.text(r, id, &text, span, only));
    }
    let all = std::mem::take(&mut a.now);
    all.iter().for_each(|r| a.finish(r));
    a.now = all;
    a.now.clear();
    a.prune();
    let (mut at, price) = a.now.first().map_or((0, u32::MAX), |r| (r.step, r.cost));
    while let Some((before, _)) = a.log.at(at) {
        order.push(at);
        at = *before;
    }
    a.memo.text = text;
    let (mut now, mut next) = (a.now, a.next);
    now.clear();
    next.clear();
    (memo.now, memo.next_ones) = (now, next);
    // Whichever is quicker.
    if count > memo.counts.len() / 8 {
        memo.counts.fill(0);
    } else {
        for child in tree.elements(id) {
            if let Some(n) = memo.counts.get_mut(tree.node(child).name.0 as usize) {
                *n = 0;
            }
        }
    }
    price
}
