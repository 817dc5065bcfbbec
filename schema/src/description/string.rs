//! The strings of the model: mostly pieces of the text they were read from, which they share. A description of a
//! hundred thousand packages is read without an allocation for each. Knows nothing of what is in them.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use crate::text::Span;

/// A string that shares its bytes: a piece of a description's text, or one of its own.
#[derive(Clone, Default)]
pub struct Str {
    text: Arc<str>,
    /// The bytes of `text` that it is.
    part: Span,
}

impl Str {
    /// A piece of a text; empty where the span is none of its.
    pub fn piece(text: &Arc<str>, part: Span) -> Self {
        let part = text.get(part.start as usize..part.end as usize).map(|_| part);
        Self {
            text: text.clone(),
            part: part.unwrap_or_default(),
        }
    }

    /// The same string, sharing the text where it lies in it.
    pub fn of(text: &Arc<str>, string: &str) -> Self {
        let start = (string.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
        match start {
            Some(start) if start + string.len() <= text.len() => {
                Self::piece(text, Span::new(start as u32, (start + string.len()) as u32))
            }
            _ => string.into(),
        }
    }

    /// True for these bytes; the length is known without a look at the text.
    fn is(&self, other: &str) -> bool {
        self.part.len() as usize == other.len() && crate::syntax::is_same(self.bytes(), other.as_bytes())
    }

    fn bytes(&self) -> &[u8] {
        let bytes = self.text.as_bytes();
        bytes
            .get(self.part.start as usize..self.part.end as usize)
            .unwrap_or_default()
    }

    /// As a plain string slice.
    pub fn as_str(&self) -> &str {
        self
    }

    /// The string without the white space around it, as `str::trim`: most have none, which two bytes tell.
    #[inline]
    pub fn trim(&self) -> &str {
        let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        let bytes = self.bytes();
        if plain(bytes.first()) && plain(bytes.last()) {
            return self;
        }
        self.as_str().trim()
    }

    /// Without the white space around it.
    pub fn trimmed(&self) -> Self {
        let lead = (self.len() - self.trim_start().len()) as u32;
        let start = self.part.start + lead;
        Self {
            text: self.text.clone(),
            part: Span::new(start, start + self.trim().len() as u32),
        }
    }
}

impl Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
            .get(self.part.start as usize..self.part.end as usize)
            .unwrap_or("")
    }
}

impl From<Arc<str>> for Str {
    fn from(text: Arc<str>) -> Self {
        let part = Span::new(0, text.len() as u32);
        Self { text, part }
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        text.to_string()
    }
}

impl<T: ?Sized> AsRef<T> for Str
where
    str: AsRef<T>,
{
    fn as_ref(&self) -> &T {
        self.as_str().as_ref()
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.part.len() == other.part.len() && self.bytes() == other.bytes()
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.is(other)
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.is(other)
    }
}

impl PartialEq<String> for Str {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_the_bytes_it_names_and_nothing_where_it_names_none() {
        let text: Arc<str> = "name=\" größe \"".into();
        let piece = Str::piece(&text, Span::new(6, 15));
        assert_eq!((piece.as_str(), piece.trimmed().as_str()), (" größe ", "größe"));
        assert_eq!(Str::piece(&text, Span::new(10, 11)), "");
        assert_eq!(Str::piece(&text, Span::new(3, 300)), "");
        let shared = Str::of(&text, text[7..].trim_end_matches('"'));
        assert_eq!((shared.as_str(), shared.part), ("größe ", Span::new(7, 15)));
        assert_eq!(Str::of(&text, "size").as_str(), "size");
    }
}
