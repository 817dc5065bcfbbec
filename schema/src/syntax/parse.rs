//! From text to tree: the loop over content, and where its nodes go. Tags, end tags and references are read beside.
//! Must not fail: what cannot be read becomes text or a stray node, with a fault that says why.

use memchr::{memchr, memmem};

use super::chars::{space_end, starts_name};
use super::close::Broken;
use super::faults::{Faults, fault, replace, stray_less_than};
use super::last::LastPlaces;
use super::names::{Mark, Scope};
use super::reused::Reused;
use super::*;

/// Elements nested deeper than this are passed over with a fault. libxml2, and so KIWI, refuses them as well; who
/// walks the tree may recurse.
pub const MAX_DEPTH: usize = 256;

/// Parses text. Never fails.
pub fn parse(text: &str) -> Tree {
    parse_shared(text.into())
}

/// Parses text that is already shared, without a copy.
pub fn parse_shared(text: Arc<str>) -> Tree {
    if text.len() > i32::MAX as usize {
        return refused("text-too-large", "the text is larger than 2 GiB");
    }
    let mut parser = Parser::new(&text);
    parser.document();
    let Parser {
        nodes,
        attrs,
        names,
        faults,
        entities,
        ..
    } = parser;
    let errors = faults.finish();
    Tree {
        text,
        nodes,
        attrs,
        names,
        owned: Vec::new(),
        entities,
        errors,
        places: None,
    }
}

/// The tree of a text that is not read at all.
pub(super) fn refused(code: &'static str, message: &str) -> Tree {
    let mut parser = Parser::new("");
    parser.faults.add(fault(code, Span::empty(0), message));
    let Parser {
        nodes,
        attrs,
        names,
        faults,
        entities,
        ..
    } = parser;
    Tree {
        text: "".into(),
        nodes,
        attrs,
        names,
        owned: Vec::new(),
        entities,
        errors: faults.finish(),
        places: None,
    }
}

/// An error of source `xml`.
pub(super) fn error(code: &'static str, span: Span, message: impl Into<crate::words::Words>) -> Diagnostic {
    fault(code, span, message)
}

/// An element whose end tag is awaited; the document stands at the bottom.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub node: NodeId,
    pub last_child: Option<NodeId>,
    /// Scope to go back to.
    pub mark: Mark,
}

pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub bytes: &'t [u8],
    pub pos: usize,
    pub nodes: Reused<Node>,
    pub attrs: Reused<Attr>,
    pub names: Names,
    pub scope: Scope<'t>,
    pub stack: Vec<Open>,
    pub faults: Faults,
    /// Tags that broke off without `>`, in elements that are still open.
    pub broken: Vec<Broken>,
    /// Where in the stack each name is open last.
    pub open_names: LastPlaces<&'t str>,
    /// Where among the broken tags each stands last, by the length of the stack and its name.
    pub broken_names: LastPlaces<(u32, &'t str)>,
    /// White space that was asked for last: where it begins and ends.
    pub last_blank: (u32, u32),
    /// How many more nodes may be moved while missing end tags are made up for; keeps repair linear.
    pub moves: usize,
    /// End marks that the rest of the text does not have.
    pub absent: Vec<&'static str>,
    pub has_root: bool,
    /// A document type declaration has been read.
    pub said_doctype: bool,
    pub entities: super::entities::Entities,
    /// Something after the root element has been complained about.
    pub said_trailing: bool,
    /// The limit of nesting has been complained about.
    pub said_deep: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let document = Node::new(
            NodeKind::Document,
            Span::new(0, text.len() as u32),
            NodeId::DOCUMENT,
        );
        // A node needs a `<`, and between two there is at most one text.
        let tags = memchr::memchr_iter(b'<', text.as_bytes()).count();
        let mut nodes = Reused::with_capacity(tags * 2 + 2, text.len());
        nodes.push(document);
        let bottom = Open {
            node: NodeId::DOCUMENT,
            last_child: None,
            mark: Mark::default(),
        };
        Self {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            nodes,
            attrs: Reused::with_capacity(tags, text.len()),
            names: Names::new(tags + 2),
            scope: Scope::new(),
            stack: vec![bottom],
            faults: Faults::new(text.len()),
            broken: Vec::new(),
            open_names: LastPlaces::new(),
            broken_names: LastPlaces::new(),
            last_blank: (0, 0),
            moves: 100_000 + text.len(),
            absent: Vec::new(),
            has_root: false,
            said_doctype: false,
            entities: Default::default(),
            said_trailing: false,
            said_deep: false,
        }
    }

    #[inline(always)]
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    pub(super) fn starts(&self, at: usize, with: &str) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    #[inline(always)]
    pub(super) fn find(&self, from: usize, needle: &str) -> Option<usize> {
        memmem::find(self.bytes.get(from..)?, needle.as_bytes()).map(|at| from + at)
    }

    /// The same for an end mark of CDATA sections or instructions; once there is none, it is not sought again.
    pub(super) fn find_end(&mut self, from: usize, needle: &'static str) -> Option<usize> {
        if self.absent.contains(&needle) {
            return None;
        }
        let found = self.find(from, needle);
        if found.is_none() {
            self.absent.push(needle);
        }
        found
    }

    /// True while the reader stands outside the root element.
    #[inline(always)]
    pub(super) fn outside(&self) -> bool {
        self.stack.len() <= 1
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.place())
    }

    /// Adds a node under the innermost open element.
    #[inline]
    pub(super) fn add(&mut self, mut node: Node) -> NodeId {
        let id = NodeId::new(self.nodes.len());
        if let Some(top) = self.stack.last_mut() {
            node.parent = top.node;
            match top.last_child.replace(id) {
                Some(last) => {
                    if let Some(last) = self.nodes.get_mut(last.place()) {
                        last.next_sibling = Some(id);
                    }
                }
                None => {
                    if let Some(parent) = self.nodes.get_mut(top.node.place()) {
                        parent.first_child = Some(id);
                    }
                }
            }
        }
        self.nodes.push(node);
        id
    }

    #[inline]
    pub(super) fn leaf(&mut self, kind: NodeKind, start: usize, end: usize) -> NodeId {
        self.add(Node::new(
            kind,
            Span::new(start as u32, end as u32),
            NodeId::DOCUMENT,
        ))
    }

    pub(super) fn document(&mut self) {
        if super::chars::has_suspects(self.bytes) {
            self.forbidden_characters();
        }
        if self.starts(0, "\u{FEFF}") {
            let id = self.leaf(NodeKind::Text, 0, 3);
            if let Some(node) = self.node_mut(id) {
                node.blank = true;
            }
            self.pos = 3;
        }
        while self.pos < self.bytes.len() {
            if self.byte(self.pos) == b'<' && self.markup() {
                continue;
            }
            self.text_run();
        }
        self.end_of_text();
    }

    /// Reads one piece of mark-up; false where the `<` starts none.
    #[inline]
    fn markup(&mut self) -> bool {
        let at = self.pos;
        match self.byte(at + 1) {
            b'/' => self.end_tag(),
            b'!' => self.declaration(),
            b'?' => self.instruction(),
            _ if starts_name(self.text, at + 1) => self.start_tag(),
            _ => return false,
        }
        true
    }

    /// Character data up to the next mark-up.
    #[inline]
    fn text_run(&mut self) {
        let start = self.pos;
        let mut at = space_end(self.bytes, start);
        let mut blank = true;
        if self.outside() {
            return self.text_outside(start, at);
        }
        loop {
            // Most text is the white space before a tag.
            let found = match self.byte(at) {
                b'<' => Some(0),
                _ => super::chars::text(self.bytes, at),
            };
            let Some(found) = found else {
                blank &= at >= self.bytes.len();
                at = self.bytes.len();
                break;
            };
            blank &= found == 0;
            at += found;
            match self.byte(at) {
                b'<' if self.starts_markup(at) => break,
                b'<' => {
                    blank = false;
                    let next = self.byte(at + 1);
                    self.faults
                        .add(stray_less_than(at as u32, next.is_ascii_digit() || next == b'='));
                    at += 1;
                }
                b'&' => {
                    let (end, space) = self.reference(at, false);
                    blank &= space;
                    at = end;
                }
                _ => {
                    blank = false;
                    if self.starts(at, "]]>") {
                        let span = Span::new(at as u32, at as u32 + 3);
                        self.faults.add(
                            fault(
                                "stray-cdata-end",
                                span,
                                "`]]>` stands in text that is no CDATA section",
                            )
                            .label("as text it is written `]]&gt;`")
                            .fix(replace(
                                "replace with `]]&gt;`",
                                span,
                                "]]&gt;",
                                true,
                            )),
                        );
                        at += 2;
                    }
                    at += 1;
                }
            }
            if blank {
                at = space_end(self.bytes, at);
            }
        }
        self.pos = at;
        let id = self.leaf(NodeKind::Text, start, at);
        if let Some(node) = self.node_mut(id) {
            node.blank = blank;
        }
    }

    fn starts_markup(&self, at: usize) -> bool {
        matches!(self.byte(at + 1), b'/' | b'!' | b'?') || starts_name(self.text, at + 1)
    }

    /// Text before or after the root element: only white space belongs there.
    fn text_outside(&mut self, start: usize, at: usize) {
        if at > start {
            let id = self.leaf(NodeKind::Text, start, at);
            if let Some(node) = self.node_mut(id) {
                node.blank = true;
            }
        }
        let mut end = at;
        loop {
            let rest = self.bytes.get(end..).unwrap_or(&[]);
            let Some(found) = memchr(b'<', rest) else {
                end = self.bytes.len();
                break;
            };
            end += found;
            if self.starts_markup(end) {
                break;
            }
            end += 1;
        }
        if end > at {
            // White space behind the words belongs to what follows.
            let words = self
                .slice(at, end)
                .trim_end_matches([' ', '\t', '\r', '\n'])
                .len();
            self.leaf(NodeKind::Stray, at, at + words);
            self.outside_fault(Span::new(at as u32, (at + words) as u32), "text");
            if at + words < end {
                let id = self.leaf(NodeKind::Text, at + words, end);
                if let Some(node) = self.node_mut(id) {
                    node.blank = true;
                }
            }
        }
        self.pos = end;
    }

    /// Complains once about what stands outside the root element.
    pub(super) fn outside_fault(&mut self, span: Span, what: &str) {
        if self.said_trailing {
            return;
        }
        self.said_trailing = self.has_root;
        let first_line = span.of(self.text).split(['\n', '\r']).next().unwrap_or("").len() as u32;
        let span = Span::new(span.start, span.start + first_line);
        let side = if self.has_root {
            "after the end of"
        } else {
            "before"
        };
        self.faults.add(
            fault(
                if what == "a second element" {
                    "second-root"
                } else {
                    "text-outside-root"
                },
                span,
                format!("{what} stands {side} the root element"),
            )
            .label("only comments and white space may stand here"),
        );
    }
}
