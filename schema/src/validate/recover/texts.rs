//! The sentences of one document's findings, each made once where it can come again. Knows no grammar and no tree.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::noted::{Line, Notes};

/// What a sentence is for; with two numbers (names, patterns) it says which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    NoElement,
    NotHere,
    CannotStand,
    Given,
    HoldsOnce,
    NeedsElement,
    NoAttribute,
    NoText,
    MayHold,
    Expected,
    StandsIn,
    BelongsTo,
    MeantElement,
    MeantAttribute,
    MeantValue,
    ChangeValue,
    RenameElement,
    RenameAttribute,
    RemoveElement,
    Move,
    RemoveAttribute,
    InsertElement,
}

/// The findings noted so far, and the sentences made for them.
#[derive(Debug, Default)]
pub struct Texts {
    made: FxHashMap<(Kind, u32, u32), Line>,
    pub notes: Notes,
}

impl Texts {
    /// The sentence of that key; `make` writes it. Where `keep` is false it will not be asked for again.
    pub fn say(&mut self, keep: bool, kind: Kind, a: u32, b: u32, make: impl FnOnce(&mut String)) -> Line {
        if !keep {
            return self.notes.write(make);
        }
        let notes = &mut self.notes;
        let made = self.made.entry((kind, a, b));
        *made.or_insert_with(|| notes.write(make))
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
