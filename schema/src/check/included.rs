//! A description and its includes judged as the one text that KIWI makes of them; each finding is told in the file
//! where its fault stands.

use super::moved::moved;
use super::{Checked, Options, allow, by_grammar, check_tree, ruled, sort};
use crate::description::load::include_path;
use crate::description::{Loaded, has_includes};
use crate::diagnostic::{Diagnostic, FileId, Severity};
use crate::rules;
use crate::syntax::{Attr, NodeId, NodeKind, Tree, XMLNS_NAMESPACE, parse};
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
        None => match in_other_mark_up(loaded, options) {
            Some(found) => out.extend(found),
            None => {
                let tree = crate::format::parse_text(&loaded.path, main.text.clone());
                out.extend(alone(check_tree(tree, options).diagnostics));
            }
        },
    }
    sort(&mut out);
    out
}

/// Without what a text that includes others may lack.
fn alone(found: Vec<Diagnostic>) -> impl Iterator<Item = Diagnostic> {
    lacking(found, Vec::new())
}

/// Without what a text that includes others may lack, save what they lack too.
fn lacking(found: Vec<Diagnostic>, still: Vec<String>) -> impl Iterator<Item = Diagnostic> {
    let stays = move |d: &Diagnostic| d.code != "missing-element" || still.contains(&d.message.to_string());
    found.into_iter().filter(stays)
}

/// What is found in a description in another mark-up and in the files it includes: it stands around them as the XML that
/// KIWI makes of it. None where that cannot be made of it.
fn in_other_mark_up(loaded: &Loaded, options: Options<'_>) -> Option<Vec<Diagnostic>> {
    let others = loaded.trees.get(1..)?;
    let main = crate::format::parse_text(&loaded.path, loaded.image.files.first()?.text.clone());
    let sound = |t: &Tree| t.errors().is_empty() && t.is_xml();
    if main.is_xml() || !main.errors().is_empty() || others.is_empty() || !others.iter().all(sound) {
        return None;
    }
    let mut as_xml = loaded.clone();
    *as_xml.trees.first_mut()? = parse(&crate::format::to_xml(&main));
    let (text, parts) = join(&as_xml)?;
    let whole = by_grammar(parse(&text), options);
    let refused = whole.diagnostics.iter().any(|d| d.severity == Severity::Error);
    // Of places in the main file the XML knows none: that file is judged by the model where all is there and sound, and
    // alone where not.
    let apart = refused || has_includes(&whole.tree);
    let (whole, ruled) = if apart {
        ruled(whole, options)
    } else {
        (whole, None)
    };
    // What all of them lack is the main file's.
    let still = whole.diagnostics.iter().filter(|d| d.code == "missing-element");
    let still = still.map(|d| d.message.to_string()).collect();
    let mut out: Vec<_> = elsewhere(whole.diagnostics, &parts).collect();
    let complete = if apart {
        out.extend(lacking(check_tree(main, options).diagnostics, still));
        ruled
    } else {
        let numbers: Vec<_> = super::keys::numbers(&main).collect();
        let Checked { tree, diagnostics } = by_grammar(main, options);
        out.extend(alone(diagnostics).chain(numbers));
        out.extend(rules::check(&loaded.image, &loaded.trees, &options.rules));
        for found in out.iter_mut().filter(|d| d.file == FileId::default()) {
            found.fixes.retain(|fix| tree.takes(fix));
        }
        let complete = options.rules.profiles.is_empty() && options.rules.type_name.is_none();
        allow::apply(&tree, FileId::default(), complete, &mut out);
        Some(complete)
    };
    for (id, tree) in loaded.trees.iter().enumerate().skip(1) {
        if let Some(complete) = complete {
            allow::apply(tree, FileId(id as u32), complete, &mut out);
        }
    }
    Some(out)
}

/// What was found in the joined text outside the main file.
fn elsewhere(found: Vec<Diagnostic>, parts: &[Part]) -> impl Iterator<Item = Diagnostic> + '_ {
    let main = FileId::default();
    let found = found.into_iter();
    found.filter_map(move |d| {
        let mut found = told(parts, d).filter(|d| d.file != main)?;
        found.notes.retain(|note| note.file != main);
        Some(found)
    })
}

/// The joined text, and where its bytes come from. An include that is not there stays as it is.
fn join(loaded: &Loaded) -> Option<(String, Vec<Part>)> {
    let tree = loaded.trees.first()?;
    let mut joined = Joined::default();
    let whole = Span::new(0, tree.text().len() as u32);
    // Entities of a file hold for all: of several files that have some, one would take those of another.
    let doctypes = loaded
        .trees
        .iter()
        .enumerate()
        .filter_map(|(n, t)| Some((n, doctype(t)?)));
    let doctypes: Vec<(usize, Span)> = doctypes.collect();
    let start = match doctypes.as_slice() {
        [] | [(0, _)] => 0,
        [(n, span)] => {
            let root = tree.node(tree.root()?).span.start;
            joined.add(loaded, 0, Span::new(0, root));
            joined.add(loaded, *n, *span);
            root
        }
        _ => return None,
    };
    splice(loaded, 0, Span::new(start, whole.end), &mut 1, &mut joined)?;
    Some((joined.text, joined.parts))
}

