//! What descriptions of former schema versions had, and what authors still copy from them: where the grammar refuses it,
//! what says it now is told, with that as the repair. Finds nothing by itself; which names those are is in
//! `former_names`.

use rustc_hash::FxHashMap;

use super::former_names::{ATTRIBUTES, ELEMENTS, Now, VALUES};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::migrate;
use crate::syntax::{Attr, NodeId, NodeKind, Tree};
use crate::text::Span;
use crate::validate::{indent, with_line};

/// Findings looked at, at most: whoever copied a whole description sees it after the first.
const MOST: usize = 1_000;

/// The codes of findings at names and values that the grammar does not have.
const CODES: [&str; 4] = [
    "unknown-attribute",
    "misplaced-attribute",
    "unknown-element",
    "invalid-value",
];

/// What a name or a value is now.
struct Meant {
    label: String,
    fix: Option<Fix>,
}

/// Says what is now in place of what a former version had.
pub(super) fn mend(tree: &Tree, found: &mut [Diagnostic]) {
    let refused = found.iter_mut().filter(|d| CODES.contains(&d.code)).take(MOST);
    let mut refused: FxHashMap<Span, &mut Diagnostic> = refused.map(|d| (d.span, d)).collect();
    if refused.is_empty() {
        return;
    }
    let mut tell = |span: Span, meant: &dyn Fn() -> Option<Meant>| {
        if let Some(finding) = refused.get_mut(&span)
            && let Some(meant) = meant()
        {
            finding.label = meant.label.into();
            finding.help = None;
            finding.fixes = meant.fix.into_iter().collect();
        }
    };
    for id in tree.all().filter(|id| tree.node(*id).kind == NodeKind::Element) {
        let node = tree.node(id);
        tell(node.name_span, &|| element(tree, id));
        for attr in tree.attrs(id) {
            tell(attr.name_span, &|| attribute(tree, id, attr));
            // A value that is no value at all is told with its attribute.
            for span in [attr.value_span, attr.span] {
                tell(span, &|| value(tree, id, attr));
            }
        }
        if let Some(word) = node.first_child.filter(|c| tree.node(*c).kind == NodeKind::Text) {
            let span = tree.node(word).span.trimmed(tree.text());
            let value = span.of(tree.text());
            for place in [span, Span::new(node.name_span.start, span.end)] {
                tell(place, &|| of_value(tree.local(id), "", value, span));
            }
        }
    }
    // What the way from an older version would have rewritten, in a text that says it is newer.
    for (span, label, fix) in migrate::former(tree) {
        tell(span, &|| {
            Some(Meant {
                label: label.clone(),
                fix: Some(fix.clone()),
            })
        });
    }
}

/// A repair whose meaning is certain.
fn sure(title: String, edits: Vec<Edit>) -> Fix {
    Fix {
        title: title.into(),
        edits,
        safe: true,
    }
}

fn edit(span: Span, new_text: impl Into<String>) -> Edit {
    Edit {
        span,
        new_text: new_text.into().into(),
    }
}

/// What an element is now.
fn element(tree: &Tree, id: NodeId) -> Option<Meant> {
    let (name, parent) = (tree.local(id), tree.parent(id).map_or("", |p| tree.local(p)));
    let (.., now) = ELEMENTS.iter().find(|(p, n, _)| (*p, *n) == (parent, name))?;
    let node = tree.node(id);
    let fix = match now {
        Now::Nothing => sure(
            format!("remove this `<{name}>`"),
            vec![edit(with_line(tree, id), "")],
        ),
        Now::Renamed(new) => {
            let tags = [node.name_span, node.close_name()];
            let tags = tags.into_iter().filter(|tag| tag.of(tree.text()) == name);
            sure(
                format!("rename to `<{new}>`"),
                tags.map(|tag| edit(tag, *new)).collect(),
            )
        }
        Now::OfLoader(_) | Now::Value(..) => return None,
        Now::Said(words) => return Some(Meant::said(words)),
    };
    Some(Meant {
        label: match now {
            Now::Renamed(new) => format!("it is `<{new}>` now"),
            _ => "it means nothing any more".to_owned(),
        },
        fix: Some(fix),
    })
}

