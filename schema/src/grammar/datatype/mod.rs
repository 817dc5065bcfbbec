//! The datatypes of a grammar: RELAX NG's own two and XML Schema's (part 2, 1.0), with their parameters. Knows no
//! document: prefixes come through a function. Identity (ID, IDREF) is not checked across a document.

mod blocks;
mod decimal;
mod forms;
mod kinds;
pub mod names;
mod pattern;
mod time;
mod uncompiled;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

pub use decimal::Decimal;
use forms::{base64, bits, collapse, collapses_to, float, hex};
use kinds::{BUILT_IN, Base, KINDS, Kind};
pub use pattern::Pattern;
pub use time::{Duration, Moment};

/// The datatype library of XML Schema.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema-datatypes";

/// What some values ask of the document they stand in.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// The namespace of a prefix; `""` asks for the default one.
    Namespace(&'a str),
    /// An unparsed entity of that name: any answer says that there is one, or may be.
    Unparsed(&'a str),
}

/// Answers what values ask.
pub type Lookup<'a> = &'a dyn Fn(Ask<'_>) -> Option<String>;

/// A value in its value space.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Text after white space is treated.
    Text(String),
    /// Words of a list type.
    Words(Vec<String>),
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Decimal(Decimal),
    /// The bits of a `double` or `float`; all NaN alike, both zeros alike.
    Float(u64),
    /// Namespace and local name.
    QName(String, String),
    /// Octets.
    Bytes(Vec<u8>),
    /// A date or time.
    Moment(Moment),
    /// A length of time.
    Duration(Duration),
}

/// A named type with its parameters.
#[derive(Debug, Clone)]
pub struct Datatype {
    kind: &'static Kind,
    facets: Arc<[Facet]>,
    /// As the grammar gives them.
    #[cfg(test)]
    params: Arc<[(String, String)]>,
}

#[derive(Debug, Clone)]
enum Facet {
    Pattern(Pattern),
    Length(usize),
    MinLength(usize),
    MaxLength(usize),
    TotalDigits(usize),
    FractionDigits(usize),
    /// The bound, and which orders are fine.
    Bound(&'static str, Value),
}

impl Datatype {
    /// The type of a library with its parameters, or what is wrong with it.
    pub fn new(library: &str, name: &str, params: &[(String, String)]) -> Result<Self, String> {
        let kinds: &'static [Kind] = match library {
            "" => &BUILT_IN,
            XSD => &KINDS,
            other => return Err(format!("the datatype library `{other}` is not known")),
        };
        let kind = kinds
            .iter()
            .find(|k| k.name == name)
            .ok_or_else(|| format!("there is no datatype `{name}`"))?;
        if library.is_empty() && !params.is_empty() {
            return Err(format!("the type `{name}` takes no parameters"));
        }
        let plain = Self {
            kind,
            facets: Arc::new([]),
            #[cfg(test)]
            params: Arc::new([]),
        };
        let mut facets = Vec::new();
        for (param, text) in params {
            let bad = || format!("`{text}` is no value of the parameter `{param}` of `{name}`");
            let size = || collapse(text).parse::<usize>().map_err(|_| bad());
            let sized = !matches!(
                kind.base,
                Base::Boolean
                    | Base::Decimal
                    | Base::Integer(..)
                    | Base::Float
                    | Base::Double
                    | Base::Moment
                    | Base::Duration
                    | Base::QName
            );
            let numeric = matches!(kind.base, Base::Decimal | Base::Integer(..));
            let ordered = numeric
                || matches!(
                    kind.base,
                    Base::Float | Base::Double | Base::Moment | Base::Duration
                );
            facets.push(match param.as_str() {
                "pattern" => Facet::Pattern(Pattern::new(text)?),
                "length" if sized => Facet::Length(size()?),
                "minLength" if sized => Facet::MinLength(size()?),
                "maxLength" if sized => Facet::MaxLength(size()?),
                "totalDigits" if numeric => {
                    Facet::TotalDigits(size().ok().filter(|n| *n > 0).ok_or_else(bad)?)
                }
                "fractionDigits" if numeric => Facet::FractionDigits(size()?),
                "minInclusive" | "minExclusive" | "maxInclusive" | "maxExclusive" if ordered => {
                    let value = plain.parse(text, &|_| None).ok_or_else(bad)?;
                    let which = ["minInclusive", "minExclusive", "maxInclusive", "maxExclusive"]
                        .into_iter()
                        .find(|w| w == param)
                        .unwrap_or("");
                    Facet::Bound(which, value)
                }
                _ => return Err(format!("the type `{name}` has no parameter `{param}`")),
            });
        }
        Ok(Self {
            kind,
            facets: facets.into(),
            #[cfg(test)]
            params: params.into(),
        })
    }

    /// What `new` was given: library, name and parameters.
    #[cfg(test)]
    pub fn source(&self) -> (&'static str, &'static str, &[(String, String)]) {
        let own = BUILT_IN.iter().any(|k| std::ptr::eq(k, self.kind));
        (if own { "" } else { XSD }, self.kind.name, &self.params)
    }

    /// Its name in its library.
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// True for booleans.
    pub fn is_boolean(&self) -> bool {
        matches!(self.kind.base, Base::Boolean)
    }

    /// True where two types have the same values, written alike.
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind, other.kind) && self.facets.is_empty() && other.facets.is_empty()
    }

    /// True where any text at all will do.
    pub fn is_any(&self) -> bool {
        self.facets.is_empty() && matches!(self.kind.base, Base::Raw | Base::Replaced | Base::Token)
    }

    /// The `pattern` parameters.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.facets.iter().filter_map(|f| {
            if let Facet::Pattern(p) = f {
                Some(p.source())
            } else {
                None
            }
        })
    }

    /// The type in words, none where any text will do.
    pub fn words(&self) -> Option<String> {
        let base = match self.kind.name {
            _ if self.is_any() => return None,
            "boolean" => "`true` or `false`",
            "nonNegativeInteger" => "a whole number, 0 or more",
            "positiveInteger" => "a whole number, 1 or more",
            "integer" | "long" | "int" | "short" | "byte" => "a whole number",
            "decimal" | "double" | "float" => "a number",
            "anyURI" => "a URI",
            "date" => "a date as `2024-12-31`",
            "ID" | "NCName" | "IDREF" => "a name without colon and blanks",
            "ENTITY" => "the name of an unparsed entity that the document declares",
            "string" | "token" | "normalizedString" => "text",
            other => return Some(format!("a value of the type `{other}`")),
        };
        let patterns: Vec<&str> = self.patterns().collect();
        Some(match patterns.as_slice() {
            [] => base.to_string(),
            [one] => format!("{base} that fits `{one}`"),
            many => format!("{base} that fits `{}`", many.join("` and `")),
        })
    }

    /// True where the text is a value of the type.
    pub fn allows(&self, text: &str, lookup: Lookup<'_>) -> bool {
        if self.is_any() {
            return true;
        }
        // Of a text the value is the text: it is not made.
        let normal = match self.kind.base {
            Base::Raw | Base::Replaced | Base::Token | Base::Shaped(_) => self.normal(text),
            _ => return self.parse(text, lookup).is_some(),
        };
        let sound = match self.kind.base {
            Base::Shaped(fits) => fits(&normal),
            _ => true,
        };
        let value = Value::Text(String::new());
        sound && self.facets.iter().all(|f| f.holds(&normal, &value))
    }

    /// A text with its white space treated.
    fn normal<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.kind.base {
            Base::Raw => Cow::Borrowed(text),
            Base::Replaced => Cow::Owned(text.replace(['\t', '\n', '\r'], " ")),
            _ => collapse(text),
        }
    }

    /// Where any text is a value of the type and that text: the value, without making it.
    pub fn plain<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.is_any().then(|| self.normal(text))
    }

    /// True where the text stands for that value of the type.
    pub fn is(&self, text: &str, value: &Value, lookup: Lookup<'_>) -> bool {
        match (value, self.kind.base) {
            // Most texts differ from most values in the first letter.
            (Value::Text(value), Base::Token | Base::Shaped(_)) if self.facets.is_empty() => {
                collapses_to(text, value)
            }
            _ => self.parse(text, lookup).as_ref() == Some(value),
        }
    }

    /// The value that the text stands for, none where it is not of the type.
    pub fn parse(&self, text: &str, lookup: Lookup<'_>) -> Option<Value> {
        let normal = self.normal(text);
        let value = match self.kind.base {
            Base::Raw | Base::Replaced | Base::Token => Value::Text(normal.to_string()),
            Base::Shaped(fits) => Value::Text(fits(&normal).then(|| normal.to_string())?),
            Base::List(fits) => {
                let words: Vec<String> = normal.split(' ').map(str::to_string).collect();
                Value::Words(words.iter().all(|w| fits(w)).then_some(words)?)
            }
            Base::Entity => Value::Text(is_unparsed(&normal, lookup).then(|| normal.to_string())?),
            Base::Entities => {
                let words: Vec<String> = normal.split(' ').map(str::to_string).collect();
                let fine = words.iter().all(|w| is_unparsed(w, lookup));
                Value::Words(fine.then_some(words)?)
            }
            Base::Boolean => Value::Boolean(match &*normal {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return None,
            }),
            Base::Decimal => Value::Decimal(Decimal::parse(&normal)?),
            Base::Integer(min, max) => {
                let n = Decimal::parse(&normal).filter(|_| !normal.contains('.'))?;
                let over = |bound: Option<&str>, order| {
                    bound.and_then(Decimal::parse).is_some_and(|b| n.cmp(&b) == order)
                };
                if over(min, Ordering::Less) || over(max, Ordering::Greater) {
                    return None;
                }
                Value::Decimal(n)
            }
            Base::Float => Value::Float(bits(float(&normal, true)?)),
            Base::Double => Value::Float(bits(float(&normal, false)?)),
            Base::QName => {
                let (prefix, local) = normal.split_once(':').unwrap_or(("", &normal));
                if !names::is_ncname(local)
                    || !prefix.is_empty() && !names::is_ncname(prefix)
                    || normal.starts_with(':')
                {
                    return None;
                }
                let ns = lookup(Ask::Namespace(prefix)).or_else(|| prefix.is_empty().then(String::new))?;
                Value::QName(ns, local.to_string())
            }
            Base::Hex => Value::Bytes(hex(&normal)?),
            Base::Base64 => Value::Bytes(base64(&normal)?),
            Base::Moment => Value::Moment(Moment::parse(self.kind.name, &normal)?),
            Base::Duration => Value::Duration(Duration::parse(&normal)?),
        };
        self.facets
            .iter()
            .all(|f| f.holds(&normal, &value))
            .then_some(value)
    }
}

