//! End tags, and what to make of stray and misspelt ones, so that the rest keeps its structure. One fault, one message.
//! Must not go through the whole stack for one tag.

use super::chars::{name_end, space_end};
use super::faults::{fault, mismatched_end_tag, replace, shown, stray_end_tag, unclosed_tag};
use super::parse::{MAX_DEPTH, Parser};
use super::*;
use crate::diagnostic::{Edit, FileId, Fix};

/// A start tag that broke off before its `>`. It counts as empty, until an end tag shows that it is not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Broken {
    pub node: NodeId,
    /// Length of the stack when it stood there.
    pub depth: u32,
}

/// An end tag in the text.
#[derive(Clone, Copy)]
pub(super) struct EndTag {
    span: Span,
    name: Span,
}

impl<'t> Parser<'t> {
    /// Reads the end tag at `pos`.
    #[inline]
    pub(super) fn end_tag(&mut self) {
        let start = self.pos;
        let name_end = name_end(self.text, start + 2);
        let mut at = name_end;
        if self.byte(at) != b'>' {
            at = space_end(self.bytes, at);
        }
        let name = Span::new(start as u32 + 2, name_end as u32);
        if self.byte(at) == b'>' {
            at += 1;
        } else {
            at = self.bad_end_tag(start, name_end);
        }
        let tag = EndTag {
            span: Span::new(start as u32, at as u32),
            name,
        };
        self.pos = at;
        if let Some(top) = self.stack.last().filter(|_| self.stack.len() > 1)
            && let Some(node) = self.nodes.get(top.node.place())
            && node.name_span.len() == name.len()
            && node.name_span.of(self.text) == name.of(self.text)
        {
            self.close(Some(tag));
            return;
        }
        self.unmatched(tag);
    }

    /// An end tag without `>`, or with more than a name. Gives where it ends.
    #[cold]
    fn bad_end_tag(&mut self, start: usize, name_end: usize) -> usize {
        let end = self.rough_end(name_end);
        let (name, rest) = (self.slice(start + 2, name_end), self.slice(name_end, end));
        let name_span = Span::new(start as u32 + 2, name_end as u32);
        if rest.ends_with('>') {
            let span = Span::new(name_end as u32, end as u32 - 1);
            let rubbish = rest.strip_suffix('>').unwrap_or(rest).trim();
            self.faults.add(
                fault(
                    "unexpected-character",
                    span,
                    format!("`{}` may not stand in an end tag", shown(rubbish)),
                )
                .label("expected `>`")
                .fix(replace("remove it", span, "", false)),
            );
            return end;
        }
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if !name.is_empty() {
            self.faults
                .add(unclosed_tag(name, name_span, name_end as u32, true));
        }
        if blank == rest.len() {
            name_end + blank
        } else {
            name_end
        }
    }

