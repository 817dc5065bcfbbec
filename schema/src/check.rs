//! The whole judgement of one text: parse, migrate, validate, rules; ordered and without duplicates.
//! Reads no file: includes are the business of `description::load`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::description::has_includes;
use crate::diagnostic::{Diagnostic, FileId};
use crate::grammar::Grammar;
use crate::syntax::Tree;
use crate::{format, migrate, rules, validate};

mod allow;
mod former;
mod former_names;
mod included;
mod keys;
mod meant;
mod mended;
mod moved;
mod older;
mod spoilt;
mod units;

use spoilt::Spoilt;

pub use allow::{UNUSED, silence};
pub use included::{check_included, found_loading};
pub use meant::{Judged, beside};

/// What to judge by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'g> {
    /// In place of KIWI's grammar; texts whose root is not `<image>` are then judged by it alone.
    pub grammar: Option<&'g Grammar>,
    /// The choice of profiles, type and machine that the rules judge; by default each that a build can make.
    pub rules: rules::Options<'g>,
    /// What is found is to be mended, not read: more than the first ten thousand faults are found, as many as a text of
    /// so many bytes has room for. Repairs make a text longer, and its findings need not grow with it.
    pub mending: Option<usize>,
}

/// A judged text.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The tree, migrated where that was possible. Of its errors, which are all among the findings, it keeps the first.
    pub tree: Tree,
    /// What was found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Judges a text; `path` says its mark-up.
pub fn check(path: &Path, bytes: &[u8], options: Options<'_>) -> Checked {
    check_tree(format::parse(path, bytes), options)
}

/// Judges a parsed text.
pub fn check_tree(tree: Tree, options: Options<'_>) -> Checked {
    by_rules(by_grammar(tree, options), options)
}

/// So many faults beside a schema version that is none are no noise.
const FEW: usize = 3;

/// The quick half of [`check_tree`]: well-formedness and grammar.
pub fn by_grammar(mut tree: Tree, options: Options<'_>) -> Checked {
    let mut out = Vec::new();
    let image = tree.root().is_some_and(|r| tree.local(r) == "image");
    if tree.root().is_some() {
        let migrated = if image || options.grammar.is_none() {
            migrate::migrate_telling(&mut tree, None, options.grammar.is_none())
        } else {
            Ok(Vec::new())
        };
        let (old, refused) = match migrated {
            Ok(told) => (told, None),
            Err(refused) => (Vec::new(), Some(refused)),
        };
        let grammar = options.grammar.unwrap_or_else(|| Grammar::kiwi());
        let mut found = match options.mending {
            Some(size) => validate::validate_to_mend(grammar, &tree, size),
            None => validate::validate(grammar, &tree),
        };
        if let Some(mut refused) = refused {
            // A text that is of the current version but for the word is meant to be of it.
            let at = refused.span;
            let fits = found
                .iter()
                .all(|d| d.span.start <= at.end && at.start <= d.span.end);
            refused.fixes.iter_mut().for_each(|f| f.safe &= fits);
            // Judged by 8.5 a text of another age gives noise: the one clear error stands alone. A word that is no
            // version says nothing of an age; a few faults elsewhere are then faults.
            let word = at.of(tree.text()).trim_matches(['"', '\'']);
            let version = word.is_empty() || word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            if version || found.len() > FEW {
                found.clear();
            }
            found.retain(|d| d.span.end < at.start || at.end < d.span.start);
            found.push(refused);
        }
        if !tree.errors().is_empty() {
            // A text in another encoding than it says is judged when that is mended.
            if other_encoding(&tree, tree.errors()) {
                found.clear();
            }
            let spoilt = Spoilt::of(&tree);
            found.retain(|d| spoilt.spares(d));
        }
        keys::mend(grammar, &tree, &mut found);
        if image && options.grammar.is_none() {
            units::mend(&tree, &mut found);
            older::mend(&tree, &mut found);
            former::mend(&tree, &mut found);
        }
        add_outdated(&tree, &mut found, old);
        out = found;
    }
    // Ten thousand errors are many times their text: they are kept in one place.
    out.extend(tree.take_errors());
    finish(tree, out)
}

