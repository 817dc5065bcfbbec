//! `check --schema`: which schemas are refused, where and why; what is not KIWI's is judged by the schema alone.
#![cfg(test)]

mod user;

use std::fs;

use user::apteryx;

const HEAD: &str = "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\" datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\">\n";

/// What stands in the grammar, where it is refused, and a word of why.
const REFUSED: &[(&str, &str, &str)] = &[
    ("<start><ref name=\"a\"/></start>", "2:", "`a` is not defined"),
    (
        "<start><element name=\"a\"><ref name=\"b\"/></element></start>\n<define name=\"b\"><optional><ref name=\"b\"/></optional></define>",
        "",
        "`b`",
    ),
    ("<start><text/></start>", "2:", "`<text>`"),
    (
        "<start><element name=\"a\"><data type=\"nothing\"/></element></start>",
        "2:",
        "`nothing`",
    ),
    (
        "<start><element name=\"a\"><value type=\"ENTITY\">b</value></element></start>",
        "2:",
        "`ENTITY`",
    ),
    (
        "<start><element name=\"a\"><data type=\"int\"><param name=\"pattern\">(</param></data></element></start>",
        "2:",
        "pattern",
    ),
    (
        "<start><element name=\"p:a\"><empty/></element></start>",
        "2:",
        "the prefix `p` is not declared",
    ),
    (
        "<start><element name=\"a\"><bogus/></element></start>",
        "2:",
        "`<bogus>`",
    ),
    (
        "<start><element name=\"a\"><attribute name=\"k\"/><attribute name=\"k\"/></element></start>",
        "2:",
        "`k`",
    ),
    (
        "<start><element name=\"a\"><interleave><text/><text/></interleave></element></start>",
        "2:",
        "`<interleave>`",
    ),
    (
        "<start><element name=\"a\"><list><element name=\"b\"><empty/></element></list></element></start>",
        "2:",
        "`<list>`",
    ),
    (
        "<start><element name=\"a\"><group><data type=\"int\"/><data type=\"int\"/></group></element></start>",
        "2:",
        "datatype",
    ),
    (
        "<start><element name=\"a\"><empty/></element></start><start><empty/></start>",
        "2:",
        "start",
    ),
    ("<include href=\"nowhere.rng\"/>", "2:", "nowhere.rng"),
    (
        "<start><externalRef href=\"https://example.org/a.rng\"/></start>",
        "2:",
        "example.org",
    ),
    (
        "<start><element name=\"a\"><empty/></element>",
        "",
        "not well-formed",
    ),
];

#[test]
fn schemas_that_do_not_conform_are_refused_with_place_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.xml"), "<a/>").unwrap();
    let mut wrong = Vec::new();
    for (inner, place, reason) in REFUSED {
        fs::write(dir.path().join("g.rng"), format!("{HEAD}{inner}\n</grammar>\n")).unwrap();
        let ran = apteryx(dir.path(), &["check", "--schema", "g.rng", "a.xml"], b"");
        let told = ran.err.contains(reason) && ran.err.contains(&format!("g.rng:{place}"));
        if ran.code != 2 || !told || !ran.out.is_empty() {
            wrong.push(format!("{inner}\n  exit {}: {}{}", ran.code, ran.err, ran.out));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ran = apteryx(dir.path(), &["check", "--schema", "gone.rng", "a.xml"], b"");
    let words = "error[invalid-grammar]: the schema `gone.rng` cannot be read: No such file";
    assert!(ran.code == 2 && ran.err.starts_with(words), "{}", ran.err);
}

#[test]
fn another_root_is_judged_by_the_schema_alone() {
    let dir = tempfile::tempdir().unwrap();
    let any = "<start><ref name=\"any\"/></start><define name=\"any\"><element><anyName/><zeroOrMore><choice><text/>\
        <attribute><anyName/></attribute><ref name=\"any\"/></choice></zeroOrMore></element></define>";
    fs::write(dir.path().join("g.rng"), format!("{HEAD}{any}\n</grammar>\n")).unwrap();
    // Each would draw a word of KIWI's rules in a description.
    let text = "<book schemaversion=\"6.2\"><image schemaversion=\"9\"/><users><user name=\"a\" password=\"x\" pwdformat=\"plain\"/></users>\
        <packages type=\"image\"><package name=\"vim\"/><package name=\"vim\"/></packages><archive name=\"none.tgz\"/><include from=\"file:///none\"/></book>";
    fs::write(dir.path().join("a.xml"), text).unwrap();
    let ran = apteryx(dir.path(), &["check", "--schema", "g.rng", "a.xml"], b"");
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, "1 file, no problem\n", "")
    );
}

