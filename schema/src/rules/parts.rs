//! Parts of names that rules look for in whole lists of packages: found in one walk, since a list may have a hundred
//! thousand names. A part that a rule wants is put here first.

use super::found::{has_part, letters};

/// A part with its letters.
const fn part(name: &'static str) -> (&'static str, u64) {
    (name, letters(name.as_bytes()))
}

/// The parts.
const PARTS: &[(&str, u64)] = &[
    part("kernel"),
    part("linux-image"),
    part("dracut"),
    part("grub"),
    part("xfs"),
    part("btrfs"),
    part("snapper"),
    part("systemd-boot"),
    part("sdbootutil"),
];

/// True for what is looked for.
pub(super) fn is_one(name: &str) -> bool {
    PARTS.iter().any(|(part, _)| *part == name)
}

/// True where a name has one of them.
pub(super) fn any(name: &str) -> bool {
    let own = letters(name.as_bytes());
    let may = |(part, letters): &(&str, u64)| own & letters == *letters && has_part(name, part);
    PARTS.iter().any(may)
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
                assert!(any(&name), "{name}");
            }
        }
        for name in ["", "kernal", "linux", "package-with-number-000001", "größe"] {
            assert!(!any(name), "{name}");
        }
    }
}
