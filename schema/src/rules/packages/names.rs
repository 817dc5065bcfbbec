//! What packages are called by the families of distributions: names for one thing, names that one family has alone.
//! Only names that are certain. Asks no repository.

use std::sync::LazyLock;

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::Family;
use super::name_tables::{ALSO, BEGINNINGS, KIN, NAMES, NOWHERE, Names, ONLY, SOME};
use super::parts::{PLACES, place};
use crate::rules::found::{hash, letters};

/// The first row that a name stands in: lists are long, and few of their names stand in any.
static ROWS: LazyLock<FxHashMap<&str, &Names>> = LazyLock::new(|| {
    let mut rows = FxHashMap::default();
    for row in NAMES {
        for &name in row {
            rows.entry(name).or_insert(row);
        }
    }
    rows
});

fn column(family: Family) -> Option<usize> {
    match family {
        Family::Suse => Some(0),
        Family::RedHat => Some(1),
        Family::Debian => Some(2),
        Family::Arch => Some(3),
        Family::Alpine => None,
    }
}

/// What this family calls the thing that others call so; none where the name is, or may be, its own.
fn own_name(name: &str, family: Family) -> Option<&'static str> {
    let column = column(family)?;
    let row = *ROWS.get(name)?;
    let also = ALSO
        .iter()
        .any(|(f, names)| *f == family && names.contains(&name));
    let known = also || NAMES.iter().any(|row| row.get(column) == Some(&name));
    row.get(column).copied().filter(|own| !known && !own.is_empty())
}

static OWNERS: LazyLock<FxHashMap<&str, Family>> = LazyLock::new(|| {
    let all = ONLY.iter();
    all.flat_map(|(family, names)| names.iter().map(|&name| (name, *family)))
        .collect()
});

/// Whether one of the beginnings has a pair of bytes first, by the pair's place.
static BEGUN: LazyLock<[bool; PLACES]> = LazyLock::new(|| {
    let mut begun = [false; PLACES];
    for [first, second] in BEGINNINGS
        .iter()
        .filter_map(|(start, _)| start.as_bytes().first_chunk())
    {
        begun
            .iter_mut()
            .skip(place(*first, *second))
            .take(1)
            .for_each(|b| *b = true);
    }
    begun
});

/// The family that all names beginning so are of.
fn beginning(name: &str) -> Option<Family> {
    // Few names begin so, and lists are long.
    let [first, second] = name.as_bytes().first_chunk()?;
    if !BEGUN.get(place(*first, *second)).is_some_and(|begun| *begun) {
        return None;
    }
    let mut known = BEGINNINGS.iter();
    known
        .find(|(start, _)| name.starts_with(start))
        .map(|(_, family)| *family)
}

/// The one family that has the name.
pub(in crate::rules) fn owner(name: &str) -> Option<Family> {
    OWNERS.get(name).copied().or_else(|| beginning(name))
}

/// The one family that has the name, by the table of names for one thing, too.
pub(in crate::rules) fn only(name: &str) -> Option<Family> {
    let families = [Family::Suse, Family::RedHat, Family::Debian, Family::Arch];
    let of_row = || {
        let has = |(at, _): &(usize, &Family)| NAMES.iter().any(|row| row.get(*at) == Some(&name));
        let also = ALSO.iter().any(|(_, names)| names.contains(&name));
        let mut all = families.iter().enumerate().filter(has).map(|(_, family)| *family);
        all.next().filter(|_| !also && all.next().is_none())
    };
    owner(name).or_else(of_row)
}

/// All names of the tables.
static KNOWN: LazyLock<HashTable<&str>> = LazyLock::new(|| {
    let rows = NAMES.iter().flatten();
    let only = ONLY.iter().flat_map(|(_, names)| names.iter());
    let some = SOME.iter().map(|(name, _)| name);
    let pairs = KIN.iter().flat_map(|(one, other)| [one, other]);
    let kin = pairs.chain(some).chain(NOWHERE.iter().map(|(name, _)| name));
    let mut known = HashTable::new();
    for name in rows.chain(only).chain(kin) {
        known.insert_unique(hash(name), *name, |name| hash(name));
    }
    known
});

/// What no name of Debian's has.
const NOT_DEBIANS: u64 = letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

/// True where some family may not have the name: all others need no closer look. `hashed` is its hash.
pub(in crate::rules) fn concerns(name: &str, hashed: u64, letters: u64) -> bool {
    letters & NOT_DEBIANS != 0
        || KNOWN.find(hashed, |known| *known == name).is_some()
        || beginning(name).is_some()
        || name.starts_with("lib") && (name.ends_with("-dev") || name.ends_with("-devel"))
}

