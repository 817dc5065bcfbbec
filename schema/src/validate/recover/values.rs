//! Values that are none of those allowed: what may have been meant, and what is allowed, nearest first.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::grammar::pattern::PatId;
use crate::noted::{Line, Note};
use crate::syntax::NameId;
use crate::text::Span;

use super::super::needs::Listed;
use super::super::words::{self, Few, Given, Outline, Tick};
use super::texts::{Kind, Texts, put, short};
use super::{CHANGE, Reporter, rewritten};

/// What to say of a bad value.
#[derive(Clone, Copy)]
struct Bad {
    message: Line,
    label: Line,
    help: Line,
    /// The title, the right value, and whether that is sure.
    change: Option<(Line, Line, bool)>,
    /// It is near a value that is allowed.
    near: bool,
}

/// The bad values met last, by what they should fit and what has them: an element or an attribute of that name.
#[derive(Default)]
pub struct Values<'a> {
    met: FxHashMap<(PatId, bool, NameId, &'a str), Bad>,
    /// By pattern and the values told: the sentence.
    lists: FxHashMap<(u32, bool, Few), Line>,
}

/// So many bad values are remembered, and none that is longer.
const MANY: usize = 256;
const LONG: usize = 64;

impl<'a> Reporter<'_, 'a> {
    /// A finding on a value that is not one of those allowed. `what` has it (an element or not, and its name as it is
    /// written). `whole` is the value with the name of what has it, shown where the value is near none that is
    /// allowed: then the name may be the slip as well.
    pub(super) fn bad_value(
        &mut self,
        what: (bool, NameId, &str),
        value: Cow<'a, str>,
        whole: Span,
        replaced: Span,
        patterns: &[PatId],
    ) {
        let (element, id, name) = what;
        // A prefix may be written in several ways.
        let key = match (patterns, &value) {
            ([one], &Cow::Borrowed(value)) if value.len() <= LONG && !name.contains(':') => {
                Some((*one, element, id, value))
            }
            _ => None,
        };
        let known = key.and_then(|k| self.values.met.get(&k));
        let bad = known.copied().unwrap_or_else(|| {
            let sign = if element { ("`<", ">`") } else { ("`", "`") };
            let bad = self.find_bad((sign.0, &short(name), sign.1), &value, patterns);
            if let Some(key) = key {
                if self.values.met.len() >= MANY {
                    self.values.met.clear();
                }
                self.values.met.insert(key, bad);
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
        if let Some((title, new, safe)) = bad.change {
            self.memo.texts.notes.fix(title, safe, &[(replaced, new)]);
        }
        self.add(note);
    }

    fn find_bad(&mut self, name: (&str, &str, &str), value: &str, patterns: &[PatId]) -> Bad {
        let g = self.judge.grammar;
        // What is said of one pattern is said again.
        let (listed, p) = match patterns {
            [one] => (self.judge.matcher.listed(g, *one), Some(one.0)),
            many => {
                let lists = many.iter().map(|&p| self.judge.matcher.listed(g, p));
                let lists: Vec<Arc<Listed>> = lists.collect();
                let joined = Listed {
                    values: lists.iter().flat_map(|l| l.values.iter().cloned()).collect(),
                    kind: lists.iter().find_map(|l| l.kind.clone()),
                };
                (Arc::new(joined), None)
            }
        };
        let (values, kind) = (listed.values.as_slice(), listed.kind.as_deref());
        let (few, near) = Given::new(value).first_few(values);
        let only = Some(0).filter(|_| values.len() == 1 && kind.is_none());
        let texts = &mut self.memo.texts;
        let mut bad = Bad {
            message: texts.line(&["`", &short(value), "` is no value of ", name.0, name.1, name.2]),
            label: Line::default(),
            help: Line::default(),
            change: None,
            near: near.first.is_some(),
        };
        let (keep, id) = (p.is_some(), p.unwrap_or_default());
        let first = near
            .first
            .or(only)
            .and_then(|at| Some((at as u32, values.get(at)?)));
        if let Some((at, (n, _))) = first {
            bad.label = texts.say(keep, Kind::MeantValue, id, at, |t| {
                put(t, &["did you mean `", n, "`?"]);
            });
            let title = texts.say(keep, Kind::ChangeValue, id, at, |t| put(t, &[CHANGE, n, "`"]));
            bad.change = Some((title, title.within(CHANGE.len(), 1), near.alone));
            if values.len() > 1 {
                bad.help = self.values.few(texts, values, p, few, true);
            }
        } else if !values.is_empty() {
            bad.label = self.values.few(texts, values, p, few, false);
        } else if let Some(k) = kind {
            bad.label = texts.say(keep, Kind::MeantValue, id, u32::MAX, |t| {
                put(t, &["expected ", k])
            });
            let matcher = &mut self.judge.matcher;
            let fits = |guess: &str| patterns.iter().any(|&p| matcher.fits(g, p, guess, &|_| None));
            // A long one is no slip in writing it.
            let short = value.len() <= LONG;
            if let Some(meant) = short.then(|| rewritten::first_guess(value, fits)).flatten() {
                bad.help = bad.label;
                bad.label = texts.line(&["did you mean `", &meant, "`?"]);
                let title = texts.line(&[CHANGE, &meant, "`"]);
                bad.change = Some((title, title.within(CHANGE.len(), 1), false));
                bad.near = true;
            }
        }
        bad
    }
}

impl Values<'_> {
    /// "allowed are" or "expected" with the first few values, written once where the same are told again.
    fn few(
        &mut self,
        texts: &mut Texts,
        values: &[(Arc<str>, Outline)],
        p: Option<u32>,
        few: Few,
        allowed: bool,
    ) -> Line {
        let key = (p.unwrap_or_default(), allowed, few.key());
        if let Some(known) = p.and_then(|_| self.lists.get(&key)) {
            return *known;
        }
        let told: Vec<&str> = few.places().filter_map(|at| Some(&*values.get(at)?.0)).collect();
        let (first, last) = if allowed {
            ("allowed are ", "and")
        } else {
            ("expected ", "or")
        };
        let line = texts.line(&[first, &words::list_of(&told, values.len(), Tick::Word, last)]);
        if p.is_some() {
            self.lists.insert(key, line);
        }
        line
    }
}
