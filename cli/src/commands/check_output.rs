//! What `check` found, in each of its four formats, written to what it is given. Decides nothing of where that is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use apteryx_schema::diagnostic::{Diagnostic, FileId, Severity, Source};
use apteryx_schema::explain;
use apteryx_schema::grammar::Grammar;
use apteryx_schema::text::{LineIndex, Position, Span};
use serde::Serialize;
use serde_json::{Value, json};

use crate::commands::check_judge::{Counted, Judged};
use crate::context::Context;
use crate::report;
use apteryx_schema::codes;

/// Findings of one description that are shown with their excerpts; a person reads no more, and each takes some
/// kilobytes on a screen.
const SHOWN: usize = 200;

/// Excerpts, and the closing line. Of a description with more than [`SHOWN`] findings the first are shown, errors before
/// all else, and a line says how many more there are.
pub fn human(files: &[Judged], context: &Context, out: &mut dyn Write) -> io::Result<()> {
    let style = report::Style {
        color: context.color_out,
        unicode: context.unicode,
    };
    for file in files {
        let told = |d: &&Diagnostic| !context.quiet || d.severity == Severity::Error;
        let errors = file
            .found
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count();
        let all = file.found.iter().filter(told).count();
        let (mut errors, mut others) = (SHOWN, SHOWN.saturating_sub(errors));
        for d in file.found.iter().filter(told) {
            let left = match d.severity {
                Severity::Error => &mut errors,
                _ => &mut others,
            };
            let Some(less) = left.checked_sub(1) else { continue };
            *left = less;
            let d = with_remedy(d, file);
            writeln!(out, "{}", report::diagnostic(&d, &|id| file.text(id), style))?;
        }
        if let Some(more @ 1..) = all.checked_sub(SHOWN) {
            writeln!(
                out,
                "`{}` has {}; `--format json` lists all\n",
                file.path,
                count(more, "more finding"),
            )?;
        }
    }
    if !context.quiet && !files.is_empty() {
        writeln!(out, "{}", closing(files))?;
    }
    Ok(())
}

/// Says what `--fix` would do, where nothing else is said to do.
fn with_remedy<'d>(d: &'d Diagnostic, file: &Judged) -> Cow<'d, Diagnostic> {
    if let Some(name) = rest(d, file).filter(|_| file.kiwi) {
        let head = d.help.as_ref().map_or(String::new(), |help| format!("{help}; "));
        return Cow::Owned(
            d.clone()
                .help(format!("{head}`apteryx explain {name}` lists all")),
        );
    }
    let fix = d.fixes.first().filter(|f| f.safe && file.written(d));
    let Some(fix) = fix.filter(|_| d.help.is_none()) else {
        // Where neither label nor help says what to do, the page does.
        let unsaid = d.label.is_empty() || d.span.start == d.span.end;
        let silent = d.help.is_none() && unsaid && codes::is_known(d.code);
        let wanted = || wanted(d, file).filter(|_| file.kiwi);
        let page = || wanted().unwrap_or_else(|| d.code.to_owned());
        return match silent {
            true => Cow::Owned(d.clone().help(format!("`apteryx explain {}` says more", page()))),
            false => Cow::Borrowed(d),
        };
    };
    let does = match fix.title.split(' ').next().unwrap_or_default() {
        "rename" => "renames",
        "insert" => "inserts",
        "add" => "adds",
        "remove" | "delete" => "removes",
        "move" => "moves",
        "change" => "changes",
        _ => "mends",
    };
    Cow::Owned(d.clone().help(format!("`apteryx check --fix` {does} it")))
}

/// Where the first few of what may stand at a place are named: what `explain` lists all of under.
fn rest(d: &Diagnostic, file: &Judged) -> Option<String> {
    let grammar = Grammar::kiwi();
    let bare = |words: &str, n: usize| Some(words.split('`').nth(n)?.trim_matches(['<', '>']).to_owned());
    let few = |words: &str| words.ends_with(" more");
    let cut = few(&d.label) || d.help.as_deref().is_some_and(few);
    match d.code {
        "invalid-value" if cut => {
            let of = d.message.rsplit('`').nth(1)?;
            if of.starts_with('<') {
                let name = of.trim_matches(['<', '>']).to_owned();
                return explain::element(grammar, &name).map(|_| name);
            }
            let text = file.text(d.file)?.text;
            let tag = text.get(..d.span.start as usize)?.rsplit('<').next()?;
            let element = tag
                .split(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c))
                .next()?;
            explain::attribute(grammar, element, of).map(|_| format!("{element}@{of}"))
        }
        "unknown-element" | "misplaced-element" if cut => {
            bare(&d.label, 1).filter(|name| explain::element(grammar, name).is_some())
        }
        "unknown-attribute" if d.label.is_empty() && d.help.is_none() => {
            bare(&d.message, 1).filter(|name| explain::element(grammar, name).is_some())
        }
        _ => None,
    }
}

