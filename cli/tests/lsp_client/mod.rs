//! A client of the real binary over stdio, for the tests of this folder.
#![allow(dead_code)] // Each test uses a part of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The binary, its messages so far kept.
pub struct Server {
    pub child: Child,
    output: BufReader<ChildStdout>,
    pub seen: Vec<Value>,
}

impl Server {
    /// Started, and nothing said yet.
    pub fn spawn(cache: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args(["lsp", "--stdio"])
            .env("APTERYX_CACHE_DIR", cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            output,
            seen: Vec::new(),
        }
    }

    /// Started and initialized.
    pub fn start(capabilities: Value, options: Value, cache: &Path) -> Self {
        let mut server = Self::spawn(cache);
        server.send(json!({"id":1,"method":"initialize","params":{"capabilities":capabilities,"initializationOptions":options}}));
        server.until(|m| m["id"] == 1);
        server.send(json!({"method":"initialized","params":{}}));
        server
    }

    pub fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = "2.0".into();
        let body = message.to_string();
        let input = self.child.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }

    pub fn command(&mut self, id: u64, command: &str, argument: Value) {
        let params = json!({"command":command,"arguments":[argument]});
        self.send(json!({"id":id,"method":"workspace/executeCommand","params":params}));
    }

    pub fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
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
            if message["method"] == "window/workDoneProgress/create" {
                self.send(json!({"id":message["id"],"result":null}));
            }
            self.seen.push(message.clone());
            if wanted(&message) {
                return message;
            }
        }
    }

    /// What of the messages so far was progress of a kind.
    pub fn progress(&self, kind: &str) -> usize {
        let progress = |m: &&Value| m["method"] == "$/progress" && m["params"]["value"]["kind"] == kind;
        self.seen.iter().filter(progress).count()
    }
}

impl Server {
    pub fn open(&mut self, uri: &str, version: i32, text: &str) {
        self.send(json!({"method":"textDocument/didOpen","params":{"textDocument":
            {"uri":uri,"languageId":"xml","version":version,"text":text}}}));
    }

    /// The findings of that version.
    pub fn findings(&mut self, version: i32) -> Value {
        let wanted =
            |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["version"] == version;
        self.until(wanted)["params"]["diagnostics"].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
