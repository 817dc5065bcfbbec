//! Volumes that are too small for what they are for, or larger than the disk they are made on. Sizes are in MB throughout.
//! What they are called and where they are mounted is judged in `disk::volumes`.

use rustc_hash::FxHashSet;

use super::sizes::{KERNELS, judge_size, least, words};
use super::{Disk, mb};
use crate::description::model::{At, Element};
use crate::rules::found::Found;

/// Volumes that the first start makes as large as they say, in less room than that.
pub(in crate::rules) fn grown(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    if !disk.lvm || !disk.resizes() {
        return;
    }
    let Some(size) = disk.oem("oem-systemsize") else {
        return;
    };
    let volumes = disk.scope.volumes();
    let mut seen = FxHashSet::default();
    let asked = volumes
        .iter()
        .filter(|v| seen.insert(v.attrs.get("name").map(|n| n.split('=').next().unwrap_or(n))))
        .filter_map(|v| v.attrs.get("size").or_else(|| v.attrs.get("freespace")));
    let sum: u64 = asked.filter_map(mb).fold(0, u64::saturating_add);
    let Ok(most) = size.text.parse::<u64>() else {
        return;
    };
    let sizes = volumes
        .iter()
        .filter_map(|v| v.attrs.at("size").or_else(|| v.attrs.at("freespace")));
    let mut sizes = sizes.filter_map(|at| Some((mb(&at.value)?, at)));
    // One that is many times as large is the fault by itself.
    let large = |(mb, _): &(u64, &At)| *mb >= most.saturating_mul(4);
    if most > 0
        && let Some((mb, at)) = sizes.find(large)
    {
        let message = format!("a volume of {}, and the system gets {}", words(mb), words(most));
        let told = found.pair(
            "partition-too-small",
            at,
            message,
            "does not fit",
            &crate::rules::found::Text(size),
            "the system with all its volumes gets this",
        );
        if let Some(told) = told {
            told.help = Some(NOT_THAT_LARGE.into());
        }
    } else if most > 0 && most < sum {
        let message = format!(
            "the volumes need {}, and the system gets {}",
            words(sum),
            words(most)
        );
        let at = crate::rules::found::Text(size);
        if let Some(told) = found.add(
            "partition-too-small",
            &at,
            message,
            "in MB, for the system with all its volumes",
        ) {
            told.help = Some(NOT_THAT_LARGE.into());
        }
    }
}

const NOT_THAT_LARGE: &str =
    "the build would go through, and the first start not make the volumes that large";

/// A root volume that has no room for the kernel's modules.
pub(in crate::rules) fn root_volume(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    if !disk.lvm || disk.resizes() {
        return;
    }
    let volumes = disk.scope.volumes();
    let name = |v: &Element| {
        v.attrs
            .get("mountpoint")
            .or(v.attrs.get("name"))
            .unwrap_or("")
            .to_owned()
    };
    if volumes
        .iter()
        .any(|v| name(v).trim_matches('/').starts_with("usr"))
    {
        return;
    }
    let root = volumes
        .iter()
        .find(|v| v.attrs.get("name").is_some_and(|n| n.starts_with("@root")));
    let Some(at) = root.and_then(|v| v.attrs.at("size")) else {
        return;
    };
    let kernel = KERNELS.iter().find(|(name, _)| disk.scope.has(name));
    if let (Some(mb), Some((name, least))) = (mb(&at.value), kernel)
        && mb < *least + crate::rules::packages::weights::listed(disk)
    {
        let what = match mb < *least {
            true => format!("`{name}`, and less for a system"),
            false => "the packages that are listed".to_owned(),
        };
        let message = format!("a root of {mb} MB has no room for {what}");
        found.add("partition-too-small", at, message, "in MB, or with `G`");
    }
}

/// Volumes of a set size in which their file system, the root's, cannot be made.
pub(in crate::rules) fn small(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let filesystem = disk.scope.view.type_attr("filesystem");
    if !disk.lvm || disk.resizes() || least(filesystem) <= 1 {
        return;
    }
    for volume in disk.scope.volumes() {
        let size = volume.attrs.at("size");
        if size.is_some_and(|s| mb(&s.value).is_some_and(|mb| mb > 0)) {
            judge_size(size, filesystem, "a volume", found);
        }
    }
}
