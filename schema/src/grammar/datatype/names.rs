//! XML names (XML 1.0, fifth edition, sections 2.3; Namespaces in XML, section 3).

/// True for a character that a name may begin with; the colon is left to the caller.
pub fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// True for a character that a name may hold; the colon is left to the caller.
pub fn in_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// A name without colon.
pub fn is_ncname(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(in_name)
}

/// A name, colons allowed.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c| starts_name(c) || c == ':') && is_nmtoken(text)
}

/// One or more name characters.
pub fn is_nmtoken(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| in_name(c) || c == ':')
}
