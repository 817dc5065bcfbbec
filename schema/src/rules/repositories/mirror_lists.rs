//! The lists of mirrors that Fedora and CentOS Stream answer with: names that they do not have, and how they are asked. Asks no
//! server.

use crate::description::model::At;
use crate::rules::found::{Found, around_part, near};

/// Judges the path of an address. True where something was said.
pub(in crate::rules) fn judge(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    centos(source, host, path, found) || list(source, host, path, found)
}

/// Names of lists of mirrors, without the number of the release.
const LISTS: &[&str] = &[
    "fedora-",
    "fedora-debug-",
    "fedora-source-",
    "fedora-cisco-openh264-",
    "fedora-modular-",
    "updates-released-f",
    "updates-released-debug-f",
    "updates-released-source-f",
    "updates-released-modular-f",
    "updates-testing-f",
    "updates-testing-modular-f",
    "epel-",
    "epel-debug-",
    "epel-next-",
    "epel-testing-",
    "epel-cisco-openh264-",
    "epel-testing-epel",
    "rawhide",
    "rawhide-debug",
    "rawhide-source",
    "eln",
];

/// Lists of mirrors of CentOS Stream, without its release.
const CENTOS: &[&str] = &[
    "centos-baseos-",
    "centos-appstream-",
    "centos-crb-",
    "centos-highavailability-",
    "centos-nfv-",
    "centos-rt-",
    "centos-resilientstorage-",
    "centos-extras-sig-extras-common-",
];

/// The same of CentOS Stream.
fn centos(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    let Some(rest) = around_part(path, "repo=")
        .map(|(_, rest)| rest)
        .filter(|_| host == "mirrors.centos.org")
    else {
        return false;
    };
    let name = rest.split('&').next().unwrap_or(rest);
    let Some(stem) = name
        .strip_suffix("-stream")
        .map(|n| n.strip_suffix("$releasever").unwrap_or(n))
        .map(|n| n.trim_end_matches(|c: char| c.is_ascii_digit()))
    else {
        return false;
    };
    let Some(meant) = near(stem, CENTOS.iter().copied()).filter(|_| !CENTOS.contains(&stem)) else {
        return false;
    };
    let message = format!("CentOS Stream has no list of mirrors `{name}`");
    let part = (stem, meant);
    found.instead_of("repository-address", source, message, part, false);
    true
}

/// A list of mirrors that is a slip of one that Fedora has.
fn list(source: &At, host: &str, path: &str, found: &mut Found<'_>) -> bool {
    for verb in ["metalink/", "mirrorlist/"] {
        if host == "mirrors.fedoraproject.org" && path.starts_with(&format!("{verb}repo=")) {
            let message = "what Fedora's lists of mirrors are asked for stands behind `?`".to_owned();
            let asked = format!("{}?repo=", verb.trim_end_matches('/'));
            found.instead_of(
                "repository-address",
                source,
                message,
                (format!("{verb}repo="), asked),
                false,
            );
            return true;
        }
    }
    if host == "mirrors.fedoraproject.org"
        && let Some((_, asked)) = path.split_once('?')
        && !asked.split('&').any(|part| part.starts_with("repo="))
        && let Some((odd, _)) = asked.split(['&', ';']).find_map(|part| part.split_once('='))
        && crate::rules::found::one_keystroke("repo", odd)
    {
        let message = format!("Fedora's lists of mirrors are asked for `repo`, and not for `{odd}`");
        let part = (format!("?{odd}="), "?repo=");
        found.instead_of("repository-address", source, message, part, false);
        return true;
    }
    let Some(rest) = around_part(path, "repo=")
        .map(|(_, rest)| rest)
        .filter(|_| host == "mirrors.fedoraproject.org")
    else {
        return false;
    };
    let name = rest.split(['&', ';']).next().unwrap_or(rest);
    if !path.contains("arch=") {
        let message = "Fedora's lists of mirrors ask for a machine, and the address names none".to_owned();
        let label = "add `&amp;arch=$basearch`";
        found.add("repository-address", source, message, label);
        return true;
    }
    let variable = name
        .find('$')
        .filter(|_| name.ends_with("$releasever") || name.ends_with("${releasever}"));
    let stem = name.get(..variable.unwrap_or(name.len())).unwrap_or(name);
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.contains('$') || LISTS.contains(&stem) {
        return false;
    }
    let Some(meant) = near(stem, LISTS.iter().copied()) else {
        return false;
    };
    let message = format!("Fedora has no list of mirrors `{name}`");
    let part = (&format!("repo={stem}"), &format!("repo={meant}"));
    found.instead_of("repository-address", source, message, part, false);
    true
}
