//! The folder of a description, as far as rules may look into it: what lies there, and the texts of scripts. Never
//! leads out of the folder, through no `..` and no link; bounded in names and bytes. Writes nothing.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder with more names than this is not listed: it is no description's.
pub const MOST_NAMES: usize = 4096;
/// A file larger than this is not read, in bytes: no script comes near.
pub const MOST_BYTES: u64 = 512 << 10;

/// What a name stands for, links resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Something else, or something that lies outside: it is there, and is not looked at.
    Other,
}

/// What there is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Someone may execute it.
    pub executable: bool,
    /// The name is a link to it.
    pub link: bool,
    /// Its permission bits; 0 where they are not known.
    pub mode: u32,
}

/// The folder of a description. Paths are relative to it, with `/` between names; one that is absolute or has `..`
/// gives nothing.
pub trait Folder: Sync {
    /// The names in a folder (empty for the description's own), sorted. None where there is no such folder, or it
    /// holds more than [`MOST_NAMES`].
    fn names(&self, below: &str) -> Option<Vec<String>>;
    /// What there is at a path; none where there is nothing.
    fn entry(&self, path: &str) -> Option<Entry>;
    /// The bytes of a regular file of at most [`MOST_BYTES`].
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// Where the symbolic link at a path leads, as it is written. None where it is no link, or that is not known.
    fn link(&self, _path: &str) -> Option<String> {
        None
    }
    /// Whether there is something at an absolute path of this machine. None where that is not looked at.
    fn elsewhere(&self, _path: &str) -> Option<bool> {
        None
    }
    /// What the archive at a path holds. None where that is not known.
    fn members(&self, _path: &str) -> Option<Listing> {
        None
    }
}

/// One entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, as written.
    pub name: String,
    /// Where it leads, if it is a symbolic link.
    pub link: Option<String>,
    /// It is a folder.
    pub folder: bool,
}

/// The entries of an archive in its order, or what the file is in place of an archive.
pub type Listing = Result<Vec<Member>, String>;

/// A path that stays where it begins, whatever lies there.
fn inside(path: &str) -> bool {
    !path.starts_with('/') && !path.contains('\0') && path.split('/').all(|part| part != "..")
}

/// A folder of the file system.
#[derive(Debug, Clone)]
pub struct Disk {
    /// Without links.
    root: PathBuf,
}

impl Disk {
    /// The folder that a description's file lies in; none where it cannot be found.
    pub fn of(description: &Path) -> Option<Self> {
        let dir = match description.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => dir,
            _ => Path::new("."),
        };
        let root = dir.canonicalize().ok()?;
        Some(Self { root })
    }

    /// The real path of a regular file that lies in the folder.
    pub fn file(&self, path: &str) -> Option<PathBuf> {
        let (real, _) = self.place(path).filter(|(_, within)| *within)?;
        real.symlink_metadata().ok().filter(Metadata::is_file)?;
        Some(real)
    }

    /// The real place of a path, and whether it lies in the folder.
    fn place(&self, path: &str) -> Option<(PathBuf, bool)> {
        if !inside(path) {
            return None;
        }
        let real = self.root.join(path).canonicalize().ok()?;
        let within = real.starts_with(&self.root);
        Some((real, within))
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

/// Where files have no such mode, none is known.
#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}

#[cfg(unix)]
fn executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Where files have no such mode, none is said to lack it.
#[cfg(not(unix))]
fn executable(_: &Metadata) -> bool {
    true
}

impl Folder for Disk {
    fn names(&self, below: &str) -> Option<Vec<String>> {
        let (real, _) = self.place(below).filter(|(_, within)| *within)?;
        let mut names = Vec::new();
        for entry in std::fs::read_dir(real).ok()? {
            if names.len() == MOST_NAMES {
                return None;
            }
            // A name that is no text is none that a description can name.
            names.extend(entry.ok()?.file_name().into_string());
        }
        names.sort_unstable();
        Some(names)
    }

    fn entry(&self, path: &str) -> Option<Entry> {
        let (real, within) = self.place(path)?;
        let link = self.root.join(path.trim_end_matches('/'));
        let link = link.symlink_metadata().is_ok_and(|m| m.is_symlink());
        let other = Entry {
            kind: Kind::Other,
            executable: false,
            link,
            mode: 0,
        };
        if !within {
            return Some(other);
        }
        let metadata = real.symlink_metadata().ok()?;
        let kind = match metadata.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            _ => return Some(other),
        };
        Some(Entry {
            kind,
            executable: executable(&metadata),
            link,
            mode: mode(&metadata),
        })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let (real, _) = self.place(path).filter(|(_, within)| *within)?;
        // What is no regular file could wait for ever.
        let metadata = real.symlink_metadata().ok()?;
        if !metadata.is_file() || metadata.len() > MOST_BYTES {
            return None;
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(real).ok()?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= MOST_BYTES).then_some(bytes)
    }

    fn link(&self, path: &str) -> Option<String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // The folder may be a link itself, and lead away.
        let (real, _) = self.place(folder).filter(|(_, within)| *within)?;
        let target = std::fs::read_link(real.join(name)).ok()?;
        target.into_os_string().into_string().ok()
    }

    fn elsewhere(&self, path: &str) -> Option<bool> {
        path.starts_with('/').then(|| Path::new(path).exists())
    }
}

