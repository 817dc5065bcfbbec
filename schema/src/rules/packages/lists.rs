//! Names of packages by families, and what of them a name is a slip of. A list holds what images of the family are made
//! of: names that descriptions, patterns, groups, seeds and manifests of distributions have in public. It is no list of
//! all packages: what it does not have may be one. Asks no repository; judges nothing.

use std::cmp::Ordering;
use std::sync::OnceLock;

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::Family;
use super::short_names::SHORT;
use crate::rules::found::{difference, doubled, hash, letters, one_keystroke};

/// One name a line, sorted by bytes; the order is that of the families.
static TEXTS: [&str; Family::COUNT] = [
    include_str!("../tables/packages_suse.txt"),
    include_str!("../tables/packages_redhat.txt"),
    include_str!("../tables/packages_debian.txt"),
    include_str!("../tables/packages_arch.txt"),
    include_str!("../tables/packages_alpine.txt"),
];

/// Names of theirs that many descriptions have, and that no other package comes near which is not known.
static COMMON: &str = include_str!("../tables/packages_common.txt");

/// Packages that are there, and one keystroke from one of the names.
static BESIDES: &str = include_str!("../tables/packages_near.txt");

/// The names of a family for a quick look at those near to another.
struct List {
    /// Each with its letters.
    names: Vec<(&'static str, u64)>,
    /// Their numbers, by the names themselves.
    own: HashTable<u16>,
    /// By their letters without what stands between their words, the numbers of names.
    bare: FxHashMap<u64, Vec<u16>>,
    /// By how they begin, and by how they end: one keystroke leaves one of the two as it is.
    ends: [Ends; 2],
}

/// Names by a few bytes at one end, which are hashed to a place.
struct Ends {
    /// The lengths that names of a place have, a bit for each.
    lengths: Vec<u32>,
    /// Where the names of each place begin among all.
    starts: Vec<u16>,
    /// Their numbers.
    names: Vec<u16>,
}

/// How many places there are, as a power of two.
const PLACES: u32 = 12;

/// How many bytes of an end are looked at in names of a length: less than half of them.
fn width(length: usize) -> usize {
    match length {
        ..9 => 2,
        9..17 => 4,
        _ => 8,
    }
}

/// The places of the first and the last bytes of a name, capitals aside.
fn places(name: &str, width: usize) -> Option<[usize; 2]> {
    let bytes = name.as_bytes();
    let ends: [u64; 2] = match width {
        2 => [bytes.first_chunk()?, bytes.last_chunk()?].map(|end| u16::from_le_bytes(*end).into()),
        4 => [bytes.first_chunk()?, bytes.last_chunk()?].map(|end| u32::from_le_bytes(*end).into()),
        _ => [bytes.first_chunk()?, bytes.last_chunk()?].map(|end| u64::from_le_bytes(*end)),
    };
    let mixed = |end: u64| (end | 0x2020_2020_2020_2020).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Some(ends.map(|end| (mixed(end) >> (u64::BITS - PLACES)) as usize))
}

/// The bit of a length.
fn bit(length: usize) -> u32 {
    1 << length.min(31)
}

impl Ends {
    /// Each name by its number, with its place.
    fn new(places: &[Option<usize>], names: &[(&str, u64)]) -> Self {
        let mut lengths = vec![0; 1 << PLACES];
        let mut starts = vec![0_u16; (1 << PLACES) + 1];
        for (place, (name, _)) in places.iter().zip(names) {
            let Some(place) = *place else { continue };
            lengths
                .get_mut(place)
                .into_iter()
                .for_each(|all| *all |= bit(name.len()));
            starts
                .get_mut(place + 1)
                .into_iter()
                .for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut out = vec![0; sum.into()];
        for (number, place) in (0..).zip(places) {
            let Some(next) = place.and_then(|place| next.get_mut(place)) else {
                continue;
            };
            out.get_mut(usize::from(*next))
                .into_iter()
                .for_each(|slot| *slot = number);
            *next += 1;
        }
        Self {
            lengths,
            starts,
            names: out,
        }
    }

    /// Some name at a place has one of these lengths.
    fn has(&self, place: usize, about: u32) -> bool {
        self.lengths.get(place).is_some_and(|all| all & about != 0)
    }

    /// The numbers of the names at a place.
    fn at(&self, place: usize) -> &[u16] {
        let bounds = self.starts.get(place).zip(self.starts.get(place + 1));
        let names = bounds.and_then(|(start, end)| self.names.get(usize::from(*start)..usize::from(*end)));
        names.unwrap_or_default()
    }
}

/// The places of a name's ends, where names stand that may be near to it: hardly any other name has one.
type Places = [Option<[usize; 2]>; 2];

impl List {
    fn new(text: &'static str) -> Self {
        let with_letters = |name: &'static str| (name, small(letters(name.as_bytes())));
        let names: Vec<_> = text.lines().map(with_letters).collect();
        let both = names.iter().map(|(name, _)| places(name, width(name.len())));
        let (first, last): (Vec<_>, Vec<_>) = both
            .map(|both| (both.map(|[first, _]| first), both.map(|[_, last]| last)))
            .unzip();
        let ends = [Ends::new(&first, &names), Ends::new(&last, &names)];
        let hashed = |number: &u16| hash(names.get(usize::from(*number)).map_or("", |(name, _)| *name));
        let mut own = HashTable::with_capacity(names.len());
        for (number, (name, _)) in (0..).zip(&names) {
            own.insert_unique(hash(name), number, hashed);
        }
        let mut by_letters: FxHashMap<u64, Vec<u16>> = FxHashMap::default();
        for (number, (_, letters)) in (0..).zip(&names) {
            by_letters.entry(bare(*letters)).or_default().push(number);
        }
        Self {
            names,
            own,
            bare: by_letters,
            ends,
        }
    }

