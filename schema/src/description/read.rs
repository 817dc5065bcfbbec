//! From a migrated tree to the model. Never fails: what is missing or broken is left out.

use crate::description::model::*;
use crate::diagnostic::FileId;
use crate::syntax::{Attr, NodeId, NodeKind, Tree};
use crate::text::Span;

/// The model of one text without its includes. Partial where the text is broken.
pub fn from_tree(tree: &Tree, file: FileId) -> Image {
    let mut image = Image::default();
    if let Some(root) = tree.root() {
        read_root(&mut image, tree, file, root);
        // There may be very many: no more room is taken than they need.
        let count = |name: &str| tree.elements(root).filter(|&c| tree.local(c) == name).count();
        image.repositories.reserve_exact(count("repository"));
        image.packages.reserve_exact(count("packages"));
        for child in tree.elements(root) {
            read_section(&mut image, tree, file, child);
        }
    }
    image
}

/// Name, attributes and version of `<image>`.
pub(super) fn read_root(image: &mut Image, tree: &Tree, file: FileId, root: NodeId) {
    image.attrs = Reader { tree, file }.attrs(root, "");
    image.name = image.attrs.get("name").unwrap_or("").to_owned();
    if let Some(attr) = tree.attr(root, "schemaversion") {
        image.written_version = attr.value_span.of(tree.text()).trim().to_owned();
    }
}

/// One child of `<image>`; an include is not read here.
pub(super) fn read_section(image: &mut Image, tree: &Tree, file: FileId, id: NodeId) {
    let from = Reader { tree, file };
    if tree.local(id) == "packages" {
        image.packages.push(from.packages(id));
        return;
    }
    let mut element = from.element(id, 0);
    let filter = from.filter(&element.attrs);
    match element.name.as_str() {
        "description" => {
            image.description.get_or_insert(element);
        }
        "profiles" => {
            let profiles = element.children.into_iter().filter(|c| c.name == "profile");
            image.profiles.extend(profiles.filter_map(|p| from.profile(p)));
        }
        "preferences" => {
            let is_type = |c: &Element| c.name == "type";
            let count = element.children.iter().filter(|c| is_type(c)).count();
            let (mut typed, mut others) = (Vec::with_capacity(count), Vec::new());
            // There may be very many: each is held once.
            for element in std::mem::take(&mut element.children) {
                match (is_type(&element), element.attrs.at("image").cloned()) {
                    (true, Some(image)) => typed.push(ImageType { image, element }),
                    (true, None) => {}
                    (false, _) => others.push(element),
                }
            }
            element.children = others;
            image.preferences.push(Preferences {
                filter,
                types: typed,
                element,
            });
        }
        "users" => {
            let users = take(&mut element.children, "user");
            image.users.push(Users { filter, users });
        }
        "repository" => {
            let source = element
                .child("source")
                .and_then(|s| s.attrs.at("path").cloned())
                .unwrap_or_else(|| from.nothing(element.name_span));
            let signing_keys = element
                .child("source")
                .into_iter()
                .flat_map(|s| s.all("signing"))
                .filter_map(|s| s.attrs.at("key").cloned())
                .collect();
            image.repositories.push(Repository {
                filter,
                source,
                signing_keys,
                element,
            });
        }
        "drivers" => image.drivers.push(Section { filter, element }),
        "strip" => image.strip.push(Section { filter, element }),
        "containers" => image.containers.push(Section { filter, element }),
        "certificates" => image.certificates.push(Section { filter, element }),
        _ => {}
    }
}

/// Takes the children of a name out.
fn take(children: &mut Vec<Element>, name: &str) -> Vec<Element> {
    if children.iter().all(|c| c.name == name) {
        return std::mem::take(children);
    }
    children.extract_if(.., |c| c.name == name).collect()
}

fn trimmed(at: &At) -> At {
    At {
        value: at.value.trimmed(),
        ..*at
    }
}

/// No description nests deeper than a handful of levels; beyond this bound content is dropped, not followed.
const DEPTH: u32 = 64;

/// Where the model is read from.
#[derive(Clone, Copy)]
struct Reader<'t> {
    tree: &'t Tree,
    file: FileId,
}

