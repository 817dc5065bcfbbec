//! The exact verdict: for every element of a tree the element patterns of the grammar that it fits. Bottom up and
//! without recursion, because whether an element fits a pattern does not depend on where it stands.

use crate::grammar::Grammar;
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{Attr, NodeId, NodeKind, Tree};

use super::derive::Matcher;

/// The namespace of namespace declarations, which are no attributes to a grammar.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// One tree against one grammar.
pub struct Judge<'a> {
    pub grammar: &'a Grammar,
    pub tree: &'a Tree,
    pub matcher: Matcher,
    /// By name of the tree: the element patterns that take it.
    pub named: Vec<Vec<u32>>,
    /// By name of the tree: the attribute patterns that take it.
    pub attribute_named: Vec<Vec<u32>>,
    /// By node: the element patterns that it fits.
    pub fits: Vec<Vec<u32>>,
}

impl<'a> Judge<'a> {
    /// Labels the whole tree.
    pub fn new(grammar: &'a Grammar, tree: &'a Tree, matcher: Matcher) -> Self {
        let names = (0..tree.name_count()).map(|n| tree.name(crate::syntax::NameId(n as u32)));
        let (mut named, mut attribute_named) = (Vec::new(), Vec::new());
        for name in names {
            let takes = |c: &crate::grammar::NameClass| c.contains(&name.namespace, &name.local);
            named.push(
                (0u32..)
                    .zip(&grammar.elements)
                    .filter(|(_, e)| takes(&e.names))
                    .map(|(i, _)| i)
                    .collect(),
            );
            attribute_named.push(
                (0u32..)
                    .zip(&grammar.attributes)
                    .filter(|(_, a)| takes(&a.names))
                    .map(|(i, _)| i)
                    .collect(),
            );
        }
        Self {
            grammar,
            tree,
            matcher,
            named,
            attribute_named,
            fits: Vec::new(),
        }
    }

    /// Labels every element; true where the document is valid.
    pub fn run(&mut self) -> bool {
        let ids: Vec<NodeId> = self.tree.all().collect();
        self.fits = vec![Vec::new(); ids.iter().map(|i| i.0 as usize + 1).max().unwrap_or(0)];
        // Children come after their parents in the arena.
        for &id in ids.iter().rev() {
            let node = self.tree.node(id);
            if node.kind != NodeKind::Element {
                continue;
            }
            let candidates = self.candidates(id);
            let fits: Vec<u32> = candidates
                .into_iter()
                .filter(|&e| self.element_fits(id, e))
                .collect();
            if let Some(slot) = self.fits.get_mut(id.0 as usize) {
                *slot = fits;
            }
        }
        let document = self.tree.document();
        let roots: Vec<NodeId> = self.tree.elements(document).collect();
        match roots.as_slice() {
            [root] => {
                let p = self.after_child(self.grammar.start, *root);
                self.matcher.patterns.nullable(p)
            }
            _ => false,
        }
    }

    /// The element patterns that take the name of a node.
    pub fn candidates(&self, id: NodeId) -> Vec<u32> {
        self.named
            .get(self.tree.node(id).name.0 as usize)
            .cloned()
            .unwrap_or_default()
    }

    /// The patterns that a node fits.
    pub fn fitting(&self, id: NodeId) -> &[u32] {
        self.fits.get(id.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The attributes that a grammar sees.
    pub fn attrs(&self, id: NodeId) -> impl Iterator<Item = &'a Attr> + use<'a> {
        let tree = self.tree;
        tree.attrs(id)
            .iter()
            .filter(move |a| &*tree.name(a.name).namespace != XMLNS)
    }

    /// What remains of `p` after a child that is labelled.
    pub fn after_child(&mut self, p: PatId, child: NodeId) -> PatId {
        match self.fitting(child) {
            [] => NOT_ALLOWED,
            &[one] => self.matcher.element(p, one),
            many => {
                let many = many.to_vec();
                let parts: Vec<PatId> = many.into_iter().map(|e| self.matcher.element(p, e)).collect();
                self.matcher.patterns.choice(&parts)
            }
        }
    }

    /// What remains of `p` after an attribute.
    pub fn after_attribute(&mut self, p: PatId, owner: NodeId, attr: &Attr) -> PatId {
        let takes = self
            .attribute_named
            .get(attr.name.0 as usize)
            .cloned()
            .unwrap_or_default();
        let (tree, g) = (self.tree, self.grammar);
        let value = tree.value(attr);
        let lookup = |prefix: &str| namespace(tree, owner, prefix);
        let mut parts = Vec::new();
        for a in takes {
            let q = self.matcher.attribute(p, a);
            let wanted = g.attributes.get(a as usize).map_or(NOT_ALLOWED, |x| x.value);
            if q != NOT_ALLOWED && self.matcher.fits(g, wanted, &value, &lookup) {
                parts.push(q);
            }
        }
        self.matcher.patterns.choice(&parts)
    }

    fn element_fits(&mut self, id: NodeId, e: u32) -> bool {
        let mut p = self
            .grammar
            .elements
            .get(e as usize)
            .map_or(NOT_ALLOWED, |x| x.content);
        let tree = self.tree;
        for attr in self.attrs(id) {
            p = self.after_attribute(p, id, attr);
            if p == NOT_ALLOWED {
                return false;
            }
        }
        p = self.matcher.close(p);
        let only_text = tree.elements(id).next().is_none();
        let (mut text, mut open) = (String::new(), false);
        for child in tree.children(id) {
            match tree.node(child).kind {
                NodeKind::Element => {
                    p = self.after_text(p, id, &text, only_text);
                    text.clear();
                    p = self.after_child(p, child);
                }
                NodeKind::Text | NodeKind::CData => {
                    text.push_str(&tree.text_value(child));
                    open = true;
                }
                _ => {}
            }
            if p == NOT_ALLOWED {
                return false;
            }
        }
        if only_text || open {
            p = self.after_text(p, id, &text, only_text);
        }
        self.matcher.patterns.nullable(p)
    }

    /// What remains after a run of text; white space may always be left out.
    pub fn after_text(&mut self, p: PatId, owner: NodeId, text: &str, only: bool) -> PatId {
        let blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        if blank && !only {
            return p;
        }
        let tree = self.tree;
        let q = self
            .matcher
            .text(self.grammar, p, text, &|prefix| namespace(tree, owner, prefix));
        if blank {
            self.matcher.patterns.choice(&[p, q])
        } else {
            q
        }
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
