//! Accounts that files and containers are given to, and that nothing makes: no `<user>`, no package by its name, no script.
//! Knows the accounts that systems have; asks no repository.

use super::containers::ACCOUNTS;
use super::files::{Here, items};
use super::found::Found;
use super::groups::GROUPS;
use super::overlay::{Scripts, overlays};
use crate::description::model::{At, Item, ItemKind};

/// Files and folders of an overlay that make accounts.
const MAKING: &[&str] = &["etc/passwd", "etc/sysusers.d", "usr/lib/sysusers.d"];

/// Judges owners of files, and users of containers.
pub(super) fn check(here: &Here<'_>, found: &mut Found<'_>) {
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
        }
    }
}

/// Something may hold accounts that cannot be seen.
fn more(here: &Here<'_>) -> bool {
    let in_overlay =
        |path: &&str| overlays(here).any(|o| here.folder.entry(&format!("{o}/{path}")).is_some());
    let unseen = |kind: ItemKind| matches!(kind, ItemKind::Collection | ItemKind::Product);
    let accounts = |name: &str| match here.folder.members(name) {
        Some(Ok(members)) => members.iter().any(|m| MAKING.iter().any(|p| m.name.contains(p))),
        _ => true,
    };
    let mut archives = items(here.image).filter(|i| i.kind == ItemKind::Archive);
    here.has("root.tar.gz")
        || archives.any(|a| accounts(a.name.value.trim()))
        || MAKING.iter().any(in_overlay)
        || items(here.image).any(|i| unseen(i.kind))
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
        .find(|name| nobody(here, name) && !scripts.say(name))
}

/// Nothing in the whole description can make an account of that name, as far as it can be seen: no script that makes
/// accounts speaks of it either.
pub(super) fn is_unmade(here: &Here<'_>, name: &str) -> bool {
    const MAKING: &[&str] = &[
        "useradd",
        "adduser",
        "groupadd",
        "addgroup",
        "sysusers",
        "newusers",
        "/etc/passwd",
    ];
    if name.len() < 3 || more(here) || !nobody(here, name) {
        return false;
    }
    // Desktops and what sets a system up at its first start make accounts of their own.
    let setting_up = |i: &Item| {
        super::script_names::MUCH
            .iter()
            .chain(&["cloud-init", "casper"])
            .any(|m| i.name.value.contains(m))
    };
    let scripts = crate::description::SCRIPTS.iter().filter(|s| here.has(s));
    let mut texts = scripts.filter_map(|s| here.folder.read(s));
    let makes = |text: &Vec<u8>| {
        let text = String::from_utf8_lossy(text);
        let making = |l: &str| MAKING.iter().any(|m| l.contains(m));
        text.lines()
            .any(|l| making(l) && (l.contains(name) || l.contains('$')))
    };
    !items(here.image).any(setting_up) && !texts.any(|t| makes(&t))
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
    let brought = || items(here.image).any(|i| i.name.value.contains(stem));
    let known = GROUPS.contains(&name) || ACCOUNTS.contains(&name) || name.starts_with("systemd");
    // A slip of one that there is has been told as such.
    let close = |k: &str| k.len() > 3 && super::found::one_keystroke(k, name);
    let slip = || {
        let accounts = users().filter_map(|u| u.attrs.get("name"));
        GROUPS.iter().chain(ACCOUNTS).copied().chain(accounts).any(close)
    };
    let number = name.bytes().all(|b| b.is_ascii_digit());
    !number && name.len() > 2 && !known && !own() && !grouped() && !brought() && !slip()
}
