//! What `prepare`, `create` and `build` have in common: their arguments, the frame around a job (events, the end, the
//! report of an error), and the target directory. Runs no job itself.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use apteryx_builder::archive::Beside;
use apteryx_builder::error::{BuildError, IoContext};
use apteryx_builder::events::{Event, Outcome, Reporter};
use apteryx_builder::jobs::{Audit, Signals};
use apteryx_builder::prepare::not_loaded;
use apteryx_builder::{create, shell};
use apteryx_schema::check::{self, Options};
use apteryx_schema::description::model::At;
use apteryx_schema::description::{LoadOptions, Loaded, View, host_arch, load};
use apteryx_schema::diagnostic::{FileId, Severity};
use apteryx_schema::rules;

use super::check_output::count;
use super::job_end::{self, Steps};
use crate::context::Context;
use crate::exit::Exit;
use crate::job_log::JobLog;
use crate::{codes, progress, report};

/// Which description, which of it, and where to.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// The description's folder or file
    #[arg(default_value = ".")]
    pub description: PathBuf,
    /// Where results go; the tree is OUT/build/image-root [default: DIR/out]
    #[arg(long, value_name = "OUT")]
    pub target_dir: Option<PathBuf>,
    /// Select a profile (may be given again)
    #[arg(long = "profile", value_name = "P")]
    pub profiles: Vec<String>,
    /// The image type [default: the primary one]
    #[arg(long = "type", value_name = "T")]
    pub image: Option<String>,
    /// The architecture [default: this machine's]
    #[arg(long, value_name = "A")]
    pub arch: Option<String>,
    /// One JSON document on standard output instead of paths
    #[arg(long)]
    pub json: bool,
    /// Write events as JSON lines to a file descriptor, or to standard output
    #[arg(long, value_name = "FD|-")]
    pub events: Option<String>,
}

/// Where packages come from, beside what the description says.
#[derive(Debug, clap::Args)]
pub struct Sources {
    /// `host`: the mirror that the host's own package manager uses
    #[arg(long, value_name = "host", value_parser = ["host"])]
    pub mirror: Option<String>,
    /// A repository in place of the first one: SOURCE,TYPE,ALIAS,…
    #[arg(long, value_name = "REPO")]
    pub set_repo: Option<String>,
}

impl Selection {
    /// The architecture asked for, or the host's.
    pub fn arch(&self) -> String {
        self.arch.clone().unwrap_or_else(|| host_arch().to_owned())
    }

    /// What is active of a description.
    pub fn view<'a>(&self, loaded: &'a Loaded) -> Result<View<'a>, BuildError> {
        View::new(&loaded.image, &self.profiles, self.image.as_deref(), &self.arch()).map_err(|error| {
            BuildError::Description {
                code: error.code(),
                message: error.to_string(),
                place: error.place(),
                help: error.help(),
            }
        })
    }

    /// DIR/out, or what was asked for; made, with the marks that keep it out of version control and backups.
    pub fn make_target(&self) -> Result<PathBuf, BuildError> {
        let target = target(&self.description, self.target_dir.as_deref());
        create::check_target(&target)?;
        std::fs::create_dir_all(&target).at("cannot write", &target)?;
        let marks = [
            (".gitignore", "*\n"),
            ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"),
        ];
        for (name, text) in marks {
            let path = target.join(name);
            if !path.exists() {
                std::fs::write(&path, text).at("cannot write", &path)?;
            }
        }
        target.canonicalize().at("cannot read", target)
    }

    /// Says what begins.
    fn announce(&self, loaded: &Loaded, view: &View<'_>, reporter: &Reporter) {
        reporter.send(Event::BuildStarted {
            name: loaded.image.name.clone(),
            version: view.version().unwrap_or("").to_owned(),
            profiles: view.profiles.iter().map(ToString::to_string).collect(),
            image: view.image_type.image.value.to_string(),
            format: view.type_attr("format").map(str::to_owned),
            arch: self.arch(),
        });
    }
}

