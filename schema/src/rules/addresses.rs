//! Addresses of repositories that have the right form and lead to nothing all the same: index files, a path that is a
//! slip of a distribution's own, a release that is nowhere named. Asks no server.

use super::found::{Found, near};
use super::scope::Scope;
use crate::description::model::{At, Repository};

/// What is wrong with the address of a repository in the network, in the order of how sure it is. True where something
/// was said.
pub(super) fn remote(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let value = source.value.trim();
    if matches!(host.trim_end_matches(':'), "http" | "https" | "ftp") {
        let message = format!("`{value}` has its scheme twice");
        let rest = path.trim_start_matches('/');
        let whole = format!("{}://{rest}", host.trim_end_matches(':'));
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
    slip(source, host, path, found)
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
    ("dl.fedoraproject.org", &["pub"]),
    ("mirrors.fedoraproject.org", &["metalink", "mirrorlist"]),
];

fn slip(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let own = |name: &str| {
        host == name
            || host
                .strip_suffix(name)
                .is_some_and(|h| h.ends_with('.') && h.len() == 3)
    };
    let Some((server, folders)) = ARCHIVES.iter().find(|(name, _)| own(name)) else {
        return false;
    };
    let first = path.split(['/', '?']).next().unwrap_or("");
    if first.is_empty() || folders.contains(&first) {
        return false;
    }
    let Some(meant) = near(first, folders.iter().copied()) else {
        return false;
    };
    let message = format!("`{server}` has no folder `{first}`");
    let from = format!("{host}/{first}");
    let whole = source.value.trim().replacen(&from, &format!("{host}/{meant}"), 1);
    found.instead("repository-address", source, message, Some(&whole), true, "");
    true
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let repositories = scope.view.repositories();
    let manager = scope.view.package_manager();
    let release = scope
        .view
        .preferences
        .iter()
        .any(|p| p.element.child("release-version").is_some());
    for repository in &repositories {
        let source = &repository.source;
        let asks = source.value.contains("$releasever") || source.value.contains("${releasever}");
        if asks && !release && matches!(manager, "dnf4" | "dnf5" | "microdnf") {
            let message = "the address asks for the release, and no `<release-version>` is named".to_owned();
            found.add(
                "repository-release",
                source,
                message,
                "add `<release-version>` to `<preferences>`",
            );
        }
        if manager == "apt" {
            pocket(repository, &repositories, found);
        }
    }
}

/// Updates of one release for the packages of another.
fn pocket(repository: &Repository, all: &[&Repository], found: &mut Found<'_>) {
    let Some(at) = repository.element.attrs.at("distribution") else {
        return;
    };
    let base = |suite: &str| {
        let ends = ["-updates", "-security", "/updates"];
        ends.iter().find_map(|e| suite.strip_suffix(e)).map(str::to_owned)
    };
    let Some(release) = base(at.value.trim()) else {
        return;
    };
    let mut suites = all.iter().filter_map(|r| r.element.attrs.get("distribution"));
    let mut bases = suites
        .clone()
        .filter(|s| base(s).is_none() && !s.contains(['-', '/', '$', '{']));
    let Some(other) = bases.next() else { return };
    if suites.any(|s| s == release)
        || bases.next().is_some()
        || super::repositories::codename(&release).is_none()
    {
        return;
    }
    // A suite of another distribution is the fault itself.
    let same = super::repositories::distribution(other) == super::repositories::distribution(&release);
    if super::repositories::codename(other).is_some() && same {
        let message = format!(
            "`{}` is for `{release}`, and the packages are those of `{other}`",
            at.value.trim()
        );
        let whole = at.value.trim().replacen(&release, other, 1);
        found.instead("repository-suite", at, message, Some(&whole), false, "");
    }
}
