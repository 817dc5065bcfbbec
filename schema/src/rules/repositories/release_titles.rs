//! What an image is called beside the releases of its repositories: a name that speaks of another release was left behind.
//! Knows how people write releases in names; asks no server.

use super::releases;
use super::suite_releases::release;
use super::suites::{DEBIAN, UBUNTU, codename, version};
use crate::description::model::{Element, Image};
use crate::rules::found::{Found, Place, Text};

/// How a line of releases is called in names, in small letters.
const WORDS: &[(&str, &str)] = &[
    ("Leap", "leap"),
    ("Fedora", "fedora"),
    ("Rocky Linux", "rocky linux"),
    ("Rocky Linux", "rocky"),
    ("AlmaLinux", "almalinux"),
    ("CentOS Stream", "centos stream"),
];

/// The number that follows the word in a text.
fn named(text: &str, word: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (head, rest) = text.split_once(word)?;
    let rest = rest.trim_start_matches([' ', '-', '_']);
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let number = rest.get(..end)?.trim_end_matches('.');
    let whole = !head.ends_with(|c: char| c.is_ascii_alphanumeric());
    let digits = |n: &str| n.split('.').all(|p| !p.is_empty() && p.len() < 3);
    (whole && digits(number)).then(|| number.to_owned())
}

/// The number of a line's release in a text.
pub(super) fn of(text: &str, line: &str) -> Option<String> {
    let mut words = WORDS.iter().filter(|(own, _)| *own == line);
    words.find_map(|(_, word)| named(text, word))
}

/// The release of apt's that a name speaks of, where that is not `own`: as it is called there, and its suite.
fn spoken<'t>(text: &'t str, own: &str) -> Option<(&'t str, &'t str)> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    // Some releases are called by words that anybody may use.
    let archives = [("debian", DEBIAN), ("ubuntu", UBUNTU)];
    let (word, archive) = archives.into_iter().find(|(word, _)| words.contains(word))?;
    let number = named(text, word)
        .and_then(|number| Some((text.matches(number.as_str()).next()?, version(&archive, &number)?)));
    let names = words.iter().copied().filter(|w| codename(w).is_some());
    let all = || names.clone().map(|name| (name, name)).chain(number);
    all().next().filter(|_| all().all(|(_, suite)| suite != own))
}

/// A name that speaks of another release of apt's than all repositories are of.
fn suites(image: &Image, found: &mut Found<'_>) {
    let all = image
        .repositories
        .iter()
        .filter_map(|r| r.element.attrs.at("distribution"));
    let mut all = all.map(|at| (release(at.value.trim()).0, at));
    let Some((own, first)) = all.next() else { return };
    if codename(own).is_none() || all.any(|(other, _)| other != own) {
        return;
    }
    let set = setting(image).map_or("", |s| s.text.as_str());
    let names = ["displayname", "name"].into_iter();
    for place in names.filter_map(|n| image.attrs.at(n)) {
        let text = place.value.to_ascii_lowercase();
        let Some((said, suite)) = spoken(&text, own) else {
            continue;
        };
        // The release that is set speaks for the name.
        let numbers = [DEBIAN, UBUNTU].map(|archive| version(&archive, set));
        let (at, other, message, wanted) = match numbers.contains(&Some(suite)) {
            true => (
                first,
                place,
                format!("this is `{own}`, and the image is called after `{said}`"),
                suite,
            ),
            false => (
                place,
                first,
                format!("this speaks of `{said}`, and the repositories are of `{own}`"),
                own,
            ),
        };
        let label = format!("did you mean `{wanted}`?");
        if let Some(told) = found.pair("repository-release", at, message, label, other, "as it is here") {
            told.help = Some(OTHERWISE.into());
        }
        return;
    }
}

/// What becomes of a name that was left behind.
const OTHERWISE: &str =
    "the build would go through, and the image be called after another release than it is of";

fn setting(image: &Image) -> Option<&Element> {
    let mut all = image.preferences.iter();
    all.find_map(|p| p.element.child("release-version"))
}

/// Judges a description whose repositories are all of one release.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    suites(image, found);
    let mut all = image
        .repositories
        .iter()
        .filter_map(|r| releases::of(r.source.value.trim()));
    let Some((line, release)) = all.next().filter(|first| all.all(|o| o == *first)) else {
        return;
    };
    let setting = setting(image);
    if setting.is_some_and(|s| s.text.split('.').next() != release.split('.').next()) {
        return;
    }
    let specification = image.description.as_ref().and_then(|d| d.child("specification"));
    let texts = [
        image
            .attrs
            .at("displayname")
            .map(|at| (at.value.trim(), at as &dyn Place)),
        image
            .attrs
            .at("name")
            .map(|at| (at.value.trim(), at as &dyn Place)),
    ];
    let specification = specification.map(|s| (s.text.as_str(), Text(s)));
    let specification = specification
        .as_ref()
        .map(|(text, place)| (*text, place as &dyn Place));
    for (text, place) in texts.into_iter().chain([specification]).flatten() {
        let Some(other) = of(text, line) else {
            continue;
        };
        // A name may say less, or more, than an address.
        let same = release
            .split(['.', '-'])
            .zip(other.split('.'))
            .all(|(a, b)| a == b);
        if same || other == release.replace('.', "") {
            continue;
        }
        let message = format!("this speaks of {line} {other}, and the repositories are of {line} {release}");
        if let Some(told) = found.add(
            "repository-release",
            place,
            message,
            format!("did you mean `{release}`?"),
        ) {
            told.help = Some(OTHERWISE.into());
        }
        return;
    }
}
