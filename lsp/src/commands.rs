//! The commands of the server: jobs as child processes with progress and events, cancel, migration. A handler here may
//! wait for as long as a build takes, but holds nothing that the reader needs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apteryx_builder::events::{Event, amount};
use apteryx_schema::description::{View, host_arch};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tower_lsp::Client;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types as lsp;
use tower_lsp::lsp_types::notification::{Notification, Progress};
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;

use crate::convert;
use crate::job::{self, Answer, Cancel, Job, Verb};
use crate::lock::lock;
use crate::lookup;
use crate::outgoing::Marks;
use crate::publish;
use crate::settings::Selection;
use crate::shared::Shared;

/// Commands this server runs.
pub const COMMANDS: [&str; 8] = [
    "apteryx.buildPrepare",
    "apteryx.buildCreate",
    "apteryx.build",
    "apteryx.boot",
    "apteryx.cancel",
    "apteryx.migrate",
    "apteryx.refreshPackages",
    "apteryx.select",
];
/// Events that may wait for a slow client before the job waits too.
const EVENTS: usize = 4096;

/// `apteryx/event`: one event of a running job.
#[derive(Debug)]
pub enum JobEvent {}

/// What `apteryx/event` carries: the event's own fields, and whose they are.
#[derive(Debug, Serialize, Deserialize)]
pub struct JobEventParams {
    /// The description, as the command named it.
    pub uri: lsp::Url,
    /// `apteryx.build`, …
    pub command: String,
    /// The event, as `--events` writes it.
    #[serde(flatten)]
    pub event: Event,
}

impl Notification for JobEvent {
    type Params = JobEventParams;
    const METHOD: &'static str = "apteryx/event";
}

/// The one argument of every command.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// The description: a file or a folder.
    pub uri: lsp::Url,
    /// Selected profiles.
    #[serde(default)]
    pub profiles: Option<Vec<String>>,
    /// Image type.
    #[serde(default, rename = "type")]
    pub image: Option<String>,
    /// Where results go: a path, from the description's folder on where it is not absolute.
    #[serde(default)]
    pub target_dir: Option<PathBuf>,
}

#[derive(Debug, Clone)]
struct Running {
    cancel: Cancel,
    token: Option<lsp::ProgressToken>,
    /// Told at its end.
    ended: Arc<Notify>,
}

/// The running jobs, one per description at most.
#[derive(Debug, Default)]
pub struct Jobs {
    running: Mutex<FxHashMap<lsp::Url, Running>>,
    count: AtomicU64,
}

impl Jobs {
    /// Ends the job of that description. False where none runs.
    fn cancel(&self, uri: &lsp::Url) -> bool {
        let running = lock(&self.running);
        running.get(uri).map(|r| r.cancel.cancel()).is_some()
    }

    /// Enters a job; one that is there and was cancelled is waited for. False where one runs on.
    async fn enter(&self, uri: &lsp::Url, job: &Running) -> bool {
        loop {
            let ended = {
                let mut running = lock(&self.running);
                match running.get(uri) {
                    None => {
                        running.insert(uri.clone(), job.clone());
                        return true;
                    }
                    Some(other) if other.cancel.asked() => other.ended.clone().notified_owned(),
                    Some(_) => return false,
                }
            };
            ended.await;
        }
    }

    fn leave(&self, uri: &lsp::Url) {
        if let Some(job) = lock(&self.running).remove(uri) {
            job.ended.notify_waiters();
        }
    }

    /// Ends all, and waits until they are gone, no longer than it takes to end them by force. False where none ran.
    pub async fn end_all(&self) -> bool {
        let ended: Vec<_> = {
            let running = lock(&self.running);
            let end = |job: &Running| {
                job.cancel.cancel();
                job.ended.clone().notified_owned()
            };
            running.values().map(end).collect()
        };
        let some = !ended.is_empty();
        let wait = async {
            for job in ended {
                job.await;
            }
        };
        let _ = tokio::time::timeout(job::PATIENCE + Duration::from_secs(1), wait).await;
        some
    }

