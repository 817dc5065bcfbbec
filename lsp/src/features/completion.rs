//! What may be written at the cursor: elements, attributes, values from the grammar, and profile names. Every answer
//! is a replacement of exact bytes, so that no `<`, quote or end tag is doubled.

use apteryx_schema::Span;
use apteryx_schema::grammar::Grammar;
use apteryx_schema::syntax::Tree;
use apteryx_schema::validate::{self, ExpectedElement};
use rustc_hash::FxHashSet;

use super::cursor::{Cursor, cursor, element_at, is_name, name_end, parent_at};
use super::templates::TEMPLATES;
use super::values::{self, escaped, values};
use crate::snapshot::Snapshot;

/// What a candidate is, for its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An element.
    Element,
    /// An attribute.
    Attribute,
    /// A value.
    Value,
    /// A profile that the description declares.
    Profile,
    /// A package of a repository.
    Package,
    /// A whole description.
    Template,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is.
    pub kind: Kind,
    /// What is shown and matched.
    pub label: String,
    /// The bytes replaced.
    pub replace: Span,
    /// What stands there afterwards, in LSP's snippet syntax.
    pub snippet: String,
    /// The same for clients without snippets.
    pub plain: String,
    /// The grammar is not satisfied without it.
    pub required: bool,
    /// A few words beside the label.
    pub detail: Option<String>,
    /// What the client matches with what is typed, where that is not the label.
    pub filter: Option<String>,
    /// What it is for.
    pub doc: Option<String>,
}

/// The candidates at byte `offset`, the most useful first. Filtering by prefix is the client's work.
pub fn completion(snapshot: &Snapshot, offset: u32) -> Vec<Candidate> {
    let derived = snapshot.derived();
    let (tree, text) = (&derived.tree, &*derived.text);
    match cursor(text, offset) {
        Cursor::Nothing => Vec::new(),
        Cursor::Content { word } => in_content(tree, text, word),
        Cursor::ElementName { name } => {
            let start = name.start.saturating_sub(1);
            let mut found = elements(tree, start, start, name);
            if name.is_empty() {
                found.extend(close(tree, start, Span::new(start, name.end)));
            }
            found
        }
        Cursor::EndTag { name } => end_tag(tree, text, name),
        Cursor::AttributeName { tag, element, name } => attributes(tree, text, tag, element, name),
        Cursor::AttributeValue {
            tag,
            element,
            name,
            value,
            quote,
        } => {
            let found = values(derived, tag, element.of(text), name.of(text), value, offset);
            let one = !values::is_list(name.of(text));
            // An edit of a completion holds one line.
            let line = |c: &Candidate| !c.replace.of(text).contains('\n');
            let found = found.into_iter().filter(line);
            found.map(|c| values::quoted(c, quote, one)).collect()
        }
    }
}

fn in_content(tree: &Tree, text: &str, word: Span) -> Vec<Candidate> {
    let Some(parent) = parent_at(tree, word.start) else {
        // Before the root there is one thing to write.
        return match tree.root() {
            None => elements(tree, word.start, word.start, word),
            Some(_) => Vec::new(),
        };
    };
    let known = validate::expected_text(Grammar::kiwi(), tree, parent);
    let whole = Span::new(word.start, name_end(text.as_bytes(), word.end as usize) as u32);
    let mut found: Vec<_> = known
        .values
        .into_iter()
        .map(|v| plain(Kind::Value, v.value, whole, v.doc))
        .collect();
    found.extend(elements(tree, word.start, word.start, word));
    found.extend(close(tree, word.start, word));
    found
}

/// The end tag of the innermost element, where it has none.
fn close(tree: &Tree, place: u32, replace: Span) -> Option<Candidate> {
    let parent = parent_at(tree, place).filter(|&p| tree.node(p).close.is_empty())?;
    let name = tree.node(parent).name_span.of(tree.text());
    let text = format!("</{name}>");
    Some(Candidate {
        plain: text.clone(),
        snippet: text,
        ..plain(Kind::Element, format!("/{name}"), replace, None)
    })
}

