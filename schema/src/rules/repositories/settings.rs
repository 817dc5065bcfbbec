//! Attributes of a repository that KIWI does not hand on to the package manager: they change nothing. One table.

use crate::description::model::Repository;
use crate::diagnostic::Severity;
use crate::rules::found::Found;

/// Attributes, the package managers for which KIWI reads them, and whose they are.
const READ: &[(&str, &[&str], &str)] = &[
    ("distribution", &["apt"], "apt's repositories"),
    ("components", &["apt", "pacman"], "apt's repositories"),
    (
        "priority",
        &["apt", "zypper", "dnf4", "dnf5", "microdnf"],
        "the repositories of other package managers",
    ),
    ("sourcetype", &["dnf4", "dnf5", "microdnf"], "dnf's repositories"),
    (
        "repository_gpgcheck",
        &["apt", "zypper", "dnf4", "dnf5", "microdnf", "pacman"],
        "the repositories of other package managers",
    ),
    (
        "package_gpgcheck",
        &["apt", "zypper", "dnf4", "dnf5", "microdnf", "pacman"],
        "the repositories of other package managers",
    ),
];

/// Judges a repository by the one package manager of the description.
pub(in crate::rules) fn judge(repository: &Repository, manager: Option<&str>, found: &mut Found<'_>) {
    let attrs = &repository.element.attrs;
    let other = |kind: &str| super::read_by(manager.unwrap_or("")).is_some_and(|own| own != kind);
    // One that is not read at all is told as that.
    let Some(manager) = manager.filter(|_| attrs.get("type").is_none_or(|t| !other(t.trim()))) else {
        return;
    };
    for (name, managers, whose) in READ {
        let Some(at) = attrs.at(name).filter(|_| !managers.contains(&manager)) else {
            continue;
        };
        // What is so anyway is said and not meant.
        let told = found.told("repository-source-type", at);
        if told || matches!(at.value.trim(), "baseurl" | "false") {
            continue;
        }
        let message = format!("`{name}` counts for nothing with `{manager}`");
        let label = format!("a setting of {whose}");
        if let Some(told) = found.add("unused-setting", at, message, label) {
            told.severity = Severity::Info;
        }
        return;
    }
}
