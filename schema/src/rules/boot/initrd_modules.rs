//! Modules of dracut that a description puts into its initrd, or leaves out: under a slip of their names, both at once, or
//! though the root needs them or the image lacks their tool. Knows the usual ones; what else there may be is left alone.

use crate::description::model::{At, Element, Image};
use crate::rules::found::{Found, near};
use crate::rules::packages::{open_ended, patterns};
use crate::rules::scope::Scope;
use crate::rules::words;

/// Modules of dracut, of KIWI, and of those that are often added.
const MODULES: &[&str] = &[
    "biosdevname",
    "bluetooth",
    "btrfs",
    "cifs",
    "combustion",
    "connman",
    "crypt",
    "dbus",
    "dmraid",
    "dmsquash-live",
    "dmsquash-live-ntfs",
    "drm",
    "ecryptfs",
    "firmware",
    "fs-lib",
    "ignition",
    "ignition-microos",
    "iscsi",
    "kernel-modules",
    "kernel-network-modules",
    "kiwi-dump",
    "kiwi-dump-reboot",
    "kiwi-lib",
    "kiwi-live",
    "kiwi-overlay",
    "kiwi-repart",
    "kiwi-verity",
    "livenet",
    "lunmask",
    "lvm",
    "mdraid",
    "memstrack",
    "modsign",
    "multipath",
    "network",
    "nfs",
    "nbd",
    "network-legacy",
    "network-manager",
    "network-wicked",
    "nvdimm",
    "nvmf",
    "overlayfs",
    "pcsc",
    "plymouth",
    "pollcdrom",
    "qemu-net",
    "resume",
    "rootfs-block",
    "securityfs",
    "selinux",
    "shutdown",
    "squash",
    "ssh-client",
    "systemd",
    "systemd-cryptsetup",
    "systemd-initrd",
    "systemd-networkd",
    "systemd-repart",
    "systemd-resolved",
    "systemd-veritysetup",
    "terminfo",
    "tpm2-tss",
    "udev-rules",
    "usrmount",
    "virtfs",
    "virtiofs",
    "warpclock",
];

/// Short names are near to many: these are slips all the same.
const SLIPS: &[(&str, &str)] = &[
    ("lmv", "lvm"),
    ("vlm", "lvm"),
    ("lvm2", "lvm"),
    ("luks", "crypt"),
    ("mdadm", "mdraid"),
];

/// The modules that a list of `<initrd>` names, with what is done with them.
fn named<'a>(lists: impl Iterator<Item = &'a Element>) -> Vec<(&'a str, &'a At)> {
    let mut out = Vec::new();
    for list in lists {
        let action = list.attrs.get("action").unwrap_or("");
        out.extend(
            list.all("dracut")
                .filter_map(|m| Some((action, m.attrs.at("module")?))),
        );
    }
    out
}

/// The names that an attribute has.
fn names(at: &At) -> impl Iterator<Item = &str> {
    at.value.split_whitespace()
}

/// The author's own lists put one of these modules into the initrd.
pub(in crate::rules) fn adds(kind: &Element, modules: &[&str]) -> bool {
    let added = named(kind.all("initrd"));
    let mut added = added
        .iter()
        .filter(|(action, _)| matches!(*action, "add" | "set"));
    added.any(|(_, at)| names(at).any(|name| modules.contains(&name)))
}

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let media = kind.element.child("installmedia");
        for of in [Some(&kind.element), media].into_iter().flatten() {
            of.all("initrd").for_each(|list| nothing(list, found));
            let modules = named(of.all("initrd"));
            modules.iter().for_each(|(_, at)| slip(at, found));
            both(&modules, found);
        }
    }
}

/// A list that names nothing, and entries that do not.
fn nothing(list: &Element, found: &mut Found<'_>) {
    let setup = list.attrs.get("action") == Some("setup");
    let label = "needs a `<dracut module=\"…\"/>` or `driver`";
    if list.child("dracut").is_none() {
        let message = "`<initrd>` counts for nothing here".to_owned();
        found.add("unused-setting", list, message, label);
    }
    for entry in list.all("dracut") {
        let names = ["module", "driver"]
            .iter()
            .any(|name| entry.attrs.at(name).is_some());
        match entry.attrs.at("uefi") {
            // An entry of nothing else says that the action was another.
            Some(at) if !setup => match list.attrs.at("action").filter(|_| !names) {
                Some(action) => {
                    let message = "`uefi` counts for nothing with this".to_owned();
                    found.instead("unused-setting", action, message, Some("setup"), false, "");
                }
                None => {
                    let message = "`uefi` counts for nothing here".to_owned();
                    found.add("unused-setting", at, message, "needs `action=\"setup\"`");
                }
            },
            None if !names => {
                let message = "`<dracut>` counts for nothing here".to_owned();
                found.add("unused-setting", entry, message, label);
            }
            _ => {}
        }
    }
}

/// A name that is nearly a module's.
fn slip(at: &At, found: &mut Found<'_>) {
    let value = at.value.trim();
    if value.contains(',') {
        let whole = value
            .split(',')
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let message = format!("dracut has no module `{value}`: names are parted by blanks");
        found.instead("dracut-module", at, message, Some(&whole), false, "");
        return;
    }
    for name in names(at) {
        if let Some(meant) = slip_of(name) {
            let message = format!("dracut has no module `{name}`");
            found.instead_of("dracut-module", at, message, (name, meant), false);
            return;
        }
    }
}

/// The module that is meant by a name which dracut does not know.
pub(in crate::rules) fn slip_of(name: &str) -> Option<&'static str> {
    if MODULES.contains(&name) {
        return None;
    }
    let known = SLIPS.iter().find(|(slip, _)| *slip == name);
    let close = || near(name, MODULES.iter().copied().filter(|m| m.len() > 4));
    known
        .map(|(_, meant)| *meant)
        .or_else(|| close().filter(|_| name.len() > 4))
}

