//! Builds started by an editor: the real binary over stdio. Knows nothing of how a build works inside.
#![allow(clippy::disallowed_methods, missing_docs)]

mod lsp_client;

use std::path::Path;
use std::time::{Duration, Instant};

use lsp_client::Server;
use serde_json::json;

/// A sound description of a repository that answers no one: a socket that listens and never speaks.
fn description(folder: &Path, port: u16) -> String {
    let text = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="slow">
    <description type="system"><author>A</author><contact>a@example.org</contact><specification>s</specification></description>
    <preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image="tbz"/></preferences>
    <repository type="apt-deb" distribution="bookworm" components="main" repository_gpgcheck="false"><source path="http://127.0.0.1:{port}/debian"/></repository>
    <packages type="bootstrap"><package name="base-files"/></packages>
    <packages type="image"><package name="bash"/></packages>
</image>
"#
    );
    std::fs::write(folder.join("config.xml"), text).unwrap();
    format!("file://{}/config.xml", folder.display())
}

/// Processes whose command line names the folder.
fn processes(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let lines = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| {
        let line = std::fs::read(e.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(folder)).collect()
}

fn gone(folder: &Path) {
    let begun = Instant::now();
    while !processes(folder).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            processes(folder)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_build_that_cannot_begin_is_answered_with_the_reason_and_its_progress_ends() {
    let folder = tempfile::tempdir().unwrap();
    let uri = description(folder.path(), 9);
    let mut server = Server::start(
        json!({"window":{"workDoneProgress":true}}),
        json!(null),
        folder.path(),
    );
    server.command(5, "apteryx.build", json!({"uri":uri,"profiles":["Nowhere"]}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    assert_eq!(answer["ok"], false, "{answer}");
    assert_eq!(answer["artifacts"], json!([]));
    assert!(
        answer["message"].as_str().unwrap().contains("`Nowhere`"),
        "{answer}"
    );
    assert_eq!((server.progress("begin"), server.progress("end")), (1, 1));
    let last = server
        .seen
        .iter()
        .rfind(|m| m["method"] == "apteryx/event")
        .unwrap();
    let params = &last["params"];
    assert_eq!(
        (&params["event"], &params["ok"]),
        (&json!("finished"), &json!(false)),
        "{last}"
    );
    assert_eq!(params["uri"], uri);
    server.command(6, "apteryx.nonsense", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 6)["error"]["code"], -32602);
    server.command(7, "apteryx.cancel", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 7)["result"]["ok"], false);
}

/// A running build that waits for its mirror, as the editor sees it start.
fn running(server: &mut Server, id: u64, uri: &str) {
    server.command(id, "apteryx.build", json!({"uri":uri}));
    server.until(|m| m["method"] == "apteryx/event" && m["params"]["event"] == "build-started");
}

#[test]
fn a_cancelled_build_leaves_no_process_and_others_are_served_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = description(folder.path(), silent.local_addr().unwrap().port());
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(
        json!({"window":{"workDoneProgress":true}}),
        json!(null),
        cache.path(),
    );
    // By the command.
    running(&mut server, 5, &uri);
    assert!(!processes(folder.path()).is_empty());
    server.command(6, "apteryx.build", json!({"uri":uri}));
    let second = server.until(|m| m["id"] == 6);
    assert!(
        second["result"]["message"]
            .as_str()
            .unwrap()
            .contains("is running"),
        "{second}"
    );
    server.command(7, "apteryx.cancel", json!({"uri":uri}));
    assert_eq!(
        server.until(|m| m["id"] == 7 || m["id"] == 5)["result"].is_object(),
        true
    );
    let cancelled = |s: &Server, id: u64| {
        let answer = s.seen.iter().find(|m| m["id"] == id).map(|m| m["result"].clone());
        answer.is_some_and(|a| a["ok"] == false && a["message"] == "cancelled")
    };
    if !cancelled(&server, 5) {
        server.until(|m| m["id"] == 5);
    }
    assert!(cancelled(&server, 5), "{:?}", server.seen);
    gone(folder.path());
    // By the cancel button of the progress.
    running(&mut server, 8, &uri);
    let token = server.seen.iter().rfind(|m| m["method"] == "$/progress").unwrap()["params"]["token"].clone();
    server.send(json!({"method":"window/workDoneProgress/cancel","params":{"token":token}}));
    server.until(|m| m["id"] == 8);
    assert!(cancelled(&server, 8), "{:?}", server.seen);
    gone(folder.path());
    // By the end of the server.
    running(&mut server, 9, &uri);
    drop(server);
    gone(folder.path());
}

#[test]
fn an_old_description_is_migrated_by_an_edit_of_the_client() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(json!({}), json!(null), cache.path());
    let text = r#"<image schemaversion="7.4" name="a"><!-- kept --></image>"#;
    server.send(json!({"method":"textDocument/didOpen","params":{"textDocument":
        {"uri":"file:///d/config.xml","languageId":"xml","version":3,"text":text}}}));
    server.command(5, "apteryx.migrate", json!({"uri":"file:///d/config.xml"}));
    let apply = server.until(|m| m["method"] == "workspace/applyEdit");
    let edits = &apply["params"]["edit"]["changes"]["file:///d/config.xml"];
    assert!(edits[0]["newText"].as_str().unwrap().contains("8.5"), "{apply}");
    server.send(json!({"id":apply["id"],"result":{"applied":true}}));
    let answer = server.until(|m| m["id"] == 5);
    assert_eq!(answer["result"]["ok"], true, "{answer}");
}
