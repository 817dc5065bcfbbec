//! From schema files to a `Grammar`: reading, checking, simplifying, hash-consing. Judges no document.

mod include;
mod names;
mod restrict;
mod shape;
mod simple;
mod surface;
mod uri;

use std::hash::BuildHasher;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::error::GrammarError;
use crate::syntax::Name;
use crate::text::Span;

use super::pattern::{EMPTY, NOT_ALLOWED, Pat, PatId, Patterns, TEXT};
use super::{Attribute, Data, Element, Grammar, Resolver};
use simple::{Builder, Kind, One, Sid};

/// Loads a schema whose text is given.
pub fn load(path: PathBuf, text: String, resolver: &dyn Resolver) -> Result<Grammar, GrammarError> {
    let file = Arc::new(surface::File { path, text });
    let mut root = surface::parse(file.clone())?;
    include::Files::new(&file, resolver).expand(&mut root)?;
    let mut builder = Builder::default();
    let start = builder.build(&root)?;
    let builder = builder.alone();
    drop(root);
    let reached = restrict::check(&builder, start)?;
    many_by_one_name(&builder, &reached)?;
    let grammar = finish(&builder, start, &reached);
    if grammar.patterns.deepest() <= DEEPEST {
        return Ok(grammar);
    }
    let deep = |e: &Element| grammar.patterns.depth(e.content) > DEEPEST;
    let mut all = reached.iter().zip(&grammar.elements);
    let element = all
        .find(|(_, e)| deep(e))
        .and_then(|(&old, _)| builder.elements.get(old));
    // In an attribute or a list it is; then the whole is meant.
    let (file, span) = element.map_or((&file, Span::default()), |e| (&e.file, e.span));
    let why = format!("more than {DEEPEST} patterns stand in a row or in each other");
    Err(file.refuse(span, why))
}

/// Each is compared with the others wherever the name is read: no schema that means something has as many.
const MOST_BY_ONE_NAME: usize = 5000;

fn many_by_one_name(b: &Builder<'_>, reached: &[usize]) -> Result<(), GrammarError> {
    if reached.len() <= MOST_BY_ONE_NAME {
        return Ok(());
    }
    let mut counts: FxHashMap<&Name, usize> = FxHashMap::default();
    for e in reached.iter().filter_map(|&old| b.elements.get(old)) {
        for name in e.names.names() {
            let count = counts.entry(name).or_default();
            *count += 1;
            if *count > MOST_BY_ONE_NAME {
                let why = format!(
                    "more than {MOST_BY_ONE_NAME} elements have the name `{}`",
                    name.local
                );
                return Err(e.file.refuse(e.span, why));
            }
        }
    }
    Ok(())
}

/// Patterns are read by functions that call themselves for what is in them, or follows: deeper ones are refused.
const DEEPEST: u16 = 1000;

fn finish(b: &Builder<'_>, start: Sid, reached: &[usize]) -> Grammar {
    let mut g = Grammar {
        patterns: Patterns::default(),
        ..Grammar::default()
    };
    let mut index = vec![u32::MAX; b.elements.len()];
    for (new, &old) in reached.iter().enumerate() {
        if let Some(slot) = index.get_mut(old) {
            *slot = new as u32;
        }
    }
    let mut done = Done::default();
    g.start = convert(b, start, &index, &mut g, &mut done);
    for &old in reached {
        let Some(e) = b.elements.get(old) else { continue };
        done.values = FxHashMap::default();
        let content = convert(b, e.content, &index, &mut g, &mut done);
        g.elements.push(Element {
            names: e.names.clone(),
            content,
            doc: e.doc.as_deref().map(str::to_owned),
        });
    }
    g
}

/// What is converted already.
#[derive(Default)]
struct Done {
    patterns: FxHashMap<Sid, PatId>,
    /// By type and text, as a hash: the last such value in `Grammar::data`. Of one attribute or content only, so that the
    /// values of each are in its own order.
    values: FxHashMap<u64, u32>,
}

/// True where a value is that one, and documented alike.
fn is(known: &Data, one: &One) -> bool {
    match known {
        Data::Value {
            datatype,
            value,
            text,
            doc,
        } => {
            datatype.is_same(&one.datatype)
                && *value == one.value
                && **text == *one.text
                && doc.as_deref() == one.doc.as_deref()
        }
        Data::Type { .. } => false,
    }
}

fn convert(b: &Builder<'_>, id: Sid, index: &[u32], g: &mut Grammar, done: &mut Done) -> PatId {
    if let Some(&p) = done.patterns.get(&id) {
        return p;
    }
    let Some(s) = b.list.get(id) else {
        return NOT_ALLOWED;
    };
    let mut each = |l: &[Sid], g: &mut Grammar| {
        l.iter()
            .map(|&p| convert(b, p, index, g, done))
            .collect::<Vec<_>>()
    };
    let p = match &s.kind {
        Kind::NotAllowed => NOT_ALLOWED,
        Kind::Empty => EMPTY,
        Kind::Text => TEXT,
        Kind::Choice(l) => {
            let l = each(l, g);
            g.patterns.choice(&l)
        }
        Kind::Interleave(l) => {
            let l = each(l, g);
            g.patterns.interleave(&l)
        }
        Kind::Group(l) => {
            let l = each(l, g);
            // What is too deep is refused in the end; until then it grows no deeper.
            l.iter().rev().fold(EMPTY, |tail, &p| {
                let deep = g.patterns.depth(p).max(g.patterns.depth(tail)) > DEEPEST;
                if deep { tail } else { g.patterns.group(p, tail) }
            })
        }
        Kind::OneOrMore(p) => {
            let p = convert(b, *p, index, g, done);
            g.patterns.one_or_more(p)
        }
        Kind::List(p) => {
            let p = convert(b, *p, index, g, done);
            g.patterns.list(p)
        }
        Kind::Data(datatype, except) => {
            let except = except.map(|e| convert(b, e, index, g, done));
            g.data.push(Data::Type {
                datatype: datatype.clone(),
                except,
            });
            g.patterns.intern(Pat::Data(g.data.len() as u32 - 1))
        }
        Kind::Value(one) => {
            // The same value is one pattern, however often a content has it.
            let hash = FxBuildHasher.hash_one((one.datatype.name(), &one.text));
            let last = done.values.get(&hash).copied();
            let known = last.filter(|&d| g.data.get(d as usize).is_some_and(|d| is(d, one)));
            let index = known.unwrap_or_else(|| {
                g.data.push(Data::Value {
                    datatype: one.datatype.clone(),
                    value: one.value.clone(),
                    text: one.text.to_string(),
                    doc: one.doc.as_deref().map(str::to_owned),
                });
                g.data.len() as u32 - 1
            });
            done.values.insert(hash, index);
            g.patterns.intern(Pat::Data(index))
        }
        Kind::Attribute(names, p, doc) => {
            done.values = FxHashMap::default();
            let value = convert(b, *p, index, g, done);
            g.attributes.push(Attribute {
                names: names.clone(),
                value,
                doc: doc.as_deref().map(str::to_owned),
            });
            g.patterns.intern(Pat::Attribute(g.attributes.len() as u32 - 1))
        }
        Kind::Element(i) => g
            .patterns
            .intern(Pat::Element(index.get(*i).copied().unwrap_or(u32::MAX))),
    };
    done.patterns.insert(id, p);
    p
}