/// What is missing, as `explain` knows it.
fn wanted(d: &Diagnostic, file: &Judged) -> Option<String> {
    let title = &d.fixes.first()?.title;
    let name = title.split('`').nth(1)?.trim_matches(['<', '>']);
    let grammar = Grammar::kiwi();
    match d.code {
        "missing-element" => explain::element(grammar, name).map(|_| name.to_owned()),
        "missing-attribute" => {
            let element = d.span.of(file.text(d.file)?.text);
            let known = explain::attribute(grammar, element, name);
            known.map(|_| format!("{element}@{name}"))
        }
        _ => None,
    }
}

/// A number with its noun.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The last line: how many of what, in how many files.
pub fn closing(files: &[Judged]) -> String {
    let mut all = Counted::default();
    for one in files.iter().map(Judged::counts) {
        all.errors += one.errors;
        all.warnings += one.warnings;
        all.notes += one.notes;
        all.safe += one.safe;
    }
    let parts: Vec<_> = [
        (all.errors, "error"),
        (all.warnings, "warning"),
        (all.notes, "note"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| count(n, what))
    .collect();
    // Descriptions and what they include.
    let names: std::collections::HashSet<_> = files.iter().flat_map(Judged::names).collect();
    let names = count(names.len(), "file");
    if parts.is_empty() {
        return format!("{names}, no problem");
    }
    let safe = all.safe;
    let tail = if safe > 0 {
        format!("; {safe} can be fixed with --fix")
    } else {
        String::new()
    };
    format!("{} in {names}{tail}", parts.join(", "))
}

/// The line indices of a file's texts, each made when it is first asked for.
struct Lines<'a> {
    file: &'a Judged,
    made: BTreeMap<u32, LineIndex>,
}

impl<'a> Lines<'a> {
    fn new(file: &'a Judged) -> Self {
        Self {
            file,
            made: BTreeMap::new(),
        }
    }

    fn range(&mut self, id: FileId, span: Span) -> Range {
        let text = self.file.text(id).map_or("", |t| t.text);
        let index = self.made.entry(id.0).or_insert_with(|| LineIndex::new(text));
        let at = |byte| {
            let Position { line, character } = index.position(text, byte);
            Place { character, line }
        };
        let start = at(span.start);
        Range {
            end: at(span.end),
            start,
        }
    }
}

/// The contract's document, written finding by finding: all of them at once may be many times the text.
pub fn json(files: &[Judged], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"files\":[")?;
    let mut first = true;
    for file in files {
        let mut lines = Lines::new(file);
        // Findings in an include are listed under the include.
        let ids: BTreeSet<u32> = file.found.iter().map(|d| d.file.0).chain([0]).collect();
        for id in ids {
            let path = file.text(FileId(id)).map_or(file.path.as_str(), |t| t.path);
            let found = file.found.iter().filter(|d| d.file.0 == id);
            if !std::mem::take(&mut first) {
                out.write_all(b",")?;
            }
            out.write_all(b"{\"diagnostics\":[")?;
            // Of a copy: its words are gone when it is written.
            for (n, d) in found.enumerate() {
                if n > 0 {
                    out.write_all(b",")?;
                }
                one(&d.clone(), &mut lines, out)?;
            }
            write!(out, "],\"path\":{}}}", json!(path))?;
        }
    }
    out.write_all(b"]}\n")
}

/// Values with commas between them.
fn each(values: impl Iterator<Item = Value>, out: &mut dyn Write) -> io::Result<()> {
    for (n, value) in values.enumerate() {
        if n > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut *out, &value)?;
    }
    Ok(())
}

