//! The real binary over stdio: its life from start to exit, and findings on opening.
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
fn an_exit_without_shutdown_and_a_lost_client_end_with_one() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::spawn(cache.path());
    server.send(json!({"method":"exit"}));
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
    let mut server = Server::spawn(cache.path());
    drop(server.child.stdin.take());
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}
