//! What is near a misspelt word, by slips of the keyboard. Knows no grammar, and says nothing.

use std::cmp::Reverse;
use std::sync::Arc;

use super::words::MOST;

/// No word is near that is farther.
const MOST_SLIPS: u32 = 3;

/// So many slips make a near word, where the longer one has so many characters.
#[inline]
fn most_slips(longest: u32) -> u32 {
    match longest {
        0..=3 => 1,
        4..=8 => 2,
        _ => MOST_SLIPS,
    }
}

/// Words with more characters are measured by their outlines alone.
const LONG: u32 = 256;

/// What can be told of a word at a glance, to leave out those that cannot be near another.
#[derive(Debug, Clone, Copy)]
pub struct Outline {
    chars: u32,
    /// A bit for each character that it has; those beyond ASCII share them, so that less is told of them.
    letters: u64,
}

impl Outline {
    /// The outline of a word.
    pub fn of(word: &str) -> Self {
        if word.is_ascii() {
            return Self {
                chars: word.len() as u32,
                letters: word.bytes().fold(0, |all, b| all | 1 << (b & 63)),
            };
        }
        let add = |all: Self, c: char| Self {
            chars: all.chars + 1,
            letters: all.letters | 1 << (u32::from(c) & 63),
        };
        let none = Self { chars: 0, letters: 0 };
        word.chars().fold(none, add)
    }

    /// Two words are at least so far apart: a slip takes away, puts in or changes one character.
    fn least(self, other: Outline) -> u32 {
        let (a, b) = (self.letters, other.letters);
        let letters = (a & !b).count_ones().max((b & !a).count_ones());
        self.chars.abs_diff(other.chars).max(letters)
    }

    /// The word has these bytes, and no character has more than one.
    fn is_ascii(self, word: &str) -> bool {
        self.chars as usize == word.len()
    }
}

/// A word with what measures its distance from others: by slips of the keyboard (a character too many, one missing,
/// a wrong one, two exchanged).
pub struct Given<'a> {
    word: &'a str,
    outline: Outline,
    /// It may be another one of one letter.
    short: bool,
    /// By letter of ASCII: a bit for each place where the word has it.
    columns: Option<[u64; 128]>,
    /// How many words were looked at closely.
    measured: usize,
}

/// By letter: a bit for each place where the word has it.
fn columns(word: &str) -> [u64; 128] {
    let mut all = [0; 128];
    for (at, b) in word.bytes().enumerate() {
        if let Some(column) = all.get_mut(b as usize) {
            *column |= 1 << at;
        }
    }
    all
}

/// How much two words have in common at the beginning, and what is left where they begin and end alike: no slip is there.
fn unlike<'w, T: PartialEq>(a: &'w [T], b: &'w [T]) -> (usize, &'w [T], &'w [T]) {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(head..).unwrap_or_default(),
        b.get(head..).unwrap_or_default(),
    );
    let tail = a.iter().rev().zip(b.iter().rev());
    let tail = tail.take_while(|(x, y)| x == y).count();
    let cut = |w: &'w [T]| w.get(..w.len() - tail).unwrap_or_default();
    (head, cut(a), cut(b))
}

/// What is left of two words where they begin and end alike.
fn unlike_chars<'w>(a: &'w str, b: &'w str) -> (&'w str, &'w str) {
    let same = |(x, y): &(char, char)| x == y;
    let bytes = |(x, _): (char, char)| x.len_utf8();
    let head: usize = a.chars().zip(b.chars()).take_while(same).map(bytes).sum();
    let (a, b) = (a.get(head..).unwrap_or(""), b.get(head..).unwrap_or(""));
    let tail = a.chars().rev().zip(b.chars().rev());
    let tail: usize = tail.take_while(same).map(bytes).sum();
    let cut = |w: &'w str| w.get(..w.len() - tail).unwrap_or("");
    (cut(a), cut(b))
}

