//! Addresses of repositories that have the right form and lead to nothing all the same: index files, a path that is a
//! slip of a distribution's own, a release that is nowhere named. Asks no server.

use crate::description::model::At;
use crate::rules::found::{Found, near};
use crate::rules::scope::Scope;

/// What is wrong with the address of a repository in the network, in the order of how sure it is. True where something
/// was said.
pub(in crate::rules) fn remote(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let value = source.value.trim();
    if matches!(host.trim_end_matches(':'), "http" | "https" | "ftp") {
        let message = format!("`{value}` has its scheme twice");
        let rest = path.trim_start_matches('/');
        let whole = format!("{}://{rest}", host.trim_end_matches(':'));
        found.instead("repository-address", source, message, Some(&whole), true, "");
        return true;
    }
    if value.contains('\\') {
        let message = format!("`{value}` has backslashes, and what is on servers is parted by `/`");
        let whole = value.replace('\\', "/");
        found.instead("repository-address", source, message, Some(&whole), true, "");
        return true;
    }
    for (mark, what) in [
        ("/repodata/repomd.xml", "the index of the repository"),
        ("/repodata", "the folder of its index"),
        ("/InRelease", "the index of one suite"),
        ("/Release", "the index of one suite"),
    ] {
        let bare = value.trim_end_matches('/');
        if let Some(whole) = bare.strip_suffix(mark) {
            let message = format!("the address leads to {what}, not to the repository");
            found.instead("repository-address", source, message, Some(whole), true, "");
            return true;
        }
    }
    let bare = value.trim_end_matches('/');
    let settings = [
        (".repo", "settings of a package manager"),
        (".list", "settings of apt"),
    ];
    // Amazon's lists of mirrors end like apt's settings.
    let mirrors = bare.ends_with("/mirror.list");
    let named = settings.iter().find(|(end, _)| bare.ends_with(end));
    if let Some((end, what)) = named.filter(|_| !mirrors) {
        let folder = bare.rsplit_once('/').map(|(folder, _)| folder);
        let message = format!("the address leads to {what} (`{end}`), not to a repository");
        let folder = folder.filter(|f| f.contains("://"));
        found.instead(
            "repository-address",
            source,
            message,
            folder,
            false,
            "the `baseurl` that stands in it",
        );
        return true;
    }
    let known = is_known(host, path);
    !known && (slip(source, host, path, found) || system(source, path, found))
        || super::layouts::path(source, host, path, known, found)
}

/// The server has that path, whatever stands where any name may.
fn is_known(host: &str, path: &str) -> bool {
    let own = path.trim_end_matches('/').as_bytes();
    let mut paths = PATHS.iter().filter(|(server, _)| *server == host);
    paths.any(|(_, known)| goes_along(known.as_bytes(), own))
}

/// The path is one of these, in which `*` stands for any folder.
fn goes_along(mut known: &[u8], mut own: &[u8]) -> bool {
    loop {
        match (known, own) {
            ([], []) => return true,
            ([b'*', rest @ ..], [first, ..]) if *first != b'/' => {
                known = rest;
                let end = own.iter().position(|b| *b == b'/').unwrap_or(own.len());
                own = own.get(end..).unwrap_or_default();
            }
            ([one, rest @ ..], [other, tail @ ..]) if one == other => (known, own) = (rest, tail),
            _ => return false,
        }
    }
}

/// A folder that is a slip of those by which repositories for openSUSE's moving releases are called.
fn system(source: &At, path: &str, found: &mut Found<'_>) -> bool {
    const NAMES: &[&str] = &["openSUSE_Tumbleweed", "openSUSE_Factory", "openSUSE_Slowroll"];
    let slip = |part: &str| {
        let close = |n: &&str| crate::rules::found::one_keystroke(n, part);
        NAMES
            .iter()
            .copied()
            .find(close)
            .filter(|_| !NAMES.contains(&part))
    };
    let long = |part: &&str| (15..21).contains(&part.len());
    let Some((part, meant)) = path
        .split('/')
        .filter(long)
        .find_map(|part| Some((part, slip(part)?)))
    else {
        return false;
    };
    let message = format!("openSUSE has no release for a folder `{part}`");
    found.instead_of("repository-address", source, message, (part, meant), false);
    true
}

/// The folder of a path that names a machine: the one before `os`.
pub(in crate::rules) fn machine_of<'p>(host: &str, path: &'p str) -> Option<&'p str> {
    let mut paths = PATHS
        .iter()
        .filter(|(server, path)| *server == host && path.ends_with("/*/os"));
    paths.find_map(|(_, known)| {
        let known: Vec<&str> = known.split('/').collect();
        let own: Vec<&str> = path.split('/').collect();
        let fits = known.iter().zip(&own).all(|(k, o)| *k == "*" || k == o);
        let at = known.len().checked_sub(2)?;
        own.get(at).copied().filter(|_| fits && own.len() >= known.len())
    })
}

