//! Values that are none of those allowed: what may have been meant, and what is allowed, nearest first.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::grammar::pattern::PatId;
use crate::noted::{Line, Maker, More, Note, Phrase};
use crate::text::Span;

use super::super::near::{Given, Nearest, Outline};
use super::super::needs::Listed;
use super::super::words::{self, Tick};
use super::rewritten::{self, Named};
use super::texts::{Kind, Texts, has_colon, join, put, short};
use super::{CHANGE, Reporter};

/// What to say of a bad value.
#[derive(Clone, Copy)]
struct Bad {
    message: Phrase,
    label: Line,
    help: Line,
    /// The first of the allowed values; as label where no other is.
    told: Option<More>,
    /// The title, the right value, and whether that is sure.
    change: Option<(Line, Line, bool)>,
    /// It is near a value that is allowed.
    near: bool,
}

/// The bad values met last, by what they should fit and what has them: an element or an attribute of that name.
#[derive(Default)]
pub struct Values<'a> {
    met: Vec<Option<(Met<'a>, Bad)>>,
    /// What the last of them at each place came to as one number: what comes once is not kept.
    seen: Vec<u64>,
    lists: FxHashMap<PatId, Told>,
}

/// The values that a pattern lists, and what tells the first few of them: as label and as help.
struct Told {
    listed: Arc<Listed>,
    makers: [Option<Maker>; 2],
    /// Which of them have other names.
    named: Named,
}

impl Told {
    fn of(listed: Arc<Listed>) -> Self {
        Self {
            named: rewritten::with_other_names(listed.values.iter().map(|(v, _)| &**v)),
            listed,
            makers: [None; 2],
        }
    }
}

impl<'a> Values<'a> {
    /// Keeps what is said of a value that came before.
    fn keep(&mut self, place: usize, sum: u64, key: Met<'a>, bad: Bad) {
        if self.seen.is_empty() {
            self.seen = vec![0; MANY];
        }
        if let Some(seen) = self.seen.get_mut(place) {
            if *seen != sum {
                *seen = sum;
                return;
            }
        }
        self.met.resize(MANY, None);
        if let Some(slot) = self.met.get_mut(place) {
            *slot = Some((key, bad));
        }
    }
}

/// What a bad value should fit, what has it, and the value.
type Met<'a> = (PatId, Kind, u32, &'a str);

/// So many bad values are remembered, and none that is longer.
const MANY: usize = 64;
const LONG: usize = 64;

