//! The edits that mend a fault: rename, remove, insert with what is required, move to where it belongs.

use crate::diagnostic::{Edit, Fix};
use crate::grammar::pattern::NOT_ALLOWED;
use crate::syntax::{NodeId, NodeKind};
use crate::text::Span;

use super::super::derive::leaves;
use super::super::label::Judge;
use super::super::without;
use super::plain_name;

/// Renames an element in both of its tags.
pub fn rename(judge: &Judge<'_>, id: NodeId, name: &str, safe: bool) -> Fix {
    let node = judge.tree.node(id);
    // The prefix stays as it is written.
    let own = |span: Span| {
        let at = span.of(judge.tree.text()).find(':').map_or(0, |n| n as u32 + 1);
        Span::new(span.start + at, span.end)
    };
    let mut edits = vec![Edit {
        span: own(node.name_span),
        new_text: name.to_string().into(),
    }];
    if !node.close_name.is_empty() {
        edits.push(Edit {
            span: own(node.close_name),
            new_text: name.to_string().into(),
        });
    }
    Fix {
        title: format!("rename to `{name}`").into(),
        edits,
        safe,
    }
}

/// An element with the white space before it, where it stands on lines of its own.
fn with_line(judge: &Judge<'_>, id: NodeId) -> Span {
    let (span, text) = (judge.tree.node(id).span, judge.tree.text());
    let head = text.get(..span.start as usize).unwrap_or("");
    let tail = text.get(span.end as usize..).unwrap_or("");
    let bare = head.trim_end_matches([' ', '\t']);
    if bare.ends_with('\n')
        && tail
            .trim_start_matches([' ', '\t', '\r'])
            .starts_with(['\n', '<'])
    {
        let cut = bare
            .strip_suffix("\r\n")
            .or_else(|| bare.strip_suffix('\n'))
            .unwrap_or(bare);
        return Span::new(cut.len() as u32, span.end);
    }
    span
}

/// Removes an element.
pub fn remove(judge: &Judge<'_>, id: NodeId) -> Fix {
    Fix {
        title: format!("remove `<{}>`", judge.tree.local(id)).into(),
        edits: vec![Edit {
            span: with_line(judge, id),
            new_text: String::new().into(),
        }],
        safe: false,
    }
}

/// The white space that begins the line of a node, with the line break; empty where it does not begin one.
fn indent<'t>(judge: &Judge<'t>, id: NodeId) -> &'t str {
    let text: &'t str = judge.tree.text();
    let head = text.get(..judge.tree.node(id).span.start as usize).unwrap_or("");
    let bare = head.trim_end_matches([' ', '\t']);
    if bare.ends_with('\n') {
        head.get(bare.len() - 1..).unwrap_or("")
    } else {
        ""
    }
}

/// The text of an element with its required attributes and children.
fn skeleton(judge: &mut Judge<'_>, e: u32, break_line: &str, depth: usize) -> String {
    let g = judge.grammar;
    let name = plain_name(g, e).unwrap_or("x").to_string();
    let content = judge.content(e);
    let (attributes, children, data, text) = leaves(&g.patterns, content);
    let mut out = format!("<{name}");
    for a in attributes {
        let Some(x) = g
            .attributes
            .get(a as usize)
            .filter(|_| crate::grammar::required(&g.patterns, content, a))
        else {
            continue;
        };
        let Some(n) = x.names.names().first().copied() else {
            continue;
        };
        let values = g.listed(x.value).0;
        let value = if let [one] = values.as_slice() {
            one.value.as_str()
        } else {
            ""
        };
        out.push_str(&format!(" {}=\"{value}\"", n.local));
    }
    let body = judge.body(content);
    let needed: Vec<u32> = children
        .iter()
        .copied()
        .filter(|&c| without(&mut judge.matcher, body, c) == NOT_ALLOWED)
        .collect();
    if children.is_empty() && data.is_empty() && !text {
        out.push_str("/>");
    } else if needed.is_empty() || depth > 4 {
        out.push_str(&format!("></{name}>"));
    } else {
        out.push('>');
        let inner = if break_line.is_empty() {
            String::new()
        } else {
            format!("{break_line}    ")
        };
        for c in needed {
            out.push_str(&inner);
            out.push_str(&skeleton(judge, c, &inner, depth + 1));
        }
        out.push_str(&format!("{break_line}</{name}>"));
    }
    out
}

