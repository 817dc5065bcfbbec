//! How much memory `apteryx check` takes for a large schema and for large texts full of faults: at most 50 and 30 times
//! their size beyond what the program takes for a small text (50 are promised). The only test of
//! its program, because the system counts the largest of all children.
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

#[test]
fn a_megabyte_of_faults_takes_at_most_thirty_times_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut texts: Vec<(&str, String)> = Vec::new();
    for (kind, name) in (0..).zip(dense::KINDS) {
        let line = dense::document(20_000, 20_000, kind).len() / 20_000;
        let lines = 1_000_000 / line.max(1) + 20;
        texts.push((name, dense::document(lines, lines, kind)));
    }
    for (kind, name) in (0..).zip(dense::SHAPES) {
        texts.push((name, dense::shape(kind, 1_000_000)));
    }
    // What the program takes for a small text is no part of it.
    fs::write(dir.path().join("a.kiwi"), user::SOUND).unwrap();
    user::apteryx(dir.path(), &["check", "a.kiwi"], b"");
    let own = peak();
    let schema = schema();
    fs::write(dir.path().join("a.rng"), &schema).unwrap();
    fs::write(
        dir.path().join("a.xml"),
        "<e0 xmlns='urn:example:namespace:number:0'/>",
    )
    .unwrap();
    let ran = user::apteryx(dir.path(), &["check", "--schema", "a.rng", "a.xml"], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut before = peak();
    let mut wrong = Vec::new();
    if before > 50 * schema.len() + own {
        wrong.push(format!("a schema of {} bytes took {before}", schema.len()));
    }
    eprintln!("{before} bytes for a schema of {}", schema.len());
    for (name, text) in texts {
        fs::write(dir.path().join("a.kiwi"), &text).unwrap();
        for format in ["human", "json"] {
            let ran = user::apteryx(dir.path(), &["check", "--format", format, "a.kiwi"], b"");
            assert_eq!(ran.code, 1, "{name}: {}", ran.err);
            let peak = peak();
            // Below the largest so far a child's own figure is not to be had, nor needed: all texts are of one size.
            if peak > before && peak > 30 * text.len() + own {
                wrong.push(format!(
                    "{name}, {format}: {} bytes of text took {peak}",
                    text.len()
                ));
            }
            before = before.max(peak);
        }
    }
    eprintln!("{own} bytes for a small text, at most {before} for 1 MB");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
