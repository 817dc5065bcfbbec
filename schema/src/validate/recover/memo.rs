//! What one document's repair has found out already, so that the second fault of a kind costs a lookup. Decides
//! nothing by itself.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::grammar::Grammar;
use crate::grammar::pattern::{EMPTY, NOT_ALLOWED, PatId};
use crate::noted::Notes;
use crate::syntax::{Atom, Name, NameId, NodeId, NodeKind, Tree};

use super::super::label::Judge;
use super::super::near::{Given, Outline, is_exchange};
use super::super::needs::MOST;
use super::steps::Reading;
use super::texts::Texts;

/// An element that may come next.
#[derive(Debug)]
pub struct Next {
    pub e: u32,
    /// Which of the names that the pattern lists.
    pub at: u16,
    /// What remains after it.
    pub rest: PatId,
    /// The content needs it.
    pub needed: bool,
    name: Atom,
    pub namespace: Arc<str>,
    outline: Outline,
}

/// What has a name and may come where some content must still come, in the grammar's order.
#[derive(Debug, Default)]
pub struct Following {
    pub list: Box<[Next]>,
    /// The namespace that all of them are in.
    space: Option<Arc<str>>,
    /// What can be told of each at a glance, and whether it is needed.
    glances: Box<[(Outline, bool)]>,
}

/// By what must still come: what may come. It is so of every document.
pub type Followings = FxHashMap<PatId, Arc<Following>>;

/// What a child of some name may be where some content must still come.
#[derive(Default)]
pub struct Options {
    /// Under its own name, each with what remains after it.
    pub own: Box<[(u32, PatId)]>,
    pub next: Arc<Following>,
    /// Those of them by another name that are near or needed: the index into `next`, and the slips between the names.
    pub likely: Vec<(u32, Option<u32>)>,
    /// Elements left out before it, and what it may be then.
    pub behind: Option<(Box<[u32]>, Box<[(u32, PatId)]>)>,
    /// One of several left out before it, and what it may be then.
    pub through: Box<[(u32, PatId)]>,
}

/// What is known of the element whose children are judged.
#[derive(Default)]
pub struct Parent {
    id: Option<NodeId>,
    /// Its child elements, in the order of the text.
    elements: Vec<NodeId>,
    /// The first child of each name, and how many have it.
    first: FxHashMap<NameId, (NodeId, u32)>,
}

/// So many elements are thought of as left out.
const THOUGHT_OF: usize = 256;

/// Fewer children are looked through instead of being listed by name.
const FEW: usize = 8;

/// The memos of one document.
pub struct Memo {
    /// By name: how often elements and attributes have it.
    uses: Vec<u32>,
    pub next: Followings,
    /// Where that was looked for last.
    last: Option<(PatId, Arc<Following>)>,
    options: FxHashMap<(PatId, NameId), Rc<Options>>,
    /// Those last found of a name that does not come again: the memory is used anew.
    spare: Rc<Options>,
    endings: FxHashMap<PatId, Rc<Ending>>,
    near: FxHashMap<(NameId, u32), bool>,
    pub texts: Texts,
    parent: Parent,
    /// Scratch: by name, how many children of the element at hand have it.
    pub counts: Vec<u32>,
    /// Scratch of the readings of one content.
    pub now: Vec<Reading>,
    pub next_ones: Vec<Reading>,
    /// Scratch of a run of text.
    pub text: String,
}

/// What is missing at the end of a content.
pub struct Ending {
    pub inserts: Box<[u32]>,
    /// What remains, where something else is missing.
    pub open: Option<PatId>,
}

impl Memo {
    pub fn new(tree: &Tree, faults: usize, next: Followings) -> Self {
        let mut uses = vec![0; tree.name_count()];
        let names = tree
            .nodes
            .iter()
            .filter(|n| n.kind == NodeKind::Element)
            .map(|n| n.name);
        for name in names.chain(tree.attrs.iter().map(|a| a.name)) {
            if let Some(n) = uses.get_mut(name.0 as usize) {
                *n += 1;
            }
        }
        Self {
            counts: vec![0; uses.len()],
            now: Vec::new(),
            next_ones: Vec::new(),
            text: String::new(),
            uses,
            next,
            last: None,
            options: FxHashMap::default(),
            spare: Rc::default(),
            endings: FxHashMap::default(),
            near: FxHashMap::default(),
            texts: Texts::new(Notes::of(tree.text(), faults)),
            parent: Parent::default(),
        }
    }

    /// True where a name comes again, so that what is found out of it is worth keeping.
    pub fn recurs(&self, name: NameId) -> bool {
        self.uses.get(name.0 as usize).is_some_and(|n| *n > 1)
    }

    /// What a child may be.
    pub fn options(&mut self, judge: &mut Judge<'_>, p: PatId, child: NodeId) -> Rc<Options> {
        let name = judge.tree.node(child).name;
        if self.recurs(name) {
            if let Some(known) = self.options.get(&(p, name)) {
                return known.clone();
            }
            let next = self.following(judge, p);
            let mut found = Options::default();
            find_options(judge, next, p, child, &mut found);
            let found = Rc::new(found);
            self.options.insert((p, name), found.clone());
            return found;
        }
        let next = self.following(judge, p);
        match Rc::get_mut(&mut self.spare) {
            Some(spare) => find_options(judge, next, p, child, spare),
            None => {
                let mut found = Options::default();
                find_options(judge, next, p, child, &mut found);
                self.spare = Rc::new(found);
            }
        }
        self.spare.clone()
    }

