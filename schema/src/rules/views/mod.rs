//! Types and preferences that do not fit together: what a build would leave out or choose without a word.

mod imageless;
pub(super) mod profile_circles;
mod profile_machines;
pub(super) mod profiles;
pub(super) mod second_types;
pub(super) mod unrequired;

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::description::model::{Element, Image, ImageType, Packages, Preferences};
use crate::diagnostic::Diagnostic;
use crate::rules::found::{Found, Place, Text};
use crate::rules::scope::Scope;
use crate::rules::whole::Whole;

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    manager(image, found);
    unrequired::judge(image, found);
    imageless::judge(image, found);
}

/// Judges the lists of packages: some are for a type that nobody builds.
pub(in crate::rules) fn lists(whole: &Whole<'_>, found: &mut Found<'_>) {
    let sections = whole.image.packages.iter().zip(&whole.besides.absent);
    for (section, _) in sections.filter(|(_, absent)| **absent) {
        let kind = section.kind.value.trim();
        let mut types = whole.image.preferences.iter().flat_map(|p| &p.types);
        let message = if types.any(|t| t.image.value.trim() == kind) {
            format!("no profile of this section builds `image=\"{kind}\"`")
        } else {
            format!("no `<type>` of this description has `image=\"{kind}\"`")
        };
        found.add("section-for-absent-type", &section.kind, message, "never used");
    }
}

/// The machine that a type is for by its boot loader, its firmware or the folders of GRUB that have volumes.
pub(in crate::rules) fn machine_of(kind: &ImageType) -> Option<&'static str> {
    let loader = kind.element.child("bootloader").and_then(|b| b.attrs.get("name"));
    let disk = kind.element.child("systemdisk");
    let volume = |end: &str| {
        let mut all = disk.into_iter().flat_map(|d| d.all("volume"));
        all.any(|v| v.attrs.get("name").is_some_and(|n| n.ends_with(end)))
    };
    match (loader, kind.element.attrs.get("firmware")) {
        (Some("zipl" | "grub2_s390x_emu"), _) => Some("s390x"),
        (_, Some("ofw" | "opal")) => Some("ppc64le"),
        _ => match (volume("/arm64-efi"), volume("/x86_64-efi")) {
            (true, false) => Some("aarch64"),
            (false, true) => Some("x86_64"),
            _ => None,
        },
    }
}

/// The types that have lists of their own.
const LISTED: &[&str] = &["docker", "oci", "iso", "oem", "pxe", "kis"];

/// A list for one type, and for profiles that build others alone. `choices` are the profiles with all that they require.
fn unbuilt(image: &Image, section: &Packages, choices: &[FxHashSet<&str>]) -> bool {
    let kind = section.kind.value.trim();
    let profiles = &section.filter.profiles;
    let own = |choice: &FxHashSet<&str>| profiles.iter().any(|p| choice.contains(p.value.as_str()));
    // None where nothing is built.
    let builds_it = |choice: &FxHashSet<&str>| {
        let active = |p: &&Preferences| {
            let named = &p.filter.profiles;
            named.is_empty() || named.iter().any(|n| choice.contains(n.value.as_str()))
        };
        let sections = image.preferences.iter().filter(active);
        let types = sections.flat_map(|p| &p.types);
        let mut images = types.map(|t| t.image.value.trim()).peekable();
        images.peek()?;
        Some(images.any(|image| image == kind))
    };
    // Parts that images require are chosen with those; what no image requires may be chosen beside any.
    let mut built = choices
        .iter()
        .filter(|choice| own(choice))
        .filter_map(builds_it)
        .peekable();
    built.peek().is_some() && built.all(|it| !it)
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    primary(scope, found);
    settings(scope, found);
}

/// Which lists are for an image type that no `<type>` is of, or none of their profiles: `<packages type="iso">` where
/// nothing is an iso.
pub(in crate::rules) fn absent_types(image: &Image) -> Vec<bool> {
    let built = OnceCell::new();
    let find = || -> Vec<&str> {
        let types = image.preferences.iter().flat_map(|p| &p.types);
        let names = types.flat_map(|t| {
            [
                Some(t.image.value.trim()),
                crate::rules::misfit::image(&t.element),
            ]
        });
        names.flatten().collect()
    };
    let choices = OnceCell::new();
    let absent = |section: &Packages| {
        let kind = section.kind.value.trim();
        let built = || built.get_or_init(find);
        if !LISTED.contains(&kind) || built().is_empty() {
            return false;
        }
        let choices = || choices.get_or_init(|| profile_circles::choices(image));
        !built().contains(&kind) || !section.filter.profiles.is_empty() && unbuilt(image, section, choices())
    };
    image.packages.iter().map(absent).collect()
}

