//! Names as numbers, each with its one candidate, decoded when first asked for.

use std::collections::HashSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::packages::relation::{self, Bound};
use crate::packages::solution::Request;
use crate::packages::universe::{Package, Relation, Universe};

/// A name's number.
pub type Id = u32;

/// A name with a bound.
#[derive(Debug, Clone)]
pub struct Target {
    /// The name.
    pub id: Id,
    bound: Option<(String, String)>,
    /// It names another architecture: nothing here can be meant.
    foreign: bool,
}

impl Target {
    /// True for a package of that version; none stands for one that provides the name without a version.
    pub fn admits(&self, version: Option<&str>) -> bool {
        if self.foreign {
            return false;
        }
        match (&self.bound, version) {
            (None, _) => true,
            (Some((operator, bound)), Some(version)) => Bound {
                operator,
                version: bound,
            }
            .admits(version),
            (Some(_), None) => false,
        }
    }
}

/// A dependency: one of these.
#[derive(Debug, Clone)]
pub struct Need {
    /// How it is needed.
    pub relation: Relation,
    /// In order of preference.
    pub targets: Vec<Target>,
    /// As written.
    pub text: String,
}

impl Need {
    /// True where the package cannot be without it.
    pub fn critical(&self) -> bool {
        self.relation != Relation::Recommends
    }
}

/// A conflict.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// `Conflicts` or `Breaks`.
    pub relation: Relation,
    /// With what.
    pub target: Target,
}

/// What a name would be installed as.
pub struct Candidate {
    /// The package.
    pub package: Package,
    needs: Rc<Vec<Need>>,
    refusals: Rc<Vec<Refusal>>,
    provides: Rc<Vec<(Id, Option<String>)>>,
}

/// All names met so far.
pub struct Candidates<'u> {
    universe: &'u Universe,
    numbers: FxHashMap<String, Id>,
    names: Vec<String>,
    candidates: FxHashMap<Id, Option<Candidate>>,
    pinned: FxHashMap<Id, String>,
    ignored: HashSet<String>,
    installed: FxHashMap<Id, String>,
}

impl<'u> Candidates<'u> {
    /// None met yet but what is there already.
    pub fn new(universe: &'u Universe, request: &Request) -> Self {
        let mut all = Candidates {
            universe,
            numbers: FxHashMap::default(),
            names: Vec::new(),
            candidates: FxHashMap::default(),
            pinned: FxHashMap::default(),
            ignored: request.ignore.iter().cloned().collect(),
            installed: FxHashMap::default(),
        };
        for (name, version) in &request.already {
            let id = all.id(name);
            all.installed.insert(id, version.clone());
        }
        all
    }