    /// Ends the job that shows that progress.
    pub fn cancel_token(&self, token: &lsp::ProgressToken) {
        let running = lock(&self.running);
        for one in running.values().filter(|r| r.token.as_ref() == Some(token)) {
            one.cancel.cancel();
        }
    }
}

/// Runs a command to its answer.
pub async fn execute(
    shared: &Arc<Shared>,
    params: lsp::ExecuteCommandParams,
) -> Result<Option<serde_json::Value>> {
    let argument = match params.arguments.first().map(Argument::deserialize) {
        Some(Ok(argument)) => argument,
        Some(Err(error)) => return Err(Error::invalid_params(error.to_string())),
        None => return Err(Error::invalid_params("the argument `{uri}` is missing")),
    };
    let verb = match params.command.as_str() {
        "apteryx.buildPrepare" => Verb::Prepare,
        "apteryx.buildCreate" => Verb::Create,
        "apteryx.build" => Verb::Build,
        "apteryx.boot" => Verb::Boot,
        other => {
            let answer = match other {
                "apteryx.cancel" if shared.jobs.cancel(&argument.uri) => Answer::yes("cancelled"),
                "apteryx.cancel" => Answer::no("nothing runs for this description"),
                "apteryx.refreshPackages" => lookup::refresh(shared, &argument.uri).await,
                "apteryx.select" => {
                    let owner = shared.clone();
                    tokio::task::spawn_blocking(move || select(&owner, &argument))
                        .await
                        .unwrap_or_else(|error| Answer::no(format!("a fault of apteryx: {error}")))
                }
                "apteryx.migrate" => migrate(shared, &argument.uri).await?,
                _ => {
                    return Err(Error::invalid_params(format!("there is no command `{other}`")));
                }
            };
            return Ok(serde_json::to_value(answer).ok());
        }
    };
    // What only a part of an open description is cannot be built by itself.
    let main = match shared.judging.includers(&argument.uri).as_slice() {
        [main] => main.clone(),
        _ => argument.uri.clone(),
    };
    let Ok(description) = main.to_file_path() else {
        let answer = Answer::no(format!("`{main}` is not a file"));
        return Ok(serde_json::to_value(answer).ok());
    };
    let selected = match (&argument.profiles, &argument.image) {
        (None, None) => {
            let owner = shared.clone();
            let found = tokio::task::spawn_blocking(move || selected(&owner, &main));
            found.await.unwrap_or_default()
        }
        _ => Selection::default(),
    };
    let mut job = Job {
        verb,
        description,
        profiles: argument.profiles.unwrap_or(selected.profiles),
        image: argument.image.or(selected.image),
        target: None,
        host_mirror: shared.settings().host_mirror,
    };
    // Where the server was started says nothing about where results belong.
    job.target = argument.target_dir.map(|target| job.folder().join(target));
    let token = params.work_done_progress_params.work_done_token;
    let answer = run(shared, params.command, argument.uri, job, token).await;
    Ok(serde_json::to_value(answer).ok())
}

