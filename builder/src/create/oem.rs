//! `oem`: a disk that starts by itself, raw, with the boot loader in it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use apteryx_schema::description::View;
use apteryx_schema::description::model::Element;
use uuid::Uuid;

use super::boot_loader::{self, Menu};
use super::disk::{self, ALIGN, Role};
use super::fat::{self, Content};
use super::{Job, filesystem, initrd};
use crate::error::{BuildError, IoContext};
use crate::events::{Outcome, Step};

fn mega(element: Option<&Element>) -> Option<u64> {
    element?.text.trim().parse::<u64>().ok().map(|n| n << 20)
}

/// `<size unit= additive=>` in bytes, and whether it adds to what is needed.
fn size(of: &Element) -> Option<(u64, bool)> {
    let element = of.child("size")?;
    let shift = if element.attrs.get("unit") == Some("G") {
        30
    } else {
        20
    };
    let bytes = element.text.trim().parse::<u64>().ok()?.checked_mul(1 << shift)?;
    Some((bytes, element.attrs.bool("additive") == Some(true)))
}

/// Makes the disk; its path in the scratch directory.
pub fn make(job: &Job<'_>, view: &View<'_>, tree: &Path, step: &Step) -> Result<PathBuf, BuildError> {
    let kind = &view.image_type.element;
    let firmware = view.type_attr("firmware").unwrap_or("bios");
    let efi = matches!(firmware, "efi" | "uefi");
    let bootloader = kind.child("bootloader");
    let loader = bootloader.and_then(|b| b.attrs.get("name")).unwrap_or("grub2");
    let cmdline = view.type_attr("kernelcmdline").unwrap_or("").to_owned();
    let root_id = job.id("root");
    let filesystem_kind = view.type_attr("filesystem").unwrap_or("ext4");
    let label = view.type_attr("rootfs_label").unwrap_or("ROOT");
    let scratch = &job.scratch;

    let boot_step = job.reporter.step("initrd", "make the initrd");
    let mut boot = initrd::find_kernel(tree)?;
    boot.initrd = Some(initrd::make(tree, &boot, job.time, &boot_step)?);
    boot_step.finish(Outcome::Done, boot.version.clone());

    let console = bootloader.and_then(|b| b.attrs.get("console")).unwrap_or("");
    let menu = Menu {
        title: view.image.name.clone(),
        root: root_id,
        kernel: boot.kernel.clone(),
        initrd: boot.initrd.clone(),
        serial: console.contains("serial") || cmdline.contains("console=ttyS0"),
        timeout: bootloader.and_then(|b| b.attrs.number("timeout")).unwrap_or(10),
        cmdline,
    };

    // What goes onto the EFI partition, and how large that is.
    let mut esp = Vec::new();
    if efi && loader == "grub2" {
        let (image, _) = boot_loader::grub_image(tree, "x86_64-efi", root_id, scratch, step)?;
        esp.push(("EFI/BOOT/BOOTX64.EFI".to_owned(), Content::File(image)));
    } else if efi {
        esp = boot_loader::systemd_boot(tree, &menu, &job.id("machine").simple().to_string())?;
    }
    let mut esp_need = 1u64 << 20;
    for (_, content) in &esp {
        esp_need += match content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(path) => std::fs::metadata(path).at("cannot read", path)?.len(),
        };
    }
    let esp_size = match view.type_attr("efipartsize").and_then(|n| n.parse::<u64>().ok()) {
        Some(size) if size << 20 < esp_need => {
            return Err(BuildError::Description {
                code: "size-too-small",
                message: format!(
                    "the EFI partition of {size} MB is too small, it needs {} MB",
                    (esp_need >> 20) + 1
                ),
                place: kind.attrs.at("efipartsize").map(super::support::place_of),
                help: Some("raise `efipartsize`, or leave it out to have it computed".to_owned()),
            });
        }
        Some(size) => size << 20,
        None => (esp_need * 11 / 10).max(20 << 20).next_multiple_of(ALIGN),
    };

    let gpt = efi && view.type_attr("efiparttable") != Some("msdos");
    let bios = loader == "grub2" && view.type_attr("eficsm") != Some("false");
    let mut before = Vec::new();
    if gpt && bios {
        before.push((Role::BiosBoot, 2 << 20));
    }
    if efi {
        before.push((Role::Efi, esp_size));
    }
    let oem = kind.child("oemconfig");
    if oem
        .and_then(|o| o.child("oem-swap"))
        .is_some_and(|e| e.text == "true")
    {
        before.push((
            Role::Swap,
            mega(oem.and_then(|o| o.child("oem-swapsize"))).unwrap_or(128 << 20),
        ));
    }

    late_files(job, view, tree, &menu, &before, loader)?;

    // The root takes what the others leave.
    let first = view
        .type_attr("disk_start_sector")
        .and_then(|s| s.parse::<u64>().ok())
        .map_or(ALIGN, |s| s * disk::SECTOR);
    let tail = if gpt { ALIGN } else { 0 };
    let (_, fixed) = disk::place(&before, first, tail);
    let need = filesystem::measure(tree)?.ext_size().next_multiple_of(ALIGN);
    let asked = kind.child("size").map(super::support::place_of_element);
    let root_size = match size(kind) {
        Some((bytes, false)) => {
            let left = bytes.saturating_sub(fixed) / ALIGN * ALIGN;
            if left < 8 * ALIGN {
                return Err(filesystem::too_small(left, need, asked));
            }
            left
        }
        Some((more, true)) => need + more,
        None => need,
    };
    let mut wanted = before;
    wanted.push((Role::Root, root_size));
    let (parts, computed) = disk::place(&wanted, first, tail);
    let disk_size = match size(kind) {
        Some((bytes, false)) => bytes.max(computed),
        _ => computed,
    };

    let root_image = scratch.join("root.fs");
    filesystem::ext(
        filesystem_kind,
        tree,
        root_size,
        root_id,
        label,
        view.type_attr("fscreateoptions"),
        job.time,
        &root_image,
        asked,
        step,
    )?;

    let path = scratch.join("disk.raw");
    let wrong = "cannot write";
    let mut disk = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .at(wrong, &path)?;
    disk.set_len(disk_size).at(wrong, &path)?;
    let mut room = (1, first - disk::SECTOR);
    for part in &parts {
        match part.role {
            Role::BiosBoot => room = (part.start / disk::SECTOR, part.size),
            Role::Efi => {
                let image = scratch.join("esp.fat");
                let id = u32::from_str_radix(&volume_id(job).replace('-', ""), 16).unwrap_or(1);
                fat::write(&image, part.size, id, &esp)?;
                disk::copy_sparse(&image, &mut disk, part.start)?;
                drop(std::fs::remove_file(&image));
            }
            Role::Swap => disk
                .write_all_at(&disk::swap_header(part.size, job.id("swap")), part.start)
                .at(wrong, &path)?,
            Role::Root => disk::copy_sparse(&root_image, &mut disk, part.start)?,
        }
    }
    drop(std::fs::remove_file(&root_image));
    if gpt {
        disk::write_gpt(&mut disk, &parts, job.id("disk"), &view.arch).at(wrong, &path)?;
    } else {
        disk::write_msdos(&mut disk, &parts, job.id("disk")).at(wrong, &path)?;
    }
    if bios {
        let (image, dir) = boot_loader::grub_image(tree, "i386-pc", root_id, scratch, step)?;
        let boot_img = dir.join("boot.img");
        let first_stage = std::fs::read(&boot_img).at("cannot read", &boot_img)?;
        let core = std::fs::read(&image).at("cannot read", &image)?;
        disk::embed_grub(&disk, &first_stage, &core, room.0, room.1)?;
    }
    Ok(path)
}

