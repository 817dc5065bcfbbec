//! Holds the shape of the house: dependencies run one way, every source file says what it is for, every code has its
//! page. Knows nothing of what the code does.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn dependencies_run_schema_builder_lsp_cli_and_no_other_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let order = ["apteryx-schema", "apteryx-builder", "apteryx-lsp", "apteryx"];
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<_> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        order.into_iter().collect(),
        "a new crate needs its place in the order"
    );
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let rank = order.iter().position(|n| *n == name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            if let Some(below) = order.iter().position(|n| *n == on) {
                assert!(below < rank, "`{name}` must not depend on `{on}`");
            }
        }
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_source_file_begins_by_saying_what_it_is_for_and_can_be_held_in_the_head() {
    let mut files = Vec::new();
    for member in ["schema/src", "builder/src", "lsp/src", "cli/src"] {
        rust_files(&root().join(member), &mut files);
    }
    assert!(files.len() > 20);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("//!"),
            "{} does not begin with `//!`",
            file.display()
        );
        assert!(
            text.lines().count() <= 800,
            "{} is over 800 lines: split it",
            file.display()
        );
    }
}
