//! A child process in a session of its own whose lines are read while it runs (a build that the language server
//! started). Its whole group gets the signals; it is told to end where this process ends. It reads nothing.
#![allow(clippy::disallowed_methods, unsafe_code)] // Starts a process; the session is made between fork and exec.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::error::{BuildError, IoContext};

/// One line that the child wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// On standard output.
    Out(String),
    /// On standard error.
    Err(String),
}

/// The process group of a running child. Ended groups get no signal: the number may be another's by then.
#[derive(Debug, Clone)]
pub struct Group(std::sync::Arc<std::sync::Mutex<Option<i32>>>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Ok(group) = self.0.lock()
            && let Some(group) = *group
        {
            // It may be gone already.
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }

    /// Asks it to end (`SIGTERM`).
    pub fn end(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Ends it at once (`SIGKILL`).
    pub fn kill(&self) {
        self.signal(Signal::SIGKILL);
    }
}

/// A line is cut at this length, so that output without line ends takes no memory.
const MAX_LINE: u64 = 64 << 10;

/// Runs `program` to its end on this thread. `started` gets its group, `line` each line as it comes. Gives the exit
/// status, or 128 + signal. The environment and working directory are this process's own.
pub fn run_child(
    program: &Path,
    args: &[OsString],
    started: impl FnOnce(Group),
    mut line: impl FnMut(Line),
) -> Result<i32, BuildError> {
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let parent = nix::unistd::getpid();
    // SAFETY: between fork and exec only system calls that are safe there are made, and nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            nix::unistd::setsid()?;
            nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?;
            // The parent may have ended before the line above.
            if nix::unistd::getppid() == parent {
                Ok(())
            } else {
                Err(nix::errno::Errno::ESRCH.into())
            }
        });
    }
    let mut child = command.spawn().at("cannot start", program)?;
    let group = Group(std::sync::Arc::new(std::sync::Mutex::new(
        i32::try_from(child.id()).ok(),
    )));
    started(group.clone());
    let (send, lines) = channel();
    let follow = |pipe: Option<Box<dyn Read + Send>>, wrap: fn(String) -> Line| {
        let Some(pipe) = pipe else { return };
        let send = send.clone();
        std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut bytes = Vec::new();
            while let Ok(1..) = (&mut pipe).take(MAX_LINE).read_until(b'\n', &mut bytes) {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.trim_end_matches(['\n', '\r']).to_owned();
                if send.send(wrap(text)).is_err() {
                    return;
                }
                bytes.clear();
            }
        });
    };
    follow(child.stdout.take().map(|p| Box::new(p) as _), Line::Out);
    follow(child.stderr.take().map(|p| Box::new(p) as _), Line::Err);
    drop(send);
    for one in lines {
        line(one);
    }
    let status = {
        // Not reaped while a signal is on its way: the number stays its own.
        let waiting = nix::sys::wait::waitid(
            nix::sys::wait::Id::Pid(Pid::from_raw(i32::try_from(child.id()).unwrap_or(0))),
            nix::sys::wait::WaitPidFlag::WEXITED | nix::sys::wait::WaitPidFlag::WNOWAIT,
        );
        if let (Ok(_), Ok(mut group)) = (waiting, group.0.lock()) {
            *group = None;
        }
        child.wait().at("cannot wait for", program)?
    };
    Ok(status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, started: impl FnOnce(Group)) -> (i32, Vec<Line>) {
        let mut lines = Vec::new();
        let args = ["-c".into(), script.into()];
        let status = run_child(Path::new("/bin/sh"), &args, started, |l| lines.push(l)).unwrap();
        lines.sort_by_key(|l| format!("{l:?}"));
        (status, lines)
    }

    #[test]
    fn lines_come_from_both_streams_and_the_status_is_given() {
        let (status, lines) = shell("echo a; echo b >&2; printf c; exit 3", |_| {});
        assert_eq!(status, 3);
        let (a, b, c) = ("a".to_owned(), "b".to_owned(), "c".to_owned());
        assert_eq!(lines, [Line::Err(b), Line::Out(a), Line::Out(c)]);
    }

    #[test]
    fn a_signal_reaches_what_the_child_started() {
        let begun = std::time::Instant::now();
        let (status, _) = shell("sleep 60 & sleep 60; wait", |group| {
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(200));
                group.end();
            });
        });
        // The pipes close only when the last holder is gone.
        assert_eq!(status, 128 + 15);
        assert!(begun.elapsed().as_secs() < 20);
    }
}
