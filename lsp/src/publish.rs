//! What is told of a judgement, and where: in the document, in the files that it includes, in scripts and settings beside
//! it; and what a job found to blame. Judges nothing.

use std::sync::Arc;

use apteryx_schema::diagnostic::{FileId, Severity, Source};
use apteryx_schema::levels::Levels;
use apteryx_schema::{Diagnostic, Span};
use rustc_hash::FxHashMap;
use tokio::runtime::Handle;
use tower_lsp::lsp_types as lsp;

use crate::carry::carry;
use crate::convert;
use crate::job::Blame;
use crate::judge::{LevelsRead, One, Slow, judge};
use crate::lines::Lines;
use crate::lock::lock;
use crate::shared::Shared;
use crate::shares::Owner;
use crate::snapshot::{Derived, Snapshot};

impl One<'_> {
    pub(crate) fn publish(&self, snapshot: &Snapshot, levels: &LevelsRead, own: &[Diagnostic], more: &Slow) {
        let derived = snapshot.derived();
        let (levels, fault) = match levels {
            Ok(levels) => (levels, None),
            Err(fault) => (&Levels::default(), Some(fault.clone())),
        };
        let mut by_file = FxHashMap::<FileId, Vec<(&Diagnostic, Severity)>>::default();
        for found in own.iter().chain(&more.found).chain(&more.names) {
            if let Some(severity) = levels.severity(found) {
                by_file.entry(found.file).or_default().push((found, severity));
            }
        }
        let all = |uri: &lsp::Url, lines: &Lines, found: Option<Vec<(&Diagnostic, Severity)>>| -> Vec<_> {
            let found = found.unwrap_or_default().into_iter();
            let one = |(found, severity)| lsp::Diagnostic {
                severity: Some(convert::severity(severity)),
                ..convert::diagnostic(uri, lines, found)
            };
            found.map(one).collect()
        };
        let mut here = all(self.uri, &derived.lines, by_file.remove(&FileId::default()));
        here.extend(self.blamed(derived));
        let version = Some(snapshot.version);
        let mut parts: Vec<(lsp::Url, Vec<lsp::Diagnostic>)> = Vec::new();
        let included = if derived.includes() {
            derived.model().image.files.as_slice()
        } else {
            &[]
        };
        let included = (0..).map(FileId).zip(included).skip(1);
        for (id, file) in included.chain(more.scripts.iter().map(|(id, file)| (*id, file))) {
            let Some(uri) = self.shared.file_uri(&file.path).filter(|u| u != self.uri) else {
                continue;
            };
            let lines = Lines::new(file.text.clone(), derived.lines.encoding());
            let found = all(&uri, &lines, by_file.remove(&id));
            match parts.iter_mut().find(|(other, _)| *other == uri) {
                Some((_, all)) => all.extend(found),
                None => parts.push((uri, found)),
            }
        }
        let judging = &self.shared.judging;
        let _gate = lock(self.gate);
        let mut shares = lock(&judging.shares);
        // Meanwhile it may have become a part of another: then that one tells.
        if self.stopped() || !judging.includers(self.uri).is_empty() {
            return;
        }
        let files: Vec<lsp::Url> = parts.iter().map(|(uri, _)| uri.clone()).collect();
        let (mut gone, levels_file) = match lock(&judging.slots).get_mut(self.uri) {
            Some(slot) => {
                // While the text is broken nobody knows what it includes: its parts stay its parts, with what was found.
                let gone = match derived.tree.errors().is_empty() {
                    true => std::mem::replace(&mut slot.files, files.clone()),
                    false => Vec::new(),
                };
                let now = fault.as_ref().map(|(file, _)| file.clone());
                (gone, std::mem::replace(&mut slot.levels, now))
            }
            None => (Vec::new(), None),
        };
        gone.retain(|uri| !files.contains(uri));
        let client = self.shared.client();
        let own = client.publish_diagnostics(self.uri.clone(), here, version);
        self.runtime.block_on(own);
        let (to, owner) = ((client, self.runtime), Owner::Text(self.uri.clone()));
        let still = fault.as_ref().map(|(file, _)| file);
        let none = levels_file.iter().filter(|f| Some(*f) != still).chain(&gone);
        for file in none {
            shares.give(to, file, &owner, Vec::new());
        }
        if let Some((file, found)) = fault {
            shares.give(to, &file, &owner, vec![found]);
        }
        for (file, found) in parts {
            shares.give(to, &file, &owner, found);
        }
        drop(shares);
        self.alone(gone);
    }

    /// What a job found to blame, moved along with the text.
    fn blamed(&self, derived: &Derived) -> Option<lsp::Diagnostic> {
        let slots = lock(&self.shared.judging.slots);
        let (text, found, blame) = slots.get(self.uri)?.blamed.clone()?;
        let found = carry(&text, &derived.text, vec![found]).pop()?;
        Some(shown(&derived.lines, found.span, &blame))
    }

    /// Files that are no longer included: an open one is judged by itself.
    fn alone(&self, files: Vec<lsp::Url>) {
        for uri in files {
            if let Some(open) = self.shared.document(uri.as_str()) {
                judge(self.shared, &uri, Some(open));
            }
        }
    }

    /// Takes back what it has told of other files.
    pub(crate) fn leave(&self) {
        let files = match lock(&self.shared.judging.slots).get_mut(self.uri) {
            Some(slot) => {
                let levels = slot.levels.take();
                let files = std::mem::take(&mut slot.files);
                levels.into_iter().chain(files).collect()
            }
            None => Vec::new(),
        };
        let to = (self.shared.client(), self.runtime);
        let owner = Owner::Text(self.uri.clone());
        for file in &files {
            lock(&self.shared.judging.shares).give(to, file, &owner, Vec::new());
        }
        self.alone(files);
    }

    pub(crate) fn close(&self) -> Option<()> {
        let _gate = lock(self.gate);
        if self.stopped() {
            return None;
        }
        self.shared.statuses.forget(self.uri);
        if let Some(slot) = lock(&self.shared.judging.slots).get_mut(self.uri) {
            slot.slow = Slow::default();
        }
        {
            let _shares = lock(&self.shared.judging.shares);
            if self.shared.judging.includers(self.uri).is_empty() {
                let client = self.shared.client();
                let clear = client.publish_diagnostics(self.uri.clone(), Vec::new(), None);
                self.runtime.block_on(clear);
            }
        }
        self.leave();
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
    let Some(file) = shared.file_uri(&blame.path) else {
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
    let owner = Owner::Job(job.clone());
    lock(&shared.judging.shares).give((shared.client(), runtime), &file, &owner, found);
}

/// Takes back what the last job of that description found to blame.
pub fn forgive(shared: &Arc<Shared>, job: &lsp::Url, runtime: &Handle) {
    let Some(file) = lock(&shared.judging.blamed).remove(job) else {
        return;
    };
    if let Some(slot) = lock(&shared.judging.slots).get_mut(&file) {
        slot.blamed = None;
    }
    let owner = Owner::Job(job.clone());
    if shared.document(file.as_str()).is_some() {
        shared.judge_afresh(&file);
    } else {
        lock(&shared.judging.shares).give((shared.client(), runtime), &file, &owner, Vec::new());
    }
}
