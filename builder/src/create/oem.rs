//! `oem`: a disk that starts by itself, raw, with the boot loader in it. Steps and scripts come in KIWI's order: fstab,
//! initrd, boot loader's files, `edit_boot_config.sh`, `pre_disk_sync.sh`, `disk.sh`, then the file systems, the boot
//! loader's first stages, `edit_boot_install.sh`.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use apteryx_schema::description::View;

use super::boot_loader::{self, Menu, Terminals};
use super::disk::{self, ALIGN, Partition, Role, Wanted};
use super::layout::{self, Layout, Part, Size};
use super::support::place_of_element;
use super::{Job, fat, filesystem, initrd, late, script::Scripts};
use crate::error::{BuildError, IoContext};
use crate::events::{Outcome, Step};
use crate::sandbox::{Overlay, Root, overlay};

/// Where `edit_boot_install.sh` sees the disk and the partition that the boot loader reads.
const SEEN: &str = "/run/disk";

/// A disk in the making.
#[derive(Debug)]
pub struct Disk<'a> {
    job: &'a Job<'a>,
    view: &'a View<'a>,
    tree: &'a Path,
    /// Its file's name without the extension.
    name: &'a str,
    scripts: &'a Scripts,
    layout: Layout,
    grub: bool,
}

/// A partition's content: the file that holds it, none where nothing is to be written.
struct Filled {
    size: u64,
    image: Option<PathBuf>,
}

impl<'a> Disk<'a> {
    /// From a tree that is writable.
    pub fn new(
        job: &'a Job<'a>,
        view: &'a View<'a>,
        tree: &'a Path,
        name: &'a str,
        scripts: &'a Scripts,
    ) -> Result<Self, BuildError> {
        let loader = view.image_type.element.child("bootloader");
        let loader = loader.and_then(|b| b.attrs.get("name")).unwrap_or("grub2");
        Ok(Self {
            job,
            view,
            tree,
            name,
            scripts,
            layout: layout::of(view)?,
            grub: loader == "grub2",
        })
    }

    /// Makes it; its path in the scratch directory.
    pub fn make(&self, step: &Step) -> Result<PathBuf, BuildError> {
        let menu = self.finish_tree(step)?;
        let mut covers = Vec::new();
        let filled = self.fill(&mut covers, step)?;
        let path = self.assemble(&filled, &menu, step)?;
        drop(covers);
        Ok(path)
    }

    fn open(&self) -> Result<Root, BuildError> {
        Root::open(self.tree).at("cannot open", self.tree)
    }

    fn has(&self, role: Role) -> bool {
        self.layout.parts.iter().any(|part| part.role == role)
    }

    /// Everything that the tree still gets.
    fn finish_tree(&self, step: &Step) -> Result<Menu, BuildError> {
        let (job, view) = (self.job, self.view);
        let boot = initrd::find_kernel(self.tree)?;
        late::before(&mut self.open()?, job, view, &self.layout, step)?;

        let boot_step = job.reporter.step("initrd", "make the initrd");
        let mut wishes = initrd::wishes(&view.image_type.element)?;
        initrd::first_start(&mut self.open()?, view, &self.layout, &mut wishes, &boot_step)?;
        let initrd = initrd::make(self.tree, &boot, &wishes, job.time, &boot_step)?;
        boot_step.finish(Outcome::Done, boot.version.clone());

        let element = view.image_type.element.child("bootloader");
        for words in boot_loader::unheard(view, element) {
            step.warn(words);
        }
        let cmdline = view.type_attr("kernelcmdline").unwrap_or("").to_owned();
        let menu = Menu {
            title: title(view),
            root: job.id("root"),
            boot: self.has(Role::Boot).then(|| job.id("boot")),
            kernel: boot.kernel.clone(),
            initrd: Some(initrd),
            terminals: Terminals::of(element, &cmdline),
            style: element
                .and_then(|b| b.attrs.get("timeout_style"))
                .map(str::to_owned),
            timeout: element.and_then(|b| b.attrs.number("timeout")).unwrap_or(10),
            cmdline,
        };
        let efi = if self.has(Role::Efi) && self.grub {
            Some(boot_loader::grub_image(self.tree, "x86_64-efi", &menu, &job.scratch, step)?.0)
        } else {
            None
        };
        late::loader(&mut self.open()?, job, &menu, self.grub, efi.as_deref())?;

        let role = self.layout.boot().map_or(Role::Root, |part| part.role);
        let args = [
            view.type_attr("filesystem").unwrap_or("ext4").to_owned(),
            self.layout.number(role).unwrap_or(1).to_string(),
        ];
        late::edit(self.scripts, view, "editbootconfig", args, Vec::new(), job)?;
        self.scripts.run("pre_disk_sync.sh", job.reporter)?;
        self.scripts.run("disk.sh", job.reporter)?;
        late::clean(&mut self.open()?, true, true)?;
        Ok(menu)
    }

