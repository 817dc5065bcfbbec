//! The edits that mend a fault: rename, remove, insert with what is required. Moves are in `places`.

use rustc_hash::FxHashMap;

use crate::noted::{Line, Phrase};
use crate::syntax::{NameId, NodeId, Tree};
use crate::text::Span;

use super::super::derive::leaves;
use super::super::label::Judge;
use super::memo::{Memo, plain_name};
use super::texts::{Kind, Texts, join, put};

/// Renames an element in both of its tags: the title and the new name; `whole` where the name has its prefix with it.
pub fn rename(
    texts: &mut Texts,
    tree: &Tree,
    id: NodeId,
    (title, name): (Line, Line),
    whole: bool,
    safe: bool,
) {
    let node = tree.node(id);
    let prefix = |span: Span| span.of(tree.text()).rsplit_once(':').map(|(prefix, _)| prefix);
    // The prefix stays as it is written. In another mark-up something else may stand for the name.
    let prefixed = node.name_span.len() as usize != tree.local(id).len();
    let keeps = prefixed && !whole && tree.is_xml();
    let mut own = |span: Span| match prefix(span).filter(|_| keeps) {
        Some(prefix) => {
            let name = texts.notes.read(name).to_string();
            (span, texts.line(&[prefix, ":", &name]))
        }
        None => (span, name),
    };
    let first = own(node.name_span);
    if node.close_name().is_empty() {
        texts.notes.fix(title, safe, &[first]);
    } else {
        let last = own(node.close_name());
        texts.notes.fix(title, safe, &[first, last]);
    }
}

