//! The document type declaration with its internal subset: whether it is well-formed, and the entities it declares
//! (XML 1.0, sections 2.8, 3.2, 3.3, 4). Nothing is fetched; replacement texts are read to a bounded depth.

mod cursor;
mod declarations;

use rustc_hash::FxHashMap;

use cursor::{Cursor, Read};

use super::chars::name_end;
use super::entities::{Entities, Entity, replacement};
use super::faults::{fault, shown};
use super::names::has_prefix;
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// How deep parameter entities may stand in one another.
const MAX_DEPTH: usize = 20;
/// How many declarations parameter entities may bring, so that none multiplies without end.
const MAX_REPLACED: usize = 10_000;

struct Reader<'e> {
    entities: &'e mut Entities,
    faults: Vec<Diagnostic>,
    /// Parameter entities; none for external ones.
    parameters: FxHashMap<Box<str>, Option<Box<str>>>,
    replaced: usize,
}

/// Reads the declaration that stands at `base`; adds what it declares. Gives the faults, at most one a declaration.
pub(super) fn read(entities: &mut Entities, text: &str, base: u32) -> Vec<Diagnostic> {
    let mut reader = Reader {
        entities,
        faults: Vec::new(),
        parameters: FxHashMap::default(),
        replaced: 0,
    };
    let mut c = Cursor {
        text,
        at: 9,
        base,
        replaced: None,
    };
    if let Err(f) = reader.head(&mut c) {
        reader.faults.push(*f);
        reader.entities.partial = true;
    }
    reader.faults
}

