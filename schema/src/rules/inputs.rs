//! What a rule looks at in a view, so that views which are alike in it are judged once: a description of a dozen
//! profiles, types and machines has scores of views, and most rules see but a few different ones.
//! Numbers sections; judges nothing.

use std::ptr;

use rustc_hash::FxHashSet;

use super::conditions::{Conditions, Group, has};
use super::whole::Whole;
use crate::description::model::{Element, Image, ImageType, Preferences, Str};
use crate::description::{PackageKind, View};

/// A set of what there is to look at: the bits that its numbers have among those of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inputs(u64);

impl Inputs {
    /// The chosen type's element.
    pub const KIND: Self = Self::at(0);
    /// The active preferences with all their types.
    pub const PREFERENCES: Self = Self::at(1);
    /// The lists of packages.
    pub const PACKAGES: Self = Self::at(2);
    /// The active accounts.
    pub const USERS: Self = Self::at(3);
    /// The active repositories.
    pub const REPOSITORIES: Self = Self::at(4);
    /// The active containers.
    pub const CONTAINERS: Self = Self::at(5);
    /// Whether the machine is a PC, and which volumes are for it.
    pub const MACHINE: Self = Self::at(6);
    /// The machine by its name.
    pub const ARCH: Self = Self::at(7);
    /// The package manager that is named first.
    pub const MANAGER: Self = Self::at(8);
    /// The release and the version that are named first.
    pub const RELEASE: Self = Self::at(9);

    const fn at(place: usize) -> Self {
        Self(NUMBER << (BITS * place))
    }

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// How many there are.
const INPUTS: usize = 10;

/// The bits of one number: there are never more views than `choices::MOST_VIEWS`.
const BITS: usize = 6;

/// The bits of the first number.
const NUMBER: u64 = (1 << BITS) - 1;

/// What a view has of each input, as a number that only views with the same have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers(u64);

impl Numbers {
    /// Of the numbers in the order of `Inputs`.
    fn new(numbers: [u8; INPUTS]) -> Self {
        let all = numbers.iter().enumerate();
        Self(all.fold(0, |key, (at, n)| key | (u64::from(*n) & NUMBER) << (BITS * at)))
    }

    /// What the view has of these inputs.
    pub fn key(self, of: Inputs) -> u64 {
        self.0 & of.0
    }

    /// The number of the lists of packages.
    pub fn packages(self) -> usize {
        self.number(2)
    }

    /// The number of the active repositories.
    pub fn repositories(self) -> usize {
        self.number(4)
    }

    /// By the place in the order of `Inputs`.
    fn number(self, at: usize) -> usize {
        (self.0 >> (BITS * at) & NUMBER) as usize
    }
}

/// The views that differ in what a rule looks at, the first of each kind.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// By their places.
    pub views: Vec<usize>,
    keys: Vec<u64>,
}

/// No key: it has bits that no number has.
const NO_KEY: u64 = u64::MAX;

impl Distinct {
    /// From now on those of views that have these numbers, for a rule that looks at `inputs`.
    pub fn of(&mut self, numbers: &[Numbers], inputs: Inputs) {
        self.views.clear();
        self.keys.clear();
        // Of each key that has been met, by a part of its product, one that shares it.
        let mut met = [NO_KEY; 1 << BITS];
        for (at, own) in numbers.iter().enumerate() {
            let key = own.key(inputs);
            // The multiplier of Fibonacci hashing.
            let slot = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS as usize - BITS);
            let Some(met) = met.get_mut(slot as usize) else {
                continue;
            };
            if *met == key || *met != NO_KEY && self.keys.contains(&key) {
                continue;
            }
            *met = key;
            self.keys.push(key);
            self.views.push(at);
        }
    }
}

/// Gives the same number for the same content.
#[derive(Debug)]
struct Met<T>(Vec<T>);