/// The first error of the description, as the reason not to begin: of the texts as a whole, and of the view that is
/// asked for. What another choice of profiles would be refused for is not asked.
pub fn judge(selection: &Selection, loaded: &Loaded, reporter: &Reporter) -> Result<(), BuildError> {
    if let Ok(view) = selection.view(loaded) {
        selection.announce(loaded, &view, reporter);
    }
    let step = reporter.step("check", "the description");
    let arch = selection.arch();
    let chosen = View::new(
        &loaded.image,
        &selection.profiles,
        selection.image.as_deref(),
        &arch,
    );
    let image = chosen.ok().map(|v| v.image_type.image.value.trim().to_owned());
    let options = Options {
        grammar: None,
        rules: rules::Options {
            profiles: &selection.profiles,
            type_name: selection.image.as_deref().or(image.as_deref()),
            arch: Some(&arch),
            stop: None,
        },
        mending: None,
    };
    let mut found = check::check_included(loaded, options);
    found.extend(check::found_loading(loaded).cloned());
    if let Some(folder) = Beside::of(&loaded.path) {
        let judged = check::Judged {
            texts: &loaded.texts(),
            image: &loaded.image,
            told: &found,
        };
        let beside = check::beside(judged, &folder, Some(&shell::faults)).diagnostics;
        // What lies beside the description has no number among its files.
        let files = loaded.image.files.len();
        found.extend(beside.into_iter().filter(|d| (d.file.0 as usize) < files));
    }
    for (id, tree) in (0..).map(FileId).zip(&loaded.trees) {
        check::silence(tree, id, &mut found);
    }
    let levels = codes::levels(&loaded.path).map_err(|refused| BuildError::Usage {
        code: "settings-refused",
        message: refused.message,
        help: refused.help,
    })?;
    levels.apply(&mut found);
    check::sort(&mut found);
    let of = |severity| found.iter().filter(move |d| d.severity == severity);
    let mut errors = of(Severity::Error);
    let Some(first) = errors.next() else {
        let files = count(loaded.image.files.len(), "file");
        step.finish(
            Outcome::Done,
            match of(Severity::Warning).count() {
                0 => format!("{files}, no problem"),
                warnings => format!("{} in {files}", count(warnings, "warning")),
            },
        );
        return Ok(());
    };
    let more = errors.count();
    Err(BuildError::Description {
        code: first.code,
        message: first.message.to_string(),
        place: Some(At {
            value: (),
            file: first.file,
            span: first.span,
        }),
        help: Some(match more {
            0 => "`apteryx check` says more".to_owned(),
            more => format!("`apteryx check` shows this and {more} more"),
        }),
    })
}

/// DIR/out, or what was asked for.
pub fn target(description: &Path, given: Option<&Path>) -> PathBuf {
    let dir = if description.is_file() {
        description.parent().unwrap_or(Path::new("."))
    } else {
        description
    };
    given.map_or_else(|| dir.join("out"), Path::to_owned)
}

/// The newest time in an image, in seconds since 1970: SOURCE_DATE_EPOCH, else now.
pub fn time() -> u64 {
    source_date_epoch().unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs())
    })
}

/// SOURCE_DATE_EPOCH, where it is set and a number.
pub fn source_date_epoch<T: std::str::FromStr>() -> Option<T> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.parse().ok()
}

