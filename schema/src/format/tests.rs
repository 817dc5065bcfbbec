//! The same description in each mark-up is the same tree, with places in its own text.

use std::path::Path;

use super::*;
use crate::check::{Options, check};
use crate::syntax::NodeId;

fn shape(tree: &Tree, id: NodeId) -> String {
    let attrs: String = tree
        .attrs(id)
        .iter()
        .map(|a| format!(" {}={}", tree.name(a.name).local, tree.value(a)))
        .collect();
    let inner: String = tree.elements(id).map(|c| shape(tree, c)).collect();
    format!(
        "<{}{attrs}>{}{inner}",
        tree.local(id),
        tree.element_text(id).trim()
    )
}

const YAML: &str = "# a description\nimage:\n  '@schemaversion': '8.5'\n  '@name': green\n  description:\n    '@type': system\n    author: Ä😀\n    contact: a@example.org\n    specification: S\n  preferences:\n    version: 1.0.0\n    packagemanager: apt\n    type:\n      '@image': oem\n      '@filesystem': ext4\n      size: {'@unit': M, '#text': 512}\n  repository:\n    '@type': apt-deb\n    source:\n      '@path': https://deb.debian.org/debian\n  packages:\n  - '@type': image\n    package:\n    - '@name': bash\n    - '@name': vim\n  - '@type': bootstrap\n    package: {'@name': base-files}\n";

const TOML: &str = "[image]\n\"@schemaversion\" = \"8.5\"\n\"@name\" = \"green\"\n[image.description]\n\"@type\" = \"system\"\nauthor = \"Ä😀\"\ncontact = \"a@example.org\"\nspecification = \"S\"\n[image.preferences]\nversion = \"1.0.0\"\npackagemanager = \"apt\"\n[image.preferences.type]\n\"@image\" = \"oem\"\n\"@filesystem\" = \"ext4\"\nsize = { \"@unit\" = \"M\", \"#text\" = 512 }\n[image.repository]\n\"@type\" = \"apt-deb\"\nsource = { \"@path\" = \"https://deb.debian.org/debian\" }\n[[image.packages]]\n\"@type\" = \"image\"\npackage = [{ \"@name\" = \"bash\" }, { \"@name\" = \"vim\" }]\n[[image.packages]]\n\"@type\" = \"bootstrap\"\npackage = { \"@name\" = \"base-files\" }\n";

const JSON: &str = "{\n\t\"image\": {\n\t\t\"@schemaversion\": \"8.5\",\n\t\t\"@name\": \"green\",\n\t\t\"description\": {\"@type\": \"system\", \"author\": \"\\u00c4\\ud83d\\ude00\", \"contact\": \"a@example.org\", \"specification\": \"S\"},\n\t\t\"preferences\": {\"version\": \"1.0.0\", \"packagemanager\": \"apt\",\n\t\t\t\"type\": {\"@image\": \"oem\", \"@filesystem\": \"ext4\", \"size\": {\"@unit\": \"M\", \"#text\": 512}}},\n\t\t\"repository\": {\"@type\": \"apt-deb\", \"source\": {\"@path\": \"https:\\/\\/deb.debian.org\\/debian\"}},\n\t\t\"packages\": [\n\t\t\t{\"@type\": \"image\", \"package\": [{\"@name\": \"bash\"}, {\"@name\": \"vim\"}]},\n\t\t\t{\"@type\": \"bootstrap\", \"package\": {\"@name\": \"base-files\"}}\n\t\t]\n\t}\n}\n";

const XML: &str = "<image schemaversion=\"8.5\" name=\"green\"><description type=\"system\"><author>Ä😀</author><contact>a@example.org</contact><specification>S</specification></description><preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image=\"oem\" filesystem=\"ext4\"><size unit=\"M\">512</size></type></preferences><repository type=\"apt-deb\"><source path=\"https://deb.debian.org/debian\"/></repository><packages type=\"image\"><package name=\"bash\"/><package name=\"vim\"/></packages><packages type=\"bootstrap\"><package name=\"base-files\"/></packages></image>";

fn parsed(text: &str) -> Tree {
    parse(Path::new("config.xml"), text.as_bytes())
}

#[test]
fn every_mark_up_gives_the_same_tree() {
    let of = |text: &str| {
        let tree = parsed(text);
        assert!(tree.errors().is_empty(), "{:?}", tree.errors());
        shape(&tree, tree.root().unwrap())
    };
    let xml = of(XML);
    assert_eq!(of(YAML), xml);
    assert_eq!(of(JSON), xml);
    assert_eq!(of(TOML), xml);
    assert_eq!(of(&YAML.replace('\n', "\r\n")), xml);
}

