//! The children of one element: the steps of the cheapest reading in words, with their fixes.

use crate::diagnostic::FileId;
use crate::grammar::pattern::PatId;
use crate::syntax::NodeId;
use crate::text::Span;

use super::super::derive::leaves;
use super::super::words;
use super::align::{Step, align};
use super::{Reporter, error, fixes, plain_name, tag};

impl Reporter<'_, '_> {
    /// Judges the content of an element that should fit `p`.
    pub(super) fn children(&mut self, id: NodeId, p: PatId) {
        let steps = align(self.judge, id, p);
        let dropped = steps.iter().any(|s| matches!(s, Step::Drop(..)));
        for step in steps {
            match step {
                Step::Keep(child, e) => self.work.push((child, e)),
                Step::Rename(child, e) => self.renamed(id, child, e),
                Step::Drop(child, open) => self.dropped(id, child, open, p),
                // Where any of many names would do, what was put there instead is the one fault.
                Step::Insert(e, _) if dropped && plain_name(self.judge.grammar, e).is_none() => {}
                Step::Incomplete(_) if dropped => {}
                Step::Insert(e, before) => self.missing_element(id, e, before),
                Step::Text(span) => {
                    let owner = tag(self.judge.tree.local(id));
                    self.out.push(
                        error("unexpected-text", span, format!("text cannot stand in {owner}")).fix(
                            crate::diagnostic::Fix {
                                title: "remove the text".into(),
                                edits: vec![crate::diagnostic::Edit {
                                    span,
                                    new_text: String::new().into(),
                                }],
                                safe: false,
                            },
                        ),
                    );
                }
                Step::Value(span, text, want) => {
                    let owner = tag(self.judge.tree.local(id));
                    let whole = self.span(id).cover(span);
                    self.bad_value(&owner, text.trim(), whole, span, &[want]);
                }
                Step::Incomplete(open) => self.incomplete(id, open),
            }
        }
    }

    fn renamed(&mut self, parent: NodeId, child: NodeId, e: u32) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let name = tree.local(child);
        let Some(new) = plain_name(g, e) else { return };
        let near = words::near(name, new).is_some();
        let span = self.span(child);
        let d = if self.judge.candidates(child).is_empty() {
            error(
                "unknown-element",
                span,
                format!("there is no element {}", tag(name)),
            )
        } else {
            error(
                "misplaced-element",
                span,
                format!("{} does not fit here in {}", tag(name), tag(tree.local(parent))),
            )
        };
        self.out.push(
            d.label(format!("did you mean {}?", tag(new)))
                .fix(fixes::rename(self.judge, child, new, near)),
        );
        self.work.push((child, e));
    }

    fn dropped(&mut self, parent: NodeId, child: NodeId, open: PatId, whole: PatId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let (name, owner) = (tree.local(child), tag(tree.local(parent)));
        let candidates = self.judge.candidates(child);
        let allowed = leaves(&self.judge.matcher.patterns, whole).1;
        let names = |list: &[u32]| {
            list.iter()
                .filter_map(|&e| plain_name(g, e))
                .map(tag)
                .collect::<Vec<_>>()
        };
        if candidates.is_empty() {
            let all = names(&allowed);
            let mut d = error(
                "unknown-element",
                self.span(child),
                format!("there is no element {}", tag(name)),
            );
            if !all.is_empty() {
                d = d.label(format!("{owner} may hold {}", words::list(&all, "and")));
            }
            self.out.push(d.fix(fixes::remove(self.judge, child)));
            return;
        }
        // Under its own name it is judged where it stands, so that a second fault deep within is not lost.
        if let Some(e) = candidates
            .iter()
            .copied()
            .find(|&e| self.judge.misfit(child, e) <= 1)
        {
            self.work.push((child, e));
        }
        let here = allowed.iter().any(|e| candidates.contains(e));
        let twin = tree
            .elements(parent)
            .find(|&c| c != child && tree.node(c).name == tree.node(child).name && c < child);
        if let Some(first) = twin.filter(|_| here) {
            let (bad, good) = self.blame(first, child);
            let words = if bad == child {
                "first given here"
            } else {
                "given here"
            };
            self.out.push(
                error(
                    "duplicate-element",
                    self.span(bad),
                    format!("{} is already given in {owner}", tag(name)),
                )
                .label(format!("{owner} holds it once"))
                .note(FileId::default(), self.span(good), words)
                .fix(fixes::remove(self.judge, bad)),
            );
            return;
        }
        let mut d = error(
            "misplaced-element",
            self.span(child),
            format!("{} cannot stand here in {owner}", tag(name)),
        );
        if here {
            let next = names(&self.judge.matcher.first(open));
            d = if next.is_empty() {
                d.label("nothing may follow here")
            } else {
                d.label(format!("expected {}", words::list(&next, "or")))
            };
        } else {
            let parents = self.parents.entry(tree.node(child).name);
            let parents = parents.or_insert_with(|| g.parents(name).into_iter().map(tag).collect());
            if !parents.is_empty() {
                d = d.label(format!("it stands in {}", words::list(parents, "and")));
            }
            if self.out.len() < super::SEARCHED {
                if let Some(fix) = fixes::move_away(self.judge, child) {
                    d = d.fix(fix);
                }
            }
        }
        self.out.push(d.fix(fixes::remove(self.judge, child)));
    }

    /// Which of two that exclude each other is the intruder: the second, unless only the first is out of the layout.
    fn blame(&self, first: NodeId, second: NodeId) -> (NodeId, NodeId) {
        let own_line = |id: NodeId| {
            let head = self
                .judge
                .tree
                .text()
                .get(..self.judge.tree.node(id).span.start as usize)
                .unwrap_or("");
            head.trim_end_matches([' ', '\t']).ends_with('\n')
        };
        if !own_line(first) && own_line(second) {
            (first, second)
        } else {
            (second, first)
        }
    }

    fn missing_element(&mut self, id: NodeId, e: u32, before: Option<NodeId>) {
        let owner = tag(self.judge.tree.local(id));
        let name = plain_name(self.judge.grammar, e).unwrap_or("*").to_string();
        let mut d = error(
            "missing-element",
            self.span(id),
            format!("{owner} needs the element {}", tag(&name)),
        );
        if let Some(b) = before {
            d = d.note(FileId::default(), self.span(b), "it stands before this");
        }
        if let Some(fix) = fixes::insert(self.judge, id, e, before) {
            d = d.fix(fix);
        }
        self.out.push(d);
    }

    fn incomplete(&mut self, id: NodeId, open: PatId) {
        let g = self.judge.grammar;
        let owner = tag(self.judge.tree.local(id));
        let at: Span = self.span(id);
        let first = self.judge.matcher.first(open);
        let names: Vec<String> = first.iter().filter_map(|&e| plain_name(g, e)).map(tag).collect();
        self.out.push(if names.is_empty() {
            let values = super::listed(g, open);
            let quoted: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
            let mut d = error("missing-text", at, format!("{owner} needs text"));
            if !quoted.is_empty() {
                d = d.label(format!("expected {}", words::list(&quoted, "or")));
            }
            d
        } else {
            error("missing-element", at, format!("{owner} is not complete"))
                .label(format!("expected {}", words::list(&names, "or")))
        });
    }
}
