//! Profiles: declared twice, or never declared. Such as require each other are judged in `views::profile_circles`. Knows nothing
//! of what a profile's sections hold.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::description::model::{At, Filter, Image, Profile};
use crate::diagnostic::{Edit, Fix, Label, Severity};
use crate::rules::found::{Found, before, near, same_letters};
use crate::text::Span;

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    declared(image, found);
    undefined(image, found);
    blanks(image, found);
    never(image, found);
    flavours(image, found);
    super::profile_circles::judge(image, found);
    super::profile_machines::judge(image, found);
}

/// Every use of a profile's name by a section.
pub(in crate::rules) fn uses(image: &Image) -> impl Iterator<Item = &At> {
    let preferences = image.preferences.iter().map(|p| &p.filter);
    let users = image.users.iter().map(|u| &u.filter);
    let repositories = image.repositories.iter().map(|r| &r.filter);
    let packages = image.packages.iter().map(|p| &p.filter);
    let kept = [
        &image.drivers,
        &image.strip,
        &image.containers,
        &image.certificates,
    ];
    let kept = kept.into_iter().flatten().map(|s| &s.filter);
    let all = preferences
        .chain(users)
        .chain(repositories)
        .chain(packages)
        .chain(kept);
    all.flat_map(|f| &f.profiles)
}

fn declared(image: &Image, found: &mut Found<'_>) {
    let mut declared: FxHashMap<&str, Vec<&Profile>> = FxHashMap::default();
    for profile in &image.profiles {
        let name = &profile.name;
        if name.value.contains(',') {
            let message = format!("the profile `{}` cannot be chosen", name.value);
            found.add(
                "profile-name",
                name,
                message,
                "a comma stands between two profiles",
            );
        }
        let before = declared.entry(&name.value).or_default();
        // Each may be for machines of its own.
        if let Some(first) = before.iter().find(|first| together(first, profile)) {
            let message = format!("the profile `{}` is declared twice", name.value);
            let meant = undeclared(image);
            let edit = meant.and_then(|meant| found.replace(name, meant, false));
            let label = meant.map_or_else(
                || "only one counts".to_owned(),
                |m| format!("did you mean `{m}`, which sections name?"),
            );
            let note = "first declared here";
            if let Some(told) = found.pair("duplicate-profile", name, message, label, &first.name, note) {
                told.fixes.extend(edit);
            }
        }
        before.push(profile);
    }
}

/// The one name that sections give and no profile has, which is like no other.
fn undeclared(image: &Image) -> Option<&str> {
    match missing(image).as_slice() {
        [one] if one.near.is_none() => Some(one.name),
        _ => None,
    }
}

/// Two profiles of one name are declared: one of them is likely another.
fn declared_twice(image: &Image) -> bool {
    let mut seen: FxHashMap<&str, &Profile> = FxHashMap::default();
    image.profiles.iter().any(|p| {
        let first = before(&mut seen, p.name.value.as_str(), p);
        first.is_some_and(|first| together(first, p))
    })
}

/// Sections for machines that none of their profiles is for.
fn never(image: &Image, found: &mut Found<'_>) {
    let preferences = image.preferences.iter().map(|p| &p.filter);
    let repositories = image.repositories.iter().map(|r| &r.filter);
    let users = image.users.iter().map(|u| &u.filter);
    let types = |filter: &Filter| {
        let mut all = image
            .preferences
            .iter()
            .filter(|p| std::ptr::eq(&p.filter, filter));
        all.next().map_or(&[][..], |p| &p.types)
    };
    for filter in preferences.chain(repositories).chain(users) {
        let (Some(own), Some(first)) = (filter.arches.first(), filter.profiles.first()) else {
            continue;
        };
        let machines = |name: &At| {
            let of = image.profiles.iter().filter(|p| p.name.value == name.value);
            of.map(|p| &p.arches).collect::<Vec<_>>()
        };
        let all: Vec<_> = filter.profiles.iter().flat_map(machines).collect();
        let common = |arches: &Vec<At>| {
            arches.is_empty()
                || arches
                    .iter()
                    .any(|a| filter.arches.iter().any(|b| b.value == a.value))
        };
        let misnamed = |arches: &Vec<At>| arches.iter().any(crate::rules::machines::is_other);
        if all.is_empty()
            || all.iter().any(|a| misnamed(a))
            || filter.arches.iter().any(crate::rules::machines::is_other)
        {
            continue;
        }
        if all.iter().any(|a| common(a)) {
            continue;
        }
        let theirs = all
            .first()
            .and_then(|a| a.first())
            .map_or("", |a| a.value.as_str());
        // What is listed for the section's machine alone says that it is the profile which is wrong.
        let declared = image.profiles.iter().find(|p| p.name.value == first.value);
        let slip = declared.and_then(|p| p.arches.first()).filter(|_| {
            only_listed_for(image, own)
                || types(filter)
                    .iter()
                    .any(|t| super::machine_of(t) == Some(own.value.as_str()))
        });
        if let Some(at) = slip.filter(|_| filter.profiles.len() == 1) {
            let message = format!(
                "the profile `{}` is for `{theirs}`, and its section for `{}`",
                first.value, own.value
            );
            found.instead("undefined-profile", at, message, Some(&own.value), false, "");
            continue;
        }
        let message = format!(
            "the profile `{}` is for `{theirs}`, and this section for `{}`",
            first.value, own.value
        );
        let edit = found
            .replace(own, theirs, false)
            .filter(|_| filter.arches.len() == 1);
        if let Some(told) = found.add(
            "undefined-profile",
            own,
            message,
            format!("did you mean `{theirs}`?"),
        ) {
            told.fixes.extend(edit);
        }
    }
}

