//! The exact verdict: for every element of a tree the element patterns of the grammar that it fits. Bottom up and
//! without recursion, because whether an element fits a pattern does not depend on where it stands.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use crate::grammar::Grammar;
use crate::grammar::datatype::Ask;
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{Atom, Attr, Name, NameId, NodeId, NodeKind, Tree};

use super::derive::Matcher;
use super::recover::{LastFitted, Purse, Rivals};
use super::states::{DEAD, State, Step, Symbol};

/// The namespace of namespace declarations, which are no attributes to a grammar.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// One tree against one grammar.
pub struct Judge<'a> {
    pub grammar: &'a Grammar,
    pub tree: &'a Tree,
    pub matcher: Matcher,
    /// By name of the tree: its symbol.
    symbols: Vec<Symbol>,
    /// By name of the tree: it is a namespace declaration's.
    xmlns: Vec<bool>,
    /// By name of the tree, where the grammar has elements of any name: it has elements of that one.
    known: Vec<Cell<Option<bool>>>,
    /// By node: the state in which the element ends.
    ends: Vec<State>,
    /// How many elements fit nothing.
    pub faulty: usize,
    /// The element looked at last.
    pub(super) fitted: LastFitted,
    /// What it may be by its name.
    pub(super) rivals: Rivals,
    /// What repair may still spend on looking for what was meant.
    pub(super) purse: Purse,
}

impl<'a> Judge<'a> {
    /// Labels the whole tree.
    pub fn new(grammar: &'a Grammar, tree: &'a Tree, mut matcher: Matcher) -> Self {
        let names = || (0..tree.name_count()).map(|n| NameId(n as u32));
        Self {
            grammar,
            tree,
            symbols: names()
                .map(|n| matcher.symbol(grammar, tree.name(n), tree.hash_of(n)))
                .collect(),
            xmlns: declarations(tree),
            known: match grammar.has_open_elements() {
                true => vec![Cell::new(None); tree.name_count()],
                false => Vec::new(),
            },
            ends: vec![State::default(); tree.nodes.len()],
            faulty: 0,
            fitted: LastFitted::default(),
            rivals: Rivals::default(),
            purse: Purse::of(tree),
            matcher,
        }
    }

    /// Labels every element; true where the document is valid.
    pub fn run(&mut self) -> bool {
        // Children come after their parents in the arena.
        for at in (0..self.tree.nodes.len()).rev() {
            let id = NodeId::new(at);
            if self.tree.node(id).kind == NodeKind::Element {
                let end = self.end(id);
                self.faulty += usize::from(self.matcher.fitting(end).is_empty());
                if let Some(slot) = self.ends.get_mut(at) {
                    *slot = end;
                }
            }
        }
        let document = self.tree.document();
        let mut roots = self.tree.elements(document);
        match (roots.next(), roots.next()) {
            (Some(root), None) => {
                let p = self.after_child(self.grammar.start, root);
                self.matcher.patterns.nullable(p)
            }
            _ => false,
        }
    }

    /// The symbol of a name of the tree.
    pub fn symbol(&self, name: NameId) -> Symbol {
        #[allow(clippy::indexing_slicing)] // one for each name of the tree
        self.symbols[name.0 as usize]
    }

    /// The state in which an element ends whose children are labelled.
    fn end(&mut self, id: NodeId) -> State {
        let (tree, g) = (self.tree, self.grammar);
        let lookup = |ask: Ask<'_>| answer(tree, id, ask);
        let mut state = self.matcher.start(self.symbol(tree.node(id).name));
        for attr in tree.attrs(id) {
            // What is nothing stays nothing, whatever comes.
            if state == DEAD {
                return DEAD;
            }
            if self.is_declaration(attr) {
                continue;
            }
            let name = self.symbol(attr.name);
            state = match self.matcher.attribute_step(g, state, name) {
                Step::Free(next) => next,
                Step::ByText(at) => {
                    let value = tree.value(attr);
                    self.matcher.after_value(g, state, name, at, &value, &lookup)
                }
            };
        }
        state = self.matcher.closed(state);
        if state == DEAD {
            return DEAD;
        }
        let (mut run, mut blank, mut only) = (None, true, true);
        for child in tree.children(id) {
            let node = tree.node(child);
            match node.kind {
                NodeKind::Element => {
                    if !blank {
                        let text = text_run(tree, run);
                        state = self.matcher.after_run(g, state, &text, false, &lookup);
                    }
                    let end = self.ends.get(child.place()).copied().unwrap_or_default();
                    state = self.matcher.after(state, end);
                    if state == DEAD {
                        return DEAD;
                    }
                    (run, blank, only) = (None, true, false);
                }
                NodeKind::Text | NodeKind::CData => {
                    // Text that migration has put there says itself whether it is white space.
                    let plain = node.kind == NodeKind::Text && node.attr_count == 0;
                    blank &= if plain {
                        node.blank
                    } else {
                        is_blank(&tree.text_value(child))
                    };
                    run = run.or(Some(child));
                }
                _ => {}
            }
        }
        if only || !blank {
            let text = text_run(tree, run);
            state = self.matcher.after_run(g, state, &text, blank, &lookup);
        }
        state
    }

