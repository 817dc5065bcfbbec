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

/// The folder that a base URI names, seen from the folder `from`.
pub fn folder(from: &str, base: &str) -> String {
    let joined = join(from, base);
    joined
        .rfind('/')
        .and_then(|at| joined.get(..=at))
        .unwrap_or("")
        .to_string()
}

/// A reference seen from a folder; an absolute one as it stands.
pub fn join(folder: &str, href: &str) -> String {
    let absolute = href.starts_with('/')
        || href
            .find([':', '/'])
            .is_some_and(|at| at > 1 && href.get(at..=at) == Some(":"));
    if absolute {
        href.to_string()
    } else {
        format!("{folder}{href}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_add_up() {
        assert_eq!(
            join(&folder(&folder("sub1/", "sub2"), "sub3/y"), "x"),
            "sub1/sub3/x"
        );
        assert_eq!(join("a/", "file:///x"), "file:///x");
        assert!(is_library("foo:bar") && !is_library("xyzzy") && !is_library("http://a#b"));
    }
}
