//! Makes room in the store: the entries used longest ago go first, never one that a running process holds.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

/// Removes entries, least recently used first, until all together take at most `limit` bytes; also what killed
/// processes left. Only files are removed here: trees join when `sandbox` can delete them safely.
pub(super) fn prune(layout: &Path, limit: u64) -> Result<Pruned, BuildError> {
    let gate_path = layout.join("prune.lock");
    let gate = lock_file(&gate_path)?;
    gate.lock().at("cannot lock", &gate_path)?;
    sweep(layout);
    let held = held(&layout.join("holds"));
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

/// The lists of living processes; those of dead ones are removed.
fn living(folder: &Path) -> Vec<PathBuf> {
    let mut living = Vec::new();
    for list in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = list.path();
        match File::open(&path).map(|file| file.try_lock()) {
            Ok(Ok(())) => drop(fs::remove_file(&path)),
            Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) => living.push(path),
            // Gone in the meantime, or another user's.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => living.push(path),
        }
    }
    living
}

/// Entries that living processes hold.
fn held(folder: &Path) -> HashSet<PathBuf> {
    let texts = living(folder)
        .into_iter()
        .map(|list| fs::read_to_string(list).unwrap_or_default());
    texts
        .flat_map(|text| text.lines().map(PathBuf::from).collect::<Vec<_>>())
        .collect()
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

/// Removes unfinished parts and lists of processes that are no more. What is found before the living are listed, and is
/// none of theirs, is nobody's: a list is made before the first part.
pub(super) fn sweep(layout: &Path) {
    let Ok(list) = fs::read_dir(layout.join("tmp")) else {
        return;
    };
    let parts: Vec<_> = list.flatten().map(|item| item.path()).collect();
    let living = living(&layout.join("holds"));
    for part in parts {
        let name = part.file_name().unwrap_or_default().to_string_lossy();
        let owner = name.rsplit_once('-').map_or("", |(owner, _)| owner);
        if !living
            .iter()
            .any(|list| list.file_name().is_some_and(|name| name == owner))
        {
            // Of another user it stays, for that user's next run.
            let _ = match part.is_dir() && !part.is_symlink() {
                true => crate::sandbox::remove_tree(&part),
                false => fs::remove_file(&part),
            };
        }
    }
}
