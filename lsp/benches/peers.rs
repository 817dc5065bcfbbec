//! Our server beside others of its kind, in one run: VS Code's HTML server on the same XML, the YAML language server on the same
//! YAML (with a schema that asks next to nothing). Prints medians of what an author waits for, and ratios; judges nothing.
//!
//! `npm install --prefix target/peers vscode-langservers-extracted@4.10.0 yaml-language-server@2.0.0`, build the release binary, then
//! `cargo bench -p apteryx-lsp --bench peers`. `APTERYX_PEERS` names another folder, `APTERYX_BIN` another binary.
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

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::Server;
use serde_json::{Value, json};

/// Opened servers per row; within each, so many keystrokes and completions.
const STARTS: usize = 5;
const EACH: usize = 60;

/// What is measured of one server.
#[derive(Default)]
struct Measured {
    start: Vec<Duration>,
    keystroke: Vec<Duration>,
    completion: Vec<Duration>,
    memory: f64,
}

/// One server on one text.
#[derive(Clone, Copy)]
struct Case<'c> {
    program: &'c Path,
    args: &'c [&'c str],
    options: &'c Value,
    /// What it is told before the text is opened.
    settings: &'c Value,
    language: &'c str,
    uri: &'c str,
    text: &'c str,
    /// The line of a package's name near the end, and the column behind the name.
    place: (usize, usize),
    /// Where an element or a key may be written.
    empty: (usize, usize),
    /// It publishes findings; else an outline is asked for in their place.
    publishes: bool,
}

