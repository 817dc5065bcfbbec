//! Parts of names that rules look for in whole lists of packages: found in one walk, since a list may have a hundred
//! thousand names. A part that a rule wants is put here first.

use super::found::{has_part, letters};

/// The parts.
pub(super) const PARTS: &[&str] = &[
    "kernel",
    "linux-image",
    "dracut",
    "grub",
    "xfs",
    "btrfs",
    "snapper",
    "systemd-boot",
    "sdbootutil",
];

/// The letters of each.
const LETTERS: [u64; PARTS.len()] = {
    let mut all = [0; PARTS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = letters(PARTS[at].as_bytes());
        at += 1;
    }
    all
};

/// True where a name has one of them.
pub(super) fn any(name: &str) -> bool {
    let own = letters(name.as_bytes());
    let may = |(letters, part): (&u64, &&str)| own & letters == *letters && has_part(name, part);
    LETTERS.iter().zip(PARTS).any(may)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_seen_wherever_it_stands() {
        for part in PARTS {
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
