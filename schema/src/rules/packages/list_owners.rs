//! For which other profile a list of packages is likely, or for which one more. Makes no finding.

use super::requirements::{alone, installs, profile, types};
use crate::description::model::{At, Element, ImageType, Packages, Profile};
use crate::rules::boot::kernels::is_kernel;
use crate::rules::scope::Scope;
use crate::rules::views::profile_circles::MOST_CHOICES;

use rustc_hash::FxHashMap;

/// How KIWI's modules for dracut begin.
const MODULE: &str = "dracut-kiwi-";

/// Images that no kernel of their own starts.
const NOT_STARTED: &[&str] = &["docker", "oci", "wsl", "appx", "tbz", "cpio"];

/// Why a list is likely for another profile.
#[derive(Clone, Copy)]
pub(super) enum Why {
    /// The one that it is for has another list of the kind.
    Two,
    /// The one that it is for needs nothing of it.
    Idle,
}

/// Where one of several lists of another profile alone says so, of which these have what is lacking, while no such list is
/// for this one.
pub(super) fn taken<'a>(
    scope: &Scope<'a>,
    own: &Profile,
    sections: &[&'a Packages],
) -> Option<(&'a At, Why)> {
    let all = &scope.view.image.packages;
    // Lists mostly stand in the order of the profiles.
    let declared = |name: &str| {
        scope
            .view
            .image
            .profiles
            .iter()
            .position(|p| p.name.value == name)
    };
    sections.iter().find_map(|section| {
        let one = alone(section)?;
        let kind = section.kind.value.trim();
        let of = |name: &str| {
            let name = name.to_owned();
            let own = move |s: &&Packages| alone(s).is_some_and(|p| p.value == name.as_str());
            all.iter()
                .filter(move |s| s.kind.value.trim() == kind)
                .filter(own)
        };
        if of(&own.name.value).next().is_some() {
            return None;
        }
        let mut alike = of(&one.value);
        let (first, last) = (alike.next()?, alike.next_back()?);
        let before = declared(&own.name.value) < declared(&one.value);
        let by_order = if before { first } else { last };
        // Rather the one with a module that these images need, and those of the other not.
        let mut own_module = of(&one.value).filter(|s| {
            let mut names = s.items.iter().filter_map(|i| i.name.value.strip_prefix(MODULE));
            names.any(|module| {
                needs_at(scope, &own.name.value, module) && !needs_at(scope, &one.value, module)
            })
        });
        let only = own_module.next().filter(|_| own_module.next().is_none());
        let mut kernels = of(&one.value).filter(|s| s.items.iter().any(|i| is_kernel(&i.name.value)));
        let only = only.or_else(|| kernels.next().filter(|_| kernels.next().is_none()));
        Some((alone(only.unwrap_or(by_order))?, Why::Two))
    })
}

/// Where the one list with one of KIWI's modules for dracut says that it is for a profile whose images do without, while no
/// list is for this one alone.
pub(super) fn idle<'a>(
    scope: &Scope<'a>,
    own: &Profile,
    package: &str,
    sections: &[&'a Packages],
) -> Option<(&'a At, Why)> {
    let [section] = sections else { return None };
    let one = alone(section)?;
    if has_own_list(scope, own) {
        return None;
    }
    let idle = types(scope, &one.value).next().is_some()
        && match package.strip_prefix(MODULE) {
            Some(module) => !needs_at(scope, &one.value, module),
            // What starts a machine is idle where none is started.
            None => types(scope, &one.value).all(|t| NOT_STARTED.contains(&t.image.value.trim())),
        };
    idle.then_some((one, Why::Idle))
}

/// The last profile of the one list with what is lacking, which is for all others that have images, while no list is for
/// this one alone; or for one that has another list.
pub(super) fn shared<'a>(scope: &Scope<'a>, own: &Profile, sections: &[&'a Packages]) -> Option<&'a At> {
    let [section] = sections else { return None };
    if let Some(at) = halved(scope, own, section) {
        return Some(at);
    }
    let named = &section.filter.profiles;
    let image = scope.view.image;
    let has = |name: &str| named.iter().any(|p| p.value == name);
    if named.len() < 2 || has(&own.name.value) || image.profiles.len() > MOST_CHOICES {
        return None;
    }
    let typed = crate::rules::catalog::typed(image);
    let others = typed.iter().all(|name| *name == &*own.name.value || has(name));
    (others && !has_own_list(scope, own)).then(|| named.last())?
}

/// What of a type decides whether it needs a package.
fn deciding(kind: &ImageType, package: &str) -> [Option<String>; 2] {
    let loader = || kind.element.child("bootloader").and_then(|b| b.attrs.get("name"));
    let by = if package.starts_with("grub") {
        loader()
    } else if is_kernel(package) || package.starts_with("dracut") {
        None
    } else {
        kind.element.attrs.get("filesystem")
    };
    [kind.element.attrs.get("image"), by].map(|value| value.map(str::to_owned))
}

/// The last profile of the one list with what is lacking, where that is for the images like this profile's, and no image
/// like it is without.
pub(super) fn omitted<'a>(
    scope: &Scope<'a>,
    own: &Profile,
    package: &str,
    sections: &[&'a Packages],
) -> Option<&'a At> {
    let [section] = sections else { return None };
    // Another loader is there: it is the name of the loader which is wrong.
    let other = ["systemd-boot", "sdbootutil"];
    if package.starts_with("grub") && other.iter().any(|name| scope.has(name)) {
        return None;
    }
    // What a module is for says whether its images need it.
    if package.starts_with(MODULE) {
        return None;
    }
    let named = &section.filter.profiles;
    let image = scope.view.image;
    let name = own.name.value.as_str();
    let has = |name: &str| named.iter().any(|p| p.value == name);
    let several = named.len() > 1 || !has_own_list(scope, own);
    if image.profiles.len() > MOST_CHOICES || has(name) || !several {
        return None;
    }
    // Only one that requires another would have it by that.
    let bare = |name: &str| profile(scope, name).is_some_and(|p| p.requires.is_empty());
    let typed = crate::rules::catalog::typed(image);
    if !bare(name) || !named.iter().all(|p| typed.contains(p.value.as_str())) {
        return None;
    }
    let of = |name: &str| -> Vec<[Option<String>; 2]> {
        types(scope, name).map(|t| deciding(t, package)).collect()
    };
    let kinds = of(name);
    let like = |name: &str| of(name).iter().any(|k| kinds.contains(k));
    let mut others = typed.iter().filter(|n| **n != name && !has(n));
    let alike = named.iter().any(|p| like(&p.value));
    (alike && !others.any(|n| like(n))).then(|| named.last())?
}

