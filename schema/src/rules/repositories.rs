//! Repositories judged by their text: addresses that lead nowhere, what apt would not understand, names given twice.
//! Asks no server.

use super::found::{Found, Place, near};
use super::scope::Scope;
use crate::description::model::{At, Image, Repository};
use crate::diagnostic::FileId;
use crate::text::Span;

/// Judges what does not depend on a view.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    // The repositories of a boot description are replaced by those of the system it starts.
    let kind_of = image.description.as_ref().and_then(|d| d.attrs.get("type"));
    if kind_of == Some("boot") {
        return;
    }
    let managers = super::scope::managers(image);
    let first = managers.first().copied();
    let only = first.filter(|f| managers.iter().all(|m| m == f));
    for repository in &image.repositories {
        let sound = address(repository, found);
        unsigned(image, repository, found);
        priority(repository, found);
        kind(repository, only, found);
        let apt = match repository.element.attrs.get("type") {
            Some(kind) => kind == "apt-deb",
            None => only == Some("apt"),
        };
        if apt {
            deb(repository, sound, found);
        }
    }
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let all = scope.view.repositories();
    for (at, repository) in all.iter().enumerate() {
        let Some(alias) = repository.element.attrs.at("alias") else {
            continue;
        };
        let same = |r: &&&Repository| r.element.attrs.get("alias") == Some(alias.value.trim());
        let first = all.get(..at).and_then(|before| before.iter().find(same));
        if let Some(first) = first.and_then(|r| r.element.attrs.at("alias")) {
            let message = format!("two active repositories have the alias `{}`", alias.value.trim());
            found.pair(
                "duplicate-alias",
                alias,
                message,
                "takes the place of the other",
                first,
                "the first is here",
            );
        }
    }
}

/// Schemes that KIWI knows for a repository, and `iso`, which it knew for long.
const SCHEMES: &[&str] = &[
    "http",
    "https",
    "ftp",
    "obs",
    "obsrepositories",
    "dir",
    "file",
    "this",
    "iso",
];

/// A part of an attribute's value.
struct Part(FileId, Span);

impl Place for Part {
    fn place(&self) -> (FileId, Span) {
        (self.0, self.1)
    }
}

/// The place of `part`, which begins at byte `from` of the value. The whole value where the text is not what it means.
fn part(at: &At, from: usize, part: &str) -> Part {
    let plain = at.span.len() as usize == at.value.len();
    let start = at.span.start + from as u32;
    if plain {
        Part(at.file, Span::new(start, start + part.len() as u32))
    } else {
        Part(at.file, at.span)
    }
}

/// Judges the shape of an address. True where it has one to go on with.
fn address(repository: &Repository, found: &mut Found<'_>) -> bool {
    let source = &repository.source;
    let value = source.value.trim();
    // What stands for something else is filled in before the build.
    if value.starts_with(['/', '$', '@', '{', '%']) {
        return true;
    }
    if value.is_empty() {
        return false;
    }
    let lead = source.value.len() - source.value.trim_start().len();
    let Some((scheme, rest)) = value.split_once(':') else {
        let message = format!("`{value}` is no address of a repository");
        let label = match value.split_once('/') {
            Some((head, _)) if head.contains('.') && !head.starts_with('.') => {
                format!("did you mean `https://{value}`?")
            }
            _ => format!("a file beside the description is `this://{value}`"),
        };
        found.add("repository-address", source, message, label);
        return false;
    };
    if scheme.contains(['$', '@', '{', '%']) {
        return true;
    }
    if !SCHEMES.contains(&scheme) {
        let near = near(scheme, SCHEMES.iter().copied()).or_else(|| {
            let same = SCHEMES.iter().find(|s| s.eq_ignore_ascii_case(scheme));
            same.copied()
        });
        // `host:port/path`, and a host alone.
        let host = scheme.contains('.') && near.is_none();
        let message = if host {
            format!("`{value}` does not say how the repository is reached")
        } else {
            format!("KIWI knows no repository by `{scheme}:`")
        };
        let otherwise = if host {
            format!("did you mean `https://{value}`?")
        } else {
            "`https:`, `http:`, `obs:`, `this:` and `dir:` are usual".to_owned()
        };
        found.instead(
            "repository-address",
            &part(source, lead, scheme),
            message,
            near,
            true,
            &otherwise,
        );
        return false;
    }
    if matches!(scheme, "http" | "https" | "ftp" | "obs") {
        return remote(source, scheme, rest, found);
    }
    // Of a local path, what stands between `//` and the next `/` is taken for a host, and left out.
    if matches!(scheme, "dir" | "file" | "iso")
        && let Some(path) = rest
            .strip_prefix("//")
            .filter(|p| !p.starts_with(['/', '$', '{', '@', '.']))
    {
        let message =
            format!("`{value}` has two slashes where the path begins: its first folder is left out");
        let whole = format!("{scheme}:///{path}");
        found.instead("repository-address", source, message, Some(&whole), false, "");
        return false;
    }
    if scheme == "this" && !rest.starts_with("//") {
        let message = format!("`{value}` lacks the `//` of a file beside the description");
        found.add("repository-address", source, message, "`this://PATH` is expected");
        return false;
    }
    true
}