impl Reader<'_> {
    fn profile(self, element: Element) -> Option<Profile> {
        let requires = element
            .all("requires")
            .filter_map(|r| Some((trimmed(r.attrs.at("profile")?), self.filter(&r.attrs))));
        Some(Profile {
            name: trimmed(element.attrs.at("name")?),
            description: element.attrs.get("description").unwrap_or("").to_owned(),
            import: element.attrs.bool("import").unwrap_or(false),
            arches: self.list(element.attrs.at("arch")),
            requires: requires.collect(),
            element,
        })
    }

    /// The section and its items in one walk; most are a name and nothing else.
    fn packages(self, id: NodeId) -> Packages {
        let tree = self.tree;
        let node = tree.node(id);
        let element = Element {
            name: tree.name(node.name).local.clone(),
            file: self.file,
            span: node.span,
            name_span: node.name_span,
            attrs: self.attrs(id, ""),
            ..Element::default()
        };
        let kind = element.attrs.at("type").cloned();
        let kind = kind.unwrap_or_else(|| self.nothing(node.name_span));
        let named = tree.find_name("", "name");
        // Room for the common line; what is not used is not touched.
        let mut items = Vec::with_capacity(tree.content_span(id).len() as usize / 48);
        let mut last = (node.name, None);
        for child in tree.elements(id) {
            let name = tree.node(child).name;
            if name != last.0 {
                last = (name, ItemKind::of(tree.local(child)));
            }
            let Some(kind) = last.1 else { continue };
            let attrs = tree.attrs(child);
            let Some(attr) = attrs.iter().find(|a| Some(a.name) == named) else {
                continue;
            };
            let name = At {
                value: Str::of(tree.text(), tree.value(attr).trim()),
                file: self.file,
                span: attr.value_span,
            };
            let mut item = Item::new(kind, name, tree.node(child).span);
            if attrs.len() > 1 {
                let attrs = self.attrs(child, "name");
                let filter = self.filter(&attrs);
                item.more = Some(Box::new(More { filter, attrs }));
            }
            items.push(item);
        }
        Packages {
            filter: self.filter(&element.attrs),
            kind,
            items,
            element,
        }
    }

    fn nothing(self, span: Span) -> At {
        At {
            value: Str::default(),
            file: self.file,
            span,
        }
    }

    fn at(self, attr: &Attr) -> At {
        At {
            value: Str::of(self.tree.text(), &self.tree.value(attr)),
            file: self.file,
            span: attr.value_span,
        }
    }

    fn filter(self, attrs: &Attrs) -> Filter {
        Filter {
            profiles: self.list(attrs.at("profiles")),
            arches: self.list(attrs.at("arch")),
        }
    }

    /// The items of a comma separated value, each with its own place where the value is written without references.
    fn list(self, at: Option<&At>) -> Vec<At> {
        let Some(at) = at else { return Vec::new() };
        let text = self.tree.text();
        let plain = at.value == at.span.of(text);
        let mut start = at.span.start;
        let mut out = Vec::new();
        for item in at.value.split(',') {
            let name = item.trim();
            if !name.is_empty() {
                let lead = (item.len() - item.trim_start().len()) as u32;
                let span = Span::new(start + lead, start + lead + name.len() as u32);
                let span = if plain { span } else { at.span };
                out.push(At {
                    value: Str::of(text, name),
                    file: at.file,
                    span,
                });
            }
            start += item.len() as u32 + 1;
        }
        out
    }

    /// The attributes without a namespace, but for one.
    fn attrs(self, id: NodeId, without: &str) -> Attrs {
        let attrs = self.tree.attrs(id);
        let mut out = Vec::with_capacity(attrs.len());
        for attr in attrs {
            let name = self.tree.name(attr.name);
            if name.namespace.is_empty() && *name.local != *without {
                out.push((name.local.clone(), self.at(attr)));
            }
        }
        out.into()
    }

    fn element(self, id: NodeId, depth: u32) -> Element {
        let tree = self.tree;
        let node = tree.node(id);
        let mut children = Vec::with_capacity(tree.elements(id).count());
        // The first text that is not blank, and what all such texts cover.
        let (mut first, mut texts, mut covered) = (None, 0, None);
        for child in tree.children(id) {
            let at = tree.node(child);
            match at.kind {
                NodeKind::Element if depth < DEPTH => children.push(self.element(child, depth + 1)),
                NodeKind::Text | NodeKind::CData if !at.blank => {
                    first.get_or_insert(child);
                    texts += 1;
                    covered = Some(covered.map_or(at.span, |span: Span| span.cover(at.span)));
                }
                _ => {}
            }
        }
        let text = match (first, texts) {
            (None, _) => Str::default(),
            (Some(only), 1) => Str::of(tree.text(), &tree.text_value(only)).trimmed(),
            _ => tree.element_text(id).trim().into(),
        };
        let text_span = covered.map_or(Span::empty(node.open.end), |span| span.trimmed(tree.text()));
        Element {
            name: tree.name(node.name).local.clone(),
            file: self.file,
            span: node.span,
            name_span: node.name_span,
            attrs: self.attrs(id, ""),
            text,
            text_span,
            children,
        }
    }
}
