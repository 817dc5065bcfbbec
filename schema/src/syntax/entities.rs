//! References and the entities that a document type declaration declares. Nothing is fetched; expansion is bounded
//! in size and depth, and checked where a reference stands.

use rustc_hash::FxHashMap;

use super::dtd;
use super::faults::fault;
use super::refs::{character, predefined};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// How many bytes one reference may become.
const MAX_EXPANSION: usize = 1 << 20;
const MAX_DEPTH: usize = 20;

/// What a general entity is.
#[derive(Debug, Clone)]
pub(super) enum Entity {
    /// Its replacement text (XML 1.0, section 4.5).
    Internal(Box<str>),
    /// Never read.
    External,
    /// Of a notation; not XML.
    Unparsed,
}

/// The general entities of one document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entities {
    declared: FxHashMap<Box<str>, Entity>,
    /// Element and attribute as written, where the attribute's value is declared to be words.
    pub(super) words: rustc_hash::FxHashSet<(Box<str>, Box<str>)>,
    /// Those whose text has been read as content.
    pub(super) read: rustc_hash::FxHashSet<Box<str>>,
    /// Parts of the declaration lie outside the document, or could not be read, so that an unknown name proves nothing.
    pub(super) partial: bool,
}

/// Where a `<!DOCTYPE …>` ends, from its `<`; none where it never does.
pub(crate) fn doctype_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut inside) = (9, false);
    while let Some(&b) = bytes.get(at) {
        let rest = bytes.get(at..)?;
        match b {
            b'"' | b'\'' => at += memchr::memchr(b, rest.get(1..)?)? + 1,
            b'<' if rest.starts_with(b"<!--") => at += memchr::memmem::find(rest, b"-->")? + 2,
            b'<' if rest.starts_with(b"<![") => at += memchr::memmem::find(rest, b"]]>").map_or(0, |n| n + 2),
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

/// The replacement text of an entity's value: character references resolved, the others left.
pub(super) fn replacement(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(n) = rest.find("&#") {
        let (head, tail) = rest.split_at(n);
        out.push_str(head);
        let end = tail.find(';').unwrap_or(1);
        match tail.get(1..end).and_then(character) {
            Some(c) => {
                out.push(c);
                rest = tail.get(end + 1..).unwrap_or("");
            }
            None => {
                out.push_str("&#");
                rest = tail.get(2..).unwrap_or("");
            }
        }
    }
    out.push_str(rest);
    out
}

impl Entities {
    /// Declares an entity; the first declaration counts.
    pub(super) fn declare(&mut self, name: &str, entity: Entity) {
        if !self.declared.contains_key(name) {
            self.declared.insert(name.into(), entity);
        }
    }

    /// The replacement text of an internal entity.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.declared.get(name) {
            Some(Entity::Internal(text)) if predefined(name).is_none() => Some(text),
            _ => None,
        }
    }

    /// True where the value of an attribute is declared to be words.
    pub(super) fn are_words(&self, element: &str, attribute: &str) -> bool {
        !self.words.is_empty() && self.words.contains(&(element.into(), attribute.into()))
    }

    /// Why a reference may not stand, in a value or in content. The name is one, or a good `#number`.
    pub(super) fn refuse(&self, name: &str, span: Span, value: bool) -> Option<Diagnostic> {
        if name.starts_with('#') || predefined(name).is_some() {
            return None;
        }
        match self.declared.get(name) {
            Some(Entity::External) => Some(fault(
                "external-entity",
                span,
                format!("`&{name};` names an external entity, which is never read"),
            )),
            Some(Entity::Unparsed) => Some(fault(
                "invalid-entity",
                span,
                format!("`&{name};` names an entity that is not XML"),
            )),
            Some(Entity::Internal(_)) => {
                if !self.grow(name, 0, &mut 0) {
                    return Some(fault(
                        "entity-expansion",
                        span,
                        format!("`&{name};` expands without end or beyond 1 MB"),
                    ));
                }
                let what = if value {
                    self.bad_in_value(name, 0, &mut 0)?
                } else {
                    return None;
                };
                Some(fault(
                    "invalid-entity",
                    span,
                    format!("`&{name};` brings {what}, which may not stand in a value"),
                ))
            }
            None if self.partial => None,
            None => Some(
                fault("unknown-entity", span, format!("there is no entity `{name}`"))
                    .help("XML itself has `amp`, `lt`, `gt`, `quot` and `apos`"),
            ),
        }
    }

    /// What an entity brings that no value may hold. `seen` bounds the search.
    fn bad_in_value(&self, name: &str, depth: usize, seen: &mut usize) -> Option<&'static str> {
        *seen += 1;
        let text = match self.declared.get(name) {
            _ if name.starts_with('#') || predefined(name).is_some() => return None,
            Some(Entity::Internal(text)) => text,
            Some(_) => return Some("another entity that is never read"),
            None if self.partial => return None,
            None => return Some("an entity that is not declared"),
        };
        if text.contains('<') {
            return Some("a `<`");
        }
        for (at, _) in text.match_indices('&') {
            let Some(inner) = dtd::reference(text, at) else {
                return Some("a lone `&`");
            };
            if depth < MAX_DEPTH && *seen < 10_000 {
                let found = self.bad_in_value(inner, depth + 1, seen);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
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
        // Every reference counts, so that a tree of empty entities ends as well.
        *size += 1;
        let mut pieces = value.split('&');
        *size += pieces.next().map_or(0, str::len);
        for piece in pieces {
            let (inner, tail) = piece.split_once(';').unwrap_or(("", piece));
            *size += tail.len();
            if predefined(inner).is_none() && !self.grow(inner, depth + 1, size) {
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

    /// A value of words: blanks collapsed.
    pub(super) fn expand_words(&self, text: &str) -> String {
        let plain = self.expand(text, true);
        let words: Vec<&str> = plain.split(' ').filter(|w| !w.is_empty()).collect();
        words.join(" ")
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
                    let known = character(name).or_else(|| predefined(name));
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
