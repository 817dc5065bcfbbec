//! When what is found is published. A judgement runs on a thread of its own pool, quick parts first; a newer version of
//! the document sets its `stop` and begins beside it, so that no outdated work delays the newest text. What is slow
//! to find (the folder, package names) is carried over from the version before until it is found anew.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use apteryx_schema::description::model::File;
use apteryx_schema::diagnostic::{FileId, Severity, Source};
use apteryx_schema::levels::Levels;
use apteryx_schema::{Diagnostic, Span, check};
use rustc_hash::FxHashMap;
use tokio::runtime::Handle;
use tower_lsp::lsp_types as lsp;

use crate::carry::carry;
use crate::convert;
use crate::documents::plain;
use crate::features;
use crate::job::Blame;
use crate::lines::Lines;
use crate::lock::lock;
use crate::lookup::{self, LARGE};
use crate::server::Shared;
use crate::snapshot::{Derived, Snapshot};
use crate::status;

/// Judgements of one document at a time: the newest, and the one before it on its way to its end.
const PER_DOCUMENT: usize = 2;
/// Threads. Few, and always the same: each keeps memory of its own.
const THREADS: usize = 3;

/// How long a large text must stay as it is before all rules are asked.
const QUIET: Duration = Duration::from_millis(150);

/// What is to be judged: a version, or none where the document was closed; and its `stop`.
type Next = (Option<Snapshot>, Arc<AtomicBool>);

#[derive(Debug, Default)]
struct Slot {
    next: Option<Next>,
    running: usize,
    closed: bool,
    /// Of the newest judgement.
    stop: Arc<AtomicBool>,
    /// Held while something is published: an older judgement never comes after a newer one.
    gate: Arc<Mutex<()>>,
    slow: Slow,
    /// What a job found to blame, and in which text.
    blamed: Option<(Arc<str>, Diagnostic, Blame)>,
    /// Other files that have findings of this document's: those that it includes, scripts beside it.
    files: Vec<lsp::Url>,
}

/// What only the slow passes find, and in which text.
#[derive(Debug, Clone, Default)]
struct Slow {
    text: Arc<str>,
    found: Vec<Diagnostic>,
    /// The scripts with findings.
    scripts: Vec<(FileId, File)>,
}

type Queue = (Mutex<(VecDeque<lsp::Url>, bool)>, Condvar);

/// The documents being judged.
#[derive(Debug, Default)]
pub struct Judging {
    slots: Mutex<FxHashMap<lsp::Url, Slot>>,
    /// By the description of a failed job, the file that has its finding.
    blamed: Mutex<FxHashMap<lsp::Url, lsp::Url>>,
    queue: Arc<Queue>,
    started: AtomicBool,
}

impl Drop for Judging {
    fn drop(&mut self) {
        lock(&self.queue.0).1 = true;
        self.queue.1.notify_all();
    }
}

impl Judging {
    /// The open documents that include the file.
    pub fn includers(&self, uri: &lsp::Url) -> Vec<lsp::Url> {
        let slots = lock(&self.slots);
        let those = slots.iter().filter(|(_, s)| !s.closed && s.files.contains(uri));
        those.map(|(main, _)| main.clone()).collect()
    }

    /// What is known of a version: what its text gives, and what the slow passes found last.
    fn known(&self, uri: &lsp::Url, derived: &Derived) -> Vec<Diagnostic> {
        let mut found = derived.judged().to_vec();
        found.extend(self.carried(uri, derived).found);
        if let Ok(levels) = levels(uri) {
            levels.apply(&mut found);
        }
        check::sort(&mut found);
        found
    }

    fn carried(&self, uri: &lsp::Url, derived: &Derived) -> Slow {
        let slow = lock(&self.slots).get(uri).map(|s| s.slow.clone());
        slow.map_or_else(Slow::default, |slow| Slow {
            found: carry(&slow.text, &derived.text, slow.found),
            ..slow
        })
    }
}

