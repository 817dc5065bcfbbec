//! The few rules of RELAX NG on URIs (sections 4.3 and 4.5). Resolves nothing.

/// True for a `datatypeLibrary`: empty, or an absolute URI (RFC 2396) without fragment.
pub fn is_library(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_fine = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    scheme_fine && !rest.is_empty() && !rest.contains('#') && escapes_fine(rest)
}

/// Every `%` is followed by two hexadecimal digits.
pub fn escapes_fine(text: &str) -> bool {
    text.split('%').skip(1).all(|s| {
        let b = s.as_bytes();
        b.first().is_some_and(u8::is_ascii_hexdigit) && b.get(1).is_some_and(u8::is_ascii_hexdigit)
    })
}
