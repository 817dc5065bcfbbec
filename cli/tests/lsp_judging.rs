//! What is published when: includes in their own files, other mark-ups in their own places, and no outdated work in the
//! way of the newest text.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod flat_repository;
mod lsp_client;

use std::path::Path;
use std::time::{Duration, Instant};

use flat_repository::repository;
use lsp_client::Server;
use serde_json::{Value, json};

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn server(cache: &Path) -> Server {
    let never = json!({"apteryx":{"packages":{"lookup":"never"}}});
    Server::start(json!({}), never, cache)
}

/// The next findings of a document.
fn findings(server: &mut Server, uri: &str) -> Value {
    let wanted = |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri;
    server.until(wanted)["params"]["diagnostics"].clone()
}

/// Their codes, where they begin.
fn places(found: &Value) -> Vec<(String, u64, u64)> {
    let one = |d: &Value| {
        let start = &d["range"]["start"];
        let number = |key: &str| start[key].as_u64().unwrap();
        (
            d["code"].as_str().unwrap().to_owned(),
            number("line"),
            number("character"),
        )
    };
    found.as_array().unwrap().iter().map(one).collect()
}

fn change(server: &mut Server, uri: &str, version: u64, at: (usize, usize), to: (usize, usize), text: &str) {
    let place = |(line, character): (usize, usize)| json!({"line":line,"character":character});
    server.send(json!({"method":"textDocument/didChange","params":{
        "textDocument":{"uri":uri,"version":version},
        "contentChanges":[{"range":{"start":place(at),"end":place(to)},"text":text}]}}));
}

const HEAD: &str = r#"<image schemaversion="8.5" name="a">
<description type="system"><author>A</author><contact>a@example.org</contact><specification>s</specification></description>
<preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image="tbz"/></preferences>
"#;

/// What a description has to have besides, so that no rule has a word on it.
const BESIDES: &str = r#"<repository type="apt-deb" components="main" distribution="trixie"><source path="https://ftp.debian.org/debian"/></repository>
<packages type="bootstrap"><package name="base-files"/></packages>
"#;

#[test]
fn a_fault_in_an_included_file_is_told_there_also_while_that_file_is_edited() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (main, part) = (folder.path().join("config.xml"), folder.path().join("part.xml"));
    let inside = "<image>\n<packages type=\"image\"><package nam=\"bash\"/></packages>\n</image>\n";
    std::fs::write(&part, inside).unwrap();
    let text = format!("{HEAD}{BESIDES}<include from=\"this://part.xml\"/>\n</image>\n");
    std::fs::write(&main, &text).unwrap();
    let mut server = server(cache.path());
    server.open(&uri(&main), 1, &text);
    let own = findings(&mut server, &uri(&main));
    assert_eq!(places(&own), [], "nothing is wrong in the description itself");
    let there = findings(&mut server, &uri(&part));
    let name = inside.lines().nth(1).unwrap().find("nam=").unwrap() as u64;
    assert_eq!(
        places(&there).first().map(|p| (p.1, p.2)),
        Some((1, name)),
        "{there}"
    );
    // The editor's text of the part counts, not that on disk.
    server.open(&uri(&part), 1, inside);
    let at = (1, name as usize + 3);
    change(&mut server, &uri(&part), 2, at, at, "e");
    loop {
        let there = findings(&mut server, &uri(&part));
        if places(&there).is_empty() {
            break;
        }
    }
    // And when the description is closed, the part has no findings of it.
    let at = (1, 0);
    change(&mut server, &uri(&part), 3, at, at, "<nonsense/>");
    while places(&findings(&mut server, &uri(&part))).is_empty() {}
    server.send(json!({"method":"textDocument/didClose","params":{"textDocument":{"uri":uri(&main)}}}));
    assert_eq!(places(&findings(&mut server, &uri(&part))), []);
}

#[test]
fn a_description_in_yaml_has_its_findings_in_its_own_lines() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("config.yaml");
    let text = "image:\n  \"@schemaversion\": \"8.5\"\n  \"@name\": a\n  \"@displayame\": b\n  description:\n    \
                \"@type\": system\n    author: A\n    contact: a@example.org\n    specification: s\n  preferences:\n    \
                version: 1.0.0\n    packagemanager: apt\n    type:\n      \"@image\": tbz\n  repository:\n    \"@type\": apt-deb\n    \
                \"@components\": main\n    \"@distribution\": trixie\n    source:\n      \"@path\": https://ftp.debian.org/debian\n  \
                packages:\n    \"@type\": bootstrap\n    package:\n      \"@name\": base-files\n";
    let mut server = server(cache.path());
    server.open(&uri(&path), 1, text);
    let found = findings(&mut server, &uri(&path));
    let lines: Vec<u64> = places(&found).iter().map(|p| p.1).collect();
    assert_eq!(lines, [3], "{found}");
    assert!(found.to_string().contains("displayname"), "{found}");
}

