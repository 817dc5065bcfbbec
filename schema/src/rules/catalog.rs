//! All entries of the package lists, looked at once for all views: by name, and those that some rule may be about.
//! Lists may have a hundred thousand entries, and views may be sixty: what is asked of a view is asked of the few
//! entries that count. Judges nothing.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxHashMap, FxHashSet};

use super::found::{hash, letters};
use super::packages::Family;
use super::packages::misspelt;
use super::packages::names;
use super::packages::parts;
use super::scope::{managers, name};
use crate::description::model::{Filter, Image, Item, ItemKind};

/// The place of an entry among all of a description.
pub(super) type Place = u32;

/// A name that has a part which rules look for.
#[derive(Debug)]
pub(super) struct Notable {
    /// The first entry of that name.
    pub first: Place,
    /// Which parts, see `parts::mask`.
    pub parts: u16,
    /// The machine that a kernel or boot loader of that name is for.
    pub machine: Option<&'static str>,
}

/// All entries, in the order of the text.
#[derive(Debug)]
pub(super) struct Catalog<'a> {
    entries: Vec<&'a Item>,
    /// Where each section begins.
    starts: Vec<Place>,
    /// Of each name its first entry: small, so that a hundred thousand stay near the processor.
    firsts: HashTable<Place>,
    /// The other entries of names that have several, by the first.
    others: FxHashMap<Place, Vec<Place>>,
    /// Names of packages with parts that rules look for.
    pub notable: Vec<Notable>,
    /// Names of packages that a distribution may not have: the first entry of each.
    pub odd: Vec<Place>,
    /// Whose names the packages may have.
    families: Vec<Family>,
    /// Names of packages that are likely misspelt, with what is meant in a family.
    pub misspelt: Vec<(Place, Family, &'static str)>,
    /// Names of packages with a blank, those of files, and some others: the first entry of each.
    pub blank: Vec<Place>,
    /// Entries that are no packages.
    pub special: Vec<Place>,
    /// Entries for certain machines.
    pub filtered: Vec<Place>,
}

/// The bit of a blank, which some other letters share.
const BLANK: u64 = letters(b" ");

/// The bits of what stands between names, and before the name of a group.
const BETWEEN: u64 = letters(b",;@");

/// A mark of what is no name of a package: of a group, an archive, several names.
fn is_odd(name: &str, letters: u64) -> bool {
    match name.as_bytes() {
        [b'@', ..] | [.., b'g' | b'x', b'z'] | [.., b'z', b's', b't'] => true,
        all => letters & BETWEEN != 0 && all.iter().any(|b| matches!(b, b',' | b';')),
    }
}

impl<'a> Catalog<'a> {
    /// One walk over all entries.
    pub fn new(image: &'a Image) -> Self {
        let most = image.packages.iter().map(|s| s.items.len()).sum();
        let mut out = Self {
            entries: Vec::with_capacity(most),
            starts: Vec::with_capacity(image.packages.len()),
            firsts: HashTable::with_capacity(most),
            others: FxHashMap::default(),
            notable: Vec::new(),
            odd: Vec::new(),
            families: Family::of_all(&managers(image)),
            misspelt: Vec::new(),
            blank: Vec::new(),
            special: Vec::new(),
            filtered: Vec::new(),
        };
        for section in &image.packages {
            out.starts.push(out.entries.len() as Place);
            section.items.iter().for_each(|item| out.add(item));
        }
        // A name is noted as soon as one of its entries is a package.
        out.notable.sort_unstable_by_key(|n| n.first);
        out.notable.dedup_by_key(|n| n.first);
        out.odd.sort_unstable();
        out.odd.dedup();
        out.blank.sort_unstable();
        out.blank.dedup();
        out.misspelt.sort_by_key(|(first, ..)| *first);
        out.misspelt.dedup_by_key(|(first, family, _)| (*first, *family));
        out
    }

    fn add(&mut self, item: &'a Item) {
        let at = self.entries.len() as Place;
        let own = name(item);
        let hashed = hash(own);
        let entries = &self.entries;
        let known = |at: &Place| entries.get(*at as usize).map_or("", |i| name(i));
        let place = self
            .firsts
            .entry(hashed, |at| known(at) == own, |at| hash(known(at)));
        let first = match place {
            Entry::Occupied(first) => {
                let first = *first.get();
                self.others.entry(first).or_default().push(at);
                first
            }
            Entry::Vacant(place) => {
                place.insert(at);
                at
            }
        };
        self.entries.push(item);
        if !item.filter().arches.is_empty() {
            self.filtered.push(at);
        }
        if item.kind != ItemKind::Package {
            self.special.push(at);
            return;
        }
        // A blank at an end, which the name does not have here.
        if item.name.span.len() as usize != own.len() {
            self.blank.push(first);
        }
        // What the first entry has been told of holds for the others, unless that was no package.
        if first != at && self.item(first).is_some_and(|i| i.kind == ItemKind::Package) {
            return;
        }
        let letters = letters(own.as_bytes());
        let parts = parts::mask(own);
        if parts != 0 {
            self.notable.push(Notable {
                first,
                parts,
                machine: super::packages::machines::machine(own),
            });
        }
        if names::concerns(own, hashed, letters) {
            self.odd.push(first);
        }
        if letters & BLANK != 0 || misspelt::is_file(own) || is_odd(own, letters) {
            self.blank.push(first);
        }
        for family in &self.families {
            if let Some(meant) = misspelt::meant(own, letters, *family) {
                self.misspelt.push((first, *family, meant));
            }
        }
    }

