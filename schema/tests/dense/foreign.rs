//! Grammars that are none of KIWI's, and documents of them that are wrong throughout: what repair may cost must not depend
//! on the grammar. Judges nothing.
#![allow(dead_code)]
#![allow(clippy::indexing_slicing, clippy::format_collect)] // A test may.

use std::path::{Path, PathBuf};

use apteryx_schema::grammar::Resolver;
use apteryx_schema::syntax;

/// One with text among elements that nest, as pages have it.
const PAGE: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:example:page"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="page"><ref name="common"/><element name="head"><element name="title"><text/></element>
  <zeroOrMore><element name="meta"><attribute name="name"/><attribute name="content"/></element></zeroOrMore></element>
  <element name="body"><ref name="common"/><oneOrMore><ref name="block"/></oneOrMore></element></element></start>
<define name="common"><optional><attribute name="id"><data type="ID"/></attribute></optional>
  <optional><attribute name="class"><data type="NMTOKENS"/></attribute></optional>
  <optional><attribute name="lang"><data type="language"/></attribute></optional>
  <optional><attribute name="title"/></optional>
  <optional><attribute name="dir"><choice><value>ltr</value><value>rtl</value></choice></attribute></optional></define>
<define name="block"><choice>
  <element><choice><name>para</name><name>heading</name><name>verse</name></choice><ref name="common"/><ref name="inlines"/></element>
  <element><choice><name>division</name><name>quotation</name></choice><ref name="common"/><zeroOrMore><ref name="block"/></zeroOrMore></element>
  <element><choice><name>ordered</name><name>unordered</name></choice><ref name="common"/>
    <oneOrMore><element name="item"><ref name="common"/><choice><ref name="inlines"/><oneOrMore><ref name="block"/></oneOrMore></choice></element></oneOrMore></element>
  <element name="table"><ref name="common"/><optional><element name="caption"><ref name="inlines"/></element></optional>
    <oneOrMore><element name="row"><ref name="common"/><oneOrMore><element name="cell"><ref name="common"/>
      <optional><attribute name="span"><data type="positiveInteger"/></attribute></optional><ref name="inlines"/></element></oneOrMore></element></oneOrMore></element>
  </choice></define>
<define name="inlines"><zeroOrMore><choice><text/>
  <element><choice><name>emphasis</name><name>strong</name><name>code</name><name>sample</name><name>keyboard</name><name>variable</name>
    <name>citation</name><name>abbreviation</name><name>superscript</name><name>subscript</name></choice><ref name="common"/><ref name="inlines"/></element>
  <element name="link"><ref name="common"/><attribute name="target"><data type="anyURI"/></attribute><ref name="inlines"/></element>
  <element name="image"><ref name="common"/><attribute name="source"><data type="anyURI"/></attribute><attribute name="text"/>
    <optional><attribute name="width"><data type="nonNegativeInteger"/></attribute></optional></element>
  <element name="break"><ref name="common"/></element></choice></zeroOrMore></define></grammar>"#;

/// One of records: many that must come, in any order or in one, and values of many kinds.
const RECORDS: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="records"><zeroOrMore><choice><ref name="person"/><ref name="order"/><ref name="measure"/></choice></zeroOrMore></element></start>
<define name="person"><element name="person"><attribute name="id"><data type="NCName"/></attribute><interleave>
  <element name="surname"><text/></element><element name="forename"><text/></element><element name="born"><data type="date"/></element>
  <element name="city"><text/></element><element name="country"><data type="token"><param name="pattern">[A-Z]{2}</param></data></element>
  <optional><element name="email"><data type="string"><param name="pattern">[A-Za-z0-9._%+\-]+@([A-Za-z0-9\-]+\.)+[A-Za-z]{2,10}</param></data></element></optional>
  <zeroOrMore><element name="phone"><data type="string"><param name="pattern">(\+[0-9]{1,3} )?[0-9]{2,5}( [0-9]{2,6}){1,4}</param></data></element></zeroOrMore>
  </interleave></element></define>
<define name="order"><element name="order"><attribute name="number"><data type="positiveInteger"/></attribute>
  <element name="customer"><text/></element><element name="placed"><data type="dateTime"/></element><element name="currency"><ref name="currencies"/></element>
  <element name="amount"><data type="decimal"><param name="minInclusive">0</param></data></element>
  <element name="address"><text/></element><element name="carrier"><text/></element></element></define>
<define name="measure"><element name="measure"><attribute name="at"><list><data type="decimal"/><data type="decimal"/></list></attribute>
  <attribute name="unit"><ref name="units"/></attribute><list><oneOrMore><data type="double"/></oneOrMore></list></element></define>
<define name="currencies"><choice>@CURRENCIES@</choice></define><define name="units"><choice>@UNITS@</choice></define></grammar>"#;

/// One in which any element of another namespace may stand between those that are known.
const OPEN: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:example:feed"><start><ref name="feed"/></start>
<define name="feed"><element name="feed"><interleave><element name="title"><text/></element><zeroOrMore><ref name="entry"/></zeroOrMore>
  <zeroOrMore><ref name="other"/></zeroOrMore></interleave></element></define>