/// Servers of distributions, with the folders that their archives lie in.
const ARCHIVES: &[(&str, &[&str])] = &[
    (
        "deb.debian.org",
        &["debian", "debian-security", "debian-debug", "debian-ports"],
    ),
    ("ftp.debian.org", &["debian"]),
    ("security.debian.org", &["debian-security", "debian"]),
    (
        "archive.debian.org",
        &["debian", "debian-security", "debian-archive", "debian-backports"],
    ),
    ("archive.ubuntu.com", &["ubuntu"]),
    ("security.ubuntu.com", &["ubuntu"]),
    ("ports.ubuntu.com", &["ubuntu-ports", "ubuntu"]),
    (
        "download.opensuse.org",
        &[
            "distribution",
            "tumbleweed",
            "update",
            "repositories",
            "ports",
            "factory",
            "source",
            "debug",
            "slowroll",
            "leap",
        ],
    ),
    ("dl-cdn.alpinelinux.org", &["alpine"]),
    ("dl.rockylinux.org", &["pub", "vault", "stg"]),
    ("repo.almalinux.org", &["almalinux", "vault", "development"]),
    ("dl.fedoraproject.org", &["pub"]),
    ("download.fedoraproject.org", &["pub"]),
    ("mirrors.fedoraproject.org", &["metalink", "mirrorlist"]),
];

/// Paths below the first folder that a server has, `*` for any name. Other paths there are not judged.
pub(in crate::rules) const PATHS: &[(&str, &str)] = &[
    ("download.opensuse.org", "tumbleweed/repo/oss"),
    ("download.opensuse.org", "tumbleweed/repo/non-oss"),
    ("download.opensuse.org", "ports/*/tumbleweed/repo/oss"),
    ("download.opensuse.org", "ports/*/tumbleweed/repo/non-oss"),
    ("download.opensuse.org", "update/tumbleweed"),
    ("download.opensuse.org", "update/tumbleweed-non-oss"),
    ("download.opensuse.org", "update/leap/*/oss"),
    ("download.opensuse.org", "update/leap/*/non-oss"),
    ("download.opensuse.org", "update/leap/*/backports"),
    ("download.opensuse.org", "update/leap/*/sle"),
    ("download.opensuse.org", "distribution/leap/*/repo/oss"),
    ("download.opensuse.org", "distribution/leap/*/repo/non-oss"),
    (
        "dl.fedoraproject.org",
        "pub/fedora/linux/releases/*/Everything/*/os",
    ),
    ("dl.fedoraproject.org", "pub/fedora/linux/updates/*/Everything"),
    (
        "dl.fedoraproject.org",
        "pub/fedora/linux/development/*/Everything/*/os",
    ),
    ("dl.fedoraproject.org", "pub/epel/*/Everything/*"),
    ("download.fedoraproject.org", "pub/epel/*/Everything/*"),
    (
        "download.fedoraproject.org",
        "pub/fedora/linux/releases/*/Everything/*/os",
    ),
    ("mirror.stream.centos.org", "*/BaseOS/*/os"),
    ("mirror.stream.centos.org", "*/AppStream/*/os"),
    ("mirror.stream.centos.org", "*/CRB/*/os"),
    ("mirror.centos.org", "centos/*/BaseOS/*/os"),
    ("mirror.centos.org", "centos/*/AppStream/*/os"),
    ("mirror.centos.org", "centos/*/PowerTools/*/os"),
    ("mirror.centos.org", "centos/*/extras/*/os"),
    ("mirror.centos.org", "centos/*/os/*"),
    ("mirror.centos.org", "centos/*/updates/*"),
    ("dl-cdn.alpinelinux.org", "alpine/*/main"),
    ("dl-cdn.alpinelinux.org", "alpine/*/community"),
    ("dl-cdn.alpinelinux.org", "alpine/edge/testing"),
    ("dl.rockylinux.org", "pub/rocky/*/BaseOS/*/os"),
    ("dl.rockylinux.org", "pub/rocky/*/AppStream/*/os"),
    ("repo.almalinux.org", "almalinux/*/BaseOS/*/os"),
    ("repo.almalinux.org", "almalinux/*/AppStream/*/os"),
    ("repo.almalinux.org", "almalinux/*/extras/*/os"),
    ("repo.almalinux.org", "almalinux/*/PowerTools/*/os"),
    ("repo.almalinux.org", "almalinux/*/CRB/*/os"),
    ("geo.mirror.pkgbuild.com", "core/os/x86_64"),
    ("geo.mirror.pkgbuild.com", "extra/os/x86_64"),
    ("geo.mirror.pkgbuild.com", "multilib/os/x86_64"),
];