/// Packages are listed for a machine that one section of preferences is for, and no profile.
fn only_listed_for(image: &Image, machine: &At) -> bool {
    let is = |all: &[At]| all.iter().any(|a| a.value == machine.value);
    let mut items = image.packages.iter().flat_map(|s| &s.items);
    let sections = image.preferences.iter().filter(|p| is(&p.filter.arches));
    sections.count() < 2
        && !image.profiles.iter().any(|p| is(&p.arches))
        && items.any(|item| is(&item.filter().arches))
}

/// Profiles that a comment lists for the build service and that are slips of the declared ones.
fn flavours(image: &Image, found: &mut Found<'_>) {
    const MARK: &str = "OBS-Profiles:";
    // What the build service puts the profile that it builds in place of.
    const FLAVOR: &str = "@BUILD_FLAVOR@";
    let Some(text) = image.files.first().map(|f| &*f.text) else {
        return;
    };
    let head = text.split_once("<image").map_or("", |(head, _)| head);
    let Some((before, list)) = head.split_once(MARK) else {
        return;
    };
    let list = list.split("-->").next().unwrap_or("");
    let names = names(image);
    let start = before.len() + MARK.len();
    for word in list.split_whitespace().filter(|w| !w.contains(['%', '$'])) {
        let filled_in = word.contains('@');
        if names.contains(word) || filled_in && (word == FLAVOR || near(word, [FLAVOR].into_iter()).is_none())
        {
            continue;
        }
        // The place is a comment: nothing else is told there.
        let likely = || near(word, names.iter().copied());
        let Some(meant) = filled_in.then_some(FLAVOR).or_else(likely) else {
            continue;
        };
        let from = (start + crate::rules::found::offset(word, list)) as u32;
        let at: At = At {
            value: word.into(),
            file: Default::default(),
            span: Span::new(from, from + word.len() as u32),
        };
        let message = format!("no `<profile>` is named `{word}`");
        found.instead("undefined-profile", &at, message, Some(meant), false, "");
        if let Some(told) = found.last() {
            told.help = Some("the build service would refuse to build it".into());
        }
    }
}

/// Some machine has both.
fn together(one: &Profile, other: &Profile) -> bool {
    let (one, other) = (&one.arches, &other.arches);
    let common = |a: &At| other.iter().any(|b| b.value == a.value);
    one.is_empty() || other.is_empty() || one.iter().any(common)
}

/// A name that sections or profiles give and that no profile has.
struct Missing<'a> {
    name: &'a str,
    /// Where sections give it, in the order of the text.
    sections: Vec<&'a At>,
    /// Where profiles require it.
    required: Vec<&'a At>,
    /// The profile that is likely meant.
    near: Option<&'a str>,
}

/// Of more names that no profile has than this it is not looked what they are like.
const MOST_MISSING: usize = 256;

/// The names of all profiles that are declared.
fn names(image: &Image) -> FxHashSet<&str> {
    image.profiles.iter().map(|p| p.name.value.as_str()).collect()
}

