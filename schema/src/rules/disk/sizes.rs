//! What cannot fit on a disk: all parts against its size, and parts that are too small for what they are for. Sizes are in
//! MB throughout. Knows nothing of the tree's size beyond what no system goes below.

use super::{Disk, Table, copies, mb};
use crate::description::model::{At, Element};
use crate::rules::found::{Found, Place};
use crate::rules::scope::Scope;

/// The least that a file system can be made in.
pub(in crate::rules) fn least(filesystem: Option<&str>) -> u64 {
    match filesystem {
        Some("btrfs") => 109,
        Some("xfs") => 300,
        _ => 1,
    }
}

/// No image is meant to be of so many GB: the number was one of MB.
pub(in crate::rules) const LARGE: u64 = 2048;

/// The fix by which the number of a disk counts MB.
fn in_megabytes(size: &Element, found: &Found<'_>) -> Option<crate::diagnostic::Fix> {
    let unit = size.attrs.at("unit")?;
    found.replace(unit, "M", false)
}

/// Where the size of a disk is told: the number, with the unit where that is to be changed.
fn place(size: &Element, unit: bool) -> At<()> {
    let (file, mut span) = crate::rules::found::Text(size).place();
    if let Some(unit) = size.attrs.at("unit").filter(|_| unit) {
        span = span.cover(unit.span);
    }
    At {
        value: (),
        file,
        span,
    }
}

/// The sum of all parts against `<size>`.
pub(in crate::rules) fn sizes(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let Some(size) = kind.child("size") else { return };
    let Ok(number) = size.text.parse::<u64>() else {
        return;
    };
    let in_gb = size.attrs.get("unit") == Some("G");
    let total = if in_gb {
        number.saturating_mul(1024)
    } else {
        number
    };
    let at = crate::rules::found::Text(size);
    if total > 2 * 1024 * 1024 && disk.table == Table::Msdos {
        let message = format!(
            "a disk of {} is larger than its msdos table can tell",
            words(total)
        );
        // As many MB are a disk that images have.
        let edit = (in_gb && number >= LARGE)
            .then(|| in_megabytes(size, found))
            .flatten();
        let label = "2048 GB at most, or firmware with a GPT";
        if let Some(told) = found.add("partition-limit", &at, message, label) {
            told.fixes.extend(edit);
        }
    }
    // So many MB are a usual disk.
    let of_mb = number >= 1024 && number.is_multiple_of(256);
    if in_gb && (number >= LARGE || of_mb) && !found.told("partition-limit", &at) {
        let message = format!("a disk of {number} GB is larger than any image");
        let edit = in_megabytes(size, found);
        let at = place(size, edit.is_some());
        if let Some(told) = found.add("disk-too-large", &at, message, "in MB without `unit=\"G\"`") {
            told.fixes.extend(edit);
        }
        return;
    }
    if !in_gb && total >= LARGE * 1024 && !found.told("partition-limit", &at) {
        let message = format!("a disk of {} is larger than any image", words(total));
        found.add(
            "disk-too-large",
            &at,
            message,
            "in MB, or in GB with `unit=\"G\"`",
        );
        return;
    }
    let oversized = [("efipartsize", MOST_FAT16), ("bootpartsize", MOST_TO_BOOT)]
        .iter()
        .any(|(name, most)| kind.attrs.number(name) >= Some(*most));
    if oversized || size.attrs.bool("additive") == Some(true) {
        return;
    }
    let number = |name: &str| kind.attrs.number(name);
    let unpartitioned = size.attrs.number("unpartitioned").unwrap_or(0);
    // More than the whole is told by itself.
    let unpartitioned = if unpartitioned > number_of(size) {
        0
    } else {
        unpartitioned
    };
    let mut parts = if in_gb {
        unpartitioned.saturating_mul(1024)
    } else {
        unpartitioned
    };
    parts = parts.saturating_add(disk.swap());
    if disk.efi {
        parts = parts.saturating_add(number("efipartsize").unwrap_or(20));
    }
    if disk.boot {
        let one = number("bootpartsize").unwrap_or(300);
        parts = parts.saturating_add(one.saturating_mul(copies(number("boot_clone"))));
    }
    let spare = kind.attrs.at("spare_part");
    parts = parts.saturating_add(spare.and_then(|s| mb(&s.value)).unwrap_or(0));
    // What could be the one part that is too large. Beside a usual disk these are right mostly: only one that fills it.
    let swap_size = disk.oem("oem-swapsize").map(crate::rules::found::Text);
    let mut candidates: Vec<(u64, &dyn Place)> = Vec::new();
    let packed = kind
        .attrs
        .at("overlayroot_readonly_partsize")
        .filter(|_| disk.overlay());
    candidates.extend(packed.and_then(|p| Some((p.value.trim().parse().ok()?, p as &dyn Place))));
    candidates.extend(spare.and_then(|s| Some((mb(&s.value)?, s as &dyn Place))));
    candidates.extend(swap_size.as_ref().map(|s| (disk.swap(), s as &dyn Place)));
    let volumes = disk.scope.volumes();
    let sized = volumes.iter().filter(|_| disk.lvm && !disk.resizes());
    for at in sized.filter_map(|v| v.attrs.at("size")) {
        candidates.extend(mb(&at.value).map(|mb| (mb, at as &dyn Place)));
    }
    let bootable = [("efipartsize", disk.efi), ("bootpartsize", disk.boot)];
    let bootable = bootable.into_iter().filter(|(_, made)| *made);
    for at in bootable.filter_map(|(name, _)| kind.attrs.at(name)) {
        candidates.extend(mb(&at.value).map(|mb| (mb, at as &dyn Place)));
    }
    candidates.retain(|(most, _)| *most > total.saturating_mul(4) || total >= 4096 && *most >= total / 4 * 3);
    for partition in &disk.partitions {
        let Some((one, at)) = partition.attrs.at("size").and_then(|s| Some((mb(&s.value)?, s))) else {
            continue;
        };
        let all = one.saturating_mul(copies(partition.attrs.number("clone")));
        parts = parts.saturating_add(all);
        candidates.push((all, at));
    }
    let largest = candidates
        .into_iter()
        .reduce(|a, b| if b.0 > a.0 { b } else { a });
    let rest = parts;
    let mut root = root_at_least(disk);
    if !disk.overlay()
        && total
            < parts
                .saturating_add(root)
                .saturating_add(crate::rules::packages::weights::MOST)
    {
        root = root.saturating_add(crate::rules::packages::weights::listed(disk));
    }
    if total >= parts.saturating_add(root) {
        return;
    }
    let needed = words(rest.saturating_add(root));
    match largest {
        // The disk would be large enough without it, and it would fill that: that size is the fault. Where each has room by
        // itself, the disk is.
        Some((most, place))
            if total >= rest.saturating_add(root).saturating_sub(most)
                && (most >= total / 20 * 19
                    || most >= total / 2 && most >= rest.saturating_sub(most) * 4) =>
        {
            let message = format!(
                "the partitions and the root need at least {needed}, the disk has {}",
                words(total)
            );
            let note = "the disk is this large";
            let edit = in_mb(place, found);
            let told = found.pair("disk-too-small", place, message, "does not fit", &at, note);
            if let Some(told) = told {
                told.fixes.extend(edit);
            }
        }
        _ => {
            let message = format!("a disk of {} cannot hold its parts and the root", words(total));
            let label = format!("at least {needed}");
            let edit = unit_fix(size, total, in_gb, rest.saturating_add(root), found);
            let at = place(size, edit.is_some());
            if let Some(told) = found.add("disk-too-small", &at, message, label) {
                told.fixes.extend(edit);
            }
        }
    }
}

