//! Releases of distributions with RPM packages, by the addresses of their own servers: one that is of another release than
//! the others, or than `<release-version>`. Suites of apt's are judged in `repositories::suites`. Asks no server.

use rustc_hash::FxHashMap;

use crate::description::model::{At as Source, Image, Repository};
use crate::diagnostic::FileId;
use crate::rules::found::{Found, Part, Place, Searched, Text, after_part, around_part};
use crate::rules::scope::Scope;
use crate::text::Span;

/// A release as the address of a repository names it.
pub(in crate::rules) struct Address<'a> {
    repository: &'a Repository,
    line: &'static str,
    release: &'a str,
}

/// The releases that the addresses of a description's repositories name: read once for all views.
fn addresses(image: &Image) -> Vec<Address<'_>> {
    let named = image.repositories.iter().filter_map(|repository| {
        let (line, release) = of(repository.source.value.trim())?;
        Some(Address {
            repository,
            line,
            release: short(line, release),
        })
    });
    named.collect()
}

/// A release as an address or a setting names it.
struct Named<'a> {
    line: &'static str,
    release: &'a str,
    at: At,
    source: Option<&'a Source>,
}

/// What stands before a release in addresses, and what after it.
static MARKS: &[(&str, Part, &str)] = &[
    ("Leap", Part::of("/distribution/leap/"), "/"),
    ("Leap", Part::of("/update/leap/"), "/"),
    ("Leap", Part::of("/openSUSE_Leap_"), "/"),
    ("Leap", Part::of("obs://openSUSE:Leap:"), ":"),
    ("Leap", Part::of("obs://openSUSE:Leap:"), "/"),
    ("Fedora", Part::of("repo=fedora-"), "&"),
    ("Fedora", Part::of("repo=updates-released-f"), "&"),
    ("Fedora", Part::of("/fedora/linux/releases/"), "/"),
    ("Fedora", Part::of("/fedora/linux/updates/"), "/"),
    ("Fedora", Part::of("docker.com/linux/fedora/"), "/"),
    ("Fedora", Part::of("free/fedora/releases/"), "/"),
    ("Fedora", Part::of("free/fedora/updates/"), "/"),
    ("Fedora", Part::of("/Fedora_"), "/"),
    ("CentOS Stream", Part::of("/CentOS_"), "/"),
    ("CentOS Stream", Part::of("stream.centos.org/"), "-stream/"),
    ("CentOS Stream", Part::of(".centos.org/centos/"), "-stream/"),
    ("Rocky Linux", Part::of("/rocky/"), "/"),
    ("AlmaLinux", Part::of("/almalinux/"), "/"),
    ("EPEL", Part::of("/pub/epel/"), "/"),
    ("EPEL", Part::of("repo=epel-"), "&"),
    ("Alpine", Part::of("/alpine/v"), "/"),
    ("Tumbleweed", Part::of("opensuse.org/history/"), "/"),
];

/// Lines whose releases go by the same numbers.
fn kin(line: &'static str) -> &'static str {
    match line {
        "CentOS Stream" | "Rocky Linux" | "AlmaLinux" => "EPEL",
        other => other,
    }
}

/// The release that an address is of, where it is a number.
pub(in crate::rules) fn of(source: &str) -> Option<(&'static str, &str)> {
    if let Some(list) = after_part(source, "mirrors.centos.org/metalink?repo=centos-") {
        let (name, _) = around_part(list, "-stream")?;
        let release = name.rsplit('-').next().unwrap_or(name);
        let number = !release.is_empty() && release.bytes().all(|b| b.is_ascii_digit());
        return number.then_some(("CentOS Stream", release));
    }
    if let Some(release) = mirrored(source) {
        return Some(("SLE", release));
    }
    if let Some(release) = built_for(source) {
        return Some(("Leap", release));
    }
    // Projects have marks of their own.
    let project = source.starts_with("obs");
    let own = |mark: &str| {
        !project
            || ["obs", "/openSUSE", "/Fedora_", "/CentOS_"]
                .iter()
                .any(|b| mark.starts_with(b))
    };
    let searched = Searched::new(source);
    MARKS
        .iter()
        .filter(|(_, before, _)| own(before.text))
        .find_map(|(line, before, after)| {
            let rest = searched.after(before)?;
            let release = rest.split_once(after).map_or(rest, |(release, _)| release);
            let number = release
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b'.' || b == b'-' || b == b'S' || b == b'P');
            let digit = release.bytes().next().is_some_and(|b| b.is_ascii_digit());
            (number && digit).then_some((*line, release))
        })
}

