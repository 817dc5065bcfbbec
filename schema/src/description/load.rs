//! Finds a description, reads it and its includes, migrates, and builds the model. Reads files only through the
//! function it is given, so that an editor can answer with texts that are not saved.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::description::model::{File, Image};
use crate::description::read;
use crate::diagnostic::{Diagnostic, FileId, Fix, Severity, Source};
use crate::format::{Markup, markup};
use crate::syntax::{NodeId, Tree};
use crate::text::Span;

/// How to look for a description.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The main file's name in the folder, looked for first.
    pub kiwi_file: Option<String>,
}

/// A description with all its texts.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The folder that `this://` means.
    pub dir: PathBuf,
    /// The main file.
    pub path: PathBuf,
    /// The model, includes merged.
    pub image: Image,
    /// The migrated trees, by file id.
    pub trees: Vec<Tree>,
    /// What loading itself found (includes, version); not what `check` finds.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that are not there, with those that are read in their place: the one that is likely meant.
    pub meant: Vec<(PathBuf, PathBuf)>,
}

/// Why there is nothing to load.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No description in the folder.
    #[error("no description in `{}`", dir.display())]
    NotFound {
        /// The folder.
        dir: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read `{}`: {}", path.display(), reason(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file holds more than a description ever does.
    #[error("`{}` is larger than {limit} MB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound, in MB.
        limit: u64,
    },
}

impl LoadError {
    /// What to do.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => {
                let (last, others) = OTHER.split_last()?;
                Some(format!(
                    "looked for `config.xml`, `image/config.xml`, `*.kiwi`, `{}` and `{last}`; name the folder or the file that holds it",
                    others.join("`, `")
                ))
            }
            Self::Unreadable { .. } | Self::TooLarge { .. } => None,
        }
    }
}

/// Why the system refused something, in words: without the number that it has for it.
pub fn reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "it is not there".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::StorageFull => "no space is left".to_owned(),
        _ => {
            let words = error.to_string();
            words.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

/// Texts beyond this are refused, in bytes: spans are 32 bits wide, and no description comes near.
pub const SIZE_LIMIT: u64 = 256 << 20;

/// A description in a folder that KIWI itself would not load without being told its name: only where it holds an image.
const OTHER: [&str; 4] = ["config.yaml", "config.yml", "config.json", "config.toml"];

/// True for the names that a description's main file may have: `config.xml`, `*.kiwi`, `config` in another mark-up.
pub fn is_name(name: &str) -> bool {
    name == "config.xml" || name.ends_with(".kiwi") || OTHER.contains(&name)
}

/// True for a file that is a description by its name; in another mark-up, which other programs use for other things,
/// by what it begins with too.
pub fn is_description(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_name(&name) && path.is_file() && (!OTHER.contains(&&*name) || holds_image(path))
}

/// The text begins as a description in YAML, JSON or TOML does.
fn holds_image(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(4096).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    read.is_ok()
        && match markup(Path::new(""), text) {
            Markup::Xml => false,
            Markup::Json => text
                .trim_start_matches(['{', ' ', '\t', '\r', '\n'])
                .starts_with("\"image\""),
            Markup::Yaml | Markup::Toml => true,
        }
}

/// The main file of a folder as KIWI looks for it: the name given, `config.xml`, `image/config.xml`, the first
/// `*.kiwi` in sorted order; then `config` in another mark-up. A file is its own answer.
pub fn find(path: &Path, options: &LoadOptions) -> Result<PathBuf, LoadError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let named = options.kiwi_file.as_ref().map(|n| path.join(n));
    let fixed = [path.join("config.xml"), path.join("image").join("config.xml")];
    if let Some(found) = named.into_iter().chain(fixed).find(|p| p.is_file()) {
        return Ok(found);
    }
    let entries = std::fs::read_dir(path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let kiwi = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "kiwi") && p.is_file())
        .min();
    let other = || {
        OTHER
            .map(|n| path.join(n))
            .into_iter()
            .find(|p| is_description(p))
    };
    kiwi.or_else(other)
        .ok_or_else(|| LoadError::NotFound { dir: path.to_owned() })
}

/// Reads a file up to the size limit.
pub fn read_file(path: &Path) -> Result<Vec<u8>, LoadError> {
    let unreadable = |source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    };
    // What is no regular file has no length that is known before.
    match std::fs::metadata(path).map_err(unreadable)?.len() {
        ..=SIZE_LIMIT => bounded(path).map_err(unreadable)?,
        _ => None,
    }
    .ok_or_else(|| LoadError::TooLarge {
        path: path.to_owned(),
        limit: SIZE_LIMIT >> 20,
    })
}

