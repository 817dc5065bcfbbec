//! What the processes of a build say to each other: one JSON document per line. Errors cross whole, so that the
//! user-visible process shows them as if they had happened in it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use apteryx_schema::description::model::At;
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::text::Span;

use crate::error::{BuildError, Place};
use crate::events::Event;

/// Supervisor to janitor, the first line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Setup {
    /// Make a user namespace and wait for its maps.
    pub user_namespace: bool,
    /// The scratch directory, locked by the janitor and removed by it at the end.
    pub scratch: PathBuf,
    /// The job's request, for the worker.
    pub request: serde_json::Value,
}

/// Janitor and worker to supervisor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// The janitor is in its user namespace and waits for the maps to be written.
    Unshared,
    /// Something happened.
    Event(Event),
    /// The job is done; the job's own answer.
    Reply(serde_json::Value),
    /// The job failed.
    Error(WireError),
    /// The worker ended; its status, 128 + signal where it was killed.
    WorkerEnded(i32),
    /// Something could not be removed.
    Left(String),
}

type WirePlace = Option<(u32, Span)>;

/// [`BuildError`] as data.
#[derive(Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum WireError {
    Description {
        code: String,
        message: String,
        place: WirePlace,
        help: Option<String>,
    },
    Usage {
        code: String,
        message: String,
        help: Option<String>,
    },
    Packages {
        code: String,
        message: String,
        place: WirePlace,
        help: Option<String>,
    },
    Host {
        code: String,
        message: String,
        help: Option<String>,
    },
    Script {
        script: String,
        status: i32,
        tail: Vec<String>,
        line: Option<u32>,
        path: PathBuf,
    },
    Tool {
        tool: String,
        status: i32,
        doing: String,
        tail: Vec<String>,
        place: WirePlace,
        help: Option<String>,
    },
    Boot {
        message: String,
        tail: Vec<String>,
    },
    Io {
        doing: String,
        path: PathBuf,
        errno: Option<i32>,
        reason: String,
    },
    Cancelled {
        signal: i32,
    },
    Internal {
        message: String,
    },
}

fn out(place: Place) -> WirePlace {
    place.map(|at| (at.file.0, at.span))
}

fn back(place: WirePlace) -> Place {
    place.map(|(file, span)| At {
        value: (),
        file: FileId(file),
        span,
    })
}

/// Codes are few and short, a process meets one or two of them: leaking is cheaper than a table to keep.
fn fixed(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

impl From<BuildError> for WireError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Description {
                code,
                message,
                place,
                help,
            } => Self::Description {
                code: code.to_owned(),
                message,
                place: out(place),
                help,
            },
            BuildError::Usage { code, message, help } => Self::Usage {
                code: code.to_owned(),
                message,
                help,
            },
            BuildError::Packages {
                code,
                message,
                place,
                help,
            } => Self::Packages {
                code: code.to_owned(),
                message,
                place: out(place),
                help,
            },
            BuildError::Host { code, message, help } => Self::Host {
                code: code.to_owned(),
                message,
                help,
            },
            BuildError::Script {
                script,
                status,
                tail,
                line,
                path,
            } => Self::Script {
                script,
                status,
                tail,
                line,
                path,
            },
            BuildError::Tool {
                tool,
                status,
                doing,
                tail,
                place,
                help,
            } => Self::Tool {
                tool,
                status,
                doing,
                tail,
                place: out(place),
                help,
            },
            BuildError::Boot { message, tail } => Self::Boot { message, tail },
            BuildError::Io { doing, path, source } => Self::Io {
                doing: doing.to_owned(),
                path,
                errno: source.raw_os_error(),
                reason: source.to_string(),
            },
            BuildError::Cancelled { signal } => Self::Cancelled { signal },
            BuildError::Internal { message } => Self::Internal { message },
        }
    }
}

impl From<WireError> for BuildError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Description {
                code,
                message,
                place,
                help,
            } => Self::Description {
                code: fixed(code),
                message,
                place: back(place),
                help,
            },
            WireError::Usage { code, message, help } => Self::Usage {
                code: fixed(code),
                message,
                help,
            },
            WireError::Packages {
                code,
                message,
                place,
                help,
            } => Self::Packages {
                code: fixed(code),
                message,
                place: back(place),
                help,
            },
            WireError::Host { code, message, help } => Self::Host {
                code: fixed(code),
                message,
                help,
            },
            WireError::Script {
                script,
                status,
                tail,
                line,
                path,
            } => Self::Script {
                script,
                status,
                tail,
                line,
                path,
            },
            WireError::Tool {
                tool,
                status,
                doing,
                tail,
                place,
                help,
            } => Self::Tool {
                tool,
                status,
                doing,
                tail,
                place: back(place),
                help,
            },
            WireError::Boot { message, tail } => Self::Boot { message, tail },
            WireError::Io {
                doing,
                path,
                errno,
                reason,
            } => Self::Io {
                doing: fixed(doing),
                path,
                source: errno.map_or_else(
                    || std::io::Error::other(reason),
                    std::io::Error::from_raw_os_error,
                ),
            },
            WireError::Cancelled { signal } => Self::Cancelled { signal },
            WireError::Internal { message } => Self::Internal { message },
        }
    }
}

/// One message as a line.
pub fn line(message: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(message).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_cross_whole() {
        let place = Some(At {
            value: (),
            file: FileId(2),
            span: Span::new(3, 9),
        });
        let errors = [
            BuildError::Packages {
                code: "package-not-found",
                message: "no enabled repository has a package `x`".to_owned(),
                place: place.clone(),
                help: Some("did you mean `y`?".to_owned()),
            },
            BuildError::Io {
                doing: "cannot write",
                path: "/a".into(),
                source: std::io::Error::from_raw_os_error(libc::ENOSPC),
            },
            BuildError::Script {
                script: "config.sh".to_owned(),
                status: 2,
                tail: vec!["x".to_owned()],
                line: Some(4),
                path: "config.sh".into(),
            },
        ];
        for error in errors {
            let shown = (
                error.code(),
                error.exit_code(),
                error.to_string(),
                format!("{error:?}"),
            );
            let text = serde_json::to_string(&WireError::from(error)).expect("it is plain data");
            let again = BuildError::from(serde_json::from_str::<WireError>(&text).expect("it reads back"));
            assert_eq!(
                shown,
                (
                    again.code(),
                    again.exit_code(),
                    again.to_string(),
                    format!("{again:?}")
                )
            );
        }
    }
}
