//! Package look-ups between the client and the lists: names for completion, findings about names, the one question and
//! the refresh. No host is contacted before a yes, be it the setting, the answer, or the refresh command.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use apteryx_schema::description::load::{LoadOptions, load};
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{Diagnostic, Span, check};
use rustc_hash::FxHashMap;
use tower_lsp::lsp_types as lsp;

use crate::features::completion::Candidate;
use crate::features::hints::{self, Hint};
use crate::features::hover::Hover;
use crate::features::packages as feature;
use crate::job::Answer;
use crate::lock::lock;
use crate::packages::{Lists, Wanted};
use crate::settings::Lookup;
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::status;

/// Texts above this (bytes) have their rules and names judged when nobody types: they cost more than a keystroke may.
pub(crate) const LARGE: usize = 1 << 20;

/// The lists, and what the user said of which folder (none while the question stands).
#[derive(Debug, Default)]
pub struct Lookups {
    pub(crate) lists: Lists,
    folders: Mutex<FxHashMap<PathBuf, Option<bool>>>,
    always: Mutex<bool>,
    /// Refreshes that are under way.
    fetching: AtomicUsize,
}

impl Lookups {
    /// True while lists are fetched.
    pub fn fetching(&self) -> bool {
        self.fetching.load(Ordering::Acquire) > 0
    }
}

/// The repositories of a description; none where it lies in no file.
pub(crate) fn wanted(shared: &Shared, uri: &lsp::Url, snapshot: &Snapshot) -> Option<Wanted> {
    uri.to_file_path().ok()?;
    let loaded = snapshot.derived().model();
    let mirror = shared.lookup.lists.mirror(shared.settings().host_mirror);
    Some(Wanted::all(
        loaded,
        &shared.statuses.selected(uri, loaded),
        mirror,
    ))
}

/// The package names at the cursor, from what is on disk; true where there may be more. None at any other place.
pub fn names(
    shared: &Shared,
    uri: &lsp::Url,
    snapshot: &Snapshot,
    offset: u32,
) -> Option<(Vec<Candidate>, bool)> {
    let (typed, replace, quote) = feature::name_at(snapshot, offset)?;
    let wanted = wanted(shared, uri, snapshot).unwrap_or_default();
    let (universe, all) = shared.lookup.lists.open_some(&wanted.specs);
    let (found, more) =
        universe.map_or_else(Default::default, |u| feature::names(&u, &typed, replace, quote));
    // While lists are missing the client asks again: they may come at any time.
    Some((found, more || !all))
}

/// What the lists say of the package named at the cursor; none where it is none, or is not in those on disk.
pub fn about(shared: &Shared, uri: &lsp::Url, snapshot: &Snapshot, offset: u32) -> Option<Hover> {
    let (_, span, _) = feature::name_at(snapshot, offset)?;
    let wanted = wanted(shared, uri, snapshot)?;
    let (universe, _) = shared.lookup.lists.open_some(&wanted.specs);
    let name = span.of(&snapshot.derived().text).trim().to_owned();
    let markdown = feature::about(&universe?, &name)?;
    Some(Hover { markdown, span })
}

/// The hints of what begins in `range`, where the lists of all repositories in question are on disk.
pub fn hints(shared: &Shared, uri: &lsp::Url, snapshot: &Snapshot, range: Span) -> Vec<Hint> {
    let (wanted, derived) = (shared.settings().hints, snapshot.derived());
    let asked = wanted.sections || wanted.packages;
    if !asked
        || derived.text.len() > LARGE
        || uri.to_file_path().is_err()
        || !derived.tree.errors().is_empty()
    {
        return Vec::new();
    }
    let loaded = derived.model();
    let selected = shared.statuses.selected(uri, loaded);
    let Some(view) = feature::view(loaded, &selected).filter(|v| v.package_manager() == "apt") else {
        return Vec::new();
    };
    let mirror = shared.lookup.lists.mirror(shared.settings().host_mirror);
    let repositories = Wanted::new(view.repositories(), &loaded.dir, mirror);
    if !repositories.whole || repositories.specs.is_empty() {
        return Vec::new();
    }
    match shared.lookup.lists.open(&repositories.specs) {
        Some(universe) => hints::hints(derived, &view, &universe, range, wanted),
        None => Vec::new(),
    }
}

/// The names that no repository has, where the lists of all repositories in question are on disk; none where `stop`
/// is set meanwhile, or more than `most` of them were never looked up: then lists that are not yet open stay so.
pub fn findings(
    shared: &Shared,
    uri: &lsp::Url,
    snapshot: &Snapshot,
    stop: &AtomicBool,
    most: Option<usize>,
) -> Option<Vec<Diagnostic>> {
    let derived = snapshot.derived();
    if uri.to_file_path().is_err() {
        return Some(Vec::new());
    }
    let loaded = derived.model();
    let selected = shared.statuses.selected(uri, loaded);
    let Some(view) = feature::view(loaded, &selected).filter(|v| v.package_manager() == "apt") else {
        return Some(Vec::new());
    };
    let lists = &shared.lookup.lists;
    let mirror = lists.mirror(shared.settings().host_mirror);
    let wanted = Wanted::new(view.repositories(), &loaded.dir, mirror);
    if !wanted.whole || wanted.specs.is_empty() {
        return Some(Vec::new());
    }
    let mut found = lists.unknown(&wanted.specs, &view, stop, most)?;
    for (id, tree) in loaded.trees.iter().enumerate() {
        check::silence(tree, FileId(id as u32), &mut found);
    }
    Some(found)
}

