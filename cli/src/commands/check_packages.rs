//! `check --packages`: the package names of a description against the metadata of its repositories, for every choice
//! of profiles that the check is about. Prints nothing.

use std::collections::{BTreeMap, HashSet};

use apteryx_builder::error::BuildError;
use apteryx_builder::events::Reporter;
use apteryx_builder::packages::{self, HostMirror, RepoSpec, Universe, debian_arch};
use apteryx_builder::store::Store;
use apteryx_schema::description::{Loaded, PackageKind, View};
use apteryx_schema::diagnostic::{Diagnostic, Severity, Source};
use apteryx_schema::text::Span;

/// What to judge, and where metadata comes from.
pub struct Asked<'a> {
    /// `--profile`; none for what a build without options takes and each profile by itself.
    pub profiles: &'a [String],
    /// `--type`.
    pub image_type: Option<&'a str>,
    /// The machine name.
    pub arch: &'a str,
    /// `--mirror host`.
    pub host_mirror: bool,
    /// Where fetching is told.
    pub reporter: &'a Reporter,
}

/// One finding per package that no repository has. A repository that cannot be read is an error that stops the look.
pub fn judge(loaded: &Loaded, asked: &Asked<'_>) -> Result<Vec<Diagnostic>, BuildError> {
    let mirror = asked.host_mirror.then(HostMirror::detect).flatten();
    let store = Store::open(None)?;
    let options = packages::Options {
        mirror: mirror.clone(),
        ..packages::Options::default()
    };
    let arch = debian_arch(asked.arch);
    let mut read: BTreeMap<String, Universe> = BTreeMap::new();
    let mut seen: HashSet<(u32, Span)> = HashSet::new();
    let mut found = Vec::new();
    for choice in choices(loaded, asked.profiles) {
        // A choice that no build can make is told of by the rules.
        let Ok(view) = View::new(&loaded.image, &choice, asked.image_type, asked.arch) else {
            continue;
        };
        let specs = view
            .repositories()
            .into_iter()
            .filter(|r| r.element.attrs.bool("imageonly") != Some(true))
            .map(|r| RepoSpec::from_description(r, &loaded.dir, mirror.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        if specs.is_empty() {
            continue;
        }
        let key = format!("{specs:?}");
        let universe = match read.get(&key) {
            Some(universe) => universe.clone(),
            None => packages::refresh(&specs, arch, &store, asked.reporter, &options)?,
        };
        read.insert(key, universe.clone());
        let lists = [PackageKind::Bootstrap, PackageKind::System].map(|k| view.packages(k).packages);
        let new = lists.concat().into_iter();
        let new = new.filter(|i| seen.insert((i.name.file.0, i.name.span)));
        found.extend(packages::judge(new, &universe, &context(&view)));
    }
    Ok(found)
}

/// The choices of profiles to look at.
fn choices(loaded: &Loaded, asked: &[String]) -> Vec<Vec<String>> {
    let mut out = vec![asked.to_vec()];
    if asked.is_empty() {
        out.extend(
            loaded
                .image
                .profiles
                .iter()
                .map(|p| vec![p.name.value.to_string()]),
        );
    }
    out
}

/// For which choice it was looked: "profile `Disk`, x86_64".
fn context(view: &View<'_>) -> String {
    let names: Vec<_> = view.profiles.iter().map(|p| format!("`{p}`")).collect();
    match names.len() {
        0 => view.arch.to_string(),
        1 => format!("profile {}, {}", names.join(""), view.arch),
        _ => format!("profiles {}, {}", names.join(", "), view.arch),
    }
}

/// An error that has a place in the description, as a finding there; others are given back.
pub fn at_its_place(error: BuildError) -> Result<Diagnostic, BuildError> {
    let (code, message, place, help, source) = match error {
        BuildError::Description {
            code,
            message,
            place: Some(place),
            help,
        } => (code, message, place, help, Source::Rules),
        BuildError::Packages {
            code,
            message,
            place: Some(place),
            help,
        } => (code, message, place, help, Source::Packages),
        other => return Err(other),
    };
    let mut found = Diagnostic::new(code, Severity::Error, source, place.span, message);
    found.file = place.file;
    found.help = help.map(Into::into);
    Ok(found)
}
