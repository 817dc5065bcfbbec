//! Words of the kernel's command line that are slips of well-known ones, or that are broken. Their values are judged in
//! `boot::kernel_values`, a root in `boot::kernel_root`, what goes together in `boot::kernel_pairs`, consoles in `boot::console`. Knows the usual
//! words; what else there may be is left alone.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::kernel_words::{Word, place, words};
use crate::description::model::{At, Image, ImageType};
use crate::rules::found::{Found, near};

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    let types = image.preferences.iter().flat_map(|p| &p.types);
    for kind in types {
        if let Some(line) = kind.element.attrs.at("kernelcmdline") {
            judge(image, kind, line, found);
        }
    }
}

/// Words that many command lines have, as the kernel, systemd and dracut know them.
static KNOWN: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../tables/kernel_words.txt").lines().collect());

/// The same, to find one.
static KNOWN_BY_HASH: LazyLock<FxHashSet<&str>> = LazyLock::new(|| KNOWN.iter().copied().collect());

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
    "ramdisk_size",
    "rd.luks.uuid",
    "rd.lvm.lv",
    "rd.lvm.vg",
    "rd.md.uuid",
    "cgroup_enable",
    "swapaccount",
];

fn judge(image: &Image, kind: &ImageType, line: &At, found: &mut Found<'_>) {
    let Some(all) = words(&line.value) else {
        let message = "a quotation mark in the kernel's command line has no other".to_owned();
        found.add("kernel-parameter", line, message, "the rest is one word");
        return;
    };
    super::kernel_pairs::judge(image, kind, line, &all, found);
    for (index, whole) in all.iter().enumerate() {
        let (at, word) = (whole.at, whole.text);
        // What follows is for the init program.
        if word == "--" {
            break;
        }
        if word == "$ignition_firstboot" && grub(kind) {
            let message =
                "a shell reads the line before GRUB does, and puts nothing in place of `$ignition_firstboot`"
                    .to_owned();
            let at = place(image, line, at, word);
            found.instead(
                "kernel-parameter",
                &at,
                message,
                Some("\\$ignition_firstboot"),
                false,
                "",
            );
            if let Some(told) = found.last() {
                told.help =
                    Some("the build would go through, and Ignition not run as the guest first boots".into());
            }
        }
        if whole.filled_in {
            continue;
        }
        let next = all.get(index + 1);
        let here = || place(image, line, at, word);
        let named = known(whole.begin);
        if broken(&here, whole, named, next.is_some(), found) {
            continue;
        }
        let (key, value) = match whole.parts {
            Some((key, value)) => (key, Some(value)),
            None => (word, None),
        };
        let named = match key.len() == whole.begin.len() {
            true => named,
            false => known(key),
        };
        match named {
            Some(name) => {
                if let Some(value) = value {
                    super::kernel_values::judge(&here, name, value, found);
                    match name {
                        "console" => super::console::device(&here, value, found),
                        "root" => super::kernel_root::root(kind, &here, value, found),
                        "rootflags" => super::kernel_root::subvolume(kind, &here, value, found),
                        _ => {}
                    }
                }
            }
            None => {
                if value.is_some_and(|value| super::console::misspelt(&here, key, value, found)) {
                    continue;
                }
                if let Some(before) = index.checked_sub(1).and_then(|before| all.get(before)) {
                    super::console::stray_speed(image, line, before, whole, found);
                }
                if let Some(meant) = meant(key)
                    .map(str::to_owned)
                    .or_else(|| super::kiwi_words::meant(key))
                {
                    let message = format!("neither the kernel nor the initrd has a parameter `{key}`");
                    let whole = value.map_or(meant.clone(), |v| format!("{meant}={v}"));
                    found.instead("kernel-parameter", &here(), message, Some(&whole), false, "");
                }
            }
        }
    }
}

/// The type is started by GRUB.
fn grub(kind: &ImageType) -> bool {
    let loader = kind.element.child("bootloader").and_then(|b| b.attrs.get("name"));
    matches!(loader, None | Some("grub2"))
}