/// The volume id of the EFI partition, as `blkid` shows it.
fn volume_id(job: &Job<'_>) -> String {
    let id = job.id("efi").as_u128();
    format!("{:04X}-{:04X}", (id >> 16) & 0xffff, id & 0xffff)
}

/// What a disk's tree gets last, and what it loses.
fn late_files(
    job: &Job<'_>,
    view: &View<'_>,
    tree: &Path,
    menu: &Menu,
    parts: &[(Role, u64)],
    loader: &str,
) -> Result<(), BuildError> {
    let write = |name: &str, text: &str| -> Result<(), BuildError> {
        let path = tree.join(name);
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).at("cannot write", dir)?;
        }
        std::fs::write(&path, text).at("cannot write", &path)
    };
    let source = |id: Uuid, label: &str| match view.type_attr("devicepersistency") {
        Some("by-label") => format!("LABEL={label}"),
        _ => format!("UUID={id}"),
    };
    let label = view.type_attr("rootfs_label").unwrap_or("ROOT");
    let options = view.type_attr("fsmountoptions").unwrap_or("defaults");
    let kind = view.type_attr("filesystem").unwrap_or("ext4");
    let mut fstab = format!("{} / {kind} {options} 0 1\n", source(menu.root, label));
    for (role, _) in parts {
        match role {
            Role::Efi => {
                fstab += &format!("UUID={} /boot/efi vfat defaults 0 0\n", volume_id(job));
                let dir = tree.join("boot/efi");
                std::fs::create_dir_all(&dir).at("cannot write", dir)?;
            }
            Role::Swap => fstab += &format!("{} swap swap defaults 0 0\n", source(job.id("swap"), "SWAP")),
            _ => {}
        }
    }
    write("etc/fstab", &fstab)?;
    write("etc/machine-id", "")?;
    if loader == "grub2" {
        write("boot/grub/grub.cfg", &boot_loader::grub_cfg(menu))?;
    }
    for name in [".profile", ".kconfig", "image"] {
        let path = tree.join(name);
        if std::fs::symlink_metadata(&path).is_ok() {
            crate::sandbox::remove_tree(&path).at("cannot remove", &path)?;
        }
    }
    Ok(())
}
