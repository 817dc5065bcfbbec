//! From text to tree: the loop over content, and where its nodes go. Tags, end tags and references are read beside.
//! Must not fail: what cannot be read becomes text or a stray node, with a fault that says why.

use memchr::{memchr, memchr3, memmem};

use super::chars::{is_space, name_end, space_end};
use super::close::Broken;
use super::faults::{Faults, fault, insert, replace, stray_less_than};
use super::names::{Mark, Scope};
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
        words: None,
    }
}

fn double_hyphen(text: &str, at: usize, close: usize) -> Diagnostic {
    let run = text.get(at..close).unwrap_or("");
    let len = run.len() - run.trim_start_matches('-').len();
    let span = Span::new(at as u32, (at + len.max(2)) as u32);
    fault("comment-dashes", span, "`--` may not stand within a comment").label("one hyphen, or other words")
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
        words: None,
    }
}

/// An error of source `xml`.
pub(super) fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
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
    pub nodes: Vec<Node>,
    pub attrs: Vec<Attr>,
    pub names: Names,
    pub scope: Scope<'t>,
    pub stack: Vec<Open>,
    pub faults: Faults,
    /// Tags that broke off without `>`, in elements that are still open.
    pub broken: Vec<Broken>,
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
        let document = Node::new(NodeKind::Document, Span::new(0, text.len() as u32), NodeId(0));
        // A node needs a `<`, and between two there is at most one text.
        let tags = memchr::memchr_iter(b'<', text.as_bytes()).count();
        let mut nodes = Vec::with_capacity(tags * 2 + 2);
        nodes.push(document);
        let bottom = Open {
            node: NodeId(0),
            last_child: None,
            mark: Mark::default(),
        };
        Self {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            nodes,
            attrs: Vec::with_capacity(tags),
            names: Names::new(),
            scope: Scope::new(),
            stack: vec![bottom],
            faults: Faults::new(text.len()),
            broken: Vec::new(),
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
    fn find_end(&mut self, from: usize, needle: &'static str) -> Option<usize> {
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
        self.nodes.get_mut(id.0 as usize)
    }

    /// Adds a node under the innermost open element.
    #[inline]
    pub(super) fn add(&mut self, mut node: Node) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        if let Some(top) = self.stack.last_mut() {
            node.parent = top.node;
            match top.last_child.replace(id) {
                Some(last) => {
                    if let Some(last) = self.nodes.get_mut(last.0 as usize) {
                        last.next_sibling = Some(id);
                    }
                }
                None => {
                    if let Some(parent) = self.nodes.get_mut(top.node.0 as usize) {
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
        self.add(Node::new(kind, Span::new(start as u32, end as u32), NodeId(0)))
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
            _ if name_end(self.text, at + 1) > at + 1 => self.start_tag(),
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
            let Some(found) = self
                .bytes
                .get(at..)
                .and_then(|rest| memchr3(b'<', b'&', b']', rest))
            else {
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
        matches!(self.byte(at + 1), b'/' | b'!' | b'?') || name_end(self.text, at + 1) > at + 1
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

    /// `<!`: a comment, a CDATA section, a document type declaration, or nothing known.
    fn declaration(&mut self) {
        let at = self.pos;
        if self.starts(at, "<!--") {
            self.comment();
        } else if self.starts(at, "<![CDATA[") {
            self.cdata();
        } else if self.starts(at, "<!DOCTYPE") {
            self.doctype();
        } else {
            let end = self.rough_end(at + 2);
            let span = Span::new(at as u32, end as u32);
            self.leaf(NodeKind::Stray, at, end);
            self.pos = end;
            self.faults.add(
                fault("unknown-declaration", span, "`<!` starts nothing known here")
                    .label("expected `<!--` or `<![CDATA[`"),
            );
        }
    }

    /// Where something that has lost its end is taken to end: behind `>`, or before `<` or the line's end.
    pub(super) fn rough_end(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.bytes.len() {
            match self.byte(at) {
                b'>' => return at + 1,
                b'<' | b'\n' | b'\r' => return at,
                _ => at += 1,
            }
        }
        at
    }

    fn line_end(&self, from: usize) -> usize {
        self.bytes
            .get(from..)
            .and_then(|rest| memchr::memchr2(b'\n', b'\r', rest))
            .map_or(self.bytes.len(), |at| from + at)
    }

    fn comment(&mut self) {
        let at = self.pos;
        let start = Span::new(at as u32, at as u32 + 4);
        let mut hyphens = None;
        let mut from = at + 4;
        let close = loop {
            let Some(found) = self.find(from, "--") else {
                break None;
            };
            // A second comment starts before this one ends: the end is the second one's.
            if found >= at + 6 && self.slice(found - 2, found) == "<!" {
                break None;
            }
            if self.byte(found + 2) == b'>' {
                break Some(found);
            }
            hyphens = hyphens.or(Some(found));
            from = found + 1;
        };
        let end = if let Some(close) = close {
            if let Some(hyphens) = hyphens {
                self.faults.add(double_hyphen(self.text, hyphens, close));
            }
            close + 3
        } else {
            let end = self.line_end(at + 4);
            self.faults.add(
                fault("unclosed-comment", start, "this comment is not closed by `-->`")
                    .label("opened here")
                    .fix(insert("insert `-->`", end as u32, " -->", false)),
            );
            end
        };
        self.leaf(NodeKind::Comment, at, end);
        self.pos = end;
    }

    fn cdata(&mut self) {
        let at = self.pos;
        let span = Span::new(at as u32, at as u32 + 9);
        let end = match self.find_end(at + 9, "]]>") {
            Some(close) => close + 3,
            None => {
                let end = self.line_end(at + 9);
                self.faults.add(
                    fault(
                        "unclosed-cdata",
                        span,
                        "this CDATA section is not closed by `]]>`",
                    )
                    .label("opened here")
                    .fix(insert("insert `]]>`", end as u32, "]]>", false)),
                );
                end
            }
        };
        if self.outside() {
            self.outside_fault(Span::new(at as u32, end as u32), "a CDATA section");
            self.leaf(NodeKind::Stray, at, end);
        } else {
            self.leaf(NodeKind::CData, at, end);
        }
        self.pos = end;
    }

    fn instruction(&mut self) {
        let at = self.pos;
        let name = name_end(self.text, at + 2);
        let name_span = Span::new(at as u32 + 2, name as u32);
        let end = match self.find_end(at + 2, "?>") {
            Some(close) => close + 2,
            None => {
                let end = self.rough_end(at + 2);
                let missing = if self.byte(end.saturating_sub(1)) == b'>' {
                    end - 1
                } else {
                    end
                };
                let (span, text) = (Span::new(missing as u32, end as u32), "?>");
                self.faults.add(
                    fault(
                        "unclosed-instruction",
                        Span::new(at as u32, name.max(at + 2) as u32),
                        "this instruction is not closed by `?>`",
                    )
                    .label("opened here")
                    .fix(replace("insert `?>`", span, text, true)),
                );
                end
            }
        };
        let id = self.leaf(NodeKind::Pi, at, end);
        if let Some(node) = self.node_mut(id) {
            node.name_span = name_span;
        }
        self.pos = end;
        self.instruction_faults(at, name, end);
    }

    /// What a target may not be.
    fn instruction_faults(&mut self, at: usize, name: usize, end: usize) {
        let target = self.slice(at + 2, name);
        let span = Span::new(at as u32 + 2, name as u32);
        if target.is_empty() {
            let span = Span::new(at as u32, at as u32 + 2);
            self.faults.add(fault(
                "unnamed-instruction",
                span,
                "a processing instruction needs a name after `<?`",
            ));
        } else if target.eq_ignore_ascii_case("xml") {
            let first = at == 0 || (at == 3 && self.starts(0, "\u{FEFF}"));
            if target != "xml" {
                self.faults.add(
                    fault(
                        "reserved-target",
                        span,
                        format!("`{target}` is reserved, whatever its case"),
                    )
                    .label("the XML declaration is written `xml`")
                    .fix(replace("rename to `xml`", span, "xml", first)),
                );
            } else if !first {
                self.misplaced_declaration(at, span);
            } else if !super::decode::declaration_is_sound(self.slice(at, end)) {
                let span = Span::new(at as u32, end as u32);
                self.faults.add(
                    fault(
                        "invalid-declaration",
                        span,
                        "the XML declaration is not well-formed",
                    )
                    .help("write `<?xml version=\"1.0\" encoding=\"utf-8\"?>`"),
                );
            }
        } else if target.contains(':') {
            self.faults.add(fault(
                "bad-name",
                span,
                format!("the name `{target}` of an instruction may not have a colon"),
            ));
        } else if !is_space(self.byte(name)) && self.byte(name) != b'?' && name < end {
            let c = self.slice(name, end).chars().next().unwrap_or(' ');
            let span = Span::new(name as u32, (name + c.len_utf8()) as u32);
            self.faults.add(
                fault(
                    "missing-space",
                    span,
                    format!("white space is missing after `{target}`"),
                )
                .fix(insert("insert a space", name as u32, " ", true)),
            );
        }
    }

    fn misplaced_declaration(&mut self, at: usize, span: Span) {
        let fault = fault(
            "misplaced-declaration",
            span,
            "the XML declaration must be the very first thing in the text",
        )
        .label("only white space or more stands before it");
        let before = self.slice(0, at);
        let fault = if before.bytes().all(is_space) {
            fault.fix(replace(
                "remove what stands before it",
                Span::new(0, at as u32),
                "",
                true,
            ))
        } else {
            fault
        };
        self.faults.add(fault);
    }

    /// A document type declaration, internal subset and all.
    fn doctype(&mut self) {
        let at = self.pos;
        let keyword = Span::new(at as u32, at as u32 + 9);
        let length = self.bytes.get(at..).and_then(super::entities::doctype_end);
        let end = length.map_or(self.bytes.len(), |n| at + n);
        let second = self.said_doctype;
        self.said_doctype = true;
        let faults = if second {
            let words = "a document has one document type declaration";
            vec![fault("misplaced-doctype", keyword, words)]
        } else {
            let text = self.slice(at, end);
            super::dtd::read(&mut self.entities, text, at as u32)
        };
        if length.is_none() && faults.is_empty() {
            self.faults.add(fault(
                "unclosed-doctype",
                keyword,
                "this document type declaration is never closed",
            ));
        }
        if self.stands_alone() && faults.is_empty() {
            self.entities.partial = false;
        }
        for fault in faults {
            self.faults.add(fault);
        }
        if self.has_root {
            self.faults.add(fault(
                "misplaced-doctype",
                keyword,
                "a document type declaration stands before the root element",
            ));
        }
        self.leaf(NodeKind::Doctype, at, end);
        self.pos = end;
    }

    /// The XML declaration says that no declaration outside counts.
    fn stands_alone(&self) -> bool {
        let head = self.text.strip_prefix('\u{FEFF}').unwrap_or(self.text);
        let declaration = head.split("?>").next().filter(|d| d.starts_with("<?xml"));
        let value = declaration.and_then(|d| d.split_once("standalone"));
        value.is_some_and(|v| {
            v.1.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\''])
                .starts_with("yes")
        })
    }

    /// Characters that XML forbids, wherever they stand.
    #[cold]
    fn forbidden_characters(&mut self) {
        let mut last_end = usize::MAX;
        for (at, c) in self.text.char_indices() {
            if super::chars::is_char(c) {
                continue;
            }
            let end = at + c.len_utf8();
            if at != last_end {
                let span = Span::new(at as u32, end as u32);
                self.faults.add(
                    fault(
                        "forbidden-character",
                        span,
                        format!("U+{:04X} may not stand in XML", c as u32),
                    )
                    .fix(replace("remove it", span, "", false)),
                );
            }
            last_end = end;
        }
    }
}
