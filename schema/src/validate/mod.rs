//! A tree against a grammar: the exact RELAX NG verdict, one message for one fault with its repair, and what may
//! stand at a place. Reads `grammar` and `syntax`; knows no KIWI and no editor.

use std::sync::Mutex;

use crate::diagnostic::Diagnostic;
use crate::grammar::Grammar;
use crate::grammar::pattern::{NOT_ALLOWED, Pat, PatId};
use crate::syntax::Tree;

mod coming;
mod declared;
mod derive;
mod expected;
mod label;
mod near;
mod needs;
mod prefixes;
mod recover;
mod states;
mod words;

use derive::Matcher;
pub(crate) use derive::leaves;
pub use expected::{expected, expected_attributes, expected_text, expected_values};
use label::Judge;
pub(crate) use recover::{CERTAIN, MOST, indent, with_line};

/// What may stand at a place in an element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// The elements, in the grammar's order, required ones first.
    pub elements: Vec<ExpectedElement>,
    /// Text that is not white space may stand here.
    pub text: bool,
    /// The element may end here.
    pub end_tag: bool,
}

/// An element that may stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedElement {
    /// Namespace URI, empty for none.
    pub namespace: String,
    /// Local name.
    pub local: String,
    /// The parent is not valid without it.
    pub required: bool,
    /// Its required attributes, in the grammar's order.
    pub required_attributes: Vec<String>,
    /// Its required child elements, in the grammar's order.
    pub required_children: Vec<String>,
    /// It can have no content: `<x/>` is its usual form.
    pub empty: bool,
    /// What it is for.
    pub doc: Option<String>,
}

/// An attribute that an element may still get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAttribute {
    /// Namespace URI, empty for none.
    pub namespace: String,
    /// Local name.
    pub local: String,
    /// The element is not valid without it.
    pub required: bool,
    /// What it is for.
    pub doc: Option<String>,
}

/// The values that an attribute (or the text of an element) may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExpectedValues {
    /// Those that the grammar lists (`true` and `false` for booleans).
    pub values: Vec<ExpectedValue>,
    /// The kind of value in words ("a whole number, 0 or more"), where more than the listed ones may stand.
    pub kind: Option<String>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedValue {
    /// The value itself.
    pub value: String,
    /// What it stands for.
    pub doc: Option<String>,
}

/// Matchers that wait for the next validation.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Matcher>>);

impl Pool {
    fn take(&self, grammar: &Grammar) -> Matcher {
        let spare = self.0.lock().ok().and_then(|mut l| l.pop());
        spare.unwrap_or_else(|| Matcher::new(grammar))
    }

    fn give(&self, mut matcher: Matcher) {
        matcher.states.make_room();
        if let Ok(mut list) = self.0.lock() {
            if matcher.is_small() && list.len() < 16 {
                list.push(matcher);
            }
        }
    }
}

/// What remains of a content where an element may not be used; nothing, where it is required.
fn without(m: &mut Matcher, p: PatId, e: u32) -> PatId {
    match m.patterns.get(p) {
        Pat::Element(x) if *x == e => NOT_ALLOWED,
        _ => m.rebuilt(p, &mut |m, q| without(m, q, e)),
    }
}

/// Judges a tree. Every finding is of source `schema` and severity error; an empty list is the verdict "valid".
///
/// Works on broken trees: what is not well-formed is reported by the tree itself (`Tree::errors`).
pub fn validate(grammar: &Grammar, tree: &Tree) -> Vec<Diagnostic> {
    // Where there is a fault for each element, nobody reads a second.
    let most = recover::weight(tree).clamp(FEWEST, recover::MOST);
    validate_most(grammar, tree, most, MEANT)
}

/// So many findings are told of every document.
const FEWEST: usize = 1000;

/// The same for repairs that are applied, not read: as many findings as the text has room for, so that a text full of
/// faults is mended in a few rounds and their memory stays a small multiple of its size; of `size` bytes at most.
pub fn validate_to_mend(grammar: &Grammar, tree: &Tree, size: usize) -> Vec<Diagnostic> {
    let each = match tree.is_xml() {
        // A tree with a node for each three bytes or so is large enough itself.
        true if tree.nodes.len() * 7 > tree.text().len() * 2 => 2 * BYTES_EACH,
        true => BYTES_EACH,
        false => 5 * BYTES_EACH,
    };
    validate_most(
        grammar,
        tree,
        recover::MOST.max(tree.text().len().min(size) / each),
        MEANT,
    )
}

/// A finding takes about 200 bytes; where it is not known whether its repairs can be written, all words of it as well.
const BYTES_EACH: usize = 32;

/// So often a tree is read as it may be meant, each time with other declarations.
const MEANT: usize = 2;

