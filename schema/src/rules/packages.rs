//! Package lists judged by name alone: what is named twice or against another list, and what an image needs to boot
//! and does not name. Knows a few dozen names of each family of distributions; asks no repository.

use rustc_hash::FxHashMap;

use super::found::{Found, has_part};
use super::scope::{Scope, name};
use super::whole::Whole;
use super::words;
use crate::description::PackageKind;
use crate::description::model::{At, Image, Item, ItemKind};

/// Judges what does not depend on a view.
pub(super) fn image(image: &Image, found: &mut Found<'_>) {
    let items = image.packages.iter().flat_map(|s| &s.items);
    for (item, machine) in items.filter_map(|i| Some((i, misfiltered_machine(i)?))) {
        let named: Vec<&str> = item.filter().arches.iter().map(|a| a.value.trim()).collect();
        let message = format!(
            "`{}` is for `{machine}`, and counts only for {}",
            item.name.value,
            words(&named, "and")
        );
        let label = "does not start this machine";
        found.add("package-for-other-machine", &item.name, message, label);
    }
}

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    kernel(scope, found);
    initrd(scope, found);
    live(scope, found);
    tools(scope, found);
    filesystem_tools(scope, found);
    bootstrap(scope, found);
}

/// The same item twice in lists of one kind that count under the same conditions.
pub(super) fn duplicates(scope: &Whole<'_>, found: &mut Found<'_>) {
    let list = |of: &[At]| {
        let mut names: Vec<&str> = of.iter().map(|a| a.value.as_str()).collect();
        names.sort_unstable();
        names.join(",")
    };
    let catalog = &scope.catalog;
    for first in catalog.repeated() {
        let mut told: FxHashMap<_, Vec<&Item>> = FxHashMap::default();
        for (at, item) in catalog.same(first) {
            // The same archive or file may be put into two places.
            let listed = matches!(
                item.kind,
                ItemKind::Package | ItemKind::Collection | ItemKind::Product | ItemKind::Ignore
            );
            let Some(section) = scope.image.packages.get(catalog.section(at)) else {
                continue;
            };
            let other = || super::misspelt::ends_blank(scope.image, item);
            if !listed || name(item).is_empty() || other() {
                continue;
            }
            let under = (
                section.kind.value.trim(),
                item.kind,
                list(&section.filter.profiles),
            );
            let before = told.entry(under).or_default();
            match before.iter().find(|first| covers(first, item)) {
                Some(first) => again(item, first, found),
                None => before.push(item),
            }
        }
    }
}

/// An entry is for all the machines that another is for.
fn covers(first: &Item, other: &Item) -> bool {
    let (first, other) = (&first.filter().arches, &other.filter().arches);
    let same = |a: &At| first.iter().any(|b| b.value == a.value);
    first.is_empty() || !other.is_empty() && other.iter().all(same)
}

/// Tells that an entry repeats another.
fn again(item: &Item, first: &Item, found: &mut Found<'_>) {
    let message = format!("`{}` is listed twice", name(item));
    // Not certain: the second may have been meant to be another one.
    let fix = found.remove(item, false);
    let told = found.pair(
        "duplicate-package",
        &item.name,
        message,
        "again",
        &first.name,
        "first listed here",
    );
    if let Some(told) = told {
        told.fixes.extend(fix);
    }
}

/// Names to remove that nothing installs. What is installed and removed is judged in `removed`, with the scripts.
pub(super) fn contradictions(scope: &Scope<'_>, found: &mut Found<'_>) {
    for (kind, verb) in [
        (PackageKind::Delete, "deleted"),
        (PackageKind::Uninstall, "uninstalled"),
    ] {
        for item in scope.items(kind) {
            let own = name(item);
            if !scope.has(own) {
                // A dependency may bring it: only a name that looks like another is worth a word.
                if let Some(near) = scope.near_installed(own).filter(|_| own.len() > 3) {
                    let message = format!("`{own}` is {verb}, and no list installs it");
                    found.instead(
                        "deleted-never-installed",
                        &item.name,
                        message,
                        Some(near),
                        false,
                        "",
                    );
                }
            }
        }
    }
}

