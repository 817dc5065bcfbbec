//! One fault is one message in grammars that are not KIWI's: with prefixes, any name, alternatives and an order.
//! The grammars are of the tests' own words; what is mended must be valid again.
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

/// A book of recipes: tools stand before steps, a course is of one of two kinds, a hint holds any markup.
const RECIPES: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:example:recipes">
<start><element name="book"><choice><ref name="title"/><ref name="about"/></choice><oneOrMore><ref name="dish"/></oneOrMore>
</element></start>
<define name="title"><element name="title"><text/></element></define>
<define name="about"><element name="about"><ref name="title"/></element></define>
<define name="dish"><element name="dish"><choice>
  <group><attribute name="kind"><choice><value>cold</value><value>raw</value></choice></attribute>
    <attribute name="rest"/></group>
  <group><attribute name="kind"><choice><value>baked</value><value>boiled</value></choice></attribute>
    <attribute name="oven"/></group></choice>
  <zeroOrMore><element name="tool"><empty/></element></zeroOrMore>
  <zeroOrMore><choice>
    <element name="step"><optional><attribute name="time"/></optional><text/></element>
    <element name="hr"><empty/></element>
    <element name="h2"><text/></element>
    <element name="hint"><ref name="any"/></element></choice></zeroOrMore></element></define>
<define name="any"><zeroOrMore><choice><text/><element><anyName><except><nsName/></except></anyName><ref name="any"/></element>
  <element name="see"><attribute name="page"/></element></choice></zeroOrMore></define></grammar>"#;

fn said(grammar: &Grammar, text: &str) -> Vec<(&'static str, String)> {
    let found = validate::validate(grammar, &syntax::parse(text));
    found
        .iter()
        .map(|d| (d.code, d.span.of(text).to_owned()))
        .collect()
}

#[test]
fn one_fault_is_one_message_at_its_place() {
    let grammar = load_str(RECIPES, &Nothing).unwrap();
    let book = |dish: &str| {
        format!(
            "<r:book xmlns:r='urn:example:recipes'><r:title>a</r:title>\n<r:dish kind='raw' rest='1'>\n{dish}\n</r:dish></r:book>"
        )
    };
    let (tool, step) = ("<r:tool/>\n", "<r:step>cut</r:step>\n");
    assert_eq!(said(&grammar, &book(&format!("{tool}{step}"))), []);
    for (dish, want) in [
        // The colon is another letter, or the prefix is left out.
        (
            format!("{tool}<rsstep>cut</rsstep>\n{step}"),
            ("unknown-element", "rsstep"),
        ),
        (format!("{tool}<step>cut</step>\n"), ("unknown-element", "step")),
        // The intruder before all the others, not each of them.
        (
            format!("<r:step>cut</r:step>{tool}{tool}{tool}"),
            ("misplaced-element", "r:step"),
        ),
        // A name by which the text does not fit.
        ("<r:hr>Usage</r:hr>".to_owned(), ("misplaced-element", "r:hr")),
    ] {
        let found = said(&grammar, &book(&dish));
        assert_eq!(found, [(want.0, want.1.to_owned())], "{dish}");
    }
    let dishes = "<r:dish kind='raw' rest='1'/><r:dish kind='baked' oven='1'/>";
    let wrong_kind = dishes.replace("'baked'", "'bakedd'");
    for (text, want) in [
        // One of several elements is missing before the others.
        (
            format!("<r:book xmlns:r='urn:example:recipes'>{dishes}</r:book>"),
            ("missing-element", "r:book"),
        ),
        // The other attribute says which alternative was meant.
        (
            format!("<r:book xmlns:r='urn:example:recipes'><r:title>a</r:title>{wrong_kind}</r:book>"),
            ("invalid-value", "bakedd"),
        ),
        // A declaration by a wrong name.
        (
            "<book xmlms='urn:example:recipes'><title>a</title><dish kind='raw' rest='1'/></book>".to_owned(),
            ("unknown-attribute", "xmlms"),
        ),
    ] {
        assert_eq!(said(&grammar, &text), [(want.0, want.1.to_owned())], "{text}");
    }
}

