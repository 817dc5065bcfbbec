//! How a disk is divided: what cannot fit, what its table cannot hold, what is mounted where. Speaks about `oem`
//! images only; sizes are in MB throughout. Knows nothing of the tree's size beyond what no system goes below.

use super::found::{Found, Place};
use super::scope::Scope;
use super::volumes::mounted_again;
use crate::description::model::{At, Element};

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.image() != "oem" {
        return;
    }
    let disk = Disk::new(scope);
    sizes(&disk, found);
    too_small(&disk, found);
    limits(&disk, found);
    names(&disk, found);
    ids(&disk, found);
    mounts(&disk, found);
    spare(&disk, found);
    swap(&disk, found);
    filter(&disk, found);
}

/// The pattern of disks that an installation leaves out, by which bash judges their names.
fn filter(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let Some(element) = disk.oem("oem-device-filter") else {
        return;
    };
    let text = element.text.as_str();
    if text.contains(['$', '{']) {
        return;
    }
    let Some(fault) = regex_fault(text) else { return };
    let message = format!("`{text}` is no regular expression: {fault}");
    let at = super::found::Text(element);
    found.add("device-filter", &at, message, "such as `/dev/ram|/dev/sr`");
}

/// What makes a text no extended regular expression.
fn regex_fault(text: &str) -> Option<&'static str> {
    let (mut open, mut repeatable) = (0u32, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                if chars.next().is_none() {
                    return Some("nothing follows the last `\\`");
                }
                repeatable = true;
            }
            '[' => {
                // A bracket that comes first is one of the class.
                let rest = chars.as_str();
                let skip = usize::from(rest.starts_with('^'));
                let body = rest.get(skip..).unwrap_or("");
                let from = usize::from(body.starts_with(']'));
                let Some(end) = body.get(from..).and_then(|b| b.find(']')) else {
                    return Some("`[` is not closed");
                };
                chars = body.get(from + end + 1..).unwrap_or("").chars();
                repeatable = true;
            }
            '(' => (open, repeatable) = (open + 1, false),
            ')' if open == 0 => return Some("`)` closes nothing"),
            ')' => (open, repeatable) = (open - 1, true),
            '*' | '+' | '?' if !repeatable => return Some("nothing stands before what repeats"),
            '|' | '^' => repeatable = false,
            _ => repeatable = true,
        }
    }
    (open > 0).then_some("`(` is not closed")
}

/// Which partition table the disk gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Msdos,
    Gpt,
    /// The machine decides.
    Unknown,
}

/// What several rules ask of a disk.
pub(super) struct Disk<'s, 'a> {
    pub scope: &'s Scope<'a>,
    pub table: Table,
    /// There is an EFI partition.
    pub efi: bool,
    /// There is a partition mounted at `/boot`.
    pub boot: bool,
    /// The root lies on logical volumes.
    pub lvm: bool,
    /// The `<partition>`s.
    pub partitions: Vec<&'a Element>,
}

impl<'s, 'a> Disk<'s, 'a> {
    pub fn new(scope: &'s Scope<'a>) -> Self {
        let kind = scope.kind();
        let attr = |name: &str| scope.view.type_attr(name);
        let loader = kind.child("bootloader").and_then(|b| b.attrs.get("name"));
        let pc = scope.pc();
        let mainframe = matches!(loader, Some("zipl" | "grub2_s390x_emu"));
        let firmware = attr("firmware");
        let efi = matches!(firmware, Some("efi" | "uefi"));
        let table = match firmware {
            _ if mainframe => Table::Unknown,
            Some("efi" | "uefi") if attr("efiparttable") == Some("msdos") => Table::Msdos,
            Some("efi" | "uefi") => Table::Gpt,
            Some("bios" | "ec2") => Table::Msdos,
            None if pc => Table::Msdos,
            _ => Table::Unknown,
        };
        let lvm = scope.volume_management() == Some("lvm");
        let boot = match kind.attrs.bool("bootpartition") {
            Some(asked) => asked,
            None if attr("mdraid").is_some() || lvm => true,
            None if scope.volume_management() == Some("btrfs") => false,
            None => kind.attrs.bool("overlayroot") == Some(true),
        };
        let partitions = kind.child("partitions");
        Self {
            scope,
            table,
            efi,
            boot,
            lvm,
            partitions: partitions.into_iter().flat_map(|p| p.all("partition")).collect(),
        }
    }