    /// All packages.
    pub fn universe(&self) -> &'u Universe {
        self.universe
    }

    /// A name's number.
    pub fn id(&mut self, name: &str) -> Id {
        if let Some(id) = self.numbers.get(name) {
            return *id;
        }
        let id = self.names.len() as Id;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), id);
        id
    }

    /// A number's name.
    pub fn name(&self, id: Id) -> &str {
        self.names.get(id as usize).map_or("", String::as_str)
    }

    /// True where the tree has it already.
    pub fn installed(&self, id: Id) -> bool {
        self.installed.contains_key(&id)
    }

    /// What the tree has already, in the order of the names' numbers.
    pub fn all_installed(&self) -> Vec<Id> {
        let mut ids: Vec<Id> = self.installed.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The package for a name that the description asks for: `name`, `name=version`, or a name that exactly one
    /// package provides. The error is what was not found.
    pub fn asked(&mut self, text: &str) -> Result<Id, String> {
        let (name, version) = match text.split_once('=') {
            Some((name, version)) => (name.trim(), Some(version.trim())),
            None => (text.trim(), None),
        };
        let name = name.split(':').next().unwrap_or(name);
        let id = self.id(name);
        if let Some(version) = version {
            self.pinned.insert(id, version.to_owned());
            self.candidates.remove(&id);
        }
        if self.installed(id) || self.get(id).is_some() {
            return Ok(id);
        }
        if version.is_none() {
            let mut ids = self.provider_ids(
                id,
                &Target {
                    id,
                    bound: None,
                    foreign: false,
                },
            );
            ids.dedup();
            if let [only] = ids.as_slice() {
                return Ok(*only);
            }
        }
        Err(text.trim().to_owned())
    }

    /// A name's candidate.
    pub fn get(&mut self, id: Id) -> Option<&Candidate> {
        if !self.candidates.contains_key(&id) {
            let found = self.load(id);
            self.candidates.insert(id, found);
        }
        self.candidates.get(&id)?.as_ref()
    }

    fn load(&mut self, id: Id) -> Option<Candidate> {
        let name = self.name(id).to_owned();
        if self.ignored.contains(&name) {
            return None;
        }
        let mut versions = self.universe.lookup(&name);
        let package = match (self.pinned.get(&id), self.installed.get(&id)) {
            (Some(version), _) | (None, Some(version)) => {
                versions.into_iter().find(|p| p.version() == version)?
            }
            (None, None) if versions.is_empty() => return None,
            (None, None) => versions.swap_remove(0),
        };
        let mut needs = Vec::new();
        // apt walks a package's relations in this order.
        for relation in [Relation::PreDepends, Relation::Depends, Relation::Recommends] {
            for group in relation::groups(package.relation(relation)) {
                let text = group
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" | ");
                let targets = group.iter().map(|t| self.target(t)).collect();
                needs.push(Need {
                    relation,
                    targets,
                    text,
                });
            }
        }
        let mut refusals = Vec::new();
        for relation in [Relation::Conflicts, Relation::Breaks] {
            for target in relation::targets(package.relation(relation)) {
                refusals.push(Refusal {
                    relation,
                    target: self.target(&target),
                });
            }
        }
        let provides = relation::targets(package.relation(Relation::Provides))
            .map(|t| (self.id(t.name), t.bound.map(|b| b.version.to_owned())))
            .collect();
        Some(Candidate {
            package,
            needs: Rc::new(needs),
            refusals: Rc::new(refusals),
            provides: Rc::new(provides),
        })
    }

    fn target(&mut self, target: &relation::Target<'_>) -> Target {
        let native = [Some("any"), Some("native"), Some(self.universe.arch()), None];
        Target {
            id: self.id(target.name),
            bound: target
                .bound
                .map(|b| (b.operator.to_owned(), b.version.to_owned())),
            foreign: !native.contains(&target.arch),
        }
    }

    /// What a candidate needs.
    pub fn needs(&mut self, id: Id) -> Rc<Vec<Need>> {
        self.get(id).map(|c| c.needs.clone()).unwrap_or_default()
    }

    /// What it suggests: nothing is installed for that.
    pub fn suggested(&mut self, id: Id) -> Vec<Target> {
        let Some(package) = self.get(id).map(|c| c.package.clone()) else {
            return Vec::new();
        };
        let groups = relation::groups(package.relation(Relation::Suggests));
        groups.flatten().map(|t| self.target(&t)).collect()
    }

    /// What it refuses.
    pub fn refusals(&mut self, id: Id) -> Rc<Vec<Refusal>> {
        self.get(id).map(|c| c.refusals.clone()).unwrap_or_default()
    }

    /// Names that it provides.
    pub fn provides(&mut self, id: Id) -> Rc<Vec<(Id, Option<String>)>> {
        self.get(id).map(|c| c.provides.clone()).unwrap_or_default()
    }

    /// The version of a name, where it is chosen or installed.
    pub fn version_if_present<T>(&self, id: Id, chosen: &FxHashMap<Id, T>) -> Option<&str> {
        if let Some(version) = self.installed.get(&id) {
            return Some(version);
        }
        let candidate = chosen
            .contains_key(&id)
            .then(|| self.candidates.get(&id)?.as_ref())
            .flatten()?;
        Some(candidate.package.version())
    }

    /// What could satisfy a need, in apt's order.
    pub fn solutions(&mut self, need: &Need) -> Vec<Id> {
        let mut found: Vec<Id> = Vec::new();
        for target in &need.targets {
            if self
                .get(target.id)
                .is_some_and(|c| target.admits(Some(c.package.version())))
            {
                found.push(target.id);
            }
            found.extend(self.provider_ids(target.id, target));
        }
        let mut seen = HashSet::new();
        found.retain(|id| seen.insert(*id));
        found
    }

    /// Candidates that provide a name, best first: essential, then important ones, then by priority, and among
    /// equals the one whose name came last in the metadata.
    fn provider_ids(&mut self, name: Id, target: &Target) -> Vec<Id> {
        let mut found = Vec::new();
        let universe = self.universe;
        for package in universe.providers(self.name(name)) {
            let id = self.id(package.name());
            let is_candidate = self.get(id).is_some_and(|c| c.package == package);
            let admitted = relation::targets(package.relation(Relation::Provides))
                .filter(|p| p.name == self.name(name))
                .any(|p| target.admits(p.bound.map(|b| b.version)));
            if is_candidate && admitted && id != name {
                let rank = (
                    !package.essential(),
                    !package.important(),
                    package.priority_rank(),
                );
                let order = std::cmp::Reverse(universe.order(package.name()));
                found.push((rank, order, id));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, _, id)| id).collect()
    }
}
