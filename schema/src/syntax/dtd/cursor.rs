//! A reader of the small things of a document type declaration: white space, names, literals. Must not know what
//! a declaration means.

use crate::diagnostic::Diagnostic;
use crate::syntax::chars::{is_name_char, is_space, name_end};
use crate::syntax::faults::{fault, shown};
use crate::syntax::names::has_prefix;
use crate::text::Span;

/// What was read, or the first fault.
pub type Read<T> = Result<T, Box<Diagnostic>>;

/// A place in the text of a declaration, or in the replacement text of an entity.
#[derive(Debug, Clone)]
pub struct Cursor<'t> {
    pub text: &'t str,
    pub at: usize,
    /// Where faults are told: the text's own place, or that of the reference which brought it here.
    pub base: u32,
    /// The text is an entity's: faults are told at `base`, that many bytes long.
    pub replaced: Option<u32>,
}

impl<'t> Cursor<'t> {
    pub fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub fn span(&self, start: usize, end: usize) -> Span {
        match self.replaced {
            Some(len) => Span::new(self.base, self.base + len),
            None => Span::new(self.base + start as u32, self.base + end as u32),
        }
    }

    /// A fault at this place.
    pub fn wrong<T>(&self, what: &str) -> Read<T> {
        let here = self.rest().chars().next().map_or(0, char::len_utf8);
        let span = self.span(self.at, self.at + here);
        Err(Box::new(fault("invalid-doctype", span, what.to_string())))
    }

    /// White space, if there is any.
    pub fn blank(&mut self) -> bool {
        let start = self.at;
        while is_space(self.byte()) {
            self.at += 1;
        }
        self.at > start
    }

    /// White space that must be there.
    pub fn space(&mut self) -> Read<()> {
        if self.blank() {
            return Ok(());
        }
        if self.byte() == b'%' {
            return self.wrong("a parameter entity may stand between declarations only");
        }
        self.wrong("white space is missing in this declaration")
    }

    pub fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    pub fn need(&mut self, word: &str) -> Read<()> {
        if self.take(word) {
            Ok(())
        } else if self.byte() == b'%' {
            self.wrong("a parameter entity may stand between declarations only")
        } else {
            self.wrong(&format!("expected `{word}` in this declaration"))
        }
    }

    pub fn name(&mut self) -> Read<&'t str> {
        let end = name_end(self.text, self.at);
        if end == self.at {
            return self.wrong("expected a name in this declaration");
        }
        let name = self.text.get(self.at..end).unwrap_or("");
        self.at = end;
        Ok(name)
    }

    /// A name of an entity or a notation, in which Namespaces in XML allows no colon. One at an end, where it makes no
    /// prefix, is a letter to XML 1.0, and harms nobody.
    pub fn plain_name(&mut self) -> Read<&'t str> {
        let start = self.at;
        let name = self.name()?;
        if has_prefix(name) {
            let span = self.span(start, self.at);
            let words = format!("`{}` may not have a colon", shown(name));
            return Err(Box::new(fault("invalid-doctype", span, words)));
        }
        Ok(name)
    }

    pub fn nmtoken(&mut self) -> Read<&'t str> {
        let len: usize = self
            .rest()
            .chars()
            .take_while(|&c| is_name_char(c))
            .map(char::len_utf8)
            .sum();
        if len == 0 {
            return self.wrong("expected a value in this declaration");
        }
        let token = self.text.get(self.at..self.at + len).unwrap_or("");
        self.at += len;
        Ok(token)
    }

    /// What stands between two quotes, and where.
    pub fn literal(&mut self) -> Read<(&'t str, usize)> {
        let quote = self.byte();
        if quote != b'"' && quote != b'\'' {
            return self.wrong("expected a value in quotes in this declaration");
        }
        let start = self.at + 1;
        match self
            .text
            .as_bytes()
            .get(start..)
            .and_then(|r| memchr::memchr(quote, r))
        {
            Some(len) => {
                self.at = start + len + 1;
                Ok((self.text.get(start..start + len).unwrap_or(""), start))
            }
            None => self.wrong("this quote is never closed"),
        }
    }

    /// An external identifier; the system part may be left out for notations. False where there is none.
    pub fn external(&mut self, notation: bool) -> Read<bool> {
        if self.take("SYSTEM") {
            self.space()?;
            self.literal()?;
            return Ok(true);
        }
        if !self.take("PUBLIC") {
            return Ok(false);
        }
        self.space()?;
        let (id, start) = self.literal()?;
        let strange =
            id.find(|c: char| !(c.is_ascii_alphanumeric() || " \r\n-'()+,./:=?;!*#@$_%".contains(c)));
        if let Some(n) = strange {
            self.at = start + n;
            return self.wrong("a public identifier may not hold this character");
        }
        let behind = self.at;
        let spaced = self.blank();
        if notation && !matches!(self.byte(), b'"' | b'\'') {
            self.at = behind;
            return Ok(true);
        }
        if !spaced {
            self.at = behind;
        }
        if !spaced {
            return self.wrong("white space is missing in this declaration");
        }
        self.literal()?;
        Ok(true)
    }
}
