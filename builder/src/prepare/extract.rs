//! Puts one member of a tar archive into a tree: type, owner, mode, time, links, device nodes, extended attributes. The
//! tree's [`Root`] keeps every path inside. What to do where something is there already is the caller's business.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{
    FchmodatFlags, Mode, SFlag, UtimensatFlags, fchmod, fchmodat, fstatat, futimens, makedev, mkdirat,
    mknodat, utimensat,
};
use nix::sys::time::TimeSpec;
use nix::unistd::{Gid, LinkatFlags, Uid, fchown, fchownat, linkat, symlinkat};

use crate::sandbox::{Root, relative};

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A further name of an earlier member.
    HardLink,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A named pipe.
    Fifo,
}

/// One member of an archive.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its path below the top; empty for the top itself.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Permissions, with set-id and sticky bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Where a link leads, as written.
    pub link: PathBuf,
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Bytes of a file.
    pub size: u64,
    /// Extended attributes.
    pub xattrs: Vec<(OsString, Vec<u8>)>,
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl Item {
    /// Reads a member's headers. None for members that carry no file (pax globals). A path with `..` is refused.
    pub fn read<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<Option<Self>> {
        let path = PathBuf::from(OsStr::from_bytes(&entry.path_bytes()));
        let path =
            relative(&path).ok_or_else(|| invalid(format!("`{}` leads out of the tree", path.display())))?;
        let link = entry
            .link_name_bytes()
            .map(|name| OsString::from_vec(name.into_owned()))
            .unwrap_or_default();
        let header = entry.header();
        let kind = match header.entry_type() {
            tar::EntryType::Directory => Kind::Dir,
            tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => Kind::File,
            tar::EntryType::Symlink => Kind::Symlink,
            tar::EntryType::Link => Kind::HardLink,
            tar::EntryType::Char => Kind::Char,
            tar::EntryType::Block => Kind::Block,
            tar::EntryType::Fifo => Kind::Fifo,
            tar::EntryType::XGlobalHeader => return Ok(None),
            other => {
                return Err(invalid(format!(
                    "`{}` is of unknown type {other:?}",
                    path.display()
                )));
            }
        };
        let mut item = Self {
            kind,
            mode: header.mode()? & 0o7777,
            uid: u32::try_from(header.uid()?).map_err(|_| invalid("an owner out of range".into()))?,
            gid: u32::try_from(header.gid()?).map_err(|_| invalid("a group out of range".into()))?,
            mtime: header.mtime()? as i64,
            link: link.into(),
            // dpkg leaves the numbers of what is no device empty, which is no number.
            device: match kind {
                Kind::Char | Kind::Block => (
                    header.device_major()?.unwrap_or(0),
                    header.device_minor()?.unwrap_or(0),
                ),
                _ => (0, 0),
            },
            size: entry.size(),
            xattrs: Vec::new(),
            path,
        };
        item.read_pax(entry)?;
        Ok(Some(item))
    }

    fn read_pax<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> io::Result<()> {
        let Some(extensions) = entry.pax_extensions()? else {
            return Ok(());
        };
        for extension in extensions {
            let extension = extension?;
            let text = || extension.value().ok();
            match extension.key_bytes() {
                b"mtime" => {
                    let seconds = text()
                        .and_then(|text| text.split('.').next())
                        .and_then(|text| text.parse().ok());
                    self.mtime = seconds.unwrap_or(self.mtime);
                }
                b"uid" => self.uid = text().and_then(|text| text.parse().ok()).unwrap_or(self.uid),
                b"gid" => self.gid = text().and_then(|text| text.parse().ok()).unwrap_or(self.gid),
                key => {
                    if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
                        let value = extension.value_bytes().to_vec();
                        self.xattrs.push((OsString::from_vec(name.to_vec()), value));
                    }
                }
            }
        }
        Ok(())
    }

    fn time(&self) -> TimeSpec {
        TimeSpec::new(self.mtime, 0)
    }

    fn owner(&self) -> (Option<Uid>, Option<Gid>) {
        (Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid)))
    }
}