fn primary(scope: &Scope<'_>, found: &mut Found<'_>) {
    // Profiles that require each other are told as that.
    if scope.whole.in_circle() {
        return;
    }
    let types = || scope.view.preferences.iter().flat_map(|p| &p.types);
    let is_primary = |attrs: &crate::description::model::Attrs| attrs.bool("primary") == Some(true);
    let mut primaries = types().filter(|t| is_primary(&t.element.attrs));
    match (primaries.next(), primaries.next()) {
        // One type given twice is one fault, which has been told.
        (Some(first), Some(second)) if first.image.value.trim() == second.image.value.trim() => {}
        (Some(first), Some(second)) => {
            if let (Some(a), Some(b)) = (
                first.element.attrs.at("primary"),
                second.element.attrs.at("primary"),
            ) {
                let message = "two active types are primary".to_owned();
                found.pair(
                    "two-primary-types",
                    b,
                    message,
                    "not built by default",
                    a,
                    "this one is",
                );
            }
        }
        (None, _) => {
            if let (Some(first), Some(second)) = (types().next(), types().nth(1)) {
                if first.image.value.trim() != second.image.value.trim()
                    && !scope.whole.twice()
                    && !one_by_one(scope)
                {
                    let message = format!("{} types are active and none is primary", types().count());
                    if let Some((_, at)) = second_types::besides(scope) {
                        found.once("no-primary-type", "", at, message, "its own section has a type");
                        return;
                    }
                    if let Some((at, _, meant)) = second_types::required(scope, &first.image, &second.image) {
                        match meant {
                            Some(_) => found.instead("no-primary-type", at, message, meant, false, ""),
                            None => {
                                found.add("no-primary-type", at, message, "has an image of its own");
                            }
                        }
                        return;
                    }
                    if let Some((at, meant)) = second_types::elsewhere(scope) {
                        found.instead("no-primary-type", at, message, Some(meant), false, "");
                        return;
                    }
                    let label = "built where `--type` is not given";
                    found.once("no-primary-type", "", &first.image, message, label);
                }
            }
        }
        _ => {}
    }
}

/// A type that is active with every profile is of an image that a profile has too: that is told.
pub(in crate::rules) fn twice(image: &Image) -> bool {
    let images = |of_profile: bool| {
        let sections = image.preferences.iter();
        let own = sections.filter(move |p| p.filter.profiles.is_empty() != of_profile);
        own.flat_map(|p| &p.types).map(|t| t.image.value.trim())
    };
    let always: FxHashSet<&str> = images(false).collect();
    !always.is_empty() && images(true).any(|image| always.contains(image))
}

/// Each type is a profile's own, and the build service builds each profile by itself: a mark at the beginning of the
/// text says so.
fn one_by_one(scope: &Scope<'_>) -> bool {
    let with_types: Vec<_> = scope
        .view
        .preferences
        .iter()
        .filter(|p| !p.types.is_empty())
        .collect();
    let mut own = with_types.iter();
    if own.any(|p| p.filter.profiles.is_empty() || p.types.len() > 1) {
        return false;
    }
    // One profile has several of them.
    let several = |choice: &FxHashSet<&str>| {
        let of = |p: &&&&Preferences| {
            p.filter
                .profiles
                .iter()
                .any(|n| choice.contains(n.value.as_str()))
        };
        with_types.iter().filter(of).count() > 1
    };
    if scope.whole.choices().iter().any(several) {
        return false;
    }
    let text = scope.view.image.files.first().map_or("", |f| &*f.text);
    let head = text.split("<preferences").next().unwrap_or(text);
    head.contains("OBS-Profiles:")
}

/// Judges how an installation ends, which can be but one way.
pub(in crate::rules) fn ends(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(kind) = scope.kind().child("oemconfig") else {
        return;
    };
    for (one, other) in [
        ("oem-reboot", "oem-shutdown"),
        ("oem-reboot-interactive", "oem-shutdown-interactive"),
    ] {
        let on = |name: &'static str| {
            let all = kind.child(name);
            all.filter(|e| matches!(e.text.as_str(), "true" | "1"))
        };
        if let (Some(first), Some(second)) = (on(one), on(other)) {
            let message = format!("`<{one}>` and `<{other}>` are asked for at once");
            let note = "this is done instead";
            found.pair(
                "contradicting-preferences",
                second,
                message,
                "one of them",
                &Text(first),
                note,
            );
        }
    }
}

/// How many settings there are of which a build reads but one.
const SETTINGS: usize = 9;

/// The number of a setting of which a build reads but one, and whether the first counts, else the last.
fn setting(name: &str) -> Option<(usize, bool)> {
    Some(match name {
        "version" => (0, true),
        "packagemanager" => (1, true),
        "release-version" => (2, true),
        "rpm-check-signatures" => (3, true),
        "rpm-excludedocs" => (4, true),
        "rpm-locale-filtering" => (5, true),
        "locale" => (6, false),
        "keytable" => (7, false),
        "timezone" => (8, false),
        _ => return None,
    })
}

