//! `<file>` entries of one build that come into each other's way: one file for two places, two files for one.

use rustc_hash::FxHashMap;

use crate::description::model::{Filter, Item, ItemKind};
use crate::rules::found::Found;
use crate::rules::scope::name;
use crate::rules::whole::Whole;

/// An entry with when its section is active.
type Entry<'a> = (&'a Item, &'a Filter);

/// Some build has both.
fn together(one: &Filter, other: &Filter) -> bool {
    let always = |f: &Filter| f.profiles.is_empty() && f.arches.is_empty();
    always(one) || always(other) || std::ptr::eq(one, other)
}

/// Judges the entries of all lists.
pub(in crate::rules) fn check(whole: &Whole<'_>, found: &mut Found<'_>) {
    // Those of the bootstrap are kept by themselves.
    let mut names: FxHashMap<(bool, &str), Entry<'_>> = FxHashMap::default();
    let mut targets: FxHashMap<(bool, &str), Entry<'_>> = FxHashMap::default();
    let catalog = &whole.catalog;
    for at in &catalog.special {
        let Some(item) = catalog.item(*at).filter(|i| i.kind == ItemKind::File) else {
            continue;
        };
        let section = whole.image.packages.get(catalog.section(*at));
        let Some(section) = section.filter(|s| !super::removes(s)) else {
            continue;
        };
        let own = (item, &section.filter);
        let early = section.kind.value.trim() == "bootstrap";
        let first = *names.entry((early, name(item))).or_insert(own);
        if !std::ptr::eq(first.0, item) {
            if together(first.1, own.1) {
                let message = format!("of the file `{}` the last entry alone counts", name(item));
                let note = "this one does not";
                found.pair(
                    "duplicate-setting",
                    &item.name,
                    message,
                    "counts",
                    &first.0.name,
                    note,
                );
            }
            continue;
        }
        let Some(target) = item.attrs().at("target") else {
            continue;
        };
        let path = target.value.trim();
        if path.is_empty() || path.ends_with('/') {
            continue;
        }
        let first = *targets.entry((early, path)).or_insert(own);
        let other = first
            .0
            .attrs()
            .at("target")
            .filter(|_| !std::ptr::eq(first.0, item));
        if let Some(other) = other.filter(|_| together(first.1, own.1)) {
            let message = format!("two files go to `{path}`, and one of them stays there");
            let note = "the other is here";
            found.pair("duplicate-setting", target, message, "taken", other, note);
        }
    }
}
