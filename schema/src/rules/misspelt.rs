//! Names of packages that are one keystroke from one that nearly every description has, and that no package is known to
//! have. Knows few names; asks no repository.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::found::{Found, near};
use super::scope::Scope;
use crate::description::model::{Image, ItemKind};
use crate::description::{PackageKind, View};

/// Names that many descriptions have, and that no other package comes near.
static COMMON: &[&str] = &[
    "NetworkManager",
    "SUSEConnect",
    "apache2",
    "apparmor",
    "archlinux-keyring",
    "base-files",
    "base-passwd",
    "basesystem",
    "bash-completion",
    "btrfs-progs",
    "btrfsprogs",
    "build-essential",
    "buildah",
    "ca-certificates",
    "ca-certificates-mozilla",
    "centos-stream-release",
    "chrony",
    "cloud-guest-utils",
    "cloud-init",
    "cloud-utils-growpart",
    "console-setup",
    "cracklib-dict-full",
    "cryptsetup",
    "debian-archive-keyring",
    "device-mapper",
    "dosfstools",
    "dracut",
    "dracut-kiwi-lib",
    "dracut-kiwi-live",
    "dracut-kiwi-oem-dump",
    "dracut-kiwi-oem-repart",
    "dracut-kiwi-overlay",
    "e2fsprogs",
    "efibootmgr",
    "fedora-release",
    "fedora-release-cloud",
    "filesystem",
    "firefox",
    "firefox-esr",
    "firewalld",
    "fontconfig",
    "glibc-langpack-en",
    "glibc-locale",
    "glibc-locale-base",
    "gptfdisk",
    "growpart",
    "grub-efi-amd64",
    "grub-efi-arm64",
    "grub-pc",
    "grub2-arm64-efi",
    "grub2-efi-aa64",
    "grub2-efi-x64",
    "grub2-efi-x64-modules",
    "grub2-i386-pc",
    "grub2-tools",
    "grub2-x86_64-efi",
    "initramfs-tools",
    "iproute2",
    "iputils-ping",
    "kernel",
    "kernel-core",
    "kernel-default",
    "kernel-firmware",
    "kernel-firmware-all",
    "kernel-modules",
    "keyboard-configuration",
    "lightdm",
    "linux-firmware",
    "linux-generic",
    "linux-image-amd64",
    "linux-image-arm64",
    "linux-image-generic",
    "locales",
    "mariadb-server",
    "mdadm",
    "multipath-tools",
    "netplan.io",
    "network-manager",
    "networkmanager",
    "nfs-client",
    "nfs-common",
    "nfs-utils",
    "ntfs-3g",
    "open-iscsi",
    "open-vm-tools",
    "openSUSE-release",
    "openssh-client",
    "openssh-clients",
    "openssh-server",
    "patterns-base-base",
    "patterns-base-bootloader",
    "patterns-base-minimal_base",
    "patterns-openSUSE-base",
    "plymouth",
    "podman",
    "policycoreutils",
    "postgresql",
    "postgresql-server",
    "qemu-guest-agent",
    "rsyslog",
    "selinux-policy-targeted",
    "shim-signed",
    "shim-x64",
    "snapper",
    "snapper-zypp-plugin",
    "squashfs-tools",
    "suse-build-key",
    "syslinux",
    "systemd-boot",
    "systemd-resolved",
    "systemd-timesyncd",
    "ubuntu-keyring",
    "unattended-upgrades",
    "util-linux",
    "vim-enhanced",
    "vim-minimal",
    "vim-small",
    "wicked-service",
    "wpa_supplicant",
    "wpasupplicant",
    "xfsprogs",
    "zypper",
];

/// Packages that are near to one of these and are there.
const OTHERS: &[&str] = &[
    "kernel-modules-core",
    "grub2-efi-ia32",
    "grub-efi-ia32",
    "shim-ia32",
    "firefox-esr",
    "vim-small",
];

