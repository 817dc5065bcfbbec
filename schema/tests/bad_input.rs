//! Texts that nobody would write, made by cutting, pasting and flipping good ones: the parser, the grammar loader, the
//! validator with repair, migration and the formatter come back, quickly and without a panic. The search that is led
//! by coverage is `tests/fuzz.sh`; this one runs everywhere. `APTERYX_FUZZ=SECONDS` lets it run longer.
#![cfg(test)]
#![allow(clippy::print_stderr, missing_docs)]

mod chance;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use apteryx_schema::grammar::{Grammar, Resolver, load_str};
use apteryx_schema::{fix, fmt, migrate, syntax, validate};
use chance::Chance;

impl Chance {
    fn border(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
    }

    fn piece<'t>(&mut self, text: &'t str) -> &'t str {
        let (a, b) = (self.border(text), self.border(text));
        let piece = &text[a.min(b)..a.max(b)];
        let end = (0..=piece.len().min(300))
            .rev()
            .find(|&i| piece.is_char_boundary(i))
            .unwrap_or(0);
        &piece[..end]
    }

    fn mutant(&mut self, texts: &[String]) -> String {
        let mut out = texts[self.below(texts.len())].clone();
        for _ in 0..=self.below(6) {
            let at = self.border(&out);
            match self.below(5) {
                0 => {
                    let other = &texts[self.below(texts.len())];
                    let piece = self.piece(other).to_string();
                    out.insert_str(at, &piece);
                }
                1 => {
                    let piece = self.piece(&out[at..]).len();
                    let end = (at..=at + piece)
                        .rev()
                        .find(|&i| out.is_char_boundary(i))
                        .unwrap_or(at);
                    out.replace_range(at..end, "");
                }
                2 => {
                    let piece = self.piece(&out).repeat(1 + self.below(8));
                    out.insert_str(at, &piece);
                }
                3 => out.truncate(at),
                _ => {
                    const JUNK: &[&str] = &[
                        "<",
                        ">",
                        "\"",
                        "'",
                        "&",
                        "&#x",
                        ";",
                        "=",
                        "</",
                        "/>",
                        "<!--",
                        "-->",
                        "<![CDATA[",
                        "]]>",
                        "<?",
                        "<!DOCTYPE a [",
                        "<!ENTITY e \"&e;&e;\">",
                        " xmlns:p=''",
                        "\u{0}",
                        "\u{feff}",
                        "ß",
                        "\r",
                        "\t",
                        "{",
                        "}",
                    ];
                    out.insert_str(at, JUNK[self.below(JUNK.len())]);
                }
            }
        }
        let end = (0..=out.len().min(20_000))
            .rev()
            .find(|&i| out.is_char_boundary(i))
            .unwrap_or(0);
        out.truncate(end);
        out
    }
}

fn texts(folders: &[&str], endings: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut todo: Vec<PathBuf> = folders.iter().map(|f| root.join(f)).collect();
    let mut out = Vec::new();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(path).unwrap().flatten().map(|e| e.path()));
        } else if endings.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
            out.extend(std::fs::read_to_string(path));
        }
    }
    out.sort();
    assert!(out.len() > 3, "{folders:?}");
    out
}

struct Others<'a>(&'a str);

impl Resolver for Others<'_> {
    fn resolve(&self, _: &Path, href: &str) -> Result<(PathBuf, String), String> {
        Ok((PathBuf::from(href), self.0.to_string()))
    }
}

/// Longer than any of these texts may take, on a busy machine and without optimisation.
const LONG: Duration = Duration::from_secs(5);

fn search(texts: &[String], seed: u64, what: impl Fn(&str, &mut Chance)) {
    let seconds = std::env::var("APTERYX_FUZZ")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(3);
    let (begin, mut chance, mut runs) = (Instant::now(), Chance(seed), 0);
    while begin.elapsed() < Duration::from_secs(seconds) {
        let text = chance.mutant(texts);
        let start = Instant::now();
        what(&text, &mut chance);
        assert!(start.elapsed() < LONG, "{:?} for {text}", start.elapsed());
        runs += 1;
    }
    eprintln!("{runs} texts");
    assert!(runs > 20);
}

#[test]
fn descriptions() {
    let texts = texts(&["examples", "benches", "docs/diagnostics"], &["xml", "md"]);
    search(&texts, 7, |text, _| {
        let mut tree = syntax::parse(text);
        for d in validate::validate(Grammar::kiwi(), &tree) {
            assert!(
                d.fixes
                    .iter()
                    .all(|f| f.edits.windows(2).all(|w| w[0].span.end <= w[1].span.start))
            );
        }
        if let Ok(done) = fmt::format(&tree, fmt::Options::default()) {
            assert_eq!(
                fmt::format(&syntax::parse(&done), fmt::Options::default()).ok(),
                Some(done)
            );
        }
        if let Ok(edits) = migrate::edits(&tree, None) {
            let written = syntax::parse(&fix::apply(tree.text(), &edits));
            assert!(!tree.errors().is_empty() || written.errors().is_empty(), "{text}");
        }
        let _ = migrate::migrate(&mut tree, None);
    });
}

#[test]
fn grammars() {
    let texts = texts(&["schema/grammar"], &["rng"]);
    search(&texts, 8, |text, chance| {
        let other = chance.mutant(&texts);
        match load_str(text, &Others(&other)) {
            Ok(grammar) => drop(validate::validate(&grammar, &syntax::parse(&other))),
            Err(error) => assert!(!error.reason.is_empty()),
        }
    });
}

/// Schemas that only somebody who means harm writes: refused with words, or read, but always soon.
#[test]
fn a_schema_with_very_many_of_one_thing_ends_soon() {
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let xmlns = "xmlns='http://relaxng.org/ns/structure/1.0'";
    let types = "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'";
    let start = "<start><element name='a'><empty/></element></start>";
    let prefixes = many(20_000, &|n| format!(" xmlns:p{n}='u{n}'"));
    let each = many(20_000, &|n| format!("<div xmlns:q='v{n}'/>"));
    let attributes = many(60_000, &|n| format!(" x:a{n}=''"));
    let same = "<element name='a'><empty/></element>".repeat(20_000);
    let letters = many(9000, &|n| {
        format!("<data type='string'><param name='pattern'>\\p{{L}}{{100}}{n}</param></data>")
    });
    for (schema, why) in [
        (
            format!("<grammar {xmlns}{prefixes}>{start}{each}</grammar>"),
            "the schema declares more than 256 prefixes",
        ),
        (
            format!("<grammar {xmlns} xmlns:x='u'>{start}<div{attributes}/></grammar>"),
            "an element has more than 5000 attributes",
        ),
        (
            format!("<element name='r' {xmlns}><zeroOrMore><choice>{same}</choice></zeroOrMore></element>"),
            "more than 5000 elements have the name `a`",
        ),
        (
            format!("<element name='r' {xmlns} {types}><choice>{letters}</choice></element>"),
            "",
        ),
    ] {
        let began = Instant::now();
        match load_str(&schema, &Others("")) {
            Ok(grammar) => {
                assert_eq!(why, "", "{} bytes are read", schema.len());
                let found = validate::validate(&grammar, &syntax::parse("<r>some text of a few words</r>"));
                assert_eq!(found.len(), 1);
            }
            Err(refused) => assert_eq!(refused.reason, why),
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{why} {:?}",
            began.elapsed()
        );
    }
}
