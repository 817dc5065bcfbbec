//! Settings of a type for something that is not asked for, or that the image does not have: they change nothing, without a
//! word. Knows what each of them needs; judges no value.

use std::borrow::Cow;

use super::disk::{Disk, Table};
use super::found::{Found, Place};
use super::scope::Scope;
use crate::description::model::{Attrs, Element};

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    sections(scope, found);
    let attrs = &scope.kind().attrs;
    for setting in attrs.names() {
        let Some(needs) = of_type(scope, setting) else {
            continue;
        };
        // A value that is none has been told, and so has a boot partition that the root's encryption needs.
        let of_a_boot = matches!(needs, Needs::Words(BOOT));
        if of_a_boot && locked(scope, found) {
            continue;
        }
        // What it needs stands beside it, and says no.
        let asked = match needs {
            Needs::True(asked) => asked,
            Needs::Words(BOOT) => "bootpartition",
            Needs::Words(_) => "",
        };
        let denied = attrs.at(asked).filter(|_| attrs.bool(asked) == Some(false));
        // Many a disk is said to have no boot partition: only several settings of one say that it was meant to.
        let of_boot = ["bootpartsize", "bootfilesystem", "bootpart_id", "boot_clone"];
        let denied =
            denied.filter(|_| !of_a_boot || of_boot.iter().filter(|n| attrs.at(n).is_some()).count() > 1);
        if let Some(at) = denied {
            deny(setting, at, &needs.words(), found);
        } else if let Some(at) = attrs.at(setting).filter(|at| !found.told("compression", *at)) {
            tell(setting, at, &needs.words(), found);
        }
    }
    if scope.image() != "oem" {
        return;
    }
    for setting in scope.kind().child("oemconfig").map_or(&[][..], |o| &o.children) {
        if let Some(needs) = of_disk(scope, setting) {
            tell(&format!("<{}>", setting.name), setting, needs, found);
        }
    }
    parts(scope, found);
}

/// It has been told that the boot loader cannot open the root without a boot partition.
fn locked(scope: &Scope<'_>, found: &Found<'_>) -> bool {
    let attrs = &scope.kind().attrs;
    let mut places = ["luks_pbkdf", "luks_version"]
        .iter()
        .filter_map(|name| attrs.at(name));
    places.any(|at| found.told("luks-not-for-loader", at))
}

