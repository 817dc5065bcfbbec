//! The virtual machine that a disk of VMware's is for: numbers that no machine has, and names that VMware does not know.
//! Speaks of the files beside such a disk; runs none.

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element, Image};
use crate::rules::found::{Found, Text, before, near, same_letters};

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    let managers = crate::rules::scope::managers(image);
    // A manager that its repositories gainsay is told as that, and some are of systems that VMware has no name for.
    let sure = crate::rules::repositories::unread(image).is_none();
    let named = |m: &&str| matches!(*m, "zypper" | "apt" | "dnf4" | "dnf5");
    let managers = if sure && managers.iter().all(named) {
        managers
    } else {
        Vec::new()
    };
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let Some(machine) = kind.element.child("machine") else {
            continue;
        };
        numbers(machine, found);
        // Of another disk only what is surely meant for VMware.
        let own = matches!(kind.element.attrs.get("format"), Some("vmdk" | "ova"));
        system(machine, own.then_some(managers.as_slice()), found);
        networks(machine, own, found);
        if own {
            entries(machine, found);
            drives(machine, found);
        }
    }
}

/// What a setting is counted in, its least and its most.
const RANGES: &[(&str, &str, u64, u64)] = &[
    ("memory", "in MB", 32, 1024 * 1024),
    ("min_memory", "in MB", 32, 1024 * 1024),
    ("max_memory", "in MB", 32, 24 * 1024 * 1024),
    ("ncpus", "a number of processors", 1, 768),
    ("min_cpu", "a number of processors", 1, 768),
    ("max_cpu", "a number of processors", 1, 768),
    ("HWversion", "such as `17`", 3, 30),
];

fn numbers(machine: &Element, found: &mut Found<'_>) {
    for (setting, unit, least, most) in RANGES {
        let Some(at) = machine.attrs.at(setting) else {
            continue;
        };
        let Ok(number) = at.value.trim().parse::<i64>() else {
            continue;
        };
        let inside = u64::try_from(number).is_ok_and(|n| (*least..=*most).contains(&n));
        if inside {
            continue;
        }
        let message = match *setting {
            "HWversion" => format!("VMware has no virtual hardware {number}"),
            name if name.ends_with("memory") => format!("no machine has {number} MB of memory"),
            _ => format!("no machine has {number} processors"),
        };
        // Memory that can only be meant in GB.
        let meant = u64::try_from(number).ok().filter(|n| (1..32).contains(n));
        let meant = meant.filter(|_| setting.ends_with("memory"));
        let meant = meant.map(|n| (n * 1024).to_string());
        found.instead("machine-setting", at, message, meant.as_deref(), false, unit);
        if let Some(told) = found.last() {
            told.help = Some("the virtual machine would not start, or be of no use".into());
        }
    }
    if let Some(at) = machine.attrs.at("memory")
        && let Ok(number) = at.value.trim().parse::<u64>()
        && (32..=1024 * 1024).contains(&number)
        && number % 4 != 0
    {
        let message = format!("VMware does not start a machine of {number} MB");
        found.add("machine-setting", at, message, "a multiple of 4");
    }
}

/// Systems as VMware names them, with the package managers that they have; none where any may be.
const SYSTEMS: &[(&str, &[&str])] = &[
    ("suse", &["zypper"]),
    ("suse-64", &["zypper"]),
    ("sles", &["zypper"]),
    ("sles-64", &["zypper"]),
    ("sles10", &["zypper"]),
    ("sles10-64", &["zypper"]),
    ("sles11", &["zypper"]),
    ("sles11-64", &["zypper"]),
    ("sles12", &["zypper"]),
    ("sles12-64", &["zypper"]),
    ("sles15-64", &["zypper"]),
    ("sles16-64", &["zypper"]),
    ("opensuse", &["zypper"]),
    ("opensuse-64", &["zypper"]),
    ("ubuntu", &["apt"]),
    ("ubuntu-64", &["apt"]),
    ("debian10-64", &["apt"]),
    ("debian11-64", &["apt"]),
    ("debian12-64", &["apt"]),
    ("debian13-64", &["apt"]),
    ("centos", &["dnf4", "dnf5", "microdnf"]),
    ("centos-64", &["dnf4", "dnf5", "microdnf"]),
    ("centos7-64", &["dnf4", "dnf5", "microdnf"]),
    ("centos8-64", &["dnf4", "dnf5", "microdnf"]),
    ("centos9-64", &["dnf4", "dnf5", "microdnf"]),
    ("rhel7-64", &["dnf4", "dnf5", "microdnf"]),
    ("rhel8-64", &["dnf4", "dnf5", "microdnf"]),
    ("rhel9-64", &["dnf4", "dnf5", "microdnf"]),
    ("rhel10-64", &["dnf4", "dnf5", "microdnf"]),
    ("rockylinux-64", &["dnf4", "dnf5", "microdnf"]),
    ("almalinux-64", &["dnf4", "dnf5", "microdnf"]),
    ("oraclelinux-64", &["dnf4", "dnf5", "microdnf"]),
    ("fedora", &["dnf4", "dnf5", "microdnf"]),
    ("fedora-64", &["dnf4", "dnf5", "microdnf"]),
    ("linux", &[]),
    ("other", &[]),
    ("other-64", &[]),
    ("otherlinux", &[]),
    ("otherlinux-64", &[]),
    ("other26xlinux-64", &[]),
    ("other3xlinux-64", &[]),
    ("other4xlinux-64", &[]),
    ("other5xlinux-64", &[]),
    ("other6xlinux-64", &[]),
];

