//! Values of the image's own formats that a tool refuses late: compressions, options of disk formats, a box that is
//! smaller than its disk, an encryption that the boot loader does not open. Knows the tools' lists; runs none.

use super::found::{Found, near};
use super::scope::Scope;

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    compression(scope, found);
    options(scope, found);
    boxes(scope, found);
    encryption(scope, found);
    idle(scope, found);
}

/// What `mkfs.erofs -z` knows; a level follows a comma, further ones a colon.
const EROFS: &[&str] = &["lz4", "lz4hc", "lzma", "deflate", "libdeflate", "zstd"];

fn compression(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(at) = scope.kind().attrs.at("erofscompression") else {
        return;
    };
    let value = at.value.trim();
    let names = value.split(':').map(|one| one.split(',').next().unwrap_or(one));
    for name in names.filter(|n| !n.is_empty() && !n.contains(['$', '{', '@'])) {
        if EROFS.contains(&name) {
            continue;
        }
        let message = format!("EROFS has no compression `{name}`");
        let whole = near(name, EROFS.iter().copied()).map(|n| value.replacen(name, n, 1));
        let otherwise = "one of `lz4`, `lz4hc`, `zstd`, `lzma` and `deflate`";
        found.instead("compression", at, message, whole.as_deref(), false, otherwise);
        return;
    }
}

/// Options of disk formats that have a list of values.
const OPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "vmdk",
        "subformat",
        &[
            "monolithicSparse",
            "monolithicFlat",
            "twoGbMaxExtentSparse",
            "twoGbMaxExtentFlat",
            "streamOptimized",
        ],
    ),
    (
        "vmdk",
        "adapter_type",
        &["ide", "lsilogic", "buslogic", "legacyESX", "pvscsi", "lsisas1068"],
    ),
    ("qcow2", "preallocation", &["off", "metadata", "falloc", "full"]),
    ("qcow2", "compat", &["0.10", "1.1", "v2", "v3"]),
    ("qcow2", "compression_type", &["zlib", "zstd"]),
    ("qcow2", "lazy_refcounts", &["on", "off"]),
    ("vhdx", "subformat", &["dynamic", "fixed"]),
    ("vhd", "subformat", &["dynamic", "fixed"]),
    ("vdi", "static", &["on", "off"]),
];

fn options(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let (Some(format), Some(at)) = (attrs.get("format"), attrs.at("formatoptions")) else {
        return;
    };
    for option in at.value.split(',') {
        let Some((key, value)) = option.split_once('=') else {
            // The one that has no value.
            if matches!(format, "vhd" | "vhd-fixed")
                && near(option.trim(), ["force_size"].into_iter()).is_some()
            {
                let message = format!("the format `{format}` has no option `{}`", option.trim());
                let whole = at.value.replacen(option.trim(), "force_size", 1);
                found.instead("format-option", at, message, Some(&whole), true, "");
            } else if option.trim() == "force_size"
                && OPTIONS.iter().any(|(f, _, _)| *f == format && *f != "vhd")
            {
                let message = format!("`force_size` is an option of `vhd`, and `{format}` has none such");
                found.add("format-option", at, message, "not known to the format");
            }
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        let of_format = OPTIONS.iter().filter(|(f, _, _)| *f == format);
        let keys = of_format.clone().map(|(_, k, _)| *k);
        if let Some((_, _, values)) = of_format.clone().find(|(_, k, _)| *k == key) {
            if !values.contains(&value) && !value.contains(['$', '{']) {
                let message = format!("the option `{key}` of `{format}` has no value `{value}`");
                let meant = near(value, values.iter().copied()).map(|n| at.value.replacen(value, n, 1));
                let otherwise = format!("one of {}", super::words(values, "and"));
                found.instead("format-option", at, message, meant.as_deref(), true, &otherwise);
            }
        } else if let Some((of, _, _)) = foreign_option(format, key) {
            let message = format!("`{key}` is an option of `{of}`, and `{format}` has none such");
            found.add("format-option", at, message, "not known to the format");
        } else if let Some(meant) = near(key, keys) {
            let message = format!("the format `{format}` has no option `{key}`");
            let whole = at.value.replacen(key, meant, 1);
            found.instead("format-option", at, message, Some(&whole), true, "");
        }
    }
}

/// An option that other formats have, and this one surely not.
fn foreign_option(
    format: &str,
    key: &str,
) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let judged = OPTIONS.iter().any(|(f, _, _)| *f == format);
    let of = || {
        OPTIONS
            .iter()
            .find(|(_, k, _)| *k == key && *k != "preallocation")
    };
    judged.then(of).flatten()
}

