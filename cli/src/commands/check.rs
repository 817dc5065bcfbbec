//! `apteryx check`: judges descriptions. Finding, judging and showing are three steps; only the last prints.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_builder::error::BuildError;
use apteryx_builder::events::Reporter;
use apteryx_schema::check::{self, Options, check, sort};
use apteryx_schema::description::model::{File, Image};
use apteryx_schema::description::{self, View, folder};
use apteryx_schema::diagnostic::{Diagnostic, FileId, Severity, Source};
use apteryx_schema::fix;
use apteryx_schema::grammar::{self, Grammar};
use apteryx_schema::levels::{Level, Levels};
use apteryx_schema::rules;
use apteryx_schema::syntax::Tree;
use clap::ValueEnum;
use rayon::prelude::*;

use crate::commands::{check_output as output, check_packages};
use crate::context::Context;
use crate::exit::Exit;
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
    /// What `--diff` shows.
    pub diff: Option<String>,
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
    let paths = match inputs(&args.paths) {
        Ok(paths) => paths,
        Err((path, reason)) => {
            let message = format!("cannot read `{}`: {reason}", path.display());
            eprint!("{}", report::plain(&message, None));
            return Exit::USAGE;
        }
    };
    if paths.is_empty() {
        let help = "a description is a file `config.xml` or `*.kiwi`";
        eprint!("{}", report::plain("there is no description here", Some(help)));
        return Exit::USAGE;
    }
    let one = |p: &PathBuf| judge(p, &args, grammar.as_ref(), &reporter);
    // A single file waits for no threads.
    let judged: Vec<_> = match paths.as_slice() {
        [path] => vec![one(path)],
        many => many.par_iter().map(one).collect(),
    };
    let mut files = Vec::new();
    let mut unreadable = false;
    let mut refused = None;
    for one in judged {
        match one {
            Ok(one) => {
                if let Some(error) = &one.refused {
                    let style = report::Style {
                        color: context.color_err,
                        unicode: context.unicode,
                    };
                    eprint!("{}", report::build_error(error, &|id| one.text(id), style));
                    refused = Some(Exit::of(error));
                }
                files.push(one);
            }
            Err(message) => {
                unreadable = true;
                eprint!("{}", report::plain(&message, None));
            }
        }
    }
    let diffs: String = files.iter().filter_map(|f| f.diff.as_deref()).collect();
    let shown = match args.format {
        _ if args.diff => diffs,
        Format::Human => output::human(&files, context),
        Format::Json => output::json(&files),
        Format::Sarif => output::sarif(&files),
        Format::Github => output::github(&files),
    };
    // A reader that has gone away is no fault of ours.
    let _ = std::io::stdout().lock().write_all(shown.as_bytes());
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
    found.message = format!("`{path}` is no conforming RELAX NG schema: {}", found.message);
    eprint!("{}", report::diagnostic(&found, &file, style));
    Exit::USAGE
}

/// The files meant: as given, and every description below a folder that git does not ignore.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, (PathBuf, String)> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut out = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        let mut below = Vec::new();
        for entry in ignore::WalkBuilder::new(path).build() {
            let entry = entry.map_err(|e| (path.clone(), e.to_string()))?;
            let name = entry.file_name().to_string_lossy();
            let ours = name == "config.xml" || name.ends_with(".kiwi");
            if ours && entry.file_type().is_some_and(|t| t.is_file()) {
                below.push(entry.into_path());
            }
        }
        below.sort();
        out.extend(below.iter().map(|p| p.strip_prefix("./").unwrap_or(p).to_owned()));
    }
    let mut seen = std::collections::HashSet::new();
    out.retain(|p| seen.insert(p.clone()));
    Ok(out)
}

