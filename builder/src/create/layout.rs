//! Which partitions a disk gets: pure, from the description alone. Sizes that depend on the tree are left open. What
//! cannot be made is refused here, with its place.

use apteryx_schema::description::View;
use apteryx_schema::description::model::{At, Element};

use super::disk::{self, ALIGN, Role, SECTOR};
use super::support::{place_of_element, refuse};
use crate::error::{BuildError, Place};

/// The disk.
#[derive(Debug, Clone)]
pub struct Layout {
    /// With a GPT, else with a table of the msdos kind.
    pub gpt: bool,
    /// GRUB for BIOS stands on it.
    pub bios: bool,
    /// Where the first partition begins, bytes.
    pub first: u64,
    /// Kept free at the end, bytes.
    pub tail: u64,
    /// In the order on the disk; the root file system is the last.
    pub parts: Vec<Part>,
    /// What `<size>` asks for.
    pub size: Size,
}

/// How large the disk is to be, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As large as its content needs.
    Computed,
    /// That and so much more.
    Additive(u64),
    /// So large, with so much of it in no partition.
    Fixed(u64, u64),
}

/// One partition.
#[derive(Debug, Clone)]
pub struct Part {
    /// What for.
    pub role: Role,
    /// Its name in the GPT.
    pub name: String,
    /// What its identifiers are made from.
    pub key: String,
    /// Its place in the table, where one is asked for.
    pub number: Option<u32>,
    /// Bytes, where they are given.
    pub size: Option<u64>,
    /// `ext4`, …; none where it stays without content.
    pub filesystem: Option<String>,
    /// Absolute; what lies there in the tree lies on this partition.
    pub mount: Option<String>,
    /// Of the file system.
    pub label: String,
    /// What asks for it, or for its size.
    pub place: Place,
}

impl Layout {
    /// What the boot loader reads the kernel from.
    pub fn boot(&self) -> Option<&Part> {
        let of = |role| self.parts.iter().find(|part| part.role == role);
        of(Role::Boot).or_else(|| of(Role::Root))
    }

    /// The number of a partition of this role.
    pub fn number(&self, role: Role) -> Option<u32> {
        let numbers = disk::numbers(self.parts.iter().map(|part| part.number));
        let mut pairs = self.parts.iter().zip(numbers);
        pairs
            .find(|(part, _)| part.role == role)
            .map(|(_, number)| number)
    }
}

fn wrong(code: &'static str, message: String, place: At<()>, help: &str) -> BuildError {
    BuildError::Description {
        code,
        message,
        place: Some(place),
        help: Some(help.to_owned()),
    }
}

/// No disk or partition is larger (1 PiB): sums of sizes stay numbers.
const MOST: u64 = 1 << 50;
/// Where a table of the msdos kind ends.
const MSDOS: u64 = 2 << 40;
/// What GRUB's first stages take, generously.
const GRUB: u64 = 256 << 10;

/// A number with `G`, `M` or nothing (`M`) behind it, as bytes.
fn bytes(text: &str) -> Option<u64> {
    let (number, shift) = match text.strip_suffix('G') {
        Some(number) => (number, 30),
        None => (text.strip_suffix('M').unwrap_or(text), 20),
    };
    let bytes = number.trim().parse::<u64>().ok()?.checked_mul(1 << shift)?;
    (bytes <= MOST).then_some(bytes)
}

/// What `<size>` of a type asks for.
pub fn size(kind: &Element) -> Result<Size, BuildError> {
    let Some(element) = kind.child("size") else {
        return Ok(Size::Computed);
    };
    let unit = element.attrs.get("unit").unwrap_or("M");
    let read = |number: &str| {
        bytes(&format!("{number}{unit}")).ok_or_else(|| {
            let message = format!("a disk cannot have a size of `{number}`");
            wrong(
                "bad-size",
                message,
                place_of_element(element),
                "write a number of MB, or of GB with `unit=\"G\"`",
            )
        })
    };
    let whole = read(element.text.trim())?;
    if element.attrs.bool("additive") == Some(true) {
        return Ok(Size::Additive(whole));
    }
    Ok(Size::Fixed(
        whole,
        read(element.attrs.get("unpartitioned").unwrap_or("0"))?,
    ))
}

