//! The names of the built-in types, and how the values of each are read. Reads none.

use super::forms::{is_language, is_uri};
use super::names;

/// A type by its name.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    pub base: Base,
}

/// How its values are read.
#[derive(Debug, Clone, Copy)]
pub enum Base {
    /// Kept as it stands.
    Raw,
    /// Line ends and tabs become blanks.
    Replaced,
    Token,
    Shaped(fn(&str) -> bool),
    List(fn(&str) -> bool),
    /// The name of an unparsed entity of the document.
    Entity,
    /// A list of those.
    Entities,
    Boolean,
    Decimal,
    /// A whole number between two bounds.
    Integer(Option<&'static str>, Option<&'static str>),
    Float,
    Double,
    QName,
    Hex,
    Base64,
    Moment,
    Duration,
}

const fn kind(name: &'static str, base: Base) -> Kind {
    Kind { name, base }
}

/// RELAX NG's own.
pub static BUILT_IN: [Kind; 2] = [kind("string", Base::Raw), kind("token", Base::Token)];

/// XML Schema's.
pub static KINDS: [Kind; 44] = [
    kind("string", Base::Raw),
    kind("normalizedString", Base::Replaced),
    kind("token", Base::Token),
    kind("language", Base::Shaped(is_language)),
    kind("Name", Base::Shaped(names::is_name)),
    kind("NCName", Base::Shaped(names::is_ncname)),
    kind("NMTOKEN", Base::Shaped(names::is_nmtoken)),
    kind("NMTOKENS", Base::List(names::is_nmtoken)),
    kind("ID", Base::Shaped(names::is_ncname)),
    kind("IDREF", Base::Shaped(names::is_ncname)),
    kind("IDREFS", Base::List(names::is_ncname)),
    kind("ENTITY", Base::Entity),
    kind("ENTITIES", Base::Entities),
    kind("anyURI", Base::Shaped(is_uri)),
    kind("boolean", Base::Boolean),
    kind("decimal", Base::Decimal),
    kind("integer", Base::Integer(None, None)),
    kind("nonPositiveInteger", Base::Integer(None, Some("0"))),
    kind("negativeInteger", Base::Integer(None, Some("-1"))),
    kind("nonNegativeInteger", Base::Integer(Some("0"), None)),
    kind("positiveInteger", Base::Integer(Some("1"), None)),
    kind(
        "long",
        Base::Integer(Some("-9223372036854775808"), Some("9223372036854775807")),
    ),
    kind("int", Base::Integer(Some("-2147483648"), Some("2147483647"))),
    kind("short", Base::Integer(Some("-32768"), Some("32767"))),
    kind("byte", Base::Integer(Some("-128"), Some("127"))),
    kind(
        "unsignedLong",
        Base::Integer(Some("0"), Some("18446744073709551615")),
    ),
    kind("unsignedInt", Base::Integer(Some("0"), Some("4294967295"))),
    kind("unsignedShort", Base::Integer(Some("0"), Some("65535"))),
    kind("unsignedByte", Base::Integer(Some("0"), Some("255"))),
    kind("float", Base::Float),
    kind("double", Base::Double),
    kind("QName", Base::QName),
    kind("NOTATION", Base::QName),
    kind("hexBinary", Base::Hex),
    kind("base64Binary", Base::Base64),
    kind("dateTime", Base::Moment),
    kind("date", Base::Moment),
    kind("time", Base::Moment),
    kind("gYearMonth", Base::Moment),
    kind("gYear", Base::Moment),
    kind("gMonthDay", Base::Moment),
    kind("gDay", Base::Moment),
    kind("gMonth", Base::Moment),
    kind("duration", Base::Duration),
];
