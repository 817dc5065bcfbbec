//! From a root tree to images: one file per packer. No loop device, no mount on the host, no root. The prepared tree
//! stays as it is: all late changes go to an overlay of it.
//!
//! Runs inside a worker (`sandbox::supervise`), which gives the scratch directory and ends all with it.

pub mod archive;
pub mod boot_loader;
pub mod container;
pub mod disk;
pub mod exclude;
pub mod fat;
pub mod filesystem;
pub mod initrd;
pub mod late;
pub mod layout;
pub mod oem;
pub mod result;
pub mod script;
pub mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use apteryx_schema::description::{LoadOptions, View, load};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{BuildError, IoContext};
use crate::events::{Event, Outcome, Reporter};
use crate::sandbox::{Cmd, Root, overlay, run_tool};

/// What to make; crosses to the worker as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateRequest {
    /// The description: a folder or its file.
    pub description: PathBuf,
    /// The prepared tree.
    pub root: PathBuf,
    /// The existing directory for results, absolute.
    pub target: PathBuf,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// `--type`.
    pub image: Option<String>,
    /// The machine name (`uname -m`).
    pub arch: String,
    /// SOURCE_DATE_EPOCH: seconds since 1970, the newest time that anything in the image bears.
    pub time: u64,
}

/// A result file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Artifact {
    /// Its key in kiwi.result.json.
    pub key: String,
    /// Absolute.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
}

/// What was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Created {
    /// The results, the one to start or unpack last.
    pub artifacts: Vec<Artifact>,
}

/// What every packer is given.
#[derive(Debug)]
pub struct Job<'a> {
    /// The scratch directory, on the target's file system.
    pub scratch: PathBuf,
    /// Where events go.
    pub reporter: &'a Reporter,
    /// See [`CreateRequest::time`].
    pub time: u64,
    seed: Uuid,
}

impl Job<'_> {
    /// An identifier that depends on the image's name and version and on `what` alone.
    pub fn id(&self, what: &str) -> Uuid {
        Uuid::new_v5(&self.seed, what.as_bytes())
    }
}

/// Refuses a target that holds what no build has put there.
pub fn check_target(target: &Path) -> Result<(), BuildError> {
    let ours = ["kiwi.result.json", "kiwi.result", "CACHEDIR.TAG"];
    if !target.exists() || ours.iter().any(|name| target.join(name).exists()) {
        return Ok(());
    }
    for entry in std::fs::read_dir(target).at("cannot read", target)? {
        let name = entry.at("cannot read", target)?.file_name();
        let known = ["build", "logs", ".gitignore"];
        if known.iter().any(|k| name == *k) || crate::sandbox::is_scratch_name(&name) {
            continue;
        }
        return Err(BuildError::Usage {
            code: "target-not-empty",
            message: format!(
                "target `{}` holds `{}`, which no build has put there",
                target.display(),
                name.to_string_lossy()
            ),
            help: Some("name an empty or new directory with `--target-dir`".to_owned()),
        });
    }
    Ok(())
}

