//! Which files a command line means: those named, and every description below a folder that git does not ignore.
//! Reads no description whole.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use apteryx_schema::description::load::{SIZE_LIMIT, is_description};

/// A file to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// As the user named it, or found; `-` is standard input.
    pub path: PathBuf,
    /// Found in a folder, not named itself.
    pub found: bool,
}

impl Input {
    /// It stands for standard input.
    pub fn is_stdin(&self) -> bool {
        is_stdin(&self.path)
    }
}

/// The path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What a command line means.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Each file once, in the order of the command line, within a folder sorted.
    pub files: Vec<Input>,
    /// What cannot be read, in words.
    pub refused: Vec<String>,
}

/// Looks for what is meant; no path means the folder here.
pub fn inputs(paths: &[PathBuf]) -> Inputs {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut out = Inputs::default();
    for path in paths {
        if is_stdin(path) || !path.is_dir() {
            let path = path.clone();
            out.files.push(Input { path, found: false });
            continue;
        }
        let mut below = Vec::new();
        for entry in walk(path) {
            match entry {
                Ok(entry) if is_description(entry.path()) => below.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => out.refused.push(format!("cannot read a folder: {error}")),
            }
        }
        below.sort();
        out.files.extend(below.iter().map(|p| Input {
            path: p.strip_prefix("./").unwrap_or(p).to_owned(),
            found: true,
        }));
    }
    // A file is meant by its own name rather than by that of a link.
    let whole = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    let own = out.files.iter().filter(|f| !f.path.is_symlink());
    let own: HashSet<PathBuf> = own.map(|f| whole(&f.path)).collect();
    let mut seen = HashSet::new();
    out.files.retain(|f| {
        let whole = whole(&f.path);
        !(f.path.is_symlink() && own.contains(&whole)) && seen.insert(whole)
    });
    out
}

/// Standard input, up to what a description may hold.
pub fn read_stdin() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(SIZE_LIMIT + 1)
        .read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() as u64 > SIZE_LIMIT => {
            Err(format!("standard input is larger than {} MB", SIZE_LIMIT >> 20))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("cannot read standard input: {error}")),
    }
}

/// All that git would not ignore. What a `.gitignore` says holds without a repository too: a build's target has one.
fn walk(path: &Path) -> ignore::Walk {
    let mut builder = ignore::WalkBuilder::new(path);
    builder.hidden(false).ignore(false).require_git(false);
    builder.filter_entry(|e| e.file_name() != ".git");
    builder.build()
}
