//! Values that are none of those allowed: what may have been meant, and what is allowed, nearest first.

use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::diagnostic::{Edit, Fix};
use crate::grammar::pattern::PatId;
use crate::syntax::NameId;
use crate::text::Span;
use crate::words::Words;

use super::super::words::{self, Given, Outline, Tick};
use super::texts::{Kind, join, short, tag};
use super::{Reporter, error, rewritten};

/// What to say of a bad value.
#[derive(Clone)]
struct Bad {
    message: Words,
    label: Words,
    help: Option<Words>,
    /// The title, the right value, and whether that is sure.
    change: Option<(Words, Arc<str>, bool)>,
    /// It is near a value that is allowed.
    near: bool,
}

impl Bad {
    /// The same, to be said again and again.
    fn shared(mut self) -> Self {
        self.message = self.message.shared();
        self.label = self.label.shared();
        self.help = self.help.map(Words::shared);
        self.change = self.change.map(|(title, new, safe)| (title.shared(), new, safe));
        self
    }
}

/// The bad values met so far, by what they should fit and what has them: an element or an attribute of that name.
#[derive(Default)]
pub struct Values {
    met: FxHashMap<(PatId, bool, NameId), FxHashMap<Box<str>, Rc<Bad>>>,
    kept: usize,
    sorted: usize,
    /// Hashes of those met once, which may never come again.
    once: FxHashSet<u64>,
}

/// For so many values what is allowed is told nearest first; of a text that has more, nobody reads that.
const SORTED: usize = 500;
/// So many bad values are remembered, and none that is longer.
const MANY: usize = 1000;
const LONG: usize = 64;

impl Reporter<'_, '_> {
    /// A finding on a value that is not one of those allowed. `what` has it (an element or not, and its name as it is
    /// written). `whole` is the value with the name of what has it, shown where the value is near none that is
    /// allowed: then the name may be the slip as well.
    pub(super) fn bad_value(
        &mut self,
        what: (bool, NameId, &str),
        value: &str,
        whole: Span,
        replaced: Span,
        patterns: &[PatId],
    ) {
        let (element, id, name) = what;
        // A prefix may be written in several ways.
        let key = match patterns {
            [one] if value.len() <= LONG && !name.contains(':') => Some((*one, element, id)),
            _ => None,
        };
        let known = key.and_then(|k| self.values.met.get(&k)?.get(value).cloned());
        let bad = known.unwrap_or_else(|| {
            let name = if element {
                tag(name)
            } else {
                join(&["`", &short(name), "`"])
            };
            let bad = self.find_bad(&name, value, patterns);
            let again = key.filter(|k| {
                self.values.kept < MANY && !self.values.once.insert(FxBuildHasher.hash_one((k, value)))
            });
            let Some(key) = again else { return Rc::new(bad) };
            let bad = Rc::new(bad.shared());
            self.values.kept += 1;
            let all = self.values.met.entry(key).or_default();
            all.insert(value.into(), bad.clone());
            bad
        });
        let shown = if bad.near && !replaced.is_empty() {
            replaced
        } else {
            whole
        };
        // What nobody else keeps is given away.
        let bad = Rc::try_unwrap(bad).unwrap_or_else(|kept| (*kept).clone());
        let mut d = error("invalid-value", shown, bad.message);
        d.label = bad.label;
        d.help = bad.help;
        if let Some((title, new, safe)) = bad.change {
            d.fixes = vec![Fix {
                title,
                edits: vec![Edit {
                    span: replaced,
                    new_text: new.into(),
                }],
                safe,
            }];
        }
        self.out.push(d);
    }

