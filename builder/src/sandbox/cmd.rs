//! One command, run to its end: cleared environment, lines streamed to the step's log, a bounded tail kept. It must
//! never wait for a daemon that a tool left behind, and never keep a tool's whole output unless asked to.
#![allow(clippy::disallowed_methods)] // The one place where processes start.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::sys;
use crate::error::{BuildError, IoContext};
use crate::events::Step;

/// Where tools are looked for, on the host and in a tree.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Lines of output kept for an error message.
pub const TAIL_LINES: usize = 20;
/// A longer line is cut into several.
const MAX_LINE: usize = 4096;
/// The most that `capture` keeps.
const MAX_CAPTURE: usize = 256 << 20;

/// A command. Its environment is `PATH`, `LANG=C.UTF-8` and what `env` adds; its standard input is empty unless given.
#[derive(Debug, Clone, Default)]
pub struct Cmd {
    /// Name (looked up in [`PATH`]) or path.
    pub program: OsString,
    /// Arguments.
    pub args: Vec<OsString>,
    /// Added to the cleared environment.
    pub env: Vec<(OsString, OsString)>,
    /// Working directory; `/` where none is given.
    pub cwd: Option<PathBuf>,
    /// All that it reads on standard input.
    pub stdin: Vec<u8>,
    /// Keep its standard output in [`Output::stdout`] instead of logging it.
    pub capture: bool,
    /// What it is to do, for messages: "making the file system". Its program's name where empty.
    pub doing: String,
}

