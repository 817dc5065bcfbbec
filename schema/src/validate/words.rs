//! The words of findings: names in backticks, short lists, what is near a misspelt word. Knows no grammar.

use std::sync::Arc;

/// How many alternatives a message names.
pub const MOST: usize = 5;

/// How a name is written in a list.
#[derive(Debug, Clone, Copy)]
pub enum Tick {
    /// `` `name` ``
    Word,
    /// `` `<name>` ``
    Tag,
}

/// `` `<a>`, `<b>` or `<c>` ``, five at most, then how many more there are.
pub fn list<T: AsRef<str>>(names: &[T], tick: Tick, last: &str) -> String {
    list_of(names, names.len(), tick, last)
}

/// The same of a list of `total` names that begins so.
pub fn list_of<T: AsRef<str>>(names: &[T], total: usize, tick: Tick, last: &str) -> String {
    let (open, close) = match tick {
        Tick::Word => ("`", "`"),
        Tick::Tag => ("`<", ">`"),
    };
    let shown = names.len().min(MOST);
    let mut out = String::with_capacity(24 * shown);
    for (at, name) in names.iter().take(shown).enumerate() {
        if at > 0 && at + 1 == total {
            [" ", last, " "].iter().for_each(|p| out.push_str(p));
        } else if at > 0 {
            out.push_str(", ");
        }
        [open, name.as_ref(), close].iter().for_each(|p| out.push_str(p));
    }
    if total > shown {
        [" ", last, " ", &(total - shown).to_string(), " more"]
            .iter()
            .for_each(|p| out.push_str(p));
    }
    out
}

/// No word is near that is farther.
const MOST_SLIPS: u32 = 3;

/// Words with more characters are measured by their outlines alone.
const LONG: u32 = 256;

/// What can be told of a word at a glance, to leave out those that cannot be near another.
#[derive(Debug, Clone, Copy)]
pub struct Outline {
    chars: u32,
    /// A bit for each character that it has; 0 where it is not ASCII.
    letters: u64,
}

impl Outline {
    /// The outline of a word.
    pub fn of(word: &str) -> Self {
        let ascii = word.is_ascii();
        Self {
            chars: if ascii { word.len() } else { word.chars().count() } as u32,
            letters: if ascii {
                word.bytes().fold(0, |all, b| all | 1 << (b & 63))
            } else {
                0
            },
        }
    }

    /// Two words are at least so far apart: a slip takes away, puts in or changes one character.
    fn least(self, other: Outline) -> u32 {
        let letters = match (self.letters, other.letters) {
            (0, _) | (_, 0) => 0,
            (a, b) => (a & !b).count_ones().max((b & !a).count_ones()),
        };
        self.chars.abs_diff(other.chars).max(letters)
    }
}

/// A word with what measures its distance from others: by slips of the keyboard (a character too many, one missing,
/// a wrong one, two exchanged), in 64 columns at once (Hyyrö, "A bit-vector algorithm for computing Levenshtein and
/// Damerau edit distances", 2003).
pub struct Given<'a> {
    word: &'a str,
    outline: Outline,
    columns: Option<[u64; 128]>,
}

impl<'a> Given<'a> {
    /// Prepares a word.
    pub fn new(word: &'a str) -> Self {
        let outline = Outline::of(word);
        Self {
            word,
            outline,
            columns: None,
        }
    }

