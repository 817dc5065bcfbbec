//! Names of packages that are one keystroke from one that nearly every description has, and that no package is known to
//! have. Knows few names; asks no repository.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::common_names::COMMON;
use super::found::{Found, letters, near};
use super::scope::Scope;
use super::whole::Whole;
use crate::description::model::{Image, Item, ItemKind};

/// Packages that are near to one of these and are there.
const OTHERS: &[&str] = &[
    "kernel-modules-core",
    "grub2-efi-ia32",
    "grub-efi-ia32",
    "shim-ia32",
    "firefox-esr",
    "vim-small",
];

/// Names that share their first two bytes, or their last two.
#[derive(Default)]
struct Alike {
    /// Their lengths, a bit for each.
    lengths: u64,
    /// The shortest first, each with its letters.
    names: Vec<(&'static str, u64)>,
}

impl Alike {
    /// Those that may be a keystroke away from a name of that length and those letters, capitals aside, and itself.
    fn near(&self, length: usize, own: u64) -> impl Iterator<Item = &'static str> {
        // One shorter, as long, or one longer.
        let lengths = 7_u64.checked_shl(length.saturating_sub(1) as u32).unwrap_or(0);
        let shorter = |(name, _): &(&str, u64)| name.len() + 1 < length;
        let names = match self.lengths & lengths {
            0 => None,
            _ => self.names.get(self.names.partition_point(shorter)..),
        };
        let names = names.unwrap_or_default().iter();
        // A keystroke takes one letter away and brings one.
        let near = names
            .take_while(move |(name, _)| name.len() <= length + 1)
            .filter(move |(_, letters)| (own ^ letters).count_ones() <= 2);
        near.map(|(name, _)| *name)
    }
}

/// What no small letter shares a bit with: all capitals.
const CAPITALS: u64 = letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");

/// The letters without their case.
fn small(letters: u64) -> u64 {
    letters & !CAPITALS | (letters & CAPITALS) << (b'a' - b'A')
}

/// All of them by their hashes.
static COMMON_BY_HASH: LazyLock<HashTable<&str>> = LazyLock::new(|| {
    let hash = |name: &&str| FxBuildHasher.hash_one(*name);
    let mut known = HashTable::with_capacity(COMMON.len());
    for name in COMMON {
        known.insert_unique(hash(name), *name, hash);
    }
    known
});

/// The first two bytes of a name as one number.
fn first(name: &str) -> Option<u16> {
    name.as_bytes().first_chunk().copied().map(u16::from_le_bytes)
}

/// The last two.
fn last(name: &str) -> Option<u16> {
    name.as_bytes().last_chunk().copied().map(u16::from_le_bytes)
}

/// The names by their first two bytes, and by their last two: one keystroke leaves one of these pairs as it is.
static BY_ENDS: LazyLock<[FxHashMap<u16, Alike>; 2]> = LazyLock::new(|| {
    let by = |pair: fn(&str) -> Option<u16>| {
        let mut map: FxHashMap<u16, Alike> = FxHashMap::default();
        for &name in COMMON {
            if let Some(pair) = pair(name) {
                let alike = map.entry(pair).or_default();
                alike.lengths |= 1 << name.len();
                alike.names.push((name, small(letters(name.as_bytes()))));
            }
        }
        let sort = |alike: &mut Alike| alike.names.sort_by_key(|(name, _)| name.len());
        map.values_mut().for_each(sort);
        map
    };
    [by(first), by(last)]
});

/// The names that may be meant by one.
fn alike(name: &str, own: u64) -> impl Iterator<Item = &'static str> {
    let [first_pairs, last_pairs] = &*BY_ENDS;
    let first = self::first(name).and_then(|pair| first_pairs.get(&pair));
    let last = self::last(name).and_then(|pair| last_pairs.get(&pair));
    let (length, own) = (name.len(), small(own));
    let all = first.into_iter().chain(last);
    all.flat_map(move |alike| alike.near(length, own))
}

