//! The children of one element: the steps of the cheapest reading in words, with their fixes.

use std::borrow::Cow;

use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::noted::{Line, More, Note, Phrase};
use crate::syntax::{NameId, NodeId};
use crate::text::Span;

use super::super::label::Spelling;
use super::super::words::{self, Tick};
use super::align::align;
use super::fit::cost;
use super::memo::{name_at, plain_name, plain_names};
use super::steps::{Step, Steps};
use super::texts::{Kind, Texts, put, short, tag};
use super::{RENAME, Reporter, fixes};

/// So many other elements are thought of.
const MANY: usize = 64;

impl<'a> Reporter<'_, 'a> {
    /// Judges the content of an element that should fit `p`.
    pub(super) fn children(&mut self, id: NodeId, e: u32, p: PatId) {
        let tree = self.judge.tree;
        if tree.node(id).first_child.is_none() && self.judge.matcher.patterns.nullable(p) {
            return;
        }
        let mut steps = std::mem::take(&mut self.steps);
        align(self.judge, &mut self.memo, id, p, &mut steps);
        if !self.is_of_another_kind(id, e, p, &steps) {
            self.tell(id, p, &steps);
        }
        self.steps = steps;
    }

    fn tell(&mut self, id: NodeId, p: PatId, steps: &Steps) {
        let tree = self.judge.tree;
        let dropped = steps.iter().any(|s| matches!(s, Step::Drop(..)));
        self.memo.texts.notes.reserve(steps.len().min(self.most));
        for step in steps.iter() {
            if self.is_full() {
                return;
            }
            match step {
                &Step::Keep(child, e, behind) => self.work.push((child, e, behind)),
                &Step::Rename(child, e, at, doubtful, near) => {
                    self.renamed(id, child, (e, at), near);
                    if doubtful && !self.is_foreign(child, e) {
                        self.work.push((child, e, NOT_ALLOWED));
                    }
                }
                &Step::Drop(child, open) => self.dropped(id, child, open, p),
                &Step::Early(child) => self.early(id, child),
                // Where any of many names would do, what was put there instead is the one fault.
                &Step::Insert(e, _) if dropped && plain_name(self.judge.grammar, e).is_none() => {}
                Step::Incomplete(_) if dropped => {}
                &Step::Insert(e, before) => self.missing_element(id, e, before),
                &Step::Text(span) => {
                    let texts = &mut self.memo.texts;
                    let owner = tree.node(id).name;
                    let message = |t: &mut String| {
                        put(t, &["text cannot stand in `<", &short(tree.local(id)), ">`"]);
                    };
                    let title = |t: &mut String| put(t, &["remove the text"]);
                    let [message, title] = texts.say_both(true, Kind::NoText, owner.0, 0, message, title);
                    texts.notes.fix(title, false, &[(span, Line::default())]);
                    self.add(Note::new("unexpected-text", span, message));
                }
                Step::Value(span, p, other) => {
                    let whole = self.span(id).cover(*span);
                    let what = (Kind::ValueOfElement, tree.node(id).name.0, tree.local(id));
                    let given = match *other {
                        Some(at) => Cow::Owned(steps.given(at).to_owned()),
                        None => Cow::Borrowed(span.of(tree.text())),
                    };
                    self.bad_value(what, given, whole, *span, &[*p]);
                }
                &Step::Incomplete(open) => self.incomplete(id, open),
            }
        }
    }

    /// True where an element has the name of a pattern in another namespace alone, and hardly what it takes: what that
    /// lacks is no fault of the text.
    fn is_foreign(&mut self, child: NodeId, e: u32) -> bool {
        let given = self.judge.tree.name(self.judge.tree.node(child).name);
        let wanted = self
            .judge
            .grammar
            .elements
            .get(e as usize)
            .and_then(|x| x.names.first());
        let apart = wanted.is_some_and(|n| n.local == given.local && n.namespace != given.namespace);
        apart && self.judge.misfit(child, e) >= cost::NEW_ATTRIBUTE
    }

    fn renamed(&mut self, parent: NodeId, child: NodeId, (e, at): (u32, u16), near: Option<bool>) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let name = tree.local(child);
        let Some(wanted) = name_at(g, e, at) else {
            return;
        };
        let new = &*wanted.local;
        let (span, id) = (self.span(child), tree.node(child).name);
        let keep = self.memo.recurs(id);
        let spelling = self.judge.spelling(child, wanted);
        let known = self.judge.knows_element(child);
        let texts = &mut self.memo.texts;
        let mut note = if !known {
            let message = no_element(texts, keep, id, name, span);
            Note::new("unknown-element", span, message)
        } else {
            let key = (Kind::NotHere, id.0, tree.node(parent).name.0);
            let message = texts.about(keep, key, name, span, |t, name| {
                let owner = short(tree.local(parent));
                put(t, &["`<", name, ">` does not fit here in `<", &owner, ">`"]);
            });
            Note::new("misplaced-element", span, message)
        };
        let whole = match &spelling {
            // In its own namespace the prefix stays as it is written.
            Spelling::Same => None,
            Spelling::Whole(name) => Some(name),
            Spelling::None => {
                note.label = texts.line(&["expected `<", new, ">` of another namespace"]);
                self.add(note);
                return;
            }
        };
        let (plain, shown) = (whole.is_none(), whole.map_or(new, |name| name));
        let label = |t: &mut String| put(t, &["did you mean `<", shown, ">`?"]);
        let title = |t: &mut String| put(t, &[RENAME, shown, "`"]);
        let [label, title] = texts.say_both(plain, Kind::MeantElement, e, u32::from(at), label, title);
        note.label = label;
        let near = near.unwrap_or_else(|| self.memo.is_near(keep, id, name, new, e));
        let texts = &mut self.memo.texts;
        let both = (title, title.within(RENAME.len(), 1));
        fixes::rename(texts, tree, child, both, !plain, near);
        self.add(note);
    }

    fn dropped(&mut self, parent: NodeId, child: NodeId, open: PatId, whole: PatId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let name = tree.local(child);
        let (own, owner) = (tree.node(child).name, tree.node(parent).name);
        let keep = self.memo.recurs(own);
        let texts = &mut self.memo.texts;
        let at = tree.node(child).name_span;
        let key = (Kind::RemoveElement, own.0, 0);
        let remove = texts.about(keep, key, name, at, |t, name| {
            put(t, &["remove `<", name, ">`"]);
        });
        if self.judge.candidates(child).is_empty() {
            let message = no_element(texts, keep, own, name, at);
            let mut note = Note::new("unknown-element", at, message);
            let spent = self.judge.purse.is_empty();
            self.judge.purse.spend(20);
            let matcher = &mut self.judge.matcher;
            note.label = texts.say(true, Kind::MayHold, whole.0, owner.0, |t| {
                if spent {
                    return;
                }
                let all = plain_names(g, &matcher.leaves(whole).elements);
                if !all.is_empty() {
                    let list = words::list(&all, Tick::Tag, "and");
                    put(t, &[&tag(tree.local(parent)), " may hold ", &list]);
                }
            });
            fixes::remove(texts, tree, child, remove);
            self.add(note);
            return;
        }
        let candidates = self.judge.candidates_kept(child);
        // Under its own name it is judged where it stands, so that a second fault within is not lost.
        let holds = !tree.attrs(child).is_empty() || tree.elements(child).next().is_some();
        if holds && self.judge.fitting(child).is_empty() {
            let mut own = candidates.iter().copied();
            let e = own.find(|&e| self.judge.misfit(child, e) <= 1);
            self.work.extend(e.map(|e| (child, e, NOT_ALLOWED)));
        }
        let allowed = self.judge.matcher.leaves(whole);
        let here = allowed.elements.iter().any(|e| candidates.contains(e));
        let twin = self.memo.first_named(tree, parent, own);
        if let Some((first, count)) = twin.filter(|&(first, _)| here && first < child) {
            // Where there are more than two, the first is blamed for none of the others.
            let (bad, good) = if count == 2 {
                self.blame(first, child, whole)
            } else {
                (child, first)
            };
            let words = if bad == child {
                "first given here"
            } else {
                "given here"
            };
            let texts = &mut self.memo.texts;
            let message = |t: &mut String| {
                let owner = tag(tree.local(parent));
                put(t, &["`<", &short(name), ">` is already given in ", &owner]);
            };
            let label = |t: &mut String| put(t, &[&tag(tree.local(parent)), " holds it once"]);
            let [message, label] = texts.say_both(true, Kind::Given, own.0, owner.0, message, label);
            let mut note = Note::new("duplicate-element", tree.node(bad).name_span, message);
            note.label = label;
            let words = texts.say(true, Kind::Given, u32::MAX, u32::from(bad == child), |t| {
                put(t, &[words]);
            });
            let other = More::Beside(tree.node(good).name_span, words);
            texts.notes.say_more(&mut note, other);
            fixes::remove(texts, tree, bad, remove);
            self.add(note);
            return;
        }
        let texts = &mut self.memo.texts;
        let key = (Kind::CannotStand, own.0, owner.0);
        let message = texts.about(keep, key, name, at, |t, name| {
            let owner = tag(tree.local(parent));
            put(t, &["`<", name, ">` cannot stand here in ", &owner]);
        });
        let mut note = Note::new("misplaced-element", at, message);
        if here {
            let first = self.judge.matcher.first(open);
            note.label = texts.say(true, Kind::Expected, open.0, 0, |t| {
                let next = plain_names(g, &first);
                if next.is_empty() {
                    put(t, &["nothing may follow here"]);
                } else {
                    put(t, &["expected ", &words::list(&next, Tick::Tag, "or")]);
                }
            });
        } else {
            note.label = texts.say(true, Kind::StandsIn, self.judge.symbol(own).0, 0, |t| {
                let named = candidates.iter().copied();
                let named: Vec<u32> = named.filter(|&e| self.judge.is_named(child, e)).collect();
                let parents = g.holders(&named);
                if !parents.is_empty() {
                    put(t, &["it stands in ", &words::list(&parents, Tick::Tag, "and")]);
                }
            });
            // What only any name takes belongs nowhere by its own.
            if self.judge.knows_element(child) {
                self.places.move_away(self.judge, texts, child);
            }
        }
        fixes::remove(texts, tree, child, remove);
        self.add(note);
    }

    /// An element that could stand here, were it not for all that follow.
    fn early(&mut self, parent: NodeId, child: NodeId) {
        let tree = self.judge.tree;
        let (name, owner) = (tag(tree.local(child)), tag(tree.local(parent)));
        let texts = &mut self.memo.texts;
        let message = texts.line(&[&name, " cannot stand here in ", &owner]);
        let mut note = Note::new("misplaced-element", tree.node(child).name_span, message);
        note.label = texts.line(&["what follows stands before it"]);
        let title = texts.line(&["remove ", &name]);
        fixes::remove(texts, tree, child, title);
        self.add(note);
    }

    /// Which of two that exclude each other is the intruder: the second, unless only the first is out of the layout, or
    /// the second is sound and only the value of the first is that of another element that `whole` has.
    fn blame(&mut self, first: NodeId, second: NodeId, whole: PatId) -> (NodeId, NodeId) {
        let tree = self.judge.tree;
        let apart = !fixes::begins_line(tree, first) && fixes::begins_line(tree, second);
        let sound = self.judge.is_sound(second);
        let mut of_another = |id| self.is_value_of_another(id, whole);
        if apart || sound && of_another(first) && !of_another(second) {
            (first, second)
        } else {
            (second, first)
        }
    }

    /// True where an element is a value alone, and one that another element takes where its own takes any.
    fn is_value_of_another(&mut self, id: NodeId, whole: PatId) -> bool {
        let tree = self.judge.tree;
        if self.judge.purse.is_empty() || !tree.attrs(id).is_empty() || tree.elements(id).next().is_some() {
            return false;
        }
        let own = self.judge.candidates_kept(id);
        let allowed = self.judge.matcher.leaves(whole);
        let mut others = allowed.elements.iter().filter(|e| !own.contains(e)).take(MANY);
        others.any(|&e| {
            let content = self.judge.content(e);
            self.judge.purse.spend(20);
            self.judge.matcher.has_data(content) && self.judge.misfit(id, e) <= 1
        })
    }

    fn missing_element(&mut self, id: NodeId, e: u32, before: Option<NodeId>) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let owner = tree.node(id).name;
        let texts = &mut self.memo.texts;
        let message = texts.say(true, Kind::NeedsElement, owner.0, e, |t| {
            let name = plain_name(g, e).map_or("*", |n| n);
            put(t, &[&tag(tree.local(id)), " needs the element `<", name, ">`"]);
        });
        let mut note = Note::new("missing-element", tree.node(id).name_span, message);
        if let Some(b) = before {
            let words = texts.say(true, Kind::Given, u32::MAX, u32::MAX, |t| {
                put(t, &["it stands before this"]);
            });
            let other = More::Beside(tree.node(b).name_span, words);
            texts.notes.say_more(&mut note, other);
        }
        self.inserts.insert(self.judge, &mut self.memo, id, e, before);
        self.add(note);
    }

    fn incomplete(&mut self, id: NodeId, open: PatId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let (at, owner): (Span, _) = (self.span(id), tree.node(id).name);
        let first = self.judge.matcher.first(open);
        let names = plain_names(g, &first);
        let listed = self.judge.matcher.listed(g, open);
        let texts = &mut self.memo.texts;
        let mut note = if names.is_empty() {
            let message = texts.say(true, Kind::NeedsElement, owner.0, u32::MAX, |t| {
                put(t, &[&tag(tree.local(id)), " needs text"]);
            });
            Note::new("missing-text", at, message)
        } else {
            let message = texts.say(true, Kind::NeedsElement, owner.0, u32::MAX - 1, |t| {
                put(t, &[&tag(tree.local(id)), " is not complete"]);
            });
            Note::new("missing-element", at, message)
        };
        note.label = texts.say(true, Kind::Expected, open.0, 1, |t| {
            let values: Vec<&str> = listed.values.iter().map(|v| &*v.0).collect();
            match (names.is_empty(), values.is_empty()) {
                (false, _) => put(t, &["expected ", &words::list(&names, Tick::Tag, "or")]),
                (true, false) => put(t, &["expected ", &words::list(&values, Tick::Word, "or")]),
                (true, true) => {}
            }
        });
        self.add(note);
    }
}

fn no_element(texts: &mut Texts, keep: bool, id: NameId, name: &str, at: Span) -> Phrase {
    texts.about(keep, (Kind::NoElement, id.0, 0), name, at, |t, name| {
        put(t, &["there is no element `<", name, ">`"]);
    })
}
