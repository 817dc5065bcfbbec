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

use super::super::needs::Listed;
use super::super::words::{self, Few, Given, Outline, Tick};
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
    /// By pattern and the values told: the sentence.
    lists: FxHashMap<(u32, bool, Few), Arc<str>>,
    /// Hashes of those met once, which may never come again.
    once: FxHashSet<u64>,
}

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
            message: join(&["`", &short(value), "` is no value of ", name]).into(),
            label: Words::default(),
            help: None,
            change: None,
            near: near.first.is_some(),
        };
        let (keep, id) = (p.is_some(), p.unwrap_or_default());
        let first = near
            .first
            .or(only)
            .and_then(|at| Some((at as u32, values.get(at)?)));
        if let Some((at, (n, _))) = first {
            bad.label = texts.say(keep, Kind::MeantValue, id, at, || {
                join(&["did you mean `", n, "`?"])
            });
            let title = texts.say(keep, Kind::ChangeValue, id, at, || join(&["change to `", n, "`"]));
            bad.change = Some((title, n.clone(), near.alone));
            if values.len() > 1 {
                let allowed = self.values.few(values, p, few, true);
                bad.help = Some(allowed);
            }
        } else if !values.is_empty() {
            bad.label = self.values.few(values, p, few, false);
        } else if let Some(k) = kind {
            bad.label = texts.say(keep, Kind::MeantValue, id, u32::MAX, || join(&["expected ", k]));
            let matcher = &mut self.judge.matcher;
            let fits = |guess: &str| patterns.iter().any(|&p| matcher.fits(g, p, guess, &|_| None));
            // A long one is no slip in writing it.
            let short = value.len() <= LONG;
            if let Some(meant) = short.then(|| rewritten::first_guess(value, fits)).flatten() {
                bad.help = Some(std::mem::take(&mut bad.label));
                bad.label = join(&["did you mean `", &meant, "`?"]).into();
                bad.change = Some((join(&["change to `", &meant, "`"]).into(), meant.into(), false));
                bad.near = true;
            }
        }
        bad
    }
}

impl Values {
    /// "allowed are" or "expected" with the first few values, made once where the same are told again.
    fn few(&mut self, values: &[(Arc<str>, Outline)], p: Option<u32>, few: Few, allowed: bool) -> Words {
        let key = (p.unwrap_or_default(), allowed, few.key());
        if let Some(known) = p.and_then(|_| self.lists.get(&key)) {
            return known.clone().into();
        }
        let told: Vec<&str> = few.places().filter_map(|at| Some(&*values.get(at)?.0)).collect();
        let (first, last) = if allowed {
            ("allowed are ", "and")
        } else {
            ("expected ", "or")
        };
        let text = join(&[first, &words::list_of(&told, values.len(), Tick::Word, last)]);
        if p.is_none() || self.lists.len() >= MANY {
            return text.into();
        }
        let text = Arc::<str>::from(text);
        self.lists.insert(key, text.clone());
        text.into()
    }
}
