//! Names and words by their letters: how near one is to another, what parts one has. Knows no finding; judges nothing.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

/// Where a part of a text begins in it, in bytes.
pub(super) fn offset(part: &str, whole: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

/// True where two names have the same digits: another number is another name, and no slip.
pub(super) fn same_digits(one: &str, other: &str) -> bool {
    let digits = |name: &'_ str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    digits(one) == digits(other)
}

/// True where one of two names is the plural of the other.
pub(super) fn plural(one: &str, other: &str) -> bool {
    one.strip_suffix('s') == Some(other) || other.strip_suffix('s') == Some(one)
}

/// True where a name has this part. Without the set-up of a search, which takes longer than a name.
pub(super) fn has_part(name: &str, part: &str) -> bool {
    after_part(name, part).is_some()
}

/// What follows the first such part.
pub(super) fn after_part<'n>(name: &'n str, part: &str) -> Option<&'n str> {
    around_part(name, part).map(|(_, after)| after)
}

/// What stands before the first such part and what follows it, as `str::split_once` tells: the search of that takes
/// longer to begin than a short text to walk through.
pub(super) fn around_part<'n>(name: &'n str, part: &str) -> Option<(&'n str, &'n str)> {
    let Some((&first, rest)) = part.as_bytes().split_first() else {
        return Some(("", name));
    };
    let bytes = name.as_bytes();
    let starts = |at: &usize| bytes.get(at + 1..).is_some_and(|t| t.starts_with(rest));
    let at = memchr::memchr_iter(first, bytes).find(starts)?;
    Some((name.get(..at)?, name.get(at + part.len()..)?))
}

/// A part that tables look for in short texts, with its letters: most texts have not all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// As it is written.
    pub text: &'static str,
    letters: u64,
}

impl Part {
    /// A part to look for.
    pub const fn of(text: &'static str) -> Self {
        let letters = letters(text.as_bytes());
        Self { text, letters }
    }
}

/// A text in which many parts are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searched<'t> {
    /// As it is written.
    pub text: &'t str,
    letters: u64,
}

impl<'t> Searched<'t> {
    /// A text to look into.
    pub fn new(text: &'t str) -> Self {
        let letters = letters(text.as_bytes());
        Self { text, letters }
    }

    /// It has the part.
    pub fn has(&self, part: &Part) -> bool {
        self.after(part).is_some()
    }

    /// What follows the first such part.
    pub fn after(&self, part: &Part) -> Option<&'t str> {
        (part.letters & !self.letters == 0)
            .then(|| after_part(self.text, part.text))
            .flatten()
    }
}

/// The hash of a name, for tables of names that are asked for one name after another.
pub(super) fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

/// Two words have the same letters, in whatever order.
pub(super) fn same_letters(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut bytes = word.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}

/// What is different in a name and in another, with where it begins.
pub(super) fn difference<'n>(name: &'n [u8], other: &'n [u8]) -> Option<(usize, &'n [u8], &'n [u8])> {
    let at = name.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (own, new) = (name.get(at..)?, other.get(at..)?);
    let same = own
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    Some((at, own.get(..own.len() - same)?, new.get(..new.len() - same)?))
}

/// True where a name has one character of another twice: two strokes of one key.
pub(super) fn doubled(name: &str, other: &str) -> bool {
    let before = |at: usize| name.as_bytes().get(at.checked_sub(1)?);
    let found = difference(name.as_bytes(), other.as_bytes());
    matches!(found, Some((at, [more], [])) if before(at) == Some(more))
}

/// Letters, digits, `-` and `_` alone.
pub(super) fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Which bytes a name has, a bit for each; some share a bit.
pub(super) const fn letters(name: &[u8]) -> u64 {
    let mut set = 0;
    let mut rest = name;
    while let [first, tail @ ..] = rest {
        set |= 1 << (*first & 63);
        rest = tail;
    }
    set
}

/// How far a name is from another, in keystrokes; none where it is the same or further than one (two in long names).
fn distance<'n>(name: &'n str) -> impl Fn(&str) -> Option<usize> + 'n {
    let most = if name.len() > 7 { 2 } else { 1 };
    // Bytes are letters in ASCII alone.
    let own = name.is_ascii().then(|| letters(name.as_bytes()));
    move |other| {
        if other.len().abs_diff(name.len()) > most || other == name {
            return None;
        }
        // A keystroke takes one letter away and brings one: most names need no closer look.
        let apart = own
            .filter(|_| other.is_ascii())
            .map_or(0, |own| (own ^ letters(other.as_bytes())).count_ones());
        let close = apart as usize <= 2 * most;
        close.then(|| keystrokes(name, other, most)).flatten()
    }
}

