//! Random RELAX NG grammars and documents that nearly fit them, for comparing validators. Must not judge anything: a
//! document may be valid or not, a grammar may break the specification's restrictions; the peers tell.

#[path = "../../../schema/tests/chance/mod.rs"]
mod chance;
mod document;
mod written;

pub use chance::Chance;
pub use document::document;
pub use written::files;

impl Chance {
    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// A name of a namespace; namespaces by number, 0 is none.
pub type Name = (usize, &'static str);

pub const NAMESPACES: [&str; 3] = ["", "urn:x", "http://example.org/y"];
const ELEMENTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const ATTRIBUTES: [&str; 4] = ["k", "l", "m", "n"];

/// A name class.
#[derive(Debug, Clone)]
pub enum Names {
    One(Name),
    Either(Vec<Name>),
    /// All but these, and but this namespace.
    Any(Vec<Name>, Option<usize>),
    Of(usize, Vec<Name>),
}

/// A pattern. The definition of that number is meant by `Ref`.
#[derive(Debug, Clone)]
pub enum P {
    Empty,
    Text,
    Group(Vec<P>),
    Choice(Vec<P>),
    Interleave(Vec<P>),
    /// `oneOrMore`, `zeroOrMore`, `optional` or `mixed`.
    Around(&'static str, Box<P>),
    List(Box<P>),
    Data(usize),
    Value(&'static str, &'static str),
    Element(Names, Box<P>),
    Attribute(Names, Box<P>),
    Ref(usize),
    /// A grammar of its own: what its start holds, and what its own definition 0 is, which hides the outer one. In it
    /// `Ref` means the outer grammar, `Inner` its own.
    Nested(Box<P>, Box<P>),
    Inner,
    External,
}

/// A whole schema in three files.
#[derive(Debug)]
pub struct Schema {
    pub start: P,
    pub defines: Vec<P>,
    /// A definition that the including file replaces, and by what.
    pub replaced: (usize, P),
    /// A definition that the including file adds to, how, and what.
    pub combined: (usize, &'static str, P),
    pub external: P,
}

/// Types with parameters, and values that fit or nearly fit.
pub const DATA: [(&str, &[(&str, &str)], &[&str]); 12] = [
    ("string", &[("maxLength", "3")], &["", "ab", " a ", "abcd"]),
    ("token", &[("minLength", "2")], &["ab", " a ", "  a  b "]),
    (
        "int",
        &[("minInclusive", "-2"), ("maxExclusive", "10")],
        &["3", "-2", "10", "+07", " 4 ", "x"],
    ),
    (
        "decimal",
        &[("fractionDigits", "1"), ("totalDigits", "3")],
        &["1.5", "12.34", ".5", "1e2", "1000"],
    ),
    ("boolean", &[], &["true", "0", "TRUE", " false "]),
    (
        "date",
        &[("minInclusive", "2001-01-01")],
        &["2020-02-29", "2021-02-29", "1999-12-31", "2020-2-1"],
    ),
    ("NMTOKEN", &[("pattern", "[a-c]+\\d?")], &["ab1", "a b", "d", "c"]),
    ("NCName", &[], &["x", "x:y", "1x", " y "]),
    ("anyURI", &[], &["urn:x", "", "http://example.org/a"]),
    ("hexBinary", &[("length", "2")], &["0aFF", "0a", "0afg"]),
    (
        "double",
        &[("minExclusive", "0.5")],
        &["1", "INF", "0.5", "-1E3", "NaN"],
    ),
    ("positiveInteger", &[], &["1", "0", "-1", "007", "1.0"]),
];

const VALUES: [(&str, &str); 6] = [
    ("token", "one"),
    ("string", " two "),
    ("int", "3"),
    ("token", "a  b"),
    ("", "plain"),
    ("boolean", "1"),
];

/// Makes a schema of four definitions.
pub fn schema(chance: &mut Chance) -> Schema {
    let mut make = Maker {
        chance,
        inner: false,
        alone: false,
    };
    let defines = (0..4).map(|_| make.element(2)).collect();
    let start = make.element(3);
    let replaced = (make.chance.below(2), make.element(2));
    let combined = (
        2 + make.chance.below(2),
        make.chance.pick(&["choice", "interleave"]),
        make.element(1),
    );
    make.alone = true;
    let external = make.element(1);
    Schema {
        start,
        defines,
        replaced,
        combined,
        external,
    }
}

struct Maker<'c> {
    chance: &'c mut Chance,
    inner: bool,
    /// In a file of its own, which refers to nothing.
    alone: bool,
}

impl Maker<'_> {
    fn name(&mut self, of: &[&'static str], namespaces: usize) -> Name {
        (self.chance.below(namespaces), self.chance.pick(of))
    }

    fn names(&mut self, of: &[&'static str], often: usize) -> Names {
        let namespaces = if self.chance.below(3) == 0 { 3 } else { 1 };
        match self.chance.below(often) {
            0 => {
                let except = (0..self.chance.below(3))
                    .map(|_| self.name(of, namespaces))
                    .collect();
                let namespace = (self.chance.below(3) == 0).then(|| self.chance.below(3));
                Names::Any(except, namespace)
            }
            1 => Names::Of(
                self.chance.below(3),
                (0..self.chance.below(2)).map(|_| self.name(of, 3)).collect(),
            ),
            2 => Names::Either((0..2).map(|_| self.name(of, namespaces)).collect()),
            _ => Names::One(self.name(of, namespaces)),
        }
    }

    fn element(&mut self, depth: usize) -> P {
        let names = self.names(&ELEMENTS, 9);
        let mut parts = self.attributes();
        parts.push(match self.chance.below(7) {
            0 => self.simple(2),
            1 => P::Empty,
            2 => P::Around("mixed", Box::new(self.content(depth))),
            _ => self.content(depth),
        });
        P::Element(names, Box::new(P::Group(parts)))
    }

    /// None, or some with different names, one of them in a choice.
    fn attributes(&mut self) -> Vec<P> {
        let mut out = Vec::new();
        let first = self.chance.below(4);
        for n in 0..self.chance.below(3) {
            let name = ATTRIBUTES[(first + n) % 4];
            let names = match self.chance.below(8) {
                0 => Names::Of(1 + n, vec![(1 + n, name)]),
                1 => Names::One((1, name)),
                _ => Names::One((0, name)),
            };
            let value = if self.chance.below(3) == 0 {
                P::Text
            } else {
                self.simple(2)
            };
            let open = !matches!(names, Names::One(_));
            let attribute = P::Attribute(names, Box::new(value));
            out.push(match self.chance.below(4) {
                _ if open => P::Around("zeroOrMore", Box::new(attribute)),
                0 => attribute,
                1 => P::Choice(vec![attribute, self.leaf()]),
                _ => P::Around("optional", Box::new(attribute)),
            });
        }
        out
    }

    /// What text alone may be.
    fn simple(&mut self, depth: usize) -> P {
        match self.chance.below(if depth == 0 { 3 } else { 6 }) {
            0 => P::Text,
            1 => P::Data(self.chance.below(DATA.len())),
            2 => {
                let (kind, value) = self.chance.pick(&VALUES);
                P::Value(kind, value)
            }
            3 => P::Choice((0..2).map(|_| self.simple(depth - 1)).collect()),
            _ => P::List(Box::new(self.items(2))),
        }
    }

    fn items(&mut self, depth: usize) -> P {
        match self.chance.below(if depth == 0 { 2 } else { 6 }) {
            0 => P::Data(self.chance.below(DATA.len())),
            1 => {
                let (kind, value) = self.chance.pick(&VALUES);
                P::Value(kind, value)
            }
            2 => P::Choice(vec![self.items(depth - 1), self.items(depth - 1)]),
            3 => P::Around("oneOrMore", Box::new(self.items(depth - 1))),
            4 => P::Around("optional", Box::new(self.items(depth - 1))),
            _ => P::Group(vec![self.items(depth - 1), self.items(depth - 1)]),
        }
    }

    fn leaf(&mut self) -> P {
        let name = self.name(&ELEMENTS, 1);
        P::Element(Names::One(name), Box::new(P::Empty))
    }

    fn content(&mut self, depth: usize) -> P {
        if depth == 0 {
            return match self.chance.below(4) {
                0 => P::Empty,
                1 if self.inner => P::Inner,
                1 if self.alone => self.leaf(),
                1 => P::Around("optional", Box::new(P::Ref(self.chance.below(4)))),
                2 => P::Text,
                _ => self.leaf(),
            };
        }
        match self.chance.below(12) {
            0 | 1 => P::Group(vec![self.content(depth - 1), self.content(depth - 1)]),
            2 => P::Choice(vec![self.content(depth - 1), self.content(depth - 1)]),
            3 | 4 => P::Interleave(vec![self.content(depth - 1), self.content(depth - 1)]),
            5 => P::Around("oneOrMore", Box::new(self.content(depth - 1))),
            6 => P::Around("zeroOrMore", Box::new(self.content(depth - 1))),
            7 => P::Around("optional", Box::new(self.content(depth - 1))),
            8 if !self.alone => P::External,
            9 if !self.inner && !self.alone => {
                self.inner = true;
                let nested = P::Nested(Box::new(self.content(depth)), Box::new(self.element(1)));
                self.inner = false;
                nested
            }
            _ => self.element(depth - 1),
        }
    }
}