/// What a setting needs.
#[derive(Clone, Copy)]
enum Needs {
    /// This attribute, which has to say `true`.
    True(&'static str),
    /// Something else.
    Words(&'static str),
}

impl Needs {
    /// As messages say it.
    fn words(self) -> Cow<'static, str> {
        match self {
            Needs::True(name) => Cow::Owned(format!("`{name}=\"true\"`")),
            Needs::Words(words) => Cow::Borrowed(words),
        }
    }
}

const BOOT: &str = "a boot partition";
const LVM: &str = "logical volumes";

/// One finding at a value that says no to what a setting beside it needs.
pub(super) fn deny(setting: &str, at: &dyn Place, needs: &str, found: &mut Found<'_>) {
    let message = format!("`{setting}` counts for nothing with this");
    let edit = found.replace(at, "true", false);
    let label = format!("needs {needs}");
    if let Some(told) = found.add("unused-setting", at, message, label) {
        told.fixes.extend(edit);
    }
}

/// One finding for settings that lack the same.
fn tell(setting: &str, at: &dyn Place, needs: &str, found: &mut Found<'_>) {
    // In another view of the same type.
    if found.told("unused-setting", at) {
        return;
    }
    let message = format!("`{setting}` counts for nothing here");
    found.once("unused-setting", needs, at, message, format!("needs {needs}"));
}

/// Images that no kernel of their own starts.
const UNSTARTED: &[&str] = &["docker", "oci", "tbz", "cpio", "appx", "wsl"];

/// Sections of another image, or of another format of a disk.
fn sections(scope: &Scope<'_>, found: &mut Found<'_>) {
    let (kind, image) = (scope.kind(), scope.image());
    let format = kind.attrs.get("format");
    let disk = image == "oem";
    if !super::IMAGES.contains(&image) {
        return;
    }
    let mut sound = None;
    for section in &kind.children {
        let needs = match section.name.as_str() {
            // What the author has the initrd dump to a disk, or grow there, reads it too.
            "oemconfig" if super::boot::initrd_modules::adds(kind, &["kiwi-dump", "kiwi-repart"]) => continue,
            "oemconfig" | "systemdisk" | "partitions" if !disk => "`image=\"oem\"`",
            "size" if UNSTARTED.contains(&image) || matches!(image, "squashfs" | "erofs") => {
                "`image=\"oem\"`"
            }
            "initrd" if UNSTARTED.contains(&image) => "an initrd",
            "vagrantconfig" if disk && format != Some("vagrant") => "`format=\"vagrant\"`",
            "machine" => {
                machine(section, format, found);
                continue;
            }
            _ => continue,
        };
        if found.told("unused-setting", section) {
            continue;
        }
        // What stands beside it may say that it is the image which is wrong.
        if *sound.get_or_insert_with(|| super::misfit::image(kind).is_none()) {
            tell(&format!("<{}>", section.name), section, needs, found);
        }
    }
    let Some(loader) = kind.child("bootloader") else {
        return;
    };
    if let Some(at) = loader
        .attrs
        .at("grub_template")
        .filter(|_| disk && !medium(&kind.attrs))
    {
        tell("grub_template", at, "`installiso=\"true\"`", found);
    }
    let asks = loader.attrs.bool("use_disk_password") == Some(true);
    if let Some(at) = loader.attrs.at("use_disk_password")
        && asks
        && kind.attrs.at("luks").is_none()
    {
        tell("use_disk_password", at, "`luks`", found);
    }
}

/// Formats of disks that no file with the virtual machine goes with.
const BARE: &[&str] = &["qcow2", "vdi", "vhd", "vhdx", "vhd-fixed", "gce"];

/// A virtual machine is described in files beside the disks of one maker alone.
fn machine(machine: &Element, format: Option<&str>, found: &mut Found<'_>) {
    let Some(format) = format else { return };
    if matches!(format, "vmdk" | "ova") {
        if let Some(at) = machine.attrs.at("ovftype").filter(|_| format == "vmdk") {
            tell("ovftype", at, "`format=\"ova\"`", found);
        }
        return;
    }
    if !BARE.contains(&format) && format != "vagrant" {
        return;
    }
    let needs = "`format=\"vmdk\"` or `ova`";
    let parts = ["vmdisk", "vmdvd", "vmnic", "vmconfig-entry"];
    if let Some(part) = parts.iter().find_map(|name| machine.child(name)) {
        tell(&format!("<{}>", part.name), part, needs, found);
        return;
    }
    let settings = ["memory", "ncpus", "guestOS", "HWversion"];
    let setting = settings
        .iter()
        .find_map(|name| Some((name, machine.attrs.at(name)?)));
    if let Some((setting, at)) = setting
        && format != "vagrant"
        && machine.attrs.at("xen_loader").is_none()
    {
        tell(setting, at, needs, found);
    }
}

/// A part of what is made is packed with squashfs.
fn squashed(scope: &Scope<'_>) -> bool {
    let attrs = &scope.kind().attrs;
    let is = |name: &str| attrs.bool(name) == Some(true);
    let packed = attrs.get("filesystem") == Some("squashfs");
    match scope.image() {
        "iso" => packed || attrs.get("filesystem") != Some("erofs"),
        // Elsewhere it is a setting that says nothing, and is left alone.
        "oem" => {
            let other = is("overlayroot") && attrs.get("overlayroot_readonly_filesystem") == Some("erofs");
            packed || medium(attrs) || !other
        }
        "kis" | "pxe" => packed,
        _ => true,
    }
}

/// A medium is made that installs the disk.
pub(super) fn medium(attrs: &Attrs) -> bool {
    ["installiso", "installstick", "installpxe"]
        .iter()
        .any(|name| attrs.bool(name) == Some(true))
}

/// The disk surely gets no boot partition: older releases of KIWI made one beside XFS.
fn without_boot(scope: &Scope<'_>) -> bool {
    let attrs = &scope.kind().attrs;
    let loader = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name"));
    attrs.bool("bootpartition") == Some(false)
        || attrs.get("filesystem") != Some("xfs")
            && loader != Some("grub2_s390x_emu")
            && !Disk::new(scope).boot
}

/// What a setting of the type needs, and what is not there.
fn of_type(scope: &Scope<'_>, setting: &str) -> Option<Needs> {
    let attrs = &scope.kind().attrs;
    let is = |name: &str| attrs.bool(name) == Some(true);
    let disk = scope.image() == "oem";
    // Those that Btrfs has without a `<systemdisk>`.
    let bare = || attrs.get("filesystem") == Some("btrfs") && scope.volume_management().is_none();
    let (lacks, needs) = match setting {
        // Others that lack the same are told in `disk`.
        "spare_part_is_last" => {
            let others = [
                "spare_part_fs",
                "spare_part_mountpoint",
                "spare_part_fs_attributes",
            ];
            let told = || others.iter().any(|name| attrs.at(name).is_some());
            (
                attrs.at("spare_part").is_none() && is(setting) && !told(),
                Needs::Words("`spare_part`"),
            )
        }
        "spare_part_fs_attributes" => (
            attrs.at("spare_part").is_some() && attrs.at("spare_part_fs").is_none(),
            Needs::Words("`spare_part_fs`"),
        ),
        "hybridpersistent_filesystem" => (!is("hybridpersistent"), Needs::True("hybridpersistent")),
        // `<luksformat>` without `disk::luks` is told as that.
        "luks_version" | "luks_pbkdf" | "luks_randomize" | "luksOS" => (
            attrs.at("luks").is_none() && scope.kind().child("luksformat").is_none(),
            Needs::Words("`luks`"),
        ),
        "overlayroot_write_partition"
        | "overlayroot_readonly_filesystem"
        | "overlayroot_readonly_partsize" => (
            // A root that is verified, and lacks the overlay, is told as that.
            !is("overlayroot") && attrs.at("verity_blocks").is_none(),
            Needs::True("overlayroot"),
        ),
        "btrfs_root_is_snapper_snapshot" | "btrfs_quota_groups" => {
            (bare() && is(setting), Needs::Words("a `<systemdisk>`"))
        }
        "btrfs_root_is_readonly_snapshot" => {
            let btrfs = attrs.get("filesystem") == Some("btrfs");
            let without = btrfs && is(setting) && !is("btrfs_root_is_snapper_snapshot");
            (without, Needs::True("btrfs_root_is_snapper_snapshot"))
        }
        "bootpartsize" | "bootfilesystem" | "bootpart_id" => {
            (disk && without_boot(scope), Needs::Words(BOOT))
        }
        "boot_clone" => (
            disk && attrs.number(setting) > Some(0) && without_boot(scope),
            Needs::Words(BOOT),
        ),
        "efipartsize" | "efiparttable" | "efifatimagesize" | "efipart_id" | "eficsm" | "eficsmpart_id" => {
            let firmware = attrs.get("firmware");
            let without = matches!(firmware, Some("bios" | "ec2" | "ofw" | "opal"));
            // A loader that EFI alone starts says that it is the firmware which is wrong.
            let loader = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name"));
            (
                without && loader != Some("systemd_boot"),
                Needs::Words("`firmware=\"uefi\"`"),
            )
        }
        "dosparttable_extended_layout" => {
            let gpt = disk && is(setting) && !is("force_mbr");
            (
                gpt && Disk::new(scope).table == Table::Gpt,
                Needs::Words("an msdos partition table"),
            )
        }
        "luks" => (
            matches!(scope.image(), "kis" | "pxe"),
            Needs::Words("`image=\"oem\"` or `iso`"),
        ),
        "selinux_policy" => (
            attrs
                .get("kernelcmdline")
                .is_some_and(|line| line.split_whitespace().any(|word| word == "selinux=0")),
            Needs::Words("`selinux=1`"),
        ),
        "bootprofile" => (
            matches!(scope.image(), "oem" | "iso") && scope.initrd() == "dracut",
            Needs::Words("`initrd_system=\"kiwi\"`"),
        ),
        // It packs the disk as it is.
        "formatoptions" if attrs.get("format") == Some("gce") => {
            (disk, Needs::Words("another `format` than `gce`"))
        }
        "formatoptions" => (disk && attrs.at("format").is_none(), Needs::Words("`format`")),
        "volid" | "application_id" => (
            disk && !medium(attrs) && scope.kind().child("installmedia").is_none(),
            Needs::True("installiso"),
        ),
        "integrity_keyfile" | "integrity_metadata_key_description" => (
            disk && !is("standalone_integrity"),
            Needs::True("standalone_integrity"),
        ),
        "installboot" => (
            !is("installiso") && !is("installstick"),
            Needs::True("installiso"),
        ),
        "squashfscompression" => (!squashed(scope), Needs::Words("a file system of `squashfs`")),
        "erofscompression" => (
            matches!(scope.image(), "oem" | "iso" | "kis" | "pxe")
                && attrs.get("filesystem") != Some("erofs")
                && attrs.get("overlayroot_readonly_filesystem") != Some("erofs"),
            Needs::Words("a file system of `erofs`"),
        ),
        "vhdfixedtag" => (
            // An option of that format says that it is the format which is wrong.
            attrs.get("format").is_some_and(|f| f != "vhd-fixed")
                // Which `vhd` has too.
                && (attrs.get("format") == Some("vhd")
                    || !attrs
                        .get("formatoptions")
                        .is_some_and(|o| o.contains("force_size"))),
            Needs::Words("`format=\"vhd-fixed\"`"),
        ),
        "gcelicense" => (
            attrs.get("format").is_some_and(|f| f != "gce"),
            Needs::Words("`format=\"gce\"`"),
        ),
        "installprovidefailsafe" | "install_continue_on_timeout" => {
            (is(setting) && !medium(attrs), Needs::True("installiso"))
        }
        _ => return None,
    };
    lacks.then_some(needs)
}

/// The same of what `<oemconfig>` has.
fn of_disk(scope: &Scope<'_>, setting: &Element) -> Option<&'static str> {
    let on = |text: &str| matches!(text, "true" | "1");
    let oem = |name: &str| scope.kind().child("oemconfig").and_then(|o| o.child(name));
    let asked = |name: &str| oem(name).is_some_and(|e| on(&e.text));
    let own = on(&setting.text);
    let (lacks, needs) = match setting.name.as_str() {
        // Its size counts where the disk grows, and is then judged.
        "oem-systemsize" => (
            oem("oem-resize").is_some_and(|e| matches!(e.text.as_str(), "false" | "0")),
            "`<oem-resize>true</oem-resize>`",
        ),
        "oem-resize-once" => (
            own && !Disk::new(scope).resizes(),
            "`<oem-resize>true</oem-resize>`",
        ),
        "oem-ramdisk-size" => (!medium(&scope.kind().attrs), "`installiso=\"true\"`"),
        "oem-nic-filter" => (
            scope.kind().attrs.bool("installpxe") != Some(true),
            "`installpxe=\"true\"`",
        ),
        "oem-unattended-id" => (
            !asked("oem-unattended"),
            "`<oem-unattended>true</oem-unattended>`",
        ),
        "oem-recoveryID" | "oem-recovery-part-size" => {
            (!asked("oem-recovery"), "`<oem-recovery>true</oem-recovery>`")
        }
        "oem-inplace-recovery" => (
            own && !asked("oem-recovery"),
            "`<oem-recovery>true</oem-recovery>`",
        ),
        "oem-kiwi-initrd" | "oem-partition-install" => {
            (own && scope.initrd() == "dracut", "`initrd_system=\"kiwi\"`")
        }
        "oem-vmcp-parmfile" => (scope.pc(), "a mainframe"),
        _ => return None,
    };
    lacks.then_some(needs)
}

/// What volumes and partitions have for another way to keep them.
fn parts(scope: &Scope<'_>, found: &mut Found<'_>) {
    let disk = scope.kind().child("systemdisk");
    let (settings, needs): (&[&str], _) = match scope.volume_management() {
        Some("btrfs") => (&["size", "freespace", "filesystem_check"], LVM),
        // That there is nothing to make volumes with has been told.
        Some(_) if disk.is_some_and(|d| found.told("missing-disk-tool", d)) => (&[], ""),
        Some(_) => (&["copy_on_write", "parent"], "subvolumes of Btrfs"),
        None => (&[], ""),
    };
    if scope.volume_management() == Some("lvm")
        && let Some(at) = disk.and_then(|d| d.attrs.at("preferlvm"))
        && at.value.trim() == "false"
        && !super::misfit::of_btrfs(scope.kind())
    {
        tell("preferlvm", at, "a root on `btrfs`", found);
    }
    // Attributes of Btrfs say that it is the file system which is wrong, or `preferlvm`.
    let odd = || {
        scope.volume_management() == Some("lvm")
            && scope.kind().attrs.names().any(|n| n.starts_with("btrfs_"))
    };
    let volumes = disk.filter(|_| !settings.is_empty() && !odd());
    for volume in volumes.into_iter().flat_map(|d| d.all("volume")) {
        let given = settings
            .iter()
            .find_map(|name| Some((name, volume.attrs.at(name)?)));
        // That the two contradict each other is told.
        let both = volume.attrs.at("size").is_some() && volume.attrs.at("freespace").is_some();
        let denied = disk.and_then(|d| d.attrs.at("preferlvm"));
        let denied = denied.filter(|at| needs == LVM && at.value.trim() == "false");
        match (given.filter(|_| !both), denied) {
            (Some((name, _)), Some(at)) => deny(name, at, needs, found),
            (Some((name, at)), None) => tell(name, at, needs, found),
            _ => {}
        }
    }
    let partitions = scope.kind().child("partitions");
    for partition in partitions.into_iter().flat_map(|p| p.all("partition")) {
        if let Some(at) = partition.attrs.at("label")
            && partition.attrs.at("filesystem").is_none()
            && partition.attrs.at("mountpoint").is_none()
        {
            tell("label", at, "`filesystem`", found);
        }
    }
}
