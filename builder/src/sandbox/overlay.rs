//! Overlay mounts inside the worker's own mount namespace: a writable view of a tree that leaves the tree as it is.
#![allow(clippy::disallowed_methods)] // A mount, in the worker's namespace only.

use std::io;
use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::error::{BuildError, IoContext};

/// A mounted overlay. It ends with this value, at the latest with the worker.
#[derive(Debug)]
pub struct Overlay {
    at: std::path::PathBuf,
}

/// Mounts `lower` with `upper` above it at `at`. `upper` and `work` are empty directories on one file system (in the
/// worker's scratch directory, say); all four exist. Works as root and in a user namespace.
///
/// Call it in a worker only: elsewhere the mount would be made in the host's namespace, which is refused.
pub fn overlay(lower: &Path, upper: &Path, work: &Path, at: &Path) -> Result<Overlay, BuildError> {
    if !in_worker() {
        return Err(BuildError::Internal {
            message: "an overlay was asked for outside of a worker".to_owned(),
        });
    }
    let mut options = b"lowerdir=".to_vec();
    escape(lower, &mut options);
    options.extend_from_slice(b",upperdir=");
    escape(upper, &mut options);
    options.extend_from_slice(b",workdir=");
    escape(work, &mut options);
    let in_user_namespace = std::fs::read_to_string("/proc/self/uid_map")
        .is_ok_and(|map| map.split_whitespace().collect::<Vec<_>>() != ["0", "0", "4294967295"]);
    options.extend_from_slice(if in_user_namespace {
        b",userxattr"
    } else {
        b",index=off,metacopy=off"
    });
    let options = std::ffi::OsString::from(
        String::from_utf8(options)
            .map_err(|_| io::ErrorKind::InvalidFilename.into())
            .at("cannot mount", at)?,
    );
    mount(
        Some("overlay"),
        at,
        Some("overlay"),
        MsFlags::empty(),
        Some(options.as_os_str()),
    )
    .map_err(io::Error::from)
    .at("cannot mount", at)?;
    Ok(Overlay { at: at.to_owned() })
}

impl Drop for Overlay {
    fn drop(&mut self) {
        // What still holds it busy ends with the namespace.
        let _ = umount2(&self.at, MntFlags::MNT_DETACH);
    }
}

/// True in a process whose mounts nobody else sees: the worker is in the pid namespace that its init made, and that
/// init has made its own mount namespace.
fn in_worker() -> bool {
    nix::unistd::getppid().as_raw() == 1
        && std::env::args_os()
            .nth(1)
            .is_some_and(|verb| verb == super::janitor::WORKER)
}

fn escape(path: &Path, into: &mut Vec<u8>) {
    use std::os::unix::ffi::OsStrExt;
    for byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'\\' | b':' | b',') {
            into.push(b'\\');
        }
        into.push(*byte);
    }
}