/// The slips between short words that neither begin nor end alike.
fn slips_at_a_glance<T: PartialEq>(a: &[T], b: &[T]) -> Option<u32> {
    match (a, b) {
        ([], rest) | (rest, []) => Some(rest.len() as u32),
        ([_], [_]) => Some(1),
        ([x, y], [v, w]) => Some(if x == w && y == v { 1 } else { 2 }),
        _ => None,
    }
}

/// The slips between a word of 1 to 64 characters and another, in as many columns at once (Hyyrö, "A bit-vector
/// algorithm for computing Levenshtein and Damerau edit distances", 2003); `places` has a bit for each place where the
/// word has a character.
fn slips<T>(chars: usize, other: impl Iterator<Item = T>, places: impl Fn(T) -> u64) -> u32 {
    let mut distance = chars as u32;
    let last = 1u64 << (chars - 1);
    let (mut plus, mut minus, mut diagonal, mut before) = (u64::MAX, 0u64, 0u64, 0u64);
    for b in other {
        let own = places(b);
        let exchanged = ((!diagonal & own) << 1) & before;
        diagonal = ((own & plus).wrapping_add(plus) ^ plus) | own | minus | exchanged;
        let (mut up, mut down) = (minus | !(diagonal | plus), diagonal & plus);
        distance += u32::from(up & last != 0);
        distance -= u32::from(down & last != 0);
        (up, down) = (up << 1 | 1, down << 1);
        (plus, minus) = (down | !(diagonal | up), up & diagonal);
        before = own;
    }
    distance
}

impl<'a> Given<'a> {
    /// Prepares a word.
    pub fn new(word: &'a str) -> Self {
        let outline = Outline::of(word);
        Self {
            word,
            outline,
            short: false,
            columns: None,
            measured: 0,
        }
    }

    /// The same of a name: one of a single letter is near all others.
    pub fn of_name(word: &'a str) -> Self {
        let short = true;
        Self {
            short,
            ..Self::new(word)
        }
    }

    fn distance(&mut self, other: &str, outline: Outline) -> u32 {
        if self.outline.chars.max(outline.chars) > LONG {
            return self.outline.least(outline);
        }
        if !(1..=64).contains(&self.outline.chars) {
            return strsim::osa_distance(self.word, other) as u32;
        }
        if !self.outline.is_ascii(self.word) || !outline.is_ascii(other) {
            return self.distance_of_chars(other);
        }
        let (head, a, b) = unlike(self.word.as_bytes(), other.as_bytes());
        slips_at_a_glance(a, b).unwrap_or_else(|| {
            let columns = self.columns.get_or_insert_with(|| columns(self.word));
            let places = |b: u8| columns.get(b as usize).copied().unwrap_or(0) >> head;
            slips(a.len(), b.iter().copied(), places)
        })
    }

    fn distance_of_chars(&self, other: &str) -> u32 {
        let (a, b) = unlike_chars(self.word, other);
        let (mut own, mut count) = (['\0'; 64], 0);
        for (place, c) in own.iter_mut().zip(a.chars()) {
            *place = c;
            count += 1;
        }
        if count == 0 || b.is_empty() {
            return (count + b.chars().count()) as u32;
        }
        let own = own.get(..count).unwrap_or_default();
        let places = |b: char| {
            (0..)
                .zip(own)
                .fold(0, |all, (at, x)| all | u64::from(*x == b) << at)
        };
        slips(count, b.chars(), places)
    }

    fn is_near(&self, distance: u32, outline: Outline) -> bool {
        let longest = self.outline.chars.max(outline.chars);
        distance <= most_slips(longest) && (distance < longest || self.short && longest == 1)
    }

    /// What cannot be near: a quick look, which is what most words get.
    #[inline]
    pub fn is_far(&self, outline: Outline) -> bool {
        let most = most_slips(self.outline.chars.max(outline.chars));
        if self.outline.chars.abs_diff(outline.chars) > most {
            return true;
        }
        let (a, b) = (self.outline.letters, outline.letters);
        // Whether more letters are left when so many are taken away.
        let more = |mut letters: u64| {
            for _ in 0..most {
                letters &= letters.wrapping_sub(1);
            }
            letters != 0
        };
        more(a & !b) || more(b & !a)
    }

