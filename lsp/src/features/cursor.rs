//! What the cursor stands in, read from the bytes around it, so that it holds while the text is broken: an open
//! quote, half a tag, no end tag. Knows XML, not KIWI.

use apteryx_schema::Span;
use apteryx_schema::syntax::{NodeId, Tree};

/// A place in the mark-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// In a comment, a CDATA section or a declaration.
    Nothing,
    /// In the content of an element, after `>`.
    Content {
        /// From the start of the word before the cursor to the cursor.
        word: Span,
    },
    /// In the name of a start tag.
    ElementName {
        /// The name as far as it is there.
        name: Span,
    },
    /// In the name of an end tag.
    EndTag {
        /// The name as far as it is there.
        name: Span,
    },
    /// Where the name of an attribute stands or may stand.
    AttributeName {
        /// Byte of the tag's `<`.
        tag: u32,
        /// The element's name.
        element: Span,
        /// The name as far as it is there.
        name: Span,
    },
    /// In the value of an attribute, or where it is to stand.
    AttributeValue {
        /// Byte of the tag's `<`.
        tag: u32,
        /// The element's name.
        element: Span,
        /// The attribute's name.
        name: Span,
        /// The value; where its quote is open or absent, it ends with the cursor's word.
        value: Span,
        /// What stands around it.
        quote: Quote,
    },
}

/// The quotes around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// `image=oem`
    None,
    /// `image="oem`
    Open(char),
    /// `image="oem"`
    Closed(char),
}

/// True for a byte of a name.
pub fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.') || byte >= 0x80
}

/// Where the name that `from` stands in ends.
pub fn name_end(bytes: &[u8], from: usize) -> usize {
    from + bytes
        .get(from..)
        .unwrap_or(&[])
        .iter()
        .take_while(|b| is_name(**b))
        .count()
}

/// Reads the place at byte `offset`.
pub fn cursor(text: &str, offset: u32) -> Cursor {
    let at = (offset as usize).min(text.len());
    let span = |a: usize, b: usize| Span::new(a as u32, b as u32);
    let bytes = text.as_bytes();
    let Some(head) = text.get(..at) else {
        return Cursor::Nothing;
    };
    for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>")] {
        if let Some(start) = head.rfind(open)
            && !head.get(start + open.len()..).unwrap_or("").contains(close)
        {
            return Cursor::Nothing;
        }
    }
    let word = head.bytes().rev().take_while(|b| is_name(*b)).count();
    let content = Cursor::Content {
        word: span(at - word, at),
    };
    let Some(tag) = head.rfind('<') else {
        return content;
    };
    let start = tag + 1;
    match bytes.get(start) {
        Some(b'!' | b'?' | b'/') if at == start => return Cursor::Nothing,
        Some(b'!' | b'?') if at > start => {
            return if head.get(start..).unwrap_or("").contains('>') {
                content
            } else {
                Cursor::Nothing
            };
        }
        Some(b'/') if at > start => {
            let end = name_end(bytes, start + 1);
            return if at <= end {
                Cursor::EndTag {
                    name: span(start + 1, end),
                }
            } else {
                content
            };
        }
        _ => {}
    }
    let element_end = name_end(bytes, start);
    if at <= element_end {
        return Cursor::ElementName {
            name: span(start, element_end),
        };
    }
    let element = span(start, element_end);
    let tag = tag as u32;
    let mut i = element_end;
    let mut name = span(at, at);
    let mut equals = false;
    while i < at {
        match bytes.get(i).copied().unwrap_or(0) {
            b'>' => return content,
            quote @ (b'"' | b'\'') => {
                let from = i + 1;
                let rest = bytes.get(from..).unwrap_or(&[]);
                let end = rest
                    .iter()
                    .position(|b| *b == quote || *b == b'<')
                    .map_or(text.len(), |n| from + n);
                let closed = bytes.get(end) == Some(&quote);
                // A quote that another line's quote closes is an open one: `<type image="oem` and text below.
                let open = !closed || bytes.get(at.max(from)..end).is_some_and(|r| r.contains(&b'\n'));
                if at <= end || open {
                    let end = if open { name_end(bytes, at) } else { end };
                    return Cursor::AttributeValue {
                        tag,
                        element,
                        name,
                        value: span(from.min(end), end),
                        quote: if open {
                            Quote::Open(char::from(quote))
                        } else {
                            Quote::Closed(char::from(quote))
                        },
                    };
                }
                equals = false;
                i = end + 1;
            }
            b'=' => {
                equals = true;
                i += 1;
            }
            b if is_name(b) => {
                let end = name_end(bytes, i);
                if equals {
                    if at <= end {
                        return Cursor::AttributeValue {
                            tag,
                            element,
                            name,
                            value: span(i, end),
                            quote: Quote::None,
                        };
                    }
                    equals = false;
                    i = end;
                    continue;
                }
                name = span(i, end);
                if at <= end {
                    return Cursor::AttributeName { tag, element, name };
                }
                i = end;
            }
            _ => i += 1,
        }
    }
    // What begins right behind the cursor is another attribute, unless a value is due here.
    let quoted = matches!(bytes.get(at), Some(b'"' | b'\''));
    let ending = head.ends_with('/');
    match (equals, quoted || ending) {
        (true, true) => Cursor::Nothing,
        (false, _) if ending => Cursor::Nothing,
        (true, false) => Cursor::AttributeValue {
            tag,
            element,
            name,
            value: span(at, at),
            quote: Quote::None,
        },
        (false, _) => Cursor::AttributeName {
            tag,
            element,
            name: span(at, at),
        },
    }
}

