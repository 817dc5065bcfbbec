//! The simple commands of a shell script, taken apart into words as a shell would: quotes, continued lines, here documents,
//! redirections, patterns of `case`. Follows no variable; runs nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::text::Span;

/// What is known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It is as it stands.
    Plain,
    /// It is one word, of which a part is filled in while the script runs.
    Filled,
    /// It may become several words, or none.
    Many,
}

/// A word of a command.
#[derive(Debug, Clone)]
pub(super) struct Word<'t> {
    /// Where it begins in the script, with its quotes.
    pub(super) at: usize,
    /// As it is written.
    pub(super) raw: &'t str,
    /// Without its quotes.
    pub(super) text: Cow<'t, str>,
    pub(super) form: Form,
    /// It has a `*` that stands in quotes.
    pub(super) starred: bool,
}

impl Word<'_> {
    /// Where it stands in the script, with its quotes.
    pub(super) fn span(&self) -> Span {
        Span::new(self.at as u32, (self.at + self.raw.len()) as u32)
    }
}

/// A command with its words.
#[derive(Debug)]
pub(super) struct Call<'t> {
    pub(super) words: Vec<Word<'t>>,
    /// It stands in no function, condition or loop.
    pub(super) plain: bool,
    /// Something else is done where it fails, or its end is what is asked for.
    pub(super) asked: bool,
    /// It reads what another command or a file says.
    pub(super) fed: bool,
}

/// Words that stand before a command and change nothing of what it is given.
const BEFORE: &[&str] = &[
    "then", "do", "else", "{", "!", "time", "exec", "command", "builtin",
];

/// Words before a command whose end is asked for.
const ASKING: &[&str] = &["if", "elif", "while", "until"];