    fn find_bad(&mut self, name: &str, value: &str, patterns: &[PatId]) -> Bad {
        self.values.sorted += 1;
        if let (&[p], true) = (patterns, self.values.sorted > SORTED) {
            return self.find_plainly(name, value, p);
        }
        let g = self.judge.grammar;
        let lists: Vec<_> = patterns
            .iter()
            .map(|&p| self.judge.matcher.listed(g, p))
            .collect();
        let kind = lists.iter().find_map(|l| l.kind.as_deref());
        let joined: Vec<(Arc<str>, Outline)>;
        let values = match lists.as_slice() {
            [one] => one.values.as_slice(),
            many => {
                joined = many.iter().flat_map(|l| l.values.iter().cloned()).collect();
                &joined
            }
        };
        let (few, near, alone) = Given::new(value).first_few(values);
        let few = |last: &str| words::list_of(&few, values.len(), Tick::Word, last);
        let only = if values.len() == 1 && kind.is_none() {
            Some(0)
        } else {
            None
        };
        let mut bad = Bad {
            message: join(&["`", &short(value), "` is no value of ", name]).into(),
            label: Words::default(),
            help: None,
            change: None,
            near: !near.is_empty(),
        };
        if let Some((n, _)) = near.first().copied().or(only).and_then(|at| values.get(at)) {
            bad.label = join(&["did you mean `", n, "`?"]).into();
            let title = join(&["change to `", n, "`"]).into();
            bad.change = Some((title, n.clone(), alone && bad.near));
            if values.len() > 1 {
                bad.help = Some(join(&["allowed are ", &few("and")]).into());
            }
        } else if !values.is_empty() {
            bad.label = join(&["expected ", &few("or")]).into();
        } else if let Some(k) = kind {
            bad.label = join(&["expected ", k]).into();
            let fits = |guess: &String| {
                let matcher = &mut self.judge.matcher;
                patterns.iter().any(|&p| matcher.fits(g, p, guess, &|_| None))
            };
            // A long one is no slip in writing it.
            let guesses = if value.len() <= LONG {
                rewritten::guesses(value)
            } else {
                Vec::new()
            };
            if let Some(meant) = guesses.into_iter().find(fits) {
                bad.help = Some(std::mem::take(&mut bad.label));
                bad.label = join(&["did you mean `", &meant, "`?"]).into();
                bad.change = Some((join(&["change to `", &meant, "`"]).into(), meant.into(), false));
                bad.near = true;
            }
        }
        bad
    }

    /// The same with what is allowed in the grammar's order, which needs no distances but those of near values.
    fn find_plainly(&mut self, name: &str, value: &str, p: PatId) -> Bad {
        let listed = self.judge.matcher.listed(self.judge.grammar, p);
        let (values, kind) = (&listed.values, listed.kind.as_deref());
        let (near, alone) = Given::new(value).nearest(values.iter().map(|w| (&*w.0, w.1)));
        let only = Some(0).filter(|_| values.len() == 1 && kind.is_none());
        let texts = &mut self.memo.texts;
        let in_order = |last: &str| {
            let first: Vec<&str> = values.iter().take(words::MOST).map(|v| &*v.0).collect();
            words::list_of(&first, values.len(), Tick::Word, last)
        };
        let mut bad = Bad {
            message: join(&["`", &short(value), "` is no value of ", name]).into(),
            label: Words::default(),
            help: None,
            change: None,
            near: !near.is_empty(),
        };
        let meant = near.first().copied().or(only);
        if let Some((at, n)) = meant.and_then(|at| Some((at as u32, &values.get(at)?.0))) {
            bad.label = texts.say(true, Kind::MeantValue, p.0, at, || {
                join(&["did you mean `", n, "`?"])
            });
            let title = texts.say(true, Kind::ChangeValue, p.0, at, || {
                join(&["change to `", n, "`"])
            });
            bad.change = Some((title, n.clone(), alone && bad.near));
            if values.len() > 1 {
                let allowed = || join(&["allowed are ", &in_order("and")]);
                bad.help = Some(texts.say(true, Kind::ChangeValue, p.0, u32::MAX, allowed));
            }
        } else {
            bad.label = texts.say(true, Kind::MeantValue, p.0, u32::MAX, || match kind {
                _ if !values.is_empty() => join(&["expected ", &in_order("or")]),
                Some(k) => join(&["expected ", k]),
                None => String::new(),
            });
        }
        bad
    }
}
