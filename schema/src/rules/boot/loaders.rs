//! The boot loader's packages: none at all, or those of another firmware. Knows what they are called; asks no repository.

use crate::description::model::At;
use crate::rules::found::{Found, Place, has_part};
use crate::rules::packages::offers::{For, package};
use crate::rules::packages::{Family, family, open_ended};
use crate::rules::scope::Scope;
use crate::rules::words;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let loaded = matches!(scope.image(), "oem" | "iso");
    let machine = scope.view.arch.as_str();
    // What is for a machine under another name than its kernel's is told as that.
    let misnamed = crate::rules::machines::is_none(machine);
    if loaded && !misnamed && scope.type_has_packages() && !open_ended(scope) {
        mainframe(scope, found);
    }
    let none = machine == "s390x" || misnamed;
    if !loaded || none || open_ended(scope) || !scope.type_has_packages() {
        return;
    }
    let loader = scope.kind().child("bootloader");
    // Another loader's attributes say that it is the name which is wrong.
    if loader.is_some_and(crate::rules::misfit::of_loader) {
        return;
    }
    let at = loader.and_then(|b| b.attrs.at("name"));
    match at.map_or("grub2", |a| a.value.trim()) {
        "systemd_boot" => systemd_boot(scope, at, found),
        "grub2" => grub(scope, at, found),
        _ => {}
    }
}

/// The loaders of mainframes, and a package of one beside the name of another.
fn mainframe(scope: &Scope<'_>, found: &mut Found<'_>) {
    const EMULATED: &str = "grub2-s390x-emu";
    let Some(at) = scope.kind().child("bootloader").and_then(|b| b.attrs.at("name")) else {
        return;
    };
    let name = at.value.trim();
    let suse = family(scope) == Family::Suse;
    if name == "grub2" && !scope.arch_chosen && scope.has(EMULATED) {
        // Other machines' are listed too: then the machine says which of them counts.
        let others = scope
            .with_part("grub")
            .any(|n| n != EMULATED && crate::rules::packages::machines::machine(n).is_some());
        if !others && !super::loader_machines::sure(scope) {
            let message =
                format!("`grub2` does not start a machine of `s390x`, for which `{EMULATED}` is installed");
            found.instead(
                "loader-not-for-machine",
                at,
                message,
                Some("grub2_s390x_emu"),
                false,
                "",
            );
        }
        return;
    }
    let (package_name, listed) = match name {
        "grub2_s390x_emu" if suse => (EMULATED, scope.has(EMULATED)),
        "zipl" => {
            let name = if suse { "s390-tools" } else { "s390utils" };
            (name, scope.starting("s390").next().is_some())
        }
        _ => return,
    };
    let stranger = || super::loader_machines::stranger(scope);
    if !listed && !elsewhere(scope) && !brought(scope) && stranger().is_none() {
        let message = format!("no list installs `{package_name}`, which is to start the image");
        let label = format!("add `{package_name}`");
        if found
            .once("missing-boot-loader", "s390x", at, message, label)
            .is_some()
        {
            package(scope, package_name, For::All, found);
        }
    }
}

fn systemd_boot(scope: &Scope<'_>, at: Option<&At>, found: &mut Found<'_>) {
    let known = || lists_systemd_boot(scope) || scope.has("udev");
    let part_of_systemd = matches!(family(scope), Family::Arch | Family::Alpine);
    if !part_of_systemd && !known() && !elsewhere(scope) {
        let message = "no list installs `systemd-boot`".to_owned();
        let label = "not in any active list";
        let renamed = grubs(scope)
            .next()
            .and(at)
            .and_then(|at| found.replace(at, "grub2", false));
        let at = at.unwrap_or(&scope.view.image_type.image);
        let told = found.once("missing-boot-loader", "systemd-boot", at, message, label);
        if let Some(told) = told {
            told.fixes.extend(renamed);
            let name = match family(scope) {
                Family::RedHat => "systemd-boot-unsigned",
                _ => "systemd-boot",
            };
            package(scope, name, For::All, found);
        }
    }
}

