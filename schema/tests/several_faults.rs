//! Two and three faults in one document are two and three messages: mutants with independent faults in different
//! places of valid descriptions, own ones and (where `../shared` is there) the corpus's.
#![cfg(test)]
#![allow(clippy::print_stderr, missing_docs)]

mod chance;
mod shared;

use apteryx_schema::grammar::Grammar;
use apteryx_schema::syntax::{self, NodeId, Tree};
use apteryx_schema::text::Span;
use apteryx_schema::validate::validate;
use chance::Chance;
use shared::shared;

const BASE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="example">
    <description type="system">
        <author>An Author</author>
        <contact>author@example.org</contact>
        <specification>An example</specification>
    </description>
    <profiles>
        <profile name="small" description="Small"/>
        <profile name="large" description="Large"/>
    </profiles>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>apt</packagemanager>
        <rpm-excludedocs>true</rpm-excludedocs>
        <type image="oem" filesystem="ext4" firmware="uefi">
            <bootloader name="grub2" timeout="3"/>
            <systemdisk><volume name="home" size="2G"/></systemdisk>
            <oemconfig><oem-resize>true</oem-resize></oemconfig>
        </type>
    </preferences>
    <users>
        <user name="root" password="*" shell="/bin/bash" groups="root"/>
    </users>
    <repository type="apt-deb"><source path="https://ftp.debian.org/debian"/></repository>
    <packages type="image"><package name="vim"/><package name="nano" arch="x86_64"/></packages>
    <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#;

/// One fault: what it touches, and what is written there.
#[derive(Debug, Clone)]
struct Fault {
    kind: &'static str,
    /// The mark-up that no other fault may touch.
    place: Span,
    edits: Vec<(Span, String)>,
}

/// A word with one letter doubled, which no grammar has.
fn slip(word: &str, chance: &mut Chance) -> String {
    let at = chance.below(word.len());
    let at = (0..=at).rev().find(|&i| word.is_char_boundary(i)).unwrap_or(0);
    let letter = word[at..].chars().next().unwrap_or('x');
    format!("{}{letter}{}", &word[..at], &word[at..])
}

fn fault(tree: &Tree, elements: &[NodeId], chance: &mut Chance) -> Option<Fault> {
    let id = elements[chance.below(elements.len())];
    let node = tree.node(id);
    let attrs = tree.attrs(id);
    let insert = |at: u32, what: &str| vec![(Span::empty(at), what.to_string())];
    let (kind, place, edits) = match chance.below(7) {
        0 => {
            let new = slip(tree.local(id), chance);
            let mut edits = vec![(node.name_span, new.clone())];
            if !node.close_name().is_empty() {
                edits.push((node.close_name(), new));
            }
            ("element by a wrong name", node.span, edits)
        }
        1 if !attrs.is_empty() => {
            let attr = &attrs[chance.below(attrs.len())];
            let new = slip(attr.name_span.of(tree.text()), chance);
            (
                "attribute by a wrong name",
                node.open,
                vec![(attr.name_span, new)],
            )
        }
        2 if !attrs.is_empty() => {
            let attr = &attrs[chance.below(attrs.len())];
            let old = attr.value_span.of(tree.text());
            let new = if old.is_empty() {
                return None;
            } else {
                slip(old, chance)
            };
            ("value", node.open, vec![(attr.value_span, new)])
        }
        3 if !attrs.is_empty() => {
            let attr = &attrs[chance.below(attrs.len())];
            ("attribute missing", node.open, vec![(attr.span, String::new())])
        }
        4 => ("element missing", node.span, vec![(node.span, String::new())]),
        5 if !node.self_closing && tree.elements(id).next().is_some() => {
            ("text", node.open, insert(node.open.end, "stray"))
        }
        6 => {
            let at = node.name_span.end;
            (
                "attribute too many",
                node.open,
                insert(at, " surely-unknown=\"1\""),
            )
        }
        _ => return None,
    };
    Some(Fault { kind, place, edits })
}

