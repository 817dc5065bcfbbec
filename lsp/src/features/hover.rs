//! The grammar's documentation for what is under the cursor.

use apteryx_schema::Span;
use apteryx_schema::grammar::Grammar;

use super::cursor::{Cursor, cursor};
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
        Cursor::ElementName { name } | Cursor::EndTag { name } => {
            let element = name.of(text);
            let doc = grammar.element_doc(element)?;
            Some(Hover {
                markdown: format!("**`<{element}>`**\n\n{doc}"),
                span: name,
            })
        }
        Cursor::AttributeName { element, name, .. } => {
            let (element, attribute) = (element.of(text), name.of(text));
            let doc = grammar.attribute_doc(element, attribute)?;
            let kind = grammar
                .attribute_type(element, attribute)
                .map(|k| format!("\n\nValue: {k}"))
                .unwrap_or_default();
            Some(Hover {
                markdown: format!("**`{attribute}`** of `<{element}>`\n\n{doc}{kind}"),
                span: name,
            })
        }
        Cursor::AttributeValue {
            element, name, value, ..
        } => {
            let (element, attribute) = (element.of(text), name.of(text));
            let written = value.of(text).trim();
            let doc = grammar
                .attribute_values(element, attribute)
                .into_iter()
                .find(|v| v.value == written)
                .and_then(|v| v.doc)
                .or_else(|| grammar.attribute_doc(element, attribute).map(str::to_owned))?;
            Some(Hover {
                markdown: format!("**`{attribute}=\"{written}\"`**\n\n{doc}"),
                span: value,
            })
        }
        Cursor::Nothing | Cursor::Content { .. } => None,
    }
}
