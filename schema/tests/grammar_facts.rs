//! The project's grammar against the facts on KIWI's: every element, attribute and value is there, required where
//! KIWI requires it, and documented; and on small documents made of them the verdicts are those of KIWI's own grammar.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.

mod shared;

use apteryx_schema::grammar::{self, Grammar};
use apteryx_schema::syntax;
use apteryx_schema::validate::validate;
use serde_json::Value;
use shared::shared;
use std::collections::{BTreeMap, BTreeSet};

fn elements(dir: &std::path::Path) -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(dir.join("facts/kiwi-schema.json")).unwrap();
    let mut facts: Value = serde_json::from_str(&text).unwrap();
    let mut all = facts["elements"].take().as_object().unwrap().clone();
    all.retain(|name, _| !name.starts_with('*'));
    all
}

/// The grammar names attributes of another namespace with or without its prefix.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

#[test]
fn every_element_attribute_and_value_is_there_and_documented() {
    let Some(dir) = shared("facts/kiwi-schema.json") else {
        return;
    };
    let grammar = Grammar::kiwi();
    let facts = elements(&dir);
    assert_eq!(facts.len(), 111);
    let mut wrong = Vec::new();
    let (mut attributes, mut values) = (0, 0);
    for (name, fact) in &facts {
        let documented = |doc: Option<&str>| doc.is_some_and(|d| d.len() > 10 && !d.contains("  "));
        if !documented(grammar.element_doc(name)) {
            wrong.push(format!("<{name}>: no documentation"));
        }
        let have: BTreeMap<String, bool> = grammar
            .attributes(name)
            .into_iter()
            .map(|a| (local(&a.name), a.required))
            .collect();
        let want: BTreeMap<String, bool> = fact["attributes"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (local(k), v["required"].as_bool().unwrap()))
            .collect();
        if have != want {
            wrong.push(format!("<{name}>: has {have:?}, should have {want:?}"));
        }
        attributes += want.len();
        for (attribute, fact) in fact["attributes"].as_object().unwrap() {
            if !documented(grammar.attribute_doc(name, attribute)) {
                wrong.push(format!("{name}@{attribute}: no documentation"));
            }
            let listed = grammar.attribute_values(name, attribute);
            for value in fact["enum"].as_array().into_iter().flatten() {
                values += 1;
                let found = listed.iter().find(|v| v.value == value.as_str().unwrap());
                if found.is_none_or(|v| v.doc.is_none()) {
                    wrong.push(format!(
                        "{name}@{attribute}={value}: missing or without documentation"
                    ));
                }
            }
        }
        let have: BTreeSet<&str> = grammar.children(name).into_iter().collect();
        let want: BTreeSet<&str> = fact["children"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .filter(|c| !c.starts_with('*'))
            .collect();
        if have
            .iter()
            .filter(|c| !c.starts_with('*'))
            .copied()
            .collect::<BTreeSet<_>>()
            != want
        {
            wrong.push(format!("<{name}>: holds {have:?}, should hold {want:?}"));
        }
    }
    assert_eq!((attributes, values), (278, 175));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A value that the attribute or text accepts.
fn sample(types: &Value) -> &str {
    let first = &types[0];
    if let Some(value) = first["value"].as_str() {
        return value;
    }
    match (first["xsd"].as_str(), first["define"].as_str()) {
        (Some("boolean"), _) => "true",
        (Some("integer" | "nonNegativeInteger"), _) => "4096",
        (Some("anyURI"), _) => "urn:x",
        (_, Some("arch-name")) => "x86_64",
        (_, Some("vhd-tag-type")) => "00112233-4455-6677-8899-aabbccddeeff",
        (_, Some("mac-address-type")) => "00:50:56:00:00:01",
        (_, Some("package-version-type")) => "1.0.0.0",
        (_, Some("simple-uri-type")) => "file:///k",
        (_, Some("grub_console_output" | "grub_console_input")) => "serial",
        (_, Some("fs_attributes")) => "no-copy-on-write",
        (_, Some("groups-list")) => "wheel",
        (_, Some("safe-posix-name" | "safe-posix-short-name" | "ecma-119-achar-128-text")) => "abc",
        (Some("token"), Some(_)) => "7",
        (Some("token"), None) => "C",
        _ => "abc",
    }
}

/// The smallest valid element, as far as the facts tell.
fn smallest(facts: &serde_json::Map<String, Value>, name: &str, extra: &str, inner: &str) -> String {
    let fact = &facts[name];
    let mut out = format!("<{name}");
    for (attribute, f) in fact["attributes"].as_object().unwrap() {
        if f["required"] == true && !extra.starts_with(&format!("{attribute}=")) {
            out += &format!(" {attribute}=\"{}\"", sample(&f["types"]));
        }
    }
    if matches!(name, "entrypoint" | "subcommand") && !extra.starts_with("execute=") {
        out += " execute=\"x\"";
    }
    out += &format!(" {extra}>");
    for (child, f) in fact["children"].as_object().unwrap() {
        if f["min"] != 0 && !child.starts_with('*') && !inner.starts_with(&format!("<{child} ")) {
            out += &smallest(facts, child, "", "");
        }
    }
    if name == "extension" {
        out += "<y xmlns=\"urn:x\"/>";
    }
    let text = &fact["text"];
    if text[0].is_object() && inner.is_empty() {
        out += sample(text);
    }
    out + inner + &format!("</{name}>")
}

/// The document that leads down to an element.
fn document(facts: &serde_json::Map<String, Value>, path: &[&str], innermost: String) -> String {
    path.iter().rev().fold(innermost, |inner, name| {
        let extra = if *name == "image" {
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
        } else {
            ""
        };
        smallest(facts, name, extra, &inner)
    })
}

const VALUES: &[&str] = &[
    "",
    "abc",
    "7",
    "-7",
    "+7",
    "7M",
    "7K",
    "all",
    "true",
    "TRUE",
    " 1 ",
    "7 7",
    "2047",
    "a b",
    "a,b:7",
    "x86_64,i586",
    "x86_64, i586",
    "armv5l",
    "serial console",
    "console none",
    "usb_keyboard none",
    "synchronous-updates",
    "53/udp",
    "53/sctp",
    "00:50:56:00:00:0a",
    "0:50:56:00:00:01",
    "00112233-4455-6677-8899-aabbccddeeff",
    "65535.0.65535.9",
    "65536.0.0.0",
    "01.0.0.0",
    "https:",
    "sftp://x",
    "oci:qcow2",
    "docker:vagrant",
    "A!?9",
    "A@B",
    "abcdefghijklmnopqrstuvwxyz0123456",
    "en_US,de_DE",
    "eng_US",
    "C,POSIX",
    "\u{663}",
    "8.5",
    " oem ",
    "ext4",
];

#[test]
fn verdicts_are_those_of_kiwis_own_grammar() {
    let Some(dir) = shared("facts/kiwi-schema.json") else {
        return;
    };
    let ours = Grammar::kiwi();
    let theirs = grammar::load_file(&dir.join("oracle/kiwi-8.5.rng")).unwrap();
    let facts = elements(&dir);
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::from([("image", vec![])]);
    let mut open = vec!["image"];
    while let Some(name) = open.pop() {
        for child in facts[name]["children"].as_object().unwrap().keys() {
            if !child.starts_with('*') && !paths.contains_key(child.as_str()) {
                let mut path = paths[name].clone();
                path.push(name);
                paths.insert(child, path);
                open.push(child);
            }
        }
    }
    assert_eq!(paths.len(), facts.len());
    let (mut judged, mut valid, mut wrong) = (0, 0, Vec::new());
    let mut judge = |text: String| {
        let tree = syntax::parse(&text);
        let (a, b) = (
            validate(ours, &tree).is_empty(),
            validate(&theirs, &tree).is_empty(),
        );
        judged += 1;
        valid += usize::from(b);
        if a != b {
            wrong.push(format!("ours {a}, KIWI's {b}: {text}"));
        }
        b
    };
    for (name, path) in &paths {
        let plain = document(&facts, path, smallest(&facts, name, "", ""));
        assert!(judge(plain.clone()), "{plain}");
        let twice = smallest(&facts, name, "", "");
        if !path.is_empty() {
            judge(document(&facts, path, twice.repeat(2)));
        }
        for attribute in facts[*name]["attributes"].as_object().unwrap().keys() {
            for value in VALUES {
                let extra = format!("{attribute}=\"{value}\"");
                let extra = if *name == "image" {
                    format!("{extra} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"")
                } else {
                    extra
                };
                judge(document(&facts, path, smallest(&facts, name, &extra, "")));
            }
        }
        for value in VALUES {
            judge(document(&facts, path, smallest(&facts, name, "", value)));
        }
    }
    eprintln!("{judged} documents judged, {valid} valid");
    assert!(judged > 10_000 && valid > 1_000);
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(10)].join("\n"));
}