/// How many blanks stand right before an element.
fn blanks_before(tree: &Tree, id: NodeId, most: usize) -> usize {
    let start = tree.node(id).span.start as usize;
    let head = tree.text().as_bytes().get(..start).unwrap_or_default();
    let blanks = head.iter().rev().take(most);
    blanks.take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// True where an element begins its line.
pub fn begins_line(tree: &Tree, id: NodeId) -> bool {
    let start = tree.node(id).span.start as usize;
    let line = start - blanks_before(tree, id, start);
    line.checked_sub(1)
        .is_some_and(|at| tree.text().as_bytes().get(at) == Some(&b'\n'))
}

/// An element with the white space before it, where it stands on lines of its own.
pub fn with_line(tree: &Tree, id: NodeId) -> Span {
    let (span, text) = (tree.node(id).span, tree.text().as_bytes());
    let head = text.get(..span.start as usize).unwrap_or_default();
    let tail = text.get(span.end as usize..).unwrap_or_default();
    let blanks = head
        .iter()
        .rev()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let (line, _) = head.split_at(head.len() - blanks);
    let next = tail.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
    if line.ends_with(b"\n") && matches!(next, Some(b'\n' | b'<')) {
        let cut = if line.ends_with(b"\r\n") { 2 } else { 1 };
        return Span::new((line.len() - cut) as u32, span.end);
    }
    span
}

/// Removes an element.
pub fn remove(texts: &mut Texts, tree: &Tree, id: NodeId, title: impl Into<Phrase>) {
    let edit = (with_line(tree, id), Line::default());
    texts.notes.fix(title, false, &[edit]);
}

/// Nobody indents by more; so that a long run of blanks is not repeated by every repair.
const DEEPEST: usize = 200;

/// The white space that begins the line of a node, with the line break; empty where it does not begin one.
pub fn indent(tree: &Tree, id: NodeId) -> &str {
    let start = tree.node(id).span.start as usize;
    let blanks = blanks_before(tree, id, DEEPEST + 1);
    if blanks > DEEPEST {
        return "";
    }
    let line = (start - blanks).checked_sub(1);
    let head = line.and_then(|at| tree.text().get(at..start));
    head.filter(|h| h.starts_with('\n')).unwrap_or("")
}

/// Beyond so many bytes nothing more is written into an element that is put in.
const LARGE: usize = 4096;

/// Writes an element with its required attributes and children.
fn skeleton(judge: &mut Judge<'_>, e: u32, break_line: &str, depth: usize, out: &mut String) {
    let g = judge.grammar;
    let name = plain_name(g, e).map_or("x", |n| n);
    let content = judge.content(e);
    let (attributes, children, data, text) = leaves(&g.patterns, content);
    out.push('<');
    out.push_str(name);
    for a in attributes {
        if !judge.matcher.requires(content, a) {
            continue;
        }
        let Some(x) = g.attributes.get(a as usize) else {
            continue;
        };
        let Some(n) = x.names.first() else { continue };
        let listed = judge.matcher.listed(g, x.value);
        let value = if let [one] = listed.values.as_slice() {
            &*one.0
        } else {
            ""
        };
        out.push_str(&join(&[" ", &n.local, "=\"", value, "\""]));
    }
    let body = judge.body(content);
    let required = judge.matcher.required(body);
    let needed: Vec<u32> = children
        .iter()
        .copied()
        .filter(|c| required.elements.binary_search(c).is_ok())
        .collect();
    if children.is_empty() && data.is_empty() && !text {
        out.push_str("/>");
    } else if needed.is_empty() || depth > 4 || out.len() > LARGE {
        out.push_str(&join(&["></", name, ">"]));
    } else {
        out.push('>');
        let inner = if break_line.is_empty() {
            String::new()
        } else {
            join(&[break_line, "    "])
        };
        for c in needed {
            out.push_str(&inner);
            skeleton(judge, c, &inner, depth + 1, out);
        }
        out.push_str(&join(&[break_line, "</", name, ">"]));
    }
}

/// What was put into elements already.
#[derive(Default)]
pub struct Inserts<'a> {
    /// By the element put in, the name of its parent and the parent's form: the indentation and the new text.
    last: FxHashMap<(u32, NameId, bool, bool), (&'a str, Line)>,
}

impl<'a> Inserts<'a> {
    /// Inserts an element with its required parts into `parent`, before `before` or where the grammar's order has it.
    pub fn insert(
        &mut self,
        judge: &mut Judge<'a>,
        memo: &mut Memo,
        parent: NodeId,
        e: u32,
        before: Option<NodeId>,
    ) {
        let tree = judge.tree;
        let Some(name) = plain_name(judge.grammar, e) else {
            return;
        };
        let title = memo.texts.say(true, Kind::InsertElement, e, 0, |t| {
            put(t, &["insert `<", name, ">`"]);
        });
        let node = *tree.node(parent);
        let children = memo.elements(tree, parent);
        // The indentation of what is put in, or of the parent where it holds nothing yet.
        let own = children
            .first()
            .map_or(indent(tree, parent), |&c| indent(tree, c));
        let alone = children.is_empty();
        let written = node.name_span.of(tree.text());
        let make = |judge: &mut Judge<'_>| {
            let line = if alone && !own.is_empty() {
                join(&[own, "    "])
            } else {
                own.to_string()
            };
            let mut new = if node.self_closing {
                ">".to_string()
            } else {
                String::new()
            };
            new.push_str(&line);
            skeleton(judge, e, &line, 0, &mut new);
            if node.self_closing {
                let end = if line.is_empty() { "" } else { indent(tree, parent) };
                new.push_str(&join(&[end, "</", written, ">"]));
            }
            new
        };
        let key = (e, node.name, node.self_closing, alone);
        let prefixed = written != tree.local(parent);
        // Most are the same place of the text.
        let same = |known: &str| std::ptr::eq(known, own) || known == own;
        let new_text = match self.last.get(&key) {
            Some((known, text)) if !prefixed && same(known) => *text,
            _ => {
                let new = memo.texts.line(&[&make(judge)]);
                if !prefixed {
                    self.last.insert(key, (own, new));
                }
                new
            }
        };
        let span = if node.self_closing {
            Span::new(node.open.end.saturating_sub(2), node.open.end)
        } else {
            let children = memo.elements(tree, parent);
            let after = match before {
                Some(b) => children
                    .get(..children.partition_point(|c| *c < b))
                    .and_then(<[_]>::last),
                None => {
                    let earlier = |c: &&NodeId| judge.candidates(**c).first().is_some_and(|&x| x <= e);
                    children.iter().rev().find(earlier)
                }
            };
            Span::empty(after.map_or(node.open.end, |&c| tree.node(c).span.end))
        };
        memo.texts.notes.fix(title, false, &[(span, new_text)]);
    }
}
