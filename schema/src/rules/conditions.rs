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
    sections: Vec<Condition<'a>>,
    /// By the number of a profile.
    chosen: Vec<bool>,
    /// The bits of those chosen.
    bits: u64,
}

/// When one section is active.
#[derive(Debug)]
struct Condition<'a> {
    /// Its part of all profiles.
    profiles: Range<usize>,
    /// Their bits.
    bits: u64,
    arches: &'a [At],
}

/// The bit of a profile by its number, which those share that are so many further.
fn bit(number: usize) -> u64 {
    1 << (number % BITS)
}

/// So many profiles have a bit of their own.
const BITS: usize = u64::BITS as usize;

impl<'a> Conditions<'a> {
    /// Of these sections; no profile is chosen.
    pub fn new(filters: impl Iterator<Item = &'a Filter>) -> Self {
        let mut out = Self {
            numbers: FxHashMap::default(),
            profiles: Vec::new(),
            sections: Vec::new(),
            chosen: Vec::new(),
            bits: 0,
        };
        for filter in filters {
            let start = out.profiles.len();
            let mut bits = 0;
            for profile in &filter.profiles {
                let next = out.numbers.len();
                let number = *out.numbers.entry(&profile.value).or_insert(next);
                out.profiles.push(number);
                bits |= bit(number);
            }
            out.sections.push(Condition {
                profiles: start..out.profiles.len(),
                bits,
                arches: &filter.arches,
            });
        }
        out
    }

    /// From now on these are chosen.
    pub fn choose(&mut self, profiles: &[Str]) {
        self.chosen.clear();
        self.chosen.resize(self.numbers.len(), false);
        self.bits = 0;
        for number in profiles.iter().filter_map(|p| self.numbers.get(&**p)) {
            self.bits |= bit(*number);
            if let Some(chosen) = self.chosen.get_mut(*number) {
                *chosen = true;
            }
        }
    }

    /// Whether these sections, by their places, are active on a machine.
    pub fn active(&self, sections: Range<usize>, arch: &'a str) -> impl Iterator<Item = bool> {
        let sections = self.sections.get(sections).unwrap_or_default();
        let chosen = |number: &usize| self.chosen.get(*number) == Some(&true);
        let sure = self.numbers.len() <= BITS;
        let surely = move |of: &Condition<'_>| {
            let own = self.profiles.get(of.profiles.clone()).unwrap_or_default();
            sure || own.iter().any(chosen)
        };
        sections.iter().map(move |of| {
            let there = of.profiles.is_empty() || of.bits & self.bits != 0 && surely(of);
            there && (of.arches.is_empty() || of.arches.iter().any(|a| a.value == *arch))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let filters = many.iter().chain(image.packages.iter().map(|p| &p.filter));
        let mut shared = Conditions::new(filters);
        let mut conditions = Conditions::new(image.packages.iter().map(|p| &p.filter));
        for profiles in [&[][..], &["A".to_owned()], &["B".to_owned()]] {
            for arch in ["x86_64", "aarch64"] {
                let view = View::new(&image, profiles, None, arch).unwrap();
                conditions.choose(&view.profiles);
                let own: Vec<bool> = conditions.active(0..image.packages.len(), arch).collect();
                shared.choose(&view.profiles);
                let behind: Vec<bool> = shared.active(100..100 + own.len(), arch).collect();
                assert_eq!(own, behind, "{profiles:?} {arch}");
                assert!(!shared.active(0..100, arch).any(|active| active));
                let builds: Vec<bool> = image.packages.iter().map(|p| view.active(&p.filter)).collect();
                assert_eq!(own, builds, "{profiles:?} {arch}");
            }
        }
    }
}