/// Reads the text of an include, as `load_text` asks for it: a description may name any file, and a pipe or a device
/// never ends.
pub fn read_include(path: &Path) -> std::io::Result<Vec<u8>> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() && !meta.is_dir() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    bounded(path)?.ok_or_else(|| std::io::Error::other(format!("it is larger than {} MB", SIZE_LIMIT >> 20)))
}

/// The bytes of a file; none beyond the size limit.
fn bounded(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    bytes.try_reserve(file.metadata()?.len().min(SIZE_LIMIT) as usize)?;
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= SIZE_LIMIT).then_some(bytes))
}

/// Loads a folder's description or a file, includes too.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let path = find(path, options)?;
    let bytes = read_file(&path)?;
    Ok(load_text(&path, &bytes, &read_include))
}

/// Loads a text that `path` names; `read` gives the texts of includes.
pub fn load_text(path: &Path, bytes: &[u8], read: &dyn Fn(&Path) -> std::io::Result<Vec<u8>>) -> Loaded {
    let read = |path: &Path| read(path).map(|bytes| crate::format::parse(path, &bytes));
    load_tree(path, crate::format::parse(path, bytes), &read)
}

/// Loads a parsed text that `path` names; `read` gives the trees of includes, as written.
pub fn load_tree(path: &Path, mut tree: Tree, read: &dyn Fn(&Path) -> std::io::Result<Tree>) -> Loaded {
    let dir = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut loaded = Loaded {
        dir,
        path: path.to_owned(),
        image: Image::default(),
        trees: Vec::new(),
        diagnostics: Vec::new(),
        meant: Vec::new(),
    };
    loaded
        .diagnostics
        .extend(crate::migrate::migrate(&mut tree, None).err());
    let version = crate::migrate::written_version(&tree);
    let file = loaded.push(path, tree);
    // Taken out while it is walked: includes are pushed behind it, and a copy of a large tree costs.
    let empty = crate::syntax::parse("");
    let Some(tree) = loaded.trees.first_mut().map(|t| std::mem::replace(t, empty)) else {
        return loaded;
    };
    if let Some(root) = tree.root() {
        read::read_root(&mut loaded.image, &tree, file, root);
        let main = loaded.dir.join(path.file_name().unwrap_or_default());
        let mut walk = Walk {
            loaded: &mut loaded,
            read,
            version,
            // As an include would name it.
            open: vec![main],
            read_already: HashSet::new(),
        };
        walk.children(&tree, file, root);
    }
    if let Some(place) = loaded.trees.first_mut() {
        *place = tree;
    }
    loaded
}

impl Loaded {
    /// All texts with their paths, by file id.
    pub fn texts(&self) -> Vec<(&Path, &Tree)> {
        let paths = self.image.files.iter().map(|f| f.path.as_path());
        paths.zip(&self.trees).collect()
    }

    fn push(&mut self, path: &Path, tree: Tree) -> FileId {
        let id = FileId(self.trees.len() as u32);
        let text: Arc<str> = tree.text().clone();
        self.image.files.push(File {
            path: path.to_owned(),
            text,
        });
        self.trees.push(tree);
        id
    }
}

struct Walk<'a> {
    loaded: &'a mut Loaded,
    read: &'a dyn Fn(&Path) -> std::io::Result<Tree>,
    version: Option<String>,
    /// The files being read, outermost first.
    open: Vec<PathBuf>,
    /// The files that have been read.
    read_already: HashSet<PathBuf>,
}

/// An include's target; none for a scheme that KIWI does not know there.
pub fn include_path(from: &str, dir: &Path) -> Option<PathBuf> {
    let from = from.trim();
    let rest = match from.split_once("://") {
        Some(("this", rest)) => return Some(dir.join(rest.trim_start_matches('/'))),
        Some(("file" | "dir", rest)) => rest,
        Some(_) => return None,
        // One that was to be beside the description.
        None if from.starts_with("this:") => return None,
        None => from,
    };
    // KIWI takes a relative path from the working directory; the description's folder is where people mean.
    Some(dir.join(rest))
}

