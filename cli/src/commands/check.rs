//! `apteryx check`: judges descriptions. Finding, judging and showing are three steps; only the last prints.

use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_builder::error::BuildError;
use apteryx_builder::events::Reporter;
use apteryx_schema::check::{self, Options, check, sort};
use apteryx_schema::description::model::{File, Image};
use apteryx_schema::description::{self, View};
use apteryx_schema::diagnostic::{Diagnostic, FileId, Severity, Source};
use apteryx_schema::grammar::{self, Grammar};
use apteryx_schema::levels::Level;
use apteryx_schema::rules;
use apteryx_schema::syntax::Tree;
use clap::ValueEnum;
use rayon::prelude::*;

use crate::codes::{self, Refused};
use crate::commands::check_fix::{self, Changed, Texts};
use crate::commands::{check_output as output, check_packages};
use crate::context::Context;
use crate::exit::Exit;
use crate::inputs::{Input, inputs, is_stdin, read_stdin};
use crate::{progress, report};

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands.
    Github,
}

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders; `-` is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to show what is found
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// A RELAX NG schema in place of the embedded one
    #[arg(long, value_name = "FILE.rng")]
    pub schema: Option<PathBuf>,
    /// Judge this choice of profiles too
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// Judge this image type too
    #[arg(long = "type", value_name = "IMAGE")]
    pub image_type: Option<String>,
    /// Judge for this machine [default: those that the description names]
    #[arg(long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// The name of standard input
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Write the safe repairs
    #[arg(long)]
    pub fix: bool,
    /// With `--fix` or `--diff`: the uncertain repairs too
    #[arg(long = "unsafe")]
    pub all: bool,
    /// Show what `--fix` would write
    #[arg(long)]
    pub diff: bool,
    /// Judge package names by the repositories' metadata, fetched where needed
    #[arg(long)]
    pub packages: bool,
    /// `host`: the mirror that the host's own package manager uses
    #[arg(long, value_name = "host", value_parser = ["host"], requires = "packages")]
    pub mirror: Option<String>,
    /// Make a finding an error
    #[arg(long, value_name = "CODE")]
    pub error: Vec<String>,
    /// Make a finding a warning
    #[arg(long, value_name = "CODE")]
    pub warn: Vec<String>,
    /// Leave a finding out
    #[arg(long, value_name = "CODE")]
    pub off: Vec<String>,
}

