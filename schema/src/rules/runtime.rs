//! The checks that KIWI makes as a build starts, as far as they need no build host: per profile, type and architecture.

use super::ViewRule;
use super::found::Found;
use super::scope::Scope;
use super::words;
use crate::description::model::{At, Preferences, Repository};
use crate::diagnostic::Label;

/// Those that look at the type alone.
pub(super) static KIND: &[ViewRule] = &[initrd_system, initrd_needed, xen, appx];
/// Those that look at the preferences too.
pub(super) static PREFERENCES: &[ViewRule] = &[version, unique_type];
/// Those that look at the packages too.
pub(super) static PACKAGES: &[ViewRule] = &[super::boot::dracut_modules::view];
/// Those that look at the repositories too.
pub(super) static REPOSITORIES: &[ViewRule] = &[repositories, public_repositories];
/// Those that look at the volumes or the machine too.
pub(super) static MACHINE: &[ViewRule] = &[
    reserved_labels,
    full_size_volumes,
    root_volume,
    lvm_only,
    partuuid,
];

fn version(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.view.version().is_some() || version_by_another(scope) {
        return;
    }
    let preferences = &scope.view.preferences;
    // Where every image has its own.
    let common = preferences.iter().find(|p| p.filter.profiles.is_empty());
    if let Some(first) = common.or(preferences.first()) {
        let message = "the image has no version".to_owned();
        let mut empty = preferences.iter().filter_map(|p| p.element.child("version"));
        let place = empty.next().unwrap_or(&first.element);
        let label = "add `<version>1.0.0</version>`";
        found.once("missing-version", "", place, message, label);
    }
}

/// The profiles are a part of what another requires, which has a version: they are no build by themselves.
fn version_by_another(scope: &Scope<'_>) -> bool {
    let (image, own) = (scope.view.image, &scope.view.profiles);
    if own.is_empty() || scope.whole.besides.chosen {
        return false;
    }
    if super::views::profiles::lacks_a_requirement(image) {
        return true;
    }
    let choices = scope.whole.choices().iter();
    let mut larger =
        choices.filter(|choice| choice.len() > own.len() && own.iter().all(|p| choice.contains(p.as_str())));
    larger.any(|choice| {
        let chosen = |p: &Preferences| {
            p.filter
                .profiles
                .iter()
                .any(|n| choice.contains(n.value.as_str()))
        };
        let mut sections = image.preferences.iter();
        sections.any(|p| chosen(p) && p.element.child("version").is_some())
    })
}

fn initrd_system(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kiwi = scope.initrd() == "kiwi";
    match scope.kind().attrs.at("boot") {
        Some(boot) if kiwi => boot_description(boot, found),
        Some(boot) => {
            let message = format!("`boot` is not used by the initrd system `{}`", scope.initrd());
            let label = "needs `initrd_system=\"kiwi\"`";
            found.add("initrd-system-mismatch", boot, message, label);
        }
        None if kiwi => {
            let message = "the initrd system `kiwi` needs a boot description".to_owned();
            let label = "add `boot=\"…\"`, or `initrd_system=\"dracut\"`";
            match scope.kind().attrs.at("initrd_system") {
                Some(at) => found.instead("initrd-system-mismatch", at, message, Some("dracut"), false, ""),
                None => {
                    found.add("initrd-system-mismatch", scope.kind(), message, label);
                }
            }
        }
        _ => {}
    }
}

/// The folder of boot descriptions under a slip of its name.
fn boot_description(at: &At, found: &mut Found<'_>) {
    const FOLDERS: &[&str] = &["isoboot", "netboot", "oemboot", "vmxboot", "xenboot"];
    let value = at.value.trim();
    let Some((folder, _)) = value.split_once('/').filter(|(f, _)| !FOLDERS.contains(f)) else {
        return;
    };
    if let Some(meant) = crate::rules::found::near(folder, FOLDERS.iter().copied()) {
        let message = format!("KIWI has no boot descriptions in `{folder}`");
        let whole = value.replacen(folder, meant, 1);
        found.instead("initrd-system-mismatch", at, message, Some(&whole), false, "");
    }
}

/// A root that only an initrd finds, and none is made.
fn initrd_needed(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let Some(at) = attrs.at("initrd_system").filter(|a| a.value.trim() == "none") else {
        return;
    };
    let what = match scope.volume_management() {
        _ if scope.image() != "oem" => return,
        Some("lvm") => "volumes of LVM",
        _ if attrs.at("luks").is_some() => "an encrypted root",
        _ if attrs.at("mdraid").is_some() => "a RAID",
        _ => return,
    };
    // Who brings a loader may bring an initrd too.
    let loader = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name"));
    if loader == Some("custom") {
        return;
    }
    let message = format!("{what} is set up by the initrd, and none is made");
    found.instead("initrd-system-mismatch", at, message, Some("dracut"), false, "");
}