/// The other half: what the grammar cannot say, for a text that [`by_grammar`] has judged by the same options.
pub fn by_rules(checked: Checked, options: Options<'_>) -> Checked {
    let (mut checked, ruled) = ruled(checked, options);
    if let Some(complete) = ruled {
        let found = &mut checked.diagnostics;
        allow::apply(&checked.tree, FileId::default(), complete, found);
        sort(found);
    }
    checked
}

/// The same without what the text allows. Beside it, where the rules have spoken: whether all of them have.
fn ruled(checked: Checked, options: Options<'_>) -> (Checked, Option<bool>) {
    let Checked {
        tree,
        diagnostics: mut out,
    } = checked;
    let Some(root) = tree.root() else {
        return (finish(tree, out), None);
    };
    let mut ruled = None;
    let kiwi = tree.local(root) == "image" && options.grammar.is_none();
    if kiwi && !refused_version(&out) && !other_encoding(&tree, &out) && !options.rules.stopped() {
        let chosen = options.rules.type_name.is_some() || !options.rules.profiles.is_empty();
        // A form of an older version is read as that of the newest: nothing is refused.
        let old: Vec<Diagnostic> = out.extract_if(.., |d| d.code == migrate::OUTDATED).collect();
        let complete = out.is_empty() && !chosen && !has_includes(&tree);
        let mended = mended::ruled(&tree, &out, options);
        let mut rules = mended.unwrap_or_else(|| rules::check_text(&tree, &out, &options.rules));
        // Most texts have been told nothing yet: then nothing is copied.
        rules.append(&mut out);
        add_outdated(&tree, &mut rules, old);
        rules.extend(keys::numbers(&tree));
        out = rules;
        ruled = Some(complete);
    }
    (finish(tree, out), ruled)
}

/// Adds what is said of outdated forms, where nothing else is said of the form it has now, or of its value: that is one
/// fault.
fn add_outdated(tree: &Tree, found: &mut Vec<Diagnostic>, old: Vec<Diagnostic>) {
    if old.is_empty() || found.is_empty() {
        return found.extend(old);
    }
    let said: BTreeSet<u32> = found.iter().map(|d| d.span.start).collect();
    let mut names: Vec<u32> = old.iter().map(|o| o.span.start).collect();
    names.sort_unstable();
    let attributes = tree.all().flat_map(|id| tree.attrs(id));
    let valued = attributes.filter(|a| names.binary_search(&a.name_span.start).is_ok());
    let wrong: BTreeSet<u32> = valued
        .filter(|a| said.contains(&a.value_span.start))
        .map(|a| a.name_span.start)
        .collect();
    let spared = |o: &Diagnostic| {
        let whole = o.span.start..=o.span.end;
        said.range(whole).next().is_none() && !wrong.contains(&o.span.start)
    };
    found.extend(old.into_iter().filter(spared));
}

fn finish(tree: Tree, mut out: Vec<Diagnostic>) -> Checked {
    if !tree.is_xml() {
        out.iter_mut().for_each(|d| d.fixes.retain(|f| tree.takes(f)));
    }
    sort(&mut out);
    Checked {
        tree,
        diagnostics: out,
    }
}

/// The declaration names an encoding that is not the text's: then all of it is read by guess.
fn other_encoding(tree: &Tree, found: &[Diagnostic]) -> bool {
    let other = |d: &&Diagnostic| matches!(d.code, "unknown-encoding" | "wrong-encoding");
    let first = found.iter().filter(other).map(|d| d.span.start).min();
    // Looked for only where there is such a finding: without a declaration it would be a search of the whole text.
    first.is_some_and(|start| (start as usize) < tree.text().find("?>").unwrap_or(0))
}

fn refused_version(found: &[Diagnostic]) -> bool {
    found.iter().any(|d| d.code == "schema-version")
}

/// Orders findings by place and drops repetitions.
pub fn sort(found: &mut Vec<Diagnostic>) {
    found.sort_by(|a, b| (a.file, a.span, a.severity, a.code).cmp(&(b.file, b.span, b.severity, b.code)));
    found.dedup_by(|a, b| a.file == b.file && a.span == b.span && a.code == b.code && a.message == b.message);
}
