//! One version of one document, immutable. What is derived from it (text, tree, lines, findings, model) is computed
//! once, by whoever asks first; it must never see a later version of its text.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use apteryx_schema::description::Loaded;
use apteryx_schema::description::load::load_text;
use apteryx_schema::syntax::Tree;
use apteryx_schema::{Diagnostic, LineIndex, check, format};
use ropey::Rope;

/// One version of a document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The client's version number.
    pub version: i32,
    path: Arc<Path>,
    rope: Rope,
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
    pub lines: LineIndex,
    path: Arc<Path>,
    model: OnceLock<Loaded>,
    judged: OnceLock<Vec<Diagnostic>>,
}

impl Derived {
    /// The model, includes read from disk. Computed at the first call.
    pub fn model(&self) -> &Loaded {
        let read = || load_text(&self.path, self.text.as_bytes(), &|p| std::fs::read(p));
        self.model.get_or_init(read)
    }

    /// What `apteryx check` finds, in the order of the text. Computed at the first call.
    pub fn judged(&self) -> &[Diagnostic] {
        // The tree as written is kept for the other features; the judgement migrates a copy.
        self.judged
            .get_or_init(|| check::check_tree(self.tree.clone(), check::Options::default()).diagnostics)
    }
}

impl Snapshot {
    /// The state of a document after an edit; `path` is where it lies, or would: its ending says the mark-up.
    pub fn new(path: Arc<Path>, version: i32, rope: Rope) -> Self {
        Self {
            version,
            path,
            rope,
            derived: Arc::default(),
        }
    }

    /// A first version of that text.
    pub fn of_text(text: &str) -> Self {
        Self::new(Path::new("config.xml").into(), 0, Rope::from_str(text))
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
            let text: Arc<str> = text.into();
            Derived {
                lines: LineIndex::new(&text),
                tree: format::parse_text(&self.path, text.clone()),
                text,
                path: self.path.clone(),
                model: OnceLock::new(),
                judged: OnceLock::new(),
            }
        })
    }
}
