//! What archives would do to the image's tree: entries that lead out of it, folders in the place of links into `/usr`,
//! files that are no archives. Knows them by their entries alone; unpacks none.

use rustc_hash::FxHashSet;

use super::{Here, beside_name, items, leads_out, merged_usr, put};
use crate::description::folder::Member;
use crate::description::model::{At, ItemKind};
use crate::rules::found::Found;

/// Judges the archives that the description names, and the packed overlay.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    for item in items(here.image).filter(|i| i.kind == ItemKind::Archive) {
        if let Some(name) = beside_name(&item.name.value) {
            let target = item.attrs().get("target_dir").unwrap_or("/");
            one(here, &item.name, name, target, found);
        }
    }
    if here.has("root.tar.gz") && !here.has("root") {
        one(here, &here.root(), "root.tar.gz", "/", found);
    }
}

fn one(here: &Here<'_>, at: &At, name: &str, target: &str, found: &mut Found<'_>) {
    let members = match here.folder.members(name) {
        Some(Ok(members)) => members,
        Some(Err(why)) => {
            let message = format!("the archive `{name}` cannot be unpacked: it is {why}");
            put(
                found,
                "archive-unreadable",
                at,
                message,
                "a tar archive is expected, packed or not",
            );
            return;
        }
        None => return,
    };
    if let Some((entry, why)) = outside(&members) {
        let message = format!("the entry `{entry}` of `{name}` {why}");
        put(found, "archive-leads-out", at, message, "entries below `./` only");
        return;
    }
    if !merged_usr(here.image) {
        return;
    }
    let at_root = target.trim().trim_matches('/').is_empty();
    let link = |m: &&Member| {
        let path = m.name.trim_start_matches("./").trim_end_matches('/');
        m.folder && matches!(path, "bin" | "lib" | "lib64" | "sbin")
    };
    if let Some(folder) = members.iter().find(link).filter(|_| at_root) {
        let path = folder.name.trim_start_matches("./").trim_end_matches('/');
        let message =
            format!("the folder `{path}` in `{name}` takes the place of the link `/{path}` to `usr/{path}`");
        put(
            found,
            "overlay-over-link",
            at,
            message,
            &format!("pack it as `usr/{path}`"),
        );
    }
}

/// The first entry that leads out of the tree, and how.
fn outside(members: &[Member]) -> Option<(&str, &'static str)> {
    // Links that lead out, through which later entries would be written.
    let mut ways: FxHashSet<&str> = FxHashSet::default();
    for member in members {
        let name = member.name.trim_start_matches("./").trim_end_matches('/');
        if member.name.starts_with('/') {
            return Some((&member.name, "begins at the root of the machine that unpacks it"));
        }
        if name.split('/').any(|part| part == "..") {
            return Some((&member.name, "leads out of the image's tree"));
        }
        let through = name.match_indices('/').filter_map(|(at, _)| name.get(..at));
        if through.into_iter().any(|head| ways.contains(head)) {
            return Some((
                &member.name,
                "would be written through a link that leads out of the image's tree",
            ));
        }
        if let Some(link) = &member.link {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            if link.starts_with('/') {
                ways.insert(name);
            } else if leads_out(&format!("{folder}/{link}")) {
                return Some((&member.name, "is a link that leads out of the image's tree"));
            }
        }
    }
    None
}
