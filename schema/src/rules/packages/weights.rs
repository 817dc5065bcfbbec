//! What well-known packages take on a disk at least. Only names of large packages, with less than they take in any
//! release; knows no dependency, and asks no repository.

use crate::description::PackageKind;
use crate::rules::catalog::Catalog;
use crate::rules::disk::Disk;

/// Names, and how many MB each takes by itself and with what it cannot be without.
const WEIGHTS: &[(&str, u64)] = &[
    ("MozillaFirefox", 180),
    ("Mesa-dri", 40),
    ("blender", 200),
    ("ceph-common", 50),
    ("chromium", 200),
    ("cri-o", 50),
    ("docker-ce", 70),
    ("docker.io", 70),
    ("firefox-esr", 180),
    ("gcc", 40),
    ("gimp", 60),
    ("gnome-shell", 150),
    ("glibc-all-langpacks", 120),
    ("glibc-locale", 50),
    ("golang", 100),
    ("java-11-openjdk", 80),
    ("java-17-openjdk", 80),
    ("java-21-openjdk", 80),
    ("kernel-firmware-all", 150),
    ("kubelet", 50),
    ("libreoffice", 250),
    ("locales-all", 120),
    ("mariadb-server", 60),
    ("nodejs", 30),
    ("openjdk-17-jdk", 120),
    ("openjdk-21-jdk", 120),
    ("patterns-gnome-gnome", 400),
    ("patterns-kde-kde_plasma", 400),
    ("plasma-desktop", 150),
    ("podman", 30),
    ("qemu-x86", 30),
    ("task-gnome-desktop", 600),
    ("task-kde-desktop", 600),
    ("task-xfce-desktop", 250),
    ("texlive", 200),
    ("thunderbird", 150),
    ("ubuntu-desktop", 700),
    ("ubuntu-desktop-minimal", 500),
    ("wine", 150),
];

/// More than this no list of them comes to, in MB: of disks with more room none is looked up.
pub(in crate::rules) const MOST: u64 = 4096;

/// What the listed ones take in the root. Nothing where other parts may hold them, or they are compressed.
pub(in crate::rules) fn listed(disk: &Disk<'_, '_>) -> u64 {
    let scope = disk.scope;
    if scope.whole.heavy().is_empty() {
        return 0;
    }
    let options = scope.view.type_attr("fsmountoptions").unwrap_or("");
    let elsewhere = |path: &str| {
        let path = path.trim_matches('/');
        matches!(path, "usr" | "usr/bin" | "usr/lib" | "usr/lib64" | "usr/share")
    };
    let volumes = if disk.lvm { scope.volumes() } else { &[] };
    let parts = disk.partitions.iter().chain(volumes);
    let mut places = parts.filter_map(|p| p.attrs.get("mountpoint").or(p.attrs.get("name")));
    if options.contains("compress") || places.any(elsewhere) || !scope.type_has_packages() {
        return 0;
    }
    let named = scope.whole.heavy().iter();
    // What only another profile would bring takes no room here.
    let kinds = [PackageKind::Bootstrap, PackageKind::System];
    let listed = |name: &str| kinds.into_iter().any(|kind| scope.listed(kind, name).is_some());
    named.filter(|(name, _)| listed(name)).map(|(_, mb)| mb).sum()
}

/// Those of them that some list names.
pub(in crate::rules) fn named(catalog: &Catalog<'_>) -> Vec<(&'static str, u64)> {
    let named = WEIGHTS.iter().filter(|(name, _)| catalog.first(name).is_some());
    named.copied().collect()
}