/// A family of distributions, by the package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Suse,
    RedHat,
    Debian,
    Arch,
    Alpine,
}

impl Family {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// The one whose package manager is called so.
    pub fn of(manager: &str) -> Option<Self> {
        match manager {
            "zypper" => Some(Self::Suse),
            "apt" => Some(Self::Debian),
            "pacman" => Some(Self::Arch),
            "apk" => Some(Self::Alpine),
            "dnf4" | "dnf5" | "microdnf" => Some(Self::RedHat),
            _ => None,
        }
    }
}

pub(super) fn family(scope: &Scope<'_>) -> Family {
    Family::of(scope.manager).unwrap_or(Family::RedHat)
}

/// Groups and patterns of the smallest system, which has neither a kernel nor a boot loader.
const SMALLEST: &[&str] = &["core", "minimal_base"];

/// True where what is named may bring more than its name says: patterns, groups, products.
pub(super) fn open_ended(scope: &Scope<'_>) -> bool {
    scope.brings(|item| match item.kind {
        ItemKind::Collection => !SMALLEST.contains(&item.name.value.trim()),
        ItemKind::Product => true,
        _ => false,
    })
}

/// The image is started by a kernel of its own.
fn boots(scope: &Scope<'_>) -> bool {
    matches!(scope.image(), "oem" | "iso" | "kis" | "pxe" | "enclave") && scope.type_has_packages()
}

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
];

fn is_kernel(name: &str) -> bool {
    // A name may carry a version or a repository before it.
    let named = has_part(name, "kernel")
        || name == "linux"
        || name.starts_with("linux-")
        || has_part(name, "linux-image");
    let none = || NO_KERNELS.iter().any(|n| name.starts_with(n));
    // The modules that are extra depend on their kernel.
    named && (!none() || name.starts_with("linux-modules-extra"))
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
    let known = |n: &str| {
        let rest = n.strip_prefix("patterns-").unwrap_or(n);
        PATTERNS.contains(&rest.split('-').next().unwrap_or(rest))
    };
    scope.starting("patterns-").any(|n| !known(n))
}

/// Groups and patterns of distributions that have no kernel: an installer adds one by itself.
const NO_KERNEL_IN: &[&str] = &[
    "core",
    "standard",
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

/// A collection that may bring a kernel.
fn more_kernels(scope: &Scope<'_>) -> bool {
    scope.brings(|item| match item.kind {
        ItemKind::Collection => !NO_KERNEL_IN.contains(&item.name.value.trim()),
        ItemKind::Product => true,
        _ => false,
    })
}

/// Parts of the names of kernels.
const KERNELS: [&str; 2] = ["kernel", "linux-image"];

fn kernel(scope: &Scope<'_>, found: &mut Found<'_>) {
    let named = || {
        let parts = KERNELS.into_iter().flat_map(|part| scope.with_part(part));
        parts.chain(scope.starting("linux")).any(is_kernel)
    };
    if !boots(scope) || more_kernels(scope) || named() || own_patterns(scope) {
        return;
    }
    let names: &[&str] = match family(scope) {
        Family::Suse => &["kernel-default"],
        Family::RedHat => &["kernel"],
        Family::Debian => &["linux-image-amd64", "linux-generic"],
        Family::Arch => &["linux"],
        Family::Alpine => &["linux-lts", "linux-virt"],
    };
    let message = format!("no list installs a kernel, and `{}` needs one", scope.image());
    let label = format!("add {}", words(names, "or"));
    found.once("missing-kernel", "", &scope.view.image_type.image, message, label);
}

/// Words between the dashes of names that say for which machine a package is.
const MACHINES: &[(&str, &[&str])] = &[
    ("x86_64", &["amd64", "x86_64", "x64"]),
    ("aarch64", &["arm64", "aarch64", "aa64"]),
    ("i686", &["i386", "686", "ia32"]),
    ("ppc64le", &["ppc64el", "ppc64le", "powerpc64le"]),
    ("s390x", &["s390x"]),
    ("riscv64", &["riscv64"]),
    ("armv7l", &["armmp", "armhf"]),
];

/// The machine that a kernel or loader is for, where its name says so.
pub(super) fn machine(name: &str) -> Option<&'static str> {
    let boots = is_kernel(name) || name.starts_with("grub") || name.starts_with("shim");
    if !boots {
        return None;
    }
    let words = name.split('-').skip(1);
    let known = words.filter_map(|word| MACHINES.iter().position(|(_, marks)| marks.contains(&word)));
    MACHINES.get(known.min()?).map(|(machine, _)| *machine)
}

