//! Completion and hover over the real grammar: what an author sees at the cursor, in whole and in broken text.
#![cfg(test)]
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
            "**`<type image=\"…\">`** (required)",
        ),
        (
            "<preferences><type image=\"o$0em\"/></preferences></image>",
            "**`image=\"oem\"`**",
        ),
        (
            "<preferences><type im$0age",
            "**`<type image=\"…\">`** (required)",
        ),
    ] {
        let text = shown(marked);
        assert!(text.starts_with(head), "{marked}: {text:?}");
        assert!(text.len() > head.len() + 20, "{marked}: no words in {text:?}");
    }
    assert_eq!(shown("<nonsen$0se/></image>"), "");
}

/// The text after the candidate of that label was taken at `$0`.
#[track_caller]
fn taken(marked: &str, label: &str) -> String {
    let (snapshot, offset) = at(marked);
    let text = snapshot.derived().text.to_string();
    let found = completion(&snapshot, offset);
    let one = found.iter().find(|c| c.label == label);
    let one = one.unwrap_or_else(|| panic!("{marked}: no {label}"));
    let edit = apteryx_schema::Edit {
        span: one.replace,
        new_text: one.plain.clone().into(),
    };
    apteryx_schema::fix::apply(&text, &[edit])[HEAD.len()..].to_owned()
}

#[test]
fn what_is_taken_has_the_quotes_and_blanks_that_are_missing_and_no_more() {
    for (marked, label, wanted) in [
        ("<type image=$0 x=\"\"/>", "oem", "<type image=\"oem\" x=\"\"/>"),
        ("<type image=o$0/>", "oem", "<type image=\"oem\"/>"),
        ("<type image=\"o$0\"/>", "oem", "<type image=\"oem\"/>"),
        ("<type image='o$0'/>", "oem", "<type image='oem'/>"),
        ("<type image='o$0\n<a/>", "oem", "<type image='oem'\n<a/>"),
        (
            "<type image=\"oem\"$0/>",
            "filesystem",
            "<type image=\"oem\" filesystem=\"\"/>",
        ),
        (
            "<type $0image=\"oem\"/>",
            "filesystem",
            "<type filesystem=\"\" image=\"oem\"/>",
        ),
        (
            "<type file$0=\"ext4\"/>",
            "filesystem",
            "<type filesystem=\"ext4\"/>",
        ),
        (
            "<packages><package name=\"a\"/><$0",
            "/packages",
            "<packages><package name=\"a\"/></packages>",
        ),
        (
            "<packages><package name=\"a\"/>$0",
            "/packages",
            "<packages><package name=\"a\"/></packages>",
        ),
    ] {
        let marked = match marked.starts_with("<type") {
            true => format!("<preferences>{marked}"),
            false => marked.to_owned(),
        };
        let shown = taken(&marked, label);
        assert_eq!(shown.trim_start_matches("<preferences>"), wanted, "{marked}");
    }
    let manager = "<preferences><packagemanager>a$0pt</packagemanager></preferences></image>";
    assert!(taken(manager, "apk").contains("<packagemanager>apk</packagemanager>"));
}

#[test]
fn lists_and_accounts_are_completed_item_by_item() {
    offers(
        "<packages><package name=\"a\" arch=\"x86_64,$0\"/></packages></image>",
        &["aarch64"],
        &["x86_64"],
    );
    offers(
        "<users><user name=\"u\" groups=\"own\"/><user groups=\"sudo,$0\"/></users></image>",
        &["own", "wheel"],
        &["sudo"],
    );
    offers(
        "<users><user name=\"u\"/></users><packages type=\"image\"><file name=\"f\" owner=\"$0\"/></packages></image>",
        &["root:root", "u:u"],
        &[],
    );
    offers(
        "<preferences><oem-config><oem-resize>$0</oem-resize>",
        &["true", "false"],
        &[],
    );
    offers(
        "<preferences><type image=\"oem\" installiso=\"$0",
        &["true", "false"],
        &[],
    );
    offers(
        "<profiles><profile name=\"A\" description=\"\"/><profile name=\"B\" description=\"\"><requires profile=\"$0\"/></profile></profiles></image>",
        &["A"],
        &[],
    );
}
