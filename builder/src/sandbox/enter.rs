//! Runs one command with a tree as its root, in namespaces of its own: mount, pid, ipc, uts and, unless it needs the
//! network, net. It sees a fresh proc, a read-only sys, a tmpfs with a handful of device nodes as /dev, a tmpfs /run,
//! and an init of ours as process 1. Nothing of these mounts stays in the tree or is seen elsewhere.
#![allow(clippy::disallowed_methods)] // Starts the hidden helper.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::cmd::{Cmd, Output, PATH, memory_file, stream};
use crate::error::BuildError;
use crate::events::Step;

/// The hidden verb of the helper that enters a tree.
pub(super) const ENTER: &str = "__enter";
/// Exit status of the helper for a fault of its own, with the reason on the last line after [`FAULT`].
pub(super) const FAULT_STATUS: i32 = 125;
/// Begins the line that says why the tree could not be entered.
pub(super) const FAULT: &str = "\u{1}cannot enter the tree: ";

/// A directory of the host that the command sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Bind {
    pub from: PathBuf,
    pub to: PathBuf,
    pub read_only: bool,
}

/// A tree and how it is entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sandbox {
    pub(super) root: PathBuf,
    pub(super) binds: Vec<Bind>,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) network: bool,
    pub(super) ignore_sync: bool,
}

/// What the helper reads.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    pub sandbox: Sandbox,
    pub program: OsString,
    pub args: Vec<OsString>,
    pub env: Vec<(OsString, OsString)>,
    pub cwd: PathBuf,
}

impl Sandbox {
    /// The tree at `root`, without network.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            binds: Vec::new(),
            env: Vec::new(),
            network: false,
            ignore_sync: true,
        }
    }

    /// Shows `from` of the host read-only at `to`. `to` is made where it is missing and then removed again; below
    /// `/run`, `/dev` and `/tmp` is the best place, as these are empty and in memory.
    pub fn bind_ro(mut self, from: impl Into<PathBuf>, to: impl Into<PathBuf>) -> Self {
        self.binds.push(Bind {
            from: from.into(),
            to: to.into(),
            read_only: true,
        });
        self
    }

    /// Shows `from` of the host at `to`, writable.
    pub fn bind_rw(mut self, from: impl Into<PathBuf>, to: impl Into<PathBuf>) -> Self {
        self.binds.push(Bind {
            from: from.into(),
            to: to.into(),
            read_only: false,
        });
        self
    }

    /// Sets a variable for every command.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// With the host's network, or without any.
    pub fn network(mut self, network: bool) -> Self {
        self.network = network;
        self
    }

    /// Whether `fsync` and its like do nothing (the default: an unfinished tree is thrown away on failure).
    pub fn ignore_sync(mut self, ignore: bool) -> Self {
        self.ignore_sync = ignore;
        self
    }

    /// Runs `cmd` to its end. One that fails is [`BuildError::Tool`]; its lines go to `step`.
    pub fn run(&self, cmd: &Cmd, step: &Step) -> Result<Output, BuildError> {
        let output = self.run_unchecked(cmd, Some(step))?;
        if output.success() {
            Ok(output)
        } else {
            Err(cmd.failed(output))
        }
    }

    /// As [`Self::run`], but the caller judges the status (127: there is no such program in the tree).
    pub fn run_unchecked(&self, cmd: &Cmd, step: Option<&Step>) -> Result<Output, BuildError> {
        let spec = Spec {
            sandbox: self.clone(),
            program: cmd.program.clone(),
            args: cmd.args.clone(),
            env: cmd.env.clone(),
            cwd: cmd.cwd.clone().unwrap_or_else(|| PathBuf::from("/")),
        };
        let spec = serde_json::to_vec(&spec).map_err(|error| BuildError::Internal {
            message: format!("the command cannot be written: {error}"),
        })?;
        // The helper reads exactly its part; what follows is left on the descriptor for the command itself.
        let mut input = format!("{:016x}", spec.len()).into_bytes();
        input.extend_from_slice(&spec);
        input.extend_from_slice(&cmd.stdin);
        let mut command = Command::new("/proc/self/exe");
        command
            .arg(ENTER)
            .env_clear()
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8");
        command.stdin(memory_file(&input)?);
        let mut output = stream(command, cmd, step)?;
        if output.status == FAULT_STATUS
            && let Some(reason) = output.tail.last().and_then(|line| line.strip_prefix(FAULT))
        {
            return Err(BuildError::Host {
                code: "namespaces-refused",
                message: format!("`{}` cannot run in the tree: {reason}", cmd.name()),
                help: None,
            });
        }
        output.tail.retain(|line| !line.starts_with(FAULT));
        Ok(output)
    }
}
