//! How the servers of distributions lay out what they have: a folder that an address leaves out, a machine under a name
//! that is not used there, a database that another repository has. Knows the layouts alone; asks no server.

use super::addresses::{PATHS, machine_of};
use crate::description::model::{At, Image, Repository};
use crate::rules::found::{Found, around_part, has_part, near};

/// Judges the path of an address; `known` where the server surely has it, but for the names in it that it may have any of.
/// True where something was said.
pub(in crate::rules) fn path(
    source: &At,
    host: &str,
    path: &str,
    known: bool,
    found: &mut Found<'_>,
) -> bool {
    stream(source, host, path, found)
        || renamed(source, host, path, found)
        || super::mirror_lists::judge(source, host, path, found)
        || machine(source, host, path, found)
        || !known && left_out(source, host, path, found)
        || leap(source, host, path, found)
        || mirrored(source, path, found)
        || !known && exchanged(source, host, path, found)
}

/// SUSE's own layout, which the mirrors of customers keep: `SUSE/Products/MODULE/15-SP6/MACHINE/product`, or `Updates`
/// and `update`.
fn mirrored(source: &At, path: &str, found: &mut Found<'_>) -> bool {
    if !has_part(path, "SUSE/") {
        return false;
    }
    let Some(rest) = path
        .strip_prefix("SUSE/")
        .or_else(|| around_part(path, "/SUSE/").map(|(_, rest)| rest))
    else {
        return false;
    };
    let parts: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    let (Some(kind), Some(module), Some(release)) = (parts.first(), parts.get(1), parts.get(2)) else {
        return false;
    };
    if !module.starts_with("SLE-") {
        return false;
    }
    let wrong = |found: &mut Found<'_>, old: String, new: String| {
        let message = format!("SUSE's servers have no folder `{old}` there");
        found.instead_of("repository-address", source, message, (old, new), false);
        true
    };
    let kinds = ["Products", "Updates"];
    if let Some(meant) = near(kind, kinds.into_iter()).filter(|_| !kinds.contains(kind)) {
        return wrong(found, format!("SUSE/{kind}"), format!("SUSE/{meant}"));
    }
    if let Some((number, pack)) =
        around_part(release, "SP").filter(|(n, _)| n.bytes().all(|b| b.is_ascii_digit()))
    {
        return wrong(found, format!("/{release}"), format!("/{number}-SP{pack}"));
    }
    let last = parts.get(4).copied().unwrap_or("");
    let end = if *kind == "Products" { "product" } else { "update" };
    let other = if *kind == "Products" { "update" } else { "product" };
    last == other && wrong(found, format!("/{last}"), format!("/{end}"))
}

/// The folders of a path that the server has, in another order.
fn exchanged(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let bare = path.trim_end_matches('/');
    let sorted = |p: &str| {
        let mut parts: Vec<String> = p.split('/').map(str::to_owned).collect();
        parts.sort_unstable();
        parts
    };
    let mut known = PATHS
        .iter()
        .filter(|(server, known)| *server == host && known.len() == bare.len())
        .filter(|(_, known)| !known.contains('*') && *known != bare);
    let Some((_, right)) = known.find(|(_, known)| sorted(known) == sorted(bare)) else {
        return false;
    };
    let message = format!("`{host}` has these folders in another order");
    found.instead_of("repository-address", source, message, (bare, right), false);
    true
}

/// A release of Leap without the number after its point.
fn leap(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    if host != "download.opensuse.org" {
        return false;
    }
    let below = around_part(path, "leap/");
    let Some(release) = below.map(|(_, rest)| rest.split('/').next().unwrap_or(rest)) else {
        return false;
    };
    let next = below.and_then(|(_, rest)| rest.split('/').nth(1)).unwrap_or("");
    if matches!(next, "oss" | "non-oss") && path.starts_with("distribution/leap/") {
        let message = format!("Leap's repositories lie in the folder `repo`, and `{next}` is there");
        let part = (format!("{release}/{next}"), format!("{release}/repo/{next}"));
        found.instead_of("repository-address", source, message, part, true);
        return true;
    }
    if !matches!(release, "15" | "16" | "42") {
        return false;
    }
    let message = format!("Leap has releases such as `{release}.0`, and none called `{release}`");
    let part = (format!("leap/{release}"), format!("leap/{release}.0"));
    found.instead_of("repository-address", source, message, part, false);
    true
}

/// What machines are called where RPM packages are.
const MACHINES: &[&str] = &[
    "x86_64",
    "aarch64",
    "ppc64le",
    "s390x",
    "riscv64",
    "i386",
    "i686",
    "armhfp",
    "ppc64",
    "source",
    "SRPMS",
    "noarch",
    "x86_64_v2",
];

