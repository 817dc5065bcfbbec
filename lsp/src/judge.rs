//! When a text is judged, and when what is found is published. A judgement runs on a thread of its own pool, quick parts first; a newer version of
//! the document sets its `stop` and begins beside it, so that no outdated work delays the newest text. What is slow
//! to find (the folder, package names) is carried over from the version before until it is found anew.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use apteryx_schema::description::model::File;
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::levels::Levels;
use apteryx_schema::{Diagnostic, check};
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
use crate::shared::Shared;
use crate::shares::Shares;
use crate::snapshot::{Derived, Snapshot};
use crate::status;

/// Judgements of one document at a time: the newest, and the one before it on its way to its end.
const PER_DOCUMENT: usize = 2;
/// Threads. Few, and always the same: each keeps memory of its own.
const THREADS: usize = 3;

/// Names of packages that may be new in a text, and are still looked up before anything is told.
const FEW: usize = 2;

/// How long a large text must stay as it is before all rules are asked.
const QUIET: Duration = Duration::from_millis(150);

/// What is to be judged: a version, or none where the document was closed; and its `stop`.
type Next = (Option<Snapshot>, Arc<AtomicBool>);

#[derive(Debug, Default)]
pub(crate) struct Slot {
    next: Option<Next>,
    running: usize,
    closed: bool,
    /// Of the newest judgement.
    stop: Arc<AtomicBool>,
    /// Held while something is published: an older judgement never comes after a newer one.
    gate: Arc<Mutex<()>>,
    pub(crate) slow: Slow,
    /// What a job found to blame, and in which text.
    pub(crate) blamed: Option<(Arc<str>, Diagnostic, Blame)>,
    /// Other files that have findings of this document's: those that it includes, scripts beside it.
    pub(crate) files: Vec<lsp::Url>,
    /// The levels' file, where it is at fault.
    pub(crate) levels: Option<lsp::Url>,
}

/// What only the slow passes find, and in which text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slow {
    text: Arc<str>,
    pub(crate) found: Vec<Diagnostic>,
    /// Of the names of packages.
    pub(crate) names: Vec<Diagnostic>,
    /// The scripts with findings.
    pub(crate) scripts: Vec<(FileId, File)>,
}

type Queue = (Mutex<(VecDeque<lsp::Url>, bool)>, Condvar);

/// The documents being judged.
#[derive(Debug, Default)]
pub struct Judging {
    pub(crate) slots: Mutex<FxHashMap<lsp::Url, Slot>>,
    /// What was told of other files; held while anything is told, so that no document is told of twice.
    pub(crate) shares: Mutex<Shares>,
    /// By the description of a failed job, the file that has its finding.
    pub(crate) blamed: Mutex<FxHashMap<lsp::Url, lsp::Url>>,
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
        let path = uri.to_file_path().ok().map(|p| plain(&p));
        // Told before it was opened, it may have been written otherwise.
        let same = |file: &lsp::Url| file == uri || (path.is_some() && file.to_file_path().ok() == path);
        let those = slots
            .iter()
            .filter(|(_, s)| !s.closed && s.files.iter().any(same));
        those.map(|(main, _)| main.clone()).collect()
    }

    /// What is known of a version: what its text gives, and what the slow passes found last.
    fn known(&self, uri: &lsp::Url, derived: &Derived) -> Vec<Diagnostic> {
        let mut found = derived.judged().to_vec();
        let carried = self.carried(uri, derived);
        found.extend(carried.found.into_iter().chain(carried.names));
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
            names: carry(&slow.text, &derived.text, slow.names),
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
        let this = |f: &File| *f.text == *derived.text && shared.file_uri(&f.path).as_ref() == Some(uri);
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
pub(crate) type LevelsRead = Result<Levels, (lsp::Url, lsp::Diagnostic)>;

fn levels(uri: &lsp::Url) -> LevelsRead {
    let Ok(path) = uri.to_file_path() else {
        return Ok(Levels::default());
    };
    Levels::beside(&path).or_else(|fault| {
        let text = std::fs::read_to_string(&fault.file).unwrap_or_default();
        let lines = Lines::new(text.into(), Default::default());
        let message = format!("{}\n{}", fault.reason, fault.help);
        let mut found = lsp::Diagnostic::new_simple(convert::range(&lines, fault.span), message);
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

/// The findings among `all` that are not among `first`, in time that grows with both.
fn besides(all: &[Diagnostic], first: &[Diagnostic]) -> Vec<Diagnostic> {
    let place = |d: &Diagnostic| (d.file, d.span.start, d.span.end, d.code);
    let mut known = FxHashMap::<_, Vec<&Diagnostic>>::default();
    for one in first {
        known.entry(place(one)).or_default().push(one);
    }
    let new = |d: &&Diagnostic| known.get(&place(d)).is_none_or(|those| !those.contains(d));
    all.iter().filter(new).cloned().collect()
}

/// One judgement.
pub(crate) struct One<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) uri: &'a lsp::Url,
    pub(crate) runtime: &'a Handle,
    stop: &'a AtomicBool,
    pub(crate) gate: &'a Mutex<()>,
}

impl One<'_> {
    pub(crate) fn stopped(&self) -> bool {
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
            self.leave();
            return None;
        }
        let derived = snapshot.derived();
        if self.stopped() {
            return None;
        }
        let levels = levels(self.uri);
        let mut carried = judging.carried(self.uri, derived);
        let mut first = None;
        let mut quick = |found: &[Diagnostic]| {
            if derived.text.len() > LARGE {
                first = Some(found.to_vec());
                self.publish(snapshot, &levels, found, &carried);
                self.rest();
            }
        };
        let own = derived.judge(Some(self.stop), &mut quick)?;
        let mut names = None;
        if first.is_none() {
            // Told at once where few are new: who types a letter of a name is told once, and what is told is true.
            names = lookup::findings(self.shared, self.uri, snapshot, self.stop, Some(FEW));
            if let Some(names) = &names {
                carried.names.clone_from(names);
            }
            if self.stopped() {
                return None;
            }
            self.publish(snapshot, &levels, own, &carried);
        }
        let mut slow = Slow {
            text: derived.text.clone(),
            found: first
                .as_deref()
                .map_or_else(Vec::new, |first| besides(own, first)),
            ..Slow::default()
        };
        let first = first.as_deref().unwrap_or(own);
        let path = self.uri.to_file_path().ok().filter(|_| derived.sound());
        if let Some(path) = path.filter(|_| !self.stopped()) {
            let beside = features::diagnostics::beside(snapshot, &path);
            slow.found.extend(beside.diagnostics);
            let ids = derived.model().image.files.len() as u32..;
            slow.scripts = ids.map(FileId).zip(beside.files).collect();
        }
        slow.names = match names {
            Some(names) => names,
            None => lookup::findings(self.shared, self.uri, snapshot, self.stop, None)?,
        };
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
        if slow.found != carried.found || slow.names != carried.names {
            self.publish(snapshot, &levels, first, &slow);
        }
        lookup::offer(self.shared, self.uri, snapshot);
        self.runtime
            .block_on(status::tell(self.shared, self.uri, snapshot));
        Some(())
    }
}