/// True where two letters beside each other have changed places.
pub(super) fn exchanged(name: &str, other: &str) -> bool {
    let (a, b) = (name.as_bytes(), other.as_bytes());
    let Some(at) = a
        .iter()
        .zip(b)
        .position(|(x, y)| x != y)
        .filter(|_| a.len() == b.len())
    else {
        return false;
    };
    let pair = |bytes: &[u8]| Some((*bytes.get(at)?, *bytes.get(at + 1)?));
    let swapped = matches!((pair(a), pair(b)), (Some((w, x)), Some((y, z))) if (w, x) == (z, y));
    swapped && a.get(at + 2..) == b.get(at + 2..) && !a.get(at).is_some_and(u8::is_ascii_digit)
}

/// True for a slip of one keystroke that leaves no other number: that is another version, or another package.
fn slipped(name: &str, other: &str) -> bool {
    let part =
        |n: &str, digits: bool| -> Vec<u8> { n.bytes().filter(|b| b.is_ascii_digit() == digits).collect() };
    let sorted = |mut bytes: Vec<u8>| {
        bytes.sort_unstable();
        bytes
    };
    let exchanged = || sorted(part(name, true)) == sorted(part(other, true));
    super::found::one_keystroke(name, other) && (part(name, false) != part(other, false) || exchanged())
}

/// Names that nobody has, by the machine's name in place of the loader's own for it, and the right ones.
const WRONG: &[(&str, &str)] = &[
    ("grub-efi-aarch64", "grub-efi-arm64"),
    ("grub2-aarch64-efi", "grub2-arm64-efi"),
    ("grub2-amd64-efi", "grub2-x86_64-efi"),
    ("grub2-efi-aarch64", "grub2-efi-aa64"),
    ("grub2-efi-amd64", "grub2-efi-x64"),
    ("grub2-efi-arm64", "grub2-efi-aa64"),
    ("grub2-efi-x86", "grub2-efi-x64"),
    ("grub2-efi-x86-64", "grub2-efi-x64"),
    ("grub2-efi-x86_64", "grub2-efi-x64"),
    ("grub2-x64-efi", "grub2-x86_64-efi"),
    ("linux-image-aarch64", "linux-image-arm64"),
    ("shim-x86", "shim-x64"),
    ("shim-x86_64", "shim-x64"),
    ("shim-aarch64", "shim-aa64"),
];

/// The package that is likely meant by a name that is none; `own` are its letters, and `hashed` is `FxBuildHasher`'s.
pub(super) fn meant(name: &str, own: u64, hashed: u64) -> Option<&'static str> {
    // Most names are common ones.
    if COMMON_BY_HASH.find(hashed, |known| *known == name).is_some() {
        return None;
    }
    let own_name = |_| {
        ["patterns-", "linux-", "kernel-"]
            .iter()
            .any(|p| name.starts_with(p))
    };
    let other = |_: &&str| super::names::owner(name).is_none_or(own_name);
    if name.len() > 10
        && matches!(name.as_bytes(), [b'g' | b'l' | b's', ..])
        && let Some((_, right)) = WRONG.iter().find(|(wrong, _)| *wrong == name)
    {
        return Some(*right).filter(other);
    }
    // Most names end here.
    let alike = || alike(name, own);
    if name.len() < 5 || alike().next().is_none() || OTHERS.contains(&name) {
        return None;
    }
    // Names are told apart by the case of their letters: the one with capitals is meant.
    let meant = alike()
        .find(|other| other.eq_ignore_ascii_case(name))
        .or_else(|| near(name, alike()).filter(|other| slipped(name, other)));
    meant.filter(other)
}

/// Names of the view's packages may differ by capitals from what is meant.
pub(super) fn by_capitals(manager: &str) -> bool {
    matches!(manager, "zypper" | "dnf4" | "dnf5" | "microdnf")
}

/// A blank stands before or after an entry's name, which a build takes for a part of it.
pub(super) fn ends_blank(image: &Image, item: &Item) -> bool {
    let (name, at) = (item.name.value.as_str(), &item.name);
    let text = || image.files.get(at.file.0 as usize).map(|f| at.span.of(&f.text));
    at.span.len() as usize != name.len()
        && !name.is_empty()
        && text().is_some_and(|written| written != name && written.trim() == name)
}

/// A name that files of packages have.
pub(super) fn is_file(name: &str) -> bool {
    name.ends_with(".rpm") || name.ends_with(".deb")
}

