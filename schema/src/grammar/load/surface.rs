//! From XML text to the schema's own elements: section 3's full syntax checked, annotations dropped (documentation
//! kept), `ns`, `datatypeLibrary` and prefixes resolved (sections 4.1 to 4.4, 4.8 to 4.10). Follows no reference.

use std::path::PathBuf;
use std::sync::Arc;

use roxmltree::{Document, Node, ParsingOptions};
use rustc_hash::FxHashSet;

use super::super::error::GrammarError;
use super::shape::{NAME_CLASSES, PATTERNS, shape};
use crate::text::Span;

/// The namespace of RELAX NG.
pub const RNG: &str = "http://relaxng.org/ns/structure/1.0";
/// The namespace of `xml:base`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of `a:documentation`.
const ANNOTATIONS: &str = "http://relaxng.org/ns/compatibility/annotations/1.0";

/// A schema file.
#[derive(Debug)]
pub struct File {
    /// Its name in errors, and the base of what it refers to.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl File {
    /// A refusal at a place of this file.
    pub fn refuse(&self, span: Span, reason: impl Into<String>) -> GrammarError {
        GrammarError {
            file: self.path.clone(),
            span,
            reason: reason.into(),
            text: self.text.clone(),
        }
    }
}

/// How several definitions of one name are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    Choice,
    Interleave,
}

/// What an element has in common with most around it, which share it.
#[derive(Debug)]
pub struct Shared {
    /// The file it stands in.
    pub file: Arc<File>,
    /// What `xml:base` puts before an `href`: empty, or the path of a folder with its last `/`.
    pub base: Arc<str>,
    /// `datatypeLibrary` as inherited.
    pub library: Arc<str>,
    /// The namespaces in scope, for values that are QNames.
    pub prefixes: Arc<Vec<(String, String)>>,
}

/// One element of the RELAX NG namespace. Kept small: a schema may be nothing but these.
#[derive(Debug)]
pub struct El {
    /// Its local name.
    pub kind: &'static str,
    /// What it has in common with others.
    pub shared: Arc<Shared>,
    /// Its start tag.
    pub span: Span,
    /// `name`; of `data` and `value` `type`, of `include` and `externalRef` `href`. Trimmed.
    pub name: Option<Box<str>>,
    /// `combine`.
    pub combine: Option<Combine>,
    /// It has `ns` itself.
    pub own_ns: bool,
    /// `ns` as inherited; none where no element above has one.
    pub ns: Option<Arc<str>>,
    /// Its text (`value`, `param`, `name`), as it stands.
    pub text: Box<str>,
    /// What `a:documentation` says.
    pub doc: Option<Box<str>>,
    /// Its children.
    pub children: Vec<El>,
}

impl El {
    /// True for two values that are written alike.
    pub fn is_same_value(&self, other: &Self) -> bool {
        self.kind == "value"
            && other.kind == "value"
            && Arc::ptr_eq(&self.shared, &other.shared)
            && (&self.name, &self.ns, &self.text, &self.doc)
                == (&other.name, &other.ns, &other.text, &other.doc)
    }

    /// A refusal at this element.
    pub fn refuse(&self, reason: impl Into<String>) -> GrammarError {
        self.shared.file.refuse(self.span, reason)
    }

    /// The namespace of a prefix.
    pub fn prefix(&self, prefix: &str) -> Option<String> {
        let mut all = self.shared.prefixes.iter();
        all.find(|(p, _)| p == prefix).map(|(_, uri)| uri.clone())
    }

    /// Splits a QName into namespace and local name; a name without prefix takes `ns`.
    pub fn qname(&self, text: &str, ns: &str) -> Result<(String, String), GrammarError> {
        let Some((prefix, local)) = text.split_once(':') else {
            return Ok((ns.to_string(), text.to_string()));
        };
        self.prefix(prefix)
            .map(|u| (u, local.to_string()))
            .ok_or_else(|| self.refuse(format!("the prefix `{prefix}` is not declared")))
    }

    /// Gives `ns` to this element and to those below that have none, as `include` and `externalRef` do.
    pub fn inherit_ns(&mut self, ns: &Arc<str>) {
        if self.ns.is_none() {
            self.ns = Some(ns.clone());
            self.children.iter_mut().for_each(|c| c.inherit_ns(ns));
        }
    }
}

/// A schema with more prefixes, or with more attributes of one element, is refused before it is read: whoever reads it
/// compares each with the others.
const MOST_PREFIXES: usize = 256;
const MOST_ATTRIBUTES: usize = 5000;

