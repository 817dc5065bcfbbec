//! Simple patterns with their places: what sections 4.12 to 4.21 make of a schema. Checks scopes, names, datatypes
//! and recursion; the restrictions of section 7 are in `restrict`.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::datatype::{Ask, Datatype, Value};
use super::super::error::GrammarError;
use super::super::name_class::NameClass;
use super::names::names_of;
use super::surface::{Combine, El, File};
use crate::text::Span;

/// Index of a simple pattern.
pub type Sid = usize;

/// What a simple pattern is.
#[derive(Debug, Clone)]
pub enum Kind {
    NotAllowed,
    Empty,
    Text,
    Choice(Vec<Sid>),
    Interleave(Vec<Sid>),
    Group(Vec<Sid>),
    OneOrMore(Sid),
    List(Sid),
    Data(Datatype, Option<Sid>),
    Value(Box<One>),
    Attribute(NameClass, Sid, Option<Box<str>>),
    Element(usize),
}

/// One value of a type.
#[derive(Debug, Clone)]
pub struct One {
    pub datatype: Datatype,
    pub value: Value,
    pub text: Box<str>,
    pub doc: Option<Box<str>>,
}

/// A simple pattern and where it stands.
#[derive(Debug, Clone)]
pub struct Simple {
    pub kind: Kind,
    pub file: Arc<File>,
    pub span: Span,
}

/// An element pattern.
#[derive(Debug)]
pub struct Element {
    pub names: NameClass,
    pub content: Sid,
    pub doc: Option<Box<str>>,
    pub file: Arc<File>,
    pub span: Span,
}

#[derive(Debug, Default)]
struct Scope<'e> {
    parent: Option<usize>,
    /// The start has the key `""`, which no define can have.
    defines: FxHashMap<&'e str, Define<'e>>,
    order: Vec<&'e str>,
}

#[derive(Debug)]
struct Define<'e> {
    bodies: Vec<&'e El>,
    combine: Option<Combine>,
    bare: bool,
    state: State,
    doc: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Busy,
    Done(Sid),
}

/// Builds the simple form of a schema that lives longer.
#[derive(Debug, Default)]
pub struct Builder<'e> {
    pub list: Vec<Simple>,
    pub elements: Vec<Element>,
    scopes: Vec<Scope<'e>>,
    /// Elements whose content is still to be read: which, where it stands, its content, and in which scope.
    queue: Vec<(usize, &'e El, &'e [El], Option<usize>)>,
    depth: usize,
    /// Beyond what the start reaches: a define that holds itself does no harm there (section 4.19).
    lenient: bool,
}

const MAX_DEPTH: usize = 600;

impl<'e> Builder<'e> {
    /// The simple form of a whole schema; the start pattern.
    pub fn build(&mut self, root: &'e El) -> Result<Sid, GrammarError> {
        let start = self.pattern(root, None)?;
        self.drain()?;
        // What no start reaches must be right too (section 4.18), save for the restrictions of section 7.
        self.lenient = true;
        let mut at = 0;
        while at < self.scopes.len() {
            let names = self.scopes.get(at).map(|s| s.order.clone()).unwrap_or_default();
            for name in names {
                self.define(at, name)?;
                self.drain()?;
            }
            at += 1;
        }
        Ok(start)
    }

