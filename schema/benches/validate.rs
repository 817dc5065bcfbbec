//! How long parsing and validating take, without process start: medians on a real description (where `../shared` is
//! there) and on generated ones up to 200,000 packages, and what `xmllint` and `jing` need for the same files.
//! Run with `cargo bench -p apteryx-schema --bench validate`, with `-- repair` for the cost of repair alone
//! and `-- rules` for the rows without peers; nothing here judges whether a figure is good.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use apteryx_schema::grammar::{Grammar, load_file, load_str};
use apteryx_schema::{check, migrate, syntax, validate};

#[path = "../tests/dense/mod.rs"]
mod dense;
#[path = "../tests/dense/foreign.rs"]
mod foreign;

/// A valid description with that many packages.
fn generated(packages: usize) -> String {
    let mut out = String::from(
        r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="bench">
    <description type="system">
        <author>Example</author>
        <contact>example@example.org</contact>
        <specification>Many packages</specification>
    </description>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>apt</packagemanager>
        <type image="oem" filesystem="ext4" firmware="uefi"/>
    </preferences>
    <repository>
        <source path="https://deb.debian.org/debian"/>
    </repository>
    <packages type="image">
"#,
    );
    for n in 0..packages {
        let _ = writeln!(out, "        <package name=\"package-with-number-{n:06}\"/>");
    }
    out.push_str("    </packages>\n    <packages type=\"bootstrap\">\n        <package name=\"base-files\"/>\n    </packages>\n</image>\n");
    out
}

