//! A bare RELAX NG validator for the specification's suite and the mutator: `rngcheck [--json] --schema FILE.rng
//! FILE.xml...` (`kiwi` for the embedded grammar); exit 0 valid, 1 not valid, 2 the schema is refused. For tests
//! only; `apteryx check --schema` is the real one.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::Path;
use std::process::ExitCode;

use apteryx_schema::{LineIndex, Span, grammar, syntax, validate};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--schema").collect();
    let as_json = args.iter().any(|a| a == "--json");
    args.retain(|a| a != "--json");
    let Some((schema, files)) = args.split_first() else {
        return ExitCode::from(2);
    };
    let loaded;
    let grammar = if schema == "kiwi" {
        grammar::Grammar::kiwi()
    } else {
        match grammar::load_file(Path::new(schema)) {
            Ok(g) => {
                loaded = g;
                &loaded
            }
            Err(e) => {
                eprintln!("{e} ({:?})", e.span);
                return ExitCode::from(2);
            }
        }
    };
    let (mut bad, mut report) = (false, Vec::new());
    for file in files {
        let Ok(bytes) = std::fs::read(file) else {
            return ExitCode::from(2);
        };
        let tree = syntax::parse_bytes(&bytes);
        let lines = LineIndex::new(tree.text());
        let range = |s: Span| -> Value {
            let at = |o| lines.position(tree.text(), o);
            json!({"start": at(s.start), "end": at(s.end)})
        };
        let mut found = Vec::new();
        for d in tree
            .errors()
            .iter()
            .cloned()
            .chain(validate::validate(grammar, &tree))
        {
            bad = true;
            if !as_json {
                println!("{file}:{}: {}: {} [{}]", d.span.start, d.code, d.message, d.label);
            }
            let fixes: Vec<Value> = d
                .fixes
                .iter()
                .map(|f| {
                    let edits: Vec<Value> = f
                        .edits
                        .iter()
                        .map(|e| json!({"range": range(e.span), "newText": e.new_text}))
                        .collect();
                    json!({"title": f.title, "edits": edits})
                })
                .collect();
            found.push(
                json!({"code": d.code, "severity": d.severity, "source": d.source, "message": d.message,
                "range": range(d.span), "fixes": fixes}),
            );
        }
        report.push(json!({"path": file, "diagnostics": found}));
    }
    if as_json {
        println!("{}", json!({ "files": report }));
    }
    ExitCode::from(u8::from(bad))
}
