//! The user-visible side of a job: starts the janitor (which starts the worker in its namespaces), writes the id maps,
//! hands the worker's events on, and on a signal ends the job and waits until all is clean. It does no work itself.
#![allow(clippy::disallowed_methods)] // Starts the hidden helper.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use serde::de::DeserializeOwned;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::ids;
use super::scratch::Scratch;
use super::wire::{self, Message, Setup};
use crate::error::{BuildError, IoContext};
use crate::events::{Event, Reporter};

/// The hidden verb of the janitor.
pub(super) const JANITOR: &str = "__janitor";

/// Runs `request` in a worker process (see [`super::hidden`]) in new mount, pid and ipc namespaces, and, where the
/// caller is not root, in a new user namespace. `target` is an existing directory: the worker's scratch directory is
/// made in it.
///
/// On SIGINT, SIGTERM or SIGHUP the job ends with all its processes, its scratch directory is removed, and the result
/// is [`BuildError::Cancelled`]. The same cleaning happens at once where this process is killed.
pub fn supervise<T: DeserializeOwned>(
    request: &impl Serialize,
    target: &Path,
    reporter: &Reporter,
) -> Result<T, BuildError> {
    let signals = Signals::watch()?;
    signals.check()?;
    let scratch = Scratch::place(target);
    let setup = Setup {
        user_namespace: !nix::unistd::geteuid().is_root(),
        scratch: scratch.clone(),
        request: serde_json::to_value(request)
            .map_err(|error| internal(format!("the request cannot be written: {error}")))?,
    };
    let mut janitor = Command::new("/proc/self/exe")
        .arg(JANITOR)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .at("cannot start", "/proc/self/exe")?;
    let mut control = janitor.stdin.take();
    if let Some(pipe) = &mut control {
        // Where this fails the janitor has ended, which is noticed below.
        let _ = pipe.write_all(&wire::line(&setup));
    }
    let mut job = Job {
        control,
        reporter,
        signal: None,
        answer: None,
        ended: None,
    };
    let watched = match janitor.stdout.take() {
        Some(stdout) => job.watch(&janitor, stdout, &signals),
        None => Err(internal("the helper process has no output")),
    };
    // Closing the control pipe makes the janitor end what still runs; its own end means that all is clean.
    drop(job.control.take());
    let status = janitor.wait().at("cannot wait for", "/proc/self/exe")?;
    if scratch.exists() {
        // The janitor was killed itself; what a user namespace owns stays for the next run.
        let _ = super::remove_tree(&scratch);
    }
    watched?;
    if let Some(signal) = job.signal.or_else(|| signals.arrived()) {
        return Err(BuildError::Cancelled { signal });
    }
    match (job.answer, job.ended) {
        (Some(Ok(value)), _) => serde_json::from_value(value)
            .map_err(|error| internal(format!("the worker's answer cannot be read: {error}"))),
        (Some(Err(error)), _) => Err(error),
        (None, Some(ended)) if ended > 128 => Err(internal(format!(
            "the worker was killed by signal {} (is memory short?)",
            ended - 128
        ))),
        (None, Some(ended)) => Err(internal(format!(
            "the worker ended with status {ended} and without an answer"
        ))),
        (None, None) => Err(internal(format!("the helper process ended with {status}"))),
    }
}

fn internal(message: impl Into<String>) -> BuildError {
    BuildError::Internal {
        message: message.into(),
    }
}

struct Job<'r> {
    control: Option<std::process::ChildStdin>,
    reporter: &'r Reporter,
    signal: Option<i32>,
    answer: Option<Result<serde_json::Value, BuildError>>,
    ended: Option<i32>,
}

