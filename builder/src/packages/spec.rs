//! What a description says about a repository, made precise: where it is, what it holds, who signs it.

use std::path::{Path, PathBuf};

use apteryx_schema::description::model::Repository;

use super::mirror::HostMirror;
use crate::error::{BuildError, Place};

/// Which metadata a repository has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepoKind {
    /// A Debian archive.
    Deb {
        /// `dists/SUITE`; none for a flat repository (Release and Packages beside the packages).
        suite: Option<String>,
        /// `main`, `contrib`, …; empty for a flat one.
        components: Vec<String>,
    },
    // rpm-md, pacman and apk join here.
}

/// A key that may sign a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file with one or more OpenPGP keys, armoured or binary.
    File(PathBuf),
    /// The same behind http or https.
    Url(String),
}

/// One repository to read packages from.
#[derive(Debug, Clone)]
pub struct RepoSpec {
    /// The description's name for it, or one made from its address.
    pub alias: String,
    /// `http://…`, `https://…` or `file:///…`, without a slash at its end.
    pub uri: String,
    /// Its metadata.
    pub kind: RepoKind,
    /// Keys of the description; empty for the host's archive keyrings (Debian and Ubuntu archives only).
    pub signing_keys: Vec<KeySource>,
    /// Check the signature of the metadata (default).
    pub check_metadata: bool,
    /// Check each package against the metadata (always done by checksum; kept for managers that sign packages).
    pub check_packages: bool,
    /// The description's priority: a smaller number wins, as with KIWI; none for equal.
    pub priority: Option<i64>,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// Where the description names it.
    pub place: Place,
}

impl RepoSpec {
    /// Reads KIWI's attributes. `base_dir` is the description's folder (for `this://`); `mirror` replaces the address of a Debian or
    /// Ubuntu archive by the one the host uses.
    pub fn from_description(
        repo: &Repository,
        base_dir: &Path,
        mirror: Option<&HostMirror>,
    ) -> Result<RepoSpec, BuildError> {
        let _ = (repo, base_dir, mirror);
        Err(BuildError::Internal {
            message: "repositories cannot be read yet".into(),
        })
    }
}

/// Debian's word for an architecture that KIWI names as the kernel does: `x86_64` is `amd64`.
pub fn debian_arch(arch: &str) -> &str {
    match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "i586" | "i686" | "ix86" => "i386",
        "armv7l" | "armv7hl" => "armhf",
        "armv6l" | "armv6hl" | "armv5el" | "armv5tel" => "armel",
        "ppc64le" => "ppc64el",
        "loongarch64" => "loong64",
        other => other,
    }
}