async fn run(
    shared: &Arc<Shared>,
    command: String,
    uri: lsp::Url,
    job: Job,
    token: Option<lsp::ProgressToken>,
) -> Answer {
    /// A client that gives up the request gives up the job.
    struct CancelOnDrop(Cancel);
    impl Drop for CancelOnDrop {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    let own = token.is_none() && shared.abilities().progress;
    let token = token.or_else(|| {
        let number = shared.jobs.count.fetch_add(1, Ordering::Relaxed);
        own.then(|| lsp::ProgressToken::String(format!("apteryx/job/{number}")))
    });
    let cancel = Cancel::default();
    let entry = Running {
        cancel: cancel.clone(),
        token: token.clone(),
        ended: Arc::default(),
    };
    if !shared.jobs.enter(&uri, &entry).await {
        return Answer::no("a job of this description is running, `apteryx.cancel` ends it");
    }
    // From here on to the thread that leaves again nothing may wait: the request can be given up wherever it does.
    let guard = CancelOnDrop(cancel.clone());
    let (say, events) = mpsc::channel(EVENTS);
    let (done, ended) = oneshot::channel();
    let (answered, answer) = oneshot::channel();
    let progress = JobProgress {
        client: shared.client().clone(),
        marks: shared.marks.clone(),
        token,
        own,
        title: job.verb.doing(),
    };
    let (owner, key, runtime) = (shared.clone(), uri.clone(), Handle::current());
    std::thread::spawn(move || {
        let _runtime = runtime.enter();
        publish::forgive(&owner, &key, &runtime);
        let (answer, blame) = job::run(&program(), &job, &cancel, |event| {
            // Nobody listens where the server ends.
            let _ = say.blocking_send(event);
        });
        if let Some(blame) = blame {
            publish::blame(&owner, &key, blame, &runtime);
        }
        owner.jobs.leave(&key);
        owner.show_again(&runtime);
        owner.lookup.lists.forget();
        let _ = done.send(answer);
    });
    tokio::spawn(async move {
        progress.follow(&command, &uri, events).await;
        let fault = |_| Answer::no("a fault of apteryx: the job is gone");
        let answer = ended.await.unwrap_or_else(fault);
        progress.end(&answer.message).await;
        // Whoever has the answer has seen how it came about.
        progress.marks.passed(&progress.client).await;
        let _ = answered.send(answer);
    });
    let answer = answer
        .await
        .unwrap_or_else(|_| Answer::no("a fault of apteryx: the job is gone"));
    drop(guard);
    answer
}

/// This program, also where a newer one was put into its place meanwhile.
fn program() -> PathBuf {
    std::env::current_exe()
        .ok()
        .filter(|path| path.exists())
        .unwrap_or_else(|| "/proc/self/exe".into())
}

/// A job as the client sees it.
struct JobProgress {
    client: Client,
    marks: Arc<Marks>,
    token: Option<lsp::ProgressToken>,
    /// The token is the server's: the client is told of it first.
    own: bool,
    title: &'static str,
}

impl JobProgress {
    async fn say(&self, value: lsp::WorkDoneProgress) {
        if let Some(token) = self.token.clone() {
            let value = lsp::ProgressParamsValue::WorkDone(value);
            self.client
                .send_notification::<Progress>(lsp::ProgressParams { token, value })
                .await;
        }
    }

    async fn follow(&self, command: &str, uri: &lsp::Url, mut events: mpsc::Receiver<Event>) {
        if let (true, Some(token)) = (self.own, self.token.clone()) {
            // A client that never answers must not hold up the job's end.
            let create = self
                .client
                .send_request::<WorkDoneProgressCreate>(lsp::WorkDoneProgressCreateParams { token });
            let _ = tokio::time::timeout(Duration::from_secs(2), create).await;
        }
        let name = uri
            .path_segments()
            .and_then(|mut s| s.rfind(|s| !s.is_empty()))
            .unwrap_or("");
        self.say(lsp::WorkDoneProgress::Begin(lsp::WorkDoneProgressBegin {
            title: format!("{} {name}", self.title),
            cancellable: Some(true),
            ..lsp::WorkDoneProgressBegin::default()
        }))
        .await;
        while let Some(event) = events.recv().await {
            if let Some(report) = report(&event) {
                self.say(lsp::WorkDoneProgress::Report(report)).await;
            }
            self.client
                .send_notification::<JobEvent>(JobEventParams {
                    uri: uri.clone(),
                    command: command.to_owned(),
                    event,
                })
                .await;
        }
    }

    async fn end(&self, message: &str) {
        self.say(lsp::WorkDoneProgress::End(lsp::WorkDoneProgressEnd {
            message: Some(message.to_owned()),
        }))
        .await;
    }
}

fn report(event: &Event) -> Option<lsp::WorkDoneProgressReport> {
    let message = match event {
        Event::StepStarted { title, .. } => title.clone(),
        Event::Progress {
            step,
            done,
            total,
            unit,
            detail,
        } => format!("{step}: {} {detail}", amount(*done, *total, unit)),
        Event::StepFinished { step, summary, .. } => format!("{step}: {summary}"),
        _ => return None,
    };
    Some(lsp::WorkDoneProgressReport {
        cancellable: Some(true),
        message: Some(message),
        percentage: None,
    })
}

/// What was selected for an open description.
fn selected(shared: &Shared, uri: &lsp::Url) -> Selection {
    let Some(open) = shared.document(uri.as_str()) else {
        return Selection::default();
    };
    shared.statuses.selected(uri, open.derived().model())
}

/// Selects what names are judged by, and what a build takes that is not told otherwise.
fn select(shared: &Arc<Shared>, argument: &Argument) -> Answer {
    let Some(open) = shared.document(argument.uri.as_str()) else {
        return Answer::no("the description is not open");
    };
    let wanted = Selection {
        profiles: argument.profiles.clone().unwrap_or_default(),
        image: argument.image.clone(),
    };
    let (profiles, image) = (&wanted.profiles, wanted.image.as_deref());
    let loaded = open.derived().model();
    if let Err(error) = View::new(&loaded.image, profiles, image, host_arch()) {
        return Answer::no(error.to_string());
    }
    shared.statuses.select(&argument.uri, wanted);
    shared.judge_afresh(&argument.uri);
    Answer::yes("selected")
}

/// Brings an open document, and what it includes, to the current schema version by an edit that the client applies.
async fn migrate(shared: &Arc<Shared>, uri: &lsp::Url) -> Result<Answer> {
    let Some(snapshot) = shared.document(uri.as_str()) else {
        return Ok(Answer::no("the description is not open"));
    };
    let version = snapshot.version;
    let (uri, place) = (uri.clone(), shared.clone());
    let edits = tokio::task::spawn_blocking(move || {
        let derived = snapshot.derived();
        if let Some(error) = derived.tree.errors().first() {
            return Err(error.message.to_string());
        }
        let of = |path: &Path| place.file_uri(path);
        crate::features::actions::upgraded(derived)
            .map(|(own, beside)| convert::changes(&uri, &derived.lines, &own, beside, &of))
            .map(|changes| (uri, changes))
            .map_err(|error| error.message.to_string())
    })
    .await
    .unwrap_or_else(|error| Err(format!("a fault of apteryx: {error}")));
    let (uri, changes) = match edits {
        Ok((_, changes)) if changes.is_empty() => return Ok(Answer::yes("nothing to migrate")),
        Ok(found) => found,
        Err(message) => return Ok(Answer::no(message)),
    };
    let edit = if shared.abilities().versioned_edits {
        // With the version, so that a client whose text went on meanwhile refuses.
        let one = |(of, edits): (lsp::Url, Vec<lsp::TextEdit>)| lsp::TextDocumentEdit {
            text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                version: (of == uri).then_some(version),
                uri: of,
            },
            edits: edits.into_iter().map(lsp::OneOf::Left).collect(),
        };
        lsp::WorkspaceEdit {
            document_changes: Some(lsp::DocumentChanges::Edits(
                changes.into_iter().map(one).collect(),
            )),
            ..lsp::WorkspaceEdit::default()
        }
    } else {
        lsp::WorkspaceEdit::new(changes)
    };
    let applied = shared.client().apply_edit(edit).await?;
    Ok(if applied.applied {
        Answer::yes(format!("migrated to {}", apteryx_schema::migrate::CURRENT))
    } else {
        Answer::no(
            applied
                .failure_reason
                .unwrap_or_else(|| "the editor did not apply the change".to_owned()),
        )
    })
}
