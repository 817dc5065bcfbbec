//! Allowances in the text: `<!-- apteryx: allow CODE: reason -->` holds for the next element with all it contains,
//! `<!-- apteryx: allow-file CODE: reason -->` for the file. What the grammar refuses is never allowed.

use crate::diagnostic::{Diagnostic, FileId, Severity, Source};
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

/// The allowances of a text, in order.
fn allowances(tree: &Tree) -> Vec<Allowance<'_>> {
    let comments = tree.all().filter(|&id| tree.node(id).kind == NodeKind::Comment);
    comments.filter_map(|id| one(tree, id)).collect()
}

fn one(tree: &Tree, id: NodeId) -> Option<Allowance<'_>> {
    let node = tree.node(id);
    let text = node.span.of(tree.text());
    let inner = text.strip_prefix("<!--")?.strip_suffix("-->")?.trim_start();
    let rest = inner.strip_prefix("apteryx:")?.trim_start();
    let (word, rest) = rest.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let code = rest
        .split([':', ' ', '\t', '\r', '\n'])
        .next()
        .filter(|c| !c.is_empty())?;
    let start = node.span.start + (text.len() - "-->".len() - rest.len()) as u32;
    let extent = match word {
        "allow-file" => tree.node(tree.document()).span.cover(Span::new(0, u32::MAX)),
        "allow" => {
            let mut next = node.next_sibling;
            while let Some(id) = next.filter(|&n| tree.node(n).kind != NodeKind::Element) {
                next = tree.node(id).next_sibling;
            }
            next.map_or(Span::empty(node.span.end), |n| tree.node(n).span)
        }
        _ => return None,
    };
    Some(Allowance {
        code,
        at: Span::new(start, start + code.len() as u32),
        extent,
    })
}

/// Leaves out the findings in this file that its text allows.
pub fn silence(tree: &Tree, file: FileId, found: &mut Vec<Diagnostic>) {
    hold(&allowances(tree), file, found);
}

/// For each allowance, whether it allowed something.
fn hold(all: &[Allowance<'_>], file: FileId, found: &mut Vec<Diagnostic>) -> Vec<bool> {
    let mut used = vec![false; all.len()];
    if all.is_empty() {
        return used;
    }
    found.retain(|d| {
        let fixed = matches!(d.source, Source::Xml | Source::Schema) && d.severity == Severity::Error;
        let mut kept = true;
        for (allowance, used) in all.iter().zip(&mut used) {
            let within = allowance.extent.start <= d.span.start && d.span.end <= allowance.extent.end;
            if !fixed && d.file == file && d.code == allowance.code && within {
                (*used, kept) = (true, false);
            }
        }
        kept
    });
    used
}

/// The same; where `complete` says that all rules have spoken, an allowance that allows nothing is a finding.
pub(super) fn apply(tree: &Tree, complete: bool, found: &mut Vec<Diagnostic>) {
    let all = allowances(tree);
    let used = hold(&all, FileId::default(), found);
    for (allowance, used) in all.iter().zip(used) {
        // What is found by other means than the text may yet come.
        let later = allowance.code.starts_with("package-") || allowance.code.contains("include");
        let later = later && rules::code(allowance.code).is_none_or(|c| c.source != Source::Rules);
        if used || later || !complete {
            continue;
        }
        let message = format!("nothing here needs `{}` to be allowed", allowance.code);
        let warning = Diagnostic::new(UNUSED, Severity::Warning, Source::Rules, allowance.at, message);
        found.push(warning.help("remove the comment"));
    }
}
