//! What a rule looks at in a view, so that views which are alike in it are judged once: a description of a dozen
//! profiles, types and machines has scores of views, and most rules see but a few different ones.
//! Numbers sections; judges nothing.

use std::ptr;

use super::whole::Whole;
use crate::description::model::{Element, Filter, Image, ImageType, Str};
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
}

/// What a view has of each input, as a number that only views with the same have. Seven bits each: there are
/// never more views than `scope::MOST_VIEWS`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers([u8; 9]);

impl Numbers {
    /// What the view has of these inputs.
    pub fn key(self, of: Inputs) -> u64 {
        let numbers = self.0.iter().enumerate().filter(|(at, _)| of.0 & 1 << at != 0);
        numbers.fold(0, |key, (at, n)| key | u64::from(n & 127) << (7 * at))
    }

    /// The number of the lists of packages.
    pub fn packages(self) -> usize {
        usize::from(self.0[2])
    }
}

/// Gives the same number for the same content.
#[derive(Debug)]
struct Met<T>(Vec<T>);

impl<T: PartialEq> Met<T> {
    /// The number, and whether it is a new one.
    fn number(&mut self, one: T) -> (u8, bool) {
        let known = self.0.iter().position(|k| *k == one);
        let new = known.is_none();
        let at = known.unwrap_or_else(|| {
            self.0.push(one);
            self.0.len() - 1
        });
        (at as u8, new)
    }
}

/// The contents met so far.
#[derive(Debug)]
pub(super) struct Numbering<'a> {
    image: &'a Image,
    /// Some item is for certain machines only.
    items_by_arch: bool,
    /// Some volume is.
    volumes_by_arch: bool,
    kinds: Met<*const ImageType>,
    arches: Met<Str>,
    managers: Met<*const Element>,
    sections: [Met<Vec<bool>>; 4],
    /// The lists that sections make up, and the machine where that counts.
    packages: Met<(u8, Vec<Option<PackageKind>>)>,
}

/// What a choice of profiles and machine has, whichever of its types is built.
#[derive(Debug)]
pub(super) struct Chosen {
    arch: u8,
    machine: u8,
    manager: u8,
    /// Preferences, users, repositories, containers.
    sections: [u8; 4],
    /// The active lists.
    packages: Vec<bool>,
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
        Self {
            image,
            items_by_arch: !whole.catalog.filtered.is_empty(),
            volumes_by_arch,
            kinds: Met(Vec::new()),
            arches: Met(Vec::new()),
            managers: Met(Vec::new()),
            sections: [const { Met(Vec::new()) }; 4],
            packages: Met(Vec::new()),
        }
    }

    /// The numbers of one choice.
    pub fn choose(&mut self, view: &View<'a>) -> Chosen {
        let image = self.image;
        let (arch, _) = self.arches.number(view.arch.clone());
        let active = [
            active(view, image.preferences.iter().map(|p| &p.filter)),
            active(view, image.users.iter().map(|u| &u.filter)),
            active(view, image.repositories.iter().map(|r| &r.filter)),
            active(view, image.containers.iter().map(|c| &c.filter)),
        ];
        let mut sections = [0; 4];
        for ((number, met), active) in sections.iter_mut().zip(&mut self.sections).zip(active) {
            *number = met.number(active).0;
        }
        let pc = super::scope::is_pc(&view.arch);
        let manager = view.first("packagemanager").map_or(ptr::null(), ptr::from_ref);
        Chosen {
            arch,
            manager: self.managers.number(manager).0,
            machine: if self.volumes_by_arch {
                2 + arch
            } else {
                u8::from(pc)
            },
            sections,
            packages: self::active(view, image.packages.iter().map(|p| &p.filter)),
        }
    }

    /// The numbers of one view of that choice, and where its lists are new ones which they are.
    pub fn of(&mut self, chosen: &Chosen, view: &View<'a>) -> (Numbers, Option<Vec<Option<PackageKind>>>) {
        let (kind, _) = self.kinds.number(ptr::from_ref(view.image_type));
        let own = view.image_type.image.value.trim();
        let sections = self.image.packages.iter().zip(&chosen.packages);
        let kinds = sections.map(|(section, active)| {
            let kind = section.kind.value.trim();
            let of_type = || (kind == own).then_some(PackageKind::System);
            active.then(|| list(kind).or_else(of_type)).flatten()
        });
        let kinds: Vec<_> = kinds.collect();
        let arch = if self.items_by_arch { chosen.arch } else { 0 };
        let (packages, new) = self.packages.number((arch, kinds.clone()));
        let [preferences, users, repositories, containers] = chosen.sections;
        let numbers = Numbers([
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
        (numbers, new.then_some(kinds))
    }
}

/// Which of the sections are active.
fn active<'f>(view: &View<'_>, filters: impl Iterator<Item = &'f Filter>) -> Vec<bool> {
    filters.map(|f| view.active(f)).collect()
}
