//! Parts of names that rules look for in whole lists of packages: found in one walk, since a list may have a hundred
//! thousand names. A part that a rule wants is put here first.

/// How many places there are for pairs of bytes.
pub(in crate::rules) const PLACES: usize = 1 << 10;

/// The place of a pair of bytes; some pairs share one.
pub(in crate::rules) const fn place(first: u8, second: u8) -> usize {
    ((first as usize) << 4 ^ second as usize) & (PLACES - 1)
}

/// The parts that begin with a pair of bytes, a bit for each, by the pair's place.
static BEGINNING: [u16; PLACES] = {
    let mut out = [0; PLACES];
    let mut rest = PARTS;
    let mut bit: u16 = 1;
    while let [part, tail @ ..] = rest {
        if let [first, second, ..] = part.as_bytes()
            && let Some((_, [at, ..])) = out.split_at_mut_checked(place(*first, *second))
        {
            *at |= bit;
        }
        bit = bit.wrapping_shl(1);
        rest = tail;
    }
    out
};

/// The parts: sixteen at most.
const PARTS: &[&str] = &[
    "kernel",
    "linux",
    "dracut",
    "grub",
    "shim",
    "xfs",
    "btrfs",
    "snapper",
    "systemd-boot",
    "sdbootutil",
    "patterns-",
    "pattern:",
    "anaconda",
    "plymouth",
    "branding",
    "theme",
];

/// The bit of the part that is looked for, or of one that whatever has it has too.
pub(in crate::rules) fn bit(wanted: &str) -> Option<u16> {
    // Most begin with it.
    let begins = |part: &&str| wanted.starts_with(*part);
    let own = match PARTS.iter().position(begins) {
        Some(at) => 1_u16.checked_shl(at as u32)?,
        None => mask(wanted),
    };
    (own != 0).then(|| 1 << own.trailing_zeros())
}

/// Which pairs of bytes a name has, a bit for each; some share a bit.
const fn pairs(name: &[u8]) -> u64 {
    let mut set = 0;
    let mut rest = name;
    while let [first, tail @ ..] = rest {
        if let [second, ..] = tail {
            set |= 1 << (((*first as u32) << 3 ^ *second as u32) & 63);
        }
        rest = tail;
    }
    set
}

/// The pairs of each part.
static PAIRS: [u64; PARTS.len()] = {
    let mut out = [0; PARTS.len()];
    let mut rest = PARTS;
    let mut places: &mut [u64] = &mut out;
    while let ([part, tail @ ..], [at, others @ ..]) = (rest, places) {
        *at = pairs(part.as_bytes());
        rest = tail;
        places = others;
    }
    out
};

/// Which parts a name has, a bit for each.
pub(in crate::rules) fn mask(name: &str) -> u16 {
    // Most names have not the pairs of any.
    let pairs = pairs(name.as_bytes());
    match PAIRS.iter().any(|own| own & !pairs == 0) {
        true => mask_of_some(name),
        false => 0,
    }
}

/// The same for a name that likely has one.
fn mask_of_some(name: &str) -> u16 {
    let mut mask = 0;
    let mut rest = name.as_bytes();
    while let [first, tail @ ..] = rest {
        let second = tail.first().copied().unwrap_or(0);
        let mut begun = BEGINNING.get(place(*first, second)).copied().unwrap_or(0);
        // Few pairs begin a part.
        while begun != 0 {
            let at = begun.trailing_zeros();
            begun &= begun - 1;
            let part = PARTS.get(at as usize);
            mask |= u16::from(part.is_some_and(|part| rest.starts_with(part.as_bytes()))) << at;
        }
        rest = tail;
    }
    mask
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
                let mask = mask(&name);
                assert_ne!(mask & bit(part).unwrap(), 0, "{name}");
            }
        }
        for name in ["", "kernal", "package-with-number-000001", "größe"] {
            assert_eq!(mask(name), 0, "{name}");
        }
    }

    #[test]
    fn what_begins_with_a_part_is_found_by_it() {
        assert_eq!(bit("dracut-kiwi-"), bit("dracut"));
        assert_eq!(bit("linux-image"), bit("linux"));
        assert_eq!(bit("bash"), None);
    }
}