/// The partitions of a view's disk.
pub fn of(view: &View<'_>) -> Result<Layout, BuildError> {
    let kind = &view.image_type.element;
    let efi = matches!(view.type_attr("firmware"), Some("efi" | "uefi"));
    let msdos = view.type_attr("efiparttable") == Some("msdos") || kind.attrs.bool("force_mbr") == Some(true);
    let gpt = efi && !msdos;
    let loader = kind.child("bootloader").and_then(|b| b.attrs.get("name"));
    let bios = loader.unwrap_or("grub2") == "grub2" && kind.attrs.bool("eficsm") != Some(false);
    let root_kind = view.type_attr("filesystem").unwrap_or("ext4").to_owned();
    let number = |name: &str| view.type_attr(name).and_then(|text| text.parse::<u32>().ok());
    let mega = |name: &str| view.type_attr(name).and_then(bytes);
    let place = |name: &str| kind.attrs.at(name).map(At::place);
    let mut parts = Vec::new();
    let mut add = |role, name: &str, key: &str, id: &str, label: &str| {
        let part = Part {
            role,
            name: name.to_owned(),
            key: key.to_owned(),
            number: number(id),
            size: None,
            filesystem: None,
            mount: None,
            label: label.to_owned(),
            place: place(id),
        };
        parts.push(part);
        parts.len() - 1
    };
    // In KIWI's order.
    let csm = (gpt && bios).then(|| add(Role::BiosBoot, "p.legacy", "csm", "eficsmpart_id", ""));
    let esp = efi.then(|| add(Role::Efi, "p.UEFI", "efi", "efipart_id", "EFI"));
    let boot = kind.attrs.bool("bootpartition") == Some(true);
    let boot = boot.then(|| add(Role::Boot, "p.lxboot", "boot", "bootpart_id", "BOOT"));
    let oem = kind.child("oemconfig");
    let oem = |name: &str| oem.and_then(|o| o.child(name));
    let swap = oem("oem-swap").is_some_and(|e| matches!(e.text.as_str(), "true" | "1"));
    let swap = swap.then(|| add(Role::Swap, "p.swap", "swap", "", "SWAP"));
    let mut set =
        |index: Option<usize>, size: Option<u64>, mount: Option<&str>, fs: Option<String>, at: Place| {
            if let Some(part) = index.and_then(|index| parts.get_mut(index)) {
                part.size = size;
                part.mount = mount.map(str::to_owned);
                part.filesystem = fs;
                part.place = at.or_else(|| part.place.clone());
            }
        };
    set(csm, Some(2 << 20), None, None, None);
    set(
        esp,
        mega("efipartsize"),
        Some("/boot/efi"),
        None,
        place("efipartsize"),
    );
    let boot_kind = view.type_attr("bootfilesystem").unwrap_or(&root_kind).to_owned();
    let boot_size = mega("bootpartsize").unwrap_or(300 << 20);
    set(
        boot,
        Some(boot_size),
        Some("/boot"),
        Some(boot_kind),
        place("bootpartsize").or(place("bootpartition")),
    );
    let swap_size = oem("oem-swapsize")
        .and_then(|e| bytes(&e.text))
        .unwrap_or(128 << 20);
    set(
        swap,
        Some(swap_size),
        None,
        None,
        oem("oem-swapsize").map(place_of_element),
    );
    // A disk that grows at its first start takes the size then.
    let grows = oem("oem-resize").is_none_or(|e| !matches!(e.text.as_str(), "false" | "0"));
    let root_size = oem("oem-systemsize")
        .filter(|_| !grows)
        .and_then(|e| bytes(&e.text))
        .filter(|size| *size > 0);
    for element in kind
        .child("partitions")
        .into_iter()
        .flat_map(|p| p.all("partition"))
    {
        parts.push(custom(element)?);
    }
    parts.push(Part {
        role: Role::Root,
        name: "p.lxroot".to_owned(),
        key: "root".to_owned(),
        number: number("rootpart_id"),
        size: root_size,
        filesystem: Some(root_kind),
        mount: Some("/".to_owned()),
        label: view.type_attr("rootfs_label").unwrap_or("ROOT").to_owned(),
        place: oem("oem-systemsize")
            .filter(|_| root_size.is_some())
            .or(kind.child("size"))
            .map(place_of_element),
    });
    distinct(&parts, gpt, view.image_type.image.place())?;
    let size = size(kind)?;
    if let (false, Size::Fixed(bytes, _), Some(element)) = (gpt, size, kind.child("size"))
        && bytes > MSDOS
    {
        let message = "a table of the kind msdos ends at 2 TiB".to_owned();
        let help = "lower `<size>`, or take `firmware=\"uefi\"`, which makes a GPT";
        return Err(wrong("disk-too-large", message, place_of_element(element), help));
    }
    let first = match kind.attrs.at("disk_start_sector") {
        None => ALIGN,
        Some(at) => {
            let sector = at.value.trim().parse::<u64>().ok();
            let first = sector.and_then(|n| n.checked_mul(SECTOR)).unwrap_or(u64::MAX);
            // GRUB's first stages stand before it, where no partition is made for them.
            let least = if bios && !gpt { GRUB } else { SECTOR * 34 };
            if first < least || first > MOST {
                let message = format!("no partition can begin at sector {}", at.value.trim());
                let help = format!("the first that can is {}; 2048 is usual", least / SECTOR);
                return Err(wrong("bad-start-sector", message, at.place(), &help));
            }
            first
        }
    };
    Ok(Layout {
        gpt,
        bios,
        first,
        tail: if gpt { ALIGN } else { 0 },
        parts,
        size,
    })
}

