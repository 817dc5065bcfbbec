//! What the initrd of an image is made with and needs: dracut and its modules, tools of volumes, RAID, encryption and file
//! systems. Knows their names in each family of distributions; asks no repository.

use crate::description::PackageKind;
use crate::description::model::{At, Element, ItemKind};
use crate::rules::found::{Found, has_part};
use crate::rules::packages::offers::{For, package};
use crate::rules::packages::{Family, family, open_ended};
use crate::rules::scope::Scope;
use crate::rules::words;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    initrd(scope, found);
    live(scope, found);
    tools(scope, found);
    filesystem_tools(scope, found);
}

/// Where packages do not bring dracut by themselves, it has to be named.
fn initrd(scope: &Scope<'_>, found: &mut Found<'_>) {
    let other = match family(scope) {
        Family::Debian => "initramfs-tools",
        Family::Arch => "mkinitcpio",
        Family::Alpine => "mkinitfs",
        _ => return,
    };
    let needs = matches!(scope.image(), "oem" | "iso" | "kis") && scope.initrd() == "dracut";
    let named = || scope.with_part("dracut").next().is_some();
    // Names of another family say that it is the package manager which is wrong.
    let known = || crate::rules::packages::foreign::other_manager(scope, family(scope)).is_none();
    // A missing module of dracut, which has been told, brings it.
    if needs
        && !super::dracut_modules::lacks_module(scope)
        && (lacks_live(scope).is_none() || lacks_all(scope))
        && scope.type_has_packages()
        && !open_ended(scope)
        && !named()
        && known()
    {
        let message = "the initrd is made by dracut, and no list installs it".to_owned();
        if let Some(item) = scope.listed(PackageKind::System, other) {
            found.instead(
                "missing-initrd-tool",
                &item.name,
                message,
                Some("dracut"),
                false,
                "",
            );
            return;
        }
        let label = format!("add `dracut`: it takes the place of `{other}`, which the kernel brings");
        let at = &scope.view.image_type.image;
        if found
            .once("missing-initrd-tool", "", at, message, label)
            .is_some()
        {
            package(scope, "dracut", For::All, found);
        }
    }
}

/// The module that starts a live medium in the way of dracut itself is a package of its own on some distributions.
fn live(scope: &Scope<'_>, found: &mut Found<'_>) {
    if let Some(flags) = lacks_live(scope).filter(|_| !lacks_all(scope)) {
        let message = "a live medium by `dmsquash` needs the package `dracut-live`".to_owned();
        let label = "no `<packages>` in this view has it";
        if let Some(told) = found.once("missing-dracut-module", "dmsquash", flags, message, label) {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help = Some("the build would stop in create, where the initrd is made".into());
            package(scope, "dracut-live", For::Type, found);
        }
    }
}

/// There is nothing of dracut, and another image of the description needs it too: then that is what is missing.
fn lacks_all(scope: &Scope<'_>) -> bool {
    let mut types = scope.whole.image.preferences.iter().flat_map(|p| &p.types);
    family(scope) == Family::Debian
        && scope.with_part("dracut").next().is_none()
        && types.any(|t| matches!(t.image.value.trim(), "oem" | "kis"))
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
    let disk = scope.image() == "oem";
    if !disk && scope.image() != "iso" || open_ended(scope) || !scope.type_has_packages() {
        return;
    }
    let attrs = &scope.kind().attrs;
    let rpm = matches!(family(scope), Family::Suse | Family::RedHat);
    let modules = scope.with_part("dracut").any(|n| n.starts_with("dracut-kiwi-"));
    let mut need = |names: &[&str], at: &dyn crate::rules::found::Place, what: &str| {
        // One that is called so by nobody is told as that.
        let meant = |n: &str| n == "lvm2" && scope.has("lvm");
        if !names.iter().any(|n| scope.has(n) || meant(n)) {
            // Debian has them in parts.
            let called = if rpm {
                names.get(..1).unwrap_or(names)
            } else {
                names
            };
            let message = format!("no list installs {}, which {what} needs", words(called, "or"));
            let first = names.first().copied().unwrap_or("");
            let label = "cannot be opened without it";
            let Some(told) = found.once("missing-disk-tool", first, at, message, label) else {
                return;
            };
            // KIWI's modules depend on these tools, where they are packed for RPM.
            if rpm && modules {
                told.severity = crate::diagnostic::Severity::Info;
                told.help = Some(
                    "a package of KIWI's modules for dracut brings it; without that the guest would not boot"
                        .into(),
                );
            }
            package(scope, first, For::All, found);
        }
    };
    // Of these a live medium is encrypted alone.
    if disk && scope.volume_management() == Some("lvm") && !crate::rules::misfit::of_btrfs(scope.kind()) {
        if let Some(disk) = scope.kind().child("systemdisk") {
            need(&["lvm2"], disk, "a root on logical volumes");
        }
    }
    if let Some(raid) = attrs.at("mdraid").filter(|_| disk) {
        need(&["mdadm"], raid, "a root on a RAID");
    }
    if let Some(luks) = attrs.at("luks") {
        need(
            &["cryptsetup", "cryptsetup-initramfs", "cryptsetup-bin"],
            luks,
            "an encrypted root",
        );
    }
    for (setting, what) in [
        ("standalone_integrity", "a root whose integrity is checked"),
        ("verity_blocks", "a root whose blocks are verified"),
    ] {
        // A root that can be written to is told as that.
        let sound = disk && (setting != "verity_blocks" || crate::rules::disk::root_kind::fixed(scope));
        if let Some(at) = attrs
            .at(setting)
            .filter(|_| sound && attrs.bool(setting) != Some(false))
        {
            let tools = ["cryptsetup", "cryptsetup-bin", "integritysetup", "veritysetup"];
            need(&tools, at, what);
        }
    }
    // Tools of file systems come with dependencies on most distributions: seventeen real descriptions name none.
}

