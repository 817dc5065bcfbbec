//! Packages that exclude each other: the package manager installs one of them, or none. Knows a few pairs of each family,
//! as their distributions declare them; asks no repository.

use super::{Family, family};
use crate::description::PackageKind;
use crate::description::model::Item;
use crate::rules::catalog::Catalog;
use crate::rules::found::Found;
use crate::rules::scope::Scope;

/// Pairs by family.
const PAIRS: &[(Family, &str, &str)] = &[
    (Family::Debian, "grub-pc", "grub-efi-amd64"),
    (Family::Debian, "grub-pc", "grub-efi-ia32"),
    (Family::Debian, "grub-efi-amd64", "grub-efi-ia32"),
    (Family::Debian, "chrony", "systemd-timesyncd"),
    (Family::Debian, "chrony", "ntpsec"),
    (Family::Debian, "ntpsec", "systemd-timesyncd"),
    (Family::Debian, "openntpd", "chrony"),
    (Family::Debian, "ntp", "chrony"),
    (Family::Debian, "ntp", "openntpd"),
    (Family::Debian, "ntp", "systemd-timesyncd"),
    (Family::Debian, "postfix", "exim4"),
    (Family::Debian, "postfix", "exim4-daemon-light"),
    (Family::Debian, "postfix", "msmtp-mta"),
    (Family::Debian, "docker.io", "podman-docker"),
    (Family::Debian, "docker.io", "docker-ce"),
    (Family::Debian, "systemd-sysv", "sysvinit-core"),
    (Family::RedHat, "coreutils", "coreutils-single"),
    (Family::RedHat, "curl", "curl-minimal"),
    (Family::RedHat, "libcurl", "libcurl-minimal"),
    (Family::RedHat, "podman-docker", "docker-ce"),
    (Family::RedHat, "podman-docker", "moby-engine"),
    (Family::RedHat, "docker-ce", "moby-engine"),
    (Family::RedHat, "fedora-release-cloud", "fedora-release-server"),
    (Family::RedHat, "fedora-release-cloud", "fedora-release-container"),
    (
        Family::RedHat,
        "fedora-release-server",
        "fedora-release-workstation",
    ),
    (
        Family::RedHat,
        "fedora-release-cloud",
        "fedora-release-workstation",
    ),
    (Family::Suse, "docker", "podman-docker"),
    (Family::Suse, "systemd", "systemd-mini"),
    (Family::Suse, "udev", "udev-mini"),
    (Family::Suse, "openSUSE-release", "SLES-release"),
    (Family::Suse, "openSUSE-release", "sles-release"),
    (Family::Suse, "openSUSE-release", "Leap-release"),
    (Family::Suse, "openSUSE-release", "openSUSE-MicroOS-release"),
    (Family::Suse, "openSUSE-release", "MicroOS-release"),
    (
        Family::Suse,
        "ca-certificates-mozilla",
        "ca-certificates-mozilla-prebuilt",
    ),
    (Family::Suse, "gettext-runtime", "gettext-runtime-mini"),
    (Family::Suse, "postfix", "exim"),
    (Family::Suse, "postfix", "sendmail"),
    (Family::Suse, "rpm", "rpm-ndb"),
];

/// The pairs of a family of which both are listed somewhere: none in most descriptions.
pub(in crate::rules) fn listed(family: Family, catalog: &Catalog<'_>) -> Vec<(&'static str, &'static str)> {
    let of_family = PAIRS.iter().filter(|(of, _, _)| *of == family);
    let both = of_family.filter(|(_, a, b)| catalog.first(a).is_some() && catalog.first(b).is_some());
    both.map(|(_, a, b)| (*a, *b)).collect()
}

/// The packages that exclude one.
pub(super) fn rivals(family: Family, name: &str) -> impl Iterator<Item = &'static str> {
    let of_family = PAIRS.iter().filter(move |(of, _, _)| *of == family);
    of_family.filter_map(move |(_, a, b)| match (*a == name, *b == name) {
        (true, _) => Some(*b),
        (_, true) => Some(*a),
        _ => None,
    })
}

/// Some profile is of both, or brings one of the others by what it requires.
fn come_together(scope: &Scope<'_>, own: &[&str], other: &[&str]) -> bool {
    let any = |of: &[&str], choice: &rustc_hash::FxHashSet<&str>| of.iter().any(|p| choice.contains(p));
    own.iter().any(|p| other.contains(p))
        || scope
            .whole
            .choices()
            .iter()
            .any(|choice| any(own, choice) && any(other, choice))
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let listed = |name: &str| -> Option<&Item> {
        let kinds = [PackageKind::Bootstrap, PackageKind::System];
        kinds.into_iter().find_map(|kind| scope.listed(kind, name))
    };
    // The profiles that a name's sections are for; none where one is for all.
    let profiles = |name: &str| -> Vec<&str> {
        let catalog = &scope.whole.catalog;
        let all = catalog
            .first(name)
            .into_iter()
            .flat_map(|first| catalog.same(first));
        let sections = all.filter_map(|(at, _)| scope.whole.image.packages.get(catalog.section(at)));
        let mut out = Vec::new();
        for section in sections {
            if section.filter.profiles.is_empty() {
                return Vec::new();
            }
            out.extend(section.filter.profiles.iter().map(|p| p.value.as_str()));
        }
        out
    };
    for &(a, b) in scope.whole.conflicting(family(scope)) {
        let (Some(first), Some(second)) = (listed(a), listed(b)) else {
            continue;
        };
        // Profiles that are chosen in place of each other have one each.
        let (own, other) = (profiles(a), profiles(b));
        if !own.is_empty() && !other.is_empty() && !come_together(scope, &own, &other) {
            continue;
        }
        // What stands later is the one that was added.
        let place = |item: &Item| (item.name.file, item.name.span.start);
        let (first, second) = if place(second) < place(first) {
            (second, first)
        } else {
            (first, second)
        };
        let message = format!(
            "`{}` and `{}` exclude each other",
            second.name.value, first.name.value
        );
        found.pair(
            "conflicting-packages",
            &second.name,
            message,
            "one of them",
            &first.name,
            "the other is listed here",
        );
    }
}