/// The names by their first two bytes, and by their last two: one keystroke leaves one of these pairs as it is.
static BY_ENDS: LazyLock<FxHashMap<(bool, [u8; 2]), Vec<&'static str>>> = LazyLock::new(|| {
    let mut map: FxHashMap<(bool, [u8; 2]), Vec<&'static str>> = FxHashMap::default();
    for &name in COMMON {
        for key in ends(name).into_iter().flatten() {
            map.entry(key).or_default().push(name);
        }
    }
    map
});

/// How long the names are whose first, or last, two bytes have a number: lists are long, and most of their names end here.
static LENGTHS: LazyLock<[[u64; PAIRS]; 2]> = LazyLock::new(|| {
    let mut lengths = [[0; PAIRS]; 2];
    for &name in COMMON {
        for (list, number) in lengths.iter_mut().zip(numbers(name)) {
            if let Some(lengths) = number.and_then(|n| list.get_mut(n)) {
                *lengths |= 1 << name.len().min(63);
            }
        }
    }
    lengths
});

/// Numbers of two bytes; some share one.
const PAIRS: usize = 1024;

/// The numbers of the first two bytes and of the last two.
fn numbers(name: &str) -> [Option<usize>; 2] {
    let number = |[a, b]: &[u8; 2]| (usize::from(*a) << 5 ^ usize::from(*b)) % PAIRS;
    let bytes = name.as_bytes();
    [
        bytes.first_chunk::<2>().map(number),
        bytes.last_chunk::<2>().map(number),
    ]
}

/// True where a name of `COMMON` may be a keystroke away.
fn may_be(name: &str) -> bool {
    let near = 7_u64 << name.len().clamp(1, 62).saturating_sub(1);
    let mut lists = LENGTHS.iter().zip(numbers(name));
    name.len() > 4
        && lists.any(|(list, number)| number.and_then(|n| list.get(n)).is_some_and(|l| l & near != 0))
}

fn ends(name: &str) -> [Option<(bool, [u8; 2])>; 2] {
    let bytes = name.as_bytes();
    let first = bytes.first_chunk::<2>().map(|c| (true, *c));
    let last = bytes.last_chunk::<2>().map(|c| (false, *c));
    [first, last]
}

/// True for a slip of one keystroke that leaves no other number: that is another version, or another package.
fn slipped(name: &str, other: &str) -> bool {
    let part =
        |n: &str, digits: bool| -> Vec<u8> { n.bytes().filter(|b| b.is_ascii_digit() == digits).collect() };
    let sorted = |mut bytes: Vec<u8>| {
        bytes.sort_unstable();
        bytes
    };
    let exchanged = || sorted(part(name, true)) == sorted(part(other, true));
    strsim::damerau_levenshtein(name, other) == 1 && (part(name, false) != part(other, false) || exchanged())
}

/// Names that nobody has, by the machine's name in place of the loader's own for it, and the right ones.
const WRONG: &[(&str, &str)] = &[
    ("grub-efi-x86_64", "grub-efi-amd64"),
    ("grub-efi-aarch64", "grub-efi-arm64"),
    ("grub2-aarch64-efi", "grub2-arm64-efi"),
    ("grub2-amd64-efi", "grub2-x86_64-efi"),
    ("grub2-efi-aarch64", "grub2-efi-aa64"),
    ("grub2-efi-amd64", "grub2-efi-x64"),
    ("grub2-efi-arm64", "grub2-efi-aa64"),
    ("grub2-efi-x86-64", "grub2-efi-x64"),
    ("grub2-efi-x86_64", "grub2-efi-x64"),
    ("grub2-x64-efi", "grub2-x86_64-efi"),
    ("linux-image-aarch64", "linux-image-arm64"),
    ("linux-image-x86_64", "linux-image-amd64"),
    ("shim-x86_64", "shim-x64"),
    ("shim-aarch64", "shim-aa64"),
];

