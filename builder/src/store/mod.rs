//! What is kept between builds: packages by checksum, later trees and parts by step key; with locks and a size limit.
//!
//! Layout below the root (`$APTERYX_CACHE_DIR`, else `$XDG_CACHE_HOME/apteryx`, else `~/.cache/apteryx`):
//! `CACHEDIR.TAG`, and per format version `v1/{packages,metadata,trees,parts,tmp,holds}`.
//! Everything enters by a rename from `tmp`, so that a killed process leaves no half entry under a real name.
//! What a running build uses is held (see [`Hold`]) and never pruned meanwhile. Nothing here reaches the network.

mod hold;
mod prune;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use hold::Hold;
pub use prune::Pruned;

use crate::error::{BuildError, IoContext};

/// The version of the layout; another version lives beside it and is left alone.
const LAYOUT: &str = "v1";

/// MB that all entries take together at most, where `APTERYX_CACHE_LIMIT` says nothing else.
const LIMIT: u64 = 20_000;

/// What `bford.info/cachedir` asks for: backup programs then leave the folder out.
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of apteryx; it can be removed at any time.\n";

/// One kind of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ring {
    /// Package files, named by their SHA-256.
    Packages,
    /// Indexes of repositories and the state of each.
    Metadata,
    /// Root trees, named by step key.
    Trees,
    /// Packed parts, named by (tree, options).
    Parts,
}

impl Ring {
    /// All of them.
    pub const ALL: [Ring; 4] = [Ring::Packages, Ring::Metadata, Ring::Trees, Ring::Parts];

    /// Its folder's name.
    pub fn folder(self) -> &'static str {
        match self {
            Ring::Packages => "packages",
            Ring::Metadata => "metadata",
            Ring::Trees => "trees",
            Ring::Parts => "parts",
        }
    }
}

/// The store. Cheap to clone, Send and Sync; several processes may use one at the same time.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    hold: Hold,
}

impl Store {
    /// Opens the store at `root`, or at its default place; makes it where it is missing. What this process uses is
    /// held until the last clone of this store is dropped, or the process ends in whatever way.
    pub fn open(root: Option<&Path>) -> Result<Store, BuildError> {
        let root = match root {
            Some(root) => root.to_path_buf(),
            None => default_root()?,
        };
        let layout = root.join(LAYOUT);
        for ring in Ring::ALL {
            let folder = layout.join(ring.folder());
            fs::create_dir_all(&folder).at("cannot create", &folder)?;
        }
        for folder in ["tmp", "holds"] {
            let folder = layout.join(folder);
            fs::create_dir_all(&folder).at("cannot create", &folder)?;
        }
        let tag = root.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs::write(&tag, CACHEDIR_TAG).at("cannot write", &tag)?;
        }
        // Of processes that were killed.
        prune::sweep(&layout);
        let hold = Hold::new(&layout)?;
        Ok(Store {
            inner: Arc::new(Inner { root: layout, hold }),
        })
    }

    /// Where its current layout lies.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// The folder of one ring.
    pub fn ring(&self, ring: Ring) -> PathBuf {
        self.root().join(ring.folder())
    }

    /// Where the package file with this SHA-256 (lower-case hex) lies or would lie.
    pub fn package_path(&self, sha256: &str) -> PathBuf {
        let sub = sha256.get(..2).unwrap_or("xx");
        self.ring(Ring::Packages).join(sub).join(format!("{sha256}.deb"))
    }

    /// Where an entry of `trees`, `parts` or `metadata` with this key lies or would lie. A key is made of
    /// letters, digits, `-`, `_` and `.`; anything else becomes `_`, so that no key leads out of the store.
    pub fn entry_path(&self, ring: Ring, key: &str) -> PathBuf {
        let safe: String = key
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let safe = safe.trim_start_matches('.');
        self.ring(ring).join(if safe.is_empty() { "_" } else { safe })
    }

    /// Says that this process uses these entries: from now on no other process prunes them. Their time of last
    /// use becomes now. Returns for each path whether it is there.
    pub fn hold(&self, paths: &[PathBuf]) -> Result<Vec<bool>, BuildError> {
        self.inner.hold.add(self.root(), paths)
    }

    /// A new file below `tmp`; it is gone when dropped, unless [`Store::keep`] takes it in.
    pub fn temporary(&self) -> Result<tempfile::NamedTempFile, BuildError> {
        let folder = self.root().join("tmp");
        tempfile::Builder::new()
            .prefix(&self.inner.hold.prefix())
            .tempfile_in(&folder)
            .at("cannot create a file in", folder)
    }

    /// A new folder below `tmp`. The caller renames it to its entry, or removes it.
    pub fn temporary_folder(&self) -> Result<tempfile::TempDir, BuildError> {
        let folder = self.root().join("tmp");
        tempfile::Builder::new()
            .prefix(&self.inner.hold.prefix())
            .tempdir_in(&folder)
            .at("cannot create a folder in", folder)
    }

    /// Moves a finished temporary file to its entry, readable for all. Where another process was faster its file is
    /// replaced: both hold the same bytes.
    pub fn keep(&self, file: tempfile::NamedTempFile, path: &Path) -> Result<(), BuildError> {
        use std::os::unix::fs::PermissionsExt;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).at("cannot create", parent)?;
        }
        let mode = fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode).at("cannot write", path)?;
        file.persist(path).map_err(|e| e.error).at("cannot write", path)?;
        Ok(())
    }

    /// Makes room: see [`prune`](prune::prune).
    pub fn prune(&self, limit: u64) -> Result<Pruned, BuildError> {
        prune::prune(self.root(), limit)
    }
}

