//! What the last look at a Debian repository found, and where that and the indexes lie in the store. Asks no mirror.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fetch::Validators;
use super::index::{self, Index};
use super::spec::RepoSpec;
use super::universe::Repo;
use crate::error::BuildError;
use crate::store::{Ring, Store};

/// What the last look at a repository found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// What the mirror said of the Release, to ask whether it has changed.
    pub validators: Validators,
    /// Of the text of the Release.
    pub release_sha256: String,
    /// When it expires, in seconds of Unix time.
    pub valid_until: Option<u64>,
    /// When it was looked at, in seconds of Unix time.
    pub checked: u64,
    /// The keys of the indexes in the store.
    pub indexes: Vec<String>,
}

/// Opens what the last refresh left; none where a part is missing.
pub fn open(spec: &RepoSpec, arch: &str, store: &Store) -> Option<Repo> {
    load(spec, &read(spec, arch, store)?, store)
}

/// The repository as a state has it; none where an index is missing.
pub(super) fn load(spec: &RepoSpec, state: &State, store: &Store) -> Option<Repo> {
    let paths: Vec<PathBuf> = state.indexes.iter().map(|key| index_path(store, key)).collect();
    store.hold(&paths).ok()?;
    let indexes = paths
        .iter()
        .map(|path| Index::open(path).ok())
        .collect::<Option<Vec<_>>>()?;
    let checked = UNIX_EPOCH + Duration::from_secs(state.checked);
    Some(Repo {
        spec: spec.clone(),
        indexes,
        checked,
    })
}

/// Seconds of Unix time.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Where an index lies.
pub(super) fn index_path(store: &Store, key: &str) -> PathBuf {
    let version = String::from_utf8_lossy(index::MAGIC).into_owned();
    store.entry_path(Ring::Metadata, &format!("{key}.{version}"))
}

/// Everything that the verdict on a repository depends on is in the name of its state.
fn state_path(spec: &RepoSpec, arch: &str, store: &Store) -> PathBuf {
    let key = format!(
        "{}\n{:?}\n{arch}\n{}\n{:?}",
        spec.uri, spec.kind, spec.check_metadata, spec.signing_keys
    );
    store.entry_path(
        Ring::Metadata,
        &format!("state-{}.json", hex::encode(Sha256::digest(key.as_bytes()))),
    )
}

/// The state of the last look, where there is one.
pub(super) fn read(spec: &RepoSpec, arch: &str, store: &Store) -> Option<State> {
    let path = state_path(spec, arch, store);
    store.hold(std::slice::from_ref(&path)).ok()?;
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Keeps the state of a look.
pub(super) fn write(spec: &RepoSpec, arch: &str, store: &Store, state: &State) -> Result<(), BuildError> {
    use std::io::Write;
    let path = state_path(spec, arch, store);
    let text = serde_json::to_vec(state).map_err(|e| BuildError::Internal {
        message: e.to_string(),
    })?;
    let mut file = store.temporary()?;
    let written = file.write_all(&text);
    written.map_err(|source| BuildError::Io {
        doing: "cannot write",
        path: file.path().to_path_buf(),
        source,
    })?;
    store.keep(file, &path)
}
