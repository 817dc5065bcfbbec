//! YAML as values with their places. Knows nothing of images.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{DEPTH, Keys, Markup, Pairs, TOO_MANY, Value, Word, fault, most_values};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

const CODE: &str = "invalid-yaml";

enum Open<'t> {
    List(Vec<Value<'t>>, u32, usize),
    Map(Map<'t>, u32, usize),
}

/// A mapping as it is read.
#[derive(Default)]
struct Map<'t> {
    pairs: Pairs<'t>,
    keys: Keys,
    /// What the key `<<` brings.
    merged: Pairs<'t>,
    /// The key whose value comes next.
    key: Option<Word<'t>>,
}

/// Byte offsets of characters: the parser counts those.
struct Offsets(Option<Vec<u32>>, u32);

impl Offsets {
    fn new(text: &str) -> Self {
        let table = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at as u32).collect());
        Self(table, text.len() as u32)
    }

    fn at(&self, index: usize) -> u32 {
        match &self.0 {
            None => (index as u32).min(self.1),
            Some(table) => table.get(index).copied().unwrap_or(self.1),
        }
    }
}

/// The one document of a text.
pub(super) fn read(text: &str) -> Result<Value<'_>, Diagnostic> {
    let offsets = Offsets::new(text);
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Value> = HashMap::new();
    // Those that anchors multiply to are among them.
    let mut made = 0usize;
    let most = most_values(text.len());
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, place) = event.map_err(|e| {
            let at = offsets.at(e.marker().index());
            fault(
                CODE,
                Span::empty(at),
                format!("the text is not well-formed: {}", e.info()),
            )
        })?;
        let span = Span::new(offsets.at(place.start.index()), offsets.at(place.end.index()));
        let (value, anchor) = match event {
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List(Vec::new(), span.start, anchor));
                (None, 0)
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Map(Map::default(), span.start, anchor));
                (None, 0)
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(items, start, anchor)) => {
                    let end = items.last().map_or(span.end, |v| v.span().end);
                    (Some(Value::List(items, Span::new(start, end))), anchor)
                }
                Some(Open::Map(map, start, anchor)) => {
                    let end = map.pairs.last().map_or(span.end, |(_, v)| v.span().end);
                    (Some(Value::Map(map.whole(), Span::new(start, end))), anchor)
                }
                None => (None, 0),
            },
            Event::Scalar(value, style, anchor, _) => (Some(scalar(&value, style, span, text)), anchor),
            Event::Alias(anchor) => {
                let value = anchors.get(&anchor).cloned();
                let value =
                    value.ok_or_else(|| fault(CODE, span, "the anchor meant here is not complete"))?;
                made += size(&value);
                (Some(value), 0)
            }
            Event::DocumentStart(_) if root.is_some() => {
                let found = fault(
                    CODE,
                    span,
                    "a second document begins here, and a description is one",
                );
                return Err(found.help("remove what does not belong to the description"));
            }
            _ => (None, 0),
        };
        let key = matches!(open.last(), Some(Open::Map(map, ..)) if map.key.is_none());
        made += usize::from(value.is_some() && !key);
        if open.len() > DEPTH || made > most {
            return Err(fault(CODE, span, TOO_MANY));
        }
        let Some(value) = value else { continue };
        if anchor > 0 {
            anchors.insert(anchor, value.clone());
        }
        match open.last_mut() {
            None => root = Some(value),
            Some(Open::List(items, ..)) => items.push(value),
            Some(Open::Map(map, ..)) => match map.key.take() {
                Some(word) => map.pair(word, value)?,
                None => map.key = Some(word(value)?),
            },
        }
    }
    root.ok_or_else(|| fault(CODE, Span::empty(0), "the text is empty"))
}

fn size(value: &Value<'_>) -> usize {
    match value {
        Value::List(items, _) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(pairs, _) => 1 + pairs.iter().map(|(_, v)| size(v)).sum::<usize>(),
        _ => 1,
    }
}

fn word(key: Value<'_>) -> Result<Word<'_>, Diagnostic> {
    match key {
        Value::Scalar(word) => Ok(word),
        other => Err(fault(CODE, other.span(), "a key is a single word")),
    }
}

impl<'t> Map<'t> {
    /// One more pair; the key `<<` brings those of other mappings, the first before the next.
    fn pair(&mut self, key: Word<'t>, value: Value<'t>) -> Result<(), Diagnostic> {
        if key.text == "<<" {
            let maps = match value {
                Value::List(items, _) => items,
                one => vec![one],
            };
            for map in maps {
                if let Value::Map(more, _) = map {
                    self.merged.extend(more);
                }
            }
            return Ok(());
        }
        if let Some(first) = self.keys.again(&self.pairs, &key.text) {
            let message = format!("the key `{}` is given twice", key.text);
            let found = fault(CODE, key.span, message).help("repeated elements are one key with a list");
            return Err(found.note(Default::default(), first.span, "first given here"));
        }
        self.pairs.push((key, value));
        Ok(())
    }

    /// All pairs: those of others first, as far as they are not given here.
    fn whole(self) -> Pairs<'t> {
        if self.merged.is_empty() {
            return self.pairs;
        }
        let mut given: HashSet<Cow<'t, str>> = self.pairs.iter().map(|(w, _)| w.text.clone()).collect();
        let others = self.merged.into_iter();
        let others = others.filter(|(w, _)| given.insert(w.text.clone()));
        let mut all: Vec<_> = others.collect();
        all.extend(self.pairs);
        all
    }
}

fn scalar<'t>(value: &str, style: ScalarStyle, span: Span, text: &'t str) -> Value<'t> {
    let raw = span.of(text);
    let bare = (style == ScalarStyle::Plain).then_some(Markup::Yaml);
    let (value, span) = match style {
        ScalarStyle::Plain => match value {
            "" | "~" | "null" | "Null" | "NULL" => return Value::Null(span),
            // What KIWI's reader takes for a truth value comes out as `true` or `false`.
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "True" | "TRUE" => ("true", span),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" | "False" | "FALSE" => ("false", span),
            other => (other, span),
        },
        _ => {
            let quoted = raw.len() > 1 && raw.starts_with(['\'', '"']);
            let inner = Span::new(span.start + 1, span.end.saturating_sub(1));
            (value, if quoted { inner } else { span })
        }
    };
    let written = span.of(text);
    let free = written == value;
    Value::Scalar(Word {
        text: match free {
            true => Cow::Borrowed(written),
            false => Cow::Owned(value.to_owned()),
        },
        span,
        free,
        bare,
    })
}