/// Makes the images of one type. `scratch` is an empty directory on the target's file system.
pub fn run(request: &CreateRequest, scratch: &Path, reporter: &Reporter) -> Result<Created, BuildError> {
    let description = |code, message: String, help| BuildError::Description {
        code,
        message,
        place: None,
        help,
    };
    let loaded = load(&request.description, &LoadOptions::default())
        .map_err(|error| description("no-description", error.to_string(), None))?;
    let view = View::new(
        &loaded.image,
        &request.profiles,
        request.image.as_deref(),
        &request.arch,
    )
    .map_err(|error| BuildError::Description {
        code: error.code(),
        message: error.to_string(),
        place: error.place(),
        help: error.help(),
    })?;
    support::check(&view, &loaded.dir)?;
    if !request.root.join("etc").is_dir() {
        return Err(no_tree(&request.root));
    }
    check_owner(&request.root)?;
    let version = view.version().unwrap_or("1.0.0");
    let name = format!("{}.{}-{version}", loaded.image.name, request.arch);
    let space = Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        b"https://github.com/apteryx-project/apteryx",
    );
    let job = Job {
        scratch: scratch.to_owned(),
        reporter,
        time: request.time,
        seed: Uuid::new_v5(
            &space,
            format!("{name}/{}", view.image_type.image.value).as_bytes(),
        ),
    };
    let [upper, work, tree] = ["upper", "work", "tree"].map(|n| scratch.join(n));
    for dir in [&upper, &work, &tree] {
        std::fs::create_dir(dir).at("cannot write", dir)?;
    }
    let _overlay = overlay(&request.root, &upper, &work, &tree)?;
    let step = reporter.step("create", "make the image");
    let image = view.image_type.image.value.trim();
    let scripts = script::Scripts::new(&loaded.dir, &tree, &view, scratch)?;
    scripts.run("images.sh", reporter)?;

    // (key, what it is made as, extension)
    let mut made: Vec<(&str, PathBuf, String)> = Vec::new();
    let about = result::about(&tree, scratch, reporter)?;
    if image != "oem" {
        let mut root = Root::open(&tree).at("cannot open", &tree)?;
        let kept = view.image_type.element.attrs.bool("ensure_empty_tmpdirs") == Some(false);
        late::clean(&mut root, false, !kept)?;
    }
    match image {
        "oem" => made.push((
            "disk_image",
            oem::Disk::new(&job, &view, &tree, &name, &scripts)?.make(&step)?,
            "raw".to_owned(),
        )),
        "docker" | "oci" => made.push((
            "container",
            pack_container(&job, &view, &tree, image)?,
            format!("{image}.tar.xz"),
        )),
        "tbz" => {
            let path = scratch.join("tree.tar.xz");
            let out = BufWriter::new(File::create(&path).at("cannot write", &path)?);
            let xz = archive::write_tar(&tree, job.time, archive::xz(out)?)?;
            finish(xz, &path)?;
            made.push(("root_archive", path, "tar.xz".to_owned()));
        }
        "squashfs" => {
            let path = scratch.join("tree.squashfs");
            filesystem::squashfs(
                &tree,
                (
                    view.type_attr("squashfscompression"),
                    view.type_attr("fscreateoptions"),
                ),
                job.time,
                &path,
                &step,
            )?;
            made.push(("filesystem_image", path, image.to_owned()));
        }
        kind => {
            let path = scratch.join("tree.fs");
            let need = filesystem::measure(&tree)?;
            let options = view.type_attr("fscreateoptions");
            let element = &view.image_type.element;
            let size = match layout::size(element)? {
                layout::Size::Computed => need.ext_size(),
                layout::Size::Additive(more) => need.ext_size() + more,
                layout::Size::Fixed(whole, _) => whole,
            };
            let fs = filesystem::Ext {
                kind,
                tree: &tree,
                size: size.next_multiple_of(disk::ALIGN),
                inodes: need.inodes,
                id: job.id("root"),
                // A check refuses `rootfs_label` for what is no disk.
                label: "ROOT",
                options,
                time: job.time,
                what: "the file system".to_owned(),
                place: element.child("size").map(support::place_of_element),
            };
            filesystem::ext(&fs, &path, &step)?;
            made.push(("filesystem_image", path, kind.to_owned()));
        }
    }
    let size = made.last().map_or(0, |(_, path, _)| megabytes(path));
    step.finish(Outcome::Done, about_image(&view, image, size));

    let qcow2 = image == "oem" && view.type_attr("format") == Some("qcow2");
    if qcow2 && let Some((_, raw, _)) = made.first() {
        let step = reporter.step("convert", "make the qcow2");
        let path = scratch.join("disk.qcow2");
        let options = view
            .type_attr("formatoptions")
            .into_iter()
            .flat_map(|list| ["-o", list]);
        let cmd = Cmd::new("qemu-img")
            .args(["convert", "-f", "raw", "-O", "qcow2"])
            .args(options)
            .arg(raw)
            .arg(&path);
        run_tool(&cmd.doing("making the qcow2"), Some(&step))?;
        step.finish(Outcome::Done, format!("qcow2 {} MB", megabytes(&path)));
        made.push(("disk_format_image", path, "qcow2".to_owned()));
    }
    made.splice(
        0..0,
        about
            .into_iter()
            .map(|(key, path, extension)| (key, path, extension.to_owned())),
    );

    let mut entries = BTreeMap::new();
    let mut artifacts = Vec::new();
    for (key, from, extension) in made {
        let path = request.target.join(format!("{name}.{extension}"));
        let (sha256, size) = result::sha256(&from)?;
        std::fs::rename(&from, &path).at("cannot write", &path)?;
        let entry = result::entry(key, path.clone(), qcow2);
        entries.insert(key.to_owned(), result::Line::File(entry));
        reporter.send(Event::Artifact {
            key: key.to_owned(),
            path: path.clone(),
            size,
            sha256: Some(sha256.clone()),
        });
        artifacts.push(Artifact {
            key: key.to_owned(),
            path,
            size,
            sha256,
        });
    }
    if let Some(pattern) = view.type_attr("bundle_format") {
        let line = result::bundle(pattern, &view, version);
        entries.insert("bundle_format".to_owned(), line);
    }
    let json = scratch.join("result.json");
    std::fs::write(&json, result::to_json(&entries)).at("cannot write", &json)?;
    let place = request.target.join("kiwi.result.json");
    std::fs::rename(&json, &place).at("cannot write", &place)?;
    Ok(Created { artifacts })
}