#[test]
fn a_text_in_another_encoding_than_it_declares_is_told_that_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = user::SOUND
        .replace("utf-8", "utf-16")
        .replace("filesystem=", "filesytem=")
        .replace("alias=", "alais=");
    fs::write(dir.path().join("a.kiwi"), text).unwrap();
    let ran = apteryx(dir.path(), &["check", "a.kiwi"], b"");
    assert_eq!(ran.out.matches("error[").count(), 1, "{}", ran.out);
    assert!(
        ran.out.contains("-encoding]") && ran.out.contains("a.kiwi:1:"),
        "{}",
        ran.out
    );
}

#[test]
fn a_fault_in_a_nested_include_is_told_in_the_file_where_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let (head, tail) = user::SOUND.split_once("    <profiles>").unwrap();
    let main = format!("{head}    <include from=\"this://outer.xml\"/>\n    <profiles>{tail}");
    fs::write(dir.path().join("config.kiwi"), main).unwrap();
    fs::write(
        dir.path().join("outer.xml"),
        "<image>\n  <include from=\"this://inner.xml\"/>\n</image>\n",
    )
    .unwrap();
    let inner =
        "<image>\n  <packages type=\"image\">\n    <package nmae=\"vim\"/>\n  </packages>\n</image>\n";
    fs::write(dir.path().join("inner.xml"), inner).unwrap();
    let ran = apteryx(dir.path(), &["check", "config.kiwi"], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("[inner.xml:3:14]"), "{}", ran.out);
    assert!(
        ran.out.contains("nested-include") && ran.out.contains("[outer.xml:2:"),
        "{}",
        ran.out
    );
    assert_eq!(ran.out.matches("error[").count(), 2, "{}", ran.out);
}

#[test]
fn a_schema_of_very_many_parts_in_a_row_is_refused_or_read() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["a.xml", "b.xml"] {
        fs::write(dir.path().join(file), "<a/>").unwrap();
    }
    let attributes = |count: usize| -> String {
        let one = |n| format!("<optional><attribute name=\"k{n}\"/></optional>");
        (0..count).map(one).collect()
    };
    let values = "<attribute name=\"k\"><list>".to_owned() + &"<value>x</value>".repeat(30_000);
    let doubled: String = (0..20)
        .map(|n| {
            let next = format!("<ref name=\"d{}\"/>", n + 1);
            format!("<define name=\"d{n}\">{next}{next}</define>")
        })
        .collect();
    for (content, others, refused) in [
        (attributes(600), String::new(), false),
        (attributes(20_000), String::new(), true),
        (values + "</list></attribute>", String::new(), true),
        (
            "<ref name=\"d0\"/>".to_owned(),
            doubled + "<define name=\"d20\"><element name=\"b\"><empty/></element></define>",
            true,
        ),
    ] {
        let schema =
            format!("{HEAD}<start><element name=\"a\">{content}</element></start>{others}</grammar>");
        fs::write(dir.path().join("a.rng"), schema).unwrap();
        // On the first thread, and on others, which have less room.
        for files in [&["a.xml"][..], &["a.xml", "b.xml"]] {
            let ran = apteryx(
                dir.path(),
                &[&["check", "--schema", "a.rng"], files].concat(),
                b"",
            );
            assert_eq!(ran.code, if refused { 2 } else { 0 }, "{}", ran.err);
            assert_eq!(ran.err.contains("in a row"), refused, "{}", ran.err);
        }
    }
}
