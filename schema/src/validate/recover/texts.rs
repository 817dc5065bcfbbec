//! The sentences of one document's findings, each made once where it can come again. Knows no grammar and no tree.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::words::Words;

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

/// The sentences made so far.
#[derive(Debug, Default)]
pub struct Texts {
    made: FxHashMap<(Kind, u32, u32), Arc<str>>,
}

impl Texts {
    /// The sentence of that key; `make` makes it. Where `keep` is false it will not be asked for again.
    pub fn say(&mut self, keep: bool, kind: Kind, a: u32, b: u32, make: impl FnOnce() -> String) -> Words {
        if !keep {
            return make().into();
        }
        let made = self.made.entry((kind, a, b)).or_insert_with(|| make().into());
        made.clone().into()
    }
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
    parts.iter().for_each(|p| out.push_str(p));
    out
}

/// `` `<name>` ``
pub fn tag(name: &str) -> String {
    join(&["`<", &short(name), ">`"])
}
