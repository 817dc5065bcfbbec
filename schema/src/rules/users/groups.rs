//! The groups of accounts: those that are likely misspelt, those that another distribution has, and their numbers. Knows
//! the groups that systems bring; a name that is near to none of them is made anew, as it is meant.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::description::model::{At, Element};
use crate::rules::found::{Found, near, same_letters};
use crate::rules::scope::Scope;

/// Groups that systems bring, or that their packages make: a name near one of them is likely a slip.
pub const GROUPS: &[&str] = &[
    "root",
    "wheel",
    "sudo",
    "users",
    "adm",
    "admin",
    "audio",
    "video",
    "cdrom",
    "floppy",
    "dialout",
    "disk",
    "games",
    "input",
    "kvm",
    "libvirt",
    "docker",
    "podman",
    "kmem",
    "lp",
    "lpadmin",
    "mail",
    "man",
    "netdev",
    "network",
    "plugdev",
    "power",
    "render",
    "scanner",
    "shadow",
    "staff",
    "storage",
    "sys",
    "systemd-journal",
    "tape",
    "trusted",
    "tty",
    "utmp",
    "uucp",
    "vboxusers",
    "vagrant",
    "wireshark",
    "www-data",
    "www",
    "bluetooth",
    "nobody",
    "nogroup",
    "operator",
    "sshd",
    "daemon",
    "bin",
    "backup",
    "src",
    "sasl",
    "optical",
    "rfkill",
    "lock",
    "proc",
    "log",
    "ftp",
    "http",
    "usb",
    "polkitd",
    "sgx",
    "crontab",
    "messagebus",
    "postgres",
    "mysql",
    "nginx",
    "apache",
    "ubuntu",
    "debian",
    "fedora",
    "gpio",
    "i2c",
    "spi",
    "autologin",
    "nopasswdlogin",
    "sambashare",
    "lxd",
    "brlapi",
    "mock",
];

/// The groups of a user with the number given for each.
fn of(user: &Element) -> Vec<(&str, Option<&str>)> {
    let split = |group| match str::split_once(group, ':') {
        Some((name, number)) => (name, Some(number)),
        None => (group, None),
    };
    user.attrs.list("groups").into_iter().map(split).collect()
}

pub(in crate::rules) fn groups(users: &[&Element], found: &mut Found<'_>) {
    let mut numbers: Vec<(&str, &str, &At)> = Vec::new();
    // How many accounts are in each group, and those that there are.
    let mut members: FxHashMap<&str, usize> = FxHashMap::default();
    for user in users {
        let own: FxHashSet<&str> = of(user).into_iter().map(|(group, _)| group).collect();
        own.into_iter()
            .for_each(|group| *members.entry(group).or_default() += 1);
    }
    let accounts: FxHashSet<&str> = users.iter().filter_map(|u| u.attrs.get("name")).collect();
    for user in users {
        let Some(at) = user.attrs.at("groups") else {
            continue;
        };
        for (group, number) in of(user) {
            let Some(number) = number else {
                let home = user.attrs.get("home").and_then(|h| h.rsplit('/').next());
                if !accounts.contains(group)
                    && home != Some(group)
                    && members.get(group).is_none_or(|count| *count < 2)
                {
                    slip(at, group, found);
                }
                continue;
            };
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                let message = format!("the group `{group}` has no number but `{number}`");
                found.add("group-id", at, message, "`NAME:NUMBER`");
                continue;
            }
            let other = numbers.iter().find(|(g, n, _)| (*g == group) != (*n == number));
            match other {
                Some((name, _, first)) if *name == group => {
                    let message = format!("the group `{group}` has two numbers");
                    found.pair(
                        "duplicate-id",
                        at,
                        message,
                        "the second does not count",
                        *first,
                        "given first here",
                    );
                }
                Some((name, _, first)) => {
                    let message = format!("the groups `{name}` and `{group}` have the number {number}");
                    found.pair("duplicate-id", at, message, "taken", *first, "given first here");
                }
                None => numbers.push((group, number, at)),
            }
            if number == "0" && group != "root" {
                let message = format!("the number 0 belongs to the group `root`, not to `{group}`");
                found.add("group-id", at, message, "another number");
            }
        }
    }
}

