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

/// All changes from version `from` (in hundredths), in the order of the text.
pub(super) fn changes(tree: &Tree, root: NodeId, from: u32) -> Vec<Change> {
    let mut out = Vec::new();
    if from < 850 {
        if tree.attr(root, "schemaversion").is_some() {
            out.push(Change::Value(root, "schemaversion", super::CURRENT.to_owned()));
        }
        let mut todo: Vec<NodeId> = tree.elements(root).collect();
        while let Some(id) = todo.pop() {
            element(tree, id, from, &mut out);
            todo.extend(tree.elements(id));
        }
    }
    out
}

fn element(tree: &Tree, id: NodeId, from: u32, out: &mut Vec<Change>) {
    let value = |name: &str| tree.attr_value(id, name);
    let has = |name: &str| tree.attr(id, name).is_some();
    match tree.local(id) {
        "containerconfig" if from < 750 => {
            // Without the new attribute beside it: two of one name would be no XML.
            if let Some(tags) = value("additionaltags").filter(|_| !has("additionalnames")) {
                let names: Vec<_> = tags.split(',').map(|t| format!(":{}", t.trim())).collect();
                out.push(Change::Rename(
                    id,
                    "additionaltags",
                    "additionalnames",
                    names.join(","),
                ));
            }
        }
        "packagemanager" if from < 760 => {
            if tree.element_text(id).trim() == "dnf" {
                let text = |c: &NodeId| matches!(tree.node(*c).kind, NodeKind::Text | NodeKind::CData);
                let mut texts = tree.children(id).filter(|c| text(c) && !tree.node(*c).blank);
                if let (Some(text), None) = (texts.next(), texts.next()) {
                    out.push(Change::Text(text, "dnf4".to_owned()));
                }
            }
        }
        "repository" => {
            if from < 810 && value("type").is_some_and(|t| t.trim() == "rpm-dir") {
                out.push(Change::Remove(id, "type"));
            }
            if from < 820 && has("use_for_bootstrap") {
                out.push(Change::Remove(id, "use_for_bootstrap"));
            }
        }
        "type" => {
            let (old, new) = ("btrfs_root_is_snapshot", "btrfs_root_is_snapper_snapshot");
            if let Some(v) = value(old).filter(|_| from < 830 && !has(new)) {
                out.push(Change::Rename(id, old, new, v.into_owned()));
            }
            if has("vga") {
                out.push(Change::Remove(id, "vga"));
            }
        }
        "bootloader" if from < 840 => {
            let free = !has("output_console") && !has("input_console");
            if let Some(v) = value("console").filter(|_| free) {
                let mut words = v.split_whitespace();
                let output = words.next().unwrap_or("").to_owned();
                out.push(match words.next() {
                    Some(input) => Change::Split(
                        id,
                        "console",
                        [("output_console", output), ("input_console", input.to_owned())],
                    ),
                    None => Change::Rename(id, "console", "output_console", output),
                });
            }
        }
        _ => {}
    }
}
