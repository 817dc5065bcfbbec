//! Start tags and their attributes, whole or half-typed. Must always move forward, and never past a `<` that may
//! start the next tag.

use memchr::memchr3;

use super::chars::{is_space, name_end, space_end};
use super::close::Broken;
use super::faults::{fault, insert, replace, shown, unclosed_tag};
use super::names::Prefix;
use super::parse::{MAX_DEPTH, Open, Parser};
use super::*;
use crate::diagnostic::{Edit, FileId, Fix};

/// How an attribute ended.
enum After {
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
                    if chars::name_end(self.text, at) == at {
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
            close_name: Span::empty(at as u32),
            self_closing: matches!(end, TagEnd::Empty),
            ..Node::new(NodeKind::Element, open, NodeId(0))
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
                return self.without_value(at, name, name);
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
        let mut has_refs = false;
        let mut end = quote + 1;
        let mut closes_at = None;
        let unclosed = loop {
            let found = self
                .bytes
                .get(end..)
                .and_then(|rest| memchr3(mark, b'<', b'&', rest));
            let Some(found) = found else {
                end = self.bytes.len();
                break true;
            };
            end += found;
            match self.byte(end) {
                b'&' => {
                    has_refs = true;
                    end = self.reference(end, true).0;
                }
                b'<' => {
                    closes_at = closes_at.or_else(|| self.close_behind(quote + 1, end, mark));
                    if closes_at.is_none() {
                        break true;
                    }
                    self.less_than_in_value(end);
                    end += 1;
                }
                _ => break false,
            }
        };
        // A well closed value is followed by white space or the end of the tag.
        if (unclosed || !matches!(self.byte(end + 1), b' ' | b'>' | b'/' | b'\n' | b'\r' | b'\t'))
            && let Some(after) = self.unclosed_value(at, name, quote, end, unclosed, faults)
        {
            return after;
        }
        self.push_attr(at, name, end + 1, quote + 1, end, has_refs);
        After::Here(end + 1)
    }

    #[inline]
    fn push_attr(
        &mut self,
        at: usize,
        name: usize,
        end: usize,
        value: usize,
        value_end: usize,
        has_refs: bool,
    ) {
        self.attrs.push(Attr {
            name: NameId(0),
            span: Span::new(at as u32, end as u32),
            name_span: Span::new(at as u32, name as u32),
            value_span: Span::new(value as u32, value_end as u32),
            owned_value: None,
            words: false,
            has_refs: has_refs
                || memchr3(b'\t', b'\n', b'\r', self.slice(value, value_end).as_bytes()).is_some(),
        });
    }

    /// A `<` at `at` in a value: where the value goes on behind it, its closing quote.
    #[cold]
    fn close_behind(&self, value: usize, at: usize, quote: u8) -> Option<usize> {
        let line = self.bytes.get(at..)?;
        let close = at + memchr3(quote, b'\n', b'\r', line).filter(|&n| line.get(n) == Some(&quote))?;
        let ends_well = matches!(
            self.byte(close + 1),
            b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'/' | 0
        );
        // `name="a>text<b c="` looks closed as well, but its quote opens the next value.
        let opens = self.slice(value, close).trim_end().ends_with('=');
        let crosses = self.slice(value, at).contains('\n');
        (ends_well && !opens && !crosses).then_some(close)
    }

    #[cold]
    fn less_than_in_value(&mut self, at: usize) {
        let span = Span::new(at as u32, at as u32 + 1);
        self.faults.add(
            fault(
                "less-than-in-value",
                span,
                "`<` may not stand in an attribute's value",
            )
            .label("it is written `&lt;`")
            .fix(replace("replace with `&lt;`", span, "&lt;", true)),
        );
    }

    /// The value from `quote` on seems not to be closed: at `end` stands a quote that closes nothing, or nothing.
    /// Gives where the tag goes on, or `None` where the quote is good after all. `faults` had been found before it.
    #[cold]
    fn unclosed_value(
        &mut self,
        at: usize,
        name: usize,
        quote: usize,
        end: usize,
        unclosed: bool,
        faults: usize,
    ) -> Option<After> {
        let whole = self.slice(quote + 1, end);
        let line_len = whole.find(['\n', '\r']).unwrap_or(whole.len());
        let line = whole.get(..line_len).unwrap_or("");
        // `a="x b="y"`: the quote belongs to the next attribute of the same tag.
        let next = swallowed_attribute(line).filter(|_| line_len == whole.len());
        let tag_end = line
            .find('>')
            .map(|gt| gt - usize::from(line.get(..gt).is_some_and(|l| l.ends_with('/'))));
        if !unclosed && next.is_none() {
            let after = name_end(self.text, end + 1);
            let attribute_follows = after > end + 1 && self.byte(after) == b'=';
            if tag_end.is_none() || attribute_follows {
                return None;
            }
        }
        let len = next.unwrap_or(line.len()).min(tag_end.unwrap_or(line.len()));
        let value = line.get(..len).unwrap_or("").trim_end();
        let value_end = quote + 1 + value.len();
        let mark = if self.byte(quote) == b'"' { "\"" } else { "'" };
        let span = Span::new(quote as u32, value_end as u32);
        // References behind the end have been told too early: they are no part of the value.
        let early = self.faults.list.split_off(faults.min(self.faults.list.len()));
        self.faults
            .list
            .extend(early.into_iter().filter(|f| f.span.start < value_end as u32));
        let attribute = shown(self.slice(at, name));
        self.faults.add(
            fault(
                "unclosed-quote",
                span,
                format!("the value of `{attribute}` has no closing quote"),
            )
            .label(format!("expected `{mark}` at its end"))
            .fix(insert(
                format!("insert `{mark}`"),
                value_end as u32,
                mark,
                !value.contains(char::is_whitespace),
            )),
        );
        self.push_attr(at, name, value_end, quote + 1, value_end, value.contains('&'));
        Some(After::Unclosed(value_end))
    }