    /// Makes the file systems, the deepest mount point first, and covers each with an empty directory, so that what it
    /// holds is not on the one above as well. In the order of the layout.
    fn fill(&self, covers: &mut Vec<Overlay>, step: &Step) -> Result<Vec<Filled>, BuildError> {
        let depth = |part: &Part| {
            let mount = part.mount.as_deref().unwrap_or("");
            mount.split('/').filter(|name| !name.is_empty()).count()
        };
        let mut order: Vec<usize> = (0..self.layout.parts.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(self.layout.parts.get(*index).map_or(0, depth)));
        let mut filled: Vec<(usize, Filled)> = Vec::new();
        // The root takes what the others leave.
        let root = |part: &Part| part.role == Role::Root;
        let (last, others): (Vec<usize>, Vec<usize>) = order
            .into_iter()
            .partition(|index| self.layout.parts.get(*index).is_some_and(root));
        for index in others.into_iter().chain(last) {
            let Some(part) = self.layout.parts.get(index) else {
                continue;
            };
            let image = self.job.scratch.join(format!("part-{index}"));
            let content = match part.role {
                Role::Efi => self.fill_efi(part, image)?,
                Role::Root => self.fill_root(part, &filled, image, step)?,
                _ => self.fill_other(part, image, step)?,
            };
            if let Some(mount) = part.mount.as_deref().filter(|mount| *mount != "/") {
                covers.push(self.cover(mount, index)?);
            }
            filled.push((index, content));
        }
        filled.sort_by_key(|(index, _)| *index);
        Ok(filled.into_iter().map(|(_, content)| content).collect())
    }

    /// Where a mount point lies in the tree: no component of it is a link (see `late::before`).
    fn inside(&self, mount: &str) -> PathBuf {
        self.tree.join(mount.trim_start_matches('/'))
    }

    fn cover(&self, mount: &str, index: usize) -> Result<Overlay, BuildError> {
        let at = self.inside(mount);
        let like = std::fs::symlink_metadata(&at).at("cannot read", &at)?;
        let [lower, upper, work] =
            ["lower", "upper", "work"].map(|n| self.job.scratch.join(format!("cover-{index}-{n}")));
        for dir in [&lower, &upper, &work] {
            std::fs::create_dir(dir).at("cannot write", dir)?;
        }
        let mode = std::fs::Permissions::from_mode(like.mode() & 0o7777);
        std::os::unix::fs::chown(&upper, Some(like.uid()), Some(like.gid()))
            .and_then(|()| std::fs::set_permissions(&upper, mode))
            .at("cannot write", &upper)?;
        overlay(&lower, &upper, &work, &at)
    }

    fn fill_efi(&self, part: &Part, image: PathBuf) -> Result<Filled, BuildError> {
        let dir = self.inside(part.mount.as_deref().unwrap_or("/boot/efi"));
        let need = fat::need(&dir)?;
        let size = match part.size {
            Some(size) if size < need => {
                return Err(filesystem::too_small(
                    "the EFI partition",
                    size,
                    need,
                    part.place.clone(),
                ));
            }
            Some(size) => size,
            None => (need * 11 / 10).max(20 << 20).next_multiple_of(ALIGN),
        };
        let id = u32::from_str_radix(&late::volume_id(self.job).replace('-', ""), 16).unwrap_or(1);
        fat::write(&image, size, id, &dir)?;
        Ok(Filled {
            size,
            image: Some(image),
        })
    }

