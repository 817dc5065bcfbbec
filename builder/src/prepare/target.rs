//! Where the tree ends up: `OUT/build/image-root`. It is made under a temporary name and renamed at the end; a record
//! beside it says that it is ours, so that a later build may replace it, and that anything else there is kept.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::InstalledPackage;
use crate::error::{BuildError, IoContext};

/// What lies beside a finished tree, as JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// Inode of the tree's top: the record is of this tree and of no other that stands in its place.
    inode: u64,
    /// What is installed in it.
    packages: Vec<InstalledPackage>,
}

/// The tree's final place.
pub fn place(target: &Path) -> PathBuf {
    target.join("build").join("image-root")
}

fn record_place(target: &Path) -> PathBuf {
    target.join("build").join("image-root.json")
}

fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::symlink_metadata(path)
        .ok()
        .map(|metadata| metadata.ino())
}

/// Refuses a place that holds what no build of ours has put there.
pub fn check(target: &Path) -> Result<(), BuildError> {
    let root = place(target);
    let Some(inode) = inode(&root) else { return Ok(()) };
    let record = std::fs::read(record_place(target)).ok();
    let record = record.and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
    if record.is_some_and(|record| record.inode == inode) {
        return Ok(());
    }
    if root.is_dir() && std::fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_none()) {
        return Ok(());
    }
    Err(BuildError::Usage {
        code: "target-not-empty",
        message: format!(
            "`{}` holds files that no build of Apteryx has put there",
            root.display()
        ),
        help: Some("choose another folder with `--target-dir`, or move them away".to_owned()),
    })
}

/// Puts the finished `tree` to its place; one that was there before goes to `scratch` and with it.
pub fn publish(
    tree: &Path,
    target: &Path,
    scratch: &Path,
    packages: &[InstalledPackage],
) -> Result<PathBuf, BuildError> {
    check(target)?;
    let root = place(target);
    let build = target.join("build");
    std::fs::create_dir_all(&build).at("cannot write", &build)?;
    let record = Record {
        inode: inode(tree).unwrap_or(0),
        packages: packages.to_vec(),
    };
    let text = serde_json::to_vec(&record).map_err(|error| BuildError::Internal {
        message: format!("the record cannot be written: {error}"),
    })?;
    let new_record = scratch.join("image-root.json");
    std::fs::write(&new_record, text).at("cannot write", &new_record)?;
    if root.exists() {
        let old = scratch.join("old-root");
        std::fs::rename(&root, &old).at("cannot replace", &root)?;
    }
    std::fs::rename(tree, &root).at("cannot write", &root)?;
    let record = record_place(target);
    std::fs::rename(&new_record, &record).at("cannot write", &record)?;
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tree_is_replaced() {
        let target = tempfile::tempdir().expect("a directory");
        let scratch = tempfile::tempdir_in(target.path()).expect("a directory");
        let tree = |name: &str| {
            let path = scratch.path().join(name);
            std::fs::create_dir(&path).expect("it is made");
            std::fs::write(path.join(name), "").expect("it is written");
            path
        };
        publish(&tree("one"), target.path(), scratch.path(), &[]).expect("nothing is there");
        publish(&tree("two"), target.path(), scratch.path(), &[]).expect("ours is there");
        assert!(place(target.path()).join("two").exists() && !place(target.path()).join("one").exists());
        std::fs::rename(place(target.path()), target.path().join("away")).expect("it is moved");
        std::fs::create_dir(place(target.path())).expect("it is made");
        check(target.path()).expect("an empty one is fit");
        std::fs::write(place(target.path()).join("precious"), "").expect("it is written");
        let error = check(target.path()).expect_err("it holds files");
        assert_eq!((error.code(), error.exit_code()), ("target-not-empty", 2));
    }
}
