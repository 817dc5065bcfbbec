//! What a rule sees of one view. Makes no view and judges none.

use std::cell::OnceCell;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::catalog::Place;
use super::found::has_part;
use super::inputs::Numbers;
use super::packages::Family;
use super::whole::Whole;
use crate::description::model::{Element, Image, Item, ItemKind, Repository};
use crate::description::{PackageKind, View};
use crate::syntax::{NodeId, Tree};

/// The lists of what is installed.
const INSTALLED: [PackageKind; 2] = [PackageKind::Bootstrap, PackageKind::System];

/// An installed package whose name has parts that rules look for.
struct Notable<'a> {
    /// Which parts, see `parts::mask`.
    parts: u16,
    /// The machine that it is for by its name.
    machine: Option<&'static str>,
    item: &'a Item,
}

/// What is looked up in the active lists once; shared by the views that have the same.
#[derive(Default)]
pub(super) struct Lists<'a> {
    /// Which list each section makes up; none where it is not active.
    kinds: Vec<Option<PackageKind>>,
    /// Installed packages with parts of names that rules look for.
    notable: OnceCell<Vec<Notable<'a>>>,
    /// Likely misspelt names, with what is meant in a family: views of several may share the lists.
    misspelt: OnceCell<Vec<(&'a Item, Family, &'static str)>>,
    /// Entries that may bring more than their name says.
    bringing: OnceCell<Vec<&'a Item>>,
}

impl Lists<'_> {
    /// Of sections that make up these lists.
    pub fn new(kinds: Vec<Option<PackageKind>>) -> Self {
        Self {
            kinds,
            ..Self::default()
        }
    }
}

