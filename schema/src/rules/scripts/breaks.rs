//! Places where a script goes on otherwise than it looks: texts whose end is not seen, tests that nothing ends. Looks at words;
//! runs nothing.

use super::Script;
use super::text::unended;
use crate::diagnostic::{Edit, Fix};
use crate::rules::files::Fault;
use crate::text::Span;

/// Words after which a test stands, and the word that follows it.
const TESTS: [(&str, &str); 4] = [
    ("if [ ", "then"),
    ("elif [ ", "then"),
    ("while [ ", "do"),
    ("until [ ", "do"),
];

/// Lines whose quotes are tried to be closed.
const MOST_TRIALS: usize = 12;

impl Script<'_> {
    /// A test and what follows it in one line, with nothing between them. True where that was told.
    pub(in crate::rules) fn unparted(&mut self) -> bool {
        for &(at, line) in self.commands().iter() {
            let odd = TESTS.iter().find_map(|(head, word)| {
                let before = line.strip_suffix(word)?;
                let parted = before.trim_end_matches(' ');
                let sticks =
                    line.starts_with(head) && parted.ends_with(']') && parted.len() + 1 >= before.len();
                sticks.then_some((*word, parted.len()))
            });
            if let Some((word, end)) = odd {
                let span = Span::new((at + line.len() - word.len()) as u32, (at + line.len()) as u32);
                let message = format!("`{word}` is taken for a word of the test: nothing parts them");
                if let Some(one) = self.add("script-syntax", span, message, "`;` is expected before it") {
                    let stuck = end + word.len() == line.len();
                    one.fixes.push(Fix {
                        title: "put `;` before it".into(),
                        edits: vec![Edit {
                            span: Span::empty((at + end) as u32),
                            new_text: if stuck { "; " } else { ";" }.into(),
                        }],
                        safe: false,
                    });
                }
                return true;
            }
        }
        false
    }

    /// A quote that nothing closes, in the line at whose end a closing one mends the whole script. True where that was told.
    pub(in crate::rules) fn unclosed(&mut self, fault: &str, syntax: &dyn Fn(&[u8]) -> Vec<Fault>) -> bool {
        let Some(quote) = crate::rules::found::after_part(fault, "looking for matching `")
            .and_then(|rest| rest.chars().next())
            .filter(|c| matches!(c, '"' | '\''))
        else {
            return false;
        };
        let (text, lines) = (self.text, self.commands());
        let odd = |(_, line): &&(usize, &str)| {
            let bare = line.replace(&format!("\\{quote}"), "");
            !line.starts_with('#') && bare.matches(quote).count() % 2 == 1
        };
        let mended = |end: usize| {
            let (head, tail) = text.split_at_checked(end)?;
            syntax(format!("{head}{quote}{tail}").as_bytes())
                .is_empty()
                .then_some(())
        };
        let mut tried = lines.iter().filter(odd).take(MOST_TRIALS);
        let Some((at, line)) = tried.find(|(at, line)| mended(at + line.len()).is_some()) else {
            return false;
        };
        let span = Span::new(*at as u32, (at + line.len()) as u32);
        let message = format!("nothing closes the `{quote}` of this line");
        if let Some(one) = self.add(
            "script-syntax",
            span,
            message,
            "the lines that follow are read as a text",
        ) {
            one.fixes.push(Fix {
                title: format!("put `{quote}` at its end").into(),
                edits: vec![Edit {
                    span: Span::empty(span.end),
                    new_text: quote.to_string().into(),
                }],
                safe: false,
            });
        }
        true
    }

    /// A block that nothing ends, in the line that begins it. True where that was told.
    pub(in crate::rules) fn unfinished(&mut self, fault: &str) -> bool {
        if !fault.contains("unexpected end of file") || fault.contains("looking for") {
            return false;
        }
        let lines = self.commands();
        let Some((at, line, word, end)) = open_block(&lines) else {
            return false;
        };
        let span = Span::new(
            (at + crate::rules::found::offset(word, line)) as u32,
            (at + line.len()) as u32,
        );
        let message = format!("nothing ends the `{word}` of this line");
        let label = format!("`{end}` is expected after what belongs to it");
        self.add("script-syntax", span, message, &label);
        true
    }

    /// A word that was to end a text and does not. True where that was told: what follows is read as text.
    pub(in crate::rules) fn unended(&mut self) -> bool {
        let Some((at, word)) = unended(self.text) else {
            return false;
        };
        let line = self.text.get(at..).and_then(|t| t.lines().next()).unwrap_or("");
        let span = Span::new(at as u32, (at + line.len()) as u32);
        let (message, label) = match line.trim() == word {
            true => (
                format!("blanks stand beside `{word}`, which does not end the text here"),
                "the word alone on its line".to_owned(),
            ),
            false => (
                format!("`{line}` does not end the text here, which `{word}` does"),
                format!("did you mean `{word}`?"),
            ),
        };
        if let Some(one) = self.add("script-syntax", span, message, &label) {
            one.help = Some(
                "the commands that follow would be written to the file, and not run"
                    .to_owned()
                    .into(),
            );
            one.fixes.push(Fix {
                title: format!("write `{word}` alone").into(),
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

/// The innermost block that is begun and never ended: its line, the word that begins it and the one that ends it. None where
/// the words do not tell.
fn open_block<'t>(lines: &[(usize, &'t str)]) -> Option<(usize, &'t str, &'t str, &'static str)> {
    const BLOCKS: &[(&str, &str)] = &[("if", "fi"), ("case", "esac"), ("do", "done")];
    let mut open: Vec<(usize, &'t str, &'t str, &'static str)> = Vec::new();
    for &(at, line) in lines.iter().filter(|(_, l)| !l.starts_with('#')) {
        let line = line.split(" #").next().unwrap_or(line);
        let mut first = true;
        for word in line.split([' ', '\t', ';']).filter(|w| !w.is_empty()) {
            if let Some((_, end)) = BLOCKS.iter().find(|(begin, _)| first && *begin == word) {
                open.push((at, line, word, end));
            } else if BLOCKS.iter().any(|(_, end)| first && *end == word) {
                let (_, _, _, end) = open.pop()?;
                if end != word {
                    return None;
                }
            }
            // After these a command begins.
            let more = ["then", "do", "else", "{", "&&", "||", "!", "done", "fi", "esac"].contains(&word);
            first = more
                || line
                    .get(crate::rules::found::offset(word, line) + word.len()..)?
                    .starts_with(';');
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_that_is_not_ended_is_found() {
        let found = |text: &str| {
            let lines = crate::rules::scripts::text::commands(text);
            open_block(&lines).map(|(at, _, word, _)| (at, word.to_owned()))
        };
        assert_eq!(found("a\nif b; then\n c\n"), Some((2, "if".to_owned())));
        assert_eq!(
            found("for i in 1; do\n if a; then\n  b\n fi\n"),
            Some((0, "do".to_owned()))
        );
        assert_eq!(found("if a; then b; fi\n"), None);
        assert_eq!(found("case a in\nb) if c; then d; fi ;;\nesac\n"), None);
    }
}