impl Cmd {
    /// The command `program` without arguments.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            ..Self::default()
        }
    }

    /// With one more argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With more arguments.
    pub fn args<I, S>(mut self, args: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With an environment variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// In this directory.
    pub fn cwd(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cwd = Some(dir.into());
        self
    }

    /// Reading this.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Keeping its standard output.
    pub fn capture(mut self) -> Self {
        self.capture = true;
        self
    }

    /// Said in messages: "… while making the file system".
    pub fn doing(mut self, doing: impl Into<String>) -> Self {
        self.doing = doing.into();
        self
    }

    /// The program's file name.
    pub fn name(&self) -> String {
        let path = std::path::Path::new(&self.program);
        path.file_name()
            .unwrap_or(OsStr::new(""))
            .to_string_lossy()
            .into_owned()
    }

    /// The error for an end of this command that is none of success.
    pub fn failed(&self, output: Output) -> BuildError {
        let doing = if self.doing.is_empty() {
            format!("running `{}`", self.name())
        } else {
            self.doing.clone()
        };
        BuildError::Tool {
            tool: self.name(),
            status: output.status,
            doing,
            tail: output.tail,
            place: None,
            help: None,
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Exit status, or 128 + signal.
    pub status: i32,
    /// Standard output, where it was captured.
    pub stdout: Vec<u8>,
    /// The last lines it printed, at most [`TAIL_LINES`].
    pub tail: Vec<String>,
}

impl Output {
    /// True for status 0.
    pub fn success(&self) -> bool {
        self.status == 0
    }

    /// Captured standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Runs a tool of the host to its end. A tool that is not there is [`BuildError::Host`], one that fails
/// [`BuildError::Tool`]; its lines go to `step`.
pub fn run_tool(cmd: &Cmd, step: Option<&Step>) -> Result<Output, BuildError> {
    let output = try_tool(cmd, step)?;
    if output.success() {
        Ok(output)
    } else {
        Err(cmd.failed(output))
    }
}

/// As [`run_tool`], but the caller judges the status.
pub fn try_tool(cmd: &Cmd, step: Option<&Step>) -> Result<Output, BuildError> {
    let cwd = cmd.cwd.clone().unwrap_or_else(|| PathBuf::from("/"));
    std::fs::metadata(&cwd).at("cannot enter", &cwd)?;
    let mut command = Command::new(&cmd.program);
    command
        .args(&cmd.args)
        .current_dir(&cwd)
        .env_clear()
        .env("PATH", PATH)
        .env("LANG", "C.UTF-8");
    command.envs(cmd.env.iter().map(|(name, value)| (name, value)));
    command.stdin(memory_file(&cmd.stdin)?);
    stream(command, cmd, step)
}

/// Starts `command` and reads what it prints until it ends; then what is left in the pipes, without waiting for others
/// that may hold them open.
pub(super) fn stream(mut command: Command, cmd: &Cmd, step: Option<&Step>) -> Result<Output, BuildError> {
    let pipes = |_| BuildError::Internal {
        message: "the kernel gives no more pipes".to_owned(),
    };
    let (log_reader, log_writer) = std::io::pipe().map_err(pipes)?;
    let mut capture_reader = None;
    if cmd.capture {
        let (reader, writer) = std::io::pipe().map_err(pipes)?;
        command.stdout(writer);
        capture_reader = Some(File::from(OwnedFd::from(reader)));
    } else {
        command.stdout(log_writer.try_clone().map_err(pipes)?);
    }
    command.stderr(log_writer);
    let spawned = command.spawn();
    // The command holds the pipes' write ends: without this they would never end.
    drop(command);
    let mut child = spawned.map_err(|source| not_started(cmd, source))?;
    let mut log = LineSink::new(step);
    let mut captured = Vec::new();
    let mut log_reader = Some(File::from(OwnedFd::from(log_reader)));
    let status = pump(
        &mut child,
        &mut log_reader,
        &mut log,
        &mut capture_reader,
        &mut captured,
    )
    .at("cannot read the output of", cmd.program.clone())?;
    log.finish();
    let status = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Output {
        status,
        stdout: captured,
        tail: log.tail.into(),
    })
}

fn not_started(cmd: &Cmd, source: std::io::Error) -> BuildError {
    let name = cmd.name();
    if source.kind() == std::io::ErrorKind::NotFound {
        if let Some(tool) = crate::tools::TOOLS.iter().find(|tool| tool.name == name) {
            return crate::tools::missing(tool);
        }
        return BuildError::Host {
            code: "missing-tool",
            message: format!("the host has no `{name}`"),
            help: Some("`apteryx doctor` lists the tools and the packages that bring them".to_owned()),
        };
    }
    BuildError::Io {
        doing: "cannot start",
        path: PathBuf::from(&cmd.program),
        source,
    }
}

/// An unnamed file in memory that holds `bytes`, read from its start.
pub(super) fn memory_file(bytes: &[u8]) -> Result<Stdio, BuildError> {
    if bytes.is_empty() {
        return Ok(Stdio::null());
    }
    let fill = || -> std::io::Result<File> {
        let fd = nix::sys::memfd::memfd_create(c"stdin", nix::sys::memfd::MFdFlags::MFD_CLOEXEC)?;
        let mut file = File::from(fd);
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file)
    };
    Ok(Stdio::from(
        fill().at("cannot write", "standard input of a tool")?,
    ))
}

fn pump(
    child: &mut Child,
    log_reader: &mut Option<File>,
    log: &mut LineSink<'_>,
    capture_reader: &mut Option<File>,
    captured: &mut Vec<u8>,
) -> std::io::Result<std::process::ExitStatus> {
    let ended = sys::pidfd_open(i32::try_from(child.id()).unwrap_or(0))?;
    let mut buffer = vec![0u8; 64 << 10];
    let mut over = false;
    loop {
        let (log_ready, capture_ready, child_ended) = {
            let mut fds = vec![PollFd::new(ended.as_fd(), PollFlags::POLLIN)];
            for reader in [&*log_reader, &*capture_reader].into_iter().flatten() {
                fds.push(PollFd::new(reader.as_fd(), PollFlags::POLLIN));
            }
            // Once the child has ended, only what is in the pipes already is read.
            let timeout = if over {
                PollTimeout::ZERO
            } else {
                PollTimeout::NONE
            };
            match poll(&mut fds, timeout) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let mut ready = fds
                .iter()
                .map(|fd| fd.revents().is_some_and(|events| !events.is_empty()));
            let child_ended = ready.next().unwrap_or(false);
            let log_ready = log_reader.is_some() && ready.next().unwrap_or(false);
            let capture_ready = capture_reader.is_some() && ready.next().unwrap_or(false);
            (log_ready, capture_ready, child_ended)
        };
        if log_ready {
            match read_some(log_reader, &mut buffer)? {
                Some(bytes) => log.write(bytes),
                None => *log_reader = None,
            }
        }
        if capture_ready {
            match read_some(capture_reader, &mut buffer)? {
                Some(bytes) if captured.len() + bytes.len() <= MAX_CAPTURE => {
                    captured.extend_from_slice(bytes)
                }
                Some(_) => {}
                None => *capture_reader = None,
            }
        }
        if over && !log_ready && !capture_ready {
            return child.wait();
        }
        over |= child_ended;
    }
}

fn read_some<'b>(reader: &mut Option<File>, buffer: &'b mut [u8]) -> std::io::Result<Option<&'b [u8]>> {
    let Some(file) = reader else { return Ok(None) };
    match file.read(buffer) {
        Ok(0) => Ok(None),
        Ok(count) => Ok(buffer.get(..count)),
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(Some(&[])),
        Err(error) => Err(error),
    }
}

