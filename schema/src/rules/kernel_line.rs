//! Words of the kernel's command line that are slips of well-known ones, that are broken, or whose values cannot be; a
//! root that is named by hand. Consoles are judged in `console`. Knows the usual words; what else there may be is left alone.

use std::sync::LazyLock;

use super::found::{Found, near};
use crate::description::model::{At, Image, ImageType};
use crate::text::Span;

/// Judges the types of a description, each once.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    let types = image.preferences.iter().flat_map(|p| &p.types);
    for kind in types {
        if let Some(line) = kind.element.attrs.at("kernelcmdline") {
            judge(image, kind, line, found);
        }
    }
}

/// Words that many command lines have, as the kernel, systemd and dracut know them.
static KNOWN: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("tables/kernel_words.txt").lines().collect());

/// Other words that are near to one of these and are there. They are written here without their values.
const OTHERS: &[&str] = &[
    "debug",
    "noaudit",
    "nopanic",
    "noinit",
    "norandmaps",
    "nosmp",
    "nosmap",
    "nosmep",
    "nosplash",
    "noquiet",
    "resumedelay",
    "resumewait",
    "rootdev",
    "inst",
    "nmi",
    "nopat",
    "rdebug",
    "vmpanic",
    "vedio",
    "acpi_os_name",
    "rhgb",
    "noiommu",
    "noapm",
    "nortsched",
    "noibrs",
    "noibpb",
    "reservetop",
    "nolvm",
    "nomdraid",
    "rd.lvm.snapshot",
    "rd.luks.key",
    "rd.luks.crypttab",
    "rd.luks.allow-discards",
    "rd.md.conf",
    "rd.md.imsm",
    "rd.dm",
    "rd.cmdline",
    "rd.info",
    "rd.memdebug",
    "rd.udev.debug",
    "rd.live.debugimg",
    "apparmor_enabled",
    "udev.log_level",
    "udev.log_priority",
    "systemd.log_color",
    "rd.systemd.wants",
    "rd.systemd.mask",
];

/// Words that say nothing without a value.
const VALUED: &[&str] = &[
    "console",
    "root",
    "init",
    "rdinit",
    "rootflags",
    "rootfstype",
    "rootdelay",
    "loglevel",
    "net.ifnames",
    "biosdevname",
    "crashkernel",
    "security",
    "enforcing",
    "systemd.unit",
    "mitigations",
    "modprobe.blacklist",
    "ignition.platform.id",
    "cgroup_enable",
    "swapaccount",
];

/// What a value may be.
enum Must {
    Number,
    /// The path of a program that a system starts with.
    Init,
    One(&'static [&'static str]),
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
    ("enforcing", Must::One(&["0", "1"])),
    ("apparmor", Must::One(&["0", "1"])),
    ("ipv6.disable", Must::One(&["0", "1"])),
    ("transparent_hugepage", Must::One(&["always", "madvise", "never"])),
    ("systemd.unit", Must::Unit),
    ("rd.systemd.unit", Must::Unit),
    ("selinux", Must::Selinux),
    ("crashkernel", Must::Size),
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
    ("fsck.mode", Must::One(&["auto", "force", "skip"])),
    ("fsck.repair", Must::One(&["preen", "yes", "no"])),
];

/// A word of the command line, with its bytes in the value.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match (c.is_whitespace() && !quoted, start) {
            (true, Some(from)) => {
                out.extend(line.get(from..at).map(|w| (from, w)));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        quoted ^= c == '"';
    }
    out.extend(start.and_then(|from| Some((from, line.get(from..)?))));
    out
}

/// What is filled in before the build, or by the boot loader.
fn filled_in(word: &str) -> bool {
    let marked = word.contains(['$', '{', '}', '%']) || word.matches('@').count() > 1;
    marked && !word.starts_with("root=")
}

/// The place of a word, where the text is what it means.
fn place(image: &Image, line: &At, at: usize, word: &str) -> At {
    let text = image
        .files
        .get(line.file.0 as usize)
        .map(|f| line.span.of(&f.text));
    let start = line.span.start + at as u32;
    let span = if text.is_some_and(|t| t == &*line.value) {
        Span::new(start, start + word.len() as u32)
    } else {
        line.span
    };
    At {
        value: word.into(),
        file: line.file,
        span,
    }
}

