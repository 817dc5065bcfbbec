//! Parts of names that rules look for in whole lists of packages: found in one walk, since a list may have a hundred
//! thousand names. A part that a rule wants is put here first.

use super::found::{has_part, letters};

/// A part with its letters.
const fn part(name: &'static str) -> (&'static str, u64) {
    (name, letters(name.as_bytes()))
}

/// The parts: sixteen at most.
const PARTS: &[(&str, u64)] = &[
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
    let there = |(part, letters): &(&str, u64)| own & letters == *letters && has_part(wanted, part);
    Some(1 << PARTS.iter().position(there)?)
}

/// Which parts a name has, a bit for each; `own` are its letters.
pub(super) fn mask(name: &str, own: u64) -> u16 {
    let all = (0..).zip(PARTS);
    all.fold(0, |mask, (at, (part, letters))| {
        let has = own & letters == *letters && has_part(name, part);
        mask | u16::from(has) << at
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_seen_wherever_it_stands() {
        for (part, _) in PARTS {
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