/// Creates the member, which must not be a directory; something at its place is an `AlreadyExists` error. `content` is
/// read for a file, and handed chunk by chunk to `seen`.
pub fn create(
    root: &mut Root,
    item: &Item,
    content: &mut dyn Read,
    buffer: &mut Vec<u8>,
    seen: &mut dyn FnMut(&[u8]),
) -> io::Result<()> {
    let (dir, name) = root.locate(&item.path)?;
    match item.kind {
        Kind::File => return create_file(&dir, name, item, content, buffer, seen),
        Kind::HardLink => {
            let target = relative(&item.link)
                .ok_or_else(|| invalid("a hard link that leads out of the tree".into()))?;
            let (target_dir, target_name) = root.locate(&target)?;
            linkat(&*target_dir, target_name, &*dir, name, LinkatFlags::empty())?;
            return Ok(());
        }
        Kind::Symlink => symlinkat(item.link.as_path(), &*dir, name)?,
        Kind::Char | Kind::Block | Kind::Fifo => {
            let kind = match item.kind {
                Kind::Char => SFlag::S_IFCHR,
                Kind::Block => SFlag::S_IFBLK,
                _ => SFlag::S_IFIFO,
            };
            let device = makedev(item.device.0.into(), item.device.1.into());
            mknodat(&*dir, name, kind, Mode::from_bits_truncate(item.mode), device)?;
        }
        Kind::Dir => return Err(io::ErrorKind::IsADirectory.into()),
    }
    let (uid, gid) = item.owner();
    fchownat(&*dir, name, uid, gid, AtFlags::AT_SYMLINK_NOFOLLOW)?;
    if item.kind != Kind::Symlink {
        fchmodat(
            &*dir,
            name,
            Mode::from_bits_truncate(item.mode),
            FchmodatFlags::FollowSymlink,
        )?;
    }
    utimensat(
        &*dir,
        name,
        &item.time(),
        &item.time(),
        UtimensatFlags::NoFollowSymlink,
    )?;
    Ok(())
}

fn create_file(
    dir: &OwnedFd,
    name: &OsStr,
    item: &Item,
    content: &mut dyn Read,
    buffer: &mut Vec<u8>,
    seen: &mut dyn FnMut(&[u8]),
) -> io::Result<()> {
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut file = File::from(openat(dir, name, flags, Mode::S_IRUSR | Mode::S_IWUSR)?);
    buffer.resize(256 << 10, 0);
    let mut hole = false;
    loop {
        // Filled as far as it goes: the archive gives small pieces, the file system likes large ones.
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match content.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let chunk = buffer.get(..filled).unwrap_or(&[]);
        if chunk.is_empty() {
            break;
        }
        seen(chunk);
        // A large piece of nothing stays a hole.
        hole = filled == buffer.len() && chunk.iter().all(|byte| *byte == 0);
        if hole {
            file.seek(SeekFrom::Current(filled as i64))?;
        } else {
            file.write_all(chunk)?;
        }
        if filled < buffer.len() {
            break;
        }
    }
    if hole {
        let end = file.stream_position()?;
        file.set_len(end)?;
    }
    finish(&file, item)
}

fn finish(file: &File, item: &Item) -> io::Result<()> {
    let (uid, gid) = item.owner();
    fchown(file, uid, gid)?;
    fchmod(file, Mode::from_bits_truncate(item.mode))?;
    set_xattrs(file, item)?;
    futimens(file, &item.time(), &item.time())?;
    Ok(())
}

fn set_xattrs(file: &File, item: &Item) -> io::Result<()> {
    use xattr::FileExt;
    for (name, value) in &item.xattrs {
        match file.set_xattr(name, value) {
            // In a user namespace, or on a file system without them.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOTSUP)) => {}
            other => other?,
        }
    }
    Ok(())
}

/// What [`directory`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// It was made.
    Made,
    /// A directory, or a link to one, was there and stays.
    There,
}

/// Creates a directory with its owner and mode, unless one is there (a link to one counts).
pub fn directory(root: &mut Root, item: &Item) -> io::Result<Directory> {
    if item.path.as_os_str().is_empty() {
        return Ok(Directory::There);
    }
    let (dir, name) = root.locate(&item.path)?;
    match mkdirat(&*dir, name, Mode::S_IRWXU) {
        Ok(()) => {}
        Err(Errno::EEXIST) => {
            // Also what a link leads to must be a directory; `dir` follows it inside the tree.
            root.dir(&item.path)?;
            return Ok(Directory::There);
        }
        Err(error) => return Err(error.into()),
    }
    set_directory(&dir, name, item)?;
    Ok(Directory::Made)
}

/// Sets owner and mode of a directory that is there (not of what a link leads to).
pub fn set_directory(dir: &OwnedFd, name: &OsStr, item: &Item) -> io::Result<()> {
    let stat = fstatat(dir, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
    if stat.st_mode & libc::S_IFMT != libc::S_IFDIR {
        return Ok(());
    }
    let (uid, gid) = item.owner();
    fchownat(dir.as_fd(), name, uid, gid, AtFlags::AT_SYMLINK_NOFOLLOW)?;
    fchmodat(
        dir.as_fd(),
        name,
        Mode::from_bits_truncate(item.mode),
        FchmodatFlags::FollowSymlink,
    )?;
    Ok(())
}

/// Sets the time of what is at `path`; what has gone meanwhile is no error.
pub fn set_time(root: &mut Root, path: &Path, mtime: i64) -> io::Result<()> {
    let Ok((dir, name)) = root.locate(path) else {
        return Ok(());
    };
    let time = TimeSpec::new(mtime, 0);
    match utimensat(&*dir, name, &time, &time, UtimensatFlags::NoFollowSymlink) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
