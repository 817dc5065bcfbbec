//! Names of packages with two slips of the pen, each in a word of its own, or both in a long one. One alone is judged in `packages::lists`. Asks no
//! repository; judges nothing.

use super::Family;
use super::lists::{is_known, same_letters};
use crate::rules::found::difference;

/// The one name of the family's packages that two words of a name, which is none, are slips of; `own` are its letters.
pub(super) fn slip(name: &str, own: u64, family: Family) -> Option<&'static str> {
    let mut like = same_letters(own, family).filter(|right| is_slip(name, right));
    let meant = like.next()?;
    (like.next().is_none() && !is_known(name)).then_some(meant)
}

/// Two words differ, and each by one slip.
fn is_slip(name: &str, right: &str) -> bool {
    let parted = |c: char| matches!(c, '-' | '_' | '.');
    let (mut own, mut meant) = (name.split(parted), right.split(parted));
    let mut slips = 0;
    loop {
        match (own.next(), meant.next()) {
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) if of_word(one.as_bytes(), other.as_bytes()) => slips += 1,
            (Some(one), Some(other)) if twice(one.as_bytes(), other.as_bytes()) => slips += 2,
            (None, None) => return slips == 2,
            _ => return false,
        }
    }
}

/// A long word has letters that changed places, and one slip more.
fn twice(word: &[u8], right: &[u8]) -> bool {
    if right.len() < 8 || word.len().abs_diff(right.len()) > 1 {
        return false;
    }
    let mut mended = word.to_vec();
    (1..word.len()).any(|at| {
        mended.swap(at - 1, at);
        let found = of_word(&mended, right);
        mended.swap(at - 1, at);
        found
    })
}

/// Two letters have changed places, one is doubled, or one is missing inside.
fn of_word(word: &[u8], right: &[u8]) -> bool {
    if right.len() < 4 || word.len().abs_diff(right.len()) > 1 {
        return false;
    }
    let Some((at, own, meant)) = difference(word, right) else {
        return false;
    };
    let letters = own.iter().chain(meant).all(u8::is_ascii_alphabetic);
    letters
        && match (own, meant) {
            ([a, b], [c, d]) => (a, b) == (d, c),
            ([more], []) => at > 0 && word.get(at - 1) == Some(more),
            ([], [_]) => at > 0 && at + 1 < right.len(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::found::letters;

    #[test]
    fn two_words_with_a_slip_each_are_that_name() {
        let meant = |name: &str, family| slip(name, letters(name.as_bytes()), family);
        assert_eq!(
            meant("selinux-polciy-targetted", Family::RedHat),
            Some("selinux-policy-targeted")
        );
        assert_eq!(meant("openshs-sevrer", Family::Debian), Some("openssh-server"));
        assert_eq!(meant("plymuoht-themes", Family::Debian), Some("plymouth-themes"));
        for own in ["openssh-server", "openssh-sevrer", "openshs-severr-x"] {
            assert_eq!(meant(own, Family::Debian), None, "{own}");
        }
    }
}
