//! What must be configured before what. Pure: control fields in, names out.

use std::collections::{BTreeMap, BTreeSet};

use super::database::Fields;
use crate::packages::relation::{groups, targets};

/// True where `this` may overwrite files of `other` (its Replaces field names it, or what it provides).
pub fn replaces(this: &Fields, other: &Fields) -> bool {
    targets(this.get("Replaces")).any(|target| {
        let admits = target
            .bound
            .is_none_or(|bound| bound.admits(other.get("Version")));
        let provided = || targets(other.get("Provides")).any(|provided| provided.name == target.name);
        (target.name == other.name() && admits) || (target.bound.is_none() && provided())
    })
}

/// The dependencies among a set of packages, by index.
#[derive(Debug)]
pub struct Graph<'f> {
    packages: Vec<&'f Fields>,
    names: BTreeMap<&'f str, Vec<usize>>,
}

impl<'f> Graph<'f> {
    /// Over these packages.
    pub fn new(packages: impl IntoIterator<Item = &'f Fields>) -> Self {
        let packages: Vec<&Fields> = packages.into_iter().collect();
        let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, fields) in packages.iter().enumerate() {
            names.entry(fields.name()).or_default().push(index);
        }
        for (index, fields) in packages.iter().enumerate() {
            for provided in targets(fields.get("Provides")) {
                names.entry(provided.name).or_default().push(index);
            }
        }
        Self { packages, names }
    }

    /// The packages of the set that a field of `index` names; of alternatives the first that is in the set.
    fn named(&self, index: usize, field: &str) -> Vec<usize> {
        let Some(fields) = self.packages.get(index) else {
            return Vec::new();
        };
        let first = |group: Vec<crate::packages::relation::Target<'_>>| {
            group
                .iter()
                .find_map(|target| self.names.get(target.name)?.first().copied())
        };
        groups(fields.get(field)).filter_map(first).collect()
    }

    /// `start` and all that it depends on, transitively; in the order of the set.
    pub fn closure(&self, start: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = start.into_iter().collect();
        while let Some(index) = open.pop() {
            if found.insert(index) {
                open.extend(self.named(index, "Pre-Depends"));
                open.extend(self.named(index, "Depends"));
            }
        }
        found.into_iter().collect()
    }

    /// The essential packages and all that they depend on.
    pub fn essential(&self) -> Vec<usize> {
        let essential =
            |(index, fields): (usize, &&Fields)| (fields.get("Essential") == "yes").then_some(index);
        self.closure(self.packages.iter().enumerate().filter_map(essential))
    }

    /// What must be configured before the first script of `index` runs.
    pub fn before(&self, index: usize) -> Vec<usize> {
        self.closure(self.named(index, "Pre-Depends"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> Vec<Fields> {
        [
            "Package: libc\nVersion: 2\n",
            "Package: mawk\nVersion: 1\nPre-Depends: libc\nProvides: awk\n",
            "Package: base\nVersion: 1\nEssential: yes\nPre-Depends: awk\nDepends: missing | libc (>= 1)\n",
            "Package: tool\nVersion: 1\nDepends: lib\n",
            "Package: lib\nVersion: 1\nDepends: tool\n",
            "Package: svc\nVersion: 3\nPre-Depends: tool, base\nReplaces: old (<< 2), awk\n",
        ]
        .map(Fields::parse)
        .to_vec()
    }

    #[test]
    fn closures_follow_provides_alternatives_and_circles() {
        let set = set();
        let graph = Graph::new(&set);
        assert_eq!(graph.essential(), [0, 1, 2]);
        assert_eq!(graph.before(5), [0, 1, 2, 3, 4]);
        assert_eq!(graph.before(0), Vec::<usize>::new());
    }

    #[test]
    fn replaces_looks_at_versions_and_provides() {
        let set = set();
        let old = |version: &str| Fields::parse(&format!("Package: old\nVersion: {version}\n"));
        assert!(replaces(&set[5], &old("1.9")) && !replaces(&set[5], &old("2")));
        assert!(replaces(&set[5], &set[1]) && !replaces(&set[1], &set[5]));
    }
}