/// Elements at `place`, replacing from `from` (the `<`, where there is one) to the end of `name`.
fn elements(tree: &Tree, place: u32, from: u32, name: Span) -> Vec<Candidate> {
    let replace = Span::new(from, name.end);
    let grammar = Grammar::kiwi();
    // The tag is there already: only its name is replaced.
    let rename = from < name.start && is_tag(tree.text(), name.end);
    let Some(parent) = parent_at(tree, place) else {
        let snippet = "<image schemaversion=\"8.5\" name=\"$1\">\n    $0\n</image>";
        let plain = "<image schemaversion=\"8.5\" name=\"\">\n</image>";
        let begun = !tree.text().get(..from as usize).unwrap_or("").trim().is_empty();
        let whole = TEMPLATES.iter().filter(|_| !rename && !begun).map(|t| Candidate {
            kind: Kind::Template,
            label: t.label.into(),
            replace,
            snippet: escaped(t.text).replace("NAME", "${1:name}"),
            plain: t.text.into(),
            required: true,
            detail: Some("template".into()),
            filter: None,
            doc: Some(t.doc.into()),
        });
        let one = Candidate {
            kind: Kind::Element,
            label: "image".into(),
            replace,
            snippet: if rename { "<image".into() } else { snippet.into() },
            plain: if rename { "<image".into() } else { plain.into() },
            required: true,
            detail: None,
            filter: None,
            doc: grammar.element_doc("image").map(str::to_owned),
        };
        return std::iter::once(one).chain(whole).collect();
    };
    let mut expected = validate::expected(grammar, tree, parent, place).elements;
    // An element that stands there once is not expected beside itself, but may keep its name.
    let own = name.of(tree.text());
    if rename
        && grammar.children(tree.local(parent)).contains(&own)
        && expected.iter().all(|e| e.local != own)
    {
        expected.push(ExpectedElement {
            local: own.to_owned(),
            doc: grammar.element_doc(own).map(str::to_owned),
            ..ExpectedElement::default()
        });
    }
    let there: FxHashSet<&str> = tree.elements(parent).map(|id| tree.local(id)).collect();
    expected.sort_by_cached_key(|e| common(&ELEMENTS, &e.local, &there));
    let mut found: Vec<_> = expected
        .into_iter()
        .map(|e| {
            let (snippet, plain) = if rename {
                (format!("<{}", e.local), format!("<{}", e.local))
            } else {
                (element_text(grammar, &e, true), element_text(grammar, &e, false))
            };
            Candidate {
                kind: Kind::Element,
                label: e.local,
                replace,
                snippet,
                plain,
                required: e.required,
                detail: None,
                filter: None,
                doc: e.doc,
            }
        })
        .collect();
    if found.is_empty() {
        // A fault before the cursor may leave the validator without an answer; the grammar still has one.
        found = grammar
            .children(tree.local(parent))
            .into_iter()
            .map(|local| Candidate {
                kind: Kind::Element,
                label: local.to_owned(),
                replace,
                snippet: format!("<{local}"),
                plain: format!("<{local}"),
                required: false,
                detail: None,
                filter: None,
                doc: grammar.element_doc(local).map(str::to_owned),
            })
            .collect();
    }
    found
}

/// True where a tag goes on behind its name, and is not begun just now: what follows before the next mark-up is not blank.
fn is_tag(text: &str, end: u32) -> bool {
    let rest = text.get(end as usize..).unwrap_or("");
    let rest = rest.get(..rest.find('<').unwrap_or(rest.len())).unwrap_or("");
    !rest.trim().is_empty() && rest.starts_with([' ', '\t', '\r', '\n', '>', '/'])
}

/// What authors write most: such a thing is offered before the rest, which keeps the grammar's order.
const ELEMENTS: [&str; 12] = [
    "package",
    "packages",
    "type",
    "preferences",
    "repository",
    "source",
    "users",
    "user",
    "profiles",
    "profile",
    "bootloader",
    "size",
];
/// The same of attributes.
const ATTRIBUTES: [&str; 12] = [
    "name",
    "image",
    "type",
    "filesystem",
    "firmware",
    "format",
    "profiles",
    "primary",
    "kernelcmdline",
    "path",
    "arch",
    "alias",
];

