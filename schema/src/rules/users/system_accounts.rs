//! Numbers that a distribution's own accounts have before any is made: those of the package that brings `/etc/passwd`.
//! Accounts that other packages make get numbers of their own, and are left aside.

use crate::description::model::Element;
use crate::rules::found::Found;
use crate::rules::scope::Scope;

type Accounts = &'static [(u64, &'static str)];

const DEBIAN: Accounts = &[
    (1, "daemon"),
    (2, "bin"),
    (3, "sys"),
    (4, "sync"),
    (5, "games"),
    (6, "man"),
    (7, "lp"),
    (8, "mail"),
    (9, "news"),
    (10, "uucp"),
    (13, "proxy"),
    (33, "www-data"),
    (34, "backup"),
    (38, "list"),
    (39, "irc"),
    (42, "_apt"),
];

const RED_HAT: Accounts = &[
    (1, "bin"),
    (2, "daemon"),
    (3, "adm"),
    (4, "lp"),
    (5, "sync"),
    (6, "shutdown"),
    (7, "halt"),
    (8, "mail"),
    (11, "operator"),
    (12, "games"),
    (14, "ftp"),
];

const ARCH: Accounts = &[(1, "bin"), (2, "daemon"), (8, "mail"), (14, "ftp"), (33, "http")];

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let (accounts, whose) = match scope.manager {
        "apt" => (DEBIAN, "Debian"),
        "dnf4" | "dnf5" | "microdnf" => (RED_HAT, "Fedora"),
        "pacman" => (ARCH, "Arch"),
        _ => return,
    };
    for user in scope.view.users() {
        taken(user, accounts, whose, found);
    }
}

/// Judges the number of one account.
fn taken(user: &Element, accounts: Accounts, whose: &str, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("id") else { return };
    let name = user.attrs.get("name").unwrap_or("");
    let Ok(id) = at.value.trim().parse::<u64>() else {
        return;
    };
    // An account of the system that is named is changed, and keeps its number.
    if accounts.iter().any(|(_, known)| *known == name) {
        return;
    }
    if let Some((_, owner)) = accounts.iter().find(|(number, _)| *number == id) {
        let message = format!("the number {id} belongs to `{owner}` on {whose}");
        found.add(
            "user-id",
            at,
            message,
            "1000 to 60000 for people, 200 to 999 for programs",
        );
    }
}
