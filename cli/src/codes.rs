//! Every code that can appear, with its line and its page. What a code means is the page's business.

use std::collections::BTreeMap;
use std::path::Path;

use apteryx_schema::description::view::nearest;
use apteryx_schema::diagnostic::Severity;
use apteryx_schema::levels::{self, Levels};
use apteryx_schema::rules;

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
    let mut seen = std::collections::BTreeSet::new();
    near.retain(|n| seen.insert(n.clone()));
    near.truncate(5);
    let near: Vec<_> = near.iter().map(|n| format!("`{n}`")).collect();
    format!("nearest: {}; `apteryx explain --list` lists all", near.join(", "))
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self { message, help: None }
    }
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
fn without_level(code: &str) -> Option<(String, String)> {
    if !is_known(code) {
        return Some((format!("there is no code `{code}`"), instead_of(code)));
    }
    let fixed = OF_THE_GRAMMAR.contains(&code) && rules::code(code).is_none();
    fixed.then(|| {
        let message = format!("`{code}` is what the grammar refuses, and always an error");
        (message, "remove it: it changes nothing".to_owned())
    })
}

/// Refuses codes of the command line that no level can be set for.
pub fn known(codes: &[String]) -> Result<(), Refused> {
    match codes.iter().find_map(|c| without_level(c)) {
        None => Ok(()),
        Some((message, help)) => Err(Refused {
            message,
            help: Some(help),
        }),
    }
}

/// The levels of the nearest `.apteryx.toml` for a description; one with a code that no level can be set for is refused.
pub fn levels(path: &Path) -> Result<Levels, Refused> {
    let levels = Levels::beside(path).map_err(|error| Refused {
        message: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        help: Some("under `[checks]`, each code has `off`, `info`, `warning` or `error`".to_owned()),
    })?;
    let mut wrong = levels.codes().filter_map(|c| Some((c, without_level(c)?)));
    let Some((code, (message, help))) = wrong.next() else {
        drop(wrong);
        return Ok(levels);
    };
    let file = levels::find(path).unwrap_or_default();
    let line = levels.line(code).unwrap_or(1);
    Err(Refused {
        message: format!("`{}` line {line}: {message}", file.display()),
        help: Some(help),
    })
}
