//! The edge: tower-lsp's trait answered by the features, diagnostics published by one worker per document, and the
//! server's life from start to exit. Handlers compute on the blocking pool, so that none holds up the reader.

use std::sync::Arc;
use std::time::Duration;

use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types as lsp;
use tower_lsp::{LanguageServer, LspService, Server};

use crate::capabilities::{self, Abilities};
use crate::features;
use crate::judge;
use crate::lookup;
use crate::ordered::{Ordered, snapshot};
use crate::outgoing::Outgoing;
use crate::shared::Shared;
use crate::snapshot::{Derived, Snapshot};
use crate::{answers, commands, convert, frames};

/// Requests answered at once; beyond these the transport waits.
const CONCURRENCY: usize = 64;
/// How long a client that says nothing more may take its answers.
const ANSWERS: Duration = Duration::from_secs(30);
/// The same where it had jobs, which it cannot know the end of.
const ANSWERS_OF_JOBS: Duration = Duration::from_secs(1);
/// Bytes between the reader and the transport.
const BUFFER: usize = 1 << 18;

/// Files beside an open description that its findings depend on: levels, includes, scripts, archives.
const WATCHED: [&str; 4] = [
    "**/.apteryx.toml",
    "**/*.{xml,kiwi,yaml,yml,json,sh}",
    "**/*.{tar,tar.gz,tar.xz,tgz,txz}",
    "**/root/**",
];

