//! All packages of all repositories of a build or an editor: look-ups over memory-mapped indexes, decoded lazily.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::index::{Field, Index, Record};
use super::spec::RepoSpec;
use super::{debversion, near, search};

/// A field that names other packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Must be configured before this is unpacked.
    PreDepends,
    /// Must be configured before this is.
    Depends,
    /// Wanted unless the user says no.
    Recommends,
    /// May be of interest.
    Suggests,
    /// Cannot be together.
    Conflicts,
    /// Cannot be configured together.
    Breaks,
    /// May overwrite files of.
    Replaces,
    /// Stands in for.
    Provides,
}

impl Relation {
    fn field(self) -> Field {
        match self {
            Relation::PreDepends => Field::PreDepends,
            Relation::Depends => Field::Depends,
            Relation::Recommends => Field::Recommends,
            Relation::Suggests => Field::Suggests,
            Relation::Conflicts => Field::Conflicts,
            Relation::Breaks => Field::Breaks,
            Relation::Replaces => Field::Replaces,
            Relation::Provides => Field::Provides,
        }
    }
}

/// One repository, open: its indexes (one per component), and when it was last compared with its mirror.
#[derive(Debug)]
pub struct Repo {
    /// What the description says.
    pub spec: RepoSpec,
    /// Its indexes in the order of the components.
    pub indexes: Vec<Index>,
    /// When the metadata were last compared with the mirror's.
    pub checked: SystemTime,
}

/// One version of a package in one repository. Cheap to clone; the strings lie in the index.
#[derive(Clone)]
pub struct Package {
    repo: Arc<Repo>,
    repo_number: u32,
    index: u32,
    record: u32,
}

impl PartialEq for Package {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.repo, &other.repo) && self.index == other.index && self.record == other.record
    }
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.name(), self.version(), self.repository())
    }
}

impl Package {
    fn record(&self) -> Option<Record<'_>> {
        self.repo.indexes.get(self.index as usize)?.record(self.record)
    }

    fn field(&self, field: Field) -> &str {
        self.record().map_or("", |r| r.field(field))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.field(Field::Name)
    }

    /// Its version.
    pub fn version(&self) -> &str {
        self.field(Field::Version)
    }

    /// Its architecture, `all` among them.
    pub fn architecture(&self) -> &str {
        self.field(Field::Architecture)
    }

    /// The field as written: `libc6 (>= 2.34), a | b`; empty for none.
    pub fn relation(&self, relation: Relation) -> &str {
        self.field(relation.field())
    }

    /// `same`, `foreign`, `allowed` or empty.
    pub fn multi_arch(&self) -> &str {
        self.record().map_or("", |r| r.multi_arch())
    }

    /// True for `Essential: yes`.
    pub fn essential(&self) -> bool {
        self.record().is_some_and(|r| r.essential())
    }

    /// True for `Important: yes` or `Protected: yes`.
    pub fn important(&self) -> bool {
        self.record().is_some_and(|r| r.important())
    }

    /// `required`, `important`, `standard`, `optional` or `extra`.
    pub fn priority(&self) -> &str {
        self.record().map_or("extra", |r| r.priority())
    }

    pub(super) fn priority_rank(&self) -> u8 {
        self.record().map_or(4, |r| r.priority_rank())
    }

    /// `admin`, `contrib/net`, …
    pub fn section(&self) -> &str {
        self.field(Field::Section)
    }

    /// One line.
    pub fn summary(&self) -> &str {
        self.field(Field::Summary)
    }

    /// The source package, where it is named otherwise; its version in brackets where that differs.
    pub fn source(&self) -> &str {
        self.field(Field::Source)
    }

    /// Bytes it takes when unpacked, as its maker estimated (the field counts in KiB).
    pub fn installed_size(&self) -> u64 {
        self.record().map_or(0, |r| r.installed_kib.saturating_mul(1024))
    }

    /// Bytes of the package file.
    pub fn size(&self) -> u64 {
        self.record().map_or(0, |r| r.size)
    }

    /// SHA-256 of the package file in lower-case hex; empty where the metadata have none.
    pub fn sha256(&self) -> String {
        match self.record() {
            Some(record) if record.sha256 != [0; 32] => hex::encode(record.sha256),
            _ => String::new(),
        }
    }

    /// The file's path below the repository's address.
    pub fn filename(&self) -> &str {
        self.field(Field::Filename)
    }

    /// The repository's alias.
    pub fn repository(&self) -> &str {
        &self.repo.spec.alias
    }

    /// The repository it comes from.
    pub fn spec(&self) -> &RepoSpec {
        &self.repo.spec
    }
}

/// One name that completes or resembles what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameHit {
    /// The package's name.
    pub name: String,
    /// Its newest version.
    pub version: String,
    /// One line.
    pub summary: String,
    /// Bytes it takes when unpacked; 0 where nobody says.
    pub installed_size: u64,
}

