//! Values that words of the kernel's command line cannot have. Knows the words whose values are of one kind alone.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::description::model::At;
use crate::rules::found::{Found, near, one_keystroke, same_letters};

/// What a value may be.
enum Must {
    Number,
    /// The path of a program that a system starts with.
    Init,
    One(&'static [&'static str]),
    /// Some of these, parted by commas.
    List(&'static [&'static str]),
    /// A unit of systemd's.
    Unit,
    /// What SELinux takes for on or off; a policy's name is taken for neither, and does no harm.
    Selinux,
    /// One of these, or another: slips of them are told.
    Near(&'static [&'static str]),
    /// A size, whose unit is one letter.
    Size,
}

/// Targets that a system is started into.
const TARGETS: &[&str] = &[
    "basic.target",
    "default.target",
    "emergency.target",
    "graphical.target",
    "initrd.target",
    "local-fs.target",
    "multi-user.target",
    "network.target",
    "poweroff.target",
    "reboot.target",
    "rescue.target",
    "sysinit.target",
    "system-update.target",
];

/// Words whose values are of one kind alone.
const VALUES: &[(&str, Must)] = &[
    ("loglevel", Must::Number),
    ("panic", Must::Number),
    ("rootdelay", Must::Number),
    ("hugepages", Must::Number),
    ("consoleblank", Must::Number),
    ("audit_backlog_limit", Must::Number),
    ("init", Must::Init),
    ("rdinit", Must::Init),
    (
        "net.ifnames",
        Must::One(&["0", "1", "no", "yes", "off", "on", "false", "true"]),
    ),
    ("biosdevname", Must::One(&["0", "1"])),
    ("plymouth.enable", Must::One(&["0", "1"])),
    ("enforcing", Must::One(&["0", "1"])),
    ("apparmor", Must::One(&["0", "1"])),
    ("ipv6.disable", Must::One(&["0", "1"])),
    (
        "intel_iommu",
        Must::List(&[
            "on",
            "off",
            "igfx_off",
            "forcedac",
            "strict",
            "sp_off",
            "sm_on",
            "sm_off",
            "tboot_noforce",
        ]),
    ),
    ("mitigations", Must::List(&["off", "auto", "nosmt"])),
    ("transparent_hugepage", Must::One(&["always", "madvise", "never"])),
    ("systemd.unit", Must::Unit),
    ("rd.systemd.unit", Must::Unit),
    ("selinux", Must::Selinux),
    ("crashkernel", Must::Size),
    ("cma", Must::Size),
    ("rd.kiwi.oem.maxdisk", Must::Size),
    ("log_buf_len", Must::Size),
    ("hugepagesz", Must::Size),
    ("default_hugepagesz", Must::Size),
    (
        "ip",
        Must::Near(&[
            "dhcp",
            "dhcp6",
            "auto6",
            "either6",
            "link6",
            "link-local",
            "single-dhcp",
            "ibft",
            "none",
            "any",
            "off",
            "on",
        ]),
    ),
    (
        "ignition.platform.id",
        Must::Near(&[
            "aliyun",
            "aws",
            "azure",
            "azurestack",
            "digitalocean",
            "exoscale",
            "file",
            "gcp",
            "hetzner",
            "hyperv",
            "ibmcloud",
            "kubevirt",
            "metal",
            "nutanix",
            "openstack",
            "oraclecloud",
            "packet",
            "powervs",
            "proxmoxve",
            "qemu",
            "scaleway",
            "virtualbox",
            "vmware",
            "vultr",
            "zvm",
        ]),
    ),
    (
        "security",
        Must::Near(&["apparmor", "selinux", "smack", "tomoyo", "none"]),
    ),
    (
        "efi",
        Must::List(&[
            "noruntime",
            "runtime",
            "debug",
            "old_map",
            "nochunk",
            "nosoftreserve",
            "novamap",
            "disable_early_pci_dma",
            "no_disable_early_pci_dma",
        ]),
    ),
    ("splash", Must::Near(&["silent", "verbose"])),
    ("ramdisk_size", Must::Number),
    (
        "rd.kiwi.verity_options",
        Must::Near(&[
            "ignore-corruption",
            "restart-on-corruption",
            "panic-on-corruption",
            "ignore-zero-blocks",
            "check-at-most-once",
        ]),
    ),
    ("fsck.mode", Must::One(&["auto", "force", "skip"])),
    ("fsck.repair", Must::One(&["preen", "yes", "no"])),
];

/// The same, by the word.
static BY_NAME: LazyLock<FxHashMap<&str, &Must>> =
    LazyLock::new(|| VALUES.iter().map(|(name, must)| (*name, must)).collect());

/// Programs that systems start with.
const INITS: &[&str] = &[
    "/sbin/init",
    "/usr/sbin/init",
    "/bin/init",
    "/init",
    "/bin/bash",
    "/usr/bin/bash",
    "/bin/sh",
    "/usr/bin/sh",
    "/lib/systemd/systemd",
    "/usr/lib/systemd/systemd",
    "/bin/systemd",
    "/usr/bin/systemd",
    "/sbin/openrc-init",
    "/bin/busybox",
];

/// The init that is meant by a path one keystroke away from it.
pub(in crate::rules) fn likely_init(path: &str) -> Option<&'static str> {
    let mut all = INITS.iter().copied();
    if INITS.contains(&path) || path.len() < 6 {
        return None;
    }
    // The folder of one is none.
    let inside = |i: &&str| {
        i.strip_prefix(path.trim_end_matches('/'))
            .is_some_and(|rest| rest.starts_with('/'))
    };
    all.clone()
        .find(|i| one_keystroke(i, path))
        .or_else(|| all.find(inside))
}