/// The known account whose name was half changed: `kioskuser` for `kiosk`, or the other way round.
pub(in crate::rules) fn renamed<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    const ENDS: &[&str] = &["user", "-user", "_user"];
    let more = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|end| ENDS.contains(&end));
    let one = |k: &&&str| k.len() > 3 && name.len() > 3 && (more(name, k) || more(k, name));
    known.iter().find(one).copied()
}

/// A group that nobody declares, of one account, and that is a keystroke away from one that systems have.
fn slip(at: &At, group: &str, found: &mut Found<'_>) {
    // In a short name only two letters that changed places are surely a slip.
    if GROUPS.contains(&group) || group.len() < 3 {
        return;
    }
    let swapped = |w: &&str| group.len() > 3 || *w == "root" || same_letters(w, group);
    let Some(meant) = near(group, GROUPS.iter().copied().filter(swapped)) else {
        return;
    };
    // A plural or a number is a name of its own.
    const ALONE: &[&str] = &["wheel", "sudo", "docker", "audio", "video", "dialout"];
    let plural = group.strip_suffix('s') == Some(meant) && !ALONE.contains(&meant);
    let own = plural || group.ends_with(|c: char| c.is_ascii_digit());
    if own || !crate::rules::found::one_keystroke(group, meant) {
        return;
    }
    let message = format!("the group `{group}` is not known, and would be made anew");
    let listed: Vec<String> = at
        .value
        .split(',')
        .map(|g| {
            if g.trim() == group {
                meant.to_owned()
            } else {
                g.trim().to_owned()
            }
        })
        .collect();
    let edit = found.replace(at, &listed.join(","), false);
    if let Some(told) = found.add("unknown-group", at, message, format!("did you mean `{meant}`?")) {
        told.fixes.extend(edit);
    }
}

/// An account is put in a group of that name, which has no number given.
fn named(scope: &Scope<'_>, name: &str) -> bool {
    let users = scope.view.users();
    users
        .iter()
        .any(|u| of(u).iter().any(|(g, number)| *g == name && number.is_none()))
}

/// The group of those who may do everything, under the name that other distributions give it.
pub(in crate::rules) fn administrators(scope: &Scope<'_>, found: &mut Found<'_>) {
    let sudo = "may use `sudo`";
    let (other, own, right) = match scope.manager {
        "apt" => ("wheel", "sudo", sudo),
        "dnf4" | "dnf5" | "microdnf" => ("sudo", "wheel", sudo),
        // Arch has the old name for those who may use modems and serial lines.
        "pacman" if named(scope, "dialout") => ("dialout", "uucp", "may use serial lines"),
        "pacman" => ("sudo", "wheel", sudo),
        "zypper" if named(scope, "sudo") => ("sudo", "wheel", "rules of `sudo` are written for"),
        _ => return,
    };
    // A package manager that reads none of the repositories is the fault itself.
    if scope.whole.unread() {
        return;
    }
    for user in scope.view.users() {
        let Some(at) = user.attrs.at("groups") else {
            continue;
        };
        let groups = of(user);
        let has = |name: &str| groups.iter().any(|(g, _)| *g == name);
        // `/etc/sudoers` is a file, and no group.
        let other = if has("sudoers") && own != "uucp" {
            "sudoers"
        } else {
            other
        };
        if has(other) && !has(own) {
            let message =
                format!("the group `{other}` would be made anew, and `{own}` is the one that {right}");
            let listed = at.value.replacen(other, own, 1);
            let edit = found.replace(at, &listed, false);
            if let Some(told) = found.add("unknown-group", at, message, format!("did you mean `{own}`?")) {
                told.fixes.extend(edit);
                // The description may set it up by itself.
                told.severity = crate::diagnostic::Severity::Info;
            }
        }
    }
}
