//! The order of the wire. The transport calls this service message by message; only the futures it returns run
//! concurrently. So every change of state happens in `call`, at once, and a request takes its snapshot there: no edit
//! can overtake another, and no request sees an edit that came after it.
//!
//! Nothing in `call` may wait, parse a description or talk to the client.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::Deserialize;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_lsp::lsp_types as lsp;
use tower_service::Service;

use crate::convert;
use crate::frames;
use crate::shared::Shared;
use crate::snapshot::Snapshot;

tokio::task_local! {
    /// The document that the running request is about, as it was when the request arrived.
    static SNAPSHOT: Option<Snapshot>;
}

/// The snapshot of the running request; none where its document is not open.
pub fn snapshot() -> Option<Snapshot> {
    SNAPSHOT.try_with(Clone::clone).ok().flatten()
}

/// A service whose changes are applied in wire order.
#[derive(Debug)]
pub struct Ordered<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Ordered<S> {
    /// Wraps `inner`.
    pub fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
    }
}

impl<S> Service<Request> for Ordered<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.method() == frames::UNREADABLE {
            let answer = Response::from_error(Id::Null, Error::parse_error());
            return Box::pin(std::future::ready(Ok(Some(answer))));
        }
        // Whatever a message holds, the server lives on.
        let applied = catch_unwind(AssertUnwindSafe(|| apply(&self.shared, &request)));
        let request = without_null(request);
        let fits = request.id().is_none();
        if fits && applied.unwrap_or(true) {
            return Box::pin(std::future::ready(Ok(None)));
        }
        let snapshot = request
            .params()
            .and_then(|p| p.pointer("/textDocument/uri"))
            .and_then(|u| u.as_str())
            .and_then(|uri| self.shared.document(uri));
        Box::pin(SNAPSHOT.scope(snapshot, self.inner.call(request)))
    }
}

/// Some clients write `"params":null` where there are none (of `shutdown` and `exit`), which the transport refuses.
fn without_null(request: Request) -> Request {
    if request.params().is_none_or(|params| !params.is_null()) {
        return request;
    }
    let (method, id, _) = request.into_parts();
    let bare = Request::build(method);
    match id {
        Some(id) => bare.id(id).finish(),
        None => bare.finish(),
    }
}

/// Applies a notification that changes state; false for every other message.
fn apply(shared: &Arc<Shared>, request: &Request) -> bool {
    let params = request.params();
    match request.method() {
        "exit" => {
            shared.exit();
            false
        }
        "textDocument/didOpen" => {
            if let Some(p) = read::<lsp::DidOpenTextDocumentParams>(params) {
                let document = &p.text_document;
                shared.open(&document.uri, document.version, &document.text);
            }
            true
        }
        "textDocument/didChange" => {
            if let Some(p) = read::<lsp::DidChangeTextDocumentParams>(params) {
                let changes: Vec<_> = p.content_changes.into_iter().map(convert::change).collect();
                shared.change(&p.text_document.uri, p.text_document.version, &changes);
            }
            true
        }
        "textDocument/didClose" => {
            if let Some(p) = read::<lsp::DidCloseTextDocumentParams>(params) {
                shared.close(&p.text_document.uri);
            }
            true
        }
        "workspace/didChangeConfiguration" => {
            if let Some(p) = read::<lsp::DidChangeConfigurationParams>(params) {
                shared.configure(&p.settings);
                shared.show_again(&tokio::runtime::Handle::current());
            }
            true
        }
        "window/workDoneProgress/cancel" => {
            if let Some(p) = read::<lsp::WorkDoneProgressCancelParams>(params) {
                shared.jobs.cancel_token(&p.token);
            }
            true
        }
        // An included file, a script or an archive of an open description, maybe.
        "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
            shared.judge_again();
            true
        }
        _ => false,
    }
}

fn read<T: for<'de> Deserialize<'de>>(params: Option<&serde_json::Value>) -> Option<T> {
    T::deserialize(params?).ok()
}
