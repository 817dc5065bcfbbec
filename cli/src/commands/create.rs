//! `apteryx create`: images from a prepared tree.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use apteryx_builder::create::{self, CreateRequest, Created};
use apteryx_builder::error::{BuildError, IoContext};
use apteryx_builder::events::{Event, Reporter};
use apteryx_builder::{jobs, tools};
use apteryx_schema::description::{LoadOptions, Loaded, View, host_arch, load};
use apteryx_schema::diagnostic::FileId;

use crate::context::Context;
use crate::exit::Exit;
use crate::{progress, report};

/// Arguments of `create`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The description's folder or file
    #[arg(default_value = ".")]
    pub description: PathBuf,
    /// Where results go [default: DIR/out]
    #[arg(long, value_name = "OUT")]
    pub target_dir: Option<PathBuf>,
    /// The prepared tree [default: OUT/build/image-root]
    #[arg(long, value_name = "TREE")]
    pub root: Option<PathBuf>,
    /// Select a profile (may be given again)
    #[arg(long = "profile", value_name = "P")]
    pub profiles: Vec<String>,
    /// The image type [default: the primary one]
    #[arg(long = "type", value_name = "T")]
    pub image: Option<String>,
    /// The architecture [default: this machine's]
    #[arg(long, value_name = "A")]
    pub arch: Option<String>,
    /// Write events as JSON lines to a file descriptor, or to standard output
    #[arg(long, value_name = "FD|-")]
    pub events: Option<String>,
}

/// The newest time in an image: SOURCE_DATE_EPOCH, else now.
fn time() -> u64 {
    let given = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|t| t.parse().ok());
    given.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs())
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

/// Makes the target directory, with the marks that keep it out of version control and backups where it is new.
pub fn make_target(target: &Path) -> Result<PathBuf, BuildError> {
    create::check_target(target)?;
    std::fs::create_dir_all(target).at("cannot write", target)?;
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

fn make(args: &Args, loaded: &Loaded, reporter: &Reporter) -> Result<Created, BuildError> {
    let arch = args.arch.clone().unwrap_or_else(|| host_arch().to_owned());
    let view = View::new(&loaded.image, &args.profiles, args.image.as_deref(), &arch).map_err(|error| {
        BuildError::Description {
            code: error.code(),
            message: error.to_string(),
            place: error.place(),
            help: error.help(),
        }
    })?;
    create::support::check(&view)?;
    tools::require(&tools::for_create(&view))?;
    let target = make_target(&target(&args.description, args.target_dir.as_deref()))?;
    reporter.send(Event::BuildStarted {
        name: loaded.image.name.clone(),
        version: view.version().unwrap_or("").to_owned(),
        profiles: view.profiles.clone(),
        image: view.image_type.image.value.clone(),
        format: view.type_attr("format").map(str::to_owned),
        arch: arch.clone(),
    });
    let root = args
        .root
        .clone()
        .unwrap_or_else(|| target.join("build").join("image-root"));
    let absolute = |path: &Path| path.canonicalize().at("cannot read", path);
    let request = CreateRequest {
        description: absolute(&loaded.path)?,
        root: absolute(&root)?,
        target: target.clone(),
        profiles: args.profiles.clone(),
        image: args.image.clone(),
        arch,
        time: time(),
    };
    jobs::run(&jobs::WorkerRequest::Create(request), &target, reporter)
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
        Ok(created) => {
            for artifact in created.artifacts.iter().filter(|a| a.key != "image_packages") {
                if !to_stdout {
                    println!("{}", artifact.path.display());
                }
            }
        }
        Err(error) => {
            let paths: Vec<String> = loaded
                .image
                .files
                .iter()
                .map(|f| f.path.display().to_string())
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