fn median(mut run: impl FnMut()) -> Duration {
    let started = Instant::now();
    let mut times = Vec::new();
    while times.len() < 5 || times.len() < 301 && started.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A valid description with as many elements, or as many attributes where those are more, as a tree has.
fn as_large(tree: &syntax::Tree) -> syntax::Tree {
    let elements = || {
        tree.all()
            .filter(|&n| tree.node(n).kind == syntax::NodeKind::Element)
    };
    let attributes = elements().map(|n| tree.attrs(n).len()).sum();
    syntax::parse(&dense::document(elements().count().max(attributes), 0, 0))
}

/// What repair costs beside a clean validation of a description with as many elements, by kind and number of faults.
fn repair() {
    let grammar = Grammar::kiwi();
    println!("repair beside a clean validation of as many elements:");
    let sizes = [(5_000, 1), (200, 200), (5_000, 5_000), (50_000, 5_000)];
    let wanted: Option<usize> = std::env::args().filter_map(|a| a.parse().ok()).next();
    for (kind, name) in (0..)
        .zip(dense::KINDS)
        .filter(|k| wanted.is_none_or(|w| w == k.0))
    {
        println!("  {name}");
        for (packages, faults) in sizes {
            let time = |tree: &syntax::Tree| {
                let mut found = Vec::new();
                let parse = median(|| {
                    black_box(syntax::parse(black_box(tree.text())));
                });
                let judge = median(|| found = validate::validate(grammar, black_box(tree)));
                (parse, judge, found.len())
            };
            let tree = syntax::parse(&dense::document(packages, faults, kind));
            let (parse, clean, _) = time(&as_large(&tree));
            let (bad_parse, bad, found) = time(&tree);
            println!(
                "{packages:>10} packages, {faults:>6} faulty: {found:>6} messages, validate {:>8.1} us clean, {:>10.1} us ({:.1}x); with parsing {:.1}x; {:.0} ns each",
                clean.as_secs_f64() * 1e6,
                bad.as_secs_f64() * 1e6,
                bad.as_secs_f64() / clean.as_secs_f64(),
                (bad + bad_parse).as_secs_f64() / (clean + parse).as_secs_f64(),
                (bad.as_secs_f64() - clean.as_secs_f64()) / faults as f64 * 1e9,
            );
        }
    }
    if wanted.is_some() {
        return;
    }
    println!(
        "validating beside a valid description of as many elements, or of as many bytes where those take longer:"
    );
    for (kind, name) in (0..).zip(dense::SHAPES) {
        for size in [50_000, 400_000] {
            let text = dense::shape(kind, size);
            let tree = syntax::parse(&text);
            let clean = |clean: syntax::Tree| {
                median(|| {
                    black_box(validate::validate(grammar, black_box(&clean)));
                })
            };
            let by_bytes = clean(syntax::parse(&dense::document(text.len() / 53, 0, 0)));
            let good = clean(as_large(&tree)).max(by_bytes);
            let bad = median(|| {
                black_box(validate::validate(grammar, black_box(&tree)));
            });
            let found = validate::validate(grammar, &tree);
            println!(
                "{name:>36}, {:>7} bytes: {:>6} messages, {:>9.1} us ({:.1}x)",
                text.len(),
                found.len(),
                bad.as_secs_f64() * 1e6,
                bad.as_secs_f64() / good.as_secs_f64(),
            );
        }
    }
    repair_by_others();
}

/// The same by grammars of others, each read anew: what they have found out of one document counts for no other.
fn repair_by_others() {
    println!(
        "the first validation by another grammar, beside that of a valid text of the same kind and weight:"
    );
    for (kind, (name, grammar)) in foreign::documents().enumerate() {
        for size in [50_000, 400_000] {
            let tree = syntax::parse(&foreign::foreign(kind, false, size));
            let first = |tree: &syntax::Tree| {
                let mut times: Vec<Duration> = Vec::new();
                let mut found = 0;
                for _ in 0..25 {
                    let Ok(fresh) = load_str(&grammar, &foreign::Nothing) else {
                        break;
                    };
                    let start = Instant::now();
                    found = black_box(validate::validate(&fresh, black_box(tree))).len();
                    times.push(start.elapsed());
                }
                times.sort();
                (times.get(times.len() / 2).copied().unwrap_or_default(), found)
            };
            let same = syntax::parse(&foreign::foreign(kind, true, size));
            let heavy = size * foreign::weight(&tree) / foreign::weight(&same);
            let heavy = syntax::parse(&foreign::foreign(kind, true, heavy));
            let good = first(&same).0.max(first(&heavy).0);
            let (bad, found) = first(&tree);
            println!(
                "{name:>40}, {size:>7} bytes: {found:>6} messages, {:>9.1} us ({:.1}x)",
                bad.as_secs_f64() * 1e6,
                bad.as_secs_f64() / good.as_secs_f64(),
            );
        }
    }
}

/// How long a command takes and whether it found the file valid; none where it cannot run.
fn peer(command: &[&str], schema: &Path, file: &Path) -> Option<(Duration, bool)> {
    let (program, arguments) = command.split_first()?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .arg(schema)
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    Some((start.elapsed(), status.success()))
}

/// Emacs' nxml-mode as a judge in batch: it ends with 1 where it finds an error. It reads the compact syntax
/// only, which `trang` makes.
const NXML: &[&str] = &["emacs", "--batch", "-Q", "--eval", NXML_JUDGE];
const NXML_JUDGE: &str = "(let ((schema (pop command-line-args-left)) (file (pop command-line-args-left))) \
    (require 'nxml-mode) (require 'rng-xsd) (find-file file) (nxml-mode) (rng-set-schema-file-1 schema) \
    (rng-validate-mode 1) (while (rng-do-some-validation)) (kill-emacs (if (> rng-error-count 0) 1 0)))";

/// The most memory this process has had, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("");
    let kilobytes = line.split_whitespace().nth(1).and_then(|n| n.parse().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// True where the command line has that word.
fn asked(word: &str) -> bool {
    std::env::args().any(|a| a == word)
}

fn row(name: &str, text: &str, schema: &Path, folder: &Path) {
    let grammar = Grammar::kiwi();
    let mut tree = syntax::parse(text);
    let upgraded = migrate::migrate(&mut tree, None).is_ok();
    let found = validate::validate(grammar, &tree).len();
    let parse = median(|| {
        black_box(syntax::parse(black_box(text)));
    });
    let judge = median(|| {
        black_box(validate::validate(grammar, black_box(&tree)));
    });
    // The whole judgement as `apteryx check` has it: parse, migrate, validate, every rule on every view.
    let whole = median(|| {
        black_box(check::check(
            Path::new("bench.kiwi"),
            text.as_bytes(),
            check::Options::default(),
        ));
    });
    let both = (parse + judge).as_secs_f64();
    print!(
        "{name:<24} {:>9.1} kB  parse {:>9.1} us  validate {:>9.1} us  both {:>9.1} us  with all rules {:>9.1} us  {:>6.1} MB/s  peak {:>6.1} MB",
        text.len() as f64 / 1e3,
        parse.as_secs_f64() * 1e6,
        judge.as_secs_f64() * 1e6,
        both * 1e6,
        whole.as_secs_f64() * 1e6,
        text.len() as f64 / both / 1e6,
        peak()
    );
    print!("{}", if found == 0 && upgraded { "" } else { "  INVALID" });
    let file = folder.join("bench.xml");
    if !asked("rules") && std::fs::write(&file, text).is_ok() && text.len() < 3_000_000 {
        for (label, command) in [
            ("xmllint", &["xmllint", "--noout", "--relaxng"][..]),
            ("jing", &["jing"][..]),
            ("nxml-mode", NXML),
        ] {
            let rnc = folder.join("kiwi.rnc");
            let schema = if label == "nxml-mode" { &rnc } else { schema };
            if !schema.exists() {
                print!("  {label} SKIPPED: no `trang` to write the compact schema");
                continue;
            }
            match peer(command, schema, &file) {
                Some((time, valid)) => print!(
                    "  {label} {:.0} ms ({:.0}x{})",
                    time.as_secs_f64() * 1e3,
                    time.as_secs_f64() / both,
                    if valid { "" } else { ", refused" }
                ),
                None => print!("  {label} SKIPPED: not installed"),
            }
        }
    }
    println!();
}

fn main() {
    if asked("repair") {
        return repair();
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let schema = here.join("grammar/kiwi.rng");
    let folder = std::env::temp_dir().join(format!("apteryx-bench-{}", std::process::id()));
    if std::fs::create_dir_all(&folder).is_err() {
        println!("SKIPPED: no temporary folder");
        return;
    }
    // For nxml-mode; where it cannot run, that peer is skipped and says so.
    let _ = peer(&["trang"], &schema, &folder.join("kiwi.rnc"));
    let load = median(|| {
        black_box(load_file(&schema).is_ok());
    });
    println!(
        "loading the grammar from its files: {:.2} ms",
        load.as_secs_f64() * 1e3
    );
    let cold = {
        let tree = syntax::parse(&generated(100));
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..5 {
            if let Ok(fresh) = load_file(&schema) {
                let start = Instant::now();
                black_box(validate::validate(&fresh, &tree));
                times.push(start.elapsed());
            }
        }
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    println!(
        "the first validation by a fresh grammar: {:.2} ms",
        cold.as_secs_f64() * 1e3
    );
    let shared = std::env::var_os("APTERYX_SHARED").map_or_else(|| here.join("../../shared"), PathBuf::from);
    let real = "test-data__description.buildservice__appliance.kiwi";
    match std::fs::read_to_string(shared.join("corpus").join(real)) {
        Ok(text) => row("largest real one", &text, &schema, &folder),
        Err(_) => println!("SKIPPED: no corpus in {}", shared.display()),
    }
    if !asked("rules") {
        repair();
    }
    println!("growth:");
    for packages in [200, 2_000, 10_000, 20_000, 50_000, 100_000, 200_000] {
        row(
            &format!("{packages} packages"),
            &generated(packages),
            &schema,
            &folder,
        );
    }
    let _ = std::fs::remove_file(folder.join("bench.xml"));
    let left = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    left.for_each(|f| drop(std::fs::remove_file(f.path())));
    let _ = std::fs::remove_dir(&folder);
}
