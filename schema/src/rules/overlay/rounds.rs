//! More than one fault of a text of the overlay: a judge tells the first it finds, and is asked again of the text as it will be
//! without that. Knows no reader; a text without faults is judged once.

use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// So many faults of one judge are told of a text.
const MOST: usize = 4;

/// What a judge finds in a text, round by round.
pub(super) fn all(text: &str, judge: impl Fn(&str) -> Option<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::new();
    let Some(first) = judge(text) else { return out };
    let mut now = text.to_owned();
    let mut changed: Vec<Changed> = Vec::new();
    let mut told = Some(first);
    while let Some(mut one) = told.take() {
        let span = one.span;
        let Some(own) = back(&changed, span) else { break };
        // What is said of a whole text, or of what is not there, may be said because of what was changed.
        let slip = meant(&one).is_some();
        let again = |d: &Diagnostic| line(text, d.span) == line(text, own);
        if !out.is_empty() && (!slip || out.iter().any(again)) {
            break;
        }
        let Some(change) = Changed::of(&now, &one) else {
            one.span = own;
            out.push(one);
            break;
        };
        one.span = own;
        out.push(one);
        if out.len() == MOST {
            break;
        }
        now.replace_range(change.start..change.start + change.old, &change.new);
        changed.push(change);
        told = judge(&now);
    }
    out
}

/// Where the line begins in which a place stands.
fn line(text: &str, span: Span) -> usize {
    let head = text.get(..span.start as usize).unwrap_or("");
    head.rfind('\n').map_or(0, |n| n + 1)
}

/// The word that a finding says is meant.
fn meant(one: &Diagnostic) -> Option<String> {
    let label = one.label.to_string();
    let meant = label.strip_prefix("did you mean `")?.strip_suffix("`?")?;
    Some(meant.to_owned())
}

/// A stretch of a text, and what stands in its place.
struct Changed {
    start: usize,
    old: usize,
    new: String,
}

impl Changed {
    /// What is meant in the place of what was found, where that is one word; else nothing in the place of the line, which
    /// must not be a section's.
    fn of(text: &str, one: &Diagnostic) -> Option<Self> {
        let (start, end) = (one.span.start as usize, one.span.end as usize);
        let old = text.get(start..end)?;
        let word = |w: &str| !w.is_empty() && !w.contains(char::is_whitespace);
        let whole = |new: &str| old.contains('/') == new.contains('/') && !new.ends_with('/');
        if let Some(new) = meant(one).filter(|new| word(old) && word(new) && whole(new)) {
            return Some(Self {
                start,
                old: old.len(),
                new,
            });
        }
        let start = line(text, one.span);
        let rest = text.get(start..)?;
        let own = rest.split('\n').next()?;
        let key = own.contains('=') && own.starts_with(|c: char| c.is_ascii_alphabetic());
        (key && end <= start + own.len()).then(|| Self {
            start,
            old: own.len(),
            new: " ".repeat(own.len()),
        })
    }
}

/// Where a place of the changed text stands in the text as it is; none where it is a changed one.
fn back(changed: &[Changed], span: Span) -> Option<Span> {
    let mut all = [span.start as usize, span.end as usize];
    for change in changed.iter().rev() {
        let end = change.start + change.new.len();
        let inside = all[0] < end && change.start < all[1];
        if inside {
            return None;
        }
        for at in &mut all {
            if *at >= end {
                *at = *at - change.new.len() + change.old;
            }
        }
    }
    let [start, end] = all;
    Some(Span::new(start as u32, end as u32))
}

#[cfg(test)]
mod tests {
    use super::super::texts::{at_word, lines};
    use super::*;

    #[test]
    fn each_slip_is_told_at_its_place_and_once() {
        let judge = |text: &str| {
            lines(text).find_map(|(at, line)| {
                let named = ["enable", "https//a.org"];
                let word = named
                    .iter()
                    .find_map(|w| line.find(w).map(|from| &line[from..from + w.len()]))?;
                let meant = if word == "enable" { "enabled1" } else { "https://" };
                let right = line.contains("enabled1");
                at_word(
                    at,
                    line,
                    word,
                    word.to_owned(),
                    format!("did you mean `{meant}`?"),
                    "",
                )
                .filter(|_| !right)
            })
        };
        let text = "[x]\nbaseurl=https//a.org\nenable=1\nx=enable\n";
        let found: Vec<_> = all(text, judge)
            .iter()
            .map(|d| (d.span.start, d.message.to_string()))
            .collect();
        let told = [(12, "https//a.org"), (25, "enable"), (36, "enable")];
        assert_eq!(found, told.map(|(at, m)| (at, m.to_owned())));
        assert!(all("[x]\n", judge).is_empty());
    }
}