impl Job<'_> {
    fn watch(
        &mut self,
        janitor: &Child,
        mut stdout: ChildStdout,
        signals: &Signals,
    ) -> Result<(), BuildError> {
        let broken = "cannot read the messages of";
        let mut pending = Vec::new();
        let mut buffer = vec![0u8; 64 << 10];
        loop {
            let (message, signal) = {
                let mut fds = [
                    PollFd::new(stdout.as_fd(), PollFlags::POLLIN),
                    PollFd::new(signals.reader.as_fd(), PollFlags::POLLIN),
                ];
                match poll(&mut fds, PollTimeout::NONE) {
                    Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                    Err(error) => return Err(std::io::Error::from(error)).at(broken, "the worker"),
                }
                let [message, signal] = fds.map(|fd| fd.revents().is_some_and(|events| !events.is_empty()));
                (message, signal)
            };
            if signal {
                let _ = (&signals.reader).read(&mut buffer);
            }
            if signal && self.signal.is_none() {
                self.signal = signals.arrived();
                if self.signal.is_some() {
                    drop(self.control.take());
                }
            }
            if !message {
                continue;
            }
            let count = match stdout.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).at(broken, "the worker"),
            };
            let mut bytes = buffer.get(..count).unwrap_or(&[]);
            while let Some(end) = memchr::memchr(b'\n', bytes) {
                let (line, rest) = bytes.split_at(end);
                pending.extend_from_slice(line);
                let message = serde_json::from_slice(&pending)
                    .map_err(|error| internal(format!("the worker said what cannot be read: {error}")))?;
                self.take(message, janitor)?;
                pending.clear();
                bytes = rest.get(1..).unwrap_or(&[]);
            }
            pending.extend_from_slice(bytes);
        }
    }

    fn take(&mut self, message: Message, janitor: &Child) -> Result<(), BuildError> {
        match message {
            Message::Unshared => {
                ids::write_maps(janitor.id())?;
                if let Some(pipe) = &mut self.control {
                    let _ = pipe.write_all(b"mapped\n");
                }
            }
            // After a signal the job is as good as gone: a late failure of a killed tool would only confuse.
            Message::Event(event) if self.signal.is_none() => self.reporter.send(event),
            Message::Event(_) => {}
            Message::Reply(value) => self.answer = Some(Ok(value)),
            Message::Error(error) => self.answer = Some(Err(error.into())),
            Message::WorkerEnded(status) => self.ended = Some(status),
            Message::Left(message) => {
                self.reporter.send(Event::Warning {
                    step: "clean".to_owned(),
                    message,
                });
            }
        }
        Ok(())
    }
}

/// While one of these lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the process. What one has noted is
/// known to all that begin while it lives: a signal between two jobs ends the second before it starts.
#[derive(Debug)]
pub struct Signals {
    reader: UnixStream,
    registered: Vec<signal_hook::SigId>,
}

/// What all watchers share.
struct Noted {
    /// How many watchers live.
    watchers: Mutex<usize>,
    /// True while nobody watches.
    idle: Arc<AtomicBool>,
    /// Which signals came since somebody watches.
    seen: [(i32, Arc<AtomicBool>); 3],
}

/// Registers, once, what the signals do: while nobody watches the process ends with 128 + signal.
fn noted() -> &'static Noted {
    static NOTED: OnceLock<Noted> = OnceLock::new();
    NOTED.get_or_init(|| {
        let idle = Arc::new(AtomicBool::new(true));
        let seen = [SIGINT, SIGTERM, SIGHUP].map(|signal| {
            let flag = Arc::new(AtomicBool::new(false));
            // This cannot fail for these signals; if it did, the signal would keep its default.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&idle));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
            (signal, flag)
        });
        Noted {
            watchers: Mutex::new(0),
            idle,
            seen,
        }
    })
}

impl Signals {
    /// From now on a signal ends the process with 128 + its number, and no longer by itself. For the time in which
    /// nothing is to be cleaned up.
    pub fn exit() {
        noted();
    }

    /// Begins to watch.
    pub fn watch() -> Result<Self, BuildError> {
        let fault = |error| internal(format!("signals cannot be watched: {error}"));
        let (reader, writer) = UnixStream::pair().map_err(fault)?;
        let noted = noted();
        let mut watch = Self {
            reader,
            registered: Vec::new(),
        };
        for (signal, _) in &noted.seen {
            let writer = writer.try_clone().map_err(fault)?;
            let id = signal_hook::low_level::pipe::register(*signal, writer).map_err(fault)?;
            watch.registered.push(id);
        }
        // Last: a signal that arrives before all is registered still ends the process, instead of being lost.
        let mut watchers = noted.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        if *watchers == 0 {
            for (_, seen) in &noted.seen {
                seen.store(false, Ordering::SeqCst);
            }
        }
        *watchers += 1;
        noted.idle.store(false, Ordering::SeqCst);
        Ok(watch)
    }

    /// [`BuildError::Cancelled`] where a signal has come.
    pub fn check(&self) -> Result<(), BuildError> {
        match self.arrived() {
            Some(signal) => Err(BuildError::Cancelled { signal }),
            None => Ok(()),
        }
    }

    fn arrived(&self) -> Option<i32> {
        let seen = &noted().seen;
        let come = |(signal, seen): &(i32, Arc<AtomicBool>)| seen.load(Ordering::SeqCst).then_some(*signal);
        seen.iter().find_map(come)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            signal_hook::low_level::unregister(id);
        }
        let noted = noted();
        let mut watchers = noted.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        *watchers -= 1;
        if *watchers == 0 {
            noted.idle.store(true, Ordering::SeqCst);
        }
    }
}