fn too_many(text: &str) -> Option<(usize, String)> {
    let mut prefixes = FxHashSet::default();
    for (at, declares) in text.match_indices("xmlns:") {
        let name = text.get(at + declares.len()..).unwrap_or("");
        let end = name.find(|c: char| c == '=' || c.is_whitespace());
        prefixes.insert(name.get(..end.unwrap_or(0)).unwrap_or(""));
        if prefixes.len() > MOST_PREFIXES {
            return Some((
                at,
                format!("the schema declares more than {MOST_PREFIXES} prefixes"),
            ));
        }
    }
    let mut at = 0_usize;
    for part in text.split('<') {
        let quoted = part.matches("=\"").chain(part.matches("='"));
        if part.len() > 4 * MOST_ATTRIBUTES && quoted.take(MOST_ATTRIBUTES + 1).count() > MOST_ATTRIBUTES {
            let why = format!("an element has more than {MOST_ATTRIBUTES} attributes");
            return Some((at.saturating_sub(1), why));
        }
        at += part.len() + 1;
    }
    None
}

/// Parses a schema file.
pub fn parse(file: Arc<File>) -> Result<El, GrammarError> {
    if let Some((at, why)) = too_many(&file.text) {
        return Err(file.refuse(Span::empty(at as u32), why));
    }
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&file.text, options).map_err(|e| {
        let at = e.pos();
        let start: usize = file
            .text
            .split_inclusive('\n')
            .take(at.row.saturating_sub(1) as usize)
            .map(str::len)
            .sum();
        let column: usize = file
            .text
            .get(start..)
            .unwrap_or("")
            .chars()
            .take(at.col.saturating_sub(1) as usize)
            .map(char::len_utf8)
            .sum();
        file.refuse(
            Span::empty((start + column) as u32),
            format!("the schema is not well-formed: {e}"),
        )
    })?;
    let root = document.root_element();
    if root.tag_name().namespace() != Some(RNG) {
        let span = tag_span(&file.text, root);
        return Err(file.refuse(
            span,
            format!("`<{}>` is no RELAX NG element", root.tag_name().name()),
        ));
    }
    let empty: Arc<str> = "".into();
    let around = Shared {
        file: file.clone(),
        base: empty.clone(),
        library: empty,
        prefixes: Arc::default(),
    };
    let el = read(root, &Arc::new(around), None, 0)?;
    if !PATTERNS.contains(&el.kind) {
        return Err(el.refuse(format!("a schema cannot begin with `<{}>`", el.kind)));
    }
    Ok(el)
}

fn tag_span(text: &str, node: Node<'_, '_>) -> Span {
    let range = node.range();
    let end = text
        .get(range.clone())
        .and_then(|t| t.find('>'))
        .map_or(range.end, |n| range.start + n + 1);
    Span::new(range.start as u32, end as u32)
}

/// What else there is.
const OTHERS: &[&str] = &["start", "define", "div", "include", "param", "except"];
const MAX_DEPTH: usize = 400;

/// The namespaces in scope at a node; those of the element around, where they are the same.
fn prefixes(node: Node<'_, '_>, around: &Arc<Vec<(String, String)>>) -> Arc<Vec<(String, String)>> {
    let named = || node.namespaces().filter_map(|n| Some((n.name()?, n.uri())));
    let all = || named().chain([("xml", XML)]);
    if around.iter().map(|(p, u)| (p.as_str(), u.as_str())).eq(all()) {
        return around.clone();
    }
    Arc::new(all().map(|(p, u)| (p.to_string(), u.to_string())).collect())
}

