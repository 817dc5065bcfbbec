//! The one profile without an image that nobody requires, where others are required: what has an image, and requires none
//! as all others do, was likely to require it. What a build lacks for want of it is judged in `packages::requirements`.

use rustc_hash::FxHashSet;

use crate::description::model::{At, Image, Preferences, Profile};
use crate::rules::found::Found;

/// The one profile with parts alone that no profile requires, where some are required.
pub(in crate::rules) fn left_out<'a>(image: &'a Image, typed: &FxHashSet<&str>) -> Option<&'a Profile> {
    let required = image.profiles.iter().flat_map(|p| &p.requires);
    let required: FxHashSet<&str> = required.map(|(at, _)| at.value.as_str()).collect();
    if required.is_empty() {
        return None;
    }
    let left_out = |p: &&Profile| {
        let name = p.name.value.as_str();
        !p.import && !typed.contains(name) && !required.contains(name)
    };
    let mut all = image.profiles.iter().filter(left_out);
    let one = all.next().filter(|_| all.next().is_none())?;
    let mut lists = image.packages.iter().flat_map(|s| &s.filter.profiles);
    lists.any(|p| p.value == one.name.value).then_some(one)
}

/// So many profiles say what all do; of more, each would be looked for in all sections.
const COMPARED: std::ops::RangeInclusive<usize> = 4..=64;

/// Judges the profiles of a description.
pub(super) fn judge(image: &Image, found: &mut Found<'_>) {
    if !COMPARED.contains(&image.profiles.len()) || super::profiles::lacks_a_requirement(image) {
        return;
    }
    let typed = crate::rules::catalog::typed(image);
    let has_image = |p: &&Profile| typed.contains(p.name.value.as_str());
    let (bare, requiring): (Vec<_>, Vec<_>) = image
        .profiles
        .iter()
        .filter(has_image)
        .partition(|p| p.requires.is_empty());
    let ([own], [_, _, ..]) = (bare.as_slice(), requiring.as_slice()) else {
        return;
    };
    // A container does without what disks require.
    let images = |p: &Profile| -> FxHashSet<&str> {
        let named = |s: &&Preferences| s.filter.profiles.iter().any(|n| n.value == p.name.value);
        let types = image.preferences.iter().filter(named).flat_map(|s| &s.types);
        types.map(|t| t.image.value.trim()).collect()
    };
    let of_own = images(own);
    if requiring.iter().all(|p| images(p).is_disjoint(&of_own)) {
        return;
    }
    // One with a list of its own may do without any part, beside which others may be chosen.
    let names = |p: &At| p.value == own.name.value;
    if image.packages.iter().any(|s| s.filter.profiles.iter().any(names)) {
        return;
    }
    let Some(part) = left_out(image, &typed) else {
        return;
    };
    let (name, helper) = (&own.name, &part.name);
    let message = format!(
        "`{}` requires no profile, as all others with an image do, and none requires `{}`",
        name.value, helper.value
    );
    let label = "without what its lists have";
    let fix = crate::rules::packages::requirements::insert(own, &helper.value, found);
    if let Some(told) = found.pair("missing-requirement", name, message, label, helper, "this one") {
        told.fixes.extend(fix);
    }
}
