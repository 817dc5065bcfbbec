//! A build or a boot that an editor asked for, as plain data: what to run, and what its output amounts to. The process
//! is a child `apteryx` in its own session, so that neither its crash nor its cancel touches the server. Knows no LSP.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use apteryx_builder::events::Event;
use apteryx_builder::sandbox::{Group, Line, run_child};
use apteryx_schema::Span;
use apteryx_schema::description::{LoadOptions, View, host_arch, load};
use serde::{Deserialize, Serialize};

/// Between being asked to end and being ended.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `apteryx prepare`
    Prepare,
    /// `apteryx create`
    Create,
    /// `apteryx build`
    Build,
    /// `apteryx boot`
    Boot,
}

impl Verb {
    /// The verb of the command line.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Prepare => "prepare",
            Verb::Create => "create",
            Verb::Build => "build",
            Verb::Boot => "boot",
        }
    }

    /// For people: `Building`.
    pub fn doing(self) -> &'static str {
        match self {
            Verb::Prepare => "Preparing",
            Verb::Create => "Creating",
            Verb::Build => "Building",
            Verb::Boot => "Booting",
        }
    }
}

/// What is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What.
    pub verb: Verb,
    /// The description: a file or a folder.
    pub description: PathBuf,
    /// Selected profiles.
    pub profiles: Vec<String>,
    /// Image type.
    pub image: Option<String>,
    /// Where results go.
    pub target: Option<PathBuf>,
    /// `--mirror host`
    pub host_mirror: bool,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The key in kiwi.result.json.
    pub key: String,
    /// Absolute path.
    pub path: PathBuf,
    /// Lower-case hex, where it was computed.
    pub sha256: Option<String>,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// True where all went well.
    pub ok: bool,
    /// Results.
    pub artifacts: Vec<Artifact>,
    /// One sentence.
    pub message: String,
}

impl Answer {
    /// It did not work, and why.
    pub fn no(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// It worked.
    pub fn yes(message: impl Into<String>) -> Self {
        Self {
            ok: true,
            ..Self::no(message)
        }
    }
}

impl Job {
    /// The folder of the description.
    pub fn folder(&self) -> &Path {
        if self.description.is_dir() {
            &self.description
        } else {
            self.description.parent().unwrap_or(Path::new("."))
        }
    }

    /// The command line after the program.
    pub fn args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = ["-q", self.verb.name(), "--events", "-"]
            .map(OsString::from)
            .to_vec();
        if self.verb == Verb::Boot {
            args.extend(["--until".into(), "login".into()]);
            if self.efi_only() {
                args.extend(["--firmware".into(), "uefi".into()]);
            }
            args.push("--".into());
            args.push(self.target.as_deref().unwrap_or(self.folder()).into());
            return args;
        }
        for profile in &self.profiles {
            args.push(format!("--profile={profile}").into());
        }
        if let Some(image) = &self.image {
            args.push(format!("--type={image}").into());
        }
        if let Some(target) = &self.target {
            args.extend(["--target-dir".into(), target.into()]);
        }
        if self.host_mirror && self.verb != Verb::Create {
            args.extend(["--mirror".into(), "host".into()]);
        }
        args.push("--".into());
        args.push(self.description.clone().into());
        args
    }

    /// True where the type names a firmware that is not BIOS.
    fn efi_only(&self) -> bool {
        let Ok(loaded) = load(&self.description, &LoadOptions::default()) else {
            return false;
        };
        View::new(&loaded.image, &self.profiles, self.image.as_deref(), host_arch())
            .ok()
            .and_then(|v| v.type_attr("firmware"))
            .is_some_and(|f| f == "efi" || f == "uefi")
    }
}

/// Ends a job from elsewhere. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Mutex<CancelState>>);

#[derive(Debug, Default)]
struct CancelState {
    asked: bool,
    group: Option<Group>,
}

impl Cancel {
    fn started(&self, group: Group) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.group = Some(group.clone());
        if state.asked {
            end(group);
        }
    }

    /// True where somebody asked.
    pub fn asked(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked
    }

    /// Asks the job to end, and ends it where it has not done so in five seconds. Does not wait.
    pub fn cancel(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut state.asked, true)
            && let Some(group) = state.group.clone()
        {
            end(group);
        }
    }
}

fn end(group: Group) {
    group.end();
    std::thread::spawn(move || {
        std::thread::sleep(PATIENCE);
        group.kill();
    });
}

/// What is to blame for a failure, see [`Event::Blame`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// The error's code.
    pub code: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// The file.
    pub path: PathBuf,
    /// The bytes in it.
    pub span: Span,
}

/// Runs `job` with `program` (an `apteryx`) to its end, on this thread; `say` gets the events as they come, the end the
/// last. Gives the answer, and what of the description is to blame where it failed.
pub fn run(
    program: &Path,
    job: &Job,
    cancel: &Cancel,
    mut say: impl FnMut(Event),
) -> (Answer, Option<Blame>) {
    let mut answer = Answer::default();
    let mut finished = None;
    let mut log = None;
    let mut complaint = None;
    let mut blame = None;
    let step = job.verb.name();
    let status = run_child(
        program,
        &job.args(),
        |group| cancel.started(group),
        |line| {
            let line = match line {
                Line::Out(text) => match serde_json::from_str(&text) {
                    Ok(Event::Finished {
                        message, log: path, ..
                    }) => {
                        finished = Some(message);
                        return log = path;
                    }
                    Ok(event) => {
                        match &event {
                            Event::Artifact {
                                key, path, sha256, ..
                            } => answer.artifacts.push(Artifact {
                                key: key.clone(),
                                path: path.clone(),
                                sha256: sha256.clone(),
                            }),
                            Event::Blame {
                                code,
                                message,
                                help,
                                path,
                                span,
                            } => {
                                let help = help.iter().flat_map(|help| ["\n", help]);
                                blame = Some(Blame {
                                    code: code.clone(),
                                    message: std::iter::once(message.as_str()).chain(help).collect(),
                                    path: path.clone(),
                                    span: *span,
                                });
                            }
                            _ => {}
                        }
                        return say(event);
                    }
                    Err(_) => text,
                },
                Line::Err(text) => {
                    let said = text.strip_prefix("error[").and_then(|t| t.split_once("]: "));
                    if let Some((_, said)) = said
                        && complaint.is_none()
                    {
                        complaint = Some(said.to_owned());
                    }
                    text
                }
            };
            say(Event::Log {
                step: step.to_owned(),
                line,
            });
        },
    );
    let (status, fault) = match status {
        Ok(status) => (status, None),
        Err(error) => (70, Some(error.to_string())),
    };
    answer.ok = status == 0;
    let built = answer
        .artifacts
        .last()
        .map(|a| format!("built {}", a.path.display()));
    answer.message = match (status, cancel.asked()) {
        (0, _) => built.or(finished).unwrap_or_else(|| "done".to_owned()),
        (_, true) => "cancelled".to_owned(),
        _ => fault
            .or(finished)
            .or(complaint)
            .unwrap_or_else(|| format!("`apteryx {step}` ended with status {status}")),
    };
    say(Event::Finished {
        ok: answer.ok,
        exit_code: status,
        message: answer.message.clone(),
        log,
    });
    (answer, blame.filter(|_| !cancel.asked()))
}
