//! Boot loaders that the firmware of the type never starts. What a machine does not have is judged in
//! `boot::loader_machines`.

use crate::rules::disk::{Disk, Table};
use crate::rules::found::Found;
use crate::rules::scope::Scope;

/// A boot loader that this firmware or machine never starts.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(at) = scope.kind().child("bootloader").and_then(|b| b.attrs.at("name")) else {
        return;
    };
    let firmware = scope.kind().attrs.at("firmware");
    let value = firmware.map(|f| f.value.trim());
    let pc = scope.pc();
    match at.value.trim() {
        "systemd_boot" => {
            let bios = match value {
                Some("bios" | "ec2") => true,
                None => pc && scope.arch_chosen && scope.image() == "oem",
                _ => false,
            };
            if bios {
                let message = "`systemd_boot` is started by EFI only, the firmware is a BIOS".to_owned();
                let edit = match firmware {
                    Some(firmware) => found.replace(firmware, "uefi", false),
                    None => found.insert_attribute(scope.kind(), "firmware", "uefi"),
                };
                if let Some(told) = found.add(
                    "loader-not-for-firmware",
                    at,
                    message,
                    "needs `firmware=\"uefi\"`",
                ) {
                    told.fixes.extend(edit);
                }
            }
        }
        // What it does not have says that it is another.
        name @ ("zipl" | "grub2_s390x_emu")
            if !scope
                .kind()
                .child("bootloader")
                .is_some_and(crate::rules::misfit::of_loader) =>
        {
            if let (Some(firmware), Some("bios" | "efi" | "uefi" | "ec2" | "ofw" | "opal")) =
                (firmware, value)
            {
                let message = format!("`{name}` is a mainframe's boot loader, which has no such firmware");
                found.pair(
                    "loader-not-for-firmware",
                    at,
                    message,
                    "for s390x only",
                    firmware,
                    "another machine's",
                );
            }
        }
        _ => {}
    }
    if let Some(at) = scope.kind().attrs.on("gpt_hybrid_mbr")
        && scope.image() == "oem"
        && firmware.is_some()
        && Disk::new(scope).table == Table::Msdos
    {
        let message = "an msdos table cannot be a GPT with an MBR".to_owned();
        found.add("unused-setting", at, message, "counts only with a GPT");
    }
}