/// Tools of the root's file system, by what their packages are called somewhere. Others are part of every system.
fn filesystem_tools(scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.image() != "oem" {
        return;
    }
    let kind = scope.kind();
    let partitions = kind.child("partitions").into_iter();
    let partitions = partitions.flat_map(|p| p.all("partition"));
    // One that is too small for it is told as that.
    let holds = |p: &&Element| {
        let size = p.attrs.get("size").and_then(crate::rules::disk::mb);
        size.is_none_or(|mb| mb >= crate::rules::disk::sizes::least(p.attrs.get("filesystem")))
    };
    let partitions = partitions.filter(holds).filter_map(|p| p.attrs.at("filesystem"));
    let own = ["filesystem", "spare_part_fs"].into_iter();
    let own = own.filter_map(|name| kind.attrs.at(name));
    let known = |at: &At| match (at.value.trim(), family(scope)) {
        ("xfs", _) => Some(("xfs", "xfsprogs")),
        ("btrfs", Family::Suse) => Some(("btrfs", "btrfsprogs")),
        ("btrfs", _) => Some(("btrfs", "btrfs-progs")),
        _ => None,
    };
    let mut met = Vec::new();
    for (at, (mark, name)) in own.chain(partitions).filter_map(|at| Some((at, known(at)?))) {
        if !met.contains(&mark) {
            met.push(mark);
            filesystem_tool(scope, at, mark, name, found);
        }
    }
}

/// The tool of one file system, which some part of the disk has.
fn filesystem_tool(scope: &Scope<'_>, at: &At, mark: &'static str, name: &str, found: &mut Found<'_>) {
    let patterns = || {
        let prefixes = ["patterns-", "pattern:"].into_iter();
        prefixes.flat_map(|p| scope.starting(p)).next().is_some()
    };
    // Snapper and the like bring the tools of Btrfs.
    let part = |part| scope.with_part(part).next().is_some();
    let brought = || part(mark) || mark == "btrfs" && part("snapper");
    // Groups as small as `core` of EL have the tools of XFS.
    let groups = scope.brings(|item| item.group().is_some());
    if scope.type_has_packages()
        && !groups
        && !open_ended(scope)
        && !crate::rules::misfit::of_btrfs(scope.kind())
        && !patterns()
        && !brought()
        // What is left of an overlay says that there was one.
        && !scope.kind().attrs.names().any(|n| n.starts_with("overlayroot"))
    {
        let root = scope
            .kind()
            .attrs
            .at("filesystem")
            .is_some_and(|r| r.span == at.span);
        let what = if root { "the root's" } else { "a partition's" };
        let message = format!("no list installs `{name}`, the tools of {what} file system");
        let label = format!("add the package `{name}`");
        let Some(told) = found.once("missing-filesystem-tool", name, at, message, label) else {
            return;
        };
        if !root {
            told.help = Some("the guest could neither check nor grow it".into());
        }
        package(scope, name, For::All, found);
    }
}