    /// The patterns without the schema that they were made of, which may go.
    pub fn alone(self) -> Builder<'static> {
        Builder {
            list: self.list,
            elements: self.elements,
            ..Builder::default()
        }
    }

    fn drain(&mut self) -> Result<(), GrammarError> {
        while let Some((index, el, body, scope)) = self.queue.pop() {
            let parts = self.all(body, scope)?;
            let content = self.group(parts, el);
            if let Some(e) = self.elements.get_mut(index) {
                e.content = content;
            }
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind, el: &El) -> Sid {
        self.list.push(Simple {
            kind,
            file: el.shared.file.clone(),
            span: el.span,
        });
        self.list.len() - 1
    }

    fn all(&mut self, list: &'e [El], scope: Option<usize>) -> Result<Vec<Sid>, GrammarError> {
        list.iter().map(|c| self.pattern(c, scope)).collect()
    }

    fn is(&self, id: Sid, test: fn(&Kind) -> bool) -> bool {
        self.list.get(id).is_some_and(|s| test(&s.kind))
    }
    fn not_allowed(&self, id: Sid) -> bool {
        self.is(id, |k| matches!(k, Kind::NotAllowed))
    }
    fn empty(&self, id: Sid) -> bool {
        self.is(id, |k| matches!(k, Kind::Empty))
    }

    /// Sections 4.20 and 4.21 for a group or an interleave.
    fn joined(&mut self, mut parts: Vec<Sid>, el: &El, make: fn(Vec<Sid>) -> Kind) -> Sid {
        if parts.iter().any(|&p| self.not_allowed(p)) {
            return self.push(Kind::NotAllowed, el);
        }
        parts.retain(|&p| !self.empty(p));
        match parts.as_slice() {
            [] => self.push(Kind::Empty, el),
            [one] => *one,
            _ => self.push(make(parts), el),
        }
    }

    fn group(&mut self, parts: Vec<Sid>, el: &El) -> Sid {
        self.joined(parts, el, Kind::Group)
    }

    fn choice(&mut self, mut parts: Vec<Sid>, el: &El) -> Sid {
        parts.retain(|&p| !self.not_allowed(p));
        match parts.as_slice() {
            [] => self.push(Kind::NotAllowed, el),
            [one] => *one,
            _ if parts.iter().all(|&p| self.empty(p)) => self.push(Kind::Empty, el),
            _ => self.push(Kind::Choice(parts), el),
        }
    }

    fn one_or_more(&mut self, p: Sid, el: &El) -> Sid {
        if self.not_allowed(p) || self.empty(p) {
            p
        } else {
            self.push(Kind::OneOrMore(p), el)
        }
    }

    fn pattern(&mut self, el: &'e El, scope: Option<usize>) -> Result<Sid, GrammarError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(el.refuse(format!("patterns are nested more than {MAX_DEPTH} deep")));
        }
        let got = self.pattern_inner(el, scope);
        self.depth -= 1;
        got
    }

    fn pattern_inner(&mut self, el: &'e El, scope: Option<usize>) -> Result<Sid, GrammarError> {
        Ok(match el.kind {
            "empty" => self.push(Kind::Empty, el),
            "text" => self.push(Kind::Text, el),
            "notAllowed" => self.push(Kind::NotAllowed, el),
            "group" => {
                let parts = self.all(&el.children, scope)?;
                self.group(parts, el)
            }
            "interleave" => {
                let parts = self.all(&el.children, scope)?;
                self.joined(parts, el, Kind::Interleave)
            }
            "choice" => {
                // Of the same value again and again one is enough.
                let before = std::iter::once(None).chain(el.children.iter().map(Some));
                let pairs = el.children.iter().zip(before);
                let others = pairs.filter(|(c, before)| !before.is_some_and(|b| c.is_same_value(b)));
                let parts: Result<_, _> = others.map(|(c, _)| self.pattern(c, scope)).collect();
                self.choice(parts?, el)
            }
            "optional" | "zeroOrMore" | "oneOrMore" | "mixed" | "list" => {
                let parts = self.all(&el.children, scope)?;
                let p = self.group(parts, el);
                match el.kind {
                    "optional" => {
                        let e = self.push(Kind::Empty, el);
                        self.choice(vec![p, e], el)
                    }
                    "zeroOrMore" => {
                        let many = self.one_or_more(p, el);
                        let e = self.push(Kind::Empty, el);
                        self.choice(vec![many, e], el)
                    }
                    "oneOrMore" => self.one_or_more(p, el),
                    "list" if self.not_allowed(p) => p,
                    "list" => self.push(Kind::List(p), el),
                    _ => {
                        let t = self.push(Kind::Text, el);
                        self.joined(vec![p, t], el, Kind::Interleave)
                    }
                }
            }
            "ref" | "parentRef" => {
                let name = el.name.as_deref().unwrap_or_default();
                let home = if el.kind == "ref" {
                    scope
                } else {
                    scope.and_then(|s| self.scopes.get(s)).and_then(|s| s.parent)
                };
                let Some(home) = home else {
                    return Err(el.refuse(format!(
                        "`<{}>` stands outside of a grammar that it could refer to",
                        el.kind
                    )));
                };
                match self
                    .scopes
                    .get(home)
                    .and_then(|s| s.defines.get(name))
                    .map(|d| d.state)
                {
                    None => return Err(el.refuse(format!("`{name}` is not defined"))),
                    Some(State::Busy) if self.lenient => self.push(Kind::NotAllowed, el),
                    Some(State::Busy) => {
                        return Err(el.refuse(format!("`{name}` refers to itself outside of an element")));
                    }
                    Some(State::Done(id)) => id,
                    Some(State::Waiting) => self.define(home, name)?,
                }
            }
            "grammar" => {
                let index = self.scopes.len();
                self.scopes.push(Scope {
                    parent: scope,
                    ..Scope::default()
                });
                self.collect(index, &el.children)?;
                if self.scopes.get(index).is_none_or(|s| !s.defines.contains_key("")) {
                    return Err(el.refuse("the grammar has no `<start>`"));
                }
                self.define(index, "")?
            }
            "element" => {
                let (names, body) = names_of(el)?;
                let index = self.elements.len();
                self.elements.push(Element {
                    names,
                    content: 0,
                    doc: el.doc.clone(),
                    file: el.shared.file.clone(),
                    span: el.span,
                });
                self.queue.push((index, el, body, scope));
                self.push(Kind::Element(index), el)
            }
            "attribute" => {
                let (names, body) = names_of(el)?;
                let p = match body {
                    [] => self.push(Kind::Text, el),
                    _ => {
                        let parts = self.all(body, scope)?;
                        self.group(parts, el)
                    }
                };
                if self.not_allowed(p) {
                    p
                } else {
                    self.push(Kind::Attribute(names, p, el.doc.clone()), el)
                }
            }
            "value" => {
                let (library, ty) = match &el.name {
                    Some(t) => (&*el.shared.library, &**t),
                    None => ("", "token"),
                };
                let datatype = Datatype::new(library, ty, &[]).map_err(|why| el.refuse(why))?;
                let ns = el.ns.as_deref().unwrap_or("");
                let lookup = |ask: Ask<'_>| match ask {
                    Ask::Namespace("") => Some(ns.to_string()),
                    Ask::Namespace(p) => el.prefix(p),
                    // Of the schema's entities, documents know nothing.
                    Ask::Unparsed(_) => None,
                };
                let value = datatype
                    .parse(&el.text, &lookup)
                    .ok_or_else(|| el.refuse(format!("`{}` is no value of the type `{ty}`", el.text)))?;
                let text = if ty == "string" {
                    el.text.clone()
                } else {
                    let words: Vec<_> = el.text.split_whitespace().collect();
                    words.join(" ").into()
                };
                let one = One {
                    datatype,
                    value,
                    text,
                    doc: el.doc.clone(),
                };
                self.push(Kind::Value(Box::new(one)), el)
            }
            "data" => {
                let ty = el.name.as_deref().unwrap_or_default();
                let params: Vec<(String, String)> = el
                    .children
                    .iter()
                    .filter(|c| c.kind == "param")
                    .map(|c| (c.name.as_deref().unwrap_or_default().into(), c.text.to_string()))
                    .collect();
                let datatype =
                    Datatype::new(&el.shared.library, ty, &params).map_err(|why| el.refuse(why))?;
                let except = match el.children.iter().find(|c| c.kind == "except") {
                    Some(e) => {
                        let parts = self.all(&e.children, scope)?;
                        Some(self.choice(parts, e)).filter(|&c| !self.not_allowed(c))
                    }
                    None => None,
                };
                self.push(Kind::Data(datatype, except), el)
            }
            other => return Err(el.refuse(format!("`<{other}>` is no pattern"))),
        })
    }

    fn collect(&mut self, scope: usize, list: &'e [El]) -> Result<(), GrammarError> {
        for el in list {
            if el.kind == "div" {
                self.collect(scope, &el.children)?;
                continue;
            }
            let name = el.name.as_deref().unwrap_or_default();
            let label = if name.is_empty() {
                "`<start>`".to_string()
            } else {
                format!("`{name}`")
            };
            let Some(s) = self.scopes.get_mut(scope) else {
                return Ok(());
            };
            if !s.defines.contains_key(name) {
                s.order.push(name);
            }
            let d = s.defines.entry(name).or_insert_with(|| Define {
                bodies: Vec::new(),
                combine: None,
                bare: false,
                state: State::Waiting,
                doc: None,
            });
            match el.combine {
                None if d.bare => {
                    return Err(el.refuse(format!("{label} is defined twice without `combine`")));
                }
                None => d.bare = true,
                Some(c) if d.combine.is_some_and(|o| o != c) => {
                    return Err(el.refuse(format!("{label} is combined in two ways")));
                }
                Some(c) => d.combine = Some(c),
            }
            d.doc = d.doc.take().or_else(|| el.doc.clone());
            d.bodies.push(el);
        }
        Ok(())
    }

    fn define(&mut self, scope: usize, name: &str) -> Result<Sid, GrammarError> {
        let Some(d) = self.scopes.get_mut(scope).and_then(|s| s.defines.get_mut(name)) else {
            return Ok(0);
        };
        if let State::Done(id) = d.state {
            return Ok(id);
        }
        d.state = State::Busy;
        let bodies = std::mem::take(&mut d.bodies);
        let interleave = d.combine == Some(Combine::Interleave);
        let doc = d.doc.clone();
        let mut parts = Vec::new();
        for &el in &bodies {
            let list = self.all(&el.children, Some(scope))?;
            parts.push(self.group(list, el));
        }
        let id = match bodies.first() {
            Some(&el) if interleave => self.joined(parts, el, Kind::Interleave),
            Some(&el) => self.choice(parts, el),
            None => 0,
        };
        if let Some(doc) = doc {
            self.document(id, doc);
        }
        if let Some(d) = self.scopes.get_mut(scope).and_then(|s| s.defines.get_mut(name)) {
            d.state = State::Done(id);
        }
        Ok(id)
    }

    /// The words of a define hold for the element or attribute that is all of it.
    fn document(&mut self, id: Sid, doc: Box<str>) {
        match self.list.get_mut(id).map(|s| &mut s.kind) {
            Some(Kind::Attribute(_, _, slot @ None)) => *slot = Some(doc),
            Some(Kind::Element(index)) => {
                let index = *index;
                if let Some(e) = self.elements.get_mut(index).filter(|e| e.doc.is_none()) {
                    e.doc = Some(doc);
                }
            }
            _ => {}
        }
    }
}