/// One view with what rules ask of it again and again.
pub(super) struct Scope<'a> {
    pub view: View<'a>,
    /// What all views have in common.
    pub whole: Rc<Whole<'a>>,
    /// Its lists.
    pub lists: Rc<Lists<'a>>,
    /// The active repositories, in order.
    pub repositories: Rc<[&'a Repository]>,
    /// What it has in common with other views.
    pub numbers: Numbers,
    /// The package manager's name.
    pub manager: &'a str,
    /// True where the architecture was chosen.
    pub arch_chosen: bool,
    /// True where the description names the architecture as one that it is for.
    pub arch_named: bool,
    /// `image` of the type.
    pub image: &'a str,
    /// The volumes that its machine has, once they are asked for.
    pub volumes: OnceCell<Box<[&'a Element]>>,
    /// What manages them, once it is asked for.
    pub managed: OnceCell<Option<&'static str>>,
}

impl<'a> Scope<'a> {
    /// The volumes that the view's machine has.
    pub fn volumes(&self) -> &[&'a Element] {
        self.volumes.get_or_init(|| {
            let disk = self.kind().child("systemdisk");
            let all = disk.into_iter().flat_map(|d| d.all("volume"));
            let own = all.filter(|v| {
                let arches = v.attrs.list("arch");
                arches.is_empty() || arches.contains(&self.view.arch.as_str())
            });
            own.collect()
        })
    }

    /// The package is installed, or an add-on profile could bring it.
    pub fn has(&self, package: &str) -> bool {
        let catalog = &self.whole.catalog;
        let listed = || {
            let first = catalog.first(package)?;
            let mut all = catalog.same(first);
            all.find(|(at, item)| {
                let section = catalog.section(*at);
                INSTALLED.iter().any(|&kind| self.counts(kind, item, section)) || self.besides(*at, section)
            })
        };
        listed().is_some() || self.meant().any(|meant| meant == package)
    }

    /// A section of packages counts in this view, whose machine is not merely assumed: what it does not have for that
    /// machine is not there.
    fn is_active(&self, section: usize) -> bool {
        let known = self.arch_named || self.arch_chosen;
        known && self.lists.kinds.get(section).copied().flatten().is_some()
    }

    /// The entry, in that section, may be there besides what counts.
    fn besides(&self, at: Place, section: usize) -> bool {
        self.whole.besides.has_with(at, section, self.is_active(section))
    }

    /// A section of packages makes up a list of what is installed in this view.
    pub fn lists_section(&self, section: usize) -> bool {
        let kind = self.lists.kinds.get(section).copied().flatten();
        kind.is_some_and(|kind| INSTALLED.contains(&kind))
    }

    /// The package of that name in a list.
    pub fn listed(&self, kind: PackageKind, package: &str) -> Option<&'a Item> {
        self.counting(kind, self.whole.catalog.first(package)?)
    }

    /// True where an entry counts as one of a list's packages.
    fn counts(&self, kind: PackageKind, item: &Item, section: usize) -> bool {
        item.kind == ItemKind::Package
            && self.lists.kinds.get(section).copied().flatten() == Some(kind)
            && self.view.active(item.filter())
    }

    /// The first of a name's entries that counts as one of a list's packages.
    fn counting(&self, kind: PackageKind, first: Place) -> Option<&'a Item> {
        let catalog = &self.whole.catalog;
        let mut all = catalog.same(first);
        all.find(|(at, item)| self.counts(kind, item, catalog.section(*at)))
            .map(|(_, item)| item)
    }

    /// The first of a name's entries that counts, in each of the lists of what is installed.
    fn installed_as(&self, first: Place) -> [Option<&'a Item>; INSTALLED.len()] {
        let mut out = [None; INSTALLED.len()];
        let catalog = &self.whole.catalog;
        for (at, item) in catalog.same(first) {
            let kind = self.lists.kinds.get(catalog.section(at)).copied().flatten();
            let own = INSTALLED
                .iter()
                .zip(&mut out)
                .find(|(own, _)| kind == Some(**own));
            if let Some((_, out)) = own
                && out.is_none()
                && item.kind == ItemKind::Package
                && self.view.active(item.filter())
            {
                *out = Some(item);
            }
        }
        out
    }

    /// The packages of the bootstrap and system lists; a name that is listed twice comes twice. A walk over all of
    /// them: prefer the next ones, since a list may be long.
    pub fn installed(&self) -> impl Iterator<Item = &'a Item> + '_ {
        INSTALLED.into_iter().flat_map(|kind| self.walk(kind))
    }

    fn walk(&self, kind: PackageKind) -> impl Iterator<Item = &'a Item> + '_ {
        let sections = self.view.image.packages.iter().zip(&self.lists.kinds);
        let own = sections.filter(move |(_, own)| **own == Some(kind));
        let items = own.flat_map(|(section, _)| &section.items);
        items.filter(|i| i.kind == ItemKind::Package && self.view.active(i.filter()))
    }

    /// True where a list has a package.
    pub fn has_list(&self, kind: PackageKind) -> bool {
        self.walk(kind).next().is_some()
    }

    /// The entries of another kind than packages in a list, each name once, in the order of the text.
    pub fn special(&self, kind: PackageKind, of: ItemKind) -> impl Iterator<Item = &'a Item> + '_ {
        let catalog = &self.whole.catalog;
        let mut seen = FxHashSet::default();
        let own =
            move |at: &Place| self.lists.kinds.get(catalog.section(*at)).copied().flatten() == Some(kind);
        let own = catalog.special.iter().filter(move |at| own(at));
        let items = own.filter_map(|at| catalog.item(*at));
        // KIWI honours `arch` on these only.
        let filtered = matches!(of, ItemKind::Collection | ItemKind::Ignore);
        let active = move |item: &&Item| !filtered || self.view.active(item.filter());
        let items = items.filter(move |i| i.kind == of).filter(active);
        items.filter(move |item| seen.insert(name(item)))
    }

    /// True where an installed collection or product is one that brings more.
    pub fn brings(&self, more: impl Fn(&Item) -> bool) -> bool {
        let all = || {
            let catalog = &self.whole.catalog;
            let bringing = |at: &Place| {
                let item = catalog.item(*at)?;
                let group = || item.group().is_some() && self.view.active(item.filter());
                let own = item.kind == ItemKind::Product || group();
                let listed = || {
                    let kind = self.lists.kinds.get(catalog.section(*at)).copied().flatten();
                    kind.is_some_and(|kind| INSTALLED.contains(&kind))
                };
                (own && listed()).then_some(item)
            };
            let named = catalog.blank.iter().flat_map(|first| catalog.same(*first));
            let named = named.map(|(at, _)| at);
            let all = catalog.special.iter().copied().chain(named);
            all.filter_map(|at| bringing(&at)).collect()
        };
        self.lists.bringing.get_or_init(all).iter().any(|item| more(item))
    }

    /// `patternType="plusRecommended"`, or what may be meant as that, in the first section of the system's list that has
    /// the attribute.
    pub fn recommended(&self) -> bool {
        let sections = self.view.image.packages.iter().zip(&self.lists.kinds);
        let mut own = sections.filter(|(_, own)| **own == Some(PackageKind::System));
        let first = own.find_map(|(section, _)| section.element.attrs.get("patternType"));
        first.is_some_and(|value| value != "onlyRequired")
    }

    /// Installed packages that have parts of names that rules look for; a name in both lists comes twice.
    fn notable(&self) -> &[Notable<'a>] {
        let catalog = &self.whole.catalog;
        let all = || {
            let mut out = Vec::with_capacity(catalog.notable.len());
            for noted in &catalog.notable {
                let items = self.installed_as(noted.first).into_iter().flatten();
                out.extend(items.map(|item| Notable {
                    parts: noted.parts,
                    machine: noted.machine,
                    item,
                }));
            }
            out
        };
        self.lists.notable.get_or_init(all)
    }

    /// Installed packages whose names may be another family's, or that of no package of the own one.
    pub fn foreign(&self, family: Family) -> impl Iterator<Item = &'a Item> + '_ {
        self.of_names(self.whole.foreign(family))
    }

    /// Installed packages whose names not every family has.
    pub fn odd(&self) -> impl Iterator<Item = &'a Item> + '_ {
        self.of_names(&self.whole.catalog.odd)
    }

    /// The installed packages of these names; one in both lists comes twice.
    fn of_names<'s>(&'s self, firsts: &'s [Place]) -> impl Iterator<Item = &'a Item> + 's {
        let items = firsts.iter().flat_map(|first| self.installed_as(*first));
        items.flatten()
    }

    /// The one installed package whose name is near to that of one that is not.
    pub fn near_installed(&self, own: &'a str) -> Option<&'a str> {
        let near = self.whole.near(own);
        let installed = |first: &&Place| self.installed_as(**first).iter().any(Option::is_some);
        let names = near
            .iter()
            .filter(installed)
            .filter_map(|first| self.whole.catalog.item(*first));
        super::found::near(own, names.map(name))
    }

    /// Kernels and boot loaders that are for one machine by their names; one in both lists comes twice.
    pub fn of_machines(&self) -> impl Iterator<Item = (&'a Item, &'static str)> + '_ {
        self.notable().iter().filter_map(|n| Some((n.item, n.machine?)))
    }

    /// The names that begin so, of all packages that may be there. A walk over all where it has none of `packages::parts`.
    pub fn starting<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let bit = super::packages::parts::bit(prefix);
        let walk = || self.installed().map(name);
        let besides = || {
            let catalog = &self.whole.catalog;
            let all = catalog
                .all()
                .filter(|(at, _)| self.besides(*at, catalog.section(*at)));
            all.map(|(_, item)| name(item))
        };
        let walked = bit.is_none().then(|| walk().chain(besides()));
        let noted = bit.map(|bit| self.noted(bit));
        let names = walked.into_iter().flatten().chain(noted.into_iter().flatten());
        let names = names.chain(self.meant().map(|n| -> &'a str { n }));
        names.filter(move |n| n.starts_with(prefix))
    }

    /// The names that have this part, one of `packages::parts`, of all packages that may be there.
    pub fn with_part(&self, part: &'static str) -> impl Iterator<Item = &'a str> + '_ {
        let bit = super::packages::parts::bit(part);
        debug_assert!(bit.is_some(), "{part} is not looked for");
        let names = self.noted(bit.unwrap_or(0));
        let names = names.chain(self.meant().map(|n| -> &'a str { n }));
        names.filter(move |n| has_part(n, part))
    }

    /// The installed packages whose names have this part, one of `packages::parts`.
    pub fn installed_with(&self, part: &'static str) -> impl Iterator<Item = &'a Item> + '_ {
        let bit = super::packages::parts::bit(part).unwrap_or(0);
        let own = self.notable().iter().filter(move |n| n.parts & bit != 0);
        own.map(|n| n.item)
    }

    /// The names that have a part by its bit, of what is installed and may be besides.
    fn noted(&self, bit: u16) -> impl Iterator<Item = &'a str> + '_ {
        let installed = self.notable().iter().map(|n| (n.parts, name(n.item)));
        let besides = self.whole.notable_besides.iter();
        let besides = besides.filter(|(_, _, section)| section.is_none_or(|s| !self.is_active(s)));
        let all = installed.chain(besides.map(|(parts, name, _)| (*parts, *name)));
        all.filter(move |(parts, _)| parts & bit != 0)
            .map(|(_, name)| name)
    }

    /// Installed packages whose names are likely misspelt, with what is meant.
    pub fn misspelt(&self) -> impl Iterator<Item = (&'a Item, &'static str)> + '_ {
        let catalog = &self.whole.catalog;
        let found = || {
            let mut out = Vec::new();
            if catalog.misspelt.is_empty() {
                return out;
            }
            for kind in INSTALLED {
                let all = catalog.misspelt.iter();
                let own = all.filter_map(|(first, family, meant)| {
                    Some((self.counting(kind, *first)?, *family, *meant))
                });
                // Beside a short name another one may be what it says.
                let certain = |meant: &str| meant.len() > 7 && super::packages::lists::is_sure(meant);
                out.extend(own.filter(|(_, _, meant)| certain(meant) || self.listed(kind, meant).is_none()));
            }
            out
        };
        let of_all = self.lists.misspelt.get_or_init(found).iter();
        let family = super::packages::family(self);
        let all = of_all.filter(move |(_, of, _)| *of == family);
        let all = all.map(|(item, _, meant)| (*item, *meant));
        let capitals = || super::packages::misspelt::by_capitals(self.manager);
        all.filter(move |(item, meant)| !meant.eq_ignore_ascii_case(name(item)) || capitals())
    }

    /// What misspelt names mean: that is told, and missing nowhere.
    pub fn meant(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.misspelt().map(|(_, meant)| meant)
    }

    /// There is a list to install for this image: a description without any is of another kind.
    pub fn type_has_packages(&self) -> bool {
        self.has_list(PackageKind::System)
    }

    /// `image` of the type.
    pub fn image(&self) -> &'a str {
        self.image
    }

    /// The type's element.
    pub fn kind(&self) -> &'a Element {
        &self.view.image_type.element
    }

    /// The machine has a BIOS.
    pub fn pc(&self) -> bool {
        is_pc(&self.view.arch)
    }

    /// Which tool makes the initrd.
    pub fn initrd(&self) -> &'a str {
        match (self.image(), self.view.type_attr("initrd_system")) {
            ("iso", _) => "dracut",
            (_, Some(system)) => system,
            ("oem" | "kis", None) => "dracut",
            ("pxe", None) => "kiwi",
            _ => "none",
        }
    }

    /// `lvm`, `btrfs`, or none where the root has no volumes.
    pub fn volume_management(&self) -> Option<&'static str> {
        let manager = |disk: &Element| match (disk.attrs.bool("preferlvm"), self.view.type_attr("filesystem"))
        {
            (Some(true), _) => Some("lvm"),
            (_, Some("btrfs")) => Some("btrfs"),
            (_, Some("erofs" | "ext2" | "ext3" | "ext4" | "squashfs" | "xfs")) => Some("lvm"),
            // That there is none, or one of no known name, has been told.
            _ => None,
        };
        *self
            .managed
            .get_or_init(|| self.kind().child("systemdisk").and_then(manager))
    }
}

/// True for machines with a BIOS.
pub(super) fn is_pc(arch: &str) -> bool {
    matches!(arch, "x86_64" | "i586" | "i686" | "ix86")
}

pub(super) fn name(item: &Item) -> &str {
    &item.name.value
}

/// The package managers that the description names anywhere.
pub(super) fn managers(image: &Image) -> Vec<&str> {
    let all = image.preferences.iter();
    all.flat_map(|p| p.element.all("packagemanager"))
        .map(|m| m.text.as_str())
        .collect()
}

/// The same from a tree.
pub(super) fn managers_of(tree: &Tree, root: NodeId) -> Vec<String> {
    let preferences = tree.elements(root).filter(|&p| tree.local(p) == "preferences");
    let named = preferences.flat_map(|p| tree.elements(p));
    named
        .filter(|&m| tree.local(m) == "packagemanager")
        .map(|m| tree.element_text(m).trim().to_owned())
        .collect()
}