    /// An attribute of which only the name, or name and `=`, are there.
    #[cold]
    fn without_value(&mut self, at: usize, name: usize, end: usize) -> After {
        let raw = self.slice(at, name);
        let text = if end > name { "\"\"" } else { "=\"\"" };
        self.faults.add(
            fault(
                "missing-value",
                Span::new(at as u32, name as u32),
                format!("the attribute `{}` has no value", shown(raw)),
            )
            .label(format!("expected `{}=\"...\"`", shown(raw)))
            .fix(insert("insert an empty value", end as u32, text, false)),
        );
        self.push_attr(at, name, end, end, end, false);
        After::Here(end)
    }

    /// Behind `=` stands no quote.
    #[cold]
    fn unquoted(&mut self, at: usize, name: usize, after_equals: usize, value: usize) -> After {
        let mut end = value;
        while let Some(&b) = self.bytes.get(end) {
            let ends_tag = b == b'/' && self.byte(end + 1) == b'>';
            if is_space(b) || matches!(b, b'>' | b'<' | b'"' | b'\'') || ends_tag {
                break;
            }
            end += 1;
        }
        // `a= b="c"`: what follows is the next attribute.
        let raw = self.slice(value, end);
        let is_next =
            value > after_equals && raw.find('=').is_some_and(|eq| name_end(raw, 0) == eq && eq > 0);
        if end == value || is_next {
            return self.without_value(at, name, after_equals);
        }
        let has_end_quote = matches!(self.byte(end), b'"' | b'\'');
        let (next, mark) = match self.byte(end) {
            b'\'' => (end + 1, "'"),
            b'"' => (end + 1, "\""),
            _ => (end, "\""),
        };
        let mut edits = vec![Edit {
            span: Span::empty(value as u32),
            new_text: mark.into(),
        }];
        if !has_end_quote {
            edits.push(Edit {
                span: Span::empty(end as u32),
                new_text: mark.into(),
            });
        }
        let span = Span::new(value as u32, end as u32);
        self.faults.add(
            fault(
                "unquoted-value",
                span,
                format!("the value of `{}` needs quotes", shown(self.slice(at, name))),
            )
            .label("expected a quote before and after it")
            .fix(Fix {
                title: "put it in quotes".into(),
                edits,
                safe: true,
            }),
        );
        self.push_attr(at, name, next, value, end, raw.contains('&'));
        After::Here(next)
    }

    /// Passes over what can start no attribute.
    #[cold]
    fn junk(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let mut end = at;
        for c in rest.chars() {
            let ends_tag = c == '/' && self.byte(end + 1) == b'>';
            if c == '>' || c == '<' || ends_tag || (c.is_ascii() && is_space(c as u8)) {
                break;
            }
            if end > at && chars::is_name_start(c) {
                break;
            }
            end += c.len_utf8();
        }
        let span = Span::new(at as u32, end as u32);
        self.faults.add(
            fault(
                "unexpected-character",
                span,
                format!("`{}` may not stand in a tag", shown(span.of(self.text))),
            )
            .label("expected an attribute, `>` or `/>`")
            .fix(replace("remove it", span, "", false)),
        );
        end
    }

    #[cold]
    fn missing_space(&mut self, at: usize) {
        // Rubbish gets a fault of its own.
        if name_end(self.text, at) == at {
            return;
        }
        let span = Span::new(at as u32, name_end(self.text, at) as u32);
        self.faults.add(
            fault(
                "missing-space",
                span,
                format!("white space is missing before `{}`", shown(span.of(self.text))),
            )
            .fix(insert("insert a space", at as u32, " ", true)),
        );
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
            self.faults.add(
                fault(
                    "bad-name",
                    span,
                    format!("`{}` is no name with a prefix", shown(raw)),
                )
                .label("expected one colon with a name on either side"),
            );
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

/// Where in an unclosed value the next attribute starts, white space before it included: `x b=` gives 1.
fn swallowed_attribute(line: &str) -> Option<usize> {
    let head = line.trim_end().strip_suffix('=')?.trim_end();
    let name_at = head.rfind(|c: char| !chars::is_name_char(c)).map(|at| at + 1)?;
    let before = head.get(..name_at)?;
    let name = head.get(name_at..)?;
    let trimmed = before.trim_end();
    (name_end(name, 0) == name.len() && !name.is_empty() && trimmed.len() < before.len())
        .then_some(trimmed.len())
}
