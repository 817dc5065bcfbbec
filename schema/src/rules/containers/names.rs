//! What containers and their base images are called, by the syntax of references. Asks no registry.

use rustc_hash::FxHashSet;

use crate::description::model::{At, Element};
use crate::rules::found::{Found, near};

/// One part of a repository's name: lower-case letters and digits, with `.`, `_`, `__` or hyphens between them.
fn is_component(part: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut between = part.split(letter).filter(|run| !run.is_empty());
    edge(part.chars().next())
        && edge(part.chars().next_back())
        && between.all(|run| matches!(run, "." | "_" | "__") || run.bytes().all(|b| b == b'-'))
}

/// A repository's name, maybe after its registry.
pub(in crate::rules) fn is_repository(name: &str) -> bool {
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, name),
    };
    let host = |h: &str| {
        !h.is_empty()
            && h.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
    };
    registry.is_none_or(host) && path.split('/').all(is_component)
}

/// A tag: a letter, digit or `_`, then at most 127 of these, `.` and `-`.
pub(in crate::rules) fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || c == '.' || c == '-')
}

/// Values that a tool fills in before the build.
pub(in crate::rules) fn is_placeholder(value: &str) -> bool {
    value.is_empty() || value.contains(['$', '{', '%'])
}

/// Judges the name of an image.
pub(in crate::rules) fn repository(at: &At, found: &mut Found<'_>) {
    let name = at.value.trim();
    if name.is_empty() {
        let message = "the name of the container image is empty".to_owned();
        found.add("container-name", at, message, "such as `example/app`");
        return;
    }
    if is_placeholder(name) || is_repository(name) {
        return;
    }
    let message = format!("`{name}` is no name for a container image");
    let lower = name.to_ascii_lowercase();
    // Neither an address nor a tag is a part of the name.
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let untagged = || {
        bare.rsplit_once(':')
            .filter(|(_, tag)| is_tag(tag))
            .map(|(name, _)| name)
    };
    let meant = is_repository(bare).then_some(bare).or_else(untagged);
    let meant = meant.filter(|m| is_repository(m) && at.value == at.value.trim());
    let otherwise = match name.rsplit_once(':') {
        Some((_, tag)) if is_tag(tag) => "the tag stands in `tag=\"…\"`",
        _ => "lower-case letters and digits, with `.`, `_` or `-` between them",
    };
    found.instead("container-name", at, message, meant, false, otherwise);
}

/// Judges a list of tags.
pub(in crate::rules) fn tag(at: &At, found: &mut Found<'_>) {
    let mut all = at.value.split(',').map(str::trim);
    let wrong = all.find(|t| t.is_empty() || !is_placeholder(t) && !is_tag(t));
    if let Some(wrong) = wrong {
        let message = match wrong {
            "" => "a tag is empty".to_owned(),
            wrong => format!("`{wrong}` is no tag"),
        };
        found.add(
            "container-name",
            at,
            message,
            "letters, digits, `_`, `.` and `-`, at most 128",
        );
    } else {
        latest(at, at.value.trim(), found);
    }
}

/// The tag, where it is a slip of the usual one.
fn near_latest(tag: &str) -> Option<&str> {
    let near = matches!(tag.len(), 5..=7) && crate::rules::found::one_keystroke(tag, "latest");
    near.then_some(tag)
}

/// A tag that is a slip of the usual one.
fn latest(at: &At, tag: &str, found: &mut Found<'_>) {
    if near_latest(tag).is_some() && !found.told("container-name", at) {
        let message = format!("the tag `{tag}` is nearly `latest`, and another");
        found.instead_of("container-name", at, message, (tag, "latest"), false);
        if let Some(told) = found.last() {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help = Some("who asks for `latest` would not get it, or nothing be found to fetch".into());
        }
    }
}

/// Judges what an image is called.
pub(in crate::rules) fn names(config: &Element, found: &mut Found<'_>) {
    if let Some(at) = config.attrs.at("name") {
        repository(at, found);
    }
    if let Some(at) = config.attrs.at("tag") {
        tag(at, found);
    }
    let Some(at) = config.attrs.at("additionalnames") else {
        return;
    };
    let wrong = |item: &&str| {
        // A colon after the last slash begins a tag; one before it a port.
        let (name, tag) = match item.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (*item, None),
        };
        !is_placeholder(item) && (tag.is_some_and(|t| !is_tag(t)) || !name.is_empty() && !is_repository(name))
    };
    let list = config.attrs.list("additionalnames");
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let blank = at.value.contains(',') && at.value.split(',').any(|item| item.trim().is_empty());
    let (name, tag) = (
        config.attrs.get("name"),
        config.attrs.get("tag").unwrap_or("latest"),
    );
    let own = |item: &&&str| match item.strip_prefix(':') {
        Some(other) => other == tag,
        None => {
            name.is_some_and(|name| item.strip_prefix(name).and_then(|i| i.strip_prefix(':')) == Some(tag))
        }
    };
    let apart = |item: &str| item.trim() != item;
    if !blank && at.value.trim().split(',').any(apart) {
        let message = "the blanks between the names count as a part of them".to_owned();
        let whole = list.join(",");
        found.instead("container-name", at, message, Some(&whole), false, "");
    } else if blank {
        let message = format!("a name in `{}` is empty", at.value.trim());
        let whole = list.join(",");
        found.instead("container-name", at, message, Some(&whole), false, "");
    } else if let Some(item) = list.iter().find(own) {
        let message = format!("`{item}` is the image's own name already");
        found.add("container-name", at, message, "once is enough");
    } else if let Some(item) = list.iter().find(|item| !seen.insert(item)) {
        let message = format!("the name `{item}` is given twice");
        found.add("container-name", at, message, "once is enough");
    } else if let Some(item) = config.attrs.list("additionalnames").into_iter().find(wrong) {
        let message = format!("`{item}` is no name for a container image");
        // Names parted by another sign than a comma.
        let parts: Vec<&str> = item.split([';', ' ']).filter(|p| !p.is_empty()).collect();
        let sound = parts.len() > 1 && !parts.iter().any(wrong);
        let whole = sound.then(|| at.value.replacen(item, &parts.join(","), 1));
        let label = "`NAME`, `NAME:TAG` or `:TAG`";
        found.instead("container-name", at, message, whole.as_deref(), false, label);
    } else if let Some(tag) = list.iter().find_map(|item| near_latest(item.rsplit_once(':')?.1)) {
        latest(at, tag, found);
    } else if let Some(item) = list.iter().find(|item| is_bare_tag(item)) {
        let message = format!("`{item}` would be another name of the image, and no tag");
        let whole = at.value.replacen(item, &format!(":{item}"), 1);
        found.instead("container-name", at, message, Some(&whole), false, "");
    }
}

