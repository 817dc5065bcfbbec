//! Package lists for the editor: which repositories a description names, what of them is on disk, and the refresh that
//! only a user's yes starts. Everything but [`Lists::refresh`] stays off the network. Knows no LSP.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use apteryx_builder::BuildError;
use apteryx_builder::events::Reporter;
use apteryx_builder::packages::{self, HostMirror, Options, RepoSpec, Universe, debian_arch};
use apteryx_builder::store::Store;
use apteryx_schema::Diagnostic;
use apteryx_schema::description::model::Repository;
use apteryx_schema::description::{Loaded, View, host_arch};
use rustc_hash::FxHashMap;

use crate::features::{self, packages::Known};
use crate::lock::lock;
use crate::settings::Selection;

/// The repositories of a description.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those that can be read, in order, each once.
    pub specs: Vec<RepoSpec>,
    /// True where none was left out (of a type or scheme that is not read).
    pub whole: bool,
}

impl Wanted {
    /// The given repositories of a description; `mirror` as for [`RepoSpec::from_description`].
    pub fn new<'r>(
        repositories: impl IntoIterator<Item = &'r Repository>,
        dir: &Path,
        mirror: Option<&HostMirror>,
    ) -> Self {
        let mut wanted = Self {
            specs: Vec::new(),
            whole: true,
        };
        for repository in repositories {
            match RepoSpec::from_description(repository, dir, mirror) {
                Ok(spec) if wanted.specs.iter().any(|s| key(s) == key(&spec)) => {}
                Ok(spec) => wanted.specs.push(spec),
                Err(_) => wanted.whole = false,
            }
        }
        wanted
    }

    /// All repositories of the description, whatever the profile. Those of other package managers are left out.
    pub fn all(loaded: &Loaded, selected: &Selection, mirror: Option<&HostMirror>) -> Self {
        let apt = features::packages::view(loaded, selected).is_some_and(|v| v.package_manager() == "apt");
        let all = loaded.image.repositories.iter();
        let read = all.filter(|r| apt || r.element.attrs.get("type").is_some());
        Self::new(read, &loaded.dir, mirror)
    }

    /// Where a refresh would go: hosts, and for repositories on disk their folder. Each once.
    pub fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        for spec in &self.specs {
            let rest = spec.uri.split_once("://").map_or(spec.uri.as_str(), |(_, r)| r);
            let place = match rest.split('/').next() {
                Some(host) if !host.is_empty() => host.to_owned(),
                _ => rest.to_owned(),
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

/// What tells two repositories' metadata apart.
fn key(spec: &RepoSpec) -> String {
    format!("{} {:?} {}", spec.uri, spec.kind, spec.check_metadata)
}

fn names(specs: &[RepoSpec]) -> String {
    specs.iter().map(|s| key(s) + "\n").collect()
}

/// The package lists on disk, opened once and kept.
#[derive(Debug, Default)]
pub struct Lists {
    open: Mutex<FxHashMap<String, Universe>>,
    known: Mutex<FxHashMap<String, Arc<Known>>>,
    store: Mutex<Option<Store>>,
    refreshing: Mutex<()>,
    host: OnceLock<Option<HostMirror>>,
}

impl Lists {
    /// The mirror of the host, read once; none where it has none or `wanted` is false.
    pub fn mirror(&self, wanted: bool) -> Option<&HostMirror> {
        wanted
            .then(|| self.host.get_or_init(HostMirror::detect).as_ref())
            .flatten()
    }

    fn store(&self) -> Option<Store> {
        let mut store = lock(&self.store);
        if store.is_none() {
            *store = Store::open(None).ok();
        }
        store.clone()
    }

    /// The packages of all of `specs`; none where one of them was never fetched. No network.
    pub fn open(&self, specs: &[RepoSpec]) -> Option<Universe> {
        if let Some(known) = self.opened(specs) {
            return Some(known);
        }
        let name = names(specs);
        let found = packages::open(specs, debian_arch(host_arch()), &self.store()?)?;
        lock(&self.open).insert(name, found.clone());
        Some(found)
    }

    /// The same where they are open already. No disk.
    fn opened(&self, specs: &[RepoSpec]) -> Option<Universe> {
        lock(&self.open).get(&names(specs)).cloned()
    }

    /// Forgets what is open: a build may have brought newer lists.
    pub fn forget(&self) {
        lock(&self.open).clear();
        lock(&self.known).clear();
    }

    /// The names of the view that no repository has, see [`features::packages::unknown`]. With a bound for new names
    /// nothing is read from the disk.
    pub fn unknown(
        &self,
        specs: &[RepoSpec],
        view: &View<'_>,
        stop: &AtomicBool,
        most: Option<usize>,
    ) -> Option<Vec<Diagnostic>> {
        let universe = match most {
            Some(_) => self.opened(specs)?,
            None => match self.open(specs) {
                Some(universe) => universe,
                None => return Some(Vec::new()),
            },
        };
        let mut name = features::packages::context(view);
        name.extend(specs.iter().map(|s| format!("\n{} {}", s.alias, key(s))));
        let known = lock(&self.known).entry(name).or_default().clone();
        features::packages::unknown(view, &universe, &known, stop, most)
    }

    /// The packages of those of `specs` that are on disk, and whether those are all.
    pub fn open_some(&self, specs: &[RepoSpec]) -> (Option<Universe>, bool) {
        if specs.is_empty() {
            return (None, true);
        }
        if let Some(all) = self.open(specs) {
            return (Some(all), true);
        }
        let there = |spec: &&RepoSpec| self.open(std::slice::from_ref(*spec)).is_some();
        let some: Vec<RepoSpec> = specs.iter().filter(there).cloned().collect();
        if some.is_empty() {
            return (None, false);
        }
        (self.open(&some), false)
    }

    /// Fetches what has changed at the mirrors. Long: for a thread of its own. One runs at a time.
    pub fn refresh(&self, specs: &[RepoSpec], mirror: Option<HostMirror>) -> Result<Universe, BuildError> {
        let _one = lock(&self.refreshing);
        let store = Store::open(None)?;
        let options = Options {
            mirror,
            ..Options::default()
        };
        let arch = debian_arch(host_arch());
        let found = packages::refresh(specs, arch, &store, &Reporter::silent(), &options);
        // Also after an error: some repositories may be new.
        self.forget();
        found
    }
}
