//! Which views of a description there are to judge, and what a rule sees of one.

use std::cell::OnceCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::found::{Found, has_part};
use super::inputs::{Inputs, Numbering, Numbers};
use super::{IMAGE_RULES, Options, VIEW_RULES};
use crate::description::model::{At, Element, Image, Item, ItemKind};
use crate::description::{PackageKind, View, ViewError};
use crate::diagnostic::Diagnostic;
use crate::syntax::{NodeId, Tree};

/// More views than this are not judged: what one of them finds, the others mostly find too.
const MOST_VIEWS: usize = 64;

/// The lists of what is installed.
const INSTALLED: [PackageKind; 2] = [PackageKind::Bootstrap, PackageKind::System];

/// Packages that may be there besides what is installed, the same for all views.
#[derive(Default)]
struct Besides<'a> {
    /// Sorted by name.
    packages: Vec<&'a Item>,
    /// Those whose names have one of `parts`.
    notable: Vec<&'a Item>,
}

/// What is looked up in the installed packages once.
#[derive(Default)]
struct Known<'a> {
    /// Those whose names have one of `parts`.
    notable: OnceCell<Vec<&'a Item>>,
    misspelt: OnceCell<Vec<(&'a Item, &'static str)>>,
}

/// One view with what rules ask of it again and again.
pub(super) struct Scope<'a> {
    pub view: View<'a>,
    /// What may be there besides what is installed.
    besides: Rc<Besides<'a>>,
    /// What is known of the installed packages; shared by the views that have the same.
    known: Rc<Known<'a>>,
    /// What it has in common with other views.
    numbers: Numbers,
    /// True where the architecture was chosen.
    pub arch_chosen: bool,
    /// True where the description names the architecture as one that it is for.
    pub arch_named: bool,
}

impl<'a> Scope<'a> {
    /// The package is installed, or an add-on profile could bring it.
    pub fn has(&self, package: &str) -> bool {
        let listed = |kind| self.listed(kind, package).is_some();
        INSTALLED.into_iter().any(listed)
            || find(&self.besides.packages, package).is_some()
            || self.meant().any(|meant| meant == package)
    }