/// Inserts an element with its required parts into `parent`, before `before` or where the grammar's order has it.
pub fn insert(judge: &mut Judge<'_>, parent: NodeId, e: u32, before: Option<NodeId>) -> Option<Fix> {
    let tree = judge.tree;
    let name = plain_name(judge.grammar, e)?.to_string();
    let node = *tree.node(parent);
    let children: Vec<NodeId> = tree.elements(parent).collect();
    let line = match children.first() {
        Some(&c) => indent(judge, c).to_string(),
        None => match indent(judge, parent) {
            "" => String::new(),
            own => format!("{own}    "),
        },
    };
    let new = skeleton(judge, e, &line, 0);
    let title = format!("insert `<{name}>`");
    if node.self_closing {
        let written = node.name_span.of(tree.text());
        let end = if line.is_empty() {
            String::new()
        } else {
            indent(judge, parent).to_string()
        };
        let at = Span::new(node.open.end.saturating_sub(2), node.open.end);
        let edit = Edit {
            span: at,
            new_text: format!(">{line}{new}{end}</{written}>").into(),
        };
        return Some(Fix {
            title: title.into(),
            edits: vec![edit],
            safe: false,
        });
    }
    let earlier = |c: &NodeId| {
        before.map_or_else(
            || judge.candidates(*c).first().is_some_and(|&x| x <= e),
            |b| *c < b,
        )
    };
    let at = children
        .iter()
        .rev()
        .find(|c| earlier(c))
        .map_or(node.open.end, |&c| tree.node(c).span.end);
    Some(Fix {
        title: title.into(),
        edits: vec![Edit {
            span: Span::empty(at),
            new_text: format!("{line}{new}").into(),
        }],
        safe: false,
    })
}

/// Moves an element to the nearest place around it where the grammar has it.
pub fn move_away(judge: &mut Judge<'_>, child: NodeId) -> Option<Fix> {
    let tree = judge.tree;
    let candidates = judge.candidates(child);
    let takes = |id: NodeId| {
        judge.candidates(id).iter().any(|&e| {
            let held = judge.grammar.held(e).1;
            held.iter().any(|x| candidates.contains(x))
        })
    };
    let span = tree.node(child).span;
    let parent = tree.parent(child)?;
    let mut up = Some(parent);
    let mut target = None;
    while let Some(id) = up.filter(|&u| tree.node(u).kind == NodeKind::Element) {
        if id != parent && takes(id) {
            target = Some(id);
            break;
        }
        let inside = tree
            .elements(id)
            .find(|&c| c != child && !tree.node(c).close.is_empty() && takes(c));
        if let Some(c) = inside.filter(|&c| c != parent) {
            target = Some(c);
            break;
        }
        up = tree.parent(id);
    }
    let target = target?;
    let node = *tree.node(target);
    let text = tree.text();
    let last = tree
        .elements(target)
        .filter(|&c| !(tree.node(c).span.start <= span.start && tree.node(c).span.end >= span.end))
        .last();
    let at = match last {
        Some(c) => tree.node(c).span.end,
        None if node.close.is_empty() => return None,
        None => node.open.end,
    };
    let line = match last.or_else(|| tree.elements(target).next()) {
        Some(c) => indent(judge, c).to_string(),
        None if indent(judge, target).is_empty() => String::new(),
        None => format!("{}    ", indent(judge, target)),
    };
    let cut = with_line(judge, child);
    if cut.start < at && at < cut.end {
        return None;
    }
    let mut edits = vec![
        Edit {
            span: cut,
            new_text: String::new().into(),
        },
        Edit {
            span: Span::empty(at),
            new_text: format!("{line}{}", span.of(text)).into(),
        },
    ];
    edits.sort_by_key(|e| e.span);
    Some(Fix {
        title: format!("move `<{}>` into `<{}>`", tree.local(child), tree.local(target)).into(),
        edits,
        safe: false,
    })
}
