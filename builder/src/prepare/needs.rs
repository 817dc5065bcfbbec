//! What a disk needs of its packages, told as soon as they are chosen and not after they are installed. Where something
//! else of the description may bring it (a script, an archive, an overlay), nothing is said here: `create` looks at the
//! finished tree.

use std::path::Path;

use apteryx_schema::description::{PackageKind, View};

use super::apt::Stage;
use crate::create::boot_loader::SYSTEMD_BOOT;
use crate::create::support::place_of_element;
use crate::error::{BuildError, Place};
use crate::packages::{Package, Relation};

/// Refuses the chosen packages of a disk that nothing could start.
pub fn check(view: &View<'_>, dir: &Path, stages: &[Stage]) -> Result<(), BuildError> {
    if view.image_type.image.value.trim() != "oem" || others_may_bring(view, dir) {
        return Ok(());
    }
    let packages = || {
        let all = stages.iter().flat_map(|stage| &stage.solution.packages);
        all.map(|selected| &selected.package)
    };
    let lacks = |message: &str, code: &'static str, place: Place, help: &str| {
        Err(BuildError::Description {
            code,
            message: message.to_owned(),
            place,
            help: Some(help.to_owned()),
        })
    };
    if !packages().any(is_kernel) {
        return lacks(
            "none of the packages is a kernel, which a disk needs to start",
            "no-kernel",
            Some(view.image_type.image.place()),
            "add one to `<packages type=\"image\">`: `linux-image-amd64` (Debian), `linux-image-generic` (Ubuntu)",
        );
    }
    let loader = view.image_type.element.child("bootloader");
    let systemd = loader.filter(|loader| loader.attrs.get("name") == Some("systemd_boot"));
    let brings = |package: &Package| package.name().starts_with("systemd-boot");
    if let Some(loader) = systemd
        && !SYSTEMD_BOOT.iter().any(|name| Path::new(name).exists())
        && !packages().any(brings)
    {
        return lacks(
            "`systemd-bootx64.efi` is neither in the packages nor on this host",
            "no-boot-loader",
            Some(place_of_element(loader)),
            "add `<package name=\"systemd-boot-efi\"/>`",
        );
    }
    Ok(())
}

/// By its section, its name, or what it provides: what a repository of somebody's own names its kernel is not known.
fn is_kernel(package: &Package) -> bool {
    let provides = package.relation(Relation::Provides);
    let section = package.section().rsplit('/').next().unwrap_or("");
    section == "kernel"
        || package.name().starts_with("linux-image")
        || package.name().contains("kernel")
        || provides.contains("linux-image")
}

/// True where files come from elsewhere than packages.
fn others_may_bring(view: &View<'_>, dir: &Path) -> bool {
    let scripts = ["post_bootstrap.sh", "config.sh", "images.sh", "pre_disk_sync.sh"];
    let overlays = ["root/boot", "root/usr", "root/lib", "root.tar.gz"];
    let mut profiles = view.profiles.iter();
    let kinds = [PackageKind::Bootstrap, PackageKind::System];
    scripts
        .iter()
        .chain(&overlays)
        .any(|name| dir.join(name).exists())
        || profiles.any(|profile| dir.join(profile).is_dir())
        || kinds.into_iter().any(|kind| {
            let list = view.packages(kind);
            !list.archives.is_empty() || !list.files.is_empty()
        })
}