<define name="entry"><element name="entry"><ref name="strange"/><interleave><element name="title"><text/></element><element name="updated"><text/></element>
  <optional><element name="summary"><text/></element></optional><zeroOrMore><element name="author"><element name="name"><text/></element></element></zeroOrMore>
  <zeroOrMore><ref name="other"/></zeroOrMore></interleave></element></define>
<define name="strange"><zeroOrMore><attribute><anyName><except><nsName ns=""/><nsName/></except></anyName></attribute></zeroOrMore></define>
<define name="other"><element><anyName><except><nsName/></except></anyName><ref name="any"/></element></define>
<define name="any"><zeroOrMore><choice><attribute><anyName/></attribute><text/><element><anyName/><ref name="any"/></element></choice></zeroOrMore></define>
</grammar>"#;

/// The texts of the grammars.
fn grammars() -> [String; 3] {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    let words = |count: usize, long: bool| {
        let word = |n: usize| {
            let short: String = [n * 7, n * 11 / 3, n].map(letter).iter().collect();
            let word = if long {
                format!("{}-per-{}", short.to_lowercase().repeat(2), n % 7)
            } else {
                short
            };
            format!("<value>{word}</value>")
        };
        (0..count).map(word).collect::<String>()
    };
    let records = RECORDS.replace("@CURRENCIES@", &words(170, false));
    let records = records.replace("@UNITS@", &words(400, true));
    [PAGE.into(), records, OPEN.into()]
}

/// A record that fits: a person, an order or a measure, whichever is wrong in that way.
fn record(kind: usize, n: usize) -> String {
    match kind {
        15 | 16 => format!("<measure at=\"1.5 {n}\" unit=\"aaaaaa-per-0\">1.5 2.5 {n}</measure>\n"),
        13 | 17 => format!(
            "<order number=\"{}\"><customer>c{n}</customer><placed>2020-01-02T03:04:05Z</placed><currency>AAA</currency><amount>{n}.5</amount><address>a</address><carrier>x</carrier></order>\n",
            n + 1
        ),
        _ => format!(
            "<person id=\"p{n}\"><surname>s{n}</surname><forename>f</forename><born>1970-01-02</born><city>c</city><country>DE</country></person>\n"
        ),
    }
}

/// Nothing is included.
pub struct Nothing;
impl Resolver for Nothing {
    fn resolve(&self, _: &Path, _: &str) -> Result<(PathBuf, String), String> {
        Err("there is nothing".into())
    }
}

/// How much there is to judge: the elements or the attributes, whichever are more.
pub fn weight(tree: &syntax::Tree) -> usize {
    let elements = || {
        tree.all()
            .filter(|&n| tree.node(n).kind == syntax::NodeKind::Element)
    };
    let attributes = elements().map(|n| tree.attrs(n).len()).sum();
    elements().count().max(attributes)
}

/// By kind of document: what is wrong, and the grammar.
pub fn documents() -> impl Iterator<Item = (&'static str, String)> {
    let all = grammars();
    FOREIGN.iter().map(move |&(at, name)| (name, all[at].clone()))
}

/// What is wrong, and the grammar of it.
const FOREIGN: &[(usize, &str)] = &[
    (0, "each inline element misspelt"),
    (0, "blocks among text"),
    (0, "text where elements are wanted"),
    (0, "each attribute misspelt"),
    (0, "thousands of attributes on one element"),
    (0, "no item and no row"),
    (0, "another namespace for each"),
    (0, "known elements wrongly nested"),
    (0, "ids and languages that are none"),
    (0, "two attributes missing"),
    (0, "misspelt in a deep division"),
    (1, "three of five missing"),
    (1, "all of five missing"),
    (1, "in another order"),
    (1, "values that fit no pattern"),
    (1, "values of long lists misspelt"),
    (1, "lists with words in them"),
    (1, "several kinds of values"),
    (1, "fields misspelt"),
    (1, "each field twice"),
    (1, "fields of another record"),
    (2, "no title and no date"),
    (2, "misspelt beside any name"),
    (2, "in no namespace"),
    (2, "twice what stands once"),
];

/// A document of about `size` bytes that is wrong in that way, or one of the same kind that is `valid`.
pub fn foreign(kind: usize, valid: bool, size: usize) -> String {
    let grammar = FOREIGN[kind].0;
    let (head, tail) = match grammar {
        0 => (
            "<page xmlns=\"urn:example:page\"><head><title>t</title></head><body>\n",
            "</body></page>\n",
        ),
        1 => ("<records>\n", "</records>\n"),
        _ => ("<feed xmlns=\"urn:example:feed\"><title>t</title>\n", "</feed>\n"),
    };
    let mut out = head.to_owned();
    let mut n = 0;
    if kind == 4 && !valid {
        out.push_str("<para ");
        while out.len() < size {
            out.push_str(&format!("a{n}=\"\" "));
            n += 1;
        }
        out.push_str("/>");
    }
    while out.len() < size {
        let line = match grammar {
            _ if !valid => wrong(kind, n),
            0 => format!(
                "<para id=\"i{n}\">some <emphasis>words {n}</emphasis> and <link target=\"x\">more</link></para>\n<unordered><item>{n}</item></unordered>\n"
            ),
            1 => record(kind, n),
            _ => format!(
                "<entry><title>t{n}</title><updated>u</updated><author><name>a</name></author></entry>\n"
            ),
        };
        out.push_str(&line);
        n += 1;
    }
    out.push_str(tail);
    out
}