    /// The package of that name in a list.
    pub fn listed(&self, kind: PackageKind, package: &str) -> Option<&'a Item> {
        find(&self.view.list(kind).packages, package)
    }

    /// The packages of the bootstrap and system lists; one in both comes twice. A walk over all of them: prefer the
    /// next ones, since a list may be long.
    pub fn installed(&self) -> impl Iterator<Item = &'a Item> + '_ {
        self.lists().flatten().copied()
    }

    /// The two lists, each sorted by name.
    fn lists(&self) -> impl Iterator<Item = &[&'a Item]> {
        INSTALLED
            .into_iter()
            .map(|kind| self.view.list(kind).packages.as_slice())
    }

    /// Those of them whose names begin so.
    pub fn installed_starting<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = &'a Item> + 's {
        self.lists().flat_map(move |list| starting(list, prefix))
    }

    /// Those of them whose names have this part, one of `parts`.
    pub fn installed_with_part(&self, part: &'static str) -> impl Iterator<Item = &'a Item> + '_ {
        debug_assert!(super::parts::is_one(part), "{part} is not looked for");
        let notable = self.known.notable.get_or_init(|| notable(self.installed()));
        notable.iter().filter(move |i| has_part(name(i), part)).copied()
    }

    /// The names that begin so, of all packages that may be there.
    pub fn starting<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let besides = starting(&self.besides.packages, prefix);
        let items = self.installed_starting(prefix).chain(besides);
        let meant = self.meant().filter(move |n| n.starts_with(prefix));
        items.map(name).chain(meant.map(|n| -> &'a str { n }))
    }

    /// The names that have this part, one of `parts`, of all packages that may be there.
    pub fn with_part(&self, part: &'static str) -> impl Iterator<Item = &'a str> + '_ {
        let besides = self.besides.notable.iter().copied();
        let items = self.installed_with_part(part).chain(besides);
        let names = items.map(name).chain(self.meant().map(|n| -> &'a str { n }));
        names.filter(move |n| has_part(n, part))
    }

    /// Installed packages whose names are likely misspelt, with what is meant.
    pub fn misspelt(&self) -> impl Iterator<Item = (&'a Item, &'static str)> + '_ {
        let found = || super::misspelt::all(&self.view);
        let capitals = super::misspelt::by_capitals(&self.view);
        let all = self.known.misspelt.get_or_init(found).iter().copied();
        all.filter(move |(item, meant)| capitals || !meant.eq_ignore_ascii_case(name(item)))
    }

    /// What misspelt names mean: that is told, and missing nowhere.
    fn meant(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.misspelt().map(|(_, meant)| meant)
    }

    /// There is a list to install for this image: a description without any is of another kind.
    pub fn type_has_packages(&self) -> bool {
        !self.view.list(PackageKind::System).packages.is_empty()
    }

    /// `image` of the type.
    pub fn image(&self) -> &'a str {
        self.view.image_type.image.value.trim()
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
        let disk = self.kind().child("systemdisk")?;
        Some(if disk.attrs.bool("preferlvm") == Some(true) {
            "lvm"
        } else if self.view.type_attr("filesystem") == Some("btrfs") {
            "btrfs"
        } else {
            "lvm"
        })
    }

    /// Words that say which view this is, where there is more than one.
    fn words(&self) -> String {
        match self.view.profiles.as_slice() {
            [] => String::new(),
            [one] => format!(" (profile `{one}`)"),
            [one, rest @ ..] => format!(" (profile `{one}` with {})", rest.len()),
        }
    }
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

/// Judges every view.
pub(super) fn check(image: &Image, options: &Options<'_>, out: &mut Vec<Diagnostic>) {
    let mut found = Found::new(image, out);
    for rules in IMAGE_RULES {
        if options.stopped() {
            return;
        }
        rules(image, &mut found);
    }
    match scopes(image, options) {
        Ok(scopes) => {
            let many = scopes.len() > 1;
            let mut judged: FxHashSet<(usize, u64)> = FxHashSet::default();
            let mut sound: FxHashMap<u64, bool> = FxHashMap::default();
            for scope in &scopes {
                // A type that is said to be of another image than it is has been told: what that image would need is not.
                let own = scope.numbers.key(Inputs::KIND);
                if !*sound
                    .entry(own)
                    .or_insert_with(|| super::misfit::image(scope.kind()).is_none())
                {
                    continue;
                }
                found.words = if many { scope.words() } else { String::new() };
                for (group, (inputs, rules)) in VIEW_RULES.iter().enumerate() {
                    if options.stopped() {
                        return;
                    }
                    if judged.insert((group, scope.numbers.key(*inputs))) {
                        rules.iter().for_each(|rule| rule(scope, &mut found));
                    } else if cfg!(debug_assertions) {
                        unchanged(*inputs, rules, scope, &mut found);
                    }
                }
            }
        }
        Err(error) => {
            found.push(error.diagnostic(image));
        }
    }
}

/// In tests: a rule that another view has been judged by finds nothing else in this one.
fn unchanged(inputs: Inputs, rules: &[super::ViewRule], scope: &Scope<'_>, found: &mut Found<'_>) {
    let before = found.since(0).len();
    rules.iter().for_each(|rule| rule(scope, found));
    let new = found.since(before);
    assert!(new.is_empty(), "a rule looks at more than {inputs:?}: {new:?}");
}

/// The views to judge: the one chosen, or each that a build can choose.
fn scopes<'a>(image: &'a Image, options: &Options<'_>) -> Result<Vec<Scope<'a>>, ViewError> {
    let mut out: Vec<Scope<'a>> = Vec::new();
    let mut first_error = None;
    let choices: Vec<Vec<String>> = if options.profiles.is_empty() {
        let alone = image.profiles.iter().map(|p| vec![p.name.value.to_string()]);
        std::iter::once(Vec::new()).chain(alone).collect()
    } else {
        vec![options.profiles.to_vec()]
    };
    let chosen = !options.profiles.is_empty() || image.profiles.is_empty();
    let besides = Rc::new(besides(image, chosen));
    let named: Vec<&str> = named_arches(image).map(|a| a.value.as_str()).collect();
    let mut numbering = Numbering::new(image);
    // For each number of lists, the first view that has them.
    let mut lists: Vec<usize> = Vec::new();
    for arch in arches(image, options) {
        let mut seen: Vec<Vec<String>> = Vec::new();
        for choice in &choices {
            let first = match View::new(image, choice, options.type_name, &arch) {
                Ok(view) => view,
                Err(error) => {
                    first_error.get_or_insert(error);
                    continue;
                }
            };
            let mut profiles = first.profiles.clone();
            profiles.sort();
            if seen.contains(&profiles) {
                continue;
            }
            seen.push(profiles);
            let views = match options.type_name {
                Some(_) => vec![first],
                None => of_each_type(&first),
            };
            for mut view in views {
                if out.len() >= MOST_VIEWS {
                    break;
                }
                let numbers = numbering.of(&view);
                let alike = lists.get(numbers.packages()).and_then(|&at| out.get(at));
                let known = match alike {
                    Some(first) => {
                        view.share_lists(&first.view);
                        first.known.clone()
                    }
                    None => {
                        lists.push(out.len());
                        Rc::default()
                    }
                };
                out.push(Scope {
                    view,
                    besides: besides.clone(),
                    known,
                    numbers,
                    arch_chosen: options.arch.is_some(),
                    arch_named: named.contains(&arch.as_str()),
                });
            }
        }
    }
    match (out.is_empty(), first_error) {
        (true, Some(error)) => Err(error),
        _ => Ok(out),
    }
}

/// The same choice for each image that it can be of.
fn of_each_type<'a>(view: &View<'a>) -> Vec<View<'a>> {
    let mut out: Vec<View<'a>> = Vec::new();
    for image_type in view.preferences.iter().flat_map(|p| &p.types) {
        let own = image_type.image.value.trim();
        // Of two of a name the first is built.
        if !out.iter().any(|v| v.image_type.image.value.trim() == own) {
            out.push(view.of_type(image_type));
        }
    }
    out
}

