//! Boot loaders and firmware that the machine built for does not have. Judged only where that machine is beyond doubt.
//! Knows names; starts nothing.

use std::ptr;

use crate::description::model::{At, ImageType, Item, Preferences};
use crate::rules::found::Found;
use crate::rules::scope::Scope;
use crate::rules::words;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if !matches!(scope.image(), "oem" | "iso") {
        return;
    }
    let arch = scope.view.arch.as_str();
    let loader = scope.kind().child("bootloader");
    let named = loader.and_then(|b| b.attrs.at("name"));
    // A machine that is none of now is told as that.
    if arch == "s390" {
        return;
    }
    let mainframe = arch == "s390x";
    if let Some(at) = named.filter(|_| !loader.is_some_and(crate::rules::misfit::of_loader)) {
        let name = at.value.trim();
        let firmware = scope.kind().attrs.at("firmware");
        // With another machine's firmware, or a BIOS, that has been told.
        if matches!(name, "zipl" | "grub2_s390x_emu") && firmware.is_some()
            || name == "systemd_boot" && firmware.is_some_and(|f| f.value.trim() == "bios")
        {
            return;
        }
        let refused = match name {
            "zipl" | "grub2_s390x_emu" => !mainframe,
            // What `grub2` has no use for says so by itself.
            "grub2" => mainframe && loader.is_none_or(|b| b.attrs.at("targettype").is_none()),
            "systemd_boot" => mainframe || arch.starts_with("ppc"),
            _ => false,
        };
        if refused && !sure(scope) && stranger(scope).is_some_and(|item| tell_stranger(item, at, arch, found))
        {
            return;
        }
        if refused
            && (sure(scope) || !mainframe && crate::rules::packages::machines::for_machine(scope, arch))
        {
            let message = format!("`{name}` does not start a machine of `{arch}`");
            let label = match name {
                "grub2" => "`zipl` or `grub2_s390x_emu` is expected",
                "systemd_boot" => "needs EFI",
                _ => "for s390x only",
            };
            if name == "grub2" && emulated(scope) {
                let meant = Some("grub2_s390x_emu");
                found.instead("loader-not-for-machine", at, message, meant, false, "");
            } else {
                found.add("loader-not-for-machine", at, message, label);
            }
            return;
        }
    }
    firmware(scope, arch, found);
    if sure(scope) && !scope.arch_chosen {
        platforms(scope, arch, found);
    }
    if !scope.arch_chosen && sure(scope) {
        crate::rules::packages::machines::of_type(scope, found);
    }
}

/// The machine is a mainframe beyond doubt, and the loader that emulates GRUB there is listed.
fn emulated(scope: &Scope<'_>) -> bool {
    sure(scope) && scope.has("grub2-s390x-emu")
}

/// The one package that is for a PC by its name, where several types, and all, are started as mainframes are.
pub(super) fn stranger<'a>(scope: &Scope<'a>) -> Option<&'a Item> {
    if scope.arch_chosen {
        return None;
    }
    let types = || scope.whole.image.preferences.iter().flat_map(|p| &p.types);
    let mainframe = |t: &ImageType| {
        let name = t.element.child("bootloader").and_then(|b| b.attrs.get("name"));
        matches!(name, Some("zipl" | "grub2_s390x_emu"))
    };
    if types().nth(1).is_none() || !types().all(mainframe) {
        return None;
    }
    let mut of_others = scope.of_machines().filter(|(_, machine)| *machine != "s390x");
    let (item, _) = of_others.next()?;
    of_others.next().is_none().then_some(item)
}

fn tell_stranger(item: &Item, loader: &At, arch: &str, found: &mut Found<'_>) -> bool {
    let name = item.name.value.as_str();
    let message = format!("`{name}` is for `{arch}`, and every `<bootloader>` for `s390x`");
    let meant = name.starts_with("grub2-").then_some("grub2-s390x-emu");
    let meant = meant.filter(|_| loader.value.trim() == "grub2_s390x_emu");
    let label = "does not start this machine";
    found.instead(
        "package-for-other-machine",
        &item.name,
        message,
        meant,
        false,
        label,
    );
    true
}

