//! The server's state, shared by the reader, the requests and the judgements. Knows no request: those stand in `server`.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tower_lsp::Client;
use tower_lsp::lsp_types as lsp;

use crate::capabilities::Abilities;
use crate::commands::Jobs;
use crate::documents::{Change, Documents};
use crate::judge::{self, Judging};
use crate::lines::Encoding;
use crate::lock::lock;
use crate::lookup::Lookups;
use crate::outgoing::Marks;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::status::Statuses;

/// How often it is looked whether the client is still there.
const PARENT: Duration = Duration::from_secs(2);

/// The server's state.
#[derive(Debug)]
pub struct Shared {
    documents: Mutex<Documents>,
    pub(crate) judging: Judging,
    client: Client,
    pub(crate) marks: Arc<Marks>,
    initialized: AtomicBool,
    shutdown: AtomicBool,
    abilities: Mutex<Abilities>,
    settings: Mutex<Settings>,
    pub(crate) jobs: Jobs,
    pub(crate) lookup: Lookups,
    pub(crate) statuses: Statuses,
    exit: Notify,
}

impl Shared {
    /// Nothing open, nothing known of the client.
    pub fn new(client: Client) -> Self {
        Self {
            documents: Mutex::default(),
            judging: Judging::default(),
            client,
            marks: Arc::default(),
            initialized: AtomicBool::new(false),
            shutdown: AtomicBool::new(false),
            abilities: Mutex::default(),
            settings: Mutex::default(),
            jobs: Jobs::default(),
            lookup: Lookups::default(),
            statuses: Statuses::default(),
            exit: Notify::new(),
        }
    }

    /// From here on documents are opened.
    pub(crate) fn begin(&self, abilities: Abilities, encoding: Encoding) {
        *lock(&self.abilities) = abilities;
        lock(&self.documents).encoding = encoding;
        self.initialized.store(true, Ordering::Release);
    }

    /// From here on nothing is opened any more.
    pub(crate) fn shut(&self) {
        self.shutdown.store(true, Ordering::Release);
    }

    /// True where the client said `shutdown`.
    pub(crate) fn is_shut(&self) -> bool {
        self.shutdown.load(Ordering::Acquire)
    }

    fn serving(&self) -> bool {
        self.initialized.load(Ordering::Acquire) && !self.is_shut()
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

    /// Lenses and hints may be others now: a client that can asks for them anew. Does not wait for it.
    pub(crate) fn show_again(&self, runtime: &Handle) {
        let (client, can) = (self.client.clone(), self.abilities());
        if can.refreshes_lenses {
            let client = client.clone();
            runtime.spawn(async move { client.code_lens_refresh().await });
        }
        if can.refreshes_hints {
            runtime.spawn(async move { client.inlay_hint_refresh().await });
        }
    }

    /// What columns count.
    pub(crate) fn encoding(&self) -> Encoding {
        lock(&self.documents).encoding
    }

    /// What the client can.
    pub(crate) fn abilities(&self) -> Abilities {
        *lock(&self.abilities)
    }

    pub(crate) fn exit(&self) {
        self.exit.notify_one();
    }

    /// Waits until the server is to end.
    pub(crate) async fn ended(&self) {
        self.exit.notified().await;
    }

    /// Ends the server where the process that started it is gone, its pipes still held by somebody else.
    pub(crate) fn watch_parent(self: &Arc<Self>, process: u32) {
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

    /// The URI of a file: as the client writes it where it is open.
    pub(crate) fn file_uri(&self, path: &Path) -> Option<lsp::Url> {
        let written = lock(&self.documents).written(path).map(lsp::Url::parse);
        written.and_then(Result::ok).or_else(|| judge::file_uri(path))
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
