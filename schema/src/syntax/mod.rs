//! A lossless XML tree that never fails to parse.
//!
//! Every byte of the text has its place; broken input gives a tree and errors with spans. The tree is an arena of
//! small records. No external entity is ever fetched, entity expansion and depth are bounded. Everything that reads
//! a description reads this tree; nothing here knows KIWI.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::text::Span;

mod atom;
mod broken;
mod chars;
mod close;
mod decode;
mod dtd;
mod edited;
mod encode;
#[cfg(test)]
mod end_tag_tests;
mod entities;
mod expansion;
mod faults;
#[cfg(test)]
mod growth_tests;
mod last;
mod names;
mod namespaces;
mod parse;
mod places;
#[cfg(test)]
mod recovery_tests;
mod refs;
mod reused;
mod special;
mod tag;
#[cfg(test)]
mod tests;
mod unclosed;

pub use atom::Atom;
pub(crate) use atom::is as is_same;
pub use decode::{decode, parse_bytes};
pub use edited::{declares_other, encoding_fault};
pub use encode::encode_as;
pub(crate) use names::hash as name_hash;
pub use names::{Names, XML_NAMESPACE, XMLNS_NAMESPACE};
pub use parse::{MAX_DEPTH, parse, parse_shared};
pub(crate) use places::Places;
pub(crate) use reused::{Reused, let_go};

/// A node of one tree: its place in the arena and one, so that one that may be missing takes no more room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    pub(crate) const DOCUMENT: Self = Self(NonZeroU32::MIN);

    /// The node at that place in the arena.
    pub(crate) fn new(place: usize) -> Self {
        Self(NonZeroU32::MIN.saturating_add(place as u32))
    }

    /// Its place in the arena.
    #[inline]
    pub fn place(self) -> usize {
        (self.0.get() - 1) as usize
    }
}

/// An attribute of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttrId(pub u32);

/// An expanded name (namespace and local part) interned in one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub u32);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// The whole text; parent of everything outside the root element too.
    Document,
    /// An element, closed or not.
    Element,
    /// Character data with its references, white space included.
    Text,
    /// A CDATA section.
    CData,
    /// A comment.
    Comment,
    /// A processing instruction, or the XML declaration.
    Pi,
    /// A document type declaration.
    Doctype,
    /// Bytes that are no mark-up and can be no text; an error says why.
    Stray,
}

/// An expanded name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name {
    /// Namespace URI, empty for none.
    pub namespace: Arc<str>,
    /// Local part, without the prefix.
    pub local: Atom,
}

/// One node: a small record in the arena.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// All its bytes, from `<` to the end of its end tag.
    pub span: Span,
    /// The node it stands in; the document node is its own parent.
    pub parent: NodeId,
    /// Its first child.
    pub first_child: Option<NodeId>,
    /// The node after it under the same parent.
    pub next_sibling: Option<NodeId>,
    /// Elements only: the expanded name.
    pub name: NameId,
    /// Elements and PIs: the bytes of the name in the start tag, prefix included.
    pub name_span: Span,
    /// Elements: the first of its attributes in the arena.
    pub first_attr: u32,
    /// Elements: how many attributes it has.
    pub attr_count: u32,
    /// Elements: the start tag, from `<` to `>` (or to where it breaks off).
    pub open: Span,
    /// Elements: the end tag, empty (at the end of the content) where there is none.
    pub close: Span,
    /// Elements: how long the name within the end tag is.
    pub(crate) close_name_length: u32,
    /// Elements: it ends with `/>`.
    pub self_closing: bool,
    /// Text: it is white space only, after references are resolved.
    pub blank: bool,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attr {
    /// The expanded name; unprefixed attributes have no namespace. `xmlns` declarations are kept, in the namespace
    /// `http://www.w3.org/2000/xmlns/`.
    pub name: NameId,
    /// Name, `=`, quotes and value.
    pub span: Span,
    /// The name, prefix included.
    pub name_span: Span,
    /// The value between its quotes, as written; empty where there is none.
    pub value_span: Span,
    /// Where migration has put another value than the text has: its place in the tree's own strings.
    pub(crate) owned_value: Option<u32>,
    /// The value has references, so that its bytes are not its meaning.
    pub(crate) has_refs: bool,
    /// A document type declaration says that the value is words, so that its blanks are collapsed.
    pub(crate) words: bool,
}

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(crate) text: Arc<str>,
    pub(crate) nodes: reused::Reused<Node>,
    pub(crate) attrs: reused::Reused<Attr>,
    pub(crate) names: Names,
    pub(crate) owned: Vec<Box<str>>,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) entities: entities::Entities,
    /// Not XML: what of the text repairs may change; all other repairs are in XML's words.
    pub(crate) places: Option<Arc<Places>>,
}

