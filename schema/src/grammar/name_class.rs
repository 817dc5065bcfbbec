//! Name classes: which expanded names an element or attribute pattern takes. Knows nothing of patterns.

use std::sync::Arc;

use crate::syntax::{Atom, Name};

/// A simplified name class (RELAX NG, section 4.12).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NameClass {
    /// Exactly one name.
    Name(Name),
    /// Any name of a namespace, except those of the class given.
    Namespace(Arc<str>, Option<Box<NameClass>>),
    /// Any name, except those of the class given.
    Any(Option<Box<NameClass>>),
    /// A name of any of these.
    Choice(Vec<NameClass>),
}

impl NameClass {
    /// True where the class has that name.
    pub fn contains(&self, namespace: &str, local: &str) -> bool {
        match self {
            NameClass::Name(n) => &*n.local == local && &*n.namespace == namespace,
            NameClass::Namespace(ns, except) => {
                &**ns == namespace && !except.as_ref().is_some_and(|e| e.contains(namespace, local))
            }
            NameClass::Any(except) => !except.as_ref().is_some_and(|e| e.contains(namespace, local)),
            NameClass::Choice(list) => list.iter().any(|c| c.contains(namespace, local)),
        }
    }

    /// True where the class has infinitely many names.
    pub fn is_open(&self) -> bool {
        match self {
            NameClass::Name(_) => false,
            NameClass::Namespace(..) | NameClass::Any(_) => true,
            NameClass::Choice(list) => list.iter().any(NameClass::is_open),
        }
    }

    /// The names that stand in it one by one (those of an `except` do not count).
    pub fn names(&self) -> Vec<&Name> {
        match self {
            NameClass::Name(n) => vec![n],
            NameClass::Choice(list) => list.iter().flat_map(NameClass::names).collect(),
            _ => Vec::new(),
        }
    }

    /// True where a name is one of these.
    pub fn lists(&self, name: &Name) -> bool {
        match self {
            NameClass::Name(n) => n == name,
            NameClass::Choice(list) => list.iter().any(|class| class.lists(name)),
            _ => false,
        }
    }

    /// All names that it mentions, those of an `except` too: for every other one the namespace alone decides.
    pub fn mentioned(&self) -> Vec<&Name> {
        match self {
            NameClass::Name(n) => vec![n],
            NameClass::Choice(list) => list.iter().flat_map(NameClass::mentioned).collect(),
            NameClass::Namespace(_, except) | NameClass::Any(except) => {
                except.as_ref().map_or_else(Vec::new, |e| e.mentioned())
            }
        }
    }

    /// The first of these names.
    pub fn first(&self) -> Option<&Name> {
        match self {
            NameClass::Name(n) => Some(n),
            NameClass::Choice(list) => list.iter().find_map(NameClass::first),
            _ => None,
        }
    }

    /// True where some name is in both. Exact: every region that the two classes can tell apart has a sample
    /// (the algorithm that the specification's author gives for section 7).
    pub fn overlaps(&self, other: &NameClass) -> bool {
        let mut samples = Vec::new();
        self.samples(&mut samples);
        other.samples(&mut samples);
        samples
            .iter()
            .any(|(ns, local)| self.contains(ns, local) && other.contains(ns, local))
    }

    fn samples(&self, out: &mut Vec<(Arc<str>, Atom)>) {
        // A character that no XML name or URI holds, so that the sample is no name given in a grammar.
        const NOWHERE: &str = "\u{1}";
        match self {
            NameClass::Name(n) => out.push((n.namespace.clone(), n.local.clone())),
            NameClass::Namespace(ns, except) => {
                out.push((ns.clone(), NOWHERE.into()));
                if let Some(e) = except {
                    e.samples(out);
                }
            }
            NameClass::Any(except) => {
                out.push((NOWHERE.into(), NOWHERE.into()));
                if let Some(e) = except {
                    e.samples(out);
                }
            }
            NameClass::Choice(list) => list.iter().for_each(|c| c.samples(out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(ns: &str, local: &str) -> NameClass {
        NameClass::Name(Name::new(ns.into(), local))
    }

    #[test]
    fn an_exception_takes_names_away() {
        let any = NameClass::Any(Some(Box::new(NameClass::Namespace("".into(), None))));
        assert!(any.contains("urn:x", "a"));
        assert!(!any.contains("", "a"));
        assert!(!any.overlaps(&name("", "a")));
        assert!(any.overlaps(&name("urn:x", "a")));
    }

    #[test]
    fn what_one_excepts_the_other_may_take() {
        let but_a = NameClass::Namespace("u".into(), Some(Box::new(name("u", "a"))));
        assert!(!but_a.overlaps(&name("u", "a")));
        assert!(but_a.overlaps(&NameClass::Choice(vec![name("u", "a"), name("u", "b")])));
    }
}
