//! Which profiles a choice of some brings: those that they require, and those that are imported where none is chosen. Knows
//! nothing of what they make active.

use rustc_hash::{FxHashMap, FxHashSet};

use super::ViewError;
use super::model::*;
use super::view_error::nearest;

/// True where what is for these machines is for this one, too.
pub(super) fn for_arch(arches: &[At], arch: &str) -> bool {
    arches.is_empty() || arches.iter().any(|a| a.value == arch)
}

/// The profiles of a description by their names: a chain of those that require each other may be long.
pub(crate) struct Profiles<'a> {
    image: &'a Image,
    /// Each machine may have a declaration of its own.
    by_name: FxHashMap<&'a str, Vec<&'a Profile>>,
}

/// What is selected so far.
#[derive(Default)]
struct Selected<'a> {
    names: Vec<Str>,
    /// The names, once there are many.
    taken: FxHashSet<&'a str>,
}

/// So many names are gone through without a table of them.
const FEW_NAMES: usize = 8;

impl<'a> Selected<'a> {
    fn has(&self, name: &str) -> bool {
        let few = self.names.iter().take(FEW_NAMES);
        self.taken.contains(name) || few.into_iter().any(|n| n == name)
    }

    fn take(&mut self, name: &'a Str) {
        if self.names.len() >= FEW_NAMES {
            self.taken.insert(name);
        }
        self.names.push(name.clone());
    }
}

impl<'a> Profiles<'a> {
    pub fn new(image: &'a Image) -> Self {
        let mut by_name: FxHashMap<&str, Vec<&Profile>> = FxHashMap::default();
        for profile in &image.profiles {
            by_name.entry(&profile.name.value).or_default().push(profile);
        }
        Self { image, by_name }
    }

    /// Those asked for and those that they require; where none is, those with `import="true"`.
    pub fn select(&self, asked: &[&str], arch: &str) -> Result<Vec<Str>, ViewError> {
        let mut out = Selected::default();
        if asked.is_empty() {
            let profiles = self.image.profiles.iter();
            let imported = profiles.filter(|p| p.import && for_arch(&p.arches, arch));
            for profile in imported {
                self.pull(&profile.name.value, arch, &mut out)?;
            }
        } else {
            for name in asked {
                self.pull(name, arch, &mut out)?;
            }
        }
        Ok(out.names)
    }

    /// Depth first, the required ones after the requiring one; a circle ends where it meets itself.
    fn pull(&self, name: &str, arch: &str, out: &mut Selected<'a>) -> Result<(), ViewError> {
        let first = self.take(name, None, arch, out)?;
        let mut open: Vec<_> = first.into_iter().map(|p| p.requires.iter()).collect();
        while let Some(last) = open.last_mut() {
            let Some((required, filter)) = last.next() else {
                open.pop();
                continue;
            };
            if for_arch(&filter.arches, arch) {
                let next = self.take(&required.value, Some(required.place()), arch, out)?;
                open.extend(next.map(|p| p.requires.iter()));
            }
        }
        Ok(())
    }

    /// Takes one; none where it has been taken already.
    fn take(
        &self,
        name: &str,
        place: Option<At<()>>,
        arch: &str,
        out: &mut Selected<'a>,
    ) -> Result<Option<&'a Profile>, ViewError> {
        if out.has(name) {
            return Ok(None);
        }
        let named = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let fitting = named.iter().find(|p| for_arch(&p.arches, arch));
        let Some(&profile) = fitting.or_else(|| named.first()) else {
            let all = self.image.profiles.iter();
            return Err(ViewError::UnknownProfile {
                name: name.to_owned(),
                nearest: nearest(name, all.map(|p| p.name.value.as_str())),
                place,
            });
        };
        if !for_arch(&profile.arches, arch) {
            return Err(ViewError::ProfileArch {
                name: name.to_owned(),
                arch: arch.to_owned(),
                place: profile.name.place(),
            });
        }
        out.take(&profile.name.value);
        Ok(Some(profile))
    }
}
