//! Every code that can appear, with its line and its page, and whether a level can be set for it. What a code means is the
//! page's business.

use std::collections::{BTreeMap, BTreeSet};

use crate::description::nearest;
use crate::diagnostic::Severity;
use crate::rules;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Every code with its line: the rules', and those that have a page.
pub fn all() -> BTreeMap<&'static str, &'static str> {
    let line = |page: &'static str| {
        let mut lines = page.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
        lines.next().unwrap_or("")
    };
    let pages = PAGES.iter().map(|(code, page)| (*code, line(page)));
    let rules = rules::CODES.iter().map(|c| (c.code, c.summary));
    pages.chain(rules).collect()
}

/// The page of a code; where a rule has none yet, what is known of it.
pub fn page(code: &str) -> Option<String> {
    if let Some((_, page)) = PAGES.iter().find(|(c, _)| *c == code) {
        return Some((*page).to_owned());
    }
    let known = rules::code(code)?;
    let severity = match known.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    };
    Some(format!(
        "# {code}\n\n{severity}: {}\n\nWhy: {}\n",
        known.summary, known.consequence
    ))
}

/// There is such a code.
pub fn is_known(code: &str) -> bool {
    PAGES.iter().any(|(c, _)| *c == code) || rules::code(code).is_some()
}

/// The codes nearest to a name that is none, and how to see the rest.
pub fn instead_of(code: &str) -> String {
    let codes = all();
    // Of a part of a name those that have it, as a word of theirs where there are such.
    let word = |c: &&str| c.split('-').any(|w| w == code);
    let part = |c: &&str| !code.is_empty() && c.contains(code);
    let mut near: Vec<_> = codes.keys().copied().filter(word).map(str::to_owned).collect();
    near.extend(codes.keys().copied().filter(part).map(str::to_owned));
    near.extend(nearest(code, codes.keys().copied()));
    let mut seen = BTreeSet::new();
    near.retain(|n| seen.insert(n.clone()));
    near.truncate(5);
    let near: Vec<_> = near.iter().map(|n| format!("`{n}`")).collect();
    format!("nearest: {}; `apteryx explain --list` lists all", near.join(", "))
}

/// What the grammar refuses: an error whatever level is set.
const OF_THE_GRAMMAR: [&str; 12] = [
    "duplicate-element",
    "invalid-value",
    "misplaced-attribute",
    "misplaced-element",
    "missing-attribute",
    "missing-element",
    "missing-text",
    "missing-value",
    "schema-version",
    "unexpected-text",
    "unknown-attribute",
    "unknown-element",
];

/// Why no level can be set for a code, and what to do; none where one can.
pub fn without_level(code: &str) -> Option<(String, String)> {
    if !is_known(code) {
        return Some((format!("there is no code `{code}`"), instead_of(code)));
    }
    let fixed = OF_THE_GRAMMAR.contains(&code) && rules::code(code).is_none();
    fixed.then(|| {
        let message = format!("`{code}` is what the grammar refuses, and always an error");
        (message, "remove it: it changes nothing".to_owned())
    })
}
