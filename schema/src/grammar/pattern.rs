//! Hash-consed patterns: equal patterns have equal ids, and the constructors keep them small (`notAllowed` and
//! `empty` vanish, choices are sets). Knows nothing of documents.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A pattern in its arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct PatId(pub u32);

/// A pattern whose parts are in the arena; `Element`, `Attribute` and `Data` are indices into the grammar's lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pat {
    /// Nothing fits.
    NotAllowed,
    /// Nothing may stand here.
    Empty,
    /// Any text.
    Text,
    /// One of these; sorted, no two alike, at least two.
    Choice(Box<[PatId]>),
    /// All of these, mingled; at least two.
    Interleave(Box<[PatId]>),
    /// The first, then the second.
    Group(PatId, PatId),
    /// One or more.
    OneOrMore(PatId),
    /// Words separated by white space.
    List(PatId),
    /// Text of a datatype, or one value: index into `Grammar::data`.
    Data(u32),
    /// Index into `Grammar::attributes`.
    Attribute(u32),
    /// Index into `Grammar::elements`.
    Element(u32),
}

/// What is somewhere in a content: a bit for the elements, and one for the attributes, that share it; so no bit means
/// that there is none, and a bit that there may be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holds {
    elements: u64,
    attributes: u64,
    text: bool,
}

impl Holds {
    /// That element pattern.
    pub fn element(e: u32) -> Self {
        Self {
            elements: 1 << (e % 64),
            ..Self::default()
        }
    }

    /// That attribute pattern.
    pub fn attribute(a: u32) -> Self {
        Self {
            attributes: 1 << (a % 64),
            ..Self::default()
        }
    }

    /// Anything that takes text.
    pub fn text() -> Self {
        Self {
            text: true,
            ..Self::default()
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            elements: self.elements | other.elements,
            attributes: self.attributes | other.attributes,
            text: self.text | other.text,
        }
    }

    fn meets(self, other: Self) -> bool {
        self.elements & other.elements != 0
            || self.attributes & other.attributes != 0
            || self.text & other.text
    }
}

/// The arena.
#[derive(Debug, Clone)]
pub struct Patterns {
    list: Vec<Pat>,
    nullable: Vec<bool>,
    holds: Vec<Holds>,
    /// How many patterns are in each other, at most; those of a sequence are.
    depths: Vec<u16>,
    ids: FxHashMap<Pat, PatId>,
}

/// Nothing fits.
pub const NOT_ALLOWED: PatId = PatId(0);
/// Nothing may stand here.
pub const EMPTY: PatId = PatId(1);
/// Any text.
pub const TEXT: PatId = PatId(2);

impl Default for Patterns {
    fn default() -> Self {
        let mut p = Self {
            list: Vec::new(),
            nullable: Vec::new(),
            holds: Vec::new(),
            depths: Vec::new(),
            ids: FxHashMap::default(),
        };
        for pat in [Pat::NotAllowed, Pat::Empty, Pat::Text] {
            p.intern(pat);
        }
        p
    }
}

impl Patterns {
    /// The pattern of an id; a foreign id fits nothing.
    pub fn get(&self, id: PatId) -> &Pat {
        self.list.get(id.0 as usize).unwrap_or(&Pat::NotAllowed)
    }