/// A size in GB that is likely meant in MB: the fix that says so.
fn in_mb(place: &dyn Place, found: &Found<'_>) -> Option<crate::diagnostic::Fix> {
    let (file, span) = place.place();
    let number = span.of(found.text(file)?).trim().strip_suffix('G')?;
    let large = number.parse::<u64>().is_ok_and(|n| n >= 100);
    large
        .then(|| found.replace(place, &format!("{number}M"), false))
        .flatten()
}

/// The number that is the text of an element.
pub(in crate::rules) fn number_of(element: &Element) -> u64 {
    element.text.parse().unwrap_or(0)
}

/// Sizes as a person reads them.
pub(in crate::rules) fn words(mb: u64) -> String {
    if mb >= 10 * 1024 && mb.is_multiple_of(1024) {
        format!("{} GB", mb / 1024)
    } else {
        format!("{mb} MB")
    }
}

/// Where the number would do in GB: the fix that says so.
fn unit_fix(
    size: &Element,
    total: u64,
    in_gb: bool,
    needed: u64,
    found: &Found<'_>,
) -> Option<crate::diagnostic::Fix> {
    if in_gb || total.saturating_mul(1024) < needed || total > 512 {
        return None;
    }
    match size.attrs.at("unit") {
        Some(unit) => found.replace(unit, "G", false),
        None => found.insert_attribute(size, "unit", "G"),
    }
}

