//! Entries that this package manager's distributions do not have: names that are another family's, and patterns and
//! products where there are none. Knows only names that are certain; asks no repository.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::found::Found;
use super::packages::{Family, family};
use super::scope::Scope;
use crate::description::PackageKind;

/// What one thing is called by SUSE, Red Hat, Debian and Arch. Empty where a family has the name of another too, or
/// several: then nothing is said there.
type Names = [&'static str; 4];

static NAMES: &[Names] = &[
    ["kernel-default", "kernel", "linux-image-amd64", "linux"],
    ["kernel-default", "kernel", "linux-generic", "linux"],
    ["kernel-firmware", "linux-firmware", "", "linux-firmware"],
    [
        "kernel-default-devel",
        "kernel-devel",
        "linux-headers-amd64",
        "linux-headers",
    ],
    ["btrfsprogs", "btrfs-progs", "btrfs-progs", "btrfs-progs"],
    ["grub2-x86_64-efi", "grub2-efi-x64", "grub-efi-amd64", "grub"],
    ["grub2-i386-pc", "grub2-pc", "grub-pc", "grub"],
    ["grub2-arm64-efi", "grub2-efi-aa64", "grub-efi-arm64", "grub"],
    ["shim", "shim-x64", "shim-signed", ""],
    ["openssh-server", "openssh-server", "openssh-server", "openssh"],
    ["openssh", "openssh", "openssh-client", "openssh"],
    ["openSUSE-release", "fedora-release", "base-files", "filesystem"],
    ["patterns-base-minimal_base", "", "", "base"],
    [
        "NetworkManager",
        "NetworkManager",
        "network-manager",
        "networkmanager",
    ],
    ["vim-small", "vim-minimal", "vim-tiny", ""],
    ["apache2", "httpd", "apache2", "apache"],
    ["sqlite3", "sqlite", "sqlite3", "sqlite"],
    ["iputils", "iputils", "iputils-ping", "iputils"],
    ["bind-utils", "bind-utils", "bind9-dnsutils", "bind"],
    ["shadow", "shadow-utils", "passwd", "shadow"],
    ["glibc-locale", "glibc-langpack-en", "locales", "glibc"],
    ["xz", "xz", "xz-utils", "xz"],
    ["gpg2", "gnupg2", "gnupg", "gnupg"],
    ["procps", "procps-ng", "procps", "procps-ng"],
    ["dhcp-client", "dhcp-client", "isc-dhcp-client", "dhcpcd"],
    [
        "ca-certificates-mozilla",
        "ca-certificates",
        "ca-certificates",
        "ca-certificates",
    ],
    ["cron", "cronie", "cron", "cronie"],
    ["MozillaFirefox", "firefox", "firefox-esr", "firefox"],
];

/// The first row that a name stands in: lists are long, and few of their names stand in any.
static ROWS: LazyLock<FxHashMap<&str, &Names>> = LazyLock::new(|| {
    let mut rows = FxHashMap::default();
    for row in NAMES {
        for &name in row {
            rows.entry(name).or_insert(row);
        }
    }
    rows
});

/// Names that a family has besides, so that they are nobody's mistake there.
static ALSO: &[(Family, &[&str])] = &[
    // SUSE's packages answer to many of Red Hat's names, and its releases differ.
    (
        Family::Suse,
        &[
            "kernel",
            "firefox",
            "httpd",
            "sqlite",
            "cronie",
            "openssh-client",
            "filesystem",
            "base",
            "bind",
            "dhcpcd",
            "locales",
            "gnupg",
            "passwd",
            "linux",
            "grub",
            "btrfs-progs",
            "procps-ng",
            "glibc",
            "apache",
            "gnupg2",
            "shim-signed",
            "base-files",
            "ca-certificates",
            "NetworkManager",
            "networkmanager",
            "linux-firmware",
        ],
    ),
    (
        Family::RedHat,
        &[
            "filesystem",
            "bind",
            "glibc",
            "cron",
            "gnupg",
            "base",
            "linux",
            "shim",
            "apache",
            "apache2",
            "passwd",
            "sqlite3",
            "shadow",
            "dhcpcd",
            "gpg2",
            "grub",
            "xz-utils",
            "procps",
            "locales",
        ],
    ),
    (
        Family::Debian,
        &[
            "dhcp-client",
            "sqlite",
            "apache",
            "filesystem",
            "base",
            "linux",
            "grub",
            "bind",
            "glibc",
            "firefox",
            "dhcpcd",
            "shadow",
            "linux-firmware",
            "shim",
            "iputils",
            "gnupg2",
            "xz",
        ],
    ),
    (
        Family::Arch,
        &[
            "apache2",
            "cron",
            "filesystem",
            "passwd",
            "shim",
            "dhcp-client",
            "ca-certificates-mozilla",
            "base-files",
        ],
    ),
];

fn column(family: Family) -> Option<usize> {
    match family {
        Family::Suse => Some(0),
        Family::RedHat => Some(1),
        Family::Debian => Some(2),
        Family::Arch => Some(3),
        Family::Alpine => None,
    }
}

/// What this family calls the thing that others call so; none where the name is, or may be, its own.
fn own_name(name: &str, family: Family) -> Option<&'static str> {
    let column = column(family)?;
    let row = *ROWS.get(name)?;
    let also = ALSO
        .iter()
        .any(|(f, names)| *f == family && names.contains(&name));
    let known = also || NAMES.iter().any(|row| row.get(column) == Some(&name));
    row.get(column).copied().filter(|own| !known && !own.is_empty())
}

