//! Which element and attribute patterns take a name, without asking each of them. Knows no documents.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Grammar, NameClass};
use crate::syntax::{Name, name_hash};

/// Patterns by name.
#[derive(Debug, Default)]
struct Index {
    /// Those that name it.
    named: FxHashMap<Name, Vec<u32>>,
    /// Those that take infinitely many names.
    open: Vec<u32>,
}

/// The element and attribute patterns by name.
#[derive(Debug, Default)]
pub struct ByName {
    elements: Index,
    attributes: Index,
    /// The hashes of all names that are taken, or excepted, by name.
    hashes: FxHashSet<u64>,
}

impl ByName {
    fn new(g: &Grammar) -> Self {
        let elements = Index::new(g.elements.iter().map(|e| &e.names));
        let attributes = Index::new(g.attributes.iter().map(|a| &a.names));
        let classes = g.elements.iter().map(|e| &e.names);
        let classes = classes.chain(g.attributes.iter().map(|a| &a.names));
        let names = classes.flat_map(NameClass::mentioned);
        Self {
            hashes: names.map(|n| name_hash(&n.namespace, &n.local)).collect(),
            elements,
            attributes,
        }
    }
}

impl Index {
    fn new<'a>(classes: impl Iterator<Item = &'a NameClass>) -> Self {
        let mut out = Self::default();
        for (id, class) in (0u32..).zip(classes) {
            if class.is_open() {
                out.open.push(id);
                continue;
            }
            for name in class.names() {
                let list = out.named.entry(name.clone()).or_default();
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
        out
    }

    fn takers<'a>(&self, name: &Name, class: impl Fn(u32) -> Option<&'a NameClass>) -> Vec<u32> {
        let named = self.named.get(name).map_or(&[][..], |l| l);
        if self.open.is_empty() {
            return named.to_vec();
        }
        let has = |id: &u32| class(*id).is_some_and(|c| c.contains(&name.namespace, &name.local));
        let mut out: Vec<u32> = self.open.iter().copied().filter(has).collect();
        out.extend(named);
        out.sort_unstable();
        out
    }
}

impl Grammar {
    /// The element and the attribute patterns that take a name, in the grammar's order.
    pub(crate) fn takers(&self, name: &Name) -> (Vec<u32>, Vec<u32>) {
        let all = self.by_name.get_or_init(|| ByName::new(self));
        let element = |id: u32| self.elements.get(id as usize).map(|e| &e.names);
        let attribute = |id: u32| self.attributes.get(id as usize).map(|a| &a.names);
        (
            all.elements.takers(name, element),
            all.attributes.takers(name, attribute),
        )
    }

    /// True where an element pattern takes infinitely many names.
    pub(crate) fn has_open_elements(&self) -> bool {
        let all = self.by_name.get_or_init(|| ByName::new(self));
        !all.elements.open.is_empty()
    }

    /// False where no pattern mentions a name with that hash: what takes it, its namespace decides.
    pub(crate) fn mentions(&self, hash: u64) -> bool {
        let all = self.by_name.get_or_init(|| ByName::new(self));
        all.hashes.contains(&hash)
    }
}
