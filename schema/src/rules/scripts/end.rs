//! How a script ends: the status of its last command is its own, and a failure stops the build. Looks at what is written
//! last; runs nothing.

use super::Script;
use super::text::{from_the_end, unquoted};
use crate::diagnostic::Severity;
use crate::text::Span;

impl Script<'_> {
    /// A last command that fails, or that fails where a test does not hold.
    pub(in crate::rules) fn ending(&mut self) {
        let text = self.text;
        let lines = from_the_end(text);
        let Some((at, line, inside)) = last(&lines) else {
            return;
        };
        let end = without_comment(line);
        // Of several commands in a row the last counts.
        let plain = !["if ", "for ", "case ", "while ", "{", "(", "||", "&&"]
            .iter()
            .any(|w| end.contains(w));
        let row = end
            .rsplit_once("; ")
            .filter(|(_, rest)| plain && rest.starts_with("exit "));
        let (at, end) = row.map_or((at, end), |(_, rest)| (at + end.len() - rest.len(), rest));
        let span = Span::new(at as u32, (at + end.len()) as u32);
        let exits = text.matches("exit").count();
        let status = end
            .strip_prefix("exit ")
            .and_then(|s| s.trim().parse::<u32>().ok());
        let fails = end == "false" || status.is_some_and(|s| s % 256 != 0) && exits == 1;
        if fails && !inside {
            let message = "the script always ends with a failure".to_owned();
            if let Some(one) = self.add("script-ends-in-failure", span, message, "`exit 0` is a success") {
                one.severity = Severity::Error;
            }
        } else if hangs_on_a_test(end) {
            let message = "the script fails where its last test does not hold".to_owned();
            let label =
                "its last command's status is that of the script: write it with `if`, or add `exit 0`";
            self.add("script-ends-in-failure", span, message, label);
        }
    }
}

impl Script<'_> {
    /// A command that ends the script where it is not yet at its end, whatever there was before.
    pub(in crate::rules) fn ended_early(&mut self) {
        if self.run == super::Run::Guest {
            return;
        }
        let lines = unquoted(&self.commands());
        let mut depth = 0usize;
        for (number, &(at, line)) in lines.iter().enumerate() {
            let bare = without_comment(line);
            let mut words = bare.split([' ', '\t', ';']).filter(|w| !w.is_empty());
            let first = words.next().unwrap_or("");
            if matches!(
                first,
                "if" | "for" | "while" | "until" | "case" | "select" | "{" | "("
            ) || bare.ends_with(['{', '('])
            {
                depth += 1;
            }
            // One that ends on its own line.
            if matches!(
                bare.rsplit([' ', ';']).next(),
                Some("fi" | "done" | "esac" | "}" | ")")
            ) || first == "fi"
                || first == "done"
                || first == "esac"
                || first.starts_with(['}', ')'])
            {
                depth = depth.saturating_sub(1);
            }
            let flush = at == 0 || self.text.as_bytes().get(at - 1) == Some(&b'\n');
            let status = bare.strip_prefix("exit").map(str::trim);
            let ends = status.is_some_and(|s| s.is_empty() || s.parse::<u8>().is_ok());
            if depth > 0 || !flush || !ends {
                continue;
            }
            let before = number
                .checked_sub(1)
                .and_then(|n| lines.get(n))
                .map_or("", |(_, l)| l.trim_end());
            let joined = ["\\", "&&", "||", "|", "then", "do", "else"]
                .iter()
                .any(|e| before.ends_with(e));
            let more = || lines.iter().skip(number + 1).filter(|(_, l)| !l.starts_with('#'));
            let Some((next, _)) = more().next().filter(|(_, l)| !joined && !l.starts_with("__")) else {
                return;
            };
            let below = self.text.get(..*next).map_or(0, |t| t.matches('\n').count() + 1);
            let span = Span::new(at as u32, (at + bare.len()) as u32);
            let message = format!("the script ends here, and nothing from line {below} on is run");
            self.say(
                "script-command",
                span,
                message,
                "take it out, or what stands below it",
                "the build goes through without what is written below",
            );
            return;
        }
    }
}

/// The command whose status is the script's, where that is plain, and whether it is inside an `if`, a loop or a `case`.
fn last<'a>(lines: &[(usize, &'a str)]) -> Option<(usize, &'a str, bool)> {
    let mut inside = false;
    for &(at, line) in lines {
        let bare = without_comment(line);
        if matches!(bare, "fi" | "done" | "esac" | ";;") {
            inside = true;
            continue;
        }
        let words = [
            "if", "for", "while", "until", "case", "else", "then", "do", "elif", "function", "}", "{", ")",
        ];
        let first = bare.split([' ', '\t', ';', '(']).next().unwrap_or("");
        if inside && (words.contains(&first) || bare.ends_with(')') && !bare.contains('(')) {
            return None;
        }
        if inside {
            // `pattern) command ;;`
            let command = bare.strip_suffix(";;").unwrap_or(bare).trim_end();
            return Some((at, command, true));
        }
        return (!words.contains(&first)).then_some((at, line, false));
    }
    None
}