/// All packages of all repositories. Send, Sync, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Universe {
    repos: Arc<[Arc<Repo>]>,
    arch: Arc<str>,
}

impl Universe {
    /// Joins repositories; the architecture is Debian's word.
    pub(super) fn new(repos: Vec<Repo>, arch: &str) -> Universe {
        Universe {
            repos: repos.into_iter().map(Arc::new).collect(),
            arch: arch.into(),
        }
    }

    /// The architecture, in Debian's word.
    pub fn arch(&self) -> &str {
        &self.arch
    }

    /// Number of packages in all repositories: one per name, version and repository.
    pub fn len(&self) -> usize {
        self.indexes().map(Index::records).sum()
    }

    /// True for none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How long ago the repository that was not looked at for longest was compared with its mirror.
    pub fn age(&self) -> Duration {
        let oldest = self.repos.iter().map(|r| r.checked).min();
        oldest
            .and_then(|t| SystemTime::now().duration_since(t).ok())
            .unwrap_or_default()
    }

    /// Each repository's alias with its number of packages and the age of its metadata.
    pub fn repositories(&self) -> impl Iterator<Item = (&str, usize, Duration)> {
        self.repos.iter().map(|r| {
            let count = r.indexes.iter().map(Index::records).sum();
            (
                r.spec.alias.as_str(),
                count,
                SystemTime::now().duration_since(r.checked).unwrap_or_default(),
            )
        })
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = &Index> {
        self.repos.iter().flat_map(|r| &r.indexes)
    }

    fn places(&self) -> impl Iterator<Item = (u32, u32, &Arc<Repo>, &Index)> {
        self.repos.iter().enumerate().flat_map(|(number, repo)| {
            repo.indexes
                .iter()
                .enumerate()
                .map(move |(i, index)| (number as u32, i as u32, repo, index))
        })
    }

    /// The versions of that name in all repositories, best first (as apt would choose): by the description's
    /// priority, then the newest, then by the order of the repositories.
    pub fn lookup(&self, name: &str) -> Vec<Package> {
        let mut found = Vec::new();
        for (repo_number, i, repo, index) in self.places() {
            if let Some(row) = index.find(name) {
                found.extend(index.own(&row).map(|record| Package {
                    repo: repo.clone(),
                    repo_number,
                    index: i,
                    record,
                }));
            }
        }
        found.sort_by(|a, b| {
            let priority = |p: &Package| p.repo.spec.priority.unwrap_or(DEFAULT_PRIORITY);
            priority(b)
                .cmp(&priority(a))
                .then_with(|| debversion::compare(b.version(), a.version()))
                .then_with(|| (a.repo_number, a.index).cmp(&(b.repo_number, b.index)))
        });
        found
    }

    /// Packages that provide that name without bearing it, in the order of the repositories.
    pub fn providers(&self, name: &str) -> Vec<Package> {
        let mut found = Vec::new();
        for (repo_number, i, repo, index) in self.places() {
            if let Some(row) = index.find(name) {
                found.extend(
                    index
                        .providers(&row)
                        .map(|record| Package {
                            repo: repo.clone(),
                            repo_number,
                            index: i,
                            record,
                        })
                        .filter(|p| p.name() != name),
                );
            }
        }
        found
    }

    /// When the name was first mentioned over all repositories: apt's order among providers of equal rank.
    pub(super) fn order(&self, name: &str) -> u64 {
        let first = self
            .indexes()
            .enumerate()
            .find_map(|(i, index)| Some((i as u64) << 32 | u64::from(index.find(name)?.order)));
        first.unwrap_or(u64::MAX)
    }

    /// Names of all essential packages, in the order of the repositories.
    pub fn essential(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .indexes()
            .flat_map(|index| (0..index.records() as u32).filter_map(|n| index.record(n)))
            .filter(Record::essential)
            .map(|r| r.field(Field::Name).to_owned())
            .collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    /// At most `limit` names for what was typed: those that begin with it, then those that contain it, then near ones.
    pub fn complete(&self, typed: &str, limit: usize) -> Vec<NameHit> {
        let names = search::complete(self, typed, limit);
        names
            .into_iter()
            .filter_map(|name| {
                let best = self.lookup(&name).into_iter().next()?;
                Some(NameHit {
                    version: best.version().to_owned(),
                    summary: best.summary().to_owned(),
                    installed_size: best.installed_size(),
                    name,
                })
            })
            .collect()
    }

    /// At most `n` names that `name` may be a slip of, the nearest first.
    pub fn nearest(&self, name: &str, n: usize) -> Vec<String> {
        near::nearest(self, name, n)
    }
}

/// apt's pin of a repository without a priority.
const DEFAULT_PRIORITY: i64 = 500;
