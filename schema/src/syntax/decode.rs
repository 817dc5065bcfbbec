//! From bytes to text: byte order mark, XML declaration, UTF-8, UTF-16, ISO-8859-1 and US-ASCII.

use super::parse::{error, parse, parse_shared};
use super::*;

/// Decodes bytes as the byte order mark and the XML declaration say, then parses. A byte order mark is not part of
/// the text. Bytes that are not what they claim to be are an error of the tree, at the first wrong one.
pub fn parse_bytes(bytes: &[u8]) -> Tree {
    if let Some(text) = plain(bytes) {
        return parse_shared(text.into());
    }
    let (text, fault) = decode(bytes);
    let mut tree = parse(&text);
    if let Some(fault) = fault {
        // What follows a wrong encoding is no finding of its own.
        tree.errors = vec![fault];
    }
    tree
}

/// The text of bytes that are UTF-8 and say nothing else, as nearly all are: without a copy.
fn plain(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(200)).unwrap_or(&[]);
    let utf8 = declared_encoding(head).is_none_or(|e| matches!(&*e.to_ascii_lowercase(), "utf-8" | "utf8"));
    let text = std::str::from_utf8(bytes).ok()?;
    (utf8 && !text.starts_with('\u{FEFF}')).then_some(text)
}

/// The text of bytes, and what is wrong with them.
pub fn decode(bytes: &[u8]) -> (String, Option<Diagnostic>) {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        let (text, fault) = utf8(rest);
        let fault = fault.or_else(|| against_mark(&text, &["utf-8", "utf8"]));
        return (text, fault);
    }
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).map(|pair| {
            unit([
                pair.first().copied().unwrap_or(0),
                pair.get(1).copied().unwrap_or(0),
            ])
        });
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{FFFD}'))
            .collect();
        let fault = (text.contains('\u{FFFD}') || rest.len() % 2 == 1)
            .then(|| error("wrong-encoding", Span::empty(0), "the text is not valid UTF-16"))
            .or_else(|| {
                against_mark(
                    &text,
                    &["utf-16", "utf16", "utf-16le", "utf-16be", "iso-10646-ucs-2"],
                )
            });
        (text, fault)
    };
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes);
    }
    let head = bytes.get(..bytes.len().min(200)).unwrap_or(&[]);
    let declared = declared_encoding(head).unwrap_or_default();
    match declared.to_ascii_lowercase().as_str() {
        "" | "utf-8" | "utf8" => utf8(bytes),
        "us-ascii" | "ascii" => {
            let (text, fault) = utf8(bytes);
            let bad = bytes.iter().position(|b| *b >= 0x80);
            (
                text,
                fault.or_else(|| {
                    bad.map(|at| {
                        error(
                            "wrong-encoding",
                            Span::empty(at as u32),
                            "the text is declared `us-ascii` but has other characters",
                        )
                    })
                }),
            )
        }
        "iso-8859-1" | "latin1" => (bytes.iter().map(|&b| b as char).collect(), None),
        _ => {
            let (text, _) = utf8(bytes);
            let at = text.find(&declared).unwrap_or(0) as u32;
            let utf16 = declared.to_ascii_lowercase().starts_with("utf-16");
            let (code, words) = match utf16 {
                true => (
                    "wrong-encoding",
                    format!("the text is declared `{declared}` but is not written in it"),
                ),
                false => (
                    "unknown-encoding",
                    format!("the encoding `{declared}` is not supported"),
                ),
            };
            let span = Span::new(at, at + declared.len() as u32);
            let fault =
                error(code, span, words).help("save the file as UTF-8 and declare `encoding=\"utf-8\"`");
            (text, Some(fault))
        }
    }
}

/// A declared encoding that the byte order mark belies (XML 1.0, section 4.3.3).
fn against_mark(text: &str, fine: &[&str]) -> Option<Diagnostic> {
    let head = text.as_bytes().get(..text.len().min(200)).unwrap_or(&[]);
    let declared = declared_encoding(head)?;
    if fine.contains(&declared.to_ascii_lowercase().as_str()) {
        return None;
    }
    let at = text.find(&declared).unwrap_or(0) as u32;
    let span = Span::new(at, at + declared.len() as u32);
    let words = format!(
        "the text is declared `{declared}` but its first bytes say `{}`",
        fine.first()?
    );
    Some(error("wrong-encoding", span, words))
}

fn utf8(bytes: &[u8]) -> (String, Option<Diagnostic>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(bad) => {
            let at = bad.valid_up_to() as u32;
            let text = String::from_utf8_lossy(bytes).into_owned();
            let end = (at + 3).min(text.len() as u32);
            (
                text,
                Some(
                    error(
                        "wrong-encoding",
                        Span::new(at, end),
                        "the text is not valid UTF-8",
                    )
                    .help("save the file as UTF-8, or declare its encoding in the first line"),
                ),
            )
        }
    }
}

pub(super) fn declared_encoding(head: &[u8]) -> Option<String> {
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = memchr::memmem::find(head, b"?>").unwrap_or(head.len());
    let declaration = String::from_utf8_lossy(head.get(..end)?);
    let after = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = after.get(1..)?.split(quote).next()?;
    // What is no name at all is for the declaration's reader to tell.
    is_encoding_name(name).then(|| name.to_owned())
}

/// XML 1.0, production 81.
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// XML 1.0, production 23: version, then encoding, then standalone, each at most once.
pub(super) fn declaration_is_sound(text: &str) -> bool {
    let Some(body) = text.strip_prefix("<?xml").and_then(|t| t.strip_suffix("?>")) else {
        return false;
    };
    let mut rest = body;
    let mut names = Vec::new();
    while !rest.trim().is_empty() {
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if trimmed.len() == rest.len() {
            return false;
        }
        let Some((name, after)) = trimmed.split_once('=') else {
            return false;
        };
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return false;
        };
        let Some((value, tail)) = after.get(1..).and_then(|a| a.split_once(quote)) else {
            return false;
        };
        let name = name.trim_end();
        let sound = match name {
            "version" => value
                .strip_prefix("1.")
                .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())),
            "encoding" => is_encoding_name(value),
            "standalone" => matches!(value, "yes" | "no"),
            _ => false,
        };
        if !sound {
            return false;
        }
        names.push(name);
        rest = tail;
    }
    matches!(
        names.as_slice(),
        ["version"]
            | ["version", "encoding"]
            | ["version", "standalone"]
            | ["version", "encoding", "standalone"]
    )
}
