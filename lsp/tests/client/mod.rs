//! A client over tower-lsp's own transport, in memory, for the tests of this folder.
#![allow(dead_code)] // Each test uses a part of it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};

pub struct Client {
    input: WriteHalf<DuplexStream>,
    output: BufReader<ReadHalf<DuplexStream>>,
}

impl Client {
    pub async fn send(&mut self, message: Value) {
        let body = message.to_string();
        let text = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.input.write_all(text.as_bytes()).await.unwrap();
    }

    pub async fn read(&mut self) -> Value {
        let read = async {
            let mut length = 0;
            loop {
                let mut line = String::new();
                self.output.read_line(&mut line).await.unwrap();
                if let Some(n) = line.strip_prefix("Content-Length: ") {
                    length = n.trim().parse().unwrap();
                } else if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).await.unwrap();
            serde_json::from_slice(&body).unwrap()
        };
        tokio::time::timeout(Duration::from_secs(60), read).await.unwrap()
    }

    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.read().await;
            if message["id"] == id {
                return message;
            }
        }
    }
}

pub async fn started() -> Client {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (input, output) = tokio::io::split(far);
    tokio::spawn(apteryx_lsp::server::serve(input, output));
    let (output, input) = tokio::io::split(near);
    let mut client = Client {
        input,
        output: BufReader::new(output),
    };
    client
        .send(json!({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}}))
        .await;
    assert!(client.answer(0).await["result"]["capabilities"].is_object());
    client
        .send(json!({"jsonrpc":"2.0","method":"initialized","params":{}}))
        .await;
    client
}