/// Judges what follows the scheme of an address in the network.
fn remote(source: &At, scheme: &str, rest: &str, found: &mut Found<'_>) -> bool {
    let Some(rest) = rest.strip_prefix("//") else {
        let message = format!("`{scheme}:` is followed by `//` and a name");
        let label = format!("did you mean `{scheme}://{}`?", rest.trim_start_matches('/'));
        found.add("repository-address", source, message, label);
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if scheme == "obs" {
        if host.is_empty() || path.trim_matches('/').is_empty() {
            let message = "`obs://` needs a project and one of its repositories".to_owned();
            found.add(
                "repository-address",
                source,
                message,
                "`obs://PROJECT/REPOSITORY` is expected",
            );
            return false;
        }
        return true;
    }
    let (user, host) = match host.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, host),
    };
    if user.is_some_and(|u| u.contains(':') && !u.contains(['$', '{'])) {
        let message = "the address has a password in it".to_owned();
        let label = "everyone sees it who has the description, the log or the image";
        found.add("credentials-in-address", source, message, label);
    }
    if host.is_empty() {
        let message = format!("`{scheme}://` names no server");
        found.add(
            "repository-address",
            source,
            message,
            "the server's name is expected",
        );
        return false;
    }
    if super::addresses::remote(source, host, path, found) {
        return false;
    }
    if host.contains(' ') || host.contains(',') {
        let message = format!("`{host}` is no name of a server");
        found.add(
            "repository-address",
            source,
            message,
            "neither blanks nor commas belong there",
        );
        return false;
    }
    true
}

/// Packages that come over the network with nothing that shows whose they are.
fn unsigned(image: &Image, repository: &Repository, found: &mut Found<'_>) {
    let source = repository.source.value.trim();
    let Some(rest) = source
        .strip_prefix("http://")
        .or_else(|| source.strip_prefix("ftp://"))
    else {
        return;
    };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let own = ["localhost", "127.", "[::1]"].iter().any(|h| host.starts_with(h));
    let attrs = &repository.element.attrs;
    let checked = ["repository_gpgcheck", "package_gpgcheck"]
        .iter()
        .any(|a| attrs.bool(a) == Some(true));
    let preferences = image
        .preferences
        .iter()
        .filter_map(|p| p.element.child("rpm-check-signatures"));
    let mut asked = preferences.filter(|c| matches!(c.text.as_str(), "true" | "1"));
    if !own && !checked && asked.next().is_none() {
        let message = "packages come unencrypted, and no signature is checked".to_owned();
        let label = "`https://`, or `repository_gpgcheck=\"true\"` with a `<signing>` key";
        found.add("unsigned-repository", &repository.source, message, label);
    }
}

fn priority(repository: &Repository, found: &mut Found<'_>) {
    let Some(at) = repository.element.attrs.at("priority") else {
        return;
    };
    let number: Option<i64> = at.value.trim().parse().ok();
    if let Some(number) = number.filter(|n| *n < 1) {
        let message = format!("a repository cannot have the priority {number}");
        found.add("repository-priority", at, message, "1 or more");
    }
}