fn missing(image: &Image) -> Vec<Missing<'_>> {
    let declared = names(image);
    let mut out: Vec<Missing<'_>> = Vec::new();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    let sections = uses(image).map(|at| (at, false));
    let required = image.profiles.iter().flat_map(|p| &p.requires);
    for (at, requires) in sections.chain(required.map(|(at, _)| (at, true))) {
        let name = at.value.as_str();
        if declared.contains(name) {
            continue;
        }
        let place = *places.entry(name).or_insert_with(|| {
            let only = |alike: &dyn Fn(&str) -> bool| {
                let mut all = declared.iter().copied().filter(|own| alike(own));
                all.next().filter(|_| all.next().is_none())
            };
            // Of several that are as near it is the one by the same letters.
            let likely = || {
                near(name, declared.iter().copied())
                    .or_else(|| only(&|own| own.eq_ignore_ascii_case(name)))
                    .or_else(|| only(&|own| same_letters(own, name)))
            };
            let near = (out.len() < MOST_MISSING).then(likely);
            out.push(Missing {
                name,
                sections: Vec::new(),
                required: Vec::new(),
                near: near.flatten(),
            });
            out.len() - 1
        });
        if let Some(one) = out.get_mut(place) {
            let list = if requires {
                &mut one.required
            } else {
                &mut one.sections
            };
            list.push(at);
        }
    }
    for one in &mut out {
        one.sections.sort_by_key(|at| (at.file, at.span));
    }
    out
}

/// The declared profiles that a name is likely a slip of the pen for, or was before they were renamed: that nothing is for
/// them is the same fault.
pub(in crate::rules) fn meant(image: &Image) -> FxHashSet<&str> {
    let missing = missing(image);
    let mut out: FxHashSet<&str> = missing.iter().filter_map(|m| m.near).collect();
    out.extend(renamed(image, &missing));
    out
}