/// What an attribute is now.
fn attribute(tree: &Tree, id: NodeId, attr: &Attr) -> Option<Meant> {
    let name = &*tree.name(attr.name).local;
    let now = now(tree.local(id), name)?;
    let (label, fix) = match now {
        Now::Nothing => (
            "it means nothing any more".to_owned(),
            Some(sure(
                format!("remove `{name}`"),
                vec![edit(tree.with_blanks(attr), "")],
            )),
        ),
        Now::Renamed(new) => (
            format!("it is `{new}` now"),
            Some(sure(
                format!("rename to `{new}`"),
                vec![edit(attr.name_span, *new)],
            )),
        ),
        Now::OfLoader(new) => (
            format!(
                "`<bootloader {new}=\"{}\">` inside says it now",
                tree.value(attr).trim()
            ),
            to_loader(tree, id),
        ),
        Now::Said(words) => return Some(Meant::said(words)),
        Now::Value(..) => return None,
    };
    Some(Meant { label, fix })
}

impl Meant {
    fn said(words: &str) -> Self {
        Self {
            label: words.to_owned(),
            fix: None,
        }
    }
}

fn now(element: &str, name: &str) -> Option<&'static Now> {
    let mut all = ATTRIBUTES.iter();
    let own = all.find(|(e, n, _)| (*e, *n) == (element, name));
    own.map(|(.., now)| now)
}

/// What an attribute's value is now.
fn value(tree: &Tree, id: NodeId, attr: &Attr) -> Option<Meant> {
    let name = &*tree.name(attr.name).local;
    of_value(
        tree.local(id),
        name,
        attr.value_span.of(tree.text()).trim(),
        attr.value_span,
    )
}

/// What a value is now; of an element's text where the attribute has no name.
fn of_value(element: &str, attribute: &str, value: &str, at: Span) -> Option<Meant> {
    let mut all = VALUES.iter();
    let (.., now) = all.find(|(e, a, v, _)| (*e, *a, *v) == (element, attribute, value))?;
    match now {
        Now::Value(new, safe) => Some(Meant {
            label: format!("it is `{new}` now"),
            fix: Some(Fix::change(at, new, *safe)),
        }),
        Now::Said(words) => Some(Meant::said(words)),
        _ => None,
    }
}

/// Writes what a `<type>` says of its boot loader into the section for it, all at once.
fn to_loader(tree: &Tree, id: NodeId) -> Option<Fix> {
    let moved = tree.attrs(id).iter().filter_map(|attr| {
        let name = &*tree.name(attr.name).local;
        match now(tree.local(id), name)? {
            Now::OfLoader(new) => Some((attr, *new)),
            _ => None,
        }
    });
    let section = tree.elements(id).find(|c| tree.local(*c) == "bootloader");
    let mut edits = Vec::new();
    let mut given = String::new();
    let mut named = false;
    for (attr, new) in moved {
        edits.push(edit(tree.with_blanks(attr), ""));
        named |= new == "name";
        // What the section says already counts.
        if section.is_none_or(|s| tree.attr(s, new).is_none()) {
            let value = Span::new(attr.name_span.end, attr.span.end).of(tree.text());
            given.push_str(&format!(" {new}{}", value.trim_start()));
        }
    }
    let node = tree.node(id);
    let put = match section {
        Some(section) => edit(Span::empty(tree.node(section).name_span.end), given),
        None => {
            let name = if named { "" } else { " name=\"grub2\"" };
            let whole = format!("<bootloader{name}{given}/>");
            let first = tree.elements(id).next();
            let line = match first {
                Some(first) => indent(tree, first).to_owned(),
                None => match indent(tree, id) {
                    "" => String::new(),
                    own => format!("{own}    "),
                },
            };
            if node.self_closing {
                let end = indent(tree, id);
                let tag = node.name_span.of(tree.text());
                let slash = Span::new(node.open.end.saturating_sub(2), node.open.end);
                edit(slash, format!(">{line}{whole}{end}</{tag}>"))
            } else {
                edit(Span::empty(node.open.end), format!("{line}{whole}"))
            }
        }
    };
    edits.push(put);
    edits.sort_by_key(|e| e.span);
    tree.is_xml()
        .then(|| sure("move it into `<bootloader>`".to_owned(), edits))
}
