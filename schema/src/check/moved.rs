//! Findings in one text told in another that it was made of: a mended one in the text as it is, a joined one in its files.
//! Knows no text.

use crate::diagnostic::{Diagnostic, FileId};
use crate::text::Span;

/// Moves a finding to where `place` says, with those of its notes that have a place there, and with those repairs whose
/// edits all lie whole in its file; false where it has no place itself.
pub(super) fn moved(found: &mut Diagnostic, place: &dyn Fn(FileId, Span) -> Option<(FileId, Span)>) -> bool {
    let from = found.file;
    let Some(own) = place(from, found.span) else {
        return false;
    };
    (found.file, found.span) = own;
    found.notes.retain_mut(|note| {
        let there = place(note.file, note.span);
        there.is_some_and(|there| {
            (note.file, note.span) = there;
            true
        })
    });
    found.fixes.retain_mut(|fix| {
        fix.edits.iter_mut().all(|edit| {
            let there = place(from, edit.span);
            let whole = there.filter(|(file, span)| *file == own.0 && span.len() == edit.span.len());
            whole.is_some_and(|(_, span)| {
                edit.span = span;
                true
            })
        })
    });
    true
}
