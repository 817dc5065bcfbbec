//! What the rules find beside a fault of the grammar: both are told where it is sure what the text means, and the
//! fault alone where it is not.
#![cfg(test)]
#![allow(missing_docs)]

use std::path::Path;

use apteryx_schema::check::{Options, check};
use apteryx_schema::fix;

/// Has no kernel; `^` stands where a fault is put.
const TEXT: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="example">
    <description type="system">
        <author>An Author</author>
        <contact>author@example.org</contact>
        <specification>An example</specification>
    </description>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>apt</packagemanager>
        <rpm-excludedocs>true</rpm-excludedocs>
        <type image="iso"/>
    </preferences>
    <users>
        <user name="root" password="*" shell="/bin/bash"/>
    </users>
    <repository type="apt-deb" components="main" distribution="trixie">
        <source path="https://ftp.debian.org/debian"/>
    </repository>
    <packages type="image">
        <package name="vim"/>
        <package name="dracut"/>
        <package name="dracut-kiwi-live"/>
        <package name="grub-pc-bin"/>
        <package name="grub-efi-amd64-bin"/>
    </packages>
    <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#;

/// Codes with the words they are at.
fn found(text: &str) -> Vec<(&'static str, String)> {
    let checked = check(Path::new("config.xml"), text.as_bytes(), Options::default());
    let told = checked.diagnostics.iter();
    told.map(|d| (d.code, d.span.of(text).to_owned())).collect()
}

fn with(old: &str, new: &str) -> String {
    assert!(TEXT.contains(old), "{old}");
    TEXT.replacen(old, new, 1)
}

const KERNEL: (&str, &str) = ("missing-kernel", "iso");

fn both(old: &str, new: &str, fault: (&str, &str)) {
    let told = found(&with(old, new));
    let kernel = (KERNEL.0, KERNEL.1.to_owned());
    let mut all = vec![(fault.0, fault.1.to_owned()), kernel];
    all.sort();
    let mut sorted = told.clone();
    sorted.sort();
    assert_eq!(sorted, all, "{new}");
}

#[test]
fn the_text_has_one_fault_of_its_own() {
    assert_eq!(found(TEXT), [(KERNEL.0, KERNEL.1.to_owned())]);
}

#[test]
fn a_slip_hides_nothing() {
    both(
        "<author>An Author</author>",
        "<auhtor>An Author</auhtor>",
        ("unknown-element", "auhtor"),
    );
    both(
        "<package name=\"vim\"",
        "<package nmae=\"vim\"",
        ("unknown-attribute", "nmae"),
    );
    both(
        "<type image=\"iso\"",
        "<type image=\"iso\" firmwrae=\"uefi\"",
        ("unknown-attribute", "firmwrae"),
    );
    both(
        "type=\"apt-deb\"",
        "type=\"apt-dbe\"",
        ("invalid-value", "apt-dbe"),
    );
    both(
        "<package name=\"vim\"/>",
        "<package name=\"vim\" size=\"1\"/>",
        ("misplaced-attribute", "size"),
    );
}

#[test]
fn what_means_nothing_hides_nothing() {
    both("<users>", "<users>and", ("unexpected-text", "and"));
    both(
        "<rpm-excludedocs>true",
        "<rpm-excludedocs>ja",
        ("invalid-value", "rpm-excludedocs>ja"),
    );
}

#[test]
fn what_depends_on_no_value_is_told_beside_one_that_is_none() {
    both(
        "<user name=\"root\" password=\"*\"",
        "<user name=\"root\"",
        ("missing-attribute", "user"),
    );
    both(
        "type=\"apt-deb\"",
        "type=\"apt-deb\" priority=\"high\"",
        ("invalid-value", "priority=\"high\""),
    );
    both(
        "<packages type=\"image\"",
        "<packages type=\"image\" patternType=\"all\"",
        ("invalid-value", "patternType=\"all\""),
    );
}

#[test]
fn a_slip_in_one_part_of_a_list_is_mended_and_hides_nothing() {
    let (old, slip) = (
        "<package name=\"vim\"",
        "<package name=\"vim\" arch=\"x86-64,i686\"",
    );
    both(old, slip, ("invalid-value", "x86-64,i686"));
    let mended = fix::fix(
        Path::new("config.xml"),
        with(old, slip).as_bytes(),
        Options::default(),
        false,
    );
    assert_eq!(mended.unwrap(), with(old, &slip.replace("x86-64", "x86_64")));
}

#[test]
fn a_text_that_is_not_well_formed_in_one_place_is_judged_in_others() {
    both("An example<", "An example & more<", ("stray-ampersand", "&"));
}

#[test]
fn where_it_is_not_sure_what_is_meant_the_fault_stands_alone() {
    let alone = |old: &str, new: &str| {
        let told = found(&with(old, new));
        assert_eq!(told.len(), 1, "{new}: {told:?}");
    };
    alone("<packages type=\"image\"", "<packages type=\"install\"");
    alone("<package name=\"dracut\"/>", "<package/>");
    alone("<packagemanager>apt<", "<packagemanager>strayapt<");
    alone("<source path=\"https://ftp.debian.org/debian\"", "<source");
}

#[test]
fn what_is_told_beside_a_slip_can_be_mended_with_it() {
    let text = with("<author>", "<auhtor>").replacen("</author>", "</auhtor>", 1);
    let told = text.replacen("\"vim\"/>", "\"vim\"/><package name=\"vim\"/>", 1);
    let mended = fix::fix(Path::new("config.xml"), told.as_bytes(), Options::default(), true).unwrap();
    assert!(mended.contains("<author>An Author</author>"), "{mended}");
    assert_eq!(mended.matches("\"vim\"").count(), 1, "{mended}");
    let checked = check(Path::new("config.xml"), told.as_bytes(), Options::default());
    assert!(!fix::round(&checked, true).is_empty());
    let once = fix::apply(&told, &fix::round(&checked, true));
    assert_eq!(once.matches("\"vim\"").count(), 1, "in one round: {once}");
}