/// The innermost element whose content holds `offset`; an element that starts there or after does not count.
pub fn parent_at(tree: &Tree, offset: u32) -> Option<NodeId> {
    let mut found = None;
    let mut here = tree.document();
    loop {
        let inner = tree
            .elements(here)
            .take_while(|id| tree.node(*id).open.start < offset)
            .filter(|id| {
                let node = tree.node(*id);
                let ended = node.self_closing || (!node.close.is_empty() && offset > node.close.start);
                node.open.end <= offset && !ended
            })
            .last();
        match inner {
            Some(id) => {
                found = Some(id);
                here = id;
            }
            None => return found,
        }
    }
}

/// The element whose start tag begins at byte `tag`.
pub fn element_at(tree: &Tree, tag: u32) -> Option<NodeId> {
    let parent = parent_at(tree, tag).unwrap_or(tree.document());
    tree.elements(parent).find(|id| tree.node(*id).open.start == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(marked: &str) -> String {
        let offset = marked.find("$0").unwrap() as u32;
        let text = marked.replacen("$0", "", 1);
        match cursor(&text, offset) {
            Cursor::Nothing => "nothing".into(),
            Cursor::Content { word } => format!("content {:?}", word.of(&text)),
            Cursor::ElementName { name } => format!("element {:?}", name.of(&text)),
            Cursor::EndTag { name } => format!("end {:?}", name.of(&text)),
            Cursor::AttributeName { element, name, .. } => {
                format!("attribute {:?} of {:?}", name.of(&text), element.of(&text))
            }
            Cursor::AttributeValue {
                element, name, value, ..
            } => format!(
                "value {:?} of {:?} of {:?}",
                value.of(&text),
                name.of(&text),
                element.of(&text)
            ),
        }
    }

    #[test]
    fn the_place_is_known_in_whole_and_in_broken_text() {
        for (text, place) in [
            ("<image>$0</image>", "content \"\""),
            ("<image><pack$0", "element \"pack\""),
            ("<image><pack$0ages/></image>", "element \"packages\""),
            ("<image></im$0", "end \"im\""),
            ("<type ima$0\n<size/>", "attribute \"ima\" of \"type\""),
            ("<type $0>", "attribute \"\" of \"type\""),
            ("<type $0image=\"oem\">", "attribute \"\" of \"type\""),
            ("<type image=\"oem\"$0>", "attribute \"\" of \"type\""),
            ("<type image=$0>", "value \"\" of \"image\" of \"type\""),
            (
                "<type image=o$0e x=\"\">",
                "value \"oe\" of \"image\" of \"type\"",
            ),
            ("<type image=$0\"oem\">", "nothing"),
            ("<type image=\"o$0\"/>", "value \"o\" of \"image\" of \"type\""),
            (
                "<type image=\"o$0\n  <size a=\"b\"/>",
                "value \"o\" of \"image\" of \"type\"",
            ),
            (
                "<type image=\"o$0\n  x=\"b\"/>",
                "value \"o\" of \"image\" of \"type\"",
            ),
            ("<type image='a' b=\"c\" $0/>", "attribute \"\" of \"type\""),
            ("<a><!-- <b$0 --></a>", "nothing"),
            ("<?xml $0?>", "nothing"),
            ("<?xml version=\"1.0\"?>\n$0", "content \"\""),
            ("", "content \"\""),
        ] {
            let text = if text.is_empty() { "$0" } else { text };
            assert_eq!(shown(text), place, "{text}");
        }
    }
}
