//! The real binary over stdio: its life from start to exit, and findings on opening.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod lsp_client;

use lsp_client::Server;
use serde_json::json;

#[test]
fn it_serves_from_initialize_to_exit_and_ends_with_zero() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::spawn(cache.path());
    server.send(json!({"id":9,"method":"textDocument/hover","params":{}}));
    let early = server.until(|m| m["id"] == 9);
    assert_eq!(early["error"]["code"], -32002, "{early}");
    server.send(json!({"id":1,"method":"initialize","params":{"capabilities":{}}}));
    let hello = server.until(|m| m["id"] == 1);
    assert_eq!(hello["result"]["serverInfo"]["name"], "apteryx");
    server.send(json!({"method":"initialized","params":{}}));
    server.send(json!({"method":"textDocument/didOpen","params":{"textDocument":
        {"uri":"file:///d/config.xml","languageId":"xml","version":7,"text":"<image><packages></image>"}}}));
    let found = server.until(|m| m["method"] == "textDocument/publishDiagnostics");
    assert_eq!(found["params"]["version"], 7);
    assert!(
        !found["params"]["diagnostics"].as_array().unwrap().is_empty(),
        "an element that is not closed has no finding: {found}"
    );
    server.send(json!({"method":"textDocument/didClose","params":{"textDocument":
        {"uri":"file:///d/config.xml"}}}));
    let gone = server.until(|m| m["method"] == "textDocument/publishDiagnostics");
    assert_eq!(gone["params"]["diagnostics"], json!([]));
    server.send(json!({"id":2,"method":"shutdown"}));
    server.until(|m| m["id"] == 2);
    server.send(json!({"method":"exit"}));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn parameters_of_null_are_none() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(json!({}), json!(null), cache.path());
    server.send(json!({"id":2,"method":"shutdown","params":null}));
    let answer = server.until(|m| m["id"] == 2);
    assert!(answer.get("error").is_none(), "{answer}");
    server.send(json!({"method":"exit","params":null}));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_exit_without_shutdown_and_a_lost_client_end_with_one() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::spawn(cache.path());
    server.send(json!({"method":"exit"}));
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
    let mut server = Server::spawn(cache.path());
    drop(server.child.stdin.take());
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}

#[test]
fn bad_messages_are_answered_or_dropped_and_the_server_lives_on() {
    use std::io::Write;
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(
        json!({"general":{"positionEncodings":["utf-8","utf-16"]}}),
        json!(null),
        cache.path(),
    );
    let hello = server.seen.iter().find(|m| m["id"] == 1).unwrap();
    assert_eq!(hello["result"]["capabilities"]["positionEncoding"], "utf-8");
    for body in [
        "{",
        "[]",
        "\"x\"",
        "{\"jsonrpc\":\"2.0\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":7}",
        "\u{0}",
    ] {
        let input = server.child.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }
    server.send(json!({"method":"$/setTrace","params":{"value":"verbose"}}));
    server.send(json!({"method":"$/nonsense","params":[1]}));
    server.send(
        json!({"method":"workspace/didChangeWorkspaceFolders","params":{"event":{"added":[],"removed":[]}}}),
    );
    server.send(json!({"method":"textDocument/didOpen","params":{"textDocument":{"uri":"not a uri"}}}));
    server.send(json!({"method":"textDocument/didClose","params":null}));
    server.send(json!({"method":"$/cancelRequest","params":{"id":77}}));
    server.send(json!({"id":3,"method":"textDocument/nothing","params":{}}));
    assert_eq!(server.until(|m| m["id"] == 3)["error"]["code"], -32601);
    server.send(json!({"id":4,"method":"textDocument/hover","params":{"textDocument":7}}));
    assert_eq!(server.until(|m| m["id"] == 4)["error"]["code"], -32602);
    // Columns are bytes, as agreed.
    let text = "<image><!-- äö😀 --><nonsense/></image>";
    server.open("file:///d/a.kiwi", 1, text);
    let found = server.findings(1);
    let column = text.find("nonsense").unwrap();
    let there = |d: &serde_json::Value| d["range"]["start"]["character"] == column;
    assert!(found.as_array().unwrap().iter().any(there), "{found}");
    // A file that gets another name: the old one has no findings left, the new one has them.
    server
        .send(json!({"method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///d/a.kiwi"}}}));
    server.open("file:///d/b.kiwi", 1, text);
    let of = |uri: &'static str| {
        move |m: &serde_json::Value| {
            m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri
        }
    };
    let (mut old, mut new) = (None, None);
    while old.is_none() || new.is_none() {
        let m = server.until(|m| of("file:///d/a.kiwi")(m) || of("file:///d/b.kiwi")(m));
        let many = m["params"]["diagnostics"].as_array().unwrap().len();
        match m["params"]["uri"] == "file:///d/a.kiwi" {
            true => old = Some(many),
            false => new = Some(many),
        }
    }
    assert!(old == Some(0) && new > Some(0), "{old:?} {new:?}");
}

#[test]
fn it_ends_with_the_process_that_started_it_though_its_pipes_stay_open() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::spawn(cache.path());
    let mut parent = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    server.send(json!({"id":1,"method":"initialize","params":{"processId":parent.id(),"capabilities":{}}}));
    server.until(|m| m["id"] == 1);
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}
