//! Other ways to write a value that fits no pattern as it stands: what people often add to it, or write in place of the
//! right sign. Only guesses: whoever asks tries them.

use std::sync::Arc;

use super::super::near::{Given, Outline};

/// The first guess, the likeliest first, that fits; none is the value itself.
pub(super) fn first_guess(value: &str, mut fits: impl FnMut(&str) -> bool) -> Option<String> {
    let head = |sign: char| value.split_once(sign).map(|(head, _)| head.to_owned());
    let has = |signs: &[char]| value.contains(signs);
    let bare = || value.split_whitespace().collect::<String>();
    let comma = || value.replace([';', ' '], ",").replace(",,", ",");
    let joined = || value.replace('-', "_");
    let upper = || {
        let (a, b) = value.split_once(['_', '-'])?;
        Some(format!("{}_{}", a.to_lowercase(), b.to_uppercase()))
    };
    // Each is only made where the one before does not fit.
    let guesses: [&dyn Fn() -> Option<String>; 9] = [
        &|| head('.'),
        &|| head('@'),
        &|| has(&[' ', '\t', '\n', '\r']).then(bare),
        &|| has(&[';', ' ']).then(comma),
        &|| has(&['-']).then(joined),
        &|| head('.').filter(|h| h.contains('-')).map(|h| h.replace('-', "_")),
        &upper,
        &|| Some(value.to_uppercase()),
        &|| {
            value
                .char_indices()
                .last()
                .and_then(|(at, _)| value.get(..at))
                .map(str::to_owned)
        },
    ];
    let mut made = guesses.iter().filter_map(|guess| guess());
    made.find(|guess| !guess.is_empty() && guess != value && fits(guess))
}

/// A value with one of its parts mended to a word that its patterns spell out, and whether that is the only one near.
pub(super) fn spelt_out(
    value: &str,
    words: &[(Arc<str>, Outline)],
    mut fits: impl FnMut(&str) -> bool,
) -> Option<(String, bool)> {
    if words.is_empty() {
        return None;
    }
    let mut from = 0;
    for part in value.split_inclusive([',', ' ', ':', '/']) {
        let (start, bare) = (from, part.trim_end_matches([',', ' ', ':', '/']));
        from += part.len();
        let near = Given::new(bare).nearest(words.iter().map(|(w, o)| (&**w, *o)));
        let word = near.first.and_then(|at| words.get(at));
        let Some((word, _)) = word.filter(|w| *w.0 != *bare) else {
            continue;
        };
        let (head, tail) = (value.get(..start)?, value.get(start + bare.len()..)?);
        let meant = [head, word, tail].concat();
        if fits(&meant) {
            return Some((meant, near.alone));
        }
    }
    None
}

/// What people put between the parts of a list.
const BETWEEN: [char; 6] = [',', ';', '|', ' ', '\t', '\n'];

/// True where a value may be meant as a list.
pub(super) fn has_parts(value: &str) -> bool {
    value.contains(BETWEEN)
}

/// A list with commas alone between its parts, each of them the listed word that is meant, and whether that is sure: one
/// part was mended and there is no other word near, or none.
pub(super) fn in_parts(
    value: &str,
    words: &[(Arc<str>, Outline)],
    mut fits: impl FnMut(&str) -> bool,
) -> Option<(String, bool)> {
    let mut mended = Vec::new();
    let parts = value.split(BETWEEN).filter(|part| !part.is_empty());
    let parts = parts.map(|part| {
        if words.iter().any(|(word, _)| **word == *part) {
            return part;
        }
        let near = Given::new(part).nearest(words.iter().map(|(w, o)| (&**w, *o)));
        let meant = || meant_value(part, words.iter().map(|(w, _)| &**w));
        let word = near.first.or_else(meant).and_then(|at| words.get(at));
        mended.push(near.alone);
        word.map_or(part, |(word, _)| &**word)
    });
    let meant = parts.collect::<Vec<_>>().join(",");
    let sure = matches!(mended.as_slice(), [] | [true]);
    (meant != value && fits(&meant)).then_some((meant, sure))
}

/// Words that people write for the two truth values.
const TRUTH: [(&str, &[&str]); 2] = [
    ("true", &["yes", "on", "y", "enabled", "enable"]),
    ("false", &["no", "off", "n", "disabled", "disable", "none"]),
];

/// What machines and images are called beside the names that lists have, none of which is near.
const NAMED: &[(&str, &[&str])] = &[
    (
        "aarch64",
        &["armv8", "armv8l", "armv8a", "arm64v8", "arm8", "aa64"],
    ),
    ("x86_64", &["x64", "x86_64_v2", "x86_64_v3"]),
    ("i586", &["x86_32", "i386", "ia32"]),
    ("ppc64le", &["power8", "power9", "ppcle"]),
    ("tbz", &["tar", "tgz", "txz", "tar.xz", "tarball"]),
    ("oem", &["disk", "raw", "vm", "vmdk", "qcow2"]),
    ("vmdk", &["vmware"]),
    ("vdi", &["virtualbox", "vbox"]),
    ("vhdx", &["hyperv", "hyper_v"]),
    ("bios", &["legacy", "mbr"]),
    ("iso", &["live", "livecd"]),
    ("docker", &["container", "podman"]),
];

