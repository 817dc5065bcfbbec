//! Removing and copying whole trees. Neither ever follows a link or crosses a mount: a tree in which something is still
//! mounted is refused at that place, and what is mounted stays untouched.

use std::collections::HashMap;
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, readlinkat};
use nix::sys::stat::{
    FileStat, Mode, SFlag, UtimensatFlags, fchmod, fstat, fstatat, mkdirat, mknodat, utimensat,
};
use nix::sys::time::TimeSpec;
use nix::unistd::{Gid, LinkatFlags, Uid, UnlinkatFlags, fchownat, linkat, symlinkat, unlinkat};

use super::sys;

const INSIDE: u64 = sys::RESOLVE_BENEATH | sys::RESOLVE_NO_XDEV | sys::RESOLVE_NO_SYMLINKS;
const DIRECTORY: i32 = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;

/// Removes the file or directory at `path` with all below it. One that is not there is no error. Where something is
/// mounted inside, that is an error (`CrossesDevices`): nothing is removed where this process can see the mount
/// beforehand, and what is mounted is never touched.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if holds_mount(&parent.canonicalize().unwrap_or_default().join(name)) {
        return Err(io::ErrorKind::CrossesDevices.into());
    }
    let parent = match File::open(parent) {
        Ok(parent) => OwnedFd::from(parent),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    remove_at(&parent, name)
}

/// True where a mount of this namespace lies at or below `path`.
fn holds_mount(path: &Path) -> bool {
    let Ok(table) = std::fs::read("/proc/self/mountinfo") else {
        return false;
    };
    table.split(|byte| *byte == b'\n').any(|line| {
        // The fifth field is the mount point; blanks in it are written as octal numbers.
        let Some(at) = line.split(|byte| *byte == b' ').nth(4) else {
            return false;
        };
        Path::new(OsStr::from_bytes(&unescape(at))).starts_with(path)
    })
}

fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(value) if *byte == b'\\' => {
                out.push(value);
                rest = after.get(3..).unwrap_or(&[]);
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

pub(super) fn remove_at(parent: &OwnedFd, name: &OsStr) -> io::Result<()> {
    match unlinkat(parent, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => return Ok(()),
        Err(Errno::EISDIR | Errno::EPERM) => {}
        // A file on which something is mounted.
        Err(Errno::EBUSY) => return Err(io::ErrorKind::CrossesDevices.into()),
        Err(error) => return Err(error.into()),
    }
    let dir = match sys::openat2(parent, Path::new(name), DIRECTORY, 0, INSIDE) {
        Ok(dir) => dir,
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => return Ok(()),
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
            // A directory of our own without permissions (overlay work directories are such).
            nix::sys::stat::fchmodat(
                parent,
                name,
                Mode::S_IRWXU,
                nix::sys::stat::FchmodatFlags::NoFollowSymlink,
            )
            .or_else(|_| {
                nix::sys::stat::fchmodat(
                    parent,
                    name,
                    Mode::S_IRWXU,
                    nix::sys::stat::FchmodatFlags::FollowSymlink,
                )
            })?;
            sys::openat2(parent, Path::new(name), DIRECTORY, 0, INSIDE)?
        }
        Err(error) => return Err(error),
    };
    for entry in names(&dir)? {
        let entry = OsStr::from_bytes(entry.as_bytes());
        match remove_at(&dir, entry) {
            // Of a directory that may not be written to (0555): ours, or we are root.
            Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
                fchmod(&dir, Mode::S_IRWXU)?;
                remove_at(&dir, entry)?;
            }
            other => other?,
        }
    }
    match unlinkat(parent, name, UnlinkatFlags::RemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// All names in a directory but `.` and `..`.
pub(super) fn names(dir: &OwnedFd) -> io::Result<Vec<CString>> {
    let again = sys::openat2(dir, Path::new("."), DIRECTORY, 0, 0)?;
    let mut found = Vec::new();
    for entry in Dir::from_fd(again)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

/// How the content of files is copied by [`copy_tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Share,
    Copy,
}

struct Copy {
    content: Content,
    links: HashMap<(u64, u64), PathBuf>,
    top: OwnedFd,
    buffer: Vec<u8>,
}

/// Copies the directory `from` with all below it to `to`, which must not exist: type, owner, mode, times, extended
/// attributes, hard links and holes stay; blocks are shared where the file system can (reflink). What is mounted inside
/// is an error.
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let source = OwnedFd::from(File::open(from)?);
    std::fs::create_dir(to)?;
    let target = OwnedFd::from(File::open(to)?);
    let mut copy = Copy {
        content: Content::Share,
        links: HashMap::new(),
        top: target.try_clone()?,
        buffer: Vec::new(),
    };
    copy.directory(&source, &target, Path::new(""))
}

