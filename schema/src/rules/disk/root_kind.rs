//! Roots that cannot be written to, snapshots that nothing makes, and what else a root is said to be without the package
//! for it. Knows file systems and names of packages; asks no repository.

use crate::rules::found::Found;
use crate::rules::packages::offers::{self, For};
use crate::rules::packages::{open_ended, patterns};
use crate::rules::scope::Scope;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.image() != "oem" {
        return;
    }
    let attrs = &scope.kind().attrs;
    let fixed = |f: &&crate::description::model::At| matches!(f.value.trim(), "squashfs" | "erofs");
    if let Some(at) = attrs.at("filesystem").filter(fixed)
        && attrs.bool("overlayroot") != Some(true)
        && !crate::rules::misfit::of_btrfs(scope.kind())
    {
        let message = format!(
            "a root on `{}` cannot be written to, and nothing is laid over it",
            at.value.trim()
        );
        found.add(
            "read-only-root",
            at,
            message,
            "needs a file system that can be written, with `overlayroot=\"true\"` or without",
        );
    }
    if let Some(at) = attrs.at("filesystem").filter(fixed)
        && attrs.bool("overlayroot") == Some(true)
        && attrs.bool("overlayroot_write_partition") != Some(false)
    {
        let value = at.value.trim();
        let message =
            format!("what is written over the root is to lie on `{value}`, which cannot be written to");
        let label = "such as `ext4`: the root itself is packed by `overlayroot_readonly_filesystem`";
        if let Some(told) = found.add("read-only-root", at, message, label) {
            told.help = Some("the build would stop in create, where that partition is made".into());
        }
    }
    fixed_snapshot(scope, found);
    verified(scope, found);
    hypervisor(scope, found);
    let snapshots = attrs.at("btrfs_root_is_snapper_snapshot");
    if let Some(at) = snapshots.filter(|s| matches!(s.value.trim(), "true" | "1"))
        && attrs.get("filesystem") == Some("btrfs")
        // Without volumes the setting counts for nothing, which is told.
        && scope.volume_management() == Some("btrfs")
        && scope.type_has_packages()
        && !open_ended(scope)
        && !patterns(scope)
        && scope.with_part("snapper").next().is_none()
    {
        let message = "no list installs `snapper`, which is to manage the snapshots".to_owned();
        if let Some(told) = found.once(
            "missing-filesystem-tool",
            "snapper",
            at,
            message,
            "add the package `snapper`",
        ) {
            told.help = Some("the guest would boot from a snapshot, and make no other".into());
            offers::package(scope, "snapper", For::Type, found);
        }
    }
}

/// A root that is a snapshot which cannot be written to, with no volume for what a system writes.
fn fixed_snapshot(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let is = |name: &str| kind.attrs.bool(name) == Some(true);
    let Some(at) = kind.attrs.at("btrfs_root_is_readonly_snapshot") else {
        return;
    };
    if !is("btrfs_root_is_readonly_snapshot")
        || !is("btrfs_root_is_snapper_snapshot")
        || kind.attrs.get("filesystem") != Some("btrfs")
        || scope.volume_management() != Some("btrfs")
    {
        return;
    }
    let partitions = kind.child("partitions");
    let partitions = partitions.into_iter().flat_map(|p| p.all("partition"));
    let partitions = partitions.filter_map(|p| p.attrs.get("mountpoint"));
    let volumes = kind.child("systemdisk");
    let volumes = volumes.into_iter().flat_map(|d| d.all("volume"));
    let volumes = volumes.filter_map(|v| v.attrs.get("mountpoint").or(v.attrs.get("name")));
    let spare = kind.attrs.get("spare_part_mountpoint");
    let mut places = partitions
        .chain(volumes)
        .chain(spare)
        .map(|p| p.trim().trim_matches('/'));
    if !places.any(|p| p.starts_with("var")) {
        let message =
            "the root is a snapshot that cannot be written to, and no volume is there for `/var`".to_owned();
        found.add("read-only-root", at, message, "needs `<volume name=\"var\"/>`");
    }
}

/// The root cannot be written to.
pub(in crate::rules) fn fixed(scope: &Scope<'_>) -> bool {
    let attrs = &scope.kind().attrs;
    attrs.bool("overlayroot") == Some(true) || matches!(attrs.get("filesystem"), Some("squashfs" | "erofs"))
}

/// A root whose blocks are verified, and that can be written to.
fn verified(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let Some(at) = attrs.at("verity_blocks") else {
        return;
    };
    if fixed(scope) || scope.volume_management().is_some() {
        return;
    }
    let message = "the blocks of the root are verified, and it can be written to".to_owned();
    // One that is switched off by a word is that word.
    let off = attrs
        .at("overlayroot")
        .filter(|_| attrs.bool("overlayroot") == Some(false));
    let at = off.unwrap_or(at);
    if let Some(told) = found.add("read-only-root", at, message, "needs `overlayroot=\"true\"`") {
        told.help = Some("the build would go through, and the root not pass once it is written to".into());
    }
}

/// A host of Xen without Xen.
fn hypervisor(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(at) = scope.kind().attrs.on("xen_server") else {
        return;
    };
    let names = [
        "xen",
        "xen-hypervisor",
        "xen-system-amd64",
        "xen-hypervisor-common",
    ];
    // What is beside it under its name starts nothing.
    let beside = |n: &str| {
        ["xen-tools", "xen-libs", "xen-doc"]
            .iter()
            .any(|b| n.starts_with(b))
    };
    let brought = || names.iter().any(|n| scope.has(n)) || scope.starting("xen").any(|n| !beside(n));
    let told = found.told("xen-host-and-guest", at);
    // Without a kernel it is no system that starts.
    let kernel = ["kernel", "linux"]
        .iter()
        .any(|part| scope.with_part(part).next().is_some());
    if told || !kernel || !scope.type_has_packages() || open_ended(scope) || brought() {
        return;
    }
    let message = "the system is a host of Xen, and no list installs Xen".to_owned();
    let package = match crate::rules::packages::family(scope) {
        crate::rules::packages::Family::Debian => "xen-system-amd64",
        crate::rules::packages::Family::RedHat => "xen-hypervisor",
        _ => "xen",
    };
    let label = format!("add `{package}`");
    if let Some(told) = found.once("missing-boot-loader", "xen", at, message, label) {
        told.help = Some("the boot loader would start a hypervisor that is not there".into());
        offers::package(scope, package, For::Type, found);
    }
}
