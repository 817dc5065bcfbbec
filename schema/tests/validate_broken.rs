//! Whatever the text: the validator, its fixes and what it expects come back without a panic, and say sensible things.
#![cfg(test)]

use apteryx_schema::grammar::Grammar;
use apteryx_schema::syntax::{self, NodeKind};
use apteryx_schema::validate;
use proptest::prelude::*;

const BASE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="example">
    <description type="system">
        <author>An Author</author>
        <contact>author@example.org</contact>
        <specification>An example</specification>
    </description>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>apt</packagemanager>
        <type image="oem" filesystem="ext4" firmware="uefi">
            <bootloader name="grub2"/>
            <oemconfig><oem-resize>true</oem-resize></oemconfig>
        </type>
    </preferences>
    <repository type="apt-deb"><source path="https://ftp.debian.org/debian"/></repository>
    <packages type="image"><package name="vim"/><package name="nano" arch="x86_64"/></packages>
    <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#;

fn codes(text: &str) -> Vec<String> {
    let tree = syntax::parse(text);
    validate::validate(Grammar::kiwi(), &tree)
        .into_iter()
        .map(|d| format!("{} {}", d.code, d.span.of(text)))
        .collect()
}

#[test]
fn the_base_is_valid() {
    assert_eq!(codes(BASE), Vec::<String>::new());
}

#[test]
fn several_faults_are_as_many_messages() {
    let two = BASE
        .replace("filesystem=", "filesytem=")
        .replace("<contact>author@example.org</contact>", "");
    assert_eq!(
        codes(&two),
        ["missing-element description", "unknown-attribute filesytem"]
    );
    let three = two.replace("<package name=\"vim\"/>", "<packge name=\"vim\"/>");
    assert_eq!(
        codes(&three),
        [
            "missing-element description",
            "unknown-attribute filesytem",
            "unknown-element packge"
        ]
    );
}

#[test]
fn a_fix_that_is_safe_gives_the_original_again() {
    for (from, to) in [
        ("filesystem=", "filesytem="),
        ("<contact>", "<cotnact>"),
        ("\"ext4\"", "\"etx4\""),
        ("name=\"vim\"", "nmae=\"vim\""),
    ] {
        // The end tag of an element is misspelt as well.
        let bad = BASE
            .replace(from, to)
            .replace(&from.replace('<', "</"), &to.replace('<', "</"));
        let found = validate::validate(Grammar::kiwi(), &syntax::parse(&bad));
        assert_eq!(found.len(), 1, "{to}: {found:?}");
        let mut mended = bad.clone();
        for e in found[0].fixes[0].edits.iter().rev() {
            mended.replace_range(e.span.start as usize..e.span.end as usize, &e.new_text);
        }
        assert_eq!(mended, BASE, "{to}");
    }
}

#[test]
fn every_fix_for_what_is_missing_or_misplaced_mends() {
    for (from, to) in [
        ("<contact>author@example.org</contact>", ""),
        (" name=\"example\"", ""),
        (
            "<version>1.0.0</version>",
            "<version>1.0.0</version><package name=\"x\"/>",
        ),
        (
            "<author>An Author</author>",
            "<author>An Author</author><author>Another</author>",
        ),
        ("<source path=\"https://ftp.debian.org/debian\"/>", ""),
        ("<contact>", "stray<contact>"),
    ] {
        let bad = BASE.replace(from, to);
        let found = validate::validate(Grammar::kiwi(), &syntax::parse(&bad));
        assert_eq!(found.len(), 1, "{to}: {found:?}");
        let mut mended = bad.clone();
        for e in found[0].fixes[0].edits.iter().rev() {
            mended.replace_range(e.span.start as usize..e.span.end as usize, &e.new_text);
        }
        // What is inserted may still want its value; the structure is whole again.
        assert!(
            codes(&mended).iter().all(|c| c.starts_with("invalid-value")),
            "{to}: {:?}\n{mended}",
            codes(&mended)
        );
    }
}

#[test]
fn a_value_that_is_near_none_is_shown_with_what_has_it() {
    for (from, to, shown) in [
        (
            "name=\"nano\" arch=\"x86_64\"",
            "name=\"nano\" bootinclude=\"name\"",
            "invalid-value bootinclude=\"name\"",
        ),
        ("\"ext4\"", "\"etx4\"", "invalid-value etx4"),
        (
            "<oem-resize>true</",
            "<oem-resize>2048</",
            "invalid-value oem-resize>2048",
        ),
        ("<oem-resize>true</", "<oem-resize>ture</", "invalid-value ture"),
    ] {
        assert_eq!(codes(&BASE.replace(from, to)), [shown]);
    }
}

#[test]
fn an_element_by_another_ones_name_is_one_fault() {
    for (from, to, said) in [
        (
            "<packages type=\"bootstrap\"><package name=\"base-files\"/></packages>",
            "<drivers type=\"bootstrap\"><package name=\"base-files\"/></drivers>",
            "misplaced-element drivers",
        ),
        (
            "<repository type=\"apt-deb\"><source path=\"https://ftp.debian.org/debian\"/></repository>",
            "<users type=\"apt-deb\"><source path=\"https://ftp.debian.org/debian\"/></users>",
            "misplaced-element users",
        ),
        (
            "<author>An Author</author>",
            "<specification>An Author</specification>",
            "misplaced-element specification",
        ),
    ] {
        let text = BASE.replace(from, to);
        assert_eq!(codes(&text), [said]);
        let found = validate::validate(Grammar::kiwi(), &syntax::parse(&text));
        let mut mended = text.clone();
        for e in found[0].fixes[0].edits.iter().rev() {
            mended.replace_range(e.span.start as usize..e.span.end as usize, &e.new_text);
        }
        assert_eq!(mended, BASE);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn cut_and_pasted_text_never_panics(cut in 0usize..1200, len in 0usize..200, at in 0usize..1200, junk in "[<>/a-z=\" &;]{0,12}") {
        let mut text = BASE.to_string();
        let cut = cut.min(text.len());
        let piece: String = text.drain(cut..(cut + len).min(text.len())).collect();
        let at = at.min(text.len());
        text.insert_str(at, &piece);
        text.insert_str(at, &junk);
        let (g, tree) = (Grammar::kiwi(), syntax::parse(&text));
        for d in validate::validate(g, &tree) {
            prop_assert!(d.span.end as usize <= text.len());
            for f in &d.fixes {
                prop_assert!(f.edits.windows(2).all(|w| w[0].span.end <= w[1].span.start), "{f:?}");
                prop_assert!(f.edits.iter().all(|e| e.span.start <= e.span.end && text.get(e.span.start as usize..e.span.end as usize).is_some()));
            }
        }
        for id in tree.all().filter(|&i| tree.node(i).kind == NodeKind::Element) {
            let got = validate::expected(g, &tree, id, tree.node(id).open.end);
            prop_assert!(got.elements.iter().all(|e| !e.local.is_empty()));
            validate::expected_attributes(g, &tree, id);
            validate::expected_text(g, &tree, id);
        }
    }
}
