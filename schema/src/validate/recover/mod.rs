//! What is wrong with a tree that does not fit, and how to mend it: one message for one fault. Reads what `label`
//! found; the verdict is not made here.

mod align;
mod attributes;
mod children;
mod fit;
mod fixes;
mod memo;
mod places;
mod rewritten;
mod texts;
mod values;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Edit, Fix, Severity, Source};
use crate::grammar::pattern::PatId;
use crate::syntax::{NameId, NodeId};
use crate::text::Span;
use crate::words::Words;

use super::label::Judge;
use super::words::{self, Given, Outline, Tick};
use attributes::{Missing, Open, Strange};
use memo::{Memo, plain_name};
use texts::{join, short, tag};

fn error(code: &'static str, span: Span, message: impl Into<Words>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Source::Schema, span, message)
}

/// Every fault of the tree, `most` at most, in the order of the text.
pub fn report(judge: &mut Judge<'_>, most: usize) -> Vec<Diagnostic> {
    let tree = judge.tree;
    let roots: Vec<NodeId> = tree.elements(tree.document()).collect();
    // A second root is not well-formed, and the tree says so.
    let Some(&root) = roots.first() else {
        return Vec::new();
    };
    let mut r = Reporter {
        out: Vec::with_capacity(judge.faulty.min(most)),
        most,
        judge,
        work: Vec::new(),
        memo: Memo::new(tree),
        values: values::Values::default(),
        strange: FxHashMap::default(),
        open: None,
        missing: FxHashMap::default(),
        inserts: fixes::Inserts::default(),
        places: places::Places::new(tree),
    };
    r.root(root);
    while let Some((id, e)) = r.work.pop() {
        if r.out.len() >= most {
            break;
        }
        if r.judge.fitting(id).contains(&e) {
            continue;
        }
        let content = r.judge.content(e);
        let body = r.attributes(id, content);
        let before = r.work.len();
        r.children(id, body);
        // So that they are taken in the order of the text.
        if let Some(new) = r.work.get_mut(before..) {
            new.reverse();
        }
    }
    let (mut out, judge) = (r.out, r.judge);
    // The verdict is never lost: what could not be pinned down is said of the root.
    if out.is_empty() && roots.len() == 1 {
        let (name, span) = (tree.local(root), tree.node(root).name_span);
        out.push(error(
            "invalid-content",
            span,
            format!("the content of {} does not fit the grammar", tag(name)),
        ));
    }
    out.sort_by_key(|d| d.span);
    if out.len() >= most {
        out.truncate(most);
        let node = tree.node(root);
        let end = if node.close.is_empty() {
            node.name_span
        } else {
            node.close
        };
        let least = judge.least_faults();
        let said = if least > most {
            format!("only the first {most} faults are shown, of at least {least}")
        } else {
            format!("there are more faults than the {most} that are shown")
        };
        let rest = error("invalid-content", end, said);
        out.push(rest.label("the rest is judged once those are mended"));
    }
    out
}

/// So many faults of one document are told; nobody reads more, and each costs more memory than a fault has bytes.
pub const MOST: usize = 10_000;

struct Reporter<'j, 'a> {
    judge: &'j mut Judge<'a>,
    out: Vec<Diagnostic>,
    /// How many are told.
    most: usize,
    /// Elements still to look at, each with the pattern it is taken for.
    work: Vec<(NodeId, u32)>,
    memo: Memo,
    values: values::Values,
    /// By what must still come and the name of an attribute that may not.
    strange: FxHashMap<(PatId, NameId), Rc<Strange>>,
    open: Open,
    /// By what must still come and the element's name: what to say, and what remains then.
    missing: FxHashMap<(PatId, NameId), (Rc<[Missing]>, PatId)>,
    inserts: fixes::Inserts,
    places: places::Places,
}

impl Reporter<'_, '_> {
    fn span(&self, id: NodeId) -> Span {
        self.judge.tree.node(id).name_span
    }

