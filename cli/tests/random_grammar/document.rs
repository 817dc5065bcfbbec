//! A document that fits a random schema, or nearly: now and then a part is left out, doubled, renamed or moved.
#![allow(clippy::needless_range_loop)] // A test may.

use super::{Chance, DATA, NAMESPACES, Name, Names, P, Schema};

/// One item of content.
enum Item {
    Element(String),
    Attribute(Name, String),
    Text(String),
}

/// Makes one; `faults` in a thousand parts go wrong.
pub fn document(schema: &Schema, chance: &mut Chance, faults: usize) -> String {
    let mut sample = Sample {
        schema,
        chance,
        faults,
        own: Vec::new(),
    };
    let root = loop {
        let items = sample.of(&schema.start, 0);
        if let Some(Item::Element(text)) = items.into_iter().find(|i| matches!(i, Item::Element(_))) {
            break text;
        }
    };
    format!("<?xml version=\"1.0\"?>\n{root}\n")
}

struct Sample<'s> {
    schema: &'s Schema,
    chance: &'s mut Chance,
    faults: usize,
    /// The own definition of each nested grammar around.
    own: Vec<&'s P>,
}

impl<'s> Sample<'s> {
    fn wrong(&mut self) -> bool {
        self.chance.below(1000) < self.faults
    }

    fn of(&mut self, p: &'s P, depth: usize) -> Vec<Item> {
        match p {
            P::Element(..) | P::Attribute(..) if self.wrong() => match self.chance.below(3) {
                0 => Vec::new(),
                1 => {
                    let mut twice = self.one(p, depth);
                    twice.extend(self.one(p, depth));
                    twice
                }
                _ => vec![Item::Element("<b/>".into())],
            },
            _ => self.one(p, depth),
        }
    }

    fn one(&mut self, p: &'s P, depth: usize) -> Vec<Item> {
        let schema = self.schema;
        match p {
            P::Empty => Vec::new(),
            P::Text => match self.chance.below(3) {
                0 => Vec::new(),
                _ => vec![Item::Text(self.chance.pick(&["text", " ", "3", "a b"]).into())],
            },
            P::Group(of) => of.iter().flat_map(|p| self.of(p, depth)).collect(),
            P::Choice(of) => {
                let n = self.chance.below(of.len());
                self.of(&of[n], depth)
            }
            P::Interleave(of) => {
                let parts = of.iter().map(|p| self.of(p, depth)).collect();
                self.shuffled(parts)
            }
            P::Around("mixed", of) => {
                let texts = (0..2)
                    .map(|_| Item::Text(self.chance.pick(&["x", " ", "\n"]).into()))
                    .collect();
                let parts = vec![self.of(of, depth), texts];
                self.shuffled(parts)
            }
            P::Around(tag, of) => {
                let least = usize::from(*tag == "oneOrMore");
                let most = if *tag == "optional" { 2 } else { 3 };
                let count = if depth > 8 {
                    least
                } else {
                    least + self.chance.below(most)
                };
                (0..count).flat_map(|_| self.of(of, depth)).collect()
            }
            P::List(of) => {
                let items = self.of(of, depth);
                let words: Vec<String> = items
                    .into_iter()
                    .filter_map(|i| if let Item::Text(t) = i { Some(t) } else { None })
                    .collect();
                vec![Item::Text(words.join(self.chance.pick(&[" ", "  ", "\n"])))]
            }
            P::Data(n) => vec![Item::Text(self.chance.pick(DATA[*n].2).into())],
            P::Value(_, value) => {
                let value = match self.chance.below(5) {
                    0 => format!(" {value}"),
                    1 => self.chance.pick(&["one", "03", "true", "a b"]).to_owned(),
                    _ => (*value).to_owned(),
                };
                vec![Item::Text(value)]
            }
            P::Element(names, of) => {
                let items = if depth > 12 {
                    Vec::new()
                } else {
                    self.of(of, depth + 1)
                };
                let name = self.name(names);
                vec![Item::Element(element(name, items))]
            }
            P::Attribute(names, of) => {
                let text = self
                    .of(of, depth)
                    .into_iter()
                    .find_map(|i| if let Item::Text(t) = i { Some(t) } else { None });
                vec![Item::Attribute(self.name(names), text.unwrap_or_default())]
            }
            P::Ref(_) if depth > 12 => Vec::new(),
            P::Ref(n) => {
                let added = *n == schema.combined.0;
                if *n == schema.replaced.0 {
                    self.of(&schema.replaced.1, depth)
                } else if added && schema.combined.1 == "choice" && self.chance.below(2) == 0 {
                    self.of(&schema.combined.2, depth)
                } else if added && schema.combined.1 == "interleave" {
                    let parts = vec![
                        self.of(&schema.defines[*n], depth),
                        self.of(&schema.combined.2, depth),
                    ];
                    self.shuffled(parts)
                } else {
                    self.of(&schema.defines[*n], depth)
                }
            }
            P::Nested(start, own) => {
                self.own.push(own);
                let items = self.of(start, depth + 1);
                self.own.pop();
                items
            }
            P::Inner => match self.own.last().copied() {
                Some(own) if depth < 12 => self.of(own, depth + 1),
                _ => Vec::new(),
            },
            P::External => self.of(&schema.external, depth),
        }
    }

    /// Several sequences as one, each in its own order.
    fn shuffled(&mut self, parts: Vec<Vec<Item>>) -> Vec<Item> {
        let mut parts: Vec<_> = parts.into_iter().map(|p| p.into_iter().peekable()).collect();
        let mut out = Vec::new();
        loop {
            parts.retain_mut(|p| p.peek().is_some());
            if parts.is_empty() {
                return out;
            }
            let n = self.chance.below(parts.len());
            out.extend(parts[n].next());
        }
    }

    fn name(&mut self, of: &Names) -> Name {
        if self.wrong() {
            return (self.chance.below(3), self.chance.pick(&["a", "k", "z"]));
        }
        match of {
            Names::One(name) => *name,
            Names::Either(list) => self.chance.pick(list),
            Names::Any(..) => (self.chance.below(3), self.chance.pick(&["a", "q", "k"])),
            Names::Of(namespace, _) => (*namespace, self.chance.pick(&["a", "q", "k"])),
        }
    }
}

/// Attributes are given once each, as XML asks.
fn element((namespace, name): Name, items: Vec<Item>) -> String {
    let mut attributes: Vec<(Name, String)> = Vec::new();
    let mut content = String::new();
    for item in items {
        match item {
            Item::Element(text) => content += &text,
            Item::Text(text) => content += &text,
            Item::Attribute(name, value) if attributes.iter().all(|(other, _)| *other != name) => {
                attributes.push((name, value))
            }
            Item::Attribute(..) => {}
        }
    }
    let mut tag = format!("<{name} xmlns=\"{}\"", NAMESPACES[namespace]);
    for n in 1..NAMESPACES.len() {
        if attributes.iter().any(|((of, _), _)| *of == n) {
            tag += &format!(" xmlns:p{n}=\"{}\"", NAMESPACES[n]);
        }
    }
    for ((of, name), value) in attributes {
        let prefix = if of == 0 { String::new() } else { format!("p{of}:") };
        tag += &format!(" {prefix}{name}=\"{value}\"");
    }
    if content.is_empty() {
        tag + "/>"
    } else {
        format!("{tag}>{content}</{name}>")
    }
}