/// A folder further down that is a slip of one that the server has there.
fn deeper(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    // What is left of each path that the address goes along.
    let paths = PATHS.iter().filter(|(server, _)| *server == host);
    let mut known: Vec<Option<&str>> = paths.map(|(_, path)| Some(*path)).collect();
    let head = |path: &'static str| path.split('/').next().unwrap_or(path);
    let rest = |path: &'static str| path.split_once('/').map(|(_, rest)| rest);
    for (at, part) in path.split('/').enumerate() {
        known.retain(Option::is_some);
        if known.is_empty() {
            return false;
        }
        let names = || known.iter().filter_map(|k| k.map(head));
        let fits = |name: &str| part.is_empty() || name == "*" || name == part;
        if names().any(fits) {
            known.retain(|k| k.map(head).is_some_and(fits));
            known.iter_mut().for_each(|k| *k = k.and_then(rest));
            continue;
        }
        let same = names().find(|n| n.eq_ignore_ascii_case(part));
        let Some(meant) = same.or_else(|| near(part, names())) else {
            return false;
        };
        let message = format!("`{host}` has no folder `{part}` there");
        let mut right: Vec<&str> = path.split('/').collect();
        if let Some(slot) = right.get_mut(at) {
            *slot = meant;
        }
        let part = (path, &right.join("/"));
        found.instead_of("repository-address", source, message, part, true);
        return true;
    }
    false
}

/// Servers beside those of `ARCHIVES`.
const SERVERS: &[&str] = &[
    "mirror.stream.centos.org",
    "geo.mirror.pkgbuild.com",
    "mirrors.rockylinux.org",
    "mirrors.almalinux.org",
    "updates.suse.com",
    "updates.suse.de",
    "download.suse.de",
];

/// The name of a server that is a slip of a distribution's own.
fn misspelt(source: &At, host: &str, found: &mut Found<'_>) -> bool {
    let all = || {
        ARCHIVES
            .iter()
            .map(|(name, _)| *name)
            .chain(SERVERS.iter().copied())
    };
    // Those with a number are others of their kind.
    if host.contains(|c: char| c.is_ascii_digit() || c == ':') || all().any(|name| name == host) {
        return false;
    }
    // The same name under another top domain.
    let stem = host.rsplit_once('.').map_or("", |(stem, _)| stem);
    let under = |name: &&str| {
        let rest = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|domain| !domain.contains('.'))
    };
    if let Some(meant) = all().find(under).filter(|_| stem.contains('.')) {
        let message = format!("no distribution has a server `{host}`");
        let part = (host, meant);
        found.instead_of("repository-address", source, message, part, false);
        return true;
    }
    // Those of one country.
    let own = match host.split_once('.') {
        Some(("ftp", rest)) => rest
            .split_once('.')
            .map(|(country, rest)| (country, rest, "debian.org")),
        Some((country, rest)) => Some((country, rest, "archive.ubuntu.com")),
        None => None,
    };
    let close = |rest: &str, server: &str| rest != server && crate::rules::found::one_keystroke(server, rest);
    if let Some((_, rest, server)) = own.filter(|(country, rest, s)| country.len() == 2 && close(rest, s)) {
        let message = format!("no distribution has a server `{host}`");
        found.instead_of("repository-address", source, message, (rest, server), false);
        return true;
    }
    // Below the right domain there may be other servers, of names that are less alike.
    let Some(meant) = near(host, all()) else {
        return false;
    };
    let domain = |name: &str| {
        name.split_once('.')
            .map_or(String::new(), |(_, rest)| rest.to_owned())
    };
    if domain(host) == domain(meant) && !crate::rules::found::one_keystroke(host, meant) {
        return false;
    }
    let message = format!("no distribution has a server `{host}`");
    let part = (host, meant);
    found.instead_of("repository-address", source, message, part, false);
    true
}

/// The root of a server whose repositories lie below it.
fn rootless(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let known = path.trim_matches('/').is_empty();
    let Some((_, such)) = PATHS.iter().find(|(server, _)| known && *server == host) else {
        return false;
    };
    let message = format!("`{host}` has no repository at its root");
    let label = format!("such as `{}`", such.replace('*', "…"));
    found.add("repository-address", source, message, label);
    true
}