/// What is no name of a package, for what it is instead.
fn no_name(name: &str) -> Option<(String, Option<&str>, &'static str)> {
    // Addresses and paths of packages are for some package managers to read.
    if name.contains(['/', '$', '{', '%', '(', '*', ' ']) {
        return None;
    }
    if name.contains([',', ';']) {
        let label = "one `<package>` for each name";
        return Some((format!("`{name}` are several names in one"), None, label));
    }
    if name.starts_with('@') && !name.ends_with('@') {
        let message = format!("`{name}` is a group of packages, and not a package");
        return Some((
            message,
            None,
            "`<namedCollection>` takes its name without the `@`",
        ));
    }
    let archive = [".tar.gz", ".tgz", ".tar.xz", ".tar.zst"]
        .iter()
        .any(|end| name.ends_with(end));
    let label = "`<archive>` takes an archive beside the description";
    archive.then(|| {
        (
            format!("`{name}` is the name of an archive, and not of a package"),
            None,
            label,
        )
    })
}

/// Judges the entries of all lists: a package's name has no blanks. One with a version that is compared may.
pub(super) fn blanks(whole: &Whole<'_>, found: &mut Found<'_>) {
    let catalog = &whole.catalog;
    let entries = catalog.blank.iter().flat_map(|first| catalog.same(*first));
    for (_, item) in entries.filter(|(_, i)| i.kind == ItemKind::Package) {
        let name = item.name.value.as_str();
        if let Some((message, meant, label)) = no_name(name) {
            found.instead("package-name", &item.name, message, meant, false, label);
            // What `dnf` is asked to install may be a group all the same.
            let dnf = || {
                super::scope::managers(whole.image)
                    .iter()
                    .all(|m| m.starts_with("dnf"))
            };
            if let Some(told) = found.last().filter(|_| name.starts_with('@') && dnf()) {
                told.severity = crate::diagnostic::Severity::Info;
                told.help =
                    Some("`dnf` installs the group, and what reads the lists misses a package".into());
            }
            continue;
        }
        if ends_blank(whole.image, item) {
            let message = format!("a blank stands at an end of `{name}`, and no package's name has one");
            found.instead("package-name", &item.name, message, Some(name), true, "");
            continue;
        }
        if is_file(name) && !name.contains(['/', '$']) {
            let message = format!("`{name}` is the name of a file, and no package's");
            let bare = name.rsplit_once('.').map(|(stem, _)| stem);
            let bare = bare.filter(|stem| !stem.contains(['.', '_']));
            let label = "the name without version and machine";
            found.instead("package-name", &item.name, message, bare, false, label);
            continue;
        }
        if !name.contains(' ') || name.contains(['<', '>', '=', '(', '$', '{', '"']) {
            continue;
        }
        let message = format!("`{name}` has a blank, and no package's name has one");
        let label = "one `<package>` for each name";
        let bare = Some(name.trim()).filter(|bare| !bare.contains(' '));
        found.instead("package-name", &item.name, message, bare, true, label);
    }
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    for (item, meant) in scope.misspelt() {
        let message = format!("`{}` is likely misspelt", item.name.value);
        found.instead("package-name", &item.name, message, Some(meant), false, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_keystroke_is_a_slip_and_another_number_is_not() {
        assert!(COMMON.is_sorted());
        for (name, right) in [
            ("opnessh-server", Some("openssh-server")),
            ("openssh-sever", Some("openssh-server")),
            ("kernel-defualt", Some("kernel-default")),
            ("kernel-cor", Some("kernel-core")),
            ("grub2-x86_64-eif", Some("grub2-x86_64-efi")),
            ("linux-image-amd46", Some("linux-image-amd64")),
            ("e2fsprog", Some("e2fsprogs")),
            ("apache3", None),
            ("openssh-server", None),
            ("vim-tiny", None),
            ("Networkmanager", Some("NetworkManager")),
            ("opensuse-release", Some("openSUSE-release")),
            ("kernell", Some("kernel")),
        ] {
            let hashed = FxBuildHasher.hash_one(name);
            assert_eq!(meant(name, letters(name.as_bytes()), hashed), right, "{name}");
        }
    }
}