/// After a document was judged: where its lists are missing, fetches them if that is allowed, or asks once per folder.
/// Does not wait.
pub fn offer(shared: &Arc<Shared>, uri: &lsp::Url, snapshot: &Snapshot) {
    let setting = shared.settings().lookup;
    let Some(folder) = folder(uri) else { return };
    let lookups = &shared.lookup;
    if setting == Lookup::Never || lock(&lookups.folders).contains_key(&folder) {
        return;
    }
    let Some(wanted) = wanted(shared, uri, snapshot) else {
        return;
    };
    if wanted.specs.is_empty() || lookups.lists.open(&wanted.specs).is_some() {
        return;
    }
    let allowed = setting == Lookup::Allow || *lock(&lookups.always);
    lock(&lookups.folders).insert(folder.clone(), allowed.then_some(true));
    let (shared, uri, snapshot) = (shared.clone(), uri.clone(), snapshot.clone());
    tokio::spawn(async move {
        let yes = allowed || ask(&shared, &wanted, folder).await;
        if yes && let Err(message) = fetch(&shared, wanted, Some((&uri, &snapshot))).await {
            shared
                .client()
                .log_message(lsp::MessageType::WARNING, message)
                .await;
        }
    });
}

fn folder(uri: &lsp::Url) -> Option<PathBuf> {
    Some(uri.to_file_path().ok()?.parent()?.to_owned())
}

async fn ask(shared: &Arc<Shared>, wanted: &Wanted, folder: PathBuf) -> bool {
    let action = |title: &str| lsp::MessageActionItem {
        title: title.to_owned(),
        properties: Default::default(),
    };
    let question = format!(
        "This description names repositories at {}. Look up packages there?",
        wanted.places().join(", ")
    );
    let actions = ["This folder", "Always", "No"].map(action).to_vec();
    let answer = shared
        .client()
        .show_message_request(lsp::MessageType::INFO, question, Some(actions))
        .await;
    let said = answer.ok().flatten().map(|a| a.title);
    let always = said.as_deref() == Some("Always");
    let yes = always || said.as_deref() == Some("This folder");
    if always {
        *lock(&shared.lookup.always) = true;
    }
    lock(&shared.lookup.folders).insert(folder, Some(yes));
    yes
}

/// Brings the lists up to date on a thread of its own; open documents are judged anew. Gives how many packages there are.
async fn fetch(
    shared: &Arc<Shared>,
    wanted: Wanted,
    asked: Option<(&lsp::Url, &Snapshot)>,
) -> Result<usize, String> {
    shared.lookup.fetching.fetch_add(1, Ordering::AcqRel);
    if let Some((uri, snapshot)) = asked {
        status::tell(shared, uri, snapshot).await;
    }
    let (done, ended) = tokio::sync::oneshot::channel();
    let owner = shared.clone();
    std::thread::spawn(move || {
        let lists = &owner.lookup.lists;
        let mirror = lists.mirror(owner.settings().host_mirror).cloned();
        let found = lists.refresh(&wanted.specs, mirror);
        let _ = done.send(found.map(|u| u.len()).map_err(|error| error.to_string()));
    });
    let found = ended
        .await
        .unwrap_or_else(|_| Err("a fault of apteryx: the refresh is gone".to_owned()));
    shared.lookup.fetching.fetch_sub(1, Ordering::AcqRel);
    shared.judge_again();
    shared.show_again(&tokio::runtime::Handle::current());
    found
}

/// `apteryx.refreshPackages`: the command is the user's yes, unless look-ups are turned off.
pub async fn refresh(shared: &Arc<Shared>, uri: &lsp::Url) -> Answer {
    if shared.settings().lookup == Lookup::Never {
        return Answer::no("package look-ups are turned off by `apteryx.packages.lookup`");
    }
    if let Some(folder) = folder(uri) {
        lock(&shared.lookup.folders).insert(folder, Some(true));
    }
    let open = shared.document(uri.as_str());
    let wanted = match &open {
        Some(snapshot) => wanted(shared, uri, snapshot),
        None => uri.to_file_path().ok().and_then(|path| {
            let loaded = load(&path, &LoadOptions::default()).ok()?;
            let mirror = shared.lookup.lists.mirror(shared.settings().host_mirror);
            Some(Wanted::all(
                &loaded,
                &shared.statuses.selected(uri, &loaded),
                mirror,
            ))
        }),
    };
    match wanted {
        Some(wanted) if !wanted.specs.is_empty() => {
            match fetch(shared, wanted, open.as_ref().map(|o| (uri, o))).await {
                Ok(count) => Answer::yes(format!("{count} packages")),
                Err(message) => Answer::no(message),
            }
        }
        _ => Answer::no("the description names no repository whose packages can be looked up"),
    }
}
