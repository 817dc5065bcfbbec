//! Allowances in the text: `<!-- apteryx: allow CODE: reason -->` holds for the next element with all it contains,
//! `<!-- apteryx: allow-file CODE: reason -->` for the file; several codes stand with commas between them. In YAML and
//! TOML they are comments after `#` (`lines`). What the grammar refuses is never allowed.

mod lines;

use std::collections::HashMap;

use crate::description::nearest;
use crate::diagnostic::{Diagnostic, FileId, Label, Severity, Source};
use crate::rules;
use crate::syntax::{NodeId, NodeKind, Tree};
use crate::text::Span;

/// The code of an allowance that allows nothing.
pub const UNUSED: &str = "unused-allowance";

struct Allowance<'t> {
    code: &'t str,
    /// The code's own bytes.
    at: Span,
    /// Where it holds.
    extent: Span,
}

/// A comment that begins as an allowance does and is none: its bytes, and what is wrong.
struct Malformed {
    at: Span,
    message: String,
    label: &'static str,
}

/// The allowances of a text, in order, and what was meant to be one.
fn allowances(tree: &Tree) -> (Vec<Allowance<'_>>, Vec<Malformed>) {
    let (mut out, mut bad) = (Vec::new(), Vec::new());
    if !tree.is_xml() {
        for one in lines::all(tree) {
            match one {
                Ok(some) => out.extend(some),
                Err(malformed) => bad.push(malformed),
            }
        }
        return (out, bad);
    }
    // Most texts allow nothing, and the walk may be long.
    if memchr::memmem::find(tree.text().as_bytes(), ALLOW.as_bytes()).is_none() {
        return (out, bad);
    }
    let comments = tree.all().filter(|&id| tree.node(id).kind == NodeKind::Comment);
    let mut next = Next::default();
    for id in comments {
        match one(tree, id, &mut next) {
            Some(Ok(some)) => out.extend(some),
            Some(Err(malformed)) => bad.push(malformed),
            None => {}
        }
    }
    (out, bad)
}

/// The element that follows a node under the same parent. Comments in a row ask for the same one: it is kept.
#[derive(Default)]
struct Next {
    parent: Option<NodeId>,
    /// The last node asked about.
    asked: usize,
    found: Option<NodeId>,
}

impl Next {
    fn after(&mut self, tree: &Tree, id: NodeId) -> Option<NodeId> {
        let parent = tree.parent(id);
        let again = self.parent == parent && self.asked <= id.place() && self.found.is_none_or(|f| id < f);
        if !again {
            self.found = tree.next_element(id);
        }
        (self.parent, self.asked) = (parent, id.place());
        self.found
    }
}

/// How the words of an allowance begin.
const ALLOW: &str = "apteryx:";

/// The allowances of one comment, one for each code; none where it is about something else.
fn one<'t>(tree: &'t Tree, id: NodeId, next: &mut Next) -> Option<Result<Vec<Allowance<'t>>, Malformed>> {
    let node = tree.node(id);
    let text = node.span.of(tree.text());
    let inner = text.strip_prefix("<!--")?.strip_suffix("-->")?;
    let below = || {
        let next = next.after(tree, id);
        next.map_or(Span::empty(node.span.end), |n| tree.node(n).span)
    };
    read(tree, inner, below)
}

/// The allowances that a comment's words are; `below` says where one for the next element holds.
fn read<'t>(
    tree: &'t Tree,
    inner: &'t str,
    below: impl FnOnce() -> Span,
) -> Option<Result<Vec<Allowance<'t>>, Malformed>> {
    let rest = inner.trim_start().strip_prefix(ALLOW)?.trim_start();
    let place = |part: &str| {
        let start = (part.as_ptr() as usize - tree.text().as_ptr() as usize) as u32;
        Span::new(start, start + part.len() as u32)
    };
    let word = rest.split([' ', '\t', '\r', '\n', ':']).next().unwrap_or("");
    let malformed = |part: &str, message: String, label| {
        let at = place(part);
        Some(Err(Malformed { at, message, label }))
    };
    let extent = match word {
        "allow-file" => tree.node(tree.document()).span.cover(Span::new(0, u32::MAX)),
        "allow" => below(),
        _ => {
            let message = format!("`{word}` allows nothing");
            return malformed(word, message, "expected `allow` or `allow-file`");
        }
    };
    let listed = rest.get(word.len()..)?.split(':').next()?;
    let codes = listed
        .split([',', ' ', '\t', '\r', '\n'])
        .filter(|c| !c.is_empty());
    let out: Vec<_> = codes
        .map(|code| Allowance {
            code,
            at: place(code),
            extent,
        })
        .collect();
    if out.is_empty() {
        return malformed(
            word,
            format!("`{word}` names no code"),
            "expected a code and a reason",
        );
    }
    Some(Ok(out))
}

/// Leaves out the findings in this file that its text allows.
pub fn silence(tree: &Tree, file: FileId, found: &mut Vec<Diagnostic>) {
    hold(tree, &allowances(tree).0, file, found);
}

/// The same for all that was found in the description's folder: what is allowed there and is not needed is a finding.
pub fn silence_beside(tree: &Tree, file: FileId, found: &mut Vec<Diagnostic>) {
    let all = allowances(tree).0;
    let used = hold(tree, &all, file, found);
    let idle = all
        .iter()
        .zip(used)
        .filter(|(a, used)| !used && from(a.code) == Some(Source::Files));
    found.extend(idle.map(|(allowance, _)| idle_finding(allowance, file)));
}

