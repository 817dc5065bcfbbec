//! The children of one element: the steps of the cheapest reading in words, with their fixes.

use std::sync::Arc;

use crate::diagnostic::{Edit, FileId, Fix};
use crate::grammar::pattern::PatId;
use crate::syntax::NodeId;
use crate::text::Span;
use crate::words::Words;

use super::super::label::Spelling;
use super::super::words::{self, Tick};
use super::align::{Step, align};
use super::memo::plain_name;
use super::texts::{Kind, join, short, tag};
use super::{Reporter, error, fixes};

impl Reporter<'_, '_> {
    /// Judges the content of an element that should fit `p`.
    pub(super) fn children(&mut self, id: NodeId, p: PatId) {
        let steps = align(self.judge, &mut self.memo, id, p);
        let tree = self.judge.tree;
        let dropped = steps.iter().any(|s| matches!(s, Step::Drop(..)));
        self.out.reserve(steps.len().min(self.most));
        for step in steps.iter().cloned() {
            if self.out.len() >= self.most {
                return;
            }
            match step {
                Step::Keep(child, e) => self.work.push((child, e)),
                Step::Rename(child, e, doubtful, near) => {
                    self.renamed(id, child, e, near);
                    if doubtful {
                        self.work.push((child, e));
                    }
                }
                Step::Drop(child, open) => self.dropped(id, child, open, p),
                Step::Early(child) => self.early(id, child),
                // Where any of many names would do, what was put there instead is the one fault.
                Step::Insert(e, _) if dropped && plain_name(self.judge.grammar, e).is_none() => {}
                Step::Incomplete(_) if dropped => {}
                Step::Insert(e, before) => self.missing_element(id, e, before),
                Step::Text(span) => {
                    let say = &mut self.memo.texts;
                    let message = say.say(true, Kind::NoText, tree.node(id).name.0, 0, || {
                        join(&["text cannot stand in `<", &short(tree.local(id)), ">`"])
                    });
                    let mut d = error("unexpected-text", span, message);
                    d.fixes = vec![Fix {
                        title: say.say(true, Kind::NoText, u32::MAX, 0, || "remove the text".into()),
                        edits: vec![Edit {
                            span,
                            new_text: Words::default(),
                        }],
                        safe: false,
                    }];
                    self.out.push(d);
                }
                Step::Value(span, value) => {
                    let whole = self.span(id).cover(span);
                    let what = (true, tree.node(id).name, tree.local(id));
                    self.bad_value(what, value.0.trim(), whole, span, &[value.1]);
                }
                Step::Incomplete(open) => self.incomplete(id, open),
            }
        }
    }

