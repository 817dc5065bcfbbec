//! Accounts that files and containers are given to, and that nothing makes: no `<user>`, no package by its name, no script.
//! Knows the accounts that systems have; asks no repository.

use super::groups::GROUPS;
use crate::description::model::{At, ItemKind};
use crate::rules::containers::ACCOUNTS;
use crate::rules::files::{Here, items};
use crate::rules::found::Found;
use crate::rules::overlay::{Scripts, overlays};

/// Files and folders of an overlay that make accounts.
const MAKING: &[&str] = &["etc/passwd", "etc/sysusers.d", "usr/lib/sysusers.d"];

/// Judges owners of files, and users of containers.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    renamed(here, found);
    let owners = items(here.image).filter(|i| matches!(i.kind, ItemKind::Archive | ItemKind::File));
    let owners: Vec<&At> = owners.filter_map(|i| i.attrs().at("owner")).collect();
    let types = here.image.preferences.iter().flat_map(|p| &p.types);
    let built = types.filter(|t| t.element.attrs.at("derived_from").is_none());
    let configs = built.flat_map(|t| t.element.all("containerconfig"));
    let users: Vec<&At> = configs.filter_map(|c| c.attrs.at("user")).collect();
    if owners.is_empty() && users.is_empty() || more(here) {
        return;
    }
    let scripts = Scripts::of(here);
    for at in owners {
        if let Some(name) = unmade(here, &scripts, at) {
            let message = format!("nothing makes the account or group `{name}`");
            found.add("invalid-owner", at, message, "add a `<user>`, or `root:root`");
        }
    }
    for at in users {
        if let Some(name) = unmade(here, &scripts, at) {
            let message = format!("nothing makes the account `{name}`");
            found.add(
                "container-user",
                at,
                message,
                "add a `<user>`, or name it by its number",
            );
        } else if let Some((name, meant)) = of_another(here, &scripts, at) {
            let message = format!("no package of this distribution makes the account `{name}`");
            let whole = at.value.replacen(name, meant, 1);
            found.instead("container-user", at, message, Some(&whole), false, "");
        }
    }
}

/// The account that packages of other distributions alone make, and what it is called by those of this one.
fn of_another<'a>(here: &Here<'_>, scripts: &Scripts, at: &'a At) -> Option<(&'a str, &'static str)> {
    let name = at.value.trim().split(':').next()?;
    let families = crate::rules::scripts::needs::families(here.image);
    let [family] = families.as_slice() else {
        return None;
    };
    let meant = crate::rules::scripts::roles::of_another(name, *family)?;
    let mut users = here.image.accounts();
    let own = users.any(|u| u.attrs.get("name") == Some(name) || u.attrs.list("groups").contains(&name));
    let brought = items(here.image).any(|i| i.kind != ItemKind::File && i.name.value.contains(name));
    (!own && !brought && !scripts.makes(name)).then_some((name, meant))
}

/// Something may hold accounts that cannot be seen.
fn more(here: &Here<'_>) -> bool {
    let in_overlay = |path: &&str| crate::rules::overlay::has(here, path);
    packed(here)
        || MAKING.iter().any(in_overlay)
        || items(here.image).any(|i| i.kind == ItemKind::Product || i.group().is_some())
}

/// An archive may hold accounts.
fn packed(here: &Here<'_>) -> bool {
    let accounts = |name: &str| match here.folder.members(name) {
        Some(Ok(members)) => members.iter().any(|m| MAKING.iter().any(|p| m.name.contains(p))),
        _ => true,
    };
    let mut archives = items(here.image).filter(|i| i.kind == ItemKind::Archive);
    here.has("root.tar.gz") || archives.any(|a| accounts(a.name.value.trim()))
}

/// The first name that nothing makes.
fn unmade<'a>(here: &Here<'_>, scripts: &Scripts, at: &'a At) -> Option<&'a str> {
    let value = at.value.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if value.is_empty() || !value.chars().all(plain) {
        return None;
    }
    value
        .split(':')
        .find(|name| nobody(here, name) && !scripts.makes(name) && !half_renamed(here, name))
}

/// Commands that make accounts, or install what does.
const BY: &[&str] = &[
    "useradd",
    "adduser",
    "groupadd",
    "addgroup",
    "sysusers",
    "newusers",
    "/etc/passwd",
    "/etc/group",
];

/// The account that `adduser USER GROUP` puts into a group: it makes neither.
pub(in crate::rules) fn joined(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("adduser ")?;
    let words = rest.split_whitespace();
    let words: Vec<&str> = words
        .take_while(|w| !w.starts_with(['|', '&', ';', '>', '#']))
        .collect();
    match words.as_slice() {
        [user, group] if !user.starts_with('-') && !group.starts_with('-') => Some(user),
        _ => None,
    }
}

/// A line may make an account of that name.
pub(in crate::rules) fn making(line: &str, name: &str) -> bool {
    const INSTALLING: &[&str] = &[
        "apt", "dnf", "yum", "zypper", "pacman", "apk", "rpm", "dpkg", "curl", "wget", "pip",
    ];
    if joined(line).is_some() {
        return false;
    }
    let makes = BY.iter().any(|m| line.contains(m)) || INSTALLING.iter().any(|m| line.contains(m));
    makes && (line.contains(name) || line.contains('$'))
}

