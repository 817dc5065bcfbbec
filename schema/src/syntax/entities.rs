//! References and the entities that a document type declaration declares. Nothing is fetched; expansion is bounded
//! in size and depth, and checked where a reference stands.

use rustc_hash::FxHashMap;

use super::parse::error;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::text::Span;

/// How many bytes one reference may become.
const MAX_EXPANSION: usize = 1 << 20;
const MAX_DEPTH: usize = 20;

#[derive(Debug, Clone)]
enum Entity {
    Internal(Box<str>),
    External,
}

/// The general entities of one document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entities {
    declared: FxHashMap<Box<str>, Entity>,
    /// Parts of the declaration lie outside the document, so that an unknown name proves nothing.
    partial: bool,
}

/// Where a `<!DOCTYPE …>` ends, from its `<`; none where it never does.
pub(crate) fn doctype_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut inside) = (9, false);
    while let Some(&b) = bytes.get(at) {
        let rest = bytes.get(at..)?;
        match b {
            b'"' | b'\'' => at += memchr::memchr(b, rest.get(1..)?)? + 1,
            b'<' if rest.starts_with(b"<!--") => at += memchr::memmem::find(rest, b"-->")? + 2,
            b'<' if rest.starts_with(b"<?") => at += memchr::memmem::find(rest, b"?>")? + 1,
            b'[' => inside = true,
            b']' => inside = false,
            b'>' if !inside => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

impl Entities {
    /// Reads the declarations of a document type declaration that stands at `base`.
    pub(crate) fn read(&mut self, text: &str, base: u32) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if text.contains('%')
            || text
                .split('[')
                .next()
                .is_some_and(|head| head.contains("SYSTEM") || head.contains("PUBLIC"))
        {
            self.partial = true;
        }
        let mut rest = text;
        while let Some(n) = rest.find("<!ENTITY") {
            rest = rest.get(n + 8..).unwrap_or("");
            let at = base + (text.len() - rest.len()) as u32;
            let body = rest.trim_start();
            if body.starts_with('%') {
                continue;
            }
            let name_len = body.find(|c: char| c.is_whitespace()).unwrap_or(0);
            let (name, after) = body.split_at(name_len);
            let after = after.trim_start();
            let quote = after.chars().next().unwrap_or(' ');
            let entity = if quote == '"' || quote == '\'' {
                let value = after.get(1..).unwrap_or("");
                match value.find(quote) {
                    Some(end) => Entity::Internal(value.get(..end).unwrap_or("").into()),
                    None => continue,
                }
            } else if after.starts_with("SYSTEM") || after.starts_with("PUBLIC") {
                Entity::External
            } else {
                faults.push(error(
                    "invalid-entity",
                    Span::new(at, at + name_len as u32 + 1),
                    format!("the declaration of entity `{name}` is not well-formed"),
                ));
                continue;
            };
            self.declared.entry(name.into()).or_insert(entity);
        }
        faults
    }

    /// Checks the reference at the start of `text`, which stands at byte `at`.
    pub(crate) fn check(&self, text: &str, at: u32) -> Result<(), Diagnostic> {
        let end = text.get(1..).and_then(|t| {
            t.find(|c: char| !(c.is_alphanumeric() || matches!(c, '#' | '_' | '-' | '.' | ':')))
        });
        let Some(end) = end.filter(|&e| e > 0 && text.as_bytes().get(e + 1) == Some(&b';')) else {
            let span = Span::new(at, at + 1);
            let mut found = error("stray-ampersand", span, "`&` begins no reference")
                .label("write `&amp;` for the character");
            found.fixes.push(Fix {
                title: "write `&amp;`".into(),
                edits: vec![Edit {
                    span,
                    new_text: "&amp;".into(),
                }],
                safe: true,
            });
            return Err(found);
        };
        let name = text.get(1..end + 1).unwrap_or("");
        let span = Span::new(at, at + end as u32 + 2);
        if let Some(number) = name.strip_prefix('#') {
            return match character(number) {
                Some(_) => Ok(()),
                None => Err(error(
                    "invalid-reference",
                    span,
                    format!("`&{name};` names no character that XML allows"),
                )),
            };
        }
        if predefined(name).is_some() {
            return Ok(());
        }
        match self.declared.get(name) {
            Some(Entity::External) => Err(error(
                "external-entity",
                span,
                format!("`&{name};` names an external entity, which is never read"),
            )),
            Some(Entity::Internal(_)) => match self.grow(name, 0, &mut 0) {
                true => Ok(()),
                false => Err(error(
                    "entity-expansion",
                    span,
                    format!("`&{name};` expands without end or beyond 1 MB"),
                )),
            },
            None if self.partial => Ok(()),
            None => Err(
                error("unknown-entity", span, format!("there is no entity `{name}`"))
                    .help("XML itself has `amp`, `lt`, `gt`, `quot` and `apos`"),
            ),
        }
    }

    /// Adds up what an entity becomes; false where that is too much.
    fn grow(&self, name: &str, depth: usize, size: &mut usize) -> bool {
        if depth > MAX_DEPTH || *size > MAX_EXPANSION {
            return false;
        }
        let Some(Entity::Internal(value)) = self.declared.get(name) else {
            *size += 1;
            return true;
        };
        let mut pieces = value.split('&');
        *size += pieces.next().map_or(0, str::len);
        for piece in pieces {
            let (inner, tail) = piece.split_once(';').unwrap_or(("", piece));
            *size += tail.len();
            if !self.grow(inner, depth + 1, size) {
                return false;
            }
        }
        *size <= MAX_EXPANSION
    }

    /// Text with its references resolved; in a value, white space becomes spaces. Line ends become LF.
    pub(crate) fn expand(&self, text: &str, value: bool) -> String {
        let mut out = String::with_capacity(text.len());
        self.expand_into(text, value, 0, &mut out);
        out
    }

    fn expand_into(&self, text: &str, value: bool, depth: usize, out: &mut String) {
        let mut rest = text;
        while let Some(n) = rest.find(['&', '\r', '\n', '\t']) {
            let (head, tail) = rest.split_at(n);
            out.push_str(head);
            match tail.as_bytes().first() {
                Some(b'&') => {
                    let end = tail.find(';');
                    let name = end.and_then(|e| tail.get(1..e)).unwrap_or("");
                    let known = if let Some(number) = name.strip_prefix('#') {
                        character(number)
                    } else {
                        predefined(name)
                    };
                    match (known, self.declared.get(name)) {
                        (Some(c), _) => out.push(c),
                        (None, Some(Entity::Internal(inner)))
                            if depth < MAX_DEPTH && out.len() < MAX_EXPANSION =>
                        {
                            self.expand_into(inner, value, depth + 1, out);
                        }
                        _ => {
                            out.push('&');
                            rest = tail.get(1..).unwrap_or("");
                            continue;
                        }
                    }
                    rest = end.and_then(|e| tail.get(e + 1..)).unwrap_or("");
                }
                Some(b'\r') => {
                    out.push(if value { ' ' } else { '\n' });
                    let after = tail.get(1..).unwrap_or("");
                    rest = after.strip_prefix('\n').unwrap_or(after);
                }
                Some(&b) => {
                    out.push(if value { ' ' } else { b as char });
                    rest = tail.get(1..).unwrap_or("");
                }
                None => return,
            }
        }
        out.push_str(rest);
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The character of `#number` or `#xNUMBER`, where XML 1.0 (section 2.2) allows it.
fn character(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    (matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}') || c >= '\u{10000}').then_some(c)
}