/// SUSE's packages, read by a package manager of Red Hat's.
fn mixed(scope: &Scope<'_>) -> bool {
    scope.view.repositories().iter().any(|r| {
        let source = r.source.value.trim().to_ascii_lowercase();
        source.contains("suse") || source.starts_with("obs")
    })
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let family = family(scope);
    if family == Family::RedHat && mixed(scope) {
        return;
    }
    for kind in [PackageKind::Bootstrap, PackageKind::System] {
        let list = scope.view.list(kind);
        for &item in &list.packages {
            if let Some(own) = own_name(&item.name.value, family) {
                let message = format!(
                    "no repository of `{}` has a package `{}`",
                    scope.view.package_manager(),
                    item.name.value
                );
                found.instead(
                    "package-of-other-distribution",
                    &item.name,
                    message,
                    Some(own),
                    false,
                    "",
                );
            }
        }
        let (groups, products) = match family {
            Family::Debian | Family::Alpine => (true, true),
            Family::Arch => (false, true),
            _ => (false, false),
        };
        let entries = [
            (&list.collections, groups, "patterns or groups"),
            (&list.products, products, "products"),
        ];
        for (entries, refused, what) in entries {
            for item in entries.iter().filter(|_| refused) {
                let message = format!("`{}` has no {what} of packages", scope.view.package_manager());
                found.add(
                    "entry-not-for-manager",
                    &item.name,
                    message,
                    "nothing is installed for it",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_translated_and_own_ones_are_not() {
        for (name, family, own) in [
            ("btrfsprogs", Family::Debian, Some("btrfs-progs")),
            ("btrfsprogs", Family::Suse, None),
            ("btrfs-progs", Family::RedHat, None),
            ("kernel-default", Family::Arch, Some("linux")),
            ("openssh-server", Family::Arch, Some("openssh")),
            ("openssh-server", Family::Debian, None),
            ("openssh", Family::Debian, Some("openssh-server")),
            ("linux-image-amd64", Family::Suse, Some("kernel-default")),
            ("apache2", Family::Debian, None),
            ("nothing-like-it", Family::Debian, None),
        ] {
            assert_eq!(own_name(name, family), own, "{name} {family:?}");
        }
    }
}
