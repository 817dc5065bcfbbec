//! Messages as they come in, before the transport reads them: it ends at the first that it cannot decode, so what is no
//! message never gets there. In its place goes a request whose answer says so.

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tower_lsp::jsonrpc::{Request, Response};

/// The method that stands for a message that could not be read.
pub const UNREADABLE: &str = "apteryx/unreadable";

/// Longer messages (bytes) are no messages: a length gone wrong must not make the server wait for ever.
const LONGEST: u64 = 1 << 30;
/// The same for a line of a header.
const LONGEST_LINE: u64 = 1 << 16;

/// Copies messages from `input` to `output` until there are no more; those that cannot be read are replaced.
pub async fn forward(
    input: impl AsyncRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> std::io::Result<()> {
    let mut input = BufReader::new(input);
    let unreadable = format!(r#"{{"jsonrpc":"2.0","id":null,"method":"{UNREADABLE}"}}"#);
    while let Some(length) = header(&mut input).await? {
        let mut body = Vec::new();
        if let Some(length) = length {
            let read = (&mut input).take(length).read_to_end(&mut body).await?;
            if (read as u64) < length {
                break;
            }
        }
        let body = if length.is_some() && readable(&body) {
            body.as_slice()
        } else {
            unreadable.as_bytes()
        };
        let head = format!("Content-Length: {}\r\n\r\n", body.len());
        output.write_all(head.as_bytes()).await?;
        output.write_all(body).await?;
    }
    Ok(())
}

/// The length that a header says: the inner none where it says none that can be used, the outer at the end of the input.
async fn header(input: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<Option<Option<u64>>> {
    let mut length = None;
    let mut lines = 0;
    loop {
        let mut line = Vec::new();
        let read = (&mut *input)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await?;
        if read == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match line.trim().split_once(':') {
            None if line.trim().is_empty() && lines == 0 => continue,
            None if line.trim().is_empty() => break,
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok().filter(|n| *n <= LONGEST);
            }
            _ => {}
        }
        lines += 1;
    }
    Ok(Some(length))
}

fn readable(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Method {
        method: Option<serde::de::IgnoredAny>,
    }
    match serde_json::from_slice::<Method>(body) {
        Ok(Method { method: Some(_) }) => serde_json::from_slice::<Request>(body).is_ok(),
        Ok(Method { method: None }) => serde_json::from_slice::<Response>(body).is_ok(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn forwarded(input: &str) -> String {
        let mut out = Vec::new();
        forward(input.as_bytes(), &mut out).await.unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn messages_go_through_and_what_is_none_is_replaced() {
        let good = "Content-Length: 31\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"it\"}";
        assert_eq!(forwarded(good).await, good);
        let typed = good.replace("Content-", "Content-Type: x; charset=utf8\r\ncontent-");
        assert_eq!(forwarded(&typed).await, good);
        for bad in [
            "Content-Length: 1\r\n\r\n{",
            "Content-Length: 2\r\n\r\n[]",
            "Nonsense: 1\r\n\r\n",
            "Content-Length: 99999999999999\r\n\r\n",
            "Content-Length: 15\r\n\r\n{\"method\":\"it\"}",
        ] {
            let out = forwarded(&format!("{bad}{good}")).await;
            assert!(out.contains(UNREADABLE) && out.ends_with(good), "{bad}: {out}");
        }
        assert_eq!(forwarded("Content-Length: 9\r\n\r\n{").await, "");
    }
}
