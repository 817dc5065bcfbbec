//! The edge: tower-lsp's trait answered by the features, diagnostics published by one worker per document, and the
//! server's life from start to exit. Handlers compute on the blocking pool, so that none holds up the reader.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apteryx_schema::diagnostic::FileId;
use tokio::sync::Notify;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types as lsp;
use tower_lsp::{Client, LanguageServer, LspService, Server};

use crate::commands::{self, COMMANDS, Jobs};
use crate::convert;
use crate::documents::{Change, Documents};
use crate::features;
use crate::frames;
use crate::judge::{self, Judging};
use crate::lines::{Encoding, Lines};
use crate::lock::lock;
use crate::lookup::{self, Lookups};
use crate::ordered::{Ordered, snapshot};
use crate::settings::Settings;
use crate::snapshot::{Derived, Snapshot};
use crate::status::Statuses;

/// Requests answered at once; beyond these the transport waits.
const CONCURRENCY: usize = 64;
/// Bytes between the reader and the transport.
const BUFFER: usize = 1 << 18;

/// Files beside an open description that its findings depend on: levels, includes, scripts, archives.
const WATCHED: [&str; 3] = [
    "**/.apteryx.toml",
    "**/*.{xml,kiwi,yaml,yml,json,sh}",
    "**/*.{tar,tar.gz,tar.xz,tgz,txz}",
];
/// How often it is looked whether the client is still there.
const PARENT: Duration = Duration::from_secs(2);

/// The server's state, shared by the reader and the workers.
#[derive(Debug)]
pub struct Shared {
    documents: Mutex<Documents>,
    pub(crate) judging: Judging,
    client: Client,
    initialized: AtomicBool,
    shutdown: AtomicBool,
    snippets: AtomicBool,
    progress: AtomicBool,
    versioned_edits: AtomicBool,
    registers_watchers: AtomicBool,
    settings: Mutex<Settings>,
    pub(crate) jobs: Jobs,
    pub(crate) lookup: Lookups,
    pub(crate) statuses: Statuses,
    exit: Notify,
}

impl Shared {
    fn new(client: Client) -> Self {
        Self {
            documents: Mutex::default(),
            judging: Judging::default(),
            client,
            initialized: AtomicBool::new(false),
            shutdown: AtomicBool::new(false),
            snippets: AtomicBool::new(false),
            progress: AtomicBool::new(false),
            versioned_edits: AtomicBool::new(false),
            registers_watchers: AtomicBool::new(false),
            settings: Mutex::default(),
            jobs: Jobs::default(),
            lookup: Lookups::default(),
            statuses: Statuses::default(),
            exit: Notify::new(),
        }
    }

