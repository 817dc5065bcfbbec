//! Files of the description into the tree: overlay folders, archives, single files. Everything goes through the tree's
//! [`Root`]: neither a `..` nor a link leads a write outside. A link to a directory in the tree (merged `/usr`) stays, and
//! what the overlay has below it goes where the link leads.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::extract::{self, Directory, Item, Kind};
use crate::error::{BuildError, IoContext};
use crate::sandbox::{Cmd, Root, relative, run_tool};

/// Copies the folder `from` over the tree. All that comes belongs to root; modes, times, links, hard ones too, and
/// extended attributes stay.
pub fn folder(root: &mut Root, from: &Path) -> Result<(), BuildError> {
    let mut copied = Copied::default();
    copy(root, from, Path::new(""), &mut copied)?;
    for (path, mtime) in copied.folders.iter().rev() {
        // Where the tree has a link, its time is the link's.
        let full = root.path().join(path);
        if root.link(path).at("cannot read", &full)?.is_none() {
            extract::set_time(root, path, *mtime).at("cannot write", full)?;
        }
    }
    Ok(())
}

/// What has been copied of a folder.
#[derive(Debug, Default)]
struct Copied {
    /// The first name of each file that has several, by device and number.
    names: HashMap<(u64, u64), PathBuf>,
    /// Folders with their times, which what comes into them changes.
    folders: Vec<(PathBuf, i64)>,
    buffer: Vec<u8>,
}

fn copy(root: &mut Root, from: &Path, below: &Path, copied: &mut Copied) -> Result<(), BuildError> {
    use std::os::unix::fs::MetadataExt;
    let dir = from.join(below);
    let mut names: Vec<_> = std::fs::read_dir(&dir)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.file_name()))
                .collect::<io::Result<Vec<_>>>()
        })
        .at("cannot read", &dir)?;
    names.sort();
    for name in names {
        let below = below.join(name);
        let path = from.join(&below);
        let metadata = std::fs::symlink_metadata(&path).at("cannot read", &path)?;
        if metadata.is_file() && metadata.nlink() > 1 {
            let file = (metadata.dev(), metadata.ino());
            if let Some(first) = copied.names.get(&file) {
                another_name(root, first, &below).at("cannot write", root.path().join(&below))?;
                continue;
            }
            copied.names.insert(file, below.clone());
        }
        one(root, &path, &below, None, None, &mut copied.buffer)?;
        if metadata.is_dir() {
            copied.folders.push((below.clone(), metadata.mtime()));
            copy(root, from, &below, copied)?;
        }
    }
    Ok(())
}

/// Gives the file `first` of the tree the name `to` too, in place of what is there.
fn another_name(root: &mut Root, first: &Path, to: &Path) -> io::Result<()> {
    let item = Item {
        path: to.to_owned(),
        kind: Kind::HardLink,
        mode: 0,
        uid: 0,
        gid: 0,
        mtime: 0,
        link: first.to_owned(),
        device: (0, 0),
        size: 0,
        xattrs: Vec::new(),
    };
    put(root, &item, &mut io::empty(), &mut Vec::new())
}

/// Puts one file of the host at `to` in the tree, over what is there.
fn one(
    root: &mut Root,
    from: &Path,
    to: &Path,
    owner: Option<(u32, u32)>,
    mode: Option<u32>,
    buffer: &mut Vec<u8>,
) -> Result<(), BuildError> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let metadata = std::fs::symlink_metadata(from).at("cannot read", from)?;
    let kind = match metadata.file_type() {
        kind if kind.is_dir() => Kind::Dir,
        kind if kind.is_file() => Kind::File,
        kind if kind.is_symlink() => Kind::Symlink,
        kind if kind.is_char_device() => Kind::Char,
        kind if kind.is_block_device() => Kind::Block,
        kind if kind.is_fifo() => Kind::Fifo,
        _ => return Ok(()),
    };
    let link = if kind == Kind::Symlink {
        std::fs::read_link(from).at("cannot read", from)?
    } else {
        PathBuf::new()
    };
    let (uid, gid) = owner.unwrap_or((0, 0));
    let item = Item {
        path: to.to_owned(),
        kind,
        mode: mode.unwrap_or(metadata.mode() & 0o7777),
        uid,
        gid,
        mtime: metadata.mtime(),
        link,
        device: (
            nix::sys::stat::major(metadata.rdev()) as u32,
            nix::sys::stat::minor(metadata.rdev()) as u32,
        ),
        size: metadata.len(),
        xattrs: if kind == Kind::Symlink {
            Vec::new()
        } else {
            attributes(from).at("cannot read", from)?
        },
    };
    let full = root.path().join(to);
    if kind == Kind::File {
        let mut content = File::open(from).at("cannot read", from)?;
        put(root, &item, &mut content, buffer).at("cannot write", full)
    } else {
        put(root, &item, &mut io::empty(), buffer).at("cannot write", full)
    }
}

