//! Runs the scripts of a description in the tree: as they are where they are executable, else through bash; with KIWI's
//! variables as their environment, `/` as working directory and `/image/NAME` as their name. For a script that bash runs
//! the line that failed is found by a trace that the script does not see.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{BuildError, IoContext};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox};

/// Where the tree sees the trace.
const TRACE_DIR: &str = "/run/apteryx";
/// The descriptor of the trace: high enough for no script to use it.
const TRACE_FD: &str = "219";

/// A script to run.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its name in `/image` of the tree.
    pub name: String,
    /// Where it stands in the description, for messages.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Directories of the host that it sees writable: from, to.
    pub binds: Vec<(PathBuf, PathBuf)>,
}

/// Runs `/image/NAME` of the tree, where it is there. `helpers` is a directory of the worker for the trace.
pub fn run(
    root: &mut Root,
    name: &str,
    dir: &Path,
    variables: &BTreeMap<String, String>,
    helpers: &Path,
    step: &Step,
) -> Result<(), BuildError> {
    let call = Call {
        name: name.to_owned(),
        path: dir.join(name),
        args: Vec::new(),
        binds: Vec::new(),
    };
    run_call(root, &call, variables, helpers, step)
}

/// As [`run`], with arguments and directories of the host.
pub fn run_call(
    root: &mut Root,
    call: &Call,
    variables: &BTreeMap<String, String>,
    helpers: &Path,
    step: &Step,
) -> Result<(), BuildError> {
    let inside = format!("/image/{}", call.name);
    let Ok(text) = root.read(&inside) else {
        return Ok(());
    };
    let executable = root
        .stat(Path::new(&inside))
        .is_ok_and(|stat| stat.st_mode & 0o111 != 0);
    let text = String::from_utf8_lossy(&text).into_owned();
    let trace = Trace::new(&text, executable, helpers)?;
    let mut sandbox = Sandbox::new(root.path()).network(true);
    let mut cmd = match &trace {
        Some(trace) => {
            sandbox = sandbox.bind_rw(&trace.dir, TRACE_DIR);
            Cmd::new("/bin/bash")
                .args(&trace.options)
                .arg(&inside)
                .env("BASH_ENV", format!("{TRACE_DIR}/begin"))
        }
        None if executable => Cmd::new(&inside),
        None => Cmd::new("/bin/bash").arg(&inside),
    };
    cmd = cmd.args(&call.args);
    for (from, to) in &call.binds {
        sandbox = sandbox.bind_rw(from, to);
    }
    for (variable, value) in variables {
        cmd = cmd.env(variable, value);
    }
    let resolver = Resolver::place(root)?;
    let result = std::thread::scope(|scope| {
        let reader = trace
            .as_ref()
            .map(|trace| scope.spawn(|| trace.last_line(&inside)));
        let output = sandbox.run_unchecked(&cmd, Some(step));
        if let Some(trace) = &trace {
            trace.over.store(true, Ordering::SeqCst);
        }
        let line = reader.and_then(|reader| reader.join().ok()).flatten();
        output.map(|output| (output, line))
    });
    root.forget();
    resolver.take_back(root)?;
    let (mut output, line) = result?;
    if output.success() {
        return Ok(());
    }
    // Bash runs what stands before the line that it cannot read.
    let line = unread_line(&output.tail, &inside).or(line);
    let line = match missing_interpreter(&text, root).filter(|_| executable) {
        Some(program) => {
            output.tail = vec![format!("the tree has no `{program}`, which its first line names")];
            Some(1)
        }
        None => line,
    };
    Err(BuildError::Script {
        script: call.name.clone(),
        status: output.status,
        tail: output.tail,
        line,
        path: call.path.clone(),
    })
}

/// The line that bash could not read: `/image/config.sh: line 3: syntax error near …`.
fn unread_line(tail: &[String], inside: &str) -> Option<u32> {
    let start = format!("{inside}: line ");
    tail.iter().find_map(|said| {
        let (number, reason) = said.strip_prefix(&start)?.split_once(": ")?;
        let unread = reason.starts_with("syntax error") || reason.starts_with("unexpected EOF");
        number.parse().ok().filter(|_| unread)
    })
}

/// The program that the first line names, where the tree does not have it.
fn missing_interpreter(text: &str, root: &Root) -> Option<String> {
    let program = text
        .lines()
        .next()?
        .strip_prefix("#!")?
        .split_whitespace()
        .next()?;
    (program.starts_with('/') && !root.exists(program)).then(|| program.to_owned())
}

struct Trace {
    dir: PathBuf,
    pipe: File,
    options: Vec<String>,
    over: AtomicBool,
}

