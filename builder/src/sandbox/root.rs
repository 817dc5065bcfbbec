//! A tree opened so that nothing done through it leaves it: every path is resolved with the tree's top as `/`, for links
//! in the tree too (`openat2` with RESOLVE_IN_ROOT). It starts no process and never looks at what a file means.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, readlinkat};
use nix::sys::stat::{FchmodatFlags, FileStat, Mode, fchmodat, fstat, fstatat, mkdirat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchownat, symlinkat, unlinkat};
use rustc_hash::FxHashMap;

use super::sys;

/// Open directories that are remembered; then all are forgotten.
const REMEMBERED: usize = 2000;

/// A tree.
#[derive(Debug)]
pub struct Root {
    top: Arc<OwnedFd>,
    path: PathBuf,
    dirs: FxHashMap<Vec<u8>, Arc<OwnedFd>>,
}

/// The path below the top: without `/` in front and without `.`; none for one that holds `..`.
pub fn relative(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of the tree")
}

impl Root {
    /// Opens the directory `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let top = Arc::new(OwnedFd::from(File::open(path)?));
        Ok(Self {
            top,
            path: path.to_owned(),
            dirs: FxHashMap::default(),
        })
    }

    /// Where it lies on the host. For messages and for [`super::Sandbox`]; do not join paths of the tree to it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory at `path`, as a descriptor for `*at` calls only.
    pub fn dir(&mut self, path: &Path) -> io::Result<Arc<OwnedFd>> {
        if path.as_os_str().is_empty() {
            return Ok(Arc::clone(&self.top));
        }
        if let Some(dir) = self.dirs.get(path.as_os_str().as_bytes()) {
            return Ok(Arc::clone(dir));
        }
        let dir = Arc::new(self.open_at(path, libc::O_PATH | libc::O_DIRECTORY, 0)?);
        if self.dirs.len() >= REMEMBERED {
            self.dirs.clear();
        }
        self.dirs
            .insert(path.as_os_str().as_bytes().to_vec(), Arc::clone(&dir));
        Ok(dir)
    }

    /// The directory that holds the last name of `path`, and that name. `path` is [`relative`] and not empty.
    pub fn locate<'p>(&mut self, path: &'p Path) -> io::Result<(Arc<OwnedFd>, &'p OsStr)> {
        let name = path.file_name().ok_or_else(outside)?;
        let parent = path.parent().unwrap_or(Path::new(""));
        Ok((self.dir(parent)?, name))
    }

    /// Forgets all remembered directories: call it after something else (a script) changed the tree, or after a
    /// directory was removed or replaced.
    pub fn forget(&mut self) {
        self.dirs.clear();
    }

    fn open_at(&self, path: &Path, flags: i32, mode: u32) -> io::Result<OwnedFd> {
        let path = relative(path).ok_or_else(outside)?;
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &path
        };
        sys::openat2(&*self.top, path, flags, mode, sys::RESOLVE_IN_ROOT)
    }

    /// Makes the directory at `path` and those on the way, mode 0755; what is there stays as it is.
    pub fn make_dirs(&mut self, path: &Path) -> io::Result<()> {
        let path = relative(path).ok_or_else(outside)?;
        if path.as_os_str().is_empty() || self.dir(&path).is_ok() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.make_dirs(parent)?;
        }
        let (dir, name) = self.locate(&path)?;
        match mkdirat(&*dir, name, Mode::from_bits_truncate(0o755)) {
            Ok(()) => {}
            // A link that leads nowhere yet: make what it leads to.
            Err(Errno::EEXIST) if self.link(&path)?.is_some() => {
                let target = self.link(&path)?.unwrap_or_default();
                let target = path.parent().unwrap_or(Path::new("")).join(target);
                return self.make_dirs(&super::root::lexical(&target));
            }
            Err(error) => return Err(error.into()),
        }
        fchmodat(
            &*dir,
            name,
            Mode::from_bits_truncate(0o755),
            FchmodatFlags::FollowSymlink,
        )?;
        Ok(())
    }

    /// What is at `path`, the last link not followed.
    pub fn stat(&mut self, path: &Path) -> io::Result<FileStat> {
        let path = relative(path).ok_or_else(outside)?;
        if path.as_os_str().is_empty() {
            return Ok(fstat(&*self.top)?);
        }
        let (dir, name) = self.locate(&path)?;
        Ok(fstatat(&*dir, name, AtFlags::AT_SYMLINK_NOFOLLOW)?)
    }

    /// True where something is at `path`, links followed.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.open_at(path.as_ref(), libc::O_PATH, 0).is_ok()
    }

    /// True where the tree has a program of this name.
    pub fn has_program(&self, name: &str) -> bool {
        let folders = ["usr/bin", "usr/sbin", "bin", "sbin"];
        folders
            .iter()
            .any(|folder| self.exists(Path::new(folder).join(name)))
    }

    /// True where a directory is at `path`, links followed.
    pub fn is_dir(&self, path: impl AsRef<Path>) -> bool {
        self.open_at(path.as_ref(), libc::O_PATH | libc::O_DIRECTORY, 0)
            .is_ok()
    }

    /// Where the link at `path` leads; none where there is no link.
    pub fn link(&mut self, path: &Path) -> io::Result<Option<PathBuf>> {
        let path = relative(path).ok_or_else(outside)?;
        let (dir, name) = self.locate(&path)?;
        match readlinkat(&*dir, name) {
            Ok(target) => Ok(Some(target.into())),
            Err(Errno::EINVAL | Errno::ENOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The file at `path`, open for reading.
    pub fn open_file(&self, path: impl AsRef<Path>) -> io::Result<File> {
        self.open_at(
            path.as_ref(),
            libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY,
            0,
        )
        .map(File::from)
    }

    /// The bytes of the file at `path`.
    pub fn read(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open_file(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The file at `path` as text, `None` where it is missing.
    pub fn text(&self, path: impl AsRef<Path>) -> io::Result<Option<String>> {
        match self.read(path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the file at `path` (made with `mode`, or overwritten with its mode kept); directories on the way are made.
    pub fn write(&mut self, path: impl AsRef<Path>, bytes: &[u8], mode: u32) -> io::Result<()> {
        let path = relative(path.as_ref()).ok_or_else(outside)?;
        if let Some(parent) = path.parent() {
            self.make_dirs(parent)?;
        }
        let existed = self.exists(&path);
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_NONBLOCK | libc::O_NOCTTY;
        let mut file = File::from(self.open_at(&path, flags, 0o600)?);
        file.write_all(bytes)?;
        if !existed {
            nix::sys::stat::fchmod(&file, Mode::from_bits_truncate(mode))?;
        }
        Ok(())
    }

    /// Appends to the file at `path`, which is made with mode 0644 where it is missing.
    pub fn append(&mut self, path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
        let mut whole = match self.read(path.as_ref()) {
            Ok(whole) => whole,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        whole.extend_from_slice(bytes);
        self.write(path, &whole, 0o644)
    }

    /// Makes a link at `path`, in place of what is there (but not of a directory).
    pub fn symlink(&mut self, target: impl AsRef<Path>, path: impl AsRef<Path>) -> io::Result<()> {
        let path = relative(path.as_ref()).ok_or_else(outside)?;
        if let Some(parent) = path.parent() {
            self.make_dirs(parent)?;
        }
        self.remove_file(&path)?;
        let (dir, name) = self.locate(&path)?;
        Ok(symlinkat(target.as_ref(), &*dir, name)?)
    }

    /// Removes the file or link at `path`; one that is not there is no error.
    pub fn remove_file(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = relative(path.as_ref()).ok_or_else(outside)?;
        let (dir, name) = match self.locate(&path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        match unlinkat(&*dir, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what is at `path` with all below it, never crossing a mount; one that is not there is no error.
    pub fn remove_all(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = relative(path.as_ref()).ok_or_else(outside)?;
        let (dir, name) = match self.locate(&path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        self.forget();
        super::tree::remove_at(&dir, name)
    }

    /// Removes all below the directory at `path`, which stays.
    pub fn clear(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        for name in self.names(&path)? {
            self.remove_all(path.as_ref().join(name))?;
        }
        Ok(())
    }

    /// The names in the directory at `path`, sorted; none where it is missing.
    pub fn names(&self, path: impl AsRef<Path>) -> io::Result<Vec<OsString>> {
        let dir = match self.open_at(path.as_ref(), libc::O_RDONLY | libc::O_DIRECTORY, 0) {
            Ok(dir) => dir,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names: Vec<OsString> = super::tree::names(&dir)?
            .into_iter()
            .map(|name| OsString::from_vec(name.into_bytes()))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Sets owner and mode of what is at `path` (a link is not followed; it has no mode).
    pub fn own(
        &mut self,
        path: impl AsRef<Path>,
        owner: Option<(u32, u32)>,
        mode: Option<u32>,
    ) -> io::Result<()> {
        let path = relative(path.as_ref()).ok_or_else(outside)?;
        let (dir, name) = self.locate(&path)?;
        if let Some((uid, gid)) = owner {
            let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
            fchownat(dir.as_fd(), name, uid, gid, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        }
        let stat = fstatat(&*dir, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        if let Some(mode) = mode
            && stat.st_mode & libc::S_IFMT != libc::S_IFLNK
        {
            fchmodat(
                dir.as_fd(),
                name,
                Mode::from_bits_truncate(mode),
                FchmodatFlags::FollowSymlink,
            )?;
        }
        Ok(())
    }
}

/// Takes `..` out of a path by its letters alone; used on what links in the tree say, never to leave it.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::ParentDir => {
                out.pop();
            }
            Component::RootDir => out.clear(),
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_never_lead_out() {
        let outer = tempfile::tempdir().expect("a directory");
        std::fs::write(outer.path().join("secret"), "outside").expect("it is written");
        let top = outer.path().join("tree");
        std::fs::create_dir_all(top.join("etc")).expect("it is made");
        std::os::unix::fs::symlink("/../../secret", top.join("up")).expect("it is made");
        std::os::unix::fs::symlink(outer.path(), top.join("abs")).expect("it is made");
        std::os::unix::fs::symlink("/run/later", top.join("dangling")).expect("it is made");
        let mut root = Root::open(&top).expect("it opens");
        root.write("up", b"inside", 0o644).expect("it lands in the tree");
        // What the link leads to is missing in the tree, and is made there.
        root.write("abs/secret", b"x", 0o644)
            .expect("it lands in the tree");
        root.write("dangling/file", b"x", 0o644)
            .expect("it lands in the tree");
        assert!(root.write("../secret", b"x", 0o644).is_err());
        assert!(root.symlink("x", "etc/../../secret").is_err());
        root.remove_all("abs").expect("only the link goes");
        assert_eq!(
            std::fs::read_to_string(outer.path().join("secret")).expect("it is there"),
            "outside"
        );
        assert_eq!(
            std::fs::read_to_string(top.join("secret")).expect("it is there"),
            "inside"
        );
        assert!(top.join("run/later/file").exists());
    }

    #[test]
    fn writes_keep_the_mode_of_what_is_there() {
        use std::os::unix::fs::PermissionsExt;
        let top = tempfile::tempdir().expect("a directory");
        let mut root = Root::open(top.path()).expect("it opens");
        root.write("/etc/a/b", b"1", 0o640).expect("it is written");
        root.write("/etc/a/b", b"2", 0o644).expect("it is written");
        root.append("/etc/a/b", b"3").expect("it is written");
        let file = top.path().join("etc/a/b");
        assert_eq!(std::fs::read(&file).expect("it is there"), b"23");
        assert_eq!(
            file.metadata().expect("it is there").permissions().mode() & 0o7777,
            0o640
        );
        assert_eq!(root.names("/etc").expect("it is read"), ["a"]);
    }
}