/// The size that a box of Vagrant says it has, in GB, against that of its disk.
fn boxes(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let Some(size) = kind
        .child("size")
        .filter(|s| s.attrs.bool("additive") != Some(true))
    else {
        return;
    };
    let Ok(number) = size.text.parse::<u64>() else {
        return;
    };
    let gb = match size.attrs.get("unit") {
        Some("G") => number,
        _ => number.div_ceil(1024),
    };
    for vagrant in kind.all("vagrantconfig") {
        if let Some(at) = vagrant.attrs.at("virtualsize")
            && at
                .value
                .trim()
                .parse::<u64>()
                .is_ok_and(|v| v >= super::disk_sizes::LARGE)
        {
            let message = format!("a box of {} GB is larger than any", at.value.trim());
            found.add("vagrant-size", at, message, "in GB");
        }
        if let Some(at) = vagrant.attrs.at("virtualsize")
            && at.value.trim().parse::<u64>().is_ok_and(|v| v < gb)
        {
            let message = format!(
                "the box is said to have {} GB, and its disk has {gb}",
                at.value.trim()
            );
            let note = "the disk is this large";
            found.pair(
                "vagrant-size",
                at,
                message,
                "in GB, at least the disk's size",
                &super::found::Text(size),
                note,
            );
        }
    }
}

/// GRUB derives keys by PBKDF2 alone: with another function the kernel has to lie on a partition that is not encrypted.
fn encryption(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let loader = kind
        .child("bootloader")
        .and_then(|b| b.attrs.get("name"))
        .unwrap_or("grub2");
    // The older header has no such key, which is told.
    if kind.attrs.get("luks_version") == Some("luks1") {
        return;
    }
    let named = kind.attrs.at("luks_pbkdf");
    let mut options = kind.all("luksformat").flat_map(|f| f.all("option"));
    let asked = options.any(|o| {
        o.attrs
            .get("name")
            .is_some_and(|n| n.trim().starts_with("--pbkdf"))
    });
    // The newer header's own choice is Argon2.
    let later = || {
        kind.attrs
            .at("luks_version")
            .filter(|v| v.value.trim() == "luks2" && !asked)
    };
    let Some(at) = (match named {
        Some(named) => Some(named).filter(|p| p.value.trim().starts_with("argon2")),
        None => later(),
    }) else {
        return;
    };
    if scope.image() == "oem"
        && loader == "grub2"
        && kind.attrs.at("luks").is_some()
        && !super::disk::Disk::new(scope).boot
        && kind.attrs.bool("overlayroot") != Some(true)
    {
        let message = match named {
            Some(_) => format!(
                "GRUB cannot open a root whose key is derived by `{}`",
                at.value.trim()
            ),
            None => {
                "GRUB cannot open a root whose key is derived by Argon2, as `luks2` does by itself".to_owned()
            }
        };
        let label = match named {
            Some(_) => "`pbkdf2`, or `bootpartition=\"true\"`",
            None => "needs `luks_pbkdf=\"pbkdf2\"`, or `bootpartition=\"true\"`",
        };
        found.add("luks-not-for-loader", at, message, label);
    }
}

