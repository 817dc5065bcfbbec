//! The texts of findings: read like a `str`, and shared where many findings say the same, so that five thousand faults
//! of one kind do not hold five thousand copies. Knows nothing of findings.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::noted::{Line, Notes};

/// A text that is never changed in place.
#[derive(Clone)]
pub struct Words(Repr);

#[derive(Clone)]
enum Repr {
    Owned(String),
    /// Of the program itself.
    Fixed(&'static str),
    Shared(Arc<str>),
    /// A line of a judgement's notes.
    Noted(Arc<Notes>, Line),
}

impl Words {
    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Owned(s) => s,
            Repr::Fixed(s) => s,
            Repr::Shared(s) => s,
            Repr::Noted(notes, line) => notes.read(*line),
        }
    }

    /// A text of the program itself, which need not be copied.
    pub(crate) const fn fixed(text: &'static str) -> Self {
        Self(Repr::Fixed(text))
    }

    /// A line of notes, which are kept for it.
    pub(crate) fn noted(notes: &Arc<Notes>, line: Line) -> Self {
        Self(Repr::Noted(notes.clone(), line))
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::fixed("")
    }
}

impl Deref for Words {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Words {
    fn as_ref(&self) -> &str {
        self
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(Repr::Owned(text))
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self(Repr::Owned(text.to_owned()))
    }
}

impl From<&String> for Words {
    fn from(text: &String) -> Self {
        Self(Repr::Owned(text.clone()))
    }
}

impl From<Arc<str>> for Words {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Shared(text))
    }
}

impl From<Words> for String {
    fn from(text: Words) -> Self {
        match text.0 {
            Repr::Owned(s) => s,
            _ => text.as_str().to_owned(),
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Words {}

impl std::hash::Hash for Words {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for Words {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Words {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Words {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Words> for String {
    fn eq(&self, other: &Words) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Words> for &str {
    fn eq(&self, other: &Words) -> bool {
        *self == other.as_str()
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}