/// A word with a slip that depends on `n`.
fn slip(word: &str, n: usize) -> String {
    let at = 1 + n % (word.len() - 1);
    let letter = char::from(b'a' + (n / word.len() % 26) as u8);
    format!("{}{letter}{}", &word[..at], &word[at..])
}

fn wrong(kind: usize, n: usize) -> String {
    let depth = 60;
    let person = |fields: &str| format!("<person id=\"p{n}\">{fields}</person>\n");
    match kind {
        0 => format!(
            "<para>some <{0}>words {n}</{0}> and <{1} target=\"x\">more</{1}></para>\n",
            slip("emphasis", n),
            slip("link", n)
        ),
        1 => format!("<para>some <table><row><cell>{n}</cell></row></table> and <item>more</item></para>\n"),
        2 => format!(
            "<unordered>words {n} that stand nowhere<item>x</item>more</unordered><table>words<row>more<cell/></row></table>\n"
        ),
        3 => format!(
            "<para {}=\"x\" {}=\"y\">words</para>\n",
            slip("class", n),
            slip("title", n + 1)
        ),
        5 => "<unordered/><table/><table><row/></table>\n".into(),
        6 => format!("<p:para xmlns:p=\"urn:example:{n}\">words <p:emphasis>x</p:emphasis></p:para>\n"),
        7 => {
            let names = ["row", "para", "table", "cell", "item", "division", "ordered"];
            let name = |d: usize| names[(d + n) % names.len()];
            let open: String = (0..depth).map(|d| format!("<{}>\n", name(d))).collect();
            let close: String = (0..depth).rev().map(|d| format!("</{}>\n", name(d))).collect();
            open + &close
        }
        8 => format!("<para id=\"{n} x\" class=\"a b\" lang=\"-{n}\" dir=\"lt{n}\">words</para>\n"),
        9 => format!("<para><image/>{n}<image/><link>x</link></para>\n"),
        10 => {
            let inner = format!("<{0}>x</{0}>", slip("heading", n));
            let open: String = (0..depth).map(|_| "<division>".to_owned() + &inner).collect();
            open + &"</division>".repeat(depth) + "\n"
        }
        11 => person("<surname>s</surname><city>c</city>"),
        12 => person(""),
        13 => format!(
            "<order number=\"{}\"><carrier>x</carrier><amount>1.5</amount><currency>AAA</currency><placed>2020-01-02T03:04:05Z</placed><customer>c</customer><address>a</address></order>\n",
            n + 1
        ),
        14 => person(&format!(
            "<surname>s</surname><forename>f</forename><born>1970-13-{n}</born><city>c</city><country>Germany{n}</country><email>nobody {n} at nowhere.example.or.elsewhere</email><phone>+49 (0) {n}-none</phone>"
        )),
        15 => format!(
            "<measure at=\"1 2\" unit=\"{}\">1</measure>\n",
            slip("aaaaaa-per-0", n)
        ),
        16 => format!("<measure at=\"1 two{n}\" unit=\"aaaaaa-per-0\">1.5 2,5 {n} words 4</measure>\n"),
        17 => format!(
            "<order number=\"{n}x\"><customer>c</customer><placed>2020-01-02 {n}</placed><currency>A{n}</currency><amount>-{n}</amount><address>a</address><carrier>x</carrier></order>\n"
        ),
        18 => {
            let field = |name: &str, value: &str| {
                let name = slip(name, n);
                format!("<{name}>{value}</{name}>")
            };
            person(
                &[
                    field("surname", "s"),
                    field("forename", "f"),
                    field("born", "1970-01-02"),
                    field("city", "c"),
                    field("country", "DE"),
                ]
                .concat(),
            )
        }
        19 => {
            let all = "<surname>s</surname><forename>f</forename><born>1970-01-02</born><city>c</city><country>DE</country>";
            person(&all.repeat(2))
        }
        20 => person("<customer>c</customer><placed>2020-01-02T03:04:05Z</placed><currency>AAA</currency>"),
        21 => format!("<entry><author><name>a{n}</name></author><summary>s</summary></entry>\n"),
        22 => format!(
            "<entry><{0}>t</{0}><{1}>u</{1}><x:more xmlns:x=\"urn:x\"/></entry>\n",
            slip("title", n),
            slip("updated", n)
        ),
        23 => format!("<entry><title xmlns=\"\">t{n}</title><updated xmlns=\"\">u</updated></entry>\n"),
        _ => format!(
            "<entry><title>t{n}</title><title>u</title><updated>u</updated><updated>v</updated></entry>\n"
        ),
    }
}
