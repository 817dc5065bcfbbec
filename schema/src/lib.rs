//! What a KIWI image description is.
//!
//! This crate must not do I/O beyond reading the files that an include names and what lies in the description's own
//! folder (`description::folder`), start processes, or know an editor protocol: it turns text into trees, models and
//! findings. Offsets are bytes in UTF-8 text.

pub mod check;
pub mod codes;
pub mod description;
pub mod diagnostic;
pub mod explain;
pub mod fix;
pub mod fmt;
pub mod format;
pub mod grammar;
pub mod levels;
pub mod migrate;
mod noted;
pub mod rules;
pub mod syntax;
pub mod text;
pub mod validate;
pub mod words;

pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity, Source};
pub use text::{LineIndex, Position, Span};
pub use words::Words;
