//! Makes room in the store: the entries used longest ago go first, never one that a running process holds.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Ring, lock_file};
use crate::error::{BuildError, IoContext};

/// What a prune removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Entries.
    pub entries: usize,
    /// Their bytes.
    pub bytes: u64,
}

struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Removes entries, least recently used first, until all together take at most `limit` bytes; also leftovers in `tmp`
/// that are over two days old. Only files are removed here: trees join when `sandbox` can delete them safely.
pub(super) fn prune(layout: &Path, limit: u64) -> Result<Pruned, BuildError> {
    let gate_path = layout.join("prune.lock");
    let gate = lock_file(&gate_path)?;
    gate.lock().at("cannot lock", &gate_path)?;
    sweep(&layout.join("tmp"));
    let held = held(&layout.join("holds"))?;
    let mut entries = Vec::new();
    for ring in Ring::ALL {
        collect(&layout.join(ring.folder()), 2, &mut entries);
    }
    entries.sort_by(|a, b| a.used.cmp(&b.used).then_with(|| a.path.cmp(&b.path)));
    let mut total: u64 = entries.iter().map(|e| e.bytes).sum();
    let mut pruned = Pruned::default();
    for entry in entries {
        if total <= limit {
            break;
        }
        let name = entry.path.strip_prefix(layout).unwrap_or(&entry.path);
        if held.contains(name) || fs::remove_file(&entry.path).is_err() {
            continue;
        }
        total -= entry.bytes;
        pruned.entries += 1;
        pruned.bytes += entry.bytes;
    }
    Ok(pruned)
}

/// Entries that living processes hold; the lists of dead ones are removed.
fn held(folder: &Path) -> Result<HashSet<PathBuf>, BuildError> {
    let mut held = HashSet::new();
    for list in fs::read_dir(folder).at("cannot read", folder)?.flatten() {
        let path = list.path();
        let Ok(file) = File::open(&path) else { continue };
        match file.try_lock() {
            Ok(()) => drop(fs::remove_file(&path)),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {
                let text = fs::read_to_string(&path).unwrap_or_default();
                held.extend(text.lines().map(PathBuf::from));
            }
        }
    }
    Ok(held)
}

fn collect(folder: &Path, depth: u32, entries: &mut Vec<Entry>) {
    let Ok(list) = fs::read_dir(folder) else { return };
    for item in list.flatten() {
        let Ok(meta) = item.metadata() else { continue };
        if meta.is_file() {
            entries.push(Entry {
                path: item.path(),
                bytes: meta.len(),
                used: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            });
        } else if meta.is_dir() && depth > 1 {
            collect(&item.path(), depth - 1, entries);
        }
    }
}

fn sweep(tmp: &Path) {
    let Ok(list) = fs::read_dir(tmp) else { return };
    let old = SystemTime::now() - Duration::from_secs(2 * 86_400);
    for item in list.flatten() {
        let Ok(meta) = item.metadata() else { continue };
        if meta.is_file() && meta.modified().is_ok_and(|t| t < old) {
            let _ = fs::remove_file(item.path());
        }
    }
}
