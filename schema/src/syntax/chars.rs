//! Character classes of XML 1.0, fifth edition, section 2.2 and 2.3. Must not look at anything but characters.

/// May start a name (bytes from 0x80 on: perhaps, decode to know).
const START: u8 = 1;
/// May stand in a name, among ASCII.
const INSIDE: u8 = 2;
/// White space.
const SPACE: u8 = 4;
/// Stands for itself in a value, whatever quotes it.
const PLAIN: u8 = 8;
/// Goes on with text: neither the start of mark-up nor of `]]>`.
const TEXT: u8 = 16;

const CLASSES: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut b = 0usize;
    while b < 256 {
        let c = b as u8;
        let mut class = 0;
        if c.is_ascii_alphabetic() || c == b'_' || c == b':' {
            class |= START | INSIDE;
        }
        if c >= 0x80 {
            class |= START;
        }
        if c.is_ascii_digit() || c == b'-' || c == b'.' {
            class |= INSIDE;
        }
        if c == b' ' || c == b'\t' || c == b'\n' || c == b'\r' {
            class |= SPACE;
        }
        if !matches!(c, b'"' | b'\'' | b'<' | b'&' | b'\t' | b'\n' | b'\r') {
            class |= PLAIN;
        }
        if !matches!(c, b'<' | b'&' | b']') {
            class |= TEXT;
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

/// How many of the first bytes are of a class.
#[inline(always)]
fn run(bytes: &[u8], of: u8) -> usize {
    let mut end = 0;
    // Fewer instructions than `Iterator::position` takes.
    while let Some(&b) = bytes.get(end) {
        if class(b) & of == 0 {
            break;
        }
        end += 1;
    }
    end
}

/// So far it is quicker to look at each byte than to call for a search.
const NEAR: usize = 64;

/// How many bytes from `at` on stand for themselves in a value, where it ends near.
#[inline]
pub fn plain(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    run(rest.get(..NEAR).unwrap_or(rest), PLAIN)
}

/// True where a value is not read as it is written: it has references, or white space that is read as blanks.
pub fn is_rewritten(value: &str) -> bool {
    value.bytes().any(|b| matches!(b, b'&' | b'\t' | b'\n' | b'\r'))
}

/// How many bytes from `at` on are text before `<`, `&` or `]`; none where the text ends first.
#[inline]
pub fn text(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let near = rest.get(..NEAR).unwrap_or(rest);
    match run(near, TEXT) {
        NEAR.. => Some(NEAR + memchr::memchr3(b'<', b'&', b']', rest.get(NEAR..)?)?),
        found => (found < rest.len()).then_some(found),
    }
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
    let rest = text.as_bytes().get(at..).unwrap_or(&[]);
    let first = rest.first().copied().unwrap_or(0);
    if class(first) & START == 0 {
        return at;
    }
    let length = run(rest, INSIDE);
    if rest.get(length).is_some_and(|b| *b >= 0x80) {
        return wide_name_end(text, at);
    }
    at + length
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

/// Eight blanks, compared at once.
const BLANKS: u64 = u64::from_ne_bytes(*b"        ");

/// The first byte at or after `at` that is no white space, or the length.
#[inline]
pub fn space_end(bytes: &[u8], at: usize) -> usize {
    let mut rest = bytes.get(at..).unwrap_or(&[]);
    // Most is a line's end and what it is indented by.
    if let [b'\n', more @ ..] = rest {
        rest = more;
    }
    while let Some((eight, more)) = rest.split_first_chunk()
        && u64::from_ne_bytes(*eight) == BLANKS
    {
        rest = more;
    }
    let more = run(rest, SPACE);
    bytes.len().saturating_sub(rest.len()).max(at) + more
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
    fn runs_end_at_what_they_are_not_of_near_and_far() {
        for length in [0, 1, 7, 8, 9, 63, 64, 65, 200] {
            let blank = format!("\n{}", " ".repeat(length));
            for end in ["", "x", "\t\n x", " ä"] {
                let text = format!("ab{blank}{end}");
                let spaces = end.len() - end.trim_start().len();
                assert_eq!(space_end(text.as_bytes(), 2), 3 + length + spaces, "{text:?}");
            }
            let words = "w".repeat(length);
            assert_eq!(plain(format!("\"{words}'").as_bytes(), 1), length.min(NEAR));
            assert_eq!(super::text(words.as_bytes(), 0), None);
            for end in ['<', '&', ']'] {
                assert_eq!(super::text(format!("{words}{end}<").as_bytes(), 0), Some(length));
            }
        }
        assert_eq!(space_end(b"a", 1), 1);
        assert_eq!(space_end(b"a", 5), 5);
    }

    #[test]
    fn suspects_are_found_and_plain_text_is_none() {
        assert!(!has_suspects("a\tb\r\nc ä 😀".as_bytes()));
        assert!(has_suspects(b"a\x01"));
        assert!(has_suspects("\u{FFFE}".as_bytes()));
    }
}