    /// How far another word is, none where too far for a slip of the keyboard.
    pub fn near(&mut self, other: &str, outline: Outline) -> Option<u32> {
        if self.is_far(outline) {
            return None;
        }
        self.measured += 1;
        let d = self.distance(other, outline);
        self.is_near(d, outline).then_some(d)
    }

    /// What it cost to look for near words, beside a glance at each.
    pub fn cost(&self) -> usize {
        20 * self.measured
    }

    /// The words near it, by their place among `words`.
    pub fn nearest<'w>(&mut self, words: impl Iterator<Item = (&'w str, Outline)>) -> Nearest {
        let mut found = Found::default();
        for (at, (word, outline)) in words.enumerate() {
            if let Some(d) = self.near(word, outline) {
                found.add(d, word, at);
            }
        }
        found.sorted(self.word)
    }

    /// The first few of the words: those that are near, nearest first, then those that may be by their letters, of two
    /// as far the one that comes first.
    pub fn first_few(&mut self, words: &[(Arc<str>, Outline)]) -> Few {
        let mut few = Few::default();
        for (at, (word, outline)) in words.iter().enumerate() {
            let mut d = self.outline.least(*outline);
            if self.is_near(d, *outline) {
                d = self.distance(word, *outline);
            }
            few.add(d, at);
        }
        few
    }
}

/// The places of the words that are told.
pub struct Few([(u32, u32); MOST]);

impl Default for Few {
    fn default() -> Self {
        Self([(u32::MAX, 0); MOST])
    }
}

impl Few {
    #[inline]
    fn add(&mut self, d: u32, at: usize) {
        let [.., (worst, _)] = self.0;
        if d >= worst {
            return;
        }
        let place = self.0.iter().take_while(|b| b.0 <= d).count();
        if let Some(tail) = self.0.get_mut(place..) {
            tail.rotate_right(1);
            tail.iter_mut().take(1).for_each(|b| *b = (d, at as u32));
        }
    }

    /// The places, nearest first.
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.0.iter().filter(|b| b.0 != u32::MAX);
        all.map(|b| b.1 as usize)
    }
}

/// The words near another, by their places.
#[derive(Debug, Clone, Default)]
pub struct Nearest {
    /// The nearest one.
    pub first: Option<usize>,
    /// It is nearer than all others.
    pub alone: bool,
    /// All of them, nearest first; empty where there is but one.
    pub all: Box<[usize]>,
}

/// A word that ends in a number, without it, and the number.
fn numbered(word: &str) -> Option<(&str, u32)> {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((stem, word.get(stem.len()..)?.parse().ok()?))
}

/// How far the number of another word is, where only that differs: of kinds that are numbered the next one is meant.
fn beside((stem, number): (&str, u32), other: &str) -> u32 {
    match numbered(other) {
        Some((same, other)) if same == stem => number.abs_diff(other),
        _ => u32::MAX,
    }
}

/// True where a word `a` for `b` is a rarer slip: of one length and with other letters, so that one stands in place of
/// another; or longer and without a letter that was struck twice. One too few and two that changed places are more usual.
pub fn is_exchange(a: &str, b: &str) -> bool {
    let letters = |word: &str| {
        word.bytes()
            .fold(0u32, |sum, b| sum.wrapping_add(u32::from(b).pow(2)))
    };
    a.len() == b.len() && letters(a) != letters(b) || a.len() > b.len() && !has_double(a)
}

/// True where a letter stands twice.
fn has_double(word: &str) -> bool {
    word.as_bytes().windows(2).any(|w| matches!(w, [a, b] if a == b))
}