impl<T> Met<T> {
    /// The number of a content, and whether it is a new one, which is made only then.
    fn number(&mut self, same: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> (u8, bool) {
        let known = self.0.iter().position(same);
        let at = known.unwrap_or_else(|| {
            self.0.push(make());
            self.0.len() - 1
        });
        (at as u8, known.is_none())
    }
}

impl<T: PartialEq + Clone> Met<T> {
    fn number_of(&mut self, one: &T) -> u8 {
        self.number(|known| known == one, || one.clone()).0
    }
}

/// So many items for certain machines are looked at in each view; where there are more, each machine has lists of its own.
const MOST_FILTERED: usize = 256;

/// The contents met so far.
#[derive(Debug)]
pub(super) struct Numbering<'a> {
    /// What each section of packages is called, and which list it makes up whatever is built.
    named: Vec<(&'a str, Option<PackageKind>)>,
    /// By the types that have sections of their own, and for all others: which sections make up a list.
    listed: Vec<(&'a str, Vec<u64>)>,
    /// The sections of items for certain machines only.
    filtered: Vec<usize>,
    /// There are more of them than it pays to look at in each view.
    items_by_arch: bool,
    /// Some volume is.
    volumes_by_arch: bool,
    /// When sections are active.
    conditions: Conditions<'a>,
    /// Preferences, users, repositories and containers.
    groups: [Group; 4],
    packages: Group,
    /// Items for certain machines.
    items: Group,
    /// Of each preferences their package manager, release and version.
    settings: Vec<[*const Element; 3]>,
    kinds: Met<*const ImageType>,
    arches: Met<Str>,
    managers: Met<*const Element>,
    releases: Met<[*const Element; 2]>,
    sections: [Met<Vec<u64>>; 4],
    /// Which sections make up lists, which of the items for certain machines they have, and whether the machine is sure.
    lists: Met<Vec<u64>>,
    /// The same of what is looked at.
    own: Vec<u64>,
}

/// What a choice of profiles and machine has, whichever of its types is built; which lists are active is kept in
/// the numbering until the next choice.
#[derive(Debug)]
pub(super) struct Chosen {
    arch: u8,
    machine: u8,
    manager: u8,
    release: u8,
    sure: bool,
    /// Preferences, users, repositories, containers.
    sections: [u8; 4],
}

/// Which list a section makes up; none for the lists of one type.
fn list(kind: &str) -> Option<PackageKind> {
    match kind {
        "bootstrap" => Some(PackageKind::Bootstrap),
        "image" => Some(PackageKind::System),
        "delete" => Some(PackageKind::Delete),
        "uninstall" => Some(PackageKind::Uninstall),
        "systemfiles" => Some(PackageKind::SystemFiles),
        _ => None,
    }
}

/// The package manager, release and version that preferences name.
fn settings(of: &Preferences) -> [*const Element; 3] {
    ["packagemanager", "release-version", "version"]
        .map(|name| of.element.child(name).map_or(ptr::null(), ptr::from_ref))
}

/// The types that may have sections of their own.
const TYPES: &[&str] = &["docker", "oci", "iso", "oem", "pxe", "kis"];

/// Of each type that has sections of its own, and at last of all others, which sections make up a list: a bit for each.
fn listed<'a>(named: &[(&'a str, Option<PackageKind>)]) -> Vec<(&'a str, Vec<u64>)> {
    let mut out: Vec<(&str, Vec<u64>)> = Vec::new();
    let typed = named.iter().filter(|(_, list)| list.is_none());
    let mut met = FxHashSet::default();
    let typed = typed
        .map(|(name, _)| *name)
        .filter(|name| TYPES.contains(name) && met.insert(*name));
    for name in typed.chain([""]) {
        let words = named.chunks(u64::BITS as usize).map(|sections| {
            let listed = |(at, (own, list)): (usize, &(&str, Option<PackageKind>))| {
                u64::from(list.is_some() || *own == name) << at
            };
            sections.iter().enumerate().map(listed).sum()
        });
        out.push((name, words.collect()));
    }
    out
}

impl<'a> Numbering<'a> {
    pub fn new(whole: &Whole<'a>) -> Self {
        let image = whole.image;
        let mut types = image.preferences.iter().flat_map(|p| &p.types);
        let volumes_by_arch = types.any(|t| {
            let disks = t.element.all("systemdisk");
            let mut volumes = disks.flat_map(|d| &d.children);
            volumes.any(|v| v.attrs.at("arch").is_some())
        });
        let catalog = &whole.catalog;
        let items_by_arch = catalog.filtered.len() > MOST_FILTERED;
        let filtered = || catalog.filtered.iter().filter(|_| !items_by_arch);
        let named: Vec<_> = image
            .packages
            .iter()
            .map(|section| section.kind.value.trim())
            .map(|name| (name, list(name)))
            .collect();
        let mut conditions = Conditions::default();
        Self {
            groups: [
                conditions.add(image.preferences.iter().map(|p| &p.filter)),
                conditions.add(image.users.iter().map(|u| &u.filter)),
                conditions.add(image.repositories.iter().map(|r| &r.filter)),
                conditions.add(image.containers.iter().map(|c| &c.filter)),
            ],
            packages: conditions.add(image.packages.iter().map(|p| &p.filter)),
            items: conditions.add(filtered().filter_map(|at| Some(catalog.item(*at)?.filter()))),
            conditions,
            settings: image.preferences.iter().map(settings).collect(),
            listed: listed(&named),
            named,
            filtered: filtered().map(|at| catalog.section(*at)).collect(),
            items_by_arch,
            volumes_by_arch,
            kinds: Met(Vec::new()),
            arches: Met(Vec::new()),
            managers: Met(Vec::new()),
            releases: Met(Vec::new()),
            sections: [const { Met(Vec::new()) }; 4],
            lists: Met(Vec::new()),
            own: Vec::new(),
        }
    }