/// Those of them of whose other names nothing else can be meant.
pub const CERTAIN: &[&str] = &["aarch64", "x86_64"];

/// Which of listed values have other names: the place of each, and those.
pub(super) type Named = Box<[(usize, &'static [&'static str])]>;

/// Those of listed values that have other names.
pub(super) fn with_other_names<'v>(values: impl Iterator<Item = &'v str>) -> Named {
    let mut left: Vec<_> = NAMED.iter().collect();
    let mut take = |value: &str| {
        let at = left.iter().position(|(own, _)| *own == value)?;
        Some(left.swap_remove(at).1)
    };
    let named = values.enumerate();
    named.filter_map(|(at, value)| Some((at, take(value)?))).collect()
}

/// The place of the listed value that a value is another name of.
pub(super) fn other_name(value: &str, named: &Named) -> Option<usize> {
    let same = |(a, b): (u8, u8)| b == if a == b'-' { b'_' } else { a.to_ascii_lowercase() };
    let is = |name: &&str| value.len() == name.len() && value.bytes().zip(name.bytes()).all(same);
    let of = |n: &&(usize, &'static [&'static str])| n.1.iter().any(is);
    named.iter().find(of).map(|n| n.0)
}

/// The place of the one among listed values that is likely meant though it is far: in letters of another case, another
/// word for a truth value, or the one that a longer name begins with, such as `apt-get`.
pub(super) fn meant_value<'v>(value: &str, values: impl Iterator<Item = &'v str> + Clone) -> Option<usize> {
    let truth = TRUTH
        .iter()
        .find(|(_, words)| words.iter().any(|w| w.eq_ignore_ascii_case(value)));
    let same = |v: &str| v.eq_ignore_ascii_case(value) || truth.is_some_and(|(word, _)| *word == v);
    let begins = |v: &str| {
        v.len() > 2
            && value
                .strip_prefix(v)
                .is_some_and(|rest| rest.starts_with(['-', '_', ' ', ':']))
    };
    // The number alone of the one that has it.
    let number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let ends = |v: &str| {
        let head = v.strip_suffix(value);
        number && head.is_some_and(|h| h.ends_with(|c: char| c.is_ascii_alphabetic()))
    };
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut all = values.clone();
        let place = all.position(fits)?;
        all.all(|v| !fits(v)).then_some(place)
    };
    let mut all = values.clone();
    all.position(same)
        .or_else(|| only(&begins))
        .or_else(|| only(&ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_for_a_listed_value() {
        let meant = |value: &str, all: &[&str]| meant_value(value, all.iter().copied());
        assert_eq!(meant("yes", &["true", "false"]), Some(0));
        assert_eq!(meant("Off", &["true", "false"]), Some(1));
        assert_eq!(meant("apt-get", &["zypper", "apt"]), Some(1));
        assert_eq!(meant("UEFI", &["bios", "uefi"]), Some(1));
        assert_eq!(meant("a-b-c", &["a-b", "other"]), Some(0));
        assert_eq!(meant("none", &["ext4", "xfs"]), None);
        assert_eq!(meant("2", &["luks", "luks1", "luks2"]), Some(2));
        assert_eq!(meant("zstd:19", &["xz", "zstd"]), Some(1));
        let named = |value: &str, all: &[&str]| {
            let named = with_other_names(all.iter().copied());
            other_name(value, &named)
        };
        assert_eq!(named("armv8", &["armv6l", "aarch64"]), Some(1));
        assert_eq!(named("ARM64-v8", &["aarch64"]), None);
        assert_eq!(named("x64", &["xfs"]), None);
    }

    #[test]
    fn the_parts_of_a_list_are_mended_each() {
        let words = ["x86_64", "aarch64", "s390x"].map(|w| (Arc::from(w), Outline::of(w)));
        let all = |guess: &str| {
            let mut parts = guess.split(',');
            parts.all(|part| words.iter().any(|(w, _)| **w == *part))
        };
        let meant = |value: &str| in_parts(value, &words, all);
        let sure = |list: &str| Some((list.to_owned(), true));
        assert_eq!(meant("x86-64,aarch64"), sure("x86_64,aarch64"));
        assert_eq!(meant("x86_64; aarch64"), sure("x86_64,aarch64"));
        assert_eq!(meant("x86_64,aarch64,"), sure("x86_64,aarch64"));
        assert_eq!(meant("x86-64 arch64"), Some(("x86_64,aarch64".to_owned(), false)));
        assert_eq!(meant("x86_64,sparc"), None);
        assert_eq!(in_parts("x86_64,s390", &words, |_| false), None, "no list");
    }

    #[test]
    fn guesses_leave_out_and_replace() {
        let mut all = Vec::new();
        let mut guesses = |value: &str| {
            all.clear();
            first_guess(value, |guess| {
                all.push(guess.to_owned());
                false
            });
            all.clone()
        };
        assert_eq!(guesses("de_DE.UTF-8").first().unwrap(), "de_DE");
        assert!(guesses("de-DE").contains(&"de_DE".to_owned()));
        assert!(guesses("de_de").contains(&"de_DE".to_owned()));
        assert!(guesses("a; b").contains(&"a,b".to_owned()));
        assert_eq!(guesses("plain"), ["PLAIN", "plai"]);
        assert_eq!(first_guess("a b", |guess| guess == "a,b").unwrap(), "a,b");
    }
}
