//! Repairs applied to a text until none is left. Writes no file.

use std::collections::BTreeMap;
use std::path::Path;

use crate::check::{Checked, Options, check};
use crate::diagnostic::{Diagnostic, Edit, FileId};
use crate::text::Span;

/// Rounds after which a text is left as it is.
pub const ROUNDS: usize = 10;

/// Applies edits that are in ascending order and do not overlap; others are left out.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0u32;
    for edit in edits {
        if edit.span.start < at || edit.span.end < edit.span.start {
            continue;
        }
        let kept = text.get(at as usize..edit.span.start as usize);
        let (Some(kept), true) = (kept, text.is_char_boundary(edit.span.end as usize)) else {
            continue;
        };
        out.push_str(kept);
        out.push_str(&edit.new_text);
        at = edit.span.end;
    }
    out.push_str(text.get(at as usize..).unwrap_or(""));
    out
}

/// The edits of one round: the first fitting repair of each finding, whole or not at all.
pub fn round(checked: &Checked, all: bool) -> Vec<Edit> {
    first(&checked.diagnostics, FileId::default(), all)
}

/// What one round does to a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// In ascending order; none touches another.
    pub edits: Vec<Edit>,
    /// How many findings they are for.
    pub fixed: usize,
}

/// The same for any of a description's texts.
pub fn first(found: &[Diagnostic], file: FileId, all: bool) -> Vec<Edit> {
    first_round(found, file, all).edits
}

/// The same, counted.
pub fn first_round(found: &[Diagnostic], file: FileId, all: bool) -> Round {
    // By place; two edits of one repair may be at one. Of different repairs, what takes away or replaces may follow the
    // other at once, but what is put in has no order there.
    let mut out: BTreeMap<(Span, usize), &Edit> = BTreeMap::new();
    let mut fixed = 0;
    for d in found.iter().filter(|d| d.file == file) {
        let Some(fix) = d.fixes.first().filter(|f| f.safe || all) else {
            continue;
        };
        // Those taken do not overlap, so that of all that begin before an edit's end the last ends last.
        let clash = |e: &Edit| {
            let end = Span::empty(e.span.end);
            let before = out.range(..(end, 0)).next_back();
            let mut at_end = out.range((end, 0)..=(Span::new(e.span.end, u32::MAX), usize::MAX));
            let touch = |o: &Span| e.span.is_empty() || o.is_empty();
            before.is_some_and(|((o, _), _)| e.span.start < o.end || e.span.start == o.end && touch(o))
                || at_end.any(|((o, _), _)| touch(o))
        };
        if !fix.edits.is_empty() && !fix.edits.iter().any(clash) {
            let taken = out.len();
            out.extend((taken..).zip(&fix.edits).map(|(n, e)| ((e.span, n), e)));
            fixed += 1;
        }
    }
    let edits = out.into_values().cloned().collect();
    Round { edits, fixed }
}

/// The repaired text and how many rounds it took; none where there is nothing to repair, or where the bytes are not
/// the text itself (another encoding).
pub fn fix(path: &Path, bytes: &[u8], options: Options<'_>, all: bool) -> Option<String> {
    let mut text = std::str::from_utf8(bytes).ok()?.to_owned();
    let mut changed = false;
    for _ in 0..ROUNDS {
        let checked = check(path, text.as_bytes(), options);
        let offset = text.len().checked_sub(checked.tree.text().len())?;
        let (head, body) = text.split_at_checked(offset)?;
        if body != &**checked.tree.text() {
            return None;
        }
        let edits = round(&checked, all);
        if edits.is_empty() {
            break;
        }
        text = format!("{head}{}", apply(body, &edits));
        changed = true;
    }
    changed.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Fix, Severity, Source};

    #[test]
    fn repairs_side_by_side_are_of_one_round_unless_something_is_put_in_between() {
        let found = |spans: &[(u32, u32)]| -> Vec<Diagnostic> {
            let one = |&(start, end): &(u32, u32)| {
                let span = Span::new(start, end);
                let edits = vec![Edit {
                    span,
                    new_text: "x".to_owned().into(),
                }];
                let title = "repair".to_owned().into();
                Diagnostic::new("unknown-element", Severity::Error, Source::Schema, span, "wrong").fix(Fix {
                    title,
                    edits,
                    safe: true,
                })
            };
            spans.iter().map(one).collect()
        };
        let taken = |spans: &[(u32, u32)]| first_round(&found(spans), FileId::default(), false).fixed;
        assert_eq!(taken(&[(0, 4), (4, 8), (8, 12)]), 3);
        assert_eq!(taken(&[(8, 12), (4, 8), (0, 4)]), 3);
        assert_eq!(taken(&[(0, 4), (3, 8), (8, 12)]), 2);
        for put_in in [
            [(0, 4), (4, 4)],
            [(4, 4), (0, 4)],
            [(4, 4), (4, 8)],
            [(4, 8), (4, 4)],
            [(4, 4), (4, 4)],
            [(0, 8), (4, 4)],
        ] {
            assert_eq!(taken(&put_in), 1, "{put_in:?}");
        }
    }

    #[test]
    fn overlapping_edits_and_edits_inside_a_character_are_left_out() {
        let edit = |a, b, t: &str| Edit {
            span: Span::new(a, b),
            new_text: t.to_owned().into(),
        };
        assert_eq!(
            apply("abcdef", &[edit(0, 2, "X"), edit(1, 3, "Y"), edit(4, 4, "Z")]),
            "XcdZef"
        );
        assert_eq!(apply("ä", &[edit(0, 1, "X")]), "ä");
    }
}