/// The known word: the kernel takes a dash for an underscore.
fn known(key: &str) -> Option<&'static str> {
    let find = |key: &str| KNOWN_BY_HASH.get(key).copied();
    let dashed = || key.as_bytes().contains(&b'-').then(|| key.replace('-', "_"));
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
    // `boot::console` is judged with its devices.
    let usual = || KNOWN.iter().copied().filter(|k| *k != "console" && k.len() > 4);
    if key.len() > 4
        && let Some(meant) = near(key, usual())
        && (crate::rules::found::one_keystroke(key, meant) || meant.len() > 9)
    {
        return Some(meant);
    }
    // Short ones by a letter that stands twice.
    let doubled = |k: &&str| {
        let mut at = 1..key.len();
        let twice = |i: usize| key.as_bytes().get(i) == key.as_bytes().get(i - 1);
        k.len() == 4
            && key.len() == 5
            && at.any(|i| twice(i) && key.get(..i) == k.get(..i) && key.get(i + 1..) == k.get(i..))
    };
    if let Some(short) = KNOWN.iter().copied().find(doubled) {
        return Some(short);
    }
    // A point in place of an underscore, or none.
    let bare = |name: &'static str| name.bytes().filter(u8::is_ascii_alphanumeric);
    let own = || key.bytes().filter(u8::is_ascii_alphanumeric);
    let long = own().count() > 5;
    KNOWN.iter().copied().find(|k| long && bare(k).eq(own()))
}

/// True where a word is none of a command line by its form, which is told.
fn broken(
    here: &dyn Fn() -> At,
    whole: &Word<'_>,
    named: Option<&'static str>,
    followed: bool,
    found: &mut Found<'_>,
) -> bool {
    let (word, key) = (whole.text, whole.begin);
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
    let bare = word.trim_start_matches('-');
    if bare.len() < word.len() && known(bare.split('=').next().unwrap_or(bare)).is_some() {
        let message = format!("parameters of the kernel have no dash before them: `{word}`");
        return tell(message, Some(bare), "");
    }
    let Some(name) = named else {
        // A dash where the sign before a value is meant.
        if let Some((key, value)) = word.split_once('-').filter(|(_, v)| !v.is_empty())
            && whole.parts.is_none()
            && (VALUED.contains(&key) || key == "ip")
        {
            let message = format!("a parameter's value follows a `=`, and not a `-`: `{word}`");
            return tell(message, Some(&format!("{key}={value}")), "");
        }
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
    if rest == "=" && followed && VALUED.contains(&name) {
        let message = format!("`{key}=` is followed by a blank, and has no value");
        return tell(message, None, "the value has to follow at once");
    }
    if let Some(value) = rest.strip_prefix(':').filter(|v| !v.is_empty()) {
        let message = format!("a parameter's value follows a `=`, and not a `:`: `{word}`");
        let whole = format!("{key}={value}");
        return tell(message, Some(&whole), "");
    }
    if !whole.listed {
        return false;
    }
    // Commas and semicolons where blanks are meant.
    let parted: Vec<&str> = word.split([',', ';']).collect();
    let all_known = |w: &&str| known(w.split('=').next().unwrap_or(w)).is_some();
    let last_is_sign = word.ends_with([',', ';']);
    let several = parted.len() > 1 && parted.iter().all(all_known) && rest.starts_with([',', ';'])
        || parted.iter().skip(1).any(|w| all_known(w) && w.contains('='));
    let bare = parted
        .iter()
        .skip(1)
        .any(|w| matches!(*w, "quiet" | "rhgb" | "splash" | "nomodeset"));
    if last_is_sign || several || bare {
        let message = format!("parameters of the kernel are parted by blanks: `{word}`");
        // A part that is no parameter belongs to the value before it.
        let mut whole = String::new();
        for part in parted.iter().filter(|w| !w.is_empty()) {
            let own = whole.is_empty() || all_known(part);
            whole.push_str(if whole.is_empty() {
                ""
            } else if own {
                " "
            } else {
                ","
            });
            whole.push_str(part);
        }
        return tell(message, Some(&whole), "");
    }
    false
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
            ("roott", Some("root")),
            ("rooot", Some("root")),
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
}
