//! Names of packages that are one keystroke from one that images of the family have, and that no package is known to
//! have. Asks no repository.

use super::Family;
use crate::description::model::{Image, Item, ItemKind};
use crate::rules::boot::dracut_modules;
use crate::rules::found::{Found, letters};
use crate::rules::scope::Scope;
use crate::rules::whole::Whole;

/// True where two letters beside each other have changed places.
pub(in crate::rules) fn exchanged(name: &str, other: &str) -> bool {
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

/// Names that nobody has, by the machine's name in place of the loader's own for it, and the right ones; GRUB's are
/// Red Hat's or Debian's here.
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
    ("kernel-generic", "kernel-default"),
    ("kernel-realtime", "kernel-rt"),
    ("kernel-standard", "kernel-default"),
    ("linux-image-aarch64", "linux-image-arm64"),
    ("shim-x86", "shim-x64"),
    ("shim-x86_64", "shim-x64"),
    ("shim-aarch64", "shim-aa64"),
    ("shim-arm64", "shim-aa64"),
];

/// The package of a family that is likely meant by a name that is none; `own` are its letters.
pub(in crate::rules) fn meant(name: &str, own: u64, family: Family) -> Option<&'static str> {
    // Most names end here.
    if super::lists::has(name, family) {
        return None;
    }
    let wrong = || {
        let some = name.len() > 7 && matches!(name.as_bytes(), [b'g' | b'k' | b'l' | b's', ..]);
        let row = WRONG.iter().filter(|_| some).find(|(wrong, _)| *wrong == name);
        row.map(|(_, right)| match (family, *right) {
            (Family::RedHat, "kernel-default" | "kernel-rt") => "kernel",
            (Family::Suse, "grub2-efi-x64" | "grub-efi-amd64") => "grub2-x86_64-efi",
            (Family::Suse, "grub2-efi-aa64" | "grub-efi-arm64") => "grub2-arm64-efi",
            (_, right) => right,
        })
    };
    // What begins as names of another family is that one's.
    let own_name = |of| {
        let starts = ["patterns-", "linux-", "kernel-"];
        of == family || starts.iter().any(|start| name.starts_with(start))
    };
    let meant = wrong()
        .or_else(|| module(name))
        .or_else(|| super::lists::slip(name, own, family))
        .or_else(|| super::lists::reordered(name, own, family))
        .or_else(|| super::two_slips::slip(name, own, family));
    meant.filter(|_| super::names::owner(name).is_none_or(own_name))
}

/// One of KIWI's modules for dracut that is meant by a name which has more or less than it.
fn module(name: &str) -> Option<&'static str> {
    let known = || dracut_modules::known();
    let tail = name
        .strip_prefix(dracut_modules::PREFIX)
        .filter(|own| known().all(|(_, module)| module != *own))?;
    let is =
        |module: &str| tail.starts_with(module) || module.replace('-', "") == tail.replace(['-', '_'], "");
    known().find(|(_, module)| is(module)).map(|(name, _)| name)
}

/// The packages that are likely meant by any names of the lists.
pub(in crate::rules) fn all_meant(image: &Image) -> Vec<&'static str> {
    let families = Family::of_all(&crate::rules::scope::managers(image));
    let items = crate::rules::files::items(image).filter(|i| i.kind == ItemKind::Package);
    let of_item = |item: &Item| {
        let (name, own) = (&*item.name.value, letters(item.name.value.as_bytes()));
        let renamed = |family: &Family| match super::names::foreign(name, *family) {
            Some(super::names::Foreign::Called(own)) => Some(own),
            _ => None,
        };
        let of = |family: &Family| meant(name, own, *family).or_else(|| renamed(family));
        families.iter().find_map(of)
    };
    items.filter_map(of_item).collect()
}

/// Names of the view's packages may differ by capitals from what is meant.
pub(in crate::rules) fn by_capitals(manager: &str) -> bool {
    matches!(manager, "zypper" | "dnf4" | "dnf5" | "microdnf")
}