    /// Where to look for names near to one.
    fn places(&self, name: &str) -> Option<Places> {
        let length = name.len();
        // One shorter, as long, or one longer.
        let about = bit(length - 1) | bit(length) | bit(length + 1);
        let looked = |width: usize| {
            let both @ [first, last] = places(name, width)?;
            let [begun, ended] = &self.ends;
            (begun.has(first, about) || ended.has(last, about)).then_some(both)
        };
        let (shorter, longer) = (width(length - 1), width(length + 1));
        let of_shorter = looked(shorter);
        let of_longer = (longer != shorter).then(|| looked(longer)).flatten();
        (of_shorter.is_some() || of_longer.is_some()).then_some([of_shorter, of_longer])
    }

    /// The list has the name.
    fn has(&self, name: &str) -> bool {
        let same = |number: &u16| {
            self.names
                .get(usize::from(*number))
                .is_some_and(|(own, _)| *own == name)
        };
        self.own.find(hash(name), same).is_some()
    }

    /// Those at these places that may be a keystroke away from a name with those letters, capitals aside, and itself.
    fn near<'l>(&'l self, name: &str, own: u64, places: Places) -> impl Iterator<Item = &'static str> + 'l {
        let (length, own) = (name.len(), small(own));
        let both = places.into_iter().flatten();
        let numbers = both.flat_map(|places| self.ends.iter().zip(places).flat_map(|(ends, at)| ends.at(at)));
        let names = numbers.filter_map(|number| self.names.get(usize::from(*number)));
        // A keystroke takes one letter away and brings one.
        let near = names.filter(move |(other, letters)| {
            (own ^ letters).count_ones() <= 2 && other.len().abs_diff(length) <= 1
        });
        near.map(|(name, _)| *name)
    }
}

/// What no small letter shares a bit with: all capitals.
const CAPITALS: u64 = letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");

/// The letters without their case.
fn small(letters: u64) -> u64 {
    letters & !CAPITALS | (letters & CAPITALS) << (b'a' - b'A')
}

/// The list of a family, which is laid out when it is first asked for.
fn list(family: Family) -> Option<&'static List> {
    static LISTS: [OnceLock<List>; Family::COUNT] = [const { OnceLock::new() }; Family::COUNT];
    let at = family as usize;
    let text = TEXTS.get(at)?;
    LISTS.get(at).map(|list| list.get_or_init(|| List::new(text)))
}

