//! What a rule looks at in a view, so that views which are alike in it are judged once: a description of a dozen
//! profiles, types and machines has scores of views, and most rules see but a few different ones.
//! Numbers sections; judges nothing.

use std::ptr;

use super::conditions::Conditions;
use super::whole::Whole;
use crate::description::model::{Element, ImageType, Item, Preferences, Str};
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

/// A section that makes up no list.
const NO_LIST: u8 = u8::MAX;

/// The contents met so far.
#[derive(Debug)]
pub(super) struct Numbering<'a> {
    /// What each section of packages is called, and which list it makes up whatever is built.
    named: Vec<(&'a str, Option<PackageKind>)>,
    /// Items for certain machines only, with their sections.
    filtered: Vec<(usize, &'a Item)>,
    /// There are more of them than it pays to look at in each view.
    items_by_arch: bool,
    /// Some volume is.
    volumes_by_arch: bool,
    /// When sections are active: preferences, users, repositories, containers, packages, and items for certain machines.
    conditions: Conditions<'a>,
    /// Of each preferences their package manager, release and version.
    settings: Vec<[*const Element; 3]>,
    /// How many preferences, users, repositories and containers there are.
    counts: [usize; 4],
    kinds: Met<*const ImageType>,
    arches: Met<Str>,
    managers: Met<*const Element>,
    releases: Met<[*const Element; 2]>,
    sections: [Met<Vec<bool>>; 4],
    /// The lists that sections make up, which items for certain machines they have, and whether the machine is sure.
    packages: Met<Vec<u8>>,
    /// Which sections are active in what is looked at.
    active: Vec<bool>,
    /// Which of the items for certain machines.
    items: Vec<bool>,
    /// The lists that sections make up in what is looked at.
    lists: Vec<u8>,
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
        let filtered = catalog.filtered.iter().filter(|_| !items_by_arch);
        let filtered = filtered.filter_map(|at| Some((catalog.section(*at), catalog.item(*at)?)));
        let named = image.packages.iter().map(|section| {
            let name = section.kind.value.trim();
            (name, list(name))
        });
        let preferences = image.preferences.iter().map(|p| &p.filter);
        let users = image.users.iter().map(|u| &u.filter);
        let repositories = image.repositories.iter().map(|r| &r.filter);
        let containers = image.containers.iter().map(|c| &c.filter);
        let packages = image.packages.iter().map(|p| &p.filter);
        let filters = preferences.chain(users).chain(repositories).chain(containers);
        let items: Vec<(usize, &Item)> = filtered.collect();
        let filters = filters
            .chain(packages)
            .chain(items.iter().map(|(_, item)| item.filter()));
        Self {
            conditions: Conditions::new(filters),
            settings: image.preferences.iter().map(settings).collect(),
            counts: [
                image.preferences.len(),
                image.users.len(),
                image.repositories.len(),
                image.containers.len(),
            ],
            named: named.collect(),
            filtered: items,
            items_by_arch,
            volumes_by_arch,
            kinds: Met(Vec::new()),
            arches: Met(Vec::new()),
            managers: Met(Vec::new()),
            releases: Met(Vec::new()),
            sections: [const { Met(Vec::new()) }; 4],
            packages: Met(Vec::new()),
            active: Vec::new(),
            items: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// The numbers of one choice; `sure` where its machine is not merely assumed.
    pub fn choose(&mut self, view: &View<'a>, sure: bool) -> Chosen {
        let arch = self.arches.number_of(&view.arch);
        self.conditions.choose(&view.profiles);
        let mut start = 0;
        let mut sections = [0; 4];
        for ((met, number), count) in self.sections.iter_mut().zip(&mut sections).zip(self.counts) {
            let active = self.conditions.active(start..start + count, &view.arch);
            self.active.clear();
            self.active.extend(active);
            *number = met.number_of(&self.active);
            start += count;
        }
        // Of the first preferences that are active and have it.
        let mut first: [*const Element; 3] = [ptr::null(); 3];
        let preferences = self.conditions.active(0..self.settings.len(), &view.arch);
        for (own, _) in self
            .settings
            .iter()
            .zip(preferences)
            .filter(|(_, active)| *active)
        {
            let unset = first.iter_mut().zip(own).filter(|(first, _)| first.is_null());
            unset.for_each(|(first, own)| *first = *own);
        }
        let packages = start..start + self.named.len();
        let items = packages.end..packages.end + self.filtered.len();
        self.active.clear();
        self.active.extend(self.conditions.active(packages, &view.arch));
        self.items.clear();
        self.items.extend(self.conditions.active(items, &view.arch));
        let pc = super::scope::is_pc(&view.arch);
        let [manager, release, version] = first;
        Chosen {
            arch,
            sure,
            manager: self.managers.number_of(&manager),
            release: self.releases.number_of(&[release, version]),
            machine: if self.volumes_by_arch {
                2 + arch
            } else {
                u8::from(pc)
            },
            sections,
        }
    }

    /// The numbers of one view of the last choice, and where its lists are new ones which they are.
    pub fn of(&mut self, chosen: &Chosen, view: &View<'a>) -> (Numbers, Option<Vec<Option<PackageKind>>>) {
        let kind = self.kinds.number_of(&ptr::from_ref(view.image_type));
        let own = view.image_type.image.value.trim();
        let sections = self.named.iter().zip(&self.active);
        let kinds = sections.map(|((name, list), active)| {
            let of_type = || (*name == own).then_some(PackageKind::System);
            active.then(|| list.or_else(of_type)).flatten()
        });
        self.lists.clear();
        self.lists.push(if self.items_by_arch { chosen.arch } else { 0 });
        let bytes = kinds.clone().map(|kind| kind.map_or(NO_LIST, |k| k as u8));
        self.lists.extend(bytes);
        for ((section, _), active) in self.filtered.iter().zip(&self.items) {
            let listed = self.lists.get(section + 1).is_some_and(|list| *list != NO_LIST);
            self.lists.push(u8::from(listed && *active));
        }
        self.lists.push(u8::from(chosen.sure));
        let lists = &self.lists;
        let (packages, new) = self.packages.number(|known| known == lists, || lists.clone());
        let kinds = new.then(|| kinds.collect());
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