/// The first folder of a server, where an address leaves it out.
fn left_out(host: &str, path: &str, folders: &[&'static str]) -> Option<&'static str> {
    if path.trim_matches('/').is_empty() {
        // One archive, and its folder.
        return folders
            .first()
            .copied()
            .filter(|f| matches!(*f, "debian" | "ubuntu" | "ubuntu-ports"));
    }
    let first = path.split('/').next().unwrap_or("");
    let below = |folder: &&&'static str| {
        let paths = PATHS.iter().filter(|(server, _)| *server == host);
        let mut rest = paths.filter_map(|(_, known)| known.strip_prefix(**folder)?.strip_prefix('/'));
        rest.any(|known| known.split('/').next() == Some(first))
    };
    folders
        .iter()
        .filter(|_| !folders.contains(&first))
        .find(below)
        .copied()
}

fn slip(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let own = |name: &str| {
        host == name
            || host
                .strip_suffix(name)
                .is_some_and(|h| h.ends_with('.') && h.len() == 3)
    };
    let Some((server, folders)) = ARCHIVES.iter().find(|(name, _)| own(name)) else {
        return misspelt(source, host, found)
            || rootless(source, host, path, found)
            || deeper(source, host, path, found);
    };
    let first = path.split(['/', '?']).next().unwrap_or("");
    if let Some(folder) = left_out(host, path, folders) {
        let message = format!("`{server}` has its repositories below the folder `{folder}`");
        let whole = format!(
            "{}/{folder}/{}",
            source
                .value
                .trim()
                .split_once(host)
                .map_or("", |(head, _)| head)
                .to_owned()
                + host,
            path
        );
        found.instead(
            "repository-address",
            source,
            message,
            Some(whole.trim_end_matches('/')),
            false,
            "",
        );
        return true;
    }
    if first.is_empty() || folders.contains(&first) {
        return deeper(source, host, path, found);
    }
    let Some(meant) = near(first, folders.iter().copied()) else {
        return of_another(source, host, first, found);
    };
    let message = format!("`{server}` has no folder `{first}`");
    let from = format!("{host}/{first}");
    let part = (&from, &format!("{host}/{meant}"));
    found.instead_of("repository-address", source, message, part, true);
    true
}

/// A folder that Ubuntu has on another of its servers.
fn of_another(source: &At, host: &str, folder: &str, found: &mut Found<'_>) -> bool {
    const PORTS: &str = "ubuntu-ports";
    if folder != PORTS || !matches!(host, "archive.ubuntu.com" | "security.ubuntu.com") {
        return false;
    }
    let message = format!("`{host}` has no folder `{PORTS}`, which lies on another server");
    let part = (format!("{host}/{PORTS}"), "ports.ubuntu.com/ubuntu-ports");
    found.instead_of("repository-address", source, message, (&part.0, part.1), false);
    true
}

/// What package managers put in the place of a word.
const VARIABLES: &[&str] = &[
    "releasever",
    "releasever_major",
    "releasever_minor",
    "basearch",
    "arch",
    "contentdir",
    "infra",
    "stream",
    "uuid",
    "repo",
];

/// Words with a dollar that are nearly those which a package manager replaces.
fn variables(source: &At, manager: &str, found: &mut Found<'_>) {
    if !matches!(manager, "dnf4" | "dnf5" | "microdnf" | "zypper" | "pacman") {
        return;
    }
    for rest in source.value.split('$').skip(1) {
        let word = rest.trim_start_matches('{');
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = word.get(..end.unwrap_or(word.len())).unwrap_or("");
        if word.len() < 4 || VARIABLES.contains(&word) {
            continue;
        }
        let longer = || {
            VARIABLES
                .iter()
                .copied()
                .find(|v| v.len() > 7 && word.starts_with(v))
        };
        let others = [
            ("release", "releasever"),
            ("releaseversion", "releasever"),
            ("version", "releasever"),
            ("architecture", "basearch"),
        ];
        let known = others.iter().find(|(w, _)| *w == word).map(|(_, v)| *v);
        let meant = known
            .or_else(|| near(word, VARIABLES.iter().copied()))
            .or_else(longer);
        let Some(meant) = meant else { continue };
        let message = format!("no package manager has a variable `${word}`");
        let part = (word, meant);
        found.instead_of("repository-address", source, message, part, false);
        return;
    }
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let manager = scope.manager;
    let release = scope.view.first("release-version").is_some();
    for repository in scope.repositories.iter() {
        let source = &repository.source;
        variables(source, manager, found);
        for key in &repository.signing_keys {
            variables(key, manager, found);
        }
        let asks = source.value.contains("$releasever") || source.value.contains("${releasever}");
        if asks && !release && matches!(manager, "dnf4" | "dnf5" | "microdnf") {
            let message = "the address asks for the release, and no `<release-version>` is named".to_owned();
            let label = "add `<release-version>` to `<preferences>`";
            found.once("repository-release", "no release-version", source, message, label);
        }
    }
}
