//! `apteryx prepare`: the root tree of an image.

use std::path::PathBuf;

use apteryx_builder::error::{BuildError, IoContext};
use apteryx_builder::events::{Event, Reporter};
use apteryx_builder::prepare::{self, PrepareRequest, Prepared};
use apteryx_schema::description::{LoadOptions, Loaded, View, host_arch, load};
use apteryx_schema::diagnostic::FileId;

use super::create::{make_target, target};
use crate::context::Context;
use crate::exit::Exit;
use crate::{progress, report};

/// Arguments of `prepare`.
#[derive(Debug, clap::Args)]
pub struct Args {
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
    /// `host`: the mirror that the host's own package manager uses
    #[arg(long, value_name = "host", value_parser = ["host"])]
    pub mirror: Option<String>,
    /// A repository in place of the first one: SOURCE,TYPE,ALIAS,…
    #[arg(long, value_name = "REPO")]
    pub set_repo: Option<String>,
    /// Write events as JSON lines to a file descriptor, or to standard output
    #[arg(long, value_name = "FD|-")]
    pub events: Option<String>,
}

fn make(args: &Args, loaded: &Loaded, reporter: &Reporter) -> Result<Prepared, BuildError> {
    let arch = args.arch.clone().unwrap_or_else(|| host_arch().to_owned());
    let view = View::new(&loaded.image, &args.profiles, args.image.as_deref(), &arch).map_err(|error| {
        BuildError::Description {
            code: error.code(),
            message: error.to_string(),
            place: error.place(),
            help: error.help(),
        }
    })?;
    let target = make_target(&target(&args.description, args.target_dir.as_deref()))?;
    reporter.send(Event::BuildStarted {
        name: loaded.image.name.clone(),
        version: view.version().unwrap_or("").to_owned(),
        profiles: view.profiles.clone(),
        image: view.image_type.image.value.clone(),
        format: view.type_attr("format").map(str::to_owned),
        arch: arch.clone(),
    });
    let request = PrepareRequest {
        description: loaded.path.canonicalize().at("cannot read", &loaded.path)?,
        target,
        profiles: args.profiles.clone(),
        image: args.image.clone(),
        arch,
        host_mirror: args.mirror.is_some(),
        set_repo: args.set_repo.clone(),
        store: None,
        time: std::env::var("SOURCE_DATE_EPOCH")
            .ok()
            .and_then(|time| time.parse().ok()),
    };
    prepare::run(&request, reporter)
}

/// Runs it.
pub fn run(args: Args, context: &Context) -> Exit {
    let events = match args.events.as_deref().map(progress::events_to).transpose() {
        Ok(events) => events,
        Err(message) => {
            eprintln!("error[events]: {message}");
            return Exit::USAGE;
        }
    };
    let to_stdout = args.events.as_deref() == Some("-");
    let reporter = progress::reporter(context, events);
    let loaded = match load(&args.description, &LoadOptions::default()) {
        Ok(loaded) => loaded,
        Err(error) => {
            eprintln!("error[no-description]: {error}");
            return Exit::USAGE;
        }
    };
    let result = make(&args, &loaded, &reporter);
    let exit = result.as_ref().err().map_or(Exit::DONE, Exit::of);
    let message = result
        .as_ref()
        .err()
        .map_or_else(|| "done".to_owned(), ToString::to_string);
    reporter.send(Event::Finished {
        ok: result.is_ok(),
        exit_code: exit.0.into(),
        message,
    });
    match result {
        Ok(prepared) if !to_stdout => println!("{}", prepared.root.display()),
        Ok(_) => {}
        Err(error) => {
            let paths: Vec<String> = loaded
                .image
                .files
                .iter()
                .map(|file| file.path.display().to_string())
                .collect();
            let text = |id: FileId| {
                let index = id.0 as usize;
                let (file, path) = (loaded.image.files.get(index)?, paths.get(index)?);
                Some(report::Text {
                    path,
                    text: &file.text,
                })
            };
            let style = report::Style {
                color: context.color_err,
                unicode: context.unicode,
            };
            eprint!("{}", report::build_error(&error, &text, style));
        }
    }
    exit
}
