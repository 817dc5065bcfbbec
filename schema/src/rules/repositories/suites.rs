//! Suites and components as apt takes them: names that a distribution's archive does not have, suites of several
//! releases in one image. Knows releases by name; asks no server.

use super::part;
use crate::description::model::{At, Repository};
use crate::rules::filled::filled;
use crate::rules::found::{Found, around_part, near};

/// The suites and components of a distribution, as far as they are known by name.
pub(in crate::rules) struct Archive {
    pub name: &'static str,
    pub suites: &'static [&'static str],
    pub components: &'static [&'static str],
}

pub(in crate::rules) const DEBIAN: Archive = Archive {
    name: "Debian",
    suites: &[
        "jessie",
        "stretch",
        "buster",
        "bullseye",
        "bookworm",
        "trixie",
        "forky",
        "duke",
        "sid",
        "stable",
        "testing",
        "unstable",
        "oldstable",
        "oldoldstable",
        "experimental",
    ],
    components: &["main", "contrib", "non-free", "non-free-firmware"],
};

pub(in crate::rules) const UBUNTU: Archive = Archive {
    name: "Ubuntu",
    suites: &[
        "trusty", "xenial", "bionic", "focal", "jammy", "kinetic", "lunar", "mantic", "noble", "oracular",
        "plucky", "questing", "resolute", "devel",
    ],
    components: &["main", "restricted", "universe", "multiverse"],
};

impl Archive {
    /// It has a component of that name.
    pub fn has_component(&self, name: &str) -> bool {
        self.components.contains(&name)
    }

    /// The component that is meant by a slip of one.
    pub fn near_component(&self, name: &str) -> Option<&'static str> {
        near(name, self.components.iter().copied())
    }
}

/// A release by its name, which is not a name for whichever it is today.
pub(in crate::rules) fn codename(suite: &str) -> Option<&str> {
    let moving = [
        "stable",
        "testing",
        "unstable",
        "oldstable",
        "oldoldstable",
        "experimental",
        "devel",
        "sid",
    ];
    let known = DEBIAN.suites.contains(&suite) || UBUNTU.suites.contains(&suite);
    (known && !moving.contains(&suite)).then_some(suite)
}

/// Which distribution's own archive an address is, by the usual end of its path.
pub(in crate::rules) fn archive(address: &str) -> Option<(&'static Archive, &'static Archive)> {
    let address = address.trim().trim_end_matches('/');
    let web = ["http://", "https://", "ftp://"]
        .iter()
        .any(|s| address.starts_with(s));
    let last = address.rsplit('/').next().filter(|_| web)?;
    match last {
        "debian" | "debian-security" => Some((&DEBIAN, &UBUNTU)),
        "ubuntu" | "ubuntu-ports" => Some((&UBUNTU, &DEBIAN)),
        _ => None,
    }
}

/// Machines as Debian calls them, by the names of the kernel.
const ARCHITECTURES: &[(&str, &str)] = &[
    ("x86_64", "amd64"),
    ("aarch64", "arm64"),
    ("i586", "i386"),
    ("i686", "i386"),
    ("ppc64le", "ppc64el"),
    ("armv7l", "armhf"),
];

