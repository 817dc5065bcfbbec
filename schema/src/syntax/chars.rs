//! Character classes of XML 1.0, fifth edition, section 2.2 and 2.3. Must not look at anything but characters.

/// May start a name (bytes from 0x80 on: perhaps, decode to know).
const START: u8 = 1;
/// May stand in a name (bytes from 0x80 on: perhaps, decode to know).
const INSIDE: u8 = 2;
/// White space.
const SPACE: u8 = 4;

const CLASSES: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut b = 0usize;
    while b < 256 {
        let c = b as u8;
        let mut class = 0;
        if c.is_ascii_alphabetic() || c == b'_' || c == b':' || c >= 0x80 {
            class |= START | INSIDE;
        }
        if c.is_ascii_digit() || c == b'-' || c == b'.' {
            class |= INSIDE;
        }
        if c == b' ' || c == b'\t' || c == b'\n' || c == b'\r' {
            class |= SPACE;
        }
        // Not slicing of input: `b` counts over the whole table at compile time.
        #[allow(clippy::indexing_slicing)]
        {
            table[b] = class;
        }
        b += 1;
    }
    table
};

#[inline(always)]
#[allow(clippy::indexing_slicing)] // a byte always lies in a table of 256
fn class(b: u8) -> u8 {
    CLASSES[b as usize]
}

/// White space: `S` of the grammar.
#[inline(always)]
pub fn is_space(b: u8) -> bool {
    class(b) & SPACE != 0
}

/// `NameStartChar`.
pub fn is_name_start(c: char) -> bool {
    if c.is_ascii() {
        return class(c as u8) & START != 0;
    }
    matches!(c as u32,
        0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x2FF | 0x370..=0x37D | 0x37F..=0x1FFF | 0x200C..=0x200D
        | 0x2070..=0x218F | 0x2C00..=0x2FEF | 0x3001..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFFD
        | 0x10000..=0xEFFFF)
}

/// `NameChar`.
pub fn is_name_char(c: char) -> bool {
    if c.is_ascii() {
        return class(c as u8) & INSIDE != 0;
    }
    is_name_start(c) || matches!(c as u32, 0xB7 | 0x300..=0x36F | 0x203F..=0x2040)
}

/// `Char`: what may stand in a document at all.
pub fn is_char(c: char) -> bool {
    matches!(c as u32, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x10000..=0x10FFFF)
}

/// True where a name starts at byte `at`.
#[inline(always)]
pub fn starts_name(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        Some(&b) if b < 0x80 => class(b) & START != 0,
        _ => wide_name_end(text, at) > at,
    }
}

/// Where the name that starts at byte `at` ends; `at` itself where none starts there.
#[inline]
pub fn name_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let first = bytes.get(at).copied().unwrap_or(0);
    if class(first) & START == 0 {
        return at;
    }
    name_tail(text, at, first >= 0x80)
}

#[inline]
fn name_tail(text: &str, at: usize, wide: bool) -> usize {
    let bytes = text.as_bytes();
    if !wide {
        let mut end = at + 1;
        while let Some(&b) = bytes.get(end) {
            if b >= 0x80 {
                return wide_name_end(text, at);
            }
            if class(b) & INSIDE == 0 {
                break;
            }
            end += 1;
        }
        return end;
    }
    wide_name_end(text, at)
}

#[cold]
fn wide_name_end(text: &str, at: usize) -> usize {
    let mut end = at;
    for c in text.get(at..).unwrap_or("").chars() {
        let fits = if end == at {
            is_name_start(c)
        } else {
            is_name_char(c)
        };
        if !fits {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// The first byte at or after `at` that is no white space, or the length.
#[inline]
pub fn space_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&b) = bytes.get(end) {
        if !is_space(b) {
            break;
        }
        end += 1;
    }
    end
}

/// True where the text may hold a character that XML forbids: a quick look at bytes, with false alarms.
pub fn has_suspects(bytes: &[u8]) -> bool {
    // Chunked so that the compiler can use vector instructions.
    let suspect = |b: u8| (b < 0x20) & (b != b'\n') & (b != b'\t') & (b != b'\r') | (b == 0xEF);
    bytes
        .chunks(4096)
        .any(|chunk| chunk.iter().fold(false, |bad, &b| bad | suspect(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_the_grammar_says() {
        assert_eq!(name_end("a-b.c:d e", 0), 7);
        assert_eq!(name_end("-a", 0), 0);
        assert_eq!(name_end("9", 0), 0);
        assert_eq!(name_end("größe=", 0), "größe".len());
        assert_eq!(name_end("a×b", 0), 1);
        assert_eq!(name_end("×", 0), 0);
    }

    #[test]
    fn suspects_are_found_and_plain_text_is_none() {
        assert!(!has_suspects("a\tb\r\nc ä 😀".as_bytes()));
        assert!(has_suspects(b"a\x01"));
        assert!(has_suspects("\u{FFFE}".as_bytes()));
    }
}
