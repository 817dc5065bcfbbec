//! Columns of systemd's tables of accounts and of temporary files in the overlay: modes, ages and homes that are none. Says nothing
//! about the kinds of their lines.

use super::texts::{at_word, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::filled::filled;

const THEN: &str = "the build goes through, and the line is passed over in the running system";

/// A mode or an age of a temporary file that is none.
pub(super) fn temporary(text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        if line.contains(['"', '\\']) {
            return None;
        }
        let path = words.get(1).copied().unwrap_or("/");
        if !path.starts_with(['/', '%']) && !filled(path) {
            let message = format!("systemd-tmpfiles takes paths from the root, and `{path}` is none");
            return at_word(at, line, path, message, format!("did you mean `/{path}`?"), THEN);
        }
        let mode = words.get(2).copied().unwrap_or("-");
        let bare = mode.trim_start_matches(['~', ':']);
        let octal = bare == "-" || bare.len() < 6 && bare.bytes().all(|b| (b'0'..b'8').contains(&b));
        if !octal && !filled(mode) {
            let message = format!("`{mode}` stands where systemd-tmpfiles takes a mode");
            return at_word(at, line, mode, message, "such as `0755`, or `-`".to_owned(), THEN);
        }
        let age = words.get(5).copied().unwrap_or("-");
        let known = age == "-"
            || age.starts_with('~')
            || age.contains(|c: char| c.is_ascii_digit()) && !age.contains('/');
        if known || filled(age) {
            return None;
        }
        let message = format!("`{age}` stands where systemd-tmpfiles takes an age");
        let label = "such as `10d`, or `-`, before what the line is given".to_owned();
        at_word(at, line, age, message, label, THEN)
    })
}

/// A home of an account that is no path from the root.
pub(super) fn homes(text: &str) -> Option<Diagnostic> {
    lines(text)
        .filter(|(_, l)| l.starts_with("u ") || l.starts_with("u! "))
        .find_map(|(at, line)| {
            // Words in quotes may have blanks.
            let (mut words, mut from, mut quoted) = (Vec::new(), None, false);
            for (to, c) in line.char_indices().chain([(line.len(), ' ')]) {
                quoted ^= c == '"';
                match from {
                    None if !c.is_whitespace() => from = Some(to),
                    Some(start) if c.is_whitespace() && !quoted => {
                        words.push(line.get(start..to)?);
                        from = None;
                    }
                    _ => {}
                }
            }
            // Two numbers, or one and a name.
            let number = words.get(2).map(|w| w.split(':').next().unwrap_or(w));
            let odd = |n: &&str| {
                n.starts_with(|c: char| c.is_ascii_digit()) && !n.bytes().all(|b| b.is_ascii_digit())
            };
            if let Some(number) = number.filter(odd) {
                let message = format!("systemd-sysusers takes a number here, and `{number}` is none");
                return at_word(at, line, number, message, "a number, or `-`".to_owned(), THEN);
            }
            let home = words.get(4)?;
            if home.starts_with(['/', '"', '\'']) || *home == "-" || filled(home) {
                return None;
            }
            let message = format!("`{home}` stands where systemd-sysusers takes a home");
            let label = "what an account is called has quotes around it where there are blanks".to_owned();
            at_word(at, line, home, message, label, THEN)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_what_they_are_for() {
        for (line, told) in [
            ("d /run/a 0755 a a -", false),
            ("d /run/a 0855 a a -", true),
            ("d run/a 0755 a a -", true),
            ("d /run/a ~0755 a a 10d", false),
            ("d /run/a", false),
            ("L /etc/a - - - - /srv/a", false),
            ("L /etc/a - - - /srv/a", true),
            ("q /tmp 1777 root root m:10d", false),
            ("w /sys/a - - - - 1", false),
        ] {
            assert_eq!(temporary(line).is_some(), told, "{line}");
        }
        for (line, told) in [
            ("u a 480 \"A b\" /var/lib/a /bin/sh", false),
            ("u a - \"A b\"", false),
            ("u a 480 A b /var/lib/a", true),
            ("u a 480:480 - - -", false),
            ("u a 48O:480 - - -", true),
        ] {
            assert_eq!(homes(line).is_some(), told, "{line}");
        }
    }
}
