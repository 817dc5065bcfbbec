//! What a disk's tree gets late: `/etc/fstab`, an empty machine id, the boot loader's files; and what it loses. Nothing
//! follows a link out of the tree.

use std::path::Path;

use apteryx_schema::description::View;
use uuid::Uuid;

use super::Job;
use super::archive::NOT_PACKED;
use super::boot_loader::{self, Menu};
use super::disk::Role;
use super::exclude;
use super::initrd;
use super::layout::{Layout, Part};
use super::script::Scripts;
use crate::error::{BuildError, IoContext};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox};

/// Writes a file of the tree.
pub fn write(root: &mut Root, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
    let at = root.path().join(name.trim_start_matches('/'));
    root.write(name, bytes, 0o644).at("cannot write", at)
}

/// The identifier that a partition's file system is mounted by.
pub fn id(job: &Job<'_>, part: &Part) -> Uuid {
    job.id(&part.key)
}

/// The volume id of the EFI partition, as `blkid` shows it.
pub fn volume_id(job: &Job<'_>) -> String {
    let id = job.id("efi").as_u128();
    format!("{:04X}-{:04X}", (id >> 16) & 0xffff, id & 0xffff)
}

/// The lines of `/etc/fstab`: the root first, as KIWI has it, then the others as they lie on the disk.
fn fstab(job: &Job<'_>, view: &View<'_>, layout: &Layout) -> String {
    let by_label = view.type_attr("devicepersistency") == Some("by-label");
    let source = |part: &Part| match part.role {
        Role::Efi => format!("UUID={}", volume_id(job)),
        _ if by_label && !part.label.is_empty() => format!("LABEL={}", part.label),
        _ => format!("UUID={}", id(job, part)),
    };
    let line = |part: &Part| {
        let from = source(part);
        match (part.role, &part.mount, &part.filesystem) {
            (Role::Efi, Some(at), _) => format!("{from} {at} vfat defaults 0 0\n"),
            (Role::Swap, ..) => format!("{from} swap swap defaults 0 0\n"),
            (Role::Root, Some(at), Some(kind)) => {
                let options = view.type_attr("fsmountoptions").unwrap_or("defaults");
                format!("{from} {at} {kind} {options} 0 1\n")
            }
            (_, Some(at), Some(kind)) => format!("{from} {at} {kind} defaults 0 2\n"),
            _ => String::new(),
        }
    };
    let (root, others): (Vec<_>, Vec<_>) = layout.parts.iter().partition(|part| part.role == Role::Root);
    root.into_iter().chain(others).map(line).collect()
}

/// Before the initrd is made: mount points, `/etc/fstab` with what the overlay adds to it (`/etc/fstab.append`, then
/// `.patch`, then `.script`, none of which stays), and an empty machine id.
pub fn before(
    root: &mut Root,
    job: &Job<'_>,
    view: &View<'_>,
    layout: &Layout,
    step: &Step,
) -> Result<(), BuildError> {
    for part in &layout.parts {
        if let Some(mount) = &part.mount {
            make_mount_point(root, mount, part)?;
        }
    }
    let mut text = fstab(job, view, layout);
    let at = |name: &str| root.path().join("etc").join(name);
    if let Some(lines) = root
        .text("/etc/fstab.append")
        .at("cannot read", at("fstab.append"))?
    {
        text += &lines;
    }
    write(root, "/etc/fstab", text.as_bytes())?;
    let commands = [
        ("/etc/fstab.append", None),
        (
            "/etc/fstab.patch",
            Some(Cmd::new("patch").args(["/etc/fstab", "/etc/fstab.patch"])),
        ),
        ("/etc/fstab.script", Some(Cmd::new("/etc/fstab.script"))),
    ];
    for (name, command) in commands {
        if !root.exists(name) {
            continue;
        }
        if let Some(command) = command {
            Sandbox::new(root.path()).run(&command.doing("writing `/etc/fstab`"), step)?;
            root.forget();
        }
        let place = root.path().join(name.trim_start_matches('/'));
        root.remove_file(name).at("cannot remove", place)?;
    }
    write(root, "/etc/machine-id", b"")
}

/// A directory that is reached without a link: the part mounted there would else hide something other.
fn make_mount_point(root: &mut Root, mount: &str, part: &Part) -> Result<(), BuildError> {
    let at = root.path().join(mount.trim_start_matches('/'));
    let mut path = std::path::PathBuf::from("/");
    for name in mount.split('/').filter(|name| !name.is_empty()) {
        path.push(name);
        if root.link(&path).ok().flatten().is_some() {
            return Err(BuildError::Description {
                code: "bad-mount-point",
                message: format!(
                    "the mount point `{mount}` leads over the link `{}`",
                    path.display()
                ),
                place: part.place.clone(),
                help: Some("name the directory that the link leads to".to_owned()),
            });
        }
    }
    root.make_dirs(Path::new(mount)).at("cannot make", at)
}

/// The boot loader's menu and what stands on the EFI partition, in the tree at `/boot/efi`.
pub fn loader(
    root: &mut Root,
    job: &Job<'_>,
    menu: &Menu,
    grub: bool,
    efi: Option<&Path>,
) -> Result<(), BuildError> {
    if grub {
        write(
            root,
            "/boot/grub/grub.cfg",
            boot_loader::grub_cfg(menu).as_bytes(),
        )?;
        if let Some(image) = efi {
            let bytes = std::fs::read(image).at("cannot read", image)?;
            write(root, "/boot/efi/EFI/BOOT/BOOTX64.EFI", &bytes)?;
        }
        return Ok(());
    }
    let machine = job.id("machine").simple().to_string();
    for (name, bytes) in boot_loader::systemd_boot(root, menu, &machine)? {
        write(root, &format!("/boot/efi/{name}"), &bytes)?;
    }
    Ok(())
}

/// Takes away what the tree itself excludes, and what only the build needed: the copy of the description, KIWI's helpers, temporary files. A disk loses its
/// `/.profile` too, which the other images keep. `temporary` is false where a description asks that `/run` and `/tmp` stay
/// as they are.
pub fn clean(root: &mut Root, disk: bool, temporary: bool) -> Result<(), BuildError> {
    let tree = root.path().to_owned();
    exclude::apply(root)?;
    let of_disk = disk.then_some([".profile", initrd::PART_IDS]);
    for name in NOT_PACKED.into_iter().chain(of_disk.into_iter().flatten()) {
        root.remove_all(name).at("cannot remove", tree.join(name))?;
    }
    for name in ["run", "tmp"].into_iter().filter(|_| temporary) {
        if root.is_dir(name) {
            root.clear(name).at("cannot empty", tree.join(name))?;
        }
    }
    Ok(())
}

/// Runs the script that an attribute of `<type>` names, where it names one.
pub fn edit(
    scripts: &Scripts,
    view: &View<'_>,
    attribute: &str,
    args: [String; 2],
    binds: Vec<(std::path::PathBuf, std::path::PathBuf)>,
    job: &Job<'_>,
) -> Result<bool, BuildError> {
    let named = super::support::EDIT_SCRIPTS.iter().find(|(a, _)| *a == attribute);
    let (Some(file), Some((_, name))) = (view.type_attr(attribute), named) else {
        return Ok(false);
    };
    let args = args.map(Into::into).to_vec();
    scripts.run_file(name, Path::new(file.trim()), args, binds, job.reporter)?;
    Ok(true)
}
