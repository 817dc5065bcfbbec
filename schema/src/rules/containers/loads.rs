//! Containers that are put into the image, to be loaded when it first starts. Asks no registry.

use super::names::{is_repository, is_tag, repository, tag};
use crate::description::model::{At, Element};
use crate::rules::found::Found;
use crate::rules::packages::offers::{For, package};
use crate::rules::scope::Scope;

/// Judges the containers that are put into the image.
pub(in crate::rules) fn preloads(scope: &Scope<'_>, found: &mut Found<'_>) {
    for section in scope.view.sections(&scope.view.image.containers) {
        preloaded(section, found);
    }
}

/// What loads the containers when the image first starts, and the packages that have it.
const BACKENDS: &[(&str, &[&str])] = &[
    ("podman", &["podman", "podman-docker"]),
    (
        "docker",
        &["docker", "docker.io", "docker-ce", "moby-engine", "docker-engine"],
    ),
];

/// Judges whether the image has the program that loads its containers.
pub(in crate::rules) fn loaded(scope: &Scope<'_>, found: &mut Found<'_>) {
    let mut sections = scope.view.sections(&scope.view.image.containers).peekable();
    if sections.peek().is_none() || !scope.type_has_packages() || crate::rules::packages::open_ended(scope) {
        return;
    }
    for section in sections {
        let named = section.attrs.at("backend");
        let backend = named.map_or("podman", |b| b.value.trim());
        let Some((_, packages)) = BACKENDS.iter().find(|(name, _)| *name == backend) else {
            continue;
        };
        let mut to_load = section.all("container");
        let loads = to_load.any(|c| c.attrs.bool("fetch_only") != Some(true));
        let more = || {
            let mut patterns = scope.starting("patterns-").chain(scope.starting("pattern:"));
            patterns.any(|n| n.contains("container") || n.contains("docker"))
        };
        // One that cannot be fetched is told as such.
        let sound = |c: &Element| {
            let name = c.attrs.get("name").is_some_and(is_repository);
            name && c.attrs.get("tag").is_none_or(is_tag)
        };
        let fetched = section.attrs.get("source").is_some_and(|s| !s.contains("://"))
            && section.all("container").all(sound);
        if !loads || !fetched || packages.iter().any(|p| scope.has(p)) || more() {
            continue;
        }
        let message = format!("the containers are loaded by `{backend}`, and no list installs it");
        let label = format!("add the package `{backend}`");
        let place: &dyn crate::rules::found::Place = match named {
            Some(at) => at,
            None => section,
        };
        if found
            .once("missing-container-tool", backend, place, message, label)
            .is_some()
        {
            package(scope, backend, For::All, found);
        }
    }
}

/// Registries that are open to all.
const REGISTRIES: &[&str] = &[
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.fedoraproject.org",
    "registry.gitlab.com",
    "registry.k8s.io",
    "registry.opensuse.org",
    "registry.redhat.io",
    "registry.suse.com",
];

/// A registry with what follows it, by the name of one that it is a slip of.
fn known_registry(source: &str) -> Option<String> {
    let host = source.split('/').next()?;
    if host.len() < 7 || REGISTRIES.contains(&host) {
        return None;
    }
    let close = |known: &&&str| crate::rules::found::one_keystroke(known, host);
    let meant = REGISTRIES.iter().find(close)?;
    Some(source.replacen(host, meant, 1))
}

/// Containers to load on the first start.
fn preloaded(section: &Element, found: &mut Found<'_>) {
    if let Some(at) = section.attrs.at("source") {
        if let Some((scheme, rest)) = at.value.trim().split_once("://") {
            let message = format!("the registry is named without `{scheme}://`");
            found.instead("container-name", at, message, Some(rest), false, "");
        } else if let Some(bare) = at.value.trim().strip_suffix('/') {
            let message = "the registry is named without `/` at its end".to_owned();
            found.instead("container-name", at, message, Some(bare), false, "");
        } else if let Some(meant) = known_registry(at.value.trim()) {
            let message = format!("no registry is known as `{}`", at.value.trim());
            found.instead("container-name", at, message, Some(&meant), false, "");
        }
    }
    let mut seen: Vec<(&str, Option<&str>, &At)> = Vec::new();
    for container in section.all("container") {
        if let Some(at) = container.attrs.at("name") {
            repository(at, found);
            let registry = section.attrs.get("source").unwrap_or("");
            let twice = at
                .value
                .trim()
                .strip_prefix(registry)
                .and_then(|n| n.strip_prefix('/'));
            if let Some(bare) = twice.filter(|n| !n.is_empty() && registry.contains('.')) {
                let message = format!("the registry `{registry}` would stand twice in the address");
                found.instead("container-name", at, message, Some(bare), false, "");
            }
            let (name, tag) = (at.value.trim(), container.attrs.get("tag"));
            match seen.iter().find(|(n, t, _)| *n == name && *t == tag) {
                Some((_, _, first)) => {
                    let message = format!("the container `{name}` is fetched twice");
                    found.pair(
                        "duplicate-setting",
                        at,
                        message,
                        "again",
                        *first,
                        "first given here",
                    );
                }
                None => seen.push((name, tag, at)),
            }
        }
        if let Some(at) = container.attrs.at("tag") {
            tag(at, found);
        }
        if let Some(at) = container.attrs.at("path")
            && let bare = at.value.trim().trim_matches('/')
            && bare != at.value.trim()
            && !bare.is_empty()
        {
            let message = "the path in a registry has no `/` at its ends".to_owned();
            found.instead("container-name", at, message, Some(bare), false, "");
        }
    }
}
