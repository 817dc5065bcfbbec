//! Test data beside the repository, for the tests of this folder: `APTERYX_SHARED`, else `../shared`.
#![allow(clippy::print_stderr)] // A test may.

use std::path::{Path, PathBuf};

/// The folder of the test data, where it holds `file`. Elsewhere none, with a loud line; in CI that is a failure.
pub fn shared(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("APTERYX_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    if folder.join(file).is_file() {
        return Some(folder);
    }
    let why = format!("no `{file}` in {} (set APTERYX_SHARED)", folder.display());
    assert!(std::env::var_os("CI").is_none_or(|v| v != "true"), "{why}");
    eprintln!("SKIPPED: {why}");
    None
}
