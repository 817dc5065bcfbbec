//! The outline: each element by what tells it from its like. The same for every mark-up.

use apteryx_schema::Span;
use apteryx_schema::syntax::{NodeId, NodeKind, Tree};

use crate::snapshot::Derived;

/// One element of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// The element's name, and what names it: `packages image`.
    pub name: String,
    /// What else is good to know.
    pub detail: String,
    /// All of it.
    pub span: Span,
    /// Its name in the start tag.
    pub head: Span,
    /// What is in it.
    pub children: Vec<Symbol>,
}

/// Attributes that tell one element from its like, in the order of their worth.
const NAMING: [&str; 6] = ["name", "image", "alias", "path", "type", "from"];

/// Symbols told at most: editors ask for the outline at each keystroke, and nobody reads more.
const MOST: usize = 5000;

/// The outline of a text, broken or not; of one with too many elements only as deep as it can be told whole.
pub fn symbols(derived: &Derived) -> Vec<Symbol> {
    let tree = &derived.tree;
    let depth = depth(tree);
    tree.elements(tree.document())
        .map(|id| symbol(tree, id, depth))
        .collect()
}

/// How many levels have no more elements than are told.
fn depth(tree: &Tree) -> usize {
    let mut level: Vec<NodeId> = tree.elements(tree.document()).collect();
    let (mut seen, mut depth) = (0, 0);
    while !level.is_empty() {
        seen += level.len();
        if seen > MOST {
            break;
        }
        depth += 1;
        level = level.into_iter().flat_map(|id| tree.elements(id)).collect();
    }
    depth.max(1)
}

fn symbol(tree: &Tree, id: NodeId, depth: usize) -> Symbol {
    let node = tree.node(id);
    let word = NAMING.iter().find_map(|name| tree.attr_value(id, name));
    let profiles = tree.attr_value(id, "profiles");
    let name = match word {
        Some(word) if !word.trim().is_empty() => format!("{} {}", tree.local(id), word.trim()),
        _ => tree.local(id).to_owned(),
    };
    let text = || {
        let texts = tree.children(id).filter(|&c| tree.node(c).kind == NodeKind::Text);
        let all: String = texts.map(|c| tree.text_value(c)).collect();
        all.split_whitespace().take(8).collect::<Vec<_>>().join(" ")
    };
    Symbol {
        // No client takes a name without a letter.
        name: if name.is_empty() { "?".to_owned() } else { name },
        detail: profiles.map_or_else(text, |p| p.into_owned()),
        span: node.span,
        head: inside(node.name_span, node.span),
        children: match depth {
            0 | 1 => Vec::new(),
            _ => tree.elements(id).map(|c| symbol(tree, c, depth - 1)).collect(),
        },
    }
}

/// The protocol refuses a head outside its element.
fn inside(head: Span, whole: Span) -> Span {
    if head.start >= whole.start && head.end <= whole.end {
        head
    } else {
        Span::empty(whole.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;

    fn shown(symbols: &[Symbol]) -> String {
        let one = |s: &Symbol| format!("{}[{}]({})", s.name, s.detail, shown(&s.children));
        symbols.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_element_is_called_by_what_tells_it_from_its_like() {
        let text = "<image name=\"a\"><preferences profiles=\"B\"><version> 1.0 </version><type image=\"oem\"/></preferences><packages type=\"image\"><package name=\"bash\"/></packages></image>";
        let snapshot = Snapshot::of_text(text);
        let wanted =
            "image a[](preferences[B](version[1.0]() type oem[]()) packages image[](package bash[]()))";
        assert_eq!(shown(&symbols(snapshot.derived())), wanted);
    }

    #[test]
    fn a_broken_text_has_an_outline_and_deep_nesting_no_end_of_the_stack() {
        let snapshot = Snapshot::of_text("<image><packages><pack");
        assert!(shown(&symbols(snapshot.derived())).starts_with("image[](packages[]("));
        let many = "<package/>".repeat(MOST);
        let wide = Snapshot::of_text(&format!("<image><packages>{many}</packages><users/></image>"));
        assert_eq!(shown(&symbols(wide.derived())), "image[](packages[]() users[]())");
        let deep = "<a>".repeat(100_000);
        assert!(!symbols(Snapshot::of_text(&deep).derived()).is_empty());
    }
}
