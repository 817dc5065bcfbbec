//! JSON as values with their places. Knows nothing of images.

use std::borrow::Cow;

use super::{DEPTH, Keys, Markup, Pairs, TOO_MANY, Value, Word, fault, most_values};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// The whole text.
pub(super) fn read(text: &str) -> Result<Value<'_>, Diagnostic> {
    let left = most_values(text.len());
    let mut reader = Reader { text, at: 0, left };
    let value = reader.value(0)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.refuse("nothing more")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Values that may still come.
    left: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next character that is not white space.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.rest().chars().next()
    }

    fn refuse(&self, expected: &str) -> Diagnostic {
        let at = self.at as u32;
        let len = self.rest().chars().next().map_or(0, char::len_utf8) as u32;
        let message = format!("the text is not well-formed: expected {expected}");
        fault("invalid-json", Span::new(at, at + len), message)
    }

    fn take(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value<'t>, Diagnostic> {
        let first = self.peek();
        let start = self.at as u32;
        if depth > DEPTH {
            return Err(self.refuse("no deeper nesting"));
        }
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return Err(fault("invalid-json", Span::empty(start), TOO_MANY)),
        };
        match first {
            Some('{') => {
                let pairs = self.map(depth)?;
                Ok(Value::Map(pairs, Span::new(start, self.at as u32)))
            }
            Some('[') => {
                let items = self.list(depth)?;
                Ok(Value::List(items, Span::new(start, self.at as u32)))
            }
            Some('"') => Ok(Value::Scalar(self.string()?)),
            _ => self.bare(),
        }
    }

    fn map(&mut self, depth: usize) -> Result<Pairs<'t>, Diagnostic> {
        let mut pairs = Pairs::new();
        let mut keys = Keys::default();
        self.take('{');
        if self.take('}') {
            return Ok(pairs);
        }
        loop {
            if self.peek() != Some('"') {
                return Err(self.refuse("a key in double quotes"));
            }
            let key = self.string()?;
            if let Some(first) = keys.again(&pairs, &key.text) {
                let message = format!("the key `{}` is given twice", key.text);
                let found = fault("invalid-json", key.span, message);
                let found = found.help("repeated elements are one key with a list");
                return Err(found.note(Default::default(), first.span, "first given here"));
            }
            if !self.take(':') {
                return Err(self.refuse("`:`"));
            }
            pairs.push((key, self.value(depth + 1)?));
            if self.take('}') {
                return Ok(pairs);
            }
            if !self.take(',') {
                return Err(self.refuse("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value<'t>>, Diagnostic> {
        let mut items = Vec::new();
        self.take('[');
        if self.take(']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(']') {
                return Ok(items);
            }
            if !self.take(',') {
                return Err(self.refuse("`,` or `]`"));
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn bare(&mut self) -> Result<Value<'t>, Diagnostic> {
        let start = self.at;
        let end = |c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c));
        let len = self.rest().find(end).unwrap_or(self.rest().len());
        let span = Span::new(start as u32, (start + len) as u32);
        let word = span.of(self.text);
        let good = match word {
            "true" | "false" | "null" => true,
            number => number.parse::<f64>().is_ok() && !number.starts_with(['+', '.', 'i', 'n', 'N']),
        };
        if !good {
            return Err(self.refuse("a value"));
        }
        self.at += len;
        if word == "null" {
            return Ok(Value::Null(span));
        }
        Ok(Value::Scalar(Word {
            text: Cow::Borrowed(word),
            span,
            free: false,
            bare: Some(Markup::Json),
        }))
    }

    fn string(&mut self) -> Result<Word<'t>, Diagnostic> {
        self.take('"');
        let start = self.at;
        let mut escaped = false;
        loop {
            let Some(len) = self.rest().find(['"', '\\', '\n']) else {
                self.at = self.text.len();
                return Err(self.refuse("a closing `\"`"));
            };
            self.at += len;
            match self.rest().as_bytes().first() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let next = self.rest().chars().nth(1).map_or(0, char::len_utf8);
                    (self.at, escaped) = (self.at + 1 + next, true);
                }
                _ => return Err(self.refuse("a closing `\"`")),
            }
        }
        let span = Span::new(start as u32, self.at as u32);
        self.at += 1;
        let raw = span.of(self.text);
        let text = if escaped {
            let quoted = self.text.get(start.saturating_sub(1)..self.at).unwrap_or("");
            serde_json::from_str::<String>(quoted)
                .map_err(|e| fault("invalid-json", span, format!("the text is not well-formed: {e}")))?
                .into()
        } else {
            Cow::Borrowed(raw)
        };
        Ok(Word {
            free: text == raw,
            bare: None,
            text,
            span,
        })
    }
}