/// Some package of the loader of systemd is installed, by its name.
fn lists_systemd_boot(scope: &Scope<'_>) -> bool {
    let part = |part| scope.with_part(part).next().is_some();
    part("systemd-boot") || part("sdbootutil")
}

/// A profile that is not active has it with the kernel, which is told, or it is listed for other machines.
fn elsewhere(scope: &Scope<'_>) -> bool {
    super::kernels::in_another_profile(scope) || super::kernels::for_others(scope)
}

/// Packages beside GRUB that every platform shares: none of them starts a machine.
const SHARED: &[&str] = &[
    "grub-common",
    "grub2-common",
    "grub2-tools",
    "grub2-tools-minimal",
    "grubby",
];

/// Patterns of a system that is started by another: a container's too.
const SMALL_PATTERNS: &[&str] = &[
    "minimal_base",
    "patterns-openSUSE-base",
    "patterns-base-base",
    "patterns-sles-base",
    "pattern:base",
];

/// What else may bring GRUB is listed: patterns other than those of the smallest system, and what depends on it.
fn brought(scope: &Scope<'_>) -> bool {
    let starting = |prefix| scope.starting(prefix);
    patterns(scope)
        || family(scope) == Family::Debian
            && !matches!(scope.view.type_attr("firmware"), Some("bios" | "ec2"))
            && starting("shim").next().is_some()
        || starting("anaconda").next().is_some()
        || scope.has("yast2-bootloader")
        || super::kernels::own_base(scope)
}

/// Patterns that may bring GRUB are listed.
pub(super) fn patterns(scope: &Scope<'_>) -> bool {
    let mut patterns = scope.starting("patterns-").chain(scope.starting("pattern:"));
    let small = |n: &str| SMALL_PATTERNS.iter().any(|s| n.ends_with(s)) || super::kernels::is_bare(n);
    patterns.any(|n| !small(n))
}

/// The description lists GRUB's parts for machines by their names somewhere: it leaves them to no pattern.
fn by_hand(scope: &Scope<'_>) -> bool {
    let catalog = &scope.whole.catalog;
    let mut parts = catalog.notable.iter().filter(|n| n.machine.is_some());
    parts.any(|n| {
        catalog
            .item(n.first)
            .is_some_and(|i| i.name.value.starts_with("grub"))
    })
}

/// The machine is assumed, and the description has GRUB for another one.
fn made_elsewhere(scope: &Scope<'_>) -> bool {
    if scope.arch_named || scope.arch_chosen {
        return false;
    }
    let catalog = &scope.whole.catalog;
    let all = catalog.notable.iter().flat_map(|n| catalog.same(n.first));
    let grub = all.filter(|(_, item)| item.name.value.starts_with("grub"));
    let mut arches = grub.flat_map(|(_, item)| &item.filter().arches).peekable();
    arches.peek().is_some() && !arches.any(|a| a.value == scope.view.arch)
}

/// Installed packages of GRUB that start a machine. What it looks like is for any platform, and brings none.
fn grubs<'s, 'a>(scope: &'s Scope<'a>) -> impl Iterator<Item = &'a str> + use<'s, 'a> {
    let bare = |n: &&str| !SHARED.contains(n) && !has_part(n, "-theme");
    scope.with_part("grub").filter(bare)
}

