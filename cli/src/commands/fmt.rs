//! `apteryx fmt`: lays out descriptions. What is laid out how is the schema crate's business.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_schema::description::load::{SIZE_LIMIT, read_file};
use apteryx_schema::fmt::{self, FormatError, Options};
use apteryx_schema::format;
use rayon::prelude::*;

use crate::commands::check::inputs;
use crate::commands::check_output::count;
use crate::commands::migrate::unified;
use crate::context::Context;
use crate::exit::Exit;
use crate::report;

/// Arguments of `fmt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders; `-` lays out standard input onto standard output [default: the folder here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; name what is not laid out and end with 1
    #[arg(long)]
    pub check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    pub diff: bool,
    /// Sort neighbouring packages by name
    #[arg(long)]
    pub sort_packages: bool,
    /// The name of standard input
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
}

/// A text laid out.
struct Done {
    stdin: bool,
    name: String,
    old: String,
    new: String,
}

/// Why a file stays as it is: words for standard error, and how the process ends.
type Left = (String, Exit);

/// Lays out each description in its place.
pub fn run(args: Args, context: &Context) -> Exit {
    let paths = match inputs(&args.paths) {
        Ok(paths) if !paths.is_empty() => paths,
        Ok(_) => {
            let help = "a description is a file `config.xml` or `*.kiwi`";
            eprint!("{}", report::plain("there is no description here", Some(help)));
            return Exit::USAGE;
        }
        Err((path, reason)) => {
            let message = format!("cannot read `{}`: {reason}", path.display());
            eprint!("{}", report::plain(&message, None));
            return Exit::USAGE;
        }
    };
    let done: Vec<_> = paths.par_iter().map(|p| one(p, &args, context)).collect();
    let mut exit = Exit::DONE;
    let mut out = String::new();
    let (mut changed, mut same) = (0, 0);
    for one in done {
        let one = match one {
            Ok(one) => one,
            Err((message, why)) => {
                eprint!("{message}");
                exit = Exit(exit.0.max(why.0));
                continue;
            }
        };
        if one.stdin && !args.check && !args.diff {
            out.push_str(&one.new);
            continue;
        }
        if one.old == one.new {
            same += 1;
            continue;
        }
        changed += 1;
        if args.diff {
            out.push_str(&unified(&one.name, &one.old, &one.new));
        } else if args.check {
            out.push_str(&format!("{}\n", one.name));
        }
        if args.check {
            exit = Exit(exit.0.max(Exit::DESCRIPTION.0));
        }
    }
    // A reader that has gone away is no fault of ours.
    let _ = std::io::stdout().lock().write_all(out.as_bytes());
    if !context.quiet && changed + same > 0 {
        let would = if args.check || args.diff { "to be " } else { "" };
        eprintln!("{} {would}laid out, {same} unchanged", count(changed, "file"));
    }
    exit
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn one(path: &Path, args: &Args, context: &Context) -> Result<Done, Left> {
    let stdin = is_stdin(path);
    let named = args.stdin_filename.as_deref().filter(|_| stdin).unwrap_or(path);
    let name = named.display().to_string();
    let refuse = |message: String, help: Option<&str>| (report::plain(&message, help), Exit::USAGE);
    let bytes = if stdin {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(SIZE_LIMIT).read_to_end(&mut bytes);
        read.map_err(|e| refuse(format!("cannot read standard input: {e}"), None))?;
        bytes
    } else {
        read_file(path).map_err(|e| refuse(e.to_string(), None))?
    };
    let tree = format::parse(named, &bytes);
    let text: Arc<str> = tree.text().clone();
    let options = Options {
        sort_packages: args.sort_packages,
    };
    let new = fmt::format(&tree, options).map_err(|error| match &error {
        FormatError::NotWellFormed(fault) => {
            let style = report::Style {
                color: context.color_err,
                unicode: context.unicode,
            };
            let file = |_| {
                Some(report::Text {
                    path: &name,
                    text: &text,
                })
            };
            (report::diagnostic(fault, &file, style), Exit::DESCRIPTION)
        }
        _ => refuse(format!("`{name}` stays as it is: {error}"), None),
    })?;
    // The text is UTF-8 without its mark; another encoding would be changed by the way.
    let Some(head) = bytes.strip_suffix(text.as_bytes()) else {
        let message = format!("`{name}` is not written in UTF-8");
        return Err(refuse(message, Some("save it as UTF-8 first")));
    };
    let head = String::from_utf8_lossy(head);
    let (old, new) = (format!("{head}{text}"), format!("{head}{new}"));
    if !stdin && !args.check && !args.diff && old != new {
        crate::replace::replace(path, new.as_bytes())
            .map_err(|e| refuse(format!("cannot write `{name}`: {e}"), None))?;
    }
    Ok(Done {
        stdin,
        name,
        old,
        new,
    })
}