#[test]
fn a_long_search_for_package_names_does_not_delay_the_next_keystrokes() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let repo = folder.path().join("repo");
    repository(&repo, (0..20_000).map(|n| format!("python3-module-{n:05}")));
    let wrong: String = (0..300)
        .map(|n| format!("<package name=\"pyton3-modul-{n:05}\"/>\n"))
        .collect();
    let source = format!(
        "<repository type=\"apt-deb\" alias=\"small\" repository_gpgcheck=\"false\"><source path=\"file://{}\"/></repository>",
        repo.display()
    );
    let text = format!("{HEAD}{source}\n<packages type=\"image\">\n{wrong}</packages>\n</image>\n");
    let uri = uri(&folder.path().join("config.xml"));
    let allow = json!({"apteryx":{"packages":{"lookup":"allow"}}});
    let mut server = Server::start(json!({}), allow, cache.path());
    server.open(&uri, 1, &text);
    server.command(6, "apteryx.refreshPackages", json!({"uri":uri}));
    assert_eq!(
        server.until(|m| m["id"] == 6)["result"]["message"],
        "20000 packages"
    );
    // From here on the names are searched for; each letter typed at the name of the image is judged meanwhile.
    let named = |m: &Value| m.to_string().contains("package-not-found");
    let seen = server.seen.len();
    let begun = Instant::now();
    for version in 2..12 {
        change(&mut server, &uri, version, (0, 34), (0, 34), "x");
        server
            .until(|m| m["method"] == "textDocument/publishDiagnostics" && m["params"]["version"] == version);
    }
    let typed = begun.elapsed();
    assert!(
        !server.seen.iter().skip(seen).any(named),
        "the search ended too early to be in the way"
    );
    assert!(typed < Duration::from_secs(10), "ten keystrokes took {typed:?}");
    // What was found out meanwhile is kept, and said when all is.
    server.until(named);
    let searched = begun.elapsed();
    assert!(typed < searched, "{typed:?} of {searched:?}");
}

#[test]
fn a_large_description_has_its_grammar_at_once_and_the_rules_when_nobody_types() {
    let cache = tempfile::tempdir().unwrap();
    let many: String = (0..25_000)
        .map(|n| format!("<package name=\"generated-package-{n:06}\"/>\n"))
        .collect();
    let twice = "<package name=\"bash\"/>\n<package name=\"bash\"/>\n";
    let source = "<repository type=\"apt-deb\" distribution=\"stable\" components=\"main\"><source path=\"https://deb.debian.org/debian\"/></repository><packages type=\"bootstrap\"><package name=\"base-files\"/></packages>";
    let text = format!("{HEAD}{source}<packages type=\"image\">\n{twice}{many}</packages>\n</image>\n");
    assert!(text.len() > 1 << 20);
    let uri = "file:///nowhere/config.xml";
    let mut server = server(cache.path());
    server.open(uri, 1, &text);
    let codes = |found: &Value| -> Vec<String> { places(found).into_iter().map(|p| p.0).collect() };
    assert!(
        codes(&server.findings(1)).is_empty(),
        "the grammar has nothing to say"
    );
    assert_eq!(
        codes(&server.findings(1)),
        ["duplicate-package"],
        "the rules have"
    );
    // What they found stays while the text is edited elsewhere, and moves with it.
    change(&mut server, uri, 2, (0, 34), (0, 34), "\n");
    let found = server.findings(2);
    assert_eq!(places(&found), [("duplicate-package".to_owned(), 6, 15)]);
}