/// Judges what apt needs to know.
pub(in crate::rules) fn deb(repository: &Repository, sound: bool, found: &mut Found<'_>) {
    let attrs = &repository.element.attrs;
    let source = &repository.source;
    let address = source.value.trim().trim_end_matches('/');
    if let Some(whole) = around_part(address, "/dists/")
        .map(|(whole, _)| whole)
        .or_else(|| address.strip_suffix("/dists"))
        .filter(|_| sound && attrs.at("distribution").is_some())
    {
        let message = "the address leads to a suite, which `distribution` names already".to_owned();
        found.instead("repository-address", source, message, Some(whole), true, "");
    }
    if let Some((whole, _)) = source
        .value
        .trim()
        .split_once(char::is_whitespace)
        .filter(|_| sound)
    {
        let message = "the suite and the components stand in attributes, not behind the address".to_owned();
        found.instead("repository-address", source, message, Some(whole), false, "");
        return;
    }
    let known = archive(&source.value).filter(|_| sound);
    let of_security = attrs
        .get("distribution")
        .is_some_and(|d| d.contains('-') || d.contains('/'));
    if sound && !of_security && address.ends_with("//security.debian.org/debian") {
        let message = "Debian's server of security updates has them below `debian-security`".to_owned();
        let right = "security.debian.org/debian-security";
        let part = ("security.debian.org/debian", right);
        found.instead_of("repository-address", source, message, part, false);
        return;
    }
    let (suite, components) = (attrs.at("distribution"), attrs.at("components"));
    if let (None, Some((archive, _))) = (suite, known) {
        let message = format!("{}'s archive is no repository without a suite", archive.name);
        let label = "add `distribution=\"…\"`, such as `distribution=\"stable\"`";
        let label = if archive.name == "Debian" {
            label
        } else {
            "add `distribution=\"…\"`"
        };
        found.add("repository-suite", source, message, label);
    }
    // Suite and components are both of the other distribution: it is the address that is not.
    if let (Some(at), Some(parts), Some((archive, other))) = (suite, components, known) {
        let name = super::suite_releases::release(at.value.trim()).0;
        let foreign = |word: &str| other.components.contains(&word) && !archive.components.contains(&word);
        if other.suites.contains(&name)
            && !archive.suites.contains(&name)
            && parts.value.split_whitespace().any(foreign)
        {
            let message = format!(
                "the address is {}'s, and the suite and its components are {}'s",
                archive.name, other.name
            );
            let label = format!("`{}` is not there", at.value.trim());
            found.pair("repository-suite", source, message, label, at, "this suite");
            return;
        }
    }
    if let Some((at, alias)) = suite.zip(attrs.at("alias")).filter(|_| known.is_some()) {
        other_suite(at, alias, found);
    }
    if let Some(at) = suite {
        self::suite(at, source, attrs.get("alias"), known, found);
    }
    if let Some(at) = components {
        self::components(at, source, suite, known, found);
        if suite.is_none() && known.is_none() {
            let message = "components count only together with a suite".to_owned();
            found.add(
                "repository-components",
                at,
                message,
                "add `distribution=\"…\"`, or take this out",
            );
        }
    }
    if let Some(at) = attrs.at("architectures") {
        each_word(&at.value, |from, word| {
            if let Some((_, name)) = ARCHITECTURES.iter().find(|(kernel, _)| *kernel == word) {
                let message = format!("Debian's name for `{word}` is `{name}`");
                found.instead(
                    "repository-architecture",
                    &part(at, from, word),
                    message,
                    Some(name),
                    true,
                    "",
                );
            }
        });
    }
}

/// The alias names the updates of a release, and the suite is the release itself.
fn other_suite(suite: &At, alias: &At, found: &mut Found<'_>) {
    let (own, named) = (suite.value.trim(), alias.value.trim());
    let Some(end) = ENDS.iter().find(|end| named.ends_with(*end)) else {
        return;
    };
    if named.strip_suffix(end) == Some(own) && codename(own).is_some() {
        let message = format!("the alias is that of `{named}`, and the suite is `{own}` itself");
        found.instead("repository-suite", suite, message, Some(named), false, "");
    }
}

/// Each word of a list, with where it begins; blanks and commas stand between words.
pub(in crate::rules) fn each_word(text: &str, mut f: impl FnMut(usize, &str)) {
    let mut start = 0;
    for word in text.split_inclusive([' ', '\t', '\n', ',']) {
        let bare = word.trim_end_matches([' ', '\t', '\n', '\r', ',']);
        if !bare.is_empty() {
            f(start, bare);
        }
        start += word.len();
    }
}

/// Debian's security archive has suites of its own since bullseye, and no other has them: what is wrong there, with the
/// suite that is meant where it is the suite.
fn security(source: &At, name: &str, rest: &str) -> Option<Option<String>> {
    let address = source.value.trim().trim_end_matches('/');
    let old = matches!(name, "jessie" | "stretch" | "buster");
    let moving = codename(name).is_none();
    if address.ends_with("/debian-security")
        && !old
        && !moving
        && rest != "-security"
        && !rest.starts_with("-security")
    {
        return Some(Some(format!("{name}-security")));
    }
    (address.ends_with("/debian") && rest == "-security").then_some(None)
}

