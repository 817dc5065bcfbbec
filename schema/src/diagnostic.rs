//! The one type for every finding, from XML syntax to a package that does not exist.
//!
//! Renderers (terminal, JSON, SARIF, editor) stand outside: nothing here prints or knows a screen.
//! Words follow one pattern: the message is one sentence without a full stop, names in backticks; the label under
//! the code says what is expected there; `help` says what to do; `notes` point at other places.

use serde::Serialize;

use crate::text::Span;
use crate::words::Words;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The description is refused, or its build would fail.
    Error,
    /// It builds, but hardly what its author means.
    Warning,
    /// Worth knowing.
    Info,
    /// A nudge in the editor only.
    Hint,
}

/// Which part of the checker speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The text is not well-formed.
    Xml,
    /// The grammar alone refuses it (after migration).
    Schema,
    /// What the grammar cannot say.
    Rules,
    /// Package names against repository metadata.
    Packages,
    /// Files beside the description.
    Files,
}

/// Which text a span lies in: 0 is the description itself, others are its includes (see `description::Files`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct FileId(pub u32);

/// A second place that explains the first, with its words ("first given here").
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The text it lies in.
    pub file: FileId,
    /// The bytes meant.
    pub span: Span,
    /// What to say there.
    pub message: Words,
}

/// One replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The bytes replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub new_text: Words,
}

/// A repair that can be applied by itself. Its edits lie in the file of the diagnostic and do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// Imperative, names in backticks: "rename to `filesystem`".
    pub title: Words,
    /// In ascending order.
    pub edits: Vec<Edit>,
    /// True where the meaning is certain, so that `--fix` may apply it without being asked twice.
    pub safe: bool,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Kebab-case noun, stable: `unknown-attribute`. Each has a page under docs/diagnostics/.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Who speaks.
    pub source: Source,
    /// The text it lies in.
    pub file: FileId,
    /// The bytes to underline; never more than the fault itself (a name, a value, an attribute).
    pub span: Span,
    /// One sentence, no full stop.
    pub message: Words,
    /// The words under the underline: what is expected there. Empty for none.
    pub label: Words,
    /// What to do.
    pub help: Option<Words>,
    /// Other places that explain it.
    pub notes: Vec<Label>,
    /// The likeliest repair first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding without help, notes and fixes, in the description itself.
    pub fn new(
        code: &'static str,
        severity: Severity,
        source: Source,
        span: Span,
        message: impl Into<Words>,
    ) -> Self {
        Self {
            code,
            severity,
            source,
            file: FileId::default(),
            span,
            message: message.into(),
            label: Words::default(),
            help: None,
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The same with words under the underline.
    pub fn label(mut self, label: impl Into<Words>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a remedy.
    pub fn help(mut self, help: impl Into<Words>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with one more repair.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// The same with another place that explains it.
    pub fn note(mut self, file: FileId, span: Span, message: impl Into<Words>) -> Self {
        self.notes.push(Label {
            file,
            span,
            message: message.into(),
        });
        self
    }
}
