//! What a rule looks at in a view, so that views which are alike in it are judged once: a description of a dozen
//! profiles, types and machines has scores of views, and most rules see but a few different ones.
//! Numbers sections; judges nothing.

use std::ptr;

use crate::description::View;
use crate::description::model::{Filter, Image, ImageType};

/// A set of what there is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inputs(u8);

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

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a view has of each input, as a number that only views with the same have. Seven bits each: there are
/// never more views than `scope::MOST_VIEWS`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers([u8; 8]);

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
struct Known<T>(Vec<T>);

impl<T> Known<T> {
    fn number(&mut self, same: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> u8 {
        let known = self.0.iter().position(same);
        let at = known.unwrap_or_else(|| {
            self.0.push(new());
            self.0.len() - 1
        });
        at as u8
    }
}

impl Known<Vec<u32>> {
    fn list(&mut self, list: Vec<u32>) -> u8 {
        let known = self.0.iter().position(|k| *k == list);
        known.unwrap_or_else(|| {
            self.0.push(list);
            self.0.len() - 1
        }) as u8
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
    kinds: Known<&'a ImageType>,
    arches: Known<String>,
    sections: [Known<Vec<u32>>; 5],
}

impl<'a> Numbering<'a> {
    pub fn new(image: &'a Image) -> Self {
        let mut types = image.preferences.iter().flat_map(|p| &p.types);
        let volumes_by_arch = types.any(|t| {
            let disks = t.element.all("systemdisk");
            let mut volumes = disks.flat_map(|d| &d.children);
            volumes.any(|v| v.attrs.at("arch").is_some())
        });
        let mut items = image.packages.iter().flat_map(|s| &s.items);
        Self {
            image,
            items_by_arch: items.any(|i| !i.filter().arches.is_empty()),
            volumes_by_arch,
            kinds: Known(Vec::new()),
            arches: Known(Vec::new()),
            sections: [const { Known(Vec::new()) }; 5],
        }
    }

    /// The numbers of one view.
    pub fn of(&mut self, view: &View<'a>) -> Numbers {
        let image = self.image;
        let kind = self
            .kinds
            .number(|k| ptr::eq(*k, view.image_type), || view.image_type);
        let arch = self.arches.number(|a| *a == view.arch, || view.arch.clone());
        let pc = super::scope::is_pc(&view.arch);
        let machine = if self.volumes_by_arch {
            2 + arch
        } else {
            u8::from(pc)
        };
        let own = view.image_type.image.value.trim();
        let [preferences, packages, users, repositories, containers] = &mut self.sections;
        let mut listed = active(view, image.packages.iter().map(|p| &p.filter));
        listed.retain(|&at| {
            let section = image.packages.get(at as usize);
            section.is_some_and(|s| {
                let kind = s.kind.value.trim();
                kind == own
                    || matches!(
                        kind,
                        "bootstrap" | "image" | "delete" | "uninstall" | "systemfiles"
                    )
            })
        });
        if self.items_by_arch {
            listed.push(u32::MAX - u32::from(arch));
        }
        Numbers([
            kind,
            preferences.list(active(view, image.preferences.iter().map(|p| &p.filter))),
            packages.list(listed),
            users.list(active(view, image.users.iter().map(|u| &u.filter))),
            repositories.list(active(view, image.repositories.iter().map(|r| &r.filter))),
            containers.list(active(view, image.containers.iter().map(|c| &c.filter))),
            machine,
            arch,
        ])
    }
}

/// Which of the sections are active, by their place.
fn active<'f>(view: &View<'_>, filters: impl Iterator<Item = &'f Filter>) -> Vec<u32> {
    let numbered = (0..).zip(filters);
    numbered
        .filter(|(_, f)| view.active(f))
        .map(|(at, _)| at)
        .collect()
}
