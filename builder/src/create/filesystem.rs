//! File systems made with their content in one go: ext2, ext3, ext4 by `mke2fs -d`, squashfs by `mksquashfs`.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use uuid::Uuid;

use crate::error::{BuildError, IoContext, Place};
use crate::events::Step;
use crate::sandbox::{Cmd, run_tool, try_tool};

/// What a tree needs on an ext file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Need {
    /// Data in whole blocks of 4 KiB, bytes.
    pub data: u64,
    /// Files, directories, links.
    pub inodes: u64,
}

impl Need {
    /// Bytes of an ext file system that holds it, with a journal, the blocks kept for root and a little to live in.
    pub fn ext_size(self) -> u64 {
        (self.data + self.inodes * 512) * 110 / 100 + (96 << 20)
    }
}

/// Measures a tree.
pub fn measure(tree: &Path) -> Result<Need, BuildError> {
    let mut need = Need::default();
    let mut linked = std::collections::HashSet::new();
    for entry in walkdir::WalkDir::new(tree) {
        let entry = entry.map_err(std::io::Error::from).at("cannot read", tree)?;
        let meta = entry
            .metadata()
            .map_err(std::io::Error::from)
            .at("cannot read", entry.path())?;
        if meta.is_file() && meta.nlink() > 1 && !linked.insert((meta.dev(), meta.ino())) {
            continue;
        }
        need.inodes += 1;
        need.data += if meta.is_dir() {
            4096
        } else {
            meta.len().next_multiple_of(4096)
        };
    }
    Ok(need)
}

/// An ext file system to make.
#[derive(Debug)]
pub struct Ext<'a> {
    /// `ext2`, `ext3`, `ext4`.
    pub kind: &'a str,
    /// What it holds.
    pub tree: &'a Path,
    /// Bytes.
    pub size: u64,
    /// Files, directories and links in the tree: there is room for them however small they are.
    pub inodes: u64,
    /// Its UUID; the seed of its directory hashes too.
    pub id: Uuid,
    /// May be empty.
    pub label: &'a str,
    /// Options of mke2fs.
    pub options: Option<&'a str>,
    /// See `CreateRequest::time`.
    pub time: u64,
    /// What it is, for messages: `the root file system`.
    pub what: String,
    /// What asks for its size.
    pub place: Place,
}

/// Makes it at `to`.
pub fn ext(fs: &Ext<'_>, to: &Path, step: &Step) -> Result<(), BuildError> {
    let file = std::fs::File::create(to).at("cannot write", to)?;
    file.set_len(fs.size).at("cannot write", to)?;
    let id = fs.id.to_string();
    let mut cmd = Cmd::new("mke2fs").args(["-q", "-F", "-t", fs.kind, "-U", &id, "-L", fs.label]);
    cmd = cmd
        .args(["-O", "^metadata_csum_seed", "-E", &format!("hash_seed={id}")])
        .arg("-d")
        .arg(fs.tree);
    let options: Vec<&str> = fs.options.into_iter().flat_map(str::split_whitespace).collect();
    if let Some(inodes) = more_inodes(fs.inodes, fs.size, &options) {
        cmd = cmd.args(["-N", &inodes.to_string()]);
    }
    cmd = cmd.args(options).arg(to);
    // The first name is of 1.47.1 and later, the second of all before.
    let time = fs.time.to_string();
    cmd = cmd
        .env("SOURCE_DATE_EPOCH", &time)
        .env("E2FSPROGS_FAKE_TIME", &time);
    let cmd = cmd.doing(format!("making {}", fs.what));
    let output = try_tool(&cmd, Some(step))?;
    if output.success() {
        return Ok(());
    }
    // Of the file system that is made; a disk of the host that is full says "No space left on device".
    let full = ["Could not allocate", "inodes"];
    if output
        .tail
        .iter()
        .any(|line| full.iter().any(|f| line.contains(f)))
    {
        let need = measure(fs.tree)?.ext_size();
        return Err(too_small(&fs.what, fs.size, need, fs.place.clone()));
    }
    Err(cmd.failed(output))
}

/// How many inodes to ask for, where mke2fs would make too few for `inodes` of them by itself: by its own measure it
/// makes one for 16 KiB (4 KiB where the whole has less than 512 MiB), and a tree of small files has more. `options` may
/// say otherwise.
fn more_inodes(inodes: u64, size: u64, options: &[&str]) -> Option<u64> {
    if options
        .iter()
        .any(|o| ["-N", "-i", "-T"].iter().any(|own| o.starts_with(own)))
    {
        return None;
    }
    let each = if size < 512 << 20 { 4096 } else { 16384 };
    let wanted = inodes + inodes / 4 + 1024;
    (wanted > size / each).then_some(wanted)
}

/// The size that the description asks for (at `place`) does not hold the tree.
pub fn too_small(what: &str, size: u64, need: u64, place: Place) -> BuildError {
    BuildError::Description {
        code: "size-too-small",
        message: format!(
            "{what} of {} MB is too small, it needs {} MB",
            size >> 20,
            (need >> 20) + 1
        ),
        place,
        help: Some("raise it; a disk's whole size may be left out, to have it computed".to_owned()),
    }
}

/// Makes a squashfs at `to`, with `squashfscompression` and `fscreateoptions`.
pub fn squashfs(
    tree: &Path,
    (compression, options): (Option<&str>, Option<&str>),
    time: u64,
    to: &Path,
    step: &Step,
) -> Result<(), BuildError> {
    let mut cmd = Cmd::new("mksquashfs")
        .arg(tree)
        .arg(to)
        .args(["-noappend", "-no-progress"]);
    let options: Vec<&str> = options.into_iter().flat_map(str::split_whitespace).collect();
    if !options.contains(&"-comp") {
        cmd = cmd.args(["-comp", compression.unwrap_or("xz")]);
    }
    cmd = cmd.args(options);
    cmd = cmd.env("SOURCE_DATE_EPOCH", time.to_string());
    run_tool(&cmd.doing("making the squashfs"), Some(step)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inodes_are_asked_for_where_mke2fs_would_make_too_few() {
        let disk = 600 << 20;
        assert_eq!(more_inodes(20_000, disk, &[]), None);
        assert_eq!(more_inodes(40_000, disk, &[]), Some(51_024));
        assert_eq!(more_inodes(40_000, 300 << 20, &[]), None);
        assert_eq!(more_inodes(40_000, disk, &["-i", "4096"]), None);
    }
}
