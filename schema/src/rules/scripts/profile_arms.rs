//! The one name that a script asks for and no profile has, where all others that it asks for are declared and one that is
//! declared is asked for nowhere. Looks at words; runs nothing.

use super::profiles::{Asked, NO_PROFILES};
use crate::description::model::Image;

/// A place in a line of a script with a word, and the profile that is meant by it.
type Strange<'t, 'd> = (usize, &'t str, &'t str, &'d str);

/// That name with where it stands, and the profile that is meant.
pub(super) fn strange<'t, 'd>(image: &'d Image, asked: &[Asked<'t>], text: &str) -> Option<Strange<'t, 'd>> {
    let declared = || image.profiles.iter().map(|p| p.name.value.as_str());
    let (mut known, mut odd) = (Vec::new(), None);
    for one in asked {
        for word in one.words().filter(|w| quoted(one.line, w)) {
            let fits = |d: &&str| *d == word || one.parted && d.contains(word);
            if declared().any(|d| fits(&d)) {
                known.extend(declared().filter(fits));
                continue;
            }
            // Two names that are none belong to other images, which share the script.
            if odd.as_ref().is_some_and(|(_, _, other)| *other != word) {
                return None;
            }
            odd.get_or_insert((one.at, one.line, word));
        }
    }
    known.sort_unstable();
    known.dedup();
    let (at, line, word) = odd?;
    let typed = crate::rules::catalog::typed(image);
    let left = || declared().filter(|d| typed.contains(d) && !known.contains(d));
    let mut within = left().filter(|d| d.len() > 2 && (word.starts_with(d) || word.ends_with(d)));
    let part = within
        .next()
        .filter(|_| !known.is_empty() && within.next().is_none());
    let only = || {
        left()
            .next()
            .filter(|_| known.len() > 1 && left().nth(1).is_none())
    };
    let meant = part.or_else(only)?;
    (!text.contains(meant) || word.contains(meant)).then_some((at, line, word, meant))
}

/// The word stands as a name that is compared: in quotes, between asterisks, or as a pattern of a case.
fn quoted(line: &str, word: &str) -> bool {
    let at = crate::rules::found::offset(word, line);
    let before = at.checked_sub(1).and_then(|b| line.as_bytes().get(b));
    let plain =
        word.len() > 1 && !word.contains('$') && !word.starts_with('-') && !NO_PROFILES.contains(&word);
    let letters = word.bytes().any(|b| b.is_ascii_alphabetic());
    let pattern = || line.split_once(')').is_some_and(|(head, _)| !head.contains(' '));
    plain && letters && before.map_or_else(pattern, |b| matches!(b, b'"' | b'\'' | b'*' | b'|'))
}
