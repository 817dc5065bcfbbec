//! Texts and files that a script makes: a text whose end is not seen, a file that is changed under another name than it was
//! written. Looks at words; runs nothing.

use super::found::{one_keystroke, same_digits};
use super::script_names::place;
use super::script_text::{commands, unended};
use super::scripts::Script;
use crate::diagnostic::{Edit, Fix};
use crate::text::Span;

impl Script<'_> {
    /// A word that was to end a text and does not. True where that was told: what follows is read as text.
    pub(super) fn unended(&mut self) -> bool {
        let Some((at, word)) = unended(self.text) else {
            return false;
        };
        let line = self.text.get(at..).and_then(|t| t.lines().next()).unwrap_or("");
        let span = Span::new(at as u32, (at + line.len()) as u32);
        let message = format!("blanks stand beside `{word}`, which does not end the text here");
        if let Some(one) = self.add("script-syntax", span, message, "the word alone on its line") {
            one.help = Some(
                "the commands that follow would be written to the file, and not run"
                    .to_owned()
                    .into(),
            );
            one.fixes.push(Fix {
                title: "take the blanks out".into(),
                edits: vec![Edit {
                    span,
                    new_text: word.into(),
                }],
                safe: false,
            });
        }
        true
    }

    /// A file whose mode or owner is changed, and that was written under a name which is a keystroke away.
    pub(super) fn made(&mut self, at: usize, line: &str) {
        let mut words = line.split_whitespace();
        if !matches!(words.next(), Some("chmod" | "chown" | "chgrp")) {
            return;
        }
        let plain = |w: &&str| {
            w.starts_with('/')
                && w.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
        };
        for path in words.filter(plain) {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let end =
                |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "/._-".contains(c));
            let says = self
                .text
                .match_indices(path)
                .filter(|(at, _)| self.text.get(at + path.len()..).is_some_and(end));
            if name.len() < 4 || says.count() > 1 {
                continue;
            }
            let close = |other: &&str| {
                let (own, last) = other.rsplit_once('/').unwrap_or(("", other));
                own == folder && one_keystroke(last, name) && same_digits(last, name)
            };
            let all = commands(self.text);
            let written = all.iter().filter_map(|(_, l)| super::script_files::target(l));
            let Some(meant) = written.filter(plain).find(close).map(str::to_owned) else {
                continue;
            };
            // What is wrong with the name it is written under is told there.
            if self.out.iter().any(|d| d.message.to_string().contains(&*meant)) {
                continue;
            }
            let message = format!("the script writes `{meant}`, and no `{path}`");
            let then = "the command fails: the build stops there, or the file keeps its mode and owner";
            let label = format!("did you mean `{meant}`?");
            self.say("script-command", place(at, line, path), message, &label, then);
        }
    }
}
