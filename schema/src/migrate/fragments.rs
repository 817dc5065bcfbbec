//! What a description includes, brought up with it. A fragment has no version of its own: it is read as of the version of
//! the description, so that one which stays behind is refused after the description alone was rewritten. Writes no file.

use std::path::Path;
use std::sync::Arc;

use crate::description::Loaded;
use crate::diagnostic::{Diagnostic, Edit, FileId};
use crate::format::parse_text;

/// An included file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment<'l> {
    /// Its number in the description.
    pub id: FileId,
    /// Where it lies.
    pub path: &'l Path,
    /// Its text as it is.
    pub text: &'l Arc<str>,
    /// What makes it one of the newest version, in ascending order.
    pub edits: Vec<Edit>,
}

/// What is to change in the files that a description includes. An error is the first fault of a file that is not
/// well-formed: nothing is rewritten then.
pub fn fragments(loaded: &Loaded) -> Result<Vec<Fragment<'_>>, Diagnostic> {
    let version = loaded.trees.first().and_then(super::written_version);
    let mut out = Vec::new();
    for (n, file) in loaded.image.files.iter().enumerate().skip(1) {
        let id = FileId(n as u32);
        // The description's own trees are migrated already.
        let tree = parse_text(&file.path, file.text.clone());
        if let Some(first) = tree.errors().first() {
            let mut fault = first.clone();
            fault.file = id;
            fault.notes.iter_mut().for_each(|note| note.file = id);
            return Err(fault);
        }
        let edits = super::edits(&tree, version.as_deref())?;
        if tree.is_xml() && !edits.is_empty() {
            out.push(Fragment {
                id,
                path: &file.path,
                text: &file.text,
                edits,
            });
        }
    }
    Ok(out)
}