/// Cuts a stream of bytes into lines, sends them to the step and keeps the last ones.
pub(super) struct LineSink<'s> {
    step: Option<&'s Step>,
    partial: Vec<u8>,
    /// The last lines, at most [`TAIL_LINES`].
    pub tail: VecDeque<String>,
}

impl<'s> LineSink<'s> {
    pub fn new(step: Option<&'s Step>) -> Self {
        Self {
            step,
            partial: Vec::new(),
            tail: VecDeque::new(),
        }
    }

    pub fn write(&mut self, mut bytes: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            self.partial.extend_from_slice(line);
            self.flush();
            bytes = rest.get(1..).unwrap_or(&[]);
        }
        self.partial.extend_from_slice(bytes);
        while self.partial.len() > MAX_LINE {
            let rest = self.partial.split_off(MAX_LINE);
            self.flush();
            self.partial = rest;
        }
    }

    pub fn finish(&mut self) {
        if !self.partial.is_empty() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let text = String::from_utf8_lossy(&self.partial);
        let text = text.trim_end_matches('\r');
        // A line drawn over itself (`12%\r13%\r14%`): what would be seen at the end.
        let line = text.rsplit('\r').next().unwrap_or("").to_owned();
        self.partial.clear();
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line.clone());
        if let Some(step) = self.step {
            step.log(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_lines_and_the_status() {
        let cmd = Cmd::new("sh")
            .arg("-c")
            .arg("for i in $(seq 30); do echo line $i; done; echo oops >&2; exit 3");
        let output = try_tool(&cmd, None).expect("sh starts");
        assert_eq!(output.status, 3);
        assert_eq!(output.tail.len(), TAIL_LINES);
        assert_eq!(output.tail.last().map(String::as_str), Some("oops"));
    }

    #[test]
    fn has_a_cleared_environment() {
        let output = run_tool(&Cmd::new("env").env("A", "b").capture(), None).expect("env runs");
        let mut lines: Vec<_> = output.text().lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(
            lines,
            [
                "A=b".to_owned(),
                "LANG=C.UTF-8".to_owned(),
                format!("PATH={PATH}")
            ]
        );
    }

    #[test]
    fn reads_its_input_and_captures() {
        let output = run_tool(
            &Cmd::new("wc").arg("-c").stdin(vec![b'x'; 200_000]).capture(),
            None,
        )
        .expect("wc runs");
        assert_eq!(output.text().trim(), "200000");
    }

    #[test]
    fn does_not_wait_for_a_daemon() {
        let started = std::time::Instant::now();
        let cmd = Cmd::new("sh").arg("-c").arg("sleep 20 & echo $!").capture();
        let output = run_tool(&cmd, None).expect("sh runs");
        assert!(started.elapsed().as_secs() < 10);
        let daemon: i32 = output.text().trim().parse().expect("its number");
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(daemon),
            nix::sys::signal::Signal::SIGKILL,
        )
        .expect("it runs");
    }

    #[test]
    fn names_a_missing_tool() {
        let error = run_tool(&Cmd::new("no-such-tool-here"), None).expect_err("it is missing");
        assert_eq!((error.code(), error.exit_code()), ("missing-tool", 4));
    }

    #[test]
    fn cuts_endless_lines() {
        let mut sink = LineSink::new(None);
        sink.write(&vec![b'a'; 3 * MAX_LINE]);
        sink.write(b"\nprogress 1%\rprogress 2%\r\nend");
        sink.finish();
        assert_eq!(
            sink.tail.iter().map(String::len).collect::<Vec<_>>(),
            [4096, 4096, 4096, 11, 3]
        );
    }
}