fn grub(scope: &Scope<'_>, at: Option<&At>, found: &mut Found<'_>) {
    // Nothing on Fedora and its kin recommends the boot loader.
    let recommended = scope.recommended() && family(scope) != Family::RedHat;
    if recommended {
        return;
    }
    let listed = || scope.has("grub2") && by_hand(scope) && !super::kernels::own_base(scope);
    if brought(scope) && !(patterns(scope) && listed()) {
        return;
    }
    let grub: Vec<&str> = grubs(scope).collect();
    let pc = scope.pc();
    let firmware = scope.kind().attrs.at("firmware");
    let value = firmware.map(|f| f.value.trim());
    if grub.is_empty() {
        // Only who names GRUB means to have it in the image, and on Debian who says what starts it: nothing brings it there.
        let of_debian = firmware.filter(|_| family(scope) == Family::Debian);
        let at = at.or(of_debian);
        // What a mainframe's loader has says that it is the name which is wrong.
        let mainframe = scope
            .kind()
            .child("bootloader")
            .is_some_and(|b| b.attrs.at("targettype").is_some());
        let Some(at) = at.filter(|_| !mainframe && !elsewhere(scope)) else {
            return;
        };
        let message = "no list installs GRUB, which is to start the image".to_owned();
        let named = match value {
            Some("efi" | "uefi") => efi_packages(scope),
            _ if pc => bios_packages(scope),
            _ => &["grub2"],
        };
        let label = format!("add {}", words(named, "or"));
        let is_name = scope
            .kind()
            .child("bootloader")
            .and_then(|b| b.attrs.at("name"))
            .is_some_and(|name| std::ptr::eq(name, at));
        // The other loader is listed: then it is the name that was changed.
        let renamed = (is_name && matches!(value, Some("efi" | "uefi")) && lists_systemd_boot(scope))
            .then(|| found.replace(at, "systemd_boot", false))
            .flatten();
        let Some(told) = found.once("missing-boot-loader", "", at, message, label) else {
            return;
        };
        told.fixes.extend(renamed);
        if family(scope) == Family::Debian
            && scope.image() == "oem"
            && !SHARED.iter().chain(&["efibootmgr"]).any(|n| scope.has(n))
        {
            // Apteryx brings GRUB's files to the disks that it builds.
            told.severity = crate::diagnostic::Severity::Info;
            told.help = Some("KIWI takes GRUB from the image, and would stop in create".into());
        }
        list(scope, named, found);
        return;
    }
    let efi = match value {
        Some("efi" | "uefi") => true,
        Some("bios" | "ec2") => false,
        None if pc => false,
        // The defaults elsewhere, and firmware that the engine makes no assumption on.
        _ => return,
    };
    // Where some of them are for this machine, those for others do not start it.
    let of = |n: &str| crate::rules::packages::machines::machine(n);
    let own = |m: &str| scope.view.arch == m || m == "i686" && pc;
    let grub: Vec<_> = grub.into_iter().map(|n| (n, of(n))).collect();
    let known = grub.iter().any(|(_, machine)| machine.is_some_and(own));
    let others = grub.iter().all(|(_, machine)| machine.is_some()) && !known;
    if others && super::loader_machines::sure(scope) {
        let mut items = scope
            .of_machines()
            .filter(|(item, _)| item.name.value.starts_with("grub"));
        if let Some((item, machine)) = items.next() {
            let (name, arch) = (&item.name.value, &scope.view.arch);
            let message = format!("`{name}` is for `{machine}`, and the build for `{arch}`");
            let label = format!("add {}", words(efi_packages(scope), "or"));
            found.add("package-for-other-machine", &item.name, message, label);
        }
        return;
    }
    let grub = grub.into_iter().filter(|(_, m)| !known || m.is_none_or(own));
    let grub: Vec<&str> = grub.map(|(n, _)| n).collect();
    let for_bios = |n: &&str| has_part(n, "-pc") || has_part(n, "bios");
    // Arch has both in one package, Alpine neither.
    let alone = grub.contains(&"grub") || family(scope) == Family::Arch && grub.contains(&"grub2");
    let apart = family(scope) == Family::Alpine && alone;
    let both = alone && !apart;
    // A signed loader is what Secure Boot needs: the modules alone make one that is not.
    let signed = value == Some("uefi") && family(scope) == Family::RedHat;
    let parts = ["-modules", "-cdboot", "-tools"];
    let narrow = |n: &str| signed && scope.view.arch == "x86_64" && n.contains("ia32");
    let loads =
        |n: &&str| has_part(n, "efi") && !narrow(n) && !(signed && parts.iter().any(|p| n.ends_with(p)));
    let has_efi = grub.iter().any(loads) || both;
    let has_bios = grub.iter().any(for_bios) || both;
    let at: &dyn Place = match firmware {
        Some(firmware) => firmware,
        None => &scope.view.image_type.image,
    };
    // `grub2` alone brings the BIOS platform on a PC, where it brings one; what it looks like brings `grub2`.
    let bare = |n: &&str| *n == "grub2" || n.starts_with("grub2-branding-");
    // Its modules alone, or a medium's own.
    let in_parts = signed && grub.iter().any(|n| n.contains("efi"));
    // Elsewhere SUSE's brings none.
    let none = || !pc && family(scope) == Family::Suse && by_hand(scope);
    let other = has_bios || (pc || none()) && grub.iter().any(bare);
    if efi && !has_efi && !made_elsewhere(scope) && (other || apart || in_parts) {
        let message = if in_parts && !has_bios {
            "the firmware is EFI, and of GRUB for that only parts are installed"
        } else if has_bios || !apart && pc {
            "the firmware is EFI, and only GRUB for BIOS is installed"
        } else {
            "the firmware is EFI, and GRUB is installed without its part for that"
        };
        let message = message.to_owned();
        let label = other_platform(scope, efi_packages(scope));
        if found
            .once("missing-boot-loader", "efi", at, message, label)
            .is_some()
        {
            list(scope, efi_packages(scope), found);
        }
    } else if !efi && !has_bios && has_efi && pc && !grub.contains(&"grub2") {
        let message = "the firmware is a BIOS, and only GRUB for EFI is installed".to_owned();
        let label = format!(
            "{}, or set `firmware=\"uefi\"`",
            other_platform(scope, bios_packages(scope))
        );
        if found
            .once("missing-boot-loader", "bios", at, message, label)
            .is_some()
        {
            list(scope, bios_packages(scope), found);
        }
    }
}

