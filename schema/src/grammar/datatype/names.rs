//! XML names, as RELAX NG and XML Schema 1.0 mean them: those of XML 1.0 before its fifth edition (appendix B there:
//! a name begins with a letter, marks and digits follow).

use std::sync::OnceLock;

use regex::Regex;

fn category(cell: &'static OnceLock<Option<Regex>>, class: &str, c: char) -> bool {
    let regex = cell.get_or_init(|| Regex::new(class).ok());
    regex
        .as_ref()
        .is_some_and(|r| r.is_match(c.encode_utf8(&mut [0; 4])))
}

/// True for a character that a name may begin with; the colon is left to the caller.
pub fn starts_name(c: char) -> bool {
    static LETTER: OnceLock<Option<Regex>> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphabetic() || c == '_';
    }
    !matches!(c, '\u{F900}'..='\u{FFFE}') && category(&LETTER, r"^[\p{L}\p{Nl}]$", c)
}

/// True for a character that a name may hold; the colon is left to the caller.
pub fn in_name(c: char) -> bool {
    static MARK: OnceLock<Option<Regex>> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    }
    c == '\u{B7}' || starts_name(c) || category(&MARK, r"^[\p{M}\p{Nd}]$", c)
}

/// A name without colon.
pub fn is_ncname(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(in_name)
}

/// A name, colons allowed.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c| starts_name(c) || c == ':') && is_nmtoken(text)
}

/// One or more name characters.
pub fn is_nmtoken(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| in_name(c) || c == ':')
}
