//! The layout of a description: four spaces a level, one element a line, long start tags one attribute a line.
//! Changes white space between mark-up and nothing else, so that the meaning stays; reads and writes no file.
//!
//! What is text to KIWI (or may be: mixed content, foreign elements, `xml:space="preserve"`) stays byte for byte, as
//! do comments, declarations and attribute values. Blank lines stay, runs of them become one.

mod layout;
mod sort;
mod tag;

use crate::diagnostic::{Diagnostic, Edit};
use crate::syntax::{Tree, parse};

/// Characters of a line that a start tag is broken beyond.
pub const WIDTH: usize = 120;
/// Spaces of one level.
const INDENT: usize = 4;
/// Levels beyond which nothing is indented further, so that no text grows beyond bounds.
const MAX_LEVEL: usize = 24;

/// What to do beyond the layout.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Sort neighbouring packages of a list by name. A blank line or a comment on its own line ends a group.
    pub sort_packages: bool,
}

/// Why a text is left as it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FormatError {
    /// The first fault of a text that is not well-formed.
    #[error("{}", .0.message)]
    NotWellFormed(Box<Diagnostic>),
    /// Another mark-up.
    #[error("only XML is laid out")]
    NotXml,
    /// Another root element, whose white space may mean something.
    #[error("the root element is `<{0}>`, and only descriptions are laid out")]
    NoDescription(String),
}

/// The layout as edits of white space, in ascending order, each as small as its place; none where all is as it should
/// be. Linear in the text.
pub fn edits(tree: &Tree) -> Result<Vec<Edit>, FormatError> {
    if !tree.is_xml() {
        return Err(FormatError::NotXml);
    }
    if let Some(first) = tree.errors().first() {
        return Err(FormatError::NotWellFormed(Box::new(first.clone())));
    }
    match tree.root() {
        Some(root) if tree.local(root) == "image" => Ok(layout::edits(tree)),
        other => {
            let name = other.map_or("", |r| tree.local(r));
            Err(FormatError::NoDescription(name.to_owned()))
        }
    }
}

/// The whole text laid out; a second time changes nothing.
pub fn format(tree: &Tree, options: Options) -> Result<String, FormatError> {
    let layout = edits(tree)?;
    if !options.sort_packages {
        return Ok(crate::fix::apply(tree.text(), &layout));
    }
    let sorted = parse(&crate::fix::apply(tree.text(), &sort::edits(tree)));
    Ok(crate::fix::apply(sorted.text(), &edits(&sorted)?))
}

#[cfg(test)]
mod tests;