/// A module that is both added and left out.
fn both(modules: &[(&str, &At)], found: &mut Found<'_>) {
    for (_, at) in modules.iter().filter(|(action, _)| *action == "omit") {
        let added = |name: &str| {
            let mut adding = modules
                .iter()
                .filter(|(action, _)| matches!(*action, "add" | "set"));
            adding.find(|(_, other)| names(other).any(|n| n == name))
        };
        if let Some((name, (_, other))) = names(at).find_map(|name| Some((name, added(name)?))) {
            let message = format!("the module `{name}` is both added to the initrd and left out of it");
            let told = found.pair("dracut-module", *at, message, "left out", *other, "added here");
            if let Some(told) = told {
                told.help = Some("the build would go through, and one of the two not count".into());
            }
        }
    }
}

/// Modules that need a program, and the packages that have it.
const TOOLS: &[(&str, &[&str])] = &[
    ("crypt", &["cryptsetup", "cryptsetup-initramfs", "cryptsetup-bin"]),
    ("lvm", &["lvm2"]),
    ("mdraid", &["mdadm"]),
    ("multipath", &["multipath-tools", "device-mapper-multipath"]),
    ("plymouth", &["plymouth", "plymouth-dracut"]),
    ("iscsi", &["open-iscsi", "iscsi-initiator-utils"]),
    ("nfs", &["nfs-utils", "nfs-client", "nfs-common"]),
];

/// Judges one view: what the root needs, and what modules need.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    if !matches!(scope.image(), "oem" | "iso" | "kis") || scope.initrd() != "dracut" {
        return;
    }
    for (action, at) in named(kind.all("initrd")) {
        match action {
            "omit" => needed(scope, at, found),
            "add" | "set" => tools(scope, at, found),
            _ => {}
        }
    }
    multipath(scope, found);
}

/// What the root cannot be found without is left out.
fn needed(scope: &Scope<'_>, at: &At, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let disk = scope.image() == "oem";
    for name in names(at) {
        let why = match name {
            "crypt" if disk && attrs.at("luks").is_some() => "the root is encrypted",
            "lvm" if disk && scope.volume_management() == Some("lvm") => "the root lies on logical volumes",
            "btrfs" if disk && attrs.get("filesystem") == Some("btrfs") => "the root is of Btrfs",
            "mdraid" if disk && attrs.at("mdraid").is_some() => "the root lies on a RAID",
            "kiwi-overlay" if disk && attrs.bool("overlayroot") == Some(true) => {
                "the root lies under an overlay"
            }
            "kiwi-repart" if disk && crate::rules::disk::Disk::new(scope).resizes() => {
                "the disk grows on its first start"
            }
            "kiwi-live" if scope.image() == "iso" && attrs.get("flags") != Some("dmsquash") => {
                "it is a live medium"
            }
            "dmsquash-live" if scope.image() == "iso" && attrs.get("flags") == Some("dmsquash") => {
                "it is a live medium"
            }
            _ => continue,
        };
        let message = format!("the module `{name}` is left out of the initrd, and {why}");
        if let Some(told) = found.add("dracut-module", at, message, "needed to start") {
            told.help = Some("the guest would not find its root, or not grow".into());
        }
    }
}

fn tools(scope: &Scope<'_>, at: &At, found: &mut Found<'_>) {
    if open_ended(scope) || !scope.type_has_packages() {
        return;
    }
    for name in names(at) {
        let Some((_, packages)) = TOOLS.iter().find(|(module, _)| *module == name) else {
            continue;
        };
        // A root that needs it is told as that.
        let attrs = &scope.kind().attrs;
        let told = match name {
            "crypt" => attrs.at("luks").is_some(),
            "lvm" => scope.volume_management() == Some("lvm"),
            "mdraid" => attrs.at("mdraid").is_some(),
            _ => false,
        };
        if told || has_any(scope, packages) {
            continue;
        }
        let message = format!(
            "no list installs {}, which the module `{name}` needs",
            words(packages, "or")
        );
        if let Some(told) = found.once("missing-disk-tool", name, at, message, "needed beside the module") {
            told.help =
                Some("the build would stop in create, where the initrd is made, or go on without it".into());
        }
    }
}

/// One of these is installed, or the modules of KIWI bring it.
fn has_any(scope: &Scope<'_>, packages: &[&str]) -> bool {
    let rpm = !matches!(scope.manager, "apt" | "pacman" | "apk");
    packages.iter().any(|p| scope.has(p))
        || patterns(scope)
        || rpm && scope.with_part("dracut").any(|n| n.starts_with("dracut-kiwi-"))
}

/// Disks with several paths are looked for, and nothing finds them.
fn multipath(scope: &Scope<'_>, found: &mut Found<'_>) {
    let oem = scope.kind().child("oemconfig");
    let Some(scan) = oem.and_then(|o| o.child("oem-multipath-scan")) else {
        return;
    };
    let packages: &[&str] = &["multipath-tools", "device-mapper-multipath"];
    if scope.image() != "oem"
        || !matches!(scan.text.as_str(), "true" | "1")
        || open_ended(scope)
        || !scope.type_has_packages()
        || packages.iter().any(|p| scope.has(p))
        || patterns(scope)
    {
        return;
    }
    let message = format!(
        "no list installs {}, which looks for disks with several paths",
        words(packages, "or")
    );
    if let Some(told) = found.once(
        "missing-disk-tool",
        "multipath",
        scan,
        message,
        "nothing to scan with",
    ) {
        told.help = Some("the build would go through, and each path be taken for a disk of its own".into());
    }
}
