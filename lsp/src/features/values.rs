//! What may be written as the value of an attribute: the grammar's values, profiles, accounts; and how it is written
//! between, or without, its quotes.

use std::collections::BTreeSet;

use apteryx_schema::grammar::Grammar;
use apteryx_schema::{Span, rules, validate};

use super::completion::{Candidate, Kind, plain};
use super::cursor::{Quote, element_at};
use super::definition::{names_profiles, profiles};
use crate::snapshot::Derived;

/// The candidates for the value of `attribute`; `tag` is the byte of its tag's `<`.
pub fn values(
    derived: &Derived,
    tag: u32,
    element: &str,
    attribute: &str,
    value: Span,
    offset: u32,
) -> Vec<Candidate> {
    let (tree, text) = (&derived.tree, &*derived.text);
    let grammar = Grammar::kiwi();
    let (item, taken) = match is_list(attribute) {
        true => {
            let item = list_item(text, value, offset);
            let others = value.of(text).split(',').map(str::trim);
            let mine = item.of(text);
            let taken: Vec<&str> = others.filter(|o| *o != mine).collect();
            (item, taken)
        }
        false => (value, Vec::new()),
    };
    let free = |name: &str| !taken.contains(&name);
    if names_profiles(element, attribute) {
        let own = profiles(derived).into_iter().filter(|p| free(&p.name));
        return own
            .map(|p| plain(Kind::Profile, p.name, item, p.description))
            .collect();
    }
    let node = element_at(tree, tag);
    let expected = node.map(|id| validate::expected_values(grammar, tree, id, attribute).values);
    let expected = expected.unwrap_or_default().into_iter().map(|v| (v.value, v.doc));
    let mut known: Vec<_> = expected.collect();
    if known.is_empty() {
        let all = grammar.attribute_values(element, attribute).into_iter();
        known.extend(all.map(|v| (v.value, v.doc)));
    }
    let known: Vec<_> = known
        .into_iter()
        .filter(|(name, _)| free(name))
        .map(|(name, doc)| plain(Kind::Value, name, item, doc))
        .collect();
    if !known.is_empty() {
        return known;
    }
    let accounts = accounts(derived, element, attribute).into_iter();
    accounts
        .filter(|name| free(name))
        .map(|name| plain(Kind::Value, name, item, None))
        .collect()
}

/// Groups, shells and owners: those that the description has itself, then those that systems bring.
fn accounts(derived: &Derived, element: &str, attribute: &str) -> Vec<String> {
    let known: Vec<&str> = match (element, attribute) {
        ("user", "groups") => rules::GROUPS.to_vec(),
        ("user", "shell") => {
            let shells = [
                "/bin/bash",
                "/bin/sh",
                "/bin/zsh",
                "/usr/sbin/nologin",
                "/bin/false",
            ];
            return shells.map(str::to_owned).to_vec();
        }
        ("file" | "archive", "owner") => vec!["root:root"],
        _ => return Vec::new(),
    };
    let tree = &derived.tree;
    let users = tree.all().filter(|&id| tree.local(id) == "user");
    let mut own = BTreeSet::new();
    for user in users {
        let read = |name: &str| tree.attr_value(user, name).unwrap_or_default().into_owned();
        let groups = read("groups");
        let groups = groups.split(',').map(str::trim).filter(|g| !g.is_empty());
        match attribute {
            "groups" => own.extend(groups.map(str::to_owned)),
            _ => {
                let name = read("name");
                let group = groups.clone().next().unwrap_or(&name).to_owned();
                own.extend((!name.is_empty()).then(|| format!("{name}:{group}")));
            }
        }
    }
    let more = known.into_iter().map(str::to_owned).filter(|g| !own.contains(g));
    let more: Vec<String> = more.collect();
    own.into_iter().chain(more).collect()
}

/// True for attributes that take names between commas.
pub fn is_list(attribute: &str) -> bool {
    matches!(attribute, "profiles" | "arch" | "groups")
}

/// The item of a comma separated list that the cursor is in, without the blanks around it.
pub fn list_item(text: &str, value: Span, offset: u32) -> Span {
    let all = value.of(text);
    let at = offset.saturating_sub(value.start) as usize;
    let start = all.get(..at).and_then(|h| h.rfind(',')).map_or(0, |c| c + 1);
    let end = all
        .get(at..)
        .and_then(|t| t.find(','))
        .map_or(all.len(), |c| at + c);
    let item = all.get(start..end).unwrap_or("");
    let lead = item.len() - item.trim_start().len();
    let from = value.start + (start + lead) as u32;
    Span::new(from, from + item.trim().len() as u32)
}

/// A value as it has to be written there: with its quotes where they are absent, the closing one where it is open (not
/// for a list, which may go on), and no mark-up in it.
pub fn quoted(mut candidate: Candidate, quote: Quote, one: bool) -> Candidate {
    let mark = match quote {
        Quote::None => '"',
        Quote::Open(mark) | Quote::Closed(mark) => mark,
    };
    let (before, behind) = match quote {
        Quote::None => ("\"", "\""),
        Quote::Open('\'') if one => ("", "'"),
        Quote::Open(_) if one => ("", "\""),
        Quote::Open(_) | Quote::Closed(_) => ("", ""),
    };
    let other = if mark == '"' { "&quot;" } else { "&apos;" };
    let text = candidate.label.replace('&', "&amp;").replace('<', "&lt;");
    let text = format!("{before}{}{behind}", text.replace(mark, other));
    candidate.snippet = escaped(&text);
    candidate.plain = text;
    if quote == Quote::None {
        // What is typed so far has no quote.
        candidate.filter.get_or_insert_with(|| candidate.label.clone());
    }
    candidate
}

/// A text in LSP's snippet syntax.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
