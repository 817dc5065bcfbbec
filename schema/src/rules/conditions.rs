//! When the sections of a description are active, asked for each choice of profiles and machine: names of profiles are
//! looked up once and compared as numbers. Judges nothing.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::description::model::{At, Filter, Str};

/// The conditions of sections, and which profiles are chosen.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    numbers: FxHashMap<&'a str, usize>,
    /// The profiles of all sections, by their numbers.
    profiles: Vec<usize>,
    /// Of each section its part of `profiles`, and its machines.
    sections: Vec<(Range<usize>, &'a [At])>,
    /// By the number of a profile.
    chosen: Vec<bool>,
}

impl<'a> Conditions<'a> {
    /// Of these sections; no profile is chosen.
    pub fn new(filters: impl Iterator<Item = &'a Filter>) -> Self {
        let mut out = Self {
            numbers: FxHashMap::default(),
            profiles: Vec::new(),
            sections: Vec::new(),
            chosen: Vec::new(),
        };
        for filter in filters {
            let start = out.profiles.len();
            for profile in &filter.profiles {
                let next = out.numbers.len();
                out.profiles
                    .push(*out.numbers.entry(&profile.value).or_insert(next));
            }
            out.sections.push((start..out.profiles.len(), &filter.arches));
        }
        out
    }

    /// From now on these are chosen.
    pub fn choose(&mut self, profiles: &[Str]) {
        self.chosen.clear();
        self.chosen.resize(self.numbers.len(), false);
        for number in profiles.iter().filter_map(|p| self.numbers.get(&**p)) {
            if let Some(chosen) = self.chosen.get_mut(*number) {
                *chosen = true;
            }
        }
    }

    /// Whether these sections, by their places, are active on a machine.
    pub fn active(&self, sections: Range<usize>, arch: &'a str) -> impl Iterator<Item = bool> {
        let sections = self.sections.get(sections).unwrap_or_default();
        let chosen = |number: &usize| self.chosen.get(*number) == Some(&true);
        sections.iter().map(move |(profiles, arches)| {
            let profiles = self.profiles.get(profiles.clone()).unwrap_or_default();
            (profiles.is_empty() || profiles.iter().any(chosen))
                && (arches.is_empty() || arches.iter().any(|a| a.value == *arch))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{View, load_text};

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
        let mut conditions = Conditions::new(image.packages.iter().map(|p| &p.filter));
        for profiles in [&[][..], &["A".to_owned()], &["B".to_owned()]] {
            for arch in ["x86_64", "aarch64"] {
                let view = View::new(&image, profiles, None, arch).unwrap();
                conditions.choose(&view.profiles);
                let own: Vec<bool> = conditions.active(0..image.packages.len(), arch).collect();
                let builds: Vec<bool> = image.packages.iter().map(|p| view.active(&p.filter)).collect();
                assert_eq!(own, builds, "{profiles:?} {arch}");
            }
        }
    }
}
