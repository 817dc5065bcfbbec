//! What repair may spend on one document, so that it never costs many times a clean validation: counted in steps, and
//! so the same on every machine. When it is spent, what was meant is looked for no more; the findings stay.

use crate::syntax::{NodeKind, Tree};

/// What is left, in steps of about a nanosecond.
#[derive(Debug)]
pub struct Purse(u64);

/// Every document has so much, which is enough for a dozen faults.
const LEAST: u64 = 12_000;
/// And so much more for each element or attribute, whichever are more.
const FOR_EACH: u64 = 80;
/// A valid document takes as long to judge for so many bytes as for an element.
const BYTES: usize = 53;

/// How much there is to judge in a document: its elements or attributes, whichever are more.
pub fn weight(tree: &Tree) -> usize {
    let elements = tree.nodes.iter().filter(|n| n.kind == NodeKind::Element);
    elements
        .count()
        .max(tree.attrs.len())
        .max(tree.text().len() / BYTES)
}

impl Purse {
    /// That of a document.
    pub fn of(tree: &Tree) -> Self {
        Self(LEAST + FOR_EACH * weight(tree) as u64)
    }

    /// Takes so many steps out.
    pub fn spend(&mut self, steps: usize) {
        self.0 = self.0.saturating_sub(steps as u64);
    }

    /// True where nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }
}