#[test]
fn a_name_is_mended_with_its_prefix() {
    let grammar = load_str(RECIPES, &Nothing).unwrap();
    let right = "<r:book xmlns:r='urn:example:recipes'><r:title>a</r:title><r:dish kind='raw' rest='1'><r:step>cut</r:step></r:dish></r:book>";
    let default = right.replace("xmlns:r", "xmlns").replace("r:", "");
    assert_eq!(said(&grammar, &default), []);
    for (right, old, new) in [
        (right, "r:step", "rsstep"),
        (right, "r:step", "step"),
        (right, "r:step", "r:setp"),
        (&default, "xmlns", "xmlms"),
    ] {
        let wrong = right.replace(old, new);
        let found = validate::validate(&grammar, &syntax::parse(&wrong));
        let edits = found
            .first()
            .and_then(|d| d.fixes.first())
            .map(|f| f.edits.clone());
        let mended = edits.map(|e| fix::apply(&wrong, &e));
        assert_eq!(mended.as_deref(), Some(right), "{wrong}");
    }
    // Where the namespace has no prefix there is no such repair.
    let text = "<book xmlns='urn:example:recipes'><title>a</title><dish kind='raw' rest='1'><step xmlns='urn:example:x'>cut</step></dish></book>";
    let found = validate::validate(&grammar, &syntax::parse(text));
    assert_eq!(found.len(), 1);
    for f in &found[0].fixes {
        assert!(said(&grammar, &fix::apply(text, &f.edits)).is_empty(), "{f:?}");
    }
}

/// A guide is of one of two kinds, which say what its head may hold.
const GUIDES: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0">
<start><element name="guide"><choice><group><ref name="short"/><element name="end"><empty/></element></group>
<group><ref name="long"/><oneOrMore><element name="part"><text/></element></oneOrMore></group></choice></element></start>
<define name="short"><element name="head"><element name="link"><attribute name="rel"><value>whole</value></attribute></element>
</element></define>
<define name="long"><element name="head"><element name="link"><attribute name="rel"><value>index</value></attribute></element>
</element></define></grammar>"#;

#[test]
fn an_element_too_many_is_not_judged_by_another_kind() {
    let grammar = load_str(GUIDES, &Nothing).unwrap();
    let head = "<head><link rel='index'/></head>";
    let text = format!("<guide>{head}{head}<part/></guide>");
    assert_eq!(said(&grammar, &text), [("duplicate-element", "head".to_owned())]);
}

/// A list of things with a picture of each, which is of another namespace.
const PICTURES: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:example:things">
<start><element name="things"><oneOrMore><element name="thing"><ref name="picture"/></element></oneOrMore></element></start>
<define name="picture"><element name="picture" ns="urn:example:pictures"><zeroOrMore><element name="line"><attribute name="to"/>
</element></zeroOrMore></element></define></grammar>"#;

#[test]
fn a_namespace_that_is_not_declared_is_one_fault_with_all_that_stands_below_it() {
    let grammar = load_str(PICTURES, &Nothing).unwrap();
    let right = "<things xmlns='urn:example:things'><thing><picture xmlns=\"urn:example:pictures\"><line to='1'/><line to='2'/></picture>\
                 </thing></things>";
    assert_eq!(said(&grammar, right), []);
    for (old, new) in [
        (" xmlns=\"urn:example:pictures\"", ""),
        ("urn:example:pictures", "urn:example:pictrues"),
    ] {
        let wrong = right.replace(old, new);
        let found = validate::validate(&grammar, &syntax::parse(&wrong));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].code, found[0].span.of(&wrong)),
            ("unknown-element", "picture")
        );
        assert_eq!(fix::apply(&wrong, &found[0].fixes[0].edits), right);
    }
}

/// A machine is of one of two kinds, which its head says; both may hold a disk.
const MACHINES: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0">
<start><element name="host"><choice><ref name="real"/><ref name="thought"/></choice></element></start>
<define name="real"><element name="machine"><element name="kind"><attribute name="of"><value>real</value></attribute></element>
  <zeroOrMore><element name="disk"><empty/></element></zeroOrMore></element></define>
<define name="thought"><element name="machine"><element name="kind"><attribute name="of"><value>thought</value></attribute></element>
  <zeroOrMore><element name="disk"><empty/></element></zeroOrMore></element></define></grammar>"#;