impl Case<'_> {
    fn known(&self, server: &mut Server, version: usize) {
        if self.publishes {
            server.until(|m| {
                let params = &m["params"];
                let fits = params["version"].is_null() || params["version"] == version;
                m["method"] == "textDocument/publishDiagnostics" && params["uri"] == self.uri && fits
            });
            return;
        }
        let id = 100_000 + version;
        server.send(json!({"id":id,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":self.uri}}}));
        server.until(|m| m["id"] == id);
    }

    fn measure(&self) -> Measured {
        let mut all = Measured::default();
        for _ in 0..STARTS {
            let begun = Instant::now();
            let mut server = Server::of(self.program, self.args, self.options);
            server.send(
                json!({"method":"workspace/didChangeConfiguration","params":{"settings":self.settings}}),
            );
            server.show(self.uri, self.language, self.text);
            self.known(&mut server, 0);
            all.start.push(begun.elapsed());
            for n in 0..EACH {
                let at = json!({"line":self.place.0,"character":self.place.1 + n});
                let begun = Instant::now();
                server.send(json!({"method":"textDocument/didChange","params":{
                    "textDocument":{"uri":self.uri,"version":n + 1},
                    "contentChanges":[{"range":{"start":at,"end":at},"text":"x"}]}}));
                self.known(&mut server, n + 1);
                all.keystroke.push(begun.elapsed());
            }
            for n in 0..EACH {
                let at = json!({"line":self.empty.0,"character":self.empty.1});
                let begun = Instant::now();
                server.send(json!({"id":n + 1000,"method":"textDocument/completion","params":{
                    "textDocument":{"uri":self.uri},"position":at}}));
                let answer = server.until(|m| m["id"] == n + 1000);
                assert!(
                    answer["result"].is_object() || answer["result"].is_array(),
                    "{answer}"
                );
                all.completion.push(begun.elapsed());
            }
            all.memory = all.memory.max(server.memory());
        }
        all
    }
}

/// Milliseconds that a share of the times is below.
fn at(times: &mut [Duration], share: f64) -> f64 {
    times.sort();
    times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0
}

fn compare(title: &str, mut ours: Measured, mut theirs: Measured) {
    println!(
        "\n{title}\n{:<34} {:>10} {:>10} {:>8}",
        "milliseconds", "apteryx", "peer", "ratio"
    );
    let rows: [(&str, fn(&mut Measured) -> f64); 6] = [
        ("start, median", |m| at(&mut m.start, 0.5)),
        ("keystroke, median", |m| at(&mut m.keystroke, 0.5)),
        ("keystroke, p99", |m| at(&mut m.keystroke, 0.99)),
        ("completion, median", |m| at(&mut m.completion, 0.5)),
        ("completion, p99", |m| at(&mut m.completion, 0.99)),
        ("resident memory, MB", |m| m.memory),
    ];
    for (name, of) in rows {
        let (a, b) = (of(&mut ours), of(&mut theirs));
        println!("{name:<34} {a:>10.2} {b:>10.2} {:>7.1}x", b / a);
    }
}

fn packages(line: impl Fn(usize) -> String) -> String {
    (0..200).map(line).collect()
}

fn main() {
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let named = |name: &str, or: PathBuf| std::env::var_os(name).map_or(or, PathBuf::from);
    let peers = named("APTERYX_PEERS", root.join("target/peers"));
    let beside = std::env::current_exe().unwrap();
    let beside = beside.parent().unwrap().parent().unwrap().join("apteryx");
    let binary = named("APTERYX_BIN", beside);
    let bin = peers.join("node_modules/.bin");
    let (html, yaml) = (
        bin.join("vscode-html-language-server"),
        bin.join("yaml-language-server"),
    );
    for peer in [&html, &yaml] {
        if !peer.exists() {
            eprintln!(
                "SKIPPED: `{}` is not there; the first lines of this bench say how to get it",
                peer.display()
            );
            return;
        }
    }
    let nothing = json!({});
    let none = json!({"apteryx":{"packages":{"lookup":"never"}}});
    let head = "<image schemaversion=\"8.5\" name=\"a\">\n<description type=\"system\"><author>A</author><contact>a@example.org</contact><specification>s</specification></description>\n<preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image=\"tbz\"/></preferences>\n<repository type=\"apt-deb\" distribution=\"stable\" components=\"main\"><source path=\"https://ftp.debian.org/debian\"/></repository>\n<packages type=\"bootstrap\"><package name=\"base-files\"/></packages>\n<packages type=\"image\">\n\n";
    let list = packages(|n| format!("<package name=\"generated-package-{n:06}\"/>\n"));
    let text = format!("{head}{list}</packages>\n</image>\n");
    let column = "<package name=\"generated-package-000000".len();
    let ours = Case {
        program: &binary,
        args: &["lsp", "--stdio"],
        options: &none,
        settings: &none,
        language: "xml",
        uri: "file:///nowhere/config.xml",
        text: &text,
        place: (200, column),
        empty: (6, 0),
        publishes: false,
    };
    let theirs = Case {
        program: &html,
        args: &["--stdio"],
        options: &nothing,
        settings: &nothing,
        language: "html",
        uri: "file:///nowhere/config.html",
        text: &text,
        ..ours
    };
    let title = "XML of 10 kB, to the outline, VS Code's HTML server (which judges nothing):";
    compare(title, ours.measure(), theirs.measure());
    let head = "image:\n  \"@schemaversion\": \"8.5\"\n  \"@name\": a\n  description:\n    \"@type\": system\n    author: A\n    contact: a@example.org\n    specification: s\n  preferences:\n    version: 1.0.0\n    packagemanager: apt\n    type:\n      \"@image\": tbz\n  packages:\n    \"@type\": image\n    package:\n";
    let list = packages(|n| format!("    - \"@name\": generated-package-{n:06}\n"));
    let text = format!("{head}{list}");
    let folder = std::env::temp_dir().join("apteryx-peers");
    std::fs::create_dir_all(&folder).unwrap();
    let schema = folder.join("schema.json");
    let rule = json!({"type":"object","required":["image"],"properties":{"image":{"type":"object","required":["@name"]}}});
    std::fs::write(&schema, rule.to_string()).unwrap();
    let ours = Case {
        language: "yaml",
        uri: "file:///nowhere/config.yaml",
        text: &text,
        place: (200, "    - \"@name\": generated-package-000000".len()),
        empty: (2, 2),
        publishes: true,
        ..ours
    };
    let settings = json!({"yaml":{"validate":true,"schemaStore":{"enable":false},
        "schemas":{format!("file://{}", schema.display()):["config.yaml"]}}});
    let theirs = Case {
        program: &yaml,
        args: &["--stdio"],
        options: &nothing,
        settings: &settings,
        ..ours
    };
    let title =
        "YAML of 9 kB, to the findings, the YAML language server (which waits 200 ms for more to be typed):";
    compare(title, ours.measure(), theirs.measure());
}
