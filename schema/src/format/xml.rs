//! A tree as XML text: what a description in another mark-up is kept as in an image. Places and comments of the old
//! text are lost on the way, so that nothing which a user edits is written with this.

use crate::syntax::{NodeId, NodeKind, Tree, XMLNS_NAMESPACE, parse};

/// The text, laid out; migrated values as they are in the tree. Linear in the tree.
pub fn to_xml(tree: &Tree) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    if let Some(root) = tree.root() {
        element(tree, root, "", &mut out);
    }
    let plain = parse(&out);
    crate::fmt::format(&plain, crate::fmt::Options::default()).unwrap_or(out)
}

fn element(tree: &Tree, id: NodeId, outer: &str, out: &mut String) {
    let name = tree.name(tree.node(id).name);
    out.push('<');
    out.push_str(&name.local);
    // Prefixes are not kept: each foreign element says its namespace itself.
    if &*name.namespace != outer {
        attribute("xmlns", &name.namespace, out);
    }
    for (n, attr) in tree.attrs(id).iter().enumerate() {
        let own = tree.name(attr.name);
        match &*own.namespace {
            "" => attribute(&own.local, &tree.value(attr), out),
            XMLNS_NAMESPACE => {}
            foreign => {
                attribute(&format!("xmlns:n{n}"), foreign, out);
                attribute(&format!("n{n}:{}", own.local), &tree.value(attr), out);
            }
        }
    }
    if tree.node(id).first_child.is_none() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in tree.children(id) {
        match tree.node(child).kind {
            NodeKind::Element => element(tree, child, &name.namespace, out),
            NodeKind::Text | NodeKind::CData => escape(&tree.text_value(child), false, out),
            _ => {}
        }
    }
    out.push_str("</");
    out.push_str(&name.local);
    out.push('>');
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, true, out);
    out.push('"');
}

/// White space that a reader would change is written as references; what XML cannot hold becomes U+FFFD.
fn escape(text: &str, value: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if value => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if value => out.push_str("&#10;"),
            '\t' if value => out.push_str("&#9;"),
            '\n' | '\t' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