fn attributes(path: &Path) -> io::Result<Vec<(std::ffi::OsString, Vec<u8>)>> {
    let names = match xattr::list(path) {
        Ok(names) => names,
        Err(error) if error.raw_os_error() == Some(libc::ENOTSUP) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for name in names {
        if let Some(value) = xattr::get(path, &name)? {
            found.push((name, value));
        }
    }
    Ok(found)
}

/// Puts `item` in place of what is there: a directory's owner and mode are set, a file or link is replaced.
fn put(root: &mut Root, item: &Item, content: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<()> {
    if item.kind == Kind::Dir {
        if extract::directory(root, item)? == Directory::There && !item.path.as_os_str().is_empty() {
            let (dir, name) = root.locate(&item.path)?;
            extract::set_directory(&dir, name, item)?;
        }
        return Ok(());
    }
    let is_dir = root
        .stat(&item.path)
        .is_ok_and(|stat| stat.st_mode & libc::S_IFMT == libc::S_IFDIR);
    if is_dir {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "a directory is there",
        ));
    }
    root.remove_file(&item.path)?;
    extract::create(root, item, content, buffer, &mut |_| {})
}

/// Unpacks the archive `file` below `into` of the tree, owners as in the archive. tar, plain or with gzip, xz, zstd or
/// bzip2 (by the host's `bzip2`).
pub fn archive(root: &mut Root, file: &Path, into: &Path) -> Result<(), BuildError> {
    let into = relative(into).ok_or_else(|| outside(into))?;
    root.make_dirs(&into).at("cannot make", root.path().join(&into))?;
    let broken = |error: io::Error| BuildError::Description {
        code: "archive-broken",
        message: format!("`{}` cannot be unpacked: {error}", file.display()),
        place: None,
        help: None,
    };
    let mut archive = tar::Archive::new(open(file)?);
    let mut buffer = Vec::new();
    let mut directories = Vec::new();
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let Some(mut item) = Item::read(&mut entry).map_err(broken)? else {
            continue;
        };
        item.path = into.join(&item.path);
        if item.kind == Kind::HardLink {
            item.link = into.join(relative(&item.link).ok_or_else(|| outside(&item.link))?);
        }
        if let Some(parent) = item.path.parent() {
            root.make_dirs(parent)
                .at("cannot make", root.path().join(parent))?;
        }
        if item.kind == Kind::Dir && !item.path.as_os_str().is_empty() {
            directories.push((item.path.clone(), item.mtime));
        }
        put(root, &item, &mut entry, &mut buffer).at("cannot write", root.path().join(&item.path))?;
    }
    for (path, mtime) in directories.iter().rev() {
        extract::set_time(root, path, *mtime).at("cannot write", root.path().join(path))?;
    }
    Ok(())
}

fn outside(path: &Path) -> BuildError {
    BuildError::Description {
        code: "path-outside",
        message: format!("`{}` leads out of the tree", path.display()),
        place: None,
        help: None,
    }
}

fn open(file: &Path) -> Result<Box<dyn Read>, BuildError> {
    let mut start = [0u8; 6];
    let mut reader = File::open(file).at("cannot read", file)?;
    let count = reader.read(&mut start).at("cannot read", file)?;
    let start = start.get(..count).unwrap_or(&[]);
    let reader = io::BufReader::with_capacity(256 << 10, File::open(file).at("cannot read", file)?);
    Ok(if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::read::MultiGzDecoder::new(reader))
    } else if start.starts_with(b"\xfd7zXZ") {
        Box::new(liblzma::read::XzDecoder::new_multi_decoder(reader))
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::Decoder::new(reader).at("cannot read", file)?)
    } else if start.starts_with(b"BZh") {
        let output = run_tool(
            &Cmd::new("bzip2")
                .arg("-dc")
                .arg(file)
                .capture()
                .doing("unpacking an archive"),
            None,
        )?;
        Box::new(io::Cursor::new(output.stdout))
    } else {
        Box::new(reader)
    })
}