/// A judged file.
pub struct Judged {
    /// As the user named it, or found.
    pub path: String,
    /// Its texts by file id; the first is its own.
    pub texts: Vec<(String, Arc<str>)>,
    /// Where those of them lie that are the description: its own file and its includes.
    pub paths: Vec<PathBuf>,
    /// What was found.
    pub found: Vec<Diagnostic>,
    /// What repairs change.
    pub changed: Vec<Changed>,
    /// Why package names were not judged, though it was asked for.
    pub refused: Option<BuildError>,
}

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
                if let Some(error) = &one.refused {
                    let style = report::Style {
                        color: context.color_err,
                        unicode: context.unicode,
                    };
                    eprint!(
                        "{}",
                        report::build_error(error, &|id| one.text(id), &report::Beyond::default(), style)
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
    let files = once(files);
    for words in show(&files, &args, context) {
        unreadable = true;
        eprint!("{}", report::plain(&words, None));
    }
    let errors = files
        .iter()
        .flat_map(|f| &f.found)
        .any(|d| d.severity == Severity::Error);
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
fn once(files: Vec<(Input, Judged)>) -> Vec<Judged> {
    let whole = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    let included: HashSet<PathBuf> = files
        .iter()
        .flat_map(|(_, f)| f.paths.iter().skip(1))
        .map(|p| whole(p))
        .collect();
    let mut told = HashSet::new();
    let mut out = Vec::new();
    for (input, mut file) in files {
        if input.found && included.contains(&whole(&input.path)) {
            continue;
        }
        let paths: Vec<_> = file.texts.iter().map(|(path, _)| path.clone()).collect();
        file.found.retain(|d| {
            let path = paths.get(d.file.0 as usize).filter(|_| d.file.0 > 0);
            path.is_none_or(|p| told.insert((p.clone(), d.span, d.code, d.message.clone())))
        });
        out.push(file);
    }
    out
}

/// Writes repairs, and what was found to standard output. With `--diff` and for a repaired standard input the closing
/// line goes elsewhere. Gives what cannot be written.
fn show(files: &[Judged], args: &Args, context: &Context) -> Vec<String> {
    let mut refused = Vec::new();
    // An included file changes for each that includes it, and in the same way.
    let mut seen = HashSet::new();
    let changed = files.iter().flat_map(|f| &f.changed);
    let changed: Vec<_> = changed.filter(|c| seen.insert(&c.path)).collect();
    let (mut closing, mut told) = (String::new(), String::new());
    let mut out = BufWriter::new(std::io::stdout().lock());
    // A reader that has gone away is no fault of ours.
    if args.diff {
        let _ = changed
            .iter()
            .try_for_each(|c| out.write_all(&c.diff(&self::shown(&c.name))));
        closing = output::closing(files) + "\n";
    } else {
        let mut repaired = false;
        for one in &changed {
            if !is_stdin(&one.path) {
                refused.extend(one.write().err());
                continue;
            }
            repaired = true;
            let _ = out.write_all(&one.new);
        }
        let fixed: usize = changed.iter().filter(|c| c.old != c.new).map(|c| c.fixed).sum();
        if fixed > 0 {
            closing = format!("{} fixed\n", output::count(fixed, "problem"));
        }
        let mut words = Vec::new();
        let to: &mut dyn Write = if repaired { &mut words } else { &mut out };
        let _ = match args.format {
            Format::Human => output::human(files, context, to),
            Format::Json => output::json(files, to),
            Format::Sarif => output::sarif(files, to),
            Format::Github => output::github(files, to),
        };
        told = String::from_utf8_lossy(&words).into_owned();
    }
    if context.quiet {
        closing.clear();
    }
    eprint!("{closing}{told}");
    let _ = out.flush();
    refused
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
    found.message = format!("`{path}` is no conforming RELAX NG schema: {}", found.message).into();
    eprint!("{}", report::diagnostic(&found, &file, style));
    Exit::USAGE
}

fn judge(
    input: &Input,
    args: &Args,
    grammar: Option<&Grammar>,
    reporter: &Reporter,
) -> Result<Judged, Refused> {
    let stdin = input.is_stdin();
    let name = match (&args.stdin_filename, stdin) {
        (Some(name), true) => name.as_path(),
        _ => &input.path,
    };
    let bytes = match stdin {
        true => read_stdin()?,
        false => description::load::read_file(&input.path).map_err(|e| e.to_string())?,
    };
    let look = |bytes: &[u8], included: &Texts, mending| {
        let kind = (stdin, mending);
        look(name, kind, bytes, included, args, grammar, reporter)
    };
    if !args.diff && !args.fix {
        return look(&bytes, &Texts::new(), false);
    }
    let mend = |bytes: &[u8], included: &Texts| look(bytes, included, true);
    let mended = check_fix::mend(&input.path, &bytes, args.all, args.diff, &mend)?;
    let mut judged = mended.judged;
    judged.changed = mended.changed;
    Ok(judged)
}

/// Judges one description as its texts are, or as repairs would leave them.
fn look(
    name: &Path,
    (stdin, mending): (bool, bool),
    bytes: &[u8],
    included: &Texts,
    args: &Args,
    grammar: Option<&Grammar>,
    reporter: &Reporter,
) -> Result<Judged, Refused> {
    let options = Options {
        grammar,
        rules: rules::Options {
            profiles: &args.profile,
            type_name: args.image_type.as_deref(),
            arch: args.arch.as_deref(),
            stop: None,
        },
        mending,
    };
    let arch = args.arch.as_deref().unwrap_or_else(|| description::host_arch());
    let checked = check(name, bytes, options);
    let mut texts = vec![(shown(name), checked.tree.text().clone())];
    let mut found = checked.diagnostics;
    let image = checked
        .tree
        .root()
        .is_some_and(|r| checked.tree.local(r) == "image");
    let broken = found.iter().any(|d| d.source == Source::Xml);
    let asked = !args.profile.is_empty() || args.image_type.is_some();
    // The model is read only for what needs it: most texts have no include.
    let root = checked.tree.root();
    let includes = root.is_some_and(|r| {
        let mut all = checked.tree.elements(r);
        all.any(|c| checked.tree.local(c) == "include")
    });
    let (mut refused, mut kept) = (None, None);
    if image && !broken && (asked || includes || args.packages) {
        let loaded = description::load_text(name, bytes, &|p| {
            included
                .get(p)
                .map_or_else(|| std::fs::read(p), |b| Ok(b.clone()))
        });
        if includes && grammar.is_none() {
            found = check::check_included(&loaded, options);
        }
        found.extend(check::found_loading(&loaded).cloned());
        let view =
            asked.then(|| View::new(&loaded.image, &args.profile, args.image_type.as_deref(), arch).err());
        if let Some(Some(error)) = &view {
            found.push(error.diagnostic(&loaded.image));
        }
        if args.packages && view.is_none_or(|v| v.is_none()) {
            let asked = check_packages::Asked {
                profiles: &args.profile,
                image_type: args.image_type.as_deref(),
                arch,
                host_mirror: args.mirror.is_some(),
                reporter,
            };
            match check_packages::judge(&loaded, &asked) {
                Ok(more) => found.extend(more),
                Err(error) if error.exit_code() == 1 => match check_packages::at_its_place(error) {
                    Ok(one) => found.push(one),
                    Err(error) => refused = Some(error),
                },
                Err(error) => refused = Some(error),
            }
        }
        for file in loaded.image.files.iter().skip(1) {
            texts.push((shown(&file.path), file.text.clone()));
        }
        kept = Some(loaded);
    }
    if image && !broken && !stdin && grammar.is_none() {
        let alone;
        let model = match &kept {
            Some(loaded) => &loaded.image,
            None => {
                alone = model(name, &checked.tree);
                &alone
            }
        };
        if let Some(folder) = apteryx_builder::archive::Beside::of(name) {
            let mut beside = rules::beside(model, &folder, Some(&apteryx_builder::shell::faults));
            let trees = kept
                .as_ref()
                .map_or(std::slice::from_ref(&checked.tree), |l| &l.trees);
            for (id, tree) in trees.iter().enumerate() {
                check::silence_beside(tree, FileId(id as u32), &mut beside.diagnostics);
            }
            found.extend(beside.diagnostics);
            texts.extend(beside.files.into_iter().map(|f| (shown(&f.path), f.text)));
        }
    }
    if let Some(loaded) = &kept {
        for (id, tree) in loaded.trees.iter().enumerate() {
            check::silence(tree, FileId(id as u32), &mut found);
        }
    }
    let levels = codes::levels(name)?;
    let levels = levels
        .with(&args.off, Level::Off)
        .with(&args.warn, Level::Warning)
        .with(&args.error, Level::Error);
    levels.apply(&mut found);
    sort(&mut found);
    let mut paths = vec![name.to_owned()];
    if let Some(loaded) = &kept {
        paths.extend(loaded.image.files.iter().skip(1).map(|f| f.path.clone()));
    }
    Ok(Judged {
        path: name.display().to_string(),
        texts,
        paths,
        found,
        changed: Vec::new(),
        refused,
    })
}

/// A path as a user writes it.
fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}

/// The model of a text without includes.
fn model(path: &Path, tree: &Tree) -> Image {
    let mut image = description::from_tree(tree, FileId(0));
    image.files.push(File {
        path: path.to_owned(),
        text: tree.text().clone(),
    });
    image
}

impl Judged {
    /// The text of a file id.
    pub fn text(&self, file: FileId) -> Option<report::Text<'_>> {
        let (path, text) = self.texts.get(file.0 as usize)?;
        Some(report::Text { path, text })
    }
}
