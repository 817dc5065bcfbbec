//! One row for each condition that KIWI's schema states beside its grammar, and for each check that it makes as a build
//! starts and that needs nothing but the description: a description on which our rule speaks, and a near one on which
//! it is silent. The rows are in `rules_audit/`, whose form its README tells. What needs a build host (which tools it
//! has, where it writes, what the built tree holds) and what needs the folder (nested includes) is tested elsewhere.
#![cfg(test)]

mod seeded;

use std::collections::BTreeSet;

use apteryx_schema::Diagnostic;

static TYPES: &str = include_str!("rules_audit/types.txt");
static CONDITIONS: &str = include_str!("rules_audit/conditions.txt");

const IMAGES: &[&str] = &[
    "btrfs", "cpio", "docker", "ext2", "ext3", "ext4", "iso", "oem", "pxe", "kis", "squashfs", "erofs",
    "tbz", "xfs", "oci", "appx", "enclave", "wsl",
];

/// A whole description around a fragment. Its beginning may name another package manager, ask for no version or for
/// no repository.
fn whole(fragment: &str) -> String {
    let (mut manager, mut version, mut repository) = ("zypper", true, true);
    let mut rest = fragment;
    while let Some((word, tail)) = rest
        .split_once(' ')
        .filter(|(word, _)| *word != "<type" && !word.contains("<«"))
    {
        match word {
            "<version/>" => version = false,
            "no-repository" => repository = false,
            _ => manager = word,
        }
        rest = tail;
    }
    let (types, beside) = rest.split_once(" ++ ").unwrap_or((rest, ""));
    let version = if version { "<version>1.0.0</version>" } else { "" };
    let source = "<source path=\"https://example.org/one\"/></repository>";
    let repository = match (repository, manager) {
        (false, _) => String::new(),
        (true, "apt") => format!(
            "<repository type=\"apt-deb\" alias=\"one\" distribution=\"stable\" components=\"main\">{source}"
        ),
        (true, _) => format!("<repository alias=\"one\">{source}"),
    };
    format!(
        "<image schemaversion=\"8.5\" name=\"audit\">
<description type=\"system\"><author>A</author><contact>a@example.org</contact><specification>S</specification></description>
<preferences>{version}<packagemanager>{manager}</packagemanager>{types}</preferences>
{repository}{beside}
</image>
"
    )
}

fn codes(found: &[Diagnostic]) -> BTreeSet<&'static str> {
    found.iter().map(|d| d.code).collect()
}

fn told(found: &[Diagnostic], text: &str) -> Vec<String> {
    let one = |d: &Diagnostic| format!("{} `{}`: {}", d.code, d.span.of(text), d.message);
    found.iter().map(one).collect()
}

#[test]
fn an_attribute_of_some_images_is_told_on_all_others() {
    let mut rows = BTreeSet::new();
    for line in TYPES.lines() {
        let (attributes, images) = line.split_once(" : ").expect("a row");
        let name = attributes.split('=').next().expect("a name");
        let images: Vec<&str> = images.split(' ').collect();
        assert!(rows.insert(name), "{name} stands twice");
        for image in IMAGES {
            let text = whole(&format!("<type image=\"{image}\" {attributes}/>"));
            let found = seeded::findings(&text);
            let at = text.find(name).expect("the attribute");
            let here: Vec<&Diagnostic> = found
                .iter()
                .filter(|d| d.code == "attribute-not-for-type" && d.span.start as usize == at)
                .collect();
            let expected = usize::from(!images.contains(image));
            assert_eq!(
                here.len(),
                expected,
                "{name} on {image}: {:#?}",
                told(&found, &text)
            );
            if let [one] = here.as_slice() {
                assert_eq!(one.span.of(&text), name);
                assert!(
                    one.message.contains(image) && one.help.is_some(),
                    "{}",
                    one.message
                );
            }
        }
    }
    assert_eq!(rows.len(), 85);
}

#[test]
fn each_condition_is_told_where_it_fails_and_not_where_it_holds() {
    let (mut rows, mut wrong) = (0, Vec::new());
    for row in CONDITIONS.split("\n\n").filter(|r| !r.trim().is_empty()) {
        let lines: Vec<&str> = row.trim().lines().collect();
        let [head, fault, near] = lines.as_slice() else {
            panic!("{row}")
        };
        let (pattern, code) = head.rsplit_once(": ").expect("a head");
        let (fault, place) = fault.split_once(" ?? ").unwrap_or((fault, ""));
        let barred = whole(fault);
        let text = barred.replace(['«', '»'], "");
        let (start, end) = match (barred.find('«'), barred.find('»')) {
            (Some(start), Some(end)) => (start, end - '«'.len_utf8()),
            _ => {
                let start = text.find(place).expect(place);
                (start, start + place.len())
            }
        };
        let found = seeded::findings(&text);
        let right: Vec<&Diagnostic> = found.iter().filter(|d| d.code == code).collect();
        let [one] = right.as_slice() else {
            wrong.push(format!("{pattern}: {text}\n{:#?}", told(&found, &text)));
            continue;
        };
        let (from, to) = (one.span.start as usize, one.span.end as usize);
        if from > end || start > to || one.help.is_none() {
            wrong.push(format!("{pattern}: elsewhere: {:#?}", told(&found, &text)));
        }
        let text = whole(near);
        let silent = seeded::findings(&text);
        if codes(&silent).contains(code) {
            wrong.push(format!(
                "{pattern}: not silent: {text}\n{:#?}",
                told(&silent, &text)
            ));
        }
        // What else is told of the fault is told of its twin, or comes of what was left out.
        let more: Vec<&str> = codes(&found).into_iter().filter(|c| *c != code).collect();
        let other: Vec<&&str> = more.iter().filter(|c| !codes(&silent).contains(**c)).collect();
        let bare = ["missing-dracut-module", "missing-boot-loader"];
        if !other.iter().all(|c| bare.contains(*c)) {
            wrong.push(format!(
                "{pattern}: not alone: {text}\n{:#?}",
                told(&found, &text)
            ));
        }
        rows += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows >= 75, "{rows}");
}