/// The answer to the code actions at a place.
fn actions(server: &mut Server, id: u64, uri: &str, at: (usize, usize)) -> Vec<Value> {
    let place = json!({"line":at.0,"character":at.1});
    server.send(json!({"id":id,"method":"textDocument/codeAction","params":{
        "textDocument":{"uri":uri},"range":{"start":place,"end":place},"context":{"diagnostics":[]}}}));
    server.until(|m| m["id"] == id)["result"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn the_levels_beside_a_description_count_and_their_change_judges_anew() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("a")).unwrap();
    let main = folder.path().join("a/config.xml");
    let levels = folder.path().join(".apteryx.toml");
    let twice = "<packages type=\"image\"><package name=\"bash\"/><package name=\"bash\"/></packages>";
    let source = "<repository type=\"apt-deb\" distribution=\"stable\" components=\"main\"><source path=\"https://deb.debian.org/debian\"/></repository><packages type=\"bootstrap\"><package name=\"base-files\"/></packages>";
    let text = format!("{HEAD}{source}{twice}\n</image>\n");
    std::fs::write(&main, &text).unwrap();
    std::fs::write(&levels, "[checks]\nduplicate-package = \"off\"\n").unwrap();
    let mut server = server(cache.path());
    server.open(&uri(&main), 1, &text);
    assert_eq!(places(&findings(&mut server, &uri(&main))), []);
    let column = text.lines().nth(3).unwrap().rfind("bash").unwrap();
    assert_eq!(
        actions(&mut server, 5, &uri(&main), (3, column)),
        Vec::<Value>::new()
    );
    let changed = json!({"method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":uri(&levels),"type":2}]}});
    std::fs::write(&levels, "[checks]\nduplicate-package = \"error\"\n").unwrap();
    server.send(changed.clone());
    let found = findings(&mut server, &uri(&main));
    assert_eq!(
        (&found[0]["code"], &found[0]["severity"]),
        (&json!("duplicate-package"), &json!(1))
    );
    // A fault in the file is told there, and the description is judged without it.
    std::fs::write(&levels, "[checks]\nduplicate-package = \"loud\"\n").unwrap();
    server.send(changed.clone());
    let found = findings(&mut server, &uri(&main));
    assert_eq!(found[0]["severity"], 3, "{found}");
    let fault = findings(&mut server, &uri(&levels));
    assert_eq!(
        fault[0]["range"]["start"],
        json!({"line":1,"character":20}),
        "{fault}"
    );
    // So is a code that there is none of.
    std::fs::write(&levels, "[checks]\nduplicate-packages = \"off\"\n").unwrap();
    server.send(changed.clone());
    let fault = findings(&mut server, &uri(&levels));
    assert_eq!(
        fault[0]["range"]["end"],
        json!({"line":1,"character":18}),
        "{fault}"
    );
    let said = fault[0]["message"].as_str().unwrap();
    let near = "there is no code `duplicate-packages`\nnearest: `duplicate-package`";
    assert!(said.starts_with(near), "{said}");
    std::fs::remove_file(&levels).unwrap();
    server.send(changed);
    assert_eq!(findings(&mut server, &uri(&levels)), json!([]));
}

#[test]
fn an_included_document_has_the_fixes_of_its_own_findings() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("parts")).unwrap();
    let (main, part) = (
        folder.path().join("config.xml"),
        folder.path().join("parts/more.xml"),
    );
    let inside = "<image>\n<packages type=\"image\"><package nam=\"ä\"/></packages>\n</image>\n";
    let text = format!("{HEAD}<include from=\"this://./parts/../parts/more.xml\"/>\n</image>\n");
    std::fs::write(&part, inside).unwrap();
    std::fs::write(&main, &text).unwrap();
    let mut server = server(cache.path());
    server.open(&uri(&main), 1, &text);
    while findings(&mut server, &uri(&part)).as_array().unwrap().is_empty() {}
    server.open(&uri(&part), 1, inside);
    let column = inside.lines().nth(1).unwrap().find("nam=").unwrap();
    let fix = actions(&mut server, 5, &uri(&part), (1, column))[0].clone();
    assert_eq!(fix["kind"], "quickfix", "{fix}");
    let edit = &fix["edit"]["changes"][uri(&part)][0];
    assert_eq!(
        (&edit["newText"], &edit["range"]["start"]),
        (&json!("name"), &json!({"line":1,"character":column}))
    );
    // Also with the editor's own text of it, and while the description is broken.
    change(&mut server, &uri(&part), 2, (0, 0), (0, 0), "<!-- -->\n");
    let fix = actions(&mut server, 6, &uri(&part), (2, column))[0].clone();
    assert_eq!(
        fix["edit"]["changes"][uri(&part)][0]["range"]["start"]["line"],
        2,
        "{fix}"
    );
}

#[test]
fn a_finding_in_a_script_is_told_in_the_script() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (main, script) = (folder.path().join("config.xml"), folder.path().join("config.sh"));
    let text = format!("{HEAD}</image>\n");
    std::fs::write(&main, &text).unwrap();
    std::fs::write(&script, "#!/bin/bash\nif true; then\n").unwrap();
    let mut server = server(cache.path());
    server.open(&uri(&main), 1, &text);
    let found = findings(&mut server, &uri(&script));
    assert!(!places(&found).is_empty(), "{found}");
    let mended = "#!/bin/bash\ntrue\n";
    std::fs::write(&script, mended).unwrap();
    std::process::Command::new("chmod")
        .arg("755")
        .arg(&script)
        .status()
        .unwrap();
    server.send(json!({"method":"textDocument/didSave","params":{"textDocument":{"uri":uri(&main)}}}));
    while !places(&findings(&mut server, &uri(&script))).is_empty() {}
}

