//! Names to delete or uninstall that no list installs: slips of such that are, and lists of which nothing is and which
//! nothing else brings. What is installed and removed is judged in `packages::removed`, with the scripts.

use super::{is_open_ended, is_pattern, removes};
use crate::description::PackageKind;
use crate::description::model::{Image, Item, ItemKind};
use crate::diagnostic::Severity;
use crate::rules::catalog::Place;
use crate::rules::found::Found;
use crate::rules::scope::{Scope, managers, name};
use crate::rules::whole::Whole;

/// The lists that remove, by their names, and what they do.
const REMOVE: [(PackageKind, &str, &str); 2] = [
    (PackageKind::Delete, "delete", "deleted"),
    (PackageKind::Uninstall, "uninstall", "uninstalled"),
];

/// What is removed and may be the fault of `slips`: the first entry of each name that some list has besides, or
/// that is near to another.
pub(in crate::rules) fn slipped<'a>(image: &'a Image, whole: &Whole<'a>) -> Vec<Place> {
    let catalog = &whole.catalog;
    let mut out: Vec<Place> = Vec::new();
    let sections = image.packages.iter().filter(|section| removes(section));
    for item in sections.flat_map(|section| &section.items) {
        let own = name(item);
        if own.len() <= 3 {
            continue;
        }
        let Some(first) = catalog.first(own) else { continue };
        if is_installed(whole, first) || !whole.near(own).is_empty() {
            out.push(first);
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Judges one view: names that are slips of what is installed.
pub(in crate::rules) fn slips(scope: &Scope<'_>, found: &mut Found<'_>) {
    for first in scope.whole.slipped() {
        let Some(own) = scope.whole.catalog.item(*first).map(name) else {
            continue;
        };
        for (kind, _, verb) in REMOVE {
            let Some(item) = scope.listed(kind, own).filter(|_| !scope.has(own)) else {
                continue;
            };
            // A dependency may bring it: only a name that looks like another is worth a word.
            if let Some(near) = scope.near_installed(own) {
                let message = format!("`{own}` is {verb}, and no list installs it");
                found.instead(
                    "deleted-never-installed",
                    &item.name,
                    message,
                    Some(near),
                    false,
                    "",
                );
            }
        }
    }
}

/// Judges all lists: such that remove nothing which some list installs, and nothing that another package may bring:
/// authors name what they saw in an image. Patterns and base images bring what no list says.
pub(in crate::rules) fn lists(whole: &Whole<'_>, found: &mut Found<'_>) {
    if !whole.slipped().is_empty() {
        return;
    }
    for (_, kind, verb) in REMOVE {
        // KIWI removes nothing so with apt, which is told.
        if kind == "uninstall" && managers(whole.image).contains(&"apt") {
            continue;
        }
        let sections = whole.image.packages.iter();
        let removing = sections.filter(|section| section.kind.value.trim() == kind);
        let items = removing.flat_map(|section| &section.items);
        let removed: Vec<&Item> = items.filter(|item| item.kind == ItemKind::Package).collect();
        let Some(first) = removed.first() else { continue };
        let mut firsts = removed.iter().filter_map(|item| whole.catalog.first(name(item)));
        let leaves = removed.iter().all(|item| super::leaves::is_leaf(name(item)));
        if !leaves || firsts.any(|first| is_installed(whole, first)) || brings_more(whole) {
            continue;
        }
        let message = match removed.len() {
            1 => format!("`{}` is {verb}, and no list installs it", name(first)),
            n => format!("no list installs any of the {n} packages that are {verb}"),
        };
        let label = "does another package require it?";
        if let Some(told) = found.add("deleted-never-installed", &first.name, message, label) {
            told.severity = Severity::Info;
            told.help = Some("where nothing of it is installed, KIWI stops at the end of prepare".into());
        }
    }
}

/// Some list installs a name, whatever is built.
fn is_installed(whole: &Whole<'_>, first: Place) -> bool {
    let (catalog, sections) = (&whole.catalog, &whole.image.packages);
    let list = |at: Place| sections.get(catalog.section(at));
    catalog
        .same(first)
        .any(|(at, _)| list(at).is_some_and(|section| !removes(section)))
}

/// Patterns, groups, products or base images bring more than is named.
fn brings_more(whole: &Whole<'_>) -> bool {
    let catalog = &whole.catalog;
    let special = catalog.special.iter().filter_map(|at| catalog.item(*at));
    let mut types = whole.image.preferences.iter().flat_map(|p| &p.types);
    special.into_iter().any(is_open_ended)
        || types.any(|t| t.element.attrs.get("derived_from").is_some())
        || catalog.all().any(|(_, item)| is_pattern(name(item)))
        || recommended(whole.image)
}

/// Some list asks for what its packages recommend.
fn recommended(image: &Image) -> bool {
    let kinds = |s: &crate::description::model::Packages| {
        s.element.attrs.get("patternType") == Some("plusRecommended")
    };
    image.packages.iter().any(kinds)
}