/// True where one of the sorted lines is the name.
fn has_line(sorted: &str, name: &str) -> bool {
    let (sorted, name) = (sorted.as_bytes(), name.as_bytes());
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low.midpoint(high);
        let before = sorted.get(low..middle).unwrap_or_default();
        let start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(low, |at| low + at + 1);
        let rest = sorted.get(start..).unwrap_or_default();
        let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
        match line.cmp(name) {
            Ordering::Equal => return true,
            Ordering::Less => low = start + line.len() + 1,
            Ordering::Greater => high = start,
        }
    }
    false
}

/// True for the name of a package whose every slip tells what was meant.
pub(in crate::rules) fn is_sure(name: &str) -> bool {
    has_line(COMMON, name)
}

/// True where some family is known to have the name.
pub(super) fn is_known(name: &str) -> bool {
    has_line(BESIDES, name) || TEXTS.iter().any(|text| has_line(text, name))
}

/// The family's list has the name.
pub(in crate::rules) fn has(name: &str, family: Family) -> bool {
    list(family).is_some_and(|list| list.has(name))
}

/// The length of the word of a name that a place stands in, and where in it.
fn word(name: &[u8], at: usize) -> (usize, usize) {
    let parts = |b: &u8| b"-_.+".contains(b);
    let before = name.iter().take(at).rev().take_while(|b| !parts(b)).count();
    let after = name.iter().skip(at).take_while(|b| !parts(b)).count();
    (before + after, before)
}

/// True where a digit is another, or more, or missing: that is another version.
fn is_version(name: &str, other: &str) -> bool {
    let digit = |part: &[u8]| matches!(part, [b] if b.is_ascii_digit());
    difference(name.as_bytes(), other.as_bytes())
        .is_some_and(|(_, own, meant)| own.len() < 2 && (digit(own) || digit(meant)))
}

/// True for a keystroke that makes no other package of a name. What the keystroke does tells that more than the names
/// do: of all packages of a distribution, hardly two differ by letters that changed places or by one that was doubled,
/// some by one that is missing, and many by one that is another, mostly at an end or in a short word.
fn is_slip(name: &str, right: &str) -> bool {
    let sure = || is_sure(right);
    let short = || SHORT.binary_search(&right).is_ok();
    let (name, right) = (name.as_bytes(), right.as_bytes());
    let Some((at, own, meant)) = difference(name, right) else {
        return false;
    };
    let at_end = at + meant.len() == right.len();
    match (own, meant) {
        ([a, b], [c, d]) if (a, b) == (d, c) => !(a.is_ascii_digit() && b.is_ascii_digit()) || sure(),
        _ if sure() => true,
        ([more], []) if at > 0 && name.get(at - 1) == Some(more) => true,
        ([], [_]) if at > 0 && !at_end && short() => true,
        ([], [missing]) => right.len() >= 7 && at > 0 && !(at_end && (*missing == b's' || right.len() < 10)),
        _ => {
            let (length, before) = word(right, at);
            right.len() >= 9 && !at_end && length > 3 && before > 0 && !right.starts_with(b"lib")
        }
    }
}

/// Two packages are of one thing in other languages, which their last words are the codes of.
fn is_other_language(name: &str, other: &str) -> bool {
    let last = |name: &'_ str| {
        name.rsplit_once('-')
            .map(|(stem, code)| (stem.len(), code.to_owned()))
    };
    let of = |code: &str| crate::rules::system::is_language(code);
    match (last(name), last(other)) {
        (Some((own, one)), Some((stem, two))) => own == stem && one != two && of(&one) && of(&two),
        _ => false,
    }
}