/// Settings of something that is not asked for.
fn idle(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    if let Some(config) = scope.kind().child("vagrantconfig")
        && attrs.get("format").is_some_and(|f| f.trim() != "vagrant")
    {
        let message = "`<vagrantconfig>` counts for nothing here".to_owned();
        found.add("unused-setting", config, message, "needs `format=\"vagrant\"`");
    }
    if let Some(machine) = scope.kind().child("machine")
        && attrs
            .get("format")
            .is_some_and(|f| !matches!(f.trim(), "vmdk" | "ova"))
        && let Some(part) = ["vmdisk", "vmdvd", "vmnic"]
            .iter()
            .find_map(|name| machine.child(name))
    {
        let message = format!("`<{}>` counts for nothing here", part.name);
        found.add(
            "unused-setting",
            part,
            message,
            "needs `format=\"vmdk\"` or `ova`",
        );
    }
    for setting in attrs.names() {
        let Some(needs) = lacking(scope, setting) else {
            continue;
        };
        // A value that is none has been told.
        if let Some(at) = attrs.at(setting).filter(|at| !found.told("compression", *at)) {
            let message = format!("`{setting}` counts for nothing here");
            // Settings that lack the same are one fault.
            found.once("unused-setting", needs, at, message, format!("needs {needs}"));
        }
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
            let medium = ["installiso", "installstick", "installpxe"].iter().any(|m| is(m));
            let other = is("overlayroot") && attrs.get("overlayroot_readonly_filesystem") == Some("erofs");
            packed || medium || !other
        }
        "kis" | "pxe" => packed,
        _ => true,
    }
}

/// What a setting of the type needs, and what is not there.
fn lacking(scope: &Scope<'_>, setting: &str) -> Option<&'static str> {
    let attrs = &scope.kind().attrs;
    let is = |name: &str| attrs.bool(name) == Some(true);
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
                "`spare_part`",
            )
        }
        "hybridpersistent_filesystem" => (!is("hybridpersistent"), "`hybridpersistent=\"true\"`"),
        // `<luksformat>` without `luks` is told as that.
        "luks_version" | "luks_pbkdf" => (
            attrs.at("luks").is_none() && scope.kind().child("luksformat").is_none(),
            "`luks`",
        ),
        "overlayroot_write_partition"
        | "overlayroot_readonly_filesystem"
        | "overlayroot_readonly_partsize" => (!is("overlayroot"), "`overlayroot=\"true\"`"),
        "btrfs_root_is_snapper_snapshot" | "btrfs_quota_groups" => {
            (bare() && is(setting), "a `<systemdisk>`")
        }
        "btrfs_root_is_readonly_snapshot" => {
            let btrfs = attrs.get("filesystem") == Some("btrfs");
            let without = btrfs && is(setting) && !is("btrfs_root_is_snapper_snapshot");
            (without, "`btrfs_root_is_snapper_snapshot=\"true\"`")
        }
        "bootpartsize" | "bootfilesystem" => (attrs.bool("bootpartition") == Some(false), "a boot partition"),
        "efipartsize" | "efiparttable" | "efifatimagesize" => {
            let firmware = attrs.get("firmware");
            let without = matches!(firmware, Some("bios" | "ec2" | "ofw" | "opal"));
            // A loader that EFI alone starts says that it is the firmware which is wrong.
            let loader = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name"));
            (without && loader != Some("systemd_boot"), "`firmware=\"uefi\"`")
        }
        "installboot" => (!is("installiso") && !is("installstick"), "`installiso=\"true\"`"),
        "squashfscompression" => (!squashed(scope), "a file system of `squashfs`"),
        "erofscompression" => (
            matches!(scope.image(), "oem" | "iso" | "kis" | "pxe")
                && attrs.get("filesystem") != Some("erofs")
                && attrs.get("overlayroot_readonly_filesystem") != Some("erofs"),
            "a file system of `erofs`",
        ),
        "vhdfixedtag" => (
            // An option of that format says that it is the format which is wrong.
            attrs.get("format").is_some_and(|f| f != "vhd-fixed")
                && !attrs
                    .get("formatoptions")
                    .is_some_and(|o| o.contains("force_size")),
            "`format=\"vhd-fixed\"`",
        ),
        "gcelicense" => (
            attrs.get("format").is_some_and(|f| f != "gce"),
            "`format=\"gce\"`",
        ),
        "installprovidefailsafe" | "install_continue_on_timeout" => (
            is(setting) && !["installiso", "installstick", "installpxe"].iter().any(|m| is(m)),
            "`installiso=\"true\"`",
        ),
        _ => return None,
    };
    lacks.then_some(needs)
}
