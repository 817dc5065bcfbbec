//! Findings and build errors as text for people: one place maps both to miette.

use std::fmt;
use std::sync::Arc;

use crate::excerpt::{self, Excerpt};
use apteryx_builder::error::BuildError;
use apteryx_schema::diagnostic::{Diagnostic, FileId, Severity};
use apteryx_schema::text::Span;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// With box drawing characters.
    pub unicode: bool,
}

/// A text that spans point into.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// As the user named it.
    pub path: &'a str,
    /// Its content.
    pub text: &'a Arc<str>,
}

#[derive(Debug)]
struct Report {
    head: String,
    severity: Severity,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Excerpt>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info | Severity::Hint => miette::Severity::Advice,
        })
    }
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|s| s as &dyn SourceCode)
    }
}

/// The word for a severity.
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
        Severity::Hint => "hint",
    }
}

fn clip(span: Span, text: &str) -> (usize, usize) {
    excerpt::shown(text, span.start as usize, span.end as usize)
}

/// The source as miette gets it: what lies around the labels.
fn source(text: Text<'_>, labels: &[LabeledSpan]) -> Excerpt {
    let places = labels.iter().map(|label| (label.offset(), label.len()));
    Excerpt::new(text.path, text.text, places)
}

/// One finding with its excerpt. `file` gives the text of a file id; ids without a text are named only.
pub fn diagnostic<'a>(d: &Diagnostic, file: &dyn Fn(FileId) -> Option<Text<'a>>, style: Style) -> String {
    let here = file(d.file);
    let mut labels = Vec::new();
    let mut help = d.help.clone();
    if let Some(here) = here {
        let (start, len) = clip(d.span, here.text);
        let words = (!d.label.is_empty()).then(|| d.label.clone());
        labels.push(LabeledSpan::new_primary_with_span(words, (start, len)));
    }
    for note in &d.notes {
        match (note.file == d.file, here, file(note.file)) {
            (true, Some(here), _) => {
                let (start, len) = clip(note.span, here.text);
                labels.push(LabeledSpan::new_with_span(
                    Some(note.message.clone()),
                    (start, len),
                ));
            }
            (_, _, Some(there)) => {
                let line = there.text.get(..clip(note.span, there.text).0).unwrap_or("");
                let line = line.matches('\n').count() + 1;
                let words = format!("note: {} ({}:{line})", note.message, there.path);
                help = Some(help.map_or(words.clone(), |h| format!("{h}\n{words}")));
            }
            _ => {}
        }
    }
    render(
        Report {
            head: format!("{}[{}]: {}", word(d.severity), d.code, d.message),
            severity: d.severity,
            help,
            source: here.map(|text| source(text, &labels)),
            labels,
        },
        style,
    )
}

/// An error of the builder, with its place where `file` knows the text, its tool's last lines, and what to do.
pub fn build_error<'a>(
    error: &BuildError,
    file: &'a dyn Fn(FileId) -> Option<Text<'a>>,
    style: Style,
) -> String {
    let (place, help, tail): (_, _, &[String]) = match error {
        BuildError::Description { place, help, .. } | BuildError::Packages { place, help, .. } => {
            (place.as_ref(), help.clone(), &[])
        }
        BuildError::Usage { help, .. } | BuildError::Host { help, .. } => (None, help.clone(), &[]),
        BuildError::Script { tail, .. } | BuildError::Tool { tail, .. } | BuildError::Boot { tail, .. } => {
            (None, None, tail)
        }
        BuildError::Internal { .. } => (
            None,
            Some("this is a fault of apteryx; report it with the command and the description".into()),
            &[],
        ),
        BuildError::Io { .. } | BuildError::Cancelled { .. } => (None, None, &[]),
    };
    let mut labels = Vec::new();
    let mut excerpt = None;
    if let Some((place, text)) = place.and_then(|p| Some((p, file(p.file)?))) {
        labels.push(LabeledSpan::new_primary_with_span(
            None,
            clip(place.span, text.text),
        ));
        excerpt = Some(source(text, &labels));
    }
    let mut head = format!("error[{}]: {error}", error.code());
    if let BuildError::Script {
        line: Some(line),
        path,
        ..
    } = error
    {
        head.push_str(&format!(" at line {line}"));
        if let Ok(text) = std::fs::read_to_string(path) {
            labels.extend(line_span(&text, *line).map(|span| LabeledSpan::new_primary_with_span(None, span)));
            let path = path.display().to_string();
            let (path, text) = (path.as_str(), &text.into());
            excerpt = Some(source(Text { path, text }, &labels));
        }
    }
    if !tail.is_empty() {
        head.push_str("\n  its last lines:");
        for line in tail.iter().rev().take(20).rev() {
            head.push_str("\n    ");
            head.push_str(line);
        }
    }
    let report = Report {
        head,
        severity: Severity::Error,
        help,
        labels,
        source: excerpt,
    };
    render(report, style)
}

/// Offset and length of a line (from 1) without its indentation; none where there is no such line.
fn line_span(text: &str, line: u32) -> Option<(usize, usize)> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(index).map(str::len).sum();
    let whole = text.split_inclusive('\n').nth(index)?.trim_end();
    let indent = whole.len() - whole.trim_start().len();
    Some((start + indent, whole.len() - indent))
}

/// An error that is not about a place: `error: …` and what to do.
pub fn plain(message: &str, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("error: {message}\n  help: {help}\n"),
        None => format!("error: {message}\n"),
    }
}

fn render(report: Report, style: Style) -> String {
    let mut theme = match (style.color, style.unicode) {
        (true, true) => GraphicalTheme::unicode(),
        (false, true) => GraphicalTheme::unicode_nocolor(),
        (true, false) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    // The severity stands in the first line as a word.
    theme.characters.error = String::new();
    theme.characters.warning = String::new();
    theme.characters.advice = String::new();
    if !style.color {
        theme.styles = miette::ThemeStyles::none();
    }
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_context_lines(1)
        .with_wrap_lines(false)
        .with_links(false);
    let head = report.head.clone();
    // miette indents the message under an icon that is not there: the head is written here, the rest by miette.
    let body = Report {
        head: String::new(),
        ..report
    };
    let mut out = String::new();
    if handler.render_report(&mut out, &body).is_err() {
        return format!("{head}\n");
    }
    let body: Vec<&str> = out
        .lines()
        .map(str::trim_end)
        .skip_while(|l| l.is_empty())
        .collect();
    let body = body.join("\n");
    let head = if style.color {
        let tint = match body_severity(&head) {
            Severity::Error => "31",
            Severity::Warning => "33",
            _ => "36",
        };
        match head.split_once(": ") {
            Some((tag, rest)) => format!("\u{1b}[1;{tint}m{tag}\u{1b}[0m\u{1b}[1m: {rest}\u{1b}[0m"),
            None => head,
        }
    } else {
        head
    };
    if body.trim().is_empty() {
        format!("{head}\n")
    } else {
        format!("{head}\n{}\n", body.trim_end())
    }
}

fn body_severity(head: &str) -> Severity {
    if head.starts_with("error") {
        Severity::Error
    } else if head.starts_with("warning") {
        Severity::Warning
    } else {
        Severity::Info
    }
}