/// The name of the family's packages that a name, which is none, is a slip of; `own` are its letters.
pub(in crate::rules) fn slip(name: &str, own: u64, family: Family) -> Option<&'static str> {
    if matches!(name.len(), 3 | 4) {
        return super::short_names::slip(name, family);
    }
    if name.len() == 5
        && let Some(meant) = super::short_names::longer(name, family)
    {
        return Some(meant);
    }
    // Others as short are near to too many.
    let list = (name.len() > 4).then(|| list(family)).flatten()?;
    // Most names end here.
    let places = list.places(name)?;
    if list.has(name) {
        return None;
    }
    let (mut found, mut either, mut versions) = (None, false, false);
    for other in list.near(name, own, places) {
        // Names are told apart by the case of their letters: the one with capitals is meant.
        let nearer = other.eq_ignore_ascii_case(name);
        if found == Some(other) || !nearer && !one_keystroke(name, other) {
            continue;
        }
        if !nearer && is_version(name, other) && !(is_sure(other) && doubled(name, other)) {
            versions = true;
            continue;
        }
        match found {
            Some(known) if nearer != name.eq_ignore_ascii_case(known) => {
                found = Some(if nearer { other } else { known });
            }
            // It may be either, unless one is far more usual.
            Some(known) => match (is_sure(known), is_sure(other)) {
                (true, false) => {}
                (false, true) => (found, either) = (Some(other), false),
                (false, false) => either = true,
                (true, true) => return None,
            },
            None => found = Some(other),
        }
    }
    let meant = found.filter(|found| !either && !is_other_language(name, found))?;
    // A letter in a digit's place is a slip too.
    let one = !versions || is_sure(meant);
    let slip = meant.eq_ignore_ascii_case(name) || one && is_slip(name, meant);
    (slip && !is_known(name)).then_some(meant)
}

/// The names of the family's packages with these letters, whatever stands between their words.
pub(super) fn same_letters(own: u64, family: Family) -> impl Iterator<Item = &'static str> {
    let list = list(family);
    let numbers = list.and_then(|list| list.bare.get(&bare(own)));
    let names = numbers.into_iter().flatten();
    let name = move |number: &u16| list?.names.get(usize::from(*number));
    names.filter_map(name).map(|(name, _)| *name)
}

/// The one name of the family's packages that has the words of a name, which is none, in another order or said twice.
pub(in crate::rules) fn reordered(name: &str, own: u64, family: Family) -> Option<&'static str> {
    let like = || same_letters(own, family);
    // Most names end here: no other has their letters.
    like().next()?;
    if name.starts_with("lib") || like().any(|other| other == name) {
        return None;
    }
    // Of two words, both are to be long.
    let parted = |c: char| matches!(c, '-' | '_');
    let count = |name: &str| name.split(parted).count();
    let long = || name.split(parted).all(|word| word.len() > 3);
    if count(name) < 2 || count(name) == 2 && !long() {
        return None;
    }
    let words = |name: &str| {
        let mut words: Vec<String> = name.split(parted).map(str::to_ascii_lowercase).collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    let own = words(name);
    let mut like = like().filter(|other| words(other) == own && count(name) <= count(other));
    let meant = like.next()?;
    (like.next().is_none() && !is_known(name)).then_some(meant)
}

/// The letters without their case, and without what stands between words.
fn bare(letters: u64) -> u64 {
    small(letters) & !GAPS
}

