//! A package manager that is not that of the distribution whose repositories are read, where nothing brings it into the
//! image. What the packages are called is judged in `foreign`. Asks no server.

use super::found::{Found, Text};
use super::packages::{Family, family};
use super::scope::Scope;
use crate::description::PackageKind;
use crate::description::model::{Image, ItemKind, Repository};

/// What the addresses of one distribution's repositories have in them.
const MARKS: &[(&str, Family)] = &[
    // Repositories of others lie on openSUSE's servers too: these are first.
    ("fedora", Family::RedHat),
    ("centos", Family::RedHat),
    ("rocky", Family::RedHat),
    ("almalinux", Family::RedHat),
    ("rhel", Family::RedHat),
    ("suse", Family::Suse),
    ("tumbleweed", Family::Suse),
];

/// Whose repository it is, by its address.
fn owner(source: &str) -> Option<Family> {
    let source = source.to_ascii_lowercase();
    MARKS
        .iter()
        .find(|(mark, _)| source.contains(mark))
        .map(|(_, family)| *family)
}

/// The repositories whose distribution their addresses name: read once for all views.
fn owned(image: &Image) -> Vec<(&Repository, Family)> {
    let all = image.repositories.iter();
    all.filter_map(|r| Some((r, owner(r.source.value.trim())?)))
        .collect()
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let own = family(scope);
    let (start, meant) = match own {
        Family::Suse => ("zypper", "dnf5"),
        Family::RedHat => ("dnf", "zypper"),
        _ => return,
    };
    let whole = &scope.whole;
    let owned = whole.owned.get_or_init(|| owned(whole.image));
    let active = owned.iter().filter(|(r, _)| scope.view.active(&r.filter));
    let mut others = active.map(|(_, family)| *family);
    let Some(other) = others.next().filter(|o| *o != own) else {
        return;
    };
    let mut archives = scope.special(PackageKind::Bootstrap, ItemKind::Archive);
    let brought = scope
        .starting(start)
        .chain(scope.starting("microdnf"))
        .next()
        .is_some()
        || archives.next().is_some()
        || scope.kind().attrs.at("derived_from").is_some();
    if others.any(|o| o != other) || brought || !scope.type_has_packages() {
        return;
    }
    let Some(at) = scope.view.first("packagemanager") else {
        return;
    };
    let manager = scope.manager;
    let whose = if other == Family::Suse {
        "SUSE's"
    } else {
        "Fedora's, or its kin's"
    };
    let message =
        format!("the repositories are {whose}, and no list installs `{manager}`, which is to read them");
    found.instead(
        "manager-of-other-distribution",
        &Text(at),
        message,
        Some(meant),
        false,
        "",
    );
}