    /// The element patterns that take the name of a node.
    pub fn candidates(&self, id: NodeId) -> &[u32] {
        let symbol = self.symbol(self.tree.node(id).name);
        self.matcher.elements_of(symbol)
    }

    /// The same to keep.
    pub fn candidates_kept(&self, id: NodeId) -> Arc<[u32]> {
        let symbol = self.symbol(self.tree.node(id).name);
        self.matcher.elements_named(symbol)
    }

    /// True where the grammar has an element of that name; one that takes any name does not count.
    pub fn knows_element(&self, id: NodeId) -> bool {
        let takes = self.candidates(id);
        if !self.grammar.has_open_elements() {
            return !takes.is_empty();
        }
        let known = self.known.get(self.tree.node(id).name.0 as usize);
        if let Some(known) = known.and_then(|k| k.get()) {
            return known;
        }
        let found = takes.iter().any(|&e| self.is_named(id, e));
        known.inspect(|known| known.set(Some(found)));
        found
    }

    /// True where an element pattern has the name of a node among those that it names.
    pub fn is_named(&self, id: NodeId, e: u32) -> bool {
        let name = self.tree.name(self.tree.node(id).name);
        let all = &self.grammar.elements;
        all.get(e as usize).is_some_and(|x| x.names.lists(name))
    }

    /// The attribute patterns that have the name of an attribute; those that take any name do not count.
    pub fn attributes_of_name(&self, attr: &Attr) -> impl Iterator<Item = u32> {
        let all = &self.grammar.attributes;
        let takes = self.matcher.attributes_of(self.symbol(attr.name));
        let name = self.tree.name(attr.name);
        let named = |a: &u32| all.get(*a as usize).is_some_and(|x| x.names.lists(name));
        takes.iter().copied().filter(named)
    }

    /// The patterns that a node fits.
    pub fn fitting(&self, id: NodeId) -> &[u32] {
        let end = self.ends.get(id.place()).copied().unwrap_or_default();
        self.matcher.fitting(end)
    }

    /// So many faults there are at least: one in each element that fits nothing although all in it fit something.
    pub fn least_faults(&self) -> usize {
        let fits = |id: NodeId| !self.fitting(id).is_empty();
        let own = |&id: &NodeId| {
            self.tree.node(id).kind == NodeKind::Element && !fits(id) && self.tree.elements(id).all(fits)
        };
        (0..self.tree.nodes.len()).map(NodeId::new).filter(own).count()
    }

    /// True for namespace declarations, which a grammar does not see.
    pub fn is_declaration(&self, attr: &Attr) -> bool {
        self.xmlns.get(attr.name.0 as usize) == Some(&true)
    }

    /// What remains of `p` after a child that is labelled.
    pub fn after_child(&mut self, p: PatId, child: NodeId) -> PatId {
        match self.fitting(child) {
            [] => NOT_ALLOWED,
            &[one] => self.matcher.element(p, one),
            many => {
                let (count, mut parts) = (many.len(), Vec::new());
                for at in 0..count {
                    let e = self.fitting(child).get(at).copied();
                    let q = e.map_or(NOT_ALLOWED, |e| self.matcher.element(p, e));
                    if q != NOT_ALLOWED {
                        parts.push(q);
                    }
                }
                match *parts {
                    [] => NOT_ALLOWED,
                    [one] => one,
                    _ => self.matcher.patterns.choice(&parts),
                }
            }
        }
    }