/// Runs on the pool what a request asks for; what has not begun when the client cancels never begins.
async fn compute<T: Send + 'static>(
    work: impl FnOnce(&Snapshot, &Derived) -> Option<T> + Send + 'static,
) -> Result<Option<T>> {
    struct AbortOnDrop(tokio::task::AbortHandle);
    impl Drop for AbortOnDrop {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let Some(snapshot) = snapshot() else {
        return Ok(None);
    };
    let task = tokio::task::spawn_blocking(move || work(&snapshot, snapshot.derived()));
    let _guard = AbortOnDrop(task.abort_handle());
    task.await.map_err(|e| {
        let mut error = Error::new(ErrorCode::InternalError);
        error.message = format!("a fault of apteryx: {e}").into();
        error
    })
}

/// tower-lsp's side of the server.
#[derive(Debug)]
struct Backend(Arc<Shared>);

#[tower_lsp::async_trait]
impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        if let Some(options) = &params.initialization_options {
            self.0.configure(options);
        }
        let (encoding, encoding_name) = convert::encoding(&params.capabilities);
        if let Some(parent) = params.process_id {
            self.0.watch_parent(parent);
        }
        self.0.begin(Abilities::of(&params.capabilities), encoding);
        // The grammar is ready before the first document is.
        tokio::task::spawn_blocking(apteryx_schema::grammar::Grammar::kiwi);
        Ok(lsp::InitializeResult {
            capabilities: capabilities::offered(encoding_name),
            server_info: Some(lsp::ServerInfo {
                name: "apteryx".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        if !self.0.abilities().watchers {
            return;
        }
        let watchers = WATCHED.map(|glob| serde_json::json!({"globPattern":glob}));
        let registration = lsp::Registration {
            id: "apteryx/files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: Some(serde_json::json!({"watchers":watchers})),
        };
        // A client that refuses tells of saved files all the same.
        let _ = self.0.client().register_capability(vec![registration]).await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.0.shut();
        Ok(())
    }

    async fn execute_command(&self, params: lsp::ExecuteCommandParams) -> Result<Option<serde_json::Value>> {
        commands::execute(&self.0, params).await
    }

    async fn completion(&self, params: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>> {
        let position = params.text_document_position.position;
        let snippets = self.0.abilities().snippets;
        let uri = params.text_document_position.text_document.uri;
        let shared = self.0.clone();
        compute(move |snapshot, derived| {
            let offset = convert::offset(&derived.lines, position);
            if let Some((found, more)) = lookup::names(&shared, &uri, snapshot, offset) {
                return Some(lsp::CompletionResponse::List(lsp::CompletionList {
                    is_incomplete: more,
                    items: convert::completions(&derived.lines, found, snippets),
                }));
            }
            let found = features::completion::completion(snapshot, offset);
            let items = convert::completions(&derived.lines, found, snippets);
            Some(lsp::CompletionResponse::Array(items))
        })
        .await
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let position = params.text_document_position_params.position;
        let uri = params.text_document_position_params.text_document.uri;
        let shared = self.0.clone();
        compute(move |snapshot, derived| {
            let at = convert::offset(&derived.lines, position);
            let hover = lookup::about(&shared, &uri, snapshot, at);
            let hover = hover.or_else(|| features::hover::hover(snapshot, at))?;
            Some(lsp::Hover {
                contents: lsp::HoverContents::Markup(lsp::MarkupContent {
                    kind: lsp::MarkupKind::Markdown,
                    value: hover.markdown,
                }),
                range: Some(convert::range(&derived.lines, hover.span)),
            })
        })
        .await
    }

    async fn goto_definition(
        &self,
        params: lsp::GotoDefinitionParams,
    ) -> Result<Option<lsp::GotoDefinitionResponse>> {
        let at = params.text_document_position_params;
        compute(move |snapshot, derived| {
            let offset = convert::offset(&derived.lines, at.position);
            let (file, span) = features::definition::definition(snapshot, offset)?;
            let place = answers::location(derived, &at.text_document.uri, file, span)?;
            Some(lsp::GotoDefinitionResponse::Scalar(place))
        })
        .await
    }

    async fn references(&self, params: lsp::ReferenceParams) -> Result<Option<Vec<lsp::Location>>> {
        let at = params.text_document_position;
        let declaration = params.context.include_declaration;
        compute(move |snapshot, _| {
            let uri = &at.text_document.uri;
            Some(answers::references(snapshot, uri, at.position, declaration))
        })
        .await
    }

    async fn document_highlight(
        &self,
        params: lsp::DocumentHighlightParams,
    ) -> Result<Option<Vec<lsp::DocumentHighlight>>> {
        let position = params.text_document_position_params.position;
        compute(move |snapshot, _| Some(answers::highlights(snapshot, position))).await
    }

    async fn prepare_rename(
        &self,
        params: lsp::TextDocumentPositionParams,
    ) -> Result<Option<lsp::PrepareRenameResponse>> {
        let found = compute(move |snapshot, derived| {
            let at = convert::offset(&derived.lines, params.position);
            let found = features::references::renamed(snapshot, at);
            Some(found.map(|span| convert::range(&derived.lines, span)))
        });
        match found.await? {
            Some(Ok(range)) => Ok(Some(lsp::PrepareRenameResponse::Range(range))),
            Some(Err(why)) => Err(Error::invalid_params(why)),
            None => Ok(None),
        }
    }

    async fn rename(&self, params: lsp::RenameParams) -> Result<Option<lsp::WorkspaceEdit>> {
        let at = params.text_document_position;
        let found = compute(move |snapshot, derived| {
            let offset = convert::offset(&derived.lines, at.position);
            let edits = features::references::rename(snapshot, offset, &params.new_name);
            let uri = &at.text_document.uri;
            Some(edits.map(|edits| answers::rename(uri, &derived.lines, &edits)))
        });
        found.await?.transpose().map_err(Error::invalid_params)
    }

    async fn document_symbol(
        &self,
        _: lsp::DocumentSymbolParams,
    ) -> Result<Option<lsp::DocumentSymbolResponse>> {
        compute(|_, derived| Some(answers::symbols(derived))).await
    }

    async fn folding_range(&self, _: lsp::FoldingRangeParams) -> Result<Option<Vec<lsp::FoldingRange>>> {
        compute(|_, derived| Some(answers::folds(derived))).await
    }

    async fn selection_range(
        &self,
        params: lsp::SelectionRangeParams,
    ) -> Result<Option<Vec<lsp::SelectionRange>>> {
        compute(move |_, derived| Some(answers::selections(derived, &params.positions))).await
    }

    async fn document_link(&self, params: lsp::DocumentLinkParams) -> Result<Option<Vec<lsp::DocumentLink>>> {
        compute(move |_, derived| Some(answers::links(derived, &params.text_document.uri))).await
    }

    async fn code_lens(&self, params: lsp::CodeLensParams) -> Result<Option<Vec<lsp::CodeLens>>> {
        if !self.0.settings().lenses {
            return Ok(None);
        }
        compute(move |_, derived| Some(answers::lenses(derived, &params.text_document.uri))).await
    }

    async fn inlay_hint(&self, params: lsp::InlayHintParams) -> Result<Option<Vec<lsp::InlayHint>>> {
        let shared = self.0.clone();
        compute(move |snapshot, derived| {
            let lines = &derived.lines;
            let (start, end) = (params.range.start, params.range.end);
            let range = apteryx_schema::Span::new(convert::offset(lines, start), convert::offset(lines, end));
            let found = lookup::hints(&shared, &params.text_document.uri, snapshot, range);
            Some(found.into_iter().map(|h| convert::hint(lines, h)).collect())
        })
        .await
    }

    async fn formatting(&self, _: lsp::DocumentFormattingParams) -> Result<Option<Vec<lsp::TextEdit>>> {
        compute(move |snapshot, derived| {
            let edits = features::formatting::formatting(snapshot)?;
            Some(convert::edits(&derived.lines, &edits))
        })
        .await
    }

    async fn code_action(&self, params: lsp::CodeActionParams) -> Result<Option<lsp::CodeActionResponse>> {
        let shared = self.0.clone();
        compute(move |_, derived| {
            let uri = params.text_document.uri;
            let start = convert::offset(&derived.lines, params.range.start);
            let end = convert::offset(&derived.lines, params.range.end);
            let found = judge::known(&shared, &uri, derived);
            let at = apteryx_schema::Span::new(start, end);
            let actions = features::actions::actions(derived, &found, at).into_iter();
            let of = |path: &std::path::Path| shared.file_uri(path);
            let mut actions: Vec<_> = actions
                .map(|a| convert::action(&uri, &derived.lines, a, &of))
                .collect();
            if let Some(only) = params.context.only {
                actions.retain(|a| convert::of_kind(a, &only));
            }
            Some(actions)
        })
        .await
    }
}

/// Serves until the client says `exit` or is gone. True where it said `shutdown` before, as the protocol asks.
pub async fn serve(input: impl tokio::io::AsyncRead + Unpin, output: impl tokio::io::AsyncWrite) -> bool {
    let mut state = None;
    let (service, socket) = LspService::new(|client| {
        let shared = Arc::new(Shared::new(client));
        state = Some(shared.clone());
        Backend(shared)
    });
    let Some(shared) = state else { return false };
    let (near, far) = tokio::io::duplex(BUFFER);
    let reading = async {
        // At the end of the input `near` is closed, at which the transport ends by itself when all is answered. What a
        // job says nobody takes any more: its request would wait for ever.
        let _ = frames::forward(input, near).await;
        let wait = match shared.jobs.end_all().await {
            true => ANSWERS_OF_JOBS,
            false => ANSWERS,
        };
        tokio::time::sleep(wait).await;
    };
    let socket = Outgoing {
        inner: socket,
        marks: shared.marks.clone(),
    };
    let server = Server::new(far, output, socket)
        .concurrency_level(CONCURRENCY)
        .serve(Ordered::new(service, shared.clone()));
    tokio::select! {
        () = server => {}
        () = reading => {}
        () = shared.ended() => {}
    }
    shared.jobs.end_all().await;
    shared.is_shut()
}

/// Serves on standard input and output; gives what [`serve`] gives.
pub fn serve_stdio() -> std::io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let clean = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout()));
    // A read of standard input cannot be ended from here; the process ends all the same.
    runtime.shutdown_background();
    Ok(clean)
}