#[test]
fn what_is_sound_says_which_alternative_was_meant() {
    let grammar = load_str(MACHINES, &Nothing).unwrap();
    for kind in ["real", "thought"] {
        let text = format!("<host><machine><kind of='{kind}'/><disk/><dsik/></machine></host>");
        assert_eq!(
            said(&grammar, &text),
            [("unknown-element", "dsik".to_owned())],
            "{kind}"
        );
    }
}

/// A log: each entry has a number or names another; a batch of entries too, and only one with a number holds them. A
/// note is of one of two kinds, of which one begins with the words that its marks count in. A row ends with a head at most;
/// a pair needs its left half.
const LOGS: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0">
<start><element name="log"><zeroOrMore><choice><ref name="batch"/><ref name="note"/><ref name="words"/>
  <element name="row"><zeroOrMore><element name="cell"><optional><attribute name="kind"/></optional></element></zeroOrMore>
    <optional><element name="head"><attribute name="name"/></element></optional></element>
  <element name="pair"><interleave><element name="left"><oneOrMore><element name="part"><empty/></element></oneOrMore></element>
    <optional><element name="right"><value>whole</value></element></optional></interleave></element>
  </choice></zeroOrMore></element></start>
<define name="batch"><element name="batch"><choice><attribute name="like"/>
  <group><attribute name="number"/><zeroOrMore><element name="entry"><choice><attribute name="like"/><attribute name="number"/></choice>
  </element></zeroOrMore></group></choice></element></define>
<define name="note"><element name="note"><choice>
  <group><attribute name="of"/><element name="marks"><oneOrMore><element name="mark"><attribute name="name"/></element></oneOrMore></element></group>
  <group><attribute name="of"/><element name="words"><text/></element>
    <element name="marks"><oneOrMore><element name="mark"><attribute name="word"/></element></oneOrMore></element></group>
</choice></element></define>
<define name="words"><element name="words"><choice><text/><oneOrMore><ref name="note"/></oneOrMore></choice></element></define></grammar>"#;

#[test]
fn what_follows_from_one_fault_is_not_told_as_well() {
    let grammar = load_str(LOGS, &Nothing).unwrap();
    for (inner, want) in [
        // Which of two attributes is missing, what it holds would tell.
        (
            "<batch><entry number='1'/><entry number='2'/></batch>",
            ("missing-attribute", "batch"),
        ),
        // What cannot stand here at all is not judged for what it lacks.
        ("<entry/><words>a</words>", ("misplaced-element", "entry")),
        // A slip in the name that decides how the rest is read.
        (
            "<note of='a'><wodrs>a b</wodrs><marks><mark word='1'/><mark word='2'/></marks></note>",
            ("unknown-element", "wodrs"),
        ),
        // Any of two attributes is missing, and there is one that it does not have.
        ("<batch size='1'/>", ("unknown-attribute", "size")),
        // What cannot come after an element says that it is another by a wrong name.
        (
            "<row><cell/><head kind='a'/><cell/><cell/></row>",
            ("misplaced-element", "head"),
        ),
        // So does what is missing otherwise.
        (
            "<pair><right><part/></right></pair>",
            ("misplaced-element", "right"),
        ),
        // Text where only elements may be, in an element that stands for another.
        (
            "<words>a</words><note>a</note><words>b</words>",
            ("misplaced-element", "note"),
        ),
    ] {
        let text = format!("<log>{inner}</log>");
        assert_eq!(said(&grammar, &text), [(want.0, want.1.to_owned())], "{text}");
    }
}

/// A form: what is in a box, and a sheet of four parts, two of which may be left out, in any order.
const FORM: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><start><element name="form">
<zeroOrMore><choice>
  <element name="box"><zeroOrMore><element name="row"><text/></element></zeroOrMore></element>
  <element name="list"><oneOrMore><element name="item"><empty/></element></oneOrMore></element>
  <element name="entry"><attribute name="label"/><optional><attribute name="wide"><data type="boolean"/></attribute></optional>
  </element></choice></zeroOrMore>
<optional><element name="sheet"><interleave>
  <element name="head"><text/></element><element name="body"><text/></element><element name="foot"><text/></element>
  <optional><element name="ink"><text/></element></optional>
  <optional><element name="size"><data type="integer"/></element></optional></interleave></element></optional>
</element></start></grammar>"#;

