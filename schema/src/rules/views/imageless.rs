//! The one profile that no image is for, among others that all have one: a section was for it too. Of profiles that may be
//! chosen besides others it says nothing.

use rustc_hash::FxHashSet;

use crate::description::model::{At, Image, Preferences, Profile};
use crate::rules::found::Found;

/// Of more profiles or sections each would be looked for in all others.
const MOST: usize = 128;

/// Judges the profiles of a description.
pub(super) fn judge(image: &Image, found: &mut Found<'_>) {
    let few = image.profiles.len() <= MOST && image.preferences.len() <= MOST;
    let typed_sections = || image.preferences.iter().filter(|p| !p.types.is_empty());
    if !few || image.profiles.len() < 3 || typed_sections().any(|p| p.filter.profiles.is_empty()) {
        return;
    }
    let declared: FxHashSet<&str> = image.profiles.iter().map(|p| p.name.value.as_str()).collect();
    let undeclared = |at: &At| !declared.contains(at.value.as_str());
    if super::profiles::uses(image).any(undeclared) || shared(typed_sections()) {
        return;
    }
    let typed = crate::rules::catalog::typed(image);
    let required = |name: &str| {
        let mut all = image.profiles.iter().flat_map(|p| &p.requires);
        all.any(|(r, _)| r.value == name)
    };
    let choices = super::profile_circles::choices(image);
    let without = image.profiles.iter().zip(&choices).filter(|(p, reached)| {
        let name = p.name.value.as_str();
        !required(name) && !reached.iter().any(|p| typed.contains(p))
    });
    let without: Vec<&Profile> = without.map(|(p, _)| p).collect();
    if without.len() > 2 || typed.len() < 3 {
        return;
    }
    let like = |p: &&&Profile| {
        let name = p.name.value.as_str();
        !p.import && (like_others(image, name, &typed) || own_repository(image, name))
    };
    // A section that names another twice was for the one that is for its machines.
    let mut twice = typed_sections().find_map(|p| {
        let named = &p.filter.profiles;
        let again = |(index, at): &(usize, &At)| named.iter().take(*index).any(|o| o.value == at.value);
        named.iter().enumerate().find(again).map(|(_, at)| at)
    });
    let arches = |name: &str| {
        let own = image.profiles.iter().find(|p| p.name.value == name);
        own.map(|p| p.arches.iter().map(|a| a.value.as_str()).collect::<Vec<_>>())
    };
    for profile in without.iter().filter(like) {
        let name = profile.name.value.as_str();
        let message = format!("no `<type>` is for the profile `{name}`, as one is for others like it");
        let here = twice.filter(|at| without.len() == 1 || arches(&at.value) == arches(name));
        match here {
            Some(at) => {
                twice = None;
                found.instead("no-type", at, message, Some(name), false, "");
            }
            None => {
                found.add("no-type", &profile.name, message, "nothing to build with it");
            }
        }
    }
}

/// A profile is named by two sections with types of one image: that is told, and which other was meant.
fn shared<'a>(sections: impl Iterator<Item = &'a Preferences>) -> bool {
    let mut seen: FxHashSet<(&str, &str, &str)> = FxHashSet::default();
    for section in sections {
        let mut own: FxHashSet<(&str, &str, &str)> = FxHashSet::default();
        for name in &section.filter.profiles {
            for kind in &section.types {
                let arches = section.filter.arches.iter().map(|a| a.value.as_str());
                let arches: Vec<&str> = arches.collect();
                let arches = if arches.is_empty() { vec![""] } else { arches };
                own.extend(
                    arches
                        .iter()
                        .map(|a| (name.value.as_str(), kind.image.value.trim(), *a)),
                );
            }
        }
        if own.iter().any(|key| seen.contains(key)) {
            return true;
        }
        seen.extend(own);
    }
    false
}

/// A section is for it and for profiles that have images.
fn like_others(image: &Image, name: &str, typed: &FxHashSet<&str>) -> bool {
    let repositories = image.repositories.iter().map(|r| &r.filter);
    let packages = image.packages.iter().map(|p| &p.filter);
    let users = image.users.iter().map(|u| &u.filter);
    let preferences = image.preferences.iter().map(|p| &p.filter);
    let mut all = repositories.chain(packages).chain(users).chain(preferences);
    all.any(|filter| {
        let named = &filter.profiles;
        // What is for one image and something besides it may be an add-on.
        let images = named.iter().filter(|p| typed.contains(p.value.as_str()));
        named.iter().any(|p| p.value == name) && images.count() > 1
    })
}

/// Every repository is for some profiles, and one for it.
fn own_repository(image: &Image, name: &str) -> bool {
    let all = &image.repositories;
    all.iter().all(|r| !r.filter.profiles.is_empty())
        && all
            .iter()
            .any(|r| r.filter.profiles.iter().any(|p| p.value == name))
}
