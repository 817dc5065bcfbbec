//! Accounts: what `useradd` refuses or what would lock their owner out. Judges the users of one view; knows the forms
//! of password hashes and the groups that systems have, and no system's own accounts beyond the lowest numbers.

use super::found::{Found, near};
use super::scope::Scope;
use crate::description::model::{At, Element, Image};

/// Judges what does not depend on a view.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    for user in image.users.iter().flat_map(|section| &section.users) {
        name(user, found);
        password(user, found);
        home(user, found);
        id(user, found);
    }
    for section in &image.users {
        again(&section.users, found);
    }
}

/// An account that stands twice in one section. In another section it may be given more groups.
fn again(users: &[Element], found: &mut Found<'_>) {
    for (place, user) in users.iter().enumerate() {
        let Some(at) = user.attrs.at("name") else { continue };
        let before = users.get(..place).unwrap_or_default();
        let same = |b: &&Element| b.attrs.get("name") == Some(at.value.trim());
        // Two values of one setting are told of by themselves.
        let differs = |b: &Element| {
            ["password", "id", "home", "shell"].iter().any(|key| {
                let (a, b) = (b.attrs.get(key), user.attrs.get(key));
                a.is_some() && b.is_some() && a != b
            })
        };
        let first = before.iter().find(same).filter(|b| !differs(b));
        if let Some(first) = first.and_then(|f| f.attrs.at("name")) {
            let message = format!("the account `{}` stands twice", at.value.trim());
            found.pair("duplicate-user", at, message, "again", first, "first given here");
        }
    }
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let users = scope.view.users();
    for user in &users {
        shell(scope, user, found);
    }
    clashes(&users, found);
    groups(&users, found);
    administrators(scope, &users, found);
}

