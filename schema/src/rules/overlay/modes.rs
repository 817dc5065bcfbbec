//! Modes of overlay files that their readers refuse, and links of the overlay that lead to nothing. KIWI copies both as
//! they are. One table; looks at no text.

use super::{Scripts, overlays};
use crate::description::folder::Kind;
use crate::rules::files::{Here, put};
use crate::rules::found::{Found, near};

/// A file or folder, the bits that it may not have, and who refuses it then.
const REFUSED: &[(&str, u32, &str)] = &[
    ("etc/sudoers", 0o002, "sudo"),
    ("etc/sudoers.d", 0o002, "sudo"),
    ("etc/cron.d", 0o022, "cron"),
    ("etc/crontab", 0o022, "cron"),
    ("etc/logrotate.d", 0o002, "logrotate"),
    ("etc/ssh/ssh_host_rsa_key", 0o077, "sshd"),
    ("etc/ssh/ssh_host_ecdsa_key", 0o077, "sshd"),
    ("etc/ssh/ssh_host_ed25519_key", 0o077, "sshd"),
    ("root/.ssh/authorized_keys", 0o022, "sshd"),
    ("root/.ssh/id_rsa", 0o077, "ssh"),
    ("root/.ssh/id_ed25519", 0o077, "ssh"),
];

/// Tables of secrets that everybody could read.
const SECRETS: &[&str] = &["etc/shadow", "etc/gshadow"];

/// Judges one overlay.
pub(in crate::rules) fn check(here: &Here<'_>, overlay: &str, scripts: &Scripts, found: &mut Found<'_>) {
    for (path, refused, by) in REFUSED {
        judge(here, overlay, path, *refused, by, scripts, found);
        let names = here.folder.names(&format!("{overlay}/{path}"));
        for name in names.unwrap_or_default() {
            judge(
                here,
                overlay,
                &format!("{path}/{name}"),
                *refused,
                by,
                scripts,
                found,
            );
        }
    }
    for home in here.folder.names(&format!("{overlay}/home")).unwrap_or_default() {
        let path = format!("home/{home}/.ssh/authorized_keys");
        judge(here, overlay, &path, 0o022, "sshd", scripts, found);
        for key in ["id_rsa", "id_ed25519"] {
            let path = format!("home/{home}/.ssh/{key}");
            judge(here, overlay, &path, 0o077, "ssh", scripts, found);
        }
    }
    for path in SECRETS {
        let entry = here.folder.entry(&format!("{overlay}/{path}"));
        if entry.is_some_and(|e| e.kind == Kind::File && e.mode & 0o004 != 0) && !changed(scripts, path) {
            let message = format!("everybody could read the passwords in `/{path}` of the overlay");
            put(found, "overlay-file", &here.root(), message, "mode `640` or less");
        }
    }
    links(here, overlay, scripts, found);
    slipped(here, overlay, scripts, found);
}

/// A script of the build may give it another mode.
fn changed(scripts: &Scripts, path: &str) -> bool {
    scripts.make_executable(path)
}

fn judge(
    here: &Here<'_>,
    overlay: &str,
    path: &str,
    refused: u32,
    by: &str,
    scripts: &Scripts,
    found: &mut Found<'_>,
) {
    let Some(entry) = here.folder.entry(&format!("{overlay}/{path}")) else {
        return;
    };
    if entry.link || entry.kind != Kind::File || entry.mode & refused == 0 || changed(scripts, path) {
        return;
    }
    let what = if refused == 0o077 {
        "others may read"
    } else {
        "others may write"
    };
    let message = format!(
        "`/{path}` of the overlay has the mode `{:o}`, and {by} refuses what {what}",
        entry.mode
    );
    let label = format!("mode `{:o}`", entry.mode & !refused);
    put(found, "overlay-file", &here.root(), message, &label);
}

/// Folders of links by which units are started.
const WANTS: [&str; 2] = [".wants", ".requires"];

/// Links to units which no package has, since only the overlay and scripts put units there.
fn links(here: &Here<'_>, overlay: &str, scripts: &Scripts, found: &mut Found<'_>) {
    const UNITS: &str = "etc/systemd/system";
    let folders = here
        .folder
        .names(&format!("{overlay}/{UNITS}"))
        .unwrap_or_default();
    for folder in folders.iter().filter(|f| WANTS.iter().any(|w| f.ends_with(w))) {
        let names = here.folder.names(&format!("{overlay}/{UNITS}/{folder}"));
        for name in names.unwrap_or_default() {
            let path = format!("{UNITS}/{folder}/{name}");
            let Some(target) = here.folder.link(&format!("{overlay}/{path}")) else {
                continue;
            };
            let absolute = target.strip_prefix("/etc/systemd/system/");
            let unit = absolute.or_else(|| target.strip_prefix("../")).unwrap_or("");
            // A template's instance links to the template.
            let own = !unit.is_empty() && !unit.contains('/') && !unit.contains('@');
            let there = || super::has(here, &format!("{UNITS}/{unit}"));
            if own && !there() && !scripts.say(unit) && !here.has("root.tar.gz") {
                let message = format!("the overlay's link `/{path}` leads to `{target}`, which is not there");
                let label = "the unit is not in the overlay";
                put(found, "overlay-file", &here.root(), message, label);
            }
        }
    }
}

/// Folders in which links to other files of the overlay are looked at.
const LINKED: &[&str] = &[
    "etc",
    "etc/systemd/system",
    "usr/bin",
    "usr/lib/systemd/system",
    "usr/local/bin",
    "usr/local/sbin",
    "usr/sbin",
];

/// The path in the image that a link in `folder` leads to.
fn target_path(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').collect(),
    };
    for part in target.split('/').filter(|p| !matches!(*p, "" | ".")) {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}

/// Links to what is not there, though something of nearly that name is beside it in the overlay.
fn slipped(here: &Here<'_>, overlay: &str, scripts: &Scripts, found: &mut Found<'_>) {
    for folder in LINKED {
        let names = here.folder.names(&format!("{overlay}/{folder}"));
        for name in names.unwrap_or_default() {
            let link = here.folder.link(&format!("{overlay}/{folder}/{name}"));
            let Some(target) = link else { continue };
            let path = target_path(folder, &target).unwrap_or_default();
            let Some((beside, own)) = path.rsplit_once('/').filter(|(_, own)| own.len() > 3) else {
                continue;
            };
            if super::has(here, &path) || scripts.say(own) || here.has("root.tar.gz") {
                continue;
            }
            let all = overlays(here).filter_map(|o| here.folder.names(&format!("{o}/{beside}")));
            let all: Vec<String> = all.flatten().filter(|n| *n != name).collect();
            if let Some(meant) = near(own, all.iter().map(String::as_str)) {
                let message =
                    format!("the overlay's link `/{folder}/{name}` leads to `{target}`, which is not there");
                let label = format!("did you mean `/{beside}/{meant}`?");
                put(found, "overlay-file", &here.root(), message, &label);
            }
        }
    }
}