    fn distance(&mut self, other: &str, outline: Outline) -> u32 {
        if self.outline.chars.max(outline.chars) > LONG {
            return self.outline.least(outline);
        }
        if self.outline.letters == 0 || outline.letters == 0 || !(1..=64).contains(&self.word.len()) {
            return strsim::osa_distance(self.word, other) as u32;
        }
        let columns = self.columns.get_or_insert_with(|| {
            let mut all = [0; 128];
            for (at, b) in self.word.bytes().enumerate() {
                if let Some(column) = all.get_mut(b as usize) {
                    *column |= 1 << at;
                }
            }
            all
        });
        let mut distance = self.outline.chars;
        let last = 1u64 << (self.word.len() - 1);
        let (mut plus, mut minus, mut diagonal, mut before) = (u64::MAX, 0u64, 0u64, 0u64);
        for b in other.bytes() {
            let own = columns.get(b as usize).copied().unwrap_or(0);
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

    fn is_near(&self, distance: u32, outline: Outline) -> bool {
        let longest = self.outline.chars.max(outline.chars);
        let most = match longest {
            0..=3 => 1,
            4..=8 => 2,
            _ => MOST_SLIPS,
        };
        distance <= most && distance < longest
    }

    /// How far another word is, none where too far for a slip of the keyboard.
    pub fn near(&mut self, other: &str, outline: Outline) -> Option<u32> {
        if !self.is_near(self.outline.least(outline), outline) {
            return None;
        }
        let d = self.distance(other, outline);
        self.is_near(d, outline).then_some(d)
    }

    /// The words near it, nearest first, by their place among `words`; the second value is true where one is nearer
    /// than all others.
    pub fn nearest<'w>(&mut self, words: impl Iterator<Item = (&'w str, Outline)>) -> (Vec<usize>, bool) {
        let mut found: Vec<(u32, &str, usize)> = Vec::new();
        for (at, (word, outline)) in words.enumerate() {
            found.extend(self.near(word, outline).map(|d| (d, word, at)));
        }
        sorted(found)
    }

    /// The first few of the words in the order of their distance (of two as far, the one that comes first), and what
    /// `nearest` says of them.
    pub fn first_few<'w>(&mut self, words: &'w [(Arc<str>, Outline)]) -> (Vec<&'w str>, Vec<usize>, bool) {
        let mut best: [(u32, usize); MOST] = [(u32::MAX, 0); MOST];
        let mut near: Vec<(u32, &str, usize)> = Vec::new();
        for (at, (word, outline)) in words.iter().enumerate() {
            let least = self.outline.least(*outline);
            let [.., (worst, _)] = best;
            if least >= worst && least > MOST_SLIPS {
                continue;
            }
            let d = self.distance(word, *outline);
            if self.is_near(d, *outline) {
                near.push((d, word, at));
            }
            if d < worst {
                let place = best.iter().take_while(|b| b.0 <= d).count();
                if let Some(tail) = best.get_mut(place..) {
                    tail.rotate_right(1);
                    tail.iter_mut().take(1).for_each(|b| *b = (d, at));
                }
            }
        }
        let few = best.iter().filter(|b| b.0 != u32::MAX);
        let few = few.filter_map(|b| words.get(b.1)).map(|w| &*w.0).collect();
        let (near, alone) = sorted(near);
        (few, near, alone)
    }
}

fn sorted(mut found: Vec<(u32, &str, usize)>) -> (Vec<usize>, bool) {
    found.sort_unstable();
    found.dedup_by(|b, a| (a.0, a.1) == (b.0, b.1));
    let alone = match found.as_slice() {
        [_] => true,
        [a, b, ..] => a.0 < b.0,
        [] => false,
    };
    (found.into_iter().map(|f| f.2).collect(), alone)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn lists_name_five_and_count_the_rest() {
        let all = ["a", "b", "c", "d", "e", "f", "g"];
        let said = |n: usize| list(&all[..n], Tick::Tag, "or");
        assert_eq!(said(0), "");
        assert_eq!(said(1), "`<a>`");
        assert_eq!(said(3), "`<a>`, `<b>` or `<c>`");
        assert_eq!(said(7), "`<a>`, `<b>`, `<c>`, `<d>`, `<e>` or 2 more");
        assert_eq!(
            Given::new("ff")
                .first_few(&all.map(|w| (w.into(), Outline::of(w))))
                .0,
            ["f", "a", "b", "c", "d"]
        );
    }
}
