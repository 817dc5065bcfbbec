//! The initrd, made by the tree's own tool inside the sandbox: generic, for no host in particular.

use std::collections::BTreeMap;
use std::path::Path;

use apteryx_schema::description::View;
use apteryx_schema::description::model::Element;

use super::disk::Role;
use super::late;
use super::layout::Layout;
use super::support::{place_of_element, refuse};
use crate::error::{BuildError, IoContext, Place};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox};

/// Kernel and initrd as paths in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// `uname -r` of it.
    pub version: String,
    /// `/boot/vmlinuz-…`.
    pub kernel: String,
    /// `/boot/initrd.img-…`, once made.
    pub initrd: Option<String>,
}

/// Finds the kernel: the newest directory of `lib/modules` (by name, numbers as numbers) with an image for it.
pub fn find_kernel(tree: &Path) -> Result<Boot, BuildError> {
    let mut versions: Vec<String> = ["lib/modules", "usr/lib/modules"]
        .iter()
        .filter_map(|dir| std::fs::read_dir(tree.join(dir)).ok())
        .flat_map(|entries| {
            entries
                .flatten()
                .map(|e| e.file_name().to_string_lossy().into_owned())
        })
        .collect();
    let key = |v: &String| -> Vec<u64> {
        v.split(|c: char| !c.is_ascii_digit())
            .filter_map(|n| n.parse().ok())
            .collect()
    };
    versions.sort_by_key(key);
    for version in versions.iter().rev() {
        let names = [
            format!("boot/vmlinuz-{version}"),
            format!("boot/Image-{version}"),
            format!("usr/lib/modules/{version}/vmlinuz"),
        ];
        if let Some(name) = names.iter().find(|n| tree.join(n).is_file()) {
            return Ok(Boot {
                version: version.clone(),
                kernel: format!("/{name}"),
                initrd: None,
            });
        }
    }
    Err(BuildError::Description {
        code: "no-kernel",
        message: "the tree has no kernel".to_owned(),
        place: None,
        help: Some("add a kernel to `<packages type=\"image\">`: `linux-image-amd64` (Debian), `kernel-default` (openSUSE), `kernel` (Fedora)".to_owned()),
    })
}

/// What `<initrd>` of a type asks dracut for: options with lists of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// `--add`, `--omit-drivers`, …, each with its names.
    pub options: BTreeMap<&'static str, Vec<String>>,
    /// What asks for it.
    pub place: Place,
}

/// Reads the wishes of a `<type>`; one that cannot be fulfilled is refused.
pub fn wishes(kind: &Element) -> Result<Wishes, BuildError> {
    let mut wishes = Wishes::default();
    for section in kind.all("initrd") {
        let (modules, drivers) = match section.attrs.get("action") {
            Some("add") => ("--add", "--add-drivers"),
            Some("omit") => ("--omit", "--omit-drivers"),
            Some("set") => ("--modules", "--drivers"),
            _ => {
                return Err(refuse(
                    "unsupported-initrd-setup",
                    "a unified kernel image".to_owned(),
                    place_of_element(section),
                    "leave the section out",
                ));
            }
        };
        wishes.place = Some(place_of_element(section));
        for element in section.all("dracut") {
            for (attribute, option) in [("module", modules), ("driver", drivers)] {
                if let Some(name) = element.attrs.get(attribute) {
                    wishes.options.entry(option).or_default().push(name.to_owned());
                }
            }
        }
    }
    Ok(wishes)
}

/// Where the initrd of a disk that grows reads which partition is which; relative to the tree.
pub const PART_IDS: &str = "config.partids";
/// The dracut module that lets a disk grow at its first start.
const REPART: &str = "kiwi-repart";

