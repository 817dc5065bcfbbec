//! One directory per run for all that is unfinished: `TARGET/.apteryx-XXXXXXXX.tmp`. Results are made in it and renamed
//! out of it, so that they are on one file system. It is locked (shared, `flock`) as long as somebody works in it; one
//! that nobody has locked is of a killed run.
//!
//! The janitor removes it; nothing else here removes anything.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use super::tree::remove_tree;

const PREFIX: &str = ".apteryx-";
const SUFFIX: &str = ".tmp";

/// A scratch directory that is in use.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Where it is.
    #[cfg(test)]
    pub path: PathBuf,
    _lock: Flock<File>,
}

impl Scratch {
    /// Where the next one of `target` will lie.
    pub fn place(target: &Path) -> PathBuf {
        let name = uuid::Uuid::new_v4().simple().to_string();
        target.join(format!(
            "{PREFIX}{}{SUFFIX}",
            name.get(..16).unwrap_or("0000000000000000")
        ))
    }

    /// Makes the one at `path`, whose parent must exist. Only the janitor calls this, so that nobody can be killed
    /// between the making and the start of the one who removes it.
    pub fn create(path: &Path) -> io::Result<Self> {
        loop {
            DirBuilder::new().mode(0o700).create(path)?;
            match Self::lock(path) {
                // Between `mkdir` and `flock` another run may have taken it for stale.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => return other,
            }
        }
    }

    fn lock(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let inode = file.metadata()?.ino();
        let lock = Flock::lock(file, FlockArg::LockSharedNonblock).map_err(|(_, error)| match error {
            nix::errno::Errno::EWOULDBLOCK => io::Error::from(io::ErrorKind::NotFound),
            other => other.into(),
        })?;
        if std::fs::metadata(path)?.ino() != inode {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Self {
            #[cfg(test)]
            path: path.to_owned(),
            _lock: lock,
        })
    }
}

/// Removes what killed runs left in `target`. What cannot be removed (another user's) stays; a later run may.
pub(super) fn remove_stale(target: &Path) {
    let Ok(entries) = std::fs::read_dir(target) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || !name.ends_with(SUFFIX) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        if let Ok(_lock) = Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            let _ = remove_tree(&entry.path());
        }
    }
}

/// True for the name of a scratch directory, which a target that holds files may contain.
pub fn is_scratch_name(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_ones_go_and_used_ones_stay() {
        let target = tempfile::tempdir().expect("a directory");
        let used = Scratch::create(&Scratch::place(target.path())).expect("it is made");
        let stale = Scratch::create(&Scratch::place(target.path())).expect("it is made");
        let stale_path = stale.path.clone();
        std::fs::write(stale_path.join("x"), "x").expect("it is writable");
        drop(stale);
        std::fs::create_dir(target.path().join("other")).expect("it is made");
        remove_stale(target.path());
        assert!(used.path.exists() && !stale_path.exists() && target.path().join("other").exists());
    }
}
