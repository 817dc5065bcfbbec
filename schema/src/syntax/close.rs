//! End tags, and what to make of missing, stray and misspelt ones, so that the rest keeps its structure.
//! One fault, one message. Must not move a node more often than the parser's budget allows.

use super::chars::{name_end, space_end};
use super::faults::{
    fault, insert, mismatched_end_tag, replace, shown, stray_end_tag, unclosed_element, unclosed_tag,
};
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

impl Parser<'_> {
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
            && let Some(node) = self.nodes.get(top.node.0 as usize)
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

    fn raw_name(&self, id: NodeId) -> &str {
        self.nodes
            .get(id.0 as usize)
            .map_or("", |n| n.name_span.of(self.text))
    }

    /// An end tag that is not the one awaited.
    #[cold]
    fn unmatched(&mut self, tag: EndTag) {
        let name = tag.name.of(self.text).to_owned();
        if self.adopt_into_broken(&name, tag) {
            return;
        }
        let depth = self
            .stack
            .iter()
            .skip(1)
            .rposition(|open| self.raw_name(open.node) == name)
            .map(|at| at + 1);
        let Some(depth) = depth else {
            return self.unknown_end_tag(&name, tag);
        };
        // The awaited end tag follows at once: this one is in its way.
        if self
            .next_end_tag(self.pos)
            .is_some_and(|(next, _)| self.is_awaited(next))
        {
            if !self.swapped(depth, tag, &name) {
                self.stray(tag, &name);
            }
            return;
        }
        self.close_missing(depth, tag.span, &format!("`</{}>`", shown(&name)));
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
                new_text: second.of(self.text).to_owned(),
            },
            Edit {
                span: second,
                new_text: tag.span.of(self.text).to_owned(),
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
            let top = self.stack.last().map_or(NodeId(0), |open| open.node);
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

    fn node_span(&self, id: NodeId) -> Span {
        self.nodes
            .get(id.0 as usize)
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
    fn adopt_into_broken(&mut self, name: &str, tag: EndTag) -> bool {
        let depth = self.stack.len() as u32;
        let Some(at) = self
            .broken
            .iter()
            .rposition(|b| b.depth == depth && self.raw_name(b.node) == name)
        else {
            return false;
        };
        let Some(node) = self.broken.get(at).map(|b| b.node) else {
            return false;
        };
        // Every later sibling becomes a child.
        let first = self.nodes.get(node.0 as usize).and_then(|n| n.next_sibling);
        let mut next = first;
        while let Some(id) = next {
            if self.moves == 0 {
                return false;
            }
            self.moves -= 1;
            let Some(child) = self.node_mut(id) else { break };
            child.parent = node;
            next = child.next_sibling;
        }
        self.broken.truncate(at);
        if let Some(broken) = self.node_mut(node) {
            broken.next_sibling = None;
            broken.first_child = first;
            broken.close = tag.span;
            broken.close_name = tag.name;
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
        let end = self.pos as u32;
        if let Some(node) = self.nodes.get_mut(open.node.0 as usize) {
            match tag {
                Some(tag) => {
                    node.close = tag.span;
                    node.close_name = tag.name;
                    node.span.end = tag.span.end;
                }
                None => {
                    node.close = Span::empty(end);
                    node.close_name = Span::empty(end);
                    node.span.end = end;
                }
            }
        }
        self.scope.restore(open.mark);
        while self.broken.last().is_some_and(|b| b.depth as usize >= depth) {
            self.broken.pop();
        }
        if depth == MAX_DEPTH + 2 {
            self.leave_depth(open.node);
        }
    }

    /// Closes what stands open above `depth` in the stack, because an end tag for `depth` stands at `at`.
    fn close_missing(&mut self, depth: usize, at: Span, closer: &str) {
        let here = self.pos;
        self.pos = at.start as usize;
        while self.stack.len() > depth + 1 {
            let Some(open) = self.stack.last().copied() else {
                break;
            };
            let name = self.raw_name(open.node).to_owned();
            let span = self.node_span(open.node);
            let cut = self.cut(open.node);
            self.close(None);
            let end = self.move_out(open.node, cut);
            let fix = self.end_tag_fix(open.node, &name, end, cut.is_some());
            self.faults.add(unclosed_element(&name, span, at, closer, fix));
        }
        self.pos = here;
    }

    /// The repair for a missing end tag: `/>` for an element without content, else the end tag behind its content.
    fn end_tag_fix(&self, id: NodeId, name: &str, end: u32, cut: bool) -> Fix {
        let Some(node) = self.nodes.get(id.0 as usize) else {
            return insert("", 0, "", false);
        };
        let content = Span::new(node.open.end, end).of(self.text);
        if content.trim_ascii().is_empty() && node.open.end > 0 {
            let gt = Span::new(node.open.end - 1, node.open.end);
            return replace("close it with `/>`", gt, "/>", true);
        }
        let certain = cut || !self.child_elements(id);
        let body = content.trim_ascii_end();
        let at = node.open.end + body.len() as u32;
        let line = match self.indent(node.span.start) {
            Some(indent) if body.contains('\n') => {
                let lead = self.slice(node.span.start as usize - indent, node.span.start as usize);
                format!("\n{lead}</{name}>")
            }
            _ => format!("</{name}>"),
        };
        insert(format!("insert `</{}>`", shown(name)), at, line, certain)
    }

    fn child_elements(&self, id: NodeId) -> bool {
        let mut next = self.nodes.get(id.0 as usize).and_then(|n| n.first_child);
        while let Some(child) = next.and_then(|id| self.nodes.get(id.0 as usize)) {
            if child.kind == NodeKind::Element {
                return true;
            }
            next = child.next_sibling;
        }
        false
    }

    /// The column of the `<` of a node that is the first thing on its line.
    fn indent(&self, start: u32) -> Option<usize> {
        // Only over white space: a line may be as long as the text.
        let before = self.text.as_bytes().get(..start as usize)?;
        let lead = before
            .iter()
            .rev()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let first = before.len().checked_sub(lead + 1).and_then(|at| before.get(at));
        matches!(first, None | Some(b'\n' | b'\r')).then_some(lead)
    }

    /// The first child of an unclosed element that by its indentation is a sibling, with the last child that is not.
    fn cut(&mut self, id: NodeId) -> Option<(Option<NodeId>, NodeId)> {
        if self.stack.len() > MAX_DEPTH {
            return None;
        }
        let node = self.nodes.get(id.0 as usize)?;
        let own = self.indent(node.span.start)?;
        let mut before = None;
        let mut next = node.first_child;
        while let Some(child) = next {
            self.moves = self.moves.checked_sub(1)?;
            let record = self.nodes.get(child.0 as usize)?;
            next = record.next_sibling;
            // White space and comments in front of a sibling belong to it.
            let beside = || self.indent(record.span.start).is_some_and(|i| i <= own);
            match record.kind {
                NodeKind::Element if beside() => return Some((before, child)),
                NodeKind::Text if record.blank => {}
                NodeKind::Comment if beside() => {}
                _ => before = Some(child),
            }
        }
        None
    }

    /// Moves the children behind the cut out of the element just closed, to stand behind it. Gives where it ends.
    fn move_out(&mut self, id: NodeId, cut: Option<(Option<NodeId>, NodeId)>) -> u32 {
        let end = self.nodes.get(id.0 as usize).map_or(0, |n| n.span.end);
        let Some((before, _)) = cut else { return end };
        let Some(parent) = self.stack.last().map(|open| open.node) else {
            return end;
        };
        // All behind `before` moves: white space and comments in front of the cut belong to what follows it.
        let first = match before {
            Some(before) => self.node_mut(before).and_then(|n| n.next_sibling.take()),
            None => self.node_mut(id).and_then(|n| n.first_child.take()),
        };
        let mut last = None;
        let mut next = first;
        while let Some(child) = next {
            self.moves = self.moves.saturating_sub(1);
            let Some(record) = self.node_mut(child) else { break };
            record.parent = parent;
            last = Some(child);
            next = record.next_sibling;
        }
        let end = first
            .and_then(|f| self.nodes.get(f.0 as usize))
            .map_or(end, |n| n.span.start);
        if let Some(node) = self.node_mut(id) {
            node.close = Span::empty(end);
            node.close_name = Span::empty(end);
            node.span.end = end;
            node.next_sibling = first;
        }
        if let (Some(top), Some(last)) = (self.stack.last_mut(), last) {
            top.last_child = Some(last);
        }
        end
    }

    /// The text is over: closes all that is open, with one message.
    pub(super) fn end_of_text(&mut self) {
        let end = Span::empty(self.text.len() as u32);
        self.pos = self.text.len();
        if self.stack.len() > 1 {
            self.close_at_end(end);
        }
        if !self.has_root {
            let blank = self.text.trim_start_matches('\u{FEFF}').trim().is_empty();
            if blank {
                self.faults.add(
                    fault("missing-root", Span::empty(0), "the text is empty")
                        .label("expected a root element"),
                );
            } else if self.faults.list.is_empty() {
                self.faults.add(fault(
                    "missing-root",
                    Span::empty(0),
                    "the text has no root element",
                ));
            }
        }
    }

    fn close_at_end(&mut self, end: Span) {
        let at = self.text.trim_ascii_end().len() as u32;
        let mut fault: Option<Diagnostic> = None;
        let mut end_tags = String::new();
        while self.stack.len() > 1 {
            let Some(open) = self.stack.last().copied() else {
                break;
            };
            let name = self.raw_name(open.node).to_owned();
            let span = self.node_span(open.node);
            let cut = self.cut(open.node);
            self.close(None);
            let close_at = self.move_out(open.node, cut);
            if cut.is_some() {
                let fix = self.end_tag_fix(open.node, &name, close_at, true);
                self.faults
                    .add(unclosed_element(&name, span, end, "the end of the text", fix));
                continue;
            }
            end_tags.push_str(&format!("</{name}>"));
            fault = Some(match fault {
                None => unclosed_element(&name, span, end, "the end of the text", insert("", 0, "", false)),
                Some(fault) if fault.notes.len() < 5 => fault.note(
                    FileId::default(),
                    span,
                    format!("`<{}>` is open as well", shown(&name)),
                ),
                Some(fault) => fault,
            });
        }
        // Where the text breaks off within a tag or a comment, that has been said.
        let broken_off = self.faults.list.iter().rev().take(3).any(|f| {
            f.fixes
                .iter()
                .any(|fix| fix.edits.iter().any(|e| e.span.start >= at))
        });
        if let Some(mut fault) = fault.filter(|_| !broken_off) {
            let title = format!("insert `{}`", shown(&end_tags));
            fault.fixes = vec![insert(title, at, end_tags, fault.notes.len() == 1)];
            self.faults.add(fault);
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
        let Some(node) = self.nodes.get(id.0 as usize).copied() else {
            return;
        };
        self.nodes.truncate(id.0 as usize + 1);
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
