//! `apteryx create`: images from a prepared tree.

use std::path::{Path, PathBuf};

use apteryx_builder::create::{self, CreateRequest, Created};
use apteryx_builder::error::{BuildError, IoContext};
use apteryx_builder::events::Reporter;
use apteryx_builder::{jobs, tools};
use apteryx_schema::description::Loaded;

use super::job::{self, Selection};
use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `create`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// The prepared tree [default: OUT/build/image-root]
    #[arg(long, value_name = "TREE")]
    root: Option<PathBuf>,
}

/// Refuses what cannot be created here, before any work: unsupported features, missing tools.
pub fn check(selection: &Selection, loaded: &Loaded) -> Result<(), BuildError> {
    let view = selection.view(loaded)?;
    create::support::check(&view, &loaded.dir)?;
    tools::require(&tools::for_create(&view))
}

/// Makes the images of a tree; gives the paths of the results.
pub fn make(
    selection: &Selection,
    root: Option<&Path>,
    loaded: &Loaded,
    reporter: &Reporter,
) -> Result<Vec<PathBuf>, BuildError> {
    let target = selection.make_target()?;
    let root = root.map_or_else(|| target.join("build").join("image-root"), Path::to_owned);
    if !root.exists() {
        return Err(create::no_tree(&root));
    }
    let absolute = |path: &Path| path.canonicalize().at("cannot read", path);
    let request = CreateRequest {
        description: absolute(&loaded.path)?,
        root: absolute(&root)?,
        target: target.clone(),
        profiles: selection.profiles.clone(),
        image: selection.image.clone(),
        arch: selection.arch(),
        time: job::time(),
    };
    let created: Created = jobs::run(&jobs::WorkerRequest::Create(request), &target, reporter)?;
    let results = created
        .artifacts
        .into_iter()
        .filter(|a| !a.key.starts_with("image_"));
    Ok(results.map(|artifact| artifact.path).collect())
}

/// Runs it.
pub fn run(args: Args, context: &Context) -> Exit {
    job::run("create", &args.selection, context, |loaded, reporter| {
        job::judge(&args.selection, loaded, reporter)?;
        check(&args.selection, loaded)?;
        make(&args.selection, args.root.as_deref(), loaded, reporter)
    })
}