/// Why a name is not this family's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Foreign {
    /// The family calls it so.
    Called(&'static str),
    /// Another family has it.
    Of(Family),
    /// No package of the family can have such a name.
    Impossible,
}

/// True where a package of Debian's cannot be named so: no capitals, no underscores.
fn impossible(name: &str) -> bool {
    let name = name.split([':', '=', '/']).next().unwrap_or(name);
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    // What is filled in before the build, and patterns of names, are not judged.
    !name.is_empty()
        && name
            .bytes()
            .all(|b| known(b) || b == b'_' || b.is_ascii_uppercase())
        && !name.bytes().all(known)
}

/// Libraries' headers: `-dev` by Debian, `-devel` by those with RPM, neither by Arch.
fn headers(name: &str, family: Family) -> Option<Family> {
    let library = name.starts_with("lib");
    match family {
        Family::Suse | Family::RedHat | Family::Arch if library && name.ends_with("-dev") => {
            Some(Family::Debian)
        }
        Family::Debian | Family::Arch if library && name.ends_with("-devel") => Some(Family::RedHat),
        _ => None,
    }
}

/// The same headers by the name that the family gives them, where it has them.
pub(in crate::rules) fn headers_by(name: &str, family: Family) -> Option<String> {
    let own = match family {
        Family::Debian => format!("{}-dev", name.strip_suffix("-devel")?),
        Family::Suse | Family::RedHat => format!("{}-devel", name.strip_suffix("-dev")?),
        _ => return None,
    };
    super::lists::has(&own, family).then_some(own)
}

/// A name that the other of Debian and Ubuntu has: the own one, empty where there is none.
pub(in crate::rules) fn of_kin(name: &str, ubuntu: bool) -> Option<&'static str> {
    // Few names begin so.
    if !name.starts_with(['l', 'f', 'u', 'c']) {
        return None;
    }
    let mut rows = KIN.iter();
    rows.find_map(|(debian, other)| match ubuntu {
        true if *debian == name => Some(*other),
        false if *other == name => Some(*debian),
        _ => None,
    })
}

/// Whether, and why, no repository of this family has a package of that name.
pub(in crate::rules) fn foreign(name: &str, family: Family) -> Option<Foreign> {
    if let Some(own) = own_name(name, family) {
        return Some(Foreign::Called(own));
    }
    if let Some((_, own)) = NOWHERE.iter().find(|(n, _)| *n == name) {
        return Some(Foreign::Called(own));
    }
    if let Some((_, of)) = SOME.iter().find(|(some, _)| *some == name)
        && !of.contains(&family)
    {
        return of.first().copied().map(Foreign::Of);
    }
    // Alpine's names are those of others in part; its kernels and loaders are not.
    if family == Family::Alpine {
        let others = [
            "linux-image-",
            "linux-generic",
            "linux-virtual",
            "kernel-",
            "grub2-",
            "grub-pc",
            "grub-efi-",
            "shim-x64",
            "shim-signed",
            "openSUSE-",
        ];
        let other = others.iter().any(|o| name.starts_with(o));
        return owner(name).filter(|_| other).map(Foreign::Of);
    }
    let other = owner(name)
        .filter(|o| *o != family)
        .or_else(|| headers(name, family));
    if let Some(other) = other {
        return Some(Foreign::Of(other));
    }
    (family == Family::Debian && impossible(name)).then_some(Foreign::Impossible)
}

/// True where this family may not have a package of that name.
pub(in crate::rules) fn suspect(name: &str, family: Family) -> bool {
    let of_kin = || {
        [true, false]
            .into_iter()
            .any(|ubuntu| of_kin(name, ubuntu).is_some())
    };
    owner(name).is_some_and(|o| o != family)
        || foreign(name, family).is_some()
        || family == Family::Debian && of_kin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_translated_and_own_ones_are_not() {
        for (name, family, own) in [
            ("btrfsprogs", Family::Debian, Some("btrfs-progs")),
            ("btrfsprogs", Family::Suse, None),
            ("btrfs-progs", Family::RedHat, None),
            ("kernel-default", Family::Arch, Some("linux")),
            ("openssh-server", Family::Arch, Some("openssh")),
            ("openssh-server", Family::Debian, None),
            ("openssh", Family::Debian, Some("openssh-server")),
            ("linux-image-amd64", Family::Suse, Some("kernel-default")),
            ("apache2", Family::Debian, None),
            ("nothing-like-it", Family::Debian, None),
        ] {
            assert_eq!(own_name(name, family), own, "{name} {family:?}");
        }
    }
}
