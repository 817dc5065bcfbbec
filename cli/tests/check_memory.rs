//! How much memory `apteryx check` takes for a large schema, and for large texts full of faults of the grammar and of the
//! rules: at most 50 and 40 times their size beyond what the program takes for a small text (50 are promised). The only
//! test of its program, because the system counts the largest of all children.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.

#[path = "../../schema/tests/dense/mod.rs"]
mod dense;
mod user;

use std::fmt::Write as _;
use std::fs;

use nix::sys::resource::{UsageWho, getrusage};

/// The largest resident size that any child has had, in bytes.
fn peak() -> usize {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as usize * 1024
}

/// A schema of many elements in many namespaces, as large ones are.
fn schema() -> String {
    let mut out = String::from("<grammar xmlns='http://relaxng.org/ns/structure/1.0'\n");
    for n in 0..40 {
        let _ = writeln!(out, "  xmlns:n{n}='urn:example:namespace:number:{n}'");
    }
    out.push_str(">\n<start><ref name='e0'/></start>\n");
    for n in 0..4_000 {
        let (prefix, next) = (n % 40, (n + 1) % 4_000);
        let _ = writeln!(
            out,
            "<define name='e{n}'>\n  <element name='n{prefix}:e{n}'>\n    <optional>\n      <attribute name='kind'>\n        \
             <choice>\n          <value>one</value>\n          <value>two</value>\n        </choice>\n      </attribute>\n    \
             </optional>\n    <zeroOrMore>\n      <ref name='e{next}'/>\n    </zeroOrMore>\n  </element>\n</define>"
        );
    }
    out + "</grammar>\n"
}

/// A description of about `size` bytes that the grammar takes and the rules do not: the same `part` again and again, where
/// a `#` becomes its number.
fn against_rules(size: usize, part: &str, (before, after): (&str, &str)) -> String {
    let (head, tail) = user::SOUND.split_once("</image>").unwrap();
    let count = size / (part.len() + 4);
    let parts: String = (0..count).map(|n| part.replace('#', &n.to_string())).collect();
    format!("{head}{before}{parts}{after}</image>{tail}")
}

/// Makes a text when it is its turn: what the test itself holds would count as a child's, which begins as its copy.
type Text = Box<dyn Fn() -> String>;

/// Texts of about a megabyte.
fn texts() -> Vec<(&'static str, Text)> {
    let mut out: Vec<(&str, Text)> = Vec::new();
    for (kind, name) in (0..).zip(dense::KINDS) {
        let text = move || {
            let line = dense::document(20_000, 20_000, kind).len() / 20_000;
            let lines = 1_000_000 / line.max(1) + 20;
            dense::document(lines, lines, kind)
        };
        out.push((name, Box::new(text)));
    }
    for (kind, name) in (0..).zip(dense::SHAPES) {
        out.push((name, Box::new(move || dense::shape(kind, 1_000_000))));
    }
    let types = || {
        let part = "<type image=\"oem\"/>";
        against_rules(1_000_000, part, ("<preferences>", "</preferences>"))
    };
    let users = || {
        let part = "<user name=\"u#\" password=\"x\"/>";
        against_rules(1_000_000, part, ("<users>", "</users>"))
    };
    out.push(("types of one image", Box::new(types)));
    out.push(("accounts without a hash", Box::new(users)));
    out
}

#[test]
fn a_megabyte_of_faults_takes_at_most_forty_times_its_size() {
    let dir = tempfile::tempdir().unwrap();
    // What the program takes for a small text is no part of it.
    fs::write(dir.path().join("a.kiwi"), user::SOUND).unwrap();
    user::apteryx(dir.path(), &["check", "a.kiwi"], b"");
    let own = peak();
    let (mut before, mut wrong) = (own, Vec::new());
    for (name, text) in texts() {
        let size = {
            let text = text();
            fs::write(dir.path().join("a.kiwi"), &text).unwrap();
            text.len()
        };
        for format in ["human", "json"] {
            let ran = user::apteryx(dir.path(), &["check", "--format", format, "a.kiwi"], b"");
            assert!(ran.code < 2 && !ran.out.is_empty(), "{name}: {}", ran.err);
            let peak = peak();
            // Below the largest so far a child's own figure is not to be had, nor needed: all texts are of one size.
            if peak > before && peak > 40 * size + own {
                wrong.push(format!("{name}, {format}: {size} bytes of text took {peak}"));
            }
            before = before.max(peak);
        }
    }
    eprintln!("{own} bytes for a small text, at most {before} for 1 MB");
    let schema = {
        let schema = schema();
        fs::write(dir.path().join("a.rng"), &schema).unwrap();
        schema.len()
    };
    fs::write(
        dir.path().join("a.xml"),
        "<e0 xmlns='urn:example:namespace:number:0'/>",
    )
    .unwrap();
    let ran = user::apteryx(dir.path(), &["check", "--schema", "a.rng", "a.xml"], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let took = peak();
    if took > 50 * schema + own {
        wrong.push(format!("a schema of {schema} bytes took {took}"));
    }
    eprintln!("at most {took} bytes for a schema of {schema}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
