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
use apteryx_schema::rules;
use apteryx_schema::syntax::Tree;
use clap::ValueEnum;
use rayon::prelude::*;

use crate::commands::{check_output as output, check_packages};
use crate::context::Context;
use crate::exit::Exit;
use crate::levels::{Level, Levels};
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
    let judged: Vec<_> = paths
        .par_iter()
        .map(|p| judge(p, &args, grammar.as_ref(), &reporter))
        .collect();
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
    let mut diff = None;
    if args.fix || args.diff {
        if let Some(new) = fix::fix(&name, &bytes, options, args.all) {
            if args.diff {
                let old = String::from_utf8_lossy(&bytes);
                diff = Some(super::migrate::unified(&name.display().to_string(), &old, &new));
            } else if !stdin {
                crate::replace::replace(path, new.as_bytes())
                    .map_err(|e| format!("cannot write `{}`: {e}", path.display()))?;
                bytes = new.into_bytes();
            }
        }
    }
    let checked = check(&name, &bytes, options);
    let mut texts = vec![(name.display().to_string(), checked.tree.text().clone())];
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
        let mut loaded = description::load_text(&name, &bytes, &|p| std::fs::read(p));
        let own = std::mem::take(&mut loaded.diagnostics)
            .into_iter()
            .filter(|d| !matches!(d.code, "schema-version" | "include-not-well-formed"));
        if includes && grammar.is_none() {
            found = check::check_included(&loaded, options);
        }
        found.extend(own);
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
                alone = model(&name, &checked.tree);
                &alone
            }
        };
        if let Some(folder) = folder::Disk::of(&name) {
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
    let levels = Levels::beside(&name)?;
    let levels = levels
        .with(&args.off, Level::Off)
        .with(&args.warn, Level::Warning)
        .with(&args.error, Level::Error);
    levels.apply(&mut found);
    sort(&mut found);
    Ok(Judged {
        path: name.display().to_string(),
        texts,
        found,
        diff,
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