impl Trace {
    /// None where the script is not bash's, or traces itself (its output would be lost).
    fn new(text: &str, executable: bool, helpers: &Path) -> Result<Option<Self>, BuildError> {
        let options = match text.lines().next().and_then(|first| first.strip_prefix("#!")) {
            Some(interpreter) if executable => {
                let mut words = interpreter.split_whitespace();
                let program = words.next().unwrap_or("");
                let program = if program.ends_with("/env") {
                    words.next().unwrap_or("")
                } else {
                    program
                };
                if program != "bash" && !program.ends_with("/bash") {
                    return Ok(None);
                }
                words.map(str::to_owned).collect()
            }
            None if executable => return Ok(None),
            _ => Vec::new(),
        };
        let traces = |line: &str| {
            let line = line.trim_start();
            line.contains("xtrace")
                || (line.starts_with("set -") && line.split('#').next().is_some_and(|l| l.contains('x')))
        };
        if text.lines().any(traces) || options.iter().any(|option: &String| option.contains('x')) {
            return Ok(None);
        }
        let dir = helpers.join("trace");
        let _ = crate::sandbox::remove_tree(&dir);
        std::fs::create_dir(&dir).at("cannot write", &dir)?;
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).at("cannot write", &dir)?;
        let path = dir.join("trace");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::from_bits_truncate(0o622))
            .map_err(std::io::Error::from)
            .at("cannot write", &path)?;
        // Read by bash before the script, and by no other program after that: bash run by root takes no `PS4` from its
        // environment, and refuses a descriptor that is not open yet.
        let begin = format!(
            "unset BASH_ENV\nexec {TRACE_FD}>{TRACE_DIR}/trace\nBASH_XTRACEFD={TRACE_FD}\n\
             PS4='+${{BASH_SOURCE}}:${{LINENO}}:'\nset -x\n"
        );
        std::fs::write(dir.join("begin"), begin).at("cannot write", &dir)?;
        // Open for both: the script's end of the pipe never meets a reader that is not there.
        let pipe = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(&path)
            .at("cannot read", &path)?;
        Ok(Some(Self {
            dir,
            pipe,
            options,
            over: AtomicBool::new(false),
        }))
    }

    /// Reads the trace to its end and gives the last line of the script itself that it names.
    fn last_line(&self, script: &str) -> Option<u32> {
        let start = format!("{script}:");
        let mut last = None;
        let mut pending = Vec::new();
        let mut buffer = vec![0u8; 64 << 10];
        loop {
            let over = self.over.load(Ordering::SeqCst);
            match (&self.pipe).read(&mut buffer) {
                Ok(count) if count > 0 => {
                    pending.extend_from_slice(buffer.get(..count).unwrap_or(&[]));
                    while let Some(end) = memchr::memchr(b'\n', &pending) {
                        let line: Vec<u8> = pending.drain(..=end).collect();
                        let line = String::from_utf8_lossy(&line);
                        let rest = line.trim_start_matches('+').strip_prefix(&start);
                        let number = rest
                            .and_then(|rest| rest.split(':').next())
                            .and_then(|text| text.parse().ok());
                        last = number.or(last);
                    }
                    // A traced line may be endless.
                    if pending.len() > 1 << 20 {
                        pending.clear();
                    }
                }
                _ if over => return last,
                _ => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        }
    }
}

/// The host's `/etc/resolv.conf` in the tree while a script runs, and what was there before.
struct Resolver {
    before: Option<Before>,
    placed: Vec<u8>,
}

enum Before {
    Nothing,
    Link(PathBuf),
    File(Vec<u8>),
}

const RESOLVER: &str = "/etc/resolv.conf";

impl Resolver {
    fn place(root: &mut Root) -> Result<Self, BuildError> {
        let Ok(placed) = std::fs::read(RESOLVER) else {
            return Ok(Self {
                before: None,
                placed: Vec::new(),
            });
        };
        let at = root.path().join("etc/resolv.conf");
        let link = match root.link(Path::new(RESOLVER)) {
            Ok(link) => link,
            // A tree without /etc needs no names.
            Err(_) => return Ok(Self { before: None, placed }),
        };
        let before = match link {
            Some(link) => Before::Link(link),
            None => root.read(RESOLVER).map_or(Before::Nothing, Before::File),
        };
        root.remove_file(RESOLVER).at("cannot replace", &at)?;
        root.write(RESOLVER, &placed, 0o644).at("cannot write", &at)?;
        Ok(Self {
            before: Some(before),
            placed,
        })
    }

    /// Restores what was there, unless the script has put something of its own.
    fn take_back(self, root: &mut Root) -> Result<(), BuildError> {
        let Some(before) = self.before else { return Ok(()) };
        let at = root.path().join("etc/resolv.conf");
        let link = root.link(Path::new(RESOLVER)).at("cannot read", &at)?;
        if link.is_some() || root.read(RESOLVER).ok().is_none_or(|now| now != self.placed) {
            return Ok(());
        }
        root.remove_file(RESOLVER).at("cannot restore", &at)?;
        match before {
            Before::Nothing => Ok(()),
            Before::Link(target) => root.symlink(target, RESOLVER),
            Before::File(bytes) => root.write(RESOLVER, &bytes, 0o644),
        }
        .at("cannot restore", at)
    }
}