    /// From now on this is chosen. The preferences that are active then.
    pub fn activate(&mut self, image: &'a Image, profiles: &[Str], arch: &Str) -> Vec<&'a Preferences> {
        self.conditions.choose(profiles, arch);
        let [preferences, ..] = &self.groups;
        self.conditions
            .active(preferences, image.preferences.iter())
            .collect()
    }

    /// The numbers of what is chosen; `sure` where its machine is not merely assumed.
    pub fn choose(&mut self, arch: &Str, sure: bool) -> Chosen {
        let conditions = &self.conditions;
        let mut sections = [0; 4];
        for ((met, number), group) in self.sections.iter_mut().zip(&mut sections).zip(&self.groups) {
            let words = conditions.words(group);
            *number = met.number(|known| known == words, || words.to_vec()).0;
        }
        // Of the first preferences that are active and have it.
        let mut first: [*const Element; 3] = [ptr::null(); 3];
        let [preferences, ..] = &self.groups;
        for own in conditions.active(preferences, self.settings.iter()) {
            let unset = first.iter_mut().zip(own).filter(|(first, _)| first.is_null());
            unset.for_each(|(first, own)| *first = *own);
        }
        let arch_number = self.arches.number_of(arch);
        let [manager, release, version] = first;
        Chosen {
            arch: arch_number,
            sure,
            manager: self.managers.number_of(&manager),
            release: self.releases.number_of(&[release, version]),
            machine: if self.volumes_by_arch {
                2 + arch_number
            } else {
                u8::from(super::scope::is_pc(arch))
            },
            sections,
        }
    }

    /// The numbers of one view of what is chosen, and where its lists are new ones which they are.
    pub fn of(&mut self, chosen: &Chosen, view: &View<'a>) -> (Numbers, Option<Vec<Option<PackageKind>>>) {
        let kind = self.kinds.number_of(&ptr::from_ref(view.image_type));
        let own = view.image_type.image.value.trim();
        let listed = self.listed.iter().find(|(name, _)| *name == own);
        let listed = listed.or(self.listed.last()).map_or(&[][..], |(_, words)| words);
        let machine = if self.items_by_arch { chosen.arch } else { 0 };
        self.own.clear();
        self.own.push(u64::from(machine) << 1 | u64::from(chosen.sure));
        let active = self.conditions.words(&self.packages).iter();
        self.own
            .extend(active.zip(listed).map(|(active, listed)| active & listed));
        let sections = self.own.len();
        let counts = |section: &usize| has(self.own.get(1..sections).unwrap_or_default(), *section);
        let items = self.conditions.words(&self.items);
        let mut there: Vec<u64> = Vec::new();
        for (at, section) in self.filtered.iter().enumerate().filter(|(at, _)| has(items, *at)) {
            if counts(section) {
                there.resize(items.len(), 0);
                super::conditions::set(&mut there, at as u32, true);
            }
        }
        self.own.append(&mut there);
        let own_lists = &self.own;
        let (packages, new) = self
            .lists
            .number(|known| known == own_lists, || own_lists.clone());
        let kinds = new.then(|| {
            let all = self.named.iter().enumerate();
            let kinds = all.map(|(at, (_, list))| {
                let counts = has(own_lists.get(1..sections).unwrap_or_default(), at);
                counts.then(|| list.unwrap_or(PackageKind::System))
            });
            kinds.collect()
        });
        let [preferences, users, repositories, containers] = chosen.sections;
        let numbers = Numbers::new([
            kind,
            preferences,
            packages,
            users,
            repositories,
            containers,
            chosen.machine,
            chosen.arch,
            chosen.manager,
            chosen.release,
        ]);
        (numbers, kinds)
    }
}
