//! What the rules say of a text with a few faults where it is sure what it means: they judge the text as it will be, with
//! its slips mended, and are told in the text as it is. What depends on a guess is not told, nor anything of what a repair
//! puts in.

use std::collections::HashSet;
use std::path::Path;

use super::moved::moved;
use super::{Checked, Options, by_grammar};
use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Severity};
use crate::fix::{Round, first_round};
use crate::migrate::OUTDATED;
use crate::syntax::{Attr, NodeId, NodeKind, Tree};
use crate::text::Span;
use crate::{format, rules};

/// A text with more faults than this is not judged again: what it means is far from what it says.
pub(super) const MOST: usize = 16;

/// What the grammar finds too much, and which means nothing where it stands: without it a text says the same.
const IDLE: &[&str] = &["misplaced-attribute", "unexpected-text"];

/// Whose attributes and values decide what else a description has to have: of one that is none nobody knows.
const DECIDING: &[&str] = &[
    "image",
    "namedCollection",
    "oem-systemsize",
    "package",
    "packagemanager",
    "packages",
    "preferences",
    "product",
    "profile",
    "repository",
    "requires",
    "size",
];

/// Attributes of theirs on whose values nothing depends that a rule tells.
const INERT: &[(&str, &str)] = &[
    ("packages", "patternType"),
    ("profile", "description"),
    ("repository", "priority"),
    ("repository", "sourcetype"),
];

/// Whose attributes decide that where they are missing.
const NEEDED: &[&str] = &["source", "type"];

/// What may stay as it is while other things are judged: its element is there, and one of its values is not known.
const LEFT: &[&str] = &["invalid-value", "missing-attribute"];

/// The findings of the rules beside those that a text has been `told` of; none where it is not sure what it means.
pub(super) fn ruled(tree: &Tree, told: &[Diagnostic], options: Options<'_>) -> Option<Vec<Diagnostic>> {
    if told.is_empty() || told.len() > MOST || told.iter().any(|d| d.severity != Severity::Error) {
        return None;
    }
    let (sure, unsure): (Vec<_>, Vec<_>) = told.iter().cloned().partition(|d| is_sure(tree, d));
    if unsure.iter().any(|d| !LEFT.contains(&d.code) || decides(tree, d)) {
        return None;
    }
    let mut found = judged(tree, &sure, unsure.len(), options)?;
    // Of a tag with a value that nobody knows no more is said than without it.
    let others = rules::unspoken(tree, &unsure, found.clone());
    if others.len() < found.len() {
        let removed: Option<Vec<_>> = unsure.iter().map(|d| removed(tree, d)).collect();
        let names: Vec<&str> = removed.iter().flatten().map(|(_, name)| *name).collect();
        let removed = removed.map(|all| all.into_iter().map(|(one, _)| one).collect());
        let without = removed.and_then(|r: Vec<_>| judged(tree, &[sure.clone(), r].concat(), 0, options));
        found = match without {
            Some(without) => among(found, &without),
            None => others,
        };
        // Nor what is said for want of it.
        let speaks = |d: &Diagnostic, name: &str| {
            let words = [d.message.to_string(), d.label.to_string()];
            words.iter().any(|w| w.contains(name))
        };
        found.retain(|d| !names.iter().any(|name| speaks(d, name)));
    }
    let (guessed, left): (Vec<_>, Vec<_>) = unsure.into_iter().partition(is_guessed);
    if !guessed.is_empty() {
        // What depends on a value that is only likely is not told: it is found with one of both.
        let all: Vec<_> = sure.into_iter().chain(guessed).collect();
        let other = judged(tree, &all, left.len(), options)?;
        found = among(found, &other);
    }
    found.retain(|d| {
        told.iter()
            .all(|t| t.span.end < d.span.start || d.span.end < t.span.start)
    });
    Some(found)
}

/// Those of the first that are among the others too.
fn among(mut found: Vec<Diagnostic>, others: &[Diagnostic]) -> Vec<Diagnostic> {
    let key = |d: &Diagnostic| (d.file, d.span, d.code);
    let both: HashSet<_> = others.iter().map(key).collect();
    found.retain(|d| both.contains(&key(d)));
    found
}

/// A finding about an attribute's value, mended by taking the attribute out.
fn removed<'t>(tree: &'t Tree, found: &Diagnostic) -> Option<(Diagnostic, &'t str)> {
    if found.code != "invalid-value" || !tree.is_xml() {
        return None;
    }
    let mut all = tree.all().filter(|&id| tree.node(id).kind == NodeKind::Element);
    let attribute = all.find_map(|id| {
        let mut own = tree.attrs(id).iter();
        own.find(|a| a.span.touches(found.span.start))
    })?;
    let mut one = found.clone();
    one.fixes = vec![Fix {
        title: "".into(),
        edits: vec![Edit {
            span: tree.with_blanks(attribute),
            new_text: String::new().into(),
        }],
        safe: true,
    }];
    Some((one, &*tree.name(attribute.name).local))
}

