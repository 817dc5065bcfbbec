//! Texts in YAML, JSON and TOML: a key that lacks the `@` of an attribute, where the grammar sees an element that there
//! is not, and an attribute that is missing; and the key of a list, where it sees a fault in each item's name. Here each
//! is told as the one fault it is.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::grammar::Grammar;
use crate::syntax::{Node, NodeId, Tree};
use crate::text::Span;

/// Keys looked at, at most: whoever leaves out all signs sees it after the first.
const MOST: usize = 2_000;

/// Puts one finding in place of all that follow from one key.
pub(super) fn mend(grammar: &Grammar, tree: &Tree, found: &mut Vec<Diagnostic>) {
    let Some(root) = tree.root().filter(|_| !tree.is_xml()) else {
        return;
    };
    lists(tree, found);
    let strange = found.iter();
    let strange = strange.filter(|d| matches!(d.code, "unknown-element" | "misplaced-element"));
    let strange: HashSet<Span> = strange.map(|d| d.span).take(MOST).collect();
    if strange.is_empty() {
        return;
    }
    let (mut meant, mut todo) = (Vec::new(), vec![root]);
    let mut known = HashMap::new();
    while let Some(id) = todo.pop() {
        if strange.contains(&tree.node(id).name_span) && is_attribute(grammar, tree, id, &mut known) {
            meant.push(id);
        }
        todo.extend(tree.elements(id));
    }
    let parent = |id: NodeId| tree.parent(id).map_or("", |p| tree.local(p));
    // What has a single value holds no other, so that of those before a place the last one alone may hold it.
    let sorted = |span: fn(&Node) -> Span| {
        let mut all: Vec<Span> = meant.iter().map(|&id| span(tree.node(id))).collect();
        all.sort();
        all
    };
    let (wholes, keys) = (sorted(|n| n.span), sorted(|n| n.name_span));
    let missing = |&id: &NodeId| format!("`<{}>` needs the attribute `{}`", parent(id), tree.local(id));
    let missing: HashSet<String> = meant.iter().map(missing).collect();
    found.retain(|d| {
        let last = |all: &[Span]| {
            let before = all.partition_point(|s| s.start <= d.span.start);
            all.get(before.checked_sub(1)?).copied()
        };
        let inside = last(&wholes).is_some_and(|s| d.span.end <= s.end);
        let at_key = last(&keys).is_some_and(|k| k.touches(d.span.start));
        let lacks = d.code == "missing-attribute" && missing.contains(&d.message.to_string());
        !inside && !at_key && !lacks
    });
    for id in meant {
        let (name, key, parent) = (tree.local(id), tree.node(id).name_span, parent(id));
        let message = format!("`{name}` is an attribute of `<{parent}>`, and its key lacks the `@`");
        found.push(
            Diagnostic::new(
                "unknown-element",
                crate::Severity::Error,
                crate::Source::Schema,
                key,
                message,
            )
            .label(format!("write `@{name}`"))
            .fix(Fix {
                title: format!("rename to `@{name}`").into(),
                edits: vec![rename(tree.text(), key, name)],
                safe: true,
            }),
        );
    }
}

/// Tells what is wrong with the name of a list's items once, at its key.
fn lists(tree: &Tree, found: &mut Vec<Diagnostic>) {
    let Some(places) = tree.places.as_deref() else {
        return;
    };
    let mut told = HashSet::new();
    found.retain_mut(|d| {
        let of_name = matches!(d.code, "unknown-element" | "misplaced-element");
        let Some(key) = places.key(d.span).filter(|_| of_name) else {
            return true;
        };
        let head = std::mem::replace(&mut d.span, key);
        let edits = d.fixes.iter_mut().flat_map(|fix| &mut fix.edits);
        // The repair looks for the name at the end of what stands for it.
        edits
            .filter(|e| head.start <= e.span.start && e.span.end == head.end)
            .for_each(|e| e.span = key);
        told.insert((key, d.message.to_string()))
    });
}

/// The code of a number that is read otherwise.
const NUMBER: &str = "rewritten-number";

/// Numbers that KIWI's reader writes in another way than the author.
pub(super) fn numbers(tree: &Tree) -> impl Iterator<Item = Diagnostic> + '_ {
    let numbers = tree.places.iter().flat_map(|places| &places.numbers);
    let known = crate::rules::code(NUMBER);
    numbers.filter_map(move |(&span, read)| {
        let known = known?;
        let written = span.of(tree.text());
        let message = format!("`{written}` is a number here, and read as `{read}`");
        let fix = Fix {
            title: format!("write `\"{written}\"`").into(),
            edits: vec![Edit {
                span,
                new_text: format!("\"{written}\"").into(),
            }],
            safe: false,
        };
        let found = Diagnostic::new(known.code, known.severity, known.source, span, message);
        Some(found.label("put it in quotes").help(known.consequence).fix(fix))
    })
}

