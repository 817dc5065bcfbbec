//! `apteryx build`: check, prepare, create. Stops before any work where the description is wrong or the host lacks
//! something.

use std::path::Path;
use std::time::Instant;

use apteryx_builder::jobs::Signals;

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

/// Runs it.
pub fn run(args: Args, context: &Context) -> Exit {
    let selection = &args.selection;
    job::run(selection, context, |loaded, reporter| {
        job::judge(selection, loaded, reporter)?;
        create::check(selection, loaded)?;
        let begin = Instant::now();
        // A signal between the two stages ends the build as one within them does.
        let signals = Signals::watch()?;
        let root = prepare::make(selection, &args.sources, loaded, reporter)?;
        signals.check()?;
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
