//! What is wrong with a tree that does not fit, and how to mend it: one message for one fault. Reads what `label`
//! found; the verdict is not made here.

mod align;
mod attributes;
mod children;
mod fit;
mod fixes;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::grammar::pattern::PatId;
use crate::grammar::{Data, Grammar};
use crate::syntax::{NameId, NodeId};
use crate::text::Span;

use super::derive::leaves;
use super::label::Judge;
use super::words;

fn error(code: &'static str, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Source::Schema, span, message)
}

fn tag(name: &str) -> String {
    format!("`<{name}>`")
}

/// Every fault of the tree, in the order of the text.
pub fn report(judge: &mut Judge<'_>) -> Vec<Diagnostic> {
    let tree = judge.tree;
    let roots: Vec<NodeId> = tree.elements(tree.document()).collect();
    // A second root is not well-formed, and the tree says so.
    let Some(&root) = roots.first() else {
        return Vec::new();
    };
    let mut r = Reporter {
        judge,
        out: Vec::new(),
        work: Vec::new(),
        owners: FxHashMap::default(),
        parents: FxHashMap::default(),
    };
    r.root(root);
    while let Some((id, e)) = r.work.pop() {
        if r.judge.fitting(id).contains(&e) {
            continue;
        }
        let content = r.judge.content(e);
        let body = r.attributes(id, content);
        r.children(id, body);
    }
    let mut out = r.out;
    // The verdict is never lost: what could not be pinned down is said of the root.
    if out.is_empty() && roots.len() == 1 {
        let (name, span) = (tree.local(root), tree.node(root).name_span);
        out.push(error(
            "invalid-content",
            span,
            format!("the content of {} does not fit the grammar", tag(name)),
        ));
    }
    out.sort_by_key(|d| d.span);
    out
}

struct Reporter<'j, 'a> {
    judge: &'j mut Judge<'a>,
    out: Vec<Diagnostic>,
    /// Elements still to look at, each with the pattern it is taken for.
    work: Vec<(NodeId, u32)>,
    /// By name: the elements that have the attribute, and those that the element may stand in.
    owners: FxHashMap<NameId, Vec<String>>,
    parents: FxHashMap<NameId, Vec<String>>,
}

/// Findings of one text after which no place to move to is sought: the search looks at every neighbour.
const SEARCHED: usize = 200;

/// The first name that an element pattern takes.
fn plain_name(g: &Grammar, e: u32) -> Option<&str> {
    g.elements
        .get(e as usize)?
        .names
        .names()
        .first()
        .map(|n| &*n.local)
}

/// The values that a pattern lists.
fn listed(g: &Grammar, p: PatId) -> Vec<String> {
    let mut out = Vec::new();
    for d in leaves(&g.patterns, p).2 {
        match g.data.get(d as usize) {
            Some(Data::Value { text, .. }) => out.push(text.clone()),
            Some(Data::Type { datatype, .. }) if datatype.is_boolean() => {
                out.extend(["true", "false"].map(str::to_string))
            }
            _ => {}
        }
    }
    out.dedup();
    out
}

impl Reporter<'_, '_> {
    fn span(&self, id: NodeId) -> Span {
        self.judge.tree.node(id).name_span
    }

    fn root(&mut self, root: NodeId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let enabled = self.judge.enabled(g.start, root);
        if let Some(e) = enabled.into_iter().min_by_key(|&e| self.judge.misfit(root, e)) {
            self.work.push((root, e));
            return;
        }
        let first = self.judge.matcher.first(g.start);
        let names: Vec<String> = first.iter().filter_map(|&e| plain_name(g, e)).map(tag).collect();
        let name = tree.local(root);
        let mut d = error(
            "unknown-element",
            self.span(root),
            format!("a document cannot begin with {}", tag(name)),
        )
        .label(format!("expected {}", words::list(&names, "or")));
        let (near, alone) = words::nearest(name, first.iter().filter_map(|&e| plain_name(g, e)));
        if let Some(&n) = near.first() {
            d = d
                .label(format!("did you mean {}?", tag(n)))
                .fix(fixes::rename(self.judge, root, n, alone));
            let meant = first.iter().copied().find(|&e| plain_name(g, e) == Some(n));
            self.work.extend(meant.map(|e| (root, e)));
        }
        self.out.push(d);
    }

    /// A finding on a value that is not one of those allowed. `whole` is the value with the name of what has it, shown
    /// where the value is near none that is allowed: then the name may be the slip as well.
    fn bad_value(&mut self, what: &str, value: &str, whole: Span, replaced: Span, patterns: &[PatId]) {
        let g = self.judge.grammar;
        let values: Vec<String> = patterns.iter().flat_map(|&p| listed(g, p)).collect();
        let kind = patterns.iter().find_map(|&p| g.listed(p).1);
        let (near, alone) = words::nearest(value, values.iter().map(String::as_str));
        let only = if let [one] = values.as_slice() {
            Some(one.as_str()).filter(|_| kind.is_none())
        } else {
            None
        };
        let shown = if near.is_empty() || replaced.is_empty() {
            whole
        } else {
            replaced
        };
        let mut d = error("invalid-value", shown, format!("`{value}` is no value of {what}"));
        let quoted: Vec<String> = words::by_distance(value, &values)
            .iter()
            .map(|v| format!("`{v}`"))
            .collect();
        if let Some(n) = near.first().copied().or(only) {
            d = d
                .label(format!("did you mean `{n}`?"))
                .fix(crate::diagnostic::Fix {
                    title: format!("change to `{n}`").into(),
                    edits: vec![crate::diagnostic::Edit {
                        span: replaced,
                        new_text: n.to_string().into(),
                    }],
                    safe: alone && !near.is_empty(),
                });
            if values.len() > 1 {
                d = d.help(format!("allowed are {}", words::list(&quoted, "and")));
            }
        } else if !quoted.is_empty() {
            d = d.label(format!("expected {}", words::list(&quoted, "or")));
        } else if let Some(k) = kind {
            d = d.label(format!("expected {k}"));
        }
        self.out.push(d);
    }
}
