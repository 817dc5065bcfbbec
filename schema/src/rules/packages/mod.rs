//! Package lists judged by name alone: what is named twice or against another list, and what has to come first. What an
//! image needs to boot is judged in `boot::kernels` and `boot::tools`. Asks no repository.

mod board_lists;
pub(super) mod conflicts;
pub(super) mod file_entries;
pub(super) mod foreign;
mod leaves;
mod list_owners;
pub(super) mod lists;
pub(super) mod locale_packages;
pub(super) mod machines;
pub(super) mod manager_kin;
pub(super) mod misspelt;
pub(super) mod name_tables;
pub(super) mod names;
pub(super) mod never_installed;
pub(super) mod offers;
pub(super) mod parts;
pub(super) mod pythons;
pub(super) mod removed;
mod required_parts;
pub(super) mod requirements;
mod short_names;
pub(super) mod special_entries;
pub(super) mod themes;
mod two_slips;
pub(super) mod unheeded;
pub(super) mod weights;

use std::borrow::Cow;
use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::description::PackageKind;
use crate::description::model::{At, Image, Item, ItemKind, Packages};
use crate::rules::boot::kernels;
use crate::rules::boot::tools;
use crate::rules::found::Found;
use crate::rules::scope::{Scope, name};
use crate::rules::whole::Whole;
use crate::rules::words;

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    board_lists::judge(image, found);
    let fits = OnceCell::new();
    let items = image.packages.iter().flat_map(|s| &s.items);
    for (item, machine) in items.filter_map(|i| Some((i, machines::misfiltered_machine(i)?))) {
        let named: Vec<&str> = item.filter().arches.iter().map(|a| a.value.trim()).collect();
        let message = format!(
            "`{}` is for `{machine}`, and counts only for {}",
            item.name.value,
            words(&named, "and")
        );
        let code = "package-for-other-machine";
        match item.filter().arches.as_slice() {
            // Another is listed for that machine: it is the machine which is wrong.
            [at] if beside(image, item, machine) => {
                found.instead(code, at, message, Some(machine), false, "");
            }
            [at] if counterpart(image, item, at).unwrap_or_else(|| {
                let fits = fits.get_or_init(|| fitting(image));
                fits.contains(&(kind(item), at.value.trim()))
            }) =>
            {
                found.instead(code, at, message, Some(machine), false, "");
            }
            arches => {
                let meant = arches.first().filter(|_| arches.len() == 1);
                let meant = meant.and_then(|at| machines::for_other(&item.name.value, at.value.trim()));
                let label = "does not start this machine";
                found.instead(code, &item.name, message, meant.as_deref(), false, label);
            }
        }
    }
}

/// The kind of a kernel or boot loader: how its name begins.
fn kind(item: &Item) -> &str {
    let name = item.name.value.as_str();
    name.split(['-', '2']).next().unwrap_or(name)
}

/// All others of its list that are for one machine are for the one that its name says, and there are several.
fn beside(image: &Image, item: &Item, machine: &str) -> bool {
    let place = |i: &&Item| std::ptr::eq(*i, item);
    let mut lists = image
        .packages
        .iter()
        .filter(|s| s.items.iter().any(|i| place(&i)));
    let others = lists
        .next()
        .into_iter()
        .flat_map(|s| &s.items)
        .filter(|i| !place(i));
    let mut arches = others.flat_map(|i| &i.filter().arches).peekable();
    let mut count = 0_usize;
    arches.all(|a| {
        count += 1;
        a.value == machine
    }) && count > 1
}

/// What this package is called for the machine that it counts for is listed too; none where it is called nothing there.
fn counterpart(image: &Image, item: &Item, machine: &At) -> Option<bool> {
    let other = machines::for_other(&item.name.value, machine.value.trim())?;
    let mut items = image.packages.iter().flat_map(|s| &s.items);
    Some(items.any(|i| i.name.value == other.as_str()))
}

