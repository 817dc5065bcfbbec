//! The releases that the repositories of one image are of, by their suites and by projects of the open build service: several in
//! one image. Knows releases by name; asks no server.

use rustc_hash::FxHashMap;

use super::suites::{DEBIAN, ENDS, UBUNTU, VERSIONS, archive, codename, docker};
use crate::description::model::{At, Repository};
use crate::rules::found::{Found, has_part};
use crate::rules::scope::Scope;

/// A suite of a distribution's own archive.
struct Own<'a> {
    at: &'a At,
    /// The release by its name.
    release: &'a str,
    /// It is the release itself, not its updates.
    main: bool,
    archive: &'static str,
}

/// The release that a suite is of, and whether it is the release itself.
pub(in crate::rules) fn release(suite: &str) -> (&str, bool) {
    let end = ENDS
        .iter()
        .chain(&["/updates"])
        .find_map(|e| suite.strip_suffix(e));
    (end.unwrap_or(suite), end.is_none())
}

/// The release that a project of the open build service is of, by the number in its address: Ubuntu's own project, and
/// what others build for a release.
fn built(source: &At) -> Option<Own<'_>> {
    let address = source.value.trim();
    let marks = [
        ("obs://Ubuntu:", "Ubuntu"),
        ("obs://Debian:", "Debian"),
        ("/xUbuntu_", "Ubuntu"),
        ("/Debian_", "Debian"),
    ];
    let numbered = marks
        .iter()
        .find_map(|(mark, archive)| Some((address.split_once(mark)?.1, *mark, *archive)));
    let (rest, mark, archive) = numbered.filter(|_| address.starts_with("obs"))?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let number = rest.get(..end)?;
    let known = if archive == "Debian" { &DEBIAN } else { &UBUNTU };
    let mut all = VERSIONS.iter().filter(|(_, suite)| known.suites.contains(suite));
    let (_, release) = all.find(|(n, _)| *n == number)?;
    Some(Own {
        at: source,
        release,
        main: mark.starts_with("obs"),
        archive,
    })
}

fn own<'a>(repository: &'a Repository) -> Option<Own<'a>> {
    if repository.source.value.starts_with("obs") {
        return built(&repository.source);
    }
    let attrs = &repository.element.attrs;
    let at = attrs.at("distribution")?;
    let (archive, _) = archive(&repository.source.value)?;
    let path = repository.source.value.trim().trim_end_matches('/');
    // Elsewhere than at a server's root there are archives of others, for more than one release.
    let docker = docker(&repository.source);
    if path.matches('/').count() > 3 && !docker {
        return None;
    }
    let (release, main) = release(at.value.trim());
    let main = main && !docker;
    // Who gives a whole release a priority knows what stands beside it.
    let ranked = main && attrs.at("priority").is_some();
    let known = !ranked && codename(release).is_some() && archive.suites.contains(&release);
    known.then_some(Own {
        at,
        release,
        main,
        archive: archive.name,
    })
}

/// The one distribution that the view's packages are of, by its own archives.
pub(in crate::rules) fn distribution(scope: &Scope<'_>) -> Option<&'static str> {
    if scope.manager != "apt" {
        return None;
    }
    let repositories = &scope.repositories;
    let mut archives = repositories
        .iter()
        .filter_map(|r| own(r))
        .filter(|o| o.main)
        .map(|o| o.archive);
    let Some(first) = archives.next() else {
        // The build service has both in projects that are named like them.
        let project = |name: &str| {
            let start = format!("obs://{name}:");
            repositories
                .iter()
                .any(|r| r.source.value.trim().starts_with(&start))
        };
        return match (project(UBUNTU.name), project(DEBIAN.name)) {
            (true, false) => Some(UBUNTU.name),
            (false, true) => Some(DEBIAN.name),
            _ => None,
        };
    };
    archives.all(|a| a == first).then_some(first)
}

/// The packages are Ubuntu's, by its archives or else by an address that names it.
pub(in crate::rules) fn is_ubuntu(scope: &Scope<'_>) -> bool {
    let named = || {
        let mut sources = scope.repositories.iter().map(|r| &r.source.value);
        sources.any(|source| has_part(&source.to_ascii_lowercase(), "ubuntu"))
    };
    distribution(scope).map_or_else(named, |own| own == UBUNTU.name)
}

/// Suites of another release than the project of the build service that they are asked of.
fn projects(repositories: &[&Repository], found: &mut Found<'_>) {
    for repository in repositories {
        let suite = repository.element.attrs.at("distribution");
        let Some((at, project)) = suite.zip(built(&repository.source)) else {
            continue;
        };
        let named = release(at.value.trim()).0;
        if codename(named).is_some() && named != project.release {
            let message = format!(
                "the project is of `{}`, and has no suite `{named}`",
                project.release
            );
            found.instead("repository-suite", at, message, Some(project.release), false, "");
        }
    }
}

/// Judges one view: packages of one release, with what belongs to another.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.manager != "apt" {
        return;
    }
    let repositories = &scope.repositories;
    let all: Vec<Own<'_>> = repositories.iter().filter_map(|r| own(r)).collect();
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for one in &all {
        *counts.entry(one.release).or_default() += 1;
    }
    let count = |one: &Own<'_>| counts.get(one.release).copied().unwrap_or(0);
    // Most suites are right; of as many, those of the first whole release.
    let Some(most) = all.iter().map(&count).max() else {
        return;
    };
    let mut right = all.iter().filter(|one| count(one) == most);
    let right = right.clone().find(|one| one.main).or_else(|| right.next());
    let Some(right) = right else { return };
    let Some(odd) = all.iter().find(|one| one.release != right.release) else {
        return projects(repositories, found);
    };
    if !all.iter().any(|one| one.main) {
        return;
    }
    let value = odd.at.value.trim();
    let note = "the others are of this release";
    if odd.archive != right.archive {
        let message = format!(
            "`{value}` is of {}, and `{}` of {}",
            odd.archive, right.release, right.archive
        );
        let label = "one image is of one distribution";
        found.pair("repository-suite", odd.at, message, label, right.at, note);
        return;
    }
    let message = format!(
        "`{value}` is for `{}`, and the packages are those of `{}`",
        odd.release, right.release
    );
    let whole = value.replacen(odd.release, right.release, 1);
    let number = |release: &str| {
        VERSIONS
            .iter()
            .find(|(_, suite)| *suite == release)
            .map(|(n, _)| *n)
    };
    let numbered = number(odd.release).zip(number(right.release));
    let whole = match numbered.filter(|_| whole == value) {
        Some((one, other)) => value.replacen(one, other, 1),
        None => whole,
    };
    let label = format!("did you mean `{whole}`?");
    let edit = found.replace(odd.at, &whole, false);
    // KIWI's own project has tools that fit most releases.
    let tools = value.contains("Virtualization:Appliances") || value.contains("Virtualization:/Appliances");
    if let Some(told) = found.pair("repository-suite", odd.at, message, label, right.at, note) {
        told.fixes.extend(edit);
        if tools {
            told.severity = crate::diagnostic::Severity::Info;
        }
    }
}
