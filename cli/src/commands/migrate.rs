//! `apteryx migrate`: brings descriptions to the current schema version, comments and layout kept.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_schema::description::load::read_file;
use apteryx_schema::diagnostic::Diagnostic;
use apteryx_schema::syntax::encode_as;
use apteryx_schema::{fix, format, migrate};

use crate::context::Context;
use crate::diff::unified;
use crate::exit::Exit;
use crate::inputs::{Input, inputs, read_stdin};
use crate::report;

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders; `-` migrates standard input onto standard output [default: the folder here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Show what would change, write nothing
    #[arg(long)]
    pub diff: bool,
    /// The name of standard input
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
}

/// What became of a description.
struct Done {
    /// For standard output.
    out: Vec<u8>,
    /// For standard error.
    words: String,
}

/// Migrates each description in its place.
pub fn run(args: Args, context: &Context) -> Exit {
    let mut exit = Exit::DONE;
    let meant = inputs(&args.paths);
    if meant.files.is_empty() && meant.refused.is_empty() {
        let help = "a description is a file `config.xml` or `*.kiwi`";
        eprint!("{}", report::plain("there is no description here", Some(help)));
        return Exit::USAGE;
    }
    for words in &meant.refused {
        eprint!("{}", report::plain(words, None));
        exit = Exit::USAGE;
    }
    for input in &meant.files {
        let done = one(input, &args, context).unwrap_or_else(|(words, why)| {
            exit = Exit(exit.0.max(why.0));
            Done {
                out: Vec::new(),
                words,
            }
        });
        eprint!("{}", done.words);
        // A reader that has gone away is no fault of ours.
        let _ = std::io::stdout().lock().write_all(&done.out);
    }
    exit
}

/// An error is its words, and how the process ends.
fn one(input: &Input, args: &Args, context: &Context) -> Result<Done, (String, Exit)> {
    let refuse = |message: String, help: Option<&str>| (report::plain(&message, help), Exit::USAGE);
    let stdin = input.is_stdin();
    let path: &Path = match &args.stdin_filename {
        Some(name) if stdin => name,
        _ => &input.path,
    };
    let bytes = match stdin {
        true => read_stdin().map_err(|e| refuse(e, None))?,
        false => read_file(path).map_err(|e| refuse(e.to_string(), None))?,
    };
    let name = path.display().to_string();
    let tree = format::parse(path, &bytes);
    let text: Arc<str> = tree.text().clone();
    let style = report::Style {
        color: context.color_err,
        unicode: context.unicode,
    };
    let show = |d: &Diagnostic| {
        let file = |_| {
            Some(report::Text {
                path: &name,
                text: &text,
            })
        };
        (report::diagnostic(d, &file, style), Exit::DESCRIPTION)
    };
    if let Some(error) = tree.errors().first() {
        return Err(show(error));
    }
    if !tree.is_xml() {
        let message = format!("`{name}` is not XML, and only XML is rewritten");
        let help = "it builds as it is: every step happens in memory too";
        return Err(refuse(message, Some(help)));
    }
    let edits = migrate::edits(&tree, None).map_err(|error| show(&error))?;
    let new = fix::apply(&text, &edits);
    let Some(new) = encode_as(&bytes, &text, &new) else {
        let message = format!("`{name}` cannot be written in its encoding");
        return Err(refuse(message, Some("save it as UTF-8 first")));
    };
    let told = |words: String| {
        if context.quiet {
            String::new()
        } else {
            format!("{name}: {words}\n")
        }
    };
    let same = edits.is_empty();
    let words = match same {
        true => told("nothing to migrate".to_owned()),
        false if args.diff => String::new(),
        false => told(format!("migrated to {}", migrate::CURRENT)),
    };
    let out = match (args.diff, stdin) {
        (true, _) => unified(&name, &bytes, &new),
        (false, true) => new,
        (false, false) => {
            if !same {
                crate::replace::replace(path, &new)
                    .map_err(|e| refuse(format!("cannot write `{name}`: {e}"), None))?;
            }
            Vec::new()
        }
    };
    Ok(Done { out, words })
}