    fn renamed(&mut self, parent: NodeId, child: NodeId, e: u32, near: Option<bool>) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let name = tree.local(child);
        let Some(new) = plain_name(g, e) else { return };
        let (span, id) = (self.span(child), tree.node(child).name);
        let keep = self.memo.recurs(id);
        let spelling = self.judge.spelling(child, e);
        let texts = &mut self.memo.texts;
        let mut d = if !self.judge.knows_element(child) {
            let message = texts.say(keep, Kind::NoElement, id.0, 0, || {
                join(&["there is no element `<", &short(name), ">`"])
            });
            error("unknown-element", span, message)
        } else {
            let message = texts.say(keep, Kind::NotHere, id.0, tree.node(parent).name.0, || {
                let owner = short(tree.local(parent));
                join(&["`<", &short(name), ">` does not fit here in `<", &owner, ">`"])
            });
            error("misplaced-element", span, message)
        };
        let whole = match &spelling {
            // In its own namespace the prefix stays as it is written.
            Spelling::Same => None,
            Spelling::Whole(name) => Some(name),
            Spelling::None => {
                let label = join(&["expected `<", new, ">` of another namespace"]);
                self.out.push(d.label(label));
                return;
            }
        };
        let (plain, shown) = (whole.is_none(), whole.unwrap_or(new));
        d.label = texts.say(plain, Kind::MeantElement, e, 0, || {
            join(&["did you mean `<", shown, ">`?"])
        });
        let title = texts.say(plain, Kind::RenameElement, e, 0, || {
            join(&["rename to `", shown, "`"])
        });
        let near = near.unwrap_or_else(|| self.memo.is_near(keep, id, name, new, e));
        d.fixes = vec![fixes::rename(tree, child, shown.clone(), !plain, title, near)];
        self.out.push(d);
    }

    fn dropped(&mut self, parent: NodeId, child: NodeId, open: PatId, whole: PatId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let name = tree.local(child);
        let (own, owner) = (tree.node(child).name, tree.node(parent).name);
        let keep = self.memo.recurs(own);
        let candidates = self.judge.candidates(child);
        let allowed = self.judge.matcher.leaves(whole);
        let names = |list: &[u32]| -> Vec<Arc<str>> {
            list.iter().filter_map(|&e| plain_name(g, e).cloned()).collect()
        };
        let texts = &mut self.memo.texts;
        let remove = texts.say(keep, Kind::RemoveElement, own.0, 0, || {
            join(&["remove `<", &short(name), ">`"])
        });
        if candidates.is_empty() {
            let message = texts.say(keep, Kind::NoElement, own.0, 0, || {
                join(&["there is no element `<", &short(name), ">`"])
            });
            let mut d = error("unknown-element", self.judge.tree.node(child).name_span, message);
            d.label = texts.say(true, Kind::MayHold, whole.0, owner.0, || {
                let all = names(&allowed.elements);
                if all.is_empty() {
                    return String::new();
                }
                let list = words::list(&all, Tick::Tag, "and");
                join(&[&tag(tree.local(parent)), " may hold ", &list])
            });
            d.fixes = vec![fixes::remove(tree, child, remove)];
            self.out.push(d);
            return;
        }
        // Under its own name it is judged where it stands, so that a second fault deep within is not lost.
        if self.judge.fitting(child).is_empty() {
            let mut own = candidates.iter().copied();
            let e = own.find(|&e| self.judge.misfit(child, e) <= 1);
            self.work.extend(e.map(|e| (child, e)));
        }
        let here = allowed.elements.iter().any(|e| candidates.contains(e));
        let twin = self.memo.first_named(tree, parent, own);
        if let Some((first, count)) = twin.filter(|&(first, _)| here && first < child) {
            // Where there are more than two, the first is blamed for none of the others.
            let (bad, good) = if count == 2 {
                self.blame(first, child)
            } else {
                (child, first)
            };
            let words = if bad == child {
                "first given here"
            } else {
                "given here"
            };
            let texts = &mut self.memo.texts;
            let message = texts.say(true, Kind::Given, own.0, owner.0, || {
                join(&[
                    "`<",
                    &short(name),
                    ">` is already given in ",
                    &tag(tree.local(parent)),
                ])
            });
            let mut d = error("duplicate-element", tree.node(bad).name_span, message);
            d.label = texts.say(true, Kind::HoldsOnce, owner.0, 0, || {
                join(&[&tag(tree.local(parent)), " holds it once"])
            });
            let words = texts.say(true, Kind::Given, u32::MAX, u32::from(bad == child), || {
                words.into()
            });
            d = d.note(FileId::default(), tree.node(good).name_span, words);
            d.fixes = vec![fixes::remove(tree, bad, remove)];
            self.out.push(d);
            return;
        }
        let texts = &mut self.memo.texts;
        let message = texts.say(keep, Kind::CannotStand, own.0, owner.0, || {
            join(&[
                "`<",
                &short(name),
                ">` cannot stand here in ",
                &tag(tree.local(parent)),
            ])
        });
        let mut d = error("misplaced-element", tree.node(child).name_span, message);
        if here {
            let first = self.judge.matcher.first(open);
            d.label = texts.say(true, Kind::Expected, open.0, 0, || {
                let next = names(&first);
                if next.is_empty() {
                    return "nothing may follow here".into();
                }
                join(&["expected ", &words::list(&next, Tick::Tag, "or")])
            });
        } else {
            d.label = texts.say(true, Kind::StandsIn, self.judge.symbol(own).0, 0, || {
                let parents = g.parents(name);
                if parents.is_empty() {
                    return String::new();
                }
                join(&["it stands in ", &words::list(&parents, Tick::Tag, "and")])
            });
            d.fixes.extend(self.places.move_away(self.judge, texts, child));
        }
        d.fixes.push(fixes::remove(tree, child, remove));
        self.out.push(d);
    }

    /// An element that could stand here, were it not for all that follow.
    fn early(&mut self, parent: NodeId, child: NodeId) {
        let tree = self.judge.tree;
        let (name, owner) = (tag(tree.local(child)), tag(tree.local(parent)));
        let message = join(&[&name, " cannot stand here in ", &owner]);
        let d = error("misplaced-element", self.span(child), message).label("what follows stands before it");
        let title = join(&["remove ", &name]);
        self.out.push(d.fix(fixes::remove(tree, child, title.into())));
    }

    /// Which of two that exclude each other is the intruder: the second, unless only the first is out of the layout.
    fn blame(&self, first: NodeId, second: NodeId) -> (NodeId, NodeId) {
        let tree = self.judge.tree;
        if !fixes::begins_line(tree, first) && fixes::begins_line(tree, second) {
            (first, second)
        } else {
            (second, first)
        }
    }

    fn missing_element(&mut self, id: NodeId, e: u32, before: Option<NodeId>) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let owner = tree.node(id).name;
        let texts = &mut self.memo.texts;
        let message = texts.say(true, Kind::NeedsElement, owner.0, e, || {
            let name = plain_name(g, e).map_or("*", |n| n);
            join(&[&tag(tree.local(id)), " needs the element `<", name, ">`"])
        });
        let mut d = error("missing-element", self.span(id), message);
        if let Some(b) = before {
            d = d.note(FileId::default(), self.span(b), "it stands before this");
        }
        d.fixes
            .extend(self.inserts.insert(self.judge, &mut self.memo, id, e, before));
        self.out.push(d);
    }

    fn incomplete(&mut self, id: NodeId, open: PatId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let (at, owner): (Span, _) = (self.span(id), tree.node(id).name);
        let first = self.judge.matcher.first(open);
        let names: Vec<Arc<str>> = first.iter().filter_map(|&e| plain_name(g, e).cloned()).collect();
        let listed = self.judge.matcher.listed(g, open);
        let texts = &mut self.memo.texts;
        let mut d = if names.is_empty() {
            let message = texts.say(true, Kind::NeedsElement, owner.0, u32::MAX, || {
                join(&[&tag(tree.local(id)), " needs text"])
            });
            error("missing-text", at, message)
        } else {
            let message = texts.say(true, Kind::NeedsElement, owner.0, u32::MAX - 1, || {
                join(&[&tag(tree.local(id)), " is not complete"])
            });
            error("missing-element", at, message)
        };
        d.label = texts.say(true, Kind::Expected, open.0, 1, || {
            let values: Vec<&str> = listed.values.iter().map(|v| &*v.0).collect();
            match (names.is_empty(), values.is_empty()) {
                (false, _) => join(&["expected ", &words::list(&names, Tick::Tag, "or")]),
                (true, false) => join(&["expected ", &words::list(&values, Tick::Word, "or")]),
                (true, true) => String::new(),
            }
        });
        self.out.push(d);
    }
}
