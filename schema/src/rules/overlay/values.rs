//! Values in small files of the overlay that their readers do not take: names of machines, locales, keyboards, accounts that are
//! logged in, lines of systemd's tables. Knows the usual ones by name; says nothing about others.

use super::sources;
use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::boot::selinux::MODES;
use crate::rules::files::Here;
use crate::rules::filled::filled;
use crate::rules::found::near;
use crate::rules::system;

/// The files and folders that are judged, without a slash before them.
pub(in crate::rules) const PLACES: &[&str] = &[
    "etc",
    "etc/default",
    "etc/selinux",
    "etc/security",
    "etc/security/limits.d",
    "etc/exports.d",
    "etc/sysusers.d",
    "usr/lib/sysusers.d",
    "etc/tmpfiles.d",
    "usr/lib/tmpfiles.d",
    "etc/apt",
    "etc/apt/apt.conf.d",
    "etc/apt/sources.list.d",
    "etc/yum.repos.d",
    "etc/zypp/repos.d",
    "etc/network",
    "etc/network/interfaces.d",
    "etc/sysconfig/network",
    "etc/sysconfig/network-scripts",
    "etc/ssh",
    "etc/ssh/sshd_config.d",
    "etc/lightdm",
    "etc/lightdm/lightdm.conf.d",
    "etc/gdm",
    "etc/gdm3",
    "etc/sddm.conf.d",
    "etc/greetd",
    "etc/samba",
    "etc/modules-load.d",
    "usr/lib/modules-load.d",
    "etc/modprobe.d",
];

/// What is wrong with a file by its folder and name.
pub(in crate::rules) fn judge(here: &Here<'_>, folder: &str, name: &str, text: &str) -> Option<Diagnostic> {
    match (folder, name) {
        ("etc", "hostname") => hostname(text),
        ("etc", "hosts") => hosts(text),
        ("etc/security/limits.d", _) | ("etc/security", "limits.conf") => {
            named_first(here, text, ' ').filter(|_| name.ends_with(".conf"))
        }
        ("etc", "subuid" | "subgid") => named_first(here, text, ':'),
        ("etc", "exports") | ("etc/exports.d", _) => super::exports::judge(text),
        ("etc", "sudoers") => super::sudoers::judge(here, text),
        ("etc", "fstab" | "fstab.append") => file_systems(text),
        ("etc", "locale.conf") | ("etc/default", "locale") => setting(text, "LANG", |value| {
            let meant = system::locale_slip(value)?;
            Some((format!("no system has a locale `{value}`"), meant))
        }),
        ("etc", "vconsole.conf") => setting(text, "KEYMAP", |value| {
            let meant = system::keymap_slip(value)
                .or_else(|| system::unknown_keymap(value).filter(|_| !own_keymaps(here)))?;
            Some((format!("no keyboard map is known as `{value}`"), meant.to_owned()))
        }),
        ("etc/selinux", "config") => setting(text, "SELINUX", |value| {
            let meant = near(value, MODES.iter().copied()).unwrap_or("enforcing");
            let told = format!("SELinux has no mode `{value}`");
            (!MODES.contains(&value)).then(|| (told, meant.to_owned()))
        }),
        ("etc/sysusers.d" | "usr/lib/sysusers.d", _) if name.ends_with(".conf") => {
            kinds(text, "systemd-sysusers", |kind| {
                matches!(kind, "u" | "u!" | "g" | "m" | "r")
            })
            .or_else(|| members(here, text))
            .or_else(|| super::tables::homes(text))
        }
        ("etc/tmpfiles.d" | "usr/lib/tmpfiles.d", _) if name.ends_with(".conf") => {
            let marks = ['+', '!', '-', '=', '~', '^', '$', '?'];
            let known = |kind: &str| {
                let letter = kind.trim_end_matches(marks);
                letter.len() == 1 && "fFwdDevqQpLcbCxXrRtThHaAzZ".contains(letter)
            };
            kinds(text, "systemd-tmpfiles", known)
                .or_else(|| owners(here, text))
                .or_else(|| linked(here, text))
                .or_else(|| super::tables::temporary(text))
        }
        ("etc/apt/apt.conf.d", _) => sources::unfinished(text),
        ("etc/apt", "sources.list") => sources::lines_of(here, text),
        ("etc/apt/sources.list.d", _) if name.ends_with(".list") => sources::lines_of(here, text),
        ("etc/apt/sources.list.d", _) if name.ends_with(".sources") => sources::stanzas(here, text),
        ("etc/yum.repos.d" | "etc/zypp/repos.d", _) if name.ends_with(".repo") => {
            sources::release(here, text)
        }
        ("etc/sysconfig/network" | "etc/sysconfig/network-scripts", _) if name.starts_with("ifcfg-") => {
            super::interfaces::of_sysconfig(text)
        }
        ("etc/network", "interfaces") | ("etc/network/interfaces.d", _) => super::interfaces::judge(text),
        ("etc/ssh", "sshd_config") | ("etc/ssh/sshd_config.d", _) => logins(here, text),
        ("etc/lightdm", "lightdm.conf") => lightdm(here, text),
        ("etc/lightdm/lightdm.conf.d", _) if name.ends_with(".conf") => lightdm(here, text),
        ("etc/gdm", "custom.conf") | ("etc/gdm3", "daemon.conf") => account(here, text, "AutomaticLogin"),
        ("etc/greetd", "config.toml") => account(here, text, "user"),
        ("etc/samba", "smb.conf") => shares(here, text),
        ("etc/modules-load.d" | "usr/lib/modules-load.d", _) if name.ends_with(".conf") => {
            super::modules::loaded(text).or_else(|| super::modules::judge(text))
        }
        ("etc/modprobe.d", _) if name.ends_with(".conf") => super::modules::judge(text),
        ("etc", "modules") => super::modules::judge(text),
        ("etc/sddm.conf.d", _) if name.ends_with(".conf") => account(here, text, "User"),
        _ => None,
    }
}

