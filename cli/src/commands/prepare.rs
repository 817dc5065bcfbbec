//! `apteryx prepare`: the root tree of an image.

use std::path::PathBuf;

use apteryx_builder::error::{BuildError, IoContext};
use apteryx_builder::events::Reporter;
use apteryx_builder::prepare::{self, PrepareRequest};
use apteryx_schema::description::Loaded;

use super::job::{self, Selection, Sources};
use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `prepare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    sources: Sources,
}

/// Makes the tree; gives its path.
pub fn make(
    selection: &Selection,
    sources: &Sources,
    loaded: &Loaded,
    reporter: &Reporter,
) -> Result<PathBuf, BuildError> {
    selection.view(loaded)?;
    let target = selection.make_target()?;
    let request = PrepareRequest {
        description: loaded.path.canonicalize().at("cannot read", &loaded.path)?,
        target,
        profiles: selection.profiles.clone(),
        image: selection.image.clone(),
        arch: selection.arch(),
        host_mirror: sources.mirror.is_some(),
        set_repo: sources.set_repo.clone(),
        store: None,
        time: job::source_date_epoch(),
    };
    Ok(prepare::run(&request, reporter)?.root)
}

/// Runs it.
pub fn run(args: Args, context: &Context) -> Exit {
    job::run("prepare", &args.selection, context, |loaded, reporter| {
        job::judge(&args.selection, loaded, reporter)?;
        Ok(vec![make(&args.selection, &args.sources, loaded, reporter)?])
    })
}
