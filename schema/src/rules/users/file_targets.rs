//! `<file>` entries that go into a home which no account has, or with a mode that their readers refuse there. Looks at paths
//! alone.

use crate::description::model::{At, Image, ItemKind};
use crate::rules::files::items;
use crate::rules::found::{Found, near, plural};

/// What the path of a file ends with or lies in, the bits that it may not have, and who refuses it then.
const REFUSED: &[(&str, u32, &str)] = &[
    ("/.ssh/authorized_keys", 0o022, "sshd"),
    ("/.ssh/id_rsa", 0o077, "ssh"),
    ("/.ssh/id_ed25519", 0o077, "ssh"),
    ("/etc/ssh/ssh_host_rsa_key", 0o077, "sshd"),
    ("/etc/ssh/ssh_host_ed25519_key", 0o077, "sshd"),
    ("/etc/sudoers", 0o002, "sudo"),
    ("/etc/sudoers.d/", 0o002, "sudo"),
    ("/etc/cron.d/", 0o022, "cron"),
    ("/etc/logrotate.d/", 0o002, "logrotate"),
    ("/etc/NetworkManager/system-connections/", 0o077, "NetworkManager"),
];

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for item in items(image).filter(|i| matches!(i.kind, ItemKind::File | ItemKind::Archive)) {
        let attrs = item.attrs();
        let target = attrs.at("target").or_else(|| attrs.at("target_dir"));
        let Some(at) = target else { continue };
        home(image, at, found);
        if let Some(mode) = attrs.at("permissions").filter(|_| item.kind == ItemKind::File) {
            refused(at.value.trim(), mode, found);
        }
    }
}

/// A home that is nearly one which an account has.
fn home(image: &Image, at: &At, found: &mut Found<'_>) {
    let Some(rest) = at.value.trim().strip_prefix("/home/") else {
        return;
    };
    let name = rest.split('/').next().unwrap_or("");
    let homes = || {
        image
            .accounts()
            .filter_map(|u| u.attrs.get("home")?.trim().strip_prefix("/home/"))
    };
    let named = || image.accounts().filter_map(|u| u.attrs.get("name"));
    let known = homes().chain(named()).any(|n| n == name);
    let meant = near(name, homes()).filter(|m| name.len() > 3 && !known && !plural(name, m));
    if let Some(meant) = meant {
        let message = format!("no account has the home `/home/{name}`");
        let parts = (format!("/home/{name}"), format!("/home/{meant}"));
        found.instead_of("user-home", at, message, parts, false);
    }
}

/// A mode that lets others do what the reader of the file refuses.
fn refused(target: &str, at: &At, found: &mut Found<'_>) {
    let Ok(mode) = u32::from_str_radix(at.value.trim(), 8) else {
        return;
    };
    let own = |path: &str| match path.ends_with('/') {
        true => target.starts_with(path),
        false => target.ends_with(path),
    };
    let Some((_, bits, by)) = REFUSED
        .iter()
        .find(|(path, bits, _)| own(path) && mode & bits != 0)
    else {
        return;
    };
    let what = if *bits == 0o077 {
        "others may read"
    } else {
        "others may write"
    };
    let message = format!("`{target}` would have the mode `{mode:o}`, and {by} refuses what {what}");
    let meant = format!("{:o}", mode & !bits);
    found.instead("invalid-mode", at, message, Some(&meant), false, "");
    if let Some(told) = found.at("invalid-mode", at) {
        told.severity = crate::diagnostic::Severity::Warning;
        told.help = Some("the build goes through, and the file does not count in the running system".into());
    }
}