    /// The first start makes the root as large as the disk.
    fn resizes(&self) -> bool {
        let oem = self.scope.kind().child("oemconfig");
        !matches!(
            oem.and_then(|o| o.child("oem-resize")).map(|r| r.text.as_str()),
            Some("false" | "0")
        )
    }

    /// A number that `<oemconfig>` gives.
    fn oem(&self, name: &str) -> Option<&'a Element> {
        self.scope.kind().child("oemconfig")?.child(name)
    }

    /// The swap partition or volume, if one is made.
    fn swap(&self) -> u64 {
        match self.oem("oem-swap").map(|s| s.text.as_str()) {
            Some("true" | "1") => self
                .oem("oem-swapsize")
                .and_then(|s| s.text.parse().ok())
                .unwrap_or(128),
            _ => 0,
        }
    }
}

/// `500`, `500M` or `5G` in MB.
pub(super) fn mb(size: &str) -> Option<u64> {
    let size = size.trim();
    match size.strip_suffix('G') {
        Some(gb) => gb.parse::<u64>().ok()?.checked_mul(1024),
        None => size.strip_suffix('M').unwrap_or(size).parse().ok(),
    }
}

/// The copies of a partition and itself.
fn copies(count: Option<u64>) -> u64 {
    count.unwrap_or(0).saturating_add(1)
}

/// The least that a file system can be made in.
fn least(filesystem: Option<&str>) -> u64 {
    match filesystem {
        Some("btrfs") => 109,
        Some("xfs") => 300,
        _ => 1,
    }
}

