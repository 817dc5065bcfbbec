//! Assignments of a shell script that are none: a `$` before the name, blanks beside the sign. Looks at words; runs nothing.

use super::Script;
use super::names::place;
use crate::diagnostic::Fix;

/// Commands that take such words.
const OTHERS: &[&str] = &[
    "test", "expr", "let", "alias", "export", "declare", "local", "set", "readonly",
];

impl Script<'_> {
    /// Looks at the first words of each command.
    pub(in crate::rules) fn assignments(&mut self) {
        let lines = self.commands();
        if !lines.iter().any(|(_, l)| misspelt(l).is_some()) {
            return;
        }
        for (at, line) in super::text::unquoted(&lines) {
            let Some((word, meant)) = misspelt(line) else {
                continue;
            };
            let message = format!("the shell takes `{word}` for a command, and assigns nothing");
            let label = format!("did you mean `{meant}`?");
            let then = "the command is not found: the variable stays empty, or the build stops";
            let span = place(at, line, word);
            self.say("script-command", span, message, &label, then);
            if let Some(one) = self.out.last_mut() {
                one.fixes.push(Fix::change(span, &meant, false));
            }
            return;
        }
    }
}

/// What stands in the place of an assignment, and the one that is meant.
fn misspelt(line: &str) -> Option<(&str, String)> {
    let name = |w: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        w.len() > 1 && w.bytes().all(plain) && !w.starts_with(|c: char| c.is_ascii_digit())
    };
    let first = line.split_whitespace().next()?;
    if let Some(rest) = first.strip_prefix('$')
        && let Some((own, _)) = rest.split_once('=')
        && name(own)
        && !rest.contains("==")
    {
        return Some((first, rest.to_owned()));
    }
    // What a builtin takes are assignments too.
    let builtins = ["readonly ", "local ", "export ", "declare -r "];
    let line = builtins.iter().find_map(|b| line.strip_prefix(b)).unwrap_or(line);
    let mut words = line.split_whitespace();
    let (own, sign, value) = (words.next()?, words.next()?, words.next()?);
    let capital = own
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit());
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let given = capital || quote.is_some() || value.starts_with(['$', '/']);
    let ends = match quote {
        Some(quote) => line.len() > 1 && line.ends_with(quote) && line.matches(quote).count() == 2,
        // What a command says may be of several words.
        None if value.starts_with("$(") => line.ends_with(')'),
        None => words.next().is_none(),
    };
    if sign != "=" || !name(own) || !given || !ends || OTHERS.contains(&own) {
        return None;
    }
    let value = line.get(crate::rules::found::offset(value, line)..)?;
    Some((line, format!("{own}={value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_dollar_or_blanks_is_no_assignment() {
        for (line, told) in [
            ("$disk=$1", true),
            ("ROOT = /mnt", true),
            ("disk=$1", false),
            ("[ $a = b ]", false),
            ("$cmd --root=/mnt", false),
            ("${x}=1", false),
            ("x = 1", false),
            ("repo = \"$1\"", true),
            ("name = \"a b\"", true),
            ("repo = $1 || exit", false),
            ("test A = B", false),
            ("readonly AB = /c", true),
            ("export A=/b", false),
        ] {
            assert_eq!(misspelt(line).is_some(), told, "{line}");
        }
    }
}
