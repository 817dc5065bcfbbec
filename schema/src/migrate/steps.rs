//! Which place of a tree changes on the way to 8.5. Changes nothing itself.

use crate::syntax::{NodeId, NodeKind, Tree};

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Another value for an attribute.
    Value(NodeId, &'static str, String),
    /// Another name and value for an attribute.
    Rename(NodeId, &'static str, &'static str, String),
    /// An attribute becomes two.
    Split(NodeId, &'static str, [(&'static str, String); 2]),
    /// An attribute goes.
    Remove(NodeId, &'static str),
    /// Another word in a text node.
    Text(NodeId, String),
}

/// The elements that some step is about.
const CHANGED: [&str; 5] = [
    "containerconfig",
    "packagemanager",
    "repository",
    "type",
    "bootloader",
];

/// All changes from version `from` (in hundredths), in the order of the text.
pub(super) fn changes(tree: &Tree, root: NodeId, from: u32) -> Vec<Change> {
    let mut out = Vec::new();
    if from < 850 {
        if tree.attr(root, "schemaversion").is_some() {
            out.push(Change::Value(root, "schemaversion", super::CURRENT.to_owned()));
        }
        let names = CHANGED.map(|name| tree.find_name("", name));
        let is_changed = |id: &NodeId| {
            let node = tree.node(*id);
            node.kind == NodeKind::Element && names.contains(&Some(node.name))
        };
        let below = |id: &NodeId| tree.ancestors(*id).any(|up| up == root);
        for id in tree.all().filter(is_changed).filter(below) {
            element(tree, id, from, &mut out);
        }
    }
    out
}

/// To the letter as KIWI's steps do it, so that what KIWI refuses afterwards is refused here too.
fn element(tree: &Tree, id: NodeId, from: u32, out: &mut Vec<Change>) {
    let value = |name: &str| tree.attr_value(id, name);
    let has = |name: &str| tree.attr(id, name).is_some();
    match tree.local(id) {
        "containerconfig" if from <= 740 => {
            if let Some(tags) = value("additionaltags") {
                let names: Vec<_> = tags.split(',').map(|t| format!(":{t}")).collect();
                rename(
                    tree,
                    id,
                    "additionaltags",
                    "additionalnames",
                    names.join(","),
                    out,
                );
            }
        }
        "packagemanager" if from <= 750 => {
            let text = |c: &NodeId| matches!(tree.node(*c).kind, NodeKind::Text | NodeKind::CData);
            let mut texts = tree.children(id).filter(|c| text(c) && !tree.node(*c).blank);
            if let (Some(text), None) = (texts.next(), texts.next()) {
                if tree.text_value(text) == "dnf" {
                    out.push(Change::Text(text, "dnf4".to_owned()));
                }
            }
        }
        "repository" => {
            if from <= 800 && value("type").is_some_and(|t| t == "rpm-dir") {
                out.push(Change::Remove(id, "type"));
            }
            if from <= 810 && has("use_for_bootstrap") {
                out.push(Change::Remove(id, "use_for_bootstrap"));
            }
        }
        "type" => {
            let (old, new) = ("btrfs_root_is_snapshot", "btrfs_root_is_snapper_snapshot");
            if let Some(v) = value(old).filter(|_| from <= 820) {
                rename(tree, id, old, new, v.into_owned(), out);
            }
            if has("vga") {
                out.push(Change::Remove(id, "vga"));
            }
        }
        "bootloader" if from <= 830 => {
            let Some(v) = value("console") else { return };
            match v.split_once(' ') {
                Some((output, input)) if !has("output_console") && !has("input_console") => {
                    let parts = [("output_console", output), ("input_console", input)];
                    let parts = parts.map(|(name, value)| (name, value.to_owned()));
                    out.push(Change::Split(id, "console", parts));
                }
                Some((output, input)) => {
                    // The one that is there keeps its place, the other comes for the old one.
                    let (there, v, old, w) = if has("output_console") {
                        ("output_console", output, "input_console", input)
                    } else {
                        ("input_console", input, "output_console", output)
                    };
                    out.push(Change::Value(id, there, v.to_owned()));
                    rename(tree, id, "console", old, w.to_owned(), out);
                }
                None => rename(tree, id, "console", "output_console", v.into_owned(), out),
            }
        }
        _ => {}
    }
}

/// Another name for an attribute; what stands under that name already gives way.
fn rename(
    tree: &Tree,
    id: NodeId,
    old: &'static str,
    new: &'static str,
    value: String,
    out: &mut Vec<Change>,
) {
    if tree.attr(id, new).is_some() {
        out.push(Change::Value(id, new, value));
        out.push(Change::Remove(id, old));
    } else {
        out.push(Change::Rename(id, old, new, value));
    }
}
