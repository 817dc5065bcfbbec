//! Folders at the top of the image that nothing makes, though something is to be mounted or unpacked there; programs of
//! the overlay that a container is to start. Speaks only of what the description's folder shows.

use super::{Here, TREE, items};
use crate::description::folder::Kind;
use crate::description::model::{At, Element, ItemKind};
use crate::rules::found::Found;

/// Judges the description with its folder.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    for item in items(here.image).filter(|i| i.kind == ItemKind::Archive) {
        let attrs = item.attrs();
        if let Some(at) = attrs.at("target_dir").filter(|t| unmade(here, &t.value, false)) {
            let message = format!(
                "no package makes `{}`, and the overlay comes after the archives",
                at.value.trim()
            );
            found.add(
                "missing-target",
                at,
                message,
                "unpack it at `/`, with the folder in the archive",
            );
        }
    }
    for kind in here.image.preferences.iter().flat_map(|p| &p.types) {
        if matches!(kind.image.value.trim(), "docker" | "oci") {
            entry_point(here, &kind.element, found);
        }
        let partitions = kind.element.child("partitions");
        let partitions = partitions.into_iter().flat_map(|p| p.all("partition"));
        let spare = kind.element.attrs.at("spare_part").is_some();
        let spare = kind
            .element
            .attrs
            .at("spare_part_mountpoint")
            .filter(|_| spare && kind.element.attrs.at("spare_part_fs").is_some());
        for at in partitions.filter_map(|p| p.attrs.at("mountpoint")).chain(spare) {
            if unmade(here, &at.value, true) {
                let message = format!("neither a package nor the overlay makes `{}`", at.value.trim());
                let label = format!("add the folder `root{}` to the overlay", at.value.trim());
                found.add("missing-mount-point", at, message, label);
            }
        }
    }
}

/// The first folder of a path is none that systems have, and nothing beside the description makes it.
fn unmade(here: &Here<'_>, path: &str, late: bool) -> bool {
    let path = path.trim();
    let Some(top) = path
        .strip_prefix('/')
        .and_then(|p| p.split('/').next())
        .filter(|t| !t.is_empty())
    else {
        return false;
    };
    // A slip of one that systems have is told as such.
    if TREE.contains(&top)
        || crate::rules::disk::folders::top(path).is_some()
        || [
            "mnt", "media", "dev", "proc", "sys", "lib32", "libx32", "selinux", "efi",
        ]
        .contains(&top)
    {
        return false;
    }
    // What archives and files bring, and what accounts call their home.
    let holds = |name: &str| match here.folder.members(name) {
        Some(Ok(members)) => members
            .iter()
            .any(|m| m.name.trim_start_matches("./").split('/').next() == Some(top)),
        _ => true,
    };
    let brought = items(here.image).any(|i| match i.kind {
        ItemKind::Archive => {
            let target = i.attrs().get("target_dir").unwrap_or("/");
            target.trim_matches('/').is_empty() && holds(i.name.value.trim())
        }
        ItemKind::File => i
            .attrs()
            .get("target")
            .is_some_and(|t| t.trim_start_matches('/').starts_with(top)),
        _ => false,
    });
    let folders = ["root"]
        .into_iter()
        .chain(here.image.profiles.iter().map(|p| p.name.value.as_str()));
    let overlay = folders
        .into_iter()
        .any(|f| here.folder.entry(&format!("{f}/{top}")).is_some());
    let packed = here.has("root.tar.gz") && holds("root.tar.gz");
    let mut users = here.image.accounts();
    let home = users.any(|u| {
        u.attrs
            .get("home")
            .is_some_and(|h| h.split('/').nth(1) == Some(top))
    });
    let mark = format!("/{top}");
    // The folder itself, and none that is called so further down.
    let marks = |text: &[u8]| {
        let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b"_-.}/*".contains(b));
        let mut all = memchr::memmem::find_iter(text, mark.as_bytes());
        all.any(|at| {
            let before = at.checked_sub(1).and_then(|b| text.get(b));
            let after = text.get(at + mark.len()).filter(|b| **b != b'/');
            !part(before) && !part(after)
        })
    };
    let mut scripts = here.names.iter().filter(|n| n.ends_with(".sh"));
    let scripted = scripts.any(|n| {
        let text = here.folder.read(n);
        text.is_some_and(|t| marks(&t))
    });
    // A base image may hold anything.
    let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
    let derived = types.any(|t| t.element.attrs.at("derived_from").is_some());
    !brought && !scripted && !derived && !(late && (overlay || packed || home))
}

/// The programs that a container of this type starts with, as far as they are named by their path alone.
pub(in crate::rules) fn starts_with(kind: &Element) -> impl Iterator<Item = &At> {
    let config = kind.child("containerconfig");
    let commands = ["entrypoint", "subcommand"].into_iter();
    commands.filter_map(move |command| {
        let at = config?.child(command)?.attrs.at("execute")?;
        let path = at.value.trim();
        (path.starts_with('/') && !path.contains(char::is_whitespace)).then_some(at)
    })
}

/// A program of the overlay that a container starts with, and that cannot be started or is called otherwise.
fn entry_point(here: &Here<'_>, kind: &Element, found: &mut Found<'_>) {
    for at in starts_with(kind) {
        program(here, at, at.value.trim(), found);
    }
}

fn program(here: &Here<'_>, at: &At, path: &str, found: &mut Found<'_>) {
    let Some((folder, name)) = path.rsplit_once('/') else {
        return;
    };
    let scripts = || here.names.iter().filter(|n| n.ends_with(".sh"));
    let spoken = |of: &str| {
        scripts().any(|n| {
            here.folder
                .read(n)
                .is_some_and(|t| memchr::memmem::find(&t, of.as_bytes()).is_some())
        })
    };
    let mut entries = crate::rules::overlay::overlays(here)
        .filter_map(|o| Some((o, here.folder.entry(&format!("{o}{path}"))?)));
    if let Some((overlay, entry)) = entries.next() {
        let spoilt = entry.kind == Kind::File && !entry.executable && !entry.link;
        if spoilt && !crate::rules::overlay::Scripts::of(here).make_executable(path.trim_start_matches('/')) {
            let message = format!("`{overlay}{path}` in the overlay is not executable");
            found.add("container-command", at, message, "make the file executable");
        }
        return;
    }
    let elsewhere = crate::rules::scripts::overlay::moved(here, folder.trim_start_matches('/'), name);
    if let Some(meant) = elsewhere.filter(|_| !spoken(path)) {
        let message = format!("no `{path}` is in the overlay, and `{meant}` is");
        found.instead("container-command", at, message, Some(&meant), false, "");
        return;
    }
    let names = crate::rules::overlay::names(here, folder.trim_start_matches('/'));
    let near = crate::rules::found::near(name, names.iter().map(String::as_str)).filter(|_| name.len() > 3);
    // Or one with another ending, or without.
    let bare = |n: &str| {
        n.trim_end_matches(".sh")
            .trim_end_matches(".py")
            .replace('_', "-")
    };
    let alike = || names.iter().map(String::as_str).find(|n| bare(n) == bare(name));
    if let Some(meant) = near.or_else(alike).filter(|_| !spoken(name)) {
        let message = format!("the overlay has `{folder}/{meant}`, and no `{name}`");
        let whole = format!("{folder}/{meant}");
        found.instead("container-command", at, message, Some(&whole), false, "");
    }
}
