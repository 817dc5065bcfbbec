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
    replaced(text, edits.iter().map(|e| (e.span, e.new_text.as_str())))
}

fn replaced<'a>(text: &str, edits: impl Iterator<Item = (Span, &'a str)> + Clone) -> String {
    let more: usize = edits.clone().map(|(_, new)| new.len()).sum();
    let mut out = String::with_capacity(text.len() + more);
    let mut at = 0u32;
    for (span, new) in edits {
        if span.start < at || span.end < span.start {
            continue;
        }
        let kept = text.get(at as usize..span.start as usize);
        let (Some(kept), true) = (kept, text.is_char_boundary(span.end as usize)) else {
            continue;
        };
        out.push_str(kept);
        out.push_str(new);
        at = span.end;
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
pub struct Round<'a> {
    /// In ascending order; none touches another.
    edits: Vec<(Span, &'a str)>,
    /// How many findings they are for.
    pub fixed: usize,
}

impl Round<'_> {
    /// What it replaces, and by what: in ascending order, none touches another.
    pub(crate) fn edits(&self) -> impl Iterator<Item = (Span, &str)> {
        self.edits.iter().copied()
    }

    /// The text after it.
    pub fn apply(&self, text: &str) -> String {
        replaced(text, self.edits.iter().copied())
    }
}

/// The same for any of a description's texts.
pub fn first(found: &[Diagnostic], file: FileId, all: bool) -> Vec<Edit> {
    let edits = first_round(found, file, all).edits.into_iter();
    let edit = |(span, new): (Span, &str)| Edit {
        span,
        new_text: new.into(),
    };
    edits.map(edit).collect()
}

/// The same, counted.
pub fn first_round(found: &[Diagnostic], file: FileId, all: bool) -> Round<'_> {
    let mut room = usize::MAX;
    first_within(found, file, all, &mut room)
}

/// The same, until one makes the text longer than there is room for: then none is left.
pub fn first_within<'a>(found: &'a [Diagnostic], file: FileId, all: bool, room: &mut usize) -> Round<'a> {
    // In the order of the text most findings stand behind those before them: then nothing is looked for.
    let mut out = Taken::default();
    let mut fixed = 0;
    for d in found.iter().filter(|d| d.file == file) {
        let Some((_, edits)) = d.likeliest().filter(|(safe, _)| *safe || all) else {
            continue;
        };
        if edits.clone().next().is_some() && !edits.clone().any(|(span, _)| out.touches(span)) {
            let more: usize = edits.clone().map(|(_, new)| new.len()).sum();
            let less: usize = edits.clone().map(|(span, _)| span.len() as usize).sum();
            let Some(left) = room.checked_sub(more.saturating_sub(less)) else {
                *room = 0;
                break;
            };
            *room = left;
            edits.for_each(|(span, new)| out.add(span, new));
            fixed += 1;
        }
    }
    Round {
        edits: out.in_order(),
        fixed,
    }
}

/// True where an edit overlaps one of those that begin up to its end, the last first. They do not overlap, so that of
/// all that begin before its end the last ends last.
fn clash(span: Span, taken: impl Iterator<Item = Span>) -> bool {
    for o in taken {
        let touch = span.is_empty() || o.is_empty();
        if o.start < span.end {
            return span.start < o.end || span.start == o.end && touch;
        }
        if touch {
            return true;
        }
    }
    false
}

/// The edits of a round as they are taken.
#[derive(Default)]
struct Taken<'a> {
    /// Each behind all before it.
    last: Vec<(Span, &'a str)>,
    /// Those that are not, by place; two edits of one repair may be at one.
    others: BTreeMap<(Span, usize), &'a str>,
}

impl<'a> Taken<'a> {
    /// True where an edit of another repair overlaps one taken. Of different repairs, what takes away or replaces may
    /// follow the other at once, but what is put in has no order there.
    fn touches(&self, span: Span) -> bool {
        let end = match self.last.last() {
            Some((o, _)) if o.start <= span.end => self.last.len(),
            _ => self.last.partition_point(|(o, _)| o.start <= span.end),
        };
        let last = self.last.get(..end).unwrap_or_default();
        let end = (Span::new(span.end, u32::MAX), usize::MAX);
        let others = self.others.range(..=end).rev();
        clash(span, last.iter().rev().map(|l| l.0)) || clash(span, others.map(|((o, _), _)| *o))
    }

    fn add(&mut self, span: Span, new: &'a str) {
        if self.last.last().is_none_or(|(o, _)| *o <= span) {
            self.last.push((span, new));
        } else {
            self.others.insert((span, self.others.len()), new);
        }
    }

    fn in_order(self) -> Vec<(Span, &'a str)> {
        let mut all = self.last;
        if !self.others.is_empty() {
            all.extend(self.others.into_iter().map(|((span, _), new)| (span, new)));
            all.sort_by_key(|(span, _)| *span);
        }
        all
    }
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
