//! Readings of an element as states of an automaton that is built while documents are read: what an element may
//! still become under every pattern that takes its name, each step made once. Exact; knows no tree.

use std::cell::Cell;
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::derive::Matcher;
use crate::grammar::Grammar;
use crate::grammar::datatype::Lookup;
use crate::grammar::pattern::{NOT_ALLOWED, PatId, TEXT};
use crate::syntax::Name;

/// A set of readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct State(u32);

/// The names that the same patterns take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol(pub u32);

/// No reading is left.
pub const DEAD: State = State(0);

/// How a step is found.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// It leads there whatever the text.
    Free(State),
    /// By the text; those seen are in that list.
    ByText(u32),
}

#[derive(Debug, Default)]
struct Readings {
    /// Element patterns, each with what must still come.
    items: Box<[(u32, PatId)]>,
    /// Those that may end here.
    fits: Box<[u32]>,
    /// After the start tag.
    closed: Option<State>,
    /// After text; after white space that is the whole content.
    text: Option<Step>,
    blank: Option<Step>,
}

#[derive(Debug)]
struct Named {
    elements: Arc<[u32]>,
    attributes: Arc<[u32]>,
    start: State,
}

/// Names that are remembered: no document has more in earnest, and each is looked up once for a tree.
const MOST_NAMES: usize = 1 << 15;

/// The states met so far.
#[derive(Debug, Default)]
pub struct States {
    list: Vec<Readings>,
    ids: FxHashMap<Box<[(u32, PatId)]>, State>,
    symbols: HashTable<(u64, Name, Symbol)>,
    /// By the element and the attribute patterns that take a name: names that the same ones take are one symbol.
    alike: FxHashMap<(Vec<u32>, Vec<u32>), Symbol>,
    /// By the namespace, those of names that no pattern mentions.
    strange: FxHashMap<Arc<str>, Symbol>,
    named: Vec<Named>,
    children: FxHashMap<u64, State>,
    attributes: FxHashMap<u64, Step>,
    texts: Vec<FxHashMap<Box<str>, State>>,
    /// Scratch.
    spare: Vec<(u32, PatId)>,
    remembered: usize,
}

/// Longer texts are judged anew each time.
const LONG: usize = 64;
/// So many texts are remembered, over all places.
const MANY: usize = 20_000;
/// And of those that are none of a list, so many at one place.
const MANY_BAD: usize = 256;
/// Beyond so many states or names the memo is thrown away after use.
const MAX_STATES: usize = 200_000;

#[inline]
fn pair(a: u32, b: u32) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}

impl States {
    /// True while they are worth keeping.
    pub fn is_small(&self) -> bool {
        self.list.len() < MAX_STATES
            && self.symbols.len() < MAX_STATES
            && self.strange.len() < MAX_STATES
            && self.children.len() < MAX_STATES
            && self.attributes.len() < MAX_STATES
    }

    /// Forgets the names where there are so many that no more are remembered: the next document has others.
    pub fn make_room(&mut self) {
        if self.symbols.len() >= MOST_NAMES {
            self.symbols.clear();
        }
        if self.strange.len() >= MOST_NAMES {
            self.strange.clear();
        }
    }

    /// How many names are remembered.
    #[cfg(test)]
    pub fn names(&self) -> usize {
        self.symbols.len() + self.strange.len()
    }

    fn of(&self, s: State) -> Option<&Readings> {
        self.list.get(s.0 as usize)
    }
}

impl Matcher {
    /// The symbol of a name with that hash.
    pub fn symbol(&mut self, g: &Grammar, name: &Name, hash: u64) -> Symbol {
        // Of names that no pattern mentions there may be very many: those of one namespace are alike.
        let strange = !g.mentions(hash);
        let same = |known: &(u64, Name, Symbol)| known.0 == hash && known.1 == *name;
        let known = match strange {
            true => self.states.strange.get(&name.namespace).copied(),
            false => self.states.symbols.find(hash, same).map(|known| known.2),
        };
        if let Some(symbol) = known {
            return symbol;
        }
        let (elements, attributes) = g.takers(name);
        let symbol = match self.states.alike.get(&(elements.clone(), attributes.clone())) {
            Some(&symbol) => symbol,
            None => self.new_symbol(g, elements, attributes),
        };
        if strange {
            if self.states.strange.len() < MOST_NAMES {
                self.states.strange.insert(name.namespace.clone(), symbol);
            }
        } else if self.states.symbols.len() < MOST_NAMES {
            let entry = (hash, name.clone(), symbol);
            self.states.symbols.insert_unique(hash, entry, |known| known.0);
        }
        symbol
    }

