//! The locale of an image beside the packages that bring its language: where lists name languages one by one and not that
//! of the locale. Knows how the packages are called; asks no repository.

use super::offers::{For, package};
use crate::rules::catalog::Catalog;
use crate::rules::found::{Found, Text};
use crate::rules::scope::{Scope, name};

/// How packages of one language begin, and the packages that bring all of them.
const PACKS: &[(&str, &[&str])] = &[
    ("glibc-langpack-", &["glibc-all-langpacks"]),
    ("language-pack-", &["locales-all", "locales"]),
];

/// Some list names languages.
pub(in crate::rules) fn named(catalog: &Catalog<'_>) -> bool {
    let mut odd = catalog.odd.iter().filter_map(|at| catalog.item(*at));
    odd.any(|item| PACKS.iter().any(|(start, _)| name(item).starts_with(start)))
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if !scope.whole.language_packs() || !matches!(scope.manager, "apt" | "dnf4" | "dnf5" | "microdnf") {
        return;
    }
    let Some(setting) = scope.view.first("locale") else {
        return;
    };
    // The first of several is that of the system.
    let own = setting.text.split(',').next().unwrap_or("").trim();
    let Some((language, _)) = own.split_once('_').filter(|(l, _)| (2..=3).contains(&l.len())) else {
        return;
    };
    let apt = scope.manager == "apt";
    let Some((start, all)) = PACKS
        .iter()
        .find(|(start, _)| start.starts_with("language") == apt)
    else {
        return;
    };
    let names = || scope.odd().map(name);
    // `zh-hans`, `en-base`
    let of = |n: &str, start: &str| {
        let rest = n.strip_prefix(start);
        rest.is_some_and(|r| r == language || r.strip_prefix(language).is_some_and(|r| r.starts_with('-')))
    };
    let brought = |n: &str| of(n, start) || of(n, "langpacks-") || of(n, "language-pack-gnome-");
    let Some(other) = names().find(|n| n.starts_with(start)) else {
        return;
    };
    if names().any(brought) || all.iter().any(|n| scope.has(n)) {
        return;
    }
    let message =
        format!("no list installs the locale `{own}`: the packages of languages are such as `{other}`");
    let name = format!("{start}{language}");
    let label = format!("add `{name}`");
    if found
        .add("unknown-locale", &Text(setting), message, label)
        .is_some()
    {
        package(scope, &name, For::All, found);
    }
}
