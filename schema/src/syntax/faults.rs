//! The faults of XML syntax, in the words a person reads. Must not decide what is a fault: that is for the readers.

use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Severity, Source};
use crate::text::Span;

/// Faults found, in any order, and no more than a text of this size deserves.
#[derive(Debug)]
pub(super) struct Faults {
    pub list: Vec<Diagnostic>,
    limit: usize,
}

impl Faults {
    /// Room for 1,000 faults, or one in 64 bytes of a large text: a finding weighs far more than the bytes it is about.
    pub fn new(text_len: usize) -> Self {
        Self {
            list: Vec::new(),
            limit: (text_len / 64).max(1000),
        }
    }

    #[cold]
    pub fn add(&mut self, fault: Diagnostic) {
        if self.list.len() < self.limit {
            self.list.push(fault);
        }
    }

    /// The faults in the order of the text.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|d| d.span.start);
        self.list
    }
}

/// An error of source `xml`.
#[cold]
pub(super) fn fault(code: &'static str, span: Span, message: impl Into<crate::words::Words>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Source::Xml, span, message)
}

/// A repair that replaces `span`.
pub(super) fn replace(
    title: impl Into<crate::words::Words>,
    span: Span,
    new_text: impl Into<crate::words::Words>,
    safe: bool,
) -> Fix {
    Fix {
        title: title.into(),
        edits: vec![Edit {
            span,
            new_text: new_text.into(),
        }],
        safe,
    }
}

/// A repair that inserts at `at`.
pub(super) fn insert(
    title: impl Into<crate::words::Words>,
    at: u32,
    new_text: impl Into<crate::words::Words>,
    safe: bool,
) -> Fix {
    replace(title, Span::empty(at), new_text, safe)
}

/// A name as messages show it: cut where it is absurdly long.
pub(super) fn shown(name: &str) -> String {
    if name.chars().count() <= 60 {
        return name.to_owned();
    }
    name.chars().take(57).chain("...".chars()).collect()
}

pub(super) fn unclosed_element(
    name: &str,
    name_span: Span,
    missed_at: Span,
    closer: &str,
    fix: Fix,
) -> Diagnostic {
    fault(
        "unclosed-element",
        name_span,
        format!("`<{}>` has no end tag", shown(name)),
    )
    .label("opened here")
    .note(FileId::default(), missed_at, format!("missed before {closer}"))
    .fix(fix)
}

pub(super) fn stray_end_tag(name: &str, name_span: Span, span: Span) -> Diagnostic {
    let tag = if name.is_empty() {
        "</".to_owned()
    } else {
        format!("</{}>", shown(name))
    };
    fault(
        "stray-end-tag",
        if name_span.is_empty() { span } else { name_span },
        format!("`{tag}` closes nothing that is open"),
    )
    .label("no start tag for it")
    .fix(replace(format!("remove `{tag}`"), span, "", false))
}

pub(super) fn mismatched_end_tag(
    found: &str,
    found_span: Span,
    open: &str,
    open_span: Span,
    safe: bool,
) -> Diagnostic {
    let (found, shown_open) = (shown(found), shown(open));
    fault(
        "mismatched-end-tag",
        found_span,
        format!("`</{found}>` stands where `<{shown_open}>` should end"),
    )
    .label(format!("expected `{shown_open}`"))
    .note(
        FileId::default(),
        open_span,
        format!("`<{shown_open}>` opened here"),
    )
    .fix(replace(
        format!("rename to `{shown_open}`"),
        found_span,
        open,
        safe,
    ))
}

pub(super) fn unclosed_tag(name: &str, name_span: Span, end: u32, end_tag: bool) -> Diagnostic {
    let slash = if end_tag { "/" } else { "" };
    let fault = fault(
        "unclosed-tag",
        name_span,
        format!("`<{slash}{}` is not closed by `>`", shown(name)),
    )
    .label("this tag never ends");
    if end_tag {
        fault.fix(insert("insert `>`", end, ">", true))
    } else {
        fault
            .fix(insert("close it with `/>`", end, "/>", false))
            .fix(insert("insert `>`", end, ">", false))
    }
}

pub(super) fn stray_less_than(at: u32, safe: bool) -> Diagnostic {
    let span = Span::new(at, at + 1);
    fault("stray-bracket", span, "`<` in text starts no tag")
        .label("as text it is written `&lt;`")
        .fix(replace("replace with `&lt;`", span, "&lt;", safe))
}

pub(super) fn stray_ampersand(at: u32) -> Diagnostic {
    let span = Span::new(at, at + 1);
    fault("stray-ampersand", span, "`&` starts no reference")
        .label("as text it is written `&amp;`")
        .fix(replace("replace with `&amp;`", span, "&amp;", true))
}
