//! What `create` can make, judged before any work starts: everything else is refused with the place that asks for it.

use apteryx_schema::description::View;
use apteryx_schema::description::model::{At, Element};

use crate::error::BuildError;

/// The place of a value.
pub fn place_of<T>(at: &At<T>) -> At<()> {
    At {
        value: (),
        file: at.file,
        span: at.span,
    }
}

fn refuse(code: &'static str, what: String, place: At<()>, help: &str) -> BuildError {
    BuildError::Description {
        code,
        message: format!("{what} is not supported yet"),
        place: Some(place),
        help: Some(help.to_owned()),
    }
}

/// The place of an element's name.
pub fn place_of_element(element: &Element) -> At<()> {
    At {
        value: (),
        file: element.file,
        span: element.name_span,
    }
}

/// Attributes of `<type>` that change the result in a way that is not there yet.
const REFUSED: [(&str, &str); 22] = [
    ("overlayroot", "unsupported-overlayroot"),
    ("luks", "unsupported-luks"),
    ("mdraid", "unsupported-mdraid"),
    ("verity_blocks", "unsupported-verity"),
    ("embed_verity_metadata", "unsupported-verity"),
    ("standalone_integrity", "unsupported-integrity"),
    ("embed_integrity_metadata", "unsupported-integrity"),
    ("bootpartition", "unsupported-boot-partition"),
    ("bootfilesystem", "unsupported-boot-partition"),
    ("spare_part", "unsupported-spare-part"),
    ("root_clone", "unsupported-clone"),
    ("boot_clone", "unsupported-clone"),
    ("installiso", "unsupported-install-media"),
    ("installstick", "unsupported-install-media"),
    ("installpxe", "unsupported-install-media"),
    ("derived_from", "unsupported-derived-from"),
    ("delta_root", "unsupported-delta-root"),
    ("btrfs_root_is_snapshot", "unsupported-btrfs-volumes"),
    ("editbootconfig", "unsupported-edit-boot-script"),
    ("editbootinstall", "unsupported-edit-boot-script"),
    ("gpt_hybrid_mbr", "unsupported-hybrid-table"),
    ("dosparttable_extended_layout", "unsupported-extended-table"),
];

/// Refuses what cannot be made.
pub fn check(view: &View<'_>) -> Result<(), BuildError> {
    let image = view.image_type.image.value.trim();
    if !matches!(
        image,
        "tbz" | "ext2" | "ext3" | "ext4" | "squashfs" | "docker" | "oci" | "oem"
    ) {
        let help = "now: `tbz`, `ext4`, `squashfs`, `docker`, `oci`, `oem`";
        let place = place_of(&view.image_type.image);
        return Err(refuse(
            "unsupported-image",
            format!("image type `{image}`"),
            place,
            help,
        ));
    }
    let element = &view.image_type.element;
    for (name, code) in REFUSED {
        let Some(at) = element.attrs.at(name) else {
            continue;
        };
        if !matches!(at.value.trim(), "false" | "0" | "none") {
            return Err(refuse(
                code,
                format!("`{name}`"),
                place_of(at),
                "leave the attribute out",
            ));
        }
    }
    if image != "oem" {
        return Ok(());
    }
    let one_of = |attr: &str, allowed: &[&str], code: &'static str| -> Result<(), BuildError> {
        let Some(at) = element.attrs.at(attr) else {
            return Ok(());
        };
        let value = at.value.trim();
        if allowed.contains(&value) {
            return Ok(());
        }
        let list: Vec<String> = allowed.iter().map(|a| format!("`{a}`")).collect();
        Err(refuse(
            code,
            format!("`{attr}=\"{value}\"`"),
            place_of(at),
            &format!("now: {}", list.join(", ")),
        ))
    };
    one_of("filesystem", &["ext2", "ext3", "ext4"], "unsupported-filesystem")?;
    one_of("firmware", &["bios", "efi", "uefi"], "unsupported-firmware")?;
    one_of("format", &["raw", "qcow2"], "unsupported-format")?;
    one_of(
        "devicepersistency",
        &["by-uuid", "by-label"],
        "unsupported-device-persistency",
    )?;
    if view.arch != "x86_64" {
        let place = place_of(&view.image_type.image);
        return Err(refuse(
            "unsupported-arch",
            format!("a disk for `{}`", view.arch),
            place,
            "now: `x86_64`",
        ));
    }
    if let Some(disk) = element.child("systemdisk") {
        return Err(refuse(
            "unsupported-volumes",
            "`<systemdisk>`".to_owned(),
            place_of_element(disk),
            "leave the section out",
        ));
    }
    if let Some(parts) = element.child("partitions") {
        return Err(refuse(
            "unsupported-partitions",
            "`<partitions>`".to_owned(),
            place_of_element(parts),
            "leave the section out",
        ));
    }
    let efi = matches!(view.type_attr("firmware"), Some("efi" | "uefi"));
    if let Some(at) = element.child("bootloader").and_then(|b| b.attrs.at("name")) {
        let fits = match at.value.trim() {
            "grub2" => true,
            "systemd_boot" => efi,
            _ => false,
        };
        if !fits {
            let what = format!("boot loader `{}` with this firmware", at.value.trim());
            return Err(refuse(
                "unsupported-bootloader",
                what,
                place_of(at),
                "now: `grub2`, and `systemd_boot` with `efi` and `uefi`",
            ));
        }
    }
    Ok(())
}