/// The package that is likely meant by a name that is none.
fn meant(name: &str) -> Option<&'static str> {
    if name.len() > 10 && matches!(name.as_bytes(), [b'g' | b'l' | b's', ..]) {
        if let Some((_, right)) = WRONG.iter().find(|(wrong, _)| *wrong == name) {
            return Some(right);
        }
    }
    if !may_be(name) {
        return None;
    }
    let lists = || {
        ends(name)
            .into_iter()
            .flatten()
            .filter_map(|key| BY_ENDS.get(&key))
    };
    let alike = || {
        lists()
            .flatten()
            .copied()
            .filter(|other| other.len().abs_diff(name.len()) < 2)
    };
    if alike().next().is_none() || OTHERS.contains(&name) || alike().any(|other| other == name) {
        return None;
    }
    // Names are told apart by the case of their letters: the one with capitals is meant.
    if let Some(other) = alike().find(|other| other.eq_ignore_ascii_case(name)) {
        return Some(other);
    }
    near(name, alike()).filter(|other| slipped(name, other))
}

/// Names of the view's packages may differ by capitals from what is meant.
pub(super) fn by_capitals(view: &View<'_>) -> bool {
    matches!(view.package_manager(), "zypper" | "dnf4" | "dnf5" | "microdnf")
}

/// What is likely misspelt in a view's lists, by capitals too, with what is meant.
pub(super) fn all<'a>(view: &View<'a>) -> Vec<(&'a crate::description::model::Item, &'static str)> {
    let mut out = Vec::new();
    for kind in [PackageKind::Bootstrap, PackageKind::System] {
        let list = &view.list(kind).packages;
        for &item in list {
            let name = item.name.value.as_str();
            let listed = |other: &str| {
                list.binary_search_by(|i| i.name.value.as_str().cmp(other))
                    .is_ok()
            };
            let own = || {
                let owner = super::names::owner(name);
                owner.is_none_or(|_| name.starts_with("patterns-") || name.starts_with("linux-"))
            };
            if let Some(meant) = meant(name).filter(|m| !listed(m) && own()) {
                out.push((item, meant));
            }
        }
    }
    out
}

/// Longer lists are made by programs, which put no blanks into names.
const LONGEST: usize = 4000;

/// Judges what does not depend on a view: a package's name has no blanks. One with a version that is compared may.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    let sections = image.packages.iter().filter(|s| s.items.len() <= LONGEST);
    for item in sections
        .flat_map(|s| &s.items)
        .filter(|i| i.kind == ItemKind::Package)
    {
        let name = item.name.value.as_str();
        if memchr::memchr(b' ', name.as_bytes()).is_none()
            || name.contains(['<', '>', '=', '(', '$', '{', '"'])
        {
            continue;
        }
        let message = format!("`{name}` has a blank, and no package's name has one");
        found.instead(
            "package-name",
            &item.name,
            message,
            None,
            false,
            "one `<package>` for each name",
        );
    }
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    for (item, meant) in scope.misspelt() {
        let message = format!("`{}` is likely misspelt", item.name.value);
        found.instead("package-name", &item.name, message, Some(meant), false, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_keystroke_is_a_slip_and_another_number_is_not() {
        assert!(COMMON.is_sorted());
        for (name, right) in [
            ("opnessh-server", Some("openssh-server")),
            ("openssh-sever", Some("openssh-server")),
            ("kernel-defualt", Some("kernel-default")),
            ("kernel-cor", Some("kernel-core")),
            ("grub2-x86_64-eif", Some("grub2-x86_64-efi")),
            ("linux-image-amd46", Some("linux-image-amd64")),
            ("e2fsprog", Some("e2fsprogs")),
            ("apache3", None),
            ("openssh-server", None),
            ("vim-tiny", None),
            ("Networkmanager", Some("NetworkManager")),
            ("opensuse-release", Some("openSUSE-release")),
            ("kernell", Some("kernel")),
        ] {
            assert_eq!(meant(name), right, "{name}");
        }
    }
}
