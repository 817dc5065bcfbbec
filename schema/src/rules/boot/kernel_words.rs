//! The words of the kernel's command line, read in one pass, with where they stand. Judges none.

use crate::description::model::{At, Image};
use crate::text::Span;

/// A word of the command line, with what one look at each of its letters tells.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct Word<'l> {
    /// Where it begins in the value.
    pub at: usize,
    /// The word.
    pub text: &'l str,
    /// What stands before the first sign that may part it from a value or from another word.
    pub begin: &'l str,
    /// What is before the first `=` and behind it.
    pub parts: Option<(&'l str, &'l str)>,
    /// It is filled in before the build, or by the boot loader.
    pub filled_in: bool,
    /// There is a comma or a semicolon in it.
    pub listed: bool,
}

/// A word as far as it is read.
#[derive(Clone, Copy, Default)]
struct Begun {
    start: usize,
    /// Where the first sign that ends a name is.
    ends: Option<usize>,
    /// Where the first `=` is.
    equals: Option<usize>,
    filled_in: bool,
    at_sign: bool,
    listed: bool,
}

impl Begun {
    fn word(self, line: &str, end: usize) -> Option<Word<'_>> {
        let text = line.get(self.start..end).filter(|text| !text.is_empty())?;
        Some(Word {
            at: self.start,
            text,
            begin: self.ends.and_then(|at| line.get(self.start..at)).unwrap_or(text),
            parts: self
                .equals
                .and_then(|at| Some((line.get(self.start..at)?, line.get(at + 1..end)?))),
            filled_in: self.filled_in && !text.starts_with("root="),
            listed: self.listed,
        })
    }
}

/// The words of the command line, between the blanks outside of quotation marks; none where such a mark has no other.
pub(super) fn words(line: &str) -> Option<Vec<Word<'_>>> {
    let mut out = Vec::with_capacity(16);
    let mut begun = Begun::default();
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b' ' | b'\t'..=b'\r' if !quoted => {
                out.extend(begun.word(line, at));
                begun = Begun {
                    start: at + 1,
                    ..Begun::default()
                };
            }
            b'"' => quoted = !quoted,
            b'=' => {
                begun.equals = begun.equals.or(Some(at));
                begun.ends = begun.ends.or(Some(at));
            }
            b':' => begun.ends = begun.ends.or(Some(at)),
            b',' | b';' => {
                begun.ends = begun.ends.or(Some(at));
                begun.listed = true;
            }
            b'$' | b'{' | b'}' | b'%' => begun.filled_in = true,
            b'@' => {
                begun.filled_in |= begun.at_sign;
                begun.at_sign = true;
            }
            _ => {}
        }
    }
    out.extend(begun.word(line, line.len()));
    (!quoted).then_some(out)
}

/// The place of a word, where the text is what it means.
pub(in crate::rules) fn place(image: &Image, line: &At, at: usize, word: &str) -> At {
    let text = image
        .files
        .get(line.file.0 as usize)
        .map(|f| line.span.of(&f.text));
    let start = line.span.start + at as u32;
    let span = if text.is_some_and(|t| t == &*line.value) {
        Span::new(start, start + word.len() as u32)
    } else {
        line.span
    };
    At {
        value: word.into(),
        file: line.file,
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_by_blanks_outside_of_quotes() {
        let found: Vec<&str> = words(" a  b=\"c d\" é=\u{a0}x")
            .into_iter()
            .flatten()
            .map(|w| w.text)
            .collect();
        assert_eq!(found, ["a", "b=\"c d\"", "é=\u{a0}x"]);
        assert!(words("a \"b").is_none());
    }
}
