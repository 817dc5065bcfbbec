//! What all views of a description have in common: its entries, and facts about names and addresses that are found
//! once. Judges nothing.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::catalog::{Besides, Catalog, Place};
use super::packages::Family;
use super::repositories::release_names::Row;
use super::scope::name;
use crate::description::model::{Image, ItemKind, Repository};

/// For so many names it is looked what is near to them: each takes a walk over all.
const MOST_NEAR: usize = 64;

/// What is the same for all views.
pub(super) struct Whole<'a> {
    /// The description.
    pub image: &'a Image,
    /// Its entries.
    pub catalog: Catalog<'a>,
    /// What may be there besides what is installed.
    pub besides: Besides,
    /// Names among these with parts that rules look for, which parts, and the section that must not count already for
    /// them to come besides; none where they always may.
    pub notable_besides: Vec<(u16, &'a str, Option<usize>)>,
    /// The releases of its repositories.
    pub releases: OnceCell<Vec<super::repositories::releases::Address<'a>>>,
    /// The package manager reads none of the repositories.
    unread: OnceCell<bool>,
    /// Profiles require each other.
    in_circle: OnceCell<bool>,
    /// A type that is active with every profile is of an image that a profile has too.
    twice: OnceCell<bool>,
    /// The first profile whose lists have a kernel.
    kernel_profile: OnceCell<Option<&'a str>>,
    /// What is deleted or uninstalled and is near to the name of a package.
    slipped: OnceCell<Vec<Place>>,
    /// Each profile with all that it requires.
    choices: OnceCell<Vec<FxHashSet<&'a str>>>,
    /// The repositories whose distribution their addresses name.
    pub owned: OnceCell<Vec<(&'a Repository, Family)>>,
    /// The packages that say which distribution the image is.
    release_packages: OnceCell<Vec<&'static str>>,
    /// The one distribution whose repositories it reads.
    line: OnceCell<Option<&'static Row>>,
    /// Some list names languages by packages.
    language_packs: OnceCell<bool>,
    /// Large packages that some list has, with what they take at least.
    heavy: OnceCell<Vec<(&'static str, u64)>>,
    /// Names that a family of distributions may not have: the first entry of each, by the family.
    foreign: [OnceCell<Vec<Place>>; Family::COUNT],
    /// Names that exclude each other and are both listed, by the family.
    conflicting: [OnceCell<Vec<(&'static str, &'static str)>>; Family::COUNT],
    /// What is near to the name of a package that is not installed: the first entry of each such name.
    near: RefCell<FxHashMap<&'a str, Rc<[Place]>>>,
}

impl<'a> Whole<'a> {
    /// Of a description; `chosen` where the profiles are.
    pub fn new(image: &'a Image, chosen: bool) -> Self {
        let catalog = Catalog::new(image);
        let besides = Besides::new(image, &catalog, chosen);
        let notable = catalog.notable.iter();
        let notable = notable.flat_map(|n| catalog.same(n.first).map(|(at, item)| (n.parts, at, item)));
        let notable = notable.filter_map(|(parts, at, item)| {
            let section = catalog.section(at);
            let own = (!besides.has_with(at, section, true)).then_some(section);
            besides.has(at, section).then_some((parts, name(item), own))
        });
        Self {
            notable_besides: notable.collect(),
            image,
            besides,
            catalog,
            releases: OnceCell::new(),
            unread: OnceCell::new(),
            in_circle: OnceCell::new(),
            twice: OnceCell::new(),
            kernel_profile: OnceCell::new(),
            slipped: OnceCell::new(),
            choices: OnceCell::new(),
            owned: OnceCell::new(),
            release_packages: OnceCell::new(),
            line: OnceCell::new(),
            language_packs: OnceCell::new(),
            heavy: OnceCell::new(),
            foreign: Default::default(),
            conflicting: Default::default(),
            near: RefCell::default(),
        }
    }

    /// The package manager reads none of the repositories, and that has been told.
    pub fn unread(&self) -> bool {
        let unread = || super::repositories::unread(self.image).is_some();
        *self.unread.get_or_init(unread)
    }

    /// Profiles require each other.
    pub fn in_circle(&self) -> bool {
        let find = || super::views::profile_circles::in_circle(self.image);
        *self.in_circle.get_or_init(find)
    }

    /// A type that is active with every profile is of an image that a profile has too.
    pub fn twice(&self) -> bool {
        *self.twice.get_or_init(|| super::views::twice(self.image))
    }

    /// The first profile whose lists have a kernel.
    pub fn kernel_profile(&self) -> Option<&'a str> {
        let find = || super::boot::kernels::of_profile(self.image, &self.catalog);
        *self.kernel_profile.get_or_init(find)
    }

    /// What is deleted or uninstalled and is near to the name of a package: the first entry of each name.
    pub fn slipped(&self) -> &[Place] {
        self.slipped
            .get_or_init(|| super::packages::never_installed::slipped(self.image, self))
    }

    /// Each profile with all that it requires.
    pub fn choices(&self) -> &[FxHashSet<&'a str>] {
        self.choices
            .get_or_init(|| super::views::profile_circles::choices(self.image))
    }

    /// The packages that say which distribution the image is, as far as some list has them.
    pub fn release_packages(&self) -> &[&'static str] {
        let find = || super::repositories::release_names::named(&self.catalog);
        self.release_packages.get_or_init(find)
    }

    /// The one distribution whose repositories the description reads.
    pub fn line(&self) -> Option<&'static Row> {
        *self
            .line
            .get_or_init(|| super::repositories::release_names::line(self.image))
    }

    /// Some list names languages by packages.
    pub fn language_packs(&self) -> bool {
        let find = || super::packages::locale_packages::named(&self.catalog);
        *self.language_packs.get_or_init(find)
    }

    /// Large packages that some list has, with what they take at least.
    pub fn heavy(&self) -> &[(&'static str, u64)] {
        self.heavy
            .get_or_init(|| super::packages::weights::named(&self.catalog))
    }

    /// The names that are another family's than this, or no package's of this.
    pub fn foreign(&self, family: Family) -> &[Place] {
        let cell = self.foreign.get(family as usize);
        let catalog = &self.catalog;
        let suspect = |first: &Place| {
            catalog
                .item(*first)
                .is_some_and(|i| super::packages::names::suspect(name(i), family))
        };
        let all = || catalog.odd.iter().copied().filter(suspect).collect();
        cell.map_or(&[], |cell| cell.get_or_init(all))
    }

    /// Names that exclude each other and are both listed.
    pub fn conflicting(&self, family: Family) -> &[(&'static str, &'static str)] {
        let cell = self.conflicting.get(family as usize);
        let all = || super::packages::conflicts::listed(family, &self.catalog);
        cell.map_or(&[], |cell| cell.get_or_init(all))
    }

    /// The names of packages that are near to this one.
    pub fn near(&self, own: &'a str) -> Rc<[Place]> {
        let mut known = self.near.borrow_mut();
        if known.len() >= MOST_NEAR && !known.contains_key(own) {
            return Rc::default();
        }
        let find = || {
            let packages = self.catalog.all().filter(|(_, i)| i.kind == ItemKind::Package);
            let near = super::found::all_near(own, packages.map(|(at, item)| (at, name(item))));
            near.collect()
        };
        known.entry(own).or_insert_with(find).clone()
    }
}
