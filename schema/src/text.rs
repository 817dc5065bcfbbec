//! Places in a text: byte spans, and lines with UTF-16 columns. Knows nothing of XML.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes in a UTF-8 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty span at `at`.
    pub const fn empty(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// Number of bytes.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// True where nothing is spanned.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// True where `offset` lies in the span or at its end (as a cursor does).
    pub const fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// The smallest span that holds both.
    pub fn cover(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Without the white space at both ends of the text spanned; where there is nothing else, the whole.
    pub fn trimmed(self, text: &str) -> Self {
        let all = self.of(text);
        let kept = all.trim();
        if kept.is_empty() {
            return self;
        }
        let start = self.start + (all.len() - all.trim_start().len()) as u32;
        Self::new(start, start + kept.len() as u32)
    }

    /// The text spanned, empty where the span does not lie in `text` on character borders.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A line and a column, both from 0; the column counts UTF-16 units, as LSP and the JSON contract do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// UTF-16 units from the start of the line.
    pub character: u32,
}

/// Where each line of a text starts. A line ends with LF, CRLF or a lone CR.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// How many UTF-16 units come before each [`BLOCK`] of bytes: a line may be as long as the text. Empty where the
    /// text is ASCII, so that bytes are units.
    units: Vec<u32>,
}

/// Bytes whose UTF-16 units are counted when a place in them is asked for.
const BLOCK: usize = 256;

/// UTF-16 units that begin in bytes of UTF-8: one for each character, and one more for those of four bytes.
fn units(bytes: &[u8]) -> usize {
    let one = |b: &u8| usize::from(*b & 0xc0 != 0x80) + usize::from(*b >= 0xf0);
    bytes.iter().map(one).sum()
}

impl LineIndex {
    /// Reads the line starts of `text`; linear.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let lone = bytes.get(at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n');
            if lone {
                starts.push(at as u32 + 1);
            }
        }
        let mut sum = 0;
        // One more block than is full: a place may be the text's end.
        let before = |block: usize| {
            let before = sum as u32;
            let end = bytes.len().min((block + 1) * BLOCK);
            sum += units(bytes.get(block * BLOCK..end).unwrap_or_default());
            before
        };
        let units = match text.is_ascii() {
            true => Vec::new(),
            false => (0..=bytes.len() / BLOCK).map(before).collect(),
        };
        Self { starts, units }
    }

    /// UTF-16 units before a byte that begins a character, or before the text's end.
    fn units_before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        let Some(&before) = self.units.get(block) else {
            return offset;
        };
        before as usize + units(text.as_bytes().get(block * BLOCK..offset).unwrap_or_default())
    }

    /// The position of byte `offset`, clamped to the text.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .starts
            .partition_point(|&s| s as usize <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let character = self.units_before(text, offset) - self.units_before(text, start);
        Position {
            line: line as u32,
            character: character as u32,
        }
    }

    /// The byte offset of a position; a column beyond the line's end gives the line's end, a line beyond the text its end.
    pub fn offset(&self, text: &str, position: Position) -> u32 {
        let Some(&start) = self.starts.get(position.line as usize) else {
            return text.len() as u32;
        };
        let next = self
            .starts
            .get(position.line as usize + 1)
            .copied()
            .unwrap_or(text.len() as u32);
        let line = text.get(start as usize..next as usize).unwrap_or("");
        let line = line.trim_end_matches(['\n', '\r']);
        let mut units = 0u32;
        for (at, c) in line.char_indices() {
            if units >= position.character {
                return start + at as u32;
            }
            units += c.len_utf16() as u32;
        }
        start + line.len() as u32
    }

    /// Number of lines, at least 1.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_long_line_are_utf16_units() {
        let text = format!("{}😀ä", "ab\u{e4}\u{2014}😀".repeat(100));
        let index = LineIndex::new(&text);
        let mut character = 0;
        for (at, c) in text.char_indices() {
            assert_eq!(index.position(&text, at as u32), Position { line: 0, character });
            character += c.len_utf16() as u32;
        }
        assert_eq!(index.position(&text, text.len() as u32).character, character);
        assert_eq!(index.position(&text, u32::MAX).character, character);
    }

    #[test]
    fn columns_are_utf16_units_and_every_line_end_counts() {
        let text = "a\r\nbä😀c\rd\n";
        let index = LineIndex::new(text);
        assert_eq!(index.lines(), 4);
        let c = text.find('c').unwrap() as u32;
        let position = index.position(text, c);
        assert_eq!(
            position,
            Position {
                line: 1,
                character: 4
            }
        );
        assert_eq!(index.offset(text, position), c);
        assert_eq!(
            index.offset(
                text,
                Position {
                    line: 0,
                    character: 99
                }
            ),
            1
        );
        assert_eq!(
            index.offset(
                text,
                Position {
                    line: 99,
                    character: 0
                }
            ),
            text.len() as u32
        );
    }
}