fn suite(
    at: &At,
    source: &At,
    alias: Option<&str>,
    known: Option<(&Archive, &Archive)>,
    found: &mut Found<'_>,
) {
    let value = at.value.trim();
    if value.is_empty() || filled(value) {
        return;
    }
    if value.contains([' ', ',', '\t', '\n']) {
        let message = "a repository has one suite".to_owned();
        found.add(
            "repository-suite",
            at,
            message,
            "one name; components stand in `components`",
        );
        return;
    }
    let Some((archive, other)) = known else {
        super::suites_elsewhere::suite(at, value, found);
        return;
    };
    let (name, rest) = match value.find(['-', '/']) {
        Some(end) if archive.suites.iter().all(|s| *s != value) => value.split_at(end),
        _ => (value, ""),
    };
    if archive.suites.contains(&name) {
        if let Some(wanted) = security(source, name, rest) {
            let message = format!("the archive at `{}` has no suite `{value}`", source.value.trim());
            match wanted {
                Some(wanted) => found.instead("repository-suite", at, message, Some(&wanted), true, ""),
                None => {
                    let label = "it lies at `https://deb.debian.org/debian-security`";
                    // By its name it is the right suite, and the address is another's.
                    let named = alias.is_some_and(|a| a.contains("secur"));
                    let place = if named { source } else { at };
                    found.add("repository-suite", place, message, label);
                }
            }
            return;
        }
        // The security archive's suites had this form until bullseye.
        let new = archive.name == "Debian" && !matches!(name, "jessie" | "stretch" | "buster" | "bullseye");
        if rest == "/updates" && new && codename(name).is_some() {
            let message = format!("{} has no suite `{value}` any more", archive.name);
            let whole = format!("{name}-security");
            found.instead("repository-suite", at, message, Some(&whole), true, "");
            return;
        }
        if let Some(near) = ended(archive, rest) {
            let message = format!("{} has no suite `{value}`", archive.name);
            let whole = format!("{name}{near}");
            found.instead("repository-suite", at, message, Some(&whole), true, "");
        }
        return;
    }
    if other.suites.contains(&name) {
        let message = format!(
            "`{name}` is a suite of {}, and the address is {}'s",
            other.name, archive.name
        );
        found.add("repository-suite", at, message, "not there");
        return;
    }
    let message = format!("{} has no suite `{value}`", archive.name);
    if let Some(meant) = version(archive, name) {
        let whole = format!("{meant}{rest}");
        found.instead("repository-suite", at, message, Some(&whole), true, "");
    } else if let Some(meant) = alike(archive, name) {
        let whole = format!("{meant}{rest}");
        found.instead("repository-suite", at, message, Some(&whole), true, "");
    } else if official(source) && absent(archive, value, name) {
        let label = format!(
            "such as `{}`",
            if archive.name == "Debian" {
                "trixie"
            } else {
                "noble"
            }
        );
        found.add("repository-suite", at, message, label);
    }
}

/// The end of a suite's name that is meant by one which the archive has none with.
pub(in crate::rules) fn ended(archive: &Archive, rest: &str) -> Option<&'static str> {
    match (archive.name, rest) {
        ("Debian", "-proposed") => Some("-proposed-updates"),
        ("Ubuntu", "-proposed-updates") => Some("-proposed"),
        _ if rest.is_empty() || ENDS.contains(&rest) => None,
        // Only the old security archive of Debian's parts its suites so.
        ("Debian", "/updates") => None,
        _ if rest.starts_with('/') => ENDS.iter().copied().find(|end| end.get(1..) == rest.get(1..)),
        _ => near(rest, ENDS.iter().copied()),
    }
}

/// What stands after a release in the name of a suite.
pub(in crate::rules) const ENDS: &[&str] = &[
    "-updates",
    "-backports",
    "-security",
    "-proposed-updates",
    "-proposed",
    "-backports-sloppy",
];

/// Releases by the numbers that people know them by.
pub(in crate::rules) const VERSIONS: &[(&str, &str)] = &[
    ("9", "stretch"),
    ("10", "buster"),
    ("11", "bullseye"),
    ("12", "bookworm"),
    ("13", "trixie"),
    ("14", "forky"),
    ("14.04", "trusty"),
    ("16.04", "xenial"),
    ("18.04", "bionic"),
    ("20.04", "focal"),
    ("22.04", "jammy"),
    ("22.10", "kinetic"),
    ("23.04", "lunar"),
    ("23.10", "mantic"),
    ("24.04", "noble"),
    ("24.10", "oracular"),
    ("25.04", "plucky"),
    ("25.10", "questing"),
    ("26.04", "resolute"),
];