fn read(
    node: Node<'_, '_>,
    around: &Arc<Shared>,
    ns: Option<&Arc<str>>,
    depth: usize,
) -> Result<El, GrammarError> {
    let file = &around.file;
    let span = tag_span(&file.text, node);
    let fail = |reason: String| file.refuse(span, reason);
    let written = node.tag_name().name();
    let mut kinds = PATTERNS.iter().chain(NAME_CLASSES).chain(OTHERS);
    let Some(kind) = kinds.find(|k| **k == written).copied() else {
        return Err(fail(format!("`<{written}>` is no RELAX NG element")));
    };
    if depth > MAX_DEPTH {
        return Err(fail(format!("patterns are nested more than {MAX_DEPTH} deep")));
    }
    let mut el = El {
        kind,
        shared: around.clone(),
        span,
        name: None,
        combine: None,
        own_ns: false,
        ns: ns.cloned(),
        text: "".into(),
        doc: None,
        children: Vec::new(),
    };
    let prefixes = prefixes(node, &around.prefixes);
    let (mut base, mut library) = (None, None);
    for a in node.attributes() {
        match a.namespace() {
            Some(RNG) => return Err(fail(format!("`{}` is no attribute of `<{kind}>`", a.name()))),
            Some(XML) if a.name() == "base" => {
                base = Some(super::uri::folder(&around.base, a.value()).into());
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        let value = a.value().trim_matches(SPACE);
        match (a.name(), kind) {
            ("ns", _) => {
                el.ns = Some(a.value().into());
                el.own_ns = true;
            }
            ("datatypeLibrary", _) => {
                if !super::uri::is_library(a.value()) {
                    return Err(fail(format!(
                        "`{}` is no absolute URI without fragment",
                        a.value()
                    )));
                }
                library = Some(a.value().into());
            }
            ("name", "element" | "attribute" | "ref" | "parentRef" | "define" | "param")
            | ("type", "data" | "value")
            | ("href", "include" | "externalRef") => el.name = Some(value.into()),
            ("combine", "start" | "define") => {
                el.combine = Some(match value {
                    "choice" => Combine::Choice,
                    "interleave" => Combine::Interleave,
                    _ => {
                        let why = format!("`combine` is `choice` or `interleave`, not `{value}`");
                        return Err(fail(why));
                    }
                });
            }
            (other, _) => return Err(fail(format!("`<{kind}>` has no attribute `{other}`"))),
        }
    }
    if base.is_some() || library.is_some() || !Arc::ptr_eq(&prefixes, &around.prefixes) {
        el.shared = Arc::new(Shared {
            file: file.clone(),
            base: base.unwrap_or_else(|| around.base.clone()),
            library: library.unwrap_or_else(|| around.library.clone()),
            prefixes,
        });
    }
    if matches!(
        kind,
        "element" | "attribute" | "define" | "ref" | "parentRef" | "param"
    ) {
        if let Some(name) = &el.name {
            let fine = if matches!(kind, "element" | "attribute") {
                is_qname(name)
            } else {
                is_ncname(name)
            };
            if !fine {
                return Err(fail(format!("`{name}` is no name")));
            }
        }
    }
    let holds_text = matches!(kind, "value" | "param" | "name");
    let mut docs: Vec<String> = Vec::new();
    let mut own_text = String::new();
    let elements = node.children().filter(Node::is_element);
    // Most have one child or none, and some a hundred thousand.
    el.children
        .reserve_exact(elements.filter(|c| c.tag_name().namespace() == Some(RNG)).count());
    for child in node.children() {
        if child.is_text() {
            let text = child.text().unwrap_or("");
            if holds_text {
                own_text.push_str(text);
            } else if !text.trim_matches(SPACE).is_empty() {
                return Err(fail(format!("text cannot stand in `<{kind}>`")));
            }
        } else if child.is_element() {
            if child.tag_name().namespace() == Some(RNG) {
                let child = read(child, &el.shared, el.ns.as_ref(), depth + 1)?;
                el.children.push(child);
            } else if holds_text {
                return Err(fail(format!("`<{kind}>` holds text only")));
            } else if child.tag_name().namespace() == Some(ANNOTATIONS)
                && child.tag_name().name() == "documentation"
            {
                let text = child
                    .descendants()
                    .filter(Node::is_text)
                    .filter_map(|t| t.text())
                    .collect::<String>();
                let text = tidy(&text);
                // DTD Compatibility, section 2: what follows a `value` speaks of that value.
                match el.children.last_mut().filter(|c| c.kind == "value") {
                    Some(value) if value.doc.is_none() => value.doc = Some(text.into()),
                    _ => docs.push(text),
                }
            }
        }
    }
    if !docs.is_empty() {
        el.doc = Some(docs.join("\n\n").into());
    }
    if kind == "name" {
        own_text = own_text.trim_matches(SPACE).to_string();
        if !is_qname(&own_text) {
            return Err(fail(format!("`{own_text}` is no name")));
        }
    }
    el.text = own_text.into();
    shape(&el)?;
    Ok(el)
}

const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Lines trimmed, an empty line between paragraphs.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("\n").trim().to_string()
}

fn is_ncname(text: &str) -> bool {
    super::super::datatype::names::is_ncname(text)
}

fn is_qname(text: &str) -> bool {
    match text.split_once(':') {
        Some((p, l)) => is_ncname(p) && is_ncname(l),
        None => is_ncname(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_listed_once_for_all_that_have_the_same() {
        let text = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" xmlns:a="urn:a"><start><choice>
            <element name="a:x"><empty/></element>
            <element name="a:y" xmlns:a="urn:b"><empty/></element></choice></start></grammar>"#;
        let path = PathBuf::new();
        let text = text.to_string();
        let grammar = parse(Arc::new(File { path, text })).unwrap();
        let list = &grammar.children[0].children[0].children;
        assert!(Arc::ptr_eq(&grammar.shared, &list[0].shared));
        assert!(Arc::ptr_eq(&list[1].shared, &list[1].children[0].shared));
        assert_eq!(list[1].qname("a:y", "").unwrap().0, "urn:b");
        assert_eq!(list[0].qname("a:x", "").unwrap().0, "urn:a");
    }
}
