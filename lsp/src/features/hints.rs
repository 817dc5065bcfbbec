//! What stands beside package lists: how many packages each brings, and what a package alone adds. Asks the solver on lists
//! that are open already; nothing here reads a disk or a network.

use std::time::{Duration, Instant};

use apteryx_builder::packages::{Request, Solution, Universe, solve};
use apteryx_schema::Span;
use apteryx_schema::description::View;
use apteryx_schema::description::view::PackageKind;
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::syntax::{NodeId, Tree};

use super::megabytes;
use crate::snapshot::Derived;

/// One hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte that it stands behind.
    pub at: u32,
    /// What it says.
    pub text: String,
}

/// What is wanted: both can be turned off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Beside `<packages>`.
    pub sections: bool,
    /// Beside `<package>`.
    pub packages: bool,
}

/// Longer than this the single packages of one answer are not looked into: an answer that comes late helps nobody.
const LONGEST: Duration = Duration::from_millis(400);

/// The hints for what begins within `range`.
pub fn hints(
    derived: &Derived,
    view: &View<'_>,
    universe: &Universe,
    range: Span,
    wanted: Wanted,
) -> Vec<Hint> {
    let tree = &derived.tree;
    let Some(root) = tree.root() else {
        return Vec::new();
    };
    let active = active(view);
    let (all, ignore) = names(view);
    let whole = solved(universe, all.iter().map(|n| n.as_str()), &ignore);
    let begun = Instant::now();
    let mut out = Vec::new();
    for section in tree.elements(root).filter(|&id| tree.local(id) == "packages") {
        if tree.node(section).span.start > range.end || tree.node(section).span.end < range.start {
            continue;
        }
        let here: Vec<(NodeId, String)> = named(tree, section, &active);
        if wanted.sections && inside(tree, section, range) && !here.is_empty() {
            let section_names = here.iter().map(|(_, name)| name.as_str());
            if let Some(solution) = solved(universe, section_names, &ignore) {
                out.push(Hint {
                    at: tree.node(section).open.end,
                    text: format!(
                        "{} named, {} with dependencies, {}",
                        here.len(),
                        solution.packages.len(),
                        megabytes(size(&solution))
                    ),
                });
            }
        }
        let Some(whole) = whole.as_ref().filter(|_| wanted.packages) else {
            continue;
        };
        for (id, name) in here.iter().filter(|(id, _)| inside(tree, *id, range)) {
            if begun.elapsed() > LONGEST {
                return out;
            }
            let others = all.iter().filter(|other| *other != name).map(|n| n.as_str());
            let Some(without) = solved(universe, others, &ignore) else {
                continue;
            };
            let adds = size(whole).saturating_sub(size(&without));
            // Less than half a megabyte is not worth the place.
            if adds >= 500_000 {
                out.push(Hint {
                    at: tree.node(*id).span.end,
                    text: format!("+{}", megabytes(adds)),
                });
            }
        }
    }
    out
}

fn inside(tree: &Tree, id: NodeId, range: Span) -> bool {
    let at = tree.node(id).open.end;
    range.start <= at && at <= range.end
}

/// Where the view's packages stand in the document itself.
fn active(view: &View<'_>) -> Vec<Span> {
    let lists = [PackageKind::Bootstrap, PackageKind::System].map(|kind| view.list(kind));
    let items = lists.into_iter().flat_map(|l| &l.packages);
    let own = items.filter(|i| i.name.file == FileId::default());
    let mut spans: Vec<Span> = own.map(|i| i.name.span).collect();
    spans.sort();
    spans
}

/// The packages of a section that the view takes.
fn named(tree: &Tree, section: NodeId, active: &[Span]) -> Vec<(NodeId, String)> {
    let packages = tree.elements(section).filter(|&id| tree.local(id) == "package");
    let one = |id: NodeId| {
        let attr = tree.attr(id, "name")?;
        active.binary_search(&attr.value_span).ok()?;
        Some((id, tree.value(attr).trim().to_owned()))
    };
    packages.filter_map(one).collect()
}

/// All names of the view, and those it ignores.
fn names(view: &View<'_>) -> (Vec<String>, Vec<String>) {
    let (mut all, mut ignore) = (Vec::new(), Vec::new());
    for kind in [PackageKind::Bootstrap, PackageKind::System] {
        let list = view.list(kind);
        all.extend(list.packages.iter().map(|i| i.name.value.trim().to_owned()));
        ignore.extend(list.ignores.iter().map(|i| i.name.value.trim().to_owned()));
    }
    (all, ignore)
}

/// None where it cannot be solved: then the finding says why.
fn solved<'n>(
    universe: &Universe,
    names: impl Iterator<Item = &'n str>,
    ignore: &[String],
) -> Option<Solution> {
    let request = Request {
        install: names.map(|n| (n.to_owned(), None)).collect(),
        ignore: ignore.to_vec(),
        ..Request::default()
    };
    solve(universe, &request).ok()
}

fn size(solution: &Solution) -> u64 {
    solution.packages.iter().map(|s| s.package.installed_size()).sum()
}