/// There is no tree to make images of.
pub fn no_tree(root: &Path) -> BuildError {
    BuildError::Usage {
        code: "no-tree",
        message: format!("`{}` holds no root tree", root.display()),
        help: Some("run `apteryx prepare` first".to_owned()),
    }
}

/// Refuses a tree whose owner this user has no right to stand for: its files could be neither read nor packed as what
/// they are.
fn check_owner(root: &Path) -> Result<(), BuildError> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(root).at("cannot read", root)?;
    // What the kernel shows for ids that the user namespace does not know.
    let unknown = 65534;
    if meta.uid() != unknown && meta.gid() != unknown {
        return Ok(());
    }
    Err(BuildError::Usage {
        code: "tree-of-others",
        message: format!("the tree `{}` belongs to another user", root.display()),
        help: Some("run `apteryx create` as the user that ran `apteryx prepare`".to_owned()),
    })
}

/// The size of a file, rounded up.
fn megabytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len().div_ceil(1_000_000))
}

/// What was made, in a few words: of a disk its file system, table and boot loader too.
fn about_image(view: &View<'_>, image: &str, size: u64) -> String {
    let Ok(layout) = layout::of(view) else {
        return format!("{image} {size} MB");
    };
    if image != "oem" {
        return format!("{image} {size} MB");
    }
    let table = if layout.gpt { "gpt" } else { "msdos" };
    let efi = layout.parts.iter().any(|part| part.role == disk::Role::Efi);
    let loader = view.image_type.element.child("bootloader");
    let loader = loader.and_then(|b| b.attrs.get("name")).unwrap_or("grub2");
    let firmware = match (layout.bios, efi) {
        (true, true) => "bios and efi",
        (false, true) => "efi",
        _ => "bios",
    };
    let kind = view.type_attr("filesystem").unwrap_or("ext4");
    format!("{kind} {size} MB, {table}, {loader} {firmware}")
}

/// Ends an xz stream.
fn finish<W: Write>(xz: liblzma::write::XzEncoder<W>, path: &Path) -> Result<(), BuildError> {
    xz.finish()
        .and_then(|mut out| out.flush())
        .at("cannot write", path)
}

fn pack_container(job: &Job<'_>, view: &View<'_>, tree: &Path, image: &str) -> Result<PathBuf, BuildError> {
    let layer = job.scratch.join("layer.tar");
    let (digest, size) = container::write_layer(tree, job.time, &layer)?;
    let about = view.image.description.as_ref();
    let said = |name: &str| about.and_then(|d| d.child(name)).map_or("", |e| e.text.as_str());
    let source = container::Source {
        config: view.image_type.element.child("containerconfig"),
        arch: &view.arch,
        author: format!("{} <{}>", said("author"), said("contact")),
        time: job.time,
    };
    let path = job.scratch.join("container.tar.xz");
    let out = BufWriter::new(File::create(&path).at("cannot write", &path)?);
    let xz = container::write_archive(
        image == "oci",
        &source,
        &layer,
        (&digest, size),
        archive::xz(out)?,
    )?;
    finish(xz, &path)?;
    drop(std::fs::remove_file(&layer));
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_with_foreign_files_is_refused_and_one_of_a_build_is_not() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(check_target(dir.path()).is_ok());
        std::fs::write(dir.path().join("thesis.tex"), "x").expect("it is written");
        assert_eq!(
            check_target(dir.path()).expect_err("it is foreign").code(),
            "target-not-empty"
        );
        std::fs::write(dir.path().join("kiwi.result.json"), "{}").expect("it is written");
        assert!(check_target(dir.path()).is_ok());
    }
}
