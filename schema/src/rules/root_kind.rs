//! Roots that cannot be written to, and snapshots that nothing makes. Knows file systems and names of packages; asks no
//! repository.

use super::found::Found;
use super::packages::open_ended;
use super::scope::Scope;

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.image() != "oem" {
        return;
    }
    let attrs = &scope.kind().attrs;
    let fixed = |f: &&crate::description::model::At| matches!(f.value.trim(), "squashfs" | "erofs");
    if let Some(at) = attrs.at("filesystem").filter(fixed)
        && attrs.bool("overlayroot") != Some(true)
        && !super::misfit::of_btrfs(scope.kind())
    {
        let message = format!(
            "a root on `{}` cannot be written to, and nothing is laid over it",
            at.value.trim()
        );
        found.add(
            "read-only-root",
            at,
            message,
            "needs `overlayroot=\"true\"`, or a file system that can be written",
        );
    }
    fixed_snapshot(scope, found);
    let snapshots = attrs.at("btrfs_root_is_snapper_snapshot");
    if let Some(at) = snapshots.filter(|s| matches!(s.value.trim(), "true" | "1"))
        && attrs.get("filesystem") == Some("btrfs")
        && scope.type_has_packages()
        && !open_ended(scope)
        && !scope.starting("patterns-").any(|n| !n.ends_with("-minimal_base"))
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