/// The names of one time zone.
const UTC: &[&str] = &[
    "UTC",
    "Etc/UTC",
    "UCT",
    "Etc/UCT",
    "Universal",
    "Etc/Universal",
    "Zulu",
    "Etc/Zulu",
];

/// Settings given twice with different values in sections that are active together.
fn settings(scope: &Scope<'_>, found: &mut Found<'_>) {
    // One section has each of them once.
    let sections = &scope.view.preferences;
    if sections.len() < 2 {
        return;
    }
    let mut firsts: [Option<(&Element, bool)>; SETTINGS] = [None; SETTINGS];
    for section in sections.iter() {
        let mut here = [false; SETTINGS];
        let own = !section.filter.profiles.is_empty();
        for other in section.element.children.iter().filter(|e| !e.text.is_empty()) {
            let name = other.name.as_str();
            let Some((number, first_counts)) = setting(name) else {
                continue;
            };
            let Some((first, here)) = firsts.get_mut(number).zip(here.get_mut(number)) else {
                continue;
            };
            if std::mem::replace(here, true) {
                continue;
            }
            let (before, of_profile) = *first.get_or_insert((other, own));
            // What counts in a profile in place of what all others have may be meant so.
            let instead = !first_counts && own && !of_profile;
            if instead {
                *first = Some((other, own));
            }
            if before.text == other.text || [before, other].iter().all(|e| UTC.contains(&e.text.as_str())) {
                continue;
            }
            let first = before;
            if found.told("contradicting-preferences", &Text(other)) || instead && joined(first, other, found)
            {
                continue;
            }
            let message = format!("`<{name}>` is `{}` and `{}` at once", first.text, other.text);
            let (label, note) = match (first_counts, instead) {
                (true, _) => ("does not count", "this one counts"),
                (false, true) => ("counts with this profile", "this one counts without it"),
                (false, false) => ("counts, being the last", "this one does not count"),
            };
            let told = found.pair(
                "contradicting-preferences",
                &Text(other),
                message,
                label,
                &Text(first),
                note,
            );
            if let Some(told) = told.filter(|_| instead) {
                told.severity = crate::diagnostic::Severity::Info;
                told.help = Some(
                    "the build takes the profile's where it is chosen: two profiles may not differ so".into(),
                );
            }
        }
    }
}

/// What all others have is told to be another in one profile already: it is told once, of the one that counts without a
/// profile.
fn joined(common: &Element, other: &Element, found: &mut Found<'_>) -> bool {
    let code = "contradicting-preferences";
    let place = Text(common).place();
    let is = |d: &Diagnostic| {
        let own = (d.file, d.span) == place;
        d.code == code
            && (own
                || d.notes
                    .first()
                    .is_some_and(|note| (note.file, note.span) == place))
    };
    // Of very many the last few.
    const FEW: usize = 256;
    let before = found.since(0).len().saturating_sub(FEW);
    let Some(index) = found.since(before).iter().position(is) else {
        return false;
    };
    let index = before + index;
    let (file, span) = Text(other).place();
    if !found.joins(
        index,
        code,
        &format!("{file:?} {span:?}"),
        &Text(other),
        "this one in a profile",
    ) {
        return false;
    }
    let Some(told) = found.number(index).filter(|told| (told.file, told.span) != place) else {
        return true;
    };
    let (name, value, own) = (&common.name, &common.text, (told.file, told.span));
    told.message = format!("`<{name}>` is `{value}`, and another in several profiles").into();
    told.label = "counts without any of them".into();
    if let Some(first) = told.notes.first_mut() {
        (first.file, first.span) = own;
        first.message = "this one in a profile".into();
    }
    (told.file, told.span) = place;
    true
}

/// No package manager is named: the engine takes one by itself.
fn manager(image: &Image, found: &mut Found<'_>) {
    let packages = image.packages.iter().any(|s| !s.items.is_empty());
    let named = |p: &crate::description::model::Preferences| p.element.child("packagemanager").is_some();
    if packages
        && !image.preferences.iter().any(named)
        && let Some(first) = image.preferences.first()
    {
        let deb = |r: &crate::description::model::Repository| r.element.attrs.get("type") == Some("apt-deb");
        let meant = if image.repositories.iter().any(deb) {
            "apt"
        } else {
            "zypper"
        };
        let message = "no `<packagemanager>` is named".to_owned();
        let label = format!("add one, such as `<packagemanager>{meant}</packagemanager>`");
        found.add("missing-package-manager", &first.element, message, label);
    }
}