/// The group of those who may do everything, under the name that other distributions give it.
fn administrators(scope: &Scope<'_>, users: &[&Element], found: &mut Found<'_>) {
    // A package manager that reads none of the repositories is the fault itself.
    if super::repositories::unread(scope.view.image).is_some() {
        return;
    }
    let (other, own) = match scope.view.package_manager() {
        "apt" => ("wheel", "sudo"),
        "dnf4" | "dnf5" | "microdnf" | "pacman" => ("sudo", "wheel"),
        _ => return,
    };
    for user in users {
        let Some(at) = user.attrs.at("groups") else {
            continue;
        };
        let groups = of(user);
        let has = |name: &str| groups.iter().any(|(g, _)| *g == name);
        if has(other) && !has(own) {
            let message =
                format!("the group `{other}` would be made anew, and `{own}` is the one that may use `sudo`");
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

fn name(user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("name") else { return };
    let name = at.value.trim();
    let wrong = name
        .contains(|c: char| c.is_whitespace() || c.is_control() || ":/,\\@!#%&*()=+?<>|\"'`;".contains(c))
        || name.starts_with('-')
        || name.len() > 32
        || !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
    if wrong {
        let message = format!("`{name}` is no name for an account");
        found.add(
            "user-name",
            at,
            message,
            "at most 32 letters, digits, `-`, `_` and `.`, a letter first",
        );
    }
    if let Some(at) = user
        .attrs
        .at("realname")
        .filter(|r| r.value.contains([':', '\n']))
    {
        let message = "a real name cannot hold a colon".to_owned();
        found.add(
            "user-name",
            at,
            message,
            "a colon ends the field in `/etc/passwd`",
        );
    }
}

/// Only what `crypt` uses in salts and hashes.
fn is_crypt64(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'/')
}

/// What is wrong with a hash; none where it is sound or not known.
fn hash_fault(value: &str) -> Option<&'static str> {
    // A leading `!` locks the account and keeps its hash.
    let hash = value.trim_start_matches('!');
    if hash.is_empty() || hash == "*" {
        return None;
    }
    let Some(rest) = hash.strip_prefix('$') else {
        let des = hash.len() == 13 && is_crypt64(hash);
        let bsdi = hash.len() == 20 && hash.starts_with('_') && is_crypt64(&hash[1..]);
        return (!des && !bsdi).then_some("the form of a hash, such as `$6$SALT$HASH`");
    };
    let (kind, rest) = rest.split_once('$').unwrap_or((rest, ""));
    let last = rest.rsplit('$').next().unwrap_or("");
    let length = match kind {
        "1" => 22,
        "5" => 43,
        "6" => 86,
        "2a" | "2b" | "2y" | "2x" => {
            let sound = last.len() == 53 && is_crypt64(last);
            return (!sound).then_some("53 characters after the cost");
        }
        "y" | "gy" | "7" | "sm3" | "sha1" | "md5" | "3" => {
            return rest.is_empty().then_some("a salt and a hash after the kind");
        }
        _ => return Some("a kind of hash that is known: `y`, `6`, `5`, `2b` or `1`"),
    };
    let parts = rest.split('$').count();
    let rounds = rest.starts_with("rounds=");
    if parts != if rounds { 3 } else { 2 } {
        return Some("a salt and a hash with `$` between them");
    }
    if last.len() != length || !is_crypt64(last) {
        return Some(match length {
            22 => "22 characters of hash after the salt",
            43 => "43 characters of hash after the salt",
            _ => "86 characters of hash after the salt",
        });
    }
    None
}

/// Something that a tool puts a value in place of before the build.
fn is_placeholder(value: &str) -> bool {
    value.contains("${")
        || value.contains("{{")
        || value.contains('%')
        || value.len() > 2 && value.starts_with('@') && value.ends_with('@')
}

fn password(user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("password") else {
        return;
    };
    let value = at.value.as_str();
    if is_placeholder(value) {
        return;
    }
    let name = user.attrs.get("name").unwrap_or("");
    if value.is_empty() {
        let message = format!("`{name}` has an empty password");
        found.add("empty-password", at, message, "`*` locks the account");
        return;
    }
    let format = user.attrs.at("pwdformat");
    if format.is_some_and(|f| f.value.trim() == "plain") {
        let is_hash = value.starts_with('$') && hash_fault(value).is_none();
        match format {
            Some(format) if is_hash => {
                let message =
                    format!("the password of `{name}` is a hash, and would be taken for the password itself");
                let edit = found.replace(format, "encrypted", true);
                if let Some(told) = found.add("password-hash", format, message, "did you mean `encrypted`?") {
                    told.fixes.extend(edit);
                }
            }
            _ => {
                let message = format!("the password of `{name}` stands in clear text");
                found.add(
                    "clear-text-password",
                    at,
                    message,
                    "`openssl passwd -6` makes a hash",
                );
            }
        }
    } else if let Some(expected) = hash_fault(value) {
        let message = format!("the password of `{name}` is no hash, and no login would match it");
        let edit = match format {
            Some(format) => found.replace(format, "plain", false),
            None => found.insert_attribute(user, "pwdformat", "plain"),
        };
        let edit = edit.filter(|_| !value.starts_with('$'));
        if let Some(told) = found.add("password-hash", at, message, format!("expected {expected}")) {
            told.fixes.extend(edit);
        }
    }
}

/// A path that has to begin at the root, with the repair where it does not.
fn absolute(code: &str, at: &At, what: &str, new: &str, found: &mut Found<'_>) {
    let message = format!("the {what} `{}` is no path from the root", at.value.trim());
    found.instead(code, at, message, Some(new), true, "");
}

fn home(user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("home") else { return };
    let home = at.value.trim();
    if home.is_empty() {
        return;
    }
    if !home.starts_with('/') {
        let new = if home.contains('/') {
            format!("/{home}")
        } else {
            format!("/home/{home}")
        };
        absolute("user-home", at, "home", &new, found);
    } else if home.contains([':', '\n']) || home.split('/').any(|p| p == "..") {
        let message = format!("`{home}` cannot be a home");
        found.add("user-home", at, message, "a path without `:` and `..`");
    }
}

/// Names of shells, with a package of that name where one is needed on every system.
pub const SHELLS: &[(&str, bool)] = &[
    ("sh", false),
    ("bash", false),
    ("dash", false),
    ("rbash", false),
    ("ash", false),
    ("busybox", false),
    ("zsh", true),
    ("fish", true),
    ("ksh", false),
    ("ksh93", false),
    ("mksh", true),
    ("tcsh", true),
    ("csh", false),
    ("nologin", false),
    ("false", false),
    ("true", false),
    ("sync", false),
    ("git-shell", false),
];

fn shell(scope: &Scope<'_>, user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("shell") else { return };
    let shell = at.value.trim();
    if shell.is_empty() {
        return;
    }
    if !shell.starts_with('/') {
        let new = match shell {
            "nologin" => "/sbin/nologin".to_owned(),
            _ if shell.contains('/') => format!("/{shell}"),
            _ => format!("/bin/{shell}"),
        };
        absolute("user-shell", at, "shell", &new, found);
        return;
    }
    let Some((folder, name)) = shell.rsplit_once('/') else {
        return;
    };
    let Some((known, packaged)) = SHELLS.iter().find(|(known, _)| *known == name) else {
        if let Some(meant) = near(name, SHELLS.iter().map(|(n, _)| *n)).filter(|_| name.len() > 3) {
            let message = format!("no shell is known as `{shell}`");
            found.instead(
                "user-shell",
                at,
                message,
                Some(&format!("{folder}/{meant}")),
                false,
                "",
            );
        }
        return;
    };
    let usual = [
        "/bin",
        "/usr/bin",
        "/sbin",
        "/usr/sbin",
        "/usr/local/bin",
        "/opt/bin",
    ];
    if !usual.contains(&folder) && near(folder, usual.iter().copied()).is_some() {
        let message = format!("there is no folder `{folder}` for the shell `{name}`");
        found.add("user-shell", at, message, format!("`/bin/{name}`?"));
    } else if *packaged
        && scope.type_has_packages()
        && !super::packages::open_ended(scope)
        && !scope.all().any(|p| p.starts_with(known))
    {
        let message = format!(
            "no list installs `{known}`, the shell of `{}`",
            user.attrs.get("name").unwrap_or("")
        );
        found.add("user-shell", at, message, format!("add the package `{known}`"));
    }
}

fn id(user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("id") else { return };
    let Ok(id) = at.value.trim().parse::<u64>() else {
        return;
    };
    let name = user.attrs.get("name").unwrap_or("");
    let (message, label) = match id {
        0 if name != "root" => (
            format!("the number 0 belongs to `root`, and `{name}` cannot have it"),
            "1000 and up for people",
        ),
        1.. if name == "root" => (format!("`root` has the number 0, not {id}"), "leave it out"),
        65534 | 65535 if name != "nobody" => (
            format!("the number {id} stands for nobody"),
            "1000 to 60000 for people",
        ),
        4_294_967_295.. => (
            format!("no account can have the number {id}"),
            "1000 to 60000 for people",
        ),
        _ => return,
    };
    found.add("user-id", at, message, label);
}

/// Accounts and numbers that stand twice.
fn clashes(users: &[&Element], found: &mut Found<'_>) {
    for (place, user) in users.iter().enumerate() {
        let before = users.get(..place).unwrap_or_default();
        if let Some(at) = user.attrs.at("name") {
            let same = before
                .iter()
                .find(|b| b.attrs.get("name") == Some(at.value.trim()));
            let differs = same.and_then(|first| {
                let both = |key: &&&str| {
                    let (a, b) = (first.attrs.get(key), user.attrs.get(key));
                    a.is_some() && b.is_some() && a != b
                };
                let key = ["password", "id", "home", "shell"].iter().find(both)?;
                Some((first.attrs.at(key)?, user.attrs.at(key)?, *key))
            });
            if let Some((first, again, key)) = differs {
                let message = format!("`{}` has two values of `{key}`", at.value.trim());
                found.pair(
                    "duplicate-user",
                    again,
                    message,
                    "does not count",
                    first,
                    "this one counts",
                );
                continue;
            }
            if same.is_some() {
                continue;
            }
        }
        let personal = |h: &&At| h.value.trim().starts_with("/home/");
        if let Some(at) = user.attrs.at("home").filter(personal) {
            let same = before.iter().filter_map(|b| b.attrs.at("home"));
            if let Some(first) = same.into_iter().find(|f| f.value.trim() == at.value.trim()) {
                let message = format!("two accounts have the home `{}`", at.value.trim());
                found.pair("duplicate-home", at, message, "taken", first, "given first here");
            }
        }
        let Some(at) = user.attrs.at("id") else { continue };
        let same = before.iter().filter_map(|b| b.attrs.at("id"));
        if let Some(first) = same.into_iter().find(|f| f.value.trim() == at.value.trim()) {
            let message = format!("two accounts have the number {}", at.value.trim());
            found.pair("duplicate-id", at, message, "taken", first, "given first here");
        }
    }
}

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

fn groups(users: &[&Element], found: &mut Found<'_>) {
    let mut numbers: Vec<(&str, &str, &At)> = Vec::new();
    for user in users {
        let Some(at) = user.attrs.at("groups") else {
            continue;
        };
        for (group, number) in of(user) {
            let Some(number) = number else {
                slip(users, user, at, group, found);
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

/// A group that nobody declares and that is a keystroke away from one that systems have.
fn slip(users: &[&Element], user: &Element, at: &At, group: &str, found: &mut Found<'_>) {
    let known = GROUPS.contains(&group) || users.iter().any(|u| u.attrs.get("name") == Some(group));
    let shared = || {
        let others = users.iter().filter(|u| !std::ptr::eq(**u, user));
        others.flat_map(|u| of(u)).any(|(name, _)| name == group)
    };
    if known || group.len() < 4 || shared() {
        return;
    }
    let Some(meant) = near(group, GROUPS.iter().copied()) else {
        return;
    };
    // A plural or a number is a name of its own.
    let own = group.strip_suffix('s') == Some(meant) || group.ends_with(|c: char| c.is_ascii_digit());
    if own || strsim::damerau_levenshtein(group, meant) > 1 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_hashes_and_locks_are_known() {
        for sound in [
            "$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl0",
            "$5$rounds=5000$saltstring$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE",
            "$y$j9T$salt$hash",
            "vh4vw1N4alxKQ",
            "!",
            "!!",
            "*",
            "!*",
            "!$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl0",
        ] {
            assert_eq!(hash_fault(sound), None, "{sound}");
        }
        for wrong in [
            "secret",
            "linux",
            "$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl",
            "$6$salt$short",
            "$1$wYJUgpM5",
            "$9$salt$hash",
            "x",
            "$6$salt:aaa",
        ] {
            assert!(hash_fault(wrong).is_some(), "{wrong}");
        }
    }
}
