//! Where nodes stand: the white space between them. What stands inside a tag is `tag`'s.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::{INDENT, MAX_LEVEL, tag};
use crate::diagnostic::Edit;
use crate::grammar::Grammar;
use crate::syntax::{NodeId, NodeKind, Tree, XML_NAMESPACE};
use crate::text::Span;

/// The edits of one text as they come.
pub(super) struct Layout<'t> {
    pub(super) tree: &'t Tree,
    /// How this text ends its lines.
    pub(super) newline: &'static str,
    out: Vec<Edit>,
}

/// All edits of a well-formed description.
pub(super) fn edits(tree: &Tree) -> Vec<Edit> {
    let first = line_end(tree.text());
    let out = with_lines(tree, first);
    if memchr::memchr(b'\r', tree.text().as_bytes()).is_none() {
        return out;
    }
    // Where the first line end goes, the first of those that stay decides: so a second time changes nothing.
    match line_end(&crate::fix::apply(tree.text(), &out)) {
        stays if stays == first => out,
        stays => with_lines(tree, stays),
    }
}

/// The edits where lines end so.
fn with_lines(tree: &Tree, newline: &'static str) -> Vec<Edit> {
    let mut layout = Layout {
        tree,
        newline,
        out: Vec::new(),
    };
    layout.content(tree.document(), 0);
    layout.out.sort_by_key(|e| e.span);
    layout.out
}

/// The first line end of a text, by which the others are written too.
fn line_end(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text.get(at..).is_some_and(|t| t.starts_with("\r\n")) => "\r\n",
        Some(at) if text.get(at..).is_some_and(|t| t.starts_with('\r')) => "\r",
        _ => "\n",
    }
}

impl Layout<'_> {
    /// Puts other white space (or `=`) at a place, if it is another.
    pub(super) fn put(&mut self, span: Span, new_text: String) {
        if span.of(self.tree.text()) != new_text {
            self.out.push(Edit {
                span,
                new_text: new_text.into(),
            });
        }
    }

    /// The start of a line at a level.
    pub(super) fn line(&self, level: usize) -> String {
        let mut out = String::from(self.newline);
        out.extend(std::iter::repeat_n(' ', INDENT * level.min(MAX_LEVEL)));
        out
    }

    /// The children of a node that stand at `level`, and the white space around them.
    fn content(&mut self, parent: NodeId, level: usize) {
        let tree = self.tree;
        let document = parent == tree.document();
        let whole = match document {
            // A byte order mark is no white space.
            true => Span::new(
                if tree.text().starts_with('\u{FEFF}') { 3 } else { 0 },
                tree.text().len() as u32,
            ),
            false => tree.content_span(parent),
        };
        let mut at = whole.start;
        for child in tree.children(parent) {
            let node = *tree.node(child);
            if node.kind == NodeKind::Text {
                continue;
            }
            let gap = Span::new(at, node.span.start);
            let text = if document && at == whole.start {
                String::new()
            } else {
                self.between(gap, level, node.kind == NodeKind::Comment)
            };
            self.put(gap, text);
            if node.kind == NodeKind::Element {
                self.element(child, level);
            }
            at = node.span.end;
        }
        let gap = Span::new(at, whole.end);
        let text = match document {
            true => self.newline.to_owned(),
            false => self.between(gap, level.saturating_sub(1), false),
        };
        self.put(gap, text);
    }

    /// The white space that takes the place of a gap: a comment may stay on the line of what it is about.
    fn between(&self, gap: Span, level: usize, comment: bool) -> String {
        let old = gap.of(self.tree.text());
        let line = self.line(level);
        match lines(old) {
            0 if comment => " ".to_owned(),
            0 | 1 => line,
            _ => format!("{}{line}", self.newline),
        }
    }

    fn element(&mut self, id: NodeId, level: usize) {
        let tree = self.tree;
        let node = tree.node(id);
        if !tree.name(node.name).namespace.is_empty() {
            return;
        }
        tag::start(self, id, level);
        if node.self_closing {
            return;
        }
        tag::end(self, id);
        if is_container(tree, id) {
            self.content(id, level + 1);
        }
    }
}

/// Line ends in white space.
pub(super) fn lines(blank: &str) -> usize {
    let bytes = blank.as_bytes();
    let lone = |(n, b): (usize, &u8)| *b == b'\n' || *b == b'\r' && bytes.get(n + 1) != Some(&b'\n');
    bytes.iter().enumerate().filter(|&at| lone(at)).count()
}

/// True where white space inside an element means nothing: the grammar knows of no text there, and there is none.
pub(super) fn is_container(tree: &Tree, id: NodeId) -> bool {
    let space = |a: &crate::syntax::Attr| {
        let name = tree.name(a.name);
        &*name.namespace == XML_NAMESPACE && &*name.local == "space"
    };
    if tree.attrs(id).iter().any(space) {
        return false;
    }
    let mut inner = false;
    for child in tree.children(id) {
        let node = tree.node(child);
        match node.kind {
            // A character reference that means white space is there because somebody means it.
            NodeKind::Text if !node.blank || node.span.of(tree.text()).contains('&') => return false,
            NodeKind::Text => inner |= lines(node.span.of(tree.text())) > 0,
            NodeKind::Element | NodeKind::Comment | NodeKind::Pi => inner = true,
            _ => return false,
        }
    }
    inner && !is_text(tree.local(id))
}

/// Elements of KIWI's that hold no other element.
fn is_text(element: &str) -> bool {
    static TEXTS: OnceLock<HashSet<String>> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        let kiwi = Grammar::kiwi();
        let names = kiwi.element_names().into_iter();
        let texts = names.filter(|n| kiwi.children(n).is_empty());
        texts.map(str::to_owned).collect()
    });
    texts.contains(element)
}