/// The declared profile that nothing is for, where one name that is like no other is not declared: one was renamed. Not
/// one that requires the name: it would require itself.
fn renamed<'a>(image: &'a Image, missing: &[Missing<'_>]) -> Option<&'a str> {
    let [one] = missing else { return None };
    if one.near.is_some() {
        return None;
    }
    let required = image.profiles.iter().flat_map(|p| &p.requires).map(|(at, _)| at);
    let used: FxHashSet<&str> = uses(image).chain(required).map(|at| at.value.as_str()).collect();
    let requires = |p: &&Profile| p.requires.iter().any(|(at, _)| at.value == one.name);
    let others = image.profiles.iter().filter(|p| !requires(p));
    let names = others.map(|p| p.name.value.as_str());
    let mut idle = names.filter(|n| !used.contains(n));
    idle.next().filter(|_| idle.next().is_none())
}

/// Several declared profiles that another sign than a comma parts, as they are meant.
fn parted(image: &Image, name: &str) -> Option<String> {
    let parts: Vec<&str> = name
        .split([';', ' ', '|', '+'])
        .filter(|p| !p.is_empty())
        .collect();
    let declared = |part: &&str| image.profiles.iter().any(|p| p.name.value == *part);
    (parts.len() > 1 && parts.iter().all(declared)).then(|| parts.join(","))
}

/// A profile requires one that is not declared: what it would bring cannot be said.
pub(in crate::rules) fn lacks_a_requirement(image: &Image) -> bool {
    let mut required = image.profiles.iter().flat_map(|p| &p.requires).peekable();
    if required.peek().is_none() {
        return false;
    }
    let declared = names(image);
    required.any(|(name, _)| !declared.contains(name.value.as_str()))
}

/// Every section with a type is for profiles that are not declared: nothing can be built.
pub(in crate::rules) fn hides_every_type(image: &Image) -> bool {
    let declared = names(image);
    let declared = |at: &At| declared.contains(at.value.as_str());
    let mut sections = image
        .preferences
        .iter()
        .filter(|p| !p.types.is_empty())
        .peekable();
    sections.peek().is_some()
        && sections.all(|p| !p.filter.profiles.is_empty() && !p.filter.profiles.iter().any(declared))
}

/// Two sections for the same profiles have a type of the same image: one of them is likely for another profile.
pub(in crate::rules) fn one_is_for_another(image: &Image) -> bool {
    let names = |p: &crate::description::model::Preferences| -> Vec<String> {
        p.filter.profiles.iter().map(|n| n.value.to_string()).collect()
    };
    let mut seen: FxHashSet<(Vec<String>, &str)> = FxHashSet::default();
    let sections = image.preferences.iter().filter(|p| !p.filter.profiles.is_empty());
    let mut kinds = sections.flat_map(|p| p.types.iter().map(move |t| (names(p), t.image.value.trim())));
    kinds.any(|kind| !seen.insert(kind))
}

fn undefined(image: &Image, found: &mut Found<'_>) {
    let missing = missing(image);
    if missing.is_empty() {
        return;
    }
    // The second of two that are declared alike was to be this one: that is told.
    if matches!(missing.as_slice(), [one] if one.near.is_none()) && declared_twice(image) {
        return;
    }
    let required = image.profiles.iter().flat_map(|p| &p.requires).map(|(at, _)| at);
    let used: FxHashSet<&str> = uses(image).chain(required).map(|at| at.value.as_str()).collect();
    let hidden = hides_every_type(image);
    for one in &missing {
        let message = format!("no `<profile>` is named `{}`", one.name);
        let otherwise = "not declared in `<profiles>`";
        // Where several places say the same and none says the other, the declaration has the slip.
        let blank = |n: &str| n.contains(char::is_whitespace);
        let several = one.sections.len() + one.required.len() > 1 || one.near.is_some_and(blank);
        let declared = one.near.filter(|n| !used.contains(n) && several);
        let declared = declared.and_then(|n| image.profiles.iter().find(|p| p.name.value == n));
        if let Some(profile) = declared {
            let at = &profile.name;
            let count = one.sections.len() + one.required.len();
            let places = match count {
                1 => "a section names".to_owned(),
                _ => format!("{count} places name"),
            };
            let message = format!(
                "{places} the profile `{}`, and none names `{}`",
                one.name, at.value
            );
            let label = format!("did you mean `{}`?", one.name);
            let edit = found.replace(at, one.name, false);
            let Some(first) = one.sections.iter().chain(&one.required).next() else {
                continue;
            };
            if let Some(told) = found.pair("undefined-profile", at, message, label, *first, "named here") {
                told.fixes.extend(edit);
            }
            continue;
        }
        // A requirement stops the build, and is the one to tell; else it is the first section.
        let all: Vec<&At> = one.required.iter().chain(&one.sections).copied().collect();
        let Some((first, more)) = all.split_first() else {
            continue;
        };
        let code = if one.required.is_empty() {
            "undefined-profile"
        } else {
            "undefined-required-profile"
        };
        let likely = one.near.or_else(|| renamed(image, &missing)).map(str::to_owned);
        let likely = likely.or_else(|| parted(image, one.name).filter(|_| one.required.is_empty()));
        let label = likely
            .as_ref()
            .map_or_else(|| otherwise.to_owned(), |n| format!("did you mean `{n}`?"));
        // A section under a name that nothing declares is left out by a build, without a word: to bring it in changes
        // the image.
        let fix = likely.and_then(|n| everywhere(found, &all, &n));
        let Some(told) = found.add(code, *first, message, label) else {
            continue;
        };
        told.fixes.extend(fix);
        if hidden {
            told.severity = Severity::Error;
            told.help = Some("KIWI stops the build as it starts: no `<type>` is active".into());
        }
        // One name that is not declared is one fault, however many places give it.
        told.notes.extend(more.iter().take(MOST_NOTES).map(|at| Label {
            file: at.file,
            span: at.span,
            message: "and here".into(),
        }));
    }
}

/// A blank after a comma: KIWI takes it for a part of the name, which no profile has.
fn blanks(image: &Image, found: &mut Found<'_>) {
    for at in uses(image) {
        let Some(text) = image.files.get(at.file.0 as usize).map(|f| &f.text) else {
            continue;
        };
        let head = text.get(..at.span.start as usize).unwrap_or("");
        let bare = head.trim_end();
        if bare.len() == head.len()
            || !bare.ends_with(',')
            || !image.profiles.iter().any(|p| p.name.value == at.value)
        {
            continue;
        }
        let gap = Span::new(bare.len() as u32, at.span.start);
        let message = format!(
            "a blank stands before `{}`, and KIWI takes it for a part of the name",
            at.value
        );
        if let Some(told) = found.add(
            "undefined-profile",
            at,
            message,
            "only a comma between two profiles",
        ) {
            told.fixes.push(Fix {
                title: "remove the blank".into(),
                edits: vec![Edit {
                    span: gap,
                    new_text: String::new().into(),
                }],
                safe: false,
            });
        }
    }
}

/// More places than this are not listed.
const MOST_NOTES: usize = 5;

/// The fix that puts a name in all these places; none where they are not all in one text.
fn everywhere(found: &Found<'_>, places: &[&At], name: &str) -> Option<Fix> {
    let (first, more) = places.split_first()?;
    let mut fix = found.replace(*first, name, false)?;
    for at in more.iter().filter(|at| at.file == first.file) {
        fix.edits.push(Edit {
            span: at.span,
            new_text: name.to_owned().into(),
        });
    }
    (fix.edits.len() == places.len()).then_some(fix)
}