fn validate_most(grammar: &Grammar, tree: &Tree, most: usize, times: usize) -> Vec<Diagnostic> {
    let mut judge = Judge::new(grammar, tree, grammar.pool.take(grammar));
    let valid = judge.run();
    let mut out = if valid {
        Vec::new()
    } else {
        recover::report(&mut judge, most)
    };
    grammar.pool.give(judge.matcher);
    let ask = !valid && times > 0;
    if let Some((meant, mut slips)) = ask.then(|| declared::meant(grammar, tree)).flatten() {
        let found = validate_most(grammar, &meant, most, times - 1);
        // What may not stand there in the other namespace either is one fault.
        let all = slips.len();
        if all + found.len() <= 2 * FEWEST {
            slips.retain(|s| found.iter().all(|f| f.span != s.span));
        }
        let fewer = usize::from(slips.len() < all);
        if found.len() + slips.len() + fewer <= out.len() {
            out = [found, slips].concat();
            out.sort_by_key(|d| d.span);
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::grammar::{Resolver, load_str};
    use std::path::{Path, PathBuf};

    /// A grammar of one file.
    pub(crate) struct Nothing;
    impl Resolver for Nothing {
        fn resolve(&self, _: &Path, _: &str) -> Result<(PathBuf, String), String> {
            Err("there is nothing".into())
        }
    }

    fn said(grammar: &str, text: &str) -> Vec<String> {
        let grammar = load_str(grammar, &Nothing).unwrap();
        let found = validate(&grammar, &crate::syntax::parse(text));
        found
            .iter()
            .map(|d| format!("{} `{}`", d.code, d.span.of(text)))
            .collect()
    }

    const SMALL: &str = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0">
        <interleave><attribute name="kind"><choice><value>one</value><value>two</value></choice></attribute>
        <optional><attribute name="note"/></optional>
        <element name="first"><text/></element><zeroOrMore><element name="more"><empty/></element></zeroOrMore>
        </interleave></element>"#;

    #[test]
    fn one_fault_is_one_message() {
        for (text, want) in [
            ("<a kind='one'><more/><first/></a>", vec![]),
            ("<a knid='one'><first/></a>", vec!["unknown-attribute `knid`"]),
            ("<a kind='tow'><first/></a>", vec!["invalid-value `tow`"]),
            ("<a kind='one'><frist/></a>", vec!["unknown-element `frist`"]),
            ("<a kind='one'/>", vec!["missing-element `a`"]),
            ("<a><first/></a>", vec!["missing-attribute `a`"]),
            (
                "<a kind='one'><first/><first/></a>",
                vec!["duplicate-element `first`"],
            ),
            ("<a kind='one'>stray<first/></a>", vec!["unexpected-text `stray`"]),
            (
                "<a kind='one'><first/><more><first/></more></a>",
                vec!["misplaced-element `first`"],
            ),
        ] {
            assert_eq!(said(SMALL, text), want, "{text}");
        }
    }

    #[test]
    fn a_misspelt_name_of_several_attributes_is_that_which_takes_the_value() {
        let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><choice>
            <group><attribute name="base"><value>one</value></attribute><element name="first"><empty/></element></group>
            <group><attribute name="base"><value>two</value></attribute><element name="more"><empty/></element></group>
            </choice></element>"#;
        for text in ["<a bsae='one'><first/></a>", "<a bsae='two'><more/></a>"] {
            assert_eq!(said(grammar, text), ["unknown-attribute `bsae`"], "{text}");
        }
        let both = ["unknown-attribute `bsae`", "invalid-value `bsae='six'`"];
        assert_eq!(said(grammar, "<a bsae='six'><first/></a>"), both);
    }

    #[test]
    fn a_misspelt_name_is_mended_with_its_prefix() {
        let grammar = r#"<element name="a" ns="urn:a" xmlns="http://relaxng.org/ns/structure/1.0">
            <element name="first"><text/></element></element>"#;
        let grammar = load_str(grammar, &Nothing).unwrap();
        let text = "<p:a xmlns:p='urn:a'><p:frist>x</p:frist></p:a>";
        let found = validate(&grammar, &crate::syntax::parse(text));
        let edits = &found[0].fixes[0].edits;
        let new: Vec<_> = edits.iter().map(|e| (e.span.of(text), &*e.new_text)).collect();
        assert_eq!(new, [("p:frist", "p:first"); 2]);
    }

    #[test]
    fn after_a_text_with_very_many_names_those_of_the_next_are_remembered() {
        // Of attributes that any name takes, each namespace is looked up.
        let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><zeroOrMore><element name="b">
            <zeroOrMore><attribute><anyName/></attribute></zeroOrMore></element></zeroOrMore></element>"#;
        let grammar = load_str(grammar, &Nothing).unwrap();
        let named = |n: usize| format!("<b xmlns:p='urn:{n}' p:n=''/>");
        let judged = |names: std::ops::Range<usize>| {
            let text: String = names.map(named).collect();
            assert_eq!(
                validate(&grammar, &crate::syntax::parse(&format!("<a>{text}</a>"))),
                []
            );
            let matcher = grammar.pool.take(&grammar);
            let remembered = matcher.states.names();
            grammar.pool.give(matcher);
            remembered
        };
        assert!(judged(0..10) >= 10);
        judged(0..40_000);
        assert!((10..100).contains(&judged(50_000..50_010)));
    }

    #[test]
    fn a_misspelt_declaration_is_one_fault_with_all_that_stands_below_it() {
        let grammar = r#"<element name="a" ns="urn:a" xmlns="http://relaxng.org/ns/structure/1.0"><element name="b" ns="urn:b">
            <zeroOrMore><element name="c"><attribute name="kind"/></element></zeroOrMore></element></element>"#;
        for (slip, more) in [("xmls", false), ("xmlnss", false), ("xlmns", true)] {
            let kind = if more { "" } else { " kind=''" };
            let text = format!("<a xmlns='urn:a'><b {slip}='urn:b'><c kind=''/><c{kind}/></b></a>");
            let mut wanted = vec![format!("unknown-attribute `{slip}`")];
            wanted.extend(more.then(|| "missing-attribute `c`".to_owned()));
            assert_eq!(said(grammar, &text), wanted);
        }
        // Of a namespace that the grammar does not know it is an attribute like others.
        let text = "<a xmlns='urn:a'><b xmlns='urn:b' xmlnss='urn:c'/></a>";
        assert_eq!(said(grammar, text), ["unknown-attribute `xmlnss`"]);
    }

    #[test]
    fn an_element_whose_attributes_are_those_of_another_is_that_by_a_wrong_name() {
        let other = |n: usize| format!("<element name='x{n}'><attribute name='y{n}'/></element>");
        let others: String = (0..40).map(other).collect();
        let grammar = format!(
            "<element name='a' xmlns='http://relaxng.org/ns/structure/1.0'><zeroOrMore><choice>{others}\
             <element name='use'><attribute name='href'/><attribute name='id'/></element>\
             <element name='plane'><attribute name='units'/><attribute name='turn'/></element></choice></zeroOrMore></element>"
        );
        let text = "<a><use units='' turn=''/></a>";
        assert_eq!(said(&grammar, text), ["misplaced-element `use`"]);
    }

    #[test]
    fn a_root_in_another_namespace_is_one_fault() {
        let grammar = r#"<element name="a" ns="urn:a" xmlns="http://relaxng.org/ns/structure/1.0"><attribute name="kind"/>
            <element name="b"><empty/></element></element>"#;
        let grammar = load_str(grammar, &Nothing).unwrap();
        for (text, mended) in [
            ("<a kind=''><b/></a>", "<a xmlns=\"urn:a\" kind=''><b/></a>"),
            (
                "<a xmlns='urn:b' kind=''><b/></a>",
                "<a xmlns='urn:a' kind=''><b/></a>",
            ),
        ] {
            let found = validate(&grammar, &crate::syntax::parse(text));
            assert_eq!(found.len(), 1, "{text}");
            let edits = &found[0].fixes[0].edits;
            assert_eq!(crate::fix::apply(text, edits), mended);
            assert!(validate(&grammar, &crate::syntax::parse(mended)).is_empty());
        }
        let found = validate(&grammar, &crate::syntax::parse("<p:a xmlns:p='urn:b'/>"));
        assert_eq!((found.len(), found[0].fixes.len()), (1, 0));
        assert_eq!(&*found[0].message, "`<a>` is in the namespace `urn:b`");
    }

    #[test]
    fn what_may_stand_there_in_no_namespace_is_one_fault() {
        let grammar = r#"<element name="a" ns="urn:a" xmlns="http://relaxng.org/ns/structure/1.0"><zeroOrMore><choice>
            <element name="b"><empty/></element><element name="c" ns="urn:c"><element name="d"><text/></element></element>
            </choice></zeroOrMore></element>"#;
        let text = "<a xmlns='urn:a'><b/><d x=''><b/></d></a>";
        assert_eq!(said(grammar, text), ["misplaced-element `d`"]);
    }

    #[test]
    fn what_takes_anything_is_not_meant_for_the_sake_of_that() {
        let grammar = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0"><start><element name="a"><choice>
            <element name="body"><zeroOrMore><element name="p"><element name="i"><optional><attribute name="kind"/></optional>
            </element></element></zeroOrMore></element><element name="frames"><ref name="any"/></element></choice></element></start>
            <define name="any"><zeroOrMore><choice><attribute><anyName/></attribute><text/>
            <element><anyName/><ref name="any"/></element></choice></zeroOrMore></define></grammar>"#;
        let text = format!("<a><body>{}</body></a>", "<p><i knid=''/></p>".repeat(9));
        assert_eq!(said(grammar, &text), ["unknown-attribute `knid`"; 9]);
    }

    #[test]
    fn a_name_that_only_any_name_takes_belongs_nowhere() {
        let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><interleave>
            <element name="b"><attribute name="kind"/></element>
            <zeroOrMore><element><anyName><except><nsName ns=""/></except></anyName>
            <zeroOrMore><attribute><anyName/></attribute></zeroOrMore></element></zeroOrMore></interleave></element>"#;
        let grammar = load_str(grammar, &Nothing).unwrap();
        let label = |text: &str| {
            let found = validate(&grammar, &crate::syntax::parse(text));
            let all: Vec<_> = found.iter().map(|d| (d.code, d.label.to_string())).collect();
            all
        };
        assert_eq!(
            label("<a><b kind='' quite-other=''/></a>"),
            [("unknown-attribute", String::new())]
        );
        assert_eq!(
            label("<a kind=''><b kind=''/></a>"),
            [("misplaced-attribute", "it belongs to `<b>`".to_owned())]
        );
    }

    #[test]
    fn an_element_declared_twice_is_judged_by_either() {
        let grammar = r#"<choice xmlns="http://relaxng.org/ns/structure/1.0">
            <element name="a"><element name="b"><element name="x"><empty/></element></element></element>
            <element name="a"><element name="b"><element name="y"><empty/></element></element></element></choice>"#;
        assert!(said(grammar, "<a><b><x/></b></a>").is_empty());
        assert!(said(grammar, "<a><b><y/></b></a>").is_empty());
        assert_eq!(said(grammar, "<a><b/></a>").len(), 1);
    }

    #[test]
    fn a_value_that_was_judged_once_is_judged_anew_where_its_prefix_means_another_thing() {
        let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"
            datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><oneOrMore><element name="b" xmlns:p="urn:right">
            <attribute name="kind"><value type="QName">p:x</value></attribute></element></oneOrMore></element>"#;
        let b = |ns: &str| format!("<b xmlns:q='urn:{ns}' kind='q:x'/>");
        let text = |second: &str| format!("<a>{}{}</a>", b("right"), b(second));
        assert!(said(grammar, &text("right")).is_empty());
        assert_eq!(said(grammar, &text("wrong")), ["invalid-value `q:x`"]);
    }

    #[test]
    fn the_name_of_an_entity_is_that_of_an_unparsed_one_of_the_document() {
        let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"
            datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><optional><attribute name="one"><data type="ENTITY"/></attribute>
            </optional><optional><attribute name="more"><data type="ENTITIES"/></attribute></optional></element>"#;
        let declared = "<!DOCTYPE a [<!NOTATION n SYSTEM 'n'><!ENTITY u SYSTEM 'u' NDATA n><!ENTITY v SYSTEM 'v' NDATA n>
            <!ENTITY text 'x'><!ENTITY file SYSTEM 'f'>]>";
        // By one grammar, so that nothing of a document is remembered for the next.
        let grammar = load_str(grammar, &Nothing).unwrap();
        for (head, at, fine) in [
            (declared, "one=' u '", true),
            ("", "one='u'", false),
            (declared, "one='u'", true),
            (declared, "one='text'", false),
            (declared, "one='file'", false),
            (declared, "one='w'", false),
            (declared, "more='u v'", true),
            (declared, "more='u text'", false),
            ("", "more='u'", false),
            // What is declared elsewhere is not read.
            ("<!DOCTYPE a SYSTEM 'a.dtd'>", "one='u'", true),
        ] {
            let found = validate(&grammar, &crate::syntax::parse(&format!("{head}<a {at}/>")));
            assert_eq!(found.is_empty(), fine, "{head} {at}");
        }
    }

    #[test]
    fn text_in_pieces_is_one_text() {
        let grammar = r#"<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><choice><value>ab</value>
            <group><element name="b"><empty/></element><text/></group></choice></element>"#;
        for (text, fine) in [
            ("<a>a<!-- c --><![CDATA[b]]></a>", true),
            ("<a>a<!-- c --> <![CDATA[b]]></a>", false),
            ("<a> <!-- c --> <b/> <?p?>x</a>", true),
            ("<a>x<b/></a>", false),
            ("<a> </a>", false),
        ] {
            assert_eq!(said(grammar, text).is_empty(), fine, "{text}");
        }
    }
}
