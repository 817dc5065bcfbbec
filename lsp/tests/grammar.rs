//! Completion and hover over the real grammar: what an author sees at the cursor, in whole and in broken text.
#![allow(missing_docs)]

use apteryx_lsp::features::completion::{Candidate, completion};
use apteryx_lsp::features::hover::hover;
use apteryx_lsp::snapshot::Snapshot;

const HEAD: &str = "<image schemaversion=\"8.5\" name=\"a\">";

/// A text with its cursor at `$0`.
fn at(marked: &str) -> (Snapshot, u32) {
    let text = format!("{HEAD}{marked}");
    let offset = text.find("$0").unwrap();
    (Snapshot::of_text(&text.replacen("$0", "", 1)), offset as u32)
}

fn found(marked: &str) -> Vec<Candidate> {
    let (snapshot, offset) = at(marked);
    completion(&snapshot, offset)
}

#[track_caller]
fn offers(marked: &str, wanted: &[&str], not: &[&str]) {
    let labels: Vec<_> = found(marked).into_iter().map(|c| c.label).collect();
    for label in wanted {
        assert!(
            labels.iter().any(|l| l == label),
            "{marked}: no {label} in {labels:?}"
        );
    }
    for label in not {
        assert!(
            labels.iter().all(|l| l != label),
            "{marked}: {label} in {labels:?}"
        );
    }
}

#[test]
fn elements_are_those_that_may_stand_here() {
    offers(
        "$0</image>",
        &["description", "preferences", "packages"],
        &["package", "type"],
    );
    offers(
        "<packages type=\"image\">$0</packages></image>",
        &["package", "archive", "ignore"],
        &["type", "packages"],
    );
    offers(
        "<preferences><type image=\"oem\">$0</type></preferences></image>",
        &["bootloader", "size"],
        &["package"],
    );
}

#[test]
fn attributes_are_those_of_the_element_that_are_not_there_yet() {
    offers(
        "<preferences><type image=\"oem\" $0/></preferences></image>",
        &["filesystem", "firmware"],
        &["image", "name"],
    );
    offers(
        "<packages type=\"image\"><package $0/></packages></image>",
        &["name", "arch"],
        &["filesystem"],
    );
}

#[test]
fn values_are_those_of_the_attribute() {
    offers(
        "<preferences><type image=\"$0\"/></preferences></image>",
        &["oem", "iso", "docker", "tbz"],
        &["vfat"],
    );
    offers(
        "<preferences><type image=\"oem\" filesystem=\"$0\"/></preferences></image>",
        &["ext4", "btrfs", "xfs"],
        &["oem"],
    );
    offers(
        "<packages type=\"$0\"/></image>",
        &["bootstrap", "image", "delete"],
        &["ext4"],
    );
}

#[test]
fn broken_text_is_served_as_well() {
    offers("<pack$0", &["packages"], &["package"]);
    offers("<preferences><type ima$0", &["image"], &["name"]);
    offers("<preferences><type image=\"o$0", &["oem"], &["vfat"]);
    offers(
        "<preferences><type image=\"o$0\n<version>1</version></preferences></image>",
        &["oem"],
        &[],
    );
    offers(
        "<packages type=\"image\"><pack$0</packages></image>",
        &["package"],
        &["packages"],
    );
    offers(
        "<packages type=\"image\"><package na$0></packages></image>",
        &["name"],
        &[],
    );
}

#[test]
fn an_element_comes_with_its_required_parts_and_the_text_stays_whole() {
    let one = found("<packages type=\"image\"><pack$0</packages></image>");
    let package = one.iter().find(|c| c.label == "package").unwrap();
    assert_eq!(package.snippet, "<package name=\"$1\"/>");
    assert_eq!(package.plain, "<package name=\"\"/>");
    let repository = found("<rep$0</image>")
        .into_iter()
        .find(|c| c.label == "repository")
        .unwrap();
    assert!(
        repository.snippet.contains("<source path=\"$"),
        "{}",
        repository.snippet
    );
    // The replacement takes the `<` and what is typed, so that nothing is doubled.
    let (snapshot, offset) = at("<packages type=\"image\"><pack$0</packages></image>");
    let candidate = completion(&snapshot, offset)
        .into_iter()
        .find(|c| c.label == "package")
        .unwrap();
    assert_eq!(candidate.replace.of(&snapshot.derived().text), "<pack");
}

#[test]
fn hover_explains_element_attribute_and_value_also_in_broken_text() {
    let shown = |marked: &str| {
        let (snapshot, offset) = at(marked);
        hover(&snapshot, offset).map(|h| h.markdown).unwrap_or_default()
    };
    for (marked, head) in [
        ("<pref$0erences></preferences></image>", "**`<preferences>`**"),
        (
            "<preferences><type im$0age=\"oem\"/></preferences></image>",
            "**`image`** of `<type>`",
        ),
        (
            "<preferences><type image=\"o$0em\"/></preferences></image>",
            "**`image=\"oem\"`**",
        ),
        ("<preferences><type im$0age", "**`image`** of `<type>`"),
    ] {
        let text = shown(marked);
        assert!(text.starts_with(head), "{marked}: {text:?}");
        assert!(text.len() > head.len() + 20, "{marked}: no words in {text:?}");
    }
    assert_eq!(shown("<nonsen$0se/></image>"), "");
}