/// What to do where GRUB is installed for another platform: Debian's packages for both exclude each other.
fn other_platform(scope: &Scope<'_>, names: &[&str]) -> String {
    let names = words(names, "or");
    match family(scope) {
        Family::Debian => format!("list {names} in its place"),
        _ => format!("add {names}"),
    }
}

/// The fix that lists the first of these.
fn list(scope: &Scope<'_>, names: &[&str], found: &mut Found<'_>) {
    if let Some(name) = names.first() {
        package(scope, name, For::All, found);
    }
}

fn efi_packages(scope: &Scope<'_>) -> &'static [&'static str] {
    // Nothing names a machine: then the servers may.
    let of_arm = |source: &str| {
        ["ports.ubuntu.com", "aarch64", "arm64"]
            .iter()
            .any(|part| source.contains(part))
    };
    let of_pc = |source: &str| ["x86_64", "amd64"].iter().any(|part| source.contains(part));
    let mut sources = scope.repositories.iter().map(|r| r.source.value.as_str());
    let mut servers = || sources.clone().any(of_arm) && !sources.any(of_pc);
    let arm = scope.view.arch == "aarch64" || !scope.arch_chosen && !scope.arch_named && servers();
    match (family(scope), arm) {
        (Family::Suse, true) => &["grub2-arm64-efi"],
        (Family::RedHat, true) => &["grub2-efi-aa64"],
        (Family::Debian, true) => &["grub-efi-arm64"],
        (Family::Suse, false) => &["grub2-x86_64-efi"],
        (Family::RedHat, false) => &["grub2-efi-x64"],
        (Family::Debian, false) => &["grub-efi-amd64"],
        (Family::Arch, _) => &["grub"],
        (Family::Alpine, _) => &["grub-efi"],
    }
}

fn bios_packages(scope: &Scope<'_>) -> &'static [&'static str] {
    match family(scope) {
        Family::Suse => &["grub2-i386-pc"],
        Family::RedHat => &["grub2-pc"],
        Family::Debian => &["grub-pc"],
        Family::Arch => &["grub"],
        Family::Alpine => &["grub-bios"],
    }
}
