//! Tests in brackets that start a command or lack a blank, and words in the place of those that debconf and systemctl take. Looks at
//! words; runs nothing.

use super::Script;
use crate::rules::found::near;

/// What debconf asks its questions with.
pub(super) const FRONTENDS: &[&str] = &[
    "noninteractive",
    "dialog",
    "readline",
    "gnome",
    "kde",
    "teletype",
    "editor",
    "text",
    "newt",
];

/// Commands that a test in brackets does not start.
const COMMANDS: &[&str] = &[
    "grep",
    "egrep",
    "systemctl",
    "rpm",
    "dpkg",
    "command",
    "which",
    "getent",
    "id",
    "test",
    "cat",
    "find",
    "ls",
    "mountpoint",
    "dpkg-query",
    "zypper",
    "type",
    "pgrep",
    "awk",
    "sed",
];

impl Script<'_> {
    /// Looks at tests, and at words of single commands.
    pub(in crate::rules) fn told_words(&mut self) {
        let calls = self.calls();
        for call in calls.iter() {
            let Some((first, rest)) = call.words.split_first() else {
                continue;
            };
            match &*first.text {
                "export" => {
                    let given = rest
                        .iter()
                        .find_map(|w| Some((w, w.text.strip_prefix("DEBIAN_FRONTEND=")?)));
                    let meant = given.and_then(|(w, v)| Some((w, v, near(v, FRONTENDS.iter().copied())?)));
                    if let Some((word, value, meant)) = meant {
                        let message = format!("debconf has no frontend `{value}`");
                        let from = word.span().end - value.len() as u32;
                        let span = crate::text::Span::new(from, word.span().end);
                        let then = "the packages may ask questions, and the build stops there";
                        self.say_meant(span, message, meant, then);
                    }
                }
                "systemctl" => {
                    let named = rest
                        .iter()
                        .skip_while(|w| !matches!(&*w.text, "enable" | "disable" | "mask"))
                        .skip(1);
                    let odd = named.clone().find(|w| w.raw == w.text && w.text.ends_with(','));
                    if let Some(word) = odd {
                        let message = format!(
                            "no unit is called `{}`: blanks alone stand between units",
                            word.text
                        );
                        self.say(
                            "unknown-unit",
                            word.span(),
                            message,
                            "take the comma out",
                            super::FAILS,
                        );
                    }
                }
                "[" => {
                    let mut words = rest.iter().filter(|w| w.text != "!");
                    let Some(word) = words.next().filter(|w| w.raw == w.text) else {
                        continue;
                    };
                    let next = words.next().map_or("]", |w| &*w.text);
                    let stuck = word.text.strip_prefix('-').filter(|r| {
                        r.as_bytes().get(1).is_some_and(|b| b"/$".contains(b))
                            && r.starts_with(|c: char| c.is_ascii_alphabetic())
                    });
                    let then = "the test never holds, and the shell only complains as it comes there";
                    if stuck.is_some() && next == "]" {
                        let message = format!(
                            "a blank is missing in `{}`: the test holds for every text",
                            word.text
                        );
                        let (head, tail) = word.text.split_at(2);
                        self.say(
                            "script-command",
                            word.span(),
                            message,
                            &format!("did you mean `{head} {tail}`?"),
                            "what hangs on the test is always done",
                        );
                        continue;
                    }
                    let sign = |w: &str| {
                        matches!(w, "]" | "=" | "==" | "!=" | "<" | ">" | "-a" | "-o")
                            || w.starts_with("-e") && w.len() == 3
                    };
                    if COMMANDS.contains(&&*word.text) && !sign(next) {
                        let message = format!("`[` starts no command: `{}` is a text to it", word.text);
                        self.say(
                            "script-command",
                            word.span(),
                            message,
                            "take the brackets out",
                            then,
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Run, Script};

    #[test]
    fn tests_have_conditions() {
        for (text, told) in [
            ("if [ ! grep -q a /etc/b ]; then\n  true\nfi\n", 1),
            ("if [ -x/usr/bin/a ]; then\n  true\nfi\n", 1),
            ("[ -x /usr/bin/a ] && a\n", 0),
            ("[ grep = \"$a\" ] && a\n", 0),
            ("[ -n \"$a\" ] || b\n", 0),
            ("export DEBIAN_FRONTEND=noninteractiv\n", 1),
            ("systemctl enable a, b\n", 1),
            ("systemctl enable a b\n", 0),
        ] {
            let mut script = Script::new(text, Run::Tree, true);
            script.told_words();
            assert_eq!(script.out.len(), told, "{text}");
        }
    }
}