/// Puts a single file of the description at `to`.
pub fn file(
    root: &mut Root,
    from: &Path,
    to: &Path,
    owner: Option<(u32, u32)>,
    mode: Option<u32>,
) -> Result<(), BuildError> {
    let to = relative(to)
        .filter(|to| !to.as_os_str().is_empty())
        .ok_or_else(|| outside(to))?;
    if let Some(parent) = to.parent() {
        root.make_dirs(parent)
            .at("cannot make", root.path().join(parent))?;
    }
    one(root, from, &to, owner, mode, &mut Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn tree() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir_all(dir.path().join("tree/usr/bin")).expect("it is made");
        std::os::unix::fs::symlink("usr/bin", dir.path().join("tree/bin")).expect("it is made");
        let root = Root::open(&dir.path().join("tree")).expect("it opens");
        (dir, root)
    }

    #[test]
    fn a_merged_usr_link_survives_the_overlay() {
        let (dir, mut root) = tree();
        let from = dir.path().join("root");
        std::fs::create_dir_all(from.join("bin")).expect("it is made");
        std::fs::write(from.join("bin/tool"), "#!").expect("it is written");
        std::fs::set_permissions(from.join("bin/tool"), std::fs::Permissions::from_mode(0o755))
            .expect("it is set");
        folder(&mut root, &from).expect("it is copied");
        let tool = dir.path().join("tree/usr/bin/tool");
        assert_eq!(
            tool.metadata().expect("it is there").permissions().mode() & 0o7777,
            0o755
        );
        assert!(dir.path().join("tree/bin").is_symlink());
    }

    #[test]
    fn hard_links_holes_and_times_of_folders_stay() {
        use std::os::unix::fs::MetadataExt;
        let (dir, mut root) = tree();
        let from = dir.path().join("root");
        std::fs::create_dir_all(from.join("opt/sub")).expect("it is made");
        std::fs::create_dir_all(from.join("bin")).expect("it is made");
        std::fs::write(from.join("opt/a"), "x").expect("it is written");
        std::fs::hard_link(from.join("opt/a"), from.join("opt/sub/b")).expect("it is made");
        let sparse = File::create(from.join("opt/sparse")).expect("it is made");
        sparse.set_len(8 << 20).expect("it is long");
        let mut mine = Root::open(&from).expect("it opens");
        for folder in ["opt/sub", "opt", "bin"] {
            extract::set_time(&mut mine, Path::new(folder), 981_173_106).expect("it is set");
        }
        folder(&mut root, &from).expect("it is copied");
        let seen = |name: &str| {
            let path = dir.path().join("tree").join(name);
            path.symlink_metadata().expect("it is there")
        };
        assert_eq!(seen("opt/a").ino(), seen("opt/sub/b").ino());
        assert_eq!(seen("opt/sparse").len(), 8 << 20);
        assert!(
            seen("opt/sparse").blocks() < 100,
            "{}",
            seen("opt/sparse").blocks()
        );
        assert_eq!([seen("opt").mtime(), seen("opt/sub").mtime()], [981_173_106; 2]);
        assert_ne!(
            seen("bin").mtime(),
            981_173_106,
            "the link is no folder of the overlay"
        );
    }

    #[test]
    fn an_archive_never_leads_out() {
        let (dir, mut root) = tree();
        let file = dir.path().join("bad.tar");
        let mut builder = tar::Builder::new(File::create(&file).expect("it is made"));
        let plain = || {
            let mut header = tar::Header::new_gnu();
            header.set_uid(nix::unistd::geteuid().as_raw().into());
            header.set_gid(nix::unistd::getegid().as_raw().into());
            header.set_mtime(0);
            header.set_mode(0o644);
            header
        };
        let mut header = plain();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder
            .append_link(&mut header, "out", dir.path())
            .expect("it is added");
        let mut header = plain();
        header.set_size(1);
        let name = b"out/escaped";
        header.as_gnu_mut().expect("it is gnu").name[..name.len()].copy_from_slice(name);
        header.set_cksum();
        builder.append(&header, &b"x"[..]).expect("it is added");
        builder.into_inner().expect("it is written");
        archive(&mut root, &file, Path::new("/opt/new")).expect("the link leads into the tree");
        assert!(!dir.path().join("escaped").exists());
        assert_eq!(
            archive(&mut root, &file, Path::new("/../.."))
                .expect_err("it leads out")
                .code(),
            "path-outside"
        );
        let from = file.clone();
        assert_eq!(
            super::file(&mut root, &from, Path::new("/a/../../b"), None, None)
                .expect_err("out")
                .code(),
            "path-outside"
        );
    }
}
