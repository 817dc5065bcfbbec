//! What profiles require of each other, and circles in it. Knows nothing of what a profile's sections hold.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::description::model::{At, Image};
use crate::rules::found::Found;

/// What each profile requires.
fn requirements(image: &Image) -> FxHashMap<&str, Vec<&At>> {
    let mut out: FxHashMap<&str, Vec<&At>> = FxHashMap::default();
    for profile in &image.profiles {
        // One may be declared for each machine.
        let all = out.entry(profile.name.value.as_str()).or_default();
        all.extend(profile.requires.iter().map(|(name, _)| name));
    }
    out
}

/// All that a profile requires, by whatever way.
fn reached<'a>(requires: &FxHashMap<&'a str, Vec<&'a At>>, first: &'a str) -> FxHashSet<&'a str> {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut open = vec![first];
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(requires.get(name).into_iter().flatten().map(|n| n.value.as_str()));
        }
    }
    seen
}

/// Of more profiles than this it is not looked what the others require, nor which views they have.
pub(in crate::rules) const MOST_CHOICES: usize = 512;

/// Each profile with all that it requires.
pub(in crate::rules) fn choices(image: &Image) -> Vec<FxHashSet<&str>> {
    let requires = requirements(image);
    let names = image.profiles.iter().map(|p| p.name.value.as_str());
    names
        .take(MOST_CHOICES)
        .map(|name| reached(&requires, name))
        .collect()
}

/// The profiles that are in a circle of such as require each other, or require one that is: those that are left when
/// again and again all are taken away that require none of those left.
fn circling<'a>(requires: &FxHashMap<&'a str, Vec<&'a At>>) -> FxHashSet<&'a str> {
    let mut waiting: FxHashMap<&str, usize> = FxHashMap::default();
    let mut needed_by: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for (own, needs) in requires {
        let needs = needs.iter().map(|n| n.value.as_str());
        let needs = needs.filter(|n| requires.contains_key(n));
        let mut count = 0;
        for name in needs {
            needed_by.entry(name).or_default().push(own);
            count += 1;
        }
        waiting.insert(own, count);
    }
    let mut open: Vec<&str> = waiting
        .iter()
        .filter(|(_, n)| **n == 0)
        .map(|(n, _)| *n)
        .collect();
    while let Some(name) = open.pop() {
        for other in needed_by.get(name).into_iter().flatten() {
            let Some(count) = waiting.get_mut(other) else {
                continue;
            };
            *count -= 1;
            if *count == 0 {
                open.push(other);
            }
        }
    }
    waiting.retain(|_, count| *count > 0);
    waiting.into_keys().collect()
}

/// Some profile requires itself.
pub(in crate::rules) fn in_circle(image: &Image) -> bool {
    image.profiles.iter().any(|p| !p.requires.is_empty()) && !circling(&requirements(image)).is_empty()
}

/// Tells each circle once.
pub(in crate::rules) fn judge(image: &Image, found: &mut Found<'_>) {
    let requires = requirements(image);
    let circling = circling(&requires);
    // A profile that can be reached from what it requires stands on a circle, which is told once.
    let mut told: FxHashSet<&str> = FxHashSet::default();
    for profile in &image.profiles {
        let own = profile.name.value.as_str();
        for (first, _) in profile.requires.iter().filter(|_| circling.contains(own)) {
            if told.contains(own) {
                break;
            }
            let seen = reached(&requires, first.value.as_str());
            if seen.contains(own) {
                told.extend(seen);
                let message = if first.value == own {
                    format!("the profile `{own}` requires itself")
                } else {
                    format!("the profile `{own}` requires itself by way of `{}`", first.value)
                };
                found.add("profile-cycle", first, message, "leads back");
            }
        }
    }
}
