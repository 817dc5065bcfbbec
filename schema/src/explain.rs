//! What the grammar says about an element or an attribute, for the terminal and for an editor: one content, two renderings.

use crate::grammar::{Grammar, ValueInfo};

/// The documentation of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// As it stands in a description: `<type>`, `<type image="…">`.
    pub title: String,
    /// It must be given.
    pub required: bool,
    /// What it is for.
    pub doc: String,
    /// What belongs to it: `values`, `attributes`, `stands in`, …; never empty.
    pub lists: Vec<(&'static str, Vec<String>)>,
    /// Values, and what each of them means where that is known.
    pub meanings: Vec<(String, String)>,
}

/// Each value with its text, which is laid out anew where it is shown.
fn meanings(values: Vec<ValueInfo>) -> Vec<(String, String)> {
    let words = |doc: &str| doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = |v: ValueInfo| (v.value, v.doc.as_deref().map(words).unwrap_or_default());
    let all: Vec<_> = values.into_iter().map(told).collect();
    match all.iter().all(|(_, meaning)| meaning.is_empty()) {
        true => Vec::new(),
        false => all,
    }
}

/// An element; none where the grammar has no such.
pub fn element(grammar: &Grammar, name: &str) -> Option<Explained> {
    if !grammar.element_names().contains(&name) {
        return None;
    }
    let own = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let attributes = grammar.attributes(name).into_iter();
    let attributes = attributes.map(|a| match a.required {
        true => format!("{} (required)", a.name),
        false => a.name,
    });
    let values = grammar.element_values(name);
    let meanings = meanings(values.clone());
    let values = values.into_iter().map(|v| v.value);
    let mut lists = vec![
        ("stands in", own(grammar.parents(name))),
        ("holds", own(grammar.children(name))),
        ("attributes", attributes.collect()),
        ("values", values.collect()),
        ("type", grammar.element_type(name).into_iter().collect()),
        ("example", vec![element_example(grammar, name)]),
    ];
    lists.retain(|(_, names)| !names.is_empty());
    Some(Explained {
        title: format!("<{name}>"),
        required: false,
        doc: grammar.element_doc(name).unwrap_or("").trim().to_owned(),
        lists,
        meanings,
    })
}

/// An attribute of an element; none where the grammar has no such.
pub fn attribute(grammar: &Grammar, element: &str, name: &str) -> Option<Explained> {
    // As it is written in a description, `xsi:schemaLocation` say.
    let name = name.split_once(':').map_or(name, |(_, local)| local);
    let info = grammar.attributes(element).into_iter().find(|a| a.name == name)?;
    let values = grammar.attribute_values(element, name);
    let meanings = meanings(values.clone());
    let values: Vec<_> = values.into_iter().map(|v| v.value).collect();
    let mut kind: Vec<_> = grammar.attribute_type(element, name).into_iter().collect();
    if kind.is_empty() && values.is_empty() {
        kind.push("text".to_owned());
    }
    let (start, _) = start_tag(grammar, element, Some(name));
    let mut lists = vec![
        ("stands on", vec![element.to_owned()]),
        ("values", values),
        ("type", kind),
        ("example", vec![format!("{start}>")]),
    ];
    lists.retain(|(_, names)| !names.is_empty());
    Some(Explained {
        title: format!("<{element} {name}=\"…\">"),
        required: info.required,
        doc: info.doc.unwrap_or_default().trim().to_owned(),
        lists,
        meanings,
    })
}

/// An element as one might write it, with what it needs. What depends on the description is left out with `…`.
fn element_example(grammar: &Grammar, name: &str) -> String {
    let (start, bare) = start_tag(grammar, name, None);
    let values = grammar.element_values(name);
    let kind = grammar.element_type(name);
    let text = match (values.first(), kind) {
        (Some(first), _) => first.value.clone(),
        (None, Some(kind)) => sample(&kind).to_owned(),
        (None, None) if bare || !grammar.children(name).is_empty() => "…".to_owned(),
        (None, None) => return format!("{start}/>"),
    };
    format!("{start}>{text}</{name}>")
}

/// A start tag without its end, with the attributes that must be given and one more; and whether the element has none.
fn start_tag(grammar: &Grammar, element: &str, more: Option<&str>) -> (String, bool) {
    let mut out = format!("<{element}");
    let attributes = grammar.attributes(element);
    for info in &attributes {
        if info.required || more == Some(&info.name) {
            let values = grammar.attribute_values(element, &info.name);
            let kind = grammar.attribute_type(element, &info.name);
            let value = match (values.first(), &kind) {
                (Some(first), _) => first.value.as_str(),
                (None, Some(kind)) => sample(kind),
                (None, None) => "…",
            };
            out.push_str(&format!(" {}=\"{value}\"", info.name));
        }
    }
    (out, attributes.is_empty())
}

