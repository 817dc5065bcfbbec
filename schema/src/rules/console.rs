//! The way to the running guest: serial consoles of the boot loader and of the kernel, a loader that the firmware
//! does not start, sector sizes. Knows names of devices; knows no driver.

use super::disk::{Disk, Table};
use super::found::Found;
use super::scope::Scope;
use crate::description::model::At;

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    if let Some(line) = kind.attrs.at("kernelcmdline") {
        devices(line, found);
    }
    if !matches!(scope.image(), "oem" | "iso") {
        return;
    }
    serial(scope, found);
    loader(scope, found);
    if let Some(at) = kind.attrs.at("target_blocksize") {
        if at
            .value
            .trim()
            .parse::<u64>()
            .is_ok_and(|n| !matches!(n, 512 | 1024 | 2048 | 4096))
        {
            let message = format!("no disk has sectors of {} bytes", at.value.trim());
            found.add("sector-size", at, message, "512 or 4096");
        }
    }
}

/// Kinds of devices that a kernel console may be, without their number.
const CONSOLES: &[&str] = &[
    "tty",
    "ttyS",
    "ttyAMA",
    "ttyUSB",
    "ttyPS",
    "ttyLP",
    "ttySC",
    "ttySAC",
    "ttyO",
    "ttymxc",
    "ttyMSM",
    "ttyFIQ",
    "ttyTCU",
    "ttyGS",
    "ttynull",
    "ttysclp",
    "ttyTHS",
    "hvc",
    "hvsi",
    "xvc",
    "sclp",
    "lp",
    "netcon",
    "brl",
    "null",
    "uart",
    "uart8250",
    "uart8250,io",
    "uart8250,mmio",
    "efifb",
    "ttyHV",
    "ttyUL",
    "ttyAL",
    "ttyB",
    "ttyV",
    "ttySIF",
    "ttyEHV",
    "ttynvt",
    "ttyXRUSB",
    "ttyACM",
    "ttyBMC",
    "ttyMV",
    "ttyWMT",
    "ttyAS",
    "ttyLTQ",
    "ttyVT",
    "ttyx3270",
];

/// The consoles that the kernel's command line names, without what follows a comma.
fn consoles(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
        .filter_map(|word| word.strip_prefix("console="))
        .map(|device| device.split(',').next().unwrap_or(device))
}

/// Devices written in the wrong case, or without their number.
fn devices(line: &At, found: &mut Found<'_>) {
    for device in consoles(&line.value) {
        let stem = device.trim_end_matches(|c: char| c.is_ascii_digit());
        if CONSOLES.contains(&stem) {
            if stem == device && matches!(stem, "ttyS" | "ttyAMA") {
                let message = format!("the console `{device}` has no number");
                found.add(
                    "console-device",
                    line,
                    message,
                    format!("did you mean `{device}0`?"),
                );
            }
            continue;
        }
        let meant = CONSOLES.iter().find(|c| c.eq_ignore_ascii_case(stem));
        if let Some(meant) = meant.filter(|_| stem.len() > 2) {
            let right = format!("{meant}{}", &device[stem.len()..]);
            let message = format!("the kernel has no console `{device}`");
            let old = format!("console={device}");
            let new = line.value.replace(&old, &format!("console={right}"));
            found.instead("console-device", line, message, Some(&new), false, "");
        }
    }
}

fn serial(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(loader) = scope.kind().child("bootloader") else {
        return;
    };
    let names = |at: &&At| at.value.split_whitespace().any(|word| word == "serial");
    let output = loader.attrs.at("output_console");
    let input = loader.attrs.at("input_console");
    let asked = output.filter(names).or_else(|| input.filter(names));
    // Mainframes have a console of their own; other machines tell the kernel by their device tree.
    let mainframe = loader.attrs.get("name") == Some("grub2_s390x_emu");
    let pc = matches!(scope.view.arch.as_str(), "x86_64" | "i586" | "i686" | "ix86");
    if let (Some(at), true) = (asked, pc && !mainframe) {
        let line = scope.kind().attrs.at("kernelcmdline");
        // A console that is named is a choice, be it another than the loader's: then it is only noted.
        let named = line.is_some_and(|l| consoles(&l.value).next().is_some());
        let others = |c: &str| {
            !c.starts_with("tty")
                || c.to_ascii_lowercase().starts_with("ttys")
                || c.starts_with("ttyS")
                || c.starts_with("ttyA")
        };
        if line.is_none_or(|l| !consoles(&l.value).any(others)) {
            let message = "the boot loader speaks on the serial line, and the kernel does not".to_owned();
            let label = "needs `console=ttyS0` in `kernelcmdline`";
            let edit = match line {
                Some(line) => {
                    let new = format!("{} console=ttyS0", line.value.trim());
                    found.replace(line, new.trim(), false)
                }
                None => found.insert_attribute(scope.kind(), "kernelcmdline", "console=ttyS0"),
            };
            if let Some(told) = found.add("missing-serial-console", at, message, label) {
                told.fixes.extend(edit);
                if named {
                    told.severity = crate::diagnostic::Severity::Info;
                }
            }
        }
    }
    let line = loader.attrs.at("serial_line");
    let given = output.is_some() || input.is_some();
    if let (Some(line), None, true) = (line, asked, given) {
        let message = "the serial line is set up, and no console of the boot loader uses it".to_owned();
        found.add(
            "unused-setting",
            line,
            message,
            "needs `serial` in `output_console`",
        );
    }
}

/// A boot loader that this firmware or machine never starts.
fn loader(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(at) = scope.kind().child("bootloader").and_then(|b| b.attrs.at("name")) else {
        return;
    };
    let firmware = scope.kind().attrs.at("firmware");
    let value = firmware.map(|f| f.value.trim());
    let pc = matches!(scope.view.arch.as_str(), "x86_64" | "i586" | "i686" | "ix86");
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
        name @ ("zipl" | "grub2_s390x_emu") => {
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
    if let (Some(at), Table::Msdos) = (scope.kind().attrs.at("gpt_hybrid_mbr"), Disk::new(scope).table) {
        if scope.image() == "oem"
            && scope.kind().attrs.bool("gpt_hybrid_mbr") == Some(true)
            && firmware.is_some()
        {
            let message = "an msdos table cannot be a GPT with an MBR".to_owned();
            found.add("unused-setting", at, message, "counts only with a GPT");
        }
    }
}