/// Words near another, most often none or one.
#[derive(Default)]
struct Found<'w> {
    one: Option<(u32, &'w str, usize)>,
    more: Vec<(u32, &'w str, usize)>,
}

impl<'w> Found<'w> {
    fn add(&mut self, d: u32, word: &'w str, at: usize) {
        match self.one {
            None => self.one = Some((d, word, at)),
            Some(_) => self.more.push((d, word, at)),
        }
    }

    fn sorted(self, word: &str) -> Nearest {
        let mut all = self.more;
        if all.is_empty() {
            return Nearest {
                first: self.one.map(|f| f.2),
                alone: self.one.is_some(),
                all: Box::default(),
            };
        }
        all.extend(self.one);
        let (own, given) = (numbered(word), word);
        let beside = |other: &str| own.map_or(0, |own| beside(own, other));
        let newest = |other: &str| Reverse(numbered(other).map(|(_, number)| number));
        // What is costly is asked only of words as far.
        all.sort_unstable_by(|one, other| {
            let (a, b) = (one.1, other.1);
            let by_distance = one.0.cmp(&other.0);
            let by_number = by_distance.then_with(|| beside(a).cmp(&beside(b)));
            let by_slip = by_number.then_with(|| is_exchange(given, a).cmp(&is_exchange(given, b)));
            let by_age = by_slip.then_with(|| newest(a).cmp(&newest(b)));
            by_age.then_with(|| (a, one.2).cmp(&(b, other.2)))
        });
        all.dedup_by(|b, a| (a.0, a.1) == (b.0, b.1));
        Nearest {
            first: all.first().map(|f| f.2),
            alone: match all.as_slice() {
                [a, b, ..] => a.0 < b.0,
                _ => true,
            },
            all: all.into_iter().map(|f| f.2).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_words_with_numbers_the_next_or_else_the_newest_is_meant() {
        for (word, words, meant) in [
            ("ext5", ["ext2", "ext3", "ext4"], "ext4"),
            ("luks3", ["luks", "luks1", "luks2"], "luks2"),
            ("fat31", ["fat12", "fat16", "fat32"], "fat32"),
            ("exta", ["ext2", "ext3", "ext4"], "ext4"),
            ("ext", ["ext4", "ext2", "ext3"], "ext4"),
        ] {
            let near = Given::new(word).nearest(words.iter().map(|w| (*w, Outline::of(w))));
            assert_eq!(near.first.and_then(|at| words.get(at)), Some(&meant), "{word}");
        }
    }

    #[test]
    fn of_words_as_near_that_is_meant_whose_slip_is_more_usual() {
        for (word, words, meant) in [
            ("dp", ["ip", "udp"], "udp"),
            ("xx", ["rx", "x"], "x"),
            ("apci", ["apca", "acpi"], "acpi"),
        ] {
            let near = Given::new(word).nearest(words.iter().map(|w| (*w, Outline::of(w))));
            assert_eq!(near.first.and_then(|at| words.get(at)), Some(&meant), "{word}");
        }
    }

    #[test]
    fn the_first_few_are_the_near_ones_and_then_those_that_come_first() {
        let words = ["a", "b", "c", "d", "e", "f", "g"].map(|w| (w.into(), Outline::of(w)));
        let few = Given::new("ff").first_few(&words);
        assert_eq!(few.places().collect::<Vec<_>>(), [5, 0, 1, 2, 3]);
    }

    #[test]
    fn a_name_of_one_letter_is_near_another() {
        let near = |given: &mut Given<'_>, other: &str| given.near(other, Outline::of(other));
        assert_eq!(near(&mut Given::new("g"), "d"), None);
        assert_eq!(near(&mut Given::of_name("g"), "d"), Some(1));
        assert_eq!(near(&mut Given::of_name("g"), "dx"), None);
    }

    #[test]
    fn distances_are_those_of_the_plain_way() {
        let words = [
            "",
            "a",
            "ab",
            "ba",
            "package",
            "pakcage",
            "packages",
            "packagemanager",
            "nmae",
            "name",
            "ca",
            "abc",
            "überzug",
            "uberzüg",
            "übrezug",
            "äöü",
            "öäüß",
            "x-y",
            "gnirts-a",
            "string-a",
        ];
        for a in words {
            for b in words {
                let (x, y) = (Outline::of(a), Outline::of(b));
                let d = Given::new(a).distance(b, y);
                assert_eq!(d as usize, strsim::osa_distance(a, b), "{a} {b}");
                assert!(x.least(y) <= d, "{a} {b}");
            }
        }
    }
}
