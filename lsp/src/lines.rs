//! Places in a text as a client counts them: lines, and columns in the units that client and server have agreed on.
//! Positions from a client are clamped to the text.

use std::sync::Arc;

use apteryx_schema::{LineIndex, Position, Span};

use crate::documents::Place;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 units: what every client can.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

/// A text with its lines.
#[derive(Debug, Clone)]
pub struct Lines {
    text: Arc<str>,
    index: LineIndex,
    encoding: Encoding,
}

impl Lines {
    /// Reads the lines; linear.
    pub fn new(text: Arc<str>, encoding: Encoding) -> Self {
        Self {
            index: LineIndex::new(&text),
            text,
            encoding,
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What its columns count.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The text of the line in which byte `start` is the first, up to its end.
    fn line(&self, start: u32) -> &str {
        let rest = self.text.get(start as usize..).unwrap_or("");
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        rest.get(..end).unwrap_or("")
    }

    fn start(&self, line: u32) -> u32 {
        self.index.offset(&self.text, Position { line, character: 0 })
    }

    /// The byte of a place: a column beyond the line gives the line's end, one inside a character its start.
    pub fn offset(&self, place: Place) -> u32 {
        let Place { line, character } = place;
        if self.encoding == Encoding::Utf16 || line as usize >= self.index.lines() {
            return self.index.offset(&self.text, Position { line, character });
        }
        let start = self.start(line);
        let text = self.line(start);
        let at = match self.encoding {
            Encoding::Utf8 => {
                let mut at = text.len().min(character as usize);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            }
            _ => text
                .char_indices()
                .nth(character as usize)
                .map_or(text.len(), |(at, _)| at),
        };
        start + at as u32
    }

    /// The place of byte `offset`, clamped to the text.
    pub fn place(&self, offset: u32) -> Place {
        let Position { line, character } = self.index.position(&self.text, offset);
        if self.encoding == Encoding::Utf16 {
            return Place { line, character };
        }
        let start = self.start(line);
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let head = Span::new(start, end as u32).of(&self.text);
        let character = match self.encoding {
            Encoding::Utf8 => head.len(),
            _ => head.chars().count(),
        };
        Place {
            line,
            character: character as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_column_in_each_encoding_and_comes_back() {
        let text: Arc<str> = "ä😀b\r\n\u{2028}x\rz".into();
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(text.clone(), encoding);
            for (at, c) in text.char_indices().filter(|(_, c)| !matches!(c, '\n' | '\r')) {
                assert_eq!(
                    lines.offset(lines.place(at as u32)),
                    at as u32,
                    "{c:?} {encoding:?}"
                );
            }
        }
        let b = text.find('b').unwrap() as u32;
        let columns = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32]
            .map(|e| Lines::new(text.clone(), e).place(b).character);
        assert_eq!(columns, [6, 3, 2]);
        let wild = Place {
            line: 0,
            character: u32::MAX,
        };
        assert_eq!(Lines::new(text.clone(), Encoding::Utf8).offset(wild), b + 1);
    }
}
