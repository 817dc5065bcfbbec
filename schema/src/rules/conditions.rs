//! When the sections of a description are active, asked for each choice of profiles and machine: each section is a bit,
//! and a choice is a few words of them. Judges nothing.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::description::model::{Filter, Str};

/// The bits of a word.
const BITS: usize = u64::BITS as usize;

/// The conditions of sections, and which of them hold.
#[derive(Debug, Default)]
pub(super) struct Conditions<'a> {
    /// By the name of a profile, the bits of the sections that name it.
    named: FxHashMap<&'a str, Vec<u32>>,
    /// The sections that name no profile.
    always: Vec<u64>,
    /// The sections for certain machines.
    filtered: Vec<(u32, &'a Filter)>,
    /// The sections that are for a machine, by its name.
    machines: Vec<(Str, Vec<u64>)>,
    /// The sections that are active.
    active: Vec<u64>,
}

/// Sections of one kind, in words of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    words: Range<usize>,
}

impl<'a> Conditions<'a> {
    /// Adds sections of one kind, before anything is chosen.
    pub fn add(&mut self, filters: impl Iterator<Item = &'a Filter>) -> Group {
        let start = self.always.len();
        for (n, filter) in filters.enumerate() {
            if n % BITS == 0 {
                self.always.push(0);
            }
            let bit = (start * BITS + n) as u32;
            if filter.profiles.is_empty() {
                set(&mut self.always, bit, true);
            }
            for profile in &filter.profiles {
                self.named.entry(&profile.value).or_default().push(bit);
            }
            if !filter.arches.is_empty() {
                self.filtered.push((bit, filter));
            }
        }
        Group {
            words: start..self.always.len(),
        }
    }

    /// From now on these profiles are chosen, on a machine.
    pub fn choose(&mut self, profiles: &[Str], arch: &Str) {
        self.active.clone_from(&self.always);
        for bit in profiles.iter().filter_map(|p| self.named.get(&**p)).flatten() {
            set(&mut self.active, *bit, true);
        }
        if self.filtered.is_empty() {
            return;
        }
        if !self.machines.iter().any(|(known, _)| known == arch) {
            let mut fitting = vec![u64::MAX; self.always.len()];
            let others = self.filtered.iter();
            let others = others.filter(|(_, f)| f.arches.iter().all(|a| a.value != *arch));
            others.for_each(|(bit, _)| set(&mut fitting, *bit, false));
            self.machines.push((arch.clone(), fitting));
        }
        if let Some((_, fitting)) = self.machines.iter().find(|(known, _)| known == arch) {
            self.active
                .iter_mut()
                .zip(fitting)
                .for_each(|(own, fit)| *own &= fit);
        }
    }

    /// Which sections of a kind are active: their bits, and no others.
    pub fn words(&self, of: &Group) -> &[u64] {
        self.active.get(of.words.clone()).unwrap_or_default()
    }

    /// Of things in the order of the sections those which are active.
    pub fn active<'s, T>(
        &'s self,
        of: &Group,
        all: impl Iterator<Item = T> + 's,
    ) -> impl Iterator<Item = T> + 's {
        let words = self.active.get(of.words.clone()).unwrap_or_default();
        all.enumerate()
            .filter(|(n, _)| has(words, *n))
            .map(|(_, one)| one)
    }
}

/// A bit of words.
pub(super) fn has(words: &[u64], bit: usize) -> bool {
    words
        .get(bit / BITS)
        .is_some_and(|word| word >> (bit % BITS) & 1 == 1)
}

/// Sets a bit of words that have it.
pub(super) fn set(words: &mut [u64], bit: u32, to: bool) {
    let mask = 1 << (bit as usize % BITS);
    if let Some(word) = words.get_mut(bit as usize / BITS) {
        *word = if to { *word | mask } else { *word & !mask };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::model::At;
    use crate::description::{View, load_text};
    use crate::diagnostic::FileId;
    use crate::text::Span;

    fn named(profile: &str) -> Filter {
        let one = At {
            value: profile.into(),
            file: FileId(0),
            span: Span::empty(0),
        };
        Filter {
            profiles: vec![one],
            arches: Vec::new(),
        }
    }

    #[test]
    fn sections_are_active_as_a_build_has_them() {
        let text = r#"<image schemaversion="8.5" name="a"><profiles><profile name="A" description=""/>
            <profile name="B" description=""><requires profile="A"/></profile></profiles>
            <preferences><type image="oem"/></preferences>
            <packages type="image"/><packages type="image" profiles="A"/><packages type="image" profiles="B,X"/>
            <packages type="image" arch="aarch64"/><packages type="image" profiles="A" arch="x86_64,s390x"/>
            <packages type="image" profiles="X"/></image>"#;
        let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        let image = load_text(std::path::Path::new("config.xml"), text.as_bytes(), &none).image;
        let many: Vec<Filter> = (0..100).map(|n| named(&format!("P{n}"))).collect();
        let mut conditions = Conditions::default();
        let others = conditions.add(many.iter());
        let packages = conditions.add(image.packages.iter().map(|p| &p.filter));
        for profiles in [&[][..], &["A".to_owned()], &["B".to_owned()]] {
            for arch in ["x86_64", "aarch64"] {
                let view = View::new(&image, profiles, None, arch).unwrap();
                conditions.choose(&view.profiles, &arch.into());
                let own: Vec<bool> = (0..image.packages.len())
                    .map(|n| has(conditions.words(&packages), n))
                    .collect();
                assert!(conditions.words(&others).iter().all(|word| *word == 0));
                let listed = conditions.active(&packages, image.packages.iter());
                let listed: Vec<_> = listed.map(std::ptr::from_ref).collect();
                let builds: Vec<bool> = image.packages.iter().map(|p| view.active(&p.filter)).collect();
                assert_eq!(own, builds, "{profiles:?} {arch}");
                let built = image.packages.iter().filter(|p| view.active(&p.filter));
                assert_eq!(listed, built.map(std::ptr::from_ref).collect::<Vec<_>>());
            }
        }
    }
}
