//! The entities that a document type declaration declares, and whether a reference to one may stand where it does.
//! Nothing is fetched.

use rustc_hash::FxHashMap;

use super::expansion::Expansions;
use super::faults::{fault, shown};
use super::refs::{character, predefined};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

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
    pub(super) declared: FxHashMap<Box<str>, Entity>,
    /// Element and attribute as written, where the attribute's value is declared to be words.
    pub(super) words: rustc_hash::FxHashSet<(Box<str>, Box<str>)>,
    /// Declared names of elements and attributes with a colon that makes no prefix.
    pub(super) colons: rustc_hash::FxHashSet<Box<str>>,
    /// What is known of the expansion of those that were referred to.
    pub(super) expansions: Expansions,
    /// Those whose text has been read as content.
    pub(super) read: rustc_hash::FxHashSet<Box<str>>,
    /// Parts of the declaration lie outside the document, or could not be read, so that an unknown name proves nothing.
    pub(super) partial: bool,
}

/// Where a `<!DOCTYPE …>` ends, from its `<`; none where it never does.
pub(crate) fn doctype_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut inside) = (9, false);
    // Once there is no end of a section, it is not sought again.
    let mut sections = true;
    while let Some(&b) = bytes.get(at) {
        let rest = bytes.get(at..)?;
        match b {
            b'"' | b'\'' => at += memchr::memchr(b, rest.get(1..)?)? + 1,
            b'<' if rest.starts_with(b"<!--") => at += memchr::memmem::find(rest, b"-->")? + 2,
            b'<' if sections && rest.starts_with(b"<![") => match memchr::memmem::find(rest, b"]]>") {
                Some(n) => at += n + 2,
                None => sections = false,
            },
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

    /// True where an entity of that name is unparsed, or may be: declarations outside are not read.
    pub(super) fn may_be_unparsed(&self, name: &str) -> bool {
        match self.declared.get(name) {
            Some(entity) => matches!(entity, Entity::Unparsed),
            None => self.partial,
        }
    }

    /// True where the value of an attribute is declared to be words.
    pub(super) fn are_words(&self, element: &str, attribute: &str) -> bool {
        !self.words.is_empty() && self.words.contains(&(element.into(), attribute.into()))
    }

    /// Why a reference may not stand, in a value or in content. The name is one, or a good `#number`.
    pub(super) fn refuse(&mut self, name: &str, span: Span, value: bool) -> Option<Diagnostic> {
        if name.starts_with('#') || predefined(name).is_some() {
            return None;
        }
        let shown = shown(name);
        match self.declared.get(name) {
            Some(Entity::External) => Some(fault(
                "external-entity",
                span,
                format!("`&{shown};` names an external entity, which is never read"),
            )),
            Some(Entity::Unparsed) => Some(fault(
                "invalid-entity",
                span,
                format!("`&{shown};` names an entity that is not XML"),
            )),
            Some(Entity::Internal(_)) => {
                let expansion = self.expansion(name);
                if expansion.size.is_none() {
                    return Some(fault(
                        "entity-expansion",
                        span,
                        format!("`&{shown};` expands without end or beyond 1 MB"),
                    ));
                }
                let what = expansion.bad_in_value.filter(|_| value)?;
                Some(fault(
                    "invalid-entity",
                    span,
                    format!("`&{shown};` brings {what}, which may not stand in a value"),
                ))
            }
            None if self.partial => None,
            None => Some(
                fault("unknown-entity", span, format!("there is no entity `{shown}`"))
                    .help("XML itself has `amp`, `lt`, `gt`, `quot` and `apos`"),
            ),
        }
    }
}