/// The bits of what stands between words.
const GAPS: u64 = letters(b"-_");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_name_in_another_order_are_that_name() {
        let meant = |name: &str, family| reordered(name, letters(name.as_bytes()), family);
        assert_eq!(
            meant("patterns-kde-plasma", Family::Suse),
            Some("patterns-kde-kde_plasma")
        );
        assert_eq!(meant("grub2-efi-x86_64", Family::Suse), Some("grub2-x86_64-efi"));
        assert_eq!(
            meant("kernel-base-default", Family::Suse),
            Some("kernel-default-base")
        );
        assert_eq!(
            meant("iwlwifi-firmware", Family::Debian),
            Some("firmware-iwlwifi")
        );
        assert_eq!(
            meant("selinux-targeted-policy", Family::RedHat),
            Some("selinux-policy-targeted")
        );
        assert_eq!(
            meant("dracut-oem-kiwi-repart", Family::RedHat),
            Some("dracut-kiwi-oem-repart")
        );
        for own in [
            "patterns-gnome-gnome",
            "patterns-shop-till",
            "kernel-default-base",
        ] {
            assert_eq!(meant(own, Family::Suse), None, "{own}");
        }
    }

    const FAMILIES: [Family; Family::COUNT] = [
        Family::Suse,
        Family::RedHat,
        Family::Debian,
        Family::Arch,
        Family::Alpine,
    ];

    /// What is meant by a name in some family.
    fn told(name: &str) -> Option<&'static str> {
        let own = letters(name.as_bytes());
        let two = |family| super::super::two_slips::slip(name, own, family);
        let meant = |family| {
            slip(name, own, family)
                .or_else(|| reordered(name, own, family))
                .or_else(|| two(family))
        };
        FAMILIES.iter().find_map(|family| meant(*family))
    }

    #[test]
    fn the_lists_are_sorted_and_no_name_of_theirs_is_told() {
        for text in TEXTS.iter().chain([&BESIDES, &COMMON]) {
            assert!(text.lines().is_sorted_by(|a, b| a < b));
            assert!(text.ends_with('\n') && !text.contains(['\r', ' ', '\t']));
            for name in text.lines() {
                assert!(has_line(text, name), "{name}");
                assert_eq!(told(name), None, "{name}");
            }
        }
        for name in ["", "0", "a name between others", "zzz"] {
            assert!(!TEXTS.iter().any(|text| has_line(text, name)), "{name}");
        }
        for name in COMMON.lines().chain(SHORT.iter().copied()) {
            assert!(TEXTS.iter().any(|text| has_line(text, name)), "{name}");
        }
    }

    #[test]
    fn the_package_of_another_language_is_no_slip() {
        for (name, family, right) in [
            ("glibc-langpack-es", Family::RedHat, None),
            ("glibc-langpack-de", Family::RedHat, None),
            ("glibc-langpack-ne", Family::RedHat, None),
            ("langpacks-eo", Family::RedHat, None),
            ("language-pack-es", Family::Debian, None),
            ("glibc-langpack-em", Family::RedHat, Some("glibc-langpack-en")),
            ("glibc-langpakc-en", Family::RedHat, Some("glibc-langpack-en")),
        ] {
            assert_eq!(slip(name, letters(name.as_bytes()), family), right, "{name}");
        }
    }

    #[test]
    fn each_keystroke_finds_what_a_search_of_the_whole_list_finds() {
        for family in FAMILIES {
            let names: Vec<&str> = list(family)
                .unwrap()
                .names
                .iter()
                .map(|(name, _)| *name)
                .collect();
            for name in names.iter().filter(|name| name.len() > 4).step_by(7) {
                for at in 0..name.len() {
                    let (before, after) = name.split_at(at);
                    let letter = after.get(..1).unwrap();
                    let mut exchanged = name.as_bytes().to_vec();
                    exchanged.swap(at, (at + 1).min(name.len() - 1));
                    for typed in [
                        format!("{before}{}", &after[1..]),
                        format!("{before}{letter}{after}"),
                        format!("{before}q{}", &after[1..]),
                        String::from_utf8(exchanged).unwrap(),
                    ] {
                        let list = list(family).unwrap();
                        let places = list.places(&typed).unwrap_or_default();
                        let mut near = list.near(&typed, letters(typed.as_bytes()), places);
                        assert!(near.any(|other| other == *name), "{typed} {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_package_of_a_whole_distribution_is_told() {
        let Some(path) = std::env::var_os("APTERYX_PACKAGE_NAMES") else {
            eprintln!(
                "SKIPPED: APTERYX_PACKAGE_NAMES names no file with all packages of a distribution, one a line"
            );
            return;
        };
        let names = std::fs::read_to_string(path).unwrap();
        let all: Vec<_> = names
            .lines()
            .filter_map(|name| Some((name, told(name)?)))
            .collect();
        assert!(
            all.is_empty(),
            "{} of {}: {all:?}",
            all.len(),
            names.lines().count()
        );
    }
}
