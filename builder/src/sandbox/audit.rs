//! What a job could leave on the host, looked at before and after it: mounts, loop devices, process namespaces, scratch
//! directories. Reads only. So that "nothing was left behind" is said where it was looked at, and nowhere else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::scratch::is_scratch_name;

/// The host at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    mounts: String,
    loops: Vec<(PathBuf, String)>,
    namespaces: BTreeSet<PathBuf>,
}

impl Audit {
    /// Looks. None where the host does not let it.
    pub fn now() -> Option<Self> {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        let mut loops = Vec::new();
        for device in std::fs::read_dir("/sys/block").into_iter().flatten().flatten() {
            let file = device.path().join("loop/backing_file");
            if let Ok(text) = std::fs::read_to_string(&file) {
                loops.push((file, text));
            }
        }
        loops.sort();
        // Every job has a process namespace of its own: while one of its processes lives, that is seen. What is another
        // user's is not readable, and not ours.
        let processes = std::fs::read_dir("/proc").ok()?.flatten();
        let namespaces = processes
            .filter_map(|entry| std::fs::read_link(entry.path().join("ns/pid")).ok())
            .collect();
        Some(Self {
            mounts,
            loops,
            namespaces,
        })
    }

    /// True where the host is now as it was, and no scratch directory of a run lies in `target`. A change that somebody
    /// else made in the meantime counts too: then nothing is promised.
    pub fn holds(&self, target: &Path) -> bool {
        let entries = std::fs::read_dir(target).into_iter().flatten().flatten();
        let scratch = entries
            .into_iter()
            .any(|entry| is_scratch_name(&entry.file_name()));
        let same = |now: &Self| {
            now.mounts == self.mounts && now.loops == self.loops && now.namespaces.is_subset(&self.namespaces)
        };
        !scratch && Self::now().as_ref().is_some_and(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_directory_breaks_the_promise() {
        let target = tempfile::tempdir().expect("a directory");
        let scratch = super::super::scratch::Scratch::place(target.path());
        std::fs::create_dir(&scratch).expect("it is made");
        let audit = Audit::now().expect("the host lets itself be looked at");
        assert!(!audit.holds(target.path()));
    }
}
