//! TOML as values with their places. Knows nothing of images.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{DEPTH, Markup, TOO_MANY, Value, Word, fault, most_values};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

/// The whole text.
pub(super) fn read(text: &str) -> Result<Value, Diagnostic> {
    // The reader takes the text as a whole: what separates values says how many there are at most.
    let separators = memchr::memchr3_iter(b',', b'=', b'.', text.as_bytes());
    if let Some(at) = separators
        .take(1 + most_values(text.len()))
        .nth(most_values(text.len()))
    {
        return Err(fault("invalid-toml", Span::empty(at as u32), TOO_MANY));
    }
    let table = DeTable::parse(text).map_err(|e| {
        let at = e.span().map_or(Span::empty(0), span);
        let reason = e.message().trim().replace('\n', ", ");
        fault(
            "invalid-toml",
            at,
            format!("the text is not well-formed: {reason}"),
        )
    })?;
    map(table.get_ref(), span(table.span()), text, 0)
}

fn map(table: &DeTable<'_>, place: Span, text: &str, depth: usize) -> Result<Value, Diagnostic> {
    if depth > DEPTH {
        return Err(fault(
            "invalid-toml",
            place,
            "the text nests more than a description ever does",
        ));
    }
    let mut pairs = Vec::new();
    for (key, value) in table.iter() {
        pairs.push((
            word(key.get_ref(), span(key.span()), text),
            one(value, text, depth)?,
        ));
    }
    // The reader sorts keys; the grammar wants them as they are written.
    pairs.sort_by_key(|(w, _)| w.span);
    // A table's own place is its heading.
    let place = pairs.iter().fold(place, |place, (key, value)| {
        place.cover(key.span).cover(value.span())
    });
    Ok(Value::Map(pairs, place))
}

fn one(value: &Spanned<DeValue<'_>>, text: &str, depth: usize) -> Result<Value, Diagnostic> {
    let place = span(value.span());
    let written = match value.get_ref() {
        DeValue::Table(table) => return map(table, place, text, depth + 1),
        DeValue::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|v| one(v, text, depth + 1)).collect();
            return Ok(Value::List(items?, place));
        }
        DeValue::String(s) => return Ok(Value::Scalar(word(s, place, text))),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Integer(_) | DeValue::Float(_) => place.of(text).replace('_', ""),
    };
    let number = matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_));
    Ok(Value::Scalar(Word {
        text: written,
        span: place,
        free: false,
        bare: number.then_some(Markup::Toml),
    }))
}

fn word(value: &str, place: Span, text: &str) -> Word {
    let raw = place.of(text);
    let inner = match raw.chars().next() {
        Some('"' | '\'') if raw.len() > 1 => Span::new(place.start + 1, place.end - 1),
        _ => place,
    };
    Word {
        text: value.to_owned(),
        span: inner,
        free: inner.of(text) == value,
        bare: None,
    }
}