/// A kernel or boot loader is listed that is for this machine by its name, and none that is for another.
pub(super) fn for_machine(scope: &Scope<'_>, wanted: &str) -> bool {
    let machines = scope.of_machines().map(|(_, machine)| machine);
    let mut machines = machines.filter(|m| *m != "i686").peekable();
    machines.peek().is_some() && machines.all(|m| m == wanted)
}

/// Packages for another machine than the one they are filtered for, or than the one chosen.
pub(super) fn architectures(scope: &Scope<'_>, found: &mut Found<'_>) {
    for (item, machine) in scope.of_machines() {
        // Without a filter the description may be meant for that machine alone.
        let own = item.filter().arches.iter().any(|a| a.value == scope.view.arch);
        if !own && !scope.arch_chosen && !other_loader(scope, machine) {
            continue;
        }
        let same = scope.view.arch == machine
            || machine == "i686" && matches!(scope.view.arch.as_str(), "i586" | "ix86")
            // EFI of 32 bits starts on 64-bit machines too, and Debian's multi-arch kernels as well.
            || machine == "i686" && scope.view.arch == "x86_64"
            || machine == "armv7l" && scope.view.arch.starts_with("arm");
        if !same {
            let message = format!(
                "`{}` is for `{machine}`, and the build for `{}`",
                name(item),
                scope.view.arch
            );
            found.add(
                "package-for-other-machine",
                &item.name,
                message,
                "does not start this machine",
            );
        }
    }
}

/// The machine of what only one has, whatever the parts of its name are.
fn board(name: &str) -> Option<&'static str> {
    const OF: &[(&str, &str)] = &[
        ("u-boot-rpiarm64", "aarch64"),
        ("raspberrypi-firmware", "aarch64"),
        ("raspberrypi-firmware-config", "aarch64"),
        ("raspberrypi-firmware-dt", "aarch64"),
        ("memtest86+", "x86_64"),
        ("grub2-pc", "x86_64"),
        ("grub2-pc-modules", "x86_64"),
        ("grub-pc", "x86_64"),
        ("grub-pc-bin", "x86_64"),
        ("s390-tools", "s390x"),
        ("s390utils", "s390x"),
        ("powerpc-utils", "ppc64le"),
    ];
    OF.iter()
        .find(|(own, _)| *own == name)
        .map(|(_, machine)| *machine)
}

/// The machine that a kernel or boot loader is for which counts only for machines that it is not for.
pub(super) fn misfiltered_machine(item: &Item) -> Option<&'static str> {
    let arches = &item.filter().arches;
    if arches.is_empty() || item.kind != ItemKind::Package || super::machines::is_misnamed(item) {
        return None;
    }
    let name = item.name.value.as_str();
    let machine = machine(name).or_else(|| board(name))?;
    let fits = |arch: &str| {
        arch == machine
            || machine == "i686" && matches!(arch, "i586" | "ix86" | "x86_64")
            || machine == "armv7l" && arch.starts_with("arm")
            || machine == "ppc64le" && arch.starts_with("ppc")
            || machine == "x86_64" && super::scope::is_pc(arch)
            || machine == "s390x" && arch.starts_with("s390")
            || name.starts_with("raspberrypi") && arch.starts_with("arm")
    };
    (!arches.iter().any(|a| fits(a.value.trim()))).then_some(machine)
}

