//! Signing keys that are, by their names, of another distribution or release than the repository that they are for. Knows
//! how distributions call their keys; reads no key.

use super::releases;
use crate::description::model::{At, Image};
use crate::rules::found::{Found, after_part};

/// What names of keys begin with, the distribution whose they are, and what its addresses have in them.
const KEYS: &[(&str, &str, &[&str])] = &[
    (
        "RPM-GPG-KEY-fedora-",
        "Fedora",
        &["fedoraproject.org", "/fedora/linux/"],
    ),
    (
        "RPM-GPG-KEY-Rocky-",
        "Rocky Linux",
        &["rockylinux.org", "/rocky/"],
    ),
    (
        "RPM-GPG-KEY-AlmaLinux-",
        "AlmaLinux",
        &["almalinux.org", "/almalinux/"],
    ),
    ("RPM-GPG-KEY-EPEL-", "EPEL", &["/epel/", "repo=epel-"]),
    ("debian-archive-", "Debian", &["debian.org/"]),
    ("ubuntu-archive-", "Ubuntu", &["ubuntu.com/"]),
];

/// What names of other keys begin with.
const OTHERS: &[&str] = &[
    "RPM-GPG-KEY-rpmfusion-free-fedora-",
    "RPM-GPG-KEY-rpmfusion-nonfree-fedora-",
    "RPM-GPG-KEY-rpmfusion-free-el-",
    "RPM-GPG-KEY-rpmfusion-nonfree-el-",
];

/// Whose key it is by its name, and the release in that.
fn of(key: &str) -> Option<(&'static str, &str)> {
    let name = key.rsplit('/').next().unwrap_or(key);
    KEYS.iter().find_map(|(start, whose, _)| {
        let rest = after_part(name, start)?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        Some((*whose, rest.get(..end)?))
    })
}

/// Suites by the distribution that has them.
const SUITES: &[(&str, &[&str])] = &[
    (
        "Debian",
        &[
            "bullseye", "bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable",
        ],
    ),
    (
        "Ubuntu",
        &[
            "bionic", "focal", "jammy", "noble", "plucky", "questing", "resolute",
        ],
    ),
];

/// Whose repository it is by its address.
fn owner(source: &str) -> Option<&'static str> {
    // Those of EPEL lie beside Fedora's.
    let marks = |whose: &'static str| {
        KEYS.iter()
            .filter(move |(_, w, _)| *w == whose)
            .flat_map(|(_, _, m)| *m)
    };
    let all = ["EPEL", "Fedora", "Rocky Linux", "AlmaLinux", "Debian", "Ubuntu"];
    all.into_iter()
        .find(|whose| marks(whose).any(|m| source.contains(m)))
}

/// The project of the open build service in an address.
fn project(address: &str) -> Option<String> {
    if let Some(rest) = address.strip_prefix("obs://") {
        return Some(rest.split('/').next()?.to_owned());
    }
    let rest = after_part(address, "opensuse.org/repositories/")?.replace(":/", ":");
    Some(rest.split('/').next()?.to_owned())
}

/// Addresses that no key lies at.
fn address(key: &At, source: &At, found: &mut Found<'_>) {
    let value = key.value.trim();
    let Some((scheme, rest)) = value
        .split_once("://")
        .filter(|(s, _)| matches!(*s, "http" | "https" | "ftp"))
    else {
        return;
    };
    let host = rest.split('/').next().unwrap_or("");
    let told = if host.is_empty() {
        let message = format!("`{scheme}://` names no server");
        found.add(
            "repository-address",
            key,
            message,
            "the server's name is expected",
        )
    } else if value.ends_with('/') && !value.contains('?') {
        let message = "the address leads to a folder, and not to a key".to_owned();
        found.add(
            "repository-address",
            key,
            message,
            "the path of the key's file is expected",
        )
    } else {
        let pair = project(value).zip(project(source.value.trim()));
        let slip = pair.filter(|(own, other)| crate::rules::found::one_keystroke(own, other));
        let Some((own, other)) = slip else { return };
        let message = format!("this is the key of the project `{own}`, and the repository is of `{other}`");
        found.add(
            "repository-address",
            key,
            message,
            format!("did you mean `{other}`?"),
        )
    };
    if let Some(told) = told {
        told.help = Some("the key is not found: the build would stop in prepare".into());
    }
}