/// All that is known of a version of an open document: alone, or as a part of the description that includes it.
pub fn known(shared: &Shared, uri: &lsp::Url, derived: &Derived) -> Vec<Diagnostic> {
    let mains = shared.judging.includers(uri);
    if mains.is_empty() {
        return shared.judging.known(uri, derived);
    }
    for main in mains {
        let Some(snapshot) = shared.document(main.as_str()) else {
            continue;
        };
        let whole = snapshot.derived();
        let files = &whole.model().image.files;
        let this = |f: &File| *f.text == *derived.text && file_uri(&f.path).as_ref() == Some(uri);
        let Some(id) = files.iter().position(this).map(|id| FileId(id as u32)) else {
            continue;
        };
        let mut found = shared.judging.known(&main, whole);
        found.retain(|d| d.file == id);
        for one in &mut found {
            one.file = FileId::default();
            one.notes.retain(|n| n.file == id);
            one.notes.iter_mut().for_each(|n| n.file = FileId::default());
        }
        return found;
    }
    Vec::new()
}

/// The one URI of a file.
pub fn file_uri(path: &Path) -> Option<lsp::Url> {
    lsp::Url::from_file_path(plain(path)).ok()
}

/// The levels for a document; where their file is at fault, that file and what is wrong.
type LevelsRead = Result<Levels, (lsp::Url, lsp::Diagnostic)>;

fn levels(uri: &lsp::Url) -> LevelsRead {
    let Ok(path) = uri.to_file_path() else {
        return Ok(Levels::default());
    };
    Levels::beside(&path).or_else(|fault| {
        let text = std::fs::read_to_string(&fault.file).unwrap_or_default();
        let lines = Lines::new(text.into(), Default::default());
        let mut found = lsp::Diagnostic::new_simple(convert::range(&lines, fault.span), fault.reason);
        found.severity = Some(lsp::DiagnosticSeverity::ERROR);
        found.source = Some("apteryx".to_owned());
        match file_uri(&fault.file) {
            Some(file) => Err((file, found)),
            None => Ok(Levels::default()),
        }
    })
}

/// Begins to judge a version (none: it was closed). Does not wait.
pub fn judge(shared: &Arc<Shared>, uri: &lsp::Url, snapshot: Option<Snapshot>) {
    let judging = &shared.judging;
    if !judging.started.swap(true, Ordering::AcqRel) {
        for _ in 0..THREADS {
            let (owner, queue, runtime) = (Arc::downgrade(shared), judging.queue.clone(), Handle::current());
            std::thread::spawn(move || {
                let _runtime = runtime.enter();
                while let Some(uri) = take(&queue) {
                    let Some(shared) = owner.upgrade() else { return };
                    work(&shared, &uri, &runtime);
                }
            });
        }
    }
    let mut slots = lock(&judging.slots);
    let slot = slots.entry(uri.clone()).or_default();
    slot.stop.store(true, Ordering::Release);
    slot.stop = Arc::default();
    slot.closed = snapshot.is_none();
    slot.next = Some((snapshot, slot.stop.clone()));
    if slot.running < PER_DOCUMENT {
        slot.running += 1;
        lock(&judging.queue.0).0.push_back(uri.clone());
        judging.queue.1.notify_one();
    }
}