/// The account that a name is the home of, where it is called otherwise: that is told as a slip in its own name.
pub(in crate::rules) fn half_renamed(here: &Here<'_>, name: &str) -> bool {
    here.image.accounts().any(|user| left_behind(user) == Some(name))
}

/// The last folder of an account's home, where the account is called otherwise.
fn left_behind(user: &crate::description::model::Element) -> Option<&str> {
    let (folder, last) = user
        .attrs
        .get("home")?
        .trim()
        .trim_end_matches('/')
        .rsplit_once('/')?;
    let own = user.attrs.get("name")?.trim();
    let kept = matches!(folder, "/home" | "/var/lib" | "/srv" | "/opt") && last.len() > 3;
    (kept && last != own && own != "root").then_some(last)
}

/// Accounts with a new name, where files, units and scripts go by the one that their homes still have.
fn renamed(here: &Here<'_>, found: &mut Found<'_>) {
    for user in here.image.accounts() {
        let Some((last, at)) = left_behind(user).zip(user.attrs.at("name")) else {
            continue;
        };
        if !is_unmade_by(here, last) || found.told("user-name", at) || found.told("user-home", at) {
            continue;
        }
        let owner = |at: &At| at.value.split(':').any(|o| o.trim() == last);
        let owned = items(here.image).filter_map(|i| i.attrs().at("owner")).any(owner);
        let mut units = crate::rules::overlay::units::FOLDERS.iter().flat_map(|f| {
            let names = crate::rules::overlay::names(here, f);
            names.into_iter().map(move |n| format!("{f}/{n}"))
        });
        let runs = |path: String| {
            let text = overlays(here).find_map(|o| here.folder.read(&format!("{o}/{path}")));
            text.is_some_and(|t| {
                String::from_utf8_lossy(&t)
                    .lines()
                    .any(|l| l == format!("User={last}"))
            })
        };
        if !owned && !units.any(runs) && !may(here, last) {
            continue;
        }
        let name = at.value.trim();
        let message =
            format!("the account is called `{name}`, and its home, files and services are `{last}`'s");
        let edit = found.replace(at, last, false);
        if let Some(told) = found.add("user-name", at, message, format!("did you mean `{last}`?")) {
            told.fixes.extend(edit);
            told.severity = crate::diagnostic::Severity::Warning;
            told.help =
                Some("the build would stop where files are given to it, or its services not start".into());
        }
    }
}

/// A rule of sudo in an overlay is for that account.
fn may(here: &Here<'_>, name: &str) -> bool {
    let more = crate::rules::overlay::names(here, "etc/sudoers.d")
        .into_iter()
        .map(|n| format!("sudoers.d/{n}"));
    let mut paths = more.chain(["sudoers".to_owned()]);
    paths.any(|path| {
        let text = overlays(here).find_map(|o| here.folder.read(&format!("{o}/etc/{path}")));
        text.is_some_and(|t| {
            String::from_utf8_lossy(&t)
                .lines()
                .any(|l| l.split_whitespace().next() == Some(name))
        })
    })
}

/// Accounts that the first start of a system makes, in a cloud or where it is set up.
const FIRST_START: &[&str] = &[
    "almalinux",
    "arch",
    "azureuser",
    "centos",
    "cloud-user",
    "debian",
    "ec2-user",
    "fedora",
    "opensuse",
    "rocky",
    "sles",
    "suse",
    "ubuntu",
];

/// Parts of the names of packages that do so.
const STARTERS: &[&str] = &[
    "cloud",
    "ignition",
    "combustion",
    "afterburn",
    "agent",
    "firstboot",
    "initial-setup",
    "subiquity",
    "wsl",
    "ec2",
    "azure",
    "raspi-config",
    "userconf",
];

/// The first start of the system makes the account, as far as it can be seen.
fn at_first_start(here: &Here<'_>, name: &str) -> bool {
    let names = || crate::rules::scripts::needs::names(here);
    let many = names().nth(crate::rules::scripts::names::FEW).is_some();
    let starter = |n: &str| STARTERS.iter().any(|s| n.contains(s));
    FIRST_START.contains(&name)
        && !(many && !crate::rules::scripts::names::brings_much(here) && !names().any(starter))
}