/// An account that lines begin with and that is a slip of a described one.
fn named_first(here: &Here<'_>, text: &str, end: char) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let name = line.split([end, '\t']).next()?;
        let slip =
            near(name, users(here)).filter(|_| name.len() > 3 && crate::rules::found::is_word(name))?;
        let message = format!("nothing makes the account `{name}`");
        let told = at_word(at, line, name, message, format!("did you mean `{slip}`?"), THEN);
        told.filter(|_| stranger(here, name))
    })
}

/// What systemd-tmpfiles links to or copies, by a slip of a file of the overlay.
fn linked(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let path = words.get(6).filter(|_| line.starts_with(['L', 'C']))?;
        let (folder, file) = path.strip_prefix('/')?.rsplit_once('/')?;
        let names = super::names(here, folder);
        let close = |n: &&String| {
            crate::rules::found::one_keystroke(n, file)
                || crate::rules::packages::misspelt::exchanged(n, file)
        };
        let meant = names
            .iter()
            .find(close)
            .filter(|_| file.len() > 3 && !names.iter().any(|n| n == file))?;
        let message = format!("the overlay has `/{folder}/{meant}`, and no `{file}` there");
        at_word(
            at,
            line,
            path,
            message,
            format!("did you mean `/{folder}/{meant}`?"),
            THEN,
        )
    })
}

/// The overlay brings maps of its own.
fn own_keymaps(here: &Here<'_>) -> bool {
    [
        "usr/share/kbd",
        "usr/share/keymaps",
        "usr/local/share/kbd",
        "usr/lib/kbd",
    ]
    .iter()
    .any(|f| super::has(here, f))
}

/// What comes of it.
pub(super) const THEN: &str = "the build goes through, and the running system does without it";

