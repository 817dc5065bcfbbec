//! Slips in the names of attributes that only older forms of a description have: the newest form's grammar, which judges
//! them, does not know what was meant. Finds nothing by itself.

use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::rules::one_keystroke;
use crate::syntax::Tree;

/// Those attributes, each with the first version that does not have it any more.
const OLD: &[(&str, &str)] = &[
    ("additionaltags", "7.5"),
    ("btrfs_root_is_snapshot", "8.3"),
    ("console", "8.4"),
];

/// Offers the older name where one is meant.
pub(super) fn mend(tree: &Tree, found: &mut [Diagnostic]) {
    let text = tree.text();
    let mut strange = found
        .iter_mut()
        .filter(|d| d.code == "unknown-attribute")
        .peekable();
    if !tree.is_xml() || strange.peek().is_none() {
        return;
    }
    let Some(version) = tree.root().and_then(|root| tree.attr(root, "schemaversion")) else {
        return;
    };
    let version = version.value_span.of(text).trim_matches(['"', '\'']);
    for told in strange {
        let removes = |fix: &Fix| fix.edits.iter().all(|edit| edit.new_text.is_empty());
        let written = told.span.of(text);
        let old = OLD.iter().filter(|(_, gone)| version < *gone);
        let mut meant = old
            .filter(|(name, _)| one_keystroke(written, name))
            .map(|(name, _)| *name);
        if let Some(name) = meant.next().filter(|_| told.fixes.iter().all(removes)) {
            told.label = format!("did you mean `{name}`?").into();
            told.fixes = vec![Fix {
                title: format!("rename to `{name}`").into(),
                edits: vec![Edit {
                    span: told.span,
                    new_text: name.to_owned().into(),
                }],
                safe: true,
            }];
        }
    }
}