/// The sum of all parts against `<size>`.
fn sizes(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
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
    let at = super::found::Text(size);
    if total > 2 * 1024 * 1024 && disk.table == Table::Msdos {
        let message = format!(
            "a disk of {} is larger than its msdos table can tell",
            words(total)
        );
        found.add(
            "partition-limit",
            &at,
            message,
            "2048 GB at most, or firmware with a GPT",
        );
    }
    if size.attrs.bool("additive") == Some(true) {
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
    let swap_size = disk.oem("oem-swapsize").map(super::found::Text);
    let mut candidates: Vec<(u64, &dyn Place)> = Vec::new();
    candidates.extend(spare.and_then(|s| Some((mb(&s.value)?, s as &dyn Place))));
    candidates.extend(swap_size.as_ref().map(|s| (disk.swap(), s as &dyn Place)));
    let volumes = super::runtime::volumes(disk.scope);
    let sized = volumes.iter().filter(|_| disk.lvm && !disk.resizes());
    for at in sized.filter_map(|v| v.attrs.at("size")) {
        candidates.extend(mb(&at.value).map(|mb| (mb, at as &dyn Place)));
    }
    candidates.retain(|(most, _)| total >= 4096 && *most >= total / 4 * 3);
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
    let root = root_at_least(disk);
    if total >= parts.saturating_add(root) {
        return;
    }
    let needed = words(rest.saturating_add(root));
    match largest {
        // The disk would be large enough without it: that size is the fault.
        Some((most, place))
            if total >= rest.saturating_add(root).saturating_sub(most) && most >= total / 2 =>
        {
            let message = format!(
                "the partitions and the root need at least {needed}, the disk has {}",
                words(total)
            );
            let note = "the disk is this large";
            found.pair("disk-too-small", place, message, "does not fit", &at, note);
        }
        _ => {
            let message = format!("a disk of {} cannot hold its parts and the root", words(total));
            let label = format!("at least {needed}");
            let edit = unit_fix(size, total, in_gb, rest.saturating_add(root), found);
            if let Some(told) = found.add("disk-too-small", &at, message, label) {
                told.fixes.extend(edit);
            }
        }
    }
}

/// The number that is the text of an element.
fn number_of(element: &Element) -> u64 {
    element.text.parse().unwrap_or(0)
}

/// Sizes as a person reads them.
fn words(mb: u64) -> String {
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
const KERNELS: &[(&str, u64)] = &[
    ("kernel-default", 150),
    ("kernel-rt", 150),
    ("linux-image-amd64", 200),
    ("linux-image-arm64", 200),
    ("linux-generic", 200),
    ("kernel", 120),
    ("kernel-core", 100),
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
    if scope.kind().attrs.bool("overlayroot") == Some(true) {
        return 10_u64.saturating_mul(copies);
    }
    let mut sum = tree
        .max(least(scope.view.type_attr("filesystem")))
        .saturating_mul(copies);
    if disk.lvm && !disk.resizes() {
        for volume in super::runtime::volumes(scope) {
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

/// Parts that are too small for what they are for.
fn too_small(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let loader = kind.child("bootloader").and_then(|b| b.attrs.get("name"));
    if disk.efi {
        let (least, what) = match loader {
            Some("systemd_boot") => (40, "the kernel and its initrd, which `systemd_boot` keeps there"),
            _ => (4, "the boot loader"),
        };
        if let Some(at) = kind.attrs.at("efipartsize") {
            if at.value.trim().parse::<u64>().is_ok_and(|mb| mb < least) {
                let message = format!(
                    "an EFI partition of {} MB has no room for {what}",
                    at.value.trim()
                );
                found.add("partition-too-small", at, message, format!("at least {least} MB"));
            }
        }
    }
    if let Some(at) = kind.attrs.at("bootpartsize").filter(|_| disk.boot) {
        if at.value.trim().parse::<u64>().is_ok_and(|mb| mb < 24) {
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
        && size
            .text
            .parse::<u64>()
            .is_ok_and(|mb| mb > 0 && mb < root_at_least(disk))
    {
        let message = format!("a root of {} MB is too small for any system", size.text);
        let at = super::found::Text(size);
        found.add("partition-too-small", &at, message, "in MB");
    }
    root_volume(disk, found);
    ramdisk(disk, found);
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

/// A root volume that has no room for the kernel's modules.
fn root_volume(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    if !disk.lvm || disk.resizes() {
        return;
    }
    let volumes = super::runtime::volumes(disk.scope);
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
        && mb < *least
    {
        let message = format!("a root of {mb} MB has no room for `{name}`, and less for a system");
        found.add("partition-too-small", at, message, "in MB, or with `G`");
    }
}

/// A RAM disk to install into that is smaller than the image.
fn ramdisk(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let (Some(line), Some(size)) = (kind.attrs.at("kernelcmdline"), kind.child("size")) else {
        return;
    };
    let mut options = line.value.split_whitespace();
    let kilobytes = options.find_map(|w| w.strip_prefix("ramdisk_size=")?.parse::<u64>().ok());
    let Some(kilobytes) = kilobytes.filter(|_| line.value.contains("rd.kiwi.ramdisk")) else {
        return;
    };
    let factor = if size.attrs.get("unit") == Some("G") {
        1024
    } else {
        1
    };
    let image = number_of(size).saturating_mul(factor);
    if size.attrs.bool("additive") != Some(true) && kilobytes < image.saturating_mul(1024) {
        let message = format!(
            "a RAM disk of {} MB cannot hold an image of {}",
            kilobytes / 1024,
            words(image)
        );
        let label = format!("`ramdisk_size={}` at least, in kB", image.saturating_mul(1024));
        let at = super::found::Text(size);
        let told = found.pair(
            "disk-too-small",
            line,
            message,
            label,
            &at,
            "the image is this large",
        );
        if let Some(told) = told {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help = Some(
                "the build would go through, and the installation into memory stop as the machine starts"
                    .into(),
            );
        }
    }
}

fn judge_size(size: Option<&At>, filesystem: Option<&str>, what: &str, found: &mut Found<'_>) {
    let Some(at) = size else { return };
    let Some(mb) = mb(&at.value) else { return };
    if mb == 0 {
        found.add(
            "partition-too-small",
            at,
            format!("{what} of no size cannot be made"),
            "at least 1 MB",
        );
    } else if mb < least(filesystem) {
        let fs = filesystem.unwrap_or("");
        let message = format!("{what} of {mb} MB is too small for `{fs}`");
        let label = format!("at least {} MB", least(filesystem));
        found.add("partition-too-small", at, message, label);
    }
}

/// How many partitions the table holds.
fn limits(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    if disk.table != Table::Msdos || kind.attrs.bool("dosparttable_extended_layout") == Some(true) {
        return;
    }
    let overlay = kind.attrs.bool("overlayroot") == Some(true);
    let write = kind.attrs.bool("overlayroot_write_partition") != Some(false);
    let root = copies(kind.attrs.number("root_clone"));
    let mut count = u64::from(disk.efi) + root;
    count = count.saturating_add(u64::from(overlay && write));
    if disk.boot {
        count = count.saturating_add(copies(kind.attrs.number("boot_clone")));
    }
    count = count.saturating_add(u64::from(disk.swap() > 0 && !disk.lvm));
    let spare = kind.attrs.get("spare_part").and_then(mb).unwrap_or(0);
    count = count.saturating_add(u64::from(spare > 0));
    let mut crossing: Option<&Element> = None;
    for partition in &disk.partitions {
        count = count.saturating_add(copies(partition.attrs.number("clone")));
        if count > 4 && crossing.is_none() {
            crossing = Some(partition);
        }
    }
    if count <= 4 {
        return;
    }
    let message = format!("the disk gets {count} partitions, an msdos table holds four");
    let label = "set `dosparttable_extended_layout=\"true\"`, or firmware with a GPT";
    let at: &dyn Place = match crossing {
        Some(partition) => partition,
        None => &disk.scope.view.image_type.image,
    };
    found.add("partition-limit", at, message, label);
}

/// Two partitions of one name.
fn names(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    for attribute in ["name", "partition_name"] {
        let mut seen: Vec<&At> = Vec::new();
        for name in disk.partitions.iter().filter_map(|p| p.attrs.at(attribute)) {
            let value = name.value.trim();
            match seen.iter().find(|s| s.value.trim() == value) {
                Some(first) => {
                    let message = format!("two partitions are named `{value}`");
                    found.pair(
                        "duplicate-partition",
                        name,
                        message,
                        "again",
                        *first,
                        "first named here",
                    );
                }
                None => seen.push(name),
            }
        }
    }
}

/// Two partitions of one number, or a number that the table does not have.
fn ids(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = &disk.scope.kind().attrs;
    let own = ["eficsmpart_id", "efipart_id", "bootpart_id", "rootpart_id"];
    let own = own.iter().filter_map(|name| kind.at(name));
    let all = own.chain(disk.partitions.iter().filter_map(|p| p.attrs.at("part_id")));
    let extended = kind.bool("dosparttable_extended_layout") == Some(true);
    let most = match disk.table {
        Table::Msdos if !extended => 4,
        _ => 128,
    };
    let mut seen: Vec<(u64, &At)> = Vec::new();
    for at in all {
        let Ok(number) = at.value.trim().parse::<u64>() else {
            continue;
        };
        if number == 0 || number > most && disk.table != Table::Unknown {
            let message = format!("the partition table has no number {number}");
            found.add("partition-limit", at, message, format!("1 to {most}"));
        } else if let Some((_, first)) = seen.iter().find(|(n, _)| *n == number) {
            let message = format!("two partitions have the number {number}");
            found.pair(
                "duplicate-partition-number",
                at,
                message,
                "taken",
                *first,
                "given first here",
            );
        } else {
            seen.push((number, at));
        }
    }
}

/// A mount point without the slashes that change nothing.
fn normal(path: &str) -> &str {
    path.trim().trim_end_matches('/')
}

/// What has a place already, whatever partitions and volumes there are.
fn taken(disk: &Disk<'_, '_>, place: &str) -> Option<&'static str> {
    match place {
        "" => Some("the root"),
        "/boot" if disk.boot => Some("the boot partition"),
        "/boot/efi" if disk.efi => Some("the EFI partition"),
        "/dev" | "/proc" | "/sys" | "/run" => Some("the running system"),
        _ => None,
    }
}

/// What is mounted where: places given twice, and places that are none.
fn mounts(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let mut seen: Vec<(&str, &At)> = Vec::new();
    let spare = kind
        .attrs
        .at("spare_part_mountpoint")
        .filter(|_| kind.attrs.get("spare_part_fs").is_some());
    let of_partitions = disk.partitions.iter().filter_map(|p| p.attrs.at("mountpoint"));
    for at in of_partitions.chain(spare) {
        let value = at.value.trim();
        if value == "swap" || value.is_empty() {
            continue;
        }
        if !value.starts_with('/') {
            let message = format!("the mount point `{value}` is no path from the root");
            let label = format!("did you mean `/{value}`?");
            let edit = found.replace(at, &format!("/{value}"), true);
            if let Some(told) = found.add("mount-point", at, message, label) {
                told.fixes.extend(edit);
            }
            continue;
        }
        if let Some(right) = super::volumes::top(value) {
            let message = format!("`{value}` begins with no folder that systems have");
            found.instead("mount-point", at, message, Some(&right), false, "");
            continue;
        }
        if value.contains(char::is_whitespace) || value.split('/').any(|p| p == "..") {
            let message = format!("`{value}` cannot stand in `/etc/fstab`");
            found.add("mount-point", at, message, "a path without blanks and `..`");
            continue;
        }
        if let Some(by) = taken(disk, normal(value)) {
            let message = format!("`{value}` is taken by {by}");
            found.add("duplicate-mount-point", at, message, "another place");
        } else if let Some((_, first)) = seen.iter().find(|(p, _)| *p == normal(value)) {
            let message = format!("two partitions are mounted at `{value}`");
            mounted_again(at, message, first, found);
        } else {
            seen.push((normal(value), at));
        }
    }
    for volume in super::runtime::volumes(disk.scope) {
        let Some(at) = volume.attrs.at("mountpoint").or_else(|| volume.attrs.at("name")) else {
            continue;
        };
        let place = normal(at.value.trim().trim_start_matches('/'));
        if place.is_empty() || place.starts_with('@') {
            continue;
        }
        let path = format!("/{place}");
        // On Btrfs a subvolume may lie below the place.
        if let Some(by) = taken(disk, &path).filter(|_| disk.lvm) {
            let message = format!("`{path}` is taken by {by}");
            found.add("duplicate-mount-point", at, message, "another place");
            continue;
        }
        if let Some((_, first)) = seen.iter().find(|(p, _)| p.trim_start_matches('/') == place) {
            let message = format!("a partition and a volume are mounted at `/{place}`");
            mounted_again(at, message, first, found);
        }
    }
    for partition in &disk.partitions {
        let raid = partition.attrs.get("partition_type") == Some("t.raid");
        if let (Some(at), None, false) = (
            partition.attrs.at("mountpoint"),
            partition.attrs.get("filesystem"),
            raid,
        ) {
            let message = format!("the partition for `{}` has no file system", at.value.trim());
            let edit = found.insert_attribute(partition, "filesystem", "ext4");
            if let Some(told) = found.add("missing-filesystem", at, message, "cannot be mounted") {
                told.fixes.extend(edit);
            }
        }
    }
}

/// Settings of a spare partition that is not made, or that cannot be the last.
fn spare(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let size = kind.attrs.at("spare_part");
    let settings = [
        "spare_part_mountpoint",
        "spare_part_fs",
        "spare_part_fs_attributes",
    ];
    if size.is_none() {
        for at in settings.iter().filter_map(|name| kind.attrs.at(name)) {
            let message = "there is no spare partition that this could count for".to_owned();
            if found
                .add("missing-spare-partition", at, message, "needs `spare_part`")
                .is_some()
            {
                return;
            }
        }
        return;
    }
    if let Some(at) = kind.attrs.at("spare_part_mountpoint") {
        if kind.attrs.get("spare_part_fs").is_none() {
            let message = format!("the spare partition for `{}` has no file system", at.value.trim());
            let edit = found.insert_attribute(kind, "spare_part_fs", "ext4");
            if let Some(told) = found.add("missing-filesystem", at, message, "needs `spare_part_fs`") {
                told.fixes.extend(edit);
            }
        }
    }
}

/// A size or name for a swap space that is not made.
fn swap(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let given = disk.oem("oem-swap").map(|s| s.text.as_str());
    if given.is_some_and(|on| matches!(on, "true" | "1")) {
        if let Some(size) = disk.oem("oem-swapsize").filter(|s| s.text == "0") {
            let message = "a swap space of no size cannot be made".to_owned();
            let at = super::found::Text(size);
            found.add("partition-too-small", &at, message, "in MB, or `<oem-swap>` off");
        }
        return;
    }
    if let (Some(size), None | Some("false" | "0")) = (disk.oem("oem-swapsize"), given) {
        let message = "no swap space is made that could have this size".to_owned();
        found.add(
            "unused-setting",
            size,
            message,
            "needs `<oem-swap>true</oem-swap>`",
        );
    }
}
