//! Entries of the package lists that are no packages, and such as name no package at all: collections under a name that the
//! package manager gives them by itself, entries of lists that take packages alone. Asks no repository.

use rustc_hash::FxHashMap;

use super::found::{Found, before};
use super::packages::Family;
use super::whole::Whole;
use crate::description::model::{At, Item, ItemKind};

/// Judges the entries of all lists.
pub(super) fn lists(whole: &Whole<'_>, found: &mut Found<'_>) {
    let catalog = &whole.catalog;
    if let Some(first) = catalog.first("") {
        for (_, item) in catalog.same(first) {
            let message = format!("the `<{}>` has no name", item.kind.element());
            let edit = found.remove(item, false);
            if let Some(told) = found.add("package-name", &item.name, message, "a name is expected") {
                told.fixes.extend(edit);
            }
        }
    }
    if catalog.special.is_empty() {
        return;
    }
    let managers = super::scope::managers(whole.image);
    let mut families = managers.iter().map(|m| Family::of(m));
    let family = families
        .next()
        .flatten()
        .filter(|own| families.all(|f| f == Some(*own)));
    let mut modules: FxHashMap<&str, &At> = FxHashMap::default();
    for at in &catalog.special {
        let Some(item) = catalog.item(*at) else { continue };
        let section = whole.image.packages.get(catalog.section(*at));
        let list = section.map_or("", |s| s.kind.value.trim());
        match (item.kind, list) {
            (
                ItemKind::Collection | ItemKind::Product | ItemKind::Ignore,
                "delete" | "uninstall" | "systemfiles",
            ) => {
                let message = format!("`<{}>` counts for nothing here", item.kind.element());
                let label = "this list takes packages alone";
                found.add("unused-setting", &item.name, message, label);
            }
            (ItemKind::Collection, _) => collection(item, family, found),
            // In another list it is misplaced, which is told.
            (ItemKind::Module, "bootstrap") => module(
                item,
                family,
                section.is_some_and(|s| s.filter.profiles.is_empty()),
                &mut modules,
                found,
            ),
            _ => {}
        }
    }
}

/// A collection with what the package manager puts before its name.
fn collection(item: &Item, family: Option<Family>, found: &mut Found<'_>) {
    let name = item.name.value.trim();
    let (bare, message) = match family {
        Some(Family::Suse) if name.starts_with("pattern:") => {
            let bare = name.trim_start_matches("pattern:").to_owned();
            (bare, format!("`{name}` is looked for as `pattern:{name}`"))
        }
        Some(Family::Suse) if name.starts_with('@') => {
            let bare = name.trim_start_matches('@').to_owned();
            (
                bare,
                format!("`{name}` is written as a group of dnf's, and is looked for as `pattern:{name}`"),
            )
        }
        // What the package of a pattern is called.
        Some(Family::Suse) if name.starts_with("patterns-") => {
            let rest = name.trim_start_matches("patterns-");
            let bare = rest.split_once('-').map_or(rest, |(_, own)| own).to_owned();
            (
                bare,
                format!("`{name}` is a package that brings a pattern, and no pattern itself"),
            )
        }
        Some(Family::RedHat) if name.starts_with('@') => {
            let bare = name.trim_start_matches('@').to_owned();
            (bare, format!("`{name}` is looked for as `@{name}`"))
        }
        Some(Family::RedHat) if name.starts_with("patterns-") => {
            let message = format!("`{name}` is a pattern of SUSE's, and no group of packages");
            let told = found.add(
                "package-of-other-distribution",
                &item.name,
                message,
                "such as `core`",
            );
            if let Some(told) = told {
                told.help = Some("the group is not found: the build would stop in prepare".into());
            }
            return;
        }
        _ => return,
    };
    found.instead("package-name", &item.name, message, Some(&bare), false, "");
}

/// A module of `dnf` for another package manager, or one that is set twice.
fn module<'a>(
    item: &'a Item,
    family: Option<Family>,
    always: bool,
    seen: &mut FxHashMap<&'a str, &'a At>,
    found: &mut Found<'_>,
) {
    if family.is_some_and(|f| f != Family::RedHat) {
        let message = "the package manager has no modules".to_owned();
        let label = "nothing is done for it";
        if let Some(told) = found.add("entry-not-for-manager", &item.name, message, label) {
            told.severity = crate::diagnostic::Severity::Info;
        }
    } else if always && let Some(first) = before(seen, item.name.value.trim(), &item.name) {
        let message = format!("the module `{}` is set twice", item.name.value.trim());
        found.pair(
            "duplicate-setting",
            &item.name,
            message,
            "again",
            first,
            "first set here",
        );
    }
}
