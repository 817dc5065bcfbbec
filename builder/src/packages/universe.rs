//! All packages of all repositories of a build or an editor: look-ups over memory-mapped indexes, decoded lazily.

use std::time::Duration;

/// A field that names other packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Must be configured before this is unpacked.
    PreDepends,
    /// Must be configured before this is.
    Depends,
    /// Wanted unless the user says no.
    Recommends,
    /// Cannot be together.
    Conflicts,
    /// Cannot be configured together.
    Breaks,
    /// May overwrite files of.
    Replaces,
    /// Stands in for.
    Provides,
}

/// One version of a package in one repository. Cheap to clone; the strings lie in the index.
#[derive(Debug, Clone)]
pub struct Package {}

impl Package {
    /// Its name.
    pub fn name(&self) -> &str {
        ""
    }
    /// Its version.
    pub fn version(&self) -> &str {
        ""
    }
    /// Its architecture, `all` among them.
    pub fn architecture(&self) -> &str {
        ""
    }
    /// The field as written: `libc6 (>= 2.34), a | b`; empty for none.
    pub fn relation(&self, relation: Relation) -> &str {
        let _ = relation;
        ""
    }
    /// `same`, `foreign`, `allowed` or empty.
    pub fn multi_arch(&self) -> &str {
        ""
    }
    /// True for `Essential: yes`.
    pub fn essential(&self) -> bool {
        false
    }
    /// `required`, `important`, `standard`, `optional` or `extra`.
    pub fn priority(&self) -> &str {
        ""
    }
    /// `admin`, `contrib/net`, …
    pub fn section(&self) -> &str {
        ""
    }
    /// One line.
    pub fn summary(&self) -> &str {
        ""
    }
    /// Bytes it takes when unpacked, as its maker estimated (the field counts in KiB).
    pub fn installed_size(&self) -> u64 {
        0
    }
    /// Bytes of the package file.
    pub fn size(&self) -> u64 {
        0
    }
    /// Lower-case hex of the package file.
    pub fn sha256(&self) -> String {
        String::new()
    }
    /// The file's path below the repository's address.
    pub fn filename(&self) -> &str {
        ""
    }
    /// The repository's alias.
    pub fn repository(&self) -> &str {
        ""
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
}

/// All packages of all repositories. Send, Sync, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Universe {}

impl Universe {
    /// Number of package names (not counting those that are only provided).
    pub fn len(&self) -> usize {
        0
    }
    /// True for none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// How long ago the oldest of its repositories was last compared with its mirror.
    pub fn age(&self) -> Duration {
        Duration::ZERO
    }
    /// The versions of that name in all repositories, best first (as apt would choose).
    pub fn lookup(&self, name: &str) -> Vec<Package> {
        let _ = name;
        Vec::new()
    }
    /// Packages that provide that name without bearing it.
    pub fn providers(&self, name: &str) -> Vec<Package> {
        let _ = name;
        Vec::new()
    }
    /// At most `limit` names for what was typed: those that begin with it, then those that contain it, then near ones.
    pub fn complete(&self, typed: &str, limit: usize) -> Vec<NameHit> {
        let _ = (typed, limit);
        Vec::new()
    }
    /// At most `n` names that `name` may be a slip of, the nearest first.
    pub fn nearest(&self, name: &str, n: usize) -> Vec<String> {
        let _ = (name, n);
        Vec::new()
    }
}
