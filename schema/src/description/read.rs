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
        for child in tree.elements(root) {
            read_section(&mut image, tree, file, child);
        }
    }
    image
}

/// Name, attributes and version of `<image>`.
pub(super) fn read_root(image: &mut Image, tree: &Tree, file: FileId, root: NodeId) {
    image.attrs = attrs(tree, file, root);
    image.name = image.attrs.get("name").unwrap_or("").to_owned();
    if let Some(attr) = tree.attr(root, "schemaversion") {
        image.written_version = attr.value_span.of(tree.text()).trim().to_owned();
    }
}

/// One child of `<image>`; an include is not read here.
pub(super) fn read_section(image: &mut Image, tree: &Tree, file: FileId, id: NodeId) {
    let element = element(tree, file, id, 0);
    let filter = filter(&element, tree);
    match element.name.as_str() {
        "description" => {
            image.description.get_or_insert(element);
        }
        "profiles" => {
            let profiles = element.children.iter().filter(|c| c.name == "profile");
            image.profiles.extend(profiles.filter_map(|p| profile(p, tree)));
        }
        "preferences" => {
            let types = element.all("type").filter_map(|t| {
                Some(ImageType {
                    image: t.attrs.at("image")?.clone(),
                    element: t.clone(),
                })
            });
            let types = types.collect();
            image.preferences.push(Preferences {
                filter,
                types,
                element,
            });
        }
        "users" => {
            let users = element.all("user").cloned().collect();
            image.users.push(Users { filter, users });
        }
        "repository" => {
            let source = element
                .child("source")
                .and_then(|s| s.attrs.at("path").cloned())
                .unwrap_or_else(|| At {
                    value: String::new(),
                    file,
                    span: element.name_span,
                });
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
        "packages" => {
            let kind = element.attrs.at("type").cloned().unwrap_or_else(|| At {
                value: String::new(),
                file,
                span: element.name_span,
            });
            let items = element.children.iter().filter_map(|c| {
                Some(Item {
                    filter: self::filter(c, tree),
                    name: trimmed(c.attrs.at("name")?),
                    element: c.clone(),
                })
            });
            let items = items.collect();
            image.packages.push(Packages {
                filter,
                kind,
                items,
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

fn trimmed(at: &At<String>) -> At<String> {
    At {
        value: at.value.trim().to_owned(),
        ..at.clone()
    }
}

fn profile(element: &Element, tree: &Tree) -> Option<Profile> {
    let requires = element
        .all("requires")
        .filter_map(|r| Some((trimmed(r.attrs.at("profile")?), filter(r, tree))));
    Some(Profile {
        name: trimmed(element.attrs.at("name")?),
        description: element.attrs.get("description").unwrap_or("").to_owned(),
        import: element.attrs.bool("import").unwrap_or(false),
        arches: list(element.attrs.at("arch"), tree),
        requires: requires.collect(),
        element: element.clone(),
    })
}

fn filter(element: &Element, tree: &Tree) -> Filter {
    Filter {
        profiles: list(element.attrs.at("profiles"), tree),
        arches: list(element.attrs.at("arch"), tree),
    }
}

/// The items of a comma separated value, each with its own place where the value is written without references.
fn list(at: Option<&At<String>>, tree: &Tree) -> Vec<At<String>> {
    let Some(at) = at else { return Vec::new() };
    let plain = at.span.of(tree.text()) == at.value;
    let mut start = at.span.start;
    let mut out = Vec::new();
    for item in at.value.split(',') {
        let name = item.trim();
        if !name.is_empty() {
            let lead = (item.len() - item.trim_start().len()) as u32;
            let span = Span::new(start + lead, start + lead + name.len() as u32);
            let span = if plain { span } else { at.span };
            out.push(At {
                value: name.to_owned(),
                file: at.file,
                span,
            });
        }
        start += item.len() as u32 + 1;
    }
    out
}

fn attrs(tree: &Tree, file: FileId, id: NodeId) -> Attrs {
    let one = |attr: &Attr| {
        let name = tree.name(attr.name);
        let own = name.namespace.is_empty();
        own.then(|| {
            let value = tree.value(attr).into_owned();
            (
                name.local.to_string(),
                At {
                    value,
                    file,
                    span: attr.value_span,
                },
            )
        })
    };
    Attrs(tree.attrs(id).iter().filter_map(one).collect())
}

/// No description nests deeper than a handful of levels; beyond this bound content is dropped, not followed.
const DEPTH: u32 = 64;

fn element(tree: &Tree, file: FileId, id: NodeId, depth: u32) -> Element {
    let node = tree.node(id);
    let text = tree.element_text(id);
    let children = if depth < DEPTH {
        tree.elements(id)
            .map(|c| element(tree, file, c, depth + 1))
            .collect()
    } else {
        Vec::new()
    };
    Element {
        name: tree.local(id).to_owned(),
        file,
        span: node.span,
        name_span: node.name_span,
        attrs: attrs(tree, file, id),
        text: text.trim().to_owned(),
        text_span: text_span(tree, id),
        children,
    }
}

fn text_span(tree: &Tree, id: NodeId) -> Span {
    let texts = tree.children(id).filter(|&c| {
        let node = tree.node(c);
        matches!(node.kind, NodeKind::Text | NodeKind::CData) && !node.blank
    });
    let Some(span) = texts.map(|c| tree.node(c).span).reduce(Span::cover) else {
        return Span::empty(tree.node(id).open.end);
    };
    let raw = span.of(tree.text());
    let lead = (raw.len() - raw.trim_start().len()) as u32;
    Span::new(span.start + lead, span.start + lead + raw.trim().len() as u32)
}
