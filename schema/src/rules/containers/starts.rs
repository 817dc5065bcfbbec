//! Programs that containers start with and that no list brings. Looks at the lists of packages by name alone; asks no
//! registry.

use super::names::is_placeholder;
use crate::description::PackageKind;
use crate::description::model::{At, ItemKind};
use crate::rules::found::{Found, near, same_letters};
use crate::rules::packages::pythons;
use crate::rules::scope::Scope;

/// Programs that containers start with, and what the names of packages have in them that bring one.
const STARTERS: &[(&str, &[&str])] = &[
    ("tini", &["tini"]),
    ("dumb-init", &["dumb-init"]),
    ("catatonit", &["catatonit", "podman"]),
    ("nginx", &["nginx", "openresty"]),
    ("supervisord", &["supervisor"]),
    ("haproxy", &["haproxy"]),
    ("memcached", &["memcached"]),
    ("redis-server", &["redis", "valkey"]),
    ("dnsmasq", &["dnsmasq"]),
    ("squid", &["squid"]),
];

/// Programs that containers often start with, and that are no slips of others.
const USUAL: &[&str] = &[
    "python3",
    "python",
    "node",
    "java",
    "ruby",
    "perl",
    "bash",
    "systemd",
    "init",
    "sleep",
    "httpd",
    "apache2",
    "sshd",
    "nginx",
    "php-fpm",
    "postgres",
    "mysqld",
    "mariadbd",
    "catatonit",
    "tini",
];

/// A program that a container is to start and that no list brings: one that is missing, or a slip of a package's name.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if !matches!(scope.image(), "docker" | "oci") || !scope.type_has_packages() {
        return;
    }
    let config = scope.kind().child("containerconfig");
    for command in ["entrypoint", "subcommand"] {
        let named = config.and_then(|c| c.child(command));
        if let Some(at) = named.and_then(|c| c.attrs.at("execute")) {
            start(scope, at, found);
        }
    }
}

/// Judges the program of one command.
fn start<'a>(scope: &Scope<'a>, at: &'a At, found: &mut Found<'_>) {
    let value = at.value.trim();
    let (folder, name) = value.rsplit_once('/').unwrap_or(("", value));
    let usual = matches!(folder, "" | "/bin" | "/usr/bin" | "/sbin" | "/usr/sbin");
    if usual && numbered(scope, at, value, name, found) {
        return;
    }
    if value.starts_with('/')
        && let Some(meant) = crate::rules::disk::folders::top(value)
    {
        let message = format!("`{value}` begins with no folder that systems have");
        found.instead("container-command", at, message, Some(&meant), false, "");
        return;
    }
    if !usual || is_placeholder(value) || name.len() < 4 || name.contains(['.', ' ']) {
        return;
    }
    const SERVERS: &[&str] = &[
        "sshd", "nginx", "httpd", "haproxy", "dnsmasq", "squid", "unbound", "named", "crond", "rsyslogd",
    ];
    let apart = match scope.manager {
        "apt" | "apk" => true,
        "dnf4" | "dnf5" | "microdnf" => ["almalinux-", "rocky-", "centos-", "redhat-"]
            .iter()
            .any(|r| scope.starting(r).next().is_some()),
        _ => false,
    };
    if apart && matches!(folder, "/bin" | "/usr/bin") && SERVERS.contains(&name) && !has_more(scope) {
        let message = format!("there is no `{value}`: it lies in `/usr/sbin`");
        found.instead(
            "container-command",
            at,
            message,
            Some(&format!("/usr/sbin/{name}")),
            false,
            "",
        );
        return;
    }
    if let Some((_, brought)) = STARTERS.iter().find(|(program, _)| *program == name) {
        if !has_more(scope) && !brings(scope, brought) {
            let message = format!("no list installs `{name}`, which the container is to start");
            let label = format!("add the package that has `{name}`");
            found.add("container-command", at, message, label);
        }
        return;
    }
    // Elsewhere every system has it.
    if name == "bash" && scope.manager == "apk" && scope.starting("bash").next().is_none() && !has_more(scope)
    {
        let message = "no list installs `bash`, which the container is to start".to_owned();
        found.instead("container-command", at, message, Some("/bin/sh"), false, "");
        return;
    }
    let whole = |meant: &str| match folder {
        "" => meant.to_owned(),
        _ => format!("{folder}/{meant}"),
    };
    let exchanged = |usual: &&str| crate::rules::packages::misspelt::exchanged(usual, name);
    if let Some(meant) = USUAL.iter().copied().find(exchanged) {
        let message = format!("no program is known as `{name}`");
        found.instead("container-command", at, message, Some(&whole(meant)), false, "");
        return;
    }
    if scope.has(name) {
        return;
    }
    // A number may be another program's, and a letter too many another's too: letters change places, or one is doubled.
    let digits = |w: &str| w.bytes().any(|b| b.is_ascii_digit());
    let slip = |meant: &&str| {
        let twice = name.as_bytes().windows(2).any(|w| matches!(w, [a, b] if a == b));
        let doubled = name.len() == meant.len() + 1 && twice;
        let same = || same_letters(meant, name);
        // One is lost in a long name, and is none that programs are without.
        let lost = || {
            let ending = meant.strip_prefix(name);
            name.len() > 7
                && name.len() + 1 == meant.len()
                && !matches!(ending, Some("d" | "s" | "c" | "x" | "p"))
        };
        meant.len() > 3 && !digits(meant) && !digits(name) && (doubled || same() || lost())
    };
    let starters = || near(name, STARTERS.iter().map(|(program, _)| *program));
    let starter = || starters().filter(|meant| brings(scope, &[meant]));
    let meant = scope.near_installed(name).or_else(starter);
    if let Some(meant) = meant.filter(slip) {
        let message = format!("the container is to start `{name}`, and a list installs `{meant}`");
        found.instead("container-command", at, message, Some(&whole(meant)), false, "");
    }
}

