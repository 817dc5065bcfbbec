//! Messages as they go out. The transport takes answers and what the server says by itself from two queues, in no order
//! between them; where one must come after the other, a mark follows it through its queue and is taken out here, which
//! tells that all before it is written. Marks never reach the client.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_core::Stream;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::Request;
use tower_lsp::lsp_types::notification::Notification;
use tower_lsp::{Client, ClientSocket, Loopback};

use crate::lock::lock;

/// A mark on its way.
enum Mark {}

#[derive(Serialize, Deserialize)]
struct MarkParams {
    number: u64,
}

impl Notification for Mark {
    type Params = MarkParams;
    const METHOD: &'static str = "apteryx/mark";
}

/// Those who wait for a mark, by its number; and the numbers given so far.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<(u64, FxHashMap<u64, oneshot::Sender<()>>)>);

impl Marks {
    /// Waits until all that was said to the client before is written, or no longer than a client may take to read.
    pub async fn passed(&self, client: &Client) {
        let (tell, told) = oneshot::channel();
        let number = {
            let (count, waiting) = &mut *lock(&self.0);
            *count += 1;
            waiting.insert(*count, tell);
            *count
        };
        client.send_notification::<Mark>(MarkParams { number }).await;
        // Where the server ends meanwhile, marks are no longer taken out.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(2), told).await;
        lock(&self.0).1.remove(&number);
    }

    fn pass(&self, request: &Request) {
        let number = request.params().and_then(|p| p.get("number")?.as_u64());
        let waiting = number.and_then(|n| lock(&self.0).1.remove(&n));
        if let Some(waiting) = waiting {
            // Who gave up waiting needs no word.
            let _ = waiting.send(());
        }
    }
}

/// What the server says, without the marks.
#[derive(Debug)]
pub(crate) struct Outgoing<S> {
    pub inner: S,
    pub marks: Arc<Marks>,
}

impl Loopback for Outgoing<ClientSocket> {
    type RequestStream = Outgoing<<ClientSocket as Loopback>::RequestStream>;
    type ResponseSink = <ClientSocket as Loopback>::ResponseSink;

    fn split(self) -> (Self::RequestStream, Self::ResponseSink) {
        let (inner, answers) = Loopback::split(self.inner);
        let marks = self.marks;
        (Outgoing { inner, marks }, answers)
    }
}

impl<S: Stream<Item = Request> + Unpin> Stream for Outgoing<S> {
    type Item = Request;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request>> {
        loop {
            match Pin::new(&mut self.inner).poll_next(cx) {
                Poll::Ready(Some(request)) if request.method() == Mark::METHOD => self.marks.pass(&request),
                other => return other,
            }
        }
    }
}
