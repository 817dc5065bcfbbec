//! What KIWI does not tell a package manager: products, packages to leave out or to take away, a second way to install
//! patterns. Asks no repository.

use crate::description::PackageKind;
use crate::description::model::ItemKind;
use crate::rules::found::Found;
use crate::rules::scope::Scope;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    ways(scope, found);
    let special = !scope.whole.catalog.special.is_empty();
    if !special && scope.manager != "apt" || scope.whole.unread() {
        return;
    }
    kept(scope, found);
    let (of, what) = match scope.manager {
        "dnf4" | "dnf5" | "microdnf" => (ItemKind::Product, "products"),
        "apt" => (ItemKind::Ignore, "packages to leave out"),
        _ => return,
    };
    for kind in [PackageKind::Bootstrap, PackageKind::System] {
        for item in scope.special(kind, of) {
            let message = format!("KIWI gives `{}` no {what}", scope.manager);
            let told = found.add("entry-not-for-manager", &item.name, message, "does not count");
            if let Some(told) = told {
                told.help = Some("the build goes on as if it did not stand here".into());
            }
        }
    }
}

/// What KIWI has apt remove by `uninstall` stays: apt is shown an empty list of what is installed.
fn kept(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.manager != "apt" {
        return;
    }
    for section in &scope.view.image.packages {
        let kind = &section.kind;
        if kind.value.trim() == "uninstall" && !section.items.is_empty() && scope.view.active(&section.filter)
        {
            let message = "KIWI removes nothing by `uninstall` with `apt`".to_owned();
            let edit = found.replace(kind, "delete", false);
            let label = "`delete` removes them";
            if let Some(told) = found.add("entry-not-for-manager", kind, message, label) {
                told.help = Some("the build would go through, and the packages be in the image".into());
                told.fixes.extend(edit);
            }
        }
    }
}

/// How patterns are installed, asked for in two ways: the first section that says it counts for all.
fn ways(scope: &Scope<'_>, found: &mut Found<'_>) {
    let sections = scope.view.image.packages.iter().enumerate();
    let system = |at: usize, kind: &str| kind != "bootstrap" && scope.lists_section(at);
    let own = sections.filter(|(at, s)| system(*at, s.kind.value.trim()));
    let mut all = own.filter_map(|(_, s)| s.element.attrs.at("patternType"));
    let Some(first) = all.next() else { return };
    if let Some(other) = all.find(|o| o.value.trim() != first.value.trim()) {
        let message = "two sections ask for patterns in two ways, and one counts for all".to_owned();
        let note = "this one counts";
        let code = "contradicting-preferences";
        // Descriptions that are parted into many files have both, and their authors are content.
        if let Some(told) = found.pair(code, other, message, "does not count", first, note) {
            told.severity = crate::diagnostic::Severity::Info;
        }
    }
}
