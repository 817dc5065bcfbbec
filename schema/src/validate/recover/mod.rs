//! What is wrong with a tree that does not fit, and how to mend it: one message for one fault. Reads what `label`
//! found; the verdict is not made here.

mod align;
mod attributes;
mod children;
mod decides;
mod fit;
mod fixes;
mod left_out;
mod memo;
mod places;
mod purse;
mod rewritten;
mod rivals;
mod steps;
mod swapped;
mod texts;
mod values;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::noted::Note;
use crate::syntax::{Attr, NameId, NodeId};
use crate::text::Span;
use crate::words::Words;

use super::declared::in_words;
use super::label::Judge;
use super::near::{Given, Outline};
use super::words::{self, Tick};
use attributes::{Missing, Open, Strange};
pub use fit::LastFitted;
pub use fixes::{indent, with_line};
use memo::Memo;
pub use purse::{Purse, weight};
pub use rewritten::CERTAIN;
pub use rivals::Rivals;
pub use texts::short;
use texts::tag;

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
    let Scratch { steps, work, next } = std::mem::take(&mut judge.matcher.scratch);
    let memo = Memo::new(tree, judge.faulty.min(most), next);
    let mut r = Reporter {
        most,
        dear: 0,
        judge,
        work,
        memo,
        steps,
        values: values::Values::default(),
        strange: FxHashMap::default(),
        strangers: Vec::new(),
        open: None,
        missing: FxHashMap::default(),
        inserts: fixes::Inserts::default(),
        places: places::Places::new(tree),
    };
    r.root(root);
    while let Some((id, e, behind)) = r.work.pop() {
        if r.is_full() {
            break;
        }
        if r.judge.fitting(id).contains(&e) {
            continue;
        }
        let body = if behind == NOT_ALLOWED {
            let content = r.judge.content(e);
            r.attributes(id, content)
        } else {
            r.end_attributes(id, behind)
        };
        let before = r.work.len();
        r.children(id, e, body);
        // So that they are taken in the order of the text.
        if let Some(new) = r.work.get_mut(before..) {
            new.reverse();
        }
    }
    let full = r.is_full();
    let (mut steps, mut work, mut next) = (r.steps, r.work, r.memo.next);
    steps.clear();
    work.clear();
    if next.len() > KEPT {
        next = memo::Followings::default();
    }
    let (notes, judge) = (r.memo.texts.notes, r.judge);
    judge.matcher.scratch = Scratch { steps, work, next };
    let most = most.min(notes.len());
    let mut out = notes.findings(most);
    // The verdict is never lost: what could not be pinned down is said of the root.
    if out.is_empty() && roots.len() == 1 {
        let (name, span) = (tree.local(root), tree.node(root).name_span);
        out.push(error(
            "invalid-content",
            span,
            format!("the content of {} does not fit the grammar", tag(name)),
        ));
    }
    if full {
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

/// How the title of a repair begins that puts another word in place of one; the word and a backtick follow.
const RENAME: &str = "rename to `";
const CHANGE: &str = "change to `";

/// Elements still to look at, each with the pattern it is taken for, and what remains behind its attributes where those
/// are known to fit.
type Work = Vec<(NodeId, u32, PatId)>;

/// The memory of one report, for the next.
#[derive(Debug, Default)]
pub struct Scratch {
    steps: steps::Steps,
    work: Work,
    next: memo::Followings,
}

/// What may follow more contents than these is not kept for another document.
const KEPT: usize = 1000;

struct Reporter<'j, 'a> {
    judge: &'j mut Judge<'a>,
    /// How many are told.
    most: usize,
    /// How many of them took up to twice as long as others.
    dear: usize,
    work: Work,
    memo: Memo,
    /// Scratch: those of the element at hand.
    steps: steps::Steps,
    values: values::Values<'a>,
    /// By what must still come and the name of an attribute that may not.
    strange: FxHashMap<(PatId, NameId), Strange>,
    /// Scratch: the strange ones of the element at hand.
    strangers: Vec<&'a Attr>,
    open: Open,
    /// By what must still come and the element's name: what to say, and what remains then.
    missing: FxHashMap<(PatId, NameId), (Rc<[Missing]>, PatId)>,
    inserts: fixes::Inserts<'a>,
    places: places::Places,
}

impl Reporter<'_, '_> {
    fn span(&self, id: NodeId) -> Span {
        self.judge.tree.node(id).name_span
    }

    /// As many faults are found as are told: of dear ones fewer, so that all of them together cost no more than as many of
    /// the others.
    fn is_full(&self) -> bool {
        let told = self.memo.texts.notes.len();
        told >= self.most || told >= super::FEWEST && told + self.dear >= self.most
    }

    fn add(&mut self, note: Note) {
        self.memo.texts.notes.add(note);
    }

    fn root(&mut self, root: NodeId) {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let first = self.judge.matcher.first(g.start);
        let enabled = self.judge.candidates_kept(root);
        self.judge.note_rivals(root, &first);
        let enabled = enabled.iter().copied().filter(|e| first.contains(e));
        if let Some(e) = enabled.min_by_key(|&e| self.judge.misfit(root, e)) {
            self.work.push((root, e, NOT_ALLOWED));
            return;
        }
        let patterns = first
            .iter()
            .filter_map(|&e| Some((e, g.elements.get(e as usize)?)));
        let known = patterns.flat_map(|(e, x)| x.names.names().into_iter().map(move |n| (e, &n.local)));
        let known: Vec<_> = known.collect();
        let names: Vec<&str> = known.iter().map(|k| &**k.1).collect();
        let name = tree.local(root);
        if let Some(note) = self.other_namespace(root, &first) {
            // All below it is in the same wrong one, and no fault of its own.
            self.add(note);
            return;
        }
        let texts = &mut self.memo.texts;
        let message = texts.line(&["a document cannot begin with ", &tag(name)]);
        let mut note = Note::new("unknown-element", tree.node(root).name_span, message);
        note.label = texts.line(&["expected ", &words::list(&names, Tick::Tag, "or")]);
        let near = Given::new(name).nearest(names.iter().map(|n| (*n, Outline::of(n))));
        if let Some(&(e, n)) = near.first.and_then(|at| known.get(at)) {
            note.label = texts.line(&["did you mean `<", n, ">`?"]);
            let title = texts.line(&["rename to `", n, "`"]);
            let new = title.within(RENAME.len(), 1);
            fixes::rename(texts, tree, root, (title, new), false, near.alone);
            self.work.push((root, e, NOT_ALLOWED));
        }
        self.add(note);
    }

    /// Where the root would be right in another namespace: that alone, with the declaration as the repair.
    fn other_namespace(&mut self, root: NodeId, first: &[u32]) -> Option<Note> {
        let (tree, g) = (self.judge.tree, self.judge.grammar);
        let given = tree.name(tree.node(root).name);
        let mut names = first
            .iter()
            .filter_map(|&e| g.elements.get(e as usize)?.names.first());
        let wanted = names.find(|n| n.local == given.local && n.namespace != given.namespace)?;
        let texts = &mut self.memo.texts;
        let message = texts.line(&[&tag(&given.local), " is in ", &in_words(&given.namespace)]);
        let mut note = Note::new("unknown-element", tree.node(root).name_span, message);
        note.label = texts.line(&["expected in ", &in_words(&wanted.namespace)]);
        let written = tree.node(root).name_span;
        let prefixed = written.of(tree.text()).contains(':');
        let declares = |a: &&crate::syntax::Attr| a.name_span.of(tree.text()) == "xmlns";
        let (span, new) = match tree.attrs(root).iter().find(declares) {
            _ if prefixed
                || wanted.namespace.is_empty()
                || wanted.namespace.contains(['"', '\'', '<', '&']) =>
            {
                return Some(note);
            }
            Some(a) => (a.value_span, texts.line(&[&wanted.namespace])),
            None => (
                Span::empty(written.end),
                texts.line(&[" xmlns=\"", &wanted.namespace, "\""]),
            ),
        };
        let title = texts.line(&["declare ", &in_words(&wanted.namespace)]);
        texts.notes.fix(title, true, &[(span, new)]);
        Some(note)
    }
}
