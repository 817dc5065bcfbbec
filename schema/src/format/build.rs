//! Values as a tree of elements: `@name` keys are attributes, `#text` is the text, a list repeats its key's element.

use std::sync::Arc;

use super::number::as_read;
use super::{Value, Word, fault};
use crate::diagnostic::Diagnostic;
use crate::syntax::{
    Attr, NameId, Node, NodeId, NodeKind, Places, Reused, Tree, XMLNS_NAMESPACE, parse_shared,
};
use crate::text::Span;

/// Numbers that are read otherwise and kept, at most.
const NUMBERS: usize = 200;

/// An empty tree with one error.
pub(super) fn refused(text: Arc<str>, fault: Diagnostic) -> Tree {
    let mut tree = parse_shared("".into());
    tree.errors = vec![fault];
    if let Some(document) = tree.nodes.first_mut() {
        document.span = Span::new(0, text.len() as u32);
    }
    tree.text = text;
    tree.places = Some(Arc::default());
    tree
}

/// The tree of a value: a mapping with the one key that is the root element.
pub(super) fn tree(text: &Arc<str>, value: Value<'_>) -> Tree {
    let whole = fault(
        "no-root-element",
        Span::empty(0),
        "the text has no element `image`",
    );
    let mut tree = refused(text.clone(), whole);
    let Value::Map(mut pairs, _) = value else {
        return tree;
    };
    tree.errors.clear();
    if let Some((second, _)) = pairs.get(1) {
        let message = format!("`{}` stands beside the root element", second.text);
        tree.errors
            .push(fault("second-root-element", second.span, message));
    }
    if pairs.is_empty() {
        return tree;
    }
    let (key, value) = pairs.swap_remove(0);
    let (nodes, attributes) = room(&value);
    // The document and the root are nodes too.
    let mut all = Reused::with_capacity(nodes + 2, text.len());
    all.append(&mut tree.nodes);
    tree.nodes = all;
    tree.attrs = Reused::with_capacity(attributes, text.len());
    let mut build = Build {
        tree,
        places: Places::default(),
        scope: Vec::new(),
        last: Vec::new(),
    };
    build.last.push(None);
    build.elements(&key, value, NodeId::DOCUMENT);
    let Build {
        mut tree, mut places, ..
    } = build;
    places.words.sort_unstable();
    places.keys.sort_unstable();
    tree.places = Some(Arc::new(places));
    tree
}

/// How many nodes and attributes the tree of a value has at most.
fn room(value: &Value<'_>) -> (usize, usize) {
    let all = |many: &mut dyn Iterator<Item = &Value<'_>>| {
        many.map(room)
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    };
    match value {
        // An element, and its text.
        Value::Scalar(_) => (2, 0),
        Value::Null(_) => (1, 0),
        Value::List(items, _) => all(&mut items.iter()),
        Value::Map(pairs, _) => {
            let own = pairs.iter().filter(|(w, _)| w.text.starts_with('@')).count();
            let (nodes, attributes) = all(&mut pairs
                .iter()
                .filter(|(w, _)| !w.text.starts_with('@'))
                .map(|p| &p.1));
            (nodes + 1, attributes + own)
        }
    }
}

struct Build {
    tree: Tree,
    /// What repairs may change.
    places: Places,
    /// Prefixes with their namespaces.
    scope: Vec<(String, Arc<str>)>,
    /// By depth: the last child of the open elements.
    last: Vec<Option<NodeId>>,
}

