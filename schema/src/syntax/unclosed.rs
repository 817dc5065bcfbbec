//! Elements without an end tag: where each is taken to end, by what stands after it and by indentation, and the repair
//! that closes it there. Must not move a node more often than the parser's budget allows.

use super::chars::space_end;
use super::faults::{fault, insert, replace, shown, unclosed_element};
use super::parse::{MAX_DEPTH, Parser};
use super::*;
use crate::diagnostic::{FileId, Fix};

/// An element that was ended without an end tag.
struct Ended {
    node: NodeId,
    name: String,
    span: Span,
    /// What its indentation says is beside it was moved out of it.
    cut: bool,
    /// Where it ends now.
    end: u32,
}

impl Parser<'_> {
    /// Ends the innermost open element; none where none is open.
    fn end_last(&mut self) -> Option<Ended> {
        let node = self.stack.last()?.node;
        let name = self.raw_name(node).to_owned();
        let span = self.node_span(node);
        let cut = self.cut(node);
        self.close(None);
        let end = self.move_out(node, cut);
        let cut = cut.is_some();
        Some(Ended {
            node,
            name,
            span,
            cut,
            end,
        })
    }

    /// Closes what stands open above `depth` in the stack, because an end tag for `depth` stands at `at`.
    pub(super) fn close_missing(&mut self, depth: usize, at: Span, closer: &str) {
        let here = self.pos;
        self.pos = at.start as usize;
        while self.stack.len() > depth + 1 {
            let Some(one) = self.end_last() else {
                break;
            };
            let fix = self.end_tag_fix(one.node, &one.name, one.end, one.cut);
            self.faults
                .add(unclosed_element(&one.name, one.span, at, closer, fix));
        }
        self.pos = here;
    }

    /// The repair for a missing end tag: `/>` for an element without content, else the end tag behind its content.
    fn end_tag_fix(&mut self, id: NodeId, name: &str, end: u32, cut: bool) -> Fix {
        let Some(node) = self.nodes.get(id.place()).copied() else {
            return insert("", 0, "", false);
        };
        let first = space_end(self.bytes, node.open.end as usize);
        if first >= end as usize && node.open.end > 0 {
            let gt = Span::new(node.open.end - 1, node.open.end);
            return replace("close it with `/>`", gt, "/>", true);
        }
        let certain = cut || !self.child_elements(id);
        let at = self.blank_before(end).max(node.open.end);
        let body = Span::new(node.open.end, at).of(self.text);
        let line = match self.indent(node.span.start) {
            Some(indent) if body.contains('\n') => {
                let lead = self.slice(node.span.start as usize - indent, node.span.start as usize);
                format!("\n{lead}</{name}>")
            }
            _ => format!("</{name}>"),
        };
        insert(format!("insert `</{}>`", shown(name)), at, line, certain)
    }

    /// Where the white space begins that ends at `end`. Elements that end at one place ask one after the other.
    fn blank_before(&mut self, end: u32) -> u32 {
        if self.last_blank.1 != end {
            let head = self.text.get(..end as usize).unwrap_or("");
            self.last_blank = (head.trim_ascii_end().len() as u32, end);
        }
        self.last_blank.0
    }

    fn child_elements(&self, id: NodeId) -> bool {
        let mut next = self.nodes.get(id.place()).and_then(|n| n.first_child);
        while let Some(child) = next.and_then(|id| self.nodes.get(id.place())) {
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
        let node = self.nodes.get(id.place())?;
        let own = self.indent(node.span.start)?;
        let mut before = None;
        let mut next = node.first_child;
        while let Some(child) = next {
            self.moves = self.moves.checked_sub(1)?;
            let record = self.nodes.get(child.place())?;
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
        let end = self.nodes.get(id.place()).map_or(0, |n| n.span.end);
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
            .and_then(|f| self.nodes.get(f.place()))
            .map_or(end, |n| n.span.start);
        if let Some(node) = self.node_mut(id) {
            node.close = Span::empty(end);
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
            let Some(one) = self.end_last() else {
                break;
            };
            let Ended { name, span, .. } = &one;
            if one.cut {
                let fix = self.end_tag_fix(one.node, name, one.end, true);
                self.faults
                    .add(unclosed_element(name, *span, end, "the end of the text", fix));
                continue;
            }
            end_tags.push_str(&format!("</{name}>"));
            fault = Some(match fault {
                None => unclosed_element(name, *span, end, "the end of the text", insert("", 0, "", false)),
                Some(fault) if fault.notes.len() < 5 => fault.note(
                    FileId::default(),
                    *span,
                    format!("`<{}>` is open as well", shown(name)),
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
}