/// A size, or one of a range, has a unit of two letters or more.
fn wrong_unit(sizes: &str) -> bool {
    sizes.split(['-', ':', ',', '@']).any(|size| {
        let unit = size.trim_start_matches(|c: char| c.is_ascii_digit());
        unit.len() < size.len() && UNITS.contains(&unit)
    })
}

/// Units as people write them, of which the kernel takes the first letter.
const UNITS: [&str; 12] = [
    "KB", "MB", "GB", "kb", "mb", "gb", "Kb", "Mb", "Gb", "KiB", "MiB", "GiB",
];

/// No machine has pages of that size.
fn odd_page(name: &str, size: &str) -> bool {
    let number = size.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    name.ends_with("hugepagesz") && number.parse::<u64>().is_ok_and(|n| !n.is_power_of_two())
}

/// Judges the value of a known word.
pub(in crate::rules) fn judge(here: &dyn Fn() -> At, name: &str, value: &str, found: &mut Found<'_>) {
    let Some(must) = BY_NAME.get(name) else {
        return;
    };
    let bare = value.trim_matches('"');
    let number = |text: &str| {
        let text = text.strip_prefix('-').unwrap_or(text);
        let text = text.strip_prefix("0x").unwrap_or(text);
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let slip = |all: &'static [&'static str]| {
        let letters = |b: u8| b.is_ascii_lowercase() || b == b'-' || b == b'_';
        if bare.len() < 4 || all.contains(&bare) {
            return None;
        }
        if !bare.bytes().all(letters) {
            // These words have no capitals.
            return all.iter().copied().find(|w| w.eq_ignore_ascii_case(bare));
        }
        let exchanged = |w: &&str| w.len() < 6 && same_letters(w, bare);
        let all = || all.iter().copied();
        // A known word with more behind it.
        let longer = || {
            all().find(|w| {
                let rest = bare.strip_prefix(w).filter(|_| w.len() > 3);
                rest.is_some_and(|rest| rest.starts_with(['-', '_']))
            })
        };
        let close = || near(bare, all().filter(|w| w.len() > 4));
        all().find(exchanged).or_else(longer).or_else(close)
    };
    let fits = match must {
        Must::Near(all) => slip(all).is_none(),
        Must::Number => number(bare),
        Must::Init => bare.starts_with('/') && likely_init(bare).is_none(),
        Must::One(all) => all.contains(&bare),
        Must::List(all) => bare.split([',', ';']).all(|one| all.contains(&one)),
        Must::Unit => {
            let known = TARGETS.contains(&bare) || near(bare, TARGETS.iter().copied()).is_none();
            let ends = [
                ".target", ".service", ".mount", ".scope", ".slice", ".socket", ".timer", ".path",
            ];
            known && ends.iter().any(|e| bare.ends_with(e))
        }
        Must::Selinux => !matches!(
            bare,
            "enforcing" | "permissive" | "disabled" | "yes" | "no" | "true" | "false" | "on" | "off"
        ),
        Must::Size => !wrong_unit(bare) && !odd_page(name, bare) && !bare.contains(';'),
    };
    if fits {
        return;
    }
    let what = match must {
        Must::Near(all) => format!("such as {}", crate::rules::words(all, "and")),
        Must::Number => "a number".to_owned(),
        Must::Init => "the whole path of a program".to_owned(),
        Must::One(all) | Must::List(all) => format!("one of {}", crate::rules::words(all, "and")),
        Must::Unit => "a unit, such as `multi-user.target`,".to_owned(),
        Must::Selinux => "`0` or `1`, with `enforcing=0` or `enforcing=1`,".to_owned(),
        Must::Size if odd_page(name, bare) && !wrong_unit(bare) => {
            "a size of pages that the machine has, such as `2M` or `1G`,".to_owned()
        }
        Must::Size if bare.contains(';') => "ranges with a comma between two,".to_owned(),
        Must::Size => "a number and one letter, such as `256M`,".to_owned(),
    };
    let message = format!("the kernel's parameter `{name}` cannot be `{value}`");
    let meant = match must {
        Must::One(["0", "1"]) => {
            let on = ["1", "on", "yes", "true", "enabled", "enforcing"].contains(&bare);
            let off = ["off", "no", "false", "disabled", "permissive"].contains(&bare);
            (on || off).then(|| u8::from(on).to_string())
        }
        Must::One(all) | Must::List(all) => {
            near(bare, all.iter().copied().filter(|v| v.len() > 2)).map(str::to_owned)
        }
        Must::Near(all) => slip(all).map(str::to_owned),
        Must::Unit => {
            let target = format!("{bare}.target");
            let whole = TARGETS.contains(&target.as_str()).then_some(target);
            whole.or_else(|| near(bare, TARGETS.iter().copied()).map(str::to_owned))
        }
        Must::Init => likely_init(bare).map(str::to_owned),
        Must::Size => {
            let short = |text: String, unit: &&str| text.replace(unit, unit.get(..1).unwrap_or(unit));
            let commas = bare.replace(';', ",");
            Some(UNITS.iter().fold(commas, short)).filter(|m| m != bare)
        }
        _ => None,
    };
    let whole = meant.map(|m| format!("{name}={m}"));
    found.instead(
        "kernel-parameter",
        &here(),
        message,
        whole.as_deref(),
        false,
        &format!("{what} is expected"),
    );
}
