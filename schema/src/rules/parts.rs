//! Parts of names that rules look for in whole lists of packages: found in one walk, since a list may have a hundred
//! thousand names. A part that a rule wants is put here first.

use super::found::{has_part, letters};

/// A part with its letters and its pairs of them.
struct Part {
    name: &'static str,
    letters: u64,
    pairs: u64,
}

const fn part(name: &'static str) -> Part {
    Part {
        name,
        letters: letters(name.as_bytes()),
        pairs: pairs(name.as_bytes()),
    }
}

/// Which pairs of bytes follow each other in a name, a bit for each; some share a bit.
const fn pairs(name: &[u8]) -> u64 {
    let mut set = 0;
    let mut rest = name;
    while let [first, tail @ ..] = rest {
        if let [second, ..] = tail {
            set |= 1 << (first.wrapping_mul(5).wrapping_add(*second) & 63);
        }
        rest = tail;
    }
    set
}

/// The parts: sixteen at most.
const PARTS: &[Part] = &[
    part("kernel"),
    part("linux"),
    part("dracut"),
    part("grub"),
    part("shim"),
    part("xfs"),
    part("btrfs"),
    part("snapper"),
    part("systemd-boot"),
    part("sdbootutil"),
    part("patterns-"),
    part("pattern:"),
    part("anaconda"),
    part("plymouth"),
    part("branding"),
    part("theme"),
];

/// The bit of the part that is looked for, or of one that whatever has it has too.
pub(super) fn bit(wanted: &str) -> Option<u16> {
    let own = letters(wanted.as_bytes());
    let there = |part: &Part| own & part.letters == part.letters && has_part(wanted, part.name);
    Some(1 << PARTS.iter().position(there)?)
}

/// So many parts are looked for one by one.
const FEW: u32 = 4;

/// Which parts a name has, a bit for each; `own` are its letters.
pub(super) fn mask(name: &str, own: u64) -> u16 {
    let mut lettered = (0..).zip(PARTS).fold(0, |mask: u16, (at, part)| {
        mask | u16::from(own & part.letters == part.letters) << at
    });
    // A long name has the letters of many parts, and the pairs of few.
    let own = (lettered.count_ones() > FEW).then(|| pairs(name.as_bytes()));
    let mut mask = 0;
    while lettered != 0 {
        let at = lettered.trailing_zeros();
        lettered &= lettered - 1;
        let paired = |part: &&Part| own.is_none_or(|own| own & part.pairs == part.pairs);
        let part = PARTS.get(at as usize).filter(paired);
        mask |= u16::from(part.is_some_and(|part| has_part(name, part.name))) << at;
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_seen_wherever_it_stands() {
        for part in PARTS.iter().map(|p| p.name) {
            for name in [
                part.to_string(),
                format!("a-{part}"),
                format!("größe-{part}-1"),
                format!("{part}{part}"),
            ] {
                let mask = mask(&name, letters(name.as_bytes()));
                assert_ne!(mask & bit(part).unwrap(), 0, "{name}");
            }
        }
        for name in ["", "kernal", "package-with-number-000001", "größe"] {
            assert_eq!(mask(name, letters(name.as_bytes())), 0, "{name}");
        }
    }

    #[test]
    fn what_begins_with_a_part_is_found_by_it() {
        assert_eq!(bit("dracut-kiwi-"), bit("dracut"));
        assert_eq!(bit("linux-image"), bit("linux"));
        assert_eq!(bit("bash"), None);
    }
}