impl<'a> Reporter<'_, 'a> {
    /// A finding on a value that is not one of those allowed. `what` has it: its kind, its number (a name's, or an
    /// attribute pattern's where that is only meant), and its name as it is written. `whole` is the value with the name of what has it, shown where the value is near none that is
    /// allowed: then the name may be the slip as well.
    pub(super) fn bad_value(
        &mut self,
        what: (Kind, u32, &str),
        value: Cow<'a, str>,
        whole: Span,
        replaced: Span,
        patterns: &[PatId],
    ) {
        let (kind, id, name) = what;
        // What is written alike is the same value; a name with a prefix may be written in several ways.
        let (written, resolved) = match value {
            Cow::Borrowed(value) => (value, false),
            Cow::Owned(_) => (replaced.of(self.judge.tree.text()), true),
        };
        let key = match patterns {
            [one] if value.len() <= LONG && !has_colon(name) && !(resolved && written.is_empty()) => {
                Some((*one, kind, id, written))
            }
            _ => None,
        };
        self.dear += usize::from(key.is_none() || resolved || !value.is_ascii());
        let sum = key.map_or(0, |k| FxBuildHasher.hash_one(k));
        let place = sum as usize % MANY;
        let last = self.values.met.get(place).and_then(Option::as_ref);
        let known = last.filter(|last| Some(last.0) == key).map(|last| last.1);
        let bad = known.unwrap_or_else(|| {
            let bad = self.find_bad(what, &value, replaced, patterns);
            if let Some(key) = key {
                self.values.keep(place, sum, key, bad);
            }
            bad
        });
        let shown = if bad.near && !replaced.is_empty() {
            replaced
        } else {
            whole
        };
        let mut note = Note::new("invalid-value", shown, bad.message);
        (note.label, note.help) = (bad.label, bad.help);
        if let Some(more) = bad.told {
            self.memo.texts.notes.say_more(&mut note, more);
        }
        if let Some((title, new, safe)) = bad.change {
            self.memo.texts.notes.fix(title, safe, &[(replaced, new)]);
        }
        self.add(note);
    }

    fn find_bad(&mut self, what: (Kind, u32, &str), value: &str, at: Span, patterns: &[PatId]) -> Bad {
        let g = self.judge.grammar;
        // What is said of one pattern is said again.
        let (lists, matcher) = (&mut self.values.lists, &mut self.judge.matcher);
        let mut joined;
        let (told, p) = match patterns {
            [one] => {
                let told = lists.entry(*one);
                (
                    told.or_insert_with(|| Told::of(matcher.listed(g, *one))),
                    Some(one.0),
                )
            }
            many => {
                let lists = many.iter().map(|&p| matcher.listed(g, p));
                let lists: Vec<Arc<Listed>> = lists.collect();
                joined = Told::of(Arc::new(Listed {
                    values: lists.iter().flat_map(|l| l.values.iter().cloned()).collect(),
                    spelt: lists.iter().flat_map(|l| l.spelt.iter().cloned()).collect(),
                    kind: lists.iter().find_map(|l| l.kind.clone()),
                }));
                (&mut joined, None)
            }
        };
        let Told {
            listed,
            makers,
            named,
        } = told;
        let (values, words) = (listed.values.as_slice(), listed.kind.as_deref());
        let purse = &mut self.judge.purse;
        let spent = purse.is_empty();
        let near = if spent {
            Nearest::default()
        } else {
            purse.spend(100 + 4 * values.len());
            let mut word = Given::new(value);
            let near = word.nearest(values.iter().map(|(v, o)| (&**v, *o)));
            // Of a few it is in the price of the finding.
            purse.spend(word.cost().saturating_sub(200));
            match words::begun(value, values.iter().map(|(v, _)| &**v)) {
                Some(first) => Nearest {
                    first: Some(first),
                    alone: true,
                    ..near
                },
                None => near,
            }
        };
        let only = Some(0).filter(|_| values.len() == 1 && words.is_none());
        let texts = &mut self.memo.texts;
        let (kind, id, name) = what;
        let frame = |t: &mut String, value: &str| {
            let sign = if kind == Kind::ValueOfElement {
                ("`<", ">`")
            } else {
                ("`", "`")
            };
            put(
                t,
                &["`", value, "` is no value of ", sign.0, &short(name), sign.1],
            );
        };
        let message = if has_colon(name) {
            texts.notes.write(|t| frame(t, &short(value))).into()
        } else {
            texts.about(false, (kind, 0, id), value, at, frame)
        };
        let given = if at.of(texts.notes.given()) == value {
            Line::given(at)
        } else {
            texts.line(&[value])
        };
        let mut bad = Bad {
            message,
            label: Line::default(),
            help: Line::default(),
            told: None,
            change: None,
            near: near.first.is_some(),
        };
        let (keep, id) = (p.is_some(), p.unwrap_or_default());
        // A long one is no slip in writing it.
        let guesses = value.len() <= LONG && !spent;
        let mut fits = |guess: &str| patterns.iter().any(|&p| matcher.fits(g, p, guess, &|_| None));
        let several = if near.first.or(only).is_none() && guesses && rewritten::has_parts(value) {
            purse.spend(20 * values.len());
            rewritten::in_parts(value, values, &mut fits)
        } else {
            None
        };
        let meant = || rewritten::meant_value(value, values.iter().map(|(v, _)| &**v));
        let named = rewritten::other_name(value, named);
        bad.near |= named.is_some();
        let first = named
            .or(near.first)
            .or(only)
            .or_else(|| (!spent && several.is_none()).then(meant).flatten())
            .and_then(|at| Some((at as u32, values.get(at)?)));
        if let Some((meant, sure)) = several {
            bad.label = texts.line(&["did you mean `", &meant, "`?"]);
            let title = texts.line(&[CHANGE, &meant, "`"]);
            bad.change = Some((title, title.within(CHANGE.len(), 1), sure));
            bad.near = true;
            bad.told = Some(More::Help(maker(texts, listed, makers, true), given));
        } else if let Some((at, (n, _))) = first {
            let label = |t: &mut String| put(t, &["did you mean `", n, "`?"]);
            let title = |t: &mut String| put(t, &[CHANGE, n, "`"]);
            let [label, title] = texts.say_both(keep, Kind::MeantValue, id, at, label, title);
            bad.label = label;
            let sure = near.alone || named.is_some() && rewritten::CERTAIN.contains(&&**n);
            bad.change = Some((title, title.within(CHANGE.len(), 1), sure));
            if values.len() > 1 {
                bad.told = Some(More::Help(maker(texts, listed, makers, true), given));
            }
        } else if !values.is_empty() {
            bad.told = Some(More::Label(maker(texts, listed, makers, false), given));
        } else if let Some(k) = words {
            bad.label = texts.say(keep, Kind::MeantValue, id, u32::MAX, |t| {
                put(t, &["expected ", k])
            });
            let meant = if guesses {
                purse.spend(20 * listed.spelt.len());
                let spelt = rewritten::spelt_out(value, &listed.spelt, &mut fits);
                spelt.or_else(|| Some((rewritten::first_guess(value, fits)?, false)))
            } else {
                None
            };
            if let Some((meant, sure)) = meant {
                bad.help = bad.label;
                bad.label = texts.line(&["did you mean `", &meant, "`?"]);
                let title = texts.line(&[CHANGE, &meant, "`"]);
                bad.change = Some((title, title.within(CHANGE.len(), 1), sure));
                bad.near = true;
            }
        }
        bad
    }
}

/// What tells the first few of the values: "allowed are" or "expected".
fn maker(texts: &mut Texts, listed: &Arc<Listed>, made: &mut [Option<Maker>; 2], allowed: bool) -> Maker {
    let [label, help] = made;
    let slot = if allowed { help } else { label };
    *slot.get_or_insert_with(|| {
        let listed = listed.clone();
        let make = move |given: &str| few(&listed.values, given, allowed);
        texts.notes.maker(Box::new(make))
    })
}

/// The first few of the values, those near the given one before all others.
fn few(values: &[(Arc<str>, Outline)], given: &str, allowed: bool) -> String {
    let few = Given::new(given).first_few(values);
    let told: Vec<&str> = few.places().filter_map(|at| Some(&*values.get(at)?.0)).collect();
    let (first, last) = if allowed {
        ("allowed are ", "and")
    } else {
        ("expected ", "or")
    };
    join(&[first, &words::list_of(&told, values.len(), Tick::Word, last)])
}
