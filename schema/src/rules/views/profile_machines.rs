//! Profiles that require others on machines which those are not for: KIWI stops where it comes to one. Names of machines
//! that no kernel has are told elsewhere.

use crate::description::model::{At, Filter, Image, Profile};
use crate::rules::found::Found;
use crate::rules::machines::is_other;

/// Of more profiles each would be looked for in all others.
const MOST: usize = 256;

/// Machines with what stands between them in a sentence.
fn words_of(arches: &[At]) -> String {
    let names: Vec<&str> = arches.iter().map(|a| a.value.as_str()).collect();
    crate::rules::words(&names, "and")
}

/// Both lists name a machine, or one of them names none.
fn meet(one: &[At], other: &[At]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|a| other.iter().any(|b| a.value == b.value))
}

/// A statement of a profile that requires another.
struct Required<'a> {
    at: &'a At,
    own: &'a Profile,
    /// Where it counts.
    arches: &'a [At],
    other: &'a Profile,
}

impl Required<'_> {
    /// On some machine the one requires the other, which is for that machine too.
    fn holds(&self) -> bool {
        let counts = |a: &&At| meet(std::slice::from_ref(*a), &self.own.arches);
        let mut own = match self.arches {
            [] => self.own.arches.iter().collect::<Vec<_>>(),
            arches => arches.iter().filter(counts).collect(),
        }
        .into_iter()
        .peekable();
        match own.peek() {
            None => self.arches.is_empty(),
            Some(_) => own.any(|a| meet(std::slice::from_ref(a), &self.other.arches)),
        }
    }
}

/// Judges what profiles require.
pub(super) fn judge(image: &Image, found: &mut Found<'_>) {
    if image.profiles.len() > MOST {
        return;
    }
    image.profiles.iter().for_each(|p| twice(image, p, found));
    if !image.profiles.iter().any(|p| !p.arches.is_empty()) {
        return;
    }
    let all: Vec<Required<'_>> = statements(image).collect();
    let mut told: Vec<&str> = Vec::new();
    for one in all.iter().filter(|r| !r.holds()) {
        let name = one.other.name.value.as_str();
        if told.contains(&name) {
            continue;
        }
        let requiring: Vec<_> = all.iter().filter(|r| r.other.name.value == name).collect();
        let machines = match one.arches {
            [] => &one.own.arches[..],
            arches => arches,
        };
        // That all who require it are for other machines says that its own is wrong.
        if let Some(at) = one.other.arches.first()
            && requiring.len() > 1
            && requiring.iter().all(|r| !r.holds())
        {
            told.push(name);
            let message = format!(
                "the profile `{name}` is for `{}`, and what requires it for {}",
                at.value,
                words_of(machines)
            );
            let meant = machines.first().map(|a| a.value.as_str());
            found.instead("undefined-required-profile", at, message, meant, false, "");
            continue;
        }
        let message = format!(
            "`{}` requires `{name}` on {}, and that is for {}",
            one.own.name.value,
            words_of(machines),
            words_of(&one.other.arches)
        );
        let (at, meant) = match one.arches {
            [own] if meet(&one.own.arches, &one.other.arches) => {
                let first = one.other.arches.first().or(one.own.arches.first());
                (own, first.map(|a| a.value.as_str()))
            }
            // Under the name of what it requires it is the machine which is wrong.
            [] if one.own.arches.len() == 1 && one.own.name.value.contains(name) => {
                let own = one.own.arches.first().unwrap_or(one.at);
                (own, one.other.arches.first().map(|a| a.value.as_str()))
            }
            _ => (one.at, None),
        };
        let label = "not there on that machine";
        match meant {
            Some(meant) => found.instead("undefined-required-profile", at, message, Some(meant), false, ""),
            None => {
                found.add("undefined-required-profile", at, message, label);
            }
        }
    }
}

/// One profile is required twice by another: then another was likely meant.
fn twice(image: &Image, own: &Profile, found: &mut Found<'_>) {
    for (index, (at, filter)) in own.requires.iter().enumerate() {
        let mut before = own.requires.iter().take(index);
        let same = |(other, filter_of): &&(At, Filter)| {
            other.value == at.value && meet(&filter_of.arches, &filter.arches)
        };
        let Some((first, _)) = before.find(same) else {
            continue;
        };
        let message = format!("`{}` requires `{}` twice", own.name.value, at.value);
        // The one that its name has besides.
        let rest = own.name.value.replacen(at.value.as_str(), "", 1);
        let named = |p: &&Profile| {
            let name = p.name.value.as_str();
            let required = own.requires.iter().any(|(other, _)| other.value == name);
            name.len() > 1 && name != own.name.value.as_str() && rest.contains(name) && !required
        };
        let mut all = image.profiles.iter().filter(named);
        let meant = all.next().filter(|_| all.next().is_none());
        let label = meant.map_or_else(
            || "is there already".to_owned(),
            |p| format!("did you mean `{}`?", p.name.value),
        );
        let fix = meant.and_then(|p| found.replace(at, &p.name.value, false));
        if let Some(told) = found.pair("duplicate-setting", at, message, label, first, "first here") {
            told.fixes.extend(fix);
        }
    }
}

/// What profiles require, where that is declared once and machines are named as kernels name them.
fn statements(image: &Image) -> impl Iterator<Item = Required<'_>> {
    let known = |p: &Profile| !p.arches.iter().any(is_other);
    let own = image.profiles.iter().filter(move |p| known(p));
    let all = own.flat_map(|own| own.requires.iter().map(move |(at, filter)| (own, at, filter)));
    all.filter_map(move |(own, at, filter)| {
        let mut named = image.profiles.iter().filter(|p| p.name.value == at.value);
        let other = named.next().filter(|_| named.next().is_none())?;
        let sound = known(other) && !filter.arches.iter().any(is_other);
        sound.then_some(Required {
            at,
            own,
            arches: &filter.arches,
            other,
        })
    })
}
