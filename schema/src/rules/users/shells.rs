//! The shells of accounts: whether there is such a program, and whether a list installs it. Knows where systems have
//! their shells, and no system's own files beyond that.

use crate::description::model::Element;
use crate::rules::found::{Found, near};
use crate::rules::scope::Scope;

/// A program that accounts are given as their shell.
struct Shell {
    /// Its name.
    name: &'static str,
    /// How the names of packages begin that bring it; empty where every system has it or that is not known.
    packages: &'static [&'static str],
}

const fn of(name: &'static str, packages: &'static [&'static str]) -> Shell {
    Shell { name, packages }
}

/// The likeliest first: of two that are as near to a slip of the pen, the first is meant.
const SHELLS: &[Shell] = &[
    of("bash", &[]),
    of("nologin", &[]),
    of("fish", &["fish"]),
    of("zsh", &["zsh"]),
    of("sh", &[]),
    of("dash", &[]),
    of("false", &[]),
    of("true", &[]),
    of("ksh", &["ksh", "mksh", "lksh", "oksh"]),
    of("tcsh", &["tcsh"]),
    of("csh", &["tcsh", "csh"]),
    of("mksh", &["mksh"]),
    of("rbash", &[]),
    of("ash", &[]),
    of("busybox", &[]),
    of("sync", &[]),
    of("git-shell", &["git"]),
];

/// Programs that are a keystroke away from a shell and are meant.
const OTHERS: &[&str] = &[
    "ksh93",
    "ksh88",
    "lksh",
    "oksh",
    "pdksh",
    "mksh-static",
    "sash",
    "posh",
    "yash",
    "rssh",
    "scsh",
    "psh",
    "osh",
    "ysh",
    "xsh",
    "rsh",
    "ssh",
    "hush",
    "nash",
    "rc",
    "es",
    "nu",
    "elvish",
    "xonsh",
    "pwsh",
    "halt",
    "passwd",
    "lshell",
    "login",
    "bash-static",
    "zsh5",
    "tsh",
    "bosh",
    "msh",
    "nsh",
    "vsh",
    "dsh",
    "jsh",
    "wish",
    "rush",
];

/// Where systems have them.
const FOLDERS: &[&str] = &[
    "/bin",
    "/usr/bin",
    "/sbin",
    "/usr/sbin",
    "/usr/local/bin",
    "/opt/bin",
    "/usr/lib/git-core",
];

/// Judges the shells of one view's accounts.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    for user in scope.view.users() {
        shell(scope, user, found);
    }
}

/// Judges the shell of one account.
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
        super::absolute("user-shell", at, "shell", &new, found);
        return;
    }
    let Some((folder, name)) = shell.rsplit_once('/') else {
        return;
    };
    if name.is_empty() && folder.len() > 1 {
        let message = format!("`{shell}` is a folder, and a shell is a program");
        found.instead("user-shell", at, message, Some(folder), true, "");
        return;
    }
    if let Some((program, _)) = shell.split_once(char::is_whitespace) {
        let message = "a shell takes no arguments here: all of it is taken for the program's path".to_owned();
        found.instead("user-shell", at, message, Some(program), false, "");
        return;
    }
    let Some(known) = SHELLS.iter().find(|s| s.name == name) else {
        if let Some(meant) = slip(name) {
            let message = format!("no shell is known as `{shell}`");
            let whole = format!("{folder}/{meant}");
            found.instead("user-shell", at, message, Some(&whole), false, "");
        }
        return;
    };
    if nowhere(folder, name) {
        let message = format!("there is no folder `{folder}` for the shell `{name}`");
        let right = match name {
            "nologin" => "/sbin/nologin".to_owned(),
            _ => format!("/bin/{name}"),
        };
        found.instead("user-shell", at, message, Some(&right), false, "");
        return;
    }
    // Where `/bin` and `/sbin` are one since long, it is in both.
    if name == "nologin" && matches!(scope.manager, "zypper" | "apt") && folder.ends_with("/bin") {
        let message = format!("there is no `{shell}`: `nologin` lies in `/usr/sbin`");
        found.instead("user-shell", at, message, Some("/usr/sbin/nologin"), false, "");
        return;
    }
    // Alpine's own shell is that of busybox.
    let packages: &[&str] = match (known.name, scope.manager) {
        ("bash", "apk") => &["bash"],
        _ => known.packages,
    };
    let mut brought = packages.iter().flat_map(|package| scope.starting(package));
    if let Some(package) = packages.first().filter(|_| scope.type_has_packages())
        && !folder.starts_with("/usr/local")
        // A base image may have it.
        && scope.view.type_attr("derived_from").is_none()
        && !crate::rules::packages::open_ended(scope)
        && brought.next().is_none()
    {
        let user = user.attrs.get("name").unwrap_or("");
        let message = format!("no list installs `{package}`, which has the shell of `{user}`");
        let label = format!("add the package `{package}`");
        if found.add("user-shell", at, message, label).is_some() {
            crate::rules::packages::offers::package(
                scope,
                package,
                crate::rules::packages::offers::For::All,
                found,
            );
        }
    }
}

/// How the names of packages begin that bring a shell which not every system has.
pub(in crate::rules) fn of_package(name: &str) -> Option<&'static [&'static str]> {
    let known = SHELLS.iter().find(|s| s.name == name);
    known.map(|s| s.packages).filter(|p| !p.is_empty())
}

/// The shell that a name is a slip of the pen for, which no other shell's is.
pub(in crate::rules) fn slip(name: &str) -> Option<&'static str> {
    if name == "hs" {
        return Some("sh");
    }
    if OTHERS.contains(&name) || SHELLS.iter().any(|s| s.name == name) || name.len() < 3 {
        return None;
    }
    let all = || SHELLS.iter().map(|s| s.name);
    // Two that are as near leave open which is meant, and not that one is.
    let close = |s: &&str| name.len() <= 7 && crate::rules::found::one_keystroke(name, s);
    near(name, all()).or_else(|| all().find(close))
}

/// A folder that no system has for its shells, though one like it.
fn nowhere(folder: &str, name: &str) -> bool {
    let short = [
        "",
        "/usr",
        "/usr/bin/bin",
        "/bin/bin",
        "/etc",
        "/lib",
        "/usr/lib",
        "/usr/share",
    ];
    folder == "/usr/local/bin" && matches!(name, "bash" | "sh" | "nologin" | "false")
        || !FOLDERS.contains(&folder)
            && (short.contains(&folder)
                && matches!(name, "bash" | "sh" | "zsh" | "fish" | "nologin" | "false")
                || near(folder, FOLDERS.iter().copied()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_one_meaning_and_a_shell_of_its_own_none() {
        for (name, meant) in [
            ("bsh", Some("bash")),
            ("bahs", Some("bash")),
            ("bas", Some("bash")),
            ("basg", Some("bash")),
            ("zhs", Some("zsh")),
            ("fsh", Some("fish")),
            ("nologn", Some("nologin")),
            ("nolgoin", Some("nologin")),
            ("flase", Some("false")),
            ("ssh", None),
            ("yash", None),
            ("ksh93", None),
            ("own-shell", None),
            ("agent", None),
            ("cat", None),
        ] {
            assert_eq!(slip(name), meant, "{name}");
        }
    }

    #[test]
    fn folders_without_shells() {
        for (folder, name, none) in [
            ("/usr", "bash", true),
            ("/usr/bn", "bash", true),
            ("/bni", "sh", true),
            ("/usr/local/bin", "zsh", false),
            ("/opt/tools/bin", "bash", false),
        ] {
            assert_eq!(nowhere(folder, name), none, "{folder}/{name}");
        }
    }
}