/// The codes that `apteryx check` finds in a file, where they begin.
fn checked(path: &Path) -> Vec<(String, u64, u64)> {
    let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_apteryx"));
    let out = check
        .args(["check", "--format", "json"])
        .arg(path)
        .output()
        .unwrap();
    let all: Value = serde_json::from_slice(&out.stdout).unwrap();
    places(&all["files"][0]["diagnostics"])
}

#[test]
fn a_text_in_another_encoding_than_it_says_is_told_that_alone_as_check_does() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = server(cache.path());
    let text = |encoding: &str| {
        let body = format!(
            "{HEAD}{BESIDES}<!-- \u{e4} --><packages type=\"image\"><package nam=\"bash\"/></packages></image>\n"
        );
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n{body}")
    };
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let latin = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u8).collect() };
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let in_utf8 = |name: &str| (text(name).into_bytes(), text(name));
    let cases = [
        ("wrong-encoding", in_utf8("utf-16")),
        ("unknown-encoding", in_utf8("koi8-r")),
        ("wrong-encoding", in_utf8("us-ascii")),
        ("wrong-encoding", (utf16(&text("utf-8")), text("utf-8"))),
        (
            "wrong-encoding",
            (latin(&text("utf-8")), lossy(&latin(&text("utf-8")))),
        ),
        ("wrong-encoding", (latin(&text("utf-8")), text("utf-8"))),
        ("unknown-attribute", in_utf8("utf-8")),
        ("unknown-attribute", (utf16(&text("utf-16")), text("utf-16"))),
        (
            "unknown-attribute",
            (latin(&text("iso-8859-1")), text("iso-8859-1")),
        ),
    ];
    for (n, (code, (bytes, shown))) in cases.into_iter().enumerate() {
        let path = folder.path().join(format!("{n}.kiwi"));
        std::fs::write(&path, bytes).unwrap();
        server.open(&uri(&path), 1, &shown);
        let found = places(&findings(&mut server, &uri(&path)));
        let codes: Vec<&str> = found.iter().map(|f| f.0.as_str()).collect();
        assert_eq!(codes, [code], "{n}: {shown}");
        assert_eq!(found, checked(&path), "{n}");
    }
}

#[test]
fn an_included_file_is_one_however_its_editor_writes_its_name() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = folder.path().join("c++ (1)");
    std::fs::create_dir(&folder).unwrap();
    let inside = "<image>\n<packages type=\"image\"><package nam=\"bash\"/></packages>\n</image>\n";
    std::fs::write(folder.join("part.xml"), inside).unwrap();
    // As VS Code writes it; others leave most of these letters as they are.
    let written = |name: &str| {
        let path = folder.join(name).display().to_string();
        let escaped = path.replace('+', "%2B").replace(' ', "%20").replace('(', "%28");
        format!("file://{}", escaped.replace(')', "%29"))
    };
    let (main, part) = (written("config.xml"), written("part.xml"));
    let text = format!("{HEAD}<include from=\"this://part.xml\"/>\n</image>\n");
    let mut server = server(cache.path());
    for first in [true, false] {
        // Whichever is opened first.
        for document in [&main, &part] {
            let open = if first {
                document
            } else {
                [&part, &main][usize::from(document == &part)]
            };
            server.open(open, 1, if open == &main { &text } else { inside });
        }
        let told = |m: &Value| {
            let params = &m["params"];
            m["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == part
                && places(&params["diagnostics"]) == [("unknown-attribute".to_owned(), 1, 32)]
        };
        server.until(told);
        let at = json!({"line":1,"character":33});
        let params =
            json!({"textDocument":{"uri":part},"range":{"start":at,"end":at},"context":{"diagnostics":[]}});
        let id = 100 + u64::from(first);
        server.send(json!({"id":id,"method":"textDocument/codeAction","params":params}));
        let actions = server.until(|m| m["id"] == id && m.get("method").is_none());
        let titles = actions["result"].to_string();
        assert!(titles.contains("rename to `name`"), "{actions}");
        for document in [&main, &part] {
            server.send(json!({"method":"textDocument/didClose","params":{"textDocument":{"uri":document}}}));
        }
    }
}