fn take(queue: &Queue) -> Option<lsp::Url> {
    let mut state = lock(&queue.0);
    loop {
        if let Some(uri) = state.0.pop_front() {
            return Some(uri);
        }
        if state.1 {
            return None;
        }
        state = queue.1.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

fn work(shared: &Arc<Shared>, uri: &lsp::Url, runtime: &Handle) {
    loop {
        let (next, gate) = {
            let mut slots = lock(&shared.judging.slots);
            let Some(slot) = slots.get_mut(uri) else { return };
            let Some(next) = slot.next.take() else {
                slot.running -= 1;
                if slot.running == 0 && slot.closed {
                    slots.remove(uri);
                }
                return;
            };
            (next, slot.gate.clone())
        };
        let one = One {
            shared,
            uri,
            runtime,
            stop: &next.1,
            gate: &gate,
        };
        // A fault in one text must not end the server.
        let _ = catch_unwind(AssertUnwindSafe(|| match &next.0 {
            Some(snapshot) => one.judge(snapshot),
            None => one.close(),
        }));
    }
}

/// One judgement.
struct One<'a> {
    shared: &'a Arc<Shared>,
    uri: &'a lsp::Url,
    runtime: &'a Handle,
    stop: &'a AtomicBool,
    gate: &'a Mutex<()>,
}

impl One<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// In a large text the rules wait until nobody types: they cost more than a keystroke may, in time and in memory.
    fn rest(&self) {
        let begun = Instant::now();
        while !self.stopped() && begun.elapsed() < QUIET {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Gives none where it was given up.
    fn judge(&self, snapshot: &Snapshot) -> Option<()> {
        let judging = &self.shared.judging;
        // With the description that includes it, it is judged as a part; alone it is none.
        if !judging.includers(self.uri).is_empty() {
            return None;
        }
        let derived = snapshot.derived();
        if self.stopped() {
            return None;
        }
        let levels = levels(self.uri);
        let carried = judging.carried(self.uri, derived);
        let mut first = None;
        let mut quick = |found: &[Diagnostic]| {
            if derived.text.len() > LARGE {
                first = Some(found.to_vec());
                self.publish(snapshot, &levels, found, &carried);
                self.rest();
            }
        };
        let own = derived.judge(Some(self.stop), &mut quick)?;
        let known = first.is_none();
        if known {
            self.publish(snapshot, &levels, own, &carried);
        }
        let first = first.unwrap_or_else(|| own.to_vec());
        let mut slow = Slow {
            text: derived.text.clone(),
            found: own.iter().filter(|d| !first.contains(d)).cloned().collect(),
            scripts: Vec::new(),
        };
        let path = self.uri.to_file_path().ok().filter(|_| derived.sound());
        if let Some(path) = path.filter(|_| !self.stopped()) {
            let beside = features::diagnostics::beside(snapshot, &path);
            slow.found.extend(beside.diagnostics);
            let ids = derived.model().image.files.len() as u32..;
            slow.scripts = ids.map(FileId).zip(beside.files).collect();
        }
        slow.found
            .extend(lookup::findings(self.shared, self.uri, snapshot, self.stop)?);
        check::sort(&mut slow.found);
        if self.stopped() {
            return None;
        }
        // First kept, then told: the next letter comes as soon as it is seen.
        if let Some(slot) = lock(&judging.slots).get_mut(self.uri) {
            if self.stopped() {
                return None;
            }
            slot.slow = slow.clone();
        }
        if slow.found != carried.found {
            self.publish(snapshot, &levels, &first, &slow);
        }
        lookup::offer(self.shared, self.uri, snapshot);
        self.runtime
            .block_on(status::tell(self.shared, self.uri, snapshot));
        Some(())
    }

    fn publish(&self, snapshot: &Snapshot, levels: &LevelsRead, own: &[Diagnostic], more: &Slow) {
        let derived = snapshot.derived();
        let (levels, fault) = match levels {
            Ok(levels) => (levels, None),
            Err(fault) => (&Levels::default(), Some(fault.clone())),
        };
        let mut by_file = FxHashMap::<FileId, Vec<Diagnostic>>::default();
        for found in own.iter().chain(&more.found) {
            if let Some(severity) = levels.severity(found) {
                let found = Diagnostic {
                    severity,
                    ..found.clone()
                };
                by_file.entry(found.file).or_default().push(found);
            }
        }
        let all = |uri: &lsp::Url, lines: &Lines, found: Option<Vec<Diagnostic>>| -> Vec<_> {
            let found = found.unwrap_or_default();
            found.iter().map(|d| convert::diagnostic(uri, lines, d)).collect()
        };
        let mut here = all(self.uri, &derived.lines, by_file.remove(&FileId::default()));
        here.extend(self.blamed(derived));
        let version = Some(snapshot.version);
        let mut parts: Vec<(lsp::Url, Vec<lsp::Diagnostic>)> = fault
            .into_iter()
            .map(|(file, found)| (file, vec![found]))
            .collect();
        let included = if derived.includes() {
            derived.model().image.files.as_slice()
        } else {
            &[]
        };
        let included = (0..).map(FileId).zip(included).skip(1);
        for (id, file) in included.chain(more.scripts.iter().map(|(id, file)| (*id, file))) {
            let Some(uri) = file_uri(&file.path).filter(|u| u != self.uri) else {
                continue;
            };
            let lines = Lines::new(file.text.clone(), derived.lines.encoding());
            let found = all(&uri, &lines, by_file.remove(&id));
            match parts.iter_mut().find(|(other, _)| *other == uri) {
                Some((_, all)) => all.extend(found),
                None => parts.push((uri, found)),
            }
        }
        let _gate = lock(self.gate);
        if self.stopped() {
            return;
        }
        let files: Vec<lsp::Url> = parts.iter().map(|(uri, _)| uri.clone()).collect();
        let mut gone = match lock(&self.shared.judging.slots).get_mut(self.uri) {
            // While the text is broken nobody knows what it includes: its parts stay its parts, with what was found.
            Some(slot) if derived.tree.errors().is_empty() => {
                std::mem::replace(&mut slot.files, files.clone())
            }
            _ => Vec::new(),
        };
        gone.retain(|uri| !files.contains(uri));
        let client = self.shared.client();
        self.runtime.block_on(async {
            client.publish_diagnostics(self.uri.clone(), here, version).await;
            for (uri, found) in parts {
                client.publish_diagnostics(uri, found, None).await;
            }
        });
        self.leave(gone);
    }

    /// What a job found to blame, moved along with the text.
    fn blamed(&self, derived: &Derived) -> Option<lsp::Diagnostic> {
        let slots = lock(&self.shared.judging.slots);
        let (text, found, blame) = slots.get(self.uri)?.blamed.clone()?;
        let found = carry(&text, &derived.text, vec![found]).pop()?;
        Some(shown(&derived.lines, found.span, &blame))
    }

    /// Files that are no longer included have no findings of this document's; an open one is judged by itself.
    fn leave(&self, files: Vec<lsp::Url>) {
        for uri in files {
            let clear = self
                .shared
                .client()
                .publish_diagnostics(uri.clone(), Vec::new(), None);
            self.runtime.block_on(clear);
            if let Some(open) = self.shared.document(uri.as_str()) {
                judge(self.shared, &uri, Some(open));
            }
        }
    }

    fn close(&self) -> Option<()> {
        let _gate = lock(self.gate);
        if self.stopped() {
            return None;
        }
        self.shared.statuses.forget(self.uri);
        let files = match lock(&self.shared.judging.slots).get_mut(self.uri) {
            Some(slot) => {
                slot.slow = Slow::default();
                std::mem::take(&mut slot.files)
            }
            None => Vec::new(),
        };
        if self.shared.judging.includers(self.uri).is_empty() {
            let clear = self
                .shared
                .client()
                .publish_diagnostics(self.uri.clone(), Vec::new(), None);
            self.runtime.block_on(clear);
        }
        self.leave(files);
        Some(())
    }
}

fn shown(lines: &Lines, span: Span, blame: &Blame) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range: convert::range(lines, span),
        severity: Some(lsp::DiagnosticSeverity::ERROR),
        code: Some(lsp::NumberOrString::String(blame.code.clone())),
        source: Some("apteryx build".to_owned()),
        message: blame.message.clone(),
        ..lsp::Diagnostic::default()
    }
}

