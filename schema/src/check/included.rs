//! A description and its includes judged as the one text that KIWI makes of them; each finding is told in the file
//! where its fault stands.

use super::{Options, allow, by_grammar, check_tree, ruled, sort};
use crate::description::Loaded;
use crate::description::load::include_path;
use crate::diagnostic::{Diagnostic, FileId};
use crate::syntax::{NodeKind, parse};
use crate::text::Span;

/// A run of bytes of the joined text.
struct Part {
    /// Where it begins there.
    start: u32,
    /// The file it comes from.
    file: FileId,
    /// Its bytes in that file.
    span: Span,
}

/// What loading a description found and no judgement of its texts finds again.
pub fn found_loading(loaded: &Loaded) -> impl Iterator<Item = &Diagnostic> {
    let again = ["schema-version", "include-not-well-formed"];
    loaded
        .diagnostics
        .iter()
        .filter(move |d| !again.contains(&d.code))
}

/// Judges a loaded description with its includes. What loading itself found is not repeated.
pub fn check_included(loaded: &Loaded, options: Options<'_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (id, tree) in loaded.trees.iter().enumerate().skip(1) {
        out.extend(tree.errors().iter().cloned().map(|mut d| {
            let file = FileId(id as u32);
            d.file = file;
            d.notes.iter_mut().for_each(|n| n.file = file);
            d
        }));
    }
    let Some(main) = loaded.image.files.first() else {
        return out;
    };
    let whole = loaded.trees.iter().all(|t| t.errors().is_empty() && t.is_xml());
    match whole.then(|| join(loaded)).flatten() {
        // Where an include is not there, the rest is judged as it stands: that is what the grammar's verdict is about.
        Some((text, parts)) => {
            let (checked, ruled) = ruled(by_grammar(parse(&text), options), options);
            let found = checked.diagnostics.into_iter();
            out.extend(found.filter_map(|d| told(&parts, d)));
            // What a file allows holds for that file.
            for (id, tree) in loaded.trees.iter().enumerate() {
                if let Some(complete) = ruled {
                    allow::apply(tree, FileId(id as u32), complete, &mut out);
                }
            }
        }
        None => {
            let tree = crate::format::parse_text(&loaded.path, main.text.clone());
            let found = check_tree(tree, options).diagnostics;
            out.extend(found.into_iter().filter(|d| d.code != "missing-element"));
        }
    }
    sort(&mut out);
    out
}

/// The joined text, and where its bytes come from. An include that is not there stays as it is.
fn join(loaded: &Loaded) -> Option<(String, Vec<Part>)> {
    let tree = loaded.trees.first()?;
    let mut joined = (String::new(), Vec::new());
    let whole = Span::new(0, tree.text().len() as u32);
    splice(loaded, 0, whole, &mut 1, &mut joined)?;
    Some(joined)
}

/// Adds a stretch of a file with what it includes, in the order of the walk that loaded it; `next` is the first file
/// that has not been met. Loading refuses a file within itself, so this ends.
fn splice(
    loaded: &Loaded,
    file: usize,
    whole: Span,
    next: &mut usize,
    joined: &mut (String, Vec<Part>),
) -> Option<()> {
    let tree = loaded.trees.get(file)?;
    let add = |(text, parts): &mut (String, Vec<Part>), span: Span| {
        parts.push(Part {
            start: text.len() as u32,
            file: FileId(file as u32),
            span,
        });
        text.push_str(span.of(tree.text()));
    };
    let mut at = whole.start;
    for id in tree
        .elements(tree.root()?)
        .filter(|&c| tree.local(c) == "include")
    {
        let from = tree.attr_value(id, "from");
        let path = from.and_then(|f| include_path(&f, &loaded.dir));
        let files = loaded.image.files.iter().enumerate().skip(*next);
        let mut here = files.filter(|(_, f)| Some(&f.path) == path.as_ref());
        let inner = here.next().and_then(|(n, _)| Some((n, loaded.trees.get(n)?)));
        let Some((n, inner)) = inner else {
            continue;
        };
        *next = n + 1;
        let inner_root = inner.root()?;
        // Entities of its own would be lost.
        if inner
            .children(inner.document())
            .any(|c| inner.node(c).kind == NodeKind::Doctype)
        {
            return None;
        }
        let span = tree.node(id).span;
        add(joined, Span::new(at, span.start));
        splice(loaded, n, inner.content_span(inner_root), next, joined)?;
        at = span.end;
    }
    add(joined, Span::new(at, whole.end));
    Some(())
}

/// A place of the joined text in its file; one that leaves its file ends there.
fn place(parts: &[Part], span: Span) -> Option<(FileId, Span)> {
    let n = parts.partition_point(|p| p.start <= span.start).checked_sub(1)?;
    let part = parts.get(n)?;
    let back = |at: u32| (at - part.start + part.span.start).min(part.span.end);
    Some((part.file, Span::new(back(span.start), back(span.end))))
}

fn told(parts: &[Part], mut found: Diagnostic) -> Option<Diagnostic> {
    (found.file, found.span) = place(parts, found.span)?;
    for note in &mut found.notes {
        (note.file, note.span) = place(parts, note.span)?;
    }
    let file = found.file;
    found.fixes.retain_mut(|fix| {
        fix.edits.iter_mut().all(|edit| {
            let len = edit.span.len();
            let placed = place(parts, edit.span).filter(|(f, s)| *f == file && s.len() == len);
            placed.is_some_and(|(_, span)| {
                edit.span = span;
                true
            })
        })
    });
    Some(found)
}