    /// One of a given size: of an ext file system, swap, or nothing yet.
    fn fill_other(&self, part: &Part, image: PathBuf, step: &Step) -> Result<Filled, BuildError> {
        let size = part.size.unwrap_or(0).next_multiple_of(ALIGN);
        if part.role == Role::Swap {
            let header = disk::swap_header(size, self.job.id(&part.key));
            std::fs::write(&image, header).at("cannot write", &image)?;
        } else if let Some(kind) = part.filesystem.as_deref() {
            let empty = self.job.scratch.join("empty");
            std::fs::create_dir_all(&empty).at("cannot write", &empty)?;
            let tree = part.mount.as_deref().map_or(empty, |mount| self.inside(mount));
            let what = format!("the partition `{}`", part.name);
            let inodes = filesystem::measure(&tree)?.inodes;
            self.ext(part, kind, &tree, (size, inodes), what, None, &image, step)?;
        } else {
            return Ok(Filled { size, image: None });
        }
        Ok(Filled {
            size,
            image: Some(image),
        })
    }

    fn fill_root(
        &self,
        part: &Part,
        others: &[(usize, Filled)],
        image: PathBuf,
        step: &Step,
    ) -> Result<Filled, BuildError> {
        let what = "the root file system";
        let measured = filesystem::measure(self.tree)?;
        let need = measured.ext_size().next_multiple_of(ALIGN);
        let sum: u64 = others
            .iter()
            .map(|(_, filled)| filled.size.next_multiple_of(ALIGN))
            .sum();
        let fixed = self.layout.first + sum + self.layout.tail;
        let size = match self.layout.size {
            Size::Fixed(whole, free) => {
                let left = whole.saturating_sub(free).saturating_sub(fixed) / ALIGN * ALIGN;
                if left < 8 * ALIGN {
                    return Err(filesystem::too_small(what, left, need, part.place.clone()));
                }
                left
            }
            Size::Additive(more) => need + more.next_multiple_of(ALIGN),
            Size::Computed => need,
        };
        let size = match (part.size, self.layout.size) {
            (Some(wanted), Size::Fixed(whole, _)) if wanted > size => {
                let least = whole + (wanted - size);
                let place = self.view.image_type.element.child("size").map(place_of_element);
                return Err(filesystem::too_small("the disk", whole, least, place));
            }
            (Some(wanted), _) => wanted,
            (None, _) => size,
        };
        let kind = part.filesystem.as_deref().unwrap_or("ext4");
        let options = self.view.type_attr("fscreateoptions");
        self.ext(
            part,
            kind,
            self.tree,
            (size, measured.inodes),
            what.to_owned(),
            options,
            &image,
            step,
        )?;
        Ok(Filled {
            size,
            image: Some(image),
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn ext(
        &self,
        part: &Part,
        kind: &str,
        tree: &Path,
        (size, inodes): (u64, u64),
        what: String,
        options: Option<&str>,
        image: &Path,
        step: &Step,
    ) -> Result<(), BuildError> {
        let fs = filesystem::Ext {
            kind,
            tree,
            size,
            inodes,
            id: self.job.id(&part.key),
            label: &part.label,
            options,
            time: self.job.time,
            what,
            place: part.place.clone(),
        };
        filesystem::ext(&fs, image, step)
    }

    /// Puts everything onto the disk.
    fn assemble(&self, filled: &[Filled], menu: &Menu, step: &Step) -> Result<PathBuf, BuildError> {
        let (job, layout) = (self.job, &self.layout);
        let wanted: Vec<Wanted> = layout
            .parts
            .iter()
            .zip(filled)
            .map(|(part, filled)| Wanted {
                role: part.role,
                name: part.name.clone(),
                number: part.number,
                size: filled.size,
            })
            .collect();
        let (parts, computed) = disk::place(&wanted, layout.first, layout.tail);
        let size = match layout.size {
            Size::Fixed(bytes, _) => bytes.max(computed),
            _ => computed,
        };
        let dir = job.scratch.join("disk");
        std::fs::create_dir(&dir).at("cannot write", &dir)?;
        let path = dir.join(format!("{}.raw", self.name));
        let wrong = "cannot write";
        let mut file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .at(wrong, &path)?;
        file.set_len(size).at(wrong, &path)?;
        for (part, filled) in parts.iter().zip(filled) {
            if let Some(image) = &filled.image {
                disk::copy_sparse(image, &mut file, part.start)?;
                drop(std::fs::remove_file(image));
            }
        }
        if layout.gpt {
            disk::write_gpt(&mut file, &parts, job.id("disk"), &self.view.arch).at(wrong, &path)?;
        } else {
            disk::write_msdos(&mut file, &parts, job.id("disk")).at(wrong, &path)?;
        }
        if layout.bios {
            let csm = parts.iter().find(|part| part.role == Role::BiosBoot);
            let (at, room) = csm.map_or((1, layout.first.saturating_sub(disk::SECTOR)), |part| {
                (part.start / disk::SECTOR, part.size)
            });
            let (image, images) = boot_loader::grub_image(self.tree, "i386-pc", menu, &job.scratch, step)?;
            let boot_img = images.join("boot.img");
            let first_stage = std::fs::read(&boot_img).at("cannot read", &boot_img)?;
            let core = std::fs::read(&image).at("cannot read", &image)?;
            disk::embed_grub(&file, &first_stage, &core, at, room)?;
        }
        drop(file);
        self.edit_install(&dir, &path, &parts)?;
        Ok(path)
    }

    /// `edit_boot_install.sh DISK PARTITION`. There is no device: the second is a file with the bytes of the partition
    /// that the boot loader reads, and goes back to the disk where the script has written it.
    fn edit_install(&self, dir: &Path, path: &Path, parts: &[Partition]) -> Result<(), BuildError> {
        if self.view.type_attr("editbootinstall").is_none() {
            return Ok(());
        }
        let boot = parts.iter().find(|part| part.role == Role::Boot);
        let boot = boot.or_else(|| parts.iter().find(|part| part.role == Role::Root));
        let Some(boot) = boot else { return Ok(()) };
        let name = format!("partition-{}", boot.number);
        let device = dir.join(&name);
        disk::copy_out(path, boot.start, boot.size, &device)?;
        let before = stamp(&device)?;
        let args = [format!("{SEEN}/{}.raw", self.name), format!("{SEEN}/{name}")];
        let binds = vec![(dir.to_owned(), PathBuf::from(SEEN))];
        late::edit(self.scripts, self.view, "editbootinstall", args, binds, self.job)?;
        if device.is_file() && stamp(&device)? != before {
            let mut file = File::options().write(true).open(path).at("cannot write", path)?;
            disk::copy_whole(&device, &mut file, boot.start, boot.size)?;
        }
        drop(std::fs::remove_file(&device));
        Ok(())
    }
}

/// What the boot menu calls the system.
fn title(view: &View<'_>) -> String {
    let oem = view.image_type.element.child("oemconfig");
    let own = oem
        .and_then(|oem| oem.child("oem-boot-title"))
        .map(|e| e.text.trim());
    let title = own
        .or_else(|| view.image.attrs.get("displayname").map(str::trim))
        .filter(|title| !title.is_empty());
    title.unwrap_or(&view.image.name).to_owned()
}

/// Changes with every write.
fn stamp(path: &Path) -> Result<(i64, i64, u64), BuildError> {
    let meta = std::fs::metadata(path).at("cannot read", path)?;
    Ok((meta.mtime(), meta.mtime_nsec(), meta.size()))
}
