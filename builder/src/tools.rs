//! The host's tools: which are there, which version, what is impossible without them, which package brings them.

use std::path::{Path, PathBuf};

use apteryx_schema::description::View;

use crate::error::BuildError;
use crate::sandbox::{Cmd, PATH, try_tool};

/// A tool, or a file that a tool's package brings (then its name is an absolute path).
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its name on the PATH, or a path.
    pub name: &'static str,
    /// Asks for its version.
    pub version: &'static [&'static str],
    /// What is impossible without it.
    pub purpose: &'static str,
    /// The package on Debian, openSUSE and Fedora.
    pub packages: [&'static str; 3],
}

/// Every tool that a build, a boot or a doctor's visit may need.
pub const TOOLS: [Tool; 11] = [
    tool(
        "mke2fs",
        &["-V"],
        "file systems ext2 to ext4, disks",
        ["e2fsprogs", "e2fsprogs", "e2fsprogs"],
    ),
    tool(
        "mksquashfs",
        &["-version"],
        "squashfs images",
        ["squashfs-tools", "squashfs", "squashfs-tools"],
    ),
    tool(
        "qemu-img",
        &["--version"],
        "disks in the format qcow2",
        ["qemu-utils", "qemu-img", "qemu-img"],
    ),
    tool(
        "grub-mkimage",
        &["--version"],
        "disks that GRUB starts",
        ["grub-common", "grub2", "grub2-tools"],
    ),
    tool(
        "/usr/lib/grub/i386-pc/boot.img",
        &[],
        "GRUB for BIOS",
        ["grub-pc-bin", "grub2-i386-pc", "grub2-pc-modules"],
    ),
    tool(
        "/usr/lib/grub/x86_64-efi/normal.mod",
        &[],
        "GRUB for EFI",
        ["grub-efi-amd64-bin", "grub2-x86_64-efi", "grub2-efi-x64-modules"],
    ),
    tool(
        "qemu-system-x86_64",
        &["--version"],
        "boot",
        ["qemu-system-x86", "qemu-x86", "qemu-system-x86"],
    ),
    tool(
        "/usr/share/OVMF/OVMF_CODE_4M.fd",
        &[],
        "boot with UEFI",
        ["ovmf", "qemu-ovmf-x86_64", "edk2-ovmf"],
    ),
    tool(
        "newuidmap",
        &[],
        "builds without root",
        ["uidmap", "shadow", "shadow-utils"],
    ),
    tool(
        "newgidmap",
        &[],
        "builds without root",
        ["uidmap", "shadow", "shadow-utils"],
    ),
    tool(
        "setpriv",
        &["--version"],
        "boot",
        ["util-linux", "util-linux", "util-linux"],
    ),
];

const fn tool(
    name: &'static str,
    version: &'static [&'static str],
    purpose: &'static str,
    packages: [&'static str; 3],
) -> Tool {
    Tool {
        name,
        version,
        purpose,
        packages,
    }
}

/// Other places and names of the same thing on other distributions.
fn aliases(name: &str) -> &'static [&'static str] {
    match name {
        "grub-mkimage" => &["grub2-mkimage"],
        "/usr/lib/grub/i386-pc/boot.img" => &[
            "/usr/share/grub2/i386-pc/boot.img",
            "/usr/lib/grub2/i386-pc/boot.img",
        ],
        "/usr/lib/grub/x86_64-efi/normal.mod" => &["/usr/share/grub2/x86_64-efi/normal.mod"],
        "/usr/share/OVMF/OVMF_CODE_4M.fd" => &[
            "/usr/share/OVMF/OVMF_CODE.fd",
            "/usr/share/edk2/ovmf/OVMF_CODE.fd",
            "/usr/share/qemu/ovmf-x86_64-code.bin",
        ],
        _ => &[],
    }
}

/// Where a tool is.
pub fn find(name: &str) -> Option<PathBuf> {
    std::iter::once(name)
        .chain(aliases(name).iter().copied())
        .find_map(|name| {
            if name.starts_with('/') {
                return Some(PathBuf::from(name)).filter(|p| p.is_file());
            }
            PATH.split(':')
                .map(|dir| Path::new(dir).join(name))
                .find(|p| p.is_file())
        })
}

/// The first line that holds a digit of what a tool says about its version.
pub fn version(tool: &Tool) -> Option<String> {
    let path = find(tool.name)?;
    if tool.version.is_empty() {
        return None;
    }
    let output = try_tool(&Cmd::new(path).args(tool.version.iter().copied()), None).ok()?;
    output
        .tail
        .iter()
        .find(|line| line.bytes().any(|b| b.is_ascii_digit()))
        .cloned()
}

/// The error for a tool that is not there.
pub fn missing(tool: &Tool) -> BuildError {
    let [debian, suse, fedora] = tool.packages;
    BuildError::Host {
        code: "missing-tool",
        message: format!("this host has no `{}`, needed for {}", tool.name, tool.purpose),
        help: Some(format!(
            "install `{debian}` (Debian), `{suse}` (openSUSE) or `{fedora}` (Fedora)"
        )),
    }
}

/// Stops where one of these is not there.
pub fn require(names: &[&str]) -> Result<(), BuildError> {
    for tool in TOOLS.iter().filter(|t| names.contains(&t.name)) {
        if find(tool.name).is_none() {
            return Err(missing(tool));
        }
    }
    Ok(())
}

/// The tools that creating this image takes.
pub fn for_create(view: &View<'_>) -> Vec<&'static str> {
    let mut names = Vec::new();
    match view.image_type.image.value.trim() {
        "oem" => {
            names.push("mke2fs");
            let loader = view
                .image_type
                .element
                .child("bootloader")
                .and_then(|b| b.attrs.get("name"));
            if loader.unwrap_or("grub2") == "grub2" {
                names.push("grub-mkimage");
                if view.image_type.element.attrs.bool("eficsm") != Some(false) {
                    names.push("/usr/lib/grub/i386-pc/boot.img");
                }
                if matches!(view.type_attr("firmware"), Some("efi" | "uefi")) {
                    names.push("/usr/lib/grub/x86_64-efi/normal.mod");
                }
            }
            if view.type_attr("format") == Some("qcow2") {
                names.push("qemu-img");
            }
        }
        "ext2" | "ext3" | "ext4" => names.push("mke2fs"),
        "squashfs" => names.push("mksquashfs"),
        _ => {}
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_three_packages() {
        let error = missing(&TOOLS[0]);
        assert_eq!(error.exit_code(), 4);
        assert_eq!(
            error.to_string(),
            "this host has no `mke2fs`, needed for file systems ext2 to ext4, disks"
        );
        assert!(find("no-tool-of-this-name").is_none());
    }
}
