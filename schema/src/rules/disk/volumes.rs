//! Volumes: names that stand twice or that LVM refuses, settings that count for nothing, places that are slips. Sizes as a
//! whole are judged in `disk::sizes`, labels in `disk::labels`.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::mb;
use crate::description::model::{At, Element};
use crate::rules::found::{Found, before, has_part};
use crate::rules::scope::Scope;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.volume_management().is_some() {
        let volumes = scope.volumes();
        duplicates(scope, volumes, found);
        shapes(scope, volumes, found);
        group(scope, found);
        overlay(scope, found);
    }
}

/// The name without what does not distinguish it: `@root=NAME` is the root's volume under any name.
fn identity(name: &str) -> &str {
    if name == "@root" || name.starts_with("@root=") {
        return "@root";
    }
    name.trim().trim_matches('/')
}

/// The name of the partition or volume has the last folder of the place that it is mounted at, or it has no other place.
pub(in crate::rules) fn named_for(element: &Element) -> bool {
    let lower = |key: &str| element.attrs.get(key).map(|v| v.trim().to_ascii_lowercase());
    let (Some(name), Some(place)) = (lower("name"), lower("mountpoint")) else {
        return true;
    };
    let place = place.trim_end_matches('/');
    has_part(&name, place.rsplit('/').next().unwrap_or(place))
}

/// Of two that have the same attribute the second, or the first where that alone is not named for its place: that one
/// was changed. True where it is the first.
pub(in crate::rules) fn odd_first<'e>(
    all: impl Iterator<Item = &'e Element>,
    key: &str,
    two: [&At; 2],
) -> bool {
    let mut all = all.take(MANY);
    let own = |e: &&Element, at: &At| e.attrs.at(key).is_some_and(|own| std::ptr::eq(own, at));
    let [first, second] = two;
    let mut of = |at| all.by_ref().find(|e| own(e, at)).is_some_and(named_for);
    !of(first) && of(second)
}

/// Something is mounted at `at`, where `first` is already.
pub(in crate::rules) fn mounted_again(at: &At, message: String, first: &At, found: &mut Found<'_>) {
    let note = "mounted first here";
    found.pair("duplicate-mount-point", at, message, "again", first, note);
}

/// The same, of two of these: what is not named for that place is told.
pub(in crate::rules) fn mounted_twice<'e>(
    all: impl Iterator<Item = &'e Element>,
    message: String,
    [first, at]: [&At; 2],
    found: &mut Found<'_>,
) {
    if odd_first(all, "mountpoint", [first, at]) {
        let note = "this is named for it";
        found.pair("duplicate-mount-point", first, message, "as another", at, note);
    } else {
        mounted_again(at, message, first, found);
    }
}