/// A package in a list sorted by name.
fn find<'a>(list: &[&'a Item], package: &str) -> Option<&'a Item> {
    let at = list.binary_search_by(|i| name(i).cmp(package)).ok()?;
    list.get(at).copied()
}

/// True for machines with a BIOS.
pub(super) fn is_pc(arch: &str) -> bool {
    matches!(arch, "x86_64" | "i586" | "i686" | "ix86")
}

pub(super) fn name(item: &Item) -> &str {
    &item.name.value
}

/// The items of a list sorted by name whose names begin so.
fn starting<'l, 'a>(list: &'l [&'a Item], prefix: &'l str) -> impl Iterator<Item = &'a Item> + 'l {
    let start = list.partition_point(|i| name(i) < prefix);
    let rest = list.get(start..).unwrap_or_default().iter().copied();
    rest.take_while(move |i| name(i).starts_with(prefix))
}

/// The items whose names have one of `parts`.
fn notable<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<&'a Item> {
    items.filter(|i| super::parts::any(name(i))).collect()
}

/// Packages of profiles that no `<type>` asks for, which are there to be combined with others, and such as are not
/// installed because of another fault.
fn besides(image: &Image, chosen: bool) -> Besides<'_> {
    let typed: FxHashSet<&str> = image
        .preferences
        .iter()
        .filter(|p| !p.types.is_empty())
        .flat_map(|p| &p.filter.profiles)
        .map(|p| p.value.as_str())
        .collect();
    let sections = image.packages.iter().filter(|s| {
        let profiles = &s.filter.profiles;
        matches!(s.kind.value.trim(), "image" | "bootstrap")
            && !profiles.is_empty()
            && profiles.iter().any(|p| !typed.contains(p.value.as_str()))
    });
    let items = sections.filter(|_| !chosen).flat_map(|s| &s.items);
    let mut packages: Vec<&Item> = items.filter(|i| i.kind == ItemKind::Package).collect();
    // A list for a type that nobody builds is the fault; what it names is not missing besides.
    packages.extend(super::views::absent_types(image).flat_map(|s| &s.items));
    // What counts for the wrong machine is told as that, and is not missing besides.
    packages.extend(super::packages::misfiltered(image).map(|(item, _)| item));
    packages.extend(super::machines::misnamed(image));
    packages.sort_by_key(|i| name(i));
    let notable = notable(packages.iter().copied());
    Besides { packages, notable }
}

/// The machines that preferences and profiles name.
fn named_arches(image: &Image) -> impl Iterator<Item = &At> {
    let preferences = image.preferences.iter().flat_map(|p| &p.filter.arches);
    let profiles = image.profiles.iter().flat_map(|p| &p.arches);
    preferences.chain(profiles)
}

/// The machines to judge for: the one chosen, or those that preferences and profiles name, or a PC.
fn arches(image: &Image, options: &Options<'_>) -> Vec<String> {
    if let Some(arch) = options.arch {
        return vec![arch.to_owned()];
    }
    let mut out: Vec<String> = Vec::new();
    for arch in named_arches(image) {
        if !out.iter().any(|a| arch.value == *a) {
            out.push(arch.value.to_string());
        }
    }
    let everywhere = image
        .preferences
        .iter()
        .any(|p| p.filter.arches.is_empty() && !p.types.is_empty());
    if out.is_empty() || everywhere && !out.iter().any(|a| a == "x86_64") {
        out.insert(0, "x86_64".to_owned());
    }
    out.truncate(4);
    out
}