/// A repository that the package manager does not read.
fn kind(repository: &Repository, manager: Option<&str>, found: &mut Found<'_>) {
    let attrs = &repository.element.attrs;
    if let (Some(at), Some(manager)) = (attrs.at("type"), manager) {
        let wanted = match manager {
            "apt" => "apt-deb",
            "zypper" | "dnf4" | "dnf5" | "microdnf" => "rpm-md",
            "apk" => "apk",
            _ => return,
        };
        let value = at.value.trim();
        if matches!(value, "rpm-md" | "apt-deb" | "apk") && value != wanted {
            let message = format!("`{manager}` does not read repositories of the type `{value}`");
            found.instead("repository-type", at, message, Some(wanted), false, "");
        }
    }
    let source = repository.source.value.trim();
    if let Some(at) = attrs
        .at("sourcetype")
        .filter(|_| !source.contains(['$', '{', '@']))
    {
        let (mark, kind) = match at.value.trim() {
            "metalink" => ("metalink", "a metalink"),
            "mirrorlist" => ("mirror", "a list of mirrors"),
            _ => ("", ""),
        };
        let tree = source.trim_end_matches('/').ends_with("/os") || source.contains("/releases/");
        if !source.contains(mark) && tree {
            let message = format!("the address is that of a repository, not of {kind}");
            found.instead("repository-source-type", at, message, Some("baseurl"), false, "");
        }
    }
    let rpm = manager.is_none_or(|m| matches!(m, "dnf4" | "dnf5" | "microdnf" | "zypper"));
    let given = attrs.get("sourcetype").unwrap_or("baseurl");
    for (mark, wanted) in [("/metalink?", "metalink"), ("/mirrorlist?", "mirrorlist")] {
        if rpm && source.contains(mark) && given == "baseurl" {
            let message = format!("the address answers with a {wanted}, not with a repository");
            let label = format!("add `sourcetype=\"{wanted}\"`");
            found.add("repository-source-type", &repository.source, message, label);
        }
    }
}

/// The suites and components of a distribution, as far as they are known by name.
struct Archive {
    name: &'static str,
    suites: &'static [&'static str],
    components: &'static [&'static str],
}

const DEBIAN: Archive = Archive {
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

const UBUNTU: Archive = Archive {
    name: "Ubuntu",
    suites: &[
        "trusty", "xenial", "bionic", "focal", "jammy", "kinetic", "lunar", "mantic", "noble", "oracular",
        "plucky", "questing", "resolute", "devel",
    ],
    components: &["main", "restricted", "universe", "multiverse"],
};

/// A release by its name, which is not a name for whichever it is today.
pub(super) fn codename(suite: &str) -> Option<&str> {
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

/// Whose release that is.
pub(super) fn distribution(suite: &str) -> Option<&'static str> {
    let all = [&DEBIAN, &UBUNTU];
    all.into_iter()
        .find(|a| a.suites.contains(&suite))
        .map(|a| a.name)
}

/// Which distribution's own archive an address is, by the usual end of its path.
fn archive(address: &str) -> Option<(&'static Archive, &'static Archive)> {
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
fn deb(repository: &Repository, sound: bool, found: &mut Found<'_>) {
    let attrs = &repository.element.attrs;
    let source = &repository.source;
    if let Some((whole, _)) = source
        .value
        .trim()
        .split_once("/dists/")
        .filter(|_| sound && attrs.at("distribution").is_some())
    {
        let message = "the address leads to a suite, which `distribution` names already".to_owned();
        found.instead("repository-address", source, message, Some(whole), true, "");
    }
    let known = archive(&source.value).filter(|_| sound);
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
    if let Some(at) = suite {
        self::suite(at, source, known, found);
    }
    if let Some(at) = components {
        self::components(at, known, found);
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

/// Each word of a list, with where it begins; blanks and commas stand between words.
fn each_word(text: &str, mut f: impl FnMut(usize, &str)) {
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

fn suite(at: &At, source: &At, known: Option<(&Archive, &Archive)>, found: &mut Found<'_>) {
    let value = at.value.trim();
    if value.is_empty() || value.contains(['$', '{', '@', '%']) {
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
    let Some((archive, other)) = known else { return };
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
                    found.add("repository-suite", at, message, label);
                }
            }
            return;
        }
        let ends = [
            "-updates",
            "-backports",
            "-security",
            "-proposed",
            "-proposed-updates",
            "-backports-sloppy",
        ];
        if rest.is_empty() || ends.contains(&rest) || rest.starts_with('/') {
            return;
        }
        if let Some(near) = near(rest, ends.into_iter()) {
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
    let same = archive
        .suites
        .iter()
        .copied()
        .find(|s| s.eq_ignore_ascii_case(name));
    if let Some(near) = same.or_else(|| near(name, archive.suites.iter().copied())) {
        let message = format!("{} has no suite `{value}`", archive.name);
        let whole = format!("{near}{rest}");
        found.instead("repository-suite", at, message, Some(&whole), true, "");
    }
}

fn components(at: &At, known: Option<(&Archive, &Archive)>, found: &mut Found<'_>) {
    let value = at.value.trim();
    if value.contains(['$', '{', '@', '%']) {
        return;
    }
    if value.contains([',', ';']) {
        let words: Vec<&str> = value.split([' ', ',', ';']).filter(|w| !w.is_empty()).collect();
        let mended = words.join(" ");
        let message = "components are separated by blanks".to_owned();
        found.instead("repository-components", at, message, Some(&mended), true, "");
        return;
    }
    let Some((archive, other)) = known else { return };
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