/// Two volumes of one name, or mounted at one place.
fn duplicates(scope: &Scope<'_>, volumes: &[&Element], found: &mut Found<'_>) {
    let oem = scope.kind().child("oemconfig");
    if scope.volume_management() == Some("lvm")
        && let Some(swap) = oem.and_then(|o| o.child("oem-swapname"))
    {
        let called = |n: &At| n.value.trim().trim_start_matches("@root=").replace('/', "_");
        let mut names = volumes.iter().filter_map(|v| v.attrs.at("name"));
        let renamed = || {
            volumes
                .iter()
                .any(|v| v.attrs.get("name").is_some_and(|n| n.starts_with("@root=")))
        };
        if !is_lvm_name(swap.text.trim()) && !swap.text.contains(['$', '{']) {
            let message = format!("`{}` is no name for a logical volume", swap.text);
            let label = "letters, digits and `+`, `_`, `.`, `-`";
            found.add("volume-name", &crate::rules::found::Text(swap), message, label);
        } else if swap.text == "LVRoot" && !renamed() {
            let message = "the volume name `LVRoot` is taken by the root itself".to_owned();
            found.add(
                "volume-name",
                &crate::rules::found::Text(swap),
                message,
                "another name",
            );
        } else if let Some(first) = names.find(|n| swap.text == called(n)) {
            let message = format!("the swap volume is named `{}`, as another is", swap.text);
            found.pair(
                "duplicate-volume",
                &crate::rules::found::Text(swap),
                message,
                "again",
                first,
                "first given here",
            );
        }
    }
    let room = || FxHashMap::with_capacity_and_hasher(volumes.len(), Default::default());
    let (mut names, mut places): (FxHashMap<&str, &At>, FxHashMap<&str, &At>) = (room(), room());
    for volume in volumes {
        let Some(name) = volume.attrs.at("name") else {
            continue;
        };
        let own = identity(name.value.trim());
        if let Some(first) = before(&mut names, own, name) {
            let message = format!("the volume `{own}` stands twice");
            found.pair(
                "duplicate-volume",
                name,
                message,
                "again",
                first,
                "first given here",
            );
            continue;
        }
        let at = volume.attrs.at("mountpoint").unwrap_or(name);
        let place = at.value.trim().trim_matches('/');
        if place.is_empty() || place.starts_with('@') {
            continue;
        }
        if let Some(first) = before(&mut places, place, at) {
            let message = format!("two volumes are mounted at `/{place}`");
            mounted_twice(volumes.iter().copied(), message, [first, at], found);
        }
    }
}

/// A name that LVM takes: letters, digits and `+ _ . -`, no hyphen first, and neither `.` nor `..`.
fn is_lvm_name(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "+_.-".contains(c);
    !name.is_empty()
        && name.len() < 128
        && !name.starts_with('-')
        && name != "."
        && name != ".."
        && name.chars().all(known)
}

/// Among more volumes nothing is looked for that a name may be near to, and none that is not named for its place.
pub(in crate::rules) const MANY: usize = 200;

/// No home of `root` is meant to have so many MB.
const LEAST_ROOT: u64 = 2048;

/// The root has a volume that is told by its name.
fn own_root(volumes: &[&Element]) -> bool {
    let mut names = volumes.iter().filter_map(|v| v.attrs.get("name"));
    names.any(|name| name.trim().starts_with("@root"))
}

