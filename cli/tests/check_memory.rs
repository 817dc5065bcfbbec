//! How much memory `apteryx` takes for a large schema, and for large texts full of faults of the grammar and of the rules,
//! in each mark-up: at most 45 times their size beyond what the program takes for a small text (50 are promised). The only
//! test of its program, because the system counts the largest of all children.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.

#[path = "../../schema/tests/dense/mod.rs"]
mod dense;
mod user;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

/// So many times its size a text may take; some few take more, and none as much as is promised.
const MOST: usize = 45;
const MORE: usize = 49;

fn most(name: &str) -> usize {
    match name {
        "list.toml" => MORE,
        _ => MOST,
    }
}

/// The largest resident size that any child has had, in bytes.
fn peak() -> usize {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as usize * 1024
}

/// Runs the program and gives its status; what it prints is not taken in, as it would count as said at [`Text`].
#[allow(clippy::disallowed_methods)] // The program under test is not run by the builder.
fn run(dir: &Path, args: &[&str]) -> i32 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apteryx"));
    command.args(args).current_dir(dir).stdin(Stdio::null());
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    ended.unwrap().code().unwrap()
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

/// The same schema in files that one includes, as `parts.rng`; how large they are.
fn in_parts(dir: &Path, count: usize) -> usize {
    let whole = schema();
    let (head, rest) = whole.split_once("<start>").unwrap();
    let (start, rest) = rest.split_once("</start>\n").unwrap();
    let defines: Vec<&str> = rest
        .trim_end_matches("</grammar>\n")
        .split_inclusive("</define>\n")
        .collect();
    let mut size = 0;
    let mut write = |name: String, inner: String| {
        let text = format!("{head}{inner}</grammar>\n");
        size += text.len();
        fs::write(dir.join(name), text).unwrap();
    };
    let mut includes = String::new();
    for (n, part) in defines.chunks(defines.len() / count).enumerate() {
        write(format!("part{n}.rng"), part.concat());
        let _ = writeln!(includes, "<include href='part{n}.rng'/>");
    }
    write("parts.rng".into(), format!("<start>{start}</start>\n{includes}"));
    size
}

/// Schemas of about a megabyte of one thing, by what that is; each knows an element `e0` in the namespace of [`schema`].
fn dense_schemas() -> Vec<(&'static str, Text)> {
    let grammar = |content: String, others: String| {
        format!(
            "<grammar xmlns='http://relaxng.org/ns/structure/1.0' datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>\n\
             <start><element name='e0' ns='urn:example:namespace:number:0'><choice><empty/>{content}</choice></element></start>\
             {others}</grammar>\n"
        )
    };
    let pattern = "<data type='string'><param name='pattern'>[a-z]{1,9}-#</param></data>";
    let letters = "<data type='string'><param name='pattern'>\\p{L}*#</param></data>";
    let long = format!(
        "<data type='string'><param name='pattern'>{}#</param></data>",
        "(a|b)?".repeat(3_000)
    );
    vec![
        (
            "empty parts",
            Box::new(move || grammar(String::new(), "<div/>".repeat(160_000))),
        ),
        (
            "nothing",
            Box::new(move || grammar("<empty/>".repeat(120_000), String::new())),
        ),
        (
            "text",
            Box::new(move || grammar("<text/>".repeat(140_000), String::new())),
        ),
        (
            "values",
            Box::new(move || grammar(lines("", "<value>#</value>", ""), String::new())),
        ),
        (
            "one value",
            Box::new(move || grammar("<value/>".repeat(120_000), String::new())),
        ),
        (
            "elements in any order",
            Box::new(move || {
                let head = "<element name='e0' ns='urn:example:namespace:number:0' xmlns='http://relaxng.org/ns/structure/1.0'>\
                            <interleave>";
                let tail = "</interleave></element>";
                lines(head, "<element name='a#'><empty/></element>", tail)
            }),
        ),
        (
            "expressions",
            Box::new(move || grammar(lines("", pattern, ""), String::new())),
        ),
        (
            "expressions of letters",
            Box::new(move || grammar(lines("", letters, ""), String::new())),
        ),
        (
            "long expressions",
            Box::new(move || grammar(lines("", &long, ""), String::new())),
        ),
    ]
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

/// About a megabyte of lines, each with its number in place of `#`.
fn lines(head: &str, line: &str, tail: &str) -> String {
    let count = 1_000_000 / (line.len() + 4);
    let all: String = (0..count).map(|n| line.replace('#', &n.to_string())).collect();
    format!("{head}{all}{tail}")
}

/// Texts of about a megabyte, with the names of their files.
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
    let blanks = || {
        let head = " ".repeat(300_000);
        let part = "<packages/><repository/>";
        against_rules(700_000, part, (&head, ""))
    };
    out.push(("elements without all they need", Box::new(blanks)));
    // Names of files say their mark-up.
    let yaml = "image:\n  \"@schemaversion\": \"8.5\"\n";
    let packages = format!("{yaml}  packages:\n  - \"@type\": image\n    package:\n");
    out.push(("wrong.yaml", Box::new(move || lines(yaml, "  a#: 1\n", ""))));
    out.push((
        "list.yaml",
        Box::new(move || lines(&packages, "    - name: p#\n", "")),
    ));
    out.push((
        "wrong.json",
        Box::new(|| lines("{\"image\":{", "\"a#\":1,", "\"b\":1}}")),
    ));
    out.push((
        "wrong.toml",
        Box::new(|| lines("[image]\n", "a# = \"longer than that\"\n", "")),
    ));
    out.push((
        "list.toml",
        Box::new(|| {
            let head = "[image]\n\"@schemaversion\" = \"8.5\"\n[[image.packages]]\npackage = [\n";
            lines(head, "{ \"@name\" = \"p-#\" },\n", "]\n")
        }),
    ));
    for part in [
        "x<a/>",
        "<include/>",
        "<repository/>",
        "<users/>",
        "<packages/>",
        "<packages/><repository/>",
    ] {
        out.push((part, Box::new(move || against_rules(1_000_000, part, ("", "")))));
    }
    for part in ["<pakage/>", "<file/>", "<package/>"] {
        let list = ("<packages type=\"image\">", "</packages>");
        out.push((part, Box::new(move || against_rules(1_000_000, part, list))));
    }
    out.push(("types of one image", Box::new(types)));
    out.push(("accounts without a hash", Box::new(users)));
    // A child's own figure is to be had only where it is the largest so far.
    out.sort_by_key(|(_, text)| text().len());
    out
}