impl Walk<'_> {
    fn children(&mut self, tree: &Tree, file: FileId, parent: NodeId) {
        for child in tree.elements(parent) {
            if tree.local(child) == "include" {
                self.include(tree, file, child);
            } else {
                read::read_section(&mut self.loaded.image, tree, file, child);
            }
        }
    }

    /// Gives the finding that was made last the address that is meant: a guess.
    fn meant(&mut self, address: Option<String>) {
        let Some((address, told)) = address.zip(self.loaded.diagnostics.last_mut()) else {
            return;
        };
        told.label = format!("did you mean `{address}`?").into();
        if !address.contains(['&', '<', '"', '\'']) {
            let span = told.span;
            told.fixes.push(Fix::change(span, &address, false));
        }
    }

    /// A statement of this file, or what has been read, names that file.
    fn is_named(&self, tree: &Tree, path: &Path) -> bool {
        let all = tree.root().into_iter().flat_map(|root| tree.elements(root));
        let from = all.filter_map(|id| tree.attr_value(id, "from"));
        let mut paths = from.filter_map(|from| include_path(&from, &self.loaded.dir));
        self.read_already.contains(path) || self.open.iter().any(|p| p == path) || paths.any(|p| p == path)
    }

    /// Notes one finding.
    fn finding(&mut self, at: (FileId, Span), code: &'static str, message: String, help: Option<&str>) {
        let mut d = Diagnostic::new(code, Severity::Error, Source::Files, at.1, message);
        d.file = at.0;
        d.help = help.map(Into::into);
        self.loaded.diagnostics.push(d);
    }

    fn include(&mut self, tree: &Tree, file: FileId, id: NodeId) {
        // Without `from` the grammar speaks.
        let Some(attr) = tree.attr(id, "from") else { return };
        let from = tree.value(attr).into_owned();
        let at = (file, attr.value_span);
        let Some(mut path) = include_path(&from, &self.loaded.dir) else {
            let help = "use `this://NAME` for a file beside the description";
            self.finding(
                at,
                "include-scheme",
                format!("`{from}` is no place for an include"),
                Some(help),
            );
            let bare = from
                .trim()
                .strip_prefix("this:")
                .map(|p| p.trim_start_matches('/'));
            return self.meant(bare.map(|p| format!("this://{p}")));
        };
        if from.trim().is_empty() {
            let help = "use `this://NAME` for a file beside the description";
            return self.finding(
                at,
                "include-not-found",
                "`from` names no file".to_owned(),
                Some(help),
            );
        }
        if self.open.contains(&path) {
            return self.finding(at, "include-cycle", format!("`{from}` includes itself"), None);
        }
        if !self.read_already.insert(path.clone()) {
            self.finding(
                at,
                "duplicate-include",
                format!("`{from}` is included twice"),
                None,
            );
            if let Some(told) = self.loaded.diagnostics.last_mut() {
                told.severity = Severity::Warning;
                told.label = "again".into();
                told.help = Some("what it has would be there twice: a type or a profile of it stops the build as it starts".into());
            }
            return;
        }
        if self.open.len() > 1 {
            let help = "move the statement into the description itself";
            let message = "an included file includes another, which KIWI does not follow".to_owned();
            self.finding(at, "nested-include", message, Some(help));
        }
        let mut inner = match (self.read)(&path) {
            Ok(tree) => tree,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let help = "KIWI would stop as it starts, where it reads the description";
                self.finding(
                    at,
                    "include-not-found",
                    format!("there is no file `{from}`"),
                    Some(help),
                );
                let name = |path: PathBuf| {
                    let within = path.strip_prefix(&self.loaded.dir).ok()?.to_str()?.to_owned();
                    let head = from.find("://").map_or("", |at| from.get(..at + 3).unwrap_or(""));
                    let dot = from.strip_prefix(head)?.starts_with("./").then_some("./");
                    Some(format!("{head}{}{within}", dot.unwrap_or("")))
                };
                let near = super::include_near::meant(&path);
                self.meant(near.clone().and_then(name));
                // What the rest says is judged with what is likely meant, where no other statement names that.
                let Some(near) = near.filter(|near| !self.is_named(tree, near)) else {
                    return;
                };
                let Ok(inner) = (self.read)(&near) else { return };
                self.read_already.insert(near.clone());
                self.loaded.meant.push((path, near.clone()));
                path = near;
                inner
            }
            Err(error) => {
                return self.finding(
                    at,
                    "include-unreadable",
                    format!("cannot read `{from}`: {}", reason(&error)),
                    None,
                );
            }
        };
        if !inner.errors().is_empty() && inner.is_xml() {
            self.finding(
                at,
                "include-not-well-formed",
                format!("`{from}` is not well-formed"),
                None,
            );
        }
        let image = |r: NodeId| {
            let name = inner.name(inner.node(r).name);
            &*name.local == "image" && name.namespace.is_empty() && inner.is_xml()
        };
        let root = inner.root().filter(|&r| image(r));
        if root.is_none() && (inner.errors().is_empty() || !inner.is_xml()) {
            let help = match inner.is_xml() {
                true => "an included file has the root element `<image>`",
                false => "an included file is XML, whatever the description is written in",
            };
            return self.finding(
                at,
                "include-root",
                format!("`{from}` is no image description"),
                Some(help),
            );
        }
        // A fragment is brought up from the version of the file that includes it; what is wrong with that version
        // is said there.
        let _ = crate::migrate::migrate(&mut inner, self.version.as_deref());
        let inner_id = self.loaded.push(&path, inner.clone());
        if let Some(root) = root {
            self.open.push(path);
            self.children(&inner, inner_id, root);
            self.open.pop();
        }
    }
}
