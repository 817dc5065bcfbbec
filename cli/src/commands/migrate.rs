//! `apteryx migrate`: brings descriptions to the current schema version, comments and layout kept.

use std::path::PathBuf;
use std::sync::Arc;

use apteryx_schema::description::{self, LoadOptions};
use apteryx_schema::{fix, format, migrate};

use crate::context::Context;
use crate::exit::Exit;
use crate::report;

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders with a description (default: the folder here)
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Show what would change, write nothing
    #[arg(long)]
    pub diff: bool,
}

/// Migrates each description in its place.
pub fn run(args: Args, context: &Context) -> Exit {
    let mut exit = Exit::DONE;
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    };
    for path in paths {
        let one = one(path, &args, context);
        if one.0 > exit.0 {
            exit = one;
        }
    }
    exit
}

fn one(path: &std::path::Path, args: &Args, context: &Context) -> Exit {
    let read = description::find(path, &LoadOptions::default())
        .and_then(|p| description::load::read_file(&p).map(|b| (p, b)));
    let (path, bytes) = match read {
        Ok(read) => read,
        Err(error) => {
            eprint!("{}", report::plain(&error.to_string(), None));
            return Exit::USAGE;
        }
    };
    let name = path.display().to_string();
    let tree = format::parse(&path, &bytes);
    let text: Arc<str> = tree.text().clone();
    let style = report::Style {
        color: context.color_err,
        unicode: context.unicode,
    };
    let show = |d| {
        let file = |_| {
            Some(report::Text {
                path: &name,
                text: &text,
            })
        };
        eprint!("{}", report::diagnostic(d, &file, style));
    };
    if let Some(error) = tree.errors().first() {
        show(error);
        return Exit::DESCRIPTION;
    }
    if !tree.is_xml() {
        let message = format!("`{name}` is not XML, and only XML is rewritten");
        let help = "it builds as it is: every step happens in memory too";
        eprint!("{}", report::plain(&message, Some(help)));
        return Exit::USAGE;
    }
    let edits = match migrate::edits(&tree, None) {
        Ok(edits) => edits,
        Err(error) => {
            show(&error);
            return Exit::DESCRIPTION;
        }
    };
    if edits.is_empty() {
        if !context.quiet {
            eprintln!("{name}: nothing to migrate");
        }
        return Exit::DONE;
    }
    let new = fix::apply(&text, &edits);
    if args.diff {
        print!("{}", unified(&name, &text, &new));
        return Exit::DONE;
    }
    // The text that spans point into is UTF-8 without its mark; another encoding would be changed by the way.
    let Some(head) = bytes.strip_suffix(text.as_bytes()) else {
        let help = "save it as UTF-8 first";
        eprint!(
            "{}",
            report::plain(&format!("`{name}` is not written in UTF-8"), Some(help))
        );
        return Exit::USAGE;
    };
    match crate::replace::replace(&path, &[head, new.as_bytes()].concat()) {
        Ok(()) => {
            if !context.quiet {
                eprintln!("{name}: migrated to {}", migrate::CURRENT);
            }
            Exit::DONE
        }
        Err(error) => {
            eprint!(
                "{}",
                report::plain(&format!("cannot write `{name}`: {error}"), None)
            );
            Exit::USAGE
        }
    }
}

/// A unified diff.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    diff.unified_diff().header(name, name).to_string()
}
