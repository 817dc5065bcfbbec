//! Modules of dracut that a description puts into its initrd, or leaves out, under a slip of their names. Knows the usual
//! ones; what else there may be is left alone.

use super::found::{Found, near};
use crate::description::model::{Element, Image};

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
    "mdraid",
    "memstrack",
    "modsign",
    "multipath",
    "network",
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

/// Judges the types of a description, each once.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let own = kind.element.all("initrd");
        let media = kind.element.child("installmedia");
        let media = media.into_iter().flat_map(|m: &Element| m.all("initrd"));
        let modules = own.chain(media).flat_map(|i| i.all("dracut"));
        for at in modules.filter_map(|m| m.attrs.at("module")) {
            let name = at.value.trim();
            if name.len() < 5 || MODULES.contains(&name) {
                continue;
            }
            if let Some(meant) = near(name, MODULES.iter().copied().filter(|m| m.len() > 4)) {
                let message = format!("dracut has no module `{name}`");
                found.instead("dracut-module", at, message, Some(meant), false, "");
            }
        }
    }
}
