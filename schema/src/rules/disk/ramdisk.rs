//! A RAM disk that a machine installs its system into. Sizes of disks are judged in `disk::sizes`.

use super::Disk;
use super::sizes::{number_of, words};
use crate::description::model::At;
use crate::rules::found::Found;

/// The size of a RAM disk that the kernel's command line gives, in KB.
fn ramdisk_size(line: &At) -> Option<u64> {
    let mut options = line.value.split_whitespace();
    options.find_map(|w| w.strip_prefix("ramdisk_size=")?.parse().ok())
}

/// A RAM disk to install into that is smaller than the image.
pub(in crate::rules) fn ramdisk(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
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
        let label = format!("`ramdisk_size={}` at least, in kB", image.saturating_mul(1024));
        let at = crate::rules::found::Text(size);
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
