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

/// A name with all that it leads to, by whatever way.
fn walk<'a, N: Iterator<Item = &'a str>>(first: &'a str, leads: impl Fn(&'a str) -> N) -> FxHashSet<&'a str> {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut open = vec![first];
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(leads(name));
        }
    }
    seen
}

/// A profile with all that it requires, by whatever way.
fn reached<'a>(requires: &FxHashMap<&'a str, Vec<&'a At>>, first: &'a str) -> FxHashSet<&'a str> {
    walk(first, |name| {
        let needs = requires.get(name).into_iter().flatten();
        needs.map(|n| n.value.as_str())
    })
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

/// The statement of a circle that is likely the slip: one by which a profile of parts requires one with a type of its
/// own, else the first.
fn slip<'a>(image: &'a Image, circle: &FxHashSet<&str>) -> Option<(&'a str, &'a At)> {
    let typed = crate::rules::catalog::typed(image);
    let inside = image.profiles.iter().filter(|p| circle.contains(&*p.name.value));
    let statements = inside.flat_map(|p| p.requires.iter().map(|(needs, _)| (&*p.name.value, needs)));
    let mut own = statements
        .filter(|(_, needs)| circle.contains(&*needs.value))
        .peekable();
    let first = own.peek().copied();
    own.find(|(name, needs)| !typed.contains(name) && typed.contains(&*needs.value))
        .or(first)
}

/// Tells each circle once.
pub(in crate::rules) fn judge(image: &Image, found: &mut Found<'_>) {
    if image.profiles.iter().all(|p| p.requires.is_empty()) {
        return;
    }
    let requires = requirements(image);
    let circling = circling(&requires);
    if circling.is_empty() {
        return;
    }
    let mut needed_by: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for (own, needs) in &requires {
        for name in needs {
            needed_by.entry(&name.value).or_default().push(own);
        }
    }
    let mut told: FxHashSet<&str> = FxHashSet::default();
    for profile in &image.profiles {
        let own = profile.name.value.as_str();
        if !circling.contains(own) || told.contains(own) {
            continue;
        }
        // What is reached from a profile and leads back to it is on a circle with it.
        let seen = reached(&requires, own);
        let mut circle = walk(own, |name| needed_by.get(name).into_iter().flatten().copied());
        circle.retain(|name| seen.contains(name));
        let Some((own, first)) = slip(image, &circle) else {
            continue;
        };
        // One of two of its name requires the other: that there are two is told.
        let declared = image.profiles.iter().filter(|p| p.name.value == own);
        if first.value == own && declared.count() > 1 {
            told.extend(circle);
            continue;
        }
        told.extend(circle);
        let message = if first.value == own {
            format!("the profile `{own}` requires itself")
        } else {
            format!("the profile `{own}` requires itself by way of `{}`", first.value)
        };
        found.add("profile-cycle", first, message, "leads back");
    }
}