/// The last profile of the one list with what is lacking, where this profile has no list of its own, every list that is for
/// it is for those of that one too, and of the other images that have none of their own all do without.
pub(super) fn narrowed<'a>(scope: &Scope<'a>, own: &Profile, sections: &[&'a Packages]) -> Option<&'a At> {
    let [section] = sections else { return None };
    let named = &section.filter.profiles;
    let last = named.last()?;
    let image = scope.view.image;
    let name = own.name.value.as_str();
    if image.profiles.len() > MOST_CHOICES || image.packages.len() > MOST_CHOICES || has_own_list(scope, own)
    {
        return None;
    }
    let of = |s: &Packages, name: &str| s.filter.profiles.iter().any(|p| p.value == name);
    let lists = || image.packages.iter().filter(installs).filter(|s| of(s, name));
    let beside = |s: &Packages| named.iter().all(|p| of(s, &p.value));
    if of(section, name) || lists().next().is_none() || !lists().all(beside) {
        return None;
    }
    let typed = crate::rules::catalog::typed(image);
    let starts = |name: &str| types(scope, name).any(|t| !NOT_STARTED.contains(&t.image.value.trim()));
    let alone_too = |name: &str| profile(scope, name).is_some_and(|p| has_own_list(scope, p));
    let mut others = typed.iter().filter(|n| **n != name && !of(section, n));
    (typed.contains(name) && others.all(|n| alone_too(n) || !starts(n))).then_some(last)
}

/// The profile that a list is for alone, beside another list of its kind, which no other profile has: it was likely for this
/// one too.
fn halved<'a>(scope: &Scope<'a>, own: &Profile, section: &'a Packages) -> Option<&'a At> {
    let one = alone(section)?;
    let kind = section.kind.value.trim();
    let image = scope.view.image;
    let lists = image.packages.iter().filter(|s| s.kind.value.trim() == kind);
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for name in lists.filter_map(alone) {
        *counts.entry(name.value.as_str()).or_default() += 1;
    }
    let typed = crate::rules::catalog::typed(image);
    let two = |name: &str| counts.get(name).is_some_and(|count| *count == 2);
    let others = counts.keys().filter(|name| **name != one.value.as_str());
    let halved =
        two(&one.value) && typed.contains(one.value.as_str()) && counts.contains_key(own.name.value.as_str());
    (halved && !others.into_iter().any(|name| two(name))).then_some(one)
}

/// A list is for this profile alone.
fn has_own_list(scope: &Scope<'_>, own: &Profile) -> bool {
    let mut lists = scope
        .view
        .image
        .packages
        .iter()
        .filter(installs)
        .filter_map(alone);
    lists.any(|p| p.value == own.name.value)
}

/// Some image of the profile may need a module.
fn needs_at(scope: &Scope<'_>, profile: &str, module: &str) -> bool {
    types(scope, profile).any(|t| may_need(&t.element, module))
}

/// Images of a type may need one of KIWI's modules for dracut.
fn may_need(kind: &Element, module: &str) -> bool {
    let attrs = &kind.attrs;
    let image = attrs.get("image").unwrap_or_default();
    let resize = kind.child("oemconfig").and_then(|o| o.child("oem-resize"));
    match module {
        "live" => image == "iso",
        "overlay" => image != "iso" && (image != "oem" || attrs.on("overlayroot").is_some()),
        "oem-dump" => ["installiso", "installstick", "installpxe"]
            .iter()
            .any(|medium| attrs.on(medium).is_some()),
        "oem-repart" => image == "oem" && resize.is_none_or(|r| !matches!(r.text.as_str(), "false" | "0")),
        _ => true,
    }
}
