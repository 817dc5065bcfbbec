//! Suites and components on servers that are no distribution's own, where there may be any: slips of those that
//! distributions have. Asks no server.

use super::part;
use super::suites::{Archive, DEBIAN, UBUNTU, codename, each_word};
use crate::description::model::At;
use crate::rules::found::{Found, one_keystroke};

/// On a server that is no distribution's own there may be any suite: only a slip of a name that is one is told.
pub(in crate::rules) fn suite(at: &At, value: &str, found: &mut Found<'_>) {
    let archives = [&DEBIAN, &UBUNTU];
    let known = |name: &str| archives.iter().any(|a| a.suites.contains(&name));
    let name = value.split(['-', '/']).next().unwrap_or(value);
    if name.len() < 4 || known(name) || OLD.contains(&name) {
        return;
    }
    let mut all = archives.iter().flat_map(|a| a.suites).copied();
    // Two letters that changed places, or one: names of releases are unlike each other.
    let slip = |s: &&str| s.len() > 4 && crate::rules::found::one_keystroke(s, name);
    // Or two at the end of a name.
    let end = |s: &&str| {
        let head = s.get(..4).filter(|_| s.len() > 5);
        head.is_some_and(|head| name.starts_with(head)) && strsim::damerau_levenshtein(s, name) == 2
    };
    if let Some(meant) = all.clone().find(slip).or_else(|| all.find(end)) {
        let message = format!("no release of Debian or Ubuntu is called `{name}`");
        let whole = value.replacen(name, meant, 1);
        found.instead("repository-suite", at, message, Some(&whole), false, "");
    }
}

/// Releases of Debian that are older than those judged.
pub(in crate::rules) const OLD: &[&str] = &[
    "wheezy", "squeeze", "lenny", "etch", "sarge", "woody", "potato", "slink",
];

/// The distribution that a suite is of, by its name.
fn of_suite(suite: &At) -> Option<&'static Archive> {
    let (name, _) = super::suite_releases::release(suite.value.trim());
    let name = codename(name.split('-').next().unwrap_or(name))?;
    [&DEBIAN, &UBUNTU].into_iter().find(|a| a.suites.contains(&name))
}

/// Components that are slips of `main`, or beside it of others of the suite's distribution.
pub(in crate::rules) fn components(at: &At, suite: Option<&At>, found: &mut Found<'_>) {
    let Some(archive) = suite.and_then(of_suite) else {
        return;
    };
    let main = at.value.split_whitespace().any(|w| w == "main");
    each_word(&at.value, |from, word| {
        // Without `main` it is another's, with components of its own, or a slip of that one.
        let nearly_main = word.starts_with('m') && word != "mail" && word.len() > 2;
        let judged = |k: &str| {
            if main {
                k.len() > 5
            } else {
                k == "main" && nearly_main
            }
        };
        let close = |k: &&str| judged(k) && one_keystroke(k, word);
        let meant = archive.components.iter().copied().find(close);
        if let Some(meant) = meant.filter(|_| !archive.has_component(word)) {
            let message = format!("{} has no component `{word}`", archive.name);
            let place = part(at, from, word);
            found.instead("repository-components", &place, message, Some(meant), false, "");
        }
    });
}
