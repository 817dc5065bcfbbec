//! What the addresses of repositories answer with, against what they are said to. Goes by their words; asks no server.

use crate::description::model::Repository;
use crate::rules::found::{Found, around_part};

/// What an address answers with: by its words, where they are certain.
fn answers_with(source: &str) -> Option<&'static str> {
    let path = around_part(source, "://").map_or(source, |(_, rest)| rest);
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    let bare = path.split('?').next().unwrap_or("").trim_end_matches('/');
    let asked = path.contains('?');
    let last = bare.rsplit('/').next().unwrap_or("");
    if last == "metalink" && asked || last.ends_with(".meta4") || last.ends_with(".metalink") {
        return Some("metalink");
    }
    let file = || last == "mirror.list" || last == "mirrorlist.txt";
    let listed = file()
        || last == "mirrorlist" && asked
        || host.starts_with("mirrorlist.")
        || bare.starts_with("mirrorlist/");
    if listed {
        return Some("mirrorlist");
    }
    let tree = ["os", "oss", "non-oss", "tree"];
    (!asked && (tree.contains(&last) || path.contains("releases/"))).then_some("baseurl")
}

/// An address that answers with something else than it is said to.
pub(in crate::rules) fn judge(repository: &Repository, manager: Option<&str>, found: &mut Found<'_>) {
    let source = repository.source.value.trim();
    let given = repository.element.attrs.at("sourcetype");
    let value = given.map_or("baseurl", |g| g.value.trim());
    let rpm = manager.is_none_or(|m| super::read_by(m) == Some("rpm-md"));
    let plain = !source.contains(['{', '@']);
    let Some(answer) = answers_with(source).filter(|a| rpm && plain && *a != value) else {
        return;
    };
    // KIWI does not hand it on to zypper, which is told.
    if manager == Some("zypper") && answer == "baseurl" {
        return;
    }
    let words = |kind: &str| match kind {
        "metalink" => "a metalink",
        "mirrorlist" => "a list of mirrors",
        _ => "a repository",
    };
    if !matches!(value, "baseurl" | "metalink" | "mirrorlist") {
        return;
    }
    let message = format!(
        "the address answers with {}, not with {}",
        words(answer),
        words(value)
    );
    match given {
        Some(at) => found.instead("repository-source-type", at, message, Some(answer), false, ""),
        None => {
            let edit = found.insert_attribute(&repository.element, "sourcetype", answer);
            let label = format!("add `sourcetype=\"{answer}\"`");
            if let Some(told) = found.add("repository-source-type", &repository.source, message, label) {
                told.fixes.extend(edit);
            }
        }
    }
}
