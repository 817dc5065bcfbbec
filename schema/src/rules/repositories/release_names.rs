//! The packages that say which distribution an image is: one of another than that whose repositories are read. Knows their
//! names and the addresses of the distributions' own servers; asks none.

use crate::description::PackageKind;
use crate::description::model::Image;
use crate::rules::catalog::Catalog;
use crate::rules::found::{Found, Part, Searched};
use crate::rules::scope::Scope;

/// A distribution, what the addresses of its repositories have in them, and its own packages.
pub(in crate::rules) type Row = (&'static str, &'static [Part], &'static [&'static str]);

static ROWS: &[Row] = &[
    (
        "Fedora",
        &[
            Part::of("/fedora/linux/"),
            Part::of("repo=fedora-"),
            Part::of("repo=updates-released-f"),
            Part::of("repo=rawhide"),
            Part::of("obs://Fedora:"),
        ],
        &["fedora-release", "fedora-repos"],
    ),
    (
        "CentOS Stream",
        &[Part::of("stream.centos.org/")],
        &["centos-stream-release", "centos-stream-repos"],
    ),
    (
        "Rocky Linux",
        &[
            Part::of("dl.rockylinux.org/"),
            Part::of("mirrors.rockylinux.org/"),
        ],
        &["rocky-release", "rocky-repos"],
    ),
    (
        "AlmaLinux",
        &[
            Part::of("repo.almalinux.org/"),
            Part::of("mirrors.almalinux.org/"),
        ],
        &["almalinux-release", "almalinux-repos"],
    ),
    (
        "SLE",
        &[Part::of("/SUSE/Products/SLE-"), Part::of("/SUSE/Updates/SLE-")],
        &["sles-release", "SLES-release"],
    ),
    (
        "Leap 16",
        &[
            Part::of("/distribution/leap/16."),
            Part::of("obs://openSUSE:Leap:16."),
        ],
        &["Leap-release", "openSUSE-repos-Leap"],
    ),
    (
        "Leap 15",
        &[
            Part::of("/distribution/leap/15."),
            Part::of("obs://openSUSE:Leap:15."),
        ],
        &["openSUSE-release", "openSUSE-repos-Leap"],
    ),
    (
        "Tumbleweed",
        &[
            Part::of("opensuse.org/tumbleweed/"),
            Part::of("obs://openSUSE:Factory/"),
            Part::of("/ports/aarch64/tumbleweed/"),
        ],
        &["openSUSE-release", "openSUSE-repos-Tumbleweed"],
    ),
];

/// Names that are of none of them, and what they are taken for.
const NEVER: &[&str] = &[
    "openSUSE-leap-release",
    "opensuse-release",
    "opensuse-leap-release",
    "openSUSE-Leap-release",
    "centos-release",
];

/// Those of these names that some entry has.
pub(in crate::rules) fn named(catalog: &Catalog<'_>) -> Vec<&'static str> {
    let all = ROWS.iter().flat_map(|(_, _, names)| *names).chain(NEVER);
    all.copied()
        .filter(|name| catalog.first(name).is_some())
        .collect()
}

/// The one distribution whose repositories a description reads: of all profiles, for that they are mixed is told where
/// they are.
pub(in crate::rules) fn line(image: &Image) -> Option<&'static Row> {
    let of = |source: &str| {
        let source = Searched::new(source);
        ROWS.iter()
            .find(|(_, marks, _)| marks.iter().any(|m| source.has(m)))
    };
    let all = image.repositories.iter();
    let mut read = all.filter_map(|r| of(r.source.value.trim()));
    let first = read.next()?;
    read.all(|other| other.0 == first.0).then_some(first)
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let named = scope.whole.release_packages();
    if named.is_empty() {
        return;
    }
    let lists = [PackageKind::Bootstrap, PackageKind::System];
    let listed = |name: &str| lists.into_iter().find_map(|list| scope.listed(list, name));
    let Some((line, _, own)) = scope.whole.line() else {
        return;
    };
    for name in named.iter().filter(|name| !own.contains(name)) {
        let Some(item) = listed(name) else { continue };
        let meant = match name.contains("repos") {
            true => own.iter().find(|n| n.contains("repos")),
            false => own.first(),
        };
        let Some(meant) = meant.filter(|meant| listed(meant).is_none()) else {
            continue;
        };
        let message = format!("{line} has no package `{name}`");
        found.instead(
            "package-of-other-distribution",
            &item.name,
            message,
            Some(meant),
            false,
            "",
        );
    }
}
