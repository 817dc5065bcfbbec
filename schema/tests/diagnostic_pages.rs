//! The pages under docs/diagnostics/ for what the grammar refuses: the failing example shows exactly that code, the
//! mended one shows nothing.

use std::path::{Path, PathBuf};

use apteryx_schema::grammar::{Grammar, GrammarError, Resolver, load_str};
use apteryx_schema::{syntax, validate};

struct Nothing;
impl Resolver for Nothing {
    fn resolve(&self, _: &Path, _: &str) -> Result<(PathBuf, String), String> {
        Err("there is nothing".into())
    }
}

fn examples(code: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/diagnostics/{code}.md"));
    let page = std::fs::read_to_string(path).unwrap();
    page.split("```xml\n")
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