impl Facet {
    fn holds(&self, text: &str, value: &Value) -> bool {
        let length = || match value {
            Value::Bytes(b) => b.len(),
            Value::Words(w) => w.len(),
            _ => text.chars().count(),
        };
        match self {
            Facet::Pattern(p) => p.fits(text),
            Facet::Length(n) => length() == *n,
            Facet::MinLength(n) => length() >= *n,
            Facet::MaxLength(n) => length() <= *n,
            Facet::TotalDigits(n) => matches!(value, Value::Decimal(d) if d.total_digits() <= *n),
            Facet::FractionDigits(n) => matches!(value, Value::Decimal(d) if d.fraction_digits() <= *n),
            Facet::Bound(which, bound) => order(value, bound).is_some_and(|o| match *which {
                "minInclusive" => o != Ordering::Less,
                "minExclusive" => o == Ordering::Greater,
                "maxInclusive" => o != Ordering::Greater,
                _ => o == Ordering::Less,
            }),
        }
    }
}

fn is_unparsed(name: &str, lookup: Lookup<'_>) -> bool {
    names::is_ncname(name) && lookup(Ask::Unparsed(name)).is_some()
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => f64::from_bits(*a).partial_cmp(&f64::from_bits(*b)),
        (Value::Moment(a), Value::Moment(b)) => a.order(b),
        (Value::Duration(a), Value::Duration(b)) => a.order(b),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(ty: &str, params: &[(&str, &str)], text: &str) -> bool {
        let params: Vec<_> = params
            .iter()
            .map(|(a, b)| (a.to_string(), b.to_string()))
            .collect();
        Datatype::new(XSD, ty, &params).unwrap().allows(text, &|_| None)
    }

    #[test]
    fn a_text_is_a_value_where_it_is_read_as_that() {
        let types = [
            ("", "token"),
            ("", "string"),
            (XSD, "NMTOKEN"),
            (XSD, "normalizedString"),
            (XSD, "int"),
        ];
        let texts = [
            "a",
            " a",
            "a ",
            "a b",
            " a \t\r\n b ",
            "ab",
            "a  b",
            "",
            " ",
            "b",
            "1",
            "01",
            "ä b",
        ];
        for (library, name) in types {
            let datatype = Datatype::new(library, name, &[]).unwrap();
            for value in texts.iter().filter_map(|t| datatype.parse(t, &|_| None)) {
                for text in texts {
                    let wanted = datatype.parse(text, &|_| None).as_ref() == Some(&value);
                    assert_eq!(
                        datatype.is(text, &value, &|_| None),
                        wanted,
                        "{name} {text:?} {value:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn each_type_takes_its_own_values_only() {
        for (ty, yes, no) in [
            ("boolean", " true ", "yes"),
            ("nonNegativeInteger", "0", "-1"),
            ("byte", "-128", "128"),
            ("double", "1e3", "1e"),
            ("date", "2024-02-29", "2023-02-29"),
            ("time", "24:00:00", "24:00:01"),
            ("duration", "P1Y2DT3H", "P1YT"),
            ("hexBinary", "0aFF", "0a0"),
            ("base64Binary", "YQ==", "YQ="),
            ("language", "en-US", "englishlanguage"),
            ("anyURI", "a b", "%zz"),
            ("NMTOKENS", "a 1", ""),
            ("QName", "a", "p:a"),
            ("gMonthDay", "--02-29", "--02-30"),
            ("NCName", "a", "a:b"),
        ] {
            assert!(fits(ty, &[], yes), "{ty} {yes}");
            assert!(!fits(ty, &[], no), "{ty} {no}");
        }
        assert!(
            fits("string", &[("maxLength", "2")], "ä😀") && !fits("string", &[("maxLength", "2")], "abc")
        );
        assert!(
            fits(
                "decimal",
                &[("maxExclusive", "5"), ("fractionDigits", "1")],
                "4.9"
            ) && !fits("decimal", &[("maxExclusive", "5")], "5.0")
        );
        assert!(Datatype::new(XSD, "boolean", &[("length".into(), "1".into())]).is_err());
    }
}
