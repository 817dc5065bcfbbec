//! What this process uses: a file below `holds` with a lock on it that the system ends with the process, and in it
//! the entries, one a line. No time-outs, no process ids.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::lock_file;
use crate::error::{BuildError, IoContext};

/// A process's list of entries in use. Dropping it lets them go.
#[derive(Debug)]
pub struct Hold {
    path: PathBuf,
    file: Mutex<File>,
}

impl Hold {
    /// An empty list.
    pub(super) fn new(layout: &Path) -> Result<Hold, BuildError> {
        let folder = layout.join("holds");
        // A pruner may remove a list between its creation and its lock; then make another.
        for _ in 0..100 {
            let file = tempfile::Builder::new()
                .prefix("hold-")
                .tempfile_in(&folder)
                .at("cannot create a file in", &folder)?;
            file.as_file().lock().at("cannot lock", file.path())?;
            if !file.path().exists() {
                continue;
            }
            let (file, path) = file.keep().map_err(|e| e.error).at("cannot write", &folder)?;
            return Ok(Hold {
                path,
                file: Mutex::new(file),
            });
        }
        Err(BuildError::Internal {
            message: "the store's list of entries in use cannot be locked".into(),
        })
    }

    /// Begins the names of this process's unfinished parts: they are known as its own while its list is locked.
    pub(super) fn prefix(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name}-")
    }

    /// Adds entries and marks them as used now; says which are there.
    pub(super) fn add(&self, layout: &Path, paths: &[PathBuf]) -> Result<Vec<bool>, BuildError> {
        let gate = lock_file(&layout.join("prune.lock"))?;
        gate.lock_shared().at("cannot lock", layout.join("prune.lock"))?;
        let mut lines = String::new();
        for path in paths {
            if let Ok(entry) = path.strip_prefix(layout) {
                lines.push_str(&entry.to_string_lossy());
                lines.push('\n');
            }
        }
        if let Ok(mut file) = self.file.lock() {
            file.write_all(lines.as_bytes()).at("cannot write", &self.path)?;
        }
        Ok(paths.iter().map(|path| touch(path)).collect())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // The lock ends with the file handle; where the removal fails a later prune removes the list.
        let _ = fs::remove_file(&self.path);
    }
}

/// Marks an entry as used now; false where it is not there. Entries touched within the last hour are left as they
/// are: a warm build costs one look per package.
fn touch(path: &Path) -> bool {
    let Ok(meta) = fs::metadata(path) else {
        return false;
    };
    let now = std::time::SystemTime::now();
    let used = meta.modified().ok().and_then(|t| now.duration_since(t).ok());
    if used.is_none_or(|age| age.as_secs() > 3600)
        && meta.uid() == nix::unistd::geteuid().as_raw()
        && let Ok(file) = File::open(path)
    {
        let _ = file.set_modified(now);
    }
    true
}
