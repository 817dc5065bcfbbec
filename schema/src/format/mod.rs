//! Which mark-up a text is written in, and its tree: XML, YAML, JSON or TOML, as KIWI reads them. The latter three
//! become a tree of the same shape whose spans lie in the user's own text; they are told by what the text begins with.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::syntax::{Tree, decode, parse_bytes, parse_shared};
use crate::text::Span;

mod build;
mod json;
mod number;
mod toml;
mod xml;
mod yaml;

pub use xml::to_xml;

/// A mark-up that a description can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// Elements and attributes.
    Xml,
    /// `@name` keys are attributes, `#text` is the text, lists are repeated elements.
    Yaml,
    /// The same in JSON.
    Json,
    /// The same in TOML.
    Toml,
}

/// The mark-up of a text: what its name says, else what it begins with. Whatever begins with no key `image` is XML.
pub fn markup(path: &Path, text: &str) -> Markup {
    let start = text.trim_start();
    if start.starts_with('<') {
        return Markup::Xml;
    }
    match path.extension().and_then(|e| e.to_str()) {
        Some("yaml" | "yml") => return Markup::Yaml,
        Some("json") => return Markup::Json,
        Some("toml") => return Markup::Toml,
        _ => {}
    }
    if start.starts_with('{') {
        return Markup::Json;
    }
    let lines = start.lines().map(str::trim_end);
    let first = lines
        .filter(|l| !l.is_empty() && !l.starts_with(['#', '%']) && *l != "---")
        .find(|l| !l.starts_with([' ', '\t', '-']));
    let Some(line) = first else { return Markup::Xml };
    let bare = line.trim_start_matches(['[', '"', '\'']);
    match bare.strip_prefix("image") {
        Some(rest) if rest.starts_with(['.', ']', '=']) || rest.trim_start().starts_with('=') => Markup::Toml,
        Some(rest) if rest.trim_start_matches(['"', '\'', ' ']).starts_with(':') => Markup::Yaml,
        _ => Markup::Xml,
    }
}

/// The tree of bytes, whatever their mark-up.
pub fn parse(path: &Path, bytes: &[u8]) -> Tree {
    // Nearly all are XML: those are not decoded twice.
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = head.iter().find(|b| !b.is_ascii_whitespace());
    if first == Some(&b'<') {
        return parse_bytes(bytes);
    }
    let (text, fault) = decode(bytes);
    match (markup(path, &text), fault) {
        (Markup::Xml, _) => parse_bytes(bytes),
        (_, Some(fault)) => build::refused(text.into(), fault),
        (_, None) => parse_text(path, text.into()),
    }
}

/// The tree of a text, whatever its mark-up.
pub fn parse_text(path: &Path, text: Arc<str>) -> Tree {
    let value = match markup(path, &text) {
        Markup::Xml => return parse_shared(text),
        Markup::Yaml => yaml::read(&text),
        Markup::Json => json::read(&text),
        Markup::Toml => toml::read(&text),
    };
    match value {
        Ok(value) => build::tree(&text, value),
        Err(fault) => build::refused(text.clone(), fault),
    }
}

/// A key of a text that is no description, its place, and its value where that is one word.
pub(crate) type Named<'t> = (Cow<'t, str>, Span, Option<(Cow<'t, str>, Span)>);

/// The keys of a text in YAML, JSON or TOML, wherever they stand, or what keeps it from being read.
pub(crate) fn keys(text: &str, markup: Markup) -> Result<Vec<Named<'_>>, Diagnostic> {
    let value = match markup {
        Markup::Xml => return Ok(Vec::new()),
        Markup::Yaml => yaml::read(text),
        Markup::Json => json::read(text),
        Markup::Toml => toml::read(text),
    }?;
    let mut out = Vec::new();
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::List(items, _) => left.extend(items),
            Value::Map(pairs, _) => {
                for (key, value) in pairs {
                    let word = match &value {
                        Value::Scalar(word) => Some((word.text.clone(), word.span)),
                        _ => None,
                    };
                    out.push((key.text, key.span, word));
                    left.push(value);
                }
            }
            Value::Scalar(_) | Value::Null(_) => {}
        }
    }
    out.sort_by_key(|(_, span, _)| span.start);
    Ok(out)
}

/// The tree of a text that an editor holds, with what is wrong with its encoding (see [`encoding_fault`]) in place of all
/// that follows from it.
///
/// [`encoding_fault`]: crate::syntax::encoding_fault
pub fn parse_edited(path: &Path, text: Arc<str>, fault: Option<Diagnostic>) -> Tree {
    let Some(fault) = fault else {
        return parse_text(path, text);
    };
    match markup(path, &text) {
        Markup::Xml => {
            let mut tree = parse_shared(text);
            tree.errors = vec![fault];
            tree
        }
        _ => build::refused(text, fault),
    }
}

/// A key or a value with its bytes: without quotes, and without the `@` of an attribute.
#[derive(Debug, Clone)]
struct Word<'t> {
    text: Cow<'t, str>,
    span: Span,
    /// Another plain word can stand there.
    free: bool,
    /// Written bare, so that it may be a number, in this mark-up.
    bare: Option<Markup>,
}

#[derive(Debug, Clone)]
enum Value<'t> {
    Null(Span),
    Scalar(Word<'t>),
    List(Vec<Value<'t>>, Span),
    Map(Pairs<'t>, Span),
}

type Pairs<'t> = Vec<(Word<'t>, Value<'t>)>;

impl Value<'_> {
    fn span(&self) -> Span {
        match self {
            Self::Scalar(word) => word.span,
            Self::Null(span) | Self::List(_, span) | Self::Map(_, span) => *span,
        }
    }
}

/// The keys of a mapping that is being read: tells one that is given twice, without a look at all before it.
#[derive(Debug, Default)]
struct Keys {
    /// Where there are more than a few.
    seen: HashSet<u64>,
    state: RandomState,
}

impl Keys {
    /// Keys that are looked at one by one.
    const FEW: usize = 16;

    /// The same key among `pairs`, which are all there are so far; notes this one.
    fn again<'p, 't>(&mut self, pairs: &'p [(Word<'t>, Value<'t>)], key: &str) -> Option<&'p Word<'t>> {
        if pairs.len() >= Self::FEW {
            if self.seen.is_empty() {
                self.seen = pairs.iter().map(|(w, _)| self.state.hash_one(&*w.text)).collect();
            }
            if self.seen.insert(self.state.hash_one(key)) {
                return None;
            }
        }
        pairs.iter().map(|(w, _)| w).find(|w| w.text == key)
    }
}

/// Beyond this depth no description goes; deeper ones are refused.
const DEPTH: usize = 100;

/// Values that a text of so many bytes may hold. Each becomes some hundred bytes of a tree: of a text that has one in two
/// bytes, and is no description, it would be many times the text.
fn most_values(bytes: usize) -> usize {
    10_000 + bytes / 10
}

/// The words for a text with more.
const TOO_MANY: &str = "the text nests or repeats more than a description ever does";

fn fault(code: &'static str, span: Span, message: impl Into<crate::words::Words>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Source::Xml, span, message)
}

#[cfg(test)]
mod tests;
