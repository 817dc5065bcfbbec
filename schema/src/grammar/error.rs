//! Why a grammar is refused: the file, the place and the reason. Knows nothing of matching.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::text::Span;

/// A RELAX NG schema that does not conform, or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct GrammarError {
    /// The file at fault: the schema itself, or one that it includes. Empty for text given without a file.
    pub file: PathBuf,
    /// The bytes at fault in that file, empty where the whole file is meant.
    pub span: Span,
    /// One sentence without a full stop.
    pub reason: String,
    /// The text of the file, for a renderer that shows the place. Empty where it could not be read.
    pub text: String,
}

impl GrammarError {
    /// The code of every refusal.
    pub const CODE: &'static str = "invalid-grammar";

    /// Why the file could not be read, where nothing of it was judged.
    pub fn unread(&self) -> Option<&str> {
        let (_, why) = self.reason.split_once(" cannot be read: ")?;
        self.text.is_empty().then_some(why)
    }

    /// The refusal as a finding in its own file.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::new(
            Self::CODE,
            Severity::Error,
            Source::Schema,
            self.span,
            self.reason.clone(),
        )
    }
}
