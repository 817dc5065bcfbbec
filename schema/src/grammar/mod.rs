//! RELAX NG: any grammar in the XML syntax, loaded, checked, simplified and hash-consed; and KIWI's own grammar with
//! its documentation (`schema/grammar/*.rng`). Matching is in `validate`. Nothing here reads a description.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

mod by_name;
pub mod datatype;
mod docs;
mod error;
mod kiwi;
mod load;
mod name_class;
pub(crate) mod pattern;
mod stored;

use datatype::{Datatype, Value};
pub(crate) use docs::required;
pub(crate) use name_class::NameClass;
use pattern::{PatId, Patterns};

pub use error::GrammarError;

/// A loaded RELAX NG grammar: immutable, shared by all threads.
#[derive(Debug, Default)]
pub struct Grammar {
    pub(crate) patterns: Patterns,
    pub(crate) start: PatId,
    pub(crate) elements: Vec<Element>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) data: Vec<Data>,
    /// By element pattern: the attribute and element patterns in its content, listed when first asked for.
    pub(crate) held: OnceLock<Vec<(Vec<u32>, Vec<u32>)>>,
    /// The patterns by the names they take, listed when first asked for.
    pub(crate) by_name: OnceLock<by_name::ByName>,
    /// Matchers with warm memos, taken by a validation and given back.
    pub(crate) pool: crate::validate::Pool,
}

/// An element pattern.
#[derive(Debug)]
pub(crate) struct Element {
    pub names: NameClass,
    pub content: PatId,
    pub doc: Option<String>,
}

/// An attribute pattern.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub names: NameClass,
    pub value: PatId,
    pub doc: Option<String>,
}

/// A `data` or `value` pattern.
#[derive(Debug)]
pub(crate) enum Data {
    /// Any value of a type, except those that fit the pattern given.
    Type {
        datatype: Datatype,
        except: Option<PatId>,
    },
    /// One value.
    Value {
        datatype: Datatype,
        value: Value,
        text: String,
        doc: Option<String>,
    },
}

/// An attribute of an element, as the grammar documents it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeInfo {
    /// The name, with the prefix under which the grammar knows its namespace.
    pub name: String,
    /// Every valid element of that name has it.
    pub required: bool,
    /// What it is for.
    pub doc: Option<String>,
}

/// A value that an attribute or an element may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueInfo {
    /// The value itself.
    pub value: String,
    /// What it stands for.
    pub doc: Option<String>,
}

/// Gives the text of an included schema.
pub trait Resolver {
    /// The text of `href` as named in the file `base`, and the name under which errors speak of it; or why not.
    fn resolve(&self, base: &Path, href: &str) -> Result<(PathBuf, String), String>;
}

/// Reads files beside the schema; refuses anything with a scheme other than `file`.
struct Files;

impl Resolver for Files {
    fn resolve(&self, base: &Path, href: &str) -> Result<(PathBuf, String), String> {
        let href = href.strip_prefix("file://").unwrap_or(href);
        if href.contains("://") {
            return Err("schemas are read from files only".into());
        }
        let path = base.parent().unwrap_or(Path::new("")).join(href);
        // So that a loop is seen whatever way it takes.
        let path = path.canonicalize().unwrap_or(path);
        let bytes = std::fs::read(&path).map_err(|e| e.to_string())?;
        Ok((
            path,
            String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_string())?,
        ))
    }
}

/// Loads a schema from a file; `include` and `externalRef` are read relative to it, never from the network.
pub fn load_file(path: &Path) -> Result<Grammar, GrammarError> {
    let href = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let (path, text) = Files.resolve(path, &href).map_err(|reason| GrammarError {
        file: path.to_path_buf(),
        span: crate::text::Span::default(),
        reason: format!("`{href}` cannot be read: {reason}"),
        text: String::new(),
    })?;
    load::load(path, text, &Files)
}

/// Loads a schema from text; included ones come from `resolver`.
pub fn load_str(text: &str, resolver: &dyn Resolver) -> Result<Grammar, GrammarError> {
    load::load(PathBuf::new(), text.to_string(), resolver)
}

impl Grammar {
    /// The embedded grammar of KIWI descriptions, schema version 8.5.
    pub fn kiwi() -> &'static Grammar {
        static KIWI: OnceLock<Grammar> = OnceLock::new();
        KIWI.get_or_init(kiwi::load)
    }

    /// The local names of all elements, sorted.
    pub fn element_names(&self) -> Vec<&str> {
        let names = self.elements.iter().flat_map(|e| e.names.names());
        let mut out: Vec<&str> = names.map(|n| &*n.local).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What an element is for: the grammar's `a:documentation`, paragraphs separated by an empty line.
    pub fn element_doc(&self, element: &str) -> Option<&str> {
        self.find_element_doc(element)
    }

    /// What an attribute of an element is for.
    pub fn attribute_doc(&self, element: &str, attribute: &str) -> Option<&str> {
        self.find_attribute_doc(element, attribute)
    }

    /// The attributes of an element in the grammar's order, required ones marked.
    pub fn attributes(&self, element: &str) -> Vec<AttributeInfo> {
        self.list_attributes(element)
    }

    /// The values an attribute may have, where the grammar lists them.
    pub fn attribute_values(&self, element: &str, attribute: &str) -> Vec<ValueInfo> {
        let bare = attribute.rsplit(':').next().unwrap_or(attribute);
        let mut all = self.attributes_of(element);
        let found = all.find(|a| a.1.names.names().iter().any(|n| &*n.local == bare));
        found.map(|a| self.listed(a.1.value).0).unwrap_or_default()
    }

    /// The kind of value of an attribute in words ("a whole number, 0 or more"), none where any text will do.
    pub fn attribute_type(&self, element: &str, attribute: &str) -> Option<String> {
        let bare = attribute.rsplit(':').next().unwrap_or(attribute);
        let mut all = self.attributes_of(element);
        let found = all.find(|a| a.1.names.names().iter().any(|n| &*n.local == bare));
        found.and_then(|a| self.listed(a.1.value).1)
    }

    /// The values the text of an element may have, where the grammar lists them.
    pub fn element_values(&self, element: &str) -> Vec<ValueInfo> {
        self.named(element)
            .flat_map(|e| self.listed(e.content).0)
            .collect()
    }

    /// The kind of text of an element in words, none where any text (or none) will do.
    pub fn element_type(&self, element: &str) -> Option<String> {
        self.named(element).find_map(|e| self.listed(e.content).1)
    }

    /// The elements that may stand in an element, in the grammar's order.
    pub fn children(&self, element: &str) -> Vec<&str> {
        self.list_children(element)
    }

    /// The elements in which an element may stand, sorted.
    pub fn parents(&self, element: &str) -> Vec<&str> {
        self.list_parents(element)
    }
}
