//! Allowances in mark-ups whose comments begin with `#`: YAML and TOML. One stands on a line of its own, for the element
//! or attribute that begins on the next line, or after what it holds for. Reads the text's lines; knows no more of the
//! mark-up.

use memchr::memmem;

use super::{Allowance, Malformed, read};
use crate::syntax::{NodeId, NodeKind, Tree};
use crate::text::Span;

/// The word that every allowance begins with.
const WORD: &str = "apteryx:";

/// The allowances of a text and what was meant to be one, in order.
pub(super) fn all(tree: &Tree) -> Vec<Result<Vec<Allowance<'_>>, Malformed>> {
    let text: &str = tree.text();
    let mut hits = memmem::find_iter(text.as_bytes(), WORD).peekable();
    if hits.peek().is_none() {
        return Vec::new();
    }
    let parts = Parts::new(tree);
    let mut out = Vec::new();
    for at in hits {
        let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let Some(head) = text.get(start..at) else { continue };
        // The sign, with blanks alone up to the word.
        let Some(sign) = head.trim_end().strip_suffix('#') else {
            continue;
        };
        let alone = sign.trim().is_empty();
        let here = (start + sign.len()) as u32;
        if !alone && (!sign.ends_with([' ', '\t']) || parts.within(here)) {
            continue;
        }
        let inner = text.get(here as usize + 1..).unwrap_or("");
        let inner = inner.split('\n').next().unwrap_or("");
        let below = || {
            if alone {
                parts.below(tree, at)
            } else {
                parts.on(start, here)
            }
        };
        out.extend(read(tree, inner, below));
    }
    out
}

/// What of a text an allowance can hold for.
struct Parts {
    /// Elements and attributes by where they begin, the outer one first.
    begins: Vec<(Span, Option<NodeId>)>,
    /// Values and texts by place.
    words: Vec<Span>,
}

impl Parts {
    fn new(tree: &Tree) -> Self {
        let (mut begins, mut words) = (Vec::new(), Vec::new());
        for id in tree.all() {
            let node = tree.node(id);
            match node.kind {
                NodeKind::Element => {
                    begins.push((node.span, Some(id)));
                    for attr in tree.attrs(id) {
                        begins.push((attr.span, None));
                        words.push(attr.value_span);
                    }
                }
                NodeKind::Text => words.push(node.span),
                _ => {}
            }
        }
        begins.sort_by_key(|(span, _)| (span.start, u32::MAX - span.end));
        words.sort_by_key(|span| span.start);
        Self { begins, words }
    }

    /// A value or text has this byte.
    fn within(&self, at: u32) -> bool {
        let next = self.words.partition_point(|w| w.start <= at);
        let before = next.checked_sub(1).and_then(|n| self.words.get(n));
        before.is_some_and(|w| at < w.end)
    }

    /// What begins after a place: the element, or all those of a list whose key stands there.
    fn below(&self, tree: &Tree, at: usize) -> Span {
        let text: &str = tree.text();
        let tail = text.get(at..).unwrap_or("");
        let mut start = at + tail.find('\n').map_or(tail.len(), |n| n + 1);
        let line = loop {
            let line = text
                .get(start..)
                .unwrap_or("")
                .split_inclusive('\n')
                .next()
                .unwrap_or("");
            let bare = line.trim_start();
            if line.is_empty() || !bare.is_empty() && !bare.starts_with('#') {
                break line;
            }
            start += line.len();
        };
        let first = self
            .begins
            .partition_point(|(span, _)| (span.start as usize) < start);
        let Some(&(span, id)) = self.begins.get(first) else {
            return Span::empty(at as u32);
        };
        let key = span.start as usize >= start + line.len() && !line.trim_start().starts_with('[');
        let Some(id) = id.filter(|_| key) else { return span };
        let parent = tree.node(id).parent;
        let alike = tree.elements(parent).filter(|&e| tree.local(e) == tree.local(id));
        alike
            .map(|e| tree.node(e).span)
            .filter(|s| s.start >= span.start)
            .fold(span, Span::cover)
    }

    /// What begins first between two places.
    fn on(&self, start: usize, end: u32) -> Span {
        let first = self
            .begins
            .partition_point(|(span, _)| (span.start as usize) < start);
        match self.begins.get(first) {
            Some((span, _)) if span.start < end => *span,
            _ => Span::empty(end),
        }
    }
}