impl Build {
    /// Adds a node behind the last child of its parent.
    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId::new(self.tree.nodes.len());
        let parent = node.parent;
        self.tree.nodes.push(node);
        let before = self.last.last_mut().and_then(|l| l.replace(id));
        let slot = match before {
            Some(before) => self
                .tree
                .nodes
                .get_mut(before.place())
                .map(|n| &mut n.next_sibling),
            None => self
                .tree
                .nodes
                .get_mut(parent.place())
                .map(|n| &mut n.first_child),
        };
        if let Some(slot) = slot {
            *slot = Some(id);
        }
        id
    }

    fn own(&mut self, text: &str) -> u32 {
        self.tree.owned.push(text.into());
        self.tree.owned.len() as u32 - 1
    }

    fn name(&mut self, written: &str, attribute: bool) -> NameId {
        let none: Arc<str> = "".into();
        let find = |scope: &[(String, Arc<str>)], prefix: &str| {
            scope
                .iter()
                .rev()
                .find(|(p, _)| p == prefix)
                .map(|(_, n)| n.clone())
        };
        let (namespace, local) = match written.split_once(':') {
            Some(("xmlns", local)) => (Some(XMLNS_NAMESPACE.into()), local),
            Some((prefix, local)) => (find(&self.scope, prefix), local),
            None if attribute && written == "xmlns" => (Some(XMLNS_NAMESPACE.into()), written),
            None if attribute => (None, written),
            None => (find(&self.scope, ""), written),
        };
        match namespace {
            Some(namespace) => self.tree.names.intern(&namespace, local),
            None => self.tree.names.intern(&none, written),
        }
    }

    /// One element, or one for each item of a list.
    fn elements(&mut self, key: &Word<'_>, value: Value<'_>, parent: NodeId) {
        let Value::List(items, span) = value else {
            if key.free {
                self.places.words.push(key.span);
            }
            return self.element(key, key.span, value, parent);
        };
        if key.free {
            self.places.words.push(key.span);
        }
        if items.is_empty() {
            let message = format!("the list of `{}` is empty", key.text);
            self.tree.errors.push(fault("empty-list", span, message));
        }
        for item in items {
            // Items have no name of their own to point at: their beginning stands for it.
            let head = match &item {
                Value::Map(pairs, span) => pairs.first().map_or(*span, |(k, v)| match v {
                    Value::Scalar(word) => k.span.cover(word.span),
                    _ => Span::new(k.span.start.saturating_sub(1), k.span.end),
                }),
                Value::List(_, span) => {
                    let message = format!("a list within the list of `{}` is no element", key.text);
                    self.tree.errors.push(fault("nested-list", *span, message));
                    continue;
                }
                other => other.span(),
            };
            self.places.keys.push((head, key.span));
            self.element(key, head, item, parent);
        }
    }

    fn element(&mut self, key: &Word<'_>, name_span: Span, value: Value<'_>, parent: NodeId) {
        let outer = self.scope.len();
        let place = value.span();
        let (pairs, text) = match value {
            Value::Map(pairs, _) => (pairs, None),
            Value::Scalar(word) => (Vec::new(), Some(word)),
            _ => (Vec::new(), None),
        };
        for (word, value) in &pairs {
            if let (Some(rest), Value::Scalar(uri)) = (word.text.strip_prefix("@xmlns"), value) {
                let prefix = rest.strip_prefix(':').unwrap_or("").to_owned();
                self.scope.push((prefix, (&*uri.text).into()));
            }
        }
        let mut node = Node::new(NodeKind::Element, name_span.cover(place), parent);
        let end = Span::empty(node.span.end);
        node.name = self.name(&key.text, false);
        node.name_span = name_span;
        node.open = name_span;
        node.close = end;
        node.first_attr = self.tree.attrs.len() as u32;
        for (word, value) in &pairs {
            if let Some(name) = word.text.strip_prefix('@') {
                node.attr_count += u32::from(self.attribute(name, word, value));
            }
        }
        let id = self.push(node);
        self.last.push(None);
        if let Some(word) = text {
            self.text(&word, id);
        }
        // What has become nodes is let go.
        for (word, value) in pairs.into_iter().filter(|(w, _)| !w.text.starts_with('@')) {
            match value {
                Value::Scalar(text) if word.text == "#text" => self.text(&text, id),
                Value::Null(_) if word.text == "#text" => {}
                _ => self.elements(&word, value, id),
            }
        }
        self.last.pop();
        self.scope.truncate(outer);
    }

    fn attribute(&mut self, name: &str, key: &Word<'_>, value: &Value<'_>) -> bool {
        let mut read = None::<String>;
        let (text, value_span, free) = match value {
            Value::Scalar(word) => {
                // Of all versions of the schema what is read is what is meant.
                if name == "schemaversion" {
                    read = word.bare.and_then(|markup| as_read(&word.text, markup));
                } else {
                    self.number(word);
                }
                (read.as_deref().unwrap_or(&word.text), word.span, word.free)
            }
            Value::Null(span) => ("", *span, false),
            Value::List(_, span) | Value::Map(_, span) => {
                let message = format!("the value of the attribute `{name}` is no single word");
                self.tree.errors.push(fault("attribute-value", *span, message));
                return false;
            }
        };
        let name_span = Span::new(key.span.start + 1, key.span.end);
        for (span, _) in [(name_span, key.free), (value_span, free)].iter().filter(|s| s.1) {
            self.places.words.push(*span);
        }
        let owned_value = (!free || read.is_some()).then(|| self.own(text));
        let name = self.name(name, true);
        self.tree.attrs.push(Attr {
            name,
            span: key.span.cover(value_span),
            name_span,
            value_span,
            owned_value,
            has_refs: false,
            words: false,
        });
        true
    }

    fn number(&mut self, word: &Word<'_>) {
        // Whoever has more sees it by these.
        if self.places.numbers.len() < NUMBERS {
            let read = word.bare.and_then(|markup| as_read(&word.text, markup));
            self.places
                .numbers
                .extend(read.map(|read| (word.span, read.into())));
        }
    }

    fn text(&mut self, word: &Word<'_>, parent: NodeId) {
        if word.text.is_empty() {
            return;
        }
        self.number(word);
        if word.free {
            self.places.words.push(word.span);
        }
        let mut node = Node::new(NodeKind::Text, word.span, parent);
        node.blank = word.text.chars().all(char::is_whitespace);
        let id = self.push(node);
        // What is written as it is read is not held twice.
        if !word.free || word.text.contains(['&', '\r']) {
            let owned = self.own(&word.text);
            self.tree.set_owned_text(id, owned);
        }
    }
}
