//! `apteryx fmt`: lays out descriptions. What is laid out how is the schema crate's business.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_schema::description::load::{read_file, reason};
use apteryx_schema::fmt::{self, FormatError, Options};
use apteryx_schema::format;
use apteryx_schema::syntax::encode_as;
use rayon::prelude::*;

use crate::commands::check_output::count;
use crate::context::Context;
use crate::diff::unified;
use crate::exit::Exit;
use crate::inputs::{inputs, is_stdin, read_stdin};
use crate::output::print;
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
    path: PathBuf,
    name: String,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// Why a file stays as it is: words for standard error, and how the process ends.
type Left = (String, Exit);

/// Lays out each description in its place.
pub fn run(args: Args, context: &Context) -> Exit {
    let meant = inputs(&args.paths);
    if meant.files.is_empty() && meant.refused.is_empty() {
        let help = "a description is a file `config.xml` or `*.kiwi`";
        eprint!("{}", report::plain("there is no description here", Some(help)));
        return Exit::USAGE;
    }
    let files = meant.files.par_iter();
    let done: Vec<_> = files.map(|f| one(&f.path, &args, context)).collect();
    let mut exit = Exit::DONE;
    for words in &meant.refused {
        eprint!("{}", report::plain(words, None));
        exit = Exit::USAGE;
    }
    let mut out = Vec::new();
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
            out.extend(one.new);
            continue;
        }
        if one.old == one.new {
            same += 1;
            continue;
        }
        changed += 1;
        if args.diff {
            out.extend(unified(&one.path, &one.old, &one.new));
        } else if args.check {
            out.extend(format!("{}\n", one.name).into_bytes());
        }
        if args.check {
            exit = Exit(exit.0.max(Exit::DESCRIPTION.0));
        }
    }
    if let Err(words) = print(&out) {
        eprint!("{}", report::plain(&words, None));
        exit = Exit::USAGE;
    }
    if !context.quiet && changed + same > 0 {
        let would = if args.check || args.diff { "to be " } else { "" };
        eprintln!("{} {would}laid out, {same} unchanged", count(changed, "file"));
    }
    exit
}

fn one(path: &Path, args: &Args, context: &Context) -> Result<Done, Left> {
    let stdin = is_stdin(path);
    let named = args.stdin_filename.as_deref().filter(|_| stdin).unwrap_or(path);
    let name = named.display().to_string();
    let refuse = |message: String, help: Option<&str>| (report::plain(&message, help), Exit::USAGE);
    let bytes = match stdin {
        true => read_stdin().map_err(|e| refuse(e, None))?,
        false => read_file(path).map_err(|e| refuse(e.to_string(), None))?,
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
    let Some(new) = encode_as(&bytes, &text, &new) else {
        let message = format!("`{name}` cannot be written in its encoding");
        return Err(refuse(message, Some("save it as UTF-8 first")));
    };
    let old = bytes;
    if !stdin && !args.check && !args.diff && old != new {
        crate::replace::replace(path, &old, &new)
            .map_err(|e| refuse(format!("cannot write `{name}`: {}", reason(&e)), None))?;
    }
    Ok(Done {
        stdin,
        path: named.to_owned(),
        name,
        old,
        new,
    })
}
