//! Numbers that are read otherwise than they are written: readers of YAML, JSON and TOML make a value of them, and KIWI
//! writes that value into the XML that it goes on with. Changes nothing itself.

use super::Markup;

/// What KIWI gets for a bare word, where it is a number and comes out as another text.
pub(super) fn as_read(word: &str, markup: Markup) -> Option<String> {
    // Longer ones are no slip.
    if word.len() > 64 || !word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        return None;
    }
    let (minus, bare) = match word.split_at_checked(1) {
        Some(("-", rest)) => (true, rest),
        Some(("+", rest)) => (false, rest),
        _ => (false, word),
    };
    let digits = bare.replace('_', "");
    let read = match (float(bare, &digits, markup), whole(&digits, markup)) {
        (Some(number), _) => number,
        (None, Some(number)) => number.to_string(),
        (None, None) => return None,
    };
    let read = if minus { format!("-{read}") } else { read };
    // Signs and `_` that go are no other number.
    (read != word && read.trim_start_matches('-') != digits).then_some(read)
}

/// With a decimal point, as the least digits that say the same.
fn float(bare: &str, digits: &str, markup: Markup) -> Option<String> {
    let mantissa = bare.split(['e', 'E']).next()?;
    let pointed = mantissa.split_once('.').is_some_and(|(head, tail)| {
        let all = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        !head.is_empty() && all(head) && all(tail)
    });
    // YAML wants the point, and the exponent's sign.
    let exponent = bare.len() > mantissa.len();
    let signed = bare.contains(['+', '-']);
    let good = match markup {
        Markup::Yaml => pointed && (!exponent || signed),
        _ => pointed || exponent && whole(mantissa, markup).is_some(),
    };
    let number: f64 = digits.parse().ok().filter(|_| good)?;
    Some(format!("{number:?}"))
}

/// A whole number in any of the notations; YAML's are those of version 1.1.
fn whole(digits: &str, markup: Markup) -> Option<u64> {
    let of = |prefix: &str, radix| {
        let rest = digits.strip_prefix(prefix)?;
        u64::from_str_radix(rest, radix).ok()
    };
    let octal = match markup {
        Markup::Yaml if digits.len() > 1 => of("0", 8),
        Markup::Toml => of("0o", 8),
        _ => None,
    };
    let plain = |s: &str| s == "0" || !s.starts_with('0') && s.bytes().all(|b| b.is_ascii_digit());
    let base = match markup {
        Markup::Yaml | Markup::Toml => of("0x", 16).or_else(|| of("0b", 2)),
        _ => None,
    };
    base.or(octal)
        .or_else(|| digits.parse().ok().filter(|_| plain(digits)))
        .or_else(|| sixties(digits).filter(|_| markup == Markup::Yaml))
}

/// `1:30` is ninety to YAML 1.1.
fn sixties(digits: &str) -> Option<u64> {
    let mut parts = digits.split(':');
    let first = parts.next().filter(|f| !f.starts_with('0'))?;
    let mut all: u64 = first.parse().ok()?;
    let mut any = false;
    for part in parts {
        let number: u64 = part.parse().ok()?;
        if part.len() > 2 || number > 59 {
            return None;
        }
        all = all.checked_mul(60)?.checked_add(number)?;
        any = true;
    }
    any.then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_out_as_its_reader_writes_it() {
        for (word, markup, read) in [
            ("1.10", Markup::Yaml, Some("1.1")),
            ("1.10", Markup::Json, Some("1.1")),
            ("1.10", Markup::Toml, Some("1.1")),
            ("-2.50", Markup::Yaml, Some("-2.5")),
            ("1.0", Markup::Yaml, None),
            ("1.0.0", Markup::Yaml, None),
            ("0644", Markup::Yaml, Some("420")),
            ("0o644", Markup::Toml, Some("420")),
            ("0899", Markup::Yaml, None),
            ("0", Markup::Yaml, None),
            ("1_000", Markup::Yaml, None),
            ("512", Markup::Json, None),
            ("0x10", Markup::Yaml, Some("16")),
            ("1e3", Markup::Json, Some("1000.0")),
            ("1e3", Markup::Yaml, None),
            ("22:22", Markup::Yaml, Some("1342")),
            ("80/tcp", Markup::Yaml, None),
            ("2024-01-02", Markup::Yaml, None),
            ("52:54:00:ab:34:56", Markup::Yaml, None),
            ("4G", Markup::Yaml, None),
            (".", Markup::Yaml, None),
            ("-", Markup::Yaml, None),
        ] {
            assert_eq!(as_read(word, markup).as_deref(), read, "{word}");
        }
    }
}
