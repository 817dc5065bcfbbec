//! What is told of one fault in documents by grammars that are none of KIWI's: each is of a class that public grammars have.
#![cfg(test)]

use std::path::{Path, PathBuf};

use apteryx_schema::grammar::{Resolver, load_str};
use apteryx_schema::{fix, syntax, validate};

struct Nothing;
impl Resolver for Nothing {
    fn resolve(&self, _: &Path, _: &str) -> Result<(PathBuf, String), String> {
        Err("there is nothing".into())
    }
}

/// What is told of a text, each with its code and place, and the text as the first fix makes it.
fn told(grammar: &str, text: &str) -> (Vec<String>, String) {
    let grammar = load_str(grammar, &Nothing).unwrap();
    let found = validate::validate(&grammar, &syntax::parse(text));
    let each = found.iter().map(|d| format!("{} `{}`", d.code, d.span.of(text)));
    let fix = found.first().and_then(|d| d.fixes.first());
    let mended = fix.map_or_else(String::new, |f| fix::apply(text, &f.edits));
    (each.collect(), mended)
}

#[test]
fn an_element_that_is_missing_before_text_is_one_fault() {
    let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><element name="b"><empty/></element>
        <element name="c"><empty/></element><text/></element>"#;
    let (found, mended) = told(grammar, "<a><b/>some words</a>");
    assert_eq!(found, ["missing-element `a`"]);
    assert_eq!(mended, "<a><b/><c/>some words</a>");
    assert_eq!(
        told(grammar, "<a>words<b/><c/></a>").0,
        ["unexpected-text `words`"]
    );
}

#[test]
fn one_strange_attribute_of_an_empty_element_is_told_of_the_attribute() {
    let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><zeroOrMore><choice>
        <element name="space"><optional><attribute name="width"/></optional></element>
        <element name="style"><optional><attribute name="colour"/></optional><optional><attribute name="size"/></optional></element>
        </choice></zeroOrMore></element>"#;
    let (found, _) = told(grammar, "<a><space width=''/><space colour='red'/></a>");
    assert_eq!(found, ["misplaced-attribute `colour`"]);
    // Two of them say that the element is another.
    let (found, _) = told(grammar, "<a><space colour='red' size='1'/></a>");
    assert_eq!(found, ["misplaced-element `space`"]);
}

/// Elements of any name by turns: a thing holds what is said of it, and that holds words, names a thing or holds one.
const STRIPED: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:s"><start><element name="all">
    <zeroOrMore><ref name="thing"/></zeroOrMore></element></start>
    <define name="thing"><element><anyName><except><nsName ns=""/><nsName/></except></anyName><optional><attribute name="about"/></optional>
    <zeroOrMore><ref name="said"/></zeroOrMore></element></define>
    <define name="said"><element><anyName><except><nsName ns=""/><nsName/></except></anyName><choice><text/>
    <attribute name="resource"/><ref name="thing"/></choice></element></define></grammar>"#;

#[test]
fn what_only_any_name_takes_is_misplaced_where_nothing_in_it_belongs_to_it() {
    let told = |inner: &str| {
        let text = format!("<all xmlns='urn:s' xmlns:x='urn:x'><x:work/>{inner}</all>");
        told(STRIPED, &text)
    };
    let (found, mended) = told("<x:title>words</x:title><x:work><x:title>words</x:title></x:work>");
    assert_eq!(found, ["misplaced-element `x:title`"]);
    assert!(mended.contains("<x:work/><x:work>"), "{mended}");
    assert_eq!(told("<x:link resource='y'/>").0, ["misplaced-element `x:link`"]);
    // What nothing names is the slip itself, and words beside what belongs there are.
    assert_eq!(told("<x:work other='y'/>").0, ["unknown-attribute `other`"]);
    let (found, _) = told("<x:work about='y'>words<x:title>more</x:title></x:work>");
    assert_eq!(found, ["unexpected-text `words`"]);
}

#[test]
fn a_misspelt_name_is_not_moved_to_where_any_name_may_stand() {
    let grammar = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:s"><start><element name="all"><interleave>
        <element name="title"><text/></element><element name="extra"><ref name="any"/></element></interleave></element></start>
        <define name="any"><zeroOrMore><choice><attribute><anyName/></attribute><text/><element><anyName/><ref name="any"/></element>
        </choice></zeroOrMore></define></grammar>"#;
    let text = "<all xmlns='urn:s'><title>t</title><nothing/><extra><x/></extra></all>";
    let (found, mended) = told(grammar, text);
    assert_eq!(found, ["misplaced-element `nothing`"]);
    assert_eq!(mended, text.replace("<nothing/>", ""));
}
