//! How a disk is divided: what its table cannot hold, what is mounted where; what does not fit is found in
//! `disk::sizes`. Speaks about `oem` images only.

pub(super) mod filter;
pub(super) mod folders;
pub(super) mod formats;
pub(super) mod guest_machines;
pub(super) mod labels;
pub(super) mod luks;
pub(super) mod luks_version;
pub(super) mod mkfs_options;
pub(super) mod mount_options;
pub(super) mod oem_settings;
pub(super) mod ramdisk;
pub(super) mod root_kind;
pub(super) mod sizes;
pub(super) mod volume_sizes;
pub(super) mod volumes;

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element};
use crate::rules::found::{Found, Place, before};
use crate::rules::scope::Scope;
use filter::filter;
use sizes::{sizes, too_small};
use volumes::{MANY, mounted_again, mounted_twice, named_for, odd_first};

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    sizes::efi_image(scope, found);
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

/// Which partition table the disk gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Table {
    Msdos,
    Gpt,
    /// The machine decides.
    Unknown,
}

/// What several rules ask of a disk.
pub(in crate::rules) struct Disk<'s, 'a> {
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
    pub fn resizes(&self) -> bool {
        let oem = self.scope.kind().child("oemconfig");
        !matches!(
            oem.and_then(|o| o.child("oem-resize")).map(|r| r.text.as_str()),
            Some("false" | "0")
        )
    }

    /// The root lies under an overlay.
    pub fn overlay(&self) -> bool {
        self.scope.kind().attrs.bool("overlayroot") == Some(true)
    }

    /// A number that `<oemconfig>` gives.
    pub fn oem(&self, name: &str) -> Option<&'a Element> {
        self.scope.kind().child("oemconfig")?.child(name)
    }

    /// The swap partition or volume, if one is made.
    pub fn swap(&self) -> u64 {
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
pub(in crate::rules) fn mb(size: &str) -> Option<u64> {
    let size = size.trim();
    match size.strip_suffix('G') {
        Some(gb) => gb.parse::<u64>().ok()?.checked_mul(1024),
        None => size.strip_suffix('M').unwrap_or(size).parse().ok(),
    }
}

/// The copies of a partition and itself.
pub(in crate::rules) fn copies(count: Option<u64>) -> u64 {
    count.unwrap_or(0).saturating_add(1)
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
        let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
        for name in disk.partitions.iter().filter_map(|p| p.attrs.at(attribute)) {
            let value = name.value.trim();
            if let Some(first) = before(&mut seen, value, name) {
                let message = format!("two partitions are named `{value}`");
                let (at, other, note) =
                    match odd_first(disk.partitions.iter().copied(), attribute, [first, name]) {
                        true => (first, name, "this is mounted where its name says"),
                        false => (name, first, "first named here"),
                    };
                found.pair("duplicate-partition", at, message, "again", other, note);
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
            // It may be the table which is another than is meant.
            let key = format!("{} {:?}", number == 0, disk.scope.kind().span);
            found.once("partition-limit", &key, at, message, format!("1 to {most}"));
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

/// What has a place already, whatever partitions and volumes there are: a path without the slash before it.
fn taken(disk: &Disk<'_, '_>, place: &str) -> Option<&'static str> {
    match place {
        "" => Some("the root"),
        "boot" if disk.boot => Some("the boot partition"),
        "boot/efi" if disk.efi => Some("the EFI partition"),
        "dev" | "proc" | "sys" | "run" => Some("the running system"),
        _ => None,
    }
}

/// What is read before anything is mounted.
const ROOTED: &[&str] = &["/etc", "/bin", "/sbin", "/lib", "/lib64"];

/// What is mounted where: places given twice, and places that are none.
fn mounts(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    // By the path without the slashes around it.
    let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
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
        if let Some(right) = folders::top(value) {
            let message = format!("`{value}` begins with no folder that systems have");
            found.instead("mount-point", at, message, Some(&right), false, "");
            continue;
        }
        if value.contains(char::is_whitespace) || value.split('/').any(|p| p == "..") {
            let message = format!("`{value}` cannot stand in `/etc/fstab`");
            found.add("mount-point", at, message, "a path without blanks and `..`");
            continue;
        }
        if ROOTED.contains(&normal(value)) {
            let message = format!("`{value}` has to lie on the root: the system starts from it");
            let told = found.add("mount-point", at, message, "another place");
            if let Some(told) = told {
                told.severity = crate::diagnostic::Severity::Warning;
                told.help = Some("the build would go through, and the guest not start".into());
            }
            continue;
        }
        let path = normal(value).trim_start_matches('/');
        if let Some(by) = taken(disk, path) {
            let message = format!("`{value}` is taken by {by}");
            found.add("duplicate-mount-point", at, message, "another place");
            continue;
        }
        if let Some(first) = before(&mut seen, path, at) {
            let message = format!("two partitions are mounted at `{value}`");
            mounted_twice(disk.partitions.iter().copied(), message, [first, at], found);
        }
    }
    for volume in disk.scope.volumes() {
        let Some(at) = volume.attrs.at("mountpoint").or_else(|| volume.attrs.at("name")) else {
            continue;
        };
        let place = normal(at.value.trim().trim_start_matches('/'));
        if place.is_empty() || place.starts_with('@') {
            continue;
        }
        // What no logical volume is called is told as that.
        let inside = at.value.trim().contains(char::is_whitespace);
        let own = disk.lvm && inside && volume.attrs.at("mountpoint").is_none();
        if at.value.contains(char::is_whitespace) && !own {
            let bare = at.value.trim();
            let message = format!("the blanks in `{}` are taken for a part of the path", at.value);
            let meant = (!bare.contains(char::is_whitespace)).then_some(bare);
            found.instead("mount-point", at, message, meant, false, "a path without blanks");
            continue;
        }
        // On Btrfs a subvolume may lie below the place.
        if let Some(by) = taken(disk, place).filter(|_| disk.lvm || place == "boot/efi") {
            let message = format!("`/{place}` is taken by {by}");
            found.add("duplicate-mount-point", at, message, "another place");
            continue;
        }
        if let Some(first) = seen.get(place) {
            let message = format!("a partition and a volume are mounted at `/{place}`");
            let own = |p: &&Element| p.attrs.at("mountpoint").is_some_and(|m| std::ptr::eq(m, *first));
            let odd = disk
                .partitions
                .iter()
                .take(MANY)
                .copied()
                .find(own)
                .is_some_and(|p| !named_for(p));
            if odd && named_for(volume) {
                mounted_again(first, message, at, found);
            } else {
                mounted_again(at, message, first, found);
            }
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
        if let Some(at) = settings.iter().find_map(|name| kind.attrs.at(name)) {
            let message = "there is no spare partition that this could count for".to_owned();
            found.add("missing-spare-partition", at, message, "needs `spare_part`");
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
            let at = crate::rules::found::Text(size);
            found.add("partition-too-small", &at, message, "in MB, or `<oem-swap>` off");
        }
        return;
    }
    if let (Some(size), None | Some("false" | "0")) = (disk.oem("oem-swapsize"), given) {
        let needs = "`<oem-swap>true</oem-swap>`";
        match disk.oem("oem-swap").map(crate::rules::found::Text) {
            Some(denied) => crate::rules::idle::deny("<oem-swapsize>", &denied, needs, found),
            None => {
                let message = "no swap space is made that could have this size".to_owned();
                found.add("unused-setting", size, message, format!("needs {needs}"));
            }
        }
    }
}