fn judge(image: &Image, kind: &ImageType, line: &At, found: &mut Found<'_>) {
    if line.value.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
        let message = "a quotation mark in the kernel's command line has no other".to_owned();
        found.add("kernel-parameter", line, message, "the rest is one word");
        return;
    }
    let all = words(&line.value);
    for (index, &(at, word)) in all.iter().enumerate() {
        // What follows is for the init program.
        if word == "--" {
            break;
        }
        if filled_in(word) {
            continue;
        }
        let next = all.get(index + 1).map(|(_, next)| *next);
        let here = || place(image, line, at, word);
        if broken(&here, word, next, found) {
            continue;
        }
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (word, None),
        };
        match known(key) {
            Some(name) => {
                if let Some(value) = value {
                    bad_value(&here, name, value, found);
                    match name {
                        "root" => root(kind, &here, value, found),
                        "rootflags" => subvolume(kind, &here, value, found),
                        _ => {}
                    }
                }
            }
            None => {
                if let Some(meant) = meant(key) {
                    let message = format!("neither the kernel nor the initrd has a parameter `{key}`");
                    let whole = value.map_or(meant.to_owned(), |v| format!("{meant}={v}"));
                    found.instead("kernel-parameter", &here(), message, Some(&whole), false, "");
                }
            }
        }
    }
}

/// The known word: the kernel takes a dash for an underscore.
fn known(key: &str) -> Option<&'static str> {
    let find = |key: &str| {
        KNOWN
            .binary_search(&key)
            .ok()
            .and_then(|at| KNOWN.get(at).copied())
    };
    let dashed = || key.contains('-').then(|| key.replace('-', "_"));
    find(key).or_else(|| find(&dashed()?))
}

/// The word that is meant by one that is a slip of it.
fn meant(key: &str) -> Option<&'static str> {
    if key.len() < 4 || OTHERS.contains(&key) {
        return None;
    }
    if let Some(same) = KNOWN.iter().copied().find(|k| k.eq_ignore_ascii_case(key)) {
        return Some(same);
    }
    // `console` is judged with its devices.
    let usual = || KNOWN.iter().copied().filter(|k| *k != "console" && k.len() > 4);
    if key.len() > 4
        && let Some(meant) = near(key, usual())
        && (super::found::one_keystroke(key, meant) || meant.len() > 9)
    {
        return Some(meant);
    }
    // A point in place of an underscore, or none.
    let bare = |name: &'static str| name.bytes().filter(u8::is_ascii_alphanumeric);
    let own = || key.bytes().filter(u8::is_ascii_alphanumeric);
    let long = own().count() > 5;
    KNOWN.iter().copied().find(|k| long && bare(k).eq(own()))
}

/// True where a word is none of a command line by its form, which is told.
fn broken(here: &dyn Fn() -> At, word: &str, next: Option<&str>, found: &mut Found<'_>) -> bool {
    let mut tell = |message: String, meant: Option<&str>, otherwise: &str| {
        found.instead("kernel-parameter", &here(), message, meant, false, otherwise);
        true
    };
    if word.starts_with('=') {
        return tell(
            "a value of the kernel's command line has no name".to_owned(),
            None,
            "`NAME=VALUE` without blanks is expected",
        );
    }
    let key = word.split(['=', ':', ',', ';']).next().unwrap_or(word);
    let bare = word.trim_start_matches('-');
    if bare.len() < word.len() && known(bare.split('=').next().unwrap_or(bare)).is_some() {
        let message = format!("parameters of the kernel have no dash before them: `{word}`");
        return tell(message, Some(bare), "");
    }
    let Some(name) = known(key) else {
        return false;
    };
    let rest = word.get(key.len()..).unwrap_or("");
    if rest.is_empty() {
        if VALUED.contains(&name) {
            let message = format!("`{key}` has no value in the kernel's command line");
            return tell(message, None, &format!("`{key}=VALUE` is expected"));
        }
        return false;
    }
    if rest == "=" && next.is_some() && VALUED.contains(&name) {
        let message = format!("`{key}=` is followed by a blank, and has no value");
        return tell(message, None, "the value has to follow at once");
    }
    if let Some(value) = rest.strip_prefix(':').filter(|v| !v.is_empty()) {
        let message = format!("a parameter's value follows a `=`, and not a `:`: `{word}`");
        let whole = format!("{key}={value}");
        return tell(message, Some(&whole), "");
    }
    // Commas and semicolons where blanks are meant.
    let parted: Vec<&str> = word.split([',', ';']).collect();
    let all_known = |w: &&str| known(w.split('=').next().unwrap_or(w)).is_some();
    let last_is_sign = word.ends_with([',', ';']);
    let several = parted.len() > 1 && parted.iter().all(all_known) && rest.starts_with([',', ';'])
        || parted.iter().skip(1).any(|w| all_known(w) && w.contains('='));
    if last_is_sign || several {
        let message = format!("parameters of the kernel are parted by blanks: `{word}`");
        let whole: Vec<&str> = parted.iter().copied().filter(|w| !w.is_empty()).collect();
        return tell(message, Some(&whole.join(" ")), "");
    }
    false
}

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
fn likely_init(path: &str) -> Option<&'static str> {
    let mut all = INITS.iter().copied();
    if INITS.contains(&path) || path.len() < 6 {
        return None;
    }
    all.find(|i| super::found::one_keystroke(i, path))
}