/// What is a tag by its form, and has no colon before it.
fn is_bare_tag(item: &str) -> bool {
    let number = item.strip_prefix('v').unwrap_or(item);
    let version = number.contains('.') && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    version || matches!(item, "latest" | "stable" | "testing" | "edge" | "nightly")
}

/// Where a base image may come from.
const SCHEMES: &[&str] = &[
    "docker",
    "docker-archive",
    "docker-daemon",
    "oci",
    "oci-archive",
    "obs",
    "obsrepositories",
    "file",
    "dir",
    "http",
    "https",
    "ftp",
    "containers-storage",
    "container-archive",
    "this",
    "iso",
    "ibs",
];

/// Judges where a base image comes from, and what it is called.
pub(in crate::rules) fn base_image(at: &At, found: &mut Found<'_>) {
    let value = at.value.trim();
    if is_placeholder(value) {
        return;
    }
    let scheme = value.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|s| {
        s.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '+')
    });
    let Some(scheme) = scheme.filter(|_| value.contains(":/") || value.starts_with("oci:")) else {
        let message = format!("the base image `{value}` does not say where it comes from");
        let label = "a scheme first: `docker://`, `obs://` or `file://`";
        let edit = value
            .split_once('/')
            .filter(|(host, _)| host.contains('.') && !host.starts_with('.'))
            .and_then(|_| found.replace(at, &format!("docker://{value}"), false));
        let project = value.strip_prefix("obsrepositories:");
        let edit = edit.or_else(|| found.replace(at, &format!("obsrepositories:/{}", project?), false));
        if let Some(told) = found.add("base-image", at, message, label) {
            told.fixes.extend(edit);
        }
        return;
    };
    if matches!(scheme, "docker" | "http" | "https" | "obs")
        && let Some(rest) = value.split_once(":/").map(|(_, rest)| rest)
        && !rest.starts_with('/')
    {
        let message = format!("`{scheme}:` is followed by `//` and a name");
        found.instead(
            "base-image",
            at,
            message,
            Some(&format!("{scheme}://{rest}")),
            false,
            "",
        );
        return;
    }
    if SCHEMES.contains(&scheme) {
        // A colon in the last part is no part of a project's name.
        if let Some(path) = value
            .strip_prefix("obs://")
            .filter(|p| !p.contains('#') && !is_placeholder(p))
            && let Some((head, last)) = path.rsplit_once('/')
            && let Some((name, tag)) = last.split_once(':')
            && head.contains('/')
        {
            let message = format!("the tag `{tag}` of a base image of the build service stands after `#`");
            let whole = format!("obs://{head}/{name}#{tag}");
            found.instead("base-image", at, message, Some(&whole), false, "");
            return;
        }
        if let Some(path) = value
            .strip_prefix("obsrepositories:/")
            .filter(|p| !p.contains('#') && !is_placeholder(p))
            && let Some((name, tag)) = path.rsplit_once(':')
        {
            let message = format!("the tag `{tag}` of a base image of the build service stands after `#`");
            let whole = format!("obsrepositories:/{name}#{tag}");
            found.instead("base-image", at, message, Some(&whole), false, "");
            return;
        }
        // Registries take no capitals; what stands before the path may be a host.
        if let Some(path) = value.strip_prefix("docker://").filter(|p| !is_placeholder(p)) {
            let path = path.split(['@', '#']).next().unwrap_or(path);
            let name = match path.rsplit_once(':') {
                Some((_, "")) => {
                    let message = "the tag of the base image is empty".to_owned();
                    found.add("base-image", at, message, "a tag after the colon, or no colon");
                    return;
                }
                Some((name, tag)) if !tag.contains('/') => {
                    latest(at, tag, found);
                    name
                }
                _ => path,
            };
            if !is_repository(name) && is_repository(&name.to_ascii_lowercase()) {
                let message = format!("`{name}` is no name for a container image");
                let whole = value.replacen(name, &name.to_ascii_lowercase(), 1);
                found.instead("base-image", at, message, Some(&whole), true, "");
            }
        }
        return;
    }
    let meant = match scheme {
        "obsrepository" | "obsrepositorys" => Some("obsrepositories"),
        _ => near(scheme, SCHEMES.iter().copied()),
    };
    if let Some(meant) = meant {
        let message = format!("`{scheme}:` is no source of base images");
        let new = format!("{meant}{}", value.strip_prefix(scheme).unwrap_or(""));
        found.instead("base-image", at, message, Some(&new), false, "");
    }
}