/// The release of Leap that a project of the build service has a repository for by its number alone.
fn built_for(source: &str) -> Option<&str> {
    let project = source
        .strip_prefix("obs://")
        .or_else(|| after_part(source, "opensuse.org/repositories/"))?;
    let (_, last) = project.trim_end_matches('/').rsplit_once('/')?;
    let (major, minor) = last.split_once('.')?;
    let digits = |r: &str| r.bytes().all(|b| b.is_ascii_digit());
    (matches!(major, "15" | "16") && minor.len() == 1 && digits(minor)).then_some(last)
}

/// The release in SUSE's own layout, which the mirrors of customers keep.
fn mirrored(source: &str) -> Option<&str> {
    let rest = after_part(source, "/SUSE/").filter(|_| source.starts_with("http"))?;
    let module = rest
        .strip_prefix("Products/SLE-")
        .or_else(|| rest.strip_prefix("Updates/SLE-"))
        // One for all service packs.
        .filter(|module| !module.starts_with("Manager-Tools/"))?;
    let digits = |r: &str| !r.is_empty() && r.bytes().all(|b| b.is_ascii_digit());
    let release = module.split('/').nth(1)?;
    let numbered = match around_part(release, "-SP") {
        Some((number, pack)) => digits(number) && digits(pack),
        None => digits(release),
    };
    numbered.then_some(release)
}

/// The number before the first point, for those whose repositories have no other.
fn short<'r>(line: &str, release: &'r str) -> &'r str {
    match line {
        "Leap" | "SLE" | "Alpine" => release,
        _ => release.split('.').next().unwrap_or(release),
    }
}

/// The number that a setting begins with: `9-stream` is 9.
fn number(setting: &str) -> Option<&str> {
    let end = setting
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    setting.get(..end).filter(|n| !n.is_empty())
}

/// The image is called after that release.
fn called(image: &Image, line: &str, release: &str) -> bool {
    let names = ["displayname", "name"]
        .into_iter()
        .filter_map(|n| image.attrs.get(n));
    let mut named = names.filter_map(|name| super::release_titles::of(name, line));
    named.any(|number| short(line, &number) == release)
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let whole = &scope.whole;
    let known = whole.releases.get_or_init(|| addresses(whole.image));
    // What leads nowhere is told as that.
    let known: Vec<_> = known
        .iter()
        .filter(|a| !found.told("repository-address", &a.repository.source))
        .collect();
    let active = || {
        known
            .iter()
            .copied()
            .filter(|a| scope.view.active(&a.repository.filter))
    };
    if let Some(leap) = active().find(|a| a.line == "Leap")
        && rolling_too(scope, leap, found)
    {
        return;
    }
    let Some(line) = active().next().map(|one| one.line) else {
        return;
    };
    if active().any(|one| kin(one.line) != kin(line)) {
        return;
    }
    // SLE's service packs are no numbers there.
    let setting = scope.view.first("release-version").filter(|_| line != "SLE");
    let setting = setting.and_then(|s| Some((s, short(line, number(&s.text)?))));
    // A system with small numbers of its own may take packages from Fedora.
    let setting = setting.filter(|(_, release)| line != "Fedora" || release.len() > 1);
    let releases = || {
        active()
            .map(|a| a.release)
            .chain(setting.map(|(_, release)| release))
    };
    if releases().all(|release| releases().next() == Some(release)) {
        return;
    }
    let addresses = active().map(|a| Named {
        line: a.line,
        release: a.release,
        at: At::of(&a.repository.source),
        source: Some(&a.repository.source),
    });
    let setting = setting.map(|(setting, release)| Named {
        line,
        release,
        at: At::of(&Text(setting)),
        source: None,
    });
    let all: Vec<Named<'_>> = addresses.chain(setting).collect();
    // The image's own version often begins like the release: it counts, and is not told.
    let version = scope.view.version().unwrap_or("");
    let like = |one: &Named<'_>| {
        let rest = version.strip_prefix(one.release);
        rest.is_some_and(|r| r.is_empty() || r.starts_with('.')) || called(whole.image, one.line, one.release)
    };
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for one in &all {
        *counts.entry(one.release).or_default() += 2;
    }
    let count = |one: &Named<'_>| counts.get(one.release).copied().unwrap_or(0) + usize::from(like(one));
    let Some(most) = all.iter().map(&count).max() else {
        return;
    };
    // Of as many, the first is right.
    let Some(right) = all.iter().find(|one| count(one) == most) else {
        return;
    };
    let Some(odd) = all.iter().find(|one| one.release != right.release) else {
        return;
    };
    let message = format!(
        "this is {} {}, and the others are {} {}",
        odd.line, odd.release, right.line, right.release
    );
    let label = format!("did you mean `{}`?", right.release);
    let note = "as it is here";
    let edit = odd.source.and_then(|source| {
        let from = crate::rules::found::offset(odd.release, &source.value);
        found.replace_at(source, from, (odd.release, right.release))
    });
    if let Some(told) = found.pair("repository-release", &odd.at, message, label, &right.at, note) {
        told.fixes.extend(edit);
        // What others build for one release of Fedora or CentOS often goes with the next.
        let built = |s: &Source| ["/Fedora_", "/CentOS_"].iter().any(|m| s.value.contains(m));
        if odd.source.is_some_and(built) {
            told.severity = crate::diagnostic::Severity::Info;
        }
    }
}

