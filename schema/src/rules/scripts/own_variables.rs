//! Variables that a script reads and never sets, and that are slips of those which it sets. Looks at words; runs nothing.

use super::variables::read;
use super::{Run, Script};
use crate::rules::found::{one_keystroke, same_digits};
use crate::text::Span;

impl Script<'_> {
    /// Looks at every variable that is read.
    pub(in crate::rules) fn own_variables(&mut self) {
        let text = self.text;
        if self.run == Run::Guest || !text.contains('=') && !text.contains("for ") {
            return;
        }
        let mut set: Option<Vec<&str>> = None;
        for (at, name) in read(text) {
            if name.len() < 4 || name.starts_with("kiwi_") || super::text::spoken(text, name) > 1 {
                continue;
            }
            let set = set.get_or_insert_with(|| assigned(text));
            let close = |k: &&&str| k.len() > 3 && one_keystroke(k, name) && same_digits(k, name);
            let Some(meant) = set.iter().find(close).filter(|_| !set.contains(&name)) else {
                continue;
            };
            let line = text
                .get(..at)
                .and_then(|head| head.rsplit('\n').next())
                .unwrap_or("");
            let quoted = line.matches('\'').count() % 2 == 1;
            if quoted || super::calls::reads_others(text) {
                continue;
            }
            let message = format!("the script sets no variable `{name}`");
            let label = format!("did you mean `{meant}`?");
            let span = Span::new(at as u32, (at + name.len()) as u32);
            let then = "it is empty there, or the script stops where it begins with `set -u`";
            self.say("unknown-variable", span, message, &label, then);
            return;
        }
    }
}

/// The variables that a script sets.
fn assigned(text: &str) -> Vec<&str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut out = Vec::new();
    for (at, _) in text.match_indices('=') {
        let head = text.get(..at).unwrap_or("").trim_end_matches('+');
        let from = head.bytes().rposition(|b| !plain(b)).map_or(0, |p| p + 1);
        let before = from.checked_sub(1).and_then(|p| head.as_bytes().get(p));
        let starts = before.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'(' | b'&' | b'|'));
        out.extend(head.get(from..).filter(|n| starts && !n.is_empty()));
    }
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if matches!(
            word,
            "for" | "read" | "local" | "declare" | "export" | "typeset" | "readonly" | "select" | "-r" | "-v"
        ) {
            out.extend(
                words
                    .peek()
                    .map(|w| w.trim_end_matches(';'))
                    .filter(|w| w.bytes().all(plain)),
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_a_script_sets() {
        let text = "a=1\nfor unit in x; do\nread -r line\nlocal name; b+=2; x --root=$c\n";
        let all = assigned(text);
        assert!(
            ["a", "unit", "line", "name", "b"].iter().all(|n| all.contains(n)),
            "{all:?}"
        );
        assert!(!all.contains(&"root"));
    }
}