    /// What may come.
    fn following(&mut self, judge: &mut Judge<'_>, p: PatId) -> Arc<Following> {
        match &self.last {
            Some((q, next)) if *q == p => return next.clone(),
            _ => {}
        }
        let next = self.next.entry(p).or_insert_with(|| find_next(judge, p)).clone();
        self.last = Some((p, next.clone()));
        next
    }

    /// Whether a name is a slip away from another.
    pub fn is_near(&mut self, keep: bool, id: NameId, name: &str, other: &str, e: u32) -> bool {
        let look = || Given::new(name).near(other, Outline::of(other)).is_some();
        if keep {
            *self.near.entry((id, e)).or_insert_with(look)
        } else {
            look()
        }
    }

    /// What must come at the end, [`MOST`] of it.
    pub fn ending(&mut self, judge: &mut Judge<'_>, p: PatId) -> Rc<Ending> {
        if let Some(known) = self.endings.get(&p) {
            return known.clone();
        }
        let (mut rest, mut inserts, mut open) = (p, Vec::new(), None);
        // Of elements in any order none is read for the sake of the next: each would leave a list of all others.
        if let Some(all) = judge.matcher.apart(p) {
            rest = EMPTY;
            inserts = all;
        }
        while inserts.len() < MOST && !judge.matcher.patterns.nullable(rest) {
            let needed = judge.matcher.needed(rest);
            let Some(&e) = needed.first() else {
                open = Some(rest);
                break;
            };
            inserts.push(e);
            rest = judge.matcher.element(rest, e);
        }
        let found = Rc::new(Ending {
            inserts: inserts.into(),
            open,
        });
        self.endings.insert(p, found.clone());
        found
    }

    /// The child elements of an element, in the order of the text.
    pub fn elements(&mut self, tree: &Tree, parent: NodeId) -> &[NodeId] {
        self.enter(tree, parent);
        &self.parent.elements
    }

    /// The first child of that name, and how many have it.
    pub fn first_named(&mut self, tree: &Tree, parent: NodeId, name: NameId) -> Option<(NodeId, u32)> {
        self.enter(tree, parent);
        if self.parent.elements.len() < FEW {
            let mut own = self
                .parent
                .elements
                .iter()
                .filter(|&&c| tree.node(c).name == name);
            let first = own.next()?;
            return Some((*first, 1 + own.count() as u32));
        }
        if self.parent.first.is_empty() {
            for &c in &self.parent.elements {
                let first = self.parent.first.entry(tree.node(c).name);
                first.or_insert((c, 0)).1 += 1;
            }
        }
        self.parent.first.get(&name).copied()
    }

    fn enter(&mut self, tree: &Tree, parent: NodeId) {
        if self.parent.id != Some(parent) {
            self.parent.id = Some(parent);
            self.parent.elements.clear();
            self.parent.elements.extend(tree.elements(parent));
            self.parent.first.clear();
        }
    }
}

/// The first name that an element pattern takes.
pub fn plain_name(g: &Grammar, e: u32) -> Option<&Atom> {
    name_at(g, e, 0).map(|n| &n.local)
}

/// One of the names that an element pattern lists.
pub fn name_at(g: &Grammar, e: u32, at: u16) -> Option<&Name> {
    let names = &g.elements.get(e as usize)?.names;
    match at {
        0 => names.first(),
        _ => names.names().get(usize::from(at)).copied(),
    }
}

/// All names that element patterns list, one after the other.
pub fn plain_names(g: &Grammar, list: &[u32]) -> Vec<Atom> {
    let all = list.iter().filter_map(|&e| g.elements.get(e as usize));
    let names = all.flat_map(|x| x.names.names());
    names.map(|n| n.local.clone()).collect()
}

fn own(judge: &mut Judge<'_>, p: PatId, child: NodeId) -> Box<[(u32, PatId)]> {
    let first = judge.matcher.first(p);
    let named = judge.candidates_kept(child);
    let here = named.iter().filter(|e| first.binary_search(e).is_ok());
    here.map(|&e| (e, judge.matcher.element(p, e))).collect()
}