    /// True where the pattern takes no content at all.
    pub fn nullable(&self, id: PatId) -> bool {
        self.nullable.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// False where nothing of what is sought is in the content.
    pub fn may_hold(&self, id: PatId, sought: Holds) -> bool {
        self.held(id).meets(sought)
    }

    /// How many patterns are in each other in this one, at most: those of a sequence are.
    pub fn depth(&self, id: PatId) -> u16 {
        self.depths.get(id.0 as usize).copied().unwrap_or(0)
    }

    /// The largest of these.
    pub fn deepest(&self) -> u16 {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    fn held(&self, id: PatId) -> Holds {
        self.holds.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The arena of these patterns, which must be those of another arena in the order of their ids.
    pub fn from_list(list: Vec<Pat>) -> Self {
        let mut p = Self {
            list: Vec::with_capacity(list.len()),
            nullable: Vec::with_capacity(list.len()),
            holds: Vec::with_capacity(list.len()),
            depths: Vec::with_capacity(list.len()),
            ids: FxHashMap::with_capacity_and_hasher(list.len(), rustc_hash::FxBuildHasher),
        };
        for pat in list {
            p.intern(pat);
        }
        p
    }

    /// All patterns, in the order of their ids.
    #[cfg(test)]
    pub fn all(&self) -> &[Pat] {
        &self.list
    }

    /// Number of patterns.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The id of a pattern that is in normal form.
    pub fn intern(&mut self, pat: Pat) -> PatId {
        if let Some(&id) = self.ids.get(&pat) {
            return id;
        }
        let id = PatId(self.list.len() as u32);
        let nullable = match &pat {
            Pat::Empty | Pat::Text => true,
            Pat::Choice(l) => l.iter().any(|&p| self.nullable(p)),
            Pat::Interleave(l) => l.iter().all(|&p| self.nullable(p)),
            Pat::Group(a, b) => self.nullable(*a) && self.nullable(*b),
            Pat::OneOrMore(p) => self.nullable(*p),
            _ => false,
        };
        let holds = match &pat {
            Pat::NotAllowed | Pat::Empty => Holds::default(),
            Pat::Text | Pat::Data(_) | Pat::List(_) => Holds::text(),
            Pat::Element(e) => Holds::element(*e),
            Pat::Attribute(a) => Holds::attribute(*a),
            Pat::Choice(l) | Pat::Interleave(l) => {
                l.iter().fold(Holds::default(), |all, &p| all.and(self.held(p)))
            }
            Pat::Group(a, b) => self.held(*a).and(self.held(*b)),
            Pat::OneOrMore(p) => self.held(*p),
        };
        let below = match &pat {
            Pat::Choice(l) | Pat::Interleave(l) => l.iter().map(|&p| self.depth(p)).max(),
            Pat::Group(a, b) => Some(self.depth(*a).max(self.depth(*b))),
            Pat::OneOrMore(p) | Pat::List(p) => Some(self.depth(*p)),
            _ => None,
        };
        self.depths.push(below.unwrap_or(0).saturating_add(1));
        self.holds.push(holds);
        self.nullable.push(nullable);
        self.list.push(pat.clone());
        self.ids.insert(pat, id);
        id
    }

    /// One of these.
    pub fn choice(&mut self, parts: &[PatId]) -> PatId {
        match parts {
            [] => return NOT_ALLOWED,
            [one] => return *one,
            _ => {}
        }
        let mut flat = Vec::with_capacity(parts.len());
        for &p in parts {
            match self.get(p) {
                Pat::NotAllowed => {}
                Pat::Choice(l) => flat.extend_from_slice(l),
                _ => flat.push(p),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        if flat.first() == Some(&EMPTY) && flat.iter().skip(1).any(|&p| self.nullable(p)) {
            flat.remove(0);
        }
        match flat.as_slice() {
            [] => NOT_ALLOWED,
            [one] => *one,
            _ => self.intern(Pat::Choice(flat.into())),
        }
    }

    /// All of these, mingled.
    pub fn interleave(&mut self, parts: &[PatId]) -> PatId {
        let mut flat = Vec::with_capacity(parts.len());
        for &p in parts {
            match self.get(p) {
                Pat::NotAllowed => return NOT_ALLOWED,
                Pat::Empty => {}
                Pat::Interleave(l) => flat.extend_from_slice(l),
                _ => flat.push(p),
            }
        }
        flat.sort_unstable();
        match flat.as_slice() {
            [] => EMPTY,
            [one] => *one,
            _ => self.intern(Pat::Interleave(flat.into())),
        }
    }

    /// The first, then the second.
    pub fn group(&mut self, a: PatId, b: PatId) -> PatId {
        match (a, b) {
            (NOT_ALLOWED, _) | (_, NOT_ALLOWED) => NOT_ALLOWED,
            (EMPTY, x) | (x, EMPTY) => x,
            _ => match *self.get(a) {
                // Right-leaning, so that equal sequences are equal patterns.
                Pat::Group(x, y) => {
                    let tail = self.group(y, b);
                    self.group(x, tail)
                }
                _ => self.intern(Pat::Group(a, b)),
            },
        }
    }

    /// One or more.
    pub fn one_or_more(&mut self, p: PatId) -> PatId {
        match self.get(p) {
            Pat::NotAllowed | Pat::Empty | Pat::Text | Pat::OneOrMore(_) => p,
            _ => self.intern(Pat::OneOrMore(p)),
        }
    }

    /// Words separated by white space.
    pub fn list(&mut self, p: PatId) -> PatId {
        if p == NOT_ALLOWED {
            NOT_ALLOWED
        } else {
            self.intern(Pat::List(p))
        }
    }
}