/// The parent may have an attribute of this name, has none, and the key has a single value. What the grammar says of names
/// is kept in `known`.
fn is_attribute<'t>(
    grammar: &Grammar,
    tree: &'t Tree,
    id: NodeId,
    known: &mut HashMap<(&'t str, &'t str), bool>,
) -> bool {
    let Some(parent) = tree.parent(id) else {
        return false;
    };
    let (owner, name) = (tree.local(parent), tree.local(id));
    let ask = || grammar.attributes(owner).iter().any(|a| a.name == name);
    let single = tree.elements(id).next().is_none() && tree.attrs(id).is_empty();
    single && *known.entry((owner, name)).or_insert_with(ask) && tree.attr(parent, name).is_none()
}

/// Neither YAML nor TOML has a bare key that begins with `@`.
fn rename(text: &str, key: Span, name: &str) -> Edit {
    let before = text.get(..key.start as usize).unwrap_or("");
    match before.ends_with(['"', '\'']) {
        true => Edit {
            span: Span::empty(key.start),
            new_text: "@".to_owned().into(),
        },
        false => Edit {
            span: key,
            new_text: format!("\"@{name}\"").into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::check::{Options, by_grammar};
    use crate::{fix, format};

    fn judged(name: &str, text: &str) -> (Vec<String>, String) {
        let checked = by_grammar(
            format::parse(Path::new(name), text.as_bytes()),
            Options::default(),
        );
        let at = |d: &crate::Diagnostic| format!("{} at {}", d.message, d.span.of(text));
        let keys = checked.diagnostics.iter().filter(|d| d.message.contains('@'));
        (
            keys.map(at).collect(),
            fix::apply(text, &fix::round(&checked, false)),
        )
    }

    #[test]
    fn thousands_of_keys_without_their_sign_are_mended_in_few_rounds() {
        let items = "    - name: vim\n".repeat(3_500);
        let mut text = format!("image:\n  packages:\n  - type: image\n    package:\n{items}");
        for _ in 0..2 {
            text = judged("config.yaml", &text).1;
        }
        assert_eq!(text.matches("\"@name\": vim").count(), 3_500);
    }

    #[test]
    fn the_key_of_a_list_is_one_fault() {
        let yaml = "image:\n  \"@schemaversion\": \"8.5\"\n  packags:\n    - \"@type\": image\n    - \"@type\": bootstrap\n      \
                    package: [{\"@name\": a}, {\"@name\": b}]\n";
        let json = "{\"image\": {\"@schemaversion\": \"8.5\", \"packags\": [{\"@type\": \"image\"}, {\"@type\": \"bootstrap\"}]}}";
        let toml = "[image]\n\"@schemaversion\" = \"8.5\"\npackags = [{ \"@type\" = \"image\" }, { \"@type\" = \"bootstrap\" }]\n";
        for (name, text) in [
            ("config.yaml", yaml),
            ("config.json", json),
            ("config.toml", toml),
        ] {
            let tree = format::parse(Path::new(name), text.as_bytes());
            let checked = by_grammar(tree, Options::default());
            let unknown = checked.diagnostics.iter().filter(|d| d.code == "unknown-element");
            let spans: Vec<_> = unknown.map(|d| d.span.of(text)).collect();
            assert_eq!(spans, ["packags"], "{name} {:?}", checked.diagnostics);
            let new = fix::apply(text, &fix::round(&checked, false));
            assert_eq!(new, text.replace("packags", "packages"));
        }
    }

    #[test]
    fn a_key_without_its_sign_is_one_fault() {
        let old = "image:\n  \"@schemaversion\": \"8.5\"\n  name: small\n";
        let (found, new) = judged("config.yaml", old);
        assert_eq!(
            found,
            ["`name` is an attribute of `<image>`, and its key lacks the `@` at name"]
        );
        assert_eq!(new, old.replace("  name", "  \"@name\""));
        let old = "{\"image\": {\"@schemaversion\": \"8.5\", \"name\": \"small\"}}";
        assert_eq!(judged("config.json", old).1, old.replace("\"name", "\"@name"));
        let old = "[image]\n\"@schemaversion\" = \"8.5\"\nname = \"small\"\n";
        assert_eq!(judged("config.toml", old).1, old.replace("name =", "\"@name\" ="));
    }
}