#[test]
fn what_has_nothing_of_its_own_is_another_by_a_wrong_name() {
    let grammar = load_str(FORM, &Nothing).unwrap();
    let form = |inner: &str| format!("<form><entry label='a'/>{inner}</form>");
    for (inner, want) in [
        ("<box label='b'/>", vec![("misplaced-element", "box")]),
        (
            "<list label='b' wide='true'/>",
            vec![("misplaced-element", "list")],
        ),
        ("<box><item/></box>", vec![("misplaced-element", "box")]),
        // It has something of its own, or nothing else takes what it has.
        (
            "<box><row>b</row><item/></box>",
            vec![("misplaced-element", "item")],
        ),
        ("<box lable='b'/>", vec![("unknown-attribute", "lable")]),
        (
            "<entry label='b' wide='stray'/>",
            vec![("invalid-value", "wide='stray'")],
        ),
    ] {
        let found = said(&grammar, &form(inner));
        let found: Vec<_> = found.iter().map(|(c, s)| (*c, s.as_str())).collect();
        assert_eq!(found, want, "{inner}");
    }
}

#[test]
fn what_stands_in_the_place_of_a_missing_one_is_that_by_a_wrong_name() {
    let grammar = load_str(FORM, &Nothing).unwrap();
    let sheet = |inner: &str| format!("<form><sheet>{inner}</sheet></form>");
    for (inner, want) in [
        ("<head/><ink/><foot/>", ("misplaced-element", "ink")),
        ("<ink/><body/><foot/>", ("misplaced-element", "ink")),
        // Where it stands in its own place, the other is missing.
        ("<head/><foot/><ink/>", ("missing-element", "sheet")),
    ] {
        let found = said(&grammar, &sheet(inner));
        let found: Vec<_> = found.iter().map(|(c, s)| (*c, s.as_str())).collect();
        assert_eq!(found, [want], "{inner}");
    }
}

#[test]
fn of_two_the_one_with_the_value_of_another_is_one_too_many() {
    let grammar = load_str(FORM, &Nothing).unwrap();
    for (first, second, at) in [("12", "blue", 0), ("blue", "12", 1), ("blue", "red", 1)] {
        let text = format!(
            "<form><sheet><head/><body/><foot/>\n<ink>{first}</ink>\n<ink>{second}</ink>\n</sheet></form>"
        );
        let found = validate::validate(&grammar, &syntax::parse(&text));
        let places: Vec<_> = found.iter().map(|d| (d.code, d.span.start as usize)).collect();
        let place = text.match_indices("<ink>").nth(at).unwrap().0 + 1;
        assert_eq!(places, [("duplicate-element", place)], "{first} {second}");
    }
}

#[test]
fn a_slip_is_told_though_what_is_in_it_is_misspelt_too() {
    let text =
        "<image schemaversion='8.5' name='x'>\n<packgaes typ='image'><pakage nam='x'/></packgaes>\n</image>";
    let found = said(Grammar::kiwi(), text);
    let found: Vec<&str> = found.iter().map(|f| &*f.1).collect();
    for slip in ["packgaes", "typ", "pakage"] {
        assert!(found.contains(&slip), "{slip} {found:?}");
    }
}

#[test]
fn where_two_readings_cost_alike_what_is_written_tells() {
    let grammar = r#"<element name="list" xmlns="http://relaxng.org/ns/structure/1.0"><zeroOrMore><choice>
        <group><element name="term"><empty/></element><element name="sense"><text/></element></group>
        <element name="use"><choice><attribute name="of"/><group><attribute name="id"/><optional><attribute name="at"/></optional></group></choice></element>
        <element name="rule"><attribute name="id"/><optional><attribute name="style"/></optional>
          <oneOrMore><element name="match"><text/></element></oneOrMore></element>
        <element name="rule"><attribute name="id"/><optional><attribute name="ref"/></optional></element>
        <element name="prop"><choice><text/><element name="thing"><zeroOrMore><element name="prop"><text/></element></zeroOrMore></element>
        </choice></element></choice></zeroOrMore></element>"#;
    let grammar = load_str(grammar, &Nothing).unwrap();
    for (text, code, at) in [
        // The same twice.
        ("<term/><term/><sense>a</sense>", "duplicate-element", "term"),
        // Which of two that cannot stand together came last is not known.
        ("<use of='a' id='b'/>", "misplaced-attribute", "of"),
        ("<use id='b' of='a'/>", "misplaced-attribute", "id"),
        // Two tags with nothing between.
        ("<rule id='a' style='b'>\n</rule>", "missing-element", "rule"),
        ("<rule id='a' style='b'/>", "misplaced-attribute", "style"),
        // What is of several lines begins one.
        (
            "<prop><thing>\n<prop>a</prop>\n</thing>yes</prop>",
            "misplaced-element",
            "thing",
        ),
        ("<prop><thing/>yes</prop>", "unexpected-text", "yes"),
    ] {
        let text = format!("<list>{text}</list>");
        assert_eq!(said(&grammar, &text), [(code, at.to_owned())], "{text}");
    }
}