#[test]
fn a_fault_stands_in_the_users_text_and_its_repair_is_a_word_there() {
    for text in [YAML, JSON, TOML] {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            for (old, new, code) in [
                ("filesystem", "filesytem", "unknown-attribute"),
                ("packagemanager", "packagemanger", "unknown-element"),
                ("ext4", "ext5", "invalid-value"),
            ] {
                let bad = text.replace(old, new);
                let found = check(Path::new("config.xml"), bad.as_bytes(), Options::default()).diagnostics;
                let first = found
                    .iter()
                    .find(|d| d.code == code)
                    .unwrap_or_else(|| panic!("{bad} {found:?}"));
                assert_eq!(first.span.of(&bad), new, "{bad}");
                for fix in found.iter().flat_map(|d| &d.fixes) {
                    for edit in &fix.edits {
                        assert!(!edit.new_text.contains('<'), "{fix:?}");
                    }
                }
            }
            let bad = text.replace("filesystem", "filesytem");
            let fixed = crate::fix::fix(Path::new("config.xml"), bad.as_bytes(), Options::default(), false);
            assert_eq!(fixed.as_deref(), Some(text.as_str()));
        }
    }
}

#[test]
fn what_the_grammar_says_of_an_element_is_not_said_again() {
    for text in [XML, YAML, JSON, TOML] {
        let bad = text.replace("filesystem", "filesytem");
        let found = check(Path::new("config.xml"), bad.as_bytes(), Options::default()).diagnostics;
        let codes: Vec<_> = found.iter().map(|d| d.code).collect();
        assert!(codes.contains(&"unknown-attribute"), "{bad} {codes:?}");
        assert!(!codes.contains(&"missing-for-type"), "{bad} {found:?}");
    }
}

#[test]
fn the_second_item_of_a_list_is_pointed_at_where_it_begins() {
    let bad = YAML.replace("- '@name': vim", "- '@nam': vim");
    let found = check(Path::new("a.kiwi"), bad.as_bytes(), Options::default()).diagnostics;
    let told = found.iter().filter(|d| d.source == Source::Schema);
    let starts: Vec<u32> = told.map(|d| d.span.start).collect();
    let key = bad.find("'@nam'").unwrap() as u32;
    assert_eq!(starts.len(), 1, "{found:?}");
    assert!(starts.iter().all(|start| *start >= key), "{found:?}");
}

#[test]
fn what_is_not_well_formed_is_one_error_with_its_place() {
    for (text, code, at) in [
        ("image:\n  a: [1, 2\n", "invalid-yaml", 2),
        ("image:\n  a: 1\n  a: 2\n", "invalid-yaml", 16),
        ("{\"image\": {\"a\": }", "invalid-json", 11),
        ("[image]\na = \n", "invalid-toml", 12),
        ("[image]\na = 1\na = 2\n", "invalid-toml", 14),
        ("image: {a: *b}\n", "invalid-yaml", 7),
    ] {
        let tree = parsed(text);
        let [one] = tree.errors() else {
            panic!("{text}: {:?}", tree.errors())
        };
        assert_eq!(one.code, code);
        assert!(one.span.start >= at, "{text}: {one:?}");
    }
    let bomb = format!(
        "image:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n{}",
        ('b'..'j')
            .map(|c| {
                let p = char::from(c as u8 - 1);
                format!("  {c}: &{c} [*{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}]\n")
            })
            .collect::<String>()
    );
    assert_eq!(parsed(&bomb).errors().len(), 1);
    assert_eq!(
        parsed(&format!("image: {}", "[".repeat(100_000))).errors().len(),
        1
    );
    assert_eq!(parsed("not xml").errors()[0].source, Source::Xml);
}

#[test]
fn truth_words_and_nothing_are_what_kiwi_reads() {
    let tree = parsed(
        "image:\n  a: yes\n  b: 'yes'\n  c: ~\n  d: &x {'@k': v}\n  e: *x\n  f:\n    <<: *x\n    g: 1\n",
    );
    assert_eq!(
        shape(&tree, tree.root().unwrap()),
        "<image><a>true<b>yes<c><d k=v><e k=v><f k=v><g>1"
    );
}

#[test]
fn what_a_mapping_merges_gives_way_to_its_own_keys() {
    let tree = parsed(
        "image:\n  a: &x {'@k': v, '@l': w}\n  b: &y {'@l': x, '@m': y}\n  c:\n    <<: [*x, *y]\n    '@k': own\n",
    );
    assert!(tree.errors().is_empty(), "{:?}", tree.errors());
    assert_eq!(
        shape(&tree, tree.root().unwrap()),
        "<image><a k=v l=w><b l=x m=y><c l=w m=y k=own>"
    );
}

