//! Debian's order of versions (deb-version(7)), without allocation: `[epoch:]upstream[-revision]`, a tilde sorts before the end.

use std::cmp::Ordering;

/// Compares as `dpkg --compare-versions` does.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (epoch_a, upstream_a, revision_a) = split(a);
    let (epoch_b, upstream_b, revision_b) = split(b);
    compare_part(epoch_a, epoch_b)
        .then_with(|| compare_part(upstream_a, upstream_b))
        .then_with(|| compare_part(revision_a, revision_b))
}

/// Epoch, upstream version, revision; a missing epoch or revision is empty, which compares as `0`.
fn split(version: &str) -> (&[u8], &[u8], &[u8]) {
    let (epoch, rest) = version.split_once(':').unwrap_or(("", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch.as_bytes(), upstream.as_bytes(), revision.as_bytes())
}

fn compare_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        loop {
            let (x, y) = (head(a), head(b));
            let digit = |c: Option<u8>| c.is_none_or(|c| c.is_ascii_digit());
            if digit(x) && digit(y) {
                break;
            }
            match weight(x).cmp(&weight(y)) {
                Ordering::Equal => (a, b) = (tail(a), tail(b)),
                other => return other,
            }
        }
        let (number_a, rest_a) = number(a);
        let (number_b, rest_b) = number(b);
        let order = number_a
            .len()
            .cmp(&number_b.len())
            .then_with(|| number_a.cmp(number_b));
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn head(text: &[u8]) -> Option<u8> {
    text.first().copied()
}

fn tail(text: &[u8]) -> &[u8] {
    text.get(1..).unwrap_or(&[])
}

/// A tilde sorts before the end and digits, letters before everything else.
fn weight(c: Option<u8>) -> i32 {
    match c {
        None => 0,
        Some(b'~') => -1,
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(c),
        Some(c) => i32::from(c) + 256,
    }
}

/// The digits at the start without leading zeros, and what follows them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let zeros = text.iter().take_while(|c| **c == b'0').count();
    let rest = text.get(zeros..).unwrap_or(&[]);
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    rest.split_at(digits.min(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_manual_s_examples_hold() {
        let ascending = [
            "1~~", "1~~a", "1~", "1", "1a", "1+", "1.0~rc1", "1.0", "1.0-0.1", "1.0-1", "1.2", "1.10",
            "1:0.1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (a, b) in [("1.0", "1.0-0"), ("0:1", "1"), ("1.01", "1.1"), ("1.", "1.0")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    /// Mostly legal versions over a small alphabet, so that pairs share long heads.
    fn version() -> impl Strategy<Value = String> {
        "([0-2]:)?[0-9][0-9a1.+~]{0,6}(-[0-9a.+~]{1,4}){0,2}"
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn dpkg_agrees(a in version(), b in version()) {
            let ours = compare(&a, &b);
            let word = match ours { Ordering::Less => "lt", Ordering::Equal => "eq", Ordering::Greater => "gt" };
            #[allow(clippy::disallowed_methods)]
            let dpkg = std::process::Command::new("dpkg")
                .args(["--compare-versions", &a, word, &b])
                .output()
                .unwrap();
            prop_assert!(dpkg.status.success(), "{a} {word} {b}: {}", String::from_utf8_lossy(&dpkg.stderr));
        }
    }
}
