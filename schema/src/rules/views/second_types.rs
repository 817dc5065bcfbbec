//! Where a second type of one image comes from: a section that is for one profile too many, or for another than it was.
//! Judges nothing by itself.

use crate::description::model::{At, Image, Preferences};
use crate::rules::scope::Scope;

/// More sections, profiles or types of a section are not compared: each of them may be looked at for each of the others.
const MOST: usize = 64;

/// The profile among those of a section that brings one of two types, and the profile that is likely meant by it; none
/// where it may be the type that is wrong.
pub(in crate::rules) fn misplaced<'a>(
    scope: &Scope<'a>,
    first: &At,
    other: &At,
) -> Option<(&'a At, Option<&'a str>)> {
    if scope.view.preferences.len() > MOST {
        return None;
    }
    let section = |of: &At| {
        let mut all = scope.view.preferences.iter().copied();
        all.find(|p| p.element.file == of.file && p.element.span.touches(of.span.start))
    };
    let (one, two) = (section(first)?, section(other)?);
    if std::ptr::eq(one, two) || one.types.len() + two.types.len() > MOST {
        return None;
    }
    let misfit = |p: &Preferences| {
        let mut types = p.types.iter();
        types.any(|t| crate::rules::misfit::image(&t.element).is_some())
    };
    if misfit(one) || misfit(two) {
        return None;
    }
    let (own, theirs) = (&one.filter.profiles, &two.filter.profiles);
    let extra = |several: &'a [At], alone: &'a [At]| {
        let [alone] = alone else { return None };
        let mut several = several.iter();
        several.find(|p| p.value == alone.value)
    };
    match (own.as_slice(), theirs.as_slice()) {
        ([a], [b]) if a.value == b.value => {
            let (at, meant) = by_order(scope.view.image, a, b)?;
            Some((at, Some(meant)))
        }
        (several @ [_, _, ..], alone) => Some((extra(several, alone)?, None)),
        (alone, several @ [_, _, ..]) => Some((extra(several, alone)?, None)),
        _ => None,
    }
}

/// The same where two sections for one profile alone have types of other images, and the profile that is likely meant.
pub(in crate::rules) fn elsewhere<'a>(scope: &Scope<'a>) -> Option<(&'a At, &'a str)> {
    let mut sections = scope.view.preferences.iter().filter(|p| !p.types.is_empty());
    let (Some(one), Some(two), None) = (sections.next(), sections.next(), sections.next()) else {
        return None;
    };
    match (one.filter.profiles.as_slice(), two.filter.profiles.as_slice()) {
        ([a], [b]) if a.value == b.value => by_order(scope.view.image, a, b),
        _ => None,
    }
}

/// Of two places of one profile the one where another was likely meant, which has no image, and that one: sections mostly
/// stand in the order of the profiles.
fn by_order<'a>(image: &'a Image, first: &'a At, second: &'a At) -> Option<(&'a At, &'a str)> {
    let meant = without(image)?;
    let declared = |name: &str| image.profiles.iter().position(|p| p.name.value == name);
    let before = declared(meant) < declared(&first.value);
    Some((if before { first } else { second }, meant))
}

/// The profile of the view that a section with types is for besides others, where another section is for it alone and has
/// a type of its own; none where each of the section's profiles has one. And the section.
pub(in crate::rules) fn besides<'a>(scope: &Scope<'a>) -> Option<(&'a Preferences, &'a At)> {
    if scope.view.image.preferences.len() > MOST {
        return None;
    }
    let alone = |name: &At| {
        let all = scope
            .view
            .image
            .preferences
            .iter()
            .filter(|p| !p.types.is_empty());
        let mut own = all.filter_map(|p| match p.filter.profiles.as_slice() {
            [one] => Some(one),
            _ => None,
        });
        own.any(|one| one.value == name.value)
    };
    let sections = scope.view.preferences.iter().copied();
    sections.filter(|p| !p.types.is_empty()).find_map(|section| {
        let profiles = &section.filter.profiles;
        if profiles.len() < 2 || profiles.iter().all(alone) {
            return None;
        }
        let own = |p: &&At| scope.view.profiles.contains(&p.value) && alone(p);
        Some((section, profiles.iter().find(own)?))
    })
}

/// The one profile that neither has an image of its own nor is required by another.
fn without(image: &Image) -> Option<&str> {
    if image.profiles.len() > MOST {
        return None;
    }
    let typed = crate::rules::catalog::typed(image);
    let required = |name: &str| {
        let mut all = image.profiles.iter().flat_map(|p| &p.requires);
        all.any(|(at, _)| at.value == name)
    };
    let names = image.profiles.iter().map(|p| p.name.value.as_str());
    let mut without = names.filter(|name| !typed.contains(name) && !required(name));
    without.next().filter(|_| without.next().is_none())
}