/// The distance of Damerau and Levenshtein, where it is not above `most`.
fn keystrokes(name: &str, other: &str, most: usize) -> Option<usize> {
    let distance = if name.is_ascii() && other.is_ascii() {
        // What both begin and end with takes no keystroke, and is most of what is near.
        let alike = name
            .bytes()
            .zip(other.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let (own, new) = (name.get(alike..)?, other.get(alike..)?);
        let ends = own.bytes().rev().zip(new.bytes().rev());
        let alike = ends.take_while(|(a, b)| a == b).count();
        let (own, new) = (own.get(..own.len() - alike)?, new.get(..new.len() - alike)?);
        match (own.len(), new.len()) {
            (0, rest) | (rest, 0) => rest,
            (1, 1) => 1,
            // One keystroke is about one letter, or exchanges two.
            (one, two) if most == 1 && one.max(two) > 2 => return None,
            _ if (letters(own.as_bytes()) ^ letters(new.as_bytes())).count_ones() as usize > 2 * most => {
                return None;
            }
            _ => strsim::damerau_levenshtein(own, new),
        }
    } else {
        strsim::damerau_levenshtein(name, other)
    };
    (distance <= most).then_some(distance)
}

/// True where a name is one keystroke from another.
pub(crate) fn one_keystroke(name: &str, other: &str) -> bool {
    keystrokes(name, other, 1) == Some(1)
}

/// All that are so near, by what they are known by.
pub(super) fn all_near<'n, T>(
    name: &'n str,
    among: impl Iterator<Item = (T, &'n str)>,
) -> impl Iterator<Item = T> {
    let distance = distance(name);
    among.filter_map(move |(known, other)| distance(other).map(|_| known))
}

/// The name at most one keystroke away (two in long names), if there is just one such.
pub(super) fn near<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut best: Option<(usize, &'n str)> = None;
    let mut tie = false;
    let of = distance(name);
    for other in among {
        let Some(distance) = of(other) else { continue };
        match best {
            Some((least, known)) if least == distance && known != other => tie = true,
            Some((least, _)) if least <= distance => {}
            _ => {
                best = Some((distance, other));
                tie = false;
            }
        }
    }
    best.filter(|_| !tie).map(|(_, n)| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_found_as_by_a_search() {
        for name in [
            "",
            "k",
            "kkernel",
            "kernel",
            "kernel-default",
            "ubuntu:linux-image",
            "kerne",
            "größe-kernel",
        ] {
            for part in ["kernel", "linux-image", "k", "e"] {
                assert_eq!(has_part(name, part), name.contains(part), "{part} in {name}");
            }
        }
    }

    #[test]
    fn keystrokes_are_counted_as_by_the_whole_names() {
        let alphabet = ["", "a", "b", "ab", "ba", "aab", "bab", "c", "ca", "ö"];
        let names = || {
            alphabet
                .iter()
                .flat_map(|a| alphabet.iter().map(move |b| format!("{a}{b}")))
        };
        for name in names() {
            for other in names().flat_map(|n| [format!("a{n}b"), n]) {
                let all = strsim::damerau_levenshtein(&name, &other);
                for most in [1, 2] {
                    let known = Some(all).filter(|all| *all <= most);
                    assert_eq!(keystrokes(&name, &other, most), known, "{name} {other}");
                }
            }
        }
    }

    #[test]
    fn the_letters_of_a_name_hide_no_near_one() {
        let one = |name, other: &str| near(name, std::iter::once(other)).map(str::to_owned);
        for (name, other) in [
            ("openssh-sever", "openssh-server"),
            ("opnessh-server", "openssh-server"),
            ("openzzh-server", "openssh-server"),
            ("vmi", "vim"),
            ("größer", "grösser"),
            ("größerer-name", "grosserer-name"),
        ] {
            let most = if name.len() > 7 { 2 } else { 1 };
            let by_distance =
                strsim::damerau_levenshtein(name, other) <= most && name.len().abs_diff(other.len()) <= most;
            assert_eq!(one(name, other).is_some(), by_distance, "{name} {other}");
        }
        assert_eq!(one("openssh-xyzver", "openssh-server"), None);
    }
}