fn reserved_labels(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.volume_management() != Some("lvm") {
        return;
    }
    let root = scope.view.type_attr("rootfs_label").unwrap_or("ROOT");
    let reserved = [root, "SWAP", "SPARE"];
    for volume in scope.volumes() {
        if let Some(label) = volume.attrs.at("label") {
            let value = label.value.trim();
            if reserved.contains(&value) {
                let message = format!("the label `{value}` is taken by the disk itself");
                let hint = format!("another than {}", words(&reserved, "and"));
                found.add("reserved-volume-label", label, message, hint);
            }
        }
    }
}

fn full_size_volumes(scope: &Scope<'_>, found: &mut Found<'_>) {
    let mut all = scope.volumes().iter().filter_map(|v| {
        ["size", "freespace"]
            .iter()
            .find_map(|a| v.attrs.at(a).filter(|s| s.value.trim() == "all"))
    });
    let Some(first) = all.next() else { return };
    for other in all {
        let message = "two volumes take all the room that is left".to_owned();
        found.pair(
            "full-size-volumes",
            other,
            message,
            "only one can",
            first,
            "the first is here",
        );
    }
}

fn root_volume(scope: &Scope<'_>, found: &mut Found<'_>) {
    // Of the root's own volume no mount point is read.
    let own = |v: &&crate::description::model::Element| {
        v.attrs.get("name").is_some_and(|name| name.contains("@root"))
    };
    for volume in scope.volumes().iter().filter(|v| !own(v)) {
        for attribute in ["mountpoint", "name"] {
            if let Some(at) = volume.attrs.at(attribute).filter(|m| m.value.trim() == "/") {
                let message = "a volume cannot be mounted at `/`".to_owned();
                found.add("root-volume", at, message, "name it `@root`");
            }
        }
    }
}

fn lvm_only(scope: &Scope<'_>, found: &mut Found<'_>) {
    let managed = scope.volume_management();
    // Of a root without a file system nothing is known.
    if managed == Some("lvm") || managed.is_none() && scope.kind().child("systemdisk").is_some() {
        return;
    }
    let without = match managed {
        Some(_) => "Btrfs keeps its subvolumes without it",
        None => "there is no `<systemdisk>`",
    };
    for volume in scope.volumes() {
        if let Some(label) = volume.attrs.at("label") {
            let message = "the `label` of a volume counts only with LVM".to_owned();
            found.add("lvm-only", label, message, without);
        }
    }
    let oem = scope.kind().child("oemconfig");
    if let Some(name) = oem.and_then(|o| o.child("oem-swapname")) {
        let message = "`<oem-swapname>` counts only with LVM".to_owned();
        found.add("lvm-only", name, message, without);
    }
}

fn xen(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let Some(server) = attrs.on("xen_server") else {
        return;
    };
    let loader = scope
        .kind()
        .child("machine")
        .and_then(|m| m.attrs.at("xen_loader"));
    let cloud = attrs.at("firmware").filter(|f| f.value.trim() == "ec2");
    if let Some(guest) = loader.or(cloud) {
        let message = "the system is a Xen host and a Xen guest at once".to_owned();
        found.pair(
            "xen-host-and-guest",
            server,
            message,
            "a host",
            guest,
            "a guest because of this",
        );
    }
}

fn appx(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.image() != "appx" {
        return;
    }
    let history = scope
        .kind()
        .child("containerconfig")
        .and_then(|c| c.child("history"));
    let Some(history) = history else { return };
    if let Some(launcher) = history
        .attrs
        .at("launcher")
        .filter(|l| !l.value.trim().ends_with(".exe"))
    {
        let message = format!("`{}` is no name of a Windows program", launcher.value.trim());
        found.add("appx-name", launcher, message, "must end in `.exe`");
    }
    let id = history.attrs.at("application_id");
    if let Some(id) = id.filter(|i| !i.value.trim().chars().all(|c| c.is_ascii_alphanumeric())) {
        let message = format!("`{}` is no application id", id.value.trim());
        found.add("appx-name", id, message, "letters and digits only");
    }
}

