//! Places where a script goes on otherwise than it looks: texts whose end is not seen, tests that nothing ends. Looks at words;
//! runs nothing.

use super::Script;
use super::text::unended;
use crate::diagnostic::{Edit, Fix};
use crate::text::Span;

/// Words after which a test stands, and what follows it.
const TESTS: [(&str, &str); 4] = [
    ("if [ ", "] then"),
    ("elif [ ", "] then"),
    ("while [ ", "] do"),
    ("until [ ", "] do"),
];

impl Script<'_> {
    /// A test and what follows it in one line, with nothing between them. True where that was told.
    pub(in crate::rules) fn unparted(&mut self) -> bool {
        let text = self.text;
        for (at, line) in super::text::commands(text) {
            let odd = TESTS
                .iter()
                .find(|(head, end)| line.starts_with(head) && line.ends_with(end));
            if let Some((_, end)) = odd {
                let from = at + line.len() - end.len() + 2;
                let span = Span::new(from as u32, (at + line.len()) as u32);
                let word = end.trim_start_matches("] ");
                let message = format!("`{word}` is taken for a word of the test: nothing parts them");
                if let Some(one) = self.add("script-syntax", span, message, "`;` is expected before it") {
                    one.fixes.push(Fix {
                        title: "put `;` before it".into(),
                        edits: vec![Edit {
                            span: Span::empty(from as u32 - 1),
                            new_text: ";".into(),
                        }],
                        safe: false,
                    });
                }
                return true;
            }
        }
        false
    }

    /// A word that was to end a text and does not. True where that was told: what follows is read as text.
    pub(in crate::rules) fn unended(&mut self) -> bool {
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
