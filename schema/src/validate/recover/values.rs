//! Values that are none of those allowed: what may have been meant, and what is allowed, nearest first.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Edit, Fix};
use crate::grammar::pattern::PatId;
use crate::syntax::NameId;
use crate::text::Span;
use crate::words::Words;

use super::super::words::{self, Given, Outline, Tick};
use super::texts::{join, short, tag};
use super::{Reporter, error};

/// What to say of a bad value.
struct Bad {
    message: Words,
    label: Words,
    help: Option<Words>,
    /// The title, the right value, and whether that is sure.
    change: Option<(Words, Arc<str>, bool)>,
    /// It is near a value that is allowed.
    near: bool,
}

/// The bad values met so far, by what they should fit and what has them: an element or an attribute of that name.
#[derive(Default)]
pub struct Values {
    met: FxHashMap<(PatId, bool, NameId), FxHashMap<Box<str>, Rc<Bad>>>,
    kept: usize,
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
            let bad = Rc::new(self.find_bad(&name, value, patterns));
            if let Some(key) = key.filter(|_| self.values.kept < MANY) {
                self.values.kept += 1;
                let all = self.values.met.entry(key).or_default();
                all.insert(value.into(), bad.clone());
            }
            bad
        });
        let shown = if bad.near && !replaced.is_empty() {
            replaced
        } else {
            whole
        };
        let mut d = error("invalid-value", shown, bad.message.clone());
        d.label = bad.label.clone();
        d.help.clone_from(&bad.help);
        if let Some((title, new, safe)) = &bad.change {
            d.fixes = vec![Fix {
                title: title.clone(),
                edits: vec![Edit {
                    span: replaced,
                    new_text: new.clone().into(),
                }],
                safe: *safe,
            }];
        }
        self.out.push(d);
    }

    fn find_bad(&mut self, name: &str, value: &str, patterns: &[PatId]) -> Bad {
        let g = self.judge.grammar;
        let lists: Vec<_> = patterns
            .iter()
            .map(|&p| self.judge.matcher.listed(g, p))
            .collect();
        let count: usize = lists.iter().map(|l| l.values.len()).sum();
        let words = || lists.iter().flat_map(|l| &l.values);
        let outlined = || words().map(|w: &(Arc<str>, Outline)| (&*w.0, w.1));
        let kind = lists.iter().find_map(|l| l.kind.as_deref());
        let mut given = Given::new(value);
        let (near, alone) = given.nearest(outlined());
        let only = if count == 1 && kind.is_none() {
            Some(0)
        } else {
            None
        };
        let few = |given: &mut Given<'_>, last: &str| {
            let best = given.first_few(outlined());
            words::list_of(&best, count, Tick::Word, last)
        };
        let mut bad = Bad {
            message: shared(join(&["`", &short(value), "` is no value of ", name])),
            label: Words::default(),
            help: None,
            change: None,
            near: !near.is_empty(),
        };
        if let Some((n, _)) = near.first().copied().or(only).and_then(|at| words().nth(at)) {
            bad.label = shared(join(&["did you mean `", n, "`?"]));
            let title = shared(join(&["change to `", n, "`"]));
            bad.change = Some((title, n.clone(), alone && bad.near));
            if count > 1 {
                bad.help = Some(shared(join(&["allowed are ", &few(&mut given, "and")])));
            }
        } else if count > 0 {
            bad.label = shared(join(&["expected ", &few(&mut given, "or")]));
        } else if let Some(k) = kind {
            bad.label = shared(join(&["expected ", k]));
        }
        bad
    }
}

fn shared(text: String) -> Words {
    Words::from(Arc::<str>::from(text))
}