/// What the kernels of some distributions take with their modules at least, in MB.
pub(in crate::rules) const KERNELS: &[(&str, u64)] = &[
    ("kernel-default", 150),
    ("kernel-rt", 150),
    ("linux-image-amd64", 200),
    ("linux-image-arm64", 200),
    ("linux-generic", 200),
    ("kernel", 120),
    ("kernel-core", 100),
    ("linux", 100),
    ("linux-lts", 80),
    ("linux-edge", 80),
];

/// No system with a package manager's root is smaller than this.
fn root_at_least(disk: &Disk<'_, '_>) -> u64 {
    let scope = disk.scope;
    let kernel = || {
        KERNELS
            .iter()
            .find(|(name, _)| scope.has(name))
            .map(|(_, mb)| *mb)
    };
    let tree = match scope.type_has_packages() {
        true => kernel().unwrap_or(40),
        false => 1,
    };
    let copies = copies(scope.kind().attrs.number("root_clone"));
    // Under an overlay the root is packed, and the named file system holds what is written.
    if disk.overlay() {
        let packed = scope.kind().attrs.number("overlayroot_readonly_partsize");
        let least = if scope.type_has_packages() {
            LEAST_PACKED
        } else {
            10
        };
        return packed.unwrap_or(least).max(10).saturating_mul(copies);
    }
    let mut sum = tree
        .max(least(scope.view.type_attr("filesystem")))
        .saturating_mul(copies);
    if disk.lvm && !disk.resizes() {
        for volume in scope.volumes() {
            let size = volume.attrs.at("size").or_else(|| volume.attrs.at("freespace"));
            let name = volume.attrs.get("name").unwrap_or("");
            let mb = size.and_then(|s| mb(&s.value)).unwrap_or(0);
            sum = if name.starts_with("@root") && volume.attrs.at("size").is_some() {
                sum.max(mb.saturating_mul(copies))
            } else {
                sum.saturating_add(mb)
            };
        }
    }
    sum
}

/// The kernel and its initrd on an EFI partition that nobody gave a size.
fn default_efi(kind: &Element, found: &mut Found<'_>) {
    let Some(at) = kind.child("bootloader").and_then(|b| b.attrs.at("name")) else {
        return;
    };
    let message = "the kernel and its initrd lie on the EFI partition, which has 20 MB by itself".to_owned();
    let edit = found.insert_attribute(kind, "efipartsize", "200");
    let label = "needs `efipartsize`, such as 200";
    if let Some(told) = found.add("partition-too-small", at, message, label) {
        told.fixes.extend(edit);
    }
}

/// A partition to boot from that is larger than any.
fn to_boot(at: &At, found: &mut Found<'_>) {
    if at.value.trim().parse::<u64>().is_ok_and(|mb| mb > MOST_TO_BOOT) {
        let message = format!(
            "a partition of {} MB to boot from is larger than any",
            at.value.trim()
        );
        found.add("disk-too-large", at, message, "in MB");
    }
}

/// More than this nobody has for kernels, or for boot loaders, in MB.
const MOST_TO_BOOT: u64 = 65_536;

/// The file system of an EFI partition is made in no more than this, in MB.
const MOST_FAT16: u64 = 4096;

/// No packed system with a kernel is smaller, in MB.
const LEAST_PACKED: u64 = 40;

/// The loader of a medium, in a file system of its own.
pub(super) fn efi_image(scope: &Scope<'_>, found: &mut Found<'_>) {
    let small = |at: &&At| at.value.trim().parse::<u64>().is_ok_and(|mb| mb < LEAST_EFI);
    if let Some(at) = scope.kind().attrs.at("efifatimagesize").filter(small) {
        let message = format!(
            "an EFI image of {} MB has no room for the boot loader",
            at.value.trim()
        );
        found.add(
            "partition-too-small",
            at,
            message,
            "at least 8 MB; 20 MB without this attribute",
        );
    }
}

/// What a boot loader for EFI needs at least, in MB.
const LEAST_EFI: u64 = 8;