impl Reader<'_> {
    fn head(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.space()?;
        c.name()?;
        let spaced = c.blank();
        if spaced && c.external(false)? {
            self.entities.partial = true;
            c.blank();
        }
        if c.take("[") {
            self.declarations(c, 0);
            if !c.take("]") {
                // Already told, or the declaration has no end at all, which the caller tells.
                return Ok(());
            }
            c.blank();
        }
        c.need(">")
    }

    /// Declarations up to `]`, or to the end of a parameter entity's text.
    fn declarations(&mut self, c: &mut Cursor<'_>, depth: usize) {
        while !c.rest().is_empty() {
            c.blank();
            if c.byte() == b']' && depth == 0 || c.rest().is_empty() {
                return;
            }
            let start = c.at;
            if let Err(f) = self.declaration(c, depth) {
                self.faults.push(*f);
                self.entities.partial = true;
                if depth > 0 || self.faults.len() > 20 {
                    c.at = c.text.len();
                    return;
                }
                c.at = c.at.max(start + 1);
                while !c.text.is_char_boundary(c.at) {
                    c.at += 1;
                }
                match c.rest().find(['>', ']']) {
                    Some(n) if c.rest().get(n..=n) == Some(">") => c.at += n + 1,
                    Some(n) => c.at += n,
                    None => c.at = c.text.len(),
                }
            }
        }
    }

    fn declaration(&mut self, c: &mut Cursor<'_>, depth: usize) -> Read<()> {
        if c.take("<!--") {
            let end = c.rest().find("--");
            match end {
                Some(n) => {
                    c.at += n + 2;
                    c.need(">")
                }
                None => c.wrong("this comment is not closed by `-->`"),
            }
        } else if c.take("<?") {
            let start = c.at;
            let target = c.plain_name()?;
            if target.eq_ignore_ascii_case("xml") {
                c.at = start;
                return c.wrong("the target `xml` is reserved for the XML declaration");
            }
            match c.rest().find("?>") {
                Some(0) => {}
                Some(_) if c.blank() => {}
                Some(_) => return c.wrong("white space is missing after the name of this instruction"),
                None => return c.wrong("this instruction is not closed by `?>`"),
            }
            c.at += c.rest().find("?>").unwrap_or(0) + 2;
            Ok(())
        } else if c.take("<!ELEMENT") {
            let name = declarations::element(c)?;
            self.letter(name);
            Ok(())
        } else if c.take("<!ATTLIST") {
            let list = declarations::attributes(c)?;
            list.names.iter().for_each(|name| self.letter(name));
            for name in list.words {
                self.entities.words.insert((list.element.into(), name.into()));
            }
            for (value, at) in list.defaults {
                self.default_value(c, value, at)?;
            }
            Ok(())
        } else if c.take("<!NOTATION") {
            c.space()?;
            c.plain_name()?;
            c.space()?;
            if !c.external(true)? {
                return c.wrong("expected `SYSTEM` or `PUBLIC`");
            }
            c.blank();
            c.need(">")
        } else if c.take("<!ENTITY") {
            self.entity(c)
        } else if c.byte() == b'%' {
            self.parameter(c, depth)
        } else if c.rest().starts_with("<![") {
            let told = c.wrong("a conditional section may not stand in the document itself");
            c.at += c.rest().find("]]>").map_or(0, |n| n + 2);
            told
        } else {
            c.wrong("this starts no declaration")
        }
    }

    /// Notes a declared name whose colon makes no prefix: whoever declares it does without namespaces.
    fn letter(&mut self, name: &str) {
        if name.contains(':') && !has_prefix(name) {
            self.entities.colons.insert(name.into());
        }
    }

    fn default_value(&mut self, c: &Cursor<'_>, value: &str, at: usize) -> Read<()> {
        let tell = |n: usize, len: usize, what: String| {
            let span = c.span(at + n, at + n + len);
            Err(Box::new(fault("invalid-doctype", span, what)))
        };
        if let Some(n) = value.find('<') {
            return tell(n, 1, "`<` may not stand in a default value".into());
        }
        let mut from = 0;
        while let Some(n) = value.get(from..).and_then(|v| v.find('&')).map(|n| n + from) {
            let Some(name) = reference(value, n) else {
                return tell(n, 1, "`&` begins no reference".into());
            };
            let span = c.span(at + n, at + n + name.len() + 2);
            if let Some(mut f) = self.entities.refuse(name, span, true) {
                f.span = span;
                return Err(Box::new(f));
            }
            from = n + name.len() + 2;
        }
        Ok(())
    }

    fn entity(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.space()?;
        let parameter = c.byte() == b'%';
        if parameter {
            c.at += 1;
            if name_end(c.text, c.at) > c.at {
                return c.wrong("white space is missing behind `%`");
            }
            c.space()?;
        }
        let name = c.plain_name()?;
        c.space()?;
        let mut entity = Entity::External;
        if matches!(c.byte(), b'"' | b'\'') {
            let (value, at) = c.literal()?;
            if let Some((n, what)) = bad_value(value) {
                c.at = at + n;
                return c.wrong(what);
            }
            entity = Entity::Internal(replacement(value).into());
        } else if !c.external(false)? {
            return c.wrong("expected a value in quotes, `SYSTEM` or `PUBLIC`");
        } else {
            let behind = c.at;
            let spaced = c.blank();
            if c.take("NDATA") {
                if !spaced || parameter {
                    c.at = behind;
                    return c.wrong(if parameter {
                        "a parameter entity has no notation"
                    } else {
                        "white space is missing in this declaration"
                    });
                }
                c.space()?;
                c.plain_name()?;
                entity = Entity::Unparsed;
            }
        }
        c.blank();
        c.need(">")?;
        if !parameter {
            self.entities.declare(name, entity);
        } else if !self.parameters.contains_key(name) {
            let text = if let Entity::Internal(text) = entity {
                Some(text)
            } else {
                None
            };
            self.parameters.insert(name.into(), text);
        }
        Ok(())
    }

    /// `%name;` between declarations: what it stands for is read in its place.
    fn parameter(&mut self, c: &mut Cursor<'_>, depth: usize) -> Read<()> {
        let start = c.at;
        c.at += 1;
        let name = c.plain_name()?;
        c.need(";")?;
        self.entities.partial = true;
        let span = c.span(start, c.at);
        let tell = |what: String| Err(Box::new(fault("invalid-doctype", span, what)));
        self.replaced += 1;
        match self.parameters.get(name) {
            None | Some(None) => Ok(()),
            Some(Some(_)) if depth >= MAX_DEPTH || self.replaced > MAX_REPLACED => {
                tell(format!("`%{};` expands without end", shown(name)))
            }
            Some(Some(text)) => {
                let text = text.clone();
                let mut inner = Cursor {
                    text: &text,
                    at: 0,
                    base: span.start,
                    replaced: Some(span.end - span.start),
                };
                let before = self.faults.len();
                self.declarations(&mut inner, depth + 1);
                self.faults.truncate(before + 1);
                Ok(())
            }
        }
    }
}

/// The name of the reference whose `&` stands at `at`; none where there is no reference.
pub(super) fn reference(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at + 1..)?;
    // Up to the next `&` at most, or a text full of them is read again and again.
    let end = memchr::memchr2(b'&', b';', rest.as_bytes())?;
    let name = rest
        .get(..end)
        .filter(|_| rest.as_bytes().get(end) == Some(&b';'))?;
    let fine = if name.starts_with('#') {
        super::refs::character(name).is_some()
    } else {
        !name.is_empty() && name_end(name, 0) == name.len()
    };
    fine.then_some(name)
}

/// What is wrong in the value of an entity, and where.
fn bad_value(value: &str) -> Option<(usize, &'static str)> {
    for (n, b) in value.bytes().enumerate() {
        match b {
            b'%' => return Some((n, "a parameter entity may stand between declarations only")),
            b'&' if reference(value, n).is_none() => return Some((n, "`&` begins no reference")),
            _ => {}
        }
    }
    None
}

/// The span of a whole reference.
pub(super) fn whole(at: u32, name: &str) -> Span {
    Span::new(at, at + name.len() as u32 + 2)
}