/// Removes what killed processes left in the store at `root`, or at its default place: parts that they had not finished,
/// and their lists of entries in use. Makes nothing.
pub fn sweep(root: Option<&Path>) {
    if let Some(root) = root.map(Path::to_owned).or_else(|| default_root().ok()) {
        prune::sweep(&root.join(LAYOUT));
    }
}

/// Bytes that all entries may take together: `APTERYX_CACHE_LIMIT` in MB, else 20 GB. What a running build uses stays,
/// however much it is.
pub fn limit() -> u64 {
    let said = std::env::var("APTERYX_CACHE_LIMIT").ok();
    let said = said.and_then(|text| text.trim().parse().ok());
    said.unwrap_or(LIMIT).saturating_mul(1_000_000)
}

/// The store's place by the environment.
fn default_root() -> Result<PathBuf, BuildError> {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    from("APTERYX_CACHE_DIR")
        .or_else(|| {
            from("XDG_CACHE_HOME")
                .filter(|p| p.is_absolute())
                .map(|p| p.join("apteryx"))
        })
        .or_else(|| from("HOME").map(|p| p.join(".cache/apteryx")))
        .ok_or_else(|| BuildError::Usage {
            code: "no-cache-folder",
            message: "neither `HOME` nor `APTERYX_CACHE_DIR` says where to keep packages".into(),
            help: Some("set `APTERYX_CACHE_DIR` to a folder with some space".into()),
        })
}

/// Opens a lock file, making it where it is missing.
fn lock_file(path: &Path) -> Result<File, BuildError> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .at("cannot open", path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn put(store: &Store, sha256: &str, bytes: usize) -> PathBuf {
        let path = store.package_path(sha256);
        let mut file = store.temporary().unwrap();
        file.write_all(&vec![0; bytes]).unwrap();
        store.keep(file, &path).unwrap();
        path
    }

    #[test]
    fn what_a_running_build_holds_is_not_pruned_and_the_oldest_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let builder = Store::open(Some(dir.path())).unwrap();
        let old = put(&builder, "aa01", 1000);
        let held = put(&builder, "bb02", 1000);
        let young = put(&builder, "cc03", 1000);
        let past = |days: u64| std::time::SystemTime::now() - std::time::Duration::from_secs(days * 86_400);
        for (path, days) in [(&old, 9), (&held, 10), (&young, 1)] {
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(past(days))
                .unwrap();
        }
        assert_eq!(
            builder.hold(&[held.clone(), dir.path().join("none")]).unwrap(),
            [true, false]
        );
        File::options()
            .write(true)
            .open(&held)
            .unwrap()
            .set_modified(past(10))
            .unwrap();

        let pruned = Store::open(Some(dir.path())).unwrap().prune(2000).unwrap();
        assert_eq!((pruned.entries, pruned.bytes), (1, 1000));
        assert!(!old.exists() && held.exists() && young.exists());

        drop(builder);
        Store::open(Some(dir.path())).unwrap().prune(1000).unwrap();
        assert!(!held.exists() && young.exists());
        assert!(dir.path().join("CACHEDIR.TAG").exists());
    }

    #[test]
    fn no_key_leads_out_of_the_store() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Some(dir.path())).unwrap();
        for key in ["../../etc/passwd", "/etc/passwd", "..", ".", ""] {
            let path = store.entry_path(Ring::Trees, key);
            assert_eq!(path.parent(), Some(store.ring(Ring::Trees).as_path()), "{key}");
        }
    }

    #[test]
    fn leftovers_of_dead_processes_are_swept_at_once_and_those_of_living_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let living = Store::open(Some(dir.path())).unwrap();
        let (part, folder) = (living.temporary().unwrap(), living.temporary_folder().unwrap());
        let layout = living.root().to_owned();
        let dead = ["tmp/part-dead-x", "tmp/hold-dead-x", "holds/hold-dead"].map(|name| layout.join(name));
        for path in &dead {
            fs::write(path, "x").unwrap();
        }
        fs::create_dir(layout.join("tmp/hold-dead-folder")).unwrap();
        sweep(Some(dir.path()));
        assert!(dead.iter().all(|path| !path.exists()));
        assert!(!layout.join("tmp/hold-dead-folder").exists());
        assert!(part.path().exists() && folder.path().exists());
        assert_eq!(fs::read_dir(layout.join("holds")).unwrap().count(), 1);
        // A store that is not there is not made.
        let none = dir.path().join("none");
        sweep(Some(&none));
        assert!(!none.exists());
    }
}