/// Tumbleweed's packages beside those of Leap. True where that was told.
fn rolling_too(scope: &Scope<'_>, leap: &Address<'_>, found: &mut Found<'_>) -> bool {
    const TUMBLEWEED: [&str; 3] = [
        "opensuse.org/tumbleweed/repo/",
        "obs://openSUSE:Factory/",
        "/openSUSE_Tumbleweed",
    ];
    let rolls = |r: &&&Repository| TUMBLEWEED.iter().any(|t| r.source.value.contains(t));
    let Some(rolling) = scope.repositories.iter().find(rolls) else {
        return false;
    };
    let (one, other) = (&leap.repository.source, &rolling.source);
    let (first, second) = match one.span.start < other.span.start || one.file != other.file {
        true => (one, other),
        false => (other, one),
    };
    // The one that there are fewer of is likely the odd one.
    let all = || scope.view.image.repositories.iter();
    let rolls = all()
        .filter(|r| TUMBLEWEED.iter().any(|t| r.source.value.contains(t)))
        .count();
    let leaps = all()
        .filter(|r| of(r.source.value.trim()).is_some_and(|(line, _)| line == "Leap"))
        .count();
    let (first, second) = match rolls.cmp(&leaps) {
        std::cmp::Ordering::Less => (one, other),
        std::cmp::Ordering::Greater => (other, one),
        std::cmp::Ordering::Equal => (first, second),
    };
    let message = format!(
        "packages of Leap {} and of Tumbleweed do not go together",
        leap.release
    );
    let note = "the other is here";
    found.pair(
        "repository-release",
        second,
        message,
        "one of the two",
        first,
        note,
    );
    true
}

/// A place that is known by its bytes.
struct At(FileId, Span);

impl At {
    fn of(place: &dyn Place) -> Self {
        let (file, span) = place.place();
        Self(file, span)
    }
}

impl Place for At {
    fn place(&self) -> (FileId, Span) {
        (self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_number_with_what_follows() {
        for (setting, release) in [
            ("42", Some("42")),
            ("9-stream", Some("9")),
            ("15.6", Some("15.6")),
            ("rawhide", None),
        ] {
            assert_eq!(number(setting), release, "{setting}");
        }
    }

    #[test]
    fn releases_are_read_from_the_addresses_of_distributions() {
        for (source, release) in [
            (
                "https://download.opensuse.org/distribution/leap/15.6/repo/oss",
                Some(("Leap", "15.6")),
            ),
            (
                "https://download.opensuse.org/update/leap/15.6/oss/",
                Some(("Leap", "15.6")),
            ),
            ("obs://openSUSE:Leap:15.6/standard", Some(("Leap", "15.6"))),
            ("obs://openSUSE:Leap:15.6:Update/standard", Some(("Leap", "15.6"))),
            (
                "https://mirrors.fedoraproject.org/metalink?repo=fedora-42&arch=x86_64",
                Some(("Fedora", "42")),
            ),
            (
                "https://mirrors.fedoraproject.org/metalink?repo=fedora-$releasever&arch=x86_64",
                None,
            ),
            (
                "https://mirror.stream.centos.org/9-stream/BaseOS/x86_64/os",
                Some(("CentOS Stream", "9")),
            ),
            ("https://download.opensuse.org/tumbleweed/repo/oss", None),
            ("https://example.org/leap/15.6/repo", None),
        ] {
            let found = of(source);
            assert_eq!(found, release, "{source}");
        }
    }
}
