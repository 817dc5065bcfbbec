//! Labels of file systems: those that one cannot hold, those given twice, and those that the disk gives by itself.

use crate::description::model::At;
use crate::rules::found::Found;
use crate::rules::scope::Scope;

/// How many bytes of label a file system holds.
fn label_length(filesystem: &str) -> Option<usize> {
    match filesystem {
        "ext2" | "ext3" | "ext4" => Some(16),
        "xfs" => Some(12),
        "btrfs" => Some(255),
        "fat16" | "fat32" => Some(11),
        _ => None,
    }
}

/// Labels that a file system cannot hold, and labels given twice.
pub(in crate::rules) fn labels(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let filesystem = scope.view.type_attr("filesystem");
    let root = kind.attrs.at("rootfs_label");
    let under_overlay = kind.attrs.bool("overlayroot") == Some(true);
    if let (Some(at), Some(fs), false) = (root, filesystem, under_overlay) {
        label(at, fs, found);
    }
    if scope.image() != "oem" {
        return;
    }
    let own = |label: &str| {
        let disk = || super::Disk::new(scope);
        match label {
            "EFI" => disk().efi,
            "BOOT" => disk().boot,
            "SWAP" => disk().swap() > 0,
            _ => false,
        }
    };
    if let Some(at) = root.filter(|r| own(r.value.trim())) {
        let message = format!("the label `{}` is taken by the disk itself", at.value.trim());
        found.add("duplicate-label", at, message, "another label");
    }
    let partitions = kind.child("partitions");
    let partitions = partitions.into_iter().flat_map(|p| p.all("partition"));
    let mut seen: Vec<(&str, Option<&At>)> = vec![
        (root.map_or("ROOT", |r| r.value.trim()), root),
        ("BOOT", None),
        ("EFI", None),
        ("SWAP", None),
    ];
    let volumes = scope.volumes();
    let lvm = scope.volume_management() == Some("lvm");
    let of_partitions =
        partitions.filter_map(|p| Some((p.attrs.at("label")?, p.attrs.get("filesystem"), false)));
    let of_volumes = volumes.iter().filter(|_| lvm);
    let of_volumes = of_volumes.filter_map(|v| Some((v.attrs.at("label")?, filesystem, true)));
    for (at, fs, volume) in of_partitions.chain(of_volumes) {
        if let Some(fs) = fs {
            label(at, fs, found);
        }
        let value = at.value.trim();
        match seen.iter().find(|(l, _)| *l == value) {
            // What volumes may not be labelled has its own code.
            Some((_, first)) if volume && (first.is_none() || *first == root) => {}
            Some((_, Some(first))) => {
                let message = format!("two file systems have the label `{value}`");
                found.pair(
                    "duplicate-label",
                    at,
                    message,
                    "again",
                    *first,
                    "given first here",
                );
            }
            Some((_, None)) => {
                let message = format!("the label `{value}` is taken by the disk itself");
                found.add("duplicate-label", at, message, "another label");
            }
            None => seen.push((value, Some(at))),
        }
    }
}

fn label(at: &At, filesystem: &str, found: &mut Found<'_>) {
    let value = at.value.trim();
    let Some(most) = label_length(filesystem) else {
        return;
    };
    if value.len() > most {
        let message = format!(
            "the label `{value}` has {} bytes, `{filesystem}` holds {most}",
            value.len()
        );
        let label = format!("{most} bytes at most");
        if let Some(told) = found.add("label-too-long", at, message, label) {
            told.help = Some(match filesystem.strip_prefix("ext") {
                Some(_) => "the build would go through, and the label be cut off".into(),
                None => "the build would stop in create, where the file system is made".into(),
            });
        }
    } else if filesystem.starts_with("fat")
        && value.contains(|c: char| "*?.,;:/\\|+=<>[]\"".contains(c) || !c.is_ascii())
    {
        let message = format!("`{value}` is no label for a FAT file system");
        found.add("label-too-long", at, message, "letters, digits, `-` and `_`");
    }
}
