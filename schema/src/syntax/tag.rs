//! Start tags and their attributes, whole or half-typed. Must always move forward, and never past a `<` that may
//! start the next tag.

use memchr::memchr3;

use super::chars::{is_space, name_end, space_end};
use super::close::Broken;
use super::faults::{fault, replace, shown, unclosed_tag};
use super::names::Prefix;
use super::parse::{MAX_DEPTH, Open, Parser};
use super::*;
use crate::diagnostic::{FileId, Source};

/// How an attribute ended.
pub(super) enum After {
    /// Well, or with a fault that ends there.
    Here(usize),
    /// A quote was never closed; the fault has been told, and covers a missing `>`.
    Unclosed(usize),
}

/// How a start tag ended.
enum TagEnd {
    Open,
    Empty,
    /// Without `>`; told already or not.
    Broken {
        told: bool,
    },
}

impl<'t> Parser<'t> {
    /// Reads the start tag at `pos`, which has a name.
    pub(super) fn start_tag(&mut self) {
        let start = self.pos;
        let name_end = name_end(self.text, start + 1);
        let first_attr = self.attrs.len();
        let mut declares = false;
        let mut told = false;
        let mut last_faults = self.faults.list.len();
        let mut at = name_end;
        let mut token_end = at;
        let end = loop {
            let space = at;
            at = space_end(self.bytes, at);
            match self.byte(at) {
                b'>' => {
                    at += 1;
                    break TagEnd::Open;
                }
                b'/' if self.byte(at + 1) == b'>' => {
                    at += 2;
                    break TagEnd::Empty;
                }
                b'<' => break TagEnd::Broken { told },
                0 if at >= self.bytes.len() => break TagEnd::Broken { told },
                b => {
                    last_faults = self.faults.list.len();
                    if space == at && at > name_end {
                        self.missing_space(at);
                    }
                    if !chars::starts_name(self.text, at) {
                        at = self.junk(at);
                        token_end = at;
                        continue;
                    }
                    declares |= b == b'x' && self.is_declaration(at);
                    at = match self.attribute(at) {
                        After::Here(at) => at,
                        After::Unclosed(at) => {
                            told = true;
                            at
                        }
                    };
                    token_end = at;
                }
            }
        };
        if let TagEnd::Broken { told } = end {
            at = token_end;
            while matches!(self.byte(at), b' ' | b'\t') {
                at += 1;
            }
            if !told {
                // A half-typed tag is one fault, whatever its last attribute lacks.
                self.faults.list.truncate(last_faults);
            }
        }
        self.finish_start_tag(start, name_end, at, first_attr, declares, end, token_end);
    }

    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn finish_start_tag(
        &mut self,
        start: usize,
        name_end: usize,
        at: usize,
        first_attr: usize,
        declares: bool,
        end: TagEnd,
        token_end: usize,
    ) {
        let mark = self.scope.mark();
        let raw = self.slice(start + 1, name_end);
        if declares {
            self.declare(raw, first_attr);
        }
        if !self.entities.words.is_empty() {
            self.mark_words(raw, first_attr);
        }
        let name_span = Span::new(start as u32 + 1, name_end as u32);
        let (name, prefix) = self.scope.element(&mut self.names, raw);
        if prefix != Prefix::Good {
            self.bad_prefix(raw, name_span, prefix);
        }
        if self.attrs.len() > first_attr {
            self.name_attributes(first_attr);
        }
        if self.outside() {
            if self.has_root {
                self.outside_fault(name_span, "a second element");
            }
            self.has_root = true;
        }
        let open = Span::new(start as u32, at as u32);
        let id = self.add(Node {
            name,
            name_span,
            first_attr: first_attr as u32,
            attr_count: (self.attrs.len() - first_attr) as u32,
            open,
            close: Span::empty(at as u32),
            self_closing: matches!(end, TagEnd::Empty),
            ..Node::new(NodeKind::Element, open, NodeId::DOCUMENT)
        });
        self.pos = at;
        match end {
            TagEnd::Open => {
                self.stack.push(Open {
                    node: id,
                    last_child: None,
                    mark,
                });
                if self.stack.len() == MAX_DEPTH + 2 {
                    self.too_deep(name_span);
                }
            }
            TagEnd::Empty => self.scope.restore(mark),
            TagEnd::Broken { told } => {
                if !told {
                    self.faults
                        .add(unclosed_tag(raw, name_span, token_end as u32, false));
                }
                self.scope.restore(mark);
                self.broken.push(Broken {
                    node: id,
                    depth: self.stack.len() as u32,
                });
            }
        }
    }

    /// Marks the attributes whose values are declared to be words.
    #[cold]
    fn mark_words(&mut self, element: &str, first_attr: usize) {
        for attr in self.attrs.get_mut(first_attr..).unwrap_or(&mut []) {
            let name = attr.name_span.of(self.text);
            attr.words = self.entities.are_words(element, name);
        }
    }

    /// True where the attribute name at `at` is `xmlns` or starts with `xmlns:`.
    fn is_declaration(&self, at: usize) -> bool {
        self.starts(at, "xmlns") && {
            let end = name_end(self.text, at);
            end == at + 5 || self.byte(at + 5) == b':'
        }
    }