/// A blank stands before or after an entry's name, which a build takes for a part of it.
pub(in crate::rules) fn ends_blank(image: &Image, item: &Item) -> bool {
    let (name, at) = (item.name.value.as_str(), &item.name);
    let text = || image.files.get(at.file.0 as usize).map(|f| at.span.of(&f.text));
    at.span.len() as usize != name.len()
        && !name.is_empty()
        && text().is_some_and(|written| written != name && written.trim() == name)
}

/// A name that files of packages have.
pub(in crate::rules) fn is_file(name: &str) -> bool {
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
pub(in crate::rules) fn blanks(whole: &Whole<'_>, found: &mut Found<'_>) {
    let catalog = &whole.catalog;
    let entries = catalog.blank.iter().flat_map(|first| catalog.same(*first));
    for (_, item) in entries.filter(|(_, i)| i.kind == ItemKind::Package) {
        let name = item.name.value.as_str();
        if let Some((message, meant, label)) = no_name(name) {
            found.instead("package-name", &item.name, message, meant, false, label);
            // What `dnf` is asked to install may be a group all the same.
            let dnf = || {
                crate::rules::scope::managers(whole.image)
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

/// Judges the entries that count for machines alone which no view is of: of these no view tells anything.
pub(in crate::rules) fn elsewhere(whole: &Whole<'_>, found: &mut Found<'_>) {
    if whole.catalog.misspelt.is_empty() {
        return;
    }
    let image = whole.image;
    let families = Family::of_all(&crate::rules::scope::managers(image));
    let viewed = super::machines::to_judge(image, &whole.catalog);
    let judged = |arch: &str| viewed.contains(&arch);
    for (first, family, meant) in &whole.catalog.misspelt {
        let entries = whole.catalog.same(*first).map(|(_, item)| item);
        let other = |item: &&Item| {
            let arches = &item.filter().arches;
            !arches.is_empty() && !arches.iter().any(|a| judged(a.value.trim()))
        };
        for item in entries.filter(other).filter(|_| families.contains(family)) {
            let message = format!("`{}` is likely misspelt", item.name.value);
            found.instead("package-name", &item.name, message, Some(meant), false, "");
        }
    }
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
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
        for (name, family, right) in [
            ("opnessh-server", Family::Debian, Some("openssh-server")),
            ("openssh-sever", Family::RedHat, Some("openssh-server")),
            ("kernel-defualt", Family::Suse, Some("kernel-default")),
            ("kernel-cor", Family::RedHat, Some("kernel-core")),
            ("grub2-x86_64-eif", Family::Suse, Some("grub2-x86_64-efi")),
            ("linux-image-amd46", Family::Debian, Some("linux-image-amd64")),
            ("e2fsprog", Family::Arch, Some("e2fsprogs")),
            ("apache3", Family::Suse, None),
            ("openssh-server", Family::Debian, None),
            ("vim-tiny", Family::Debian, None),
            ("Networkmanager", Family::RedHat, Some("NetworkManager")),
            ("opensuse-release", Family::Suse, Some("openSUSE-release")),
            ("kernell", Family::RedHat, Some("kernel")),
            ("kernell", Family::Arch, None),
            ("grub2-efi-x86_64", Family::RedHat, Some("grub2-efi-x64")),
            ("grub2-efi-x86_64", Family::Suse, Some("grub2-x86_64-efi")),
            ("yast2-netwrok", Family::Suse, Some("yast2-network")),
            ("yast2-netwrok", Family::Debian, None),
            // It may be `python-devel` or `python3-devel`.
            ("pythond-devel", Family::Suse, None),
            ("grubb", Family::RedHat, Some("grubby")),
        ] {
            assert_eq!(meant(name, letters(name.as_bytes()), family), right, "{name}");
        }
    }
}
