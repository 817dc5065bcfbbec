//! The hidden processes between supervisor and worker. None of them starts a thread.
//!
//! - The janitor, in a session of its own: enters the user namespace, starts the init, and removes the scratch
//!   directory, and what the caller knows of beside it, when the job ends or the supervisor is gone (its control pipe
//!   ends).
//! - The init, process 1 of the job's pid namespace: private mounts, a fresh proc, starts the worker, reaps, and ends
//!   with it; the kernel then ends all that is left. It dies with the janitor.
#![allow(clippy::disallowed_methods)] // Mounts and the worker's start.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::cmd::memory_file;
use super::scratch::{self, Scratch};
use super::tree::remove_tree;
use super::wire::{self, Message, Setup, WireError};
use super::{ids, sys};
use crate::error::BuildError;

/// The hidden verb of the worker.
pub(super) const WORKER: &str = "__worker";

/// The janitor's whole life. Gives its exit status.
pub(super) fn janitor(after: impl FnOnce(serde_json::Value)) -> i32 {
    let _ = nix::unistd::setsid();
    ignore_signals();
    sys::close_on_exec_from(3);
    let mut control = BufReader::new(std::io::stdin().lock());
    let Some(setup) = read_line(&mut control).and_then(|line| serde_json::from_str::<Setup>(&line).ok())
    else {
        return 70;
    };
    let scratch = match Scratch::create(&setup.scratch) {
        Ok(scratch) => scratch,
        Err(source) => {
            let path = setup.scratch.parent().unwrap_or(&setup.scratch).to_owned();
            let error = BuildError::Io {
                doing: "cannot write",
                path,
                source,
            };
            say(&Message::Error(WireError::from(error)));
            return 0;
        }
    };
    let ended = start(&setup, &mut control);
    drop(control);
    after(setup.request);
    drop(scratch);
    if let Err(error) = remove_tree(&setup.scratch) {
        say(&Message::Left(format!(
            "cannot remove `{}`: {error}",
            setup.scratch.display()
        )));
    }
    match ended {
        Ok(status) => say(&Message::WorkerEnded(status)),
        Err(error) => say(&Message::Error(WireError::from(error))),
    }
    0
}

fn say(message: &Message) {
    let mut out = std::io::stdout().lock();
    // Where the supervisor is gone there is nobody to tell.
    let _ = out.write_all(&wire::line(message));
    let _ = out.flush();
}

fn read_line(control: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    match control.read_line(&mut line) {
        Ok(count) if count > 0 => Some(line),
        _ => None,
    }
}

fn ignore_signals() {
    for each in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGPIPE] {
        set_signal(each, SigHandler::SigIgn);
    }
}

#[allow(unsafe_code)]
fn set_signal(which: Signal, handler: SigHandler) {
    // SAFETY: only `SigIgn` and `SigDfl` are passed, so that no code runs in a handler.
    let _ = unsafe { signal(which, handler) };
}

/// Starts the job and waits for its end, or for the supervisor's.
fn start(setup: &Setup, control: &mut impl BufRead) -> Result<i32, BuildError> {
    if setup.user_namespace {
        unshare(CloneFlags::CLONE_NEWUSER).map_err(ids::no_namespace)?;
        say(&Message::Unshared);
        if read_line(control).is_none() {
            return Ok(128 + libc::SIGKILL);
        }
        let root = nix::unistd::Uid::from_raw(0);
        let root_group = nix::unistd::Gid::from_raw(0);
        nix::unistd::setgroups(&[])
            .and_then(|()| nix::unistd::setresgid(root_group, root_group, root_group))
            .and_then(|()| nix::unistd::setresuid(root, root, root))
            .map_err(ids::no_namespace)?;
    }
    if let Some(target) = setup.scratch.parent() {
        scratch::remove_stale(target);
    }
    unshare(CloneFlags::CLONE_NEWPID).map_err(ids::no_namespace)?;
    let no_more = |error: std::io::Error| BuildError::Internal {
        message: format!("cannot start: {error}"),
    };
    let (alive_reader, alive_writer) = std::io::pipe().map_err(no_more)?;
    let child = sys::fork_single_threaded().map_err(no_more)?;
    if child == 0 {
        drop(alive_writer);
        let status = init(setup, OwnedFd::from(alive_reader)).unwrap_or_else(|error| {
            say(&Message::Error(WireError::from(error)));
            0
        });
        sys::exit_now(status);
    }
    drop(alive_reader);
    let pid = Pid::from_raw(child);
    let ended = sys::pidfd_open(child).map_err(no_more)?;
    let input = std::io::stdin();
    loop {
        let mut fds = [
            PollFd::new(ended.as_fd(), PollFlags::POLLIN),
            PollFd::new(input.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(no_more(error.into())),
        }
        break;
    }
    // Either way the job is over: kill is harmless to one that has ended, and takes all its processes with it.
    let _ = kill(pid, Signal::SIGKILL);
    drop(alive_writer);
    loop {
        match waitpid(pid, None) {
            Ok(status) => return Ok(exit_status(status)),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(no_more(error.into())),
        }
    }
}

/// Exit status, or 128 + signal.
pub(super) fn exit_status(status: WaitStatus) -> i32 {
    match status {
        WaitStatus::Exited(_, code) => code,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        _ => 70,
    }
}

/// Process 1 of the job.
fn init(setup: &Setup, alive: OwnedFd) -> Result<i32, BuildError> {
    let fault = |error: std::io::Error| BuildError::Internal {
        message: format!("cannot start: {error}"),
    };
    sys::die_with_parent().map_err(fault)?;
    // The janitor may have ended before that: then its end of the pipe is closed.
    let mut fds = [PollFd::new(alive.as_fd(), PollFlags::POLLIN)];
    if poll(&mut fds, PollTimeout::ZERO).is_ok_and(|count| count > 0) {
        return Ok(128 + libc::SIGKILL);
    }
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC).map_err(ids::no_namespace)?;
    make_private().map_err(ids::no_namespace)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, None::<&str>).map_err(ids::no_namespace)?;
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
    for each in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        set_signal(each, SigHandler::SigDfl);
    }
    let input = wire::line(&serde_json::json!({ "scratch": setup.scratch, "request": setup.request }));
    let worker = Command::new("/proc/self/exe")
        .arg(WORKER)
        .stdin(memory_file(&input)?)
        .spawn()
        .map_err(fault)?;
    // Standard input is the control pipe: nobody but the janitor may hold it.
    if let Ok(null) = File::open("/dev/null") {
        let _ = nix::unistd::dup2_stdin(null);
    }
    Ok(reap_until(Pid::from_raw(i32::try_from(worker.id()).unwrap_or(0))))
}

/// No mount made here is ever seen outside, and none made outside changes anything here.
pub(super) fn make_private() -> nix::Result<()> {
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
}

/// Reaps whatever ends until `main` does. Gives its status.
pub(super) fn reap_until(main: Pid) -> i32 {
    loop {
        match waitpid(Pid::from_raw(-1), None) {
            Ok(status) if status.pid() == Some(main) => return exit_status(status),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return 70,
        }
    }
}
