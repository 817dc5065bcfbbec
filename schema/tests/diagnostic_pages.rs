//! The pages under docs/diagnostics/ for what the grammar refuses: the failing example shows exactly that code, the
//! mended one shows nothing.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use apteryx_schema::description::folder::Memory;
use apteryx_schema::grammar::{Grammar, GrammarError, Resolver, load_str};
use apteryx_schema::{check, description, rules, syntax, validate};

struct Nothing;
impl Resolver for Nothing {
    fn resolve(&self, _: &Path, _: &str) -> Result<(PathBuf, String), String> {
        Err("there is nothing".into())
    }
}

fn examples(code: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/diagnostics/{code}.md"));
    let page = std::fs::read_to_string(path).unwrap();
    let fence = ["yaml", "json", "toml"]
        .into_iter()
        .find(|l| page.contains(&format!("```{l}\n")));
    page.split(&format!("```{}\n", fence.unwrap_or("xml")))
        .skip(1)
        .filter_map(|p| p.split("```").next())
        .map(str::to_string)
        .collect()
}

#[test]
fn the_examples_show_what_the_page_says() {
    for code in [
        "unknown-element",
        "misplaced-element",
        "missing-element",
        "duplicate-element",
        "unknown-attribute",
        "misplaced-attribute",
        "missing-attribute",
        "invalid-value",
        "unexpected-text",
        "missing-text",
    ] {
        let examples = examples(code);
        let [bad, good] = examples.as_slice() else {
            panic!("{code} has no two examples")
        };
        let codes = |t: &str| {
            validate::validate(Grammar::kiwi(), &syntax::parse(t))
                .iter()
                .map(|d| d.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(bad), [code], "{code}");
        assert!(codes(good).is_empty(), "{code}");
    }
}

#[test]
fn a_refused_grammar_is_named_with_its_place() {
    let examples = examples(GrammarError::CODE);
    let [bad, good] = examples.as_slice() else {
        panic!("no two examples")
    };
    let refusal = load_str(bad, &Nothing).unwrap_err();
    assert_eq!(refusal.reason, "`document` is not defined");
    assert_eq!(refusal.span.of(bad), "<ref name=\"document\"/>");
    assert!(load_str(good, &Nothing).is_ok());
}

/// Codes that the crate can emit, by its sources: the rules' table, and what is named where a finding is made.
fn emitted() -> BTreeSet<String> {
    fn sources(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if !path.to_string_lossy().ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                out.push_str(text.split("#[cfg(test)]\nmod").next().unwrap());
            }
        }
    }
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let made = r#"(?:\b(?:fault|error|finding|refused|finding_at)\(|Diagnostic::new\(|CODE: &(?:'static )?str =|UNUSED: &str =)\s*"([a-z]+(?:-[a-z]+)+)""#;
    let made = regex::Regex::new(made).unwrap();
    let made = made.captures_iter(&text).map(|c| c[1].to_owned());
    made.chain(rules::CODES.iter().map(|c| c.code.to_owned()))
        .collect()
}

#[test]
fn every_code_has_a_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics");
    let codes = emitted();
    assert!(codes.len() > 80, "{codes:?}");
    let missing: Vec<_> = codes
        .iter()
        .filter(|c| !folder.join(format!("{c}.md")).is_file())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The files that a page puts beside each example: blocks named like ```` ```sh config.sh ````, ```` ```ini some.service ```` or ```` ```xml part.xml ````, archives by their entries,
/// ```` ```tar part.tar.gz ````, and lists of further
/// paths, ```` ```files ````; a name that ends with `*` is executable.
fn folders(code: &str) -> Vec<Memory> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/diagnostics/{code}.md"));
    let page = std::fs::read_to_string(path).unwrap();
    let mut out = Vec::new();
    for example in page.split("```xml\n").skip(1) {
        let mut folder = Memory::default();
        for block in example.split("\n```").filter(|b| {
            ["files\n", "sh ", "ini ", "xml ", "tar "]
                .iter()
                .any(|k| b.starts_with(k))
        }) {
            let (head, text) = block.split_once('\n').unwrap();
            for line in text.lines().filter(|_| head == "files") {
                let name = line.trim_end_matches('*').to_owned();
                folder.0.insert(name, (Vec::new(), line.ends_with('*')));
            }
            if let Some(name) = head.strip_prefix("tar ") {
                folder
                    .0
                    .insert(name.to_owned(), (text.as_bytes().to_vec(), false));
            }
            let named = ["sh ", "ini ", "xml "].iter().find_map(|k| head.strip_prefix(k));
            if let Some(name) = named {
                let text = format!("{text}\n").replace("\\r\n", "\r\n");
                let entry = (text.into_bytes(), name.ends_with('*'));
                folder.0.insert(name.trim_end_matches('*').to_owned(), entry);
            }
        }
        out.push(folder);
    }
    out
}

/// The faults of a script by the shell itself; none where there is no bash.
fn shell(script: &[u8]) -> Vec<rules::Fault> {
    let text = String::from_utf8_lossy(script).into_owned();
    #[allow(clippy::disallowed_methods)] // A test may.
    let done = std::process::Command::new("bash")
        .args(["-n", "-c", &text])
        .output();
    let failed = done.is_ok_and(|d| !d.status.success());
    failed
        .then(|| (1, "syntax error".to_owned()))
        .into_iter()
        .collect()
}

#[test]
fn each_page_shows_its_code_and_mends_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics");
    let mut shown = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        let examples = examples(&code);
        let [bad, good] = examples.as_slice() else {
            continue;
        };
        if code == GrammarError::CODE {
            continue;
        }
        let folders = folders(&code);
        let found = |text: &str, folder: Option<&Memory>| {
            let name = Path::new("config.xml");
            let mut all = check::check(name, text.as_bytes(), check::Options::default()).diagnostics;
            let read = |path: &Path| {
                let path = path.strip_prefix("./").unwrap_or(path).to_string_lossy();
                let file = folder.and_then(|f| f.0.get(&*path));
                let gone = std::io::ErrorKind::NotFound.into();
                file.map(|(bytes, _)| bytes.clone()).ok_or(gone)
            };
            let loaded = description::load_text(name, text.as_bytes(), &read);
            if let Some(folder) = folder {
                let mut folder = folder.clone();
                folder.0.insert("config.xml".to_owned(), Default::default());
                all.extend(rules::beside(&loaded.image, &folder, Some(&shell)).diagnostics);
            }
            all.extend(loaded.diagnostics);
            all.iter().any(|d| d.code == code)
        };
        assert!(found(bad, folders.first()), "{code} is not shown");
        assert!(!found(good, folders.get(1)), "{code} is not mended");
        shown += 1;
    }
    assert!(shown > 60, "{shown}");
}
