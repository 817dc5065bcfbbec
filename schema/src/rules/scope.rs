//! Which views of a description there are to judge, and what a rule sees of one.

use rustc_hash::FxHashSet;

use super::found::Found;
use super::{IMAGE_RULES, Options, VIEW_RULES};
use crate::description::model::{Element, Image, Item, ItemKind};
use crate::description::{PackageKind, View, ViewError};
use crate::diagnostic::Diagnostic;
use crate::syntax::{NodeId, Tree};

/// More views than this are not judged: what one of them finds, the others mostly find too.
const MOST_VIEWS: usize = 64;

/// The lists of what is installed.
const INSTALLED: [PackageKind; 2] = [PackageKind::Bootstrap, PackageKind::System];

/// One view with what rules ask of it again and again.
pub(super) struct Scope<'a> {
    pub view: View<'a>,
    /// The packages that profiles without a type of their own could add. Empty where profiles were chosen.
    pub addable: FxHashSet<&'a str>,
    /// Packages whose names are likely misspelt, with what is meant: that is `addable` too, and missing nowhere.
    pub misspelt: Vec<(&'a Item, &'static str)>,
    /// True where the architecture was chosen.
    pub arch_chosen: bool,
    /// True where the description names the architecture as one that it is for.
    pub arch_named: bool,
}

impl<'a> Scope<'a> {
    /// The package is installed, or an add-on profile could bring it.
    pub fn has(&self, package: &str) -> bool {
        let listed = |kind| self.listed(kind, package).is_some();
        INSTALLED.into_iter().any(listed) || self.addable.contains(package)
    }

    /// The package of that name in a list.
    pub fn listed(&self, kind: PackageKind, package: &str) -> Option<&'a Item> {
        // The lists are sorted by name.
        let packages = &self.view.list(kind).packages;
        let at = packages.binary_search_by(|&i| name(i).cmp(package)).ok()?;
        packages.get(at).copied()
    }

    /// The packages of the bootstrap and system lists; one in both comes twice.
    pub fn installed(&self) -> impl Iterator<Item = &'a str> + '_ {
        let packages = INSTALLED
            .into_iter()
            .flat_map(|kind| &self.view.list(kind).packages);
        packages.map(|&i| name(i))
    }

    /// Every package that may be there.
    pub fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.installed().chain(self.addable.iter().copied())
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
            // A type that is said to be of another image than it is has been told: what that image would need is not.
            let sound = scopes.iter().filter(|s| super::misfit::image(s.kind()).is_none());
            for scope in sound {
                found.words = if many { scope.words() } else { String::new() };
                for rules in VIEW_RULES {
                    if options.stopped() {
                        return;
                    }
                    rules(scope, &mut found);
                }
            }
        }
        Err(error) => {
            found.push(error.diagnostic(image));
        }
    }
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
    let mut seen: FxHashSet<(Vec<String>, String)> = FxHashSet::default();
    for arch in arches(image, options) {
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
            let images: Vec<&str> = match options.type_name {
                Some(_) => vec![first.image_type.image.value.trim()],
                None => first
                    .preferences
                    .iter()
                    .flat_map(|p| &p.types)
                    .map(|t| t.image.value.trim())
                    .collect(),
            };
            for kind in images {
                if out.len() >= MOST_VIEWS || !seen.insert((profiles.clone(), format!("{arch} {kind}"))) {
                    continue;
                }
                if let Ok(view) = View::new(image, choice, Some(kind), &arch) {
                    out.push(scope(view, chosen, options.arch.is_some()));
                }
            }
        }
    }
    match (out.is_empty(), first_error) {
        (true, Some(error)) => Err(error),
        _ => Ok(out),
    }
}

fn scope(view: View<'_>, chosen: bool, arch_chosen: bool) -> Scope<'_> {
    let mut addable = if chosen {
        FxHashSet::default()
    } else {
        addable(view.image)
    };
    // A list for a type that nobody builds is the fault; what it names is not missing besides.
    let absent = super::views::absent_types(view.image);
    addable.extend(absent.flat_map(|s| &s.items).map(name));
    // What counts for the wrong machine is told as that, and is not missing besides.
    addable.extend(super::packages::misfiltered(view.image).map(|(item, _)| name(item)));
    addable.extend(super::machines::misnamed(view.image).map(name));
    let misspelt = super::misspelt::all(&view);
    addable.extend(misspelt.iter().map(|(_, meant)| *meant));
    let preferences = view.image.preferences.iter().flat_map(|p| &p.filter.arches);
    let profiles = view.image.profiles.iter().flat_map(|p| &p.arches);
    let arch_named = preferences.chain(profiles).any(|a| a.value == view.arch);
    Scope {
        misspelt,
        arch_named,
        view,
        addable,
        arch_chosen,
    }
}

fn name(item: &Item) -> &str {
    &item.name.value
}

/// Packages of profiles that no `<type>` asks for: they are there to be combined with others.
fn addable(image: &Image) -> FxHashSet<&str> {
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
    let items = sections.flat_map(|s| &s.items);
    items.filter(|i| i.kind == ItemKind::Package).map(name).collect()
}

/// The machines to judge for: the one chosen, or those that preferences and profiles name, or a PC.
fn arches(image: &Image, options: &Options<'_>) -> Vec<String> {
    if let Some(arch) = options.arch {
        return vec![arch.to_owned()];
    }
    let preferences = image.preferences.iter().flat_map(|p| &p.filter.arches);
    let profiles = image.profiles.iter().flat_map(|p| &p.arches);
    let mut out: Vec<String> = Vec::new();
    for arch in preferences.chain(profiles) {
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
