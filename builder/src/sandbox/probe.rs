//! Tries what builds need of the kernel, instead of reading what its settings say: there are hosts whose settings allow a
//! user namespace that then may do nothing (AppArmor), and containers that refuse one. Leaves nothing: what is made ends
//! with the process that made it.
#![allow(clippy::disallowed_methods, unsafe_code)] // Starts a process; namespaces are made between fork and exec.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};

use super::janitor::make_private;
use super::{ids, supervise};
use crate::error::BuildError;
use crate::events::Reporter;

/// A process in a user namespace of its own may make mounts in a mount namespace of its own.
pub fn user_namespace() -> Result<(), BuildError> {
    let mut command = Command::new("/proc/self/exe");
    command
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: between fork and exec only system calls that are safe there are made, and nothing is allocated.
    unsafe {
        command.pre_exec(|| {
            unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
            make_private()?;
            Ok(())
        });
    }
    let refused = |error: std::io::Error| {
        let errno = error
            .raw_os_error()
            .map_or(nix::errno::Errno::EPERM, nix::errno::Errno::from_raw);
        ids::no_namespace(errno)
    };
    let mut child = command.spawn().map_err(refused)?;
    // That it started is the answer; how it ends says nothing.
    child.wait().map_err(refused)?;
    Ok(())
}

/// A job that does nothing runs in a worker, in the namespaces of a build, with the id maps of a build.
pub fn job() -> Result<(), BuildError> {
    let target = tempfile::tempdir().map_err(|source| BuildError::Io {
        doing: "cannot write",
        path: std::env::temp_dir(),
        source,
    })?;
    supervise(
        &crate::jobs::WorkerRequest::Remove(Vec::new()),
        target.path(),
        &Reporter::silent(),
    )
}