fn bad_value(here: &dyn Fn() -> At, name: &str, value: &str, found: &mut Found<'_>) {
    let Some((_, must)) = VALUES.iter().find(|(n, _)| *n == name) else {
        return;
    };
    let bare = value.trim_matches('"');
    let number = |text: &str| {
        let text = text.strip_prefix('-').unwrap_or(text);
        let text = text.strip_prefix("0x").unwrap_or(text);
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let slip = |all: &'static [&'static str]| {
        let long = bare.len() > 3 && !all.contains(&bare) && bare.bytes().all(|b| b.is_ascii_lowercase());
        let exchanged = |w: &&str| w.len() < 6 && super::groups::sorted(w) == super::groups::sorted(bare);
        let all = || all.iter().copied();
        let exact = all().find(exchanged);
        exact
            .or_else(|| near(bare, all().filter(|w| w.len() > 4)))
            .filter(|_| long)
    };
    let (fits, what) = match must {
        Must::Near(all) => (
            slip(all).is_none(),
            format!("such as {}", super::words(all, "and")),
        ),
        Must::Number => (number(bare), "a number".to_owned()),
        Must::Init => {
            let fits = bare.starts_with('/') && likely_init(bare).is_none();
            (fits, "the whole path of a program".to_owned())
        }
        Must::One(all) => (
            all.contains(&bare),
            format!("one of {}", super::words(all, "and")),
        ),
        Must::Unit => {
            let known = TARGETS.contains(&bare) || near(bare, TARGETS.iter().copied()).is_none();
            let ends = [
                ".target", ".service", ".mount", ".scope", ".slice", ".socket", ".timer", ".path",
            ];
            let unit = known && ends.iter().any(|e| bare.ends_with(e));
            (unit, "a unit, such as `multi-user.target`,".to_owned())
        }
        Must::Selinux => (
            !matches!(
                bare,
                "enforcing" | "permissive" | "disabled" | "yes" | "no" | "true" | "false" | "on" | "off"
            ),
            "`0` or `1`, with `enforcing=0` or `enforcing=1`,".to_owned(),
        ),
        Must::Size => {
            let unit = bare.trim_start_matches(|c: char| c.is_ascii_digit());
            let wrong = unit.len() < bare.len()
                && matches!(unit, "KB" | "MB" | "GB" | "kb" | "mb" | "gb" | "MiB" | "GiB");
            (!wrong, "a number and one letter, such as `256M`,".to_owned())
        }
    };
    if fits {
        return;
    }
    let message = format!("the kernel's parameter `{name}` cannot be `{value}`");
    let meant = match must {
        Must::One(all) => near(bare, all.iter().copied().filter(|v| v.len() > 2)).map(str::to_owned),
        Must::Near(all) => slip(all).map(str::to_owned),
        Must::Unit => {
            let target = format!("{bare}.target");
            let whole = TARGETS.contains(&target.as_str()).then_some(target);
            whole.or_else(|| near(bare, TARGETS.iter().copied()).map(str::to_owned))
        }
        Must::Init => likely_init(bare).map(str::to_owned),
        Must::Size => Some(bare.trim_end_matches(['B', 'b', 'i']).to_owned()),
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

/// A subvolume for the root that this build does not make.
fn subvolume(kind: &ImageType, here: &dyn Fn() -> At, value: &str, found: &mut Found<'_>) {
    let attrs = &kind.element.attrs;
    let named = value.split(',').find_map(|o| o.strip_prefix("subvol="));
    let Some(named) = named.filter(|_| attrs.get("filesystem") == Some("btrfs")) else {
        return;
    };
    let volumes = || {
        let disk = kind.element.child("systemdisk");
        disk.into_iter().flat_map(|d| d.all("volume"))
    };
    let renamed = volumes().any(|v| v.attrs.get("name").is_some_and(|n| n.starts_with("@root=")));
    let bare = named.trim_matches('/');
    let made = bare == "@" || bare.starts_with("@/") || volumes().any(|v| v.attrs.get("name") == Some(bare));
    if kind.image.value.trim() != "oem"
        || kind.element.child("systemdisk").is_none()
        || renamed
        || made
        || bare.is_empty()
        || attrs.bool("btrfs_root_is_subvolume") == Some(false)
    {
        return;
    }
    let message = format!("the root's subvolume is `@`, and not `{named}`");
    let whole = format!("rootflags={}", value.replacen(named, "@", 1));
    found.instead("kernel-root", &here(), message, Some(&whole), false, "");
}

/// A root that is named by what a disk of this build will not have.
fn root(kind: &ImageType, here: &dyn Fn() -> At, value: &str, found: &mut Found<'_>) {
    if kind.image.value.trim() != "oem" {
        return;
    }
    let value = value.trim_matches('"');
    let device = value.strip_prefix("/dev/").is_some_and(|name| {
        ["sd", "vd", "hd", "xvd", "nvme", "mmcblk"]
            .iter()
            .any(|d| name.strip_prefix(d).is_some_and(|rest| !rest.is_empty()))
    });
    let (message, label) = if device {
        (
            format!("the root is looked for on `{value}`, whatever disk that is"),
            "without `root=` the root is found by its UUID",
        )
    } else if value.starts_with("UUID=") || value.starts_with("PARTUUID=") {
        (
            format!("no disk of this build has `{value}`: each has new ones"),
            "without `root=` the root is found by its UUID",
        )
    } else if let Some(label) = value.strip_prefix("LABEL=")
        && label != kind.element.attrs.get("rootfs_label").map_or("ROOT", str::trim)
        && !kind.element.attrs.bool("overlayroot").unwrap_or(false)
        && kind.element.child("systemdisk").is_none()
        && !kind
            .element
            .child("partitions")
            .is_some_and(|p| p.all("partition").any(|p| p.attrs.get("label") == Some(label)))
    {
        (
            format!("no file system of this image has the label `{label}`"),
            "`rootfs_label` says what it is; `ROOT` where it says nothing",
        )
    } else {
        return;
    };
    found.add("kernel-root", &here(), message, label);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_one_keystroke_and_other_words_are_left_alone() {
        assert!(KNOWN.is_sorted());
        for (word, right) in [
            ("quite", Some("quiet")),
            ("Quiet", Some("quiet")),
            ("net.ifname", Some("net.ifnames")),
            ("netifnames", Some("net.ifnames")),
            ("loglvl", None),
            ("log_level", Some("loglevel")),
            ("slpash", Some("splash")),
            ("nomodset", Some("nomodeset")),
            ("crashkernal", Some("crashkernel")),
            ("systemd.uint", Some("systemd.unit")),
            ("xencons", None),
            ("pci", None),
            ("nosmp", None),
        ] {
            assert_eq!(known(word).or_else(|| meant(word)), right, "{word}");
        }
        assert_eq!(known("log-buf-len"), Some("log_buf_len"));
    }

    #[test]
    fn no_known_word_is_a_slip_of_another() {
        for word in OTHERS {
            assert!(meant(word).is_none(), "{word}");
        }
    }

    #[test]
    fn words_are_parted_by_blanks_outside_of_quotes() {
        let found: Vec<&str> = words(" a  b=\"c d\" e").into_iter().map(|(_, w)| w).collect();
        assert_eq!(found, ["a", "b=\"c d\"", "e"]);
    }
}
