//! Where a misplaced element belongs: the nearest place around it that takes it. What is found is kept, and the search
//! ends when it has cost as much as reading the document.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::noted::Line;
use crate::syntax::{NameId, NodeId, NodeKind, Tree};
use crate::text::Span;

use super::super::label::Judge;
use super::fixes::{indent, with_line};
use super::texts::{Kind, Texts, put, tag};

/// What is known of the places of one document.
pub struct Places {
    /// By the names of an element and of one to hold: whether some pattern has it so.
    takes: FxHashMap<(NameId, NameId), bool>,
    /// By element and the name to hold: its first closed child that takes it.
    inside: FxHashMap<(NodeId, NameId), Option<NodeId>>,
    /// By element: the first closed child of each name, in the order of the text.
    closed: FxHashMap<NodeId, Rc<[NodeId]>>,
    /// By parent and name: where it belongs.
    found: FxHashMap<(NodeId, NameId), Option<NodeId>>,
    /// The last two child elements.
    tails: FxHashMap<NodeId, [Option<NodeId>; 2]>,
    /// How many nodes may still be looked at, and how many bytes of the text repeated.
    steps: usize,
    bytes: usize,
}

impl Places {
    pub fn new(tree: &Tree) -> Self {
        Self {
            takes: FxHashMap::default(),
            inside: FxHashMap::default(),
            closed: FxHashMap::default(),
            found: FxHashMap::default(),
            tails: FxHashMap::default(),
            steps: 2 * tree.nodes.len() + 1000,
            bytes: 2 * tree.text().len() + 1000,
        }
    }

    fn spend(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }

    fn takes(&mut self, judge: &Judge<'_>, id: NodeId, child: NodeId) -> bool {
        let key = (judge.tree.node(id).name, judge.tree.node(child).name);
        *self.takes.entry(key).or_insert_with(|| {
            let wanted = judge.candidates(child);
            judge.candidates(id).iter().any(|&e| {
                let held = judge.grammar.held(e).1;
                held.iter().any(|x| wanted.contains(x))
            })
        })
    }

    /// The first child of `id` that takes elements of the name of `child` and has not that name itself.
    fn inside(&mut self, judge: &Judge<'_>, id: NodeId, child: NodeId) -> Option<NodeId> {
        let tree = judge.tree;
        let name = tree.node(child).name;
        if let Some(&known) = self.inside.get(&(id, name)) {
            return known;
        }
        let closed = self.closed(tree, id)?;
        let other = |&&c: &&NodeId| tree.node(c).name != name;
        let mut others = closed.iter().filter(other);
        let found = others.find(|&&c| self.takes(judge, c, child)).copied();
        self.inside.insert((id, name), found);
        found
    }

    /// The first closed child of each name.
    fn closed(&mut self, tree: &Tree, id: NodeId) -> Option<Rc<[NodeId]>> {
        if let Some(known) = self.closed.get(&id) {
            return Some(known.clone());
        }
        let (mut list, mut names) = (Vec::new(), FxHashSet::default());
        for c in tree.elements(id) {
            if !self.spend() {
                return None;
            }
            let node = tree.node(c);
            if !node.close.is_empty() && names.insert(node.name) {
                list.push(c);
            }
        }
        let list: Rc<[NodeId]> = list.into();
        self.closed.insert(id, list.clone());
        Some(list)
    }

    fn target(&mut self, judge: &Judge<'_>, parent: NodeId, child: NodeId) -> Option<NodeId> {
        let tree = judge.tree;
        let key = (parent, tree.node(child).name);
        if let Some(&known) = self.found.get(&key) {
            return known;
        }
        let mut up = Some(parent);
        let mut found = None;
        while let Some(id) = up.filter(|&u| tree.node(u).kind == NodeKind::Element) {
            if !self.spend() {
                return None;
            }
            if id != parent && self.takes(judge, id, child) {
                found = Some(id);
                break;
            }
            if let Some(c) = self.inside(judge, id, child).filter(|&c| c != parent) {
                found = Some(c);
                break;
            }
            up = tree.parent(id);
        }
        self.found.insert(key, found);
        found
    }

    fn tail(&mut self, tree: &Tree, id: NodeId) -> [Option<NodeId>; 2] {
        if let Some(&known) = self.tails.get(&id) {
            return known;
        }
        let mut tail = [None; 2];
        for c in tree.elements(id) {
            tail = [tail[1], Some(c)];
            self.spend();
        }
        self.tails.insert(id, tail);
        tail
    }

    /// Moves an element to the nearest place around it where the grammar has it; none where there is no such place.
    pub fn move_away(&mut self, judge: &Judge<'_>, texts: &mut Texts, child: NodeId) -> Option<()> {
        let tree = judge.tree;
        let span = tree.node(child).span;
        if self.steps == 0 || self.bytes < span.len() as usize {
            return None;
        }
        let target = self.target(judge, tree.parent(child)?, child)?;
        let node = *tree.node(target);
        let text = tree.text();
        let around = |c: NodeId| tree.node(c).span.start <= span.start && tree.node(c).span.end >= span.end;
        let [before, last] = self.tail(tree, target);
        let last = if last.is_some_and(around) { before } else { last };
        let at = match last {
            Some(c) => tree.node(c).span.end,
            None if node.close.is_empty() => return None,
            None => node.open.end,
        };
        let (line, deeper) = match last.or_else(|| tree.elements(target).next()) {
            Some(c) => (indent(tree, c), ""),
            None => match indent(tree, target) {
                "" => ("", ""),
                own => (own, "    "),
            },
        };
        let cut = with_line(tree, child);
        if cut.start < at && at < cut.end {
            return None;
        }
        self.bytes -= span.len() as usize;
        let away = (cut, Line::default());
        let there = (Span::empty(at), texts.line(&[line, deeper, span.of(text)]));
        let (own, place) = (tree.node(child).name, node.name);
        let title = texts.say(true, Kind::Move, own.0, place.0, |t| {
            let target = tag(tree.local(target));
            put(t, &["move ", &tag(tree.local(child)), " into ", &target]);
        });
        let edits = if there.0 < away.0 {
            [there, away]
        } else {
            [away, there]
        };
        texts.notes.fix(title, false, &edits);
        Some(())
    }
}