/// One of `<partitions>`.
fn custom(element: &Element) -> Result<Part, BuildError> {
    let here = || place_of_element(element);
    let of = |name: &str| element.attrs.at(name).map_or_else(here, At::place);
    let name = element.attrs.get("name").unwrap_or("");
    if element.attrs.get("clone").is_some_and(|n| n != "0") {
        return Err(refuse(
            "unsupported-clone",
            "`clone`".to_owned(),
            of("clone"),
            "leave the attribute out",
        ));
    }
    let filesystem = element.attrs.get("filesystem").map(str::to_owned);
    if let Some(kind) = &filesystem
        && !matches!(kind.as_str(), "ext2" | "ext3" | "ext4")
    {
        let what = format!("a partition with `{kind}`");
        return Err(refuse(
            "unsupported-filesystem",
            what,
            of("filesystem"),
            "now: `ext2`, `ext3`, `ext4`",
        ));
    }
    let mount = element.attrs.get("mountpoint").filter(|path| !path.is_empty());
    if let Some(path) = mount {
        let inner = path
            .strip_prefix('/')
            .map(|p| p.trim_end_matches('/'))
            .unwrap_or("");
        let plain = !inner.is_empty() && inner.split('/').all(|c| !matches!(c, "" | "." | ".."));
        if !plain {
            let message = format!("`{path}` is no mount point below `/`");
            return Err(wrong(
                "bad-mount-point",
                message,
                of("mountpoint"),
                "write an absolute path: `/var`",
            ));
        }
        if matches!(
            inner,
            "boot" | "boot/efi" | "etc" | "proc" | "sys" | "dev" | "run" | "tmp"
        ) {
            let message = format!("`/{inner}` cannot be a partition of `<partitions>`");
            let help = match inner {
                "boot" => "`bootpartition=\"true\"` makes it one",
                "boot/efi" => "`firmware=\"uefi\"` makes it one",
                _ => "leave it on the root file system",
            };
            return Err(wrong("bad-mount-point", message, of("mountpoint"), help));
        }
        if filesystem.is_none() {
            let message = format!("partition `{name}` is mounted and has no file system");
            return Err(wrong(
                "partition-without-filesystem",
                message,
                here(),
                "add `filesystem=\"ext4\"`",
            ));
        }
    }
    let size = element.attrs.get("size").and_then(bytes).filter(|size| *size > 0);
    if size.is_none() {
        let message = format!("partition `{name}` has no size");
        return Err(wrong(
            "partition-without-size",
            message,
            of("size"),
            "add `size=\"500M\"`",
        ));
    }
    let raid = element.attrs.get("partition_type") == Some("t.raid");
    let title = element
        .attrs
        .get("partition_name")
        .map_or_else(|| format!("p.lx{name}"), str::to_owned);
    Ok(Part {
        role: if raid { Role::Raid } else { Role::Data },
        name: title,
        key: format!("partition/{name}"),
        number: element.attrs.get("part_id").and_then(|text| text.parse().ok()),
        size,
        filesystem,
        mount: mount.map(|path| path.trim_end_matches('/').to_owned()),
        label: element.attrs.get("label").unwrap_or("").to_owned(),
        place: Some(of("size")),
    })
}

/// No two of one name, one mount point or one number, and not more than the table holds.
fn distinct(parts: &[Part], gpt: bool, whole: At<()>) -> Result<(), BuildError> {
    let most = if gpt { 128 } else { 4 };
    let numbers = disk::numbers(parts.iter().map(|part| part.number));
    for (index, (part, number)) in parts.iter().zip(&numbers).enumerate() {
        let place = part.place.clone().unwrap_or_else(|| whole.clone());
        if *number == 0 || *number > most {
            let table = if gpt { "a GPT" } else { "a table of the kind msdos" };
            let message = format!("{table} has no partition {number}, it holds {most}");
            let help = "`firmware=\"uefi\"` makes a GPT, which holds 128";
            return Err(wrong("too-many-partitions", message, place, help));
        }
        for (other, other_number) in parts.iter().zip(&numbers).take(index) {
            let twice = match () {
                () if other.key == part.key => {
                    format!("name `{}`", part.key.trim_start_matches("partition/"))
                }
                () if part.mount.is_some() && other.mount == part.mount => {
                    format!("mount point `{}`", part.mount.as_deref().unwrap_or(""))
                }
                () if other_number == number => format!("number {number}"),
                () => continue,
            };
            let message = format!("two partitions have the {twice}");
            return Err(wrong("partition-twice", message, place, "change one of them"));
        }
    }
    Ok(())
}
