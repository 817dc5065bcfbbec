//! Repositories judged by their text: addresses that lead nowhere, types that are not read, names given twice. What apt
//! asks for is judged in `repositories::suites`. Asks no server.

pub(super) mod addresses;
pub(super) mod apt_components;
mod databases;
pub(super) mod formats;
pub(super) mod key_names;
pub(super) mod kin;
pub(super) mod layouts;
pub(super) mod machines;
pub(super) mod mirror_lists;
pub(super) mod obs_projects;
pub(super) mod release_names;
pub(super) mod release_titles;
pub(super) mod releases;
pub(super) mod settings;
pub(super) mod source_types;
pub(super) mod suite_releases;
pub(super) mod suites;
pub(super) mod suites_elsewhere;

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element, Image, Repository};
use crate::diagnostic::FileId;
use crate::rules::filled::{SIGNS, filled};
use crate::rules::found::{Found, Place, Text, before, near};
use crate::rules::packages::Family;
use crate::rules::scope::Scope;
use crate::text::Span;

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    // The repositories of a boot description are replaced by those of the system it starts.
    let kind_of = image.description.as_ref().and_then(|d| d.attrs.get("type"));
    if kind_of == Some("boot") {
        return;
    }
    let only = only_manager(image);
    let unread = unread(image);
    if let Some((at, own)) = unread {
        let manager = only.unwrap_or("");
        let message = format!("`{manager}` reads none of the repositories, by their type");
        found.instead("repository-type", &Text(at), message, Some(own), false, "");
    }
    for repository in &image.repositories {
        let source = &repository.source;
        if source.value.trim().len() < source.value.len() {
            let message = "a blank at the end of the address, or before it, is a part of it".to_owned();
            found.instead(
                "repository-address",
                source,
                message,
                Some(source.value.trim()),
                false,
                "",
            );
        }
        credentials(repository, found);
        let sound = address(repository, found);
        unsigned(image, repository, found);
        priority(repository, found);
        if unread.is_none() {
            kind(repository, only, found);
        }
        source_types::judge(repository, only, found);
        if !found.told("repository-address", &repository.source) {
            formats::judge(image, repository, only, found);
        }
        settings::judge(repository, only, found);
        let apt = match repository.element.attrs.get("type") {
            Some(kind) => kind == "apt-deb" && only != Some("pacman"),
            None => only == Some("apt"),
        };
        if apt {
            suites::deb(repository, sound, found);
        }
    }
}

/// A user without a password, or the other way round: neither counts.
fn credentials(repository: &Repository, found: &mut Found<'_>) {
    let attrs = &repository.element.attrs;
    for (one, other) in [("username", "password"), ("password", "username")] {
        if let (Some(at), None) = (attrs.at(one), attrs.at(other)) {
            let message = format!("`{one}` counts for nothing here");
            found.add("unused-setting", at, message, format!("needs `{other}`"));
        }
    }
}

/// Judges one view: what is read twice, and aliases that are taken. Looked up, since there may be many.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let mut read = FxHashMap::default();
    let mut aliases = FxHashMap::default();
    for &repository in scope.repositories.iter() {
        let packages = packages(repository);
        if let Some(first) = packages.and_then(|packages| before(&mut read, packages, repository)) {
            let message = "two active repositories have the same address".to_owned();
            let (at, other) = (&repository.source, &first.source);
            found.pair(
                "duplicate-repository",
                at,
                message,
                "again",
                other,
                "the first is here",
            );
        }
        let Some(alias) = repository.element.attrs.at("alias") else {
            continue;
        };
        let own = alias.value.trim();
        if let Some(first) = before(&mut aliases, own, alias) {
            let message = format!("two active repositories have the alias `{own}`");
            let label = "takes the place of the other";
            found.pair(
                "duplicate-alias",
                alias,
                message,
                label,
                first,
                "the first is here",
            );
        }
    }
}