/// Runs `work` on the description; prints the paths it answers with, or the report of its error.
pub fn run(
    verb: &'static str,
    selection: &Selection,
    context: &Context,
    work: impl FnOnce(&Loaded, &Reporter) -> Result<Vec<PathBuf>, BuildError>,
) -> Exit {
    Signals::exit();
    let begin = Instant::now();
    if selection.json && selection.events.as_deref() == Some("-") {
        eprintln!(
            "error[events]: `--json` and `--events -` would both write to standard output\n  help: `--events 3` writes the events to the descriptor 3: `apteryx {verb} --json --events 3 3>FILE`"
        );
        return Exit::USAGE;
    }
    let events = match selection.events.as_deref().map(progress::events_to).transpose() {
        Ok(events) => events,
        Err(message) => {
            eprintln!("error[events]: {message}");
            return Exit::USAGE;
        }
    };
    let target = target(&selection.description, selection.target_dir.as_deref());
    let target = std::path::absolute(&target).unwrap_or(target);
    let log = JobLog::new(verb, &target);
    let (reporter, told) = collecting(progress::reporter(context, events), log);
    let loaded = match load(&selection.description, &LoadOptions::default()) {
        Ok(loaded) => loaded,
        Err(error) => {
            let error = not_loaded(&error);
            eprint!(
                "{}",
                job_end::report(&error, None, selection, None, None, job_end::style(context))
            );
            return Exit::of(&error);
        }
    };
    let before = Audit::now();
    let result = work(&loaded, &reporter);
    let exit = result.as_ref().err().map_or(Exit::DONE, Exit::of);
    let failure = result.as_ref().err().map(ToString::to_string);
    let message = failure.unwrap_or_else(|| "done".to_owned());
    let error = result.as_ref().err();
    let blame = error.and_then(|error| error.blame(&loaded.image.files));
    let blame = blame.map(|(path, span)| (std::path::absolute(&path).unwrap_or(path), span));
    if let (Some(error), Some((path, span))) = (error, &blame) {
        reporter.send(Event::Blame {
            code: error.code().to_owned(),
            message: error.to_string(),
            help: error.help().map(str::to_owned),
            path: path.clone(),
            span: *span,
        });
    }
    let log = told
        .lock()
        .ok()
        .and_then(|told| told.log.path().map(Path::to_owned));
    reporter.send(Event::Finished {
        ok: result.is_ok(),
        exit_code: exit.0.into(),
        message: message.clone(),
        log: log.clone(),
    });
    drop(reporter);
    let Ok(mut told) = told.lock() else {
        return Exit::FAULT;
    };
    if selection.json {
        let paths: &[PathBuf] = result.as_deref().unwrap_or_default();
        let error = error.map(|error| {
            let (path, span) = blame.unzip();
            serde_json::json!({ "code": error.code(), "help": error.help(), "path": path, "span": span })
        });
        let document = serde_json::json!({
            "ok": result.is_ok(), "error": error, "exit_code": exit.0, "message": message, "results": paths,
            "artifacts": std::mem::take(&mut told.artifacts), "log": log,
        });
        println!("{document:#}");
    }
    match result {
        Ok(paths) => {
            let last = paths.last().filter(|_| verb == "build");
            let closing = last.map(|last| {
                let seconds = begin.elapsed().as_secs_f64();
                job_end::closing(last, seconds, told.steps, selection)
            });
            let closing = closing.unwrap_or_default();
            told.log.end(&closing);
            if !context.quiet {
                eprint!("{closing}");
            }
            if !selection.json && selection.events.as_deref() != Some("-") {
                for path in paths {
                    println!("{}", path.display());
                }
            }
        }
        Err(error) => {
            let failed = told.failed.take();
            let report =
                |log, style| job_end::report(&error, Some(&loaded), selection, failed.as_deref(), log, style);
            let plain = report::Style {
                color: false,
                unicode: true,
            };
            let log = told.log.end(&report(None, plain));
            eprint!("{}", report(log.as_ref(), job_end::style(context)));
            // Said of work that began, and only where it was looked at.
            if told.begun && before.is_some_and(|before| before.holds(&target)) {
                eprintln!("  nothing was left behind (mounts, loop devices, processes)");
            }
        }
    }
    exit
}

/// What a job has told of.
#[derive(Debug)]
struct Told {
    /// Its artifacts, as they stand in the JSON document.
    artifacts: Vec<serde_json::Value>,
    /// A step has begun that does more than look.
    begun: bool,
    /// How many steps, and how many of them from the store.
    steps: Steps,
    /// The step that failed first, finer ones not counted.
    failed: Option<String>,
    /// All of it as text.
    log: JobLog,
}

impl Told {
    fn note(&mut self, event: &Event) {
        self.log.note(event);
        match event {
            Event::Artifact {
                key,
                path,
                size,
                sha256,
            } => self.artifacts.push(serde_json::json!({
                "key": key, "path": path, "size": size, "sha256": sha256,
            })),
            Event::StepStarted { step, .. } => self.begun |= step != "check",
            Event::StepFinished { step, outcome, .. } if !step.contains('/') => {
                self.steps.all += 1;
                self.steps.stored += usize::from(*outcome == Outcome::Stored);
                if *outcome == Outcome::Failed {
                    self.failed.get_or_insert_with(|| step.clone());
                }
            }
            _ => {}
        }
    }
}

/// The same reporter, and what it has told of.
fn collecting(reporter: Reporter, log: JobLog) -> (Reporter, Arc<Mutex<Told>>) {
    let list = Arc::new(Mutex::new(Told {
        artifacts: Vec::new(),
        begun: false,
        steps: Steps::default(),
        failed: None,
        log,
    }));
    let shared = Arc::clone(&list);
    let collect = Reporter::new(move |event| {
        if let Ok(mut told) = shared.lock() {
            told.note(&event);
        }
        reporter.send(event);
    });
    (collect, list)
}
