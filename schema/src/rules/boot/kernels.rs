//! The kernel that an image is started by: what kernels are called, and that some list installs one. Asks no repository.

use crate::description::model::{At, Image, Item, ItemKind};
use crate::rules::catalog::Catalog;
use crate::rules::found::{Found, has_part};
use crate::rules::packages::offers::{For, package};
use crate::rules::packages::{Family, family};
use crate::rules::repositories::suite_releases::is_ubuntu;
use crate::rules::scope::Scope;
use crate::rules::words;

/// The image is started by a kernel of its own.
pub(in crate::rules) fn boots(scope: &Scope<'_>) -> bool {
    matches!(scope.image(), "oem" | "iso" | "kis" | "pxe" | "enclave") && scope.type_has_packages()
}

/// What comes beside a kernel under its name.
const BESIDE: &[&str] = &["-debuginfo", "-debugsource", "-devel", "-docs", "-doc"];

/// Names that begin like a kernel and are none.
const NO_KERNELS: &[&str] = &[
    "kernel-firmware",
    "kernel-headers",
    "kernel-devel",
    "kernel-source",
    "kernel-macros",
    "kernel-tools",
    "kernel-docs",
    "kernel-install-tools",
    "linux-firmware",
    "linux-headers",
    "linux-libc-dev",
    "linux-glibc-devel",
    "linux-base",
    "linux-doc",
    "linux-tools",
    "linux-cloud-tools",
    "linux-modules",
    "linux-perf",
    "linux-kbuild",
    "linux-compiler",
    "linux-config",
    "linux-cpupower",
    "linux-buildinfo",
    "linux-crashdump",
    "linux-api-headers",
    "linux-source",
    "linux-pam",
    "nfs-kernel-server",
];

/// What several kernels provide, so that none of them is chosen; elsewhere nobody has it.
const VIRTUAL: &str = "linux-image";

pub(in crate::rules) fn is_kernel(name: &str) -> bool {
    // A name may carry a version or a repository before it.
    let named = has_part(name, "kernel")
        || name == "linux"
        || name.starts_with("linux-")
        || has_part(name, "linux-image");
    let none =
        || NO_KERNELS.iter().any(|n| name.starts_with(n)) || BESIDE.iter().any(|end| name.ends_with(end));
    // The modules that are extra depend on their kernel.
    name != VIRTUAL && named && (!none() || name.starts_with("linux-modules-extra"))
}

/// Whose patterns are known: none of them brings a kernel.
const PATTERNS: &[&str] = &[
    "base",
    "openSUSE",
    "opensuse",
    "sles",
    "sled",
    "sle",
    "SLE",
    "suse",
    "yast",
    "gnome",
    "kde",
    "xfce",
    "lxde",
    "lxqt",
    "mate",
    "budgie",
    "cinnamon",
    "enlightenment",
    "deepin",
    "sway",
    "desktop",
    "fonts",
    "games",
    "office",
    "devel",
    "server",
    "container",
    "containers",
    "network",
    "media",
    "imaging",
    "multimedia",
    "microos",
    "micro",
    "rpm",
    "kubic",
    "caasp",
    "cockpit",
    "hpc",
    "sap",
    "wsl",
    "public",
    "leap",
    "glibc",
];

/// A pattern of the author's own, which may bring anything.
fn own_patterns(scope: &Scope<'_>) -> bool {
    scope.starting("patterns-").any(|n| !of_distribution(n))
}

/// A pattern of the distribution's own.
fn of_distribution(name: &str) -> bool {
    let rest = name.strip_prefix("patterns-").unwrap_or(name);
    PATTERNS.contains(&rest.split('-').next().unwrap_or(rest))
}

/// A pattern of the distribution's own that has neither a kernel nor a boot loader.
pub(in crate::rules) fn is_bare(pattern: &str) -> bool {
    let last = pattern.rsplit(['-', ':']).next().unwrap_or(pattern);
    NO_KERNEL_IN.contains(&last) && (pattern.starts_with("pattern:") || of_distribution(pattern))
}

/// Groups and patterns of distributions that have no kernel, nor a boot loader: an installer adds them by itself.
const NO_KERNEL_IN: &[&str] = &[
    "core",
    "standard",
    "network-server",
    "selinux",
    "apparmor",
    "hardware-support",
    "fonts",
    "multimedia",
    "guest-agents",
    "guest-desktop-agents",
    "kde-desktop",
    "kde-apps",
    "kde-media",
    "gnome-desktop",
    "workstation-product",
    "xfce-desktop",
    "lxqt-desktop",
    "base-x",
    "base-graphical",
    "printing",
    "firefox",
    "libreoffice",
    "admin-tools",
    "input-methods",
    "networkmanager-submodules",
    "dial-up",
    "c-development",
    "development-tools",
    "container-management",
    "minimal_base",
    "base",
    "enhanced_base",
    "x11",
    "gnome",
    "gnome_basic",
    "gnome_x11",
    "kde",
    "kde_plasma",
    "xfce",
    "office",
    "imaging",
    "games",
    "apparmor",
    "sw_management",
    "yast2_basis",
    "yast2_desktop",
    "documentation",
    "devel_basis",
];

/// The first profile whose lists have a kernel.
pub(in crate::rules) fn of_profile<'a>(image: &'a Image, catalog: &Catalog<'a>) -> Option<&'a str> {
    let all = catalog.notable.iter().flat_map(|n| catalog.same(n.first));
    let mut sections = all
        .filter(|(_, item)| is_kernel(item.name.value.as_str()))
        .filter_map(|(at, _)| image.packages.get(catalog.section(at)));
    let section = sections
        .find(|s| matches!(s.kind.value.trim(), "image" | "bootstrap") && !s.filter.profiles.is_empty())?;
    Some(section.filter.profiles.first()?.value.as_str())
}