#[test]
fn a_second_document_is_refused_where_it_begins() {
    let text = "---\nimage:\n  a: 1\n---\nimage:\n  b: 2\n";
    let tree = parsed(text);
    let [one] = tree.errors() else {
        panic!("{:?}", tree.errors())
    };
    assert_eq!(
        one.message,
        "a second document begins here, and a description is one"
    );
    assert_eq!(one.span.start as usize, text.rfind("---").unwrap());
    assert!(parsed("---\nimage:\n  a: 1\n...\n").errors().is_empty());
}

#[test]
fn very_many_keys_take_time_in_proportion() {
    let keys = |n: usize, quote: &str, next: &str| {
        let one = |k| format!("{quote}k{k}{quote}: 1{next}");
        (0..n).map(one).collect::<String>()
    };
    let time = |n: usize| {
        let yaml = format!("image:\n  {}", keys(n, "", "\n  "));
        let json = format!("{{\"image\": {{{}\"z\": 1}}}}", keys(n, "\"", ", "));
        let begun = std::time::Instant::now();
        for text in [yaml, json] {
            let tree = parsed(&text);
            assert!(tree.errors().is_empty(), "{:?}", tree.errors());
        }
        begun.elapsed()
    };
    time(100);
    let (few, many) = (time(4_000), time(40_000));
    // By their square: a hundred times as long.
    assert!(many < few * 40, "{few:?} {many:?}");
    let twice = format!("image:\n  {}k7: 2\n", keys(5_000, "", "\n  "));
    assert_eq!(parsed(&twice).errors()[0].message, "the key `k7` is given twice");
}

#[test]
fn a_text_of_values_alone_is_no_description() {
    let list = |n: usize, one: &str| vec![one; n].join(",");
    for text in [
        format!("{{\"image\": {{\"a\": [{}]}}}}", list(500_000, "1")),
        format!("image:\n  a: [{}]\n", list(300_000, "b")),
        format!("[image]\na = [{}]\n", list(300_000, "1")),
        format!("[image]\na = {}\n", "[".repeat(300_000)),
    ] {
        let tree = parsed(&text);
        let messages: Vec<_> = tree.errors().iter().map(|e| e.message.to_string()).collect();
        assert_eq!(messages, [TOO_MANY]);
    }
    // A hundred thousand packages are.
    let package = "{\"@name\": \"a-package\"}";
    let many = format!(
        "{{\"image\": {{\"packages\": {{\"package\": [{}]}}}}}}",
        list(100_000, package)
    );
    assert!(parsed(&many).errors().is_empty());
}

#[test]
fn tens_of_thousands_of_packages_in_toml_are_read_in_either_form() {
    let tables = "[[image.packages.package]]\n\"@name\" = \"vim\"\n".repeat(30_000);
    let inline = "  { \"@name\" = \"vim\" },\n".repeat(30_000);
    for packages in [tables, format!("package = [\n{inline}]\n")] {
        let text = format!("[image]\nname = \"a\"\n[[image.packages]]\n{packages}");
        let tree = super::parse(Path::new("config.toml"), text.as_bytes());
        assert_eq!(tree.errors(), []);
    }
}

#[test]
fn every_mark_up_is_the_same_xml() {
    let of = |text: &str| {
        let tree = parsed(&to_xml(&parsed(text)));
        assert!(tree.errors().is_empty(), "{:?}", tree.errors());
        tree
    };
    let xml = to_xml(&parsed(XML));
    for text in [YAML, JSON, TOML] {
        assert_eq!(to_xml(&parsed(text)), xml);
        let tree = of(text);
        assert_eq!(shape(&tree, tree.root().unwrap()), {
            let tree = parsed(XML);
            shape(&tree, tree.root().unwrap())
        });
    }
    // Values that a reader would change if they were written plainly.
    let odd = "{\"image\": {\"@name\": \"a\\n\\t<&>\\\"'\\r\", \"author\": \" a\\r\\n]]>\\u0001\", \"@xmlns:p\": \"urn:x\", \"p:q\": {\"@p:r\": \"1\", \"s\": \"t\"}}}";
    let tree = of(odd);
    expect_test::expect![[r#"
        <?xml version="1.0" encoding="utf-8"?>
        <image name="a&#10;&#9;&lt;&amp;&gt;&quot;'&#13;">
            <author> a&#13;
        ]]&gt;�</author>
            <q xmlns="urn:x" xmlns:n0="urn:x" n0:r="1"><s xmlns="">t</s></q>
        </image>
    "#]]
    .assert_eq(tree.text());
}
