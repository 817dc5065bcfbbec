//! The one error of the builder. The command line maps it once to a diagnostic and an exit code (UX.md).

use std::io::ErrorKind;
use std::path::PathBuf;

use apteryx_schema::Span;
use apteryx_schema::description::model::{At, File};

/// Where in the description the cause stands, if anywhere.
pub type Place = Option<At<()>>;

/// Why a build stopped. Messages are one sentence without a full stop, names in backticks.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The description is wrong in a way that only building shows (no type, unknown profile, …).
    #[error("{message}")]
    Description {
        /// Stable code, kebab-case.
        code: &'static str,
        /// One sentence.
        message: String,
        /// Where.
        place: Place,
        /// What to do.
        help: Option<String>,
    },
    /// Wrong usage, or the target is not fit (holds files, is a file, is full).
    #[error("{message}")]
    Usage {
        /// Stable code.
        code: &'static str,
        /// One sentence.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Repositories and packages: unreachable, bad signature, not found, unsolvable.
    #[error("{message}")]
    Packages {
        /// Stable code.
        code: &'static str,
        /// One sentence.
        message: String,
        /// Where the package or repository is named.
        place: Place,
        /// What to do, and the chain of reasons.
        help: Option<String>,
    },
    /// The host lacks something.
    #[error("{message}")]
    Host {
        /// Stable code.
        code: &'static str,
        /// One sentence.
        message: String,
        /// The package to install on Debian, openSUSE and Fedora.
        help: Option<String>,
    },
    /// A script of the description failed.
    #[error("`{script}` ended with status {status}")]
    Script {
        /// Name in the description.
        script: String,
        /// Exit status, or 128 + signal.
        status: i32,
        /// Its last lines, at most twenty.
        tail: Vec<String>,
        /// The line of the script that was running, from 1, where known.
        line: Option<u32>,
        /// The script's path in the description.
        path: PathBuf,
    },
    /// A tool run for the build failed (dpkg, dracut, mke2fs, …).
    #[error("`{tool}` ended with status {status} while {doing}")]
    Tool {
        /// Its name.
        tool: String,
        /// Exit status, or 128 + signal.
        status: i32,
        /// What it was to do.
        doing: String,
        /// Its last lines, at most twenty.
        tail: Vec<String>,
        /// What of the description asked for it, where that is one thing.
        place: Place,
        /// What to do.
        help: Option<String>,
    },
    /// The boot check failed.
    #[error("{message}")]
    Boot {
        /// One sentence: panic, time-out, emergency mode.
        message: String,
        /// The console's last lines.
        tail: Vec<String>,
    },
    /// Input or output failed.
    #[error("{doing} `{}`: {source}", path.display())]
    Io {
        /// "cannot write", "cannot read".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Cancelled from outside (130 for SIGINT, 143 for SIGTERM).
    #[error("cancelled")]
    Cancelled {
        /// The signal.
        signal: i32,
    },
    /// A fault of Apteryx itself.
    #[error("{message}")]
    Internal {
        /// What went wrong.
        message: String,
    },
}

impl BuildError {
    /// What of the description is to blame: its file and the bytes in it, or those of its script. `files` are those of
    /// the description, by id. None where it is not the description's doing.
    pub fn blame(&self, files: &[File]) -> Option<(PathBuf, Span)> {
        match self {
            Self::Description { place, .. } | Self::Packages { place, .. } | Self::Tool { place, .. } => {
                let place = place.as_ref()?;
                let file = files.get(place.file.0 as usize)?;
                Some((file.path.clone(), place.span))
            }
            Self::Script { path, line, .. } => {
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let before = line.unwrap_or(1).saturating_sub(1) as usize;
                let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
                let length = text.get(start..)?.lines().next().map_or(0, str::len);
                Some((path.clone(), Span::new(start as u32, (start + length) as u32)))
            }
            _ => None,
        }
    }

    /// What to do, where that is known.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Description { help, .. }
            | Self::Packages { help, .. }
            | Self::Usage { help, .. }
            | Self::Host { help, .. }
            | Self::Tool { help, .. } => help.as_deref(),
            Self::Io {
                doing: "cannot read",
                path,
                source,
            } if source.kind() == ErrorKind::PermissionDenied && path.is_file() => {
                Some("this user may not read it; its owner allows it with `chmod a+r`")
            }
            Self::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(
                    "make room there, or name another place: `--target-dir` for results, the variable `APTERYX_CACHE_DIR` for the store",
                ),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(
                    "this user may not; another place is named by `--target-dir` for results, by the variable `APTERYX_CACHE_DIR` for the store",
                ),
                _ => None,
            },
            _ => None,
        }
    }

    /// The exit code of UX.md.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Description { .. } => 1,
            Self::Usage { .. } => 2,
            Self::Packages { .. } => 3,
            Self::Host { .. } => 4,
            Self::Script { .. } => 5,
            Self::Tool { .. } | Self::Io { .. } => 2,
            Self::Boot { .. } => 6,
            Self::Cancelled { signal } => 128 + signal,
            Self::Internal { .. } => 70,
        }
    }

    /// The same, where a tool failed, with what of the description asked for it and what to do, unless it says so itself.
    pub fn asked(mut self, at: Place, what: Option<String>) -> Self {
        if let Self::Tool { place, help, .. } = &mut self {
            *place = place.take().or(at);
            *help = help.take().or(what);
        }
        self
    }

    /// Where a tool failed because the disk that `target` lies on is full: that, as this is what one can do something
    /// about. All other errors stay as they are.
    pub fn or_full(self, target: &std::path::Path) -> Self {
        match self {
            Self::Tool { tail, .. } if tail.iter().any(|line| line.contains("No space left on device")) => {
                Self::Io {
                    doing: "cannot write",
                    path: target.to_owned(),
                    source: std::io::Error::from_raw_os_error(libc::ENOSPC),
                }
            }
            other => other,
        }
    }

    /// The stable code shown in brackets.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Description { code, .. }
            | Self::Usage { code, .. }
            | Self::Packages { code, .. }
            | Self::Host { code, .. } => code,
            Self::Script { .. } => "script-failed",
            Self::Tool { .. } => "tool-failed",
            Self::Boot { .. } => "boot-failed",
            Self::Io { source, .. }
                if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) =>
            {
                "disk-full"
            }
            Self::Io { .. } => "io-failed",
            Self::Cancelled { .. } => "cancelled",
            Self::Internal { .. } => "internal-fault",
        }
    }
}

/// Attaches file and deed to an I/O error.
pub trait IoContext<T> {
    /// "cannot write", the file.
    fn at(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, BuildError>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn at(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, BuildError> {
        self.map_err(|source| BuildError::Io {
            doing,
            path: path.into(),
            source,
        })
    }
}