impl Tree {
    /// The text it was parsed from.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What is not well-formed, in the order of the text. All of source `xml`.
    pub fn errors(&self) -> &[Diagnostic] {
        &self.errors
    }

    /// Hands over the errors; the first stays as well.
    pub(crate) fn take_errors(&mut self) -> Vec<Diagnostic> {
        let first = self.errors.first().cloned();
        std::mem::replace(&mut self.errors, first.into_iter().collect())
    }
}

impl Tree {
    /// True where the text is XML, so that edits may be.
    pub fn is_xml(&self) -> bool {
        self.places.is_none()
    }

    /// True where a repair can be written into the text: always in XML, one scalar for another elsewhere.
    pub(crate) fn takes(&self, fix: &crate::diagnostic::Fix) -> bool {
        let Some(places) = &self.places else { return true };
        fix.edits.iter().all(|edit| places.take(&self.text, edit))
    }
}

impl Node {
    /// Elements: the name within the end tag, empty where there is none.
    pub fn close_name(&self) -> Span {
        if self.close.is_empty() {
            return self.close;
        }
        let start = self.close.start + "</".len() as u32;
        Span::new(start, start + self.close_name_length)
    }

    /// A node without name, attributes and children.
    pub(crate) fn new(kind: NodeKind, span: Span, parent: NodeId) -> Self {
        let nothing = Span::empty(span.start);
        Self {
            kind,
            span,
            parent,
            first_child: None,
            next_sibling: None,
            name: NameId(0),
            name_span: nothing,
            first_attr: 0,
            attr_count: 0,
            open: nothing,
            close: nothing,
            close_name_length: 0,
            self_closing: false,
            blank: false,
        }
    }
}

impl Tree {
    /// The document node, always there.
    pub fn document(&self) -> NodeId {
        NodeId::DOCUMENT
    }

    /// The (first) root element.
    pub fn root(&self) -> Option<NodeId> {
        self.elements(self.document()).next()
    }

    /// The record of a node. Ids come from this tree; a foreign id gives the document node.
    pub fn node(&self, id: NodeId) -> &Node {
        #[allow(clippy::indexing_slicing)] // the document node is always there
        self.nodes.get(id.place()).unwrap_or(&self.nodes[0])
    }

