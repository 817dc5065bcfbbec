//! A RAM disk that a machine installs its system into. Sizes of disks are judged in `disk::sizes`.

use super::Disk;
use super::sizes::{number_of, words};
use crate::description::model::At;
use crate::rules::found::{Found, Place};

/// The size of a RAM disk that the kernel's command line gives, in KB.
fn ramdisk_size(line: &At) -> Option<u64> {
    let mut options = line.value.split_whitespace();
    options.find_map(|w| w.strip_prefix("ramdisk_size=")?.parse().ok())
}

/// A RAM disk to install into that is smaller than the image, or that nothing makes.
pub(in crate::rules) fn ramdisk(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    unmade(disk, found);
    let kind = disk.scope.kind();
    let (Some(line), Some(size)) = (kind.attrs.at("kernelcmdline"), kind.child("size")) else {
        return;
    };
    if !line.value.contains("rd.kiwi.ramdisk")
        || found.told("disk-too-large", &crate::rules::found::Text(size))
    {
        return;
    }
    let kilobytes = ramdisk_size(line);
    let setting = disk.oem("oem-ramdisk-size");
    let Some(kilobytes) = kilobytes.or_else(|| setting?.text.parse().ok()) else {
        return;
    };
    let factor = if size.attrs.get("unit") == Some("G") {
        1024
    } else {
        1
    };
    let image = number_of(size).saturating_mul(factor);
    // One that holds no system at all is told where it stands.
    let given = ramdisk_size(line).is_some();
    let sound = given || kilobytes >= super::oem_settings::LEAST_RAMDISK;
    if sound && size.attrs.bool("additive") != Some(true) && kilobytes < image.saturating_mul(1024) {
        let message = format!(
            "a RAM disk of {} MB cannot hold an image of {}",
            kilobytes / 1024,
            words(image)
        );
        let least = image.saturating_mul(1024);
        let at = crate::rules::found::Text(size);
        // It is told at the one of the two that counts.
        let own = setting.filter(|_| !given).map(crate::rules::found::Text);
        let (place, label): (&dyn Place, _) = match &own {
            Some(own) => (own, format!("`{least}` at least, in kB")),
            None => (line, format!("`ramdisk_size={least}` at least, in kB")),
        };
        let told = found.pair(
            "disk-too-small",
            place,
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

/// A medium that is to install into a RAM disk, where the kernel's command line asks for none.
fn unmade(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let kind = disk.scope.kind();
    let target = disk
        .oem("oem-unattended-id")
        .filter(|id| id.text.starts_with("/dev/ram"));
    // Who starts the installation over the network may say it there.
    let alone = ["installiso", "installstick"]
        .iter()
        .any(|n| kind.attrs.bool(n) == Some(true))
        && kind.attrs.bool("installpxe") != Some(true);
    let Some(target) = target.filter(|_| alone) else {
        return;
    };
    let line = kind.attrs.at("kernelcmdline");
    let asked = |word: &str| line.is_some_and(|l| l.value.contains(word));
    if ["rd.kiwi.ramdisk", "brd.", "ramdisk_size="]
        .into_iter()
        .any(asked)
        || line.is_some_and(|l| crate::rules::filled::filled(&l.value))
    {
        return;
    }
    let message =
        "the medium installs into a RAM disk, and the kernel's command line asks for none".to_owned();
    let label = "add `rd.kiwi.ramdisk`";
    let target = crate::rules::found::Text(target);
    let told = match line {
        Some(line) => {
            let whole = format!("rd.kiwi.ramdisk {}", line.value.trim());
            let edit = found.replace(line, &whole, false);
            let mut told = found.pair(
                "kernel-parameter",
                line,
                message,
                label,
                &target,
                "the disk is this one",
            );
            if let Some(told) = &mut told {
                told.fixes.extend(edit);
            }
            told
        }
        None => found.add("kernel-parameter", &target, message, label),
    };
    if let Some(told) = told {
        told.help = Some(
            "the build would go through, and the installation find no disk as the machine starts".into(),
        );
    }
}
