//! A package manager that is not that of the distribution whose repositories are read, where nothing brings it into the
//! image. What the packages are called is judged in `packages::foreign`. Asks no server.

use super::{Family, family};
use crate::description::PackageKind;
use crate::description::model::{Image, ItemKind, Repository};
use crate::diagnostic::Severity;
use crate::rules::found::{Found, Part, Searched, Text};
use crate::rules::scope::Scope;

/// What the addresses of one distribution's repositories have in them.
static MARKS: &[(Part, Family)] = &[
    // Repositories of others lie on openSUSE's servers too: these are first.
    (Part::of("debian"), Family::Debian),
    (Part::of("ubuntu"), Family::Debian),
    (Part::of("alpine"), Family::Alpine),
    (Part::of("archlinux"), Family::Arch),
    (Part::of("fedora"), Family::RedHat),
    (Part::of("centos"), Family::RedHat),
    (Part::of("rocky"), Family::RedHat),
    (Part::of("almalinux"), Family::RedHat),
    (Part::of("rhel"), Family::RedHat),
    (Part::of("suse"), Family::Suse),
    (Part::of("tumbleweed"), Family::Suse),
];

/// Where projects of openSUSE's build service lie: for which distribution they are is not said by the server.
const PROJECTS: &str = "/repositories/";

/// Whose repository it is, by its address.
pub(in crate::rules) fn owner(source: &str) -> Option<Family> {
    let source = source.to_ascii_lowercase();
    let searched = Searched::new(&source);
    let known = MARKS.iter().find(|(mark, _)| searched.has(mark));
    let of = known.map(|(_, family)| *family);
    of.filter(|of| *of != Family::Suse || !source.contains(PROJECTS))
}

/// Whose repositories they are, in words, and the package manager that reads them.
pub(in crate::rules) fn words(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Suse => ("SUSE's", "zypper"),
        Family::RedHat => ("Fedora's, or its kin's", "dnf5"),
        Family::Debian => ("Debian's, or its kin's", "apt"),
        Family::Arch => ("Arch Linux'", "pacman"),
        Family::Alpine => ("Alpine's", "apk"),
    }
}

/// True where the addresses of some of these repositories name this family, and none names another.
pub(in crate::rules) fn all_of(repositories: &[&Repository], family: Family) -> bool {
    let mut owners = repositories
        .iter()
        .filter_map(|r| owner(r.source.value.trim()))
        .peekable();
    owners.peek().is_some() && owners.all(|owner| owner == family)
}

/// The repositories whose distribution their addresses name: read once for all views.
pub(in crate::rules) fn owned(image: &Image) -> Vec<(&Repository, Family)> {
    let all = image.repositories.iter();
    all.filter_map(|r| Some((r, owner(r.source.value.trim())?)))
        .collect()
}

const CODE: &str = "manager-of-other-distribution";

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let own = family(scope);
    let whole = &scope.whole;
    let owned = whole.owned.get_or_init(|| owned(whole.image));
    let active = owned.iter().filter(|(r, _)| scope.view.active(&r.filter));
    let mut others = active.map(|(_, family)| *family);
    let Some(other) = others.next().filter(|o| *o != own) else {
        return;
    };
    if others.any(|o| o != other) || !scope.type_has_packages() {
        return;
    }
    let Some(at) = scope.view.first("packagemanager") else {
        return;
    };
    let manager = scope.manager;
    let (whose, meant) = words(other);
    let start = match (own, other) {
        (Family::Suse, Family::RedHat) => "zypper",
        (Family::RedHat, Family::Suse) => "dnf",
        _ => {
            let message = format!("the repositories are {whose}, and `{manager}` does not read them");
            found.instead(CODE, &Text(at), message, Some(meant), false, "");
            return;
        }
    };
    // They read the same repositories, where they are there.
    let mut archives = scope.special(PackageKind::Bootstrap, ItemKind::Archive);
    let brought = scope
        .starting(start)
        .chain(scope.starting("microdnf"))
        .next()
        .is_some()
        || archives.next().is_some()
        || scope.kind().attrs.at("derived_from").is_some();
    if brought {
        return;
    }
    let message =
        format!("the repositories are {whose}, and no list installs `{manager}`, which is to read them");
    // KIWI lists it by itself, and these have it.
    let have = |(r, _): &&(&Repository, Family)| {
        let source = r.source.value.to_ascii_lowercase();
        ["opensuse", "fedora"].iter().any(|name| source.contains(name))
    };
    let goes_on = owned
        .iter()
        .filter(|(r, _)| scope.view.active(&r.filter))
        .all(|r| have(&r));
    let told = found.told(CODE, &Text(at));
    found.instead(CODE, &Text(at), message, Some(meant), false, "");
    if let Some(told) = found.at(CODE, &Text(at)).filter(|_| goes_on && !told) {
        told.severity = Severity::Info;
        told.help = Some(
            "KIWI installs it all the same, and the system would be managed by two that know nothing of each other".into(),
        );
    }
}