/// A text with these faults mended, judged by the grammar, and where its bytes come from.
fn mended(tree: &Tree, faults: &[Diagnostic], options: Options<'_>) -> Option<(Checked, Places)> {
    let round = first_round(faults, FileId::default(), true);
    if round.fixed < faults.len() {
        return None;
    }
    let text = round.apply(tree.text());
    let checked = by_grammar(format::parse_text(Path::new(""), text.into()), options);
    Some((checked, Places::of(&round)))
}

/// What the rules find when these are mended, and so many faults stay.
fn judged(tree: &Tree, faults: &[Diagnostic], left: usize, options: Options<'_>) -> Option<Vec<Diagnostic>> {
    let (checked, places) = mended(tree, faults, options)?;
    let stay = checked.diagnostics.iter().filter(|d| d.code != OUTDATED);
    if stay.clone().any(|d| !LEFT.contains(&d.code)) || stay.count() != left {
        return None;
    }
    let mut found = rules::check_text(&checked.tree, &[], &options.rules);
    found.retain_mut(|d| moved(d, &|file, span| Some((file, places.back(span)?))));
    Some(found)
}

/// A value that has a likely other one.
fn is_guessed(found: &Diagnostic) -> bool {
    let plain = |(_, new): (Span, &str)| !new.contains('$');
    found.code == "invalid-value" && found.likeliest().is_some_and(|(_, mut edits)| edits.all(plain))
}

/// True where a text means what the first repair of a finding makes of it. Of a value that is a slip of more than one
/// keystroke it is likely, and no more.
pub(super) fn is_sure(tree: &Tree, found: &Diagnostic) -> bool {
    let named = |new: &str| crate::validate::CERTAIN.contains(&new);
    let slip = |(span, new): (Span, &str)| named(new) || rules::one_keystroke(span.of(tree.text()), new);
    found
        .likeliest()
        .is_some_and(|(safe, mut edits)| match found.code {
            "invalid-value" => safe && edits.all(slip),
            code => safe || IDLE.contains(&code),
        })
}

/// True where other things depend on the value that a finding is about.
fn decides(tree: &Tree, found: &Diagnostic) -> bool {
    let here = |id: &NodeId| {
        let node = tree.node(*id);
        node.kind == NodeKind::Element && node.span.touches(found.span.start)
    };
    let innermost = tree.all().filter(here).last();
    let missing = found.code == "missing-attribute";
    innermost.is_none_or(|id| {
        let name = tree.local(id);
        let here = |a: &&Attr| a.span.touches(found.span.start);
        let attribute = tree.attrs(id).iter().find(here);
        let inert = |a: &Attr| INERT.contains(&(name, tree.name(a.name).local.as_ref()));
        let deciding = DECIDING.contains(&name) && !attribute.is_some_and(inert);
        deciding || missing && NEEDED.contains(&name)
    })
}

/// Where the bytes of a repaired text come from.
#[derive(Debug)]
pub(super) struct Places {
    /// Each replaced stretch: where it is, and where what replaces it is. In the order of both texts.
    replaced: Vec<(Span, Span)>,
}

impl Places {
    pub fn of(round: &Round<'_>) -> Self {
        let (mut grown, mut shrunk) = (0u32, 0u32);
        let replaced = round.edits().map(|(span, new)| {
            let start = span.start + grown - shrunk;
            grown += new.len() as u32;
            shrunk += span.len();
            (span, Span::new(start, start + new.len() as u32))
        });
        Self {
            replaced: replaced.collect(),
        }
    }

    /// The place in the text as it is; none where it is not whole there.
    pub fn back(&self, span: Span) -> Option<Span> {
        let touched = |(_, new): &(Span, Span)| new.start <= span.end && span.start <= new.end;
        let inside = |(_, new): &(Span, Span)| span.start < new.start && new.end < span.end;
        if self.replaced.iter().any(|r| touched(r) && !inside(r)) {
            return None;
        }
        let back = |at: u32| {
            let before = self.replaced.iter().rev().find(|(_, new)| new.end <= at);
            before.map_or(at, |(old, new)| at - new.end + old.end)
        };
        Some(Span::new(back(span.start), back(span.end)))
    }
}
