//! Programs that containers start with and that no list brings. Looks at the lists of packages by name alone; asks no
//! registry.

use super::containers::is_placeholder;
use super::found::{Found, near};
use super::scope::Scope;
use crate::description::PackageKind;
use crate::description::model::ItemKind;

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
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let Some(config) = kind.child("containerconfig") else {
        return;
    };
    // Anything may come with a base, an archive or a group.
    let more = scope.brings(|_| true)
        || [PackageKind::Bootstrap, PackageKind::System]
            .into_iter()
            .any(|list| scope.special(list, ItemKind::Archive).next().is_some());
    if !matches!(scope.image(), "docker" | "oci") || !scope.type_has_packages() {
        return;
    }
    for command in ["entrypoint", "subcommand"] {
        let Some(at) = config.child(command).and_then(|c| c.attrs.at("execute")) else {
            continue;
        };
        let value = at.value.trim();
        let (folder, name) = value.rsplit_once('/').map_or(("", value), |(f, n)| (f, n));
        let usual = matches!(folder, "" | "/bin" | "/usr/bin" | "/sbin" | "/usr/sbin");
        if !usual || is_placeholder(value) || name.len() < 4 || name.contains(['.', ' ']) {
            continue;
        }
        if let Some((_, brought)) = STARTERS.iter().find(|(program, _)| *program == name) {
            let base = kind.attrs.at("derived_from").is_some();
            let there = || {
                brought
                    .iter()
                    .any(|b| scope.installed().any(|i| i.name.value.contains(b)))
            };
            if !base && !more && !there() {
                let message = format!("no list installs `{name}`, which the container is to start");
                found.add(
                    "container-command",
                    at,
                    message,
                    format!("add the package that has `{name}`"),
                );
            }
            continue;
        }
        let digits = |w: &str| w.bytes().any(|b| b.is_ascii_digit());
        let same = |meant: &&str| {
            let twice = super::groups::sorted(meant) == super::groups::sorted(name);
            let doubled = name.len() == meant.len() + 1
                && name.as_bytes().windows(2).any(|w| matches!(w, [a, b] if a == b));
            !digits(meant) && !digits(name) && meant.len() > 3 && (twice || doubled)
        };
        let usual = USUAL.iter().copied();
        if let Some(meant) = usual.clone().find(|u| super::misspelt::exchanged(u, name)) {
            let message = format!("no program is known as `{name}`");
            let whole = if folder.is_empty() {
                meant.to_owned()
            } else {
                format!("{folder}/{meant}")
            };
            found.instead("container-command", at, message, Some(&whole), false, "");
            continue;
        }
        let starters = STARTERS.iter().map(|(program, _)| *program);
        let listed: Vec<&str> = scope.installed().map(|i| i.name.value.as_str()).collect();
        if listed.contains(&name) {
            continue;
        }
        let starters = starters.filter(|s| listed.iter().any(|l| l.contains(s)));
        let known = starters.chain(listed.iter().copied()).filter(same);
        if let Some(meant) = near(name, known) {
            let message = format!("the container is to start `{name}`, and a list installs `{meant}`");
            let whole = if folder.is_empty() {
                meant.to_owned()
            } else {
                format!("{folder}/{meant}")
            };
            found.instead("container-command", at, message, Some(&whole), false, "");
        }
    }
}
