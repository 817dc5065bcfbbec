//! Databases of pacman's repositories: names that Arch Linux does not have or that its addresses do not lead to, and how they
//! are put together. Asks no server.

use rustc_hash::FxHashMap;

use crate::description::model::{At, Repository};
use crate::rules::found::{Found, before, has_part};

/// Repositories of Arch Linux.
const DATABASES: &[&str] = &[
    "core",
    "extra",
    "multilib",
    "core-testing",
    "extra-testing",
    "multilib-testing",
    "core-staging",
    "extra-staging",
    "community",
    "testing",
    "kde-unstable",
    "gnome-unstable",
];

/// Names of databases that are put together wrongly, and variables that pacman does not have. True where that was told.
fn words(at: &At, source: &At, found: &mut Found<'_>) -> bool {
    let (own, address) = (at.value.trim(), source.value.trim());
    if own.contains([',', ';']) && !own.contains('$') {
        let right: Vec<&str> = own.split([',', ';', ' ']).filter(|w| !w.is_empty()).collect();
        let message = "the databases of a repository stand apart by blanks".to_owned();
        found.instead(
            "repository-components",
            at,
            message,
            Some(&right.join(" ")),
            true,
            "",
        );
        return true;
    }
    for (other, meant) in [
        ("$basearch", "$arch"),
        ("$releasever", "$repo"),
        ("$repository", "$repo"),
    ] {
        if has_part(address, other) {
            let message = format!("pacman knows no `{other}` in an address");
            found.instead_of("repository-address", source, message, (other, meant), false);
            return true;
        }
    }
    // An address that is of one database is told as that.
    let one = DATABASES.iter().any(|d| address.contains(&format!("/{d}/os/")));
    let several = own.split_whitespace().count() > 1 && !one;
    if several && !address.contains("$repo") && !address.contains("${repo}") && address.contains("/os/") {
        let message = "the address is the same for each of several databases".to_owned();
        let label = "`$repo` is expected where the database's name stands";
        found.add("repository-address", source, message, label);
        return true;
    }
    let odd = own.split_whitespace().find_map(|w| {
        let close = |k: &&str| w.len() > 3 && crate::rules::found::one_keystroke(k, w);
        Some((
            w,
            DATABASES
                .iter()
                .copied()
                .find(close)
                .filter(|_| !DATABASES.contains(&w))?,
        ))
    });
    if let Some((odd, meant)) = odd.filter(|_| address.contains("$repo/os/")) {
        let message = format!("Arch Linux has no database `{odd}`");
        found.instead_of("repository-components", at, message, (odd, meant), false);
        return true;
    }
    false
}

/// Databases that the address does not have, and those that are named twice.
pub(super) fn judge(repositories: &[Repository], found: &mut Found<'_>) {
    let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
    for repository in repositories {
        let attrs = &repository.element.attrs;
        // One that names none is called by its alias.
        let components = attrs.at("components");
        let twice = |own: &str| {
            let alike = |r: &&Repository| r.element.attrs.get("alias").is_some_and(|a| a.trim() == own);
            repositories.iter().filter(alike).count() > 1
        };
        let known = |a: &&At| DATABASES.contains(&a.value.trim()) && !twice(a.value.trim());
        let alias = || attrs.at("alias").filter(known);
        let Some(at) = components.or_else(alias) else {
            continue;
        };
        let (own, source) = (at.value.trim(), repository.source.value.trim());
        if components.is_some() && words(at, &repository.source, found) {
            continue;
        }
        let folder = source
            .split_once("/os/")
            .and_then(|(head, _)| head.rsplit('/').next());
        let lacking = |f: &str| {
            own.split_whitespace()
                .find(|one| DATABASES.contains(&f) && *one != f)
        };
        if let Some((folder, own)) = folder.and_then(|f| Some((f, lacking(f)?))) {
            let message = format!("the database at this address is `{folder}`, and `{own}` is not there");
            found.instead("repository-components", at, message, Some(folder), false, "");
            continue;
        }
        let last = source
            .trim_end_matches('/')
            .rsplit_once("/os/")
            .map(|(_, last)| last);
        if let Some(last) =
            last.filter(|l| matches!(*l, "x86" | "amd64" | "x64" | "x86-64" | "x86_46" | "x68_64"))
        {
            let message = format!("Arch Linux has nothing for a machine `{last}`");
            let whole = source.replacen(&format!("/os/{last}"), "/os/x86_64", 1);
            found.instead(
                "repository-address",
                &repository.source,
                message,
                Some(&whole),
                false,
                "",
            );
            continue;
        }
        if folder == Some("community") {
            let message = "Arch Linux has no repository `community` any more".to_owned();
            found.add(
                "repository-address",
                &repository.source,
                message,
                "what it had is in `extra`",
            );
            continue;
        }
        // Each may be for a profile or a machine of its own.
        if !repository.filter.profiles.is_empty() || !repository.filter.arches.is_empty() {
            continue;
        }
        if let Some(first) = before(&mut seen, own, at) {
            let message = format!("two repositories have the database `{own}`");
            found.pair(
                "repository-components",
                at,
                message,
                "again",
                first,
                "the first is here",
            );
        }
    }
}