/// The commands of a script.
pub(super) fn calls(text: &str) -> Vec<Call<'_>> {
    let bodies = super::text::here_documents(text);
    let mut reader = Reader {
        text,
        at: 0,
        bodies: bodies
            .iter()
            .map(|(_, at, body)| (*at, at + body.len()))
            .collect(),
        words: Vec::new(),
        out: Vec::new(),
        depth: 0,
        cases: Vec::new(),
        joined: false,
        fed: (false, false),
    };
    reader.all();
    reader.out
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Here documents, from where to where.
    bodies: HashMap<usize, usize>,
    words: Vec<Word<'t>>,
    out: Vec<Call<'t>>,
    depth: usize,
    /// For each open `case`, whether a pattern is expected.
    cases: Vec<bool>,
    /// The command stands behind `&&` or `||`.
    joined: bool,
    /// The command is fed, and the next one is.
    fed: (bool, bool),
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn starts(&self, with: &str) -> bool {
        self.text.get(self.at..).is_some_and(|r| r.starts_with(with))
    }

    fn all(&mut self) -> Option<()> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.end(false);
                    self.joined = false;
                    if let Some(&end) = self.bodies.get(&self.at) {
                        let rest = self.text.get(end..)?;
                        self.at = end + rest.find('\n').map_or(rest.len(), |n| n + 1);
                    }
                }
                b'#' => self.at += self.text.get(self.at..)?.find('\n').unwrap_or(self.text.len()),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.starts("\\\n") => self.at += 2,
                b';' => {
                    self.at += 1;
                    let double = self.peek() == Some(b';') || self.peek() == Some(b'&');
                    self.end(false);
                    self.joined = false;
                    if double {
                        self.at += 1;
                        if let Some(pattern) = self.cases.last_mut() {
                            *pattern = true;
                        }
                    }
                }
                b'&' if self.starts("&>") => self.redirected()?,
                b'&' | b'|' => {
                    let or = self.starts("||");
                    self.fed.1 = byte == b'|' && !or;
                    self.at += if or || self.starts("&&") || self.starts("|&") {
                        2
                    } else {
                        1
                    };
                    self.end(or);
                    self.joined = true;
                }
                b'<' | b'>' => {
                    self.fed.0 |= byte == b'<';
                    self.redirected()?;
                }
                b'(' => {
                    self.at += 1;
                    // `NAME=(…)` is a list, `NAME()` begins a function.
                    let listed = self.words.last().is_some_and(|w| w.raw.ends_with('='));
                    if listed || self.starts("(") {
                        self.skip(b')')?;
                    } else {
                        self.words.clear();
                    }
                }
                b')' => {
                    self.at += 1;
                    match self.cases.last_mut() {
                        Some(pattern) if *pattern => {
                            *pattern = false;
                            self.words.clear();
                        }
                        _ => self.end(false),
                    }
                }
                _ => {
                    let word = self.word()?;
                    self.keep(word);
                }
            }
        }
        self.end(false);
        Some(())
    }

    /// Takes a word, or what it says of the ones that follow.
    fn keep(&mut self, word: Word<'t>) {
        if self.cases.last() == Some(&true) && word.raw != "esac" {
            return;
        }
        if self.words.is_empty() {
            match word.raw {
                "esac" => {
                    self.cases.pop();
                    self.depth = self.depth.saturating_sub(1);
                    return;
                }
                "fi" | "done" | "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    return;
                }
                "if" | "for" | "while" | "until" | "case" | "select" | "{" => self.depth += 1,
                _ => {}
            }
        }
        let opens = word.raw == "in" && self.words.first().is_some_and(|w| w.raw == "case");
        self.words.push(word);
        if opens {
            self.words.clear();
            self.cases.push(true);
        }
    }

    /// A command is whole.
    fn end(&mut self, or: bool) {
        let mut words = std::mem::take(&mut self.words);
        let mut asked = or;
        let mut from = 0;
        while let Some(word) = words.get(from) {
            let next = words.get(from + 1);
            let assigned = word.raw.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                    && !name.starts_with(|c: char| c.is_ascii_digit())
            });
            let runs = matches!(word.raw, "sudo" | "env" | "nice" | "ionice");
            if ASKING.contains(&word.raw) {
                asked = true;
            } else if !(BEFORE.contains(&word.raw)
                || assigned
                || runs && next.is_some_and(|n| !n.raw.starts_with('-')))
            {
                break;
            }
            from += 1;
        }
        words.drain(..from);
        if words
            .first()
            .is_some_and(|w| w.form == Form::Plain || w.raw == "[")
        {
            let plain = self.depth == 0 && !self.joined;
            let fed = self.fed.0;
            self.out.push(Call {
                words,
                plain,
                asked,
                fed,
            });
        }
        self.fed = (self.fed.1, false);
    }

    /// A redirection, with the file that it leads to or comes from.
    fn redirected(&mut self) -> Option<()> {
        if self.starts("<(") || self.starts(">(") {
            let from = self.at;
            self.at += 2;
            self.skip(b')')?;
            let raw = self.text.get(from..self.at)?;
            self.words.push(Word {
                at: from,
                raw,
                text: raw.into(),
                form: Form::Filled,
                starred: false,
            });
            return Some(());
        }
        // The number of what is led elsewhere is no word of the command.
        let number =
            |w: &Word<'_>| w.raw.bytes().all(|b| b.is_ascii_digit()) && w.at + w.raw.len() == self.at;
        if self.words.last().is_some_and(number) {
            self.words.pop();
        }
        while self.peek().is_some_and(|b| b"<>&|-".contains(&b)) {
            self.at += 1;
        }
        while self.peek().is_some_and(|b| b == b' ' || b == b'\t') || self.starts("\\\n") {
            self.at += if self.starts("\\\n") { 2 } else { 1 };
        }
        if self.peek().is_some_and(|b| !b"\n;&|()".contains(&b)) {
            self.word()?;
        }
        Some(())
    }

    /// To behind the sign that ends what has just been opened.
    fn skip(&mut self, end: u8) -> Option<()> {
        let open = if end == b'}' { b'{' } else { b'(' };
        let mut depth = 1;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\'' => self.at += self.text.get(self.at..)?.find('\'')? + 1,
                b'"' => {
                    while self.peek()? != b'"' {
                        self.at += if self.peek() == Some(b'\\') { 2 } else { 1 };
                    }
                    self.at += 1;
                }
                b if b == end => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(());
                    }
                }
                b if b == open => depth += 1,
                _ => {}
            }
        }
    }

    /// What is filled in, behind its `$`.
    fn filled(&mut self) -> Option<()> {
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                self.skip(b')')
            }
            Some(b'{') => {
                self.at += 1;
                self.skip(b'}')
            }
            _ => Some(()),
        }
    }

    fn word(&mut self) -> Option<Word<'t>> {
        let from = self.at;
        let mut text = String::new();
        let (mut form, mut starred, mut quote) = (Form::Plain, false, None::<u8>);
        while let Some(byte) = self.peek() {
            let quoted = quote.is_some();
            let ends = b" \t\r\n;&|<>()".contains(&byte);
            match (quote, byte) {
                (None, _) if ends => break,
                (Some(own), _) if own == byte => quote = None,
                (None, b'\'' | b'"') => quote = Some(byte),
                (None | Some(b'"'), b'\\') => {
                    self.at += 1;
                    let next = self.text.get(self.at..)?.chars().next()?;
                    if next != '\n' {
                        text.push(next);
                    }
                    self.at += next.len_utf8();
                    continue;
                }
                (None | Some(b'"'), b'$' | b'`') => {
                    self.at += 1;
                    let before = self.at;
                    if byte == b'$' {
                        self.filled()?;
                    } else {
                        self.at += self.text.get(self.at..)?.find('`')? + 1;
                    }
                    text.push('$');
                    text.push_str(self.text.get(before..self.at)?);
                    if form != Form::Many {
                        form = if quoted { Form::Filled } else { Form::Many };
                    }
                    continue;
                }
                _ => {
                    let next = self.text.get(self.at..)?.chars().next()?;
                    if !quoted && matches!(next, '*' | '?' | '[' | '{') {
                        form = Form::Many;
                    }
                    starred |= quoted && next == '*';
                    text.push(next);
                    self.at += next.len_utf8();
                    continue;
                }
            }
            self.at += 1;
        }
        if quote.is_some() || self.at == from {
            return None;
        }
        let raw = self.text.get(from..self.at)?;
        let text = if raw == text {
            Cow::Borrowed(raw)
        } else {
            Cow::Owned(text)
        };
        Some(Word {
            at: from,
            raw,
            text,
            form,
            starred,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<String> {
        let words = |c: &Call<'_>| {
            c.words
                .iter()
                .map(|w| w.text.to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        calls(text).iter().map(words).collect()
    }

    #[test]
    fn commands_are_taken_apart_as_a_shell_does() {
        for (text, told) in [
            ("a b 'c d' \"e\"\n# no\nf", vec!["a b c d e", "f"]),
            ("a \\\n  b > /x 2>&1 <<EOF\nno no\nEOF\nc", vec!["a b", "c"]),
            ("if ! a b; then c; elif d\nfi", vec!["a b", "c", "d"]),
            ("X=1 sudo a && b || c | d & e", vec!["a", "b", "c", "d", "e"]),
            (
                "case $x in a|install b) c d ;; *) e;; esac; f",
                vec!["c d", "e", "f"],
            ),
            ("f() {\n a\n}\nX=(a b)\nb", vec!["a", "b"]),
            ("a $(b \"c)\") d", vec!["a $(b \"c)\") d"]),
            ("diff <(a) b", vec!["diff <(a) b"]),
            ("for x in a b; do c; done", vec!["for x in a b", "c"]),
            ("a 'b\nc", vec![]),
        ] {
            assert_eq!(plain(text), told, "{text}");
        }
    }

    #[test]
    fn words_know_what_they_may_become() {
        let all = calls("a \"$b\" $c *.d \"e*\" f{g,h} $(i)");
        let found: Vec<Form> = all.iter().flat_map(|c| c.words.iter().map(|w| w.form)).collect();
        use Form::{Filled, Many, Plain};
        assert_eq!(found, [Plain, Filled, Many, Many, Plain, Many, Many]);
        assert!(
            all.iter()
                .all(|c| c.plain && c.words.iter().filter(|w| w.starred).count() == 1)
        );
        assert!(
            calls("if a; then\nb\nfi\nc")
                .iter()
                .map(|c| c.plain)
                .eq([false, false, true])
        );
        let fed = |c: &Call<'_>| c.fed;
        assert!(
            calls("a | b && c <d; e")
                .iter()
                .map(fed)
                .eq([false, true, true, false])
        );
        assert!(calls("a || b").iter().map(|c| c.asked).eq([true, false]));
    }
}