fn shapes(scope: &Scope<'_>, volumes: &[&Element], found: &mut Found<'_>) {
    let lvm = scope.volume_management() == Some("lvm");
    let names = || {
        let all = ["name", "mountpoint"].into_iter();
        let all = all.flat_map(|key| volumes.iter().filter_map(move |v| v.attrs.get(key)));
        all.map(|n| n.trim_matches('/'))
    };
    let known: OnceCell<FxHashSet<&str>> = OnceCell::new();
    for volume in volumes {
        let Some(name) = volume.attrs.at("name") else {
            continue;
        };
        let value = name.value.trim();
        let own = value.strip_prefix("@root=").unwrap_or(value);
        let place = volume.attrs.at("mountpoint").unwrap_or(name);
        if let Some(right) = super::folders::top(place.value.trim()) {
            let message = format!("`{}` begins with no folder that systems have", place.value.trim());
            found.instead("mount-point", place, message, Some(&right), false, "");
        }
        other_folder(scope, place, found);
        if let Some(rest) = place
            .value
            .trim()
            .trim_start_matches('/')
            .strip_prefix("boot/grub2/")
            && let Some(meant) = slip_of_platform(rest)
        {
            let message = format!("GRUB has no platform `{rest}`");
            let right = place.value.replacen(rest, meant, 1);
            found.instead("mount-point", place, message, Some(&right), false, "");
        }
        if lvm && value.trim_matches('/') == "root" && !own_root(volumes) {
            let large = |at: &At| mb(&at.value).is_some_and(|mb| mb >= LEAST_ROOT);
            let mut sizes = ["size", "freespace"]
                .into_iter()
                .filter_map(|s| volume.attrs.at(s));
            if sizes.any(large) && place.value.trim().trim_matches('/') == "root" {
                let message = "the volume `root` is mounted at `/root`, and is not the root".to_owned();
                found.instead("volume-name", name, message, Some("@root"), false, "");
                if let Some(told) = found.last() {
                    told.severity = crate::diagnostic::Severity::Warning;
                    told.help = Some(
                        "the build would go through, and the system lie in a volume of another size".into(),
                    );
                }
            }
        }
        let renamed = value.strip_prefix("@root").filter(|rest| !rest.is_empty());
        if let Some(rest) = renamed.filter(|rest| !rest.starts_with('=') || *rest == "=") {
            let bare = rest.rsplit('=').next().unwrap_or(rest);
            let bare = bare.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            let message = format!("`{value}` is no name for the volume of the root");
            let meant = format!("@root={bare}");
            let meant = (!bare.is_empty()).then_some(meant.as_str());
            found.instead(
                "volume-name",
                name,
                message,
                meant,
                false,
                "`@root` or `@root=NAME`",
            );
        } else if value.contains('=') && !value.starts_with("@root=") {
            let message = format!("`{value}` is no name for a volume");
            let meant = value.strip_suffix("=@root").map(|own| format!("@root={own}"));
            found.instead(
                "volume-name",
                name,
                message,
                meant.as_deref(),
                false,
                "`NAME` or `@root=NAME`",
            );
        } else if let Some(bare) = value
            .strip_prefix('@')
            .filter(|_| value != "@" && !value.starts_with("@root"))
        {
            let message = format!("`{value}` is mounted as `/{value}`: KIWI puts it below `@` by itself");
            found.instead("volume-name", name, message, Some(bare), false, "");
            if let Some(told) = found.last().filter(|_| !lvm) {
                told.severity = crate::diagnostic::Severity::Warning;
                told.help =
                    Some(format!("the build would go through, and `/{bare}` be a part of the root").into());
            }
        } else if lvm && own != "@root" && !is_lvm_name(&own.replace('/', "_")) {
            let message = format!("`{value}` is no name for a logical volume");
            found.add(
                "volume-name",
                name,
                message,
                "letters, digits and `+`, `_`, `.`, `-`",
            );
        } else if lvm && volume.attrs.get("mountpoint").is_some() && matches!(own, "LVRoot" | "LVSwap") {
            let message = format!("the volume name `{own}` is taken by the disk itself");
            found.add("volume-name", name, message, "another name");
        }
        if lvm && place.value.trim().trim_matches('/') == "swap" {
            let message = "a volume has a file system: this one would be mounted at `/swap`".to_owned();
            let label = "`<oem-swap>true</oem-swap>` makes a swap space";
            if let Some(told) = found.add("volume-name", place, message, label) {
                told.severity = crate::diagnostic::Severity::Warning;
                told.help = Some("the build would go through, and the guest have no swap space".into());
            }
        }
        if let Some(parent) = volume.attrs.at("parent") {
            let own = parent.value.trim().trim_matches('/');
            if !own.is_empty()
                && own != "@"
                && volumes.len() <= MANY
                && !known.get_or_init(|| names().collect()).contains(own)
                && let Some(meant) = crate::rules::found::near(own, names())
            {
                let message = format!("no volume is called `{own}`, which is to hold this one");
                let right = parent.value.replacen(own, meant, 1);
                found.instead("volume-name", parent, message, Some(&right), false, "");
            }
        }
        let size = volume.attrs.at("size");
        if let (Some(size), Some(free)) = (size, volume.attrs.at("freespace")) {
            let message = "the volume has both `size` and `freespace`".to_owned();
            let both = At {
                value: (),
                file: size.file,
                span: size.span.cover(free.span),
            };
            found.add(
                "contradicting-sizes",
                &both,
                message,
                "one of them: `size` counts all, `freespace` what is free",
            );
        }
        if let Some(at) = size.filter(|_| lvm) {
            let usr = own == "usr"
                || volume
                    .attrs
                    .get("mountpoint")
                    .is_some_and(|m| m.trim_matches('/') == "usr");
            let message = match mb(&at.value) {
                Some(0) => "a volume of no size cannot be made".to_owned(),
                Some(mb) if mb < LEAST_VOLUME => {
                    format!("a volume of {mb} MB has no room for a file system and files")
                }
                Some(mb) if usr && mb < LEAST_USR => format!("no system has its `/usr` in {mb} MB"),
                _ => continue,
            };
            found.add("partition-too-small", at, message, "in MB, or with `G`");
        }
    }
}

