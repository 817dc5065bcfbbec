//! Proves over the real transport, in memory, that edits keep the order of the wire while requests stand between them.
#![cfg(test)]
#![allow(missing_docs)]

mod client;

use client::started;
use serde_json::{Value, json};

fn open(text: &str) -> Value {
    json!({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":
        {"uri":"file:///d/config.xml","languageId":"xml","version":0,"text":text}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_never_reordered_and_a_request_sees_the_text_of_its_own_moment() {
    let mut client = started().await;
    let head = "<image><profiles><profile name=\"";
    client
        .send(open(&format!(
            "{head}\"/></profiles><packages profiles=\"\"/></image>"
        )))
        .await;
    // Each edit appends one letter to the profile's name, where the next edit expects it; between them requests
    // whose answers hold the name as it was.
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    for (n, letter) in letters.iter().enumerate() {
        let at = json!({"line":0,"character":head.len() + n});
        client
            .send(
                json!({"jsonrpc":"2.0","method":"textDocument/didChange","params":{
                "textDocument":{"uri":"file:///d/config.xml","version":n + 1},
                "contentChanges":[{"range":{"start":at,"end":at},"text":letter.to_string()}]}}),
            )
            .await;
        let cursor = head.len() + n + 1 + "\"/></profiles><packages profiles=\"".len();
        client
            .send(
                json!({"jsonrpc":"2.0","id":n + 1,"method":"textDocument/completion","params":{
                "textDocument":{"uri":"file:///d/config.xml"},"position":{"line":0,"character":cursor}}}),
            )
            .await;
    }
    let mut seen = 0;
    while seen < letters.len() {
        let message = client.read().await;
        let Some(id) = message["id"].as_u64() else {
            continue;
        };
        let name: String = letters[..id as usize].iter().collect();
        assert_eq!(message["result"][0]["label"], name, "{message}");
        seen += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_survived() {
    let mut client = started().await;
    client.send(open("<image>\u{1F600}</image>")).await;
    let wild = json!({"line":4_294_967_295u64,"character":4_294_967_295u64});
    for n in 1..20 {
        let back = json!({"start":wild,"end":{"line":0,"character":8}});
        client
            .send(
                json!({"jsonrpc":"2.0","method":"textDocument/didChange","params":{
                "textDocument":{"uri":"file:///d/config.xml","version":n},
                "contentChanges":[{"range":back,"text":"x"}]}}),
            )
            .await;
        client
            .send(json!({"jsonrpc":"2.0","method":"textDocument/didChange","params":{"no":n}}))
            .await;
    }
    for (id, method) in [(1, "hover"), (2, "completion"), (3, "definition")] {
        client
            .send(
                json!({"jsonrpc":"2.0","id":id,"method":format!("textDocument/{method}"),"params":{
                "textDocument":{"uri":"file:///d/config.xml"},"position":wild}}),
            )
            .await;
        let answer = client.answer(id).await;
        assert!(answer.get("error").is_none(), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_cut_off_anywhere_is_answered() {
    let text = include_str!("../../examples/debian-minimal/config.xml");
    let mut client = started().await;
    let mut id = 0;
    for cut in (0..text.len()).filter(|c| text.is_char_boundary(*c)) {
        client.send(open(&text[..cut])).await;
        let line = text[..cut].matches('\n').count();
        let character = cut - text[..cut].rfind('\n').map_or(0, |n| n + 1);
        for method in ["completion", "hover", "definition"] {
            id += 1;
            client
                .send(json!({"jsonrpc":"2.0","id":id,"method":format!("textDocument/{method}"),"params":{
                    "textDocument":{"uri":"file:///d/config.xml"},"position":{"line":line,"character":character}}}))
                .await;
            let answer = client.answer(id).await;
            assert!(answer.get("error").is_none(), "{method} at byte {cut}: {answer}");
        }
    }
}