    fn new_symbol(&mut self, g: &Grammar, elements: Vec<u32>, attributes: Vec<u32>) -> Symbol {
        let items = elements
            .iter()
            .filter_map(|&e| Some((e, g.elements.get(e as usize)?.content)))
            .collect();
        let start = self.state(items);
        let symbol = Symbol(self.states.named.len() as u32);
        self.states.named.push(Named {
            elements: elements.as_slice().into(),
            attributes: attributes.as_slice().into(),
            start,
        });
        self.states.alike.insert((elements, attributes), symbol);
        symbol
    }

    /// The element patterns that take a name.
    pub fn elements_named(&self, s: Symbol) -> Arc<[u32]> {
        let named = self.states.named.get(s.0 as usize);
        named.map_or_else(|| Arc::new([]) as Arc<[u32]>, |n| n.elements.clone())
    }

    /// The same lists for as long as the matcher is left alone.
    #[inline]
    pub fn elements_of(&self, s: Symbol) -> &[u32] {
        self.states.named.get(s.0 as usize).map_or(&[], |n| &n.elements)
    }

    /// The same of attributes.
    #[inline]
    pub fn attributes_of(&self, s: Symbol) -> &[u32] {
        self.states.named.get(s.0 as usize).map_or(&[], |n| &n.attributes)
    }

    /// The attribute patterns that take a name.
    pub fn attributes_named(&self, s: Symbol) -> Arc<[u32]> {
        let named = self.states.named.get(s.0 as usize);
        named.map_or_else(|| Arc::new([]) as Arc<[u32]>, |n| n.attributes.clone())
    }

    /// Every reading of an element of that name, before its attributes.
    #[inline]
    pub fn start(&self, s: Symbol) -> State {
        self.states.named.get(s.0 as usize).map_or(DEAD, |n| n.start)
    }

    /// The element patterns that an element fits which ends in that state.
    #[inline]
    pub fn fitting(&self, s: State) -> &[u32] {
        self.states.of(s).map_or(&[], |r| &r.fits)
    }

    fn state(&mut self, mut items: Vec<(u32, PatId)>) -> State {
        if self.states.list.is_empty() {
            self.states.list.push(Readings::default());
            self.states.ids.insert(Box::default(), DEAD);
        }
        items.retain(|i| i.1 != NOT_ALLOWED);
        if items.is_empty() {
            self.states.spare = items;
            return DEAD;
        }
        if let Some(&s) = self.states.ids.get(items.as_slice()) {
            self.states.spare = items;
            return s;
        }
        let items: Box<[(u32, PatId)]> = items.into();
        let s = State(self.states.list.len() as u32);
        let ends = items.iter().filter(|i| self.patterns.nullable(i.1));
        self.states.list.push(Readings {
            fits: ends.map(|i| i.0).collect(),
            items: items.clone(),
            ..Readings::default()
        });
        self.states.ids.insert(items, s);
        s
    }

    /// An empty list for the readings of a state.
    fn scratch(&mut self) -> Vec<(u32, PatId)> {
        let mut list = std::mem::take(&mut self.states.spare);
        list.clear();
        list
    }

    /// One of the readings of a state, by its place.
    fn item(&self, s: State, at: usize) -> Option<(u32, PatId)> {
        self.states.of(s)?.items.get(at).copied()
    }

    fn items(&self, s: State) -> Box<[(u32, PatId)]> {
        self.states.of(s).map(|r| r.items.clone()).unwrap_or_default()
    }

    /// The state behind the start tag.
    #[inline]
    pub fn closed(&mut self, s: State) -> State {
        match self.states.of(s).and_then(|r| r.closed) {
            Some(next) => next,
            None => self.new_closed(s),
        }
    }

    #[cold]
    fn new_closed(&mut self, s: State) -> State {
        let items = self.items(s).iter().map(|&(e, p)| (e, self.close(p))).collect();
        let next = self.state(items);
        if let Some(r) = self.states.list.get_mut(s.0 as usize) {
            r.closed = Some(next);
        }
        next
    }

    /// The state behind a child that ends in the state `child`.
    #[inline]
    pub fn after(&mut self, s: State, child: State) -> State {
        match self.states.children.get(&pair(s.0, child.0)) {
            Some(&next) => next,
            None => self.new_after(s, child),
        }
    }

    #[cold]
    fn new_after(&mut self, s: State, child: State) -> State {
        let fits: Vec<u32> = self.fitting(child).to_vec();
        let mut items = Vec::new();
        for &(e, p) in &self.items(s) {
            let parts: Vec<PatId> = fits.iter().map(|&c| self.element(p, c)).collect();
            items.push((e, self.patterns.choice(&parts)));
        }
        let next = self.state(items);
        self.states.children.insert(pair(s.0, child.0), next);
        next
    }

