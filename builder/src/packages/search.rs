//! Completion over all names. Scans about 1 MB of text at most; decodes no record.

use std::collections::{BinaryHeap, HashSet};
use std::ops::Range;

use memchr::memmem;

use super::index::Index;
use super::near::nearest;
use super::universe::Universe;

/// Names for what was typed: prefixes first (shorter ones first), then substrings, then slips where there is little else.
pub fn complete(universe: &Universe, typed: &str, limit: usize) -> Vec<String> {
    let typed = typed.trim().to_ascii_lowercase();
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    let add = |names: &mut Vec<String>, seen: &mut HashSet<String>, mut found: Vec<&str>| {
        found.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        for name in found {
            if names.len() < limit && seen.insert(name.to_owned()) {
                names.push(name.to_owned());
            }
        }
    };
    // A name may be in every index, so each gives as many as are wanted in all.
    let prefixed = universe
        .indexes()
        .flat_map(|i| shortest(i, i.prefixed(&typed), limit))
        .collect();
    add(&mut names, &mut seen, prefixed);
    if names.len() < limit && typed.len() >= 2 {
        add(
            &mut names,
            &mut seen,
            universe.indexes().flat_map(|i| containing(i, &typed)).collect(),
        );
    }
    if names.len() < limit.min(5) && typed.len() >= 4 {
        let near = nearest(universe, &typed, 5);
        names.extend(near.into_iter().filter(|name| seen.insert(name.clone())));
        names.truncate(limit);
    }
    names
}

/// The `limit` shortest real names of these rows; only those are decoded.
fn shortest(index: &Index, rows: Range<usize>, limit: usize) -> impl Iterator<Item = &str> {
    let mut best: BinaryHeap<(u16, usize)> = BinaryHeap::new();
    for row in rows {
        let Some((length, own)) = index.shape(row) else {
            continue;
        };
        let full = best.len() >= limit;
        if own == 0 || full && best.peek().is_none_or(|worst| *worst <= (length, row)) {
            continue;
        }
        if full {
            best.pop();
        }
        best.push((length, row));
    }
    best.into_iter()
        .filter_map(|(_, row)| index.name(row))
        .map(|n| n.text)
}

fn containing<'a>(index: &'a Index, part: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    let finder = memmem::Finder::new(part).into_owned();
    let text = index.text();
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = at + finder.find(text.get(at..)?)?;
        let row = index.row_at(found);
        // On to the next line, so that a name is found once.
        at = memchr::memchr(b'\n', text.get(found..)?).map_or(text.len(), |end| found + end);
        Some(row)
    })
    .filter_map(|row| index.name(row))
    .filter(|n| n.is_real())
    .map(|n| n.text)
}