/// Accounts that packages make under names that are not theirs.
const OTHERS: &[&str] = &[
    "_apt",
    "_chrony",
    "adm",
    "agama",
    "arpwatch",
    "at",
    "avahi",
    "cdrom",
    "ceph",
    "chrony",
    "clamav",
    "cockpit-ws",
    "colord",
    "core",
    "cups",
    "dbus",
    "dhcpd",
    "dnsmasq",
    "dovecot",
    "firebird",
    "flatpak",
    "games",
    "gdm",
    "geoclue",
    "git",
    "gnats",
    "grafana",
    "_greetd",
    "greetd",
    "greeter",
    "haldaemon",
    "hacluster",
    "haproxy",
    "ident",
    "irc",
    "kvm",
    "ldap",
    "libvirt-qemu",
    "lightdm",
    "list",
    "liveuser",
    "lxd",
    "man",
    "memcached",
    "messagebus",
    "mongodb",
    "munin",
    "nagios",
    "news",
    "nm-openconnect",
    "nscd",
    "nslcd",
    "ntp",
    "oprofile",
    "pcp",
    "pegasus",
    "pipewire",
    "polkitd",
    "polkituser",
    "prometheus",
    "proxy",
    "pulse",
    "qemu",
    "radvd",
    "rpc",
    "rpcuser",
    "rtkit",
    "salt",
    "saned",
    "sddm",
    "setroubleshoot",
    "scard",
    "snapper",
    "squid",
    "srv",
    "sshd",
    "ssl-cert",
    "sssd",
    "statd",
    "stunnel",
    "svn",
    "syslog",
    "tcpdump",
    "tftp",
    "tomcat",
    "toranon",
    "tss",
    "unbound",
    "upsd",
    "usbmux",
    "usbmuxd",
    "uucp",
    "uuidd",
    "vscan",
    "vnc",
    "wnn",
    "zabbix",
    "vagrant",
    "admin",
    "live",
    "user",
    "nfsnobody",
];

/// A table of accounts of the overlay speaks of that name.
pub(super) fn declared(here: &Here<'_>, name: &str) -> bool {
    let folders = ["etc/sysusers.d", "usr/lib/sysusers.d"];
    let paths = overlays(here).flat_map(|o| folders.iter().map(move |f| format!("{o}/{f}")));
    let mut texts = paths.flat_map(|folder| {
        let names = here.folder.names(&folder).unwrap_or_default();
        names
            .into_iter()
            .filter_map(move |n| here.folder.read(&format!("{folder}/{n}")))
    });
    texts.any(|text| memchr::memmem::find(&text, name.as_bytes()).is_some())
}

/// Nothing in the whole description can make an account of that name, as far as it can be seen: no script that makes
/// accounts speaks of it either.
pub(in crate::rules) fn is_unmade(here: &Here<'_>, name: &str) -> bool {
    !half_renamed(here, name) && is_unmade_by(here, name)
}

/// The same, whatever is told of it elsewhere.
fn is_unmade_by(here: &Here<'_>, name: &str) -> bool {
    is_unmade_beside(here, name, "")
}

/// The same of all but one script, whose text is given.
pub(in crate::rules) fn is_unmade_beside(here: &Here<'_>, name: &str, own: &str) -> bool {
    let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
    let mut based = || types.any(|t| t.element.attrs.at("derived_from").is_some());
    // An include that is not there may have made it.
    let includes = |f: &crate::description::model::File| f.text.matches("<include ").count();
    let whole = here.image.files.iter().map(includes).sum::<usize>() < here.image.files.len();
    if !whole || here.image.accounts().next().is_none() {
        return false;
    }
    let listed = || crate::rules::overlay::has(here, "etc/passwd");
    if name.len() < 3 || OTHERS.contains(&name) || !nobody(here, name) || packed(here) || based() || listed()
    {
        return false;
    }
    let scripts = crate::description::SCRIPTS.iter().filter(|s| here.has(s));
    let mut texts = scripts.filter_map(|s| here.folder.read(s));
    let makes = |text: &Vec<u8>| {
        let text = String::from_utf8_lossy(text);
        if !own.is_empty() && text == own {
            return false;
        }
        let making = |l: &str| BY.iter().any(|m| l.contains(m));
        text.lines()
            .any(|l| making(l) && (l.contains(name) || l.contains('$')))
    };
    !declared(here, name) && !texts.any(|t| makes(&t))
}

/// No `<user>`, no group, no package and no system has that name, and it is no slip of one that there is.
fn nobody(here: &Here<'_>, name: &str) -> bool {
    let users = || here.image.accounts();
    let own = || users().any(|u| u.attrs.get("name") == Some(name));
    let grouped = || {
        let groups = users().flat_map(|u| u.attrs.list("groups"));
        groups.into_iter().any(|g| g.split(':').next() == Some(name))
    };
    // Packages make accounts that are called as they are, or nearly.
    let stem = name
        .trim_start_matches('_')
        .trim_end_matches(|c: char| c.is_ascii_digit());
    let brought = || items(here.image).any(|i| i.kind != ItemKind::File && i.name.value.contains(stem));
    let brought = || !FIRST_START.contains(&name) && brought();
    let known = GROUPS.contains(&name) && !FIRST_START.contains(&name)
        || at_first_start(here, name)
        || ACCOUNTS.contains(&name)
        || name.starts_with("systemd");
    // A slip of one that there is has been told as such.
    let close = |k: &str| k.len() > 3 && crate::rules::found::one_keystroke(k, name);
    let slip = || {
        let accounts = users().filter_map(|u| u.attrs.get("name"));
        GROUPS.iter().chain(ACCOUNTS).copied().chain(accounts).any(close)
    };
    let number = name.bytes().all(|b| b.is_ascii_digit());
    !number && name.len() > 2 && !known && !own() && !grouped() && !brought() && !slip()
}
