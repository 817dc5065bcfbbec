//! A client of the real binary over stdio, for the tests of this folder.
#![allow(dead_code)] // Each test uses a part of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// The binary, its messages so far kept.
pub struct Server {
    pub child: Child,
    messages: Receiver<Value>,
    pub seen: Vec<Value>,
}

/// The longest that a test waits for one message: more than a busy machine ever needs.
const PATIENCE: Duration = Duration::from_secs(120);

impl Server {
    /// Started, and nothing said yet.
    pub fn spawn(cache: &Path) -> Self {
        Self::spawn_with(cache, Stdio::inherit())
    }

    /// The same; what the server says beside its messages goes there.
    pub fn spawn_with(cache: &Path, said: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args(["lsp", "--stdio"])
            .env("APTERYX_CACHE_DIR", cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (send, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            messages,
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

    /// The next message; none where there is none for so long.
    pub fn next(&mut self, patience: Duration) -> Option<Value> {
        let message = match self.messages.recv_timeout(patience) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => panic!("the server is gone"),
        };
        if message["method"] == "window/workDoneProgress/create" {
            self.send(json!({"id":message["id"],"result":null}));
        }
        self.seen.push(message.clone());
        Some(message)
    }

    pub fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Some(message) = self.next(PATIENCE) else {
                let last: Vec<_> = self.seen.iter().rev().take(5).collect();
                panic!("the server says nothing more; its last messages, backwards: {last:#?}");
            };
            if wanted(&message) {
                return message;
            }
        }
    }

    /// Returns when such a message has come, be it before: for what the server may say at any time.
    pub fn sometime(&mut self, wanted: impl Fn(&Value) -> bool) {
        if !self.seen.iter().any(&wanted) {
            self.until(wanted);
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

/// One message; none at the end.
fn read(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(n) = line.strip_prefix("Content-Length: ") {
            length = n.trim().parse().unwrap();
        } else if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}
