//! Findings and build errors as text for people: one place maps both to miette.

use std::borrow::Cow;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::excerpt::{self, Excerpt};
use apteryx_builder::error::BuildError;
use apteryx_schema::description::model::At;
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
    /// Lines under the excerpt, each with its word: `help`, `note`.
    said: Vec<(&'static str, String)>,
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
    let mut said: Vec<_> = d
        .help
        .clone()
        .map(String::from)
        .map(said_as)
        .into_iter()
        .collect();
    if let Some(here) = here {
        let (start, len) = clip(d.span, here.text);
        let words = (!d.label.is_empty()).then(|| d.label.to_string());
        labels.push(LabeledSpan::new_primary_with_span(words, (start, len)));
    }
    let line = |text: Text<'_>, at: usize| text.text.get(..at).unwrap_or("").matches('\n').count() + 1;
    for note in &d.notes {
        let Some(there) = file(note.file) else { continue };
        let (start, len) = clip(note.span, there.text);
        let at = line(there, start);
        let near = here.is_some_and(|h| line(h, clip(d.span, h.text).0).abs_diff(at) <= NEAR);
        // What is far away would open a second excerpt, and one above would hide the place of the fault itself.
        if note.file == d.file && near {
            labels.push(LabeledSpan::new_with_span(
                Some(note.message.to_string()),
                (start, len),
            ));
        } else {
            said.push(("note", format!("{} ({}:{at})", note.message, there.path)));
        }
    }
    render(
        Report {
            head: format!(
                "{}[{}]: {}",
                word(d.severity),
                d.code,
                excerpt::visible(&d.message)
            ),
            severity: d.severity,
            said,
            source: here.map(|text| source(text, &labels)),
            labels,
        },
        style,
    )
}

/// A path as one would type it here.
pub fn near(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|dir| path.strip_prefix(dir).ok());
    let path = below.unwrap_or(path);
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

/// A path as a user writes it: where it leads up again out of a folder, by its shorter name.
pub fn short(path: &Path) -> Cow<'_, Path> {
    let mut parts = path.components().skip_while(|c| *c == Component::ParentDir);
    if parts.any(|c| c == Component::ParentDir) {
        if let Ok(whole) = path.canonicalize() {
            return Cow::Owned(near(&whole));
        }
    }
    Cow::Borrowed(path.strip_prefix("./").unwrap_or(path))
}

/// Lines between two places that are shown in one excerpt, at most.
const NEAR: usize = 2;

/// What was looked through tells of a place and is a note; all else is what to do.
fn said_as(words: String) -> (&'static str, String) {
    match words.starts_with("searched ") {
        true => ("note", words),
        false => ("help", words),
    }
}

/// What is known of an error beyond itself.
#[derive(Debug, Default)]
pub struct Beyond {
    /// Where the description asked for what failed; for errors that have no place of their own.
    pub asked: Option<At<()>>,
    /// Lines below all else, each with its word.
    pub after: Vec<(&'static str, String)>,
}

/// An error of the builder, with its place where `file` knows the text, its tool's last lines, what to do, and what is
/// known beyond.
pub fn build_error<'a>(
    error: &BuildError,
    file: &'a dyn Fn(FileId) -> Option<Text<'a>>,
    beyond: &Beyond,
    style: Style,
) -> String {
    let (place, help, tail): (_, _, &[String]) = match error {
        BuildError::Description { place, help, .. } | BuildError::Packages { place, help, .. } => {
            (place.as_ref(), help.clone(), &[])
        }
        BuildError::Usage { help, .. } | BuildError::Host { help, .. } => (None, help.clone(), &[]),
        BuildError::Tool {
            tail, place, help, ..
        } => (place.as_ref().or(beyond.asked.as_ref()), help.clone(), tail),
        BuildError::Script { tail, .. } | BuildError::Boot { tail, .. } => (None, None, tail),
        BuildError::Internal { .. } => (
            None,
            Some(
                concat!(
                    "this is a fault of apteryx; report it with the command and the description: ",
                    env!("CARGO_PKG_REPOSITORY"),
                    "/issues"
                )
                .into(),
            ),
            &[],
        ),
        BuildError::Io { .. } => (None, error.help().map(str::to_owned), &[]),
        BuildError::Cancelled { .. } => (None, None, &[]),
    };
    let mut labels = Vec::new();
    let mut excerpt = None;
    if let Some((place, text)) = place.and_then(|p| Some((p, file(p.file)?))) {
        let words = matches!(error, BuildError::Tool { .. }).then(|| "asked for here".to_owned());
        labels.push(LabeledSpan::new_primary_with_span(
            words,
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
        if let Ok(bytes) = std::fs::read(path) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            labels.extend(line_span(&text, *line).map(|span| LabeledSpan::new_primary_with_span(None, span)));
            let path = near(path).display().to_string();
            let (path, text) = (path.as_str(), &text.into());
            excerpt = Some(source(Text { path, text }, &labels));
        }
    }
    let last = tail.iter().skip(tail.len().saturating_sub(20));
    let last = last.map(String::as_str).collect::<Vec<_>>().join("\n");
    let last = (!last.is_empty()).then_some(("its last lines", last));
    let report = Report {
        head,
        severity: Severity::Error,
        said: last
            .into_iter()
            .chain(help.map(said_as))
            .chain(beyond.after.iter().cloned())
            .collect(),
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
    let message = excerpt::visible(message);
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
    let report_said = report.said.clone();
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
        .map(|l| l.strip_prefix(' ').unwrap_or(l).trim_end())
        .skip_while(|l| l.is_empty())
        .collect();
    let body = body.join("\n");
    let tinted = |words: String| {
        if style.color {
            format!("\u{1b}[36m{words}\u{1b}[0m")
        } else {
            words
        }
    };
    let mut tail = String::new();
    for (word, text) in &report_said {
        // Further lines stand under the first word of the first, or, where they are a program's, as near to the left.
        let lines: Vec<_> = text.lines().map(excerpt::visible).collect();
        let (gap, between) = match (*word, lines.len()) {
            ("its last lines", 1) => ("  ", ""),
            ("its last lines", _) => ("\n    ", "\n    "),
            _ => (" ", "\n        "),
        };
        let text = lines.join(between);
        tail.push_str(&format!("  {}{gap}{text}\n", tinted(format!("{word}:"))));
    }
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
        format!("{head}\n{tail}")
    } else {
        format!("{head}\n{}\n{tail}", body.trim_end())
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
