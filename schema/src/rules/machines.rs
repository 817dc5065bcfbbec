//! Machines under the names that distributions give them where the kernel's are asked for: `arch` of sections, entries,
//! profiles and repositories. Knows no machine by itself.

use super::found::Found;
use crate::description::model::{At, Image, Item};

/// What Debian and others call machines, and what `uname -m` does.
const NAMES: &[(&str, &str)] = &[
    ("amd64", "x86_64"),
    ("x64", "x86_64"),
    ("arm64", "aarch64"),
    ("ppc64el", "ppc64le"),
    ("powerpc64le", "ppc64le"),
    ("s390", "s390x"),
    ("armv7hl", "armv7l"),
    ("armv6hl", "armv6l"),
];

/// What the kernel calls a machine that is named otherwise.
fn kernels(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, own)| *own)
}

/// A machine under a name that no kernel has.
pub(super) fn is_other(at: &At) -> bool {
    kernels(at.value.trim()).is_some()
}

/// The same of a view's machine: on which no build is, and what is for it was told.
pub(super) fn is_none(name: &str) -> bool {
    kernels(name).is_some()
}

/// Entries that count for a machine which no kernel is of: they are told as that, and are not missing besides.
pub(super) fn misnamed(image: &Image) -> impl Iterator<Item = &Item> {
    let items = image.packages.iter().flat_map(|s| &s.items);
    items.filter(|item| is_misnamed(item))
}

/// The same of one entry.
pub(super) fn is_misnamed(item: &Item) -> bool {
    item.filter()
        .arches
        .iter()
        .any(|a| kernels(a.value.trim()).is_some())
}

/// Judges what does not depend on a view.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    let one = |at: &At, found: &mut Found<'_>| {
        let name = at.value.trim();
        let Some(own) = kernels(name) else { return };
        // Kernels have had it, and no system of now.
        let old = name == "s390";
        let message = if old {
            format!("no system of now is for `{name}`")
        } else {
            format!("no machine calls itself `{name}`")
        };
        found.instead("machine-name", at, message, Some(own), !old, "");
        if let Some(told) = found.last().filter(|_| old) {
            told.severity = crate::diagnostic::Severity::Info;
        }
    };
    let preferences = image.preferences.iter().flat_map(|p| &p.filter.arches);
    let profiles = image.profiles.iter().flat_map(|p| &p.arches);
    let repositories = image.repositories.iter().map(|r| &r.filter);
    let required = image
        .profiles
        .iter()
        .flat_map(|p| &p.requires)
        .map(|(_, filter)| filter);
    let users = image.users.iter().map(|u| &u.filter);
    let containers = image.containers.iter().map(|c| &c.filter);
    let others = repositories.chain(required).chain(users).chain(containers);
    for at in preferences.chain(profiles).chain(others.flat_map(|f| &f.arches)) {
        one(at, found);
    }
    let types = image.preferences.iter().flat_map(|p| &p.types);
    let disks = types.flat_map(|t| t.element.all("systemdisk"));
    for at in disks.flat_map(|d| &d.children).filter_map(|v| v.attrs.at("arch")) {
        one(at, found);
    }
    for item in misnamed(image) {
        for at in &item.filter().arches {
            one(at, found);
        }
    }
}
