//! Entries of the package lists that are no packages, and such as name no package at all: collections under a name that the
//! package manager gives them by itself, entries of lists that take packages alone. Asks no repository.

use rustc_hash::FxHashMap;

use super::Family;
use crate::description::model::{At, Item, ItemKind};
use crate::rules::found::{Found, before, plural};
use crate::rules::whole::Whole;

/// Judges the entries of all lists.
pub(in crate::rules) fn lists(whole: &Whole<'_>, found: &mut Found<'_>) {
    let catalog = &whole.catalog;
    if let Some(first) = catalog.first("") {
        for (_, item) in catalog.same(first) {
            let message = format!("the `<{}>` has no name", item.kind.element());
            let edit = found.remove(item, false);
            if let Some(told) = found.add("package-name", &item.name, message, "a name is expected") {
                told.fixes.extend(edit);
            }
        }
    }
    if catalog.special.is_empty() {
        return;
    }
    let managers = crate::rules::scope::managers(whole.image);
    let mut families = managers.iter().map(|m| Family::of(m));
    let family = families
        .next()
        .flatten()
        .filter(|own| families.all(|f| f == Some(*own)));
    let mut modules: FxHashMap<&str, &At> = FxHashMap::default();
    for at in &catalog.special {
        let Some(item) = catalog.item(*at) else { continue };
        let section = whole.image.packages.get(catalog.section(*at));
        let list = section.map_or("", |s| s.kind.value.trim());
        match (item.kind, list) {
            (
                ItemKind::Collection | ItemKind::Product | ItemKind::Ignore,
                "delete" | "uninstall" | "systemfiles",
            ) => {
                let message = format!("`<{}>` counts for nothing here", item.kind.element());
                let label = "this list takes packages alone";
                found.add("unused-setting", &item.name, message, label);
            }
            (ItemKind::Collection, _) => collection(item, family, found),
            // In another list it is misplaced, which is told.
            (ItemKind::Module, "bootstrap") => module(
                item,
                family,
                section.is_some_and(|s| s.filter.profiles.is_empty()),
                &mut modules,
                found,
            ),
            _ => {}
        }
    }
}

/// A collection with what the package manager puts before its name.
fn collection(item: &Item, family: Option<Family>, found: &mut Found<'_>) {
    let name = item.name.value.trim();
    let (bare, message) = match family {
        Some(Family::Suse) if name.starts_with("pattern:") => {
            let bare = name.trim_start_matches("pattern:").to_owned();
            (bare, format!("`{name}` is looked for as `pattern:{name}`"))
        }
        Some(Family::Suse) if name.starts_with('@') => {
            let bare = name.trim_start_matches('@').to_owned();
            (
                bare,
                format!("`{name}` is written as a group of dnf's, and is looked for as `pattern:{name}`"),
            )
        }
        // What the package of a pattern is called.
        Some(Family::Suse) if name.starts_with("patterns-") => {
            let rest = name.trim_start_matches("patterns-");
            let bare = rest.split_once('-').map_or(rest, |(_, own)| own).to_owned();
            (
                bare,
                format!("`{name}` is a package that brings a pattern, and no pattern itself"),
            )
        }
        Some(Family::RedHat) if name.starts_with('@') => {
            let bare = name.trim_start_matches('@').to_owned();
            (bare, format!("`{name}` is looked for as `@{name}`"))
        }
        Some(Family::RedHat) if name.starts_with("patterns-") => {
            let message = format!("`{name}` is a pattern of SUSE's, and no group of packages");
            let told = found.add(
                "package-of-other-distribution",
                &item.name,
                message,
                "such as `core`",
            );
            if let Some(told) = told {
                told.help = Some("the group is not found: the build would stop in prepare".into());
            }
            return;
        }
        Some(own) => return foreign_collection(item, name, own, found),
        _ => return,
    };
    found.instead("package-name", &item.name, message, Some(&bare), false, "");
}

/// Groups of packages that Fedora and its kin have, and SUSE has not.
const GROUPS: &[&str] = &[
    "core",
    "standard",
    "base-x",
    "guest-agents",
    "hardware-support",
    "networkmanager-submodules",
    "workstation-product",
    "server-product",
    "cloud-server",
    "anaconda-tools",
    "dial-up",
    "fonts",
    "multimedia",
    "printing",
    "gnome-desktop",
    "kde-desktop",
    "minimal-environment",
    "server-product-environment",
    "workstation-product-environment",
    "development-tools",
    "container-management",
    "virtualization",
    "web-server",
];

