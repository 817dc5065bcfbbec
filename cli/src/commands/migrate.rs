//! `apteryx migrate`: brings descriptions to the current schema version, with what they include, comments and layout
//! kept. In other mark-ups than XML, where that takes no more than other words.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use apteryx_schema::description;
use apteryx_schema::description::load::{read_file, read_include, reason};
use apteryx_schema::description::model::File;
use apteryx_schema::diagnostic::{Diagnostic, Edit, FileId};
use apteryx_schema::syntax::encode_as;
use apteryx_schema::{fix, format, migrate};

use crate::context::Context;
use crate::diff::unified;
use crate::exit::Exit;
use crate::inputs::{Input, inputs, read_stdin};
use crate::output::print;
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

/// A text that changes: a description, or one that it includes.
struct Changed {
    path: PathBuf,
    old: Vec<u8>,
    new: Vec<u8>,
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
    // What several descriptions include is shown once.
    let mut shown = HashSet::new();
    for input in &meant.files {
        let name = named(input, &args).display().to_string();
        let told = changed(input, &args, context).and_then(|all| match all.is_empty() {
            true => Ok(format!("{name}: nothing to migrate\n")),
            false => put(input, &args, &mut shown, all),
        });
        match told {
            Ok(words) if !context.quiet => eprint!("{words}"),
            Ok(_) => {}
            Err((words, why)) => {
                exit = Exit(exit.0.max(why.0));
                eprint!("{words}");
            }
        }
    }
    exit
}

/// An error is its words, and how the process ends.
type Refused = (String, Exit);

fn refuse(message: String, help: Option<&str>) -> Refused {
    (report::plain(&message, help), Exit::USAGE)
}

/// A fault in one of these files, in words.
fn in_words(d: &Diagnostic, files: &[File], style: report::Style) -> Refused {
    let names: Vec<_> = files.iter().map(|f| f.path.display().to_string()).collect();
    let file = |id: FileId| {
        let (path, file) = names.iter().zip(files).nth(id.0 as usize)?;
        Some(report::Text {
            path,
            text: &file.text,
        })
    };
    (report::diagnostic(d, &file, style), Exit::DESCRIPTION)
}

fn named<'a>(input: &'a Input, args: &'a Args) -> &'a Path {
    match &args.stdin_filename {
        Some(name) if input.is_stdin() => name,
        _ => &input.path,
    }
}

/// What migration makes of a description and of what it includes; the description comes last, so that whatever ends the
/// program in between, all that is there is still read.
fn changed(input: &Input, args: &Args, context: &Context) -> Result<Vec<Changed>, Refused> {
    let stdin = input.is_stdin();
    let path = named(input, args);
    let bytes = match stdin {
        true => read_stdin().map_err(|e| refuse(e, None))?,
        false => read_file(path).map_err(|e| refuse(e.to_string(), None))?,
    };
    let style = report::Style {
        color: context.color_err,
        unicode: context.unicode,
    };
    let tree = format::parse(path, &bytes);
    let own = File {
        path: path.to_owned(),
        text: tree.text().clone(),
    };
    let alone = |d: &Diagnostic| in_words(d, std::slice::from_ref(&own), style);
    if let Some(error) = tree.errors().first() {
        return Err(alone(error));
    }
    let edits = migrate::edits(&tree, None).map_err(|error| alone(&error))?;
    // Of a large text one tree is enough at a time.
    drop(tree);
    let loaded = description::load_text(path, &bytes, &read_include);
    let new = |path: &Path, old: &[u8], text: &str, edits: &[Edit]| {
        encode_as(old, text, &fix::apply(text, edits)).ok_or_else(|| {
            let message = format!("`{}` cannot be written in its encoding", path.display());
            refuse(message, Some("save it as UTF-8 first"))
        })
    };
    let mut out = Vec::new();
    for one in migrate::fragments(&loaded).map_err(|error| in_words(&error, &loaded.image.files, style))? {
        let unread = |e| format!("cannot read `{}`: {}", one.path.display(), reason(&e));
        let old = read_include(one.path).map_err(|e| refuse(unread(e), None))?;
        out.push(Changed {
            new: new(one.path, &old, one.text, &one.edits)?,
            path: one.path.to_owned(),
            old,
        });
    }
    if !edits.is_empty() || stdin && !args.diff {
        out.push(Changed {
            path: path.to_owned(),
            new: new(path, &bytes, &own.text, &edits)?,
            old: bytes,
        });
    }
    Ok(out)
}

/// Writes or shows what changes; gives what is said of it.
fn put(
    input: &Input,
    args: &Args,
    shown: &mut HashSet<PathBuf>,
    all: Vec<Changed>,
) -> Result<String, Refused> {
    let mut words = String::new();
    for one in all {
        let name = one
            .path
            .strip_prefix("./")
            .unwrap_or(&one.path)
            .display()
            .to_string();
        let main = one.path == named(input, args);
        if args.diff {
            let whole = one.path.canonicalize().unwrap_or_else(|_| one.path.clone());
            if shown.insert(whole) {
                print(&unified(&one.path, &one.old, &one.new)).map_err(|e| refuse(e, None))?;
            }
            continue;
        }
        if main && input.is_stdin() {
            print(&one.new).map_err(|e| refuse(e, None))?;
        } else if input.is_stdin() {
            words += &format!("{name}: left as it is, and to be migrated with it\n");
            continue;
        } else {
            let refused = |e| refuse(format!("cannot write `{name}`: {}", reason(&e)), None);
            crate::replace::replace(&one.path, &one.old, &one.new).map_err(refused)?;
        }
        words += &match one.old == one.new {
            true => format!("{name}: nothing to migrate\n"),
            false => format!("{name}: migrated to {}\n", migrate::CURRENT),
        };
    }
    Ok(words)
}