/// A folder that is made up: path to content and whether it is executable. A path that ends with `/` is an empty
/// folder.
#[derive(Debug, Clone, Default)]
pub struct Memory(pub BTreeMap<String, (Vec<u8>, bool)>);

impl Memory {
    /// Files by name, none of them executable.
    pub fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let one = |(name, text): (&str, &str)| (name.to_owned(), (text.as_bytes().to_vec(), false));
        Self(files.into_iter().map(one).collect())
    }

    /// The same with one more file, executable.
    pub fn program(mut self, name: &str, text: &str) -> Self {
        self.0.insert(name.to_owned(), (text.as_bytes().to_vec(), true));
        self
    }
}

impl Folder for Memory {
    fn names(&self, below: &str) -> Option<Vec<String>> {
        let head = match below.trim_end_matches('/') {
            "" => String::new(),
            below => format!("{below}/"),
        };
        let rest = self.0.keys().filter_map(|path| path.strip_prefix(&head));
        let mut names: Vec<String> = rest
            .filter_map(|rest| rest.split('/').next())
            .map(str::to_owned)
            .collect();
        names.retain(|name| !name.is_empty());
        names.dedup();
        let there = head.is_empty() || self.0.keys().any(|path| path.starts_with(&head));
        there.then_some(names)
    }

    fn entry(&self, path: &str) -> Option<Entry> {
        let path = path.trim_end_matches('/');
        if let Some((_, executable)) = self.0.get(path) {
            return Some(Entry {
                kind: Kind::File,
                executable: *executable,
                link: false,
                mode: 0,
            });
        }
        self.names(path).filter(|_| inside(path)).map(|_| Entry {
            kind: Kind::Folder,
            executable: true,
            link: false,
            mode: 0,
        })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).map(|(bytes, _)| bytes.clone())
    }

    /// A made-up archive is a text of its entries: `NAME`, `NAME/` or `NAME -> TARGET` on a line each, after a first line
    /// `entries:`. After `broken:` stands what it is instead.
    fn members(&self, path: &str) -> Option<Listing> {
        let (bytes, _) = self.0.get(path)?;
        let text = std::str::from_utf8(bytes).ok()?;
        if let Some(why) = text.strip_prefix("broken:") {
            return Some(Err(why.trim().to_owned()));
        }
        let lines = text.strip_prefix("entries:")?.lines().map(str::trim);
        let member = |line: &str| {
            let (name, link) = match line.split_once(" -> ") {
                Some((name, link)) => (name, Some(link.to_owned())),
                None => (line, None),
            };
            Member {
                name: name.to_owned(),
                link,
                folder: name.ends_with('/'),
            }
        };
        Some(Ok(lines.filter(|l| !l.is_empty()).map(member).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder beside a secret, with links that lead in and out.
    #[cfg(unix)]
    fn made() -> (tempfile::TempDir, Disk) {
        let temporary = tempfile::tempdir().unwrap();
        let base = temporary.path();
        let own = base.join("own");
        std::fs::create_dir_all(own.join("root/etc")).unwrap();
        std::fs::write(base.join("secret"), "x").unwrap();
        std::fs::write(own.join("config.sh"), "true\n").unwrap();
        std::fs::write(own.join("large"), vec![b'x'; MOST_BYTES as usize + 1]).unwrap();
        for (to, from) in [("../secret", "out"), ("config.sh", "in"), ("gone", "dangling")] {
            std::os::unix::fs::symlink(to, own.join(from)).unwrap();
        }
        let disk = Disk::of(&own.join("config.xml")).unwrap();
        (temporary, disk)
    }

    #[cfg(unix)]
    #[test]
    fn never_leads_out_of_the_folder() {
        let (_base, disk) = made();
        assert_eq!(disk.read("config.sh").unwrap(), b"true\n");
        assert_eq!(disk.read("in").unwrap(), b"true\n");
        assert_eq!(disk.entry("root/etc").unwrap().kind, Kind::Folder);
        assert!(disk.entry("in").unwrap().link && !disk.entry("config.sh").unwrap().link);
        for path in [
            "../secret",
            "root/../../secret",
            "/etc/passwd",
            "out",
            "large",
            "root",
        ] {
            assert_eq!(disk.read(path), None, "{path}");
        }
        assert_eq!(disk.entry("out").unwrap().kind, Kind::Other);
        assert_eq!(disk.entry("dangling"), None);
        assert_eq!(disk.entry("../secret"), None);
        assert_eq!(disk.names(".."), None);
        let names = disk.names("").unwrap();
        assert_eq!(names, ["config.sh", "dangling", "in", "large", "out", "root"]);
    }

    #[test]
    fn a_made_up_folder_has_folders() {
        let folder = Memory::of([("root/etc/motd", "hi"), ("root/usr/", "")]).program("config.sh", "true");
        assert_eq!(folder.names("").unwrap(), ["config.sh", "root"]);
        assert_eq!(folder.names("root").unwrap(), ["etc", "usr"]);
        assert_eq!(folder.entry("root").unwrap().kind, Kind::Folder);
        assert_eq!(folder.entry("roo"), None);
        assert!(folder.entry("config.sh").unwrap().executable);
    }
}