/// Which part of the judgement finds what a code is for; none where no allowance holds for it.
fn from(code: &str) -> Option<Source> {
    match rules::code(code) {
        Some(known) => Some(known.source),
        None if code.starts_with("package-") || code.contains("include") => Some(Source::Packages),
        None => None,
    }
}

fn idle_finding(allowance: &Allowance<'_>, file: FileId) -> Diagnostic {
    let message = format!("nothing here needs `{}` to be allowed", allowance.code);
    let mut warning = Diagnostic::new(UNUSED, Severity::Warning, Source::Rules, allowance.at, message);
    warning.file = file;
    warning.help("remove the comment")
}

/// For each allowance, whether it allowed something.
fn hold(tree: &Tree, all: &[Allowance<'_>], file: FileId, found: &mut Vec<Diagnostic>) -> Vec<bool> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut extents: HashMap<&str, Extents> = HashMap::new();
    for allowance in all {
        extents
            .entry(allowance.code)
            .or_default()
            .list
            .push(Extent::new(allowance.extent));
    }
    extents.values_mut().for_each(Extents::nest);
    found.retain_mut(|d| {
        let fixed = matches!(d.source, Source::Xml | Source::Schema) && d.severity == Severity::Error;
        let Some(of) = extents.get_mut(d.code).filter(|_| !fixed) else {
            return true;
        };
        // One finding may stand for several places: what is allowed at one is not at the others.
        let also = |note: &Label| &*note.message == rules::ALSO;
        d.notes
            .retain(|note| !(also(note) && note.file == file && of.hold(note.span)));
        if d.file != file || !of.hold(d.span) {
            return true;
        }
        let Some(next) = d.notes.iter().position(also) else {
            return false;
        };
        let next = d.notes.remove(next);
        if next.file == file {
            // The message names the value that it is about.
            let value = |span: Span| format!("`{}`", span.of(tree.text()));
            d.message = d.message.replace(&value(d.span), &value(next.span)).into();
        }
        (d.file, d.span) = (next.file, next.span);
        d.fixes.clear();
        true
    });
    let held = |a: &Allowance<'_>| extents.get(a.code).is_some_and(|of| of.used(a.extent));
    all.iter().map(held).collect()
}

/// Where allowances of one code hold. As elements do, they lie apart or within one another.
#[derive(Default)]
struct Extents {
    /// Each once, by place, the outer one before the inner.
    list: Vec<Extent>,
}

struct Extent {
    span: Span,
    /// The one around it.
    outer: Option<usize>,
    /// A finding is allowed by it.
    used: bool,
}

impl Extent {
    fn new(span: Span) -> Self {
        Self {
            span,
            outer: None,
            used: false,
        }
    }
}

impl Extents {
    fn nest(&mut self) {
        self.list.sort_by_key(|e| (e.span.start, u32::MAX - e.span.end));
        self.list.dedup_by_key(|e| e.span);
        let mut around: Vec<(usize, Span)> = Vec::new();
        for (n, extent) in self.list.iter_mut().enumerate() {
            while around.last().is_some_and(|(_, a)| a.end < extent.span.end) {
                around.pop();
            }
            extent.outer = around.last().map(|(outer, _)| *outer);
            around.push((n, extent.span));
        }
    }

    /// True where one holds for a finding at `span`; all that do are used.
    fn hold(&mut self, span: Span) -> bool {
        let mut held = false;
        let mut next = self
            .list
            .partition_point(|e| e.span.start <= span.start)
            .checked_sub(1);
        while let Some(extent) = next.and_then(|n| self.list.get_mut(n)) {
            if span.end <= extent.span.end {
                (extent.used, held) = (true, true);
            }
            next = extent.outer;
        }
        held
    }

    fn used(&self, span: Span) -> bool {
        let key = |s: Span| (s.start, u32::MAX - s.end);
        let at = self.list.binary_search_by_key(&key(span), |e| key(e.span));
        at.ok().and_then(|n| self.list.get(n)).is_some_and(|e| e.used)
    }
}

/// The same; where `complete` says that all rules have spoken, an allowance that allows nothing is a finding.
pub(super) fn apply(tree: &Tree, file: FileId, complete: bool, found: &mut Vec<Diagnostic>) {
    let (all, malformed) = allowances(tree);
    let used = hold(tree, &all, file, found);
    for bad in malformed {
        let mut warning = Diagnostic::new(UNUSED, Severity::Warning, Source::Rules, bad.at, bad.message);
        warning.file = file;
        found.push(warning.label(bad.label).help(if tree.is_xml() {
            "write `<!-- apteryx: allow CODE: reason -->`"
        } else {
            "write `# apteryx: allow CODE: reason`"
        }));
    }
    for (allowance, used) in all.iter().zip(used) {
        // What is found by other means than the text may yet come.
        match from(allowance.code) {
            Some(Source::Rules) if !used && complete => found.push(idle_finding(allowance, file)),
            None => {
                let known = rules::CODES.iter().map(|c| c.code);
                // The nearest is no help where it is another word.
                let near = nearest(allowance.code, known).into_iter().next().filter(|near| {
                    let far = strsim::osa_distance(allowance.code, near);
                    far <= allowance.code.len().div_ceil(3)
                });
                let message = format!("there is nothing to allow by the name `{}`", allowance.code);
                let mut warning =
                    Diagnostic::new(UNUSED, Severity::Warning, Source::Rules, allowance.at, message);
                warning.file = file;
                let refused = "what the grammar refuses is never allowed";
                found.push(match near {
                    Some(near) => warning.label(format!("did you mean `{near}`?")).help(refused),
                    None => warning.label("`apteryx explain --list` lists all").help(refused),
                });
            }
            _ => {}
        }
    }
}
