//! The restrictions of section 7, on the simple form. Changes nothing.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::error::GrammarError;
use super::super::name_class::NameClass;
use super::simple::{Builder, Kind, Sid, Simple};

/// Where a pattern stands, as far as section 7.1 cares.
const IN_ATTRIBUTE: u8 = 1;
const IN_MANY: u8 = 2;
const IN_MANY_GROUP: u8 = 4;
const IN_LIST: u8 = 8;
const IN_EXCEPT: u8 = 16;
const IN_START: u8 = 32;

/// Section 7.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Empty,
    Complex,
    Simple,
}

/// Checks everything that the start reaches; the elements reached.
pub fn check(b: &Builder<'_>, start: Sid) -> Result<Vec<usize>, GrammarError> {
    let mut c = Checker {
        b,
        seen: FxHashSet::default(),
        found: Vec::new(),
        known: FxHashSet::default(),
        content: FxHashMap::default(),
        parts: FxHashSet::default(),
    };
    c.place(start, IN_START)?;
    let mut at = 0;
    while let Some(&index) = c.found.get(at) {
        at += 1;
        let Some(e) = b.elements.get(index) else { continue };
        c.place(e.content, 0)?;
        if !matches!(b.list.get(e.content).map(|s| &s.kind), Some(Kind::NotAllowed))
            && c.content(e.content).is_none()
        {
            return Err(e
                .file
                .refuse(e.span, "text of a datatype cannot stand beside other content"));
        }
        c.overlap(e.content)?;
    }
    Ok(c.found)
}

struct Checker<'a> {
    b: &'a Builder<'a>,
    seen: FxHashSet<(Sid, u8)>,
    found: Vec<usize>,
    known: FxHashSet<usize>,
    content: FxHashMap<Sid, Option<Content>>,
    parts: FxHashSet<Sid>,
}

fn refuse(s: &Simple, reason: &str) -> GrammarError {
    s.file.refuse(s.span, reason)
}