/// The rank of a name: what stands there already, then what is written most, then the rest.
fn common(most: &[&str], name: &str, there: &FxHashSet<&str>) -> (bool, usize) {
    let place = most.iter().position(|m| *m == name).unwrap_or(most.len());
    (!there.contains(&name), place)
}

/// An element with its required parts; each is a stop of the snippet.
fn element_text(grammar: &Grammar, element: &ExpectedElement, snippet: bool) -> String {
    let mut stops = 0..;
    let mut stop = || {
        let next: i32 = stops.next().unwrap_or(0) + 1;
        if snippet {
            format!("${next}")
        } else {
            String::new()
        }
    };
    let name = &element.local;
    let mut text = format!("<{name}");
    for attribute in &element.required_attributes {
        text.push_str(&format!(" {attribute}=\"{}\"", stop()));
    }
    if element.empty {
        text.push_str("/>");
        return text;
    }
    text.push('>');
    for child in &element.required_children {
        text.push_str(&format!("\n    <{child}"));
        for attribute in grammar.attributes(child).iter().filter(|a| a.required) {
            text.push_str(&format!(" {}=\"{}\"", attribute.name, stop()));
        }
        text.push_str(&format!(">{}</{child}>", stop()));
    }
    if element.required_children.is_empty() {
        if snippet {
            text.push_str("$0");
        }
    } else {
        text.push('\n');
    }
    text.push_str(&format!("</{name}>"));
    text
}

fn end_tag(tree: &Tree, text: &str, name: Span) -> Vec<Candidate> {
    let Some(open) = parent_at(tree, name.start.saturating_sub(2)) else {
        return Vec::new();
    };
    let closed = text.as_bytes().get(name.end as usize) == Some(&b'>');
    let label = tree.node(open).name_span.of(text).to_owned();
    let with = if closed {
        label.clone()
    } else {
        format!("{label}>")
    };
    vec![Candidate {
        plain: with.clone(),
        snippet: with,
        ..plain(Kind::Element, label, name, None)
    }]
}

fn attributes(tree: &Tree, text: &str, tag: u32, element: Span, name: Span) -> Vec<Candidate> {
    let grammar = Grammar::kiwi();
    let byte = |at: u32| text.as_bytes().get(at as usize).copied();
    let has_value = byte(name.end) == Some(b'=');
    // Blanks where the cursor touches what stands before or behind it.
    let before = match name.start.checked_sub(1).and_then(byte) {
        Some(b'"' | b'\'') => " ",
        _ => "",
    };
    let behind = match byte(name.end) {
        Some(b) if is_name(b) => " ",
        _ => "",
    };
    let written = |label: &str, value: &str| match has_value {
        true => format!("{before}{label}"),
        false => format!("{before}{label}=\"{value}\"{behind}"),
    };
    let candidate = |label: String, required: bool, doc: Option<String>| Candidate {
        kind: Kind::Attribute,
        snippet: written(&label, "$1"),
        plain: written(&label, ""),
        label,
        replace: name,
        required,
        detail: None,
        filter: None,
        doc,
    };
    let node = element_at(tree, tag);
    let expected = node.map(|id| validate::expected_attributes(grammar, tree, id));
    if let Some(mut expected) = expected.filter(|e| !e.is_empty()) {
        expected.sort_by_cached_key(|a| (!a.required, common(&ATTRIBUTES, &a.local, &FxHashSet::default())));
        return expected
            .into_iter()
            .filter(|a| a.namespace.is_empty())
            .map(|a| candidate(a.local, a.required, a.doc))
            .collect();
    }
    let mut list = grammar.attributes(element.of(text));
    list.sort_by_key(|a| !a.required);
    list.into_iter()
        .filter(|a| node.is_none_or(|id| tree.attr(id, &a.name).is_none_or(|t| t.name_span == name)))
        .map(|a| candidate(a.name, a.required, a.doc))
        .collect()
}

