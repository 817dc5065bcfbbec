//! What a build says while it runs: one stream of typed events with three renderers elsewhere (terminal,
//! `--events` JSON lines, LSP progress). Nothing here prints.

use std::path::PathBuf;
use std::sync::Arc;

use apteryx_schema::Span;
use serde::{Deserialize, Serialize};

/// `1 package`, `2 packages`.
pub(crate) fn many_packages(count: usize) -> String {
    match count {
        1 => "1 package".to_owned(),
        count => format!("{count} packages"),
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It did its work.
    Done,
    /// Its result came from the store.
    Stored,
    /// It failed.
    Failed,
    /// It was cancelled.
    Cancelled,
}

/// One thing that happened. As a JSON line: `{"event":"step-started", …}`; fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// A build begins.
    BuildStarted {
        /// `image/@name`.
        name: String,
        /// Image version.
        version: String,
        /// Selected profiles.
        profiles: Vec<String>,
        /// Image type.
        image: String,
        /// Disk format, where one is asked for.
        format: Option<String>,
        /// Architecture.
        arch: String,
    },
    /// A step begins.
    StepStarted {
        /// `check`, `packages`, `prepare`, `initrd`, `create`, `convert`, `boot`, or finer: `prepare/config.sh`.
        step: String,
        /// A few words for people.
        title: String,
    },
    /// A step got further. At most ten a second and step.
    Progress {
        /// The step.
        step: String,
        /// Done so far, in `unit`.
        done: u64,
        /// All there is, where known.
        total: Option<u64>,
        /// `bytes`, `packages`, `files`.
        unit: String,
        /// What is worked on now.
        detail: String,
    },
    /// A line that a tool or script printed, without its line end, lossy UTF-8.
    Log {
        /// The step.
        step: String,
        /// The line.
        line: String,
    },
    /// Something worth a person's attention that does not stop the build.
    Warning {
        /// The step.
        step: String,
        /// One sentence.
        message: String,
    },
    /// A step ended.
    StepFinished {
        /// The step.
        step: String,
        /// How.
        outcome: Outcome,
        /// How long it took.
        seconds: f64,
        /// A few words: `148 packages, 96 MB (3 new)`.
        summary: String,
    },
    /// A result lies in the target directory.
    Artifact {
        /// The key in kiwi.result.json: `disk_image`, `root_archive`, `image_packages`, …
        key: String,
        /// Absolute path.
        path: PathBuf,
        /// Bytes.
        size: u64,
        /// Lower-case hex, where it was computed.
        sha256: Option<String>,
    },
    /// What in the description, or of its scripts, is to blame for the failure that follows.
    Blame {
        /// The error's code, kebab-case.
        code: String,
        /// One sentence.
        message: String,
        /// What to do.
        help: Option<String>,
        /// The file.
        path: PathBuf,
        /// The bytes in its text (UTF-8, without a mark of its order).
        span: Span,
    },
    /// The end; always the last event.
    Finished {
        /// True where all went well.
        ok: bool,
        /// The exit code that the process will end with (UX.md).
        exit_code: i32,
        /// One sentence.
        message: String,
        /// The file that holds all that the job said, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log: Option<PathBuf>,
    },
}

/// How far a step is, in words: `34 of 96 MB`, `12 of 148 packages`.
pub fn amount(done: u64, total: Option<u64>, unit: &str) -> String {
    let (scale, unit) = match unit {
        "bytes" => (1_000_000, "MB"),
        other => (1, other),
    };
    match total {
        Some(total) => format!("{} of {} {unit}", done / scale, total.div_ceil(scale)),
        None => format!("{} {unit}", done / scale),
    }
}

/// Where events go. Cheap to clone, safe to call from any thread, must not block for long.
#[derive(Clone)]
pub struct Reporter(Arc<dyn Fn(Event) + Send + Sync>);

impl Reporter {
    /// A reporter that hands every event to `sink`.
    pub fn new(sink: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// A reporter that drops everything.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Says it.
    pub fn send(&self, event: Event) {
        (self.0)(event);
    }

    /// Starts a step; the guard ends it (as failed where it is dropped unfinished).
    pub fn step(&self, step: impl Into<String>, title: impl Into<String>) -> Step {
        let step = step.into();
        self.send(Event::StepStarted {
            step: step.clone(),
            title: title.into(),
        });
        Step {
            reporter: self.clone(),
            step,
            started: std::time::Instant::now(),
            finished: false,
        }
    }
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reporter")
    }
}

/// A running step.
#[derive(Debug)]
pub struct Step {
    reporter: Reporter,
    step: String,
    started: std::time::Instant,
    finished: bool,
}

impl Step {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.step
    }

    /// A line of a tool.
    pub fn log(&self, line: impl Into<String>) {
        self.reporter.send(Event::Log {
            step: self.step.clone(),
            line: line.into(),
        });
    }

    /// Something worth a person's attention that does not stop the build.
    pub fn warn(&self, message: impl Into<String>) {
        self.reporter.send(Event::Warning {
            step: self.step.clone(),
            message: message.into(),
        });
    }

    /// Further.
    pub fn progress(&self, done: u64, total: Option<u64>, unit: &str, detail: impl Into<String>) {
        self.reporter.send(Event::Progress {
            step: self.step.clone(),
            done,
            total,
            unit: unit.into(),
            detail: detail.into(),
        });
    }

    /// Ends it.
    pub fn finish(mut self, outcome: Outcome, summary: impl Into<String>) {
        self.end(outcome, summary.into());
    }

    fn end(&mut self, outcome: Outcome, summary: String) {
        self.finished = true;
        self.reporter.send(Event::StepFinished {
            step: self.step.clone(),
            outcome,
            seconds: self.started.elapsed().as_secs_f64(),
            summary,
        });
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.finished {
            self.end(Outcome::Failed, String::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn how_far_a_step_is_has_one_unit() {
        assert_eq!(amount(34_900_000, Some(95_100_000), "bytes"), "34 of 96 MB");
        assert_eq!(amount(12, Some(148), "packages"), "12 of 148 packages");
        assert_eq!(amount(7, None, "files"), "7 files");
    }
}
