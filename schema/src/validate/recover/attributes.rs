//! The attributes of one element: unknown ones, bad values, missing ones. A misspelt required attribute is not
//! missing as well.

use std::rc::Rc;
use std::sync::Arc;

use crate::grammar::pattern::PatId;
use crate::noted::{Line, Note, Phrase};
use crate::syntax::{Atom, Attr, Name, NodeId};
use crate::text::Span;

use super::super::coming::{Coming, Known};
use super::super::label::{Judge, answer};
use super::super::near::{Given, Nearest};
use super::super::words::{self, Tick};
use super::fit::Read;
use super::memo::plain_name;
use super::texts::{Kind, has_colon, put, short, tag};
use super::{RENAME, Reporter};

/// What an attribute that may not stand somewhere may have been meant for.
#[derive(Clone)]
pub struct Strange {
    open: Arc<Coming>,
    /// The near ones: indices into `open`.
    near: Nearest,
    /// The one that begins with what is written, where it is the only one.
    begun: Option<usize>,
}

/// Among more attributes it is not looked for which one keeps another out.
const FEW: usize = 32;

/// Of one element and what must still come: the attributes that may.
pub type Open = Option<((NodeId, PatId), Arc<Coming>)>;

/// What to say of a missing attribute.
pub struct Missing {
    message: Line,
    title: Line,
    new_text: Line,
    help: Line,
}

impl Judge<'_> {
    /// The attributes that may still come, each as it would be written at an element.
    pub fn open(&mut self, owner: NodeId, p: PatId) -> (Arc<Coming>, bool) {
        if let Some(open) = self.matcher.open(self.grammar, p) {
            return (open, true);
        }
        let g = self.grammar;
        let mut out = Vec::new();
        for &a in self.matcher.attributes(p).iter() {
            let names = g.attributes.get(a as usize).map(|x| x.names.names());
            let names = (0..u16::MAX).zip(names.unwrap_or_default());
            let written = names.filter_map(|(at, name)| Some((at, self.written_at(owner, name)?)));
            out.extend(written.map(|(at, name)| Known::new(a, at, name.into())));
        }
        (Arc::new(self.matcher.coming(p, out)), false)
    }

    /// The name of an attribute pattern as it would be written at an element.
    fn attribute_name(&self, owner: NodeId, a: u32) -> Option<String> {
        let name = self.grammar.attributes.get(a as usize)?.names.first()?;
        self.written_at(owner, name)
    }

    /// The name of an attribute as it would be written at an element.
    fn written_at(&self, owner: NodeId, name: &Name) -> Option<String> {
        if name.namespace.is_empty() {
            return Some(name.local.to_string());
        }
        if &*name.namespace == "http://www.w3.org/XML/1998/namespace" {
            return Some(format!("xml:{}", name.local));
        }
        let prefix = self.prefix(owner, &name.namespace)?;
        Some(format!("{prefix}:{}", name.local))
    }

    pub fn takes_value(&mut self, id: NodeId, a: u32, value: &str) -> bool {
        let (tree, g) = (self.tree, self.grammar);
        let Some(x) = g.attributes.get(a as usize) else {
            return false;
        };
        self.matcher.fits(g, x.value, value, &|ask| answer(tree, id, ask))
    }
}

