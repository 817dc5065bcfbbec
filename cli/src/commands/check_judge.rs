//! Judges one description for `apteryx check`: as its texts are, or as repairs would leave them. Prints nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apteryx_builder::error::BuildError;
use apteryx_builder::events::Reporter;
use apteryx_schema::check::{self, Options, check, sort};
use apteryx_schema::description::{self, Loaded, View};
use apteryx_schema::diagnostic::{Diagnostic, FileId, Severity, Source};
use apteryx_schema::grammar::Grammar;
use apteryx_schema::levels::Level;
use apteryx_schema::rules;
use apteryx_schema::syntax::Tree;

use crate::codes::{self, Refused};
use crate::commands::check_args::Args;
use crate::commands::check_packages;
use crate::report;

/// Included texts that repairs have changed, by path.
pub type Texts = BTreeMap<PathBuf, Vec<u8>>;

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
    /// What was found as well and is only counted.
    pub counted: Counted,
    /// By KIWI's own grammar, which `explain` knows.
    pub kiwi: bool,
    /// Why package names were not judged, though it was asked for.
    pub refused: Option<BuildError>,
}

/// How many findings there are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// Those with a safe repair that can be written.
    pub safe: usize,
}

impl Counted {
    fn add(&mut self, d: &Diagnostic, written: bool) {
        match d.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.notes += 1,
            Severity::Hint => {}
        }
        self.safe += usize::from(written && d.likeliest().is_some_and(|(safe, _)| safe));
    }
}

/// What of a description is known beside its findings.
enum Read {
    /// Its own text: nothing else was needed.
    Alone(Tree),
    /// The description as it is loaded with its includes.
    Whole(Loaded),
}

/// Judges one description as its texts are, or as repairs would leave them.
pub fn look(
    name: &Path,
    (stdin, mending): (bool, Option<usize>),
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
    let mut refused = None;
    let (tree, anew) = (checked.tree, asked || includes || args.packages);
    let read = if image && !broken && anew {
        // It is read anew with its includes: what is not asked any more makes room for that.
        drop(tree);
        let loaded = description::load_text(name, bytes, &|p| {
            included
                .get(p)
                .map_or_else(|| description::load::read_include(p), |b| Ok(b.clone()))
        });
        // Where there is none of them, it has been judged as it stands.
        let alone = |t: &[Tree]| matches!(t, [only] if only.is_xml());
        if includes && grammar.is_none() && !alone(&loaded.trees) {
            drop(std::mem::take(&mut found));
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
        Read::Whole(loaded)
    } else {
        Read::Alone(tree)
    };
    if image && !broken && !stdin && grammar.is_none() {
        if let Some(folder) = apteryx_builder::archive::Beside::of(name) {
            let alone;
            let (image, files) = match &read {
                Read::Whole(loaded) => (&loaded.image, loaded.texts()),
                Read::Alone(tree) => {
                    alone = description::alone(name, tree);
                    (&alone, vec![(name, tree)])
                }
            };
            let judged = check::Judged {
                texts: &files,
                image,
                told: &found,
            };
            let beside = check::beside(judged, &folder, Some(&apteryx_builder::shell::faults));
            found.extend(beside.diagnostics);
            texts.extend(beside.files.into_iter().map(|f| (shown(&f.path), f.text)));
        }
    }
    if let Read::Whole(loaded) = &read {
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
    if let Read::Whole(loaded) = &read {
        paths.extend(loaded.image.files.iter().skip(1).map(|f| f.path.clone()));
    }
    Ok(Judged {
        path: name.display().to_string(),
        texts,
        paths,
        found,
        counted: Counted::default(),
        kiwi: grammar.is_none(),
        refused,
    })
}

/// A path as a user writes it.
pub fn shown(path: &Path) -> String {
    report::short(path).display().to_string()
}

impl Judged {
    /// The description's own file and its includes as they are shown.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.texts.iter().zip(&self.paths);
        names.map(|((name, _), _)| name.as_str())
    }

    /// True where repairs of a finding are written: it lies in the description or in what it includes.
    pub fn written(&self, d: &Diagnostic) -> bool {
        (d.file.0 as usize) < self.paths.len()
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counted {
        let mut all = self.counted;
        self.found.iter().for_each(|d| all.add(d, self.written(d)));
        all
    }

    /// Keeps of the findings in the description itself no more than their number: very many take more room than it.
    pub fn count_own(&mut self) {
        let mut counted = self.counted;
        let taken = std::mem::take(&mut self.found);
        let own = |d: &Diagnostic| d.file == FileId(0);
        taken
            .iter()
            .filter(|d| own(d))
            .for_each(|d| counted.add(d, self.written(d)));
        self.found = taken.into_iter().filter(|d| !own(d)).collect();
        self.found.shrink_to_fit();
        self.counted = counted;
    }

    /// The text of a file id.
    pub fn text(&self, file: FileId) -> Option<report::Text<'_>> {
        let (path, text) = self.texts.get(file.0 as usize)?;
        Some(report::Text { path, text })
    }
}