fn judge(path: &Path, args: &Args, grammar: Option<&Grammar>, reporter: &Reporter) -> Result<Judged, String> {
    let stdin = path.as_os_str() == "-";
    let name = match (&args.stdin_filename, stdin) {
        (Some(name), true) => name.clone(),
        _ => path.to_owned(),
    };
    let bytes = if stdin {
        let mut bytes = Vec::new();
        let limit = description::load::SIZE_LIMIT;
        let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
        read.map_err(|e| format!("cannot read standard input: {e}"))?;
        bytes
    } else {
        description::load::read_file(path).map_err(|e| e.to_string())?
    };
    let mut bytes = bytes;
    let mut included = Texts::new();
    let look = |bytes: &[u8], included: &Texts| look(&name, bytes, included, args, grammar, reporter);
    if !args.diff && (!args.fix || stdin) {
        return look(&bytes, &included);
    }
    let mut judged = look(&bytes, &included)?;
    let old = bytes.clone();
    let before = judged.texts.clone();
    let mut rounds = 0;
    let mut last = None;
    while rounds < fix::ROUNDS
        && mend(
            last.as_ref().unwrap_or(&judged),
            &mut bytes,
            &mut included,
            args.all,
        )
    {
        rounds += 1;
        last = Some(look(&bytes, &included)?);
    }
    let changed = included.iter().map(|(path, bytes)| (path.as_path(), bytes));
    let changed = (old != bytes)
        .then_some((name.as_path(), &bytes))
        .into_iter()
        .chain(changed);
    let mut diff = String::new();
    for (at, new) in changed {
        if args.diff {
            let shown = shown(at);
            let old = before.iter().find(|(path, _)| *path == shown);
            let old = old.map_or("", |(_, text)| text);
            let new = String::from_utf8_lossy(new);
            diff += &super::migrate::unified(&shown, old, new.trim_start_matches('\u{feff}'));
        } else {
            crate::replace::replace(at, new).map_err(|e| format!("cannot write `{}`: {e}", at.display()))?;
        }
    }
    if args.diff {
        judged.diff = Some(diff).filter(|d| !d.is_empty());
        return Ok(judged);
    }
    Ok(last.unwrap_or(judged))
}

/// Included texts that repairs have changed, by path.
type Texts = std::collections::BTreeMap<PathBuf, Vec<u8>>;

/// One round of repairs of a description and its includes. False where there is nothing to repair.
fn mend(judged: &Judged, bytes: &mut Vec<u8>, included: &mut Texts, all: bool) -> bool {
    let mut changed = false;
    for (id, path) in judged.paths.iter().enumerate() {
        let edits = fix::first(&judged.found, FileId(id as u32), all);
        let Some((_, text)) = judged.texts.get(id).filter(|_| !edits.is_empty()) else {
            continue;
        };
        let now = match id {
            0 => Some(bytes.clone()),
            _ => included.get(path).cloned().or_else(|| std::fs::read(path).ok()),
        };
        // Another encoding would be changed by the way.
        let Some(head) = now.as_deref().and_then(|n| n.strip_suffix(text.as_bytes())) else {
            continue;
        };
        let new = [head, fix::apply(text, &edits).as_bytes()].concat();
        changed |= now.as_deref() != Some(&new);
        match id {
            0 => *bytes = new,
            _ => {
                included.insert(path.clone(), new);
            }
        }
    }
    changed
}

/// Judges one description as its texts are, or as repairs would leave them.
fn look(
    name: &Path,
    bytes: &[u8],
    included: &Texts,
    args: &Args,
    grammar: Option<&Grammar>,
    reporter: &Reporter,
) -> Result<Judged, String> {
    let stdin = args.paths.iter().any(|p| p.as_os_str() == "-")
        && (name.as_os_str() == "-" || args.stdin_filename.as_deref() == Some(name));
    let options = Options {
        grammar,
        rules: rules::Options {
            profiles: &args.profile,
            type_name: args.image_type.as_deref(),
            arch: args.arch.as_deref(),
            stop: None,
        },
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
        if let Some(folder) = folder::Disk::of(name) {
            let mut beside = rules::beside(model, &folder, Some(&apteryx_builder::shell::faults));
            check::silence(&checked.tree, FileId(0), &mut beside.diagnostics);
            found.extend(beside.diagnostics);
            texts.extend(beside.files.into_iter().map(|f| (shown(&f.path), f.text)));
        }
    }
    if let Some(loaded) = &kept {
        for (id, tree) in loaded.trees.iter().enumerate() {
            check::silence(tree, FileId(id as u32), &mut found);
        }
    }
    let levels = Levels::beside(name).map_err(|e| e.to_string())?;
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
        diff: None,
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
