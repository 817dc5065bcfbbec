//! `apteryx check`: judges descriptions. Finding, judging and showing are three steps; only the last prints.

use std::collections::{HashMap, HashSet};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_builder::events::Reporter;
use apteryx_schema::description;
use apteryx_schema::grammar::{self, Grammar};
use rayon::prelude::*;

use crate::codes::{self, Refused};
use crate::commands::check_args::{Args, Format};
use crate::commands::check_fix::{self, Changed, Mended};
use crate::commands::check_judge::{Judged, Texts, look};
use crate::commands::check_output as output;
use crate::context::Context;
use crate::exit::Exit;
use crate::inputs::{Input, inputs, is_stdin, read_stdin};
use crate::output::unwritten;
use crate::{progress, report};

/// Checks every description named or found.
pub fn run(args: Args, context: &Context) -> Exit {
    let grammar = match args.schema.as_deref().map(grammar::load_file).transpose() {
        Ok(grammar) => grammar,
        Err(error) => return refuse_schema(&error, context),
    };
    let reporter = match args.packages {
        true => progress::reporter(context, None),
        false => Reporter::silent(),
    };
    if let Err(refused) = usable(&args) {
        eprint!("{}", report::plain(&refused.message, refused.help.as_deref()));
        return Exit::USAGE;
    }
    let mut meant = inputs(&args.paths);
    if meant.files.is_empty() && meant.refused.is_empty() {
        let help = "a description is a file `config.xml` or `*.kiwi`";
        eprint!("{}", report::plain("there is no description here", Some(help)));
        return Exit::USAGE;
    }
    let one = |input: &Input| judge(input, &args, grammar.as_ref(), &reporter);
    // A single file waits for no threads.
    let judged: Vec<_> = match meant.files.as_slice() {
        [input] => vec![one(input)],
        many => many.par_iter().map(one).collect(),
    };
    let mut files = Vec::new();
    let mut words: Vec<String> = meant.refused.drain(..).map(|m| report::plain(&m, None)).collect();
    let mut refused = None;
    for (one, input) in judged.into_iter().zip(meant.files) {
        match one {
            Ok(one) => {
                if let Some(error) = &one.judged.refused {
                    let style = report::Style {
                        color: context.color_err,
                        unicode: context.unicode,
                    };
                    eprint!(
                        "{}",
                        report::build_error(
                            error,
                            &|id| one.judged.text(id),
                            &report::Beyond::default(),
                            style
                        )
                    );
                    refused = Some(Exit::of(error));
                }
                files.push((input, one));
            }
            Err(error) => words.push(report::plain(&error.message, error.help.as_deref())),
        }
    }
    let mut unreadable = !words.is_empty();
    // What all files have in common is said once.
    words.dedup();
    eprint!("{}", words.concat());
    let (mut files, mut changed) = once(files);
    // An included file changes for each that includes it, and in the same way.
    let mut seen = HashSet::new();
    changed.retain(|c| seen.insert(c.path.canonicalize().unwrap_or_else(|_| c.path.clone())));
    let (fixed, mut refusals) = match args.diff {
        true => (0, Vec::new()),
        false => write(&changed, &mut files, &|path| {
            let input = Input {
                path: path.to_owned(),
                found: false,
            };
            let as_it_is = |bytes: &[u8]| {
                look(
                    path,
                    (false, None),
                    bytes,
                    &Texts::new(),
                    &args,
                    grammar.as_ref(),
                    &reporter,
                )
            };
            as_it_is(&read(&input)?)
        }),
    };
    refusals.extend(show(&files, &changed, fixed, &args, context).err());
    for words in refusals {
        unreadable = true;
        eprint!("{}", report::plain(&words, None));
    }
    let errors = files.iter().any(|f| f.counts().errors > 0);
    match (unreadable, errors) {
        (true, _) => Exit::USAGE,
        (false, true) => Exit::DESCRIPTION,
        (false, false) => refused.unwrap_or(Exit::DONE),
    }
}

/// Refuses options that do not go together, and codes that there are not.
fn usable(args: &Args) -> Result<(), Refused> {
    if args.all && !args.fix && !args.diff {
        return Err("`--unsafe` goes with `--fix` or `--diff`".to_owned().into());
    }
    let stdin = args.paths.iter().any(|p| is_stdin(p));
    if stdin && args.fix && !args.diff && args.format != Format::Human {
        return Err(Refused {
            message: "with `--fix`, standard output is the repaired text of standard input".to_owned(),
            help: Some("leave out `--format`, or `--fix`".to_owned()),
        });
    }
    if args.stdin_filename.is_some() && !stdin {
        return Err("`--stdin-filename` goes with the path `-`".to_owned().into());
    }
    [&args.error, &args.warn, &args.off]
        .into_iter()
        .try_for_each(|codes| codes::known(codes))
}

