//! Mark-up that is no tag: comments, CDATA sections, processing instructions, the document type declaration; and
//! characters that XML forbids. Each ends somewhere, closed or not.

use super::chars::{is_space, name_end};
use super::faults::{fault, insert, replace};
use super::names::has_prefix;
use super::parse::Parser;
use super::*;
use crate::diagnostic::Source;

fn double_hyphen(text: &str, at: usize, close: usize) -> Diagnostic {
    let run = text.get(at..close).unwrap_or("");
    let len = run.len() - run.trim_start_matches('-').len();
    let span = Span::new(at as u32, (at + len.max(2)) as u32);
    fault("comment-dashes", span, "`--` may not stand within a comment").label("one hyphen, or other words")
}

impl Parser<'_> {
    /// `<!`: a comment, a CDATA section, a document type declaration, or nothing known.
    pub(super) fn declaration(&mut self) {
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

    pub(super) fn line_end(&self, from: usize) -> usize {
        self.bytes
            .get(from..)
            .and_then(|rest| memchr::memchr2(b'\n', b'\r', rest))
            .map_or(self.bytes.len(), |at| from + at)
    }

    pub(super) fn comment(&mut self) {
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

    pub(super) fn cdata(&mut self) {
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

    pub(super) fn instruction(&mut self) {
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
    pub(super) fn instruction_faults(&mut self, at: usize, name: usize, end: usize) {
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
            let mut bad = fault(
                "bad-name",
                span,
                format!("the name `{target}` of an instruction may not have a colon"),
            );
            if !has_prefix(target) {
                bad.source = Source::Schema;
            }
            self.faults.add(bad);
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

    pub(super) fn misplaced_declaration(&mut self, at: usize, span: Span) {
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
    pub(super) fn doctype(&mut self) {
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
        if faults.is_empty() && self.stands_alone() {
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
    pub(super) fn stands_alone(&self) -> bool {
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
    pub(super) fn forbidden_characters(&mut self) {
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
