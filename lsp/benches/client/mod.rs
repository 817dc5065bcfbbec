//! A client over stdio for the benches of this folder: sends, waits, and looks at what the process has used.
#![allow(dead_code)] // Each bench uses a part of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A server under measurement.
pub struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// Ours, with the host's mirror and no look-ups.
    pub fn start(binary: &Path) -> Self {
        let options = json!({"apteryx":{"mirror":"host","packages":{"lookup":"never"}}});
        Self::of(binary, &["lsp", "--stdio"], &options)
    }

    /// Any, initialized.
    pub fn of(binary: &Path, args: &[&str], options: &Value) -> Self {
        let mut child = Command::new(binary)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start `{}`: {e}", binary.display()));
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, input, output };
        server.send(json!({"id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{},"initializationOptions":options}}));
        server.until(|m| m["id"] == 1);
        server.send(json!({"method":"initialized","params":{}}));
        server
    }

    pub fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = "2.0".into();
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
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
            // Peers ask for their settings and for the right to be told of things: they get the defaults.
            if message["method"].is_string() && !message["id"].is_null() {
                let items = message["params"]["items"]
                    .as_array()
                    .map(|all| vec![Value::Null; all.len()]);
                self.send(json!({"id":message["id"],"result":items}));
            }
            if wanted(&message) {
                return message;
            }
        }
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        self.show(uri, "xml", text);
        self.findings(uri, 0);
    }

    /// Opened, and nothing waited for.
    pub fn show(&mut self, uri: &str, language: &str, text: &str) {
        self.send(json!({"method":"textDocument/didOpen","params":{"textDocument":
            {"uri":uri,"languageId":language,"version":0,"text":text}}}));
    }

    pub fn findings(&mut self, uri: &str, version: usize) {
        self.until(|m| {
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri
                && m["params"]["version"] == version
        });
    }

    /// Processor time of all its threads so far: what a busy machine does not blur.
    pub fn busy(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds = |task: std::fs::DirEntry| {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(tasks.filter_map(|t| nanoseconds(t.ok()?)).sum())
    }

    /// Resident memory in MB.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1000.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
