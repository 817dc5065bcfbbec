//! A root that the kernel's command line names by hand. Knows what KIWI calls the disk's parts.

use crate::description::model::{At, ImageType};
use crate::rules::found::Found;

/// A subvolume for the root that this build does not make.
pub(in crate::rules) fn subvolume(
    kind: &ImageType,
    here: &dyn Fn() -> At,
    value: &str,
    found: &mut Found<'_>,
) {
    let attrs = &kind.element.attrs;
    let named = value.split(',').find_map(|o| o.strip_prefix("subvol="));
    let Some(named) = named.filter(|_| attrs.get("filesystem") == Some("btrfs")) else {
        return;
    };
    let volumes = || {
        let disk = kind.element.child("systemdisk");
        disk.into_iter().flat_map(|d| d.all("volume"))
    };
    let renamed = volumes().any(|v| v.attrs.get("name").is_some_and(|n| n.starts_with("@root=")));
    let bare = named.trim_matches('/');
    let made = bare == "@" || bare.starts_with("@/") || volumes().any(|v| v.attrs.get("name") == Some(bare));
    if kind.image.value.trim() != "oem"
        || kind.element.child("systemdisk").is_none()
        || renamed
        || made
        || bare.is_empty()
        || attrs.bool("btrfs_root_is_subvolume") == Some(false)
    {
        return;
    }
    let message = format!("the root's subvolume is `@`, and not `{named}`");
    let whole = format!("rootflags={}", value.replacen(named, "@", 1));
    found.instead("kernel-root", &here(), message, Some(&whole), false, "");
}

/// A root that is named by what a disk, or a medium, of this build will not have.
pub(in crate::rules) fn root(kind: &ImageType, here: &dyn Fn() -> At, value: &str, found: &mut Found<'_>) {
    let live = match kind.image.value.trim() {
        "oem" => false,
        "iso" => true,
        _ => return,
    };
    let value = value.trim_matches('"');
    let parted = ["UUID:", "LABEL:", "PARTUUID:", "PARTLABEL:"];
    if let Some(key) = parted.iter().find(|key| value.starts_with(**key)) {
        let message = format!("`{value}` names no root: an equals sign parts it");
        let whole = format!("root={}", value.replacen(key, &key.replace(':', "="), 1));
        found.instead("kernel-root", &here(), message, Some(&whole), false, "");
        return;
    }
    let device = value.strip_prefix("/dev/").is_some_and(|name| {
        ["sd", "vd", "hd", "xvd", "nvme", "mmcblk"]
            .iter()
            .any(|d| name.strip_prefix(d).is_some_and(|rest| !rest.is_empty()))
    });
    let itself = match live {
        true => "without `root=` the medium is found by its label",
        false => "without `root=` the root is found by its UUID",
    };
    let (message, label) = if live && value.starts_with("live:") && !value.contains(['=', '/']) {
        (
            format!("`{value}` names no medium: its label is to follow"),
            itself,
        )
    } else if device {
        (
            format!("the root is looked for on `{value}`, whatever disk that is"),
            itself,
        )
    } else if value.starts_with("UUID=") || value.starts_with("PARTUUID=") {
        (
            format!("no disk of this build has `{value}`: each has new ones"),
            itself,
        )
    } else if let Some(label) = value.strip_prefix("LABEL=").filter(|_| !live)
        && label != kind.element.attrs.get("rootfs_label").map_or("ROOT", str::trim)
        && !kind.element.attrs.bool("overlayroot").unwrap_or(false)
        && kind.element.child("systemdisk").is_none()
        && !kind
            .element
            .child("partitions")
            .is_some_and(|p| p.all("partition").any(|p| p.attrs.get("label") == Some(label)))
    {
        (
            format!("no file system of this image has the label `{label}`"),
            "`rootfs_label` says what it is; `ROOT` where it says nothing",
        )
    } else {
        return;
    };
    found.add("kernel-root", &here(), message, label);
}