/// The section that the type stands in.
pub(in crate::rules) fn section<'a>(scope: &Scope<'a>) -> Option<&'a Preferences> {
    let mut all = scope.view.preferences.iter().copied();
    all.find(|p| {
        let mut types = p.types.iter();
        types.any(|t| ptr::eq(t, scope.view.image_type))
    })
}

/// The machine was chosen, or the section of the type, or each of its profiles, counts for that one alone.
pub(in crate::rules) fn sure(scope: &Scope<'_>) -> bool {
    let section = section(scope);
    let alone = |arches: &[At]| arches.len() == 1 && arches.iter().all(|a| a.value == scope.view.arch);
    let of_profiles = |named: &[At]| {
        let profiles = &scope.view.image.profiles;
        let bound = |name: &At| {
            let mut own = profiles.iter().filter(|p| p.name.value == name.value);
            own.next().is_some_and(|p| alone(&p.arches)) && own.next().is_none()
        };
        (1..=MOST).contains(&named.len()) && profiles.len() <= MOST && named.iter().all(bound)
    };
    scope.arch_chosen
        || section.is_some_and(|p| match p.filter.arches.as_slice() {
            [] => of_profiles(&p.filter.profiles),
            arches => alone(arches),
        })
}

/// Of more profiles it is not asked which machines they are for.
const MOST: usize = 64;

/// Firmware that KIWI knows for a machine; none where nothing is known.
fn known(arch: &str) -> Option<&'static [&'static str]> {
    match arch {
        "i586" | "i686" | "ix86" => Some(&["bios"]),
        "x86_64" => Some(&["uefi", "efi", "bios", "ec2"]),
        "aarch64" | "armv7l" | "riscv64" => Some(&["uefi", "efi"]),
        "ppc64" | "ppc64le" => Some(&["ofw", "opal"]),
        _ => None,
    }
}

/// Volumes for the files of GRUB for another machine.
fn platforms(scope: &Scope<'_>, arch: &str, found: &mut Found<'_>) {
    let own: &[&str] = match arch {
        "x86_64" => &["x86_64-efi"],
        "aarch64" => &["arm64-efi"],
        _ => return,
    };
    const OTHERS: &[&str] = &[
        "x86_64-efi",
        "arm64-efi",
        "i386-pc",
        "powerpc-ieee1275",
        "s390x-emu",
    ];
    for volume in scope.volumes() {
        let named = volume.attrs.at("mountpoint").or_else(|| volume.attrs.at("name"));
        let Some(at) = named else { continue };
        let place = at.value.trim().trim_start_matches('/');
        let grub = place
            .strip_prefix("boot/grub2/")
            .or_else(|| place.strip_prefix("boot/grub/"));
        let Some(platform) = grub.filter(|p| OTHERS.contains(p) && !own.contains(p)) else {
            continue;
        };
        if platform == "i386-pc" && arch == "x86_64" {
            continue;
        }
        let message = format!("GRUB for `{arch}` has nothing in `{platform}`");
        let meant = own.first().map(|own| at.value.replacen(platform, own, 1));
        found.instead("mount-point", at, message, meant.as_deref(), false, "");
        if let Some(told) = found.last() {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help =
                Some("the build would go through, and GRUB's files be a part of each snapshot".into());
        }
    }
}

/// Firmware of POWER, and packages that are for a PC.
fn of_power(scope: &Scope<'_>, firmware: &str) -> bool {
    let arch = scope.view.arch.as_str();
    matches!(firmware, "ofw" | "opal")
        && scope.pc()
        && crate::rules::packages::machines::for_machine(scope, arch)
}

fn firmware(scope: &Scope<'_>, arch: &str, found: &mut Found<'_>) {
    let Some(at) = scope.kind().attrs.at("firmware") else {
        return;
    };
    let value = at.value.trim();
    let all = ["bios", "ec2", "efi", "uefi", "ofw", "opal", "custom"];
    if let Some(own) = known(arch).filter(|own| !own.contains(&value) && value != "custom")
        && all.contains(&value)
        && (sure(scope) || of_power(scope, value))
    {
        let message = format!("a machine of `{arch}` has no firmware `{value}`");
        found.add(
            "loader-not-for-machine",
            at,
            message,
            format!("one of {}", words(own, "and")),
        );
    }
}
