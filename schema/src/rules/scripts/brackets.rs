//! Tests in shell scripts whose brackets stand without a blank: the shell reads them as other words. Knows `[` alone; runs
//! nothing.

use super::Script;
use crate::text::Span;

/// Words after which a command begins.
const BEFORE: &[&str] = &["if", "while", "until", "elif", "&&", "||", "!", "then", "do"];

/// What stands before `[[` at the beginning of a line.
const BEFORE_DOUBLE: &[&str] = &["", "if ", "while ", "until ", "elif "];

impl Script<'_> {
    /// Brackets of tests that are stuck to a word.
    pub(in crate::rules) fn tests(&mut self) {
        let lines = self.commands();
        if !lines.iter().any(|(_, l)| l.contains('[')) {
            return;
        }
        for (at, line) in super::text::unquoted(&lines) {
            if line.starts_with('#') || !line.contains('[') {
                continue;
            }
            if let Some(from) = matched(line) {
                let span = Span::new((at + from) as u32, (at + from + 2) as u32);
                let message = "`[` knows no `=~`".to_owned();
                if let Some(one) = self.add("script-syntax", span, message, "`[[ … ]]` does") {
                    one.help =
                        Some("the test never holds, and the shell only complains as it comes there".into());
                    one.severity = crate::diagnostic::Severity::Warning;
                }
                return;
            }
            if let Some((from, to, label)) = stuck(line) {
                let span = Span::new((at + from) as u32, (at + to) as u32);
                let message = "the brackets of a test stand apart from its words by blanks".to_owned();
                if let Some(one) = self.add("script-syntax", span, message, label) {
                    one.help =
                        Some("the test never holds, and the shell only complains as it comes there".into());
                    one.severity = crate::diagnostic::Severity::Warning;
                }
                return;
            }
        }
    }
}

/// Where a test in single brackets compares with a pattern.
fn matched(line: &str) -> Option<usize> {
    let at = line.find(" =~ ")? + 1;
    let head = line.get(..at)?;
    let (before, test) = head.rsplit_once("[ ")?;
    let begins = before.is_empty() || before.ends_with(' ') && !before.ends_with("[ ");
    (begins && !before.contains(['\'', '"']) && !test.contains(']')).then_some(at)
}

/// The word of a line that has a bracket stuck to it, where the line is plain.
fn stuck(line: &str) -> Option<(usize, usize, &'static str)> {
    // `[[` that a word is stuck to is taken for a part of it.
    if let Some(at) = line
        .find("[[")
        .filter(|at| BEFORE_DOUBLE.iter().any(|b| line.get(..*at) == Some(b)))
    {
        let rest = line.get(at + 2..).unwrap_or("");
        let end = at + 2 + rest.find(char::is_whitespace).unwrap_or(rest.len());
        if rest.starts_with(['"', '$', '-']) {
            return Some((at, end, "a blank is missing after `[[`"));
        }
    }
    if let Some(found) = begun(line) {
        return Some(found);
    }
    // Patterns, here strings and quoted text have brackets of their own.
    if line.contains(['\'', '`', '\\']) || line.contains("[[") || line.contains("=~") {
        return None;
    }
    let words: Vec<(usize, &str)> = line
        .split_whitespace()
        .map(|w| (crate::rules::found::offset(w, line), w))
        .collect();
    for (index, &(at, word)) in words.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|n| words.get(n));
        let first = before.is_none_or(|(_, b)| BEFORE.contains(b) || b.ends_with(';'));
        if !first {
            continue;
        }
        if word.len() == 3 && word.starts_with("[-") {
            return Some((at, at + word.len(), "a blank is missing after `[`"));
        }
        if word != "[" {
            continue;
        }
        // The words of this test, up to where the next command begins.
        let rest = words.get(index + 1..).unwrap_or_default();
        let end = |w: &str| w.starts_with(']') || matches!(w, "&&" | "||" | ";" | "then" | "do");
        let last = rest.iter().find(|(_, w)| end(w));
        if let Some(&(from, word)) = last.filter(|(_, w)| w.trim_end_matches(';') == "]]") {
            return Some((
                from,
                from + word.trim_end_matches(';').len(),
                "`[` ends with `]`, and `[[` with `]]`",
            ));
        }
        for &(from, word) in rest.iter().take_while(|(_, w)| !end(w)) {
            let bare = word.trim_end_matches(';');
            if bare.ends_with(']') && !bare.contains('[') {
                return Some((from, from + word.len(), "a blank is missing before `]`"));
            }
        }
    }
    None
}

/// The first word of a line's command, where it is `[` with what is tested stuck to it and the test ends as one does.
fn begun(line: &str) -> Option<(usize, usize, &'static str)> {
    let mut words = line.split_whitespace().skip_while(|w| BEFORE.contains(w));
    let word = words.next()?;
    let tested = word.strip_prefix('[')?;
    let negated = tested == "!";
    let option = tested.len() == 2 && tested.starts_with('-');
    if !(negated || option || tested.starts_with(['"', '$'])) {
        return None;
    }
    let ends = words.any(|w| {
        matches!(w, "]" | "];") || w.starts_with("];") || w.starts_with("]&") || w.starts_with("]|")
    });
    let at = crate::rules::found::offset(word, line);
    ends.then_some((at, at + word.len(), "a blank is missing after `[`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_brackets_match_no_pattern() {
        assert!(matched("if [ \"$a\" =~ b ]; then").is_some());
        assert!(matched("if [[ \"$a\" =~ b ]]; then").is_none());
        assert!(matched("if [ -f a ] && [[ $a =~ b ]]; then").is_none());
        assert!(matched("echo \"[ a =~ b ]\"").is_none());
    }

    #[test]
    fn a_bracket_is_stuck_where_no_blank_is_beside_it() {
        for (line, is) in [
            ("if [ -f /etc/motd]; then", true),
            ("if [-f /etc/motd ]; then", true),
            ("if [[\"$a\" == b ]]; then", true),
            ("if [[ \"$a\" == b ]]; then", false),
            ("[ -n \"$x\"] && echo a", true),
            ("if [ -f /etc/motd ]; then", false),
            ("[ -f a ] || [ -f b ]", false),
            ("[ \"${a[0]}\" = b ] && c", false),
            ("if [\"$kiwi_profiles\" = \"Live\" ]; then", true),
            ("if [! -f /etc/motd ];then", true),
            ("[$kiwi_type = oem ] && echo a", true),
            ("if [\"`uname -m`\" = \"aarch64\" ]; then", true),
            ("[!0-9]*) echo a ;;", false),
            ("[\"a b\"]) echo ;;", false),
            ("ls [a-z]*", false),
            ("[[ $a =~ [0-9] ]]", false),
            ("test -f a", false),
            ("for i in [ab]*; do", false),
        ] {
            assert_eq!(stuck(line).is_some(), is, "{line}");
        }
    }
}