    fn root(&mut self, root: NodeId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let first = self.judge.matcher.first(g.start);
        let enabled = self.judge.candidates(root);
        let enabled = enabled.iter().copied().filter(|e| first.contains(e));
        if let Some(e) = enabled.min_by_key(|&e| self.judge.misfit(root, e)) {
            self.work.push((root, e));
            return;
        }
        let known: Vec<_> = first
            .iter()
            .filter_map(|&e| Some((e, plain_name(g, e)?)))
            .collect();
        let names: Vec<&str> = known.iter().map(|k| &**k.1).collect();
        let name = tree.local(root);
        if let Some(d) = self.other_namespace(root, &first) {
            // All below it is in the same wrong one, and no fault of its own.
            self.out.push(d);
            return;
        }
        let mut d = error(
            "unknown-element",
            self.span(root),
            join(&["a document cannot begin with ", &tag(name)]),
        )
        .label(join(&["expected ", &words::list(&names, Tick::Tag, "or")]));
        let near = Given::new(name).nearest(names.iter().map(|n| (*n, Outline::of(n))));
        if let Some(&(e, n)) = near.first.and_then(|at| known.get(at)) {
            let title = join(&["rename to `", n, "`"]).into();
            d = d.label(join(&["did you mean `<", n, ">`?"])).fix(fixes::rename(
                tree,
                root,
                n.clone(),
                false,
                title,
                near.alone,
            ));
            self.work.push((root, e));
        }
        self.out.push(d);
    }

    /// Where the root would be right in another namespace: that alone, with the declaration as the repair.
    fn other_namespace(&self, root: NodeId, first: &[u32]) -> Option<Diagnostic> {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let given = tree.name(tree.node(root).name);
        let mut names = first
            .iter()
            .filter_map(|&e| g.elements.get(e as usize)?.names.first());
        let wanted = names.find(|n| n.local == given.local && n.namespace != given.namespace)?;
        let said = |namespace: &str| match namespace {
            "" => "no namespace".to_string(),
            uri => format!("the namespace `{}`", short(uri)),
        };
        // An attribute that was meant to be the declaration is the fault itself.
        let mut slip = Given::new("xmlns");
        let mut attributes = tree
            .attrs(root)
            .iter()
            .filter(|a| tree.value(a) == *wanted.namespace);
        let near = |a: &&crate::syntax::Attr| {
            let name = a.name_span.of(tree.text());
            given.namespace.is_empty() && slip.near(name, Outline::of(name)).is_some()
        };
        if let Some(a) = attributes.find(near) {
            let written = a.name_span.of(tree.text());
            let message = format!("{} has no attribute `{}`", tag(&given.local), short(written));
            let d = error("unknown-attribute", a.name_span, message).label("did you mean `xmlns`?");
            return Some(d.fix(Fix {
                title: "rename to `xmlns`".into(),
                edits: vec![Edit {
                    span: a.name_span,
                    new_text: "xmlns".into(),
                }],
                safe: true,
            }));
        }
        let message = format!("{} is in {}", tag(&given.local), said(&given.namespace));
        let d = error("unknown-element", self.span(root), message);
        let d = d.label(format!("expected in {}", said(&wanted.namespace)));
        let written = tree.node(root).name_span;
        let prefixed = written.of(tree.text()).contains(':');
        let declares = |a: &&crate::syntax::Attr| a.name_span.of(tree.text()) == "xmlns";
        let (span, new_text) = match tree.attrs(root).iter().find(declares) {
            _ if prefixed
                || wanted.namespace.is_empty()
                || wanted.namespace.contains(['"', '\'', '<', '&']) =>
            {
                return Some(d);
            }
            Some(a) => (a.value_span, wanted.namespace.to_string()),
            None => (
                Span::empty(written.end),
                format!(" xmlns=\"{}\"", wanted.namespace),
            ),
        };
        Some(d.fix(Fix {
            title: format!("declare {}", said(&wanted.namespace)).into(),
            edits: vec![Edit {
                span,
                new_text: new_text.into(),
            }],
            safe: true,
        }))
    }
}
