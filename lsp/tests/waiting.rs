//! Handlers that wait for the client must not keep the server from reading: more of them than tower-lsp runs by default.
#![cfg(test)]
#![allow(missing_docs)]

mod client;

use client::started;
use serde_json::json;

const URI: &str = "file:///d/config.xml";

#[tokio::test(flavor = "multi_thread")]
async fn handlers_that_wait_for_the_client_do_not_block_the_reader() {
    let mut client = started().await;
    let text = "<image schemaversion=\"7.4\" name=\"a\"></image>";
    client
        .send(
            json!({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":
            {"uri":URI,"languageId":"xml","version":0,"text":text}}}),
        )
        .await;
    // Each asks the client to apply an edit, and the client keeps silent.
    for id in 1..=8 {
        client
            .send(
                json!({"jsonrpc":"2.0","id":id,"method":"workspace/executeCommand","params":
                {"command":"apteryx.migrate","arguments":[{"uri":URI}]}}),
            )
            .await;
    }
    let mut asked = Vec::new();
    while asked.len() < 8 {
        let message = client.read().await;
        if message["method"] == "workspace/applyEdit" {
            asked.push(message["id"].clone());
        }
    }
    // Now an edit and a request must still be read and answered.
    let at = json!({"line":0,"character":text.len() - "</image>".len()});
    client
        .send(
            json!({"jsonrpc":"2.0","method":"textDocument/didChange","params":{
            "textDocument":{"uri":URI,"version":1},
            "contentChanges":[{"range":{"start":at,"end":at},"text":"<packages type=\"\"/>"}]}}),
        )
        .await;
    let inside = json!({"line":0,"character":text.len() - "</image>".len() + "<packages type=\"".len()});
    client
        .send(
            json!({"jsonrpc":"2.0","id":99,"method":"textDocument/completion","params":{
            "textDocument":{"uri":URI},"position":inside}}),
        )
        .await;
    let answer = client.answer(99).await;
    assert!(answer.to_string().contains("bootstrap"), "{answer}");
    // And when the client answers at last, so do they.
    for id in asked {
        client
            .send(json!({"jsonrpc":"2.0","id":id,"result":{"applied":false,"failureReason":"busy"}}))
            .await;
    }
    let mut ended = 0;
    while ended < 8 {
        let message = client.read().await;
        if message["id"].as_u64().is_some_and(|id| (1..=8).contains(&id)) && message.get("method").is_none() {
            assert_eq!(message["result"]["message"], "busy", "{message}");
            ended += 1;
        }
    }
}
