//! What packages are called by the families of distributions: names for one thing, names that one family has alone.
//! Only names that are certain. Asks no repository.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::found::letters;
use super::packages::Family;

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
    ["grub2", "grub2", "", "grub"],
    ["grub2-i386-pc", "grub2-pc", "grub-pc", "grub"],
    ["grub2-arm64-efi", "grub2-efi-aa64", "grub-efi-arm64", "grub"],
    ["shim", "shim-x64", "shim-signed", ""],
    ["openssh-server", "openssh-server", "openssh-server", "openssh"],
    ["openssh-clients", "openssh-clients", "openssh-client", "openssh"],
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
    ["squashfs", "squashfs-tools", "squashfs-tools", "squashfs-tools"],
    ["device-mapper", "device-mapper", "dmsetup", "device-mapper"],
    ["gptfdisk", "gdisk", "gdisk", "gptfdisk"],
    ["iproute2", "iproute", "iproute2", "iproute2"],
    [
        "wpa_supplicant",
        "wpa_supplicant",
        "wpasupplicant",
        "wpa_supplicant",
    ],
    ["gcc-c++", "gcc-c++", "g++", ""],
    ["ucode-intel", "microcode_ctl", "intel-microcode", "intel-ucode"],
    ["ucode-amd", "amd-ucode-firmware", "amd64-microcode", "amd-ucode"],
    ["", "", "build-essential", "base-devel"],
    ["libvirt-client", "libvirt-client", "libvirt-clients", ""],
    ["nfs-client", "nfs-utils", "nfs-common", "nfs-utils"],
    ["dejavu-fonts", "dejavu-sans-fonts", "fonts-dejavu", "ttf-dejavu"],
    [
        "growpart",
        "cloud-utils-growpart",
        "cloud-guest-utils",
        "cloud-guest-utils",
    ],
    ["python3-devel", "python3-devel", "python3-dev", ""],
    ["libopenssl-devel", "openssl-devel", "libssl-dev", ""],
    ["zlib-devel", "zlib-devel", "zlib1g-dev", ""],
    ["ncurses-devel", "ncurses-devel", "libncurses-dev", ""],
    ["glibc-devel", "glibc-devel", "libc6-dev", ""],
    ["bind", "bind", "bind9", ""],
    [
        "xorg-x11-server",
        "xorg-x11-server-Xorg",
        "xserver-xorg",
        "xorg-server",
    ],
    ["gdm", "gdm", "gdm3", "gdm"],
    ["", "", "netplan.io", "netplan"],
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
            "squashfs-tools",
            "dmsetup",
            "gdisk",
            "iproute",
            "g++",
            "microcode_ctl",
            "nfs-utils",
            "dejavu-sans-fonts",
            "cloud-utils-growpart",
            "openssl-devel",
            "xorg-server",
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
            "g++",
            "dejavu-fonts",
            "xorg-x11-server",
            "xorg-server",
            "filesystem",
            "bind",
            "glibc",
            "cron",
            "gnupg",
            "base",
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
            "nfs-client",
            "dhcp-client",
            "sqlite",
            "apache",
            "filesystem",
            "base",
            "grub",
            "bind",
            "glibc",
            "firefox",
            "dhcpcd",
            "shadow",
            "linux-firmware",
            "shim",
            "gnupg2",
        ],
    ),
    (
        Family::Arch,
        &[
            "gdisk",
            "iproute",
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

/// Names that one family has alone, where the others have no one name for the same thing. None is provided by a package
/// of another name elsewhere.
static ONLY: &[(Family, &[&str])] = &[
    (
        Family::Debian,
        &[
            "linux-image-amd64",
            "linux-image-arm64",
            "linux-generic",
            "linux-virtual",
            "waagent",
            "walinuxagent",
            "grub-pc",
            "grub-efi",
            "shim-signed",
            "initramfs-tools",
            "initramfs-tools-core",
            "init-system-helpers",
            "base-passwd",
            "locales-all",
            "keyboard-configuration",
            "console-setup-linux",
            "cryptsetup-initramfs",
            "cryptsetup-bin",
            "libc6",
            "libc-bin",
            "libpam-systemd",
            "libpam-modules",
            "python3-venv",
            "python-is-python3",
            "vim-nox",
            "vim-gtk3",
            "bind9",
            "bind9-host",
            "apt-transport-https",
            "software-properties-common",
            "netplan.io",
            "network-manager",
            "network-manager-gnome",
            "tasksel",
            "ubuntu-minimal",
            "ubuntu-standard",
            "ubuntu-server",
            "ubuntu-desktop",
            "docker.io",
            "libapache2-mod-php",
            "firmware-linux",
            "firmware-linux-free",
            "firmware-linux-nonfree",
            "firmware-misc-nonfree",
            "firmware-realtek",
            "firmware-iwlwifi",
            "fonts-noto-core",
            "fonts-liberation",
            "xserver-xorg",
            "xserver-xorg-core",
            "xserver-xorg-input-all",
            "xserver-xorg-video-all",
            "live-boot",
            "live-config",
            "default-jre",
            "default-jdk",
            "golang-go",
            "unattended-upgrades",
            "popularity-contest",
            "ssl-cert",
            "task-ssh-server",
            "bsdutils",
            "sysvinit-utils",
            "sensible-utils",
            "uuid-runtime",
            "raspi-firmware",
            "iputils-ping",
            "wpasupplicant",
            "openssh-sftp-server",
            "isc-dhcp-client",
            "build-essential",
        ],
    ),
    (
        Family::Suse,
        &[
            "aaa_base",
            "dbus-1",
            "python-azure-agent",
            "hyper-v",
            "aaa_base-extras",
            "suse-build-key",
            "grub2-snapper-plugin",
            "snapper-zypp-plugin",
            "wicked",
            "wicked-service",
            "netcfg",
            "cracklib-dict-full",
            "systemd-sysvinit",
            "glibc-locale-base",
            "sles-release",
            "SLES-release",
            "Leap-release",
            "branding-openSUSE",
            "terminfo-base",
            "transactional-update",
            "health-checker",
            "jeos-firstboot",
            "kernel-preempt",
            "btrfsprogs",
            "grub2-i386-pc",
            "grub2-x86_64-efi",
            "grub2-arm64-efi",
            "grub2-x86_64-xen",
            "ucode-intel",
            "ucode-amd",
            "ca-certificates-mozilla",
            "patterns-openSUSE-base",
        ],
    ),
    (
        Family::RedHat,
        &[
            "WALinuxAgent",
            "kernel-core",
            "kernel-modules",
            "kernel-modules-core",
            "kernel-modules-extra",
            "grub2-pc",
            "grub2-pc-modules",
            "grub2-tools",
            "grub2-tools-extra",
            "shim-x64",
            "shim-aa64",
            "shim-ia32",
            "centos-release",
            "centos-stream-release",
            "centos-stream-repos",
            "rocky-release",
            "rocky-repos",
            "almalinux-release",
            "redhat-release",
            "epel-release",
            "basesystem",
            "rootfiles",
            "glibc-all-langpacks",
            "glibc-minimal-langpack",
            "vim-enhanced",
            "livesys-scripts",
            "amd-ucode-firmware",
        ],
    ),
    (
        Family::Arch,
        &[
            "pacman-mirrorlist",
            "linux-zen",
            "mkinitcpio",
            "base-devel",
            "intel-ucode",
            "amd-ucode",
        ],
    ),
];

/// Names of programs and units that no distribution has a package of, and the packages that bring them.
static NOWHERE: &[(&str, &str)] = &[
    ("chronyd", "chrony"),
    ("cupsd", "cups"),
    ("dockerd", "docker"),
    ("lsb_release", "lsb-release"),
    ("ntpd", "chrony"),
    ("NetworkManager-daemon", "NetworkManager"),
    ("python3-pip3", "python3-pip"),
    ("sshd", "openssh-server"),
    ("smbd", "samba"),
];

/// Names that some families have, and the others not.
static SOME: &[(&str, &[Family])] = &[
    ("dracut-live", &[Family::RedHat, Family::Debian]),
    ("dracut-network", &[Family::RedHat, Family::Debian]),
    ("dracut-config-generic", &[Family::RedHat, Family::Debian]),
    ("dracut-config-rescue", &[Family::RedHat, Family::Debian]),
    ("dracut-squash", &[Family::RedHat, Family::Debian]),
    ("hyperv-daemons", &[Family::RedHat, Family::Debian]),
];

/// How names begin that one family has alone.
static BEGINNINGS: &[(&str, Family)] = &[
    ("linux-image-", Family::Debian),
    ("language-pack-", Family::Debian),
    ("langpacks-", Family::RedHat),
    ("linux-headers-", Family::Debian),
    ("linux-modules-", Family::Debian),
    ("grub-pc-", Family::Debian),
    ("grub-efi-", Family::Debian),
    ("fedora-release", Family::RedHat),
    ("fedora-repos", Family::RedHat),
    ("glibc-langpack-", Family::RedHat),
    ("grub2-efi-x64", Family::RedHat),
    ("grub2-efi-aa64", Family::RedHat),
    ("kernel-default", Family::Suse),
    ("kernel-firmware-", Family::Suse),
    ("openSUSE-release", Family::Suse),
    ("patterns-", Family::Suse),
    ("yast2", Family::Suse),
    ("grub2-branding-", Family::Suse),
];

static OWNERS: LazyLock<FxHashMap<&str, Family>> = LazyLock::new(|| {
    let all = ONLY.iter();
    all.flat_map(|(family, names)| names.iter().map(|&name| (name, *family)))
        .collect()
});

/// The family that all names beginning so are of.
fn beginning(name: &str) -> Option<Family> {
    // Few names begin so, and lists are long.
    let early = name.as_bytes().first_chunk::<2>();
    let alike = |start: &str| early.is_some() && start.as_bytes().first_chunk() == early;
    let mut known = BEGINNINGS.iter();
    known
        .find(|(start, _)| alike(start) && name.starts_with(start))
        .map(|(_, family)| *family)
}

/// The one family that has the name.
pub(super) fn owner(name: &str) -> Option<Family> {
    OWNERS.get(name).copied().or_else(|| beginning(name))
}

/// All names of the tables.
static KNOWN: LazyLock<HashTable<&str>> = LazyLock::new(|| {
    let hash = |name: &&str| FxBuildHasher.hash_one(*name);
    let rows = NAMES.iter().flatten();
    let only = ONLY.iter().flat_map(|(_, names)| names.iter());
    let some = SOME.iter().map(|(name, _)| name);
    let pairs = KIN.iter().flat_map(|(one, other)| [one, other]);
    let kin = pairs.chain(some).chain(NOWHERE.iter().map(|(name, _)| name));
    let mut known = HashTable::new();
    for name in rows.chain(only).chain(kin) {
        known.insert_unique(hash(name), *name, hash);
    }
    known
});

/// What no name of Debian's has.
const NOT_DEBIANS: u64 = letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

/// True where some family may not have the name: all others need no closer look. `hash` is `FxBuildHasher`'s.
pub(super) fn concerns(name: &str, hash: u64, letters: u64) -> bool {
    letters & NOT_DEBIANS != 0
        || KNOWN.find(hash, |known| *known == name).is_some()
        || beginning(name).is_some()
        || name.starts_with("lib") && (name.ends_with("-dev") || name.ends_with("-devel"))
}

/// Why a name is not this family's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// The family calls it so.
    Called(&'static str),
    /// Another family has it.
    Of(Family),
    /// No package of the family can have such a name.
    Impossible,
}

/// True where a package of Debian's cannot be named so: no capitals, no underscores.
fn impossible(name: &str) -> bool {
    let name = name.split([':', '=', '/']).next().unwrap_or(name);
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    // What is filled in before the build, and patterns of names, are not judged.
    !name.is_empty()
        && name
            .bytes()
            .all(|b| known(b) || b == b'_' || b.is_ascii_uppercase())
        && !name.bytes().all(known)
}

/// Libraries' headers: `-dev` by Debian, `-devel` by those with RPM, neither by Arch.
fn headers(name: &str, family: Family) -> Option<Family> {
    let library = name.starts_with("lib");
    match family {
        Family::Suse | Family::RedHat | Family::Arch if library && name.ends_with("-dev") => {
            Some(Family::Debian)
        }
        Family::Debian | Family::Arch if library && name.ends_with("-devel") => Some(Family::RedHat),
        _ => None,
    }
}

/// Packages that one of Debian and Ubuntu has, and what the other calls the same; empty where it has none.
static KIN: &[(&str, &str)] = &[
    ("linux-image-amd64", "linux-image-generic"),
    ("linux-image-arm64", "linux-image-generic"),
    ("linux-headers-amd64", "linux-headers-generic"),
    ("firmware-linux", "linux-firmware"),
    ("firmware-linux-free", "linux-firmware"),
    ("firmware-linux-nonfree", "linux-firmware"),
    ("firmware-misc-nonfree", "linux-firmware"),
    ("firmware-iwlwifi", "linux-firmware"),
    ("firmware-realtek", "linux-firmware"),
    ("linux-image-amd64", "linux-generic"),
    ("linux-image-amd64", "linux-virtual"),
    ("linux-image-cloud-amd64", "linux-image-virtual"),
    ("", "ubuntu-minimal"),
    ("", "ubuntu-standard"),
    ("", "ubuntu-server"),
    ("", "ubuntu-desktop"),
    ("", "ubuntu-desktop-minimal"),
    ("", "ubuntu-pro-client"),
    ("", "linux-generic-hwe-24.04"),
    ("", "linux-generic-hwe-22.04"),
];

/// A name that the other of Debian and Ubuntu has: the own one, empty where there is none.
pub(super) fn of_kin(name: &str, ubuntu: bool) -> Option<&'static str> {
    // Few names begin so.
    if !name.starts_with(['l', 'f', 'u']) {
        return None;
    }
    let mut rows = KIN.iter();
    rows.find_map(|(debian, other)| match ubuntu {
        true if *debian == name => Some(*other),
        false if *other == name => Some(*debian),
        _ => None,
    })
}

/// Whether, and why, no repository of this family has a package of that name.
pub(super) fn foreign(name: &str, family: Family) -> Option<Foreign> {
    if let Some(own) = own_name(name, family) {
        return Some(Foreign::Called(own));
    }
    if let Some((_, own)) = NOWHERE.iter().find(|(n, _)| *n == name) {
        return Some(Foreign::Called(own));
    }
    if let Some((_, of)) = SOME.iter().find(|(some, _)| *some == name)
        && !of.contains(&family)
    {
        return of.first().copied().map(Foreign::Of);
    }
    // Alpine's names are those of others in part; its kernels and loaders are not.
    if family == Family::Alpine {
        let others = [
            "linux-image-",
            "linux-generic",
            "linux-virtual",
            "kernel-",
            "grub2-",
            "grub-pc",
            "shim-x64",
            "shim-signed",
            "openSUSE-",
        ];
        let other = others.iter().any(|o| name.starts_with(o));
        return owner(name).filter(|_| other).map(Foreign::Of);
    }
    let other = owner(name)
        .filter(|o| *o != family)
        .or_else(|| headers(name, family));
    if let Some(other) = other {
        return Some(Foreign::Of(other));
    }
    (family == Family::Debian && impossible(name)).then_some(Foreign::Impossible)
}

/// True where this family may not have a package of that name.
pub(super) fn suspect(name: &str, family: Family) -> bool {
    let of_kin = || {
        [true, false]
            .into_iter()
            .any(|ubuntu| of_kin(name, ubuntu).is_some())
    };
    owner(name).is_some_and(|o| o != family)
        || foreign(name, family).is_some()
        || family == Family::Debian && of_kin()
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
