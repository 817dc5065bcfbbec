//! File triggers (deb-triggers(5)): packages that are configured already and have an interest in paths are told that
//! files came there, so that the tree's dpkg runs their scripts. It does so itself for what it unpacks itself.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustc_hash::FxHashSet;

use super::database::DIR;
use crate::sandbox::Root;

/// Paths that somebody wants to hear of, and which of them something came to.
#[derive(Debug, Default)]
pub struct Activated {
    interests: FxHashSet<Vec<u8>>,
    found: BTreeSet<Vec<u8>>,
}

impl Activated {
    /// The interests that the tree's database lists now: those of packages that were there before.
    pub fn new(root: &Root) -> io::Result<Self> {
        let list = root.read(format!("{DIR}/triggers/File"));
        let list = match list {
            Ok(list) => list,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let interest = |line: &[u8]| line.split(|byte| *byte == b' ').next().map(<[u8]>::to_vec);
        Ok(Self {
            interests: list
                .split(|byte| *byte == b'\n')
                .filter_map(interest)
                .filter(|path| path.starts_with(b"/"))
                .collect(),
            found: BTreeSet::new(),
        })
    }

    /// Something came to `path` (absolute): the interests in it and in the directories that it lies in hear of it.
    pub fn came(&mut self, path: &[u8]) {
        if self.interests.is_empty() {
            return;
        }
        for place in Path::new(OsStr::from_bytes(path)).ancestors() {
            let place = place.as_os_str().as_bytes();
            if self.interests.contains(place) && !self.found.contains(place) {
                self.found.insert(place.to_vec());
            }
        }
    }

    /// Writes them where dpkg looks when it next starts. No package waits for them (`-`).
    pub fn write(&self, root: &mut Root) -> io::Result<()> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut text = Vec::new();
        for path in &self.found {
            text.extend_from_slice(path);
            text.extend_from_slice(b" -\n");
        }
        root.append(format!("{DIR}/triggers/Unincorp"), &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_interested_hears_of_files_below_and_only_of_those() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = Root::open(dir.path()).expect("it opens");
        root.make_dirs(format!("{DIR}/triggers").as_ref())
            .expect("it is made");
        let list = "/usr/share/a one/noawait\n/usr/share/b two\n/usr/share/c three\n";
        root.write(format!("{DIR}/triggers/File"), list.as_bytes(), 0o644)
            .expect("it is written");
        let mut activated = Activated::new(&root).expect("it is read");
        for path in [
            "/usr/share/a/deep/file",
            "/usr/share/b",
            "/usr/share/cc",
            "/usr/share/.",
        ] {
            activated.came(path.as_bytes());
        }
        activated.write(&mut root).expect("it is written");
        let told = root.text(format!("{DIR}/triggers/Unincorp")).expect("it is read");
        assert_eq!(told.as_deref(), Some("/usr/share/a -\n/usr/share/b -\n"));
    }
}