/// What `<oemconfig>` wants of the first start: that the disk grows to the size of the device it lies on, which is so
/// unless it is turned off, and that no path to it is looked for beside the one.
pub fn first_start(
    root: &mut Root,
    view: &View<'_>,
    layout: &Layout,
    wishes: &mut Wishes,
    step: &Step,
) -> Result<(), BuildError> {
    let config = view.image_type.element.child("oemconfig");
    let off = |name: &str| {
        config
            .and_then(|config| config.child(name))
            .is_some_and(|element| matches!(element.text.as_str(), "false" | "0"))
    };
    if !root.has_program("dracut") {
        return Ok(());
    }
    let modules = "/usr/lib/dracut/modules.d";
    let modules = root.names(modules).unwrap_or_default();
    let there = |module: &str| {
        modules
            .iter()
            .any(|name| name.to_string_lossy().ends_with(module))
    };
    let mut ask = |option: &'static str, name: &str| {
        wishes.options.entry(option).or_default().push(name.to_owned());
    };
    if off("oem-multipath-scan") && there("multipath") {
        ask("--omit", "multipath");
    }
    if off("oem-resize") {
        return Ok(());
    }
    if !there(REPART) {
        step.warn(format!(
            "the disk does not grow at its first start: the tree has no dracut module `{REPART}`"
        ));
        return Ok(());
    }
    ask("--add", REPART);
    ask("--install", "/.profile");
    ask("--install", &format!("/{PART_IDS}"));
    let roles = [
        ("kiwi_BiosGrub", Role::BiosBoot),
        ("kiwi_EfiPart", Role::Efi),
        ("kiwi_SwapPart", Role::Swap),
        ("kiwi_RootPart", Role::Root),
    ];
    let boot = layout.boot().map_or(Role::Root, |part| part.role);
    let numbers = roles
        .into_iter()
        .chain([("kiwi_BootPart", boot)])
        .filter_map(|(name, role)| Some(format!("{name}=\"{}\"\n", layout.number(role)?)));
    let text: String = numbers.collect();
    late::write(root, PART_IDS, text.as_bytes())
}

/// Makes the initrd for `boot` in `tree` (a writable view of the tree).
pub fn make(tree: &Path, boot: &Boot, wishes: &Wishes, time: u64, step: &Step) -> Result<String, BuildError> {
    let has = |name: &str| {
        ["usr/bin", "usr/sbin", "bin", "sbin"]
            .iter()
            .any(|d| tree.join(d).join(name).exists())
    };
    let version = boot.version.as_str();
    let path = format!("/boot/initrd.img-{version}");
    let cmd = if has("dracut") {
        // dracut's own choice is the highest level of gzip, which takes half of all its time for a tenth of the size.
        let compress = if has("zstd") {
            "zstd -3 -T0 -q"
        } else {
            "gzip -n -5"
        };
        let cmd = Cmd::new("dracut").args([
            "--force",
            "--compress",
            compress,
            "--no-hostonly",
            "--no-hostonly-cmdline",
            "--reproducible",
        ]);
        let names = |names: &Vec<String>| names.join(" ");
        let wished = wishes.options.iter();
        let wished = wished.flat_map(|(option, list)| [(*option).to_owned(), names(list)]);
        cmd.args(wished).args(["--kver", version, &path])
    } else if !wishes.options.is_empty() {
        return Err(BuildError::Description {
            code: "no-initrd-tool",
            message: "the tree has no `dracut`, which `<initrd>` is for".to_owned(),
            place: wishes.place.clone(),
            help: Some("add `dracut` to `<packages type=\"image\">`".to_owned()),
        });
    } else if has("mkinitramfs") {
        Cmd::new("mkinitramfs").args(["-o", &path, version])
    } else {
        return Err(BuildError::Description {
            code: "no-initrd-tool",
            message: "the tree has neither `dracut` nor `mkinitramfs`".to_owned(),
            place: None,
            help: Some("add `dracut` or `initramfs-tools` to `<packages type=\"image\">`".to_owned()),
        });
    };
    let cmd = cmd
        .env("SOURCE_DATE_EPOCH", time.to_string())
        .doing("making the initrd");
    Sandbox::new(tree).run(&cmd, step)?;
    let made = tree.join(path.trim_start_matches('/'));
    std::fs::metadata(&made).at("cannot read", &made)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_kernel_with_an_image_is_taken() {
        let dir = tempfile::tempdir().expect("a directory");
        for version in ["6.1.0-9-amd64", "6.1.0-41-amd64", "7.0.0"] {
            std::fs::create_dir_all(dir.path().join("lib/modules").join(version)).expect("it is made");
        }
        std::fs::create_dir(dir.path().join("boot")).expect("it is made");
        assert_eq!(
            find_kernel(dir.path()).expect_err("there is none").code(),
            "no-kernel"
        );
        for version in ["6.1.0-9-amd64", "6.1.0-41-amd64"] {
            std::fs::write(dir.path().join(format!("boot/vmlinuz-{version}")), "").expect("it is written");
        }
        assert_eq!(
            find_kernel(dir.path()).expect("a kernel").version,
            "6.1.0-41-amd64"
        );
    }
}