/// The lists have boot loaders by the machine's name, and none of them is for the machine that a kernel is for.
fn other_loader(scope: &Scope<'_>, kernel: &str) -> bool {
    let loaders = scope.of_machines().filter(|(i, _)| !is_kernel(name(i)));
    let mut machines = loaders.map(|(_, machine)| machine).peekable();
    machines.peek().is_some() && machines.all(|m| m != kernel && m != "i686" && kernel != "i686")
}

/// Where packages do not bring dracut by themselves, it has to be named.
fn initrd(scope: &Scope<'_>, found: &mut Found<'_>) {
    let other = match family(scope) {
        Family::Debian => "`initramfs-tools`, which the kernel brings",
        Family::Arch => "`mkinitcpio`, which the kernel brings",
        _ => return,
    };
    let needs = matches!(scope.image(), "oem" | "iso" | "kis") && scope.initrd() == "dracut";
    let named = || scope.with_part("dracut").next().is_some();
    // Names of another family say that it is the package manager which is wrong.
    let known = || super::foreign::other_manager(scope, family(scope)).is_none();
    // A missing module of dracut, which has been told, brings it.
    if needs
        && !super::runtime::lacks_module(scope)
        && lacks_live(scope).is_none()
        && scope.type_has_packages()
        && !open_ended(scope)
        && !named()
        && known()
    {
        let message = "the initrd is made by dracut, and no list installs it".to_owned();
        let label = format!("add `dracut`: it takes the place of {other}");
        found.once(
            "missing-initrd-tool",
            "",
            &scope.view.image_type.image,
            message,
            label,
        );
    }
}

/// The module that starts a live medium in the way of dracut itself is a package of its own on some distributions.
fn live(scope: &Scope<'_>, found: &mut Found<'_>) {
    if let Some(flags) = lacks_live(scope) {
        let message = "a live medium by `dmsquash` needs the package `dracut-live`".to_owned();
        let label = "no `<packages>` in this view has it";
        if let Some(told) = found.once("missing-dracut-module", "dmsquash", flags, message, label) {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help = Some("the build would stop in create, where the initrd is made".into());
        }
    }
}

/// Where a live medium asks for that module and no list has it.
fn lacks_live<'a>(scope: &Scope<'a>) -> Option<&'a At> {
    let flags = scope.kind().attrs.at("flags")?;
    let asked = scope.image() == "iso" && flags.value.trim() == "dmsquash";
    let apart = || matches!(family(scope), Family::Debian | Family::RedHat);
    let named = || {
        scope.with_part("dracut").any(|n| has_part(n, "dracut-live"))
            || scope.with_part("anaconda").next().is_some()
            // Debian's older releases have it all in one.
            || family(scope) == Family::Debian && scope.has("dracut")
    };
    // Groups of Red Hat's that are not for installers bring none.
    let brought = || match family(scope) {
        Family::RedHat => scope.brings(|i| {
            let own = i.name.value.to_ascii_lowercase();
            i.kind == ItemKind::Product || own.contains("anaconda") || own.contains("live")
        }),
        _ => open_ended(scope),
    };
    (asked && apart() && scope.type_has_packages() && !brought() && !named()).then_some(flags)
}

