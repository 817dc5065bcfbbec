//! The grammar's documentation for what is under the cursor.

use apteryx_schema::grammar::Grammar;
use apteryx_schema::{Span, explain};

use super::cursor::{Cursor, cursor};
use super::definition::profile_at;
use crate::snapshot::Snapshot;

/// What to show, as Markdown, and the bytes it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// Markdown.
    pub markdown: String,
    /// What it explains.
    pub span: Span,
}

/// The documentation of the element, attribute or value at byte `offset`.
pub fn hover(snapshot: &Snapshot, offset: u32) -> Option<Hover> {
    let derived = snapshot.derived();
    let text = &*derived.text;
    let grammar = Grammar::kiwi();
    match cursor(text, offset) {
        Cursor::ElementName { name } | Cursor::EndTag { name } => Some(Hover {
            markdown: explain::element(grammar, name.of(text))?.markdown(),
            span: name,
        }),
        Cursor::AttributeName { element, name, .. } => Some(Hover {
            markdown: explain::attribute(grammar, element.of(text), name.of(text))?.markdown(),
            span: name,
        }),
        Cursor::AttributeValue {
            element, name, value, ..
        } => {
            let (element, attribute) = (element.of(text), name.of(text));
            if let Some((profile, span)) = profile_at(snapshot, offset) {
                let markdown = format!("profile **`{}`**\n\n{}", profile.name, profile.description?);
                return Some(Hover { markdown, span });
            }
            let written = value.of(text).trim();
            let values = grammar.attribute_values(element, attribute).into_iter();
            let meant = values.filter(|v| v.value == written).find_map(|v| v.doc);
            let meant = meant.map(|doc| format!("**`{attribute}=\"{written}\"`**\n\n{doc}\n\n"));
            let about = explain::attribute(grammar, element, attribute)?.markdown();
            Some(Hover {
                markdown: meant.unwrap_or_default() + &about,
                span: value,
            })
        }
        Cursor::Nothing | Cursor::Content { .. } => None,
    }
}