/// Tells at its place what of the description made the job `job` fail.
pub fn blame(shared: &Arc<Shared>, job: &lsp::Url, blame: Blame, runtime: &Handle) {
    let Some(file) = file_uri(&blame.path) else {
        return;
    };
    lock(&shared.judging.blamed).insert(job.clone(), file.clone());
    if let Some(open) = shared.document(file.as_str()) {
        let text = open.derived().text.clone();
        let (source, span) = (Source::Rules, blame.span);
        let found = Diagnostic::new("build-failed", Severity::Error, source, span, String::new());
        if let Some(slot) = lock(&shared.judging.slots).get_mut(&file) {
            slot.blamed = Some((text, found, blame));
        }
        shared.judge_afresh(&file);
        return;
    }
    let text = std::fs::read_to_string(&blame.path).unwrap_or_default();
    let lines = Lines::new(text.into(), shared.encoding());
    let found = vec![shown(&lines, blame.span, &blame)];
    runtime.block_on(shared.client().publish_diagnostics(file, found, None));
}

/// Takes back what the last job of that description found to blame.
pub async fn forgive(shared: &Arc<Shared>, job: &lsp::Url) {
    let Some(file) = lock(&shared.judging.blamed).remove(job) else {
        return;
    };
    if let Some(slot) = lock(&shared.judging.slots).get_mut(&file) {
        slot.blamed = None;
    }
    if shared.document(file.as_str()).is_some() {
        shared.judge_afresh(&file);
    } else {
        shared.client().publish_diagnostics(file, Vec::new(), None).await;
    }
}