/// Folders of `download.opensuse.org/ports`.
const PORTS: &[&str] = &[
    "aarch64",
    "armv6hl",
    "armv7hl",
    "i586",
    "loongarch64",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
    "zsystems",
];

/// A machine by a name that the server does not give it.
fn machine(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let (written, known) = match path.strip_prefix("ports/") {
        Some(rest) if host == "download.opensuse.org" => (rest.split('/').next(), PORTS),
        _ => {
            let asked = has_part(path, "?repo=").then(|| around_part(path, "arch="));
            let asked = asked
                .flatten()
                .map(|(_, rest)| rest.split('&').next().unwrap_or(rest));
            (asked.or_else(|| machine_of(host, path)), MACHINES)
        }
    };
    let Some(written) = written.filter(|w| !w.is_empty() && !known.contains(w) && !w.contains('$')) else {
        return false;
    };
    let other = match written {
        "amd64" | "x64" | "x86-64" | "x86" => Some("x86_64"),
        "arm64" => Some("aarch64"),
        "ppc64el" => Some("ppc64le"),
        "armv7l" => Some("armv7hl"),
        _ => None,
    };
    let other = other.filter(|o| known.contains(o));
    let Some(meant) = other.or_else(|| near(written, known.iter().copied())) else {
        return false;
    };
    let message = format!("`{host}` has nothing for a machine `{written}`");
    let before = if path.contains("?repo=") { "arch=" } else { "/" };
    let part = (&format!("{before}{written}"), &format!("{before}{meant}"));
    found.instead_of("repository-address", source, message, part, true);
    true
}

/// A release of CentOS Stream without its line.
fn stream(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let first = path.split('/').next().unwrap_or("");
    let bare = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    if host != "mirror.stream.centos.org" || !bare {
        return false;
    }
    let message = format!("`{host}` has no folder `{first}`");
    let part = (&format!("/{first}/"), &format!("/{first}-stream/"));
    found.instead_of("repository-address", source, message, part, true);
    true
}

/// What the servers of CentOS and its kin have elsewhere, or under another name, since release 9.
fn renamed(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    if let Some(rest) = path
        .strip_prefix("centos/")
        .filter(|rest| host == "mirror.centos.org" && rest.contains("-stream/"))
        .filter(|rest| !rest.starts_with('8'))
    {
        let message = "`mirror.centos.org` has no release of CentOS Stream since 9".to_owned();
        let part = (
            format!("{host}/{path}"),
            format!("mirror.stream.centos.org/{rest}"),
        );
        found.instead_of("repository-address", source, message, part, false);
        return true;
    }
    const KIN: &[&str] = &["centos.org", "rockylinux.org", "almalinux.org"];
    let old = ["PowerTools", "powertools"].into_iter().find(|name| {
        let release = path
            .split_once(*name)
            .and_then(|(head, _)| head.strip_suffix('/')?.rsplit('/').next());
        release.is_some_and(|r| r.starts_with('9') || r.starts_with("10"))
    });
    let Some(old) = old.filter(|_| KIN.iter().any(|k| host.ends_with(k))) else {
        return false;
    };
    let message = format!("the repository `{old}` is called `CRB` since release 9");
    found.instead_of("repository-address", source, message, (old, "CRB"), true);
    true
}

/// One folder of a known path is left out.
fn left_out(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let paths = || PATHS.iter().filter(|(server, _)| *server == host);
    if paths().next().is_none() {
        return false;
    }
    let own: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    // EPEL for older releases is laid out otherwise.
    let old = around_part(path, "epel/").is_some_and(|(_, r)| r.starts_with(['5', '6', '7']));
    if old || path.contains(['$', '?', '{', '@']) {
        return false;
    }
    let fits =
        |parts: &[&str]| parts.len() == own.len() && parts.iter().zip(&own).all(|(p, o)| *p == "*" || p == o);
    let of_length = |length: usize| paths().filter(move |(_, path)| path.split('/').count() == length);
    if of_length(own.len()).any(|(_, path)| fits(&path.split('/').collect::<Vec<_>>())) {
        return false;
    }
    let whole = of_length(own.len() + 1).find_map(|(_, path)| {
        let parts: Vec<&str> = path.split('/').collect();
        let at = (1..parts.len()).rev().find(|at| {
            let mut rest = parts.clone();
            // What may be any name cannot be said.
            rest.remove(*at) != "*" && fits(&rest)
        })?;
        let mut right = own.clone();
        right.insert(at, parts.get(at)?);
        Some(right.join("/"))
    });
    let Some(whole) = whole else { return false };
    let message = format!("`{host}` has no repository there: a folder is left out");
    let part = (path.trim_end_matches('/'), &whole);
    found.instead_of("repository-address", source, message, part, false);
    true
}

