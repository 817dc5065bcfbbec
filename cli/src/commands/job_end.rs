//! The last words of a job: what was built and what one does next, or why it stopped, where its log lies, and one thing
//! to try. Only what is said; the job itself is over.

use std::path::{Path, PathBuf};

use apteryx_builder::error::BuildError;
use apteryx_schema::description::Loaded;
use apteryx_schema::description::model::At;
use apteryx_schema::diagnostic::FileId;

use super::job::Selection;
use crate::context::Context;
use crate::job_log::quoted;
use crate::report::{self, Beyond, near};
use apteryx_schema::codes;

/// Steps of a job, finer ones not counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// That ended.
    pub all: usize,
    /// Whose result came from the store.
    pub stored: usize,
}

/// What was built, how large, in which time, how much of it was there already, and what one does next.
pub fn closing(result: &Path, seconds: f64, steps: Steps, selection: &Selection) -> String {
    let size = std::fs::metadata(result).map_or(0, |m| m.len().div_ceil(1_000_000));
    let path = near(result);
    let stored = match steps.stored {
        0 => String::new(),
        stored => format!(", {stored} of {} steps from the store", steps.all),
    };
    let mut text = format!("Built {} ({size} MB) in {seconds:.1} s{stored}\n", path.display());
    if result.extension().is_some_and(|e| e == "raw" || e == "qcow2") {
        // In the description's folder `boot` finds it by itself.
        let here = selection.target_dir.is_none() && selection.description == Path::new(".");
        let boot = if here {
            "apteryx boot".to_owned()
        } else {
            format!("apteryx boot {}", shown(&path))
        };
        text += &format!("  {boot:<31} start it\n");
    }
    text
}

fn shown(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// The report of an error of the step `failed`, with what stands under it: the log, one thing to try.
pub fn report(
    error: &BuildError,
    loaded: Option<&Loaded>,
    selection: &Selection,
    failed: Option<&str>,
    log: Option<&Result<PathBuf, String>>,
    style: report::Style,
) -> String {
    let files = loaded.map_or(&[][..], |loaded| &loaded.image.files);
    let paths: Vec<String> = files
        .iter()
        .map(|file| near(&file.path).display().to_string())
        .collect();
    let text = |id: FileId| {
        let index = id.0 as usize;
        let (file, path) = (files.get(index)?, paths.get(index)?);
        Some(report::Text {
            path,
            text: &file.text,
        })
    };
    let mut after = Vec::new();
    match log {
        Some(Ok(path)) => after.push(("log", near(path).display().to_string())),
        Some(Err(reason)) => after.push(("note", format!("there is no whole log: {reason}"))),
        None => {}
    }
    after.extend(next(error).map(|next| ("try", next)));
    // What an image is made with is asked for by its type; what packages do when they are installed, by many.
    let by_type = failed.is_some_and(|step| ["create", "initrd", "convert"].contains(&step));
    let view = loaded.and_then(|loaded| selection.view(loaded).ok());
    let asked = view.filter(|_| by_type).map(|view| {
        let image = &view.image_type.image;
        At {
            value: (),
            file: image.file,
            span: image.span,
        }
    });
    report::build_error(error, &text, &Beyond { asked, after }, style)
}

/// How this run's messages look on standard error.
pub fn style(context: &Context) -> report::Style {
    report::Style {
        color: context.color_err,
        unicode: context.unicode,
    }
}

/// One command that helps after an error, and what it does.
fn next(error: &BuildError) -> Option<String> {
    let again = || {
        let args: Vec<String> = std::env::args().skip(1).map(|arg| quoted(&arg)).collect();
        format!("apteryx {}", args.join(" "))
    };
    let (command, why) = match error {
        BuildError::Packages { code, .. } if TRANSIENT.contains(code) => (
            again(),
            "the same once more; what is fetched already is not fetched again",
        ),
        BuildError::Host { .. } => return Some(DOCTOR.to_owned()),
        BuildError::Io { path, .. } if error.code() == "disk-full" => {
            // What was written there is gone; the disk is that of the folder above.
            let there = path.ancestors().find(|path| path.exists())?;
            (format!("df -h {}", shown(&near(there))), "how full the disk is")
        }
        // Asked for, or not the user's doing: the error says how to report it.
        BuildError::Cancelled { .. } | BuildError::Internal { .. } => return None,
        _ => {
            let code = error.code();
            let known = codes::is_known(code).then(|| format!("apteryx explain {code}"))?;
            (known, "what it means, and what to do")
        }
    };
    Some(format!("{command}      ({why})"))
}

/// To try where the host lacks something.
pub const DOCTOR: &str = "apteryx doctor      (what this host has, and what it lacks)";

/// Codes of what may be well a minute later.
const TRANSIENT: [&str; 5] = [
    "repository-unreachable",
    "repository-stalled",
    "repository-expired",
    "metadata-corrupt",
    "package-corrupt",
];
