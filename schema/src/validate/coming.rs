//! The attributes that may still come of a content, as names, and whether they decide over the rest of it; each answered
//! once. Exact; knows no tree.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::derive::Matcher;
use super::near::Outline;
use crate::grammar::Grammar;
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::Atom;

/// A name that may be meant.
#[derive(Debug, Clone)]
pub struct Known {
    /// The pattern.
    pub id: u32,
    /// Which of the names that the pattern lists.
    pub at: u16,
    pub name: Atom,
    pub outline: Outline,
}

impl Known {
    pub fn new(id: u32, at: u16, name: Atom) -> Self {
        let outline = Outline::of(&name);
        Self {
            id,
            at,
            name,
            outline,
        }
    }
}

/// The attributes that may still come.
#[derive(Debug)]
pub struct Coming {
    pub known: Box<[Known]>,
    /// The place of the only one of them that is required.
    pub needed: Option<usize>,
    /// Several of them have one name.
    pub doubled: bool,
}

/// How the attributes of a content decide over the rest of it.
#[derive(Debug, Clone, Copy)]
pub struct Decides {
    /// By their values: there are several of one name.
    pub by_value: bool,
    /// By being there.
    pub by_presence: bool,
}

/// More attributes, or readings of one, are not looked through.
pub const FEW: usize = 16;

impl Matcher {
    /// The attributes that may still come, by their names; none where one of them is in a namespace, so that its name
    /// depends on where it stands.
    pub fn open(&mut self, g: &Grammar, p: PatId) -> Option<Arc<Coming>> {
        if let Some(o) = self.needs.open.get(&p) {
            return o.clone();
        }
        let (mut out, mut plain) = (Vec::new(), true);
        for &a in self.attributes(p).iter() {
            if self.attribute(p, a) == NOT_ALLOWED {
                continue;
            }
            let names = g.attributes.get(a as usize).map(|x| x.names.names());
            for (at, name) in (0..u16::MAX).zip(names.unwrap_or_default()) {
                plain &= name.namespace.is_empty();
                out.push(Known::new(a, at, name.local.clone()));
            }
        }
        let found = plain.then(|| Arc::new(self.coming(p, out)));
        self.needs.open.insert(p, found.clone());
        found
    }

    /// The same of those that are known to be open.
    pub fn coming(&mut self, p: PatId, known: Vec<Known>) -> Coming {
        // Of several names of one the first is taken.
        let firsts = known.iter().enumerate().filter(|(_, o)| o.at == 0);
        let mut needed = firsts
            .filter(|(_, o)| self.requires(p, o.id))
            .map(|(place, _)| place);
        let names: FxHashSet<&Atom> = known.iter().map(|o| &o.name).collect();
        Coming {
            doubled: names.len() < known.len(),
            needed: needed.next().filter(|_| needed.next().is_none()),
            known: known.into(),
        }
    }

    /// How the attributes of a content decide over the rest of it.
    pub fn decides(&mut self, g: &Grammar, p: PatId) -> Decides {
        if let Some(&known) = self.needs.decides.get(&p) {
            return known;
        }
        let all = self.attributes(p);
        let names = all
            .iter()
            .filter_map(|&a| g.attributes.get(a as usize)?.names.first());
        let different: FxHashSet<_> = names.collect();
        let body = self.finish_attributes(p).body;
        let by_presence = all.len() <= FEW
            && all.iter().any(|&a| {
                let q = self.attribute(p, a);
                q != NOT_ALLOWED && self.finish_attributes(q).body != body
            });
        let found = Decides {
            by_value: different.len() < all.len(),
            by_presence,
        };
        self.needs.decides.insert(p, found);
        found
    }
}