#[test]
fn a_megabyte_of_faults_takes_at_most_forty_five_times_its_size() {
    let dir = tempfile::tempdir().unwrap();
    // What the program takes for a small text is no part of it.
    fs::write(dir.path().join("a.kiwi"), user::SOUND).unwrap();
    run(dir.path(), &["check", "a.kiwi"]);
    let own = peak();
    let mut wrong = Vec::new();
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
    assert_eq!(run(dir.path(), &["check", "--schema", "a.rng", "a.xml"]), 0);
    let took = peak();
    if took > MOST * schema + own {
        wrong.push(format!("a schema of {schema} bytes took {took}"));
    }
    eprintln!("{took} bytes for a schema of {schema}");
    // The same in as many files as there are namespaces.
    let size = in_parts(dir.path(), 40);
    assert_eq!(run(dir.path(), &["check", "--schema", "parts.rng", "a.xml"]), 0);
    let parts = peak();
    if parts > took && parts > MOST * size + own {
        wrong.push(format!("a schema of {size} bytes in many files took {parts}"));
    }
    let mut before = parts;
    let mut schemas = dense_schemas();
    schemas.sort_by_key(|(_, schema)| schema().len());
    fs::write(
        dir.path().join("b.xml"),
        "<e0 xmlns='urn:example:namespace:number:0'>some-word</e0>",
    )
    .unwrap();
    for (name, schema) in schemas {
        let size = {
            let schema = schema();
            fs::write(dir.path().join("b.rng"), &schema).unwrap();
            schema.len()
        };
        let code = run(dir.path(), &["check", "--schema", "b.rng", "b.xml"]);
        assert!(code < 2, "a schema of {name}: {code}");
        let peak = peak();
        if peak > before && peak > most(name) * size + own {
            wrong.push(format!("a schema of {name}, {size} bytes, took {peak}"));
        }
        before = before.max(peak);
    }
    for (name, text) in texts() {
        let file = if name.contains('.') { name } else { "a.kiwi" };
        let size = {
            let text = text();
            fs::write(dir.path().join(file), &text).unwrap();
            text.len()
        };
        // Of these each repair is one more look at the files.
        let fix = &["check", "--fix", "--unsafe"][..];
        let fixes = (name == "<include/>").then_some(fix);
        for way in [
            &["check"][..],
            &["check", "--format", "json"],
            &["check", "--diff", "--unsafe"],
            &["migrate", "--diff"],
        ]
        .into_iter()
        .chain(fixes)
        {
            let code = run(dir.path(), &[way, &[file]].concat());
            assert!(code < 2, "{name}: {code}");
            let peak = peak();
            // Below the largest so far a child's own figure is not to be had, nor needed: no text before was larger.
            if peak > before && peak > most(name) * size + own {
                wrong.push(format!("{name}, {way:?}: {size} bytes of text took {peak}"));
            }
            before = before.max(peak);
        }
    }
    eprintln!("{own} bytes for a small text, at most {before} for 1 MB");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
