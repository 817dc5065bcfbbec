//! The whole of a job as text, in `OUT/logs/DATE-HHMM-VERB.log`: what was asked for, every step, every line of the tools
//! and scripts, the end. It is kept in memory until the job's work begins, as the folder is there only then; a job that
//! is refused before that leaves no file. It starts no process and no thread, and no child gets its descriptor.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use apteryx_builder::events::{Event, Outcome};

/// Kept where the file cannot be written (a full disk), until the end, when there may be room again.
const KEPT: usize = 1 << 20;

/// The log of a running job.
#[derive(Debug)]
pub struct JobLog {
    verb: &'static str,
    dir: PathBuf,
    begin: Instant,
    /// What the file does not hold yet.
    kept: Vec<u8>,
    file: Option<(File, PathBuf)>,
    failed: Option<String>,
}

impl JobLog {
    /// Begins the log of `verb`, which will lie in `target`.
    pub fn new(verb: &'static str, target: &Path) -> Self {
        let args: Vec<String> = std::env::args().map(|arg| quoted(&arg)).collect();
        let here = std::env::current_dir().unwrap_or_default();
        let head = format!(
            "apteryx {}, {}\nin {}\n$ {}\n",
            env!("CARGO_PKG_VERSION"),
            chrono::Local::now().format("%Y-%m-%d %H:%M:%S %z"),
            here.display(),
            args.join(" "),
        );
        Self {
            verb,
            dir: target.join("logs"),
            begin: Instant::now(),
            kept: head.into_bytes(),
            file: None,
            failed: None,
        }
    }

    /// Notes what happened. The file is made when the first step begins that does more than look.
    pub fn note(&mut self, event: &Event) {
        if let Some(line) = words(event) {
            let at = self.begin.elapsed().as_secs_f64();
            let mut text = String::new();
            let _ = writeln!(text, "[{at:>7.1}] {line}");
            self.kept.extend_from_slice(text.as_bytes());
        }
        let works = matches!(event, Event::StepStarted { step, .. } if step != "check");
        if works && self.file.is_none() && self.failed.is_none() {
            match open(&self.dir, self.verb) {
                Ok(file) => self.file = Some(file),
                Err(error) => self.failed = Some(error),
            }
        }
        self.write();
    }

    /// Where it lies, once its file is made.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(_, path)| path.as_path())
    }

    /// Adds the last words. Gives where the log lies; why there is none, where it could not be written; or nothing,
    /// where the job did not come that far.
    pub fn end(&mut self, words: &str) -> Option<Result<PathBuf, String>> {
        self.kept.extend_from_slice(words.as_bytes());
        self.write();
        if let (false, Some(error)) = (self.kept.is_empty(), &self.failed) {
            return Some(Err(error.clone()));
        }
        self.path().map(|path| Ok(path.to_owned()))
    }

    fn write(&mut self) {
        let Some((file, path)) = &mut self.file else {
            self.kept.truncate(KEPT);
            return;
        };
        match file.write_all(&self.kept) {
            Ok(()) => self.kept.clear(),
            // A part may be there twice then, which a log can bear.
            Err(error) => {
                self.failed = Some(cannot_write(path, &error));
                self.kept.truncate(KEPT);
            }
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write `{}`: {error}", path.display())
}

/// A new file: a second job within one minute gets a name of its own.
fn open(dir: &Path, verb: &str) -> Result<(File, PathBuf), String> {
    std::fs::create_dir_all(dir).map_err(|error| cannot_write(dir, &error))?;
    let stem = format!("{}-{verb}", chrono::Local::now().format("%Y-%m-%d-%H%M"));
    let mut path = dir.join(format!("{stem}.log"));
    for number in 2.. {
        match File::options().append(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = dir.join(format!("{stem}-{number}.log"));
            }
            Err(error) => return Err(cannot_write(&path, &error)),
        }
    }
    Err(format!("`{}` holds too many files", dir.display()))
}

/// One event as a line.
fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::BuildStarted {
            name,
            version,
            profiles,
            image,
            format,
            arch,
        } => format!(
            "image {name} {version}, profiles [{}], type {image} {}, {arch}",
            profiles.join(", "),
            format.as_deref().unwrap_or("")
        ),
        Event::StepStarted { step, title } => format!("{step}: begins: {title}"),
        Event::Log { step, line } => format!("{step}| {line}"),
        Event::Warning { step, message } => format!("{step}: warning: {message}"),
        Event::StepFinished {
            step,
            outcome,
            seconds,
            summary,
        } => {
            let how = match outcome {
                Outcome::Done => "done",
                Outcome::Stored => "from the store",
                Outcome::Failed => "failed",
                Outcome::Cancelled => "cancelled",
            };
            let summary = if summary.is_empty() {
                String::new()
            } else {
                format!(": {summary}")
            };
            format!("{step}: {how} after {seconds:.1} s{summary}")
        }
        Event::Artifact {
            key,
            path,
            size,
            sha256,
        } => format!(
            "result {key}: {} ({size} bytes{}{})",
            path.display(),
            if sha256.is_some() { ", sha256 " } else { "" },
            sha256.as_deref().unwrap_or("")
        ),
        Event::Finished {
            exit_code, message, ..
        } => format!("ends with {exit_code}: {message}"),
        // Many a second, and told by the lines around them; said with the error.
        Event::Progress { .. } | Event::Blame { .. } => return None,
    })
}

/// A word of a command line as a shell reads it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(step: &str) -> Event {
        Event::StepStarted {
            step: step.to_owned(),
            title: "t".to_owned(),
        }
    }

    #[test]
    fn there_is_no_file_before_the_work_begins_and_each_job_has_its_own() {
        let target = tempfile::tempdir().expect("a directory");
        let mut names = Vec::new();
        for _ in 0..2 {
            let mut log = JobLog::new("build", target.path());
            log.note(&started("check"));
            assert_eq!(log.end(""), None);
            log.note(&started("packages"));
            log.note(&Event::Log {
                step: "packages".to_owned(),
                line: "a line of a tool".to_owned(),
            });
            let path = log
                .end("the end\n")
                .expect("it has begun")
                .expect("it is written");
            let text = std::fs::read_to_string(&path).expect("it is there");
            for word in ["check: begins", "packages| a line of a tool\n", "the end\n"] {
                assert!(text.contains(word), "{text}");
            }
            names.push(path);
        }
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn where_it_cannot_be_written_the_reason_is_given() {
        let target = tempfile::tempdir().expect("a directory");
        std::fs::write(target.path().join("logs"), "a file").expect("it is written");
        let mut log = JobLog::new("build", target.path());
        log.note(&started("packages"));
        let error = log
            .end("x")
            .expect("it has begun")
            .expect_err("it cannot be written");
        assert!(error.starts_with("cannot write `"), "{error}");
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted("--type=oem"), "--type=oem");
        assert_eq!(quoted("a b'c"), r"'a b'\''c'");
        assert_eq!(quoted(""), "''");
    }
}
