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
