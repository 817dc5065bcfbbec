//! One version of one document, immutable. What is derived from it (text, tree, lines) is computed once, by whoever
//! asks first; it must never see a later version.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use apteryx_schema::LineIndex;
use apteryx_schema::description::Loaded;
use apteryx_schema::description::load::load_text;
use apteryx_schema::syntax::{self, Tree};
use ropey::Rope;

/// One version of a document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The client's version number.
    pub version: i32,
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
    model: OnceLock<Loaded>,
}

impl Derived {
    /// The model, includes read from disk; `path` is where the document lies. Computed at the first call.
    pub fn model(&self, path: &Path) -> &Loaded {
        self.model
            .get_or_init(|| load_text(path, self.text.as_bytes(), &|p| std::fs::read(p)))
    }
}

impl Snapshot {
    /// The state of a document after an edit.
    pub fn new(version: i32, rope: Rope) -> Self {
        Self {
            version,
            rope,
            derived: Arc::default(),
        }
    }

    /// A first version of that text.
    pub fn of_text(text: &str) -> Self {
        Self::new(0, Rope::from_str(text))
    }

    /// Text, tree and lines; linear in the text at the first call.
    pub fn derived(&self) -> &Derived {
        self.derived.get_or_init(|| {
            let text = self.rope.to_string();
            let tree = syntax::parse(&text);
            Derived {
                lines: LineIndex::new(&text),
                tree,
                model: OnceLock::new(),
                text: text.into(),
            }
        })
    }
}
