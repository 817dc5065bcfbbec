//! Repositories that are read together, and of which one is another distribution's by its address. Asks no server.

use crate::description::model::{Image, Repository};
use crate::rules::found::Found;
use crate::rules::packages::Family;
use crate::rules::packages::manager_kin::{owned, words};

/// Servers of the distributions themselves: what lies there is made for them.
const OWN: &[&str] = &[
    "obs://",
    "opensuse.org/",
    "suse.com/",
    "fedoraproject.org/",
    "centos.org/",
    "rockylinux.org/",
    "almalinux.org/",
];

/// Judges the repositories that all builds read: one whose packages are SUSE's among others that are Fedora's or its kin's,
/// or the other way round.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    if image.repositories.len() < 2 {
        return;
    }
    let always = |r: &Repository| r.filter.arches.is_empty() && r.filter.profiles.is_empty();
    let owned = owned(image);
    let count = |family: Family| owned.iter().filter(|(_, own)| *own == family).count();
    let (suse, redhat) = (count(Family::Suse), count(Family::RedHat));
    let managers = crate::rules::scope::managers(image);
    let reads = |names: &[&str]| !managers.is_empty() && managers.iter().all(|m| names.contains(&m.trim()));
    // Where there are but two, the package manager says which is meant.
    let odd = if suse == 1 && (redhat > 1 || redhat == 1 && reads(&["dnf4", "dnf5", "dnf", "microdnf"])) {
        Family::Suse
    } else if redhat == 1 && (suse > 1 || suse == 1 && reads(&["zypper"])) {
        Family::RedHat
    } else {
        return;
    };
    let mut all = owned.iter().filter(|(r, _)| always(r));
    let one = all.clone().find(|(_, own)| *own == odd);
    let Some((one, _)) = one.filter(|(r, _)| OWN.iter().any(|o| r.source.value.contains(o))) else {
        return;
    };
    let is_other = |o: Family| o != odd && matches!(o, Family::Suse | Family::RedHat);
    let Some((other, family)) = all.find(|(_, own)| is_other(*own)) else {
        return;
    };
    let message = format!(
        "the packages here are {}, and those of the others {}",
        words(odd).0,
        words(*family).0
    );
    found.pair(
        "repository-release",
        &one.source,
        message,
        "of another distribution",
        &other.source,
        "one of the others",
    );
}
