//! TOML as values with their places. Knows nothing of images.

use std::borrow::Cow;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{DEPTH, Markup, Pairs, TOO_MANY, Value, Word, fault};
use crate::diagnostic::Diagnostic;
use crate::syntax::let_go;
use crate::text::Span;

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

/// Separators that any text may have, and bytes for each beyond: the reader and the tree behind it take up to five hundred
/// bytes for what stands before one. Packages have at least fourteen, in whatever form.
const MOST: usize = 10_000;
const EACH: usize = 12;
const OPENS: usize = 4;

/// The whole text.
pub(super) fn read(text: &str) -> Result<Value<'_>, Diagnostic> {
    // The reader takes the text as a whole: what separates values says how many there are at most.
    let most = MOST + text.len() / EACH;
    if let Some(at) = memchr::memchr3_iter(b',', b'=', b'.', text.as_bytes()).nth(most) {
        return Err(fault("invalid-toml", Span::empty(at as u32), TOO_MANY));
    }
    // So does what opens them, which takes less.
    let most = MOST + text.len() / OPENS;
    if let Some(at) = memchr::memchr2_iter(b'[', b'{', text.as_bytes()).nth(most) {
        return Err(fault("invalid-toml", Span::empty(at as u32), TOO_MANY));
    }
    // What the tree before this one has left is not held beside what the reader takes.
    let_go();
    let table = DeTable::parse(text).map_err(|e| {
        let at = e.span().map_or(Span::empty(0), span);
        let reason = e.message().trim().replace('\n', ", ");
        fault(
            "invalid-toml",
            at,
            format!("the text is not well-formed: {reason}"),
        )
    })?;
    let place = span(table.span());
    map(table.into_inner(), place, text, 0)
}

/// Takes the reader's table apart, so that its memory goes as that of the values comes.
fn map<'t>(table: DeTable<'t>, place: Span, text: &'t str, depth: usize) -> Result<Value<'t>, Diagnostic> {
    if depth > DEPTH {
        return Err(fault(
            "invalid-toml",
            place,
            "the text nests more than a description ever does",
        ));
    }
    let mut pairs = Pairs::with_capacity(table.len());
    for (key, value) in table {
        let place = span(key.span());
        pairs.push((word(key.into_inner(), place, text), one(value, text, depth)?));
    }
    // Tables that are opened again, or by dots, come late; the grammar wants keys as they are written.
    pairs.sort_unstable_by_key(|(w, _)| w.span);
    // A table's own place is its heading.
    let place = pairs.iter().fold(place, |place, (key, value)| {
        place.cover(key.span).cover(value.span())
    });
    Ok(Value::Map(pairs, place))
}

fn one<'t>(value: Spanned<DeValue<'t>>, text: &'t str, depth: usize) -> Result<Value<'t>, Diagnostic> {
    let place = span(value.span());
    let (written, number) = match value.into_inner() {
        DeValue::Table(table) => return map(table, place, text, depth + 1),
        DeValue::Array(items) => {
            let items: Result<Vec<_>, _> = items.into_iter().map(|v| one(v, text, depth + 1)).collect();
            return Ok(Value::List(items?, place));
        }
        DeValue::String(s) => return Ok(Value::Scalar(word(s, place, text))),
        DeValue::Boolean(b) => (Cow::Borrowed(if b { "true" } else { "false" }), false),
        DeValue::Datetime(d) => (d.to_string().into(), false),
        DeValue::Integer(_) | DeValue::Float(_) => {
            let written = place.of(text);
            let plain = match written.contains('_') {
                true => written.replace('_', "").into(),
                false => Cow::Borrowed(written),
            };
            (plain, true)
        }
    };
    Ok(Value::Scalar(Word {
        text: written,
        span: place,
        free: false,
        bare: number.then_some(Markup::Toml),
    }))
}

fn word<'t>(value: Cow<'t, str>, place: Span, text: &'t str) -> Word<'t> {
    let raw = place.of(text);
    let inner = match raw.chars().next() {
        Some('"' | '\'') if raw.len() > 1 => Span::new(place.start + 1, place.end - 1),
        _ => place,
    };
    Word {
        free: inner.of(text) == value,
        text: value,
        span: inner,
        bare: None,
    }
}
