//! "Did you mean" over all names: names a few slips away from the one given. It stands on the way of a keystroke, so it
//! looks at few names: those of about that length, and with about those letters. Completion stands in `search`.

use super::index::Index;
use super::universe::Universe;

/// Which letters the real names of an index have, those of equal length together. About 12 bytes a name, made when
/// somebody first asks.
#[derive(Debug)]
pub struct Shapes {
    letters: Vec<u64>,
    rows: Vec<u32>,
    /// Where the names of each length begin; the last is the end.
    begins: Vec<usize>,
}

impl Shapes {
    /// Reads all names once.
    pub fn of(index: &Index) -> Self {
        let real = || {
            (0..index.names())
                .filter_map(|row| Some((row, index.shape(row)?)))
                .filter(|(_, s)| s.1 > 0)
        };
        let mut begins = Vec::new();
        for (_, (length, _)) in real() {
            let length = usize::from(length);
            if begins.len() < length + 2 {
                begins.resize(length + 2, 0);
            }
            if let Some(count) = begins.get_mut(length + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        let mut next = begins.clone();
        let (mut all, mut rows) = (vec![0; sum], vec![0; sum]);
        for (row, (length, _)) in real() {
            let Some(place) = next.get_mut(usize::from(length)) else {
                continue;
            };
            let text = index.name(row).map_or("", |name| name.text);
            if let (Some(one), Some(number)) = (all.get_mut(*place), rows.get_mut(*place)) {
                (*one, *number) = (letters(text), row as u32);
            }
            *place += 1;
        }
        Self {
            letters: all,
            rows,
            begins,
        }
    }

    /// Rows of the names that may be within `allowed` slips of one of that length and those letters.
    fn near(&self, length: usize, own: u64, allowed: usize) -> impl Iterator<Item = usize> {
        let end = self.begins.len().saturating_sub(1);
        let at = |length: usize| self.begins.get(length.min(end)).copied().unwrap_or(0);
        let those = at(length.saturating_sub(allowed))..at(length + allowed + 1);
        let letters = self.letters.get(those.clone()).unwrap_or(&[]);
        let rows = self.rows.get(those).unwrap_or(&[]);
        // A slip takes away one letter at most, and puts in one at most.
        let few = move |other: u64| {
            (own & !other).count_ones().max((other & !own).count_ones()) as usize <= allowed
        };
        letters
            .iter()
            .zip(rows)
            .filter(move |&(&other, _)| few(other))
            .map(|(_, &row)| row as usize)
    }
}

/// Names within a few slips (a letter too many, too few, wrong, swapped) of `name`, the nearest first; among equals
/// those that share the longer beginning.
pub fn nearest(universe: &Universe, name: &str, n: usize) -> Vec<String> {
    let Some(allowed) = allowed(name) else {
        return Vec::new();
    };
    // Names are ASCII: any other character is one that none has.
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii() { c } else { '\u{1}' })
        .collect();
    let (own, counts) = (letters(&plain), count(&plain));
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for index in universe.indexes() {
        for row in index.shapes().near(plain.len(), own, allowed) {
            let Some(other) = index.name(row) else { continue };
            if differ(&counts, &count(other.text)) > 2 * allowed {
                continue;
            }
            let distance = strsim::osa_distance(name, other.text);
            if distance <= allowed && distance > 0 {
                let both = name.bytes().zip(other.text.bytes());
                let shared = both.take_while(|(a, b)| a == b).count();
                found.push((distance, usize::MAX - shared, other.text));
            }
        }
    }
    found.sort_unstable();
    found.dedup_by(|a, b| a.2 == b.2);
    found
        .into_iter()
        .take(n)
        .map(|(_, _, name)| name.to_owned())
        .collect()
}

/// How many slips are taken for one; none where the name is too short to be taken for another.
fn allowed(name: &str) -> Option<usize> {
    match name.chars().count() {
        0..=2 => None,
        3..=5 => Some(1),
        6..=11 => Some(2),
        _ => Some(3),
    }
}

/// Which letters occur, by the lowest six bits.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |all, b| all | 1 << (b & 63))
}

/// How often each letter (by its lowest five bits) occurs: a lower bound for the distance, cheap to take.
fn count(text: &str) -> [u8; 32] {
    let mut counts = [0u8; 32];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte & 31)) {
            *count = count.saturating_add(1);
        }
    }
    counts
}

fn differ(a: &[u8; 32], b: &[u8; 32]) -> usize {
    a.iter().zip(b).map(|(x, y)| usize::from(x.abs_diff(*y))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::testing;
    use proptest::prelude::*;

    /// By looking at every name.
    fn slowly<'n>(names: &'n [String], name: &str) -> Vec<(usize, &'n str)> {
        let most = allowed(name).unwrap_or(0);
        let near = names.iter().map(|n| (strsim::osa_distance(name, n), n.as_str()));
        let mut near: Vec<_> = near.filter(|(d, _)| (1..=most).contains(d)).collect();
        near.sort_unstable();
        near.dedup();
        near
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_near_names_are_all_there_the_nearest_first(
            names in proptest::collection::vec("[ab1-]{1,3}(lib|x|-dev){0,3}[abz]{0,4}", 1..60),
            name in "[ab1-]{1,3}(lib|x|-dev|-dve){0,3}[abzé]{0,4}",
        ) {
            let dir = tempfile::tempdir().unwrap();
            let text: String = names.iter().map(|n| format!("Package: {n}\nVersion: 1\nProvides: only-{n}\n\n")).collect();
            let universe = testing::universe(dir.path(), &text);
            let found = nearest(&universe, &name, usize::MAX);
            let mut sorted: Vec<_> = found.iter().map(|n| (strsim::osa_distance(&name, n), n.as_str())).collect();
            prop_assert!(sorted.is_sorted_by_key(|(distance, _)| *distance));
            sorted.sort_unstable();
            prop_assert_eq!(sorted, slowly(&names, &name));
        }
    }
}
