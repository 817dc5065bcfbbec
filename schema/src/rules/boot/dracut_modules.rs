//! KIWI's modules for dracut that an image needs and no list installs, such as are called otherwise, and one for another kind
//! of image in their place. Knows the modules by name; asks no repository.

use crate::description::PackageKind;
use crate::description::model::{Item, Preferences};
use crate::rules::found::{Found, Place, Text};
use crate::rules::packages::offers::{For, package};
use crate::rules::scope::Scope;

/// The dracut modules of KIWI that an image needs.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    // The second of two that are missing at once is told with the first: it was one list that was forgotten.
    let mut told: Option<usize> = None;
    needed_modules(scope, &mut |module, at, why| {
        if found.told("missing-dracut-module", at) || has_module(scope, module) {
            return;
        }
        let message = format!("{why} needs the package `dracut-kiwi-{module}`");
        if let Some((item, right)) =
            exchanged_module(scope, module).or_else(|| misnamed_module(scope, module))
        {
            found.instead(
                "missing-dracut-module",
                &item.name,
                message,
                Some(&right),
                false,
                "",
            );
            return;
        }
        let offered = format!("dracut-kiwi-{module}");
        if let Some(first) = told
            && found.joins(first, "missing-dracut-module", module, at, &message)
        {
            package(scope, &offered, For::Type, found);
            return;
        }
        let label = "no `<packages>` in this view has it";
        if found
            .once("missing-dracut-module", module, at, message, label)
            .is_some()
        {
            told = found.count().checked_sub(1);
            package(scope, &offered, For::Type, found);
        }
    });
}

/// How the names of KIWI's modules for dracut begin.
const MODULES: [&str; 2] = [PREFIX, "kiwi-dracut-"];

/// The same of most distributions.
pub(in crate::rules) const PREFIX: &str = "dracut-kiwi-";

/// The packages of the modules that there are.
const PACKAGES: [&str; 6] = [
    "dracut-kiwi-lib",
    "dracut-kiwi-live",
    "dracut-kiwi-oem-dump",
    "dracut-kiwi-oem-repart",
    "dracut-kiwi-overlay",
    "dracut-kiwi-verity",
];

/// These, each with the module's own name.
pub(in crate::rules) fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    PACKAGES
        .into_iter()
        .filter_map(|name| Some((name, name.strip_prefix(PREFIX)?)))
}

/// The package that is named as one of KIWI's modules, of which there is none such, and what this one is called.
fn misnamed_module<'a>(scope: &Scope<'a>, module: &str) -> Option<(&'a Item, String)> {
    let bare = format!("kiwi-{module}");
    if let Some(item) = scope.listed(PackageKind::System, &bare) {
        return Some((item, format!("dracut-{bare}")));
    }
    let alike = |own: &str| own.contains(module) || module.split('-').any(|part| own.contains(part));
    scope.installed_with("dracut").find_map(|item| {
        let own = item.name.value.as_str();
        // One that dracut itself has, for other media.
        if own == "dracut-live" && by_dracut(scope) {
            return None;
        }
        if own.strip_prefix("dracut-") == Some(module) {
            return Some((item, format!("dracut-kiwi-{module}")));
        }
        let start = MODULES.into_iter().find(|start| own.starts_with(start))?;
        let rest = own.strip_prefix(start)?;
        let other = start == PREFIX && rest.len() < 8;
        let is_none = known().all(|(_, module)| module != rest);
        (is_none && (alike(rest) || other)).then(|| (item, format!("{start}{module}")))
    })
}

/// The module for another kind of image that a list has which is for this one alone, and the one that is meant.
fn exchanged_module<'a>(scope: &Scope<'a>, module: &str) -> Option<(&'a Item, String)> {
    let image = scope.whole.image;
    let catalog = &scope.whole.catalog;
    let lone = |item: &Item| {
        let first = catalog.first(&item.name.value);
        let mut own = first.into_iter().flat_map(|first| catalog.same(first));
        let place = own.find(|(_, other)| std::ptr::eq(*other, item));
        let list = place.and_then(|(at, _)| image.packages.get(catalog.section(at)));
        let Some(list) = list else { return false };
        let for_list = |p: &&Preferences| {
            let own = &list.filter.profiles;
            p.filter.profiles.is_empty()
                || p.filter
                    .profiles
                    .iter()
                    .any(|n| own.iter().any(|o| o.value == n.value))
        };
        let types = image.preferences.iter().filter(for_list).flat_map(|p| &p.types);
        let mut images = types.map(|t| t.image.value.trim());
        !list.filter.profiles.is_empty() && images.all(|i| i == scope.image())
    };
    scope.installed_with("dracut").find_map(|item| {
        let own = item.name.value.as_str();
        let start = MODULES.into_iter().find(|start| own.starts_with(start))?;
        let of_another = matches!(
            (scope.image(), own.strip_prefix(start)?),
            ("iso", "oem-repart" | "oem-dump") | ("oem", "live")
        );
        (of_another && lone(item)).then(|| (item, format!("{start}{module}")))
    })
}

/// Some live medium of the description is started in the way of dracut itself.
fn by_dracut(scope: &Scope<'_>) -> bool {
    let mut types = scope.whole.image.preferences.iter().flat_map(|p| &p.types);
    types.any(|t| t.element.attrs.get("flags") == Some("dmsquash"))
}

/// A list installs this module.
fn has_module(scope: &Scope<'_>, module: &str) -> bool {
    let brings = |n: &str| MODULES.iter().any(|p| n.strip_prefix(p) == Some(module));
    scope.with_part("dracut").any(brings)
}

/// The image needs a module that no list installs.
pub(super) fn lacks_module(scope: &Scope<'_>) -> bool {
    let mut lacking = false;
    needed_modules(scope, &mut |module, _, _| {
        lacking = lacking || !has_module(scope, module)
    });
    lacking
}

/// Each module that an image needs, what asks for it, and why.
fn needed_modules(scope: &Scope<'_>, need: &mut dyn FnMut(&str, &dyn Place, &str)) {
    let attrs = &scope.kind().attrs;
    let is = |name: &str| attrs.bool(name) == Some(true);
    if scope.image() == "iso" && scope.view.type_attr("flags") != Some("dmsquash") {
        need("live", &scope.view.image_type.image, "a live medium");
    }
    if scope.image() != "oem" || scope.initrd() != "dracut" {
        return;
    }
    // Volumes under an overlay are told.
    let overlay = is("overlayroot") && scope.volume_management().is_none();
    if let Some(at) = attrs.at("overlayroot").filter(|_| overlay) {
        need("overlay", at, "a root under an overlay");
    }
    let resize = scope
        .kind()
        .child("oemconfig")
        .and_then(|o| o.child("oem-resize"));
    match resize {
        Some(off) if matches!(off.text.as_str(), "false" | "0") => {}
        Some(on) => need("oem-repart", &Text(on), "a disk that grows on its first start"),
        None => need(
            "oem-repart",
            &scope.view.image_type.image,
            "a disk that grows on its first start (the default)",
        ),
    }
    for medium in ["installiso", "installstick", "installpxe"] {
        if let Some(at) = attrs.on(medium) {
            need("oem-dump", at, "an installation medium");
            break;
        }
    }
}
