//! Texts that a script writes whose end is not seen. Looks at words; runs nothing.

use super::script_text::unended;
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
}
