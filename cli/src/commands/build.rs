//! `apteryx build`: check, prepare, create. Stops before any work where the description is wrong or the host lacks
//! something.

use std::path::Path;
use std::time::Instant;

use apteryx_builder::error::BuildError;
use apteryx_builder::events::{Outcome, Reporter};
use apteryx_schema::check::{self, Options};
use apteryx_schema::description::Loaded;
use apteryx_schema::description::model::At;
use apteryx_schema::diagnostic::Severity;

use super::job::{self, Selection, Sources};
use super::{create, prepare};
use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `build`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    sources: Sources,
}

/// The first error of the description, as the reason not to begin.
fn judge(loaded: &Loaded, reporter: &Reporter) -> Result<(), BuildError> {
    let step = reporter.step("check", "the description");
    let Some(file) = loaded.image.files.first() else {
        return Ok(());
    };
    let checked = check::check(&file.path, file.text.as_bytes(), Options::default());
    let errors: Vec<_> = checked
        .diagnostics
        .into_iter()
        .chain(loaded.diagnostics.iter().cloned())
        .filter(|d| d.severity == Severity::Error)
        .collect();
    let Some(first) = errors.first() else {
        step.finish(Outcome::Done, "no problem");
        return Ok(());
    };
    let more = errors.len() - 1;
    Err(BuildError::Description {
        code: first.code,
        message: first.message.clone(),
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

/// Runs it.
pub fn run(args: Args, context: &Context) -> Exit {
    let selection = &args.selection;
    job::run(selection, context, |loaded, reporter| {
        judge(loaded, reporter)?;
        create::check(selection, loaded)?;
        let begin = Instant::now();
        let root = prepare::make(selection, &args.sources, loaded, reporter)?;
        let results = create::make(selection, Some(&root), loaded, reporter)?;
        if let Some(last) = results.last().filter(|_| !context.quiet) {
            eprint!("{}", closing(last, begin.elapsed().as_secs_f64()));
        }
        Ok(results)
    })
}

/// The words at the end: what was built, how large, in which time, and what one does next.
fn closing(result: &Path, seconds: f64) -> String {
    let size = std::fs::metadata(result).map_or(0, |m| m.len().div_ceil(1_000_000));
    let path = std::env::current_dir()
        .ok()
        .and_then(|dir| result.strip_prefix(dir).ok().map(Path::to_owned))
        .unwrap_or_else(|| result.to_owned());
    let mut text = format!("Built {} ({size} MB) in {seconds:.1} s\n", path.display());
    if result.extension().is_some_and(|e| e == "raw" || e == "qcow2") {
        text += &format!("  apteryx boot {}    start it\n", path.display());
    }
    text
}