/// A line of the table of file systems whose kind is a slip of one.
fn file_systems(text: &str) -> Option<Diagnostic> {
    const KINDS: &[&str] = &[
        "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "exfat", "ntfs", "ntfs3", "swap", "tmpfs",
        "nfs", "nfs4", "cifs", "overlay", "squashfs", "iso9660", "auto", "none", "proc", "sysfs", "9p",
        "fuse", "virtiofs", "erofs", "udf", "smb3", "ceph", "jfs", "zfs", "ramfs", "devpts",
    ];
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        let (from, place, kind, options) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let is_kind = |word: &str| KINDS.contains(&word) && !matches!(word, "none" | "auto");
        let device = |word: &str| {
            ["/dev/", "UUID=", "LABEL=", "PARTUUID="]
                .iter()
                .any(|d| word.starts_with(d))
        };
        let turned = if !KINDS.contains(&kind) && is_kind(options) {
            Some((kind, "the options stand before the kind of file system"))
        } else if is_kind(place) && kind.starts_with('/') {
            Some((place, "the kind of file system stands before the mount point"))
        } else if device(place) && from.starts_with('/') && !device(from) {
            Some((from, "the mount point stands before the device"))
        } else {
            None
        };
        if let Some((word, message)) = turned {
            let then = "the build goes through, and the running system does not mount it";
            let label = "device, mount point, kind, options".to_owned();
            return at_word(at, line, word, message.to_owned(), label, then);
        }
        let alike = |k: &&str| {
            crate::rules::packages::misspelt::exchanged(k, kind)
                || k.len() > 3 && crate::rules::found::one_keystroke(k, kind)
                || k.len() == 3 && crate::rules::found::doubled(kind, k)
        };
        let odd = options
            .split(',')
            .find_map(|o| Some((o, crate::rules::disk::mount_options::general_slip(o)?)));
        if let Some((odd, meant)) = odd {
            let message = format!("no file system is mounted with the option `{odd}`");
            let then = "the build goes through, and the running system does not mount it";
            let from = at + crate::rules::found::offset(odd, line);
            return finding(from, odd, message, format!("did you mean `{meant}`?"), then);
        }
        let plain = !from.contains('#') && kind.len() > 2 && !KINDS.contains(&kind) && !options.is_empty();
        let meant = KINDS.iter().copied().find(alike).filter(|_| plain)?;
        let message = format!("no file system is known as `{kind}`");
        let then = "the build goes through, and the running system does not mount it";
        at_word(at, line, kind, message, format!("did you mean `{meant}`?"), then)
    })
}

fn hostname(text: &str) -> Option<Diagnostic> {
    let (at, name) = lines(text).next()?;
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '?');
    let wrong = name.len() > 64 || name.starts_with(['-', '.']) || !name.chars().all(known);
    if !wrong || filled(name) {
        return None;
    }
    let message = format!("`{name}` is no name for a machine");
    finding(
        at,
        name,
        message,
        "letters, digits, `-` and `.`".to_owned(),
        "the build goes through, and the running system is called `localhost`",
    )
}

/// A line of the table of machines that begins with no address.
fn hosts(text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let word = line.split_whitespace().next()?;
        // One letter among the numbers is a slip.
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        let numbers = word.bytes().filter(u8::is_ascii_digit).count();
        let nearly = letters == 1 && numbers > 2 && word.matches('.').count() == 3;
        let digits = nearly || word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let sound = word.parse::<std::net::Ipv4Addr>().is_ok();
        let message = format!("`{word}` is no address");
        let told = at_word(
            at,
            line,
            word,
            message,
            "four numbers, each at most 255".to_owned(),
            THEN,
        );
        told.filter(|_| digits && !sound)
    })
}