/// A value of a type, by the words that the grammar has for it.
fn sample(kind: &str) -> &'static str {
    const KNOWN: [(&str, &str); 10] = [
        ("aarch64", "x86_64"),
        ("[GM]", "4G"),
        ("tcp|udp", "80/tcp"),
        ("docker|oci", "docker:qcow2"),
        ("no-copy-on-write", "no-copy-on-write"),
        ("gfxterm", "console"),
        ("at_keyboard", "console"),
        ("{8}(-", "123e4567-e89b-12d3-a456-426614174000"),
        ("{2}(:", "52:54:00:12:34:56"),
        ("whole number", "1"),
    ];
    let known = KNOWN.iter().find(|(part, _)| kind.contains(part));
    match known {
        Some((_, sample)) => sample,
        None if kind.contains("`\\d") => "1",
        None => "…",
    }
}

impl Explained {
    /// For a terminal: lines, ended by a line feed.
    pub fn plain(&self) -> String {
        let required = if self.required { " (required)" } else { "" };
        let mut out = format!("{}{required}\n", self.title);
        if !self.doc.is_empty() {
            out.push_str(&format!("\n{}\n", self.doc));
        }
        for (what, names) in &self.lists {
            if *what == "values" && !self.meanings.is_empty() {
                out.push_str("\nvalues:\n");
                for (value, meaning) in &self.meanings {
                    out.push_str(format!("  {value:16} {meaning}").trim_end());
                    out.push('\n');
                }
                continue;
            }
            out.push_str(&format!("\n{what}: {}\n", names.join(", ")));
        }
        out
    }

    /// For an editor: Markdown.
    pub fn markdown(&self) -> String {
        let required = if self.required { " (required)" } else { "" };
        let mut out = format!("**`{}`**{required}", self.title);
        if !self.doc.is_empty() {
            out.push_str(&format!("\n\n{}", self.doc));
        }
        for (what, names) in &self.lists {
            if *what == "values" && !self.meanings.is_empty() {
                out.push_str("\n\nvalues:\n");
                for (value, meaning) in &self.meanings {
                    let meaning = match meaning.as_str() {
                        "" => String::new(),
                        meaning => format!(": {meaning}"),
                    };
                    out.push_str(&format!("\n- `{value}`{meaning}"));
                }
                continue;
            }
            let code = |n: &String| match (*what == "type", n.strip_suffix(" (required)")) {
                (true, _) => n.clone(),
                (false, Some(name)) => format!("`{name}` (required)"),
                (false, None) => format!("`{n}`"),
            };
            let names: Vec<_> = names.iter().map(code).collect();
            out.push_str(&format!("\n\n{what}: {}", names.join(", ")));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_explained_whole() {
        let grammar = Grammar::kiwi();
        let has = |e: &Explained, what: &str| e.lists.iter().any(|(w, _)| *w == what);
        let (mut elements, mut attributes) = (0, 0);
        for name in grammar.element_names() {
            elements += 1;
            let one = element(grammar, name).unwrap();
            assert!(one.doc.len() > 10, "{name}: {}", one.doc);
            assert!(has(&one, "example"), "{name}");
            assert!(has(&one, "stands in") || name == "image", "{name}");
            for info in grammar.attributes(name) {
                attributes += 1;
                let one = attribute(grammar, name, &info.name).unwrap();
                assert!(one.doc.len() > 10, "{name}@{}: {}", info.name, one.doc);
                assert!(has(&one, "values") || has(&one, "type"), "{name}@{}", info.name);
                assert!(
                    has(&one, "stands on") && has(&one, "example"),
                    "{name}@{}",
                    info.name
                );
            }
        }
        assert!(elements >= 110 && attributes >= 276, "{elements} {attributes}");
    }

    #[test]
    fn an_example_has_what_must_be_given() {
        let grammar = Grammar::kiwi();
        let example = |one: Explained| one.lists.last().unwrap().1.concat();
        let of = |name: &str| example(element(grammar, name).unwrap());
        assert_eq!(of("volume"), "<volume name=\"…\"/>");
        assert_eq!(of("author"), "<author>…</author>");
        assert_eq!(of("packages"), "<packages type=\"bootstrap\">…</packages>");
        let size = attribute(grammar, "volume", "quota").unwrap();
        assert_eq!(example(size), "<volume name=\"…\" quota=\"4G\">");
    }

    #[test]
    fn values_are_explained_one_by_one() {
        let grammar = Grammar::kiwi();
        let kind = attribute(grammar, "packages", "type").unwrap();
        let meant = |value: &str| kind.meanings.iter().find(|(v, _)| v == value).map(|(_, m)| m);
        assert!(meant("bootstrap").is_some_and(|m| m.len() > 10), "{kind:?}");
        let line = format!("\n  bootstrap        {}\n", meant("bootstrap").unwrap());
        assert!(kind.plain().contains(&line), "{}", kind.plain());
        assert!(
            kind.markdown().contains("\n- `bootstrap`: "),
            "{}",
            kind.markdown()
        );
        assert!(attribute(grammar, "image", "xsi:schemaLocation").is_some());
    }
}