/// Patterns that SUSE has, and the others have no group of that name.
const PATTERNS: &[&str] = &[
    "minimal_base",
    "enhanced_base",
    "basesystem",
    "yast2_basis",
    "yast2_desktop",
    "sw_management",
    "x11",
    "x11_enhanced",
    "gnome_basis",
    "gnome_basic",
    "gnome_yast",
    "kde_plasma",
    "kde_yast",
    "xfce_basis",
    "apparmor",
    "selinux",
    "documentation",
    "bootloader",
    "base",
    "console",
    "kvm_server",
    "kvm_tools",
    "xen_server",
    "devel_basis",
    "devel_C_C++",
    "file_server",
    "lamp_server",
    "transactional_base",
    "container_runtime",
    "cockpit",
    "fonts",
    "games",
    "multimedia",
    "office",
    "print_server",
];

/// Further patterns of SUSE's, and further groups of Fedora's and its kin: others may have such too.
const MORE_PATTERNS: &[&str] = &[
    "books",
    "dhcp_dns_server",
    "directory_server",
    "fonts_opt",
    "gateway_server",
    "gnome",
    "gnome_imaging",
    "gnome_multimedia",
    "imaging",
    "kde_games",
    "kde_imaging",
    "kde_internet",
    "kde_multimedia",
    "kde_office",
    "kde_pim",
    "kde_utilities",
    "laptop",
    "lxqt",
    "mail_server",
    "mate",
    "microos_base",
    "microos_defaults",
    "microos_hardware",
    "network_admin",
    "non_oss",
    "remote_desktop",
    "sssd_ldap",
    "sw_management_gnome",
    "sw_management_kde",
    "technical_writing",
    "tools",
    "xfce",
    "yast2_install_wf",
];
const MORE_GROUPS: &[&str] = &[
    "admin-tools",
    "base-graphical",
    "basic-desktop",
    "budgie-desktop",
    "c-development",
    "cinnamon-desktop",
    "cloud-management",
    "development-libs",
    "dns-server",
    "domain-client",
    "editors",
    "file-server",
    "firefox",
    "freeipa-server",
    "ftp-server",
    "gnome",
    "headless-management",
    "i3-desktop",
    "input-methods",
    "libreoffice",
    "lxqt-desktop",
    "mail-server",
    "mate-desktop",
    "network-server",
    "office",
    "print-client",
    "rpm-development-tools",
    "sql-server",
    "sway-desktop",
    "system-tools",
    "window-managers",
    "xfce-desktop",
];

/// A collection that the other distribution has, or a slip of one that this has.
fn foreign_collection(item: &Item, name: &str, own: Family, found: &mut Found<'_>) {
    let (known, more, others, whose) = match own {
        Family::Suse => (
            PATTERNS,
            MORE_PATTERNS,
            GROUPS,
            "a group of Fedora's and its kin, and no pattern of SUSE's",
        ),
        Family::RedHat => (
            GROUPS,
            MORE_GROUPS,
            PATTERNS,
            "a pattern of SUSE's, and no group of packages here",
        ),
        _ => return,
    };
    let slip = |k: &&str| {
        // Of those that are less usual a plural may be another.
        let plural = plural(k, name) && !name.ends_with("ss");
        k.len() > 3 && !(plural && more.contains(k)) && crate::rules::found::one_keystroke(k, name)
    };
    let shared = [
        "fonts",
        "multimedia",
        "base",
        "console",
        "games",
        "office",
        "selinux",
        "documentation",
        "printing",
    ];
    let told = if known.contains(&name) || more.contains(&name) || shared.contains(&name) {
        return;
    } else if others.contains(&name) && (own == Family::Suse || name.contains('_') || name == "apparmor") {
        let message = format!("`{name}` is {whose}");
        let label = if own == Family::Suse {
            "such as `minimal_base`"
        } else {
            "such as `core`"
        };
        found.add("package-of-other-distribution", &item.name, message, label)
    } else if let Some(meant) = known
        .iter()
        .chain(more)
        .copied()
        .find(slip)
        .filter(|_| !others.contains(&name))
    {
        let message = format!("no group of packages is known as `{name}`");
        found.instead("package-name", &item.name, message, Some(meant), false, "");
        found.last()
    } else {
        None
    };
    if let Some(told) = told {
        told.help = Some("the group is not found: the build would stop in prepare".into());
    }
}

/// A module of `dnf` for another package manager, or one that is set twice.
fn module<'a>(
    item: &'a Item,
    family: Option<Family>,
    always: bool,
    seen: &mut FxHashMap<&'a str, &'a At>,
    found: &mut Found<'_>,
) {
    if family.is_some_and(|f| f != Family::RedHat) {
        let message = "the package manager has no modules".to_owned();
        let label = "nothing is done for it";
        if let Some(told) = found.add("entry-not-for-manager", &item.name, message, label) {
            told.severity = crate::diagnostic::Severity::Info;
        }
    } else if always && let Some(first) = before(seen, item.name.value.trim(), &item.name) {
        let message = format!("the module `{}` is set twice", item.name.value.trim());
        found.pair(
            "duplicate-setting",
            &item.name,
            message,
            "again",
            first,
            "first set here",
        );
    }
}
