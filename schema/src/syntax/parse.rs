//! From text to tree: a hand-written scanner that goes on after every error. Iterative, linear, and without any
//! access to files: external entities are never fetched. Names are interned once for each distinct spelling.

use rustc_hash::FxHashMap;

use super::entities::Entities;
use super::*;
use crate::diagnostic::{Edit, FileId, Fix, Severity, Source};

/// How deep elements may nest; deeper text is not looked at.
const MAX_DEPTH: usize = 4096;
/// How many errors of one text are kept.
const MAX_ERRORS: usize = 1000;
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Parses text. Never fails: what is wrong is in [`Tree::errors`].
pub fn parse(text: &str) -> Tree {
    if text.len() >= u32::MAX as usize / 2 {
        let mut tree = Parser::new("").run();
        tree.errors = vec![error(
            "text-too-large",
            Span::empty(0),
            "the text is larger than 2 GB",
        )];
        return tree;
    }
    Parser::new(text).run()
}

pub(super) fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Source::Xml, span, message)
}

struct Open {
    id: NodeId,
    last_child: Option<NodeId>,
    bindings: usize,
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    attrs: Vec<Attr>,
    errors: Vec<Diagnostic>,
    open: Vec<Open>,
    names: Vec<Name>,
    interned: FxHashMap<Name, NameId>,
    element_names: FxHashMap<&'t str, NameId>,
    attr_names: FxHashMap<&'t str, NameId>,
    bindings: Vec<(&'t str, Arc<str>)>,
    entities: Entities,
    root_seen: bool,
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_name_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b == b':' || b >= 0x80
}

fn is_name(b: u8) -> bool {
    is_name_start(b) || b.is_ascii_digit() || b == b'-' || b == b'.'
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        let mut parser = Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            nodes: Vec::with_capacity(text.len() / 24 + 1),
            attrs: Vec::with_capacity(text.len() / 40 + 1),
            errors: Vec::new(),
            open: Vec::new(),
            names: Vec::new(),
            interned: FxHashMap::default(),
            element_names: FxHashMap::default(),
            attr_names: FxHashMap::default(),
            bindings: vec![("xml", XML.into()), ("xmlns", XMLNS.into())],
            entities: Entities::default(),
            root_seen: false,
        };
        let none = parser.intern("", "");
        let mut document = blank_node(
            NodeKind::Document,
            Span::new(0, text.len() as u32),
            NodeId(0),
            none,
        );
        document.open = Span::empty(0);
        document.close = Span::empty(text.len() as u32);
        parser.nodes.push(document);
        parser.open.push(Open {
            id: NodeId(0),
            last_child: None,
            bindings: 2,
        });
        parser
    }

    fn run(mut self) -> Tree {
        self.check_characters();
        if self.bytes.starts_with(b"<?xml") && self.bytes.get(5).is_some_and(|&b| is_space(b)) {
            self.declaration();
        }
        while self.at < self.bytes.len() {
            if self.peek(0) == b'<' {
                self.markup()
            } else {
                self.character_data()
            }
            if self.open.len() > MAX_DEPTH {
                let span = self.span(self.at, self.text.len());
                self.fail(error(
                    "nesting-too-deep",
                    Span::empty(span.start),
                    format!("elements nest deeper than {MAX_DEPTH}"),
                ));
                self.leaf(NodeKind::Stray, span);
                self.at = self.bytes.len();
            }
        }
        let end = self.text.len() as u32;
        while self.open.len() > 1 {
            self.close_unfinished(end, None);
        }
        if !self.root_seen && self.errors.is_empty() {
            let message = if self.text.trim().is_empty() {
                "the text is empty"
            } else {
                "there is no element"
            };
            self.fail(
                error("missing-root", Span::empty(0), message)
                    .help("a description begins with `<image schemaversion=\"8.5\" name=\"…\">`"),
            );
        }
        self.errors.sort_by_key(|e| e.span.start);
        Tree {
            text: self.text.into(),
            nodes: self.nodes,
            attrs: self.attrs,
            names: Names { list: self.names },
            owned: Vec::new(),
            errors: self.errors,
            entities: self.entities,
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(start as u32, end as u32)
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    fn fail(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(diagnostic);
        }
    }

    fn intern(&mut self, namespace: &str, local: &str) -> NameId {
        let name = Name {
            namespace: namespace.into(),
            local: local.into(),
        };
        if let Some(&id) = self.interned.get(&name) {
            return id;
        }
        let id = NameId(self.names.len() as u32);
        self.names.push(name.clone());
        self.interned.insert(name, id);
        id
    }

    /// Characters that XML allows nowhere.
    fn check_characters(&mut self) {
        let bad = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
        if self.bytes.iter().any(|&b| bad(b)) {
            for (at, b) in self.bytes.iter().enumerate().filter(|(_, b)| bad(**b)).take(20) {
                let found = error(
                    "forbidden-character",
                    Span::new(at as u32, at as u32 + 1),
                    format!("the character U+{b:04X} is not allowed in XML"),
                );
                if self.errors.len() < MAX_ERRORS {
                    self.errors.push(found);
                }
            }
        }
        for (at, c) in self.text.match_indices(['\u{FFFE}', '\u{FFFF}']).take(20) {
            let span = Span::new(at as u32, (at + c.len()) as u32);
            self.errors.push(error(
                "forbidden-character",
                span,
                "this character is not allowed in XML",
            ));
        }
    }

    fn append(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        if let Some(top) = self.open.last_mut() {
            match top.last_child {
                Some(last) => {
                    if let Some(last) = self.nodes.get_mut(last.0 as usize) {
                        last.next_sibling = Some(id);
                    }
                }
                None => {
                    if let Some(parent) = self.nodes.get_mut(top.id.0 as usize) {
                        parent.first_child = Some(id);
                    }
                }
            }
            top.last_child = Some(id);
        }
        id
    }

    fn parent(&self) -> NodeId {
        self.open.last().map_or(NodeId(0), |o| o.id)
    }

    fn leaf(&mut self, kind: NodeKind, span: Span) -> NodeId {
        self.append(blank_node(kind, span, self.parent(), NameId(0)))
    }

    fn character_data(&mut self) {
        let start = self.at;
        let end = memchr::memchr(b'<', self.rest()).map_or(self.bytes.len(), |n| start + n);
        self.at = end;
        let text = self.slice(start, end);
        let blank = text.bytes().all(is_space);
        let id = self.leaf(NodeKind::Text, self.span(start, end));
        if blank {
            if let Some(node) = self.nodes.get_mut(id.0 as usize) {
                node.blank = true;
            }
            return;
        }
        if self.open.len() == 1 {
            let lead = text.len() - text.trim_start().len();
            let span = self.span(start + lead, start + lead + text.trim().len());
            self.fail(error(
                "text-outside-root",
                span,
                "text stands outside the root element",
            ));
        } else if let Some(n) = text.find("]]>") {
            self.fail(error(
                "stray-cdata-end",
                self.span(start + n, start + n + 3),
                "`]]>` ends a CDATA section that was never opened",
            ));
        }
        self.references(start, end);
    }

    /// Checks the references in a piece of text or value.
    fn references(&mut self, start: usize, end: usize) {
        let mut from = start;
        while let Some(n) = memchr::memchr(b'&', self.bytes.get(from..end).unwrap_or(&[])) {
            let amp = from + n;
            from = amp + 1;
            if let Err(fault) = self.entities.check(self.slice(amp, end), amp as u32) {
                self.fail(fault);
            }
        }
    }

    fn markup(&mut self) {
        let rest = self.rest();
        if rest.starts_with(b"<!--") {
            self.comment();
        } else if rest.starts_with(b"<![CDATA[") {
            self.cdata();
        } else if rest.starts_with(b"<!DOCTYPE") {
            self.doctype();
        } else if rest.starts_with(b"<?") {
            self.instruction();
        } else if rest.starts_with(b"</") {
            self.end_tag();
        } else if is_name_start(self.peek(1)) {
            self.start_tag();
        } else {
            let start = self.at;
            self.at += 1;
            let span = self.span(start, start + 1);
            let mut found =
                error("stray-bracket", span, "`<` begins no tag").label("write `&lt;` for the character");
            found.fixes.push(replace("write `&lt;`", span, "&lt;"));
            self.fail(found);
            self.leaf(NodeKind::Stray, span);
        }
    }

    fn until(&mut self, skip: usize, end: &[u8], code: &'static str, message: &str) -> Span {
        let start = self.at;
        let body = self.bytes.get(start + skip..).unwrap_or(&[]);
        match memchr::memmem::find(body, end) {
            Some(n) => self.at = start + skip + n + end.len(),
            None => {
                self.fail(error(
                    code,
                    self.span(start, (start + skip).min(self.text.len())),
                    message,
                ));
                self.at = self.bytes.len();
            }
        }
        self.span(start, self.at)
    }

    fn comment(&mut self) {
        let span = self.until(4, b"-->", "unclosed-comment", "this comment is never closed");
        let body = span.of(self.text);
        let inner = body.get(4..body.len().saturating_sub(3)).unwrap_or("");
        if let Some(n) = inner
            .find("--")
            .or_else(|| inner.ends_with('-').then(|| inner.len() - 1))
        {
            let at = span.start + 4 + n as u32;
            self.fail(error(
                "comment-dashes",
                Span::new(at, at + 2),
                "`--` is not allowed inside a comment",
            ));
        }
        self.leaf(NodeKind::Comment, span);
    }

    fn cdata(&mut self) {
        let span = self.until(9, b"]]>", "unclosed-cdata", "this CDATA section is never closed");
        if self.open.len() == 1 {
            self.fail(error(
                "text-outside-root",
                span,
                "text stands outside the root element",
            ));
        }
        self.leaf(NodeKind::CData, span);
    }

    fn instruction(&mut self) {
        let start = self.at;
        let mut name_end = start + 2;
        while self.bytes.get(name_end).is_some_and(|&b| is_name(b)) {
            name_end += 1;
        }
        let span = self.until(
            2,
            b"?>",
            "unclosed-instruction",
            "this processing instruction is never closed",
        );
        let target = self.slice(start + 2, name_end);
        if target.eq_ignore_ascii_case("xml") {
            self.fail(error(
                "misplaced-declaration",
                span,
                "the XML declaration may stand only at the very beginning",
            ));
        } else if target.is_empty() {
            self.fail(error(
                "unnamed-instruction",
                self.span(start, start + 2),
                "this processing instruction has no name",
            ));
        }
        let id = self.leaf(NodeKind::Pi, span);
        let name_span = self.span(start + 2, name_end);
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.name_span = name_span;
        }
    }

    fn declaration(&mut self) {
        let span = self.until(
            2,
            b"?>",
            "unclosed-instruction",
            "the XML declaration is never closed",
        );
        let body = span.of(self.text);
        if !super::decode::declaration_is_sound(body) {
            self.fail(
                error(
                    "invalid-declaration",
                    span,
                    "the XML declaration is not well-formed",
                )
                .help("write `<?xml version=\"1.0\" encoding=\"utf-8\"?>`"),
            );
        }
        self.leaf(NodeKind::Pi, span);
    }

    fn doctype(&mut self) {
        let start = self.at;
        match super::entities::doctype_end(self.rest()) {
            Some(n) => self.at = start + n,
            None => {
                self.fail(error(
                    "unclosed-doctype",
                    self.span(start, start + 9),
                    "this document type declaration is never closed",
                ));
                self.at = self.bytes.len();
            }
        }
        let span = self.span(start, self.at);
        if self.root_seen {
            self.fail(error(
                "misplaced-doctype",
                self.span(start, start + 9),
                "a document type declaration stands before the root element",
            ));
        }
        let faults = self.entities.read(span.of(self.text), span.start);
        for fault in faults {
            self.fail(fault);
        }
        self.leaf(NodeKind::Doctype, span);
    }

    fn name_end(&self, from: usize) -> usize {
        let mut end = from;
        while self.bytes.get(end).is_some_and(|&b| is_name(b)) {
            end += 1;
        }
        end
    }

    fn skip_space(&mut self) {
        while is_space(self.peek(0)) {
            self.at += 1;
        }
    }

    fn start_tag(&mut self) {
        let start = self.at;
        let name_end = self.name_end(start + 1);
        self.at = name_end;
        let first_attr = self.attrs.len();
        let raw_attrs = self.attributes();
        let (mut closed, mut self_closing) = (true, false);
        match self.peek(0) {
            b'>' => self.at += 1,
            b'/' if self.peek(1) == b'>' => {
                self.at += 2;
                self_closing = true;
            }
            _ => closed = false,
        }
        if !closed {
            // The tag ends where its last part does: what follows is content again.
            let mut end = self.at;
            while end > name_end && is_space(*self.bytes.get(end - 1).unwrap_or(&0)) {
                end -= 1;
            }
            self.at = end;
            let name = self.slice(start + 1, name_end);
            let mut found = error(
                "unclosed-tag",
                self.span(start + 1, name_end),
                format!("the tag `<{name}` is not closed"),
            )
            .label("`>` is missing");
            found
                .fixes
                .push(replace("insert `>`", Span::empty(end as u32), ">"));
            self.fail(found);
        }
        let mark = self.bindings.len();
        self.bind(&raw_attrs);
        let name = self.element_name(start + 1, name_end);
        for (mut attr, prefixed) in raw_attrs {
            attr.name = self.attr_name(attr.name_span, prefixed);
            self.attrs.push(attr);
        }
        self.check_duplicates(first_attr);
        let mut node = blank_node(NodeKind::Element, self.span(start, self.at), self.parent(), name);
        node.name_span = self.span(start + 1, name_end);
        node.first_attr = first_attr as u32;
        node.attr_count = (self.attrs.len() - first_attr) as u32;
        node.open = node.span;
        node.close = Span::empty(node.span.end);
        node.close_name = node.close;
        node.self_closing = self_closing;
        if self.open.len() == 1 {
            if self.root_seen {
                self.fail(error(
                    "second-root",
                    node.name_span,
                    "a document has one root element, this is a second one",
                ));
            }
            self.root_seen = true;
        }
        let id = self.append(node);
        if self_closing {
            self.unbind(mark);
        } else {
            self.open.push(Open {
                id,
                last_child: None,
                bindings: mark,
            });
        }
    }

    /// The attributes of a start tag, unresolved; ends before `>`, `/>`, `<` or the end of the text.
    fn attributes(&mut self) -> Vec<(Attr, bool)> {
        let mut found = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            let b = self.peek(0);
            if self.at >= self.bytes.len() || b == b'>' || b == b'<' || (b == b'/' && self.peek(1) == b'>') {
                return found;
            }
            if !is_name_start(b) {
                let start = self.at;
                while self.at < self.bytes.len()
                    && !is_space(self.peek(0))
                    && !matches!(self.peek(0), b'>' | b'<')
                    && !(self.at > start && is_name_start(self.peek(0)))
                {
                    if self.peek(0) == b'/' && self.peek(1) == b'>' {
                        break;
                    }
                    self.at += 1;
                }
                self.fail(error(
                    "stray-characters",
                    self.span(start, self.at),
                    format!("`{}` is not expected in a tag", self.slice(start, self.at)),
                ));
                continue;
            }
            let start = self.at;
            let name_end = self.name_end(start);
            if before == start && found.last().is_some() {
                self.fail(error(
                    "missing-space",
                    self.span(start, name_end),
                    "white space is missing before this attribute",
                ));
            }
            self.at = name_end;
            self.skip_space();
            let name_span = self.span(start, name_end);
            let name = self.slice(start, name_end);
            let mut attr = Attr {
                name: NameId(0),
                span: name_span,
                name_span,
                value_span: Span::empty(name_end as u32),
                owned_value: None,
                has_refs: false,
            };
            if self.peek(0) != b'=' {
                self.at = name_end;
                self.fail(
                    error(
                        "missing-value",
                        name_span,
                        format!("attribute `{name}` has no value"),
                    )
                    .label("write it as `name=\"value\"`"),
                );
            } else {
                self.at += 1;
                self.skip_space();
                self.attribute_value(&mut attr, name);
            }
            let prefixed = name.contains(':') || name == "xmlns";
            found.push((attr, prefixed));
        }
    }

    fn attribute_value(&mut self, attr: &mut Attr, name: &str) {
        let quote = self.peek(0);
        if quote != b'"' && quote != b'\'' {
            let start = self.at;
            while self.at < self.bytes.len()
                && !is_space(self.peek(0))
                && !matches!(self.peek(0), b'>' | b'<' | b'"' | b'\'')
                && !(self.peek(0) == b'/' && self.peek(1) == b'>')
            {
                self.at += 1;
            }
            attr.value_span = self.span(start, self.at);
            attr.span.end = self.at as u32;
            if start == self.at {
                self.fail(
                    error(
                        "missing-value",
                        attr.name_span,
                        format!("attribute `{name}` has no value"),
                    )
                    .label("write it as `name=\"value\"`"),
                );
            } else {
                let mut found = error(
                    "unquoted-value",
                    attr.value_span,
                    format!("the value of `{name}` is not quoted"),
                );
                found.fixes.push(replace(
                    "put it in quotes",
                    attr.value_span,
                    &format!("\"{}\"", attr.value_span.of(self.text)),
                ));
                self.fail(found);
            }
            return;
        }
        let start = self.at + 1;
        let body = self.bytes.get(start..).unwrap_or(&[]);
        let stop = memchr::memchr2(quote, b'<', body).map(|n| start + n);
        let close = match stop {
            Some(n) if self.bytes.get(n) == Some(&quote) => Some(n),
            Some(n) => memchr::memchr(quote, self.bytes.get(n..).unwrap_or(&[])).map(|m| n + m),
            None => None,
        };
        let literal_bracket = stop.is_some_and(|n| self.bytes.get(n) == Some(&b'<'));
        let sound = close.is_some_and(|c| {
            let after = self.bytes.get(c + 1).copied().unwrap_or(b'>');
            let value = self.slice(start, c);
            (is_space(after) || matches!(after, b'>' | b'/' | b'?'))
                && !value.trim_end().ends_with('=')
                && !(literal_bracket && value.contains('\n'))
                && !(literal_bracket && value.contains('>'))
        });
        if let (Some(end), true) = (
            close,
            sound || (close.is_some() && !literal_bracket && !self.breaks_off(start, close.unwrap_or(start))),
        ) {
            self.at = end + 1;
            attr.value_span = self.span(start, end);
            attr.span.end = self.at as u32;
            let value = self.bytes.get(start..end).unwrap_or(&[]);
            attr.has_refs = value.iter().any(|b| matches!(b, b'&' | b'\n' | b'\t' | b'\r'));
            if literal_bracket {
                let n = stop.unwrap_or(start);
                let span = self.span(n, n + 1);
                let mut found = error("stray-bracket", span, "`<` is not allowed in a value")
                    .label("write `&lt;` for the character");
                found.fixes.push(replace("write `&lt;`", span, "&lt;"));
                self.fail(found);
            }
            if attr.has_refs {
                self.references(start, end);
            }
            return;
        }
        // The quote is never closed: the value ends at the first white space, `>`, `/>` or `<`.
        let mut end = start;
        while end < self.bytes.len() {
            let b = *self.bytes.get(end).unwrap_or(&0);
            if is_space(b)
                || matches!(b, b'>' | b'<')
                || (b == b'/' && self.bytes.get(end + 1) == Some(&b'>'))
            {
                break;
            }
            end += 1;
        }
        self.at = end;
        attr.value_span = self.span(start, end);
        attr.span.end = end as u32;
        let mut found = error(
            "unclosed-quote",
            self.span(start - 1, end),
            format!("the value of `{name}` has no closing quote"),
        );
        found.fixes.push(replace(
            "insert the closing quote",
            Span::empty(end as u32),
            if quote == b'"' { "\"" } else { "'" },
        ));
        self.fail(found);
    }

    /// True where a value that ends before something odd rather looks like one whose quote is missing.
    fn breaks_off(&self, start: usize, close: usize) -> bool {
        let value = self.slice(start, close);
        value.trim_end().ends_with('=') || value.contains('>') || value.contains('\n')
    }

    fn bind(&mut self, attrs: &[(Attr, bool)]) {
        let before = self.bindings.len();
        for (attr, prefixed) in attrs {
            if !prefixed {
                continue;
            }
            let name = attr.name_span.of(self.text);
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => rest.strip_prefix(':').unwrap_or(""),
                None => continue,
            };
            if name != "xmlns" && !name.starts_with("xmlns:") {
                continue;
            }
            let uri: Arc<str> = self.entities.expand(attr.value_span.of(self.text), true).into();
            self.bindings.push((prefix, uri));
        }
        if self.bindings.len() != before {
            self.element_names.clear();
            self.attr_names.clear();
        }
    }

    fn unbind(&mut self, mark: usize) {
        if self.bindings.len() > mark {
            self.bindings.truncate(mark);
            self.element_names.clear();
            self.attr_names.clear();
        }
    }

    fn resolve(&self, prefix: &str) -> Option<Arc<str>> {
        self.bindings
            .iter()
            .rev()
            .find(|(p, _)| *p == prefix)
            .map(|(_, uri)| uri.clone())
    }

    fn element_name(&mut self, start: usize, end: usize) -> NameId {
        let raw = self.slice(start, end);
        if let Some(&id) = self.element_names.get(raw) {
            return id;
        }
        let id = self.qualified(raw, self.span(start, end), true);
        self.element_names.insert(raw, id);
        id
    }

    fn attr_name(&mut self, span: Span, prefixed: bool) -> NameId {
        let raw = span.of(self.text);
        if let Some(&id) = self.attr_names.get(raw) {
            return id;
        }
        let id = match raw {
            "xmlns" => self.intern(XMLNS, "xmlns"),
            _ if prefixed => self.qualified(raw, span, false),
            _ => self.intern("", raw),
        };
        self.attr_names.insert(raw, id);
        id
    }

    fn qualified(&mut self, raw: &str, span: Span, element: bool) -> NameId {
        let (prefix, local) = raw.split_once(':').unwrap_or(("", raw));
        if prefix.is_empty() {
            let uri = if element {
                self.resolve("").unwrap_or_default()
            } else {
                "".into()
            };
            return self.intern(&uri, if local.is_empty() { raw } else { local });
        }
        match self.resolve(prefix) {
            Some(uri) => self.intern(&uri, local),
            None => {
                self.fail(
                    error(
                        "undeclared-prefix",
                        span,
                        format!("the prefix `{prefix}` is not declared"),
                    )
                    .help(format!("declare it with `xmlns:{prefix}=\"…\"`")),
                );
                self.intern("", raw)
            }
        }
    }

    fn check_duplicates(&mut self, first: usize) {
        let attrs = self.attrs.get(first..).unwrap_or(&[]);
        let mut found = Vec::new();
        let mut seen: FxHashMap<NameId, Span> = FxHashMap::default();
        for (n, attr) in attrs.iter().enumerate() {
            let earlier = if attrs.len() < 12 {
                attrs
                    .iter()
                    .take(n)
                    .find(|a| a.name == attr.name)
                    .map(|a| a.name_span)
            } else {
                seen.insert(attr.name, attr.name_span)
            };
            if let Some(earlier) = earlier {
                let name = attr.name_span.of(self.text);
                let mut d = error(
                    "duplicate-attribute",
                    attr.name_span,
                    format!("attribute `{name}` is given twice"),
                )
                .note(FileId::default(), earlier, "first given here");
                d.fixes.push(Fix {
                    title: format!("remove this `{name}`"),
                    edits: vec![Edit {
                        span: attr.span,
                        new_text: String::new(),
                    }],
                    safe: false,
                });
                found.push(d);
            }
        }
        for d in found {
            self.fail(d);
        }
    }

    fn end_tag(&mut self) {
        let start = self.at;
        let name_end = self.name_end(start + 2);
        let name = self.slice(start + 2, name_end);
        let name_span = self.span(start + 2, name_end);
        self.at = name_end;
        self.skip_space();
        if self.peek(0) == b'>' {
            self.at += 1;
        } else {
            self.at = name_end;
            if !name.is_empty() {
                let mut found = error(
                    "unclosed-tag",
                    name_span,
                    format!("the end tag `</{name}` is not closed"),
                )
                .label("`>` is missing");
                found
                    .fixes
                    .push(replace("insert `>`", Span::empty(name_end as u32), ">"));
                self.fail(found);
            }
        }
        let close = self.span(start, self.at);
        let depth = self
            .open
            .iter()
            .rposition(|o| o.id.0 != 0 && self.raw_name(o.id) == name);
        let Some(depth) = depth else {
            let top = self.open.last().map_or(NodeId(0), |o| o.id);
            if top.0 != 0 {
                let expected = self.raw_name(top).to_owned();
                let opened = self.nodes.get(top.0 as usize).map_or(name_span, |n| n.name_span);
                let near =
                    strsim::damerau_levenshtein(&expected, name) <= expected.len() / 3 || name.is_empty();
                if near {
                    let mut found = error(
                        "mismatched-end-tag",
                        if name.is_empty() { close } else { name_span },
                        format!("`</{name}>` does not close `<{expected}>`"),
                    )
                    .label(format!("expected `</{expected}>`"))
                    .note(FileId::default(), opened, "opened here");
                    found.fixes.push(replace(
                        &format!("write `</{expected}>`"),
                        close,
                        &format!("</{expected}>"),
                    ));
                    self.fail(found);
                    self.close_top(close, name_span);
                    return;
                }
            }
            let mut found = error(
                "stray-end-tag",
                if name.is_empty() { close } else { name_span },
                format!("`</{name}>` closes nothing"),
            );
            found.fixes.push(Fix {
                title: "remove it".into(),
                edits: vec![Edit {
                    span: close,
                    new_text: String::new(),
                }],
                safe: false,
            });
            self.fail(found);
            self.leaf(NodeKind::Stray, close);
            return;
        };
        while self.open.len() > depth + 1 {
            self.close_unfinished(start as u32, Some(name_span));
        }
        self.close_top(close, name_span);
    }

    fn raw_name(&self, id: NodeId) -> &'t str {
        self.nodes
            .get(id.0 as usize)
            .map_or("", |n| n.name_span.of(self.text))
    }

    fn close_top(&mut self, close: Span, close_name: Span) {
        if let Some(open) = self.open.pop() {
            if let Some(node) = self.nodes.get_mut(open.id.0 as usize) {
                node.close = close;
                node.close_name = close_name;
                node.span.end = close.end;
            }
            self.unbind(open.bindings);
        }
    }

    fn close_unfinished(&mut self, at: u32, before: Option<Span>) {
        let Some(open) = self.open.last() else { return };
        let id = open.id;
        let name = self.raw_name(id);
        let span = self
            .nodes
            .get(id.0 as usize)
            .map_or(Span::empty(at), |n| n.name_span);
        // A tag that breaks off is one fault: its missing end tag is not a second one.
        let tag_broken = self
            .errors
            .iter()
            .rev()
            .take(4)
            .any(|e| e.code == "unclosed-tag" && e.span == span);
        if !tag_broken {
            let mut found = error("unclosed-element", span, format!("`<{name}>` is never closed"))
                .label(format!("`</{name}>` is missing"));
            if let Some(before) = before {
                found = found.note(FileId::default(), before, "it should end before this");
            }
            found.fixes.push(replace(
                &format!("insert `</{name}>`"),
                Span::empty(at),
                &format!("</{name}>"),
            ));
            self.fail(found);
        }
        self.close_top(Span::empty(at), Span::empty(at));
    }
}

fn replace(title: &str, span: Span, new_text: &str) -> Fix {
    Fix {
        title: title.into(),
        edits: vec![Edit {
            span,
            new_text: new_text.into(),
        }],
        safe: false,
    }
}

fn blank_node(kind: NodeKind, span: Span, parent: NodeId, name: NameId) -> Node {
    Node {
        kind,
        span,
        parent,
        first_child: None,
        next_sibling: None,
        name,
        name_span: Span::empty(span.start),
        first_attr: 0,
        attr_count: 0,
        open: span,
        close: Span::empty(span.end),
        close_name: Span::empty(span.end),
        self_closing: false,
        blank: false,
    }
}