/// The name of a release that is given by its number.
pub(in crate::rules) fn version(archive: &Archive, name: &str) -> Option<&'static str> {
    let number = name.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
    let debian = archive.name == "Debian";
    // A point release is of the same suite.
    let parts = number.match_indices('.').nth(usize::from(!debian));
    let short = parts.and_then(|(at, _)| number.get(..at));
    let all = VERSIONS
        .iter()
        .filter(|(_, suite)| archive.suites.contains(suite));
    let mut same = all.filter(|(known, _)| *known == number || Some(*known) == short);
    same.next().map(|(_, suite)| *suite)
}

/// The one release whose name is a few keystrokes away: there are few of them, and they are unlike each other.
fn alike(archive: &Archive, name: &str) -> Option<&'static str> {
    let suites = || archive.suites.iter().copied();
    if let Some(same) = suites().find(|s| s.eq_ignore_ascii_case(name)) {
        return Some(same);
    }
    let close = |s: &&str| s.len() > 4 && name.len() > 4 && strsim::damerau_levenshtein(s, name) <= 2;
    let mut all = suites().filter(close);
    near(name, suites()).or_else(|| all.next().filter(|_| all.next().is_none()))
}

/// A distribution's own server.
fn official(source: &At) -> bool {
    let address = source.value.trim();
    let host = around_part(address, "://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(""));
    host.ends_with(".debian.org") || host.ends_with(".ubuntu.com")
}

/// True where the archive cannot have that suite: Debian tells its names years before, Ubuntu's are words at least.
fn absent(archive: &Archive, value: &str, name: &str) -> bool {
    if archive.name == "Debian" {
        !super::suites_elsewhere::OLD.contains(&name)
            && !value.contains("proposed-updates")
            && !matches!(name, "rc" | "Debian")
    } else {
        !name.bytes().all(|b| b.is_ascii_lowercase())
    }
}

/// Docker's own repositories, a folder for each distribution.
pub(in crate::rules) fn docker(source: &At) -> bool {
    source.value.contains("://download.docker.com/linux/")
}

fn components(
    at: &At,
    source: &At,
    suite: Option<&At>,
    known: Option<(&Archive, &Archive)>,
    found: &mut Found<'_>,
) {
    let value = at.value.trim();
    if filled(value) {
        return;
    }
    if value.contains([',', ';']) {
        let words: Vec<&str> = value.split([' ', ',', ';']).filter(|w| !w.is_empty()).collect();
        let mended = words.join(" ");
        let message = "components are separated by blanks".to_owned();
        found.instead("repository-components", at, message, Some(&mended), true, "");
        return;
    }
    if value.is_empty() {
        // A suite that is a folder has no components.
        if suite.is_some_and(|suite| suite.value.trim().ends_with('/')) {
            return;
        }
        let message = "no component is named".to_owned();
        let told = "such as `main`; without the attribute it is `main`";
        found.add("repository-components", at, message, told);
        return;
    }
    let Some((archive, other)) = known else {
        super::suites_elsewhere::components(at, suite, found);
        return;
    };
    if docker(source) {
        const OWN: &[&str] = &["stable", "test", "nightly", "edge"];
        if let Some(word) = value.split_whitespace().find(|w| !OWN.contains(w)) {
            let message = format!("Docker's repository has no component `{word}`");
            found.instead("repository-components", at, message, Some("stable"), false, "");
        }
        return;
    }
    // Several of the other distribution are one fault.
    let of_other = |w: &&str| other.components.contains(w) && !archive.components.contains(w);
    let foreign: Vec<&str> = value.split_whitespace().filter(of_other).collect();
    if foreign.len() > 1 {
        let message = format!(
            "{} has no components {}",
            archive.name,
            crate::rules::words(&foreign, "and")
        );
        let label = format!("they are some of {}", other.name);
        found.add("repository-components", at, message, label);
        return;
    }
    each_word(&at.value, |from, word| {
        if archive.components.contains(&word) {
            return;
        }
        let place = part(at, from, word);
        let message = format!("{} has no component `{word}`", archive.name);
        if other.components.contains(&word) {
            let label = format!("it is one of {}", other.name);
            found.add("repository-components", &place, message, label);
        } else if let Some(near) = near(word, archive.components.iter().copied()) {
            found.instead("repository-components", &place, message, Some(near), true, "");
        }
    });
}
