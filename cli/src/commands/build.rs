//! `apteryx build`: check, prepare, create. Stops before any work where the description is wrong or the host lacks
//! something.

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
    job::run("build", selection, context, |loaded, reporter| {
        job::judge(selection, loaded, reporter)?;
        create::check(selection, loaded)?;
        // A signal between the two stages ends the build as one within them does.
        let signals = Signals::watch()?;
        let root = prepare::make(selection, &args.sources, loaded, reporter)?;
        signals.check()?;
        create::make(selection, Some(&root), loaded, reporter)
    })
}
