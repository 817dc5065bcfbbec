//! What the grammar says about an element or an attribute, for the terminal and for an editor: one content, two renderings.

use crate::grammar::Grammar;

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
    let values = grammar.element_values(name).into_iter().map(|v| v.value);
    let mut lists = vec![
        ("stands in", own(grammar.parents(name))),
        ("holds", own(grammar.children(name))),
        ("attributes", attributes.collect()),
        ("values", values.collect()),
        ("type", grammar.element_type(name).into_iter().collect()),
    ];
    lists.retain(|(_, names)| !names.is_empty());
    Some(Explained {
        title: format!("<{name}>"),
        required: false,
        doc: grammar.element_doc(name).unwrap_or("").trim().to_owned(),
        lists,
    })
}

/// An attribute of an element; none where the grammar has no such.
pub fn attribute(grammar: &Grammar, element: &str, name: &str) -> Option<Explained> {
    let info = grammar.attributes(element).into_iter().find(|a| a.name == name)?;
    let values = grammar
        .attribute_values(element, name)
        .into_iter()
        .map(|v| v.value);
    let mut lists = vec![
        ("values", values.collect::<Vec<_>>()),
        (
            "type",
            grammar.attribute_type(element, name).into_iter().collect(),
        ),
    ];
    lists.retain(|(_, names)| !names.is_empty());
    Some(Explained {
        title: format!("<{element} {name}=\"…\">"),
        required: info.required,
        doc: info.doc.unwrap_or_default().trim().to_owned(),
        lists,
    })
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