impl<'a> Reporter<'_, 'a> {
    /// Judges the attributes; what remains for the content.
    pub(super) fn attributes(&mut self, id: NodeId, mut p: PatId) -> PatId {
        let (tree, start) = (self.judge.tree, p);
        let mut strange = std::mem::take(&mut self.strangers);
        for attr in tree.attrs(id) {
            if self.judge.is_declaration(attr) {
                continue;
            }
            let value = tree.value(attr);
            match self.judge.read_value(p, id, attr, &value) {
                Read::Fits(q) => p = q,
                Read::Strange => strange.push(attr),
                Read::Bad(q, (start, count)) => {
                    p = q;
                    let value_of = |at| self.judge.matcher.reading(at).value;
                    let one = [value_of(start)];
                    let many: Vec<PatId>;
                    let values = if count == 1 {
                        &one[..]
                    } else {
                        many = (start..start + count).map(value_of).collect();
                        &many
                    };
                    let name = attr.name_span.of(tree.text());
                    self.bad_value(
                        (Kind::ValueOfAttribute, attr.name.0, name),
                        value,
                        attr.span,
                        attr.value_span,
                        values,
                    );
                }
            }
        }
        let alone = strange.is_empty();
        for attr in strange.drain(..) {
            if self.is_full() {
                break;
            }
            p = self.strange(id, attr, p, start);
        }
        self.strangers = strange;
        let closed = self.judge.matcher.finish_attributes(p);
        // Where any of several attributes is missing, the strange one stands in its place.
        if closed.fits || closed.missing == 0 && !alone {
            return closed.body;
        }
        self.missing(id, p)
    }

    /// Judges that no more attributes come; what remains for the content.
    pub(super) fn end_attributes(&mut self, id: NodeId, p: PatId) -> PatId {
        let closed = self.judge.matcher.finish_attributes(p);
        if closed.fits {
            return closed.body;
        }
        self.missing(id, p)
    }

    /// What a strange attribute may have been meant for.
    fn meant(&mut self, id: NodeId, attr: &Attr, p: PatId) -> Strange {
        let tree = self.judge.tree;
        let key = (p, attr.name);
        if let Some(known) = self.strange.get(&key) {
            return known.clone();
        }
        let written = attr.name_span.of(tree.text());
        let (open, plain) = match &self.open {
            Some(last) if last.0 == (id, p) => (last.1.clone(), false),
            _ => {
                let (open, plain) = self.judge.open(id, p);
                // What is so of every element is known already.
                if !plain {
                    self.open = Some(((id, p), open.clone()));
                }
                (open, plain)
            }
        };
        let near = if self.judge.purse.is_empty() {
            Nearest::default()
        } else {
            self.judge.purse.spend(100 + 4 * open.known.len());
            let mut word = Given::of_name(written);
            let near = word.nearest(open.known.iter().map(|o| (&*o.name, o.outline)));
            self.judge.purse.spend(word.cost().saturating_sub(200));
            // One of a single letter is only a guess.
            Nearest {
                alone: near.alone && written.len() > 1,
                ..near
            }
        };
        let begun = (near.first.is_none() && written.len() >= 4)
            .then(|| {
                let mut all = open.known.iter().enumerate();
                let mut begun = all.by_ref().filter(|(_, o)| o.name.starts_with(written));
                begun.next().filter(|_| begun.next().is_none()).map(|(at, _)| at)
            })
            .flatten();
        let found = Strange { near, open, begun };
        // With a prefix, one name may be written in several ways.
        if plain && self.memo.recurs(attr.name) && !has_colon(written) {
            self.strange.insert(key, found.clone());
        }
        found
    }

    /// The attribute beside which another cannot stand, though the element has both.
    fn rival(&mut self, id: NodeId, attr: &'a Attr, start: PatId) -> Option<&'a Attr> {
        let all = self.judge.tree.attrs(id);
        if self.judge.purse.is_empty() || all.len() > FEW {
            return None;
        }
        // What the element never has needs no search, and one that is there twice is told as that.
        if matches!(self.judge.read(start, id, attr), Read::Strange) {
            return None;
        }
        self.judge.purse.spend(10 * all.len() * all.len());
        let bare = |a: &&Attr| a.name_span != attr.name_span && a.name != attr.name;
        all.iter().filter(bare).find(|rival| {
            let mut p = start;
            let others = all
                .iter()
                .filter(|a| a.name_span != rival.name_span && a.name_span != attr.name_span);
            for other in others.chain([attr]) {
                match self.judge.read(p, id, other) {
                    Read::Fits(q) | Read::Bad(q, _) => p = q,
                    Read::Strange if other.name_span == attr.name_span => return false,
                    Read::Strange => {}
                }
            }
            true
        })
    }

    /// What remains for the content of an element when an attribute is left out; none where something is wrong then.
    fn without(&mut self, id: NodeId, left: &Attr, start: PatId) -> Option<PatId> {
        let mut p = start;
        for attr in self.judge.tree.attrs(id) {
            if attr.name_span == left.name_span || self.judge.is_declaration(attr) {
                continue;
            }
            let Read::Fits(q) = self.judge.read(p, id, attr) else {
                return None;
            };
            p = q;
        }
        let closed = self.judge.matcher.finish_attributes(p);
        (closed.fits && self.judge.matcher.patterns.nullable(closed.body)).then_some(p)
    }

    /// An attribute that the element does not have; what remains when it is read as the one that was meant.
    fn strange(&mut self, id: NodeId, attr: &'a Attr, p: PatId, start: PatId) -> PatId {
        let tree = self.judge.tree;
        let written = attr.name_span.of(tree.text());
        let owner = tree.node(id).name;
        let again = self.memo.recurs(attr.name) && !has_colon(written);
        let keep = again && self.memo.recurs(owner);
        let meant = self.meant(id, attr, p);
        let message = self.no_attribute(id, attr, again);
        let mut note = Note::new("unknown-attribute", attr.name_span, message);
        // Among several near names the one that takes the value, then one that is required.
        let near_one = match *meant.near.all {
            [] => meant.near.first,
            [first, ..] if meant.near.alone => Some(first),
            ref many => {
                let value = tree.value(attr);
                many.iter().copied().min_by_key(|&at| {
                    let a = meant.open.known.get(at).map_or(u32::MAX, |o| o.id);
                    let takes = self.judge.takes_value(id, a, &value);
                    (!takes, !self.judge.matcher.requires(p, a))
                })
            }
        };
        // No near name, but one that is required, or begun, and takes the value: one fault, not two.
        let far_one = meant.open.needed.or(meant.begun).filter(|&at| {
            near_one.is_none()
                && meant
                    .open
                    .known
                    .get(at)
                    .is_some_and(|o| self.judge.takes_value(id, o.id, &tree.value(attr)))
        });
        let known = self.judge.attributes_of_name(attr).next().is_some();
        let rival = (known && near_one.is_none())
            .then(|| self.rival(id, attr, start))
            .flatten();
        // Of two in an element without content nothing tells which is the one too many: the first, since it may have been
        // put before those that were there.
        let without = rival
            .filter(|rival| rival.span < attr.span && tree.node(id).first_child.is_none())
            .and_then(|rival| self.without(id, rival, start));
        let (attr, written, rival) = match (rival, without) {
            (Some(rival), Some(_)) => (rival, rival.name_span.of(tree.text()), Some(attr)),
            _ => (attr, written, rival),
        };
        let p = without.unwrap_or(p);
        note.span = attr.name_span;
        if let Some(rival) = rival {
            note.code = "misplaced-attribute";
            let other = rival.name_span.of(tree.text());
            let texts = &mut self.memo.texts;
            let message = |t: &mut String| {
                put(
                    t,
                    &[
                        "`",
                        &short(written),
                        "` cannot stand beside `",
                        &short(other),
                        "`",
                    ],
                )
            };
            note.message = texts.notes.write(message).into();
            note.label = texts.line(&["one of the two"]);
        } else if known && near_one.is_none() {
            note.code = "misplaced-attribute";
            let (judge, texts) = (&self.judge, &mut self.memo.texts);
            note.label = texts.say(true, Kind::BelongsTo, judge.symbol(attr.name).0, 0, |t| {
                let owners = owners(judge, attr);
                put(t, &["it belongs to ", &words::list(&owners, Tick::Tag, "and")]);
            });
        }
        if let Some(one) = near_one.or(far_one).and_then(|at| meant.open.known.get(at)) {
            let plain = !one.name.contains(':');
            let texts = &mut self.memo.texts;
            let label = |t: &mut String| put(t, &["did you mean `", &one.name, "`?"]);
            let title = |t: &mut String| put(t, &[RENAME, &one.name, "`"]);
            // What is said of one name of a pattern is not said of another.
            let other = u32::from(one.at).wrapping_mul(self.judge.grammar.attributes.len() as u32);
            let key = one.id.wrapping_add(other);
            let [label, title] = texts.say_both(plain, Kind::MeantAttribute, key, 0, label, title);
            note.label = label;
            let edit = (attr.name_span, title.within(RENAME.len(), 1));
            texts
                .notes
                .fix(title, meant.near.alone && near_one.is_some(), &[edit]);
            self.add(note);
            let value = tree.value(attr);
            // Several attributes may have that name, each with values of its own.
            let open = &meant.open;
            let list = if open.doubled {
                &*open.known
            } else {
                std::slice::from_ref(one)
            };
            let named = || list.iter().filter(|o| o.name == one.name);
            let takes = |o: &&Known| self.judge.takes_value(id, o.id, &value);
            let takers: Vec<u32> = named().filter(takes).map(|o| o.id).collect();
            // A name that no attribute has is a slip in the name alone; a value that does not fit is another fault.
            if !known && takers.is_empty() {
                let g = self.judge.grammar;
                let values = named().filter_map(|o| Some(g.attributes.get(o.id as usize)?.value));
                let values: Vec<PatId> = values.collect();
                let what = (Kind::ValueOfMeant, key, &*one.name);
                self.bad_value(what, value, attr.span, attr.value_span, &values);
            }
            return match *takers {
                [] => self.judge.matcher.attribute(p, one.id),
                [only] => self.judge.matcher.attribute(p, only),
                ref many => {
                    let rests = many.iter().map(|&a| self.judge.matcher.attribute(p, a));
                    let rests: Vec<PatId> = rests.collect();
                    self.judge.matcher.patterns.choice(&rests)
                }
            };
        }
        let head = tree.text().as_bytes().get(..attr.span.start as usize);
        let blank = |b: &&u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
        let blanks = head.map_or(0, |h| h.iter().rev().take_while(blank).count());
        let from = attr.span.start - blanks as u32;
        let texts = &mut self.memo.texts;
        let key = (Kind::RemoveAttribute, attr.name.0, 0);
        let title = texts.about(keep, key, written, attr.name_span, |t, name| {
            put(t, &["remove `", name, "`"]);
        });
        let whole = Span::new(from, attr.span.end);
        texts.notes.fix(title, false, &[(whole, Line::default())]);
        self.add(note);
        p
    }

    /// The message of a strange attribute; `again` where its name comes again as it is written.
    fn no_attribute(&mut self, id: NodeId, attr: &Attr, again: bool) -> Phrase {
        let (tree, owner_again) = (self.judge.tree, self.memo.recurs(self.judge.tree.node(id).name));
        let (owner, owner_id) = (tree.local(id), tree.node(id).name.0);
        let written = attr.name_span.of(tree.text());
        let texts = &mut self.memo.texts;
        let say = |t: &mut String, owner: &str, name: &str| {
            put(t, &["`<", owner, ">` has no attribute `", name, "`"]);
        };
        // Of the two words the one that comes once is put in.
        if again && !owner_again {
            let key = (Kind::StrangeIn, owner_id, attr.name.0);
            let at = tree.node(id).name_span;
            return texts.about(false, key, owner, at, |t, owner| say(t, owner, &short(written)));
        }
        let frame = |t: &mut String, name: &str| say(t, &short(owner), name);
        if owner_again {
            let key = (Kind::NoAttribute, attr.name.0, owner_id);
            return texts.about(again, key, written, attr.name_span, frame);
        }
        texts.notes.write(|t| frame(t, &short(written))).into()
    }

    /// Names every attribute without which the element cannot end; what remains for the content.
    fn missing(&mut self, id: NodeId, p: PatId) -> PatId {
        let at = self.span(id);
        let owner = self.judge.tree.node(id).name;
        let (all, rest) = match self.missing.get(&(p, owner)) {
            Some(known) => known.clone(),
            None => {
                let (all, rest, plain) = self.find_missing(id, p);
                let found = (Rc::from(all), rest);
                if plain && self.memo.recurs(owner) {
                    self.missing.insert((p, owner), found.clone());
                }
                found
            }
        };
        for one in all.iter() {
            self.tell_missing(at, one);
        }
        let closed = self.judge.matcher.finish_attributes(rest);
        if !closed.fits && all.is_empty() {
            let (open, _) = self.judge.open(id, rest);
            let names: Vec<&str> = open.known.iter().map(|o| &*o.name).collect();
            let owner = tag(self.judge.tree.local(id));
            let texts = &mut self.memo.texts;
            let message = texts.line(&[&owner, " needs another attribute"]);
            let mut note = Note::new("missing-attribute", at, message);
            note.label = texts.line(&["expected ", &words::list(&names, Tick::Word, "or")]);
            self.add(note);
        }
        closed.body
    }

    fn tell_missing(&mut self, at: Span, one: &Missing) {
        let mut note = Note::new("missing-attribute", at, one.message);
        note.help = one.help;
        let edit = (Span::empty(at.end), one.new_text);
        self.memo.texts.notes.fix(one.title, false, &[edit]);
        self.add(note);
    }

    /// Tells that an element needs one attribute; false where that has no name.
    pub(super) fn needs_attribute(&mut self, id: NodeId, a: u32) -> bool {
        let one = self.missing_one(id, a);
        if let Some(one) = &one {
            self.tell_missing(self.span(id), one);
        }
        one.is_some()
    }

    /// What to say of each attribute that is missing, what remains after them, and whether that is so of every element
    /// by this name.
    fn find_missing(&mut self, id: NodeId, mut p: PatId) -> (Vec<Missing>, PatId, bool) {
        let g = self.judge.grammar;
        let (mut all, mut plain) = (Vec::new(), true);
        for &a in self.judge.matcher.attributes(p).iter() {
            if !self.judge.matcher.requires(p, a) {
                continue;
            }
            p = self.judge.matcher.attribute(p, a);
            let name = g.attributes.get(a as usize).and_then(|x| x.names.first());
            plain &= name.is_none_or(|n| n.namespace.is_empty());
            all.extend(self.missing_one(id, a));
        }
        (all, p, plain)
    }

    fn missing_one(&mut self, id: NodeId, a: u32) -> Option<Missing> {
        let g = self.judge.grammar;
        let owner = tag(self.judge.tree.local(id));
        let x = g.attributes.get(a as usize)?;
        let name = self.judge.attribute_name(id, a);
        let name = name.or_else(|| Some(x.names.first()?.local.to_string()))?;
        let listed = self.judge.matcher.listed(g, x.value);
        let value = if let [one] = listed.values.as_slice() {
            &*one.0
        } else {
            ""
        };
        let values: Vec<&str> = listed.values.iter().map(|v| &*v.0).collect();
        let texts = &mut self.memo.texts;
        Some(Missing {
            message: texts.line(&[&owner, " needs the attribute `", &name, "`"]),
            title: texts.line(&["add `", &name, "`"]),
            new_text: texts.line(&[" ", &name, "=\"", value, "\""]),
            help: match values.as_slice() {
                [_, _, ..] => {
                    let list = words::list(&values, Tick::Word, "and");
                    texts.line(&["its values are ", &list])
                }
                _ => Line::default(),
            },
        })
    }
}

/// The elements that have an attribute.
fn owners(judge: &Judge<'_>, attr: &Attr) -> Vec<Atom> {
    let g = judge.grammar;
    let takes: Vec<u32> = judge.attributes_of_name(attr).collect();
    (0..g.elements.len() as u32)
        .filter(|&e| g.held(e).0.iter().any(|a| takes.contains(a)))
        .filter_map(|e| plain_name(g, e).cloned())
        .collect()
}