/// A volume for GRUB's files, in the folder that it has on other distributions.
fn other_folder(scope: &Scope<'_>, place: &At, found: &mut Found<'_>) {
    let (theirs, own) = match scope.manager {
        "zypper" | "dnf4" | "dnf5" | "microdnf" => ("boot/grub/", "boot/grub2/"),
        "apt" | "pacman" => ("boot/grub2/", "boot/grub/"),
        _ => return,
    };
    let value = place.value.trim();
    if value
        .trim_start_matches('/')
        .strip_prefix(theirs)
        .is_some_and(|rest| PLATFORMS.contains(&rest))
    {
        let message = format!(
            "GRUB lies in `/{}` on this distribution, and not in `/{}`",
            own.trim_end_matches('/'),
            theirs.trim_end_matches('/')
        );
        let right = value.replacen(theirs, own, 1);
        found.instead("mount-point", place, message, Some(&right), false, "");
        if let Some(told) = found.last() {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help =
                Some("the build would go through, and GRUB's files be a part of each snapshot".into());
        }
    }
}

/// The platforms of GRUB, and what else lies beside them.
const PLATFORMS: &[&str] = &[
    "i386-pc",
    "x86_64-efi",
    "i386-efi",
    "arm64-efi",
    "arm-efi",
    "powerpc-ieee1275",
    "s390x-emu",
    "x86_64-xen",
    "riscv64-efi",
    "i386-xen_pvh",
    "fonts",
    "themes",
    "locale",
];

/// The platform of GRUB that is meant by one whose name is a slip of the pen.
fn slip_of_platform(name: &str) -> Option<&'static str> {
    let bare = |text: &str| text.replace(['-', '_'], "");
    let same = PLATFORMS.iter().copied().find(|p| bare(p) == bare(name));
    // Under the name that its machine has elsewhere.
    let machine = match name {
        "aarch64-efi" | "aa64-efi" => Some("arm64-efi"),
        "amd64-efi" | "x64-efi" => Some("x86_64-efi"),
        _ => None,
    };
    let same = same.or(machine);
    let meant =
        same.or_else(|| crate::rules::found::near(name, PLATFORMS.iter().copied().filter(|p| p.len() > 6)));
    meant.filter(|_| !PLATFORMS.contains(&name))
}

/// Under an overlay there are no volumes.
fn overlay(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let disk = scope.kind().child("systemdisk");
    if let Some((at, disk)) = attrs.at("overlayroot").zip(disk)
        && scope.image() == "oem"
        && attrs.bool("overlayroot") == Some(true)
    {
        let message = "a root under an overlay has no volumes".to_owned();
        let note = "the volumes are here";
        found.pair(
            "volumes-under-overlay",
            at,
            message,
            "without `<systemdisk>`",
            disk,
            note,
        );
    }
}

/// What KIWI makes of a volume at least, in MB.
const LEAST_VOLUME: u64 = 30;

/// What no system's programs go below, in MB.
const LEAST_USR: u64 = 256;

/// The volume group's name.
fn group(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(name) = scope.kind().child("systemdisk").and_then(|d| d.attrs.at("name")) else {
        return;
    };
    if scope.volume_management() == Some("lvm") && !is_lvm_name(name.value.trim()) {
        let message = format!("`{}` is no name for a volume group", name.value.trim());
        found.add(
            "volume-name",
            name,
            message,
            "letters, digits and `+`, `_`, `.`, `-`",
        );
    }
}
