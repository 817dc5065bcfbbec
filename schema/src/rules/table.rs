//! The shape of a rule: what it is about, what must hold, and the words for it. Plain data; judging is in `judge`.

use crate::diagnostic::{Severity, Source};

/// A value the rule looks at: an attribute of the subject's element, or of an element above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// How many elements above the subject's; 0 is the element itself.
    pub up: u8,
    /// Local name of the attribute.
    pub attribute: &'static str,
}

/// What can be asked of an element.
#[derive(Debug, Clone, Copy)]
pub enum Test {
    /// The value is there and one of these.
    Is(Key, &'static [&'static str]),
    /// The value is one of these, or not given at all.
    IsOrAbsent(Key, &'static [&'static str]),
    /// The value is none of these, or not given.
    Not(Key, &'static [&'static str]),
    /// The value begins with one of these.
    Begins(Key, &'static [&'static str]),
    /// The value begins with one of these, or is not given.
    BeginsOrAbsent(Key, &'static [&'static str]),
    /// The attribute is there.
    Given(Key),
    /// The attribute is not there.
    Absent(Key),
    /// One of these is true in the sense of `xsd:boolean`.
    AnyTrue(&'static [Key]),
    /// No child of that name has that attribute set to true.
    NoChildWithTrue(&'static str, &'static str),
    /// There is a child of that name.
    Child(&'static str),
    /// The number of the attribute is at most that of the element's text.
    AtMostText(Key),
    /// The number of the attribute is at most this.
    AtMost(Key, u64),
    /// Some `<packagemanager>` of the description is this one.
    Manager(&'static str),
}

/// One rule on an element or on an attribute of it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The code of its findings.
    pub code: &'static str,
    /// The element.
    pub element: &'static str,
    /// The attribute it is about; none for the element itself.
    pub attribute: Option<&'static str>,
    /// The rule counts only where this holds.
    pub when: Option<Test>,
    /// What must hold.
    pub must: Test,
}

/// A kind of finding: everything about it that does not depend on the place.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// Kebab-case, stable; the page is docs/diagnostics/CODE.md.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Who speaks.
    pub source: Source,
    /// One line for lists.
    pub summary: &'static str,
    /// What would happen, and when: the closing half of `help`.
    pub consequence: &'static str,
}

/// A key of the element itself.
pub const fn own(attribute: &'static str) -> Key {
    Key { up: 0, attribute }
}

/// A key of an element above.
pub const fn above(up: u8, attribute: &'static str) -> Key {
    Key { up, attribute }
}

/// What makes a build stop.
pub(super) const fn error(code: &'static str, summary: &'static str, consequence: &'static str) -> Code {
    Code {
        code,
        severity: Severity::Error,
        source: Source::Rules,
        summary,
        consequence,
    }
}

/// What is worth a note.
pub(super) const fn info(code: &'static str, summary: &'static str, consequence: &'static str) -> Code {
    Code {
        code,
        severity: Severity::Info,
        source: Source::Rules,
        summary,
        consequence,
    }
}

/// About a file beside the description.
pub(super) const fn file(known: Code) -> Code {
    Code {
        source: Source::Files,
        ..known
    }
}

/// What makes another image than is meant.
pub(super) const fn warning(code: &'static str, summary: &'static str, consequence: &'static str) -> Code {
    Code {
        code,
        severity: Severity::Warning,
        source: Source::Rules,
        summary,
        consequence,
    }
}