fn without_comment(line: &str) -> &str {
    line.split(" #").next().unwrap_or("").trim_end()
}

/// The command is a test with what is to be done where it holds, and nothing for where it does not.
fn hangs_on_a_test(line: &str) -> bool {
    let Some(parts) = and_list(line) else {
        return false;
    };
    let Some((_, before)) = parts.split_last() else {
        return false;
    };
    before.iter().any(|p| is_test(p))
}

/// The commands of the last list on a line that `&&` stands between. None where there is an `||`, or where it is not
/// plain what stands in quotes.
fn and_list(line: &str) -> Option<Vec<&str>> {
    let bytes = line.as_bytes();
    let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
    let (mut quote, mut depth) = (None::<u8>, 0i32);
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        match (quote, byte) {
            (Some(b'\''), b'\'') => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => at += 1,
            (Some(q), b) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'{') => depth += 1,
            (None, b')' | b'}') => depth -= 1,
            (None, b'[') if next == Some(b'[') => depth += 1,
            (None, b']') if next == Some(b']') => depth -= 1,
            (None, b'|') if depth == 0 && next == Some(b'|') => return None,
            (None, b'&') if depth == 0 && next == Some(b'&') => {
                parts.push(line.get(from..at)?.trim());
                at += 1;
                from = at + 1;
            }
            (None, b';') if depth == 0 => {
                parts.clear();
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(line.get(from..)?.trim());
    (quote.is_none() && depth == 0).then_some(parts)
}

/// A command that is run for its status alone.
fn is_test(command: &str) -> bool {
    // Of a pipe the last command's status counts.
    let command = command.rsplit('|').next().unwrap_or("").trim();
    let mut words = command
        .split_whitespace()
        .skip_while(|w| matches!(*w, "!" | "sudo") || w.contains('=') && !w.starts_with(['[', '-']));
    let Some(first) = words.next() else { return false };
    let first = first.rsplit('/').next().unwrap_or(first);
    let has = |flags: &[&str]| words.clone().any(|w| flags.iter().any(|f| w.starts_with(f)));
    match first {
        "[" | "[[" | "test" | "grep" | "egrep" | "fgrep" | "zgrep" | "which" | "type" | "hash" | "getent"
        | "pgrep" | "pidof" | "mountpoint" | "cmp" | "diff" => true,
        "command" => has(&["-v", "-V"]),
        "rpm" => has(&["-q"]),
        "dpkg" => has(&["-s", "-l", "-L", "--status"]),
        "systemctl" => has(&["is-"]),
        _ => first.starts_with("((") || first.starts_with("[["),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(text: &str) -> bool {
        let lines = from_the_end(text);
        last(&lines).is_some_and(|(_, line, _)| hangs_on_a_test(without_comment(line)))
    }

    #[test]
    fn a_test_that_ends_a_script_is_known() {
        for text in [
            "[ -f /a ] && rm /a\n",
            "echo\n[[ $x == y && $z ]] && touch /b",
            "grep -q root /etc/passwd && echo yes\n",
            "rpm -qa | grep -q vim && touch /has-vim\n",
            "command -v update-grub >/dev/null && \\\n    update-grub\n",
            "cd /; test -d /srv && chown web /srv # mine\n",
            "if true; then\n    [ -f /a ] && rm /a\nfi\n",
            "for f in *; do\n  test -f $f && rm $f\ndone\n\n",
            "case $kiwi_profiles in\n  *a*)\n    grep -q x /y && rm /y\n    ;;\nesac\n",
            "! systemctl is-enabled sshd && systemctl enable sshd\n",
        ] {
            assert!(tells(text), "{text}");
        }
    }

    #[test]
    fn other_endings_are_left_alone() {
        for text in [
            "",
            "[ -f /a ] && rm /a\nexit 0\n",
            "[ -f /a ] && rm /a || true\n",
            "[ -f /a ] && rm /a; echo done\n",
            "[ -f /a ]\n",
            "apt-get update && apt-get clean\n",
            "if grep -q a /b && grep -q c /d; then\n  echo\nfi\n",
            "echo \"a && b\"\n",
            "f() {\n  [ -f /a ] && rm /a\n}\n",
            "cat > /x <<EOF\n[ -f /a ] && rm /a\nEOF\n",
            "mkdir -p /a && touch /a/b\n",
            "[[ $a && $b ]]\n",
            "if [ -f /a ]; then rm /a; fi\n",
        ] {
            assert!(!tells(text), "{text}");
        }
    }
}
