//! Accounts that are made for some profiles alone, while files and units of others are given to them. Looks at where sections
//! count; knows no system's own accounts beyond their names.

use super::groups::GROUPS;
use crate::description::model::{At, ItemKind, Users};
use crate::rules::catalog::typed;
use crate::rules::containers::ACCOUNTS;
use crate::rules::files::{Here, items};
use crate::rules::found::Found;
use crate::rules::overlay::Scripts;
use crate::rules::views::profile_circles::choices;

/// Descriptions with more profiles than this are put together from parts.
const MOST: usize = 32;

/// Judges a description with its folder.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    let image = here.image;
    if image.profiles.is_empty() || image.profiles.len() > MOST || here.has("root.tar.gz") {
        return;
    }
    let scripts = Scripts::of(here);
    for section in image.users.iter().filter(|s| !s.filter.profiles.is_empty()) {
        for name in section.users.iter().filter_map(|u| u.attrs.get("name")) {
            let Some((at, profile)) = stranger(here, section, name.trim(), &scripts) else {
                continue;
            };
            let Some(place) = section.filter.profiles.first() else {
                continue;
            };
            let message =
                format!("the account `{name}` is not made for `{profile}`, where files are given to it");
            let fix = format!("add `{profile}`, or put the account into a section for it");
            match at {
                Some(at) => found.pair("invalid-owner", place, message, fix, at, "given to it here"),
                None => found.add("invalid-owner", place, message, fix),
            };
            break;
        }
    }
}

/// Where something of another profile goes by an account of this section alone.
fn stranger<'a>(
    here: &Here<'a>,
    section: &Users,
    name: &str,
    scripts: &Scripts,
) -> Option<(Option<&'a At>, String)> {
    let image = here.image;
    let others = image.users.iter().filter(|s| !std::ptr::eq(*s, section));
    let mut others = others.flat_map(|s| &s.users);
    let known = name == "root"
        || GROUPS.contains(&name)
        || ACCOUNTS.contains(&name)
        || others.any(|u| {
            u.attrs.get("name") == Some(name)
                || u.attrs
                    .list("groups")
                    .iter()
                    .any(|g| g.split(':').next() == Some(name))
        })
        || items(image).any(|i| i.kind != ItemKind::File && i.name.value.contains(name))
        || super::unknown_accounts::declared(here, name)
        || crate::rules::overlay::has(here, "etc/passwd")
        || scripts.makes(name);
    if known {
        return None;
    }
    let own: Vec<&str> = section.filter.profiles.iter().map(|p| p.value.as_str()).collect();
    // What may be added to any other is none that stands alone.
    let typed = typed(image);
    if !own.iter().all(|p| typed.contains(p)) {
        return None;
    }
    let choices = choices(image);
    let apart = |profiles: &[&str]| {
        !profiles.is_empty()
            && profiles.iter().all(|p| typed.contains(p))
            && !choices.iter().any(|with| {
                let meets = |of: &[&str]| of.iter().any(|o| with.contains(o));
                meets(profiles) && meets(&own)
            })
    };
    let lists = image.packages.iter().find_map(|list| {
        let profiles: Vec<&str> = list.filter.profiles.iter().map(|p| p.value.as_str()).collect();
        let owned = |i: &&crate::description::model::Item| {
            matches!(i.kind, ItemKind::File | ItemKind::Archive)
                && i.attrs()
                    .get("owner")
                    .is_some_and(|o| o.split(':').any(|o| o.trim() == name))
        };
        let item = list.items.iter().find(owned).filter(|_| apart(&profiles))?;
        Some((item.attrs().at("owner"), profiles.first()?.to_string()))
    });
    lists.or_else(|| {
        let mut profiles = image.profiles.iter().map(|p| p.name.value.as_str());
        let unit = profiles.find(|p| apart(&[p]) && runs(here, p, name))?;
        Some((None, unit.to_owned()))
    })
}

/// A unit in the overlay of a profile runs as that account.
fn runs(here: &Here<'_>, profile: &str, name: &str) -> bool {
    crate::rules::overlay::units::FOLDERS.iter().any(|folder| {
        let path = format!("{profile}/{folder}");
        let names = here.folder.names(&path).unwrap_or_default();
        names.iter().filter(|n| n.ends_with(".service")).any(|n| {
            let text = here.folder.read(&format!("{path}/{n}"));
            text.is_some_and(|t| {
                let text = String::from_utf8_lossy(&t);
                text.lines().any(|l| l.trim().strip_prefix("User=") == Some(name))
            })
        })
    })
}