/// What is listed for a machine that it is for by its name: its kind, and the machine.
fn fitting(image: &Image) -> FxHashSet<(&str, &'static str)> {
    let items = image.packages.iter().flat_map(|s| &s.items);
    let fits = items.filter_map(|item| {
        let machine = machines::machine(&item.name.value)?;
        let mut arches = item.filter().arches.iter();
        arches
            .any(|a| a.value.trim() == machine)
            .then(|| (kind(item), machine))
    });
    fits.collect()
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if !kernels::view(scope, found) {
        tools::view(scope, found);
    }
    bootstrap(scope, found);
}

/// The same item twice in lists of one kind that count under the same conditions.
pub(in crate::rules) fn duplicates(scope: &Whole<'_>, found: &mut Found<'_>) {
    let catalog = &scope.catalog;
    let mut told: FxHashMap<_, Vec<&Item>> = FxHashMap::default();
    for first in catalog.repeated() {
        told.clear();
        for (at, item) in catalog.same(first) {
            // The same archive or file may be put into two places.
            let listed = matches!(
                item.kind,
                ItemKind::Package | ItemKind::Collection | ItemKind::Product | ItemKind::Ignore
            );
            let Some(section) = scope.image.packages.get(catalog.section(at)) else {
                continue;
            };
            let other = || misspelt::ends_blank(scope.image, item);
            if !listed || name(item).is_empty() || other() {
                continue;
            }
            let under = (
                section.kind.value.trim(),
                item.kind,
                list(&section.filter.profiles),
            );
            let before = told.entry(under).or_default();
            match before.iter().find(|first| covers(first, item)) {
                Some(first) => again(item, first, found),
                None => before.push(item),
            }
        }
    }
}

/// Profiles as one word, in whatever order they are named.
fn list(of: &[At]) -> Cow<'_, str> {
    match of {
        [] => Cow::Borrowed(""),
        [one] => Cow::Borrowed(one.value.as_str()),
        several => {
            let mut names: Vec<&str> = several.iter().map(|a| a.value.as_str()).collect();
            names.sort_unstable();
            Cow::Owned(names.join(","))
        }
    }
}

/// An entry is for all the machines that another is for.
fn covers(first: &Item, other: &Item) -> bool {
    let (first, other) = (&first.filter().arches, &other.filter().arches);
    let same = |a: &At| first.iter().any(|b| b.value == a.value);
    first.is_empty() || !other.is_empty() && other.iter().all(same)
}

/// Tells that an entry repeats another.
fn again(item: &Item, first: &Item, found: &mut Found<'_>) {
    let message = format!("`{}` is listed twice", name(item));
    // Not certain: the second may have been meant to be another one.
    let fix = found.remove(item, false);
    let told = found.pair(
        "duplicate-package",
        &item.name,
        message,
        "again",
        &first.name,
        "first listed here",
    );
    if let Some(told) = told {
        told.fixes.extend(fix);
        // The same in all is installed once, which is what is meant.
        if alike(item, first) {
            told.severity = crate::diagnostic::Severity::Info;
        } else {
            told.help = Some("the first entry counts for all machines that the second is for".into());
        }
    }
}

/// Entries that count for the same machines.
fn alike(item: &Item, other: &Item) -> bool {
    covers(item, other) && covers(other, item)
}

/// A family of distributions, by the package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Family {
    Suse,
    RedHat,
    Debian,
    Arch,
    Alpine,
}

impl Family {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// The one whose package manager is called so.
    pub fn of(manager: &str) -> Option<Self> {
        match manager {
            "zypper" => Some(Self::Suse),
            "apt" => Some(Self::Debian),
            "pacman" => Some(Self::Arch),
            "apk" => Some(Self::Alpine),
            "dnf4" | "dnf5" | "microdnf" => Some(Self::RedHat),
            _ => None,
        }
    }

