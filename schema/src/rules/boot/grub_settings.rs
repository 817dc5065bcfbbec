//! Settings of the boot loader in words of its own: the serial line, the screen, the seconds to wait, what it is installed
//! with. Knows GRUB's words; consoles are judged in `boot::console`.

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element, Image};
use crate::rules::found::{Found, before, near};

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        if let Some(loader) = kind.element.child("bootloader") {
            serial(loader, kind.element.attrs.at("kernelcmdline"), found);
            screen(loader, found);
            patience(loader, found);
            sectors(loader, &kind.element, found);
            if let Some(settings) = loader.child("bootloadersettings") {
                options(loader, settings, found);
                variables(settings, found);
            }
        }
    }
}

/// A value that something else fills in.
fn filled_in(value: &str) -> bool {
    value.is_empty() || crate::rules::filled::filled(value)
}

/// The command that sets the serial line up, and whether the kernel has that line.
fn serial(loader: &Element, line: Option<&At>, found: &mut Found<'_>) {
    let Some(at) = loader.attrs.at("serial_line") else {
        return;
    };
    let value = at.value.trim();
    if filled_in(value) {
        return;
    }
    let mut words = value.split_whitespace();
    if words.next() != Some("serial") {
        let message = format!("`{value}` is no command of GRUB's");
        let options = value.starts_with("--");
        let meant = options.then(|| format!("serial {value}"));
        let label = "such as `serial --speed=115200 --unit=0`";
        found.instead("console-device", at, message, meant.as_deref(), false, label);
        return;
    }
    let mut options = words
        .filter_map(|w| w.split_once('='))
        .map(|(key, value)| (key, value.trim()));
    let unit = options.find(|(key, _)| *key == "--unit").map(|(_, unit)| unit);
    let Some((unit, line)) = unit.zip(line) else {
        return;
    };
    let consoles = line
        .value
        .split_whitespace()
        .filter_map(|w| w.strip_prefix("console=ttyS"));
    let mut units = consoles.map(|c| c.split(',').next().unwrap_or(c)).peekable();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some(first) = units
        .peek()
        .copied()
        .filter(|first| number(first) && number(unit))
    else {
        return;
    };
    if !units.any(|other| other == unit) {
        let message = format!("the boot loader speaks on line {unit}, and the kernel on `ttyS{first}`");
        let label = format!("did you mean `--unit={first}`?");
        let note = "the kernel's console is here";
        let whole = value.replacen(&format!("--unit={unit}"), &format!("--unit={first}"), 1);
        let edit = found.replace(at, &whole, false);
        if let Some(told) = found.pair("console-device", at, message, label, line, note) {
            told.fixes.extend(edit);
            told.help = Some("the build would go through, and one of the two be seen by nobody".into());
        }
    }
}