fn written(text: &str, faults: &[&Fault]) -> String {
    let mut edits: Vec<&(Span, String)> = faults.iter().flat_map(|f| &f.edits).collect();
    edits.sort_by_key(|e| e.0);
    let mut out = text.to_string();
    for (span, new) in edits.into_iter().rev() {
        out.replace_range(span.start as usize..span.end as usize, new);
    }
    out
}

fn messages(text: &str) -> Option<usize> {
    let tree = syntax::parse(text);
    tree.errors()
        .is_empty()
        .then(|| validate(Grammar::kiwi(), &tree).len())
}

/// Whether two faults lie in different places: neither within the other.
fn apart(a: &Fault, b: &Fault) -> bool {
    a.place.end < b.place.start || b.place.end < a.place.start
}

#[test]
fn two_and_three_faults_are_two_and_three_messages() {
    let mut bases = vec![BASE.to_string()];
    // Without the corpus only the test's own description is mutated.
    if let Some(corpus) = shared("corpus/INDEX.tsv").map(|shared| shared.join("corpus")) {
        let rows = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
        for row in rows.lines() {
            let row: Vec<&str> = row.split('\t').collect();
            if row.get(3) == Some(&"yes") {
                bases.extend(std::fs::read_to_string(corpus.join(row[0])));
            }
        }
    }
    bases.retain(|b| messages(b) == Some(0));
    assert!(!bases.is_empty());
    let each: usize = std::env::var("APTERYX_FAULTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000);
    let mut chance = Chance(20_260_731);
    for wanted in [2, 3] {
        let (mut made, mut right, mut shown) = (0, 0, 0);
        while made < each {
            let text = &bases[chance.below(bases.len())];
            let tree = syntax::parse(text);
            let root = tree.root().unwrap();
            let elements: Vec<NodeId> = tree
                .all()
                .filter(|&i| i != root && tree.node(i).kind == syntax::NodeKind::Element)
                .collect();
            let mut faults: Vec<Fault> = Vec::new();
            for _ in 0..60 {
                if faults.len() == wanted {
                    break;
                }
                // By itself each is one fault.
                let new = fault(&tree, &elements, &mut chance);
                let new = new.filter(|n| faults.iter().all(|f| apart(f, n)));
                faults.extend(new.filter(|n| messages(&written(text, &[n])) == Some(1)));
            }
            if faults.len() < wanted {
                continue;
            }
            made += 1;
            let bad = written(text, &faults.iter().collect::<Vec<_>>());
            let got = messages(&bad);
            if got == Some(wanted) {
                right += 1;
            } else if shown < 12 {
                shown += 1;
                let said: Vec<String> = validate(Grammar::kiwi(), &syntax::parse(&bad))
                    .into_iter()
                    .map(|d| d.message.to_string())
                    .collect();
                let did: Vec<_> = faults
                    .iter()
                    .map(|f| (f.kind, f.edits[0].0.of(text), &f.edits[0].1))
                    .collect();
                eprintln!("{did:?} -> {said:?}");
            }
        }
        eprintln!("{wanted} faults: {right}/{made} with {wanted} messages");
        assert!(right * 1000 >= made * 990, "{right}/{made}");
    }
}

#[test]
fn a_slip_in_a_name_hides_no_other_fault_beside_it() {
    for (from, to, wanted) in [
        (
            "<package name=\"vim\"/>",
            "<pacckage namt=\"vim\"/>",
            ["unknown-element `pacckage`", "unknown-attribute `namt`"],
        ),
        (
            "<package name=\"vim\"/>",
            "<pacckage/>",
            ["unknown-element `pacckage`", "missing-attribute `pacckage`"],
        ),
        (
            "firmware=\"uefi\"",
            "firmwware=\"uefy\"",
            ["unknown-attribute `firmwware`", "invalid-value `uefy`"],
        ),
    ] {
        let text = BASE.replacen(from, to, 1);
        assert_ne!(text, BASE);
        let found = validate(Grammar::kiwi(), &syntax::parse(&text));
        let said: Vec<String> = found
            .iter()
            .map(|d| format!("{} `{}`", d.code, d.span.of(&text)))
            .collect();
        assert_eq!(said, wanted, "{to}");
    }
}
