//! Where an attribute decides what an element holds: another value of it, or one that is not given, may make all of the
//! content right, and is the one fault then. Only looked for where the content has several.

use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::noted::Note;
use crate::syntax::{Attr, NodeId};

use super::super::coming::FEW;
use super::super::near::Given;
use super::super::words::{self, Tick};
use super::align::align;
use super::fit::Read;
use super::steps::Steps;
use super::texts::{short, tag};
use super::{CHANGE, Reporter};

impl Reporter<'_, '_> {
    /// Tells the attribute that decides over the content of an element where that is the one fault; false where it is not.
    /// `p` is what the content should fit, `steps` what would have to be done with it.
    pub(super) fn is_of_another_kind(&mut self, id: NodeId, e: u32, p: PatId, steps: &Steps) -> bool {
        if steps.len() == 0 || self.judge.purse.is_empty() {
            return false;
        }
        let several = steps.len() > 1;
        let content = self.judge.content(e);
        let decides = self.judge.matcher.decides(self.judge.grammar, content);
        let mut attrs = self.judge.tree.attrs(id).iter().take(FEW);
        decides.by_value && attrs.any(|attr| self.has_another_value(id, content, attr, several))
            || decides.by_presence && several && self.has_another_attribute(id, content, p)
    }

    /// Tells an attribute with whose other values the content would be right; only one near its own unless `far`.
    fn has_another_value(&mut self, id: NodeId, content: PatId, attr: &Attr, far: bool) -> bool {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        if self.judge.is_declaration(attr) {
            return false;
        }
        let name = self.judge.symbol(attr.name);
        self.judge.purse.spend(20);
        let (start, count) = self.judge.matcher.readings(g, content, name);
        let fits = |r: Read| matches!(r, Read::Fits(_));
        if count < 2 || count as usize > FEW || !fits(self.judge.read(content, id, attr)) {
            return false;
        }
        let value = tree.value(attr);
        let mut given = Given::new(&value);
        let (mut right, mut near) = (Vec::new(), false);
        for at in start..start + count {
            let reading = self.judge.matcher.reading(at);
            let listed = self.judge.matcher.listed(g, reading.value);
            let one = listed.values.first().filter(|(v, _)| **v != *value);
            let Some((one, outline)) = one else { continue };
            let close = given.near(one, *outline).is_some();
            let rest = (far || close).then(|| self.behind(id, reading.rest, Some(attr)));
            if rest.flatten().is_some_and(|p| self.is_right(id, p)) {
                if close {
                    (right, near) = (vec![one.clone()], true);
                    break;
                }
                right.push(one.clone());
            }
        }
        let [first, others @ ..] = right.as_slice() else {
            return false;
        };
        let texts = &mut self.memo.texts;
        let (owner, name) = (tag(tree.local(id)), attr.name_span.of(tree.text()));
        let message = texts.line(&[
            "`",
            &short(&value),
            "` as `",
            name,
            "` does not go with what ",
            &owner,
            " holds",
        ]);
        let mut note = Note::new("invalid-value", attr.span, message);
        note.label = if near {
            texts.line(&["did you mean `", first, "`?"])
        } else {
            texts.line(&["it goes with ", &words::list(&right, Tick::Word, "or")])
        };
        if others.is_empty() {
            let title = texts.line(&[CHANGE, first, "`"]);
            let new = title.within(CHANGE.len(), 1);
            texts.notes.fix(title, false, &[(attr.value_span, new)]);
        }
        self.add(note);
        true
    }

    /// Tells an attribute that is not given and with which the content would be right.
    fn has_another_attribute(&mut self, id: NodeId, content: PatId, body: PatId) -> bool {
        let Some(p) = self.behind(id, content, None) else {
            return false;
        };
        for &a in self.judge.matcher.attributes(p).iter() {
            let q = self.judge.matcher.attribute(p, a);
            if q == NOT_ALLOWED || self.judge.matcher.finish_attributes(q).body == body {
                continue;
            }
            if self.is_right(id, q) {
                return self.needs_attribute(id, a);
            }
        }
        false
    }

    /// What remains behind all attributes of an element but one, where all of them fit.
    fn behind(&mut self, id: NodeId, mut p: PatId, but: Option<&Attr>) -> Option<PatId> {
        let attrs = self.judge.tree.attrs(id);
        self.judge.purse.spend(15 * attrs.len());
        for attr in attrs {
            if self.judge.is_declaration(attr) || but.is_some_and(|b| b.name_span == attr.name_span) {
                continue;
            }
            let Read::Fits(q) = self.judge.read(p, id, attr) else {
                return None;
            };
            p = q;
        }
        Some(p)
    }

    /// True where nothing is wrong with an element of which `p` must still come behind its attributes.
    fn is_right(&mut self, id: NodeId, p: PatId) -> bool {
        let closed = self.judge.matcher.finish_attributes(p);
        if !closed.fits || self.judge.purse.is_empty() {
            return false;
        }
        let mut steps = Steps::default();
        align(self.judge, &mut self.memo, id, closed.body, &mut steps);
        steps.len() == 0
    }
}
