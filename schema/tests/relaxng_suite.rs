//! The RELAX NG specification's own test suite (James Clark, Thai Open Source Software Center), read where it lies
//! beside the project: every schema that conforms is taken, every other refused, every document judged.
#![cfg(test)]

mod shared;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use apteryx_schema::{grammar, syntax, validate};
use roxmltree::{Document, Node, ParsingOptions};
use shared::shared;

struct Resources(HashMap<PathBuf, String>);

impl grammar::Resolver for Resources {
    fn resolve(&self, base: &Path, href: &str) -> Result<(PathBuf, String), String> {
        let path = base.parent().unwrap_or(Path::new("")).join(href);
        self.0
            .get(&path)
            .map(|t| (path.clone(), t.clone()))
            .ok_or_else(|| "there is no such resource".to_string())
    }
}

/// The text of the one child element (with the namespaces in scope), or the text that stands instead.
fn content(node: Node<'_, '_>, whole: &str) -> String {
    let Some(child) = node.children().find(Node::is_element) else {
        return node.text().unwrap_or("").to_string();
    };
    let dtd = node.attribute("dtd").unwrap_or("");
    format!("{dtd}\n{}", &whole[child.range()])
}

fn resources(case: Node<'_, '_>, folder: &Path, whole: &str, out: &mut HashMap<PathBuf, String>) {
    for e in case.children().filter(Node::is_element) {
        let name = e.attribute("name").unwrap_or("");
        match e.tag_name().name() {
            "resource" => {
                out.insert(folder.join(name), content(e, whole));
            }
            "dir" => resources(e, &folder.join(name), whole, out),
            _ => {}
        }
    }
}

#[test]
fn every_check_of_the_specification_holds() {
    let suite = "oracle/relaxng-spectest.xml";
    let Some(shared) = shared(suite) else { return };
    let text = std::fs::read_to_string(shared.join(suite)).unwrap();
    // The suite's one entity stands in texts that are copied out of it, so it is put in by hand.
    let text = text.replace("&dii;", "<\u{E14}\u{E35}/>");
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let suite = Document::parse_with_options(&text, options).unwrap();
    let (mut checks, mut wrong) = (0, Vec::new());
    for (number, case) in suite
        .descendants()
        .filter(|n| n.has_tag_name("testCase"))
        .enumerate()
    {
        let mut files = HashMap::new();
        resources(case, Path::new(""), &text, &mut files);
        let files = Resources(files);
        let mut check = |fine: bool, what: &str| {
            checks += 1;
            if !fine {
                wrong.push(format!("case {}: {what}", number + 1));
            }
        };
        let mut loaded = None;
        for e in case.children().filter(Node::is_element) {
            match e.tag_name().name() {
                "incorrect" => match grammar::load_str(&content(e, &text), &files) {
                    Ok(_) => check(false, "a schema that does not conform is taken"),
                    Err(refusal) => check(!refusal.reason.is_empty(), "a refusal without a reason"),
                },
                "correct" => {
                    let got = grammar::load_str(&content(e, &text), &files);
                    check(got.is_ok(), "a schema that conforms is refused");
                    loaded = got.ok();
                }
                kind @ ("valid" | "invalid") => {
                    let found = loaded
                        .as_ref()
                        .map(|g| validate::validate(g, &syntax::parse(&content(e, &text))));
                    check(found.is_some_and(|f| f.is_empty() == (kind == "valid")), kind);
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(checks, 965);
}