/// A finding as JSON has it, its names in their order. One may have very many edits.
#[derive(Serialize)]
struct Finding<'d> {
    code: &'d str,
    fixes: Vec<Repair<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'d str>,
    message: &'d str,
    range: Range,
    severity: Severity,
    source: Source,
}

#[derive(Serialize)]
struct Repair<'d> {
    edits: Vec<Replaced<'d>>,
    title: &'d str,
}

#[derive(Serialize)]
struct Replaced<'d> {
    #[serde(rename = "newText")]
    new_text: &'d str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    end: Place,
    start: Place,
}

#[derive(Serialize)]
struct Place {
    character: u32,
    line: u32,
}

fn one(d: &Diagnostic, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()> {
    let fixes = d.fixes.iter().map(|fix| {
        let edits = fix.edits.iter().map(|edit| Replaced {
            new_text: &edit.new_text,
            range: lines.range(d.file, edit.span),
        });
        Repair {
            edits: edits.collect(),
            title: &fix.title,
        }
    });
    let finding = Finding {
        code: d.code,
        fixes: fixes.collect(),
        help: d.help.as_deref(),
        message: &d.message,
        range: lines.range(d.file, d.span),
        severity: d.severity,
        source: d.source,
    };
    Ok(serde_json::to_writer(out, &finding)?)
}

/// A path as the URI reference that SARIF asks for: what a URI cannot hold is percent-encoded.
fn reference(path: &Path) -> String {
    let path = report::short(path);
    let mut out = String::new();
    for byte in path.as_os_str().as_bytes() {
        match *byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(*byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    match path.is_absolute() {
        true => format!("file://{out}"),
        false => out,
    }
}

/// The words of SARIF and of a workflow for a severity.
fn level(d: &Diagnostic, note: &'static str) -> &'static str {
    match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => note,
    }
}

/// SARIF 2.1.0, one run; written finding by finding.
pub fn sarif(files: &[Judged], out: &mut dyn Write) -> io::Result<()> {
    let codes = codes::all();
    let seen: BTreeSet<_> = files.iter().flat_map(|f| &f.found).map(|d| d.code).collect();
    let rules: Vec<_> = seen
        .iter()
        .map(|code| {
            let line = codes.get(code).copied().unwrap_or(code);
            json!({"id": code, "shortDescription": {"text": line}})
        })
        .collect();
    let driver = json!({"name": "apteryx", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    write!(
        out,
        "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[\
         {{\"tool\":{{\"driver\":{driver}}},\"columnKind\":\"utf16CodeUnits\",\"results\":["
    )?;
    let results = files.iter().flat_map(|file| {
        let mut lines = Lines::new(file);
        let found = file.found.iter().cloned();
        found.map(move |d| result(&d, file, &mut lines))
    });
    each(results, out)?;
    out.write_all(b"]}]}\n")
}

fn result(d: &Diagnostic, file: &Judged, lines: &mut Lines<'_>) -> Value {
    let range = lines.range(d.file, d.span);
    // Of the description's own files the path itself, which need not be UTF-8.
    let named = file.text(d.file).map_or(file.path.as_str(), |t| t.path);
    let path = file.paths.get(d.file.0 as usize).map_or(Path::new(named), |p| p);
    json!({
        "ruleId": d.code,
        "level": level(d, "note"),
        "message": {"text": d.message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": reference(path)},
            "region": {
                "startLine": range.start.line + 1, "startColumn": range.start.character + 1,
                "endLine": range.end.line + 1, "endColumn": range.end.character + 1,
            },
        }}],
    })
}

/// Workflow commands, one line each.
pub fn github(files: &[Judged], out: &mut dyn Write) -> io::Result<()> {
    let escape = |s: &str| s.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |s: &str| escape(s).replace(':', "%3A").replace(',', "%2C");
    for file in files {
        let mut lines = Lines::new(file);
        for d in file.found.iter().cloned() {
            let range = lines.range(d.file, d.span);
            let path = file.text(d.file).map_or(file.path.as_str(), |t| t.path);
            writeln!(
                out,
                "::{} file={},line={},col={},title={}::{}",
                level(&d, "notice"),
                property(path),
                range.start.line + 1,
                range.start.character + 1,
                property(d.code),
                escape(&d.message),
            )?;
        }
    }
    Ok(())
}