/// Tools that the initrd needs to find and open the root.
fn tools(scope: &Scope<'_>, found: &mut Found<'_>) {
    if !matches!(scope.image(), "oem") || open_ended(scope) || !scope.type_has_packages() {
        return;
    }
    let attrs = &scope.kind().attrs;
    let rpm = matches!(family(scope), Family::Suse | Family::RedHat);
    let modules = scope.with_part("dracut").any(|n| n.starts_with("dracut-kiwi-"));
    let mut need = |names: &[&str], at: &dyn super::found::Place, what: &str| {
        if !names.iter().any(|n| scope.has(n)) {
            let message = format!("no list installs {}, which {what} needs", words(names, "or"));
            let told = found.once(
                "missing-disk-tool",
                names.first().copied().unwrap_or(""),
                at,
                message,
                "cannot be opened without it",
            );
            // KIWI's modules depend on these tools, where they are packed for RPM.
            if let Some(told) = told.filter(|_| rpm && modules) {
                told.severity = crate::diagnostic::Severity::Info;
                told.help = Some(
                    "a package of KIWI's modules for dracut brings it; without that the guest would not boot"
                        .into(),
                );
            }
        }
    };
    if scope.volume_management() == Some("lvm") && !super::misfit::of_btrfs(scope.kind()) {
        if let Some(disk) = scope.kind().child("systemdisk") {
            need(&["lvm2"], disk, "a root on logical volumes");
        }
    }
    if let Some(raid) = attrs.at("mdraid") {
        need(&["mdadm"], raid, "a root on a RAID");
    }
    if let Some(luks) = attrs.at("luks") {
        need(
            &["cryptsetup", "cryptsetup-initramfs", "cryptsetup-bin"],
            luks,
            "an encrypted root",
        );
    }
    // Tools of file systems come with dependencies on most distributions: seventeen real descriptions name none.
}

/// Tools of the root's file system, by what their packages are called somewhere. Others are part of every system.
fn filesystem_tools(scope: &Scope<'_>, found: &mut Found<'_>) {
    let patterns = || {
        let prefixes = ["patterns-", "pattern:"].into_iter();
        prefixes.flat_map(|p| scope.starting(p)).next().is_some()
    };
    let Some(at) = scope.kind().attrs.at("filesystem") else {
        return;
    };
    let (mark, name) = match (at.value.trim(), family(scope)) {
        ("xfs", _) => ("xfs", "xfsprogs"),
        ("btrfs", Family::Suse) => ("btrfs", "btrfsprogs"),
        ("btrfs", _) => ("btrfs", "btrfs-progs"),
        _ => return,
    };
    // Snapper and the like bring the tools of Btrfs.
    let part = |part| scope.with_part(part).next().is_some();
    let brought = || part(mark) || mark == "btrfs" && part("snapper");
    // Groups as small as `core` of EL have the tools of XFS.
    let groups = scope.brings(|item| item.kind == ItemKind::Collection);
    if scope.image() == "oem"
        && scope.type_has_packages()
        && !groups
        && !open_ended(scope)
        && !super::misfit::of_btrfs(scope.kind())
        && !patterns()
        && !brought()
        && scope.kind().attrs.bool("overlayroot") != Some(true)
    {
        let message = format!("no list installs `{name}`, the tools of the root's file system");
        found.once(
            "missing-filesystem-tool",
            name,
            at,
            message,
            format!("add the package `{name}`"),
        );
    }
}

/// Packages to install, and none to start with.
fn bootstrap(scope: &Scope<'_>, found: &mut Found<'_>) {
    let none = |kind| scope.special(PackageKind::Bootstrap, kind).next().is_none();
    // A section that is there says that its author knows: it may name nothing of its own.
    let given = scope
        .view
        .image
        .packages
        .iter()
        .any(|s| s.kind.value.trim() == "bootstrap");
    if given {
        return;
    }
    let empty =
        !scope.has_list(PackageKind::Bootstrap) && none(ItemKind::Collection) && none(ItemKind::Product);
    let ready = scope.kind().attrs.at("derived_from").is_some() || !none(ItemKind::Archive);
    let named = scope
        .view
        .image
        .packages
        .iter()
        .any(|s| s.element.attrs.at("bootstrap_package").is_some());
    let boot = scope
        .view
        .image
        .description
        .as_ref()
        .and_then(|d| d.attrs.get("type"))
        == Some("boot");
    if empty && !ready && !named && !boot && scope.type_has_packages() {
        let message = "no `<packages type=\"bootstrap\">` is active".to_owned();
        let label = "the package manager and what it needs have to come first";
        found.once(
            "missing-bootstrap",
            "",
            &scope.view.image_type.image,
            message,
            label,
        );
    }
}
