//! The one type for every finding, from XML syntax to a package that does not exist.
//!
//! Renderers (terminal, JSON, SARIF, editor) stand outside: nothing here prints or knows a screen.
//! Words follow one pattern: the message is one sentence without a full stop, names in backticks; the label under
//! the code says what is expected there; `help` says what to do; `notes` point at other places.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

use crate::noted::Notes;
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

impl Fix {
    /// Another word in the place of one, and nothing else.
    pub(crate) fn change(span: Span, new: &str, safe: bool) -> Self {
        Self {
            title: format!("change to `{new}`").into(),
            edits: vec![Edit {
                span,
                new_text: new.to_owned().into(),
            }],
            safe,
        }
    }
}

/// One finding. What it says (`message`, `label`, `help`, `notes`, `fixes`) is read as if they were its own fields: a
/// [`Said`] that is made when somebody reads it.
#[derive(Clone)]
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
    said: OnceLock<Box<Said>>,
    /// Where it is noted what to say.
    noted: Option<(Arc<Notes>, u32)>,
}

/// What a finding says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
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

impl Deref for Diagnostic {
    type Target = Said;
    fn deref(&self) -> &Said {
        self.said.get_or_init(|| Self::read(self.noted.as_ref()))
    }
}

impl DerefMut for Diagnostic {
    #[allow(clippy::expect_used)] // it is there from the line before
    fn deref_mut(&mut self) -> &mut Said {
        self.said.get_or_init(|| Self::read(self.noted.as_ref()));
        // What is changed is no longer what was noted.
        self.noted = None;
        self.said.get_mut().expect("what a finding says")
    }
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
        let message = message.into();
        let said = Box::new(Said {
            message,
            ..Said::default()
        });
        Self {
            code,
            severity,
            source,
            file: FileId::default(),
            span,
            said: said.into(),
            noted: None,
        }
    }

    /// A finding of the grammar, of which is said what is noted there.
    pub(crate) fn noted(code: &'static str, span: Span, notes: &Arc<Notes>, at: u32) -> Self {
        Self {
            code,
            severity: Severity::Error,
            source: Source::Schema,
            file: FileId::default(),
            span,
            said: OnceLock::new(),
            noted: Some((notes.clone(), at)),
        }
    }

    fn read(noted: Option<&(Arc<Notes>, u32)>) -> Box<Said> {
        Box::new(noted.map_or_else(Said::default, |(notes, at)| notes.said(*at)))
    }

    /// The likeliest repair: whether it is safe, and its edits. What is only noted is not put in words for it.
    pub fn likeliest(&self) -> Option<(bool, impl Iterator<Item = (Span, &str)> + Clone)> {
        let noted = self.noted.as_ref();
        let (safe, edits, lines) = match noted {
            Some((notes, at)) => {
                let (safe, lines) = notes.first_fix(*at)?;
                (safe, &[][..], lines)
            }
            None => {
                let fix = self.fixes.first()?;
                (fix.safe, fix.edits.as_slice(), &[][..])
            }
        };
        let line = move |&(span, line)| (span, noted.map_or("", |n| n.0.read(line)));
        let edits = edits.iter().map(|e| (e.span, &*e.new_text));
        Some((safe, edits.chain(lines.iter().map(line))))
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
        self.notes.reserve_exact(1);
        self.notes.push(Label {
            file,
            span,
            message: message.into(),
        });
        self
    }

    fn whole(&self) -> Whole<'_> {
        let said: &Said = self;
        Whole {
            code: self.code,
            severity: self.severity,
            source: self.source,
            file: self.file,
            span: self.span,
            message: &said.message,
            label: &said.label,
            help: &said.help,
            notes: &said.notes,
            fixes: &said.fixes,
        }
    }
}

/// All of a finding, to compare it and to write it down.
#[derive(PartialEq, Eq, Serialize)]
#[serde(rename = "Diagnostic")]
struct Whole<'a> {
    code: &'static str,
    severity: Severity,
    source: Source,
    file: FileId,
    span: Span,
    message: &'a Words,
    label: &'a Words,
    help: &'a Option<Words>,
    notes: &'a [Label],
    fixes: &'a [Fix],
}

impl PartialEq for Diagnostic {
    fn eq(&self, other: &Self) -> bool {
        self.whole() == other.whole()
    }
}

impl Eq for Diagnostic {}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: &Said = self;
        f.debug_struct("Diagnostic")
            .field("code", &self.code)
            .field("severity", &self.severity)
            .field("source", &self.source)
            .field("file", &self.file)
            .field("span", &self.span)
            .field("message", &said.message)
            .field("label", &said.label)
            .field("help", &said.help)
            .field("notes", &said.notes)
            .field("fixes", &said.fixes)
            .finish()
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.whole().serialize(serializer)
    }
}
