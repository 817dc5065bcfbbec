//! The real binary over stdio: its life from start to exit, and findings on opening.
#![allow(clippy::disallowed_methods, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn send(&mut self, message: Value) {
        let body = message.to_string();
        write!(
            self.child.stdin.as_mut().unwrap(),
            "Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                assert!(
                    self.output.read_line(&mut line).unwrap() > 0,
                    "the server is gone"
                );
                if let Some(n) = line.strip_prefix("Content-Length: ") {
                    length = n.trim().parse().unwrap();
                } else if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).unwrap();
            let message: Value = serde_json::from_slice(&body).unwrap();
            if wanted(&message) {
                return message;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_serves_from_initialize_to_exit_and_ends_with_zero() {
    let mut server = Server::start();
    server.send(json!({"jsonrpc":"2.0","id":9,"method":"textDocument/hover","params":{}}));
    let early = server.until(|m| m["id"] == 9);
    assert_eq!(early["error"]["code"], -32002, "{early}");
    server.send(json!({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}));
    let hello = server.until(|m| m["id"] == 1);
    assert_eq!(hello["result"]["serverInfo"]["name"], "apteryx");
    server.send(json!({"jsonrpc":"2.0","method":"initialized","params":{}}));
    server.send(
        json!({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":
        {"uri":"file:///d/config.xml","languageId":"xml","version":7,"text":"<image><packages></image>"}}}),
    );
    let found = server.until(|m| m["method"] == "textDocument/publishDiagnostics");
    assert_eq!(found["params"]["version"], 7);
    assert!(
        !found["params"]["diagnostics"].as_array().unwrap().is_empty(),
        "an element that is not closed has no finding: {found}"
    );
    server.send(
        json!({"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":
        {"uri":"file:///d/config.xml"}}}),
    );
    let gone = server.until(|m| m["method"] == "textDocument/publishDiagnostics");
    assert_eq!(gone["params"]["diagnostics"], json!([]));
    server.send(json!({"jsonrpc":"2.0","id":2,"method":"shutdown"}));
    server.until(|m| m["id"] == 2);
    server.send(json!({"jsonrpc":"2.0","method":"exit"}));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_exit_without_shutdown_and_a_lost_client_end_with_one() {
    let mut server = Server::start();
    server.send(json!({"jsonrpc":"2.0","method":"exit"}));
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
    let mut server = Server::start();
    drop(server.child.stdin.take());
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}
