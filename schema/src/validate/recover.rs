//! What is wrong with a tree that does not fit, and how to mend it. Only reads what `label` found; the verdict is
//! not made here.

use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Severity, Source};
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::grammar::{Data, Grammar};
use crate::syntax::{Attr, NodeId, NodeKind};
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
    let mut r = Reporter {
        judge,
        out: Vec::new(),
        work: Vec::new(),
    };
    let roots: Vec<NodeId> = tree.elements(tree.document()).collect();
    let Some(&root) = roots.first() else {
        return Vec::new();
    };
    r.root(root);
    while let Some((id, e)) = r.work.pop() {
        r.element(id, e);
    }
    let mut out = r.out;
    // The verdict is never lost: what could not be pinned down is said of the root.
    if out.is_empty() && roots.len() == 1 {
        let name = tree.local(root);
        out.push(error(
            "invalid-content",
            tree.node(root).name_span,
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
}

fn plain_name(g: &Grammar, e: u32) -> Option<&str> {
    g.elements
        .get(e as usize)?
        .names
        .names()
        .first()
        .map(|n| &*n.local)
}

impl<'a> Reporter<'_, 'a> {
    fn span(&self, id: NodeId) -> Span {
        self.judge.tree.node(id).name_span
    }

    fn root(&mut self, root: NodeId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let first = self.judge.matcher.first(g.start);
        let candidates = self.judge.candidates(root);
        if let Some(&e) = first.iter().find(|e| candidates.contains(e)) {
            if self.judge.fitting(root).is_empty() {
                self.work.push((root, e));
            }
            return;
        }
        let names: Vec<String> = first.iter().filter_map(|&e| plain_name(g, e)).map(tag).collect();
        let message = format!("the grammar has no document of {}", tag(tree.local(root)));
        let mut d = error("unknown-element", self.span(root), message)
            .label(format!("expected {}", words::list(&names, "or")));
        let (near, alone) = words::nearest(tree.local(root), first.iter().filter_map(|&e| plain_name(g, e)));
        if let Some(&n) = near.first() {
            d = d.fix(self.rename(root, n, alone));
        }
        self.out.push(d);
    }

    fn rename(&self, id: NodeId, name: &str, safe: bool) -> Fix {
        let node = self.judge.tree.node(id);
        let mut edits = vec![Edit {
            span: node.name_span,
            new_text: name.to_string(),
        }];
        if !node.close_name.is_empty() {
            edits.push(Edit {
                span: node.close_name,
                new_text: name.to_string(),
            });
        }
        Fix {
            title: format!("rename to `{name}`"),
            edits,
            safe,
        }
    }

    fn element(&mut self, id: NodeId, e: u32) {
        let content = self
            .judge
            .grammar
            .elements
            .get(e as usize)
            .map_or(NOT_ALLOWED, |x| x.content);
        let rest = self.attributes(id, content);
        self.children(id, rest);
    }

    fn attribute_name(&self, a: u32) -> Option<&'a str> {
        let g: &'a Grammar = self.judge.grammar;
        g.attributes
            .get(a as usize)?
            .names
            .names()
            .first()
            .map(|n| &*n.local)
    }

    /// Judges the attributes; what remains for the content.
    fn attributes(&mut self, id: NodeId, mut p: PatId) -> PatId {
        let tree = self.judge.tree;
        let owner = tag(tree.local(id));
        let mut strange: Vec<&Attr> = Vec::new();
        for attr in self.judge.attrs(id) {
            let q = self.judge.after_attribute(p, id, attr);
            if q != NOT_ALLOWED {
                p = q;
                continue;
            }
            let takes = self
                .judge
                .attribute_named
                .get(attr.name.0 as usize)
                .cloned()
                .unwrap_or_default();
            let known: Vec<u32> = takes
                .into_iter()
                .filter(|&a| self.judge.matcher.attribute(p, a) != NOT_ALLOWED)
                .collect();
            let Some(&a) = known.first() else {
                strange.push(attr);
                continue;
            };
            p = self.judge.matcher.attribute(p, a);
            self.bad_value(attr, &known);
        }
        for attr in strange {
            let open: Vec<u32> = self
                .judge
                .matcher
                .attributes(p)
                .iter()
                .copied()
                .filter(|&a| self.judge.matcher.attribute(p, a) != NOT_ALLOWED)
                .collect();
            let written = attr.name_span.of(tree.text());
            let mut d = error(
                "unknown-attribute",
                attr.name_span,
                format!("{owner} has no attribute `{written}`"),
            );
            let (near, alone) = words::nearest(written, open.iter().filter_map(|&a| self.attribute_name(a)));
            if let Some(&n) = near.first() {
                d = d.label(format!("did you mean `{n}`?")).fix(Fix {
                    title: format!("rename to `{n}`"),
                    edits: vec![Edit {
                        span: attr.name_span,
                        new_text: n.to_string(),
                    }],
                    safe: alone,
                });
                if let Some(&a) = open.iter().find(|&&a| self.attribute_name(a) == Some(n)) {
                    p = self.judge.matcher.attribute(p, a);
                }
            } else if self
                .judge
                .attribute_named
                .get(attr.name.0 as usize)
                .is_some_and(|l| !l.is_empty())
            {
                d.code = "misplaced-attribute";
                d = d.label("it belongs to other elements");
            }
            self.out.push(d);
        }
        let closed = self.judge.matcher.close(p);
        if closed != NOT_ALLOWED {
            return closed;
        }
        // One by one, those without which nothing can follow.
        let mut missing = Vec::new();
        for &a in self.judge.matcher.attributes(p).iter() {
            let q = self.judge.matcher.attribute(p, a);
            let given = !missing.is_empty() && self.judge.matcher.close(p) != NOT_ALLOWED;
            if q != NOT_ALLOWED && !given && self.required_attribute(p, a) {
                missing.push(a);
                p = q;
            }
        }
        for a in missing {
            let name = self.attribute_name(a).unwrap_or("").to_string();
            let at = self.span(id);
            let values = self.values(a);
            let value = if let [one] = values.as_slice() {
                one.clone()
            } else {
                String::new()
            };
            self.out.push(
                error(
                    "missing-attribute",
                    at,
                    format!("{owner} needs the attribute `{name}`"),
                )
                .fix(Fix {
                    title: format!("add `{name}`"),
                    edits: vec![Edit {
                        span: Span::empty(at.end),
                        new_text: format!(" {name}=\"{value}\""),
                    }],
                    safe: false,
                }),
            );
        }
        self.judge.matcher.close(p)
    }

    /// True where nothing that `p` takes is without the attribute.
    fn required_attribute(&mut self, p: PatId, a: u32) -> bool {
        // With every other attribute given as needed, closing without this one must fail.
        let mut q = p;
        for &other in self.judge.matcher.attributes(p).iter() {
            if other != a {
                let r = self.judge.matcher.attribute(q, other);
                if r != NOT_ALLOWED {
                    q = r;
                }
            }
        }
        self.judge.matcher.close(q) == NOT_ALLOWED
    }

    fn values(&self, a: u32) -> Vec<String> {
        let g = self.judge.grammar;
        let Some(attribute) = g.attributes.get(a as usize) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for d in leaves(&g.patterns, attribute.value).2 {
            match g.data.get(d as usize) {
                Some(Data::Value { text, .. }) => out.push(text.clone()),
                Some(Data::Type { datatype, .. }) if datatype.is_boolean() => {
                    out.extend(["true".to_string(), "false".to_string()])
                }
                _ => {}
            }
        }
        out
    }

    fn bad_value(&mut self, attr: &Attr, takes: &[u32]) {
        let tree = self.judge.tree;
        let value = tree.value(attr).into_owned();
        let name = attr.name_span.of(tree.text());
        let values: Vec<String> = takes.iter().flat_map(|&a| self.values(a)).collect();
        let (near, alone) = words::nearest(&value, values.iter().map(String::as_str));
        let span = if attr.value_span.is_empty() {
            attr.span
        } else {
            attr.value_span
        };
        let mut d = error(
            "invalid-value",
            span,
            format!("`{value}` is no value of `{name}`"),
        );
        if let Some(n) = near.first() {
            d = d.label(format!("did you mean `{n}`?")).fix(Fix {
                title: format!("change to `{n}`"),
                edits: vec![Edit {
                    span: attr.value_span,
                    new_text: (*n).to_string(),
                }],
                safe: alone,
            });
        } else if !values.is_empty() {
            let quoted: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
            d = d.label(format!("expected {}", words::list(&quoted, "or")));
        }
        self.out.push(d);
    }

    fn children(&mut self, id: NodeId, mut p: PatId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let owner = tag(tree.local(id));
        let only_text = tree.elements(id).next().is_none();
        let whole = p;
        let mut text = String::new();
        let mut text_span: Option<Span> = None;
        let mut faults = false;
        for child in tree.children(id) {
            let node = *tree.node(child);
            match node.kind {
                NodeKind::Text | NodeKind::CData => {
                    text.push_str(&tree.text_value(child));
                    if !node.blank {
                        text_span = Some(text_span.map_or(node.span, |s: Span| s.cover(node.span)));
                    }
                }
                NodeKind::Element => {
                    faults |= self.run_of_text(id, &mut p, &mut text, &mut text_span, false);
                    faults |= self.child(child, &mut p, whole, &owner);
                }
                _ => {}
            }
        }
        faults |= self.run_of_text(id, &mut p, &mut text, &mut text_span, only_text);
        if self.judge.matcher.patterns.nullable(p) {
            return;
        }
        let mut said = false;
        for _ in 0..64 {
            if self.judge.matcher.patterns.nullable(p) {
                break;
            }
            let first = self.judge.matcher.first(p);
            let needed: Vec<u32> = first.iter().copied().filter(|&e| self.needed(p, e)).collect();
            let at = self.span(id);
            if let Some(&e) = needed.first() {
                let name = plain_name(g, e).unwrap_or("*");
                self.out.push(error(
                    "missing-element",
                    at,
                    format!("{owner} needs the element {}", tag(name)),
                ));
                p = self.judge.matcher.element(p, e);
                said = true;
            } else {
                if !said && !faults && !first.is_empty() {
                    let names: Vec<String> =
                        first.iter().filter_map(|&e| plain_name(g, e)).map(tag).collect();
                    self.out.push(
                        error("missing-element", at, format!("{owner} is not complete"))
                            .label(format!("expected {}", words::list(&names, "or"))),
                    );
                } else if !said && !faults {
                    self.out
                        .push(error("missing-text", at, format!("{owner} needs text")));
                }
                break;
            }
        }
    }

    /// True where nothing that `p` takes is without the element.
    fn needed(&mut self, p: PatId, e: u32) -> bool {
        super::without(&mut self.judge.matcher, p, e) == NOT_ALLOWED
    }

    /// Judges a run of text; true where it was wrong.
    fn run_of_text(
        &mut self,
        id: NodeId,
        p: &mut PatId,
        text: &mut String,
        span: &mut Option<Span>,
        only: bool,
    ) -> bool {
        let tree = self.judge.tree;
        let q = self.judge.after_text(*p, id, text, only);
        let taken = std::mem::take(text);
        let at = span.take();
        let wrong = q == NOT_ALLOWED
            || only
                && at.is_some()
                && !self.judge.matcher.patterns.nullable(q)
                && !leaves(&self.judge.matcher.patterns, *p).2.is_empty();
        if !wrong {
            *p = q;
            return false;
        }
        let owner = tag(tree.local(id));
        let at = at.unwrap_or_else(|| self.span(id));
        let data = leaves(&self.judge.matcher.patterns, *p).2;
        if data.is_empty() {
            self.out.push(error(
                "unexpected-text",
                at,
                format!("text cannot stand in {owner}"),
            ));
        } else {
            let shown = taken.trim();
            self.out.push(error(
                "invalid-value",
                at,
                format!("`{shown}` is no value of {owner}"),
            ));
            *p = crate::grammar::pattern::EMPTY;
        }
        true
    }

    /// Judges a child element; true where it cannot stand here.
    fn child(&mut self, child: NodeId, p: &mut PatId, whole: PatId, owner: &str) -> bool {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let q = self.judge.after_child(*p, child);
        if q != NOT_ALLOWED {
            *p = q;
            return false;
        }
        let first = self.judge.matcher.first(*p);
        let candidates = self.judge.candidates(child);
        if let Some(&e) = first.iter().find(|e| candidates.contains(e)) {
            *p = self.judge.matcher.element(*p, e);
            if !self.judge.fitting(child).contains(&e) {
                self.work.push((child, e));
            }
            return false;
        }
        let name = tree.local(child);
        let span = self.span(child);
        let (near, alone) = words::nearest(name, first.iter().filter_map(|&e| plain_name(g, e)));
        if candidates.is_empty() {
            let mut d = error(
                "unknown-element",
                span,
                format!("there is no element {}", tag(name)),
            );
            if let Some(&n) = near.first() {
                d = d
                    .label(format!("did you mean {}?", tag(n)))
                    .fix(self.rename(child, n, alone));
                if let Some(&e) = first.iter().find(|&&e| plain_name(g, e) == Some(n)) {
                    *p = self.judge.matcher.element(*p, e);
                    self.work.push((child, e));
                }
            }
            self.out.push(d);
            return true;
        }
        let here = leaves(&g.patterns, whole).1;
        let all = if here.is_empty() {
            leaves(&self.judge.matcher.patterns, whole).1
        } else {
            here
        };
        let earlier = tree.parent(child).and_then(|up| {
            tree.elements(up)
                .find(|&c| c != child && tree.node(c).name == tree.node(child).name && c < child)
        });
        let mut d = match earlier {
            Some(first) if all.iter().any(|e| candidates.contains(e)) => error(
                "duplicate-element",
                span,
                format!("{} is already given in {owner}", tag(name)),
            )
            .note(FileId::default(), self.span(first), "first given here"),
            _ => error(
                "misplaced-element",
                span,
                format!("{} cannot stand here in {owner}", tag(name)),
            ),
        };
        let names: Vec<String> = first.iter().filter_map(|&e| plain_name(g, e)).map(tag).collect();
        if !names.is_empty() {
            d = d.label(format!("expected {}", words::list(&names, "or")));
        }
        self.out.push(d.fix(Fix {
            title: format!("remove {}", tag(name)),
            edits: vec![Edit {
                span: tree.node(child).span,
                new_text: String::new(),
            }],
            safe: false,
        }));
        true
    }
}