    /// Reads the attribute at `at`, which has a name.
    #[inline]
    fn attribute(&mut self, at: usize) -> After {
        let name = name_end(self.text, at);
        let mut equals = name;
        if self.byte(equals) != b'=' {
            equals = space_end(self.bytes, equals);
            if self.byte(equals) != b'=' {
                return self
                    .without_equals(at, name, equals)
                    .unwrap_or_else(|| self.without_value(at, name, name));
            }
        }
        let mut quote = equals + 1;
        if is_space(self.byte(quote)) {
            quote = space_end(self.bytes, quote);
        }
        let mark = self.byte(quote);
        if mark != b'"' && mark != b'\'' {
            return self.unquoted(at, name, equals + 1, quote);
        }
        let faults = self.faults.list.len();
        let mut end = quote + 1 + chars::plain(self.bytes, quote + 1);
        // Nearly all values are short and plain.
        let plain = self.byte(end) == mark;
        let mut unclosed = false;
        if !plain {
            (end, unclosed) = self.value_end(quote + 1, mark);
        }
        // A well closed value is followed by white space or the end of the tag.
        if (unclosed || !matches!(self.byte(end + 1), b' ' | b'>' | b'/' | b'\n' | b'\r' | b'\t'))
            && let Some(after) = self.unclosed_value(at, name, quote, end, unclosed, faults)
        {
            return after;
        }
        let has_refs = !plain && chars::is_rewritten(self.slice(quote + 1, end));
        self.push_attr(at, name, end + 1, quote + 1, end, has_refs);
        After::Here(end + 1)
    }

    /// Where the value that begins at `start` ends, and whether it does so without the quotation mark.
    fn value_end(&mut self, start: usize, mark: u8) -> (usize, bool) {
        let mut end = start;
        let mut closes_at = None;
        loop {
            let found = self
                .bytes
                .get(end..)
                .and_then(|rest| memchr3(mark, b'<', b'&', rest));
            let Some(found) = found else {
                return (self.bytes.len(), true);
            };
            end += found;
            match self.byte(end) {
                b'&' => end = self.reference(end, true).0,
                b'<' => {
                    closes_at = closes_at.or_else(|| self.close_behind(start, end, mark));
                    if closes_at.is_none() {
                        return (end, true);
                    }
                    self.less_than_in_value(end);
                    end += 1;
                }
                _ => return (end, false),
            }
        }
    }

    #[inline]
    pub(super) fn push_attr(
        &mut self,
        at: usize,
        name: usize,
        end: usize,
        value: usize,
        value_end: usize,
        has_refs: bool,
    ) {
        let attr = Attr {
            name: NameId(0),
            span: Span::new(at as u32, end as u32),
            name_span: Span::new(at as u32, name as u32),
            value_span: Span::new(value as u32, value_end as u32),
            owned_value: None,
            words: false,
            has_refs,
        };
        self.attrs.push(attr);
    }

    /// Resolves the names of the attributes from `first_attr` on, and finds those given twice.
    #[inline]
    fn name_attributes(&mut self, first_attr: usize) {
        for index in first_attr..self.attrs.len() {
            let Some(attr) = self.attrs.get(index) else { break };
            let span = attr.name_span;
            let raw = self.slice(span.start as usize, span.end as usize);
            let (name, prefix) = self.scope.attribute(&mut self.names, raw);
            if let Some(attr) = self.attrs.get_mut(index) {
                attr.name = name;
            }
            if prefix != Prefix::Good {
                self.bad_prefix(raw, span, prefix);
            }
        }
        let (_, own) = self.attrs.split_at(first_attr.min(self.attrs.len()));
        let doubled = if own.len() <= 12 {
            own.iter()
                .enumerate()
                .any(|(n, a)| own.iter().take(n).any(|b| b.name == a.name))
        } else {
            true
        };
        if doubled {
            self.duplicates(first_attr);
        }
    }

    #[cold]
    fn duplicates(&mut self, first_attr: usize) {
        let mut first = rustc_hash::FxHashMap::default();
        let (_, own) = self.attrs.split_at(first_attr.min(self.attrs.len()));
        for attr in own {
            let Some(&other) = first.get(&attr.name) else {
                first.insert(attr.name, attr.name_span);
                continue;
            };
            let raw = shown(attr.name_span.of(self.text));
            let before = self.text.get(..attr.span.start as usize).unwrap_or("");
            let from = before.trim_end_matches([' ', '\t', '\r', '\n']).len() as u32;
            let span = Span::new(from, attr.span.end);
            self.faults.add(
                fault(
                    "duplicate-attribute",
                    attr.name_span,
                    format!("the attribute `{raw}` is given twice"),
                )
                .label("an element has each attribute once")
                .note(FileId::default(), other, "first given here")
                .fix(replace("remove the second", span, "", false)),
            );
        }
    }

    #[cold]
    fn bad_prefix(&mut self, raw: &str, span: Span, found: Prefix) {
        let prefix = raw.split(':').next().unwrap_or("");
        if found == Prefix::Malformed {
            let mut bad = fault(
                "bad-name",
                span,
                format!("`{}` is no name with a prefix", shown(raw)),
            )
            .label("expected one colon with a name on either side");
            if names::colon_is_a_letter(raw) || self.entities.colons.contains(raw) {
                bad.source = Source::Schema;
            }
            self.faults.add(bad);
            return;
        }
        let span = Span::new(span.start, span.start + prefix.len() as u32);
        self.faults.add(
            fault(
                "undeclared-prefix",
                span,
                format!("the prefix `{}` is not declared", shown(prefix)),
            )
            .label(format!("no `xmlns:{}` here or above", shown(prefix))),
        );
    }
}
