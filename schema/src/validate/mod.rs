//! A tree against a grammar: the exact RELAX NG verdict, one message for one fault with its repair, and what may
//! stand at a place. Reads `grammar` and `syntax`; knows no KIWI and no editor.

use crate::diagnostic::Diagnostic;
use crate::grammar::Grammar;
use crate::syntax::{NodeId, Tree};

/// What may stand at a place in an element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// The elements, in the grammar's order, required ones first.
    pub elements: Vec<ExpectedElement>,
    /// Text that is not white space may stand here.
    pub text: bool,
    /// The element may end here.
    pub end_tag: bool,
}

/// An element that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedElement {
    /// Namespace URI, empty for none.
    pub namespace: String,
    /// Local name.
    pub local: String,
    /// The parent is not valid without it.
    pub required: bool,
    /// Its required attributes, in the grammar's order.
    pub required_attributes: Vec<String>,
    /// Its required child elements, in the grammar's order.
    pub required_children: Vec<String>,
    /// It can have no content: `<x/>` is its usual form.
    pub empty: bool,
    /// What it is for.
    pub doc: Option<String>,
}

/// An attribute that an element may still get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAttribute {
    /// Namespace URI, empty for none.
    pub namespace: String,
    /// Local name.
    pub local: String,
    /// The element is not valid without it.
    pub required: bool,
    /// What it is for.
    pub doc: Option<String>,
}

/// The values that an attribute (or the text of an element) may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExpectedValues {
    /// Those that the grammar lists (`true` and `false` for booleans).
    pub values: Vec<ExpectedValue>,
    /// The kind of value in words ("a whole number, 0 or more"), where more than the listed ones may stand.
    pub kind: Option<String>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedValue {
    /// The value itself.
    pub value: String,
    /// What it stands for.
    pub doc: Option<String>,
}

/// Judges a tree. Every finding is of source `schema` and severity error; an empty list is the verdict "valid".
///
/// Works on broken trees: what is not well-formed is reported by the tree itself (`Tree::errors`).
pub fn validate(grammar: &Grammar, tree: &Tree) -> Vec<Diagnostic> {
    let _ = (grammar, tree);
    Vec::new()
}

/// What may stand in `element` at byte `offset` of its content. Siblings that end before the offset have been
/// read; those that begin after it must stay valid where they can; one that holds the offset is being typed
/// and does not count.
pub fn expected(grammar: &Grammar, tree: &Tree, element: NodeId, offset: u32) -> Expected {
    let _ = (grammar, tree, element, offset);
    Expected::default()
}

/// The attributes that `element` may still get, required ones first, then in the grammar's order.
pub fn expected_attributes(grammar: &Grammar, tree: &Tree, element: NodeId) -> Vec<ExpectedAttribute> {
    let _ = (grammar, tree, element);
    Vec::new()
}

/// The values that the attribute of that (prefixed) name may have on `element`.
pub fn expected_values(grammar: &Grammar, tree: &Tree, element: NodeId, attribute: &str) -> ExpectedValues {
    let _ = (grammar, tree, element, attribute);
    ExpectedValues::default()
}

/// The values that the text of `element` may have.
pub fn expected_text(grammar: &Grammar, tree: &Tree, element: NodeId) -> ExpectedValues {
    let _ = (grammar, tree, element);
    ExpectedValues::default()
}
