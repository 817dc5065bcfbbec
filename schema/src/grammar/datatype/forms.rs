//! Texts as single datatypes read them: white space, the forms of languages and addresses, numbers and octets. Knows no
//! parameters.

use std::borrow::Cow;

/// A tag of a language by its form.
pub(super) fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(i, part)| {
        (1..=8).contains(&part.len())
            && part.bytes().all(|b| {
                if i == 0 {
                    b.is_ascii_alphabetic()
                } else {
                    b.is_ascii_alphanumeric()
                }
            })
    })
}

/// A URI reference, or what becomes one when odd characters are escaped.
pub(super) fn is_uri(text: &str) -> bool {
    let escapes = text.split('%').skip(1).all(|s| {
        let b = s.as_bytes();
        b.first().is_some_and(u8::is_ascii_hexdigit) && b.get(1).is_some_and(u8::is_ascii_hexdigit)
    });
    let scheme = match text.find([':', '/', '?', '#']) {
        Some(at) if text.get(at..=at) == Some(":") => {
            text.get(..at).is_some_and(|s| {
                s.starts_with(|c: char| c.is_ascii_alphabetic())
                    && s.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            }) && text.len() > at + 1
        }
        _ => true,
    };
    escapes && scheme && text.matches('#').count() < 2
}

/// What is white space to a datatype.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Without white space at its ends, with single blanks within.
pub(super) fn collapse(text: &str) -> Cow<'_, str> {
    // Most texts have nothing to take away.
    let bytes = text.as_bytes();
    let space = |b: Option<&u8>| matches!(b, Some(b' ' | b'\t' | b'\n' | b'\r'));
    let odd = |at: usize, b: u8| matches!(b, b'\t' | b'\n' | b'\r') || b == b' ' && space(bytes.get(at + 1));
    let ends = space(bytes.first()) || space(bytes.last());
    if !ends && !bytes.iter().enumerate().any(|(at, &b)| odd(at, b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split(SPACE).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// True where a text is `value` once its white space is collapsed.
pub(super) fn collapses_to(text: &str, value: &str) -> bool {
    let mut value = value.bytes();
    let (mut begun, mut blank) = (false, false);
    for b in text.bytes() {
        if matches!(b, b' ' | b'\t' | b'\n' | b'\r') {
            blank = begun;
            continue;
        }
        if blank && value.next() != Some(b' ') || value.next() != Some(b) {
            return false;
        }
        (begun, blank) = (true, false);
    }
    value.next().is_none()
}

/// A `float` or `double`.
pub(super) fn float(text: &str, single: bool) -> Option<f64> {
    match text {
        "INF" => return Some(f64::INFINITY),
        "-INF" => return Some(f64::NEG_INFINITY),
        "NaN" => return Some(f64::NAN),
        _ => {}
    }
    let fine = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if !fine {
        return None;
    }
    if single {
        text.parse::<f32>().ok().map(f64::from)
    } else {
        text.parse().ok()
    }
}

/// What two equal numbers have alike: all NaN, both zeros.
pub(super) fn bits(x: f64) -> u64 {
    if x.is_nan() {
        f64::NAN.to_bits()
    } else if x == 0.0 {
        0
    } else {
        x.to_bits()
    }
}

/// The octets of a `hexBinary`.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|p| p.iter().fold(0, |a, b| a << 4 | b))
            .collect(),
    )
}

/// The octets of a `base64Binary` whose white space is collapsed.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let clean: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    if !clean.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(clean.len() / 4 * 3);
    let last = clean.len().saturating_sub(4);
    for (at, four) in clean.chunks_exact(4).enumerate() {
        let pad = four.iter().rev().take_while(|b| **b == b'=').count();
        if pad > 2 || pad > 0 && at * 4 != last {
            return None;
        }
        let mut n = 0u32;
        for b in four.iter().take(4 - pad) {
            n = n << 6 | ALPHABET.iter().position(|a| a == b)? as u32;
        }
        n <<= 6 * pad;
        if pad == 1 && n & 0xFF != 0 || pad == 2 && n & 0xFFFF != 0 {
            return None;
        }
        out.extend(n.to_be_bytes().iter().skip(1).take(3 - pad));
    }
    Some(out)
}