/// Judges what package managers make of addresses.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    image.repositories.iter().for_each(|r| elsewhere(image, r, found));
    let managers = crate::rules::scope::managers(image);
    match managers.first().copied() {
        Some(manager @ ("pacman" | "apk")) if managers.iter().all(|m| *m == manager) => match manager {
            "pacman" => super::databases::judge(&image.repositories, found),
            _ => image.repositories.iter().for_each(|r| appended(&r.source, found)),
        },
        _ => {}
    }
}

/// The machines that a repository counts for: its own, or those of all profiles that it belongs to. Empty for all.
fn machines<'i>(image: &'i Image, repository: &'i Repository) -> Vec<&'i At> {
    let filter = &repository.filter;
    if !filter.arches.is_empty() {
        return filter.arches.iter().collect();
    }
    let mut all = Vec::new();
    for name in &filter.profiles {
        let profile = image.profiles.iter().find(|p| p.name.value == name.value);
        let Some(profile) = profile.filter(|p| !p.arches.is_empty()) else {
            return Vec::new();
        };
        all.extend(&profile.arches);
    }
    all
}

/// A repository for machines that the server has elsewhere, or in another folder.
fn elsewhere(image: &Image, repository: &Repository, found: &mut Found<'_>) {
    let arches = machines(image, repository);
    let source = repository.source.value.trim();
    let Some((host, path)) = around_part(source, "://").and_then(|(_, rest)| rest.split_once('/')) else {
        return;
    };
    let Some(first) = arches
        .first()
        .filter(|_| !arches.iter().any(|a| crate::rules::machines::is_other(a)))
    else {
        return;
    };
    let pc = arches.iter().any(|a| crate::rules::scope::is_pc(a.value.trim()));
    let arch = first.value.trim();
    let mut tell = |message: String, meant: Option<String>| {
        found.instead(
            "repository-architecture",
            &repository.source,
            message,
            meant.as_deref(),
            false,
            "that of the machine",
        );
    };
    match (host, path.split('/').next().unwrap_or("")) {
        ("download.opensuse.org", "tumbleweed") if !pc => {
            let message = format!("there is nothing for `{arch}`: Tumbleweed has that below `ports`");
            let rest = path.strip_prefix("tumbleweed/").unwrap_or("");
            tell(
                message,
                Some(format!("https://{host}/ports/{arch}/tumbleweed/{rest}")),
            );
        }
        ("archive.ubuntu.com" | "security.ubuntu.com", _) if !pc => {
            let message = format!("`{host}` has nothing for `{arch}`: Ubuntu has that on another server");
            tell(message, Some("http://ports.ubuntu.com/ubuntu-ports".to_owned()));
        }
        ("ports.ubuntu.com", _) if pc => {
            let message = format!("`{host}` has nothing for `{arch}`");
            tell(message, Some("http://archive.ubuntu.com/ubuntu".to_owned()));
        }
        _ => {
            let named =
                around_part(source, "arch=").map(|(_, rest)| rest.split(['&', ';']).next().unwrap_or(rest));
            let named = named.or_else(|| machine_of(host, path));
            let ports = path.strip_prefix("ports/").and_then(|p| p.split('/').next());
            let Some(named) = named.or(ports.filter(|_| host == "download.opensuse.org")) else {
                return;
            };
            let known = ports == Some(named) && PORTS.contains(&named)
                || MACHINES.contains(&named) && !matches!(named, "source" | "SRPMS" | "noarch" | "x86_64_v2");
            let alike =
                |a: &&At| a.value.trim() == named || named.starts_with("arm") && a.value.starts_with("arm");
            let pcs =
                |a: &&At| crate::rules::scope::is_pc(a.value.trim()) && crate::rules::scope::is_pc(named);
            if known
                && !arches
                    .iter()
                    .any(|a| alike(a) || pcs(a) || named == "i386" && a.value.starts_with("i"))
            {
                let message =
                    format!("the address is for `{named}`, and the repository counts only for `{arch}`");
                tell(message, Some(source.replacen(named, arch, 1)));
            }
        }
    }
}

/// `apk` appends the machine by itself.
fn appended(source: &At, found: &mut Found<'_>) {
    let value = source.value.trim().trim_end_matches('/');
    let Some((head, last)) = value.rsplit_once('/') else {
        return;
    };
    let machines = [
        "x86_64",
        "aarch64",
        "armv7",
        "armhf",
        "x86",
        "ppc64le",
        "s390x",
        "riscv64",
        "loongarch64",
    ];
    if head.contains("://") && machines.contains(&last) {
        let message =
            format!("`apk` looks for the machine below the address, and this one ends with `{last}`");
        found.instead("repository-address", source, message, Some(head), false, "");
    }
}