/// The value of a setting, without quotes.
fn setting(text: &str, key: &str, wrong: impl Fn(&str) -> Option<(String, String)>) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let value = line.strip_prefix(key)?.trim_start().strip_prefix('=')?;
        let value = value.split('#').next()?.trim().trim_matches(['"', '\'']);
        if value.is_empty() || filled(value) {
            return None;
        }
        let (message, meant) = wrong(value)?;
        let label = match meant.as_str() {
            "" => "none that systems have".to_owned(),
            meant => format!("did you mean `{meant}`?"),
        };
        at_word(at, line, value, message, label, THEN)
    })
}

/// Lines that begin with what they are about, in one letter.
fn kinds(text: &str, reader: &str, known: impl Fn(&str) -> bool) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let kind = line.split_whitespace().next()?;
        let plain = kind.bytes().all(|b| b.is_ascii_alphabetic());
        if known(kind) || !plain {
            return None;
        }
        let first = kind.get(..1)?.to_ascii_lowercase();
        let message = format!("{reader} knows no line of the kind `{kind}`");
        let label = match known(&first) {
            true => format!("did you mean `{first}`?"),
            false => format!("such as `{}`", if known("d") { "d" } else { "u" }),
        };
        finding(
            at,
            kind,
            message,
            label,
            "the build goes through, and the line is passed over in the running system",
        )
    })
}

/// Accounts that are put in groups, where they are slips of those which the table makes.
fn members(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let second = |line: &'_ str| line.split_whitespace().nth(1).map(str::to_owned);
    let makes = |l: &&str| l.starts_with("u ") || l.starts_with("u! ");
    let made: Vec<String> = lines(text)
        .map(|(_, l)| l)
        .filter(makes)
        .filter_map(second)
        .collect();
    lines(text)
        .filter(|(_, l)| l.starts_with("m "))
        .find_map(|(at, line)| {
            let name = line.split_whitespace().nth(1)?;
            let known = || made.iter().map(String::as_str).chain(users(here));
            let close = |k: &&str| {
                crate::rules::packages::misspelt::exchanged(k, name)
                    || k.len() > 3 && crate::rules::found::one_keystroke(k, name)
            };
            let meant = known().find(close).filter(|_| !known().any(|k| k == name))?;
            let message = format!("nothing makes the account `{name}`");
            let then = "the build goes through, and the account that is meant is not in the group";
            at_word(at, line, name, message, format!("did you mean `{meant}`?"), then)
        })
}

/// Accounts that files are given to, and that are slips of described ones or made by nothing.
fn owners(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = words.get(3..5)?.iter().copied().find(|n| stranger(here, n))?;
        let message = format!("nothing makes the account or group `{name}`");
        at_word(
            at,
            line,
            name,
            message,
            meant(here, name),
            "the build goes through, and the line is passed over in the running system",
        )
    })
}

/// Accounts that may log in, where nothing makes them.
fn logins(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        words
            .next()
            .filter(|key| key.eq_ignore_ascii_case("AllowUsers"))?;
        let name = words
            .find(|w| !w.contains(['*', '?', '!']) && stranger(here, w.split('@').next().unwrap_or(w)))?;
        let message = format!("nothing makes the account `{name}`");
        at_word(
            at,
            line,
            name,
            message,
            meant(here, name),
            "the build goes through, and who is meant cannot log in to the running system",
        )
    })
}

/// Accounts that may use a share of Samba's, where they are slips of described ones.
fn shares(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    const KEYS: &[&str] = &[
        "valid users",
        "admin users",
        "write list",
        "read list",
        "force user",
    ];
    lines(text).find_map(|(at, line)| {
        let (key, value) = line.split_once('=')?;
        KEYS.iter().find(|k| k.eq_ignore_ascii_case(key.trim()))?;
        let mut names = value
            .split([',', ' ', '\t'])
            .filter(|n| !n.starts_with(['@', '+', '&', '%']));
        let close = |n: &str| near(n, users(here)).is_some();
        let name = names.find(|n| n.len() > 3 && !filled(n) && close(n) && stranger(here, n))?;
        let message = format!("nothing makes the account `{name}`");
        let then = "the build goes through, and who is meant cannot use the share in the running system";
        at_word(at, line, name, message, meant(here, name), then)
    })
}