/// Parts that are too small for what they are for.
pub(in crate::rules) fn too_small(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let loader = kind.child("bootloader").and_then(|b| b.attrs.get("name"));
    if disk.efi {
        let (least, what) = match loader {
            Some("systemd_boot") => (40, "the kernel and its initrd, which `systemd_boot` keeps there"),
            _ => (LEAST_EFI, "the boot loader"),
        };
        if let Some(at) = kind.attrs.at("efipartsize") {
            if at.value.trim().parse::<u64>().is_ok_and(|mb| mb < least) {
                let message = format!(
                    "an EFI partition of {} MB has no room for {what}",
                    at.value.trim()
                );
                found.add("partition-too-small", at, message, format!("at least {least} MB"));
            }
            to_boot(at, found);
            let large = |mb: u64| (MOST_FAT16..=MOST_TO_BOOT).contains(&mb);
            if at.value.trim().parse::<u64>().is_ok_and(large) {
                let message = format!(
                    "an EFI partition of {} MB is too large for FAT16",
                    at.value.trim()
                );
                let label = "less than 4096 MB";
                if let Some(told) = found.add("disk-too-large", at, message, label) {
                    told.help = Some("the build would stop in create, where it is made".into());
                }
            }
        } else if loader == Some("systemd_boot") {
            default_efi(kind, found);
        }
    }
    if let Some(at) = kind.attrs.at("bootpartsize").filter(|_| disk.boot) {
        to_boot(at, found);
        let own = kind.attrs.get("bootfilesystem").or(kind.attrs.get("filesystem"));
        let told = found.count();
        judge_size(
            Some(at).filter(|_| least(own) > 1),
            own,
            "a boot partition",
            found,
        );
        // Those of distributions come with an initrd for every machine.
        let usual = KERNELS.iter().any(|(name, _)| disk.scope.has(name));
        let least = if usual { 64 } else { 24 };
        if found.count() == told && at.value.trim().parse::<u64>().is_ok_and(|mb| mb < least) {
            let message = format!(
                "a boot partition of {} MB has no room for a kernel and its initrd",
                at.value.trim()
            );
            found.add(
                "partition-too-small",
                at,
                message,
                "300 MB without this attribute",
            );
        }
    }
    if let Some(size) = disk.oem("oem-systemsize")
        && let Ok(mb) = size.text.parse::<u64>()
    {
        let at = crate::rules::found::Text(size);
        let least = root_at_least(disk);
        if mb > LARGE * 1024 {
            let message = format!("a root of {} is larger than any disk", words(mb));
            if let Some(told) = found.add("disk-too-large", &at, message, "in MB") {
                told.help =
                    Some("the build would go through, and the first start not make it that large".into());
            }
        } else if mb > 0 && mb < least + crate::rules::packages::weights::listed(disk) {
            let what = if mb < least {
                "any system"
            } else {
                "the packages that are listed"
            };
            let message = format!("a root of {mb} MB is too small for {what}");
            found.add("partition-too-small", &at, message, "in MB");
        }
    }
    super::volume_sizes::grown(disk, found);
    if let Some(at) = kind
        .attrs
        .at("overlayroot_readonly_partsize")
        .filter(|_| disk.overlay())
        && disk.scope.type_has_packages()
        && at
            .value
            .trim()
            .parse::<u64>()
            // Packed it is no less than a third of what it was.
            .is_ok_and(|mb| {
                mb > 0 && mb < LEAST_PACKED.max(crate::rules::packages::weights::listed(disk) / 3)
            })
    {
        let message = format!("a packed root does not fit into {} MB", at.value.trim());
        found.add("partition-too-small", at, message, "in MB");
    }
    super::volume_sizes::root_volume(disk, found);
    super::volume_sizes::small(disk, found);
    super::ramdisk::ramdisk(disk, found);
    for partition in &disk.partitions {
        let filesystem = partition.attrs.get("filesystem");
        judge_size(partition.attrs.at("size"), filesystem, "a partition", found);
    }
    let spare = kind.attrs.at("spare_part");
    let fs = kind.attrs.get("spare_part_fs");
    // Nothing is made of a spare part of no size.
    if spare.is_some_and(|s| mb(&s.value) != Some(0)) {
        judge_size(spare, fs, "a spare partition", found);
    }
}

/// Nobody has smaller ones with a file system of the ext family: a unit is missing.
const LEAST_EXT: u64 = 8;

pub(in crate::rules) fn judge_size(
    size: Option<&At>,
    filesystem: Option<&str>,
    what: &str,
    found: &mut Found<'_>,
) {
    let Some(at) = size else { return };
    let Some(mb) = mb(&at.value) else { return };
    if mb == 0 {
        found.add(
            "partition-too-small",
            at,
            format!("{what} of no size cannot be made"),
            "at least 1 MB",
        );
    } else if filesystem.is_some_and(|fs| fs.starts_with("ext"))
        && mb < LEAST_EXT
        && at.value.trim() == mb.to_string()
    {
        let message = format!("{what} of {mb} MB has hardly any room");
        found.add("partition-too-small", at, message, "in MB, or with `G`");
    } else if mb < least(filesystem) {
        let fs = filesystem.unwrap_or("");
        let message = format!("{what} of {mb} MB is too small for `{fs}`");
        let label = format!("at least {} MB", least(filesystem));
        found.add("partition-too-small", at, message, label);
    }
}