impl Copy {
    fn directory(&mut self, source: &OwnedFd, target: &OwnedFd, below: &Path) -> io::Result<()> {
        let mut entries = names(source)?;
        entries.sort();
        for name in entries {
            let name = OsStr::from_bytes(name.as_bytes());
            let at = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", below.join(name).display()))
            };
            self.entry(source, target, name, &below.join(name)).map_err(at)?;
        }
        let stat = fstat(source)?;
        copy_xattrs(source, target)?;
        fchownat(
            target,
            "",
            Some(Uid::from_raw(stat.st_uid)),
            Some(Gid::from_raw(stat.st_gid)),
            AtFlags::AT_EMPTY_PATH,
        )?;
        fchmod(target, permissions(&stat))?;
        nix::sys::stat::futimens(target, &accessed(&stat), &modified(&stat))?;
        Ok(())
    }

    fn entry(&mut self, source: &OwnedFd, target: &OwnedFd, name: &OsStr, below: &Path) -> io::Result<()> {
        let stat = fstatat(source, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        let kind = SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits());
        if kind == SFlag::S_IFDIR {
            let from = sys::openat2(source, Path::new(name), DIRECTORY, 0, INSIDE)?;
            mkdirat(target, name, Mode::S_IRWXU)?;
            let to = sys::openat2(target, Path::new(name), DIRECTORY, 0, INSIDE)?;
            return self.directory(&from, &to, below);
        }
        if stat.st_nlink > 1 {
            if let Some(first) = self.links.get(&(stat.st_dev, stat.st_ino)) {
                linkat(&self.top, first.as_path(), target, name, LinkatFlags::empty())?;
                return Ok(());
            }
            self.links.insert((stat.st_dev, stat.st_ino), below.to_owned());
        }
        let owner = (Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)));
        match kind {
            SFlag::S_IFREG => return self.file(source, target, name, &stat),
            SFlag::S_IFLNK => {
                symlinkat(readlinkat(source, name)?.as_os_str(), target, name)?;
                fchownat(target, name, owner.0, owner.1, AtFlags::AT_SYMLINK_NOFOLLOW)?;
            }
            _ => {
                mknodat(target, name, kind, permissions(&stat), stat.st_rdev)?;
                fchownat(target, name, owner.0, owner.1, AtFlags::AT_SYMLINK_NOFOLLOW)?;
                nix::sys::stat::fchmodat(
                    target,
                    name,
                    permissions(&stat),
                    nix::sys::stat::FchmodatFlags::FollowSymlink,
                )?;
            }
        }
        utimensat(
            target,
            name,
            &accessed(&stat),
            &modified(&stat),
            UtimensatFlags::NoFollowSymlink,
        )?;
        Ok(())
    }

    fn file(&mut self, source: &OwnedFd, target: &OwnedFd, name: &OsStr, stat: &FileStat) -> io::Result<()> {
        let from = sys::openat2(
            source,
            Path::new(name),
            libc::O_RDONLY | libc::O_NOFOLLOW,
            0,
            INSIDE,
        )?;
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW;
        let to = sys::openat2(target, Path::new(name), flags, 0o600, INSIDE)?;
        if self.content == Content::Share {
            match sys::reflink(&from, &to) {
                Ok(()) => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOSPC) => return Err(error),
                // This file system cannot, or not between these two: ask no more.
                Err(_) => self.content = Content::Copy,
            }
        }
        if self.content == Content::Copy {
            self.copy_content(&from, &to, stat)?;
        }
        copy_xattrs(&from, &to)?;
        fchownat(
            &to,
            "",
            Some(Uid::from_raw(stat.st_uid)),
            Some(Gid::from_raw(stat.st_gid)),
            AtFlags::AT_EMPTY_PATH,
        )?;
        fchmod(&to, permissions(stat))?;
        nix::sys::stat::futimens(&to, &accessed(stat), &modified(stat))?;
        Ok(())
    }

    /// Copies data, keeps holes.
    fn copy_content(&mut self, from: &OwnedFd, to: &OwnedFd, stat: &FileStat) -> io::Result<()> {
        use nix::unistd::{Whence, ftruncate, lseek};
        use std::os::unix::fs::FileExt;
        let size = stat.st_size;
        let sparse = stat.st_blocks * 512 < size;
        if !sparse {
            let mut reader = File::from(from.try_clone()?);
            let mut writer = File::from(to.try_clone()?);
            // `copy` uses copy_file_range, so that the data stays in the kernel.
            io::copy(&mut reader, &mut writer)?;
            return Ok(());
        }
        ftruncate(to, size)?;
        self.buffer.resize(128 << 10, 0);
        let (reader, writer) = (File::from(from.try_clone()?), File::from(to.try_clone()?));
        let mut offset = 0;
        while offset < size {
            let data = match lseek(from, offset, Whence::SeekData) {
                Ok(data) => data,
                Err(Errno::ENXIO) => break,
                Err(error) => return Err(error.into()),
            };
            let hole = lseek(from, data, Whence::SeekHole)?;
            let mut at = data as u64;
            while at < hole as u64 {
                let want = self.buffer.len().min((hole as u64 - at) as usize);
                let Some(chunk) = self.buffer.get_mut(..want) else {
                    break;
                };
                let count = reader.read_at(chunk, at)?;
                if count == 0 {
                    break;
                }
                writer.write_all_at(chunk.get(..count).unwrap_or(&[]), at)?;
                at += count as u64;
            }
            offset = hole;
        }
        Ok(())
    }
}

fn permissions(stat: &FileStat) -> Mode {
    Mode::from_bits_truncate(stat.st_mode & 0o7777)
}

fn accessed(stat: &FileStat) -> TimeSpec {
    TimeSpec::new(stat.st_atime, stat.st_atime_nsec)
}

fn modified(stat: &FileStat) -> TimeSpec {
    TimeSpec::new(stat.st_mtime, stat.st_mtime_nsec)
}

/// Copies what may be copied: of a tree in a user namespace `trusted.*` and some of `security.*` may not.
fn copy_xattrs(from: impl AsFd, to: impl AsFd) -> io::Result<()> {
    use xattr::FileExt;
    let from = File::from(from.as_fd().try_clone_to_owned()?);
    let to = File::from(to.as_fd().try_clone_to_owned()?);
    let names = match from.list_xattr() {
        Ok(names) => names,
        Err(error) if error.raw_os_error() == Some(libc::ENOTSUP) => return Ok(()),
        Err(error) => return Err(error),
    };
    for name in names {
        if let Some(value) = from.get_xattr(&name)? {
            match to.set_xattr(&name, &value) {
                Err(error) if matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOTSUP)) => {}
                other => other?,
            }
        }
    }
    Ok(())
}
