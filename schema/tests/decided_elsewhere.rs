//! One fault is one message where what is wrong lies elsewhere than where the grammar stops: in the value that decides
//! what an element holds, in a prefix that is left out, in the second of two. The grammars are of the tests' own words.
#![cfg(test)]

use std::path::{Path, PathBuf};

use apteryx_schema::grammar::{Grammar, Resolver, load_str};
use apteryx_schema::{fix, syntax, validate};

struct Nothing;
impl Resolver for Nothing {
    fn resolve(&self, _: &Path, _: &str) -> Result<(PathBuf, String), String> {
        Err("there is nothing".into())
    }
}

fn said(grammar: &Grammar, text: &str) -> Vec<(&'static str, String)> {
    let found = validate::validate(grammar, &syntax::parse(text));
    let said = found.iter().map(|d| (d.code, d.span.of(text).to_owned()));
    said.collect()
}

/// Mends the only finding by its first fix.
fn mended(grammar: &Grammar, text: &str) -> String {
    let found = validate::validate(grammar, &syntax::parse(text));
    fix::apply(text, &found[0].fixes[0].edits)
}

/// Shops: what one holds depends on its kind, or on whether it has a keeper.
const SHOPS: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0"><start><element name="street"><zeroOrMore><choice>
<element name="shop"><choice>
  <group><attribute name="kind"><value>bakery</value></attribute>
    <zeroOrMore><element name="loaf"><text/></element></zeroOrMore></group>
  <group><attribute name="kind"><value>library</value></attribute>
    <element name="shelf"><text/></element><zeroOrMore><element name="book"><text/></element></zeroOrMore></group>
  <group><attribute name="kind"><choice><value>closed</value><value>sold</value></choice></attribute></group>
</choice></element>
<element name="stall"><optional><attribute name="side"/></optional><choice>
  <group><attribute name="keeper"/><oneOrMore><element name="fruit"><empty/></element></oneOrMore></group>
  <oneOrMore><element name="tool"><empty/></element></oneOrMore></choice></element>
</choice></zeroOrMore></element></start></grammar>"#;

#[test]
fn the_value_that_decides_over_the_content_is_the_one_fault() {
    let grammar = load_str(SHOPS, &Nothing).unwrap();
    let street = |inner: &str| format!("<street>{inner}</street>");
    let library = "<shelf>a</shelf><book>b</book>";
    for (inner, want) in [
        // All that it holds goes with another value.
        (
            format!("<shop kind='bakery'>{library}</shop>"),
            ("invalid-value", "kind='bakery'"),
        ),
        (
            format!("<shop kind='sold'>{library}</shop>"),
            ("invalid-value", "kind='sold'"),
        ),
        // One thing too many is that alone.
        (
            "<shop kind='bakery'><loaf/><book/></shop>".into(),
            ("misplaced-element", "book"),
        ),
        (
            "<shop kind='sold'><loaf/></shop>".into(),
            ("misplaced-element", "loaf"),
        ),
        // What it holds says that a keeper is missing.
        (
            "<stall side='left'><fruit/><fruit/></stall>".into(),
            ("missing-attribute", "stall"),
        ),
    ] {
        let text = street(&inner);
        assert_eq!(said(&grammar, &text), [(want.0, want.1.to_owned())], "{text}");
    }
    let text = street(&format!("<shop kind='bakery'>{library}</shop>"));
    assert_eq!(mended(&grammar, &text), text.replace("bakery", "library"));
    let text = street("<stall side='left'><fruit/><fruit/></stall>");
    assert_eq!(said(&grammar, &mended(&grammar, &text)), []);
}

/// Rules of any of several names, beside whatever is of no namespace or another one.
const RULES: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:example:rules">
<start><element name="rules"><zeroOrMore><element name="rule"><interleave>
  <choice><element><choice><name>allow</name><name>refuse</name></choice><ref name="other"/></element>
    <element name="ask"><attribute name="whom"/></element></choice>
  <ref name="other"/></interleave></element></zeroOrMore></element></start>
<define name="other"><zeroOrMore><element><anyName><except><nsName/></except></anyName>
  <zeroOrMore><choice><text/><attribute><anyName/></attribute></choice></zeroOrMore></element></zeroOrMore></define></grammar>"#;

#[test]
fn a_prefix_left_out_is_told_where_it_is_missing() {
    let grammar = load_str(RULES, &Nothing).unwrap();
    let rules =
        |inner: &str| format!("<r:rules xmlns:r='urn:example:rules'><r:rule>{inner}</r:rule></r:rules>");
    for (inner, slip) in [
        ("<rule/>", "rule"),
        ("<allow/>", "allow"),
        ("<rrefuse/>", "rrefuse"),
    ] {
        let text = rules(inner);
        assert_eq!(
            said(&grammar, &text),
            [("unknown-element", slip.to_owned())],
            "{text}"
        );
        assert_eq!(said(&grammar, &mended(&grammar, &text)), [], "{text}");
    }
    // Beside what is needed it may be anything.
    assert_eq!(said(&grammar, &rules("<rule/><r:refuse/>")), []);
    assert_eq!(
        said(&grammar, &rules("<note>a</note>")),
        [("missing-element", "r:rule".to_owned())]
    );
}

