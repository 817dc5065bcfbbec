//! Whose a file is where two packages have one of the same path: dpkg's rules on `Replaces`. Puts no file into the tree.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustc_hash::FxHashMap;

use super::database::DIR;
use super::order::replaces;
use super::unpack::{State, key, listed};
use crate::error::{BuildError, IoContext};
use crate::prepare::extract::Item;

impl State<'_> {
    /// Decides whose file it is where one is there: true where the current package's takes its place.
    pub(super) fn takes_over(&mut self, item: &Item, path_key: &[u8]) -> Result<bool, BuildError> {
        let Some((own, _)) = self.packages.last() else {
            return Ok(true);
        };
        let own = own.fields.clone();
        let count = self.packages.len();
        let line = listed(&item.path);
        if let Some(index) = self.owners.get(path_key).copied() {
            let Some((other, paths)) = self.packages.get_mut(index) else {
                return Ok(true);
            };
            if index + 1 == count {
                // Twice in one package: the later one counts.
                return Ok(true);
            }
            if other.fields.name() == own.name() {
                // The same package for another architecture has the same file.
                return Ok(true);
            }
            if replaces(&own, &other.fields) {
                paths.list.retain(|path| {
                    key(Path::new(OsStr::from_bytes(path.get(1..).unwrap_or(&[])))) != path_key
                });
                return Ok(true);
            }
            if replaces(&other.fields, &own) {
                return Ok(false);
            }
            let other = other.fields.name().to_owned();
            return Err(self.conflict(item, Some(&other)));
        }
        let Some(other) = self.installed_owner(path_key)? else {
            return Ok(true);
        };
        let fields = self
            .installed
            .iter()
            .find(|package| package.fields.qualified() == other);
        let Some(fields) = fields.map(|package| package.fields.clone()) else {
            return Ok(true);
        };
        if fields.name() == own.name() {
            return Ok(true);
        }
        if replaces(&own, &fields) {
            self.lost.entry(other).or_default().insert(line);
            return Ok(true);
        }
        if replaces(&fields, &own) {
            return Ok(false);
        }
        Err(self.conflict(item, Some(&other)))
    }

    /// The package of the database that has a path.
    pub(super) fn installed_owner(&mut self, path_key: &[u8]) -> Result<Option<String>, BuildError> {
        if self.installed_owners.is_none() {
            let mut owners = FxHashMap::default();
            for package in self.installed.iter().filter(|package| package.present()) {
                let name = package.fields.qualified();
                let file = format!("{DIR}/info/{name}.list");
                let list = self
                    .root
                    .read(&file)
                    .at("cannot read", self.root.path().join(&file))?;
                for line in list.split(|byte| *byte == b'\n') {
                    let path = OsStr::from_bytes(line.get(1..).unwrap_or(&[]));
                    owners.insert(key(Path::new(path)), name.clone());
                }
            }
            self.installed_owners = Some(owners);
        }
        Ok(self
            .installed_owners
            .as_ref()
            .and_then(|owners| owners.get(path_key).cloned()))
    }

    /// A file that two packages have, or that something of another kind is in the way of.
    pub(super) fn conflict(&self, item: &Item, other: Option<&str>) -> BuildError {
        let own = self
            .packages
            .last()
            .map_or("", |(package, _)| package.fields.name());
        let message = match other {
            Some(other) => format!(
                "`{own}` and `{other}` both have the file `/{}`",
                item.path.display()
            ),
            None => format!(
                "`{own}` has `/{}`, where something of another kind is",
                item.path.display()
            ),
        };
        BuildError::Packages {
            code: "file-conflict",
            message,
            place: None,
            help: None,
        }
    }
}