    fn serving(&self) -> bool {
        self.initialized.load(Ordering::Acquire) && !self.shutdown.load(Ordering::Acquire)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn settings(&self) -> Settings {
        *lock(&self.settings)
    }

    pub(crate) fn configure(&self, value: &serde_json::Value) {
        let mut settings = lock(&self.settings);
        *settings = settings.with(value);
    }

    /// What columns count.
    pub(crate) fn encoding(&self) -> Encoding {
        lock(&self.documents).encoding
    }

    /// The client shows progress that the server begins.
    pub(crate) fn shows_progress(&self) -> bool {
        self.progress.load(Ordering::Acquire)
    }

    /// The client takes edits of a certain version of a document.
    pub(crate) fn versioned_edits(&self) -> bool {
        self.versioned_edits.load(Ordering::Acquire)
    }

    pub(crate) fn exit(&self) {
        self.exit.notify_one();
    }

    /// Ends the server where the process that started it is gone, its pipes still held by somebody else.
    fn watch_parent(self: &Arc<Self>, process: u32) {
        let place = PathBuf::from(format!("/proc/{process}"));
        // Another name space has another numbering: then there is nothing to watch.
        if !place.exists() {
            return;
        }
        let shared = Arc::downgrade(self);
        tokio::spawn(async move {
            while place.exists() {
                tokio::time::sleep(PARENT).await;
            }
            if let Some(shared) = shared.upgrade() {
                shared.exit();
            }
        });
    }

    pub(crate) fn document(&self, uri: &str) -> Option<Snapshot> {
        lock(&self.documents).get(uri)
    }

    pub(crate) fn open(self: &Arc<Self>, uri: &lsp::Url, version: i32, text: &str) {
        if self.serving() {
            let snapshot = lock(&self.documents).open(uri.as_str(), version, text);
            self.judge(uri, Some(snapshot));
        }
    }

    pub(crate) fn change(self: &Arc<Self>, uri: &lsp::Url, version: i32, changes: &[Change]) {
        let snapshot = lock(&self.documents).change(uri.as_str(), version, changes);
        if let Some(snapshot) = snapshot {
            self.judge(uri, Some(snapshot));
        }
    }

    pub(crate) fn close(self: &Arc<Self>, uri: &lsp::Url) {
        let closed = lock(&self.documents).close(uri.as_str());
        if closed {
            self.judge(uri, None);
        }
    }

    /// Judges a version, and the open descriptions that include it.
    fn judge(self: &Arc<Self>, uri: &lsp::Url, snapshot: Option<Snapshot>) {
        judge::judge(self, uri, snapshot);
        for main in self.judging.includers(uri) {
            self.judge_afresh(&main);
        }
    }

    /// Judges all open documents anew: something beside their text has changed.
    pub(crate) fn judge_again(self: &Arc<Self>) {
        let open = lock(&self.documents).uris();
        for uri in open.iter().filter_map(|uri| lsp::Url::parse(uri).ok()) {
            self.judge_afresh(&uri);
        }
    }

    pub(crate) fn judge_afresh(self: &Arc<Self>, uri: &lsp::Url) {
        let snapshot = lock(&self.documents).afresh(uri.as_str());
        if snapshot.is_some() {
            judge::judge(self, uri, snapshot);
        }
    }
}

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
        lock(&self.0.documents).encoding = encoding;
        let window = params.capabilities.window.as_ref();
        let progress = window.and_then(|w| w.work_done_progress).unwrap_or(false);
        self.0.progress.store(progress, Ordering::Release);
        let workspace = params.capabilities.workspace.as_ref();
        let versioned = workspace
            .and_then(|w| w.workspace_edit.as_ref())
            .and_then(|e| e.document_changes)
            .unwrap_or(false);
        self.0.versioned_edits.store(versioned, Ordering::Release);
        let watches = workspace
            .and_then(|w| w.did_change_watched_files)
            .and_then(|w| w.dynamic_registration)
            .unwrap_or(false);
        self.0.registers_watchers.store(watches, Ordering::Release);
        if let Some(parent) = params.process_id {
            self.0.watch_parent(parent);
        }
        let snippets = params
            .capabilities
            .text_document
            .and_then(|t| t.completion)
            .and_then(|c| c.completion_item)
            .and_then(|i| i.snippet_support)
            .unwrap_or(false);
        self.0.snippets.store(snippets, Ordering::Release);
        self.0.initialized.store(true, Ordering::Release);
        // The grammar is ready before the first document is.
        tokio::task::spawn_blocking(apteryx_schema::grammar::Grammar::kiwi);
        let triggers = ["<", "/", " ", "\"", "'", ","];
        Ok(lsp::InitializeResult {
            capabilities: lsp::ServerCapabilities {
                position_encoding: Some(encoding_name),
                text_document_sync: Some(lsp::TextDocumentSyncCapability::Kind(
                    lsp::TextDocumentSyncKind::INCREMENTAL,
                )),
                completion_provider: Some(lsp::CompletionOptions {
                    trigger_characters: Some(triggers.map(str::to_owned).to_vec()),
                    ..lsp::CompletionOptions::default()
                }),
                hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
                definition_provider: Some(lsp::OneOf::Left(true)),
                document_formatting_provider: Some(lsp::OneOf::Left(true)),
                code_action_provider: Some(lsp::CodeActionProviderCapability::Options(
                    lsp::CodeActionOptions {
                        code_action_kinds: Some(vec![
                            lsp::CodeActionKind::QUICKFIX,
                            lsp::CodeActionKind::REFACTOR_REWRITE,
                            lsp::CodeActionKind::new(convert::FIX_ALL),
                        ]),
                        ..lsp::CodeActionOptions::default()
                    },
                )),
                execute_command_provider: Some(lsp::ExecuteCommandOptions {
                    commands: COMMANDS.map(str::to_owned).to_vec(),
                    ..lsp::ExecuteCommandOptions::default()
                }),
                ..lsp::ServerCapabilities::default()
            },
            server_info: Some(lsp::ServerInfo {
                name: "apteryx".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        if !self.0.registers_watchers.load(Ordering::Acquire) {
            return;
        }
        let watchers = WATCHED.map(|glob| serde_json::json!({"globPattern":glob}));
        let registration = lsp::Registration {
            id: "apteryx/files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: Some(serde_json::json!({"watchers":watchers})),
        };
        // A client that refuses tells of saved files all the same.
        let _ = self.0.client.register_capability(vec![registration]).await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.0.shutdown.store(true, Ordering::Release);
        Ok(())
    }

    async fn execute_command(&self, params: lsp::ExecuteCommandParams) -> Result<Option<serde_json::Value>> {
        commands::execute(&self.0, params).await
    }

    async fn completion(&self, params: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>> {
        let position = params.text_document_position.position;
        let snippets = self.0.snippets.load(Ordering::Acquire);
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
        compute(move |snapshot, derived| {
            let hover = features::hover::hover(snapshot, convert::offset(&derived.lines, position))?;
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
            let (uri, range) = if file == FileId::default() {
                (at.text_document.uri, convert::range(&derived.lines, span))
            } else {
                let file = derived.model().image.files.get(file.0 as usize)?;
                let lines = Lines::new(file.text.clone(), derived.lines.encoding());
                (judge::file_uri(&file.path)?, convert::range(&lines, span))
            };
            Some(lsp::GotoDefinitionResponse::Scalar(lsp::Location::new(
                uri, range,
            )))
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
            let mut actions: Vec<_> = actions
                .map(|a| convert::action(&uri, &derived.lines, a))
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
        // At the end of the input `near` is closed, at which the transport ends by itself.
        let _ = frames::forward(input, near).await;
        std::future::pending::<()>().await
    };
    let server = Server::new(far, output, socket)
        .concurrency_level(CONCURRENCY)
        .serve(Ordered::new(service, shared.clone()));
    tokio::select! {
        () = server => {}
        () = reading => {}
        () = shared.exit.notified() => {}
    }
    shared.shutdown.load(Ordering::Acquire)
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