/// Accounts that logs are made anew for, and that nothing makes.
pub(super) fn rotated(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let names = match words.as_slice() {
            ["create", mode, names @ ..] if mode.starts_with(|c: char| c.is_ascii_digit()) => names,
            ["create" | "su", names @ ..] => names,
            _ => return None,
        };
        let name = names.iter().find(|n| stranger(here, n))?;
        let message = format!("nothing makes the account or group `{name}`");
        let then = "the build goes through, and logrotate passes over the log in the running system";
        at_word(at, line, name, message, meant(here, name), then)
    })
}

/// The names of described accounts.
fn users<'a>(here: &'a Here<'_>) -> impl Iterator<Item = &'a str> {
    here.image.accounts().filter_map(|u| u.attrs.get("name"))
}

/// A slip of a described account, or a name that nothing makes.
pub(super) fn stranger(here: &Here<'_>, name: &str) -> bool {
    let known = users(here).any(|u| u == name) || crate::rules::users::groups::GROUPS.contains(&name);
    let group = || {
        here.image
            .accounts()
            .flat_map(|u| u.attrs.list("groups"))
            .any(|g| g.split(':').next() == Some(name))
    };
    let slip = || {
        name.len() > 3
            && users(here).any(|u| u.len() > 3 && crate::rules::found::one_keystroke(u, name))
            && !crate::rules::files::items(here.image)
                .any(|i| i.kind != crate::description::model::ItemKind::File && i.name.value.contains(name))
    };
    let told = || crate::rules::users::unknown_accounts::half_renamed(here, name);
    !known && !group() && !told() && (slip() || crate::rules::users::unknown_accounts::is_unmade(here, name))
}

/// The described account that is meant by a name.
pub(super) fn meant(here: &Here<'_>, name: &str) -> String {
    let slip = near(name, users(here));
    slip.map_or_else(
        || "add a `<user>`, or name another account".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    )
}

fn lightdm(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let section = lines(text).find_map(|(at, line)| {
        let name = line.strip_prefix('[')?.strip_suffix(']')?;
        let known = ["SeatDefaults", "Seat:*", "LightDM", "XDMCPServer", "VNCServer"];
        let own = known.contains(&name) || name.starts_with("Seat:");
        let meant = near(name, known.into_iter()).filter(|_| !own)?;
        let message = format!("LightDM knows no section `{name}`");
        finding(at + 1, name, message, format!("did you mean `{meant}`?"), THEN)
    });
    section.or_else(|| account(here, text, "autologin-user"))
}

/// An account that is logged in without being asked, and that nothing makes.
fn account(here: &Here<'_>, text: &str, key: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let (name, value) = line.split_once('=')?;
        let value = value.trim().trim_matches('"');
        if name.trim() != key || value.is_empty() || filled(value) {
            return None;
        }
        let users: Vec<&str> = here
            .image
            .accounts()
            .filter_map(|u| u.attrs.get("name"))
            .collect();
        let slip = near(value, users.iter().copied()).filter(|_| !users.contains(&value));
        let live = crate::rules::files::items(here.image).any(|i| {
            ["livesys", "casper", "live-config", "live-boot", "calamares"].contains(&&*i.name.value)
        });
        if slip.is_none() && (live || !crate::rules::users::unknown_accounts::is_unmade(here, value)) {
            return None;
        }
        let message = format!("nothing makes the account `{value}`");
        let label = slip.map_or("add a `<user>`, or name another account".to_owned(), |meant| {
            format!("did you mean `{meant}`?")
        });
        at_word(
            at,
            line,
            value,
            message,
            label,
            "the build goes through, and nobody is logged in in the running system",
        )
    })
}