/// The name of the system that the machine is for; without managers, those of another disk.
fn system(machine: &Element, managers: Option<&[&str]>, found: &mut Found<'_>) {
    let Some(at) = machine.attrs.at("guestOS") else {
        return;
    };
    let value = at.value.trim();
    // Another list of VMware's has other names.
    if value.is_empty() || value.ends_with("Guest") || crate::rules::filled::filled(value) {
        return;
    }
    if let Some((_, own)) = SYSTEMS.iter().find(|(name, _)| *name == value) {
        let managers = managers.filter(|all| !all.is_empty() && !own.is_empty());
        if managers.is_some_and(|all| !all.iter().any(|m| own.contains(m))) {
            let message = format!("the machine is said to run `{value}`, and the image is of another system");
            let told = found.add(
                "machine-setting",
                at,
                message,
                "a system of the image's kind, such as `other4xlinux-64`",
            );
            if let Some(told) = told {
                told.severity = crate::diagnostic::Severity::Info;
                told.help = Some("VMware would set the machine up for the wrong system".into());
            }
        }
        return;
    }
    let bare = |name: &str| name.replace(['-', '_', ' '], "").to_ascii_lowercase();
    let names = || SYSTEMS.iter().map(|(name, _)| *name);
    let wide = |name: &&str| name.strip_suffix("-64").is_some_and(|n| bare(n) == bare(value));
    let same = names()
        .find(|name| bare(name) == bare(value))
        .or_else(|| names().find(wide))
        .or_else(|| names().find(|name| same_letters(name, value)));
    let mut begun = names().filter(|name| value.len() > 3 && name.starts_with(value));
    let only = begun.next().filter(|_| begun.next().is_none());
    let meant = same.or(only).or_else(|| {
        near(
            value,
            names().filter(|n| n.len() > 3 && crate::rules::found::same_digits(n, value)),
        )
    });
    if meant.is_none() && (managers.is_none() || !value.contains(char::is_whitespace)) {
        return;
    }
    let message = format!("VMware knows no system `{value}`");
    found.instead(
        "machine-setting",
        at,
        message,
        meant,
        false,
        "such as `suse-64` or `ubuntu-64`",
    );
    if let Some(told) = found.last() {
        told.help = Some("VMware would take the machine for one of an unknown system".into());
    }
}

/// Drivers and modes of network cards.
const DRIVERS: &[&str] = &[
    "e1000", "e1000e", "vmxnet", "vmxnet2", "vmxnet3", "vlance", "flexible", "pcnet32",
];
const MODES: &[&str] = &["bridged", "nat", "hostonly", "custom"];