/// Each file in one place only: what was found in a folder and is included by another description is judged there, and
/// a finding in a file that several descriptions include is told once.
fn once(files: Vec<(Input, Mended)>) -> (Vec<Judged>, Vec<Changed>) {
    let whole = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    let mut includers: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
    for (input, file) in &files {
        for other in file.judged.paths.iter().skip(1) {
            includers
                .entry(whole(other))
                .or_default()
                .push(whole(&input.path));
        }
    }
    let of = |path: &Path| includers.get(path).map_or(&[][..], Vec::as_slice);
    // Of files that include each other each is a description of its own.
    let included = |path: &Path| {
        let path = whole(path);
        of(&path).iter().any(|other| !of(other).contains(&path))
    };
    let mut told = HashSet::new();
    let (mut out, mut changed) = (Vec::new(), Vec::new());
    for (input, mended) in files {
        if input.found && included(&input.path) {
            continue;
        }
        let mut file = mended.judged;
        let paths: Vec<_> = file.texts.iter().map(|(path, _)| path.clone()).collect();
        file.found.retain(|d| {
            let path = paths.get(d.file.0 as usize).filter(|_| d.file.0 > 0);
            path.is_none_or(|p| told.insert((p.clone(), d.span, d.code, d.message.clone())))
        });
        out.push(file);
        changed.extend(mended.changed);
    }
    (out, changed)
}

/// Writes repairs. Gives how many were made, and what cannot be written; a description with a file of those is judged
/// again as it stays.
fn write(
    changed: &[Changed],
    files: &mut [Judged],
    look: &dyn Fn(&Path) -> Result<Judged, Refused>,
) -> (usize, Vec<String>) {
    let (mut fixed, mut refused, mut left) = (0, Vec::new(), Vec::new());
    for one in changed {
        if !is_stdin(&one.path) && one.old != one.new {
            if let Err(words) = one.write() {
                refused.push(words);
                left.push(&one.path);
                continue;
            }
        }
        fixed += if one.old == one.new { 0 } else { one.fixed };
    }
    for file in files {
        let main = file
            .paths
            .first()
            .filter(|_| file.paths.iter().any(|p| left.contains(&p)));
        if let Some(Ok(again)) = main.map(|path| look(path)) {
            *file = again;
        }
    }
    (fixed, refused)
}

/// Shows what was found on standard output. With `--diff` and for a repaired standard input the closing line goes
/// elsewhere. An error is in words.
fn show(
    files: &[Judged],
    changed: &[Changed],
    fixed: usize,
    args: &Args,
    context: &Context,
) -> Result<(), String> {
    let (mut closing, mut told) = (String::new(), String::new());
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut shown = if args.diff {
        closing = output::closing(files) + "\n";
        changed.iter().try_for_each(|c| out.write_all(&c.diff()))
    } else {
        if fixed > 0 {
            closing = format!("{} fixed\n", output::count(fixed, "problem"));
        }
        let repaired = changed.iter().find(|c| is_stdin(&c.path));
        let mut words = Vec::new();
        let to: &mut dyn Write = match repaired {
            Some(_) => &mut words,
            None => &mut out,
        };
        let shown = match args.format {
            Format::Human => output::human(files, context, to),
            Format::Json => output::json(files, to),
            Format::Sarif => output::sarif(files, to),
            Format::Github => output::github(files, to),
        };
        told = String::from_utf8_lossy(&words).into_owned();
        match repaired {
            Some(one) => out.write_all(&one.new),
            None => shown,
        }
    };
    if context.quiet {
        closing.clear();
    }
    eprint!("{closing}{told}");
    shown = shown.and(out.flush());
    // A failed flush would be tried again.
    let _ = out.into_parts();
    unwritten(shown)
}

fn refuse_schema(error: &grammar::GrammarError, context: &Context) -> Exit {
    let path = error.file.display().to_string();
    let text: Arc<str> = error.text.as_str().into();
    let style = report::Style {
        color: context.color_err,
        unicode: context.unicode,
    };
    let file = |_| {
        (!text.is_empty()).then_some(report::Text {
            path: &path,
            text: &text,
        })
    };
    let mut found = error.diagnostic();
    found.message = match error.unread() {
        Some(reason) => format!("the schema `{path}` cannot be read: {reason}"),
        None => format!("`{path}` is no conforming RELAX NG schema: {}", found.message),
    }
    .into();
    eprint!("{}", report::diagnostic(&found, &file, style));
    Exit::USAGE
}

/// Judges a description that was named or found, with its repairs where they are asked for.
fn judge(
    input: &Input,
    args: &Args,
    grammar: Option<&Grammar>,
    reporter: &Reporter,
) -> Result<Mended, Refused> {
    let stdin = input.is_stdin();
    let name = match (&args.stdin_filename, stdin) {
        (Some(name), true) => name.as_path(),
        _ => &input.path,
    };
    let bytes = read(input)?;
    let look = |bytes: &[u8], included: &Texts, mending| {
        let kind = (stdin, mending);
        look(name, kind, bytes, included, args, grammar, reporter)
    };
    if !args.diff && !args.fix {
        let judged = look(&bytes, &Texts::new(), None)?;
        return Ok(Mended {
            judged,
            changed: Vec::new(),
        });
    }
    let mend = |bytes: &[u8], included: &Texts, size| look(bytes, included, size);
    check_fix::mend(&input.path, &bytes, args.all, args.diff, &mend)
}

fn read(input: &Input) -> Result<Vec<u8>, Refused> {
    Ok(match input.is_stdin() {
        true => read_stdin()?,
        false => description::load::read_file(&input.path).map_err(|e| e.to_string())?,
    })
}