fn doctype(tree: &Tree) -> Option<Span> {
    let mut all = tree.children(tree.document()).map(|c| tree.node(c));
    all.find(|n| n.kind == NodeKind::Doctype).map(|n| n.span)
}

/// The joined text as it grows.
#[derive(Default)]
struct Joined {
    text: String,
    parts: Vec<Part>,
}

impl Joined {
    /// A stretch of a file.
    fn add(&mut self, loaded: &Loaded, file: usize, span: Span) {
        let text = loaded.trees.get(file).map_or("", |t| span.of(t.text()));
        self.say(file, span, text);
    }

    /// A text that stands for a stretch of a file.
    fn say(&mut self, file: usize, span: Span, text: &str) {
        self.parts.push(Part {
            start: self.text.len() as u32,
            file: FileId(file as u32),
            span,
        });
        self.text.push_str(text);
    }
}

/// Adds a stretch of a file with what it includes, in the order of the walk that loaded it; `next` is the first file
/// that has not been met. Loading refuses a file within itself, so this ends.
fn splice(loaded: &Loaded, file: usize, whole: Span, next: &mut usize, joined: &mut Joined) -> Option<()> {
    let tree = loaded.trees.get(file)?;
    let root = tree.root()?;
    let mut at = whole.start;
    for id in tree.elements(root) {
        let node = tree.node(id);
        if tree.local(id) == "include" {
            let from = tree.attr_value(id, "from");
            let path = from.and_then(|f| include_path(&f, &loaded.dir));
            let mut meant = loaded.meant.iter();
            let meant = meant.find(|(wrong, _)| Some(wrong) == path.as_ref());
            let path = meant.map(|(_, right)| right.clone()).or(path);
            let files = loaded.image.files.iter().enumerate().skip(*next);
            let mut here = files.filter(|(_, f)| Some(&f.path) == path.as_ref());
            let inner = here.next().and_then(|(n, _)| Some((n, loaded.trees.get(n)?)));
            let Some((n, inner)) = inner else {
                // One that has been read is told as that, and is there once.
                let before = loaded.image.files.iter().take(*next);
                if before.skip(1).any(|f| Some(&f.path) == path.as_ref()) {
                    joined.add(loaded, file, Span::new(at, node.span.start));
                    at = node.span.end;
                }
                continue;
            };
            *next = n + 1;
            let content = inner.content_span(inner.root()?);
            joined.add(loaded, file, Span::new(at, node.span.start));
            splice(loaded, n, content, next, joined)?;
            at = node.span.end;
        } else if file > 0 && tree.attrs(root).iter().any(|a| declares(tree, a)) {
            // The root element of an included file is left out, and what it says of prefixes is not.
            let name = node.name_span.end;
            joined.add(loaded, file, Span::new(at, name));
            joined.say(file, Span::empty(name), &prefixes(tree, root, id));
            at = name;
        }
    }
    joined.add(loaded, file, Span::new(at, whole.end));
    Some(())
}

fn declares(tree: &Tree, attr: &Attr) -> bool {
    &*tree.name(attr.name).namespace == XMLNS_NAMESPACE
}

/// The declarations of prefixes that an element has and one in it has not, as they are written, each after a blank.
fn prefixes(tree: &Tree, outer: NodeId, inner: NodeId) -> String {
    let own = tree.attrs(inner);
    let more = tree.attrs(outer).iter();
    let more = more.filter(|a| declares(tree, a) && own.iter().all(|o| o.name != a.name));
    more.map(|a| format!(" {}", a.span.of(tree.text()))).collect()
}

/// A place of the joined text in its file; one that leaves its file ends there.
fn place(parts: &[Part], span: Span) -> Option<(FileId, Span)> {
    let n = parts.partition_point(|p| p.start <= span.start).checked_sub(1)?;
    let part = parts.get(n)?;
    let back = |at: u32| (at - part.start + part.span.start).min(part.span.end);
    Some((part.file, Span::new(back(span.start), back(span.end))))
}

fn told(parts: &[Part], mut found: Diagnostic) -> Option<Diagnostic> {
    let there = moved(&mut found, &|_, span| place(parts, span));
    // A list that is included may be for other descriptions too.
    if found.code == "section-for-absent-type" && found.file != FileId::default() {
        found.severity = Severity::Info;
    }
    there.then_some(found)
}
