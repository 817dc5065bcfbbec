//! How long an author waits: the real binary over stdio, timed from the outside. Prints one table; judges nothing.
//!
//! Build it first (`cargo build --release -p apteryx`), then `cargo bench -p apteryx-lsp`. `APTERYX_BIN` names another
//! binary. Package completion is measured where the example's package lists are on disk (`apteryx prepare` brings them).
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod client;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use client::Server;
use serde_json::json;

const EXAMPLE: &str = include_str!("../../examples/debian-minimal/config.xml");

fn row(what: &str, (mut times, busy): (Vec<Duration>, Duration), goal: &str) {
    times.sort();
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    let at = |share: f64| ms(times[((times.len() - 1) as f64 * share).round() as usize]);
    println!(
        "{what:<46} {:>6} {:>10.3} {:>10.3} {:>10.3} {:>10.3}  {goal}",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        ms(busy) / times.len() as f64,
    );
}

/// The example with more packages, of at least `size` bytes.
fn description(size: usize) -> String {
    let (head, tail) = EXAMPLE.split_at(EXAMPLE.rfind("    </packages>").unwrap());
    let mut text = head.to_owned();
    let mut n = 0;
    while text.len() + tail.len() < size {
        text.push_str(&format!("        <package name=\"generated-package-{n:06}\"/>\n"));
        n += 1;
    }
    text + tail
}

/// The example with packages of those names, as many as fit into `size` bytes.
fn with_names(names: &[String], size: usize) -> String {
    let (head, tail) = EXAMPLE.split_at(EXAMPLE.rfind("    </packages>").unwrap());
    let mut text = head.to_owned();
    for name in names.iter().filter(|n| !head.contains(&format!("\"{n}\""))) {
        if text.len() + tail.len() >= size {
            break;
        }
        text.push_str(&format!("        <package name=\"{name}\"/>\n"));
    }
    text + tail
}

/// Names that the repositories have; none where their lists are not on disk.
fn names(server: &mut Server, uri: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (n, prefix) in ["pyth", "golang", "ruby", "perl"].iter().enumerate() {
        let text = EXAMPLE.replacen("name=\"login\"", &format!("name=\"{prefix}\""), 1);
        let at = text.find(&format!("<package name=\"{prefix}\"")).unwrap();
        let line = text[..at].matches('\n').count();
        let character = text.lines().nth(line).unwrap().find("name=\"").unwrap() + 6 + prefix.len();
        server.open(uri, &text);
        server.send(json!({"id":500 + n,"method":"textDocument/completion","params":{
            "textDocument":{"uri":uri},"position":{"line":line,"character":character}}}));
        let answer = server.until(|m| m["id"] == 500 + n);
        let items = answer["result"]["items"].as_array().into_iter().flatten();
        names.extend(items.filter_map(|i| i["label"].as_str().map(str::to_owned)));
    }
    names
}

/// One letter more in a package's name at the end of the text, `count` times; each until its findings are there.
fn keystrokes(server: &mut Server, uri: &str, text: &str, count: usize) -> (Vec<Duration>, Duration) {
    server.open(uri, text);
    let busy = server.busy();
    let line = text.lines().count() - 3;
    let column = text.lines().nth(line).unwrap().find("\"/>").unwrap();
    let times = (0..count)
        .map(|n| {
            let at = json!({"line":line,"character":column + n});
            let begun = Instant::now();
            server.send(json!({"method":"textDocument/didChange","params":{
                "textDocument":{"uri":uri,"version":n + 1},
                "contentChanges":[{"range":{"start":at,"end":at},"text":"x"}]}}));
            server.findings(uri, n + 1);
            begun.elapsed()
        })
        .collect();
    (times, server.busy() - busy)
}

fn completions(server: &mut Server, uri: &str) -> Option<(Vec<Duration>, Duration)> {
    let (mut times, mut used) = (Vec::new(), Duration::ZERO);
    let typed = [
        "",
        "l",
        "li",
        "lib",
        "libp",
        "python3-",
        "openssh-sever",
        "ssh",
        "linux-image",
        "zz",
    ];
    for n in 0..300 {
        let prefix = typed[n % typed.len()];
        let marked = EXAMPLE.replacen("name=\"login\"", &format!("name=\"{prefix}\""), 1);
        let line = marked[..marked.find(&format!("<package name=\"{prefix}\"")).unwrap()]
            .matches('\n')
            .count();
        server.open(uri, &marked);
        let id = 1000 + n;
        let character = marked.lines().nth(line).unwrap().find("name=\"").unwrap() + 6 + prefix.len();
        let busy = server.busy();
        let begun = Instant::now();
        server.send(json!({"id":id,"method":"textDocument/completion","params":{
            "textDocument":{"uri":uri},"position":{"line":line,"character":character}}}));
        let answer = server.until(|m| m["id"] == id);
        times.push(begun.elapsed());
        used += server.busy() - busy;
        if n == 1 && answer["result"]["items"].as_array().is_none_or(Vec::is_empty) {
            return None;
        }
    }
    Some((times, used))
}

/// Every kind of measurement, or those whose name holds a word of the command line.
fn main() {
    // `cargo test --benches` also starts this; a measurement is only asked for by `cargo bench`.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let asked = |name: &str| words.is_empty() || words.iter().any(|w| name.contains(w.as_str()));
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("apteryx"));
    let binary = std::env::var_os("APTERYX_BIN")
        .map(PathBuf::from)
        .or_else(beside)
        .unwrap();
    println!("{}", binary.display());
    println!(
        "{:<46} {:>6} {:>10} {:>10} {:>10} {:>10}  goal",
        "milliseconds", "count", "p50", "p99", "max", "cpu each"
    );
    let uri = "file:///nowhere/config.xml";
    let (small, large) = (description(13_000), description(5_000_000));
    if asked("start") {
        let mut busy = Duration::ZERO;
        let starts = (0..30)
            .map(|_| {
                let begun = Instant::now();
                let mut server = Server::start(&binary);
                server.open(uri, &small);
                let time = begun.elapsed();
                busy += server.busy();
                time
            })
            .collect();
        row("start to first diagnostics, 13 kB", (starts, busy), "50");
    }
    let mut server = Server::start(&binary);
    if asked("keystroke") {
        let known = names(&mut server, uri);
        if known.is_empty() {
            eprintln!("SKIPPED: names that are known need the lists of the example's repositories on disk");
        } else {
            let text = with_names(&known, 13_000);
            let times = keystrokes(&mut server, uri, &text, 500);
            row("keystroke to diagnostics, 13 kB", times, "p99 2");
        }
        let times = keystrokes(&mut server, uri, &small, 500);
        row("the same, no repository has the names", times, "p99 2");
    }
    let quiet = server.memory();
    if asked("completion") {
        let example = std::env::temp_dir().join("apteryx-bench/config.xml");
        match completions(&mut server, &format!("file://{}", example.display())) {
            Some(times) => row("completion of package names", times, "p99 5"),
            None => {
                eprintln!("SKIPPED: package completion needs the lists of the example's repositories on disk")
            }
        }
    }
    let with_lists = server.memory();
    let mut server = Server::start(&binary);
    if asked("large") {
        let times = keystrokes(&mut server, uri, &large, 40);
        row("keystroke to diagnostics, 5 MB", times, "p99 150");
    }
    println!(
        "resident memory: {quiet:.1} MB at 13 kB, {with_lists:.1} MB after package completion (goal 60), {:.1} MB at 5 MB",
        server.memory()
    );
}
