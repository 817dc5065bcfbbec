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
    if let Some(found) = other_machine(scope, one, two) {
        return Some(found);
    }
    match (own.as_slice(), theirs.as_slice()) {
        (several @ [_, _, ..], others @ [_, _, ..]) => by_company(scope, several, others),
        ([a], [b]) if a.value == b.value => {
            let (at, meant) = by_order(scope.view.image, a, b)?;
            Some((at, Some(meant)))
        }
        (several @ [_, _, ..], alone) => Some((extra(several, alone)?, None)),
        (alone, several @ [_, _, ..]) => Some((extra(several, alone)?, None)),
        _ => None,
    }
}

/// Of two sections for the same profiles and one machine, the machine of that which is for another by what it has, or else
/// of the second: where no section is for a machine that the profile is for too.
fn other_machine<'a>(
    scope: &Scope<'a>,
    one: &'a Preferences,
    two: &'a Preferences,
) -> Option<(&'a At, Option<&'a str>)> {
    let image = scope.view.image;
    let ([a], [b]) = (one.filter.profiles.as_slice(), two.filter.profiles.as_slice()) else {
        return None;
    };
    let ([first], [second]) = (one.filter.arches.as_slice(), two.filter.arches.as_slice()) else {
        return None;
    };
    if a.value != b.value || first.value != second.value {
        return None;
    }
    let own = image.profiles.iter().find(|p| p.name.value == a.value)?;
    let covered = |arch: &At| {
        let mut of = image
            .preferences
            .iter()
            .filter(|p| !p.types.is_empty() && p.filter.profiles.iter().any(|n| n.value == a.value));
        of.any(|p| p.filter.arches.is_empty() || p.filter.arches.iter().any(|x| x.value == arch.value))
    };
    let mut without = own.arches.iter().filter(|arch| !covered(arch));
    let meant = without.next().filter(|_| without.next().is_none())?;
    let of_meant = |p: &Preferences| {
        let mut types = p.types.iter();
        types.any(|t| super::machine_of(t) == Some(meant.value.as_str()))
    };
    let at = if of_meant(one) { first } else { second };
    Some((at, Some(meant.value.as_str())))
}

/// Of two sections for several profiles each, which share one: where it stands among profiles of other machines than its
/// own, while one of theirs has no image.
fn by_company<'a>(scope: &Scope<'a>, one: &'a [At], two: &'a [At]) -> Option<(&'a At, Option<&'a str>)> {
    let image = scope.view.image;
    let meant = without(image)?;
    let arches = |name: &str| {
        let mut all = image.profiles.iter();
        let own = all.find(|p| p.name.value == name);
        own.map_or(Vec::new(), |p| {
            p.arches.iter().map(|a| a.value.as_str()).collect()
        })
    };
    let misplaced = |here: &'a [At], there: &'a [At]| {
        let mut shared = here.iter().filter(|p| there.iter().any(|o| o.value == p.value));
        let at = shared.next().filter(|_| shared.next().is_none())?;
        let mut others = here.iter().filter(|p| p.value != at.value);
        let of_meant = arches(meant);
        (of_meant != arches(&at.value) && others.all(|p| arches(&p.value) == of_meant)).then_some(at)
    };
    let at = misplaced(one, two).or_else(|| misplaced(two, one))?;
    Some((at, Some(meant)))
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

/// The section of the view that a type stands in.
fn section<'a>(scope: &Scope<'a>, of: &At) -> Option<&'a Preferences> {
    let mut all = scope.view.preferences.iter().copied();
    all.find(|p| p.element.file == of.file && p.element.span.touches(of.span.start))
}

/// The profile for which a section counts in the view.
fn profile_of<'a>(scope: &Scope<'a>, of: &At) -> Option<&'a At> {
    let section = section(scope, of)?;
    let mut named = section.filter.profiles.iter();
    named.find(|n| scope.view.profiles.contains(&n.value))
}

/// Where the profile of one of two types is required by that of the other, or by what that requires; its name; and the
/// one profile of parts that is likely meant.
pub(in crate::rules) fn required<'a>(
    scope: &Scope<'a>,
    first: &At,
    other: &At,
) -> Option<(&'a At, &'a str, Option<&'a str>)> {
    let image = scope.view.image;
    if scope.view.preferences.len() > MOST || image.profiles.len() > MOST {
        return None;
    }
    let (one, two) = (profile_of(scope, first)?, profile_of(scope, other)?);
    let typed = crate::rules::catalog::typed(image);
    let active = |name: &str| scope.view.profiles.iter().any(|p| p.as_str() == name);
    let mut all = image.profiles.iter().filter(|p| active(&p.name.value));
    let (by, at) = all.find_map(|p| {
        let needs = p.requires.iter().map(|(at, _)| at);
        let mut images = needs.filter(|at| at.value == one.value || at.value == two.value);
        let (image, second) = (images.next()?, images.next());
        // Of two the one that the profile is not named after, or the later.
        let named = second.is_some_and(|at| p.name.value.contains(at.value.as_str()));
        let at = second.filter(|_| !named).unwrap_or(image);
        (one.value != two.value).then_some((p, at))
    })?;
    // A part that no other image lacks, and that is not brought already.
    let brought = |name: &str| {
        let all = image.profiles.iter().zip(scope.whole.choices());
        let mut own = by.requires.iter().filter(|(n, _)| n.value != at.value);
        own.any(|(n, _)| {
            let mut of = all.clone().filter(|(p, _)| p.name.value == n.value);
            of.any(|(_, reached)| reached.contains(name))
        })
    };
    let mut parts = image
        .profiles
        .iter()
        .map(|p| p.name.value.as_str())
        .filter(|name| {
            let mut needing = image.profiles.iter().flat_map(|p| &p.requires);
            !typed.contains(name)
                && needing.any(|(n, _)| n.value == *name)
                && !brought(name)
                && by.name.value != *name
        });
    let meant = parts.next().filter(|_| parts.next().is_none());
    Some((at, at.value.as_str(), meant))
}

/// Where the second of two profiles that are chosen by themselves says so, each of which has one of two types.
pub(in crate::rules) fn imported<'a>(scope: &Scope<'a>, first: &At, other: &At) -> Option<&'a At> {
    let profiles = &scope.view.image.profiles;
    if profiles.len() > MOST {
        return None;
    }
    let (one, two) = (profile_of(scope, first)?, profile_of(scope, other)?);
    let of = |name: &At| profiles.iter().find(|p| p.name.value == name.value && p.import);
    let (one, two) = (of(one)?, of(two)?);
    let last = if one.element.span.start < two.element.span.start {
        two
    } else {
        one
    };
    (!std::ptr::eq(one, two)).then(|| last.element.attrs.at("import"))?
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
