//! Element and attribute-list declarations: their form. What they declare is of no use to who reads descriptions.

use super::cursor::{Cursor, Read};

/// `<!ELEMENT` is behind the cursor; reads up to `>`, and gives the name.
pub fn element<'t>(c: &mut Cursor<'t>) -> Read<&'t str> {
    c.space()?;
    let name = c.name()?;
    c.space()?;
    if !(c.take("EMPTY") || c.take("ANY")) {
        let start = c.at;
        c.need("(")?;
        c.blank();
        if c.take("#PCDATA") {
            mixed(c)?;
        } else {
            c.at = start;
            children(c)?;
        }
    }
    c.blank();
    c.need(">")?;
    Ok(name)
}

fn mixed(c: &mut Cursor<'_>) -> Read<()> {
    let mut names = false;
    loop {
        c.blank();
        if c.take("|") {
            c.blank();
            c.name()?;
            names = true;
        } else {
            c.need(")")?;
            if !c.take("*") && names {
                return c.wrong("expected `*` behind a list of text and elements");
            }
            return Ok(());
        }
    }
}

/// Groups of names; a loop with a stack, so that depth costs no recursion.
fn children(c: &mut Cursor<'_>) -> Read<()> {
    // The separator of each open group, 0 where it has none yet.
    let mut open: Vec<u8> = Vec::new();
    loop {
        if c.take("(") {
            open.push(0);
            c.blank();
            continue;
        }
        c.name()?;
        // Behind a name or a group: `?`, `*`, `+`, then a separator or the group's end.
        loop {
            if matches!(c.byte(), b'?' | b'*' | b'+') {
                c.at += 1;
            }
            let Some(separator) = open.last_mut() else {
                return Ok(());
            };
            c.blank();
            let b = c.byte();
            if b == b')' {
                c.at += 1;
                open.pop();
                if open.is_empty() {
                    if matches!(c.byte(), b'?' | b'*' | b'+') {
                        c.at += 1;
                    }
                    return Ok(());
                }
                continue;
            }
            if !matches!(b, b'|' | b',') || (*separator != 0 && *separator != b) {
                return c.wrong("expected `)`, or the same separator again");
            }
            *separator = b;
            c.at += 1;
            c.blank();
            break;
        }
    }
}

/// What an attribute-list declaration says.
pub struct Attributes<'t> {
    /// The name of the element, prefix included.
    pub element: &'t str,
    /// The attributes.
    pub names: Vec<&'t str>,
    /// The attributes whose values are words: their white space is collapsed (XML 1.0, section 3.3.3).
    pub words: Vec<&'t str>,
    /// The default values with their places.
    pub defaults: Vec<(&'t str, usize)>,
}

/// `<!ATTLIST` is behind the cursor; reads up to `>`.
pub fn attributes<'t>(c: &mut Cursor<'t>) -> Read<Attributes<'t>> {
    c.space()?;
    let element = c.name()?;
    let (mut names, mut words, mut defaults) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let spaced = c.blank();
        if c.take(">") {
            return Ok(Attributes {
                element,
                names,
                words,
                defaults,
            });
        }
        if !spaced {
            return c.wrong("white space is missing in this declaration");
        }
        let name = c.name()?;
        names.push(name);
        c.space()?;
        if !c.take("CDATA") {
            kind(c)?;
            words.push(name);
        }
        c.space()?;
        if c.take("#REQUIRED") || c.take("#IMPLIED") {
            continue;
        }
        if c.take("#FIXED") {
            c.space()?;
        }
        defaults.push(c.literal()?);
    }
}

fn kind(c: &mut Cursor<'_>) -> Read<()> {
    // Longer names first, since one begins the other.
    for word in [
        "IDREFS", "IDREF", "ID", "ENTITIES", "ENTITY", "NMTOKENS", "NMTOKEN",
    ] {
        if c.take(word) {
            return Ok(());
        }
    }
    let notation = c.take("NOTATION");
    if notation {
        c.space()?;
    }
    if c.byte() != b'(' {
        return c.wrong("expected the type of an attribute");
    }
    c.at += 1;
    loop {
        c.blank();
        if notation {
            c.plain_name()?;
        } else {
            c.nmtoken()?;
        }
        c.blank();
        if c.take(")") {
            return Ok(());
        }
        c.need("|")?;
    }
}
