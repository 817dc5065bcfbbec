//! References and line ends: what written character data means. Must not build nodes.

use super::chars::{is_char, is_space, name_end};
use super::faults::{fault, insert, replace, shown, stray_ampersand};
use super::parse::Parser;
use crate::text::Span;

/// The character of a predefined entity.
pub(super) fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The character of `#10` or `#xA`, with its `#`.
pub(super) fn character(reference: &str) -> Option<char> {
    let digits = reference.strip_prefix('#')?;
    let code = match digits.strip_prefix('x') {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    char::from_u32(code).filter(|&c| is_char(c))
}

impl Parser<'_> {
    /// Reads the reference at `at`, with its faults. Gives where to go on, and whether it stands for white space.
    /// `value` says that it stands in an attribute's.
    #[cold]
    pub(super) fn reference(&mut self, at: usize, value: bool) -> (usize, bool) {
        if self.byte(at + 1) == b'#' {
            return self.character_reference(at);
        }
        let end = name_end(self.text, at + 1);
        let name = self.slice(at + 1, end);
        if self.byte(end) == b';' && !name.is_empty() {
            match self
                .entities
                .refuse(name, super::dtd::whole(at as u32, name), value)
            {
                None => {
                    if !self.entities.spend(name, self.text.len()) {
                        self.exhausted(at, name);
                    } else if !value {
                        self.entity_content(at, name);
                    }
                }
                Some(fault) if fault.code == "unknown-entity" => self.unknown_entity(at, end + 1, name),
                Some(fault) => self.faults.add(fault),
            }
            return (end + 1, false);
        }
        if predefined(name).is_some() {
            let span = Span::new(at as u32, end as u32);
            self.faults.add(
                fault(
                    "unclosed-reference",
                    span,
                    format!("`&{name}` is not closed by `;`"),
                )
                .fix(insert("insert `;`", end as u32, ";", true)),
            );
        } else {
            self.faults.add(stray_ampersand(at as u32));
        }
        (at + 1, false)
    }

    #[cold]
    fn exhausted(&mut self, at: usize, name: &str) {
        self.faults.add(
            fault(
                "entity-expansion",
                super::dtd::whole(at as u32, name),
                "the references of this text expand to many times its size",
            )
            .label("from here on they are not expanded"),
        );
    }

    /// The text of an entity is content of its own: its tags match within it. Each is read once.
    fn entity_content(&mut self, at: usize, name: &str) {
        let Some(inner) = self.entities.text(name) else {
            return;
        };
        if memchr::memchr3(b'<', b'&', b']', inner.as_bytes()).is_none() || self.entities.read.contains(name)
        {
            return;
        }
        let text = format!("<_>{inner}</_>");
        let mut within = Parser::new(&text);
        within.entities = std::mem::take(&mut self.entities);
        within.entities.read.insert(name.into());
        within.document();
        self.entities = std::mem::take(&mut within.entities);
        // A prefix may be declared around the reference.
        let bad = within.faults.list.iter().find(|f| f.code != "undeclared-prefix");
        if let Some(bad) = bad {
            let message = format!("the text of `&{};` is not well-formed", shown(name));
            let span = super::dtd::whole(at as u32, name);
            self.faults
                .add(fault("invalid-entity", span, message).help(bad.message.clone()));
        }
    }

    fn character_reference(&mut self, at: usize) -> (usize, bool) {
        let mut end = at + 2;
        while self.byte(end).is_ascii_alphanumeric() {
            end += 1;
        }
        let reference = self.slice(at + 1, end);
        let closed = self.byte(end) == b';';
        let good = character(reference);
        let all = Span::new(at as u32, (end + usize::from(closed)) as u32);
        match good {
            Some(c) if closed => return (end + 1, c.is_ascii() && is_space(c as u8)),
            Some(_) => self.faults.add(
                fault(
                    "unclosed-reference",
                    all,
                    format!("`&{reference}` is not closed by `;`"),
                )
                .fix(insert("insert `;`", end as u32, ";", true)),
            ),
            None => self.faults.add(
                fault(
                    "invalid-reference",
                    all,
                    format!("`{}` stands for no character", shown(all.of(self.text))),
                )
                .label("expected `&#` and a decimal number, or `&#x` and a hexadecimal one, then `;`"),
            ),
        }
        (at + 1, false)
    }

    fn unknown_entity(&mut self, at: usize, end: usize, name: &str) {
        let span = Span::new(at as u32, end as u32);
        let mut fault = fault(
            "unknown-entity",
            span,
            format!("there is no entity `{}`", shown(name)),
        );
        let near = ["lt", "gt", "amp", "quot", "apos"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name) || strsim::osa_distance(known, name) == 1);
        if let Some(near) = near {
            fault = fault.label(format!("did you mean `&{near};`?")).fix(replace(
                format!("replace with `&{near};`"),
                span,
                format!("&{near};"),
                true,
            ));
        } else if let Some(code) = html_entity(name) {
            fault = fault.label("an entity of HTML, unknown to XML").fix(replace(
                format!("replace with `&#{code};`"),
                span,
                format!("&#{code};"),
                true,
            ));
        } else {
            fault = fault.label("as text, `&` is written `&amp;`");
        }
        let amp = Span::new(at as u32, at as u32 + 1);
        self.faults
            .add(fault.fix(replace("replace `&` with `&amp;`", amp, "&amp;", false)));
    }
}

/// The entities of HTML that people write from habit.
fn html_entity(name: &str) -> Option<u32> {
    Some(match name {
        "nbsp" => 0xA0,
        "copy" => 0xA9,
        "reg" => 0xAE,
        "trade" => 0x2122,
        "hellip" => 0x2026,
        "ndash" => 0x2013,
        "mdash" => 0x2014,
        "euro" => 0x20AC,
        "auml" => 0xE4,
        "ouml" => 0xF6,
        "uuml" => 0xFC,
        "szlig" => 0xDF,
        _ => return None,
    })
}
