//! Boot loaders that the firmware of the type never starts. What a machine does not have is judged in
//! `boot::loader_machines`.

use crate::rules::disk::{Disk, Table};
use crate::rules::found::Found;
use crate::rules::scope::Scope;

const CODE: &str = "loader-not-for-firmware";

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
                let label = "needs `firmware=\"uefi\"`";
                // What is installed says which of the two is wrong.
                let grub = scope
                    .with_part("grub")
                    .any(|n| n.contains("-pc") || n.contains("bios"));
                let (told, edit) = match firmware {
                    Some(firmware) if grub => {
                        let edit = found.replace(at, "grub2", false);
                        let note = "the firmware is here";
                        (found.pair(CODE, at, message, label, firmware, note), edit)
                    }
                    Some(firmware) => {
                        let edit = found.replace(firmware, "uefi", false);
                        let note = "the boot loader is here";
                        let told = found.pair(CODE, firmware, message, label, at, note);
                        (told, edit)
                    }
                    None => {
                        let edit = found.insert_attribute(scope.kind(), "firmware", "uefi");
                        (found.add(CODE, at, message, label), edit)
                    }
                };
                if let Some(told) = told {
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
                found.pair(CODE, at, message, "for s390x only", firmware, "another machine's");
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
