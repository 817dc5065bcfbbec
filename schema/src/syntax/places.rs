//! What the tree of a text in YAML, JSON or TOML knows of places in it, and which repairs can be written there. Reads no
//! mark-up itself.

use std::collections::BTreeMap;

use crate::diagnostic::Edit;
use crate::text::Span;

/// Places of a text that is not XML.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Where a repair may put another scalar, in the order of the text: inside the quotes where there are some.
    pub(crate) words: Vec<Span>,
    /// What stands for the name of an element that is an item of a list, in the order of the text, with that list's key.
    pub(crate) keys: Vec<(Span, Span)>,
    /// Numbers that are read as another text than they are written in, with that.
    pub(crate) numbers: BTreeMap<Span, Box<str>>,
}

impl Places {
    /// The key of the list whose item has this in place of a name.
    pub(crate) fn key(&self, head: Span) -> Option<Span> {
        let at = self.keys.binary_search_by_key(&head, |k| k.0).ok()?;
        self.keys.get(at).map(|k| k.1)
    }

    /// True where an edit can be made: one scalar for another, or a sign that is missing.
    pub(super) fn take(&self, text: &str, edit: &Edit) -> bool {
        let (old, new) = (edit.span.of(text), &*edit.new_text);
        let quoted = new.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
        let number = quoted == Some(old) && self.numbers.contains_key(&edit.span);
        // The sign of an attribute before a quoted key, or with quotes about a bare one.
        let sign = new == "@" && edit.span.is_empty();
        if number || sign {
            return true;
        }
        let Some(scalar) = self.scalar(edit.span) else {
            return false;
        };
        let signed = quoted.and_then(|t| t.strip_prefix('@'));
        if scalar == edit.span && signed.is_some_and(|name| name.bytes().all(is_plain) && !name.is_empty()) {
            return true;
        }
        let part = |start, end| Span::new(start, end).of(text);
        let (head, tail) = (
            part(scalar.start, edit.span.start),
            part(edit.span.end, scalar.end),
        );
        let whole = [head, new, tail].concat();
        // What is written in XML as a reference would be another text here.
        let speaks = |c: char| c.is_control() || matches!(c, '"' | '\'' | '\\' | '&' | '<');
        let fits = || in_quotes(text, scalar) || fits_bare(scalar.of(text), &whole);
        !whole.is_empty() && !new.contains(speaks) && fits()
    }

    /// The scalar that a place lies in.
    fn scalar(&self, place: Span) -> Option<Span> {
        let after = self.words.partition_point(|word| word.start <= place.start);
        let scalar = *self.words.get(after.checked_sub(1)?)?;
        (place.end <= scalar.end).then_some(scalar)
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'/')
}

/// The scalar stands in quotes.
fn in_quotes(text: &str, span: Span) -> bool {
    let before = text
        .get(..span.start as usize)
        .and_then(|t| t.chars().next_back());
    let after = text.get(span.end as usize..).and_then(|t| t.chars().next());
    before == after && matches!(before, Some('"' | '\''))
}

/// A scalar without quotes stays one, and one alone, as YAML 1.2.2 has it (7.3.3): what would end it or make it
/// something else may stand in it where it stood in the old one.
fn fits_bare(old: &str, new: &str) -> bool {
    let starts = new.bytes().next().is_some_and(is_plain) && !new.starts_with("- ");
    let ends = !new.ends_with([' ', ':']);
    let kept = |mark: &char| !",[]{}:#".contains(*mark) || old.contains(*mark);
    starts && ends && !new.contains(": ") && !new.contains(" #") && new.chars().all(|c| kept(&c))
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Fix;
    use crate::format::parse;

    #[test]
    fn a_repair_is_written_where_the_text_stays_what_it_is() {
        for (text, old, new, fits) in [
            (
                "image:\n  a: console=tty0 quit\n",
                "console=tty0 quit",
                "console=tty0 quiet",
                true,
            ),
            ("image:\n  a: Live, Dsk\n", "Live, Dsk", "Live,Disk", true),
            ("image:\n  a: quiet nomodset\n", "nomodset", "nomodeset", true),
            ("image:\n  a: quiet splash\n", " splash", "", true),
            ("image:\n  a: quiet splash\n", "splash", "#x", false),
            ("image:\n  a: quiet\n", "quiet", "", false),
            ("image:\n  a: Live\n", "Live", "Live,Disk", false),
            ("image:\n  a: 'Live'\n", "Live", "Live,Disk", true),
            ("image:\n  a: x\n", "x", "x: y", false),
            ("image:\n  a: x\n", "x", "x #y", false),
            ("image:\n  a: x\n", "x", "- y", false),
            ("image:\n  a: x\n", "x", "*y", false),
            ("image:\n  a: \"x\"\n", "x", "*y: z", true),
            ("image:\n  a: \"x\"\n", "x", "a\"b", false),
            ("{\"image\": {\"a\": \"x\"}}", "x", "a b", true),
            ("{\"image\": {\"a\": \"x\"}}", "x", "a\\b", false),
            ("{\"image\": {\"a\": \"x\"}}", "x", "a&amp;b", false),
        ] {
            let tree = parse(std::path::Path::new(""), text.as_bytes());
            assert!(tree.errors().is_empty(), "{text}");
            let at = text.find(old).unwrap() as u32;
            let span = crate::text::Span::new(at, at + old.len() as u32);
            assert_eq!(tree.takes(&Fix::change(span, new, false)), fits, "{text} {new}");
        }
    }
}