    /// The state behind an attribute, or how to find it.
    #[inline]
    pub fn attribute_step(&mut self, g: &Grammar, s: State, name: Symbol) -> Step {
        match self.states.attributes.get(&pair(s.0, name.0)) {
            Some(&step) => step,
            None => self.new_attribute_step(g, s, name),
        }
    }

    #[cold]
    fn new_attribute_step(&mut self, g: &Grammar, s: State, name: Symbol) -> Step {
        let takes = self.attributes_named(name);
        let (mut items, mut free) = (Vec::new(), true);
        for &(e, p) in &self.items(s) {
            let mut parts = Vec::new();
            for &a in takes.iter() {
                let q = self.attribute(p, a);
                if q != NOT_ALLOWED {
                    free &= g.attributes.get(a as usize).is_some_and(|x| x.value == TEXT);
                    parts.push(q);
                }
            }
            items.push((e, self.patterns.choice(&parts)));
        }
        let step = if free {
            Step::Free(self.state(items))
        } else {
            self.by_text()
        };
        self.states.attributes.insert(pair(s.0, name.0), step);
        step
    }

    fn by_text(&mut self) -> Step {
        self.states.texts.push(FxHashMap::default());
        Step::ByText(self.states.texts.len() as u32 - 1)
    }

    /// The state behind an attribute whose value counts.
    pub fn after_value(
        &mut self,
        g: &Grammar,
        s: State,
        name: Symbol,
        at: u32,
        value: &str,
        lookup: Lookup<'_>,
    ) -> State {
        self.remember(at, value, lookup, |m, lookup| {
            let takes = m.attributes_named(name);
            let (mut items, mut at, mut parts) = (m.scratch(), 0, Vec::new());
            while let Some((e, p)) = m.item(s, at) {
                for &a in takes.iter() {
                    let q = m.attribute(p, a);
                    let wanted = g.attributes.get(a as usize).map_or(NOT_ALLOWED, |x| x.value);
                    if q != NOT_ALLOWED && m.fits(g, wanted, value, lookup) {
                        parts.push(q);
                    }
                }
                items.push((e, m.patterns.choice(&parts)));
                parts.clear();
                at += 1;
            }
            m.state(items)
        })
    }

    /// The state behind a run of text that is not all white space, or is the whole content.
    pub fn after_run(&mut self, g: &Grammar, s: State, text: &str, blank: bool, lookup: Lookup<'_>) -> State {
        let known = self
            .states
            .of(s)
            .and_then(|r| if blank { r.blank } else { r.text });
        let read = |m: &mut Matcher, lookup: Lookup<'_>| {
            let (mut items, mut at) = (m.scratch(), 0);
            while let Some((e, p)) = m.item(s, at) {
                let q = m.text(g, p, text, lookup);
                items.push((e, if blank { m.patterns.choice(&[p, q]) } else { q }));
                at += 1;
            }
            m.state(items)
        };
        match known {
            Some(Step::Free(next)) => next,
            Some(Step::ByText(at)) => self.remember(at, text, lookup, read),
            None => {
                let next = read(self, lookup);
                let free = self.items(s).iter().all(|i| self.text_is_free(i.1));
                let step = if free { Step::Free(next) } else { self.by_text() };
                if let Some(r) = self.states.list.get_mut(s.0 as usize) {
                    *(if blank { &mut r.blank } else { &mut r.text }) = Some(step);
                }
                next
            }
        }
    }

    /// The same text leads to the same state, unless the document was asked.
    fn remember(
        &mut self,
        at: u32,
        text: &str,
        lookup: Lookup<'_>,
        read: impl FnOnce(&mut Self, Lookup<'_>) -> State,
    ) -> State {
        if let Some(&next) = self.states.texts.get(at as usize).and_then(|t| t.get(text)) {
            return next;
        }
        let (looked, before) = (Cell::new(false), self.compared);
        let next = read(self, &|ask| {
            looked.set(true);
            lookup(ask)
        });
        if !looked.get() && text.len() <= LONG && self.states.remembered < MANY {
            let texts = self.states.texts.get_mut(at as usize);
            // Where very many texts are none of a list, hardly one of them comes again.
            let seldom = next == DEAD && self.compared == before;
            let texts = texts.filter(|t| !seldom || t.len() < MANY_BAD);
            if let Some(texts) = texts {
                texts.insert(text.into(), next);
                self.states.remembered += 1;
            }
        }
        next
    }
}