#[test]
fn a_misspelt_declaration_of_a_prefix_is_one_fault() {
    let grammar = r#"<element name="a" ns="urn:a" xmlns="http://relaxng.org/ns/structure/1.0"><zeroOrMore><choice>
        <element name="b"><attribute name="kind"/></element>
        <element name="any"><zeroOrMore><element><anyName><except><nsName/></except></anyName><zeroOrMore><attribute><anyName><except>
          <nsName/></except></anyName></attribute></zeroOrMore><text/></element></zeroOrMore></element></choice></zeroOrMore></element>"#;
    let grammar = load_str(grammar, &Nothing).unwrap();
    for slip in ["xmlns:pp", "xmlns:o", "xmlnscp"] {
        let text = format!("<p:a xmlns:p='urn:a'><p:any><p:x {slip}='urn:x' p:y=''>z</p:x></p:any></p:a>");
        assert_eq!(said(&grammar, &text), [("unknown-attribute", slip.to_owned())]);
        let found = validate::validate(&grammar, &syntax::parse(&text));
        let mended = fix::apply(&text, &found[0].fixes[0].edits);
        assert_eq!(said(&grammar, &mended), [], "{mended}");
    }
    // Beside another fault it is told too, if what stands below it says so.
    let text = "<p:a xmlns:p='urn:a'><p:any><p:x xmlns:pp='urn:x'/></p:any><p:b/><p:b kin=''/></p:a>";
    let two = [
        ("unknown-attribute", "xmlns:pp".to_owned()),
        ("missing-attribute", "p:b".to_owned()),
        ("unknown-attribute", "kin".to_owned()),
    ];
    assert_eq!(said(&grammar, text), two);
    // Without a prefix too, whether or not the grammar knows the namespace.
    let text = "<p:a xmlns:p='urn:a'><p:any><x/></p:any><p:b kind=''/></p:a>";
    for slip in ["xmlnss", "xlns", "amlns"] {
        let text = text.replace("<x/>", &format!("<b {slip}='urn:x'/>"));
        assert_eq!(said(&grammar, &text), [], "{text}");
        let text = text.replace("<p:any>", "<p:any xmlns='urn:a'>");
        assert_eq!(
            said(&grammar, &text),
            [("unknown-attribute", slip.to_owned())],
            "{text}"
        );
    }
    // Where a name has the prefix, it is another.
    let used = "<p:a xmlns:p='urn:a'><p:any><p:x xmlns:pp='urn:x' pp:y=''>z</p:x></p:any></p:a>";
    assert_eq!(said(&grammar, used), [("unknown-element", "p:x".to_owned())]);
}

#[test]
fn a_value_in_an_element_that_has_none_is_in_another_by_a_wrong_name() {
    let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"
        datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><interleave><element name="module"><text/></element>
        <optional><element name="number"><data type="int"/></element></optional><optional><element name="note"><text/></element></optional>
        <optional><element name="require"><empty/></element></optional><optional><element name="skip"><empty/></element></optional>
        </interleave></element>"#;
    let grammar = load_str(grammar, &Nothing).unwrap();
    for (text, code, at) in [
        ("<require>1234</require>", "misplaced-element", "require"),
        ("<require>words</require>", "unexpected-text", "words"),
        (
            "<number>1</number><require>1234</require>",
            "unexpected-text",
            "1234",
        ),
    ] {
        let text = format!("<a><module>x</module>{text}</a>");
        assert_eq!(said(&grammar, &text), [(code, at.to_owned())], "{text}");
    }
}
