//! What a rule looks at in a view, so that views which are alike in it are judged once: a description of a dozen
//! profiles, types and machines has scores of views, and most rules see but a few different ones.
//! Numbers sections; judges nothing.

use std::ptr;

use super::whole::Whole;
use crate::description::model::{Element, Filter, Image, ImageType, Item, Str};
use crate::description::{PackageKind, View};

/// A set of what there is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inputs(u16);

impl Inputs {
    /// The chosen type's element.
    pub const KIND: Self = Self(1);
    /// The active preferences with all their types.
    pub const PREFERENCES: Self = Self(1 << 1);
    /// The lists of packages.
    pub const PACKAGES: Self = Self(1 << 2);
    /// The active accounts.
    pub const USERS: Self = Self(1 << 3);
    /// The active repositories.
    pub const REPOSITORIES: Self = Self(1 << 4);
    /// The active containers.
    pub const CONTAINERS: Self = Self(1 << 5);
    /// Whether the machine is a PC, and which volumes are for it.
    pub const MACHINE: Self = Self(1 << 6);
    /// The machine by its name.
    pub const ARCH: Self = Self(1 << 7);
    /// The package manager that is named first.
    pub const MANAGER: Self = Self(1 << 8);

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits that these have of a view's numbers.
    const fn mask(self) -> u64 {
        let mut mask = 0;
        let mut at = 0;
        while at < INPUTS {
            if self.0 & 1 << at != 0 {
                mask |= 127 << (7 * at);
            }
            at += 1;
        }
        mask
    }
}

/// How many there are.
const INPUTS: usize = 9;

/// What a view has of each input, as a number that only views with the same have. Seven bits each: there are
/// never more views than `scope::MOST_VIEWS`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers(u64);

impl Numbers {
    /// Of the numbers in the order of `Inputs`.
    fn new(numbers: [u8; INPUTS]) -> Self {
        let all = numbers.iter().enumerate();
        Self(all.fold(0, |key, (at, n)| key | u64::from(n & 127) << (7 * at)))
    }

    /// What the view has of these inputs.
    pub fn key(self, of: Inputs) -> u64 {
        self.0 & of.mask()
    }

    /// The number of the lists of packages.
    pub fn packages(self) -> usize {
        (self.0 >> 14 & 127) as usize
    }
}

/// What views have had of each of several sets of inputs. A list for each set: there are few views, and to look
/// through a short list takes less than to hash.
pub(super) struct Judged(Vec<Vec<u64>>);

impl Judged {
    /// For so many sets.
    pub fn new(sets: usize) -> Self {
        Self(vec![Vec::new(); sets])
    }

    /// True where no view before had the same of a set, by the set's number.
    pub fn is_new(&mut self, set: usize, key: u64) -> bool {
        let Some(before) = self.0.get_mut(set) else {
            return true;
        };
        let new = !before.contains(&key);
        if new {
            before.push(key);
        }
        new
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
    image: &'a Image,
    /// Items for certain machines only, with their sections.
    filtered: Vec<(usize, &'a Item)>,
    /// There are more of them than it pays to look at in each view.
    items_by_arch: bool,
    /// Some volume is.
    volumes_by_arch: bool,
    kinds: Met<*const ImageType>,
    arches: Met<Str>,
    managers: Met<*const Element>,
    sections: [Met<Vec<bool>>; 4],
    /// The lists that sections make up, and which items for certain machines they have.
    packages: Met<Vec<u8>>,
    /// Which sections are active in what is looked at.
    active: Vec<bool>,
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
        Self {
            image,
            filtered: filtered.collect(),
            items_by_arch,
            volumes_by_arch,
            kinds: Met(Vec::new()),
            arches: Met(Vec::new()),
            managers: Met(Vec::new()),
            sections: [const { Met(Vec::new()) }; 4],
            packages: Met(Vec::new()),
            active: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// The numbers of one choice.
    pub fn choose(&mut self, view: &View<'a>) -> Chosen {
        let image = self.image;
        let arch = self.arches.number_of(&view.arch);
        let [preferences, users, repositories, containers] = &mut self.sections;
        let scratch = &mut self.active;
        let sections = [
            number(
                view,
                image.preferences.iter().map(|p| &p.filter),
                scratch,
                preferences,
            ),
            number(view, image.users.iter().map(|u| &u.filter), scratch, users),
            number(
                view,
                image.repositories.iter().map(|r| &r.filter),
                scratch,
                repositories,
            ),
            number(
                view,
                image.containers.iter().map(|c| &c.filter),
                scratch,
                containers,
            ),
        ];
        read(view, image.packages.iter().map(|p| &p.filter), scratch);
        let pc = super::scope::is_pc(&view.arch);
        let manager = view.first("packagemanager").map_or(ptr::null(), ptr::from_ref);
        Chosen {
            arch,
            manager: self.managers.number_of(&manager),
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
        let sections = self.image.packages.iter().zip(&self.active);
        let kinds = sections.map(|(section, active)| {
            let kind = section.kind.value.trim();
            let of_type = || (kind == own).then_some(PackageKind::System);
            active.then(|| list(kind).or_else(of_type)).flatten()
        });
        self.lists.clear();
        self.lists.push(if self.items_by_arch { chosen.arch } else { 0 });
        let bytes = kinds.clone().map(|kind| kind.map_or(NO_LIST, |k| k as u8));
        self.lists.extend(bytes);
        for (section, item) in &self.filtered {
            let listed = self.lists.get(section + 1).is_some_and(|list| *list != NO_LIST);
            let active = listed && view.active(item.filter());
            self.lists.push(u8::from(active));
        }
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
        ]);
        (numbers, kinds)
    }
}

/// Which of the sections are active, into `out`.
fn read<'f>(view: &View<'_>, filters: impl Iterator<Item = &'f Filter>, out: &mut Vec<bool>) {
    out.clear();
    out.extend(filters.map(|f| view.active(f)));
}

/// The number of what is active of the sections.
fn number<'f>(
    view: &View<'_>,
    filters: impl Iterator<Item = &'f Filter>,
    scratch: &mut Vec<bool>,
    met: &mut Met<Vec<bool>>,
) -> u8 {
    read(view, filters, scratch);
    met.number_of(scratch)
}
