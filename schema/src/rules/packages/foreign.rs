//! Names of packages that another distribution has, and patterns and products where there are none: one message for
//! each, or one for the package manager where it is that which does not fit. Asks no repository.

use super::names::{Foreign, foreign, owner};
use super::{Family, family};
use crate::description::PackageKind;
use crate::description::model::ItemKind;
use crate::rules::found::{Found, Text};
use crate::rules::scope::{Scope, name};

/// Packages of one family, read by a package manager that another mostly has: SUSE's by dnf, Red Hat's by zypper.
fn mixed(scope: &Scope<'_>, family: Family) -> bool {
    let marks: &[&str] = match family {
        Family::RedHat => &["suse"],
        Family::Suse => &["fedora", "centos", "redhat", "rhel", "rocky", "alma"],
        _ => return false,
    };
    let repositories = &scope.repositories;
    let mut sources = repositories.iter().map(|r| r.source.value.trim());
    let project = |source: &str| source.starts_with("obs");
    // A project may be of SUSE's, unless other names say that it is not.
    // Others that build with dnf there have names of their own, too.
    let own = || scope.odd().filter(|i| owner(name(i)) == Some(family)).count();
    let others = || scope.foreign(family).count();
    family == Family::RedHat && sources.clone().all(project) && (own() == 0 || own() < others())
        || sources.any(|source| {
            let source = source.to_ascii_lowercase();
            marks.iter().any(|m| source.contains(m))
        })
}

/// The family that all foreign names are of, where no name is this family's alone, and there are several or the
/// repositories are that family's too: then it is the package manager that was exchanged.
pub(in crate::rules) fn other_manager(scope: &Scope<'_>, family: Family) -> Option<Family> {
    let mut other = None;
    let mut count = 0;
    for one in scope
        .foreign(family)
        .filter_map(|item| super::names::only(name(item)))
    {
        if *other.get_or_insert(one) != one {
            return None;
        }
        count += 1;
    }
    let own = || scope.odd().any(|item| owner(name(item)) == Some(family));
    let repositories = |of| super::manager_kin::all_of(&scope.repositories, of);
    let enough = |other| repositories(other) || count > 1 && !repositories(family);
    other.filter(|other| enough(*other) && !own())
}

/// Whose names they are.
fn words(family: Family) -> &'static str {
    match family {
        Family::Suse => "SUSE",
        Family::RedHat => "Fedora and its kin",
        Family::Debian => "Debian and its kin",
        Family::Arch => "Arch Linux",
        Family::Alpine => "Alpine",
    }
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let family = family(scope);
    let (groups, products) = match family {
        Family::Debian | Family::Alpine => (true, true),
        Family::Arch => (false, true),
        // The small one knows packages alone.
        // Red Hat's know no products.
        Family::RedHat => (scope.manager == "microdnf", true),
        Family::Suse => (false, false),
    };
    let special = (groups || products) && !scope.whole.catalog.special.is_empty();
    if !special && scope.foreign(family).next().is_none() {
        return;
    }
    let Some(named) = scope.view.first("packagemanager") else {
        return;
    };
    // Where no repository is of the manager's type, that has been told.
    if mixed(scope, family) || scope.whole.unread() {
        return;
    }
    if let Some(other) = other_manager(scope, family) {
        let message = format!(
            "the packages are named as by {}, and are installed by `{}`",
            words(other),
            scope.manager
        );
        let label = "does not have packages of these names";
        found.add("package-of-other-distribution", &Text(named), message, label);
        return;
    }
    let kin = crate::rules::repositories::suite_releases::distribution(scope);
    for item in scope.foreign(family) {
        let name = item.name.value.as_str();
        if let Some((own, kin)) = kin.and_then(|k| super::names::of_kin(name, k == "Ubuntu").zip(Some(k))) {
            let message = format!("{kin} has no package `{name}`");
            let own = Some(own).filter(|own| !own.is_empty());
            let other = if kin == "Ubuntu" { "Debian's" } else { "Ubuntu's" };
            let code = "package-of-other-distribution";
            found.instead(code, &item.name, message, own, false, other);
            continue;
        }
        let Some(known) = foreign(name, family) else {
            continue;
        };
        let message = format!("no repository of `{}` has a package `{name}`", scope.manager);
        let renamed;
        let (own, label) = match known {
            Foreign::Called(own) => {
                // The tables have the names for a PC.
                // They have Debian's names, and Ubuntu another for some.
                let of_ubuntu = || super::names::of_kin(own, true);
                let own = kin
                    .filter(|k| *k == "Ubuntu")
                    .and_then(|_| of_ubuntu())
                    .unwrap_or(own);
                let arm = super::machines::machine(own) == Some("x86_64")
                    && super::machines::for_machine(scope, "aarch64");
                renamed = arm.then(|| super::machines::for_other(own, "aarch64")).flatten();
                let own = renamed.as_deref().or(Some(own)).filter(|own| !own.is_empty());
                (own, format!("not so named by {kind}", kind = words(family)))
            }
            Foreign::Of(other) => {
                let module = || Some(format!("dracut-kiwi-{}", name.strip_prefix("kiwi-dracut-")?));
                renamed = super::names::headers_by(name, family).or_else(module);
                (renamed.as_deref(), format!("so named by {}", words(other)))
            }
            Foreign::Impossible => (None, "lower-case letters, digits, `+`, `-` and `.`".to_owned()),
        };
        let code = "package-of-other-distribution";
        // Where the right one is listed, this one is too many.
        if let Some(own) = own.filter(|own| scope.has(own)) {
            let label = format!("`{own}` is listed");
            let fix = found.remove(item, false);
            if let Some(told) = found.add(code, &item.name, message, label) {
                told.fixes.extend(fix);
            }
            continue;
        }
        found.instead(code, &item.name, message, own, false, &label);
    }
    let entries = [
        (ItemKind::Collection, groups, "patterns or groups"),
        (ItemKind::Product, products, "products"),
    ];
    for (kind, _, what) in entries.into_iter().filter(|(_, refused, _)| *refused) {
        let lists = [PackageKind::Bootstrap, PackageKind::System].into_iter();
        for item in lists.flat_map(|list| scope.special(list, kind)) {
            let message = format!("`{}` has no {what} of packages", scope.manager);
            found.add(
                "entry-not-for-manager",
                &item.name,
                message,
                "nothing is installed for it",
            );
        }
    }
}