/// What says which packages a repository brings; none where it has no address, which is told by itself.
fn packages(repository: &Repository) -> Option<(&str, [Option<&str>; 4])> {
    let source = repository.source.value.trim().trim_end_matches('/');
    let attrs = ["distribution", "components", "arch", "type"];
    let attrs = attrs.map(|name| repository.element.attrs.get(name));
    (!source.is_empty()).then_some((source, attrs))
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
pub(in crate::rules) struct Part(FileId, Span);

impl Place for Part {
    fn place(&self) -> (FileId, Span) {
        (self.0, self.1)
    }
}

/// The place of `part`, which begins at byte `from` of the value. The whole value where the text is not what it means.
pub(in crate::rules) fn part(at: &At, from: usize, part: &str) -> Part {
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
    if value.starts_with('/') || value.starts_with(SIGNS) {
        return true;
    }
    if value.is_empty() {
        let message = "the repository has no address".to_owned();
        found.add(
            "repository-address",
            source,
            message,
            "such as `https://SERVER/PATH`",
        );
        return false;
    }
    let lead = source.value.len() - source.value.trim_start().len();
    let Some((scheme, rest)) = value.split_once(':') else {
        let message = format!("`{value}` is no address of a repository");
        let (host, rest) = value.split_once('/').unwrap_or((value, ""));
        let whole = match host {
            "http" | "https" | "ftp" | "obs" => Some(format!("{host}://{}", rest.trim_start_matches('/'))),
            _ if host.contains('.') && !host.starts_with('.') && host.len() < value.len() => {
                Some(format!("https://{value}"))
            }
            _ => None,
        };
        let otherwise = format!("a file beside the description is `this://{value}`");
        found.instead(
            "repository-address",
            source,
            message,
            whole.as_deref(),
            false,
            &otherwise,
        );
        return false;
    };
    if filled(scheme) {
        return true;
    }
    if let Some(line) = value
        .strip_prefix("deb ")
        .or_else(|| value.strip_prefix("deb-src "))
    {
        let alone = line.split_whitespace().find(|w| w.contains("://"));
        let message = "a line of apt's list stands here, and an address is expected".to_owned();
        let otherwise = "its suite and components stand in attributes of their own";
        found.instead("repository-address", source, message, alone, false, otherwise);
        return false;
    }
    if !SCHEMES.contains(&scheme) {
        let same = |s: &&str| s.eq_ignore_ascii_case(scheme);
        // `obsrepository`
        let long = |s: &&str| scheme.len() > 6 && strsim::damerau_levenshtein(s, scheme) <= 3;
        let all = || SCHEMES.iter().copied();
        let near = near(scheme, all())
            .or_else(|| all().find(same))
            .or_else(|| all().find(long));
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
        let whole = format!("this://{}", rest.trim_start_matches('/'));
        found.instead("repository-address", source, message, Some(&whole), false, "");
        return false;
    }
    true
}

/// Judges what follows the scheme of an address in the network.
fn remote(source: &At, scheme: &str, rest: &str, found: &mut Found<'_>) -> bool {
    let Some(rest) = rest.strip_prefix("//") else {
        let message = format!("`{scheme}:` is followed by `//` and a name");
        let whole = format!("{scheme}://{}", rest.trim_start_matches('/'));
        found.instead("repository-address", source, message, Some(&whole), false, "");
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
        let path = path.trim_start_matches('/');
        let whole = path
            .split('/')
            .next()
            .filter(|h| h.contains('.'))
            .map(|_| format!("{scheme}://{path}"));
        let otherwise = "the server's name is expected";
        found.instead(
            "repository-address",
            source,
            message,
            whole.as_deref(),
            false,
            otherwise,
        );
        return false;
    }
    if let Some((name, port)) = host
        .rsplit_once(':')
        .filter(|(n, _)| !n.ends_with(']') || n.starts_with('['))
        && !port.ends_with(']')
        && !port.contains(['$', '{'])
        && (port.parse::<u16>().is_err() || name.contains(':') && !name.starts_with('['))
        && !matches!(name, "http" | "https" | "ftp" | "")
        && !port.is_empty()
    {
        let message = format!("`{host}` is no name of a server with a port");
        found.add(
            "repository-address",
            source,
            message,
            "a number up to 65535 follows the colon",
        );
        return false;
    }
    if addresses::remote(source, host, path, found) {
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
    if number == Some(0) {
        let message = "a priority of 0 counts for nothing".to_owned();
        if let Some(told) = found.add("repository-priority", at, message, "1 or more, or none") {
            told.severity = crate::diagnostic::Severity::Info;
            told.help = Some("KIWI sets up the repository without a priority".into());
        }
    } else if let Some(number) = number.filter(|n| *n < 0) {
        let message = format!("a repository cannot have the priority {number}");
        found.add("repository-priority", at, message, "1 or more");
    }
}

/// The one package manager that the description names.
fn only_manager(image: &Image) -> Option<&str> {
    let managers = crate::rules::scope::managers(image);
    let first = managers.first().copied();
    first.filter(|f| managers.iter().all(|m| m == f))
}

/// The type of repositories that a package manager reads.
pub(in crate::rules) fn read_by(manager: &str) -> Option<&'static str> {
    match manager {
        "apt" => Some("apt-deb"),
        "zypper" | "dnf4" | "dnf5" | "microdnf" => Some("rpm-md"),
        "apk" => Some("apk"),
        _ => None,
    }
}

/// The package manager, where it reads none of several repositories that are all of one type, or not the only one,
/// whose packages are listed; with the one that is meant.
pub(in crate::rules) fn unread(image: &Image) -> Option<(&Element, &'static str)> {
    let manager = only_manager(image)?;
    let wanted = read_by(manager)?;
    let all = image.repositories.iter();
    let types: Vec<&str> = all.filter_map(|r| r.element.attrs.get("type")).collect();
    let first = *types.first()?;
    let known = matches!(first, "rpm-md" | "apt-deb" | "apk");
    let some = types.len() > 1 || image.repositories.len() == 1;
    if !known || !some || first == wanted || types.iter().any(|t| *t != first) {
        return None;
    }
    let own = match first {
        "apt-deb" => "apt",
        "apk" => "apk",
        _ => "dnf5",
    };
    let owners = || {
        let items = image.packages.iter().flat_map(|s| &s.items);
        items.filter_map(|i| crate::rules::packages::names::owner(&i.name.value))
    };
    // Few names are Alpine's alone.
    let debs = |family: Family| family == Family::Debian;
    let alike = first == "apk" || owners().all(|f| debs(f) == (first == "apt-deb"));
    let addresses = || {
        let own = crate::rules::packages::manager_kin::owned(image)
            .into_iter()
            .map(|(_, family)| family);
        let mut own = own.peekable();
        own.peek().is_some() && own.all(|family| debs(family) == (first == "apt-deb"))
    };
    let sure = image.repositories.len() > 1 || owners().next().is_some() || addresses();
    if !sure || !alike {
        return None;
    }
    let own = if first == "rpm-md" && owners().any(|f| f == Family::Suse) {
        "zypper"
    } else {
        own
    };
    let mut named = image
        .preferences
        .iter()
        .filter_map(|p| p.element.child("packagemanager"));
    named.next().map(|at| (at, own))
}

/// A repository that the package manager does not read.
fn kind(repository: &Repository, manager: Option<&str>, found: &mut Found<'_>) {
    let own = || {
        crate::rules::packages::manager_kin::owner(repository.source.value.trim())
            .is_none_or(|o| o == Family::Arch)
    };
    if let (Some(at), Some("pacman")) = (repository.element.attrs.at("type"), manager)
        && own()
    {
        let message = format!("`pacman` takes no notice of the type `{}`", at.value.trim());
        if let Some(told) = found.add("repository-type", at, message, "take it out") {
            told.severity = crate::diagnostic::Severity::Info;
            told.help = Some("the repository is read as one of pacman's".into());
        }
    }
    if let (Some(at), Some(manager)) = (repository.element.attrs.at("type"), manager)
        && let Some(wanted) = read_by(manager)
    {
        let value = at.value.trim();
        if matches!(value, "rpm-md" | "apt-deb" | "apk") && value != wanted {
            let message = format!("`{manager}` does not read repositories of the type `{value}`");
            found.instead("repository-type", at, message, Some(wanted), false, "");
        }
    }
}