fn unique_type(scope: &Scope<'_>, found: &mut Found<'_>) {
    let own = scope.image();
    let mut same = scope
        .view
        .preferences
        .iter()
        .flat_map(|p| &p.types)
        .map(|t| &t.image)
        .filter(|i| i.value.trim() == own);
    let Some(first) = same.next() else { return };
    let mut same = same.peekable();
    // Profiles that require each other bring each other's types: that has been told.
    if same.peek().is_none() || scope.whole.in_circle() {
        return;
    }
    // One that is for several profiles is told with all that it stands beside.
    let key = format!("{:?}", (first.file, first.span));
    for other in same {
        if let Some((at, meant)) = super::views::second_types::misplaced(scope, first, other) {
            let message = format!("the image type `{own}` is active twice with `{}`", at.value);
            let label = meant.map_or_else(
                || "its own section has one".to_owned(),
                |meant| format!("did you mean `{meant}`, which has none?"),
            );
            let fix = meant.and_then(|meant| found.replace(at, meant, false));
            let note = if first.span.start < at.span.start {
                first
            } else {
                other
            };
            if let Some(told) = found.pair("duplicate-type", at, message, label, note, "the other is here") {
                told.fixes.extend(fix);
            }
            continue;
        }
        if let Some((at, brought, meant)) = super::views::second_types::required(scope, first, other) {
            let message =
                format!("`{brought}` brings an image of the type `{own}`, which is active twice by it");
            let label = meant.map_or_else(
                || "has an image of its own".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            let fix = meant.and_then(|meant| found.replace(at, meant, false));
            if let Some(told) = found.pair("duplicate-type", at, message, label, other, "its image") {
                told.fixes.extend(fix);
            }
            continue;
        }
        let message = format!("the image type `{own}` is active twice");
        if let Some(at) = super::views::second_types::imported(scope, first, other) {
            let note = "one image, and its profile is chosen by itself";
            let label = "two profiles of the default choice have one";
            found.pair("duplicate-type", at, message, label, first, note);
            continue;
        }
        let told = found.once("duplicate-type", &key, other, message, "cannot be chosen");
        if let Some(told) = told {
            let note = Label {
                file: first.file,
                span: first.span,
                message: "the first is here".to_owned().into(),
            };
            told.notes.push(note);
        }
    }
}

fn partuuid(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let Some(at) = attrs
        .at("devicepersistency")
        .filter(|d| d.value.trim() == "by-partuuid")
    else {
        return;
    };
    let pc = scope.pc();
    let msdos = match scope.view.type_attr("firmware") {
        Some("efi" | "uefi") => scope.view.type_attr("efiparttable") == Some("msdos"),
        Some("bios" | "ec2") => pc,
        None => pc && scope.image() == "oem",
        Some(_) => false,
    };
    if msdos {
        let message = "an msdos partition table has no partition UUIDs to find the root by".to_owned();
        let label = "`by-uuid`, or firmware with a GPT such as `efi`";
        found.add("partuuid-with-msdos", at, message, label);
    }
}

fn repositories(scope: &Scope<'_>, found: &mut Found<'_>) {
    let active = &scope.repositories;
    if active.is_empty() {
        let image = scope.view.image;
        let others = image.repositories.iter().map(|r| &r.filter);
        if scope.whole.besides.brings(image, others) {
            return;
        }
        let message = if scope.view.image.repositories.is_empty() {
            "the description has no repository".to_owned()
        } else {
            "no repository is active".to_owned()
        };
        let label = "nothing to take packages from";
        found.once("no-repository", "", &scope.view.image_type.image, message, label);
        return;
    }
    let only = |r: &Repository| r.element.attrs.bool("imageonly") == Some(true);
    if active.iter().all(|r| only(r))
        && let Some(at) = active.first().and_then(|r| r.element.attrs.at("imageonly"))
    {
        let message = "every active repository is for the image only, none to build from".to_owned();
        let label = "`imageinclude` for one that is to be in the image too";
        found.add("no-repository", at, message, label);
    }
}

/// Addresses on the build host, which an image cannot reach. What is none at all is another fault.
const LOCAL: &[&str] = &["/", "dir:", "iso:", "file:", "this:", "obsrepositories:"];

fn public_repositories(scope: &Scope<'_>, found: &mut Found<'_>) {
    for repository in scope.repositories.iter() {
        let source = &repository.source;
        let address = source.value.trim();
        // One with too few slashes is told as such.
        let cut = |scheme: &str| address.strip_prefix(scheme).is_some_and(|p| !p.starts_with('/'));
        if ["dir://", "file://", "iso://"].iter().any(|s| cut(s)) {
            continue;
        }
        let included = repository.element.attrs.bool("imageinclude") == Some(true);
        if included && LOCAL.iter().any(|p| address.starts_with(p)) {
            let message = format!("`{address}` lies on the build host and cannot be configured in the image");
            let label = "only `https:`, `http:`, `ftp:` and `obs:` can, with `imageinclude`";
            found.add("private-repository-included", source, message, label);
        }
    }
}
