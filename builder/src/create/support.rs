//! What `create` can make, judged before any work starts: everything else is refused with the place that asks for it.

use std::path::Path;

use apteryx_schema::description::View;
use apteryx_schema::description::model::{At, Element};

use super::{initrd, layout};
use crate::error::BuildError;

/// What is not there yet, and what to do instead.
pub fn refuse(code: &'static str, what: String, place: At<()>, help: &str) -> BuildError {
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
const REFUSED: [(&str, &str); 21] = [
    ("overlayroot", "unsupported-overlayroot"),
    ("luks", "unsupported-luks"),
    ("mdraid", "unsupported-mdraid"),
    ("verity_blocks", "unsupported-verity"),
    ("embed_verity_metadata", "unsupported-verity"),
    ("standalone_integrity", "unsupported-integrity"),
    ("embed_integrity_metadata", "unsupported-integrity"),
    ("spare_part", "unsupported-spare-part"),
    ("root_clone", "unsupported-clone"),
    ("boot_clone", "unsupported-clone"),
    ("installiso", "unsupported-install-media"),
    ("installstick", "unsupported-install-media"),
    ("installpxe", "unsupported-install-media"),
    ("derived_from", "unsupported-derived-from"),
    ("delta_root", "unsupported-delta-root"),
    ("btrfs_root_is_snapshot", "unsupported-btrfs-volumes"),
    ("gpt_hybrid_mbr", "unsupported-hybrid-table"),
    ("dosparttable_extended_layout", "unsupported-extended-table"),
    ("xen_server", "unsupported-xen"),
    ("provide_system_files", "unsupported-system-files"),
    ("require_system_files", "unsupported-system-files"),
];

/// The scripts that attributes of `<type>` name, and the names they run under.
pub const EDIT_SCRIPTS: [(&str, &str); 2] = [
    ("editbootconfig", "edit_boot_config.sh"),
    ("editbootinstall", "edit_boot_install.sh"),
];

/// Refuses what cannot be made. `dir` is the description's.
pub fn check(view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    let image = view.image_type.image.value.trim();
    if !matches!(
        image,
        "tbz" | "ext2" | "ext3" | "ext4" | "squashfs" | "docker" | "oci" | "oem"
    ) {
        let help = "now: `tbz`, `ext4`, `squashfs`, `docker`, `oci`, `oem`";
        let place = view.image_type.image.place();
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
                at.place(),
                "leave the attribute out",
            ));
        }
    }
    if image != "oem" {
        return layout::size(element).map(drop);
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
            at.place(),
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
        let place = view.image_type.image.place();
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
                at.place(),
                "now: `grub2`, and `systemd_boot` with `efi` and `uefi`",
            ));
        }
    }
    for (attribute, _) in EDIT_SCRIPTS {
        if let Some(at) = element.attrs.at(attribute)
            && !dir.join(at.value.trim()).is_file()
        {
            return Err(BuildError::Description {
                code: "file-missing",
                message: format!("the description has no file `{}`", at.value.trim()),
                place: Some(at.place()),
                help: Some(format!("`{attribute}` names a script beside the description")),
            });
        }
    }
    let loader = element.child("bootloader");
    if let Some(at) = loader.and_then(|b| b.attrs.at("grub_template")) {
        let help = "leave the attribute out, and edit `boot/grub/grub.cfg` in an `editbootconfig` script";
        let what = "`grub_template`".to_owned();
        return Err(refuse("unsupported-grub-template", what, at.place(), help));
    }
    let settings = loader.and_then(|b| b.child("bootloadersettings"));
    if let Some(setting) = settings.and_then(|s| s.children.first()) {
        let (code, help) = match setting.name.as_str() {
            "environment" => ("unsupported-grub-environment", "leave it out"),
            // They are for programs that work on a device with a boot loader.
            _ => (
                "unsupported-loader-options",
                "leave it out: neither `grub-install`, `grub-mkconfig` nor `shim-install` is called",
            ),
        };
        let what = format!("`<{}>` of a boot loader", setting.name);
        return Err(refuse(code, what, place_of_element(setting), help));
    }
    let oem = element.child("oemconfig");
    for name in ["oem-recovery", "oem-inplace-recovery"] {
        if let Some(recovery) = oem.and_then(|oem| oem.child(name))
            && matches!(recovery.text.as_str(), "true" | "1")
        {
            let what = format!("`<{name}>`");
            let place = place_of_element(recovery);
            return Err(refuse("unsupported-recovery", what, place, "leave it out"));
        }
    }
    if let Some(at) = element
        .attrs
        .at("target_blocksize")
        .filter(|at| at.value.trim() != "512")
    {
        let what = format!("`target_blocksize=\"{}\"`", at.value.trim());
        return Err(refuse("unsupported-block-size", what, at.place(), "now: `512`"));
    }
    one_of(
        "bootfilesystem",
        &["ext2", "ext3", "ext4"],
        "unsupported-filesystem",
    )?;
    initrd::wishes(element)?;
    layout::of(view).map(drop)
}
