//! Which profile lacks another, where several do, and in whose place that is to be required. Makes no finding.

use super::requirements::{profile, reached, types};
use crate::description::model::{At, Profile};
use crate::rules::scope::Scope;

use rustc_hash::FxHashSet;

/// The profile's name as it is required: with the machines that it is for, where its like is required so.
pub(super) fn stated(scope: &Scope<'_>, own: &Profile, helper: &str) -> String {
    let arches = profile(scope, helper).map_or(&[][..], |p| &p.arches);
    let filtered = own.requires.iter().any(|(_, filter)| !filter.arches.is_empty());
    if arches.is_empty() || !own.arches.is_empty() || !filtered {
        return helper.to_owned();
    }
    let arches: Vec<&str> = arches.iter().map(|a| a.value.as_str()).collect();
    format!("{helper}\" arch=\"{}", arches.join(","))
}

/// The one part that a profile requires, where it is required for images of other types alone, and the helper for such as
/// this profile's.
pub(super) fn other_part<'a>(scope: &Scope<'a>, own: &'a Profile, helper: &str) -> Option<&'a At> {
    let [(part, _)] = own.requires.as_slice() else {
        return None;
    };
    let image = scope.view.image;
    let images = |name: &str| -> Vec<String> {
        let all = types(scope, name).map(|t| t.image.value.trim().to_owned());
        all.collect()
    };
    let of_own = images(&own.name.value);
    let requiring = |of: &str| -> Vec<String> {
        let others = image
            .profiles
            .iter()
            .filter(|p| !std::ptr::eq(*p, own) && p.requires.iter().any(|(at, _)| at.value == of));
        others.flat_map(|p| images(&p.name.value)).collect()
    };
    let (theirs, helped) = (requiring(&part.value), requiring(helper));
    let is_own = |image: &String| of_own.contains(image);
    (!theirs.is_empty() && !theirs.iter().any(is_own) && helped.iter().any(is_own)).then_some(part)
}

/// The profile of parts by which all images lack another that lack it, where there are several of them: the one that was to
/// bring it.
pub(super) fn between<'a>(scope: &Scope<'a>, own: &Profile, helper: &str) -> Option<&'a Profile> {
    let profiles = &scope.view.image.profiles;
    let typed = crate::rules::catalog::typed(scope.view.image);
    let choices: Vec<_> = profiles.iter().zip(scope.whole.choices()).collect();
    // What is for other machines lacks nothing.
    let machines = &profile(scope, helper)?.arches;
    let meets = |p: &Profile| {
        machines.is_empty()
            || p.arches.is_empty()
            || p.arches
                .iter()
                .any(|a| machines.iter().any(|b| a.value == b.value))
    };
    let images = || {
        choices
            .iter()
            .filter(|(p, _)| typed.contains(p.name.value.as_str()) && meets(p))
    };
    let part = |(p, reached): &&(&Profile, &FxHashSet<&str>)| {
        let name = p.name.value.as_str();
        name != helper && !typed.contains(name) && !reached.contains(helper) && meets(p)
    };
    let brings = |part: &str| {
        let mut of = images().filter(|(_, reached)| reached.contains(part)).peekable();
        of.peek().is_some() && of.all(|(_, reached)| !reached.contains(helper))
    };
    let required = |part: &str| {
        let lacking = images().filter(|(_, reached)| !reached.contains(helper));
        let count = lacking.clone().count();
        count > 1 && count == lacking.filter(|(_, reached)| reached.contains(part)).count()
    };
    let (_, own) = choices.iter().find(|(p, _)| std::ptr::eq(*p, own))?;
    let mut parts = choices
        .iter()
        .filter(part)
        .map(|(p, _)| *p)
        .filter(|p| own.contains(p.name.value.as_str()))
        .filter(|p| brings(&p.name.value) && required(&p.name.value))
        .filter(|p| !reached(scope, helper, &p.name.value));
    parts.next().filter(|_| parts.next().is_none())
}
