//! Lists for profiles of one machine, with what other machines alone have: entries that are filtered for another machine,
//! or the firmware of boards. They are likely for another profile, or the profile for another machine. Knows names by which
//! boards are started alone.

use crate::description::model::{At, Image, Item, Packages, Preferences, Profile};
use crate::rules::found::Found;

/// How the firmware of boards is called, none of which a PC has.
const BOARDS: &[&str] = &["raspberrypi-firmware", "u-boot-rpi", "bcm283x-", "bcm2711-"];

/// Of more lists and profiles each would be looked for among all others.
const MOST: usize = 64;

/// Judges the lists of a description.
pub(super) fn judge(image: &Image, found: &mut Found<'_>) {
    if image.profiles.len() > MOST || image.packages.len() > MOST {
        return;
    }
    let mut told: Vec<&str> = Vec::new();
    for section in image.packages.iter().filter(|s| !super::removes(s)) {
        if section.filter.arches.is_empty() {
            for at in &section.filter.profiles {
                list(image, section, at, &mut told, found);
            }
        }
    }
}

/// The machines of a profile that is declared once.
fn machines<'a>(image: &'a Image, name: &str) -> Option<(&'a Profile, &'a [At])> {
    let mut all = image.profiles.iter().filter(|p| p.name.value == name);
    let own = all.next().filter(|_| all.next().is_none())?;
    (!own.arches.is_empty() && !own.arches.iter().any(crate::rules::machines::is_other))
        .then_some((own, &own.arches))
}

/// The machine that an entry is for, where the profile's machines have no use for it.
fn stranger<'i>(item: &'i Item, own: &[At]) -> Option<&'i str> {
    let arches = &item.filter().arches;
    let of_pc = own.iter().all(|a| crate::rules::scope::is_pc(&a.value));
    match arches.as_slice() {
        [] => {
            let board = BOARDS.iter().any(|b| item.name.value.starts_with(b));
            (board && of_pc).then_some("aarch64")
        }
        [one] if !own.iter().any(|a| a.value == one.value) => Some(&one.value),
        _ => None,
    }
}

/// Judges a list for one of its profiles.
fn list<'a>(
    image: &'a Image,
    section: &'a Packages,
    at: &'a At,
    told: &mut Vec<&'a str>,
    found: &mut Found<'_>,
) {
    let Some((profile, own)) = machines(image, &at.value) else {
        return;
    };
    let bound = |i: &&Item| !i.filter().arches.is_empty() || stranger(i, own).is_some();
    let bound: Vec<&Item> = section.items.iter().filter(bound).collect();
    let of: Vec<&str> = bound.iter().filter_map(|i| stranger(i, own)).collect();
    // All that is for one machine, and more than one.
    let (Some(first), Some(machine)) = (bound.first(), of.first()) else {
        return;
    };
    let all = of.len() == bound.len() && of.iter().all(|m| m == machine);
    if bound.len() < 2 || !all || told.contains(&at.value.as_str()) {
        return;
    }
    let named = &section.filter.profiles;
    let (name, entry) = (&at.value, &first.name.value);
    if named.len() > 1 {
        // The others are for that machine: it is the profile's own which is wrong.
        let mut others = named.iter().filter(|p| p.value != at.value);
        let right = |p: &At| {
            machines(image, &p.value).is_some_and(|(_, all)| all.iter().any(|a| a.value == *machine))
        };
        // One type may be for several machines, and a list have more for one of them.
        let of_type = |p: &Preferences| {
            p.filter.profiles.iter().any(|n| n.value == at.value)
                && p.types
                    .iter()
                    .any(|t| crate::rules::views::machine_of(t) == Some(*machine))
        };
        if let [arch] = own
            && others.all(right)
            && image.preferences.iter().any(of_type)
        {
            told.push(&at.value);
            let message = format!(
                "the profile `{name}` is for `{}`, and its list for `{machine}`",
                arch.value
            );
            found.instead(
                "package-for-other-machine",
                arch,
                message,
                Some(machine),
                false,
                "",
            );
        }
        return;
    }
    told.push(&at.value);
    let message = format!("`{name}` is for `{}`, and `{entry}` for `{machine}`", words(own));
    if let Some(meant) = meant(image, section, at, machine) {
        found.instead("list-for-other-profile", at, message, Some(meant), false, "");
    } else if let [arch] = own
        && typed(image, profile)
    {
        let label = "its list is for another machine";
        let note = "such as this entry";
        found.pair(
            "package-for-other-machine",
            arch,
            message,
            label,
            &first.name,
            note,
        );
    }
}

fn words(own: &[At]) -> String {
    let names: Vec<&str> = own.iter().map(|a| a.value.as_str()).collect();
    names.join(",")
}

fn typed(image: &Image, profile: &Profile) -> bool {
    crate::rules::catalog::typed(image).contains(profile.name.value.as_str())
}

/// The one profile with an image for that machine that has no list of its own, where this one has another.
fn meant<'a>(image: &'a Image, section: &Packages, one: &At, machine: &str) -> Option<&'a str> {
    let kind = section.kind.value.trim();
    let lists = |name: &str| {
        let own = image.packages.iter().filter(|s| s.kind.value.trim() == kind);
        own.filter(|s| matches!(s.filter.profiles.as_slice(), [p] if p.value == name))
            .count()
    };
    let other = |p: &&Profile| {
        let machines = p.arches.iter().any(|a| a.value == machine);
        machines && typed(image, p) && lists(&p.name.value) == 0
    };
    let mut others = image.profiles.iter().filter(other);
    let meant = others.next().filter(|_| others.next().is_none())?;
    (lists(&one.value) > 1 || image.profiles.len() == 2).then_some(meant.name.value.as_str())
}
