//! What of a description is written in a form that the way to 8.5 rewrites: told, with the whole of that way as the
//! repair. Changes nothing itself.

use super::apply;
use super::steps::Change;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::rules;
use crate::syntax::{NodeId, Tree};
use crate::text::Span;

/// The code of these findings.
pub const OUTDATED: &str = "outdated-form";

/// Each repair rewrites all: beyond this many it is offered at the first place alone.
const MOST_FIXES: usize = 64;

/// The findings on a tree that `changes` are yet to be made in.
pub(super) fn told(tree: &Tree, changes: &[Change]) -> Vec<Diagnostic> {
    let told = changes.iter().filter_map(|c| one(tree, c));
    let mut out: Vec<Diagnostic> = told.collect();
    if out.is_empty() || !tree.errors().is_empty() {
        return out;
    }
    let mut edits: Vec<Edit> = changes.iter().map(|c| apply::edit(tree, c)).collect();
    edits.sort_by_key(|e| e.span);
    // A description of an older version is older as a whole: a single form of the newest in it would be read by no KIWI
    // of its own time.
    let fix = Fix {
        title: format!("upgrade to {}", super::CURRENT).into(),
        edits,
        safe: true,
    };
    let fixed = if out.len() > MOST_FIXES { 1 } else { out.len() };
    out.iter_mut().take(fixed).for_each(|d| d.fixes.push(fix.clone()));
    out
}

/// Where a change is told, of what, and what it is now.
pub(super) fn place(tree: &Tree, change: &Change) -> Option<(Span, String, String)> {
    let name = |id: &NodeId, attribute: &str| tree.attr(*id, attribute).map(|a| a.name_span);
    Some(match change {
        Change::Value(..) => return None,
        Change::Rename(id, old, new, _) => (
            name(id, old)?,
            subject(tree, *id, old),
            format!("it is `{new}` now"),
        ),
        Change::Split(id, old, [(a, _), (b, _)]) => {
            let label = format!("it is `{a}` and `{b}` now");
            (name(id, old)?, subject(tree, *id, old), label)
        }
        Change::Remove(id, old) => {
            let label = match *old {
                // The kind of repository is gone with its name.
                "type" => "no repository is of this kind any more",
                "use_for_bootstrap" | "vga" => "it means nothing any more",
                _ => "its newer name is there as well",
            };
            (name(id, old)?, subject(tree, *id, old), label.to_owned())
        }
        Change::Text(id, new) => {
            let span = tree.node(*id).span.trimmed(tree.text());
            let text = span.of(tree.text());
            (span, format!("`{text}`"), format!("it is `{new}` now"))
        }
    })
}

fn one(tree: &Tree, change: &Change) -> Option<Diagnostic> {
    let (span, what, label) = place(tree, change)?;
    let known = rules::code(OUTDATED)?;
    let message = format!("{what} is an outdated form");
    let mut found = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
    found.help = Some(known.consequence.into());
    Some(found)
}

fn subject(tree: &Tree, id: NodeId, attribute: &str) -> String {
    format!("`{attribute}` of `<{}>`", tree.local(id))
}