    pub(super) fn raw_name(&self, id: NodeId) -> &'t str {
        self.nodes
            .get(id.place())
            .map_or("", |n| n.name_span.of(self.text))
    }

    /// Where in the stack an element of that name is open, innermost first; the document is none.
    fn last_open(&mut self, name: &'t str) -> Option<usize> {
        while let Some(open) = self.stack.get(self.open_names.known()) {
            let name = self.raw_name(open.node);
            self.open_names.push(name);
        }
        self.open_names.last(name).filter(|&at| at > 0)
    }

    /// Where among the broken tags directly in the innermost open element the last one of that name stands.
    fn last_broken(&mut self, name: &'t str) -> Option<usize> {
        while let Some(broken) = self.broken.get(self.broken_names.known()) {
            let key = (broken.depth, self.raw_name(broken.node));
            self.broken_names.push(key);
        }
        self.broken_names.last((self.stack.len() as u32, name))
    }

    /// An end tag that is not the one awaited.
    #[cold]
    fn unmatched(&mut self, tag: EndTag) {
        let name = tag.name.of(self.text);
        if self.adopt_into_broken(name, tag) {
            return;
        }
        let Some(depth) = self.last_open(name) else {
            return self.unknown_end_tag(name, tag);
        };
        // The awaited end tag follows at once: this one is in its way.
        if self
            .next_end_tag(self.pos)
            .is_some_and(|(next, _)| self.is_awaited(next))
        {
            if !self.swapped(depth, tag, name) {
                self.stray(tag, name);
            }
            return;
        }
        self.close_missing(depth, tag.span, &format!("`</{}>`", shown(name)));
        self.close(Some(tag));
    }

    /// `<b><i>..</b></i>` and then the end of what both stand in: two end tags are swapped, and that is one fault.
    fn swapped(&mut self, depth: usize, tag: EndTag, name: &str) -> bool {
        if depth + 2 != self.stack.len() {
            return false;
        }
        let Some((_, second_end)) = self.next_end_tag(self.pos) else {
            return false;
        };
        let outer = self
            .stack
            .get(depth - 1)
            .filter(|_| depth > 1)
            .map(|open| self.raw_name(open.node));
        let ends = match (outer, self.next_end_tag(second_end)) {
            (Some(outer), Some((next, _))) => next == outer,
            (None, None) => space_end(self.bytes, second_end) == self.bytes.len(),
            _ => false,
        };
        if !ends {
            return false;
        }
        let Some(inner) = self.stack.last().map(|open| open.node) else {
            return false;
        };
        let inner_name = self.raw_name(inner).to_owned();
        let second = Span::new(space_end(self.bytes, self.pos) as u32, second_end as u32);
        let edits = vec![
            Edit {
                span: tag.span,
                new_text: second.of(self.text).to_owned().into(),
            },
            Edit {
                span: second,
                new_text: tag.span.of(self.text).to_owned().into(),
            },
        ];
        self.faults.add(
            fault(
                "mismatched-end-tag",
                tag.name,
                format!("`</{}>` stands before `</{}>`", shown(name), shown(&inner_name)),
            )
            .label(format!("expected `{}`", shown(&inner_name)))
            .note(
                FileId::default(),
                self.node_span(inner),
                format!("`<{}>` opened here", shown(&inner_name)),
            )
            .fix(Fix {
                title: "swap the two end tags".into(),
                edits,
                safe: true,
            }),
        );
        self.pos = tag.span.start as usize;
        self.close(None);
        self.pos = tag.span.end as usize;
        self.close(Some(tag));
        let blank = self.slice(self.pos, second.start as usize);
        if !blank.is_empty() {
            let id = self.leaf(NodeKind::Text, self.pos, second.start as usize);
            if let Some(node) = self.node_mut(id) {
                node.blank = true;
            }
        }
        self.leaf(NodeKind::Stray, second.start as usize, second_end);
        self.pos = second_end;
        true
    }

    /// An end tag whose name is not open at all: a misspelt one, or one too many.
    fn unknown_end_tag(&mut self, name: &str, tag: EndTag) {
        if self.stack.len() > 1 {
            let top = self.stack.last().map_or(NodeId::DOCUMENT, |open| open.node);
            let (open, open_span) = (self.raw_name(top).to_owned(), self.node_span(top));
            let near = name.is_empty() || is_near(name, &open);
            let next = self.next_end_tag(self.pos).map(|(name, _)| name);
            // What follows closes the parent (or nothing follows): then this one was meant for the top.
            let parent_follows = self.stack.len() > 2
                && next.is_some_and(|next| next != open.as_str() && self.is_parent(next));
            let last = next.is_none()
                && self.stack.len() == 2
                && space_end(self.bytes, self.pos) == self.bytes.len();
            let awaited_follows = next.is_some_and(|next| next == open);
            if (near || parent_follows || last) && (!awaited_follows || self.is_parent(&open)) {
                let span = if name.is_empty() { tag.span } else { tag.name };
                let fault = if name.is_empty() {
                    let whole = format!("</{open}>");
                    fault("mismatched-end-tag", span, "this end tag has no name")
                        .label(format!("expected `{}`", shown(&whole)))
                        .note(FileId::default(), open_span, "it closes this")
                        .fix(replace(
                            format!("replace with `{}`", shown(&whole)),
                            span,
                            whole,
                            true,
                        ))
                } else {
                    let mut fault = mismatched_end_tag(name, span, &open, open_span, near);
                    if !tag.span.of(self.text).ends_with('>') {
                        let gt = Edit {
                            span: Span::empty(span.end),
                            new_text: ">".into(),
                        };
                        fault.fixes.iter_mut().for_each(|fix| fix.edits.push(gt.clone()));
                    }
                    fault
                };
                // A half-typed `</ima` needs one message, not two.
                if self
                    .faults
                    .list
                    .last()
                    .is_some_and(|f| f.code == "unclosed-tag" && f.span == tag.name)
                {
                    self.faults.list.pop();
                }
                self.faults.add(fault);
                self.close(Some(tag));
                return;
            }
        }
        self.stray(tag, name);
    }

    fn stray(&mut self, tag: EndTag, name: &str) {
        if self.stack.len() == 1 && self.has_root {
            if !self.said_trailing {
                self.faults.add(stray_end_tag(name, tag.name, tag.span));
            }
        } else {
            self.faults.add(stray_end_tag(name, tag.name, tag.span));
        }
        self.leaf(NodeKind::Stray, tag.span.start as usize, tag.span.end as usize);
    }

    pub(super) fn node_span(&self, id: NodeId) -> Span {
        self.nodes
            .get(id.place())
            .map_or(Span::default(), |n| n.name_span)
    }

    /// The name in the end tag that follows at `from`, white space apart, and where that tag ends.
    fn next_end_tag(&self, from: usize) -> Option<(&str, usize)> {
        let at = space_end(self.bytes, from);
        if !self.starts(at, "</") {
            return None;
        }
        let name = name_end(self.text, at + 2);
        let end = space_end(self.bytes, name);
        Some((
            self.slice(at + 2, name),
            end + usize::from(self.byte(end) == b'>'),
        ))
    }

    fn is_awaited(&self, name: &str) -> bool {
        self.stack.len() > 1
            && self
                .stack
                .last()
                .is_some_and(|open| self.raw_name(open.node) == name)
    }

    fn is_parent(&self, name: &str) -> bool {
        let parent = self.stack.len().checked_sub(2).and_then(|at| self.stack.get(at));
        parent.is_some_and(|open| self.raw_name(open.node) == name)
    }

    /// Gives a start tag that broke off its content, where an end tag shows that it had one.
    fn adopt_into_broken(&mut self, name: &'t str, tag: EndTag) -> bool {
        let Some(at) = self.last_broken(name) else {
            return false;
        };
        let Some(node) = self.broken.get(at).map(|b| b.node) else {
            return false;
        };
        // Every later sibling becomes a child, unless they are more than may still be moved.
        let first = self.nodes.get(node.place()).and_then(|n| n.next_sibling);
        let siblings = || {
            std::iter::successors(first, |id| {
                self.nodes.get(id.place()).and_then(|n| n.next_sibling)
            })
        };
        let count = siblings().take(self.moves.saturating_add(1)).count();
        let Some(moves) = self.moves.checked_sub(count) else {
            return false;
        };
        self.moves = moves;
        let mut next = first;
        while let Some(id) = next {
            let Some(child) = self.node_mut(id) else { break };
            child.parent = node;
            next = child.next_sibling;
        }
        self.broken.truncate(at);
        self.broken_names.truncate(at);
        if let Some(broken) = self.node_mut(node) {
            broken.next_sibling = None;
            broken.first_child = first;
            broken.close = tag.span;
            broken.close_name_length = tag.name.len();
            broken.span.end = tag.span.end;
        }
        if let Some(top) = self.stack.last_mut() {
            top.last_child = Some(node);
        }
        true
    }

    /// Closes the innermost element, by `tag` or by nothing at `pos`.
    #[inline]
    pub(super) fn close(&mut self, tag: Option<EndTag>) {
        let depth = self.stack.len();
        let Some(open) = self.stack.pop() else { return };
        self.open_names.truncate(self.stack.len());
        let end = self.pos as u32;
        if let Some(node) = self.nodes.get_mut(open.node.place()) {
            match tag {
                Some(tag) => {
                    node.close = tag.span;
                    node.close_name_length = tag.name.len();
                    node.span.end = tag.span.end;
                }
                None => {
                    node.close = Span::empty(end);
                    node.span.end = end;
                }
            }
        }
        self.scope.restore(open.mark);
        while self.broken.last().is_some_and(|b| b.depth as usize >= depth) {
            self.broken.pop();
            self.broken_names.truncate(self.broken.len());
        }
        if depth == MAX_DEPTH + 2 {
            self.leave_depth(open.node);
        }
    }

    /// One level too many has been opened.
    #[cold]
    pub(super) fn too_deep(&mut self, name_span: Span) {
        if self.said_deep {
            return;
        }
        self.said_deep = true;
        self.faults.add(
            fault(
                "nesting-too-deep",
                name_span,
                format!("elements are nested more than {MAX_DEPTH} deep"),
            )
            .label("this one and all it contains is passed over"),
        );
    }

    /// Back at the deepest level allowed: what lay below becomes one stray node.
    #[cold]
    fn leave_depth(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get(id.place()).copied() else {
            return;
        };
        self.nodes.truncate(id.place() + 1);
        self.attrs.truncate(node.first_attr as usize);
        if let Some(slot) = self.node_mut(id) {
            *slot = Node {
                next_sibling: None,
                ..Node::new(NodeKind::Stray, node.span, node.parent)
            };
        }
    }
}

/// Two names of which one may be a misspelling of the other.
fn is_near(a: &str, b: &str) -> bool {
    if a.len() > 100 || b.len() > 100 {
        return false;
    }
    let limit = (a.len().max(b.len()) + 1) / 3;
    strsim::osa_distance(a, b) <= limit || (a.len() >= 2 && b.starts_with(a))
}
