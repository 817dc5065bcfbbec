//! RELAX NG: any grammar in the XML syntax, loaded, checked, simplified and hash-consed; and KIWI's own grammar with
//! its documentation (`schema/grammar/*.rng`). Matching is in `validate`. Nothing here reads a description.

use std::path::Path;
use std::sync::OnceLock;

mod error;

pub use error::GrammarError;

/// A loaded RELAX NG grammar: immutable, shared by all threads.
#[derive(Debug, Default)]
pub struct Grammar {}

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
    fn resolve(&self, base: &Path, href: &str) -> Result<(std::path::PathBuf, String), String>;
}

/// Loads a schema from a file; `include` and `externalRef` are read relative to it, never from the network.
pub fn load_file(path: &Path) -> Result<Grammar, GrammarError> {
    let _ = path;
    Ok(Grammar::default())
}

/// Loads a schema from text; included ones come from `resolver`.
pub fn load_str(text: &str, resolver: &dyn Resolver) -> Result<Grammar, GrammarError> {
    let _ = (text, resolver);
    Ok(Grammar::default())
}

impl Grammar {
    /// The embedded grammar of KIWI descriptions, schema version 8.5.
    pub fn kiwi() -> &'static Grammar {
        static KIWI: OnceLock<Grammar> = OnceLock::new();
        KIWI.get_or_init(Grammar::default)
    }

    /// The local names of all elements, sorted.
    pub fn element_names(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What an element is for: the grammar's `a:documentation`, paragraphs separated by an empty line.
    pub fn element_doc(&self, element: &str) -> Option<&str> {
        let _ = element;
        None
    }

    /// What an attribute of an element is for.
    pub fn attribute_doc(&self, element: &str, attribute: &str) -> Option<&str> {
        let _ = (element, attribute);
        None
    }

    /// The attributes of an element in the grammar's order, required ones marked.
    pub fn attributes(&self, element: &str) -> Vec<AttributeInfo> {
        let _ = element;
        Vec::new()
    }

    /// The values an attribute may have, where the grammar lists them.
    pub fn attribute_values(&self, element: &str, attribute: &str) -> Vec<ValueInfo> {
        let _ = (element, attribute);
        Vec::new()
    }

    /// The kind of value of an attribute in words ("a whole number, 0 or more"), none where any text will do.
    pub fn attribute_type(&self, element: &str, attribute: &str) -> Option<String> {
        let _ = (element, attribute);
        None
    }

    /// The values the text of an element may have, where the grammar lists them.
    pub fn element_values(&self, element: &str) -> Vec<ValueInfo> {
        let _ = element;
        Vec::new()
    }

    /// The kind of text of an element in words, none where any text (or none) will do.
    pub fn element_type(&self, element: &str) -> Option<String> {
        let _ = element;
        None
    }

    /// The elements that may stand in an element, in the grammar's order.
    pub fn children(&self, element: &str) -> Vec<&str> {
        let _ = element;
        Vec::new()
    }

    /// The elements in which an element may stand, sorted.
    pub fn parents(&self, element: &str) -> Vec<&str> {
        let _ = element;
        Vec::new()
    }
}