#[test]
fn each_of_several_names_of_one_pattern_may_be_meant() {
    let grammar = load_str(RULES, &Nothing).unwrap();
    let text = "<r:rules xmlns:r='urn:example:rules'><r:rule><r:refsue/></r:rule></r:rules>";
    assert_eq!(mended(&grammar, text), text.replace("refsue", "refuse"));
    let names = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><attribute><choice><name>left</name>
        <name>right</name></choice></attribute><optional><attribute name="size"/></optional></element>"#;
    let grammar = load_str(names, &Nothing).unwrap();
    assert_eq!(mended(&grammar, "<a rigth='1'/>"), "<a right='1'/>");
}

/// A sheet of fields, and words in any markup.
const SHEET: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="sheet"><element name="time"><data type="integer"/></element><element name="age"><data type="integer"/></element>
  <oneOrMore><element name="mark"><attribute name="name"/></element></oneOrMore>
  <optional><element name="acts"><zeroOrMore><element name="act"><attribute name="name"/></element></zeroOrMore></element></optional>
  <optional><element name="words"><ref name="any"/></element></optional>
  <zeroOrMore><choice><element name="pick"><element name="of"><empty/></element></element>
    <element name="about"><text/></element></choice></zeroOrMore></element></start>
<define name="any"><zeroOrMore><choice><text/><attribute><anyName/></attribute><element><anyName/><ref name="any"/></element></choice>
</zeroOrMore></define></grammar>"#;

#[test]
fn of_two_the_one_that_is_not_sound_is_one_too_many() {
    let grammar = load_str(SHEET, &Nothing).unwrap();
    let text = "<sheet>\n<time>1</time>\n<age>2</age>\n<mark name='a'/>\n<age name='b'/>\n</sheet>";
    let found = validate::validate(&grammar, &syntax::parse(text));
    let places: Vec<usize> = found.iter().map(|d| d.span.start as usize).collect();
    assert_eq!(places, [text.find("age name").unwrap()]);
}

#[test]
fn what_takes_anything_is_not_meant_by_a_name() {
    let grammar = load_str(SHEET, &Nothing).unwrap();
    let text = "<sheet><time>1</time><age>2</age><mark name='a'/><acts><mark name='b'/></acts></sheet>";
    assert_eq!(said(&grammar, text), [("misplaced-element", "mark".to_owned())]);
}

#[test]
fn words_in_an_element_that_has_none_are_in_another_by_a_wrong_name() {
    let grammar = load_str(SHEET, &Nothing).unwrap();
    let sheet = |inner: &str| format!("<sheet><time>1</time><age>2</age><mark name='a'/>{inner}</sheet>");
    let text = sheet("<pick>what it is for</pick>");
    assert_eq!(said(&grammar, &text), [("misplaced-element", "pick".to_owned())]);
    let text = sheet("<pick>stray<of/></pick>");
    assert_eq!(said(&grammar, &text), [("unexpected-text", "stray".to_owned())]);
}

#[test]
fn very_many_names_of_one_pattern_cost_no_more_than_one() {
    let names: String = (0..66_000).map(|n| format!("<name>n{n}</name>")).collect();
    let grammar = format!(
        r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><oneOrMore><element><choice>{names}</choice><empty/></element>
        </oneOrMore><optional><attribute><choice>{names}</choice></attribute></optional></element>"#
    );
    let grammar = load_str(&grammar, &Nothing).unwrap();
    let text = format!("<a m1='' n2=''>{}</a>", "<m1/><n3/>".repeat(200));
    let begun = std::time::Instant::now();
    assert_eq!(said(&grammar, &text).len(), 201);
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn a_word_that_a_pattern_spells_out_may_be_meant() {
    let words = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"
        datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><attribute name="for"><data type="token">
        <param name="pattern">(north|south_east|[a-z]+west)(,(north|south_east))*</param></data></attribute>
        <optional><attribute name="size"><data type="token"><param name="pattern">\d+|whole</param></data></attribute></optional></element>"#;
    let grammar = load_str(words, &Nothing).unwrap();
    for (slip, right) in [
        ("for='nroth'", "for='north'"),
        ("for='north,south_esat'", "for='north,south_east'"),
        ("for='north' size='wohle'", "for='north' size='whole'"),
    ] {
        let text = format!("<a {slip}/>");
        assert_eq!(mended(&grammar, &text), format!("<a {right}/>"));
    }
    // What is part of a longer one is no word.
    let text = "<a for='WEST'/>";
    assert_eq!(validate::validate(&grammar, &syntax::parse(text))[0].fixes, []);
}
