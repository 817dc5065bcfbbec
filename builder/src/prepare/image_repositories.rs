//! The repositories that the image itself is to know (`imageinclude`, `imageonly`): for apt, with their keys, priorities
//! and credentials. Installs nothing.

use std::fmt::Write as _;
use std::path::Path;

use apteryx_schema::description::View;
use apteryx_schema::description::model::Repository;

use super::apt::Apt;
use crate::error::{BuildError, IoContext};
use crate::packages::{RepoKind, RepoSpec};
use crate::sandbox::Root;

fn wanted(repository: &Repository) -> bool {
    let attrs = &repository.element.attrs;
    attrs.bool("imageonly") == Some(true) || attrs.bool("imageinclude") == Some(true)
}

/// Refuses one that apt could not read, before any work.
pub fn check(view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    for repository in view.repositories() {
        if wanted(repository) {
            RepoSpec::from_description(repository, dir, None)?;
        }
    }
    Ok(())
}

/// Writes them, with the addresses of the description.
pub fn write(root: &mut Root, apt: &Apt, repositories: &[&Repository], dir: &Path) -> Result<(), BuildError> {
    for (index, repository) in repositories.iter().enumerate() {
        if !wanted(repository) {
            continue;
        }
        let spec = RepoSpec::from_description(repository, dir, None)?;
        let attrs = &repository.element.attrs;
        let alias = attrs
            .get("alias")
            .map_or_else(|| format!("repository-{}", index + 1), str::to_owned);
        let name = file_name(&alias);
        let mut keyrings = Vec::new();
        for (number, source) in spec.signing_keys.iter().enumerate() {
            let bytes = apt.key(source)?;
            let kind = if bytes.starts_with(b"-----BEGIN") {
                "asc"
            } else {
                "gpg"
            };
            let file = format!("/etc/apt/keyrings/{name}-{}.{kind}", number + 1);
            put(root, &file, &bytes, 0o644)?;
            keyrings.push(file);
        }
        let text = sources(&spec, attrs.list("architectures"), &keyrings);
        put(
            root,
            &format!("/etc/apt/sources.list.d/{name}.sources"),
            text.as_bytes(),
            0o644,
        )?;
        if let Some(priority) = spec.priority {
            let text = preferences(&spec.uri, priority);
            let file = format!("/etc/apt/preferences.d/{name}.pref");
            put(root, &file, text.as_bytes(), 0o644)?;
        }
        if let Some((user, password)) = &spec.credentials {
            let text = format!("machine {} login {user} password {password}\n", spec.uri);
            let file = format!("/etc/apt/auth.conf.d/{name}.conf");
            put(root, &file, text.as_bytes(), 0o600)?;
        }
    }
    Ok(())
}

fn put(root: &mut Root, file: &str, bytes: &[u8], mode: u32) -> Result<(), BuildError> {
    let at = root.path().join(file.trim_start_matches('/'));
    root.write(file, bytes, mode).at("cannot write", at)
}

/// A name that apt takes for a file of its own: it passes over others.
fn file_name(alias: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || "_-.".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    alias.chars().map(plain).collect()
}

/// The entry in apt's own words (sources.list(5), deb822).
fn sources(spec: &RepoSpec, architectures: Vec<&str>, keyrings: &[String]) -> String {
    let mut text = format!("Types: deb\nURIs: {}\n", spec.uri);
    let words: Vec<&str> = architectures.iter().flat_map(|a| a.split_whitespace()).collect();
    if !words.is_empty() {
        let _ = writeln!(text, "Architectures: {}", words.join(" "));
    }
    let RepoKind::Deb { suite, components } = &spec.kind;
    let _ = writeln!(text, "Suites: {}", suite.as_deref().unwrap_or("./"));
    if !components.is_empty() {
        let _ = writeln!(text, "Components: {}", components.join(" "));
    }
    if !keyrings.is_empty() {
        let _ = writeln!(text, "Signed-By: {}", keyrings.join(" "));
    }
    if !spec.check_metadata {
        text.push_str("Trusted: yes\n");
    }
    text
}

/// A pin of all that comes from there (apt_preferences(5)).
fn preferences(uri: &str, priority: i64) -> String {
    let host = uri.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or("");
    format!("Package: *\nPin: origin \"{host}\"\nPin-Priority: {priority}\n")
}