fn find_options(judge: &mut Judge<'_>, next: Arc<Following>, p: PatId, child: NodeId, out: &mut Options) {
    let known = !judge.candidates(child).is_empty();
    let own_ones = if known {
        own(judge, p, child)
    } else {
        Box::default()
    };
    out.likely.clear();
    let looked = likely(judge, &next, &own_ones, child, &mut out.likely);
    judge.purse.spend(looked);
    let mut behind = None;
    // Of several by that name it may be one that comes later.
    if known && (own_ones.is_empty() || judge.candidates(child).len() > own_ones.len()) {
        let (mut rest, mut inserts) = (p, Vec::new());
        while inserts.len() < 3 {
            let needed = judge.matcher.needed(rest);
            let Some(&e) = needed.first() else { break };
            let q = judge.matcher.element(rest, e);
            // What may come in any order may come later too.
            if q == NOT_ALLOWED || q == rest {
                break;
            }
            inserts.push(e);
            rest = q;
            let then = own(judge, rest, child);
            let others = |t: &(u32, PatId)| !own_ones.iter().any(|o| o.0 == t.0);
            if then.iter().any(others) {
                behind = Some((inserts.into(), then));
                break;
            }
        }
    }
    let mut through: Vec<(u32, PatId)> = Vec::new();
    if known && own_ones.is_empty() && behind.is_none() {
        let before = |n: &&Next| n.rest != p;
        for n in next.list.iter().filter(before).take(THOUGHT_OF) {
            for one in own(judge, n.rest, child) {
                if through.len() < 4 && !through.contains(&one) {
                    through.push(one);
                }
            }
        }
    }
    (out.own, out.next, out.behind) = (own_ones, next, behind);
    out.through = through.into();
}

/// Those by another name that are near or needed; how many steps that took.
fn likely(
    judge: &Judge<'_>,
    next: &Following,
    own: &[(u32, PatId)],
    child: NodeId,
    out: &mut Vec<(u32, Option<u32>)>,
) -> usize {
    let tree = judge.tree;
    if judge.purse.is_empty() {
        let needed = (0u32..).zip(&next.glances).filter(|(_, g)| g.1);
        let others = needed.filter(|(at, _)| {
            let other = next.list.get(*at as usize).map(|n| n.e);
            !own.iter().any(|o| Some(o.0) == other)
        });
        out.extend(others.map(|(at, _)| (at, None)));
        return 0;
    }
    let mut steps = next.list.len();
    let name = tree.name(tree.node(child).name);
    let mut given = Given::of_name(&name.local);
    // Most grammars have one namespace, which the child is in as well.
    let plain = own.is_empty() && next.space.as_ref().is_some_and(|s| *s == name.namespace);
    if plain {
        for (at, &(outline, needed)) in (0u32..).zip(&next.glances) {
            if given.is_far(outline) {
                if needed {
                    out.push((at, None));
                }
                continue;
            }
            let other = next.list.get(at as usize).map_or("", |other| &*other.name);
            steps += 20;
            let near = given.near(other, outline);
            let near = near.map(|d| d + u32::from(is_exchange(&name.local, other)));
            if near.is_some() || needed {
                out.push((at, near));
            }
        }
        return steps;
    }
    let mut whole = None;
    // Most of those in another namespace are in the same one.
    let mut spaces: Vec<(&str, Option<&str>)> = Vec::new();
    for (at, other) in (0u32..).zip(&next.list) {
        if own.iter().any(|o| o.0 == other.e) {
            continue;
        }
        let near = if other.namespace == name.namespace {
            let near = given.near(&other.name, other.outline);
            near.map(|d| d + u32::from(is_exchange(&name.local, &other.name)))
        } else {
            steps += 20;
            let known = spaces.iter().find(|s| *s.0 == *other.namespace).map(|s| s.1);
            let prefix = known.unwrap_or_else(|| {
                steps += 60;
                let prefix = judge.prefix_of_element(child, &other.namespace);
                spaces.push((&other.namespace, prefix));
                prefix
            });
            match prefix {
                None => None,
                // Where the names are the same the namespace alone is the slip.
                Some(_) if *other.name == *name.local => Some(1),
                Some(prefix) => {
                    let given = whole.get_or_insert_with(|| {
                        let written = tree.node(child).name_span;
                        Given::new(written.of(tree.text()))
                    });
                    if prefix.is_empty() {
                        given.near(&other.name, other.outline)
                    } else {
                        let spelt = format!("{prefix}:{}", other.name);
                        given.near(&spelt, Outline::of(&spelt))
                    }
                }
            }
        };
        if near.is_some() || other.needed {
            out.push((at, near));
        }
    }
    steps
}

fn find_next(judge: &mut Judge<'_>, p: PatId) -> Arc<Following> {
    let g = judge.grammar;
    let (first, needed) = (judge.matcher.first(p), judge.matcher.needed(p));
    let known = first
        .iter()
        .filter_map(|&e| Some((e, g.elements.get(e as usize)?)));
    let mut list = Vec::new();
    for (e, x) in known {
        let rest = judge.matcher.element(p, e);
        for (at, name) in (0..u16::MAX).zip(x.names.names()) {
            list.push(Next {
                e,
                at,
                rest,
                // Under one name is enough.
                needed: at == 0 && needed.contains(&e),
                outline: Outline::of(&name.local),
                name: name.local.clone(),
                namespace: name.namespace.clone(),
            });
        }
    }
    let list: Box<[Next]> = list.into();
    let space = list.first().map(|n| n.namespace.clone());
    let space = space.filter(|s| list.iter().all(|n| n.namespace == *s));
    let glances = list.iter().map(|n| (n.outline, n.needed)).collect();
    Arc::new(Following { list, space, glances })
}
