//! What the server can answer: one file each, plain functions over plain data. Nothing here knows LSP or tokio.

pub mod actions;
pub mod completion;
pub mod cursor;
pub mod definition;
pub mod diagnostics;
pub mod formatting;
pub mod hover;
pub mod packages;
pub mod values;

/// Splits a text at its `$0` (the cursor) for a test.
#[cfg(test)]
pub(crate) fn at_cursor(marked: &str) -> (crate::snapshot::Snapshot, u32) {
    let offset = marked.find("$0").unwrap();
    let text = marked.replacen("$0", "", 1);
    (crate::snapshot::Snapshot::of_text(&text), offset as u32)
}