pub(super) fn plain(kind: Kind, label: String, replace: Span, doc: Option<String>) -> Candidate {
    Candidate {
        kind,
        replace,
        snippet: escaped(&label),
        plain: label.clone(),
        label,
        required: false,
        detail: None,
        filter: None,
        doc,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::at_cursor;

    fn labels(marked: &str) -> Vec<String> {
        let (snapshot, offset) = at_cursor(marked);
        completion(&snapshot, offset)
            .into_iter()
            .map(|c| c.label)
            .collect()
    }

    const PROFILES: &str = "<image><profiles><profile name=\"Disk\" description=\"d\"/><profile name=\"Live\" description=\"l\"/></profiles>";

    #[test]
    fn profiles_are_offered_wherever_they_are_named() {
        assert_eq!(
            labels(&format!("{PROFILES}<packages profiles=\"$0\"/></image>")),
            ["Disk", "Live"]
        );
        assert_eq!(
            labels(&format!("{PROFILES}<packages profiles=\"Disk,$0\"/></image>")),
            ["Live"]
        );
        assert_eq!(
            labels(&format!("{PROFILES}<packages profiles=\"Disk,$0")),
            ["Live"]
        );
    }

    #[test]
    fn only_the_item_at_the_cursor_is_replaced() {
        let (snapshot, offset) = at_cursor(&format!(
            "{PROFILES}<packages profiles=\"Disk, Li$0,x\"/></image>"
        ));
        let found = completion(&snapshot, offset);
        assert_eq!(found[0].replace.of(&snapshot.derived().text), "Li");
    }

    /// What stands in the text once the candidate is taken.
    fn taken(marked: &str, label: &str) -> String {
        let (snapshot, offset) = at_cursor(marked);
        let found = completion(&snapshot, offset);
        let one = found.iter().find(|c| c.label == label);
        let one = one.unwrap_or_else(|| panic!("no {label} in {found:?}"));
        let mut text = snapshot.derived().text.to_string();
        text.replace_range(one.replace.start as usize..one.replace.end as usize, &one.plain);
        text
    }

    #[test]
    fn a_tag_that_is_begun_gets_its_required_parts_and_one_that_is_there_another_name() {
        for (before, after) in [
            (
                "<packages><ar$0\n</packages>",
                "<packages><archive name=\"\"/>\n</packages>",
            ),
            (
                "<packages><$0\n <package name=\"a\"/></packages>",
                "<packages><archive name=\"\"/>\n <package name=\"a\"/></packages>",
            ),
            ("<packages><ar$0", "<packages><archive name=\"\"/>"),
            (
                "<packages>ar$0\n</packages>",
                "<packages><archive name=\"\"/>\n</packages>",
            ),
            (
                "<packages><pack$0age name=\"a\"/></packages>",
                "<packages><archive name=\"a\"/></packages>",
            ),
            (
                "<packages><pack$0age\n  name=\"a\"/></packages>",
                "<packages><archive\n  name=\"a\"/></packages>",
            ),
            (
                "<packages><pack$0/></packages>",
                "<packages><archive/></packages>",
            ),
        ] {
            assert_eq!(
                taken(&format!("<image>{before}</image>"), "archive"),
                format!("<image>{after}</image>")
            );
        }
    }

    #[test]
    fn an_element_that_stands_once_may_keep_its_name() {
        let once = "<image><preferences><ver$0sion>1.0</version></preferences></image>";
        let found = labels(once);
        assert_eq!(found.iter().filter(|l| *l == "version").count(), 1, "{found:?}");
        let twice = "<image><packages><pack$0age name=\"a\"/></packages></image>";
        assert_eq!(labels(twice).iter().filter(|l| *l == "package").count(), 1);
    }

    #[test]
    fn what_is_written_most_comes_first_and_what_stands_there_before_it() {
        let first = |marked: &str| labels(marked).first().cloned().unwrap_or_default();
        assert_eq!(first("<image><packages>$0</packages></image>"), "package");
        let there = "<image><packages><archive name=\"a\"/>$0</packages></image>";
        assert_eq!(first(there), "archive");
        let all = labels("<image><preferences><type $0/></preferences></image>");
        assert_eq!(&all[..3], ["image", "filesystem", "firmware"]);
    }

    #[test]
    fn nothing_is_offered_in_a_comment() {
        assert!(labels("<image><!-- <$0 --></image>").is_empty());
    }

    #[test]
    fn an_end_tag_is_completed_once() {
        let (snapshot, offset) = at_cursor("<image><packages></$0</image>");
        let found = completion(&snapshot, offset);
        assert_eq!(found[0].plain, "packages>");
    }
}