    /// Each that one of these package managers is of, and the one of KIWI's own where they are of none.
    pub fn of_all(managers: &[&str]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for manager in managers {
            let family = Self::of(manager.trim()).unwrap_or(Self::RedHat);
            if !all.contains(&family) {
                all.push(family);
            }
        }
        if all.is_empty() {
            all.push(Self::RedHat);
        }
        all
    }
}

pub(in crate::rules) fn family(scope: &Scope<'_>) -> Family {
    Family::of(scope.manager).unwrap_or(Family::RedHat)
}

/// Groups and patterns of the smallest system, which has neither a kernel nor a boot loader.
const SMALLEST: &[&str] = &["core", "minimal_base"];

/// True where what is named may bring more than its name says: patterns, groups, products.
pub(in crate::rules) fn open_ended(scope: &Scope<'_>) -> bool {
    scope.brings(is_open_ended)
}

fn is_open_ended(item: &Item) -> bool {
    match item.group() {
        Some(group) => !SMALLEST.contains(&group),
        None => item.kind == ItemKind::Product,
    }
}

/// A list of what a build takes away again.
pub(in crate::rules) fn removes(section: &Packages) -> bool {
    matches!(section.kind.value.trim(), "delete" | "uninstall")
}

/// A pattern of SUSE's other than that of the smallest system may bring more than its name says.
pub(in crate::rules) fn patterns(scope: &Scope<'_>) -> bool {
    scope.starting("patterns-").any(is_pattern)
}

fn is_pattern(package: &str) -> bool {
    package.starts_with("patterns-") && !package.ends_with("-minimal_base")
}

/// Packages to install, and none to start with.
fn bootstrap(scope: &Scope<'_>, found: &mut Found<'_>) {
    let none = |kind| scope.special(PackageKind::Bootstrap, kind).next().is_none();
    // A section that is there says that its author knows: it may name nothing of its own.
    let given = scope
        .view
        .image
        .packages
        .iter()
        .any(|s| s.kind.value.trim() == "bootstrap");
    if given {
        return;
    }
    let empty =
        !scope.has_list(PackageKind::Bootstrap) && none(ItemKind::Collection) && none(ItemKind::Product);
    let ready = scope.kind().attrs.at("derived_from").is_some() || !none(ItemKind::Archive);
    let named = scope
        .view
        .image
        .packages
        .iter()
        .any(|s| s.element.attrs.at("bootstrap_package").is_some());
    let boot = scope
        .view
        .image
        .description
        .as_ref()
        .and_then(|d| d.attrs.get("type"))
        == Some("boot");
    if empty && !ready && !named && !boot && scope.type_has_packages() {
        let message = "no `<packages type=\"bootstrap\">` is active".to_owned();
        if let Some(list) = beginning(scope.view.image) {
            found.instead(
                "missing-bootstrap",
                &list.kind,
                message,
                Some("bootstrap"),
                false,
                "",
            );
            return;
        }
        let label = "the package manager and what it needs have to come first";
        found.once(
            "missing-bootstrap",
            "",
            &scope.view.image_type.image,
            message,
            label,
        );
    }
}

/// Of several lists for all images the one with what every system begins with, as one to start with has it.
fn beginning(image: &Image) -> Option<&Packages> {
    const FIRST: &[&str] = &[
        "filesystem",
        "basesystem",
        "base-files",
        "alpine-base",
        "alpine-baselayout",
    ];
    let filter = |s: &Packages| {
        (
            list(&s.filter.profiles).into_owned(),
            list(&s.filter.arches).into_owned(),
        )
    };
    let of_all = |s: &&Packages| s.kind.value.trim() == "image";
    let mut lists = image.packages.iter().filter(of_all);
    let begins = |s: &&Packages| {
        s.items
            .iter()
            .any(|i| i.kind == ItemKind::Package && FIRST.contains(&name(i)))
    };
    let first = lists.clone().find(begins)?;
    lists
        .any(|other| !std::ptr::eq(other, first) && filter(other) == filter(first))
        .then_some(first)
}
