//! Attributes that are not well-formed: open quotes, missing values, junk. Each is one fault, and reading goes on
//! where the author most likely meant it to.

use memchr::memchr3;

use super::chars::{is_space, name_end};
use super::faults::{fault, insert, replace, shown};
use super::parse::Parser;
use super::tag::After;
use super::*;
use crate::diagnostic::{Edit, Fix};

impl Parser<'_> {
    /// A `<` at `at` in a value: where the value goes on behind it, its closing quote.
    #[cold]
    pub(super) fn close_behind(&self, value: usize, at: usize, quote: u8) -> Option<usize> {
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
    pub(super) fn less_than_in_value(&mut self, at: usize) {
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
    pub(super) fn unclosed_value(
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
        self.push_attr(
            at,
            name,
            value_end,
            quote + 1,
            value_end,
            chars::is_rewritten(value),
        );
        Some(After::Unclosed(value_end))
    }

    /// `name"value"`: a whole value at `quote`, if there is one, and nothing is missing but the `=` before it.
    #[cold]
    pub(super) fn without_equals(&mut self, at: usize, name: usize, quote: usize) -> Option<After> {
        let mark = Some(self.byte(quote)).filter(|b| matches!(b, b'"' | b'\''))?;
        let ends = |b: &u8| *b == mark || matches!(b, b'<' | b'>' | b'\n' | b'\r');
        let end = quote + 1 + self.bytes.get(quote + 1..)?.iter().position(ends)?;
        let after = self.byte(end + 1);
        if self.byte(end) != mark || !(is_space(after) || matches!(after, b'>' | b'/')) {
            return None;
        }
        let raw = shown(self.slice(at, name));
        let span = Span::new(at as u32, name as u32);
        self.faults.add(
            fault(
                "missing-value",
                span,
                format!("the attribute `{raw}` has no `=` before its value"),
            )
            .label(format!("expected `{raw}=`"))
            .fix(insert("insert `=`", name as u32, "=", true)),
        );
        let has_refs = chars::is_rewritten(self.slice(quote + 1, end));
        self.push_attr(at, name, end + 1, quote + 1, end, has_refs);
        Some(After::Here(end + 1))
    }

    /// An attribute of which only the name, or name and `=`, are there.
    #[cold]
    pub(super) fn without_value(&mut self, at: usize, name: usize, end: usize) -> After {
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
    pub(super) fn unquoted(&mut self, at: usize, name: usize, after_equals: usize, value: usize) -> After {
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
        self.push_attr(at, name, next, value, end, chars::is_rewritten(raw));
        After::Here(next)
    }

    /// Passes over what can start no attribute.
    #[cold]
    pub(super) fn junk(&mut self, at: usize) -> usize {
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
    pub(super) fn missing_space(&mut self, at: usize) {
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
