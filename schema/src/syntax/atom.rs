//! Strings that come again and again: names of elements and attributes, and their namespaces. The first short ones that
//! a process meets are kept for good, so that no later text needs memory for them; all others share their bytes.
//! Knows no vocabulary, and judges no name.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// So many words are kept, at most: what they take stays small whatever texts a server is shown.
const MOST: usize = 1 << 12;

/// Longer ones are not, in bytes.
const LONGEST: usize = 64;

/// Those kept, each at the place of its hash; the first that comes has it.
static KEPT: [OnceLock<Box<str>>; MOST] = [const { OnceLock::new() }; MOST];

/// A string that is cheap to copy.
#[derive(Clone)]
pub struct Atom(Held);

#[derive(Clone)]
enum Held {
    Kept(&'static str),
    Shared(Arc<str>),
}

impl Atom {
    /// The empty one.
    pub const EMPTY: Self = Self(Held::Kept(""));

    /// Of a string and its hash, whatever hash that is: equal strings are to have equal ones.
    pub(super) fn hashed(word: &str, hash: u64) -> Self {
        // The hasher leaves most to the upper bits.
        let place = (hash >> 32) as usize % MOST;
        let kept = (word.len() <= LONGEST).then(|| KEPT.get(place)).flatten();
        let kept = kept.map(|place| place.get_or_init(|| word.into()));
        match kept {
            Some(kept) if **kept == *word => Self(Held::Kept(kept)),
            _ => Self(Held::Shared(word.into())),
        }
    }

    /// As a plain string slice.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Held::Kept(word) => word,
            Held::Shared(word) => word,
        }
    }
}

impl Default for Atom {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Deref for Atom {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Atom {
    fn from(word: &str) -> Self {
        Self(Held::Shared(word.into()))
    }
}

impl From<String> for Atom {
    fn from(word: String) -> Self {
        Self(Held::Shared(word.into()))
    }
}

impl From<Arc<str>> for Atom {
    fn from(word: Arc<str>) -> Self {
        Self(Held::Shared(word))
    }
}

impl Borrow<str> for Atom {
    fn borrow(&self) -> &str {
        self
    }
}

impl AsRef<str> for Atom {
    fn as_ref(&self) -> &str {
        self
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for Atom {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let (own, other) = (self.as_str(), other.as_str());
        own.len() == other.len() && (own.as_ptr() == other.as_ptr() || own == other)
    }
}

impl Eq for Atom {}

impl PartialOrd for Atom {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Atom {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for Atom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// True for the same bytes. Most strings that are compared differ in length or in their first byte.
#[inline]
pub(crate) fn is(own: &[u8], other: &[u8]) -> bool {
    own.len() == other.len() && own.first() == other.first() && own == other
}

impl PartialEq<str> for Atom {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        is(self.as_bytes(), other.as_bytes())
    }
}

impl PartialEq<&str> for Atom {
    #[inline]
    fn eq(&self, other: &&str) -> bool {
        is(self.as_bytes(), other.as_bytes())
    }
}

impl PartialEq<String> for Atom {
    fn eq(&self, other: &String) -> bool {
        is(self.as_bytes(), other.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_it_was_made_of_whether_it_is_kept_or_not() {
        let long = "x".repeat(LONGEST + 1);
        for word in ["", "a", "größe", &long] {
            for hash in [0, u64::MAX, 7 << 32] {
                let own = Atom::hashed(word, hash);
                assert_eq!(own, *word);
                assert_eq!(own, Atom::from(word.to_owned()));
            }
        }
        // The first of a place has it.
        let (first, other) = (Atom::hashed("one", 9 << 40), Atom::hashed("two", 9 << 40));
        assert_eq!((first.as_str(), other.as_str()), ("one", "two"));
        assert_ne!(first, other);
    }
}
