//! A bare RELAX NG validator for the specification's suite: `rngcheck --schema FILE.rng FILE.xml...`; exit 0 valid,
//! 1 not valid, 2 the schema is refused. For tests only; `apteryx check --schema` is the real one.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--schema").collect();
    let Some((schema, files)) = args.split_first() else {
        return ExitCode::from(2);
    };
    let grammar = match apteryx_schema::grammar::load_file(Path::new(schema)) {
        Ok(g) => g,
        Err(e) => {
            eprintln!("{e} ({:?})", e.span);
            return ExitCode::from(2);
        }
    };
    let mut bad = false;
    for file in files {
        let Ok(bytes) = std::fs::read(file) else {
            return ExitCode::from(2);
        };
        let tree = apteryx_schema::syntax::parse_bytes(&bytes);
        for d in tree
            .errors()
            .iter()
            .cloned()
            .chain(apteryx_schema::validate::validate(&grammar, &tree))
        {
            bad = true;
            println!("{file}:{}: {}: {} [{}]", d.span.start, d.code, d.message, d.label);
        }
    }
    ExitCode::from(u8::from(bad))
}