    /// All children of a node, text and comments included.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut next = self.node(id).first_child;
        std::iter::from_fn(move || {
            let id = next?;
            next = self.node(id).next_sibling;
            Some(id)
        })
    }

    /// The child elements of a node.
    pub fn elements(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(id)
            .filter(|&c| self.node(c).kind == NodeKind::Element)
    }

    /// The element after a node under the same parent.
    pub fn next_element(&self, id: NodeId) -> Option<NodeId> {
        let mut rest = std::iter::successors(self.node(id).next_sibling, |&n| self.node(n).next_sibling);
        rest.find(|&n| self.node(n).kind == NodeKind::Element)
    }

    /// The attributes of an element, in the order of the text, `xmlns` included.
    pub fn attrs(&self, id: NodeId) -> &[Attr] {
        let node = self.node(id);
        let start = node.first_attr as usize;
        self.attrs
            .get(start..start + node.attr_count as usize)
            .unwrap_or(&[])
    }

    /// The attribute of that local name in no namespace.
    pub fn attr(&self, id: NodeId, local: &str) -> Option<&Attr> {
        self.attrs(id).iter().find(|a| {
            let name = self.name(a.name);
            name.namespace.is_empty() && &*name.local == local
        })
    }

    /// An attribute with the white space before it: what goes where it is taken out.
    pub(crate) fn with_blanks(&self, attr: &Attr) -> Span {
        let head = self.text.get(..attr.span.start as usize).unwrap_or("");
        Span::new(head.trim_end().len() as u32, attr.span.end)
    }

    /// An expanded name.
    pub fn name(&self, id: NameId) -> &Name {
        #[allow(clippy::indexing_slicing)] // ids are made by this tree; the empty name is always there
        self.names.list.get(id.0 as usize).unwrap_or(&self.names.list[0])
    }

    /// The local name of an element, empty for other nodes.
    pub fn local(&self, id: NodeId) -> &str {
        let node = self.node(id);
        if node.kind == NodeKind::Element {
            &self.name(node.name).local
        } else {
            ""
        }
    }

    /// The value of an attribute: references resolved, white space normalised as XML 1.0 section 3.3.3 says for CDATA.
    pub fn value<'a>(&'a self, attr: &'a Attr) -> Cow<'a, str> {
        if let Some(own) = attr.owned_value.and_then(|n| self.owned.get(n as usize)) {
            return Cow::Borrowed(own);
        }
        let raw = attr.value_span.of(&self.text);
        if attr.words {
            Cow::Owned(self.entities.expand_words(raw))
        } else if attr.has_refs {
            Cow::Owned(self.entities.expand(raw, true))
        } else {
            Cow::Borrowed(raw)
        }
    }

    /// True where the document declares an unparsed entity of that name, or may do so outside.
    pub(crate) fn may_be_unparsed(&self, name: &str) -> bool {
        self.entities.may_be_unparsed(name)
    }

    /// The value of the attribute of that local name.
    pub fn attr_value(&self, id: NodeId, local: &str) -> Option<Cow<'_, str>> {
        self.attr(id, local).map(|a| self.value(a))
    }

    /// The character data of a text or CDATA node with references resolved.
    pub fn text_value(&self, id: NodeId) -> Cow<'_, str> {
        if let Some(text) = self.owned_text(id) {
            return Cow::Borrowed(text);
        }
        let node = self.node(id);
        let raw = node.span.of(&self.text);
        if node.kind == NodeKind::CData {
            let inner = raw.strip_prefix("<![CDATA[").unwrap_or(raw);
            return Cow::Borrowed(inner.strip_suffix("]]>").unwrap_or(inner));
        }
        if raw.bytes().any(|b| matches!(b, b'&' | b'\r')) {
            Cow::Owned(self.entities.expand(raw, false))
        } else {
            Cow::Borrowed(raw)
        }
    }

    /// Gives a text node another text than it is written with: its place in the tree's own strings. The node's
    /// attribute fields, which texts have no other use for, carry it.
    pub(crate) fn set_owned_text(&mut self, id: NodeId, owned: u32) {
        if let Some(node) = self.nodes.get_mut(id.place()) {
            node.first_attr = u32::MAX - owned;
            node.attr_count = 1;
        }
    }

    fn owned_text(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        let text = node.kind == NodeKind::Text && node.attr_count == 1;
        let at = text.then(|| u32::MAX - node.first_attr)?;
        self.owned.get(at as usize).map(|s| &**s)
    }

    /// The text of an element: all text and CDATA children joined.
    pub fn element_text(&self, id: NodeId) -> String {
        self.children(id)
            .filter(|&c| matches!(self.node(c).kind, NodeKind::Text | NodeKind::CData))
            .map(|c| self.text_value(c))
            .collect()
    }

    /// The node it stands in; none for the document.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id != NodeId::DOCUMENT).then(|| self.node(id).parent)
    }

    /// The id of an expanded name, if the tree has it: to compare ids instead of strings.
    pub fn find_name(&self, namespace: &str, local: &str) -> Option<NameId> {
        self.names.find(namespace, local)
    }

    /// The nodes it stands in, innermost first, the document node last.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |&up| self.parent(up))
    }

    /// Every node in the order of the text.
    pub fn all(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.nodes.len()).map(NodeId::new)
    }

    /// Number of distinct names; ids are below it.
    pub fn name_count(&self) -> usize {
        self.names.list.len()
    }

    /// The hash of a name, as `name_hash` makes it; found without looking at the name.
    pub(crate) fn hash_of(&self, id: NameId) -> u64 {
        self.names.hash_of(id)
    }

    /// The bytes between start and end tag.
    pub fn content_span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span::new(node.open.end, node.close.start.max(node.open.end))
    }
}
