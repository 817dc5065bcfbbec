//! The sentences of one document's findings, each made once where it can come again. Knows no grammar and no tree.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHashMap;

use crate::noted::{Line, Notes, Phrase, WORD};
use crate::text::Span;

/// What a sentence is for; with two numbers (names, patterns) it says which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    NoElement,
    NotHere,
    CannotStand,
    Given,
    NeedsElement,
    NoAttribute,
    StrangeIn,
    ValueOfElement,
    ValueOfAttribute,
    ValueOfMeant,
    NoText,
    MayHold,
    Expected,
    StandsIn,
    BelongsTo,
    MeantElement,
    MeantAttribute,
    MeantValue,
    RemoveElement,
    Move,
    RemoveAttribute,
    InsertElement,
}

/// Which sentence it is.
#[derive(PartialEq, Eq)]
struct Key(Kind, u32, u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // In one word: it is looked for several times for each finding.
        state.write_u64(u64::from(self.1) << 37 ^ u64::from(self.2) << 5 ^ self.0 as u64);
    }
}

/// The findings noted so far, and the sentences made for them.
pub struct Texts {
    made: FxHashMap<Key, [Line; 2]>,
    pub notes: Notes,
}

impl Texts {
    /// None yet.
    pub fn new(notes: Notes) -> Self {
        Self {
            made: FxHashMap::default(),
            notes,
        }
    }

    /// The sentence of that key; `make` writes it. Where `keep` is false it will not be asked for again.
    pub fn say(&mut self, keep: bool, kind: Kind, a: u32, b: u32, make: impl FnOnce(&mut String)) -> Line {
        let [line, _] = self.say_both(keep, kind, a, b, make, |_| {});
        line
    }

    /// The two sentences of that key.
    pub fn say_both(
        &mut self,
        keep: bool,
        kind: Kind,
        a: u32,
        b: u32,
        one: impl FnOnce(&mut String),
        other: impl FnOnce(&mut String),
    ) -> [Line; 2] {
        let notes = &mut self.notes;
        if !keep {
            return [notes.write(one), notes.write(other)];
        }
        let made = self.made.entry(Key(kind, a, b));
        *made.or_insert_with(|| [notes.write(one), notes.write(other)])
    }

    /// A sentence about one word that stands there in the judged text: once for each word that comes again, else with
    /// the word put in when it is read. `frame` is written with each word in the place of [`WORD`].
    pub fn about(
        &mut self,
        keep: bool,
        (kind, a, b): (Kind, u32, u32),
        word: &str,
        at: Span,
        frame: impl Fn(&mut String, &str),
    ) -> Phrase {
        let whole = !word.is_empty() && word.len() <= LONG && at.of(self.notes.given()) == word;
        if keep || !whole {
            return self.say(keep, kind, a, b, |t| frame(t, &short(word))).into();
        }
        // No name has that number.
        let line = self.say(true, kind, u32::MAX, b, |t| {
            frame(t, WORD.encode_utf8(&mut [0; 4]));
        });
        Phrase::about(line, at)
    }

    /// A sentence of its own.
    pub fn line(&mut self, parts: &[&str]) -> Line {
        self.notes.write(|t| put(t, parts))
    }
}

/// Writes the parts one after the other.
pub fn put(text: &mut String, parts: &[&str]) {
    parts.iter().for_each(|p| text.push_str(p));
}

/// Longer names and values are cut in sentences, so that a thousand findings do not repeat a megabyte.
const LONG: usize = 200;

/// A name or value as a sentence shows it.
pub fn short(text: &str) -> Cow<'_, str> {
    if text.len() <= LONG {
        return Cow::Borrowed(text);
    }
    let mut end = LONG * 3 / 4;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or("")))
}

/// True where a name has a prefix, or may have.
pub fn has_colon(name: &str) -> bool {
    name.bytes().any(|b| b == b':')
}

/// The parts as one text, made at once.
pub fn join(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|p| p.len()).sum());
    put(&mut out, parts);
    out
}

/// `` `<name>` ``
pub fn tag(name: &str) -> String {
    join(&["`<", &short(name), ">`"])
}
