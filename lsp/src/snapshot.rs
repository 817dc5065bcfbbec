//! One version of one document, immutable. What is derived from it (text, tree, lines, findings, model) is computed
//! once, by whoever asks first; it must never see a later version of its text.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use apteryx_schema::description::load::read_include;
use apteryx_schema::description::{Loaded, has_includes, load_tree};
use apteryx_schema::diagnostic::{FileId, Source};
use apteryx_schema::syntax::Tree;
use apteryx_schema::{Diagnostic, check, format};
use ropey::Rope;
use rustc_hash::FxHashMap;

use crate::disk;
use crate::documents::plain;
use crate::lines::{Encoding, Lines};

/// The texts of the open documents by their files, which count in place of what is on disk.
pub type Texts = Arc<Mutex<FxHashMap<PathBuf, Rope>>>;

/// One version of a document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The client's version number.
    pub version: i32,
    path: Arc<Path>,
    rope: Rope,
    texts: Texts,
    encoding: Encoding,
    derived: Arc<OnceLock<Derived>>,
}

/// What is read out of a text.
#[derive(Debug)]
pub struct Derived {
    /// The whole text.
    pub text: Arc<str>,
    /// Its tree, as written (not migrated).
    pub tree: Tree,
    /// Its lines.
    pub lines: Lines,
    path: Arc<Path>,
    texts: Texts,
    model: OnceLock<Loaded>,
    judged: OnceLock<Vec<Diagnostic>>,
}

/// The tree of the text of an open document.
fn parse(path: &Path, text: Arc<str>) -> Tree {
    let fault = disk::fault(path, &text);
    format::parse_edited(path, text, fault)
}

impl Derived {
    /// What is read out of a text that lies at `path`.
    pub fn new(path: Arc<Path>, text: Arc<str>, texts: Texts, encoding: Encoding) -> Self {
        Self {
            lines: Lines::new(text.clone(), encoding),
            tree: parse(&path, text.clone()),
            text,
            path,
            texts,
            model: OnceLock::new(),
            judged: OnceLock::new(),
        }
    }

    /// The model, includes read from open documents and from disk. Computed at the first call.
    pub fn model(&self) -> &Loaded {
        let read = |path: &Path| {
            let open = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
            let open = open.get(&plain(path)).map(Rope::to_string);
            match open {
                Some(text) => Ok(parse(path, text.into())),
                None => Ok(format::parse(path, &read_include(path)?)),
            }
        };
        self.model
            .get_or_init(|| load_tree(&self.path, self.tree.clone(), &read))
    }

    /// True where the description has includes: it is judged with them.
    pub fn includes(&self) -> bool {
        self.tree.errors().is_empty() && has_includes(&self.tree)
    }

    /// What `apteryx check` finds in the text and its includes, in the order of the text. Computed at the first call.
    pub fn judged(&self) -> &[Diagnostic] {
        self.judge(None, |_| ()).unwrap_or_default()
    }

    /// The same, given up with none where `stop` is set meanwhile. `first` hears what the grammar finds, before the rules
    /// are asked; it is not called where all is known already.
    pub fn judge(
        &self,
        stop: Option<&AtomicBool>,
        first: impl FnOnce(&[Diagnostic]),
    ) -> Option<&[Diagnostic]> {
        if let Some(judged) = self.judged.get() {
            return Some(judged);
        }
        let mut options = check::Options::default();
        options.rules.stop = stop;
        let found = if self.includes() {
            let loaded = self.model();
            let mut found = check::check_included(loaded, options);
            found.extend(check::found_loading(loaded).cloned());
            for (id, tree) in loaded.trees.iter().enumerate() {
                check::silence(tree, FileId(id as u32), &mut found);
            }
            check::sort(&mut found);
            found
        } else {
            // The tree as written is kept for the other features; the judgement migrates a copy.
            let half = check::by_grammar(self.tree.clone(), options);
            first(&half.diagnostics);
            check::by_rules(half, options).diagnostics
        };
        if stop.is_some_and(|s| s.load(Ordering::Acquire)) {
            return None;
        }
        Some(self.judged.get_or_init(|| found))
    }

    /// No fault of the mark-up itself.
    pub fn sound(&self) -> bool {
        !self.judged().iter().any(|d| d.source == Source::Xml)
    }
}

impl Snapshot {
    /// The state of a document after an edit; `path` is where it lies, or would: its ending says the mark-up.
    pub fn new(path: Arc<Path>, version: i32, rope: Rope, texts: Texts, encoding: Encoding) -> Self {
        Self {
            version,
            path,
            rope,
            texts,
            encoding,
            derived: Arc::default(),
        }
    }

    /// The same version with nothing known of it: something beside its text has changed.
    pub fn afresh(&self) -> Self {
        Self::new(
            self.path.clone(),
            self.version,
            self.rope.clone(),
            self.texts.clone(),
            self.encoding,
        )
    }

    /// A first version of that text.
    pub fn of_text(text: &str) -> Self {
        Self::new(
            Path::new("config.xml").into(),
            0,
            Rope::from_str(text),
            Texts::default(),
            Encoding::default(),
        )
    }

    /// Where the document lies.
    pub fn path(&self) -> &Arc<Path> {
        &self.path
    }

    /// Text, tree and lines; linear in the text at the first call.
    pub fn derived(&self) -> &Derived {
        self.derived.get_or_init(|| {
            let mut text = String::with_capacity(self.rope.len_bytes());
            text.extend(self.rope.chunks());
            Derived::new(self.path.clone(), text.into(), self.texts.clone(), self.encoding)
        })
    }
}
