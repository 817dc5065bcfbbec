//! What the server can answer: one file each, plain functions over plain data. Nothing here knows LSP or tokio.

pub mod actions;
pub mod completion;
pub mod cursor;
pub mod definition;
pub mod diagnostics;
pub mod folding;
pub mod formatting;
pub mod hints;
pub mod hover;
pub mod lenses;
pub mod links;
pub mod packages;
pub mod references;
pub mod selection;
pub mod symbols;
pub mod templates;
pub mod values;

/// `12 MB`, rounded; what is there at all is at least one.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", ((bytes + 500_000) / 1_000_000).max(u64::from(bytes > 0)))
}

/// Splits a text at its `$0` (the cursor) for a test.
#[cfg(test)]
pub(crate) fn at_cursor(marked: &str) -> (crate::snapshot::Snapshot, u32) {
    let offset = marked.find("$0").unwrap();
    let text = marked.replacen("$0", "", 1);
    (crate::snapshot::Snapshot::of_text(&text), offset as u32)
}