/// One stroke where two stand between a scheme and a server.
fn stroke(key: &At, found: &mut Found<'_>) {
    let value = key.value.trim();
    let web = ["https:/", "http:/", "ftp:/"].into_iter();
    let mut heads = web.filter_map(|head| Some((head, value.strip_prefix(head)?)));
    if let Some((head, rest)) = heads.next().filter(|(_, rest)| !rest.starts_with('/')) {
        let message = format!("`{value}` names no server");
        found.instead(
            "repository-address",
            key,
            message,
            Some(&format!("{head}/{rest}")),
            true,
            "",
        );
        if let Some(told) = found.last() {
            told.help = Some("the key is not found: the build would stop in prepare".into());
        }
    }
}

/// The name of a distribution's key with a slip of the pen, where distributions have their keys.
fn misnamed(key: &At, found: &mut Found<'_>) {
    let value = key.value.trim();
    let places = [
        "http",
        "file:///usr/share/distribution-gpg-keys/",
        "file:///etc/pki/rpm-gpg/",
    ];
    let Some(name) = value
        .rsplit('/')
        .next()
        .filter(|_| places.iter().any(|p| value.starts_with(p)))
    else {
        return;
    };
    let stem = name
        .find(|c: char| c.is_ascii_digit() || c == '$')
        .and_then(|at| name.get(..at));
    let names = || KEYS.iter().map(|(own, _, _)| *own).chain(OTHERS.iter().copied());
    let Some(stem) = stem.filter(|s| !names().any(|own| own == *s)) else {
        return;
    };
    let slip = |own: &&str| {
        own.starts_with("RPM-")
            && (own.eq_ignore_ascii_case(stem) || crate::rules::found::one_keystroke(own, stem))
    };
    let Some(meant) = names().find(slip) else {
        return;
    };
    let message = format!("no distribution has a key `{name}`");
    found.instead_of("repository-address", key, message, (stem, meant), false);
    if let Some(told) = found.last() {
        told.help = Some("the key is not found: the build would stop in prepare".into());
    }
}

/// Judges the repositories of a description.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    if image.repositories.iter().all(|r| r.signing_keys.is_empty()) {
        return;
    }
    for repository in &image.repositories {
        for key in &repository.signing_keys {
            address(key, &repository.source, found);
            stroke(key, found);
            misnamed(key, found);
        }
    }
    // An address of another release than the others' is told as that.
    let mut releases = image
        .repositories
        .iter()
        .filter_map(|r| releases::of(r.source.value.trim()));
    let first = releases.next();
    let one = releases.all(|other| first.is_some_and(|(_, number)| number == other.1));
    for repository in &image.repositories {
        let keys = &repository.signing_keys;
        let source = repository.source.value.trim();
        if keys.is_empty() {
            continue;
        }
        let Some(theirs) = owner(source) else { continue };
        let suite = repository.element.attrs.get("distribution").unwrap_or("");
        let suite = suite.split(['-', '/']).next().unwrap_or(suite);
        if SUITES
            .iter()
            .any(|(whose, suites)| *whose != theirs && suites.contains(&suite))
        {
            // The address is the odd one.
            continue;
        }
        // One that fits is enough.
        let fits = |key: &At| of(key.value.trim()).is_none_or(|(whose, _)| whose == theirs);
        if !keys.iter().any(fits) {
            if let Some((key, (whose, _))) = keys.iter().find_map(|k| Some((k, of(k.value.trim())?))) {
                let message = format!("this is the key of {whose}, and the repository is {theirs}'s");
                let told = found.pair(
                    "repository-release",
                    key,
                    message,
                    "of another distribution",
                    &repository.source,
                    "the repository is here",
                );
                if let Some(told) = told {
                    told.help =
                        Some("no signature would be found good: the build would stop in prepare".into());
                }
            }
            continue;
        }
        let Some((_, release)) = releases::of(source).filter(|_| one) else {
            continue;
        };
        let release = release.split('.').next().unwrap_or(release);
        let numbered = |key: &At| of(key.value.trim()).map_or(String::new(), |(_, n)| n.to_owned());
        if keys
            .iter()
            .any(|k| numbered(k).is_empty() || numbered(k) == release)
        {
            continue;
        }
        for key in keys {
            let own = numbered(key);
            let message =
                format!("this is the key of {theirs} {own}, and the repository is {theirs} {release}");
            let right = key
                .value
                .trim()
                .replacen(&format!("-{own}"), &format!("-{release}"), 1);
            let edit = found.replace(key, &right, false);
            let told = found.pair(
                "repository-release",
                key,
                message,
                format!("did you mean `{release}`?"),
                &repository.source,
                "the repository is here",
            );
            if let Some(told) = told {
                told.fixes.extend(edit);
                told.help = Some("no signature would be found good: the build would stop in prepare".into());
            }
        }
    }
}