/// Cards under names that VMware does not have, and cards given twice. Of another disk's, slips alone.
fn networks(machine: &Element, own: bool, found: &mut Found<'_>) {
    // The lines for VMware itself may name the network.
    let names = |e: &Element| e.text.trim_start().starts_with("ethernet") && e.text.contains(".networkName");
    let named = machine.all("vmconfig-entry").any(names);
    for (setting, known, what) in [("driver", DRIVERS, "network card"), ("mode", MODES, "network")] {
        if setting == "mode" && named {
            continue;
        }
        for at in machine.all("vmnic").filter_map(|n| n.attrs.at(setting)) {
            let value = at.value.trim();
            let lower = value.to_ascii_lowercase();
            if value.is_empty()
                || known.contains(&value)
                || setting == "driver" && known.contains(&lower.as_str())
            {
                continue;
            }
            let same = known
                .iter()
                .copied()
                .find(|k| *k == lower || *k == lower.replace(['-', '_'], ""));
            let meant = same.or_else(|| match lower.as_str() {
                "bridge" => Some("bridged"),
                _ => near(value, known.iter().copied()),
            });
            if meant.is_none() && !own {
                continue;
            }
            let message = format!("VMware has no {what} `{value}`");
            let otherwise = if setting == "driver" {
                "such as `vmxnet3` or `e1000`"
            } else {
                "such as `bridged` or `nat`"
            };
            found.instead("machine-setting", at, message, meant, false, otherwise);
            if let Some(told) = found.last() {
                told.help = Some("the virtual machine would have no network, or not start".into());
            }
        }
    }
    for setting in ["interface", "mac"].into_iter().filter(|_| own) {
        let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
        for at in machine.all("vmnic").filter_map(|n| n.attrs.at(setting)) {
            let value = at.value.trim();
            if let Some(first) = before(&mut seen, value, at) {
                let message = format!("two network cards have the {setting} `{value}`");
                found.pair(
                    "duplicate-setting",
                    at,
                    message,
                    "again",
                    first,
                    "first given here",
                );
            } else if setting == "interface"
                && !value.is_empty()
                && !value.bytes().all(|b| b.is_ascii_digit())
            {
                let number = value.trim_start_matches(|c: char| !c.is_ascii_digit());
                let meant = Some(number).filter(|n| !n.is_empty());
                let message = format!("the network card `{value}` has no number");
                found.instead("machine-setting", at, message, meant, false, "such as `0`");
                if let Some(told) = found.last() {
                    told.help =
                        Some("VMware would not know the card, and the machine have no network".into());
                }
            }
        }
    }
}

/// Settings that attributes write, by those: VMware opens no file that has one of them twice.
const WRITTEN: &[(&str, &str)] = &[
    ("memsize", "memory"),
    ("numvcpus", "ncpus"),
    ("guestos", "guestOS"),
    ("virtualhw.version", "HWversion"),
];

/// Lines of the author's own in the file that describes the machine.
fn entries(machine: &Element, found: &mut Found<'_>) {
    for entry in machine.all("vmconfig-entry") {
        let text = entry.text.as_str();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some((key, _)) = text.split_once('=') else {
            let message = format!("`{text}` sets nothing");
            found.add(
                "machine-setting",
                &Text(entry),
                message,
                "such as `tools.syncTime = \"TRUE\"`",
            );
            if let Some(told) = found.last() {
                told.help = Some("VMware would not open the file that describes the machine".into());
            }
            continue;
        };
        let own = key.trim().to_ascii_lowercase();
        let attribute = WRITTEN.iter().find(|(key, _)| *key == own);
        if let Some(at) = attribute.and_then(|(_, name)| machine.attrs.at(name)) {
            let message = format!("`{}` is written by an attribute already", key.trim());
            let told = found.pair(
                "duplicate-setting",
                &Text(entry),
                message,
                "again",
                at,
                "first set here",
            );
            if let Some(told) = told {
                told.help = Some("VMware opens no file that has a setting twice".into());
            }
        }
    }
}

/// A disk and a drive at one place of one controller: the file for the machine would have one of them alone.
fn drives(machine: &Element, found: &mut Found<'_>) {
    let place = |drive: &Element| {
        let part = |name: &str| Some(drive.attrs.get(name)?.trim().to_owned());
        Some((part("controller")?, part("id")?))
    };
    let (Some(disk), Some(drive)) = (machine.child("vmdisk"), machine.child("vmdvd")) else {
        return;
    };
    let (Some(first), Some(id), Some(other)) = (place(disk), drive.attrs.at("id"), disk.attrs.at("id"))
    else {
        return;
    };
    if place(drive).as_ref() != Some(&first) {
        return;
    }
    let (controller, number) = first;
    let message = format!("the disk and the drive have one place, number {number} of `{controller}`");
    let told = found.pair("duplicate-setting", id, message, "taken", other, "the disk's");
    if let Some(told) = told {
        told.help = Some("the virtual machine would start without one of the two, or not at all".into());
    }
}