    /// The entry at a place.
    pub fn item(&self, at: Place) -> Option<&'a Item> {
        self.entries.get(at as usize).copied()
    }

    /// The number of the section that an entry stands in.
    pub fn section(&self, at: Place) -> usize {
        self.starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// The first entry of a name.
    pub fn first(&self, of: &str) -> Option<Place> {
        let same = |at: &Place| self.item(*at).is_some_and(|i| name(i) == of);
        self.firsts.find(hash(of), same).copied()
    }

    /// A name's entries in the order of the text, by the first of them.
    pub fn same(&self, first: Place) -> impl Iterator<Item = (Place, &'a Item)> + '_ {
        let others = self.others.get(&first).map_or(&[][..], Vec::as_slice);
        let all = std::iter::once(first).chain(others.iter().copied());
        all.filter_map(|at| Some((at, self.item(at)?)))
    }

    /// The names that have several entries, by their first.
    pub fn repeated(&self) -> impl Iterator<Item = Place> + '_ {
        self.others.keys().copied()
    }

    /// All entries with their places: a walk over a list that may be long.
    pub fn all(&self) -> impl Iterator<Item = (Place, &'a Item)> + '_ {
        (0..).zip(self.entries.iter().copied())
    }
}

/// Entries that may be there besides what is installed, the same for all views: packages of profiles that no
/// `<type>` asks for, which are there to be combined with others, and such as are not installed because of another
/// fault.
#[derive(Debug)]
pub(super) struct Besides {
    /// The profiles are chosen: none comes besides.
    pub chosen: bool,
    /// By section.
    sections: Vec<bool>,
    /// The sections for a type that nobody builds.
    pub absent: Vec<bool>,
    entries: FxHashSet<Place>,
}

/// The profiles that have an image of their own.
pub(super) fn typed(image: &Image) -> FxHashSet<&str> {
    let with_types = image.preferences.iter().filter(|p| !p.types.is_empty());
    let profiles = with_types.flat_map(|p| &p.filter.profiles);
    profiles.map(|p| p.value.as_str()).collect()
}

impl Besides {
    /// A profile that has no image of its own, and that may be chosen besides, brings one of these sections.
    pub fn brings<'f>(&self, image: &Image, filters: impl Iterator<Item = &'f Filter>) -> bool {
        if self.chosen {
            return false;
        }
        let typed = typed(image);
        let mut profiles = filters.flat_map(|f| &f.profiles);
        profiles.any(|p| !typed.contains(p.value.as_str()))
    }

    /// Those of a description; `chosen` where the profiles are.
    pub fn new(image: &Image, catalog: &Catalog<'_>, chosen: bool) -> Self {
        let typed = typed(image);
        // What profiles require is not there to be combined by hand: one that forgot to require it lacks it. Where a type
        // is active with every profile, that may be meant all the same.
        let always = image
            .preferences
            .iter()
            .any(|p| !p.types.is_empty() && p.filter.profiles.is_empty());
        let mut required: FxHashSet<&str> = FxHashSet::default();
        let requiring = || {
            image
                .profiles
                .iter()
                .filter(|p| !always && !p.requires.is_empty())
        };
        let mut more = true;
        while std::mem::take(&mut more) {
            for profile in requiring() {
                let own = profile.name.value.as_str();
                if typed.contains(own) || required.contains(own) {
                    for (name, _) in &profile.requires {
                        more |= required.insert(name.value.as_str());
                    }
                }
            }
        }
        // Of one that nobody requires, where others are, the same is true.
        let left_out = (!required.is_empty()).then(|| super::views::unrequired::left_out(image, &typed));
        required.extend(left_out.flatten().map(|p| p.name.value.as_str()));
        let absent: Vec<bool> = super::views::absent_types(image);
        let sections = image.packages.iter().zip(&absent).map(|(section, absent)| {
            let profiles = &section.filter.profiles;
            let added = !chosen
                && !super::packages::removes(section)
                && profiles
                    .iter()
                    .map(|p| p.value.as_str())
                    .any(|p| !typed.contains(p) && !required.contains(p));
            // A list for a type that nobody builds is the fault; what it names is not missing besides.
            added || *absent
        });
        let sections = sections.collect();
        // What counts for the wrong machine is told as that, and is not missing besides.
        let odd = |item: &Item| {
            super::machines::is_misnamed(item)
                || super::packages::machines::misfiltered_machine(item).is_some()
        };
        let filtered = catalog.filtered.iter().copied();
        let entries = filtered.filter(|&at| catalog.item(at).is_some_and(odd));
        Self {
            chosen,
            sections,
            absent,
            entries: entries.collect(),
        }
    }

    /// True where the entry, in that section, may be there.
    pub fn has(&self, at: Place, section: usize) -> bool {
        self.sections.get(section).copied().unwrap_or(false) || self.entries.contains(&at)
    }

    /// The same where `active` says that the section counts: then only what is told otherwise may be there besides.
    pub fn has_with(&self, at: Place, section: usize, active: bool) -> bool {
        self.entries.contains(&at) || !active && self.has(at, section)
    }
}
