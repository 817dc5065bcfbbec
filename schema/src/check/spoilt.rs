//! What the faults of a text that is not well-formed may have spoilt, so that the grammar's word on it is not heard.
//! Decides nothing about the faults themselves. Must stay linear: a text may have thousands of faults and of findings.

use crate::diagnostic::{Diagnostic, Source};
use crate::syntax::{NodeId, Tree};
use crate::text::Span;

/// Stretches of a text, in order and apart from one another; each end counts as within.
#[derive(Debug)]
pub(super) struct Spoilt(Vec<Span>);

impl Spoilt {
    /// For each fault the innermost element that holds it, whole where its start tag is at fault, and else from the
    /// fault on.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut faults: Vec<u32> = tree.errors().iter().map(|e| e.span.start).collect();
        faults.sort_unstable();
        let mut spoilt = Vec::new();
        // From the document inwards, each with the first of its children that may hold what comes next.
        let first = |id: NodeId| tree.elements(id).next();
        let mut path = vec![(tree.document(), first(tree.document()))];
        for at in faults {
            while path.len() > 1 && path.last().is_some_and(|(id, _)| tree.node(*id).span.end < at) {
                path.pop();
            }
            while let Some((_, next)) = path.last_mut() {
                while let Some(child) = next.filter(|c| tree.node(*c).span.end < at) {
                    *next = tree.next_element(child);
                }
                let Some(child) = next.filter(|c| tree.node(*c).span.touches(at)) else {
                    break;
                };
                *next = tree.next_element(child);
                path.push((child, first(child)));
            }
            let here = path.last().map_or(tree.document(), |(id, _)| *id);
            let node = tree.node(here);
            spoilt.push(match (here == tree.document(), node.open.touches(at)) {
                (true, _) => node.open,
                (false, true) => node.span,
                (false, false) => Span::new(at, node.span.end.max(at)),
            });
        }
        spoilt.sort_unstable();
        spoilt.dedup_by(|later, kept| {
            let joined = later.start <= kept.end;
            if joined {
                kept.end = kept.end.max(later.end);
            }
            joined
        });
        Self(spoilt)
    }

    fn holds(&self, at: u32) -> bool {
        let before = self.0.partition_point(|s| s.start <= at).checked_sub(1);
        before.and_then(|n| self.0.get(n)).is_some_and(|s| s.touches(at))
    }

    /// A finding of the grammar that cannot come from a fault: about an attribute, outside of what is spoilt.
    /// What is missing or stands in the wrong order may well be the fault's own doing.
    pub(super) fn spares(&self, found: &Diagnostic) -> bool {
        let about_attribute = found.code.contains("attribute") || found.code.contains("value");
        found.source != Source::Schema || about_attribute && !self.holds(found.span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    /// The same, looked for from the document on for each fault.
    fn plainly(tree: &Tree, at: u32) -> Span {
        let mut here = tree.document();
        while let Some(child) = tree.elements(here).find(|&c| tree.node(c).span.touches(at)) {
            here = child;
        }
        let node = tree.node(here);
        match (here == tree.document(), node.open.touches(at)) {
            (true, _) => node.open,
            (false, true) => node.span,
            (false, false) => Span::new(at, node.span.end.max(at)),
        }
    }

    #[test]
    fn a_fault_spoils_the_innermost_element_that_holds_it() {
        let texts = [
            "<a><b c=\"1\"/>&x;<d><e f='&y;'/>&<g/></d><h>&z;</h>&</a>",
            "&<a><b></c></b><b <c/><d x></d></a>&",
            "<a>\n<b\n<c>\n</a>",
            "<a b='&'><a b='&'/>&</a></a></b>",
        ];
        for text in texts {
            let tree = parse(text);
            assert!(!tree.errors().is_empty(), "{text}");
            let spoilt = Spoilt::of(&tree);
            let plain: Vec<_> = tree
                .errors()
                .iter()
                .map(|e| plainly(&tree, e.span.start))
                .collect();
            for at in 0..text.len() as u32 {
                let plain = plain.iter().any(|s| s.touches(at));
                assert_eq!(spoilt.holds(at), plain, "{text} at {at}");
            }
        }
    }
}