/// The size of the screen.
fn screen(loader: &Element, found: &mut Found<'_>) {
    let Some(at) = loader.attrs.at("video_mode") else {
        return;
    };
    let value = at.value.trim();
    let size = |text: &str| {
        let parts: Vec<&str> = text.split('x').collect();
        (2..=3).contains(&parts.len())
            && parts
                .iter()
                .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let hex = value
        .strip_prefix("0x")
        .is_some_and(|h| !h.is_empty() && h.bytes().all(|b| b.is_ascii_hexdigit()));
    let mut modes = value.split([',', ';']).map(str::trim);
    if filled_in(value) || hex || modes.all(|m| matches!(m, "auto" | "keep" | "text") || size(m)) {
        return;
    }
    let bare: String = value.to_ascii_lowercase().replace(['*', 'X', ' ', '×'], "x");
    let meant = Some(bare.as_str()).filter(|b| size(b));
    let message = format!("`{value}` is no mode of a screen");
    found.instead(
        "loader-setting",
        at,
        message,
        meant,
        false,
        "such as `auto`, `1024x768` or `0x317`",
    );
}

/// So many seconds nobody waits for a machine to start.
const PATIENCE: u64 = 1000;

fn patience(loader: &Element, found: &mut Found<'_>) {
    let Some(at) = loader.attrs.at("timeout") else {
        return;
    };
    if let Some(seconds) = at.value.trim().parse::<u64>().ok().filter(|s| *s >= PATIENCE) {
        let message = format!("the boot loader would wait {seconds} seconds");
        let meant = (seconds % 1000 == 0).then(|| (seconds / 1000).to_string());
        found.instead(
            "loader-setting",
            at,
            message,
            meant.as_deref(),
            false,
            "in seconds",
        );
    }
}

/// A DASD in its own layout has sectors of 4096 bytes.
fn sectors(loader: &Element, kind: &Element, found: &mut Found<'_>) {
    let Some(target) = loader.attrs.at("targettype").filter(|t| t.value.trim() == "CDL") else {
        return;
    };
    let message = "a DASD of the layout `CDL` has sectors of 4096 bytes".to_owned();
    match kind.attrs.at("target_blocksize") {
        Some(size) if size.value.trim() != "4096" => {
            let note = "the layout is asked for here";
            let edit = found.replace(size, "4096", false);
            if let Some(told) = found.pair("sector-size", size, message, "did you mean `4096`?", target, note)
            {
                told.fixes.extend(edit);
            }
        }
        Some(_) => {}
        None => {
            let edit = found.insert_attribute(kind, "target_blocksize", "4096");
            if let Some(told) = found.add(
                "sector-size",
                target,
                message,
                "needs `target_blocksize=\"4096\"`",
            ) {
                told.fixes.extend(edit);
            }
        }
    }
}

/// Options of `grub2-install`, without the two dashes.
const INSTALL: &[&str] = &[
    "allow-floppy",
    "boot-directory",
    "bootloader-id",
    "compress",
    "core-compress",
    "debug",
    "directory",
    "disable-shim-lock",
    "disk-module",
    "dtb",
    "efi-directory",
    "fonts",
    "force",
    "force-extra-removable",
    "force-file-id",
    "grub-mkimage",
    "install-modules",
    "label-bgcolor",
    "label-color",
    "label-font",
    "locale-directory",
    "locales",
    "macppc-directory",
    "modules",
    "no-bootsector",
    "no-extra-removable",
    "no-floppy",
    "no-nvram",
    "no-rs-codes",
    "no-uefi-secure-boot",
    "product-version",
    "pubkey",
    "recheck",
    "removable",
    "root-directory",
    "sbat",
    "skip-fs-probe",
    "suse-enable-tpm",
    "suse-force-signed",
    "suse-inhibit-signed",
    "target",
    "themes",
    "uefi-secure-boot",
    "update-nvram",
    "verbose",
];

/// Options that the boot loader is installed with.
fn options(loader: &Element, settings: &Element, found: &mut Found<'_>) {
    let grub = loader.attrs.get("name") == Some("grub2");
    for at in settings.all("installoption").filter_map(|o| o.attrs.at("name")) {
        let value = at.value.trim();
        if !grub || filled_in(value) {
            continue;
        }
        let name = value.split('=').next().unwrap_or(value);
        let bare = name.trim_start_matches('-');
        let short = name.len() == 2 && name.starts_with('-');
        if short || name.starts_with("--") && INSTALL.contains(&bare) {
            continue;
        }
        let dashed = bare.replace('_', "-");
        let known = INSTALL.iter().copied().find(|o| *o == dashed);
        let Some(meant) = known.or_else(|| near(bare, INSTALL.iter().copied())) else {
            continue;
        };
        let message = format!("GRUB is installed with no option `{name}`");
        let whole = value.replacen(name, &format!("--{meant}"), 1);
        found.instead("loader-setting", at, message, Some(&whole), false, "");
        if let Some(told) = found.last() {
            told.help = Some("the build would stop in create, where the boot loader is installed".into());
        }
    }
}

/// Variables of GRUB's own file.
fn variables(settings: &Element, found: &mut Found<'_>) {
    let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
    let all = settings
        .child("environment")
        .into_iter()
        .flat_map(|e| e.all("env"));
    for at in all.filter_map(|e| e.attrs.at("name")) {
        let name = at.value.trim();
        if name.is_empty() || name.contains(|c: char| c == '=' || c.is_whitespace()) {
            let message = format!("`{name}` is no name for a variable");
            found.add("variable-name", at, message, "a name without `=` and blanks");
        } else if let Some(first) = before(&mut seen, name, at) {
            let message = format!("the variable `{name}` is set twice");
            found.pair("duplicate-setting", at, message, "again", first, "first set here");
        }
    }
}