/// Python of another number than the one that is listed. True where that was told.
fn numbered(scope: &Scope<'_>, at: &At, value: &str, name: &str, found: &mut Found<'_>) -> bool {
    let Some(own) = name.strip_prefix("python3.").filter(|n| pythons::is_minor(n)) else {
        return false;
    };
    if has_more(scope) && scope.kind().attrs.at("derived_from").is_none() {
        return false;
    }
    let names = scope.installed().map(|i| i.name.value.as_str());
    let Some(other) = pythons::minor(names) else {
        return false;
    };
    if other == own {
        return false;
    }
    let message = format!("the container is to start `{name}`, and the packages are for `python3.{other}`");
    let whole = value.replacen(name, &format!("python3.{other}"), 1);
    found.instead("container-command", at, message, Some(&whole), false, "");
    true
}

/// Anything may come with an archive, a group or a base.
fn has_more(scope: &Scope<'_>) -> bool {
    let mut lists = [PackageKind::Bootstrap, PackageKind::System].into_iter();
    scope.kind().attrs.at("derived_from").is_some()
        || scope.brings(|_| true)
        || lists.any(|list| scope.special(list, ItemKind::Archive).next().is_some())
}

/// A list installs a package that has one of these in its name.
fn brings(scope: &Scope<'_>, parts: &[&str]) -> bool {
    let has = |name: &str| parts.iter().any(|part| name.contains(part));
    scope.installed().any(|item| has(&item.name.value)) || scope.meant().any(has)
}

/// Programs that start a whole system.
const INITS: &[&str] = &[
    "/sbin/init",
    "/usr/sbin/init",
    "/usr/lib/systemd/systemd",
    "/lib/systemd/systemd",
];

/// Judges whether the init program that a container starts with is in it.
pub(in crate::rules) fn init(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let Some(config) = kind.child("containerconfig") else {
        return;
    };
    let commands = ["entrypoint", "subcommand"].into_iter();
    let mut commands = commands.filter_map(|c| config.child(c)?.attrs.at("execute"));
    let Some(at) = commands.find(|at| INITS.contains(&at.value.trim())) else {
        return;
    };
    let brings = [
        "systemd", "openrc", "sysvinit", "init", "runit", "s6", "busybox", "dinit",
    ];
    // Of names in lists there are few that a system's init hides behind.
    let named = || self::brings(scope, &brings);
    if kind.attrs.at("derived_from").is_none()
        && scope.has_list(crate::description::PackageKind::Bootstrap)
        && !crate::rules::packages::open_ended(scope)
        && !scope.recommended()
        && !named()
        && !["patterns-", "pattern:", "task-", "udev"]
            .iter()
            .any(|p| scope.starting(p).next().is_some())
    {
        let message = format!(
            "the container starts with `{}`, and no list installs an init",
            at.value.trim()
        );
        found.add(
            "container-command",
            at,
            message,
            "add `systemd`, or another program that runs the services",
        );
    }
}
