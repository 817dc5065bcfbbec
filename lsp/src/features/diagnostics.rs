//! The findings of one version: what is not well-formed, and what the grammar refuses after migration.

use apteryx_schema::grammar::Grammar;
use apteryx_schema::{Diagnostic, validate};

use crate::snapshot::Snapshot;

/// All findings in the order of the text.
pub fn diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let derived = snapshot.derived();
    let mut found = derived.tree.errors().to_vec();
    found.extend(validate::validate(Grammar::kiwi(), &derived.tree));
    found.sort_by_key(|d| d.span);
    found
}