impl<'a> Checker<'a> {
    fn get(&self, id: Sid) -> Option<&'a Simple> {
        self.b.list.get(id)
    }

    /// Section 7.1, and which elements there are.
    fn place(&mut self, id: Sid, ctx: u8) -> Result<(), GrammarError> {
        if !self.seen.insert((id, ctx)) {
            return Ok(());
        }
        let Some(s) = self.get(id) else { return Ok(()) };
        let inside = |bits: u8| ctx & bits != 0;
        let place = if inside(IN_LIST) {
            "`<list>`"
        } else if inside(IN_EXCEPT) {
            "`<except>` of `<data>`"
        } else if inside(IN_ATTRIBUTE) {
            "`<attribute>`"
        } else {
            "`<start>`"
        };
        let bad = |what: &str| Err(refuse(s, &format!("{what} cannot stand in {place}")));
        match &s.kind {
            Kind::NotAllowed => Ok(()),
            Kind::Empty if inside(IN_EXCEPT | IN_START) => bad("`<empty>`"),
            Kind::Empty => Ok(()),
            Kind::Text if inside(IN_LIST | IN_EXCEPT | IN_START) => bad("`<text>`"),
            Kind::Text => Ok(()),
            Kind::Choice(l) => l.iter().try_for_each(|&p| self.place(p, ctx)),
            Kind::Group(_) if inside(IN_EXCEPT | IN_START) => bad("`<group>`"),
            Kind::Interleave(_) if inside(IN_LIST | IN_EXCEPT | IN_START) => bad("`<interleave>`"),
            Kind::Group(l) | Kind::Interleave(l) => {
                let ctx = if inside(IN_MANY) { ctx | IN_MANY_GROUP } else { ctx };
                l.iter().try_for_each(|&p| self.place(p, ctx))
            }
            Kind::OneOrMore(_) if inside(IN_EXCEPT | IN_START) => bad("`<oneOrMore>`"),
            Kind::OneOrMore(p) => self.place(*p, ctx | IN_MANY),
            Kind::List(_) if inside(IN_LIST | IN_EXCEPT | IN_START) => bad("`<list>`"),
            Kind::List(p) => self.place(*p, ctx | IN_LIST),
            Kind::Data(..) if inside(IN_START) => bad("`<data>`"),
            Kind::Data(_, Some(e)) => self.place(*e, IN_EXCEPT),
            Kind::Data(_, None) => Ok(()),
            Kind::Value(..) if inside(IN_START) => bad("`<value>`"),
            Kind::Value(..) => Ok(()),
            Kind::Attribute(..) if inside(IN_ATTRIBUTE | IN_LIST | IN_EXCEPT | IN_START) => {
                bad("`<attribute>`")
            }
            Kind::Attribute(..) if inside(IN_MANY_GROUP) => {
                Err(refuse(s, "an attribute cannot be repeated together with others"))
            }
            Kind::Attribute(names, p, _) => {
                if names.is_open() && !inside(IN_MANY) {
                    return Err(refuse(s, "an attribute of any name must stand in `<oneOrMore>`"));
                }
                self.place(*p, IN_ATTRIBUTE)?;
                self.content(*p)
                    .map(|_| ())
                    .ok_or_else(|| refuse(s, "text of a datatype cannot stand beside other content"))
            }
            Kind::Element(_) if inside(IN_ATTRIBUTE | IN_LIST | IN_EXCEPT) => bad("`<element>`"),
            Kind::Element(index) => {
                if self.known.insert(*index) {
                    self.found.push(*index);
                }
                Ok(())
            }
        }
    }

    /// Section 7.2; none where there is no content type.
    fn content(&mut self, id: Sid) -> Option<Content> {
        if let Some(&c) = self.content.get(&id) {
            return c;
        }
        let got = match &self.get(id)?.kind {
            Kind::NotAllowed | Kind::Empty => Some(Content::Empty),
            Kind::Text | Kind::Element(_) => Some(Content::Complex),
            Kind::List(_) | Kind::Value(..) => Some(Content::Simple),
            Kind::Data(_, e) => e
                .map_or(Some(()), |e| self.content(e).map(|_| ()))
                .map(|()| Content::Simple),
            Kind::Attribute(..) => Some(Content::Empty),
            Kind::Choice(l) => l
                .iter()
                .try_fold(Content::Empty, |a, &p| Some(a.max(self.content(p)?))),
            Kind::Group(l) | Kind::Interleave(l) => l.iter().try_fold(Content::Empty, |a, &p| {
                let c = self.content(p)?;
                groupable(a, c).then_some(a.max(c))
            }),
            Kind::OneOrMore(p) => self.content(*p).filter(|&c| groupable(c, c)),
        };
        self.content.insert(id, got);
        got
    }

    /// Sections 7.3 and 7.4.
    fn overlap(&mut self, id: Sid) -> Result<(), GrammarError> {
        if !self.parts.insert(id) {
            return Ok(());
        }
        let Some(s) = self.get(id) else { return Ok(()) };
        match &s.kind {
            Kind::Choice(l) => l.iter().try_for_each(|&p| self.overlap(p)),
            Kind::OneOrMore(p) => self.overlap(*p),
            Kind::Group(l) | Kind::Interleave(l) => {
                l.iter().try_for_each(|&p| self.overlap(p))?;
                let all = l.iter().map(|&p| self.leaves(p)).collect::<Vec<_>>();
                if let Some(name) = clash(&all.iter().map(|x| x.attributes.as_slice()).collect::<Vec<_>>()) {
                    return Err(refuse(s, &format!("the attribute {name} is given twice here")));
                }
                if matches!(s.kind, Kind::Interleave(_)) {
                    if let Some(name) = clash(&all.iter().map(|x| x.elements.as_slice()).collect::<Vec<_>>())
                    {
                        return Err(refuse(
                            s,
                            &format!("the element {name} is in two branches of `<interleave>`"),
                        ));
                    }
                    if all.iter().filter(|x| x.text).count() > 1 {
                        return Err(refuse(s, "text is in two branches of `<interleave>`"));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn leaves(&self, id: Sid) -> Leaves<'a> {
        let mut out = Leaves::default();
        let (mut seen, mut stack) = (FxHashSet::default(), vec![id]);
        while let Some(id) = stack.pop() {
            let Some(s) = self.get(id).filter(|_| seen.insert(id)) else {
                continue;
            };
            match &s.kind {
                Kind::Text => out.text = true,
                Kind::Choice(l) | Kind::Group(l) | Kind::Interleave(l) => stack.extend(l),
                Kind::OneOrMore(p) => stack.push(*p),
                Kind::Attribute(n, ..) => out.attributes.push(n),
                Kind::Element(i) => out.elements.extend(self.b.elements.get(*i).map(|e| &e.names)),
                _ => {}
            }
        }
        out
    }
}

#[derive(Default)]
struct Leaves<'a> {
    attributes: Vec<&'a NameClass>,
    elements: Vec<&'a NameClass>,
    text: bool,
}

fn groupable(a: Content, b: Content) -> bool {
    a == Content::Empty || b == Content::Empty || a == Content::Complex && b == Content::Complex
}

/// A name that two of the branches have. Plain names by a table, the rest pair by pair.
fn clash(branches: &[&[&NameClass]]) -> Option<String> {
    let mut names = FxHashMap::default();
    for (at, branch) in branches.iter().enumerate() {
        for class in branch.iter() {
            for name in class.names() {
                if names.insert(name, at).is_some_and(|other| other != at) {
                    return Some(format!("`{}`", name.local));
                }
            }
        }
    }
    for (at, branch) in branches.iter().enumerate() {
        for class in branch.iter().filter(|c| c.is_open()) {
            for (_, other) in branches.iter().enumerate().filter(|(o, _)| *o != at) {
                if other.iter().any(|o| o.overlaps(class)) {
                    return Some("of any name".into());
                }
            }
        }
    }
    None
}