/// A profile that is not active here has the kernel: what else boots an image is there too, and is not told besides.
pub(in crate::rules) fn in_another_profile(scope: &Scope<'_>) -> bool {
    scope.whole.kernel_profile().is_some()
        && boots(scope)
        && !named(scope)
        && !more_kernels(scope)
        && !own_patterns(scope)
}

/// A list installs a kernel.
fn named(scope: &Scope<'_>) -> bool {
    let parts = KERNELS.into_iter().flat_map(|part| scope.with_part(part));
    parts.chain(scope.starting("linux")).any(is_kernel)
}

/// What starts a machine is listed for others alone: the view is none that its author builds.
pub(in crate::rules) fn for_others(scope: &Scope<'_>) -> bool {
    if scope.arch_chosen {
        return false;
    }
    let own = |arches: &[At]| arches.iter().any(|a| a.value == scope.view.arch);
    let section = super::loader_machines::section(scope);
    let declared = |name: &At| {
        let mut all = scope.view.image.profiles.iter();
        all.any(|p| p.name.value == name.value && own(&p.arches))
    };
    if section.is_some_and(|s| own(&s.filter.arches) || s.filter.profiles.iter().any(declared)) {
        return false;
    }
    let catalog = &scope.whole.catalog;
    let mut others = false;
    for &at in &catalog.filtered {
        let Some(item) = catalog
            .item(at)
            .filter(|i| scope.lists_section(catalog.section(at)) && !crate::rules::machines::is_misnamed(i))
        else {
            continue;
        };
        if own(&item.filter().arches) {
            return false;
        }
        let name = item.name.value.as_str();
        others |= is_kernel(name) || name.starts_with("grub") || name.starts_with("shim");
    }
    others
}

/// Names of images that their distributions have packages of.
const DISTRIBUTIONS: &[&str] = &[
    "almalinux",
    "alpine",
    "arch",
    "archlinux",
    "centos",
    "debian",
    "fedora",
    "kernel",
    "linux",
    "opensuse",
    "rocky",
    "sles",
    "suse",
    "ubuntu",
];

/// A package that the author made for this image, by its name: it may bring all of it.
pub(in crate::rules) fn own_base(scope: &Scope<'_>) -> bool {
    let own = scope.view.image.name.to_ascii_lowercase();
    if own.len() < 4 || DISTRIBUTIONS.contains(&own.as_str()) {
        return false;
    }
    let ends = [
        "base", "core", "desktop", "full", "meta", "minimal", "packages", "system",
    ];
    let mut name = own + "-";
    let start = name.len();
    ends.iter().any(|end| {
        name.truncate(start);
        name.push_str(end);
        scope.has(&name)
    })
}

/// A collection that may bring a kernel.
fn more_kernels(scope: &Scope<'_>) -> bool {
    scope.brings(|item| match item.group() {
        Some(group) => !NO_KERNEL_IN.contains(&group),
        None => item.kind == ItemKind::Product,
    })
}

/// Parts of the names of kernels.
const KERNELS: [&str; 2] = ["kernel", "linux-image"];

/// The one of these kernels that the distribution has, where that is beyond doubt.
fn kernel<'n>(scope: &Scope<'_>, names: &[&'n str]) -> Option<&'n str> {
    if family(scope) != Family::Debian {
        return names.first().copied();
    }
    let ubuntu = is_ubuntu(scope);
    let known = ubuntu || matches!(scope.view.arch.as_str(), "x86_64" | "aarch64");
    names.get(usize::from(ubuntu)).copied().filter(|_| known)
}

/// The package whose name is a slip of a kernel's, where there is no kernel.
fn slip<'a>(scope: &Scope<'a>, names: &[&str]) -> Option<&'a Item> {
    let near = |own: &str| {
        let short = (4..8).contains(&own.len());
        own == VIRTUAL || short && names.iter().any(|n| crate::rules::found::one_keystroke(own, n))
    };
    scope.installed().find(|item| near(item.name.value.as_str()))
}

/// Tells where no list installs a kernel.
/// Where a profile has one that is not active here, true: what else boots an image is there too, and not told besides.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) -> bool {
    let none = crate::rules::machines::is_none(&scope.view.arch);
    if !boots(scope)
        || none
        || more_kernels(scope)
        || named(scope)
        || own_patterns(scope)
        || for_others(scope)
    {
        return false;
    }
    if own_base(scope) {
        return false;
    }
    let names: &[&str] = match family(scope) {
        Family::Suse => &["kernel-default"],
        Family::RedHat => &["kernel"],
        Family::Debian if scope.view.arch == "aarch64" => &["linux-image-arm64", "linux-generic"],
        Family::Debian => &["linux-image-amd64", "linux-generic"],
        Family::Arch => &["linux"],
        Family::Alpine => &["linux-lts", "linux-virt"],
    };
    if let Some(item) = slip(scope, names) {
        let message = match item.name.value.as_str() {
            VIRTUAL => format!("`{VIRTUAL}` is no kernel that can be installed"),
            name => format!("`{name}` is likely misspelt"),
        };
        found.instead(
            "package-name",
            &item.name,
            message,
            kernel(scope, names),
            false,
            "",
        );
        return false;
    }
    let message = format!("no list installs a kernel, and `{}` needs one", scope.image());
    let label = match scope.whole.kernel_profile() {
        Some(profile) => format!("add {}, or require the profile `{profile}`", words(names, "or")),
        None => format!("add {}", words(names, "or")),
    };
    let at = &scope.view.image_type.image;
    if found.once("missing-kernel", "", at, message, label).is_some()
        && let Some(name) = kernel(scope, names)
    {
        package(scope, name, For::All, found);
    }
    scope.whole.kernel_profile().is_some()
}