    /// What remains after a run of text; white space may always be left out.
    pub fn after_text(&mut self, p: PatId, owner: NodeId, text: &str, only: bool) -> PatId {
        let blank = is_blank(text);
        if blank && !only {
            return p;
        }
        let tree = self.tree;
        let q = self
            .matcher
            .text(self.grammar, p, text, &|ask| answer(tree, owner, ask));
        if blank {
            self.matcher.patterns.choice(&[p, q])
        } else {
            q
        }
    }
}

/// How the name of an element pattern is written at an element.
pub enum Spelling {
    /// In the element's own namespace: with its prefix, or without as it is.
    Same,
    /// In another one: the whole name.
    Whole(Atom),
    /// That namespace has no prefix there.
    None,
}

impl Judge<'_> {
    /// How a name is written in place of an element's.
    pub fn spelling(&self, id: NodeId, name: &Name) -> Spelling {
        if name.namespace == self.tree.name(self.tree.node(id).name).namespace {
            return Spelling::Same;
        }
        match self.prefix_of_element(id, &name.namespace) {
            Some("") => Spelling::Whole(name.local.clone()),
            Some(prefix) => Spelling::Whole(format!("{prefix}:{}", name.local).into()),
            None => Spelling::None,
        }
    }

    /// The prefix with which an element of a namespace is written in place of another; empty for the default namespace.
    pub fn prefix_of_element(&self, id: NodeId, uri: &str) -> Option<&str> {
        if namespace(self.tree, id, "").unwrap_or_default() == uri {
            return Some("");
        }
        self.prefix(id, uri)
    }

    /// A prefix that stands for a namespace at an element.
    pub fn prefix(&self, owner: NodeId, uri: &str) -> Option<&str> {
        let mut id = owner;
        loop {
            for a in self.tree.attrs(id).iter().filter(|a| self.is_declaration(a)) {
                let written = a.name_span.of(self.tree.text());
                if let Some(prefix) = written.strip_prefix("xmlns:") {
                    if self.tree.value(a) == *uri
                        && namespace(self.tree, owner, prefix).as_deref() == Some(uri)
                    {
                        return Some(prefix);
                    }
                }
            }
            id = self.tree.parent(id)?;
        }
    }
}

/// By name of a tree: it is a namespace declaration's. Most names are in the namespace of the one before.
fn declarations(tree: &Tree) -> Vec<bool> {
    let mut last: Option<(&Arc<str>, bool)> = None;
    let declares = |n| {
        let namespace = &tree.name(NameId(n as u32)).namespace;
        let known = last.filter(|l| Arc::ptr_eq(l.0, namespace)).map(|l| l.1);
        let found = known.unwrap_or_else(|| **namespace == *XMLNS);
        last = Some((namespace, found));
        found
    };
    (0..tree.name_count()).map(declares).collect()
}

/// True where a text is white space.
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The text from a node to the next element.
pub fn text_run(tree: &Tree, first: Option<NodeId>) -> Cow<'_, str> {
    let mut out = Cow::Borrowed("");
    let run = std::iter::successors(first, |&n| tree.node(n).next_sibling);
    for id in run.take_while(|&n| tree.node(n).kind != NodeKind::Element) {
        if matches!(tree.node(id).kind, NodeKind::Text | NodeKind::CData) {
            let text = tree.text_value(id);
            if out.is_empty() {
                out = text;
            } else {
                out.to_mut().push_str(&text);
            }
        }
    }
    out
}

/// What the values at an element ask.
pub fn answer(tree: &Tree, id: NodeId, ask: Ask<'_>) -> Option<String> {
    match ask {
        Ask::Namespace(prefix) => namespace(tree, id, prefix),
        Ask::Unparsed(name) => tree.may_be_unparsed(name).then(String::new),
    }
}

/// The namespace of a prefix at an element.
pub fn namespace(tree: &Tree, mut id: NodeId, prefix: &str) -> Option<String> {
    if prefix == "xml" {
        return Some("http://www.w3.org/XML/1998/namespace".into());
    }
    loop {
        for a in tree.attrs(id) {
            let written = a.name_span.of(tree.text());
            if written.strip_prefix("xmlns:") == Some(prefix) || prefix.is_empty() && written == "xmlns" {
                return Some(tree.value(a).into_owned());
            }
        }
        let up = tree.node(id).parent;
        if up == id {
            return None;
        }
        id = up;
    }
}
