//! A loaded grammar as bytes, so that the embedded one need not be read from its schema files at every start: what
//! `load` makes of them is in `schema/grammar/kiwi.bin`, and a test of `kiwi` holds that the two are equal. The form
//! is this version's own (postcard); nothing but a file of the same build is ever read. Judges no schema.

use serde::{Deserialize, Serialize};

use super::datatype::Datatype;
use super::pattern::{Pat, PatId, Patterns};
use super::{Attribute, Data, Element, Grammar, NameClass};
use crate::syntax::Name;

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    start: PatId,
    patterns: Vec<Pat>,
    #[serde(borrow)]
    elements: Vec<Particle<'a>>,
    #[serde(borrow)]
    attributes: Vec<Particle<'a>>,
    #[serde(borrow)]
    types: Vec<Type<'a>>,
    #[serde(borrow)]
    data: Vec<Leaf<'a>>,
}

/// An element or an attribute pattern: its names, its content or value, its documentation.
#[derive(Serialize, Deserialize)]
struct Particle<'a>(
    #[serde(borrow)] Names<'a>,
    PatId,
    #[serde(borrow)] Option<&'a str>,
);

#[derive(Serialize, Deserialize)]
enum Names<'a> {
    Name(&'a str, &'a str),
    Namespace(&'a str, #[serde(borrow)] Option<Box<Names<'a>>>),
    Any(#[serde(borrow)] Option<Box<Names<'a>>>),
    Choice(#[serde(borrow)] Vec<Names<'a>>),
}

/// Library, name and parameters.
#[derive(Serialize, Deserialize, PartialEq)]
struct Type<'a>(&'a str, &'a str, #[serde(borrow)] Vec<(&'a str, &'a str)>);

/// The type is an index into `Stored::types`.
#[derive(Serialize, Deserialize)]
enum Leaf<'a> {
    Type(u32, Option<PatId>),
    Value(u32, &'a str, #[serde(borrow)] Option<&'a str>),
}

impl<'a> Names<'a> {
    #[cfg(test)]
    fn of(class: &'a NameClass) -> Self {
        let boxed = |e: &'a Option<Box<NameClass>>| e.as_ref().map(|e| Box::new(Names::of(e)));
        match class {
            NameClass::Name(n) => Names::Name(&n.namespace, &n.local),
            NameClass::Namespace(ns, except) => Names::Namespace(ns, boxed(except)),
            NameClass::Any(except) => Names::Any(boxed(except)),
            NameClass::Choice(list) => Names::Choice(list.iter().map(Names::of).collect()),
        }
    }

    fn class(self) -> NameClass {
        let boxed = |e: Option<Box<Names<'_>>>| e.map(|e| Box::new(e.class()));
        match self {
            Names::Name(namespace, local) => NameClass::Name(Name::new(namespace.into(), local)),
            Names::Namespace(ns, except) => NameClass::Namespace(ns.into(), boxed(except)),
            Names::Any(except) => NameClass::Any(boxed(except)),
            Names::Choice(list) => NameClass::Choice(list.into_iter().map(Names::class).collect()),
        }
    }
}

/// The bytes of a grammar; none where a value has no text that gives it back (a QName whose prefix is not known here).
#[cfg(test)]
pub fn write(grammar: &Grammar) -> Option<Vec<u8>> {
    let mut types: Vec<Type<'_>> = Vec::new();
    let mut data = Vec::new();
    for d in &grammar.data {
        let (Data::Type { datatype, .. } | Data::Value { datatype, .. }) = d;
        let (library, name, params) = datatype.source();
        let params = params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let wanted = Type(library, name, params);
        let index = types.iter().position(|t| *t == wanted).unwrap_or_else(|| {
            types.push(wanted);
            types.len() - 1
        }) as u32;
        data.push(match d {
            Data::Type { except, .. } => Leaf::Type(index, *except),
            Data::Value {
                datatype,
                value,
                text,
                doc,
            } => {
                if datatype.parse(text, &|_| None).as_ref() != Some(value) {
                    return None;
                }
                Leaf::Value(index, text, doc.as_deref())
            }
        });
    }
    let stored = Stored {
        start: grammar.start,
        patterns: grammar.patterns.all().to_vec(),
        elements: grammar
            .elements
            .iter()
            .map(|e| Particle(Names::of(&e.names), e.content, e.doc.as_deref()))
            .collect(),
        attributes: grammar
            .attributes
            .iter()
            .map(|a| Particle(Names::of(&a.names), a.value, a.doc.as_deref()))
            .collect(),
        types,
        data,
    };
    postcard::to_allocvec(&stored).ok()
}

/// The grammar of such bytes; none where they are of another version.
pub fn read(bytes: &[u8]) -> Option<Grammar> {
    let stored: Stored<'_> = postcard::from_bytes(bytes).ok()?;
    let mut types = Vec::with_capacity(stored.types.len());
    for Type(library, name, params) in &stored.types {
        let params: Vec<_> = params
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .collect();
        types.push(Datatype::new(library, name, &params).ok()?);
    }
    let mut data = Vec::with_capacity(stored.data.len());
    for leaf in stored.data {
        data.push(match leaf {
            Leaf::Type(ty, except) => Data::Type {
                datatype: types.get(ty as usize)?.clone(),
                except,
            },
            Leaf::Value(ty, text, doc) => {
                let datatype = types.get(ty as usize)?.clone();
                Data::Value {
                    value: datatype.parse(text, &|_| None)?,
                    datatype,
                    text: text.to_string(),
                    doc: doc.map(str::to_string),
                }
            }
        });
    }
    let elements = stored
        .elements
        .into_iter()
        .map(|Particle(names, content, doc)| Element {
            names: names.class(),
            content,
            doc: doc.map(str::to_string),
        });
    let attributes = stored
        .attributes
        .into_iter()
        .map(|Particle(names, value, doc)| Attribute {
            names: names.class(),
            value,
            doc: doc.map(str::to_string),
        });
    Some(Grammar {
        elements: elements.collect(),
        attributes: attributes.collect(),
        patterns: Patterns::from_list(stored.patterns),
        start: stored.start,
        data,
        ..Grammar::default()
    })
}
