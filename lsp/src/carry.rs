//! Findings of a text in its next version: moved along with what stands around the edit.

use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{Diagnostic, Span};

/// Findings of the text `old` in the text `new`, one edit later: those that the edit touches are left out.
pub fn carry(old: &str, new: &str, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.is_empty() || old == new {
        return found;
    }
    let head = same(old.as_bytes(), new.as_bytes());
    let rest = old.len().min(new.len()) - head;
    let ends = old.bytes().rev().zip(new.bytes().rev()).take(rest);
    let tail = old.len() - ends.take_while(|(a, b)| a == b).count();
    let by = new.len() as i64 - old.len() as i64;
    let moved = |span: &mut Span| {
        if span.start as usize > tail {
            *span = Span::new(
                (i64::from(span.start) + by) as u32,
                (i64::from(span.end) + by) as u32,
            );
            return true;
        }
        (span.end as usize) < head
    };
    let kept = found.into_iter().filter_map(|mut one| {
        if one.file != FileId::default() {
            return Some(one);
        }
        let file = one.file;
        one.notes.retain_mut(|n| n.file != file || moved(&mut n.span));
        one.fixes
            .retain_mut(|f| f.edits.iter_mut().all(|e| moved(&mut e.span)));
        moved(&mut one.span).then_some(one)
    });
    kept.collect()
}

/// How many bytes two texts begin with alike.
fn same(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 4096;
    let blocks = a.chunks_exact(STEP).zip(b.chunks_exact(STEP));
    let at = blocks.take_while(|(x, y)| x == y).count() * STEP;
    let (a, b) = (a.get(at..).unwrap_or(&[]), b.get(at..).unwrap_or(&[]));
    at + a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apteryx_schema::{Severity, Source};

    #[test]
    fn findings_move_with_the_text_around_an_edit_and_go_where_it_touches_them() {
        let at = |start, end| {
            let span = Span::new(start, end);
            Diagnostic::new("package-not-found", Severity::Error, Source::Packages, span, "m")
        };
        let spans = |found: Vec<Diagnostic>| -> Vec<(u32, u32)> {
            found.iter().map(|d| (d.span.start, d.span.end)).collect()
        };
        let found = || vec![at(0, 2), at(4, 6), at(9, 11)];
        let old = "aa--bb---cc";
        assert_eq!(spans(carry(old, old, found())).len(), 3);
        assert_eq!(spans(carry(old, "aa--bbX---cc", found())), [(0, 2), (10, 12)]);
        assert_eq!(spans(carry(old, "aa--bb--cc", found())), [(0, 2), (4, 6)]);
        assert_eq!(spans(carry(old, "", found())), []);
    }
}
