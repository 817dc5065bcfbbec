//! What stands above each `<type>`: build it, boot it, and what was built last. Reads results, starts nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use apteryx_schema::Span;

use super::megabytes;
use crate::settings::Selection;
use crate::snapshot::Derived;

/// What a lens does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Builds the type.
    Build(Selection),
    /// Boots the newest image.
    Boot(Selection),
    /// Says something only.
    Tell,
}

/// One lens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// The type's tag.
    pub span: Span,
    /// What is read.
    pub title: String,
    /// What a click does.
    pub action: Action,
}

/// A result: its key in `kiwi.result.json`, its bytes, and when it was written.
pub type Built = (String, u64, SystemTime);

/// The lenses of a text; `built` are the results beside it.
pub fn lenses(derived: &Derived, built: &[Built], now: SystemTime) -> Vec<Lens> {
    let tree = &derived.tree;
    let Some(root) = tree.root().filter(|&r| tree.local(r) == "image") else {
        return Vec::new();
    };
    let mut types = Vec::new();
    for preferences in tree.elements(root).filter(|&id| tree.local(id) == "preferences") {
        // Of several profiles each selects the type: the first will do.
        let profiles = tree.attr_value(preferences, "profiles").unwrap_or_default();
        let first = profiles.split(',').map(str::trim).find(|p| !p.is_empty());
        let profiles: Vec<String> = first.into_iter().map(str::to_owned).collect();
        for id in tree.elements(preferences).filter(|&id| tree.local(id) == "type") {
            let image = tree.attr_value(id, "image").unwrap_or_default().trim().to_owned();
            if !image.is_empty() {
                types.push((id, profiles.clone(), image));
            }
        }
    }
    let mut out = Vec::new();
    for (id, profiles, image) in &types {
        let span = tree.node(*id).open;
        let selection = Selection {
            profiles: profiles.clone(),
            image: Some(image.clone()),
        };
        let mut add = |title: String, action: Action| out.push(Lens { span, title, action });
        add("Build".to_owned(), Action::Build(selection.clone()));
        if image == "oem" {
            add("Boot".to_owned(), Action::Boot(selection));
        }
        // Whose result it is can be told only where no other type makes one of its kind.
        let keys = keys(image);
        let alone = types
            .iter()
            .filter(|(.., other)| self::keys(other) == keys)
            .count()
            == 1;
        let of = |key: &&str| built.iter().find(|(other, ..)| alone && other == *key);
        if let Some((_, size, when)) = keys.iter().find_map(of) {
            let age = age(now.duration_since(*when).unwrap_or_default().as_secs());
            add(format!("{}, built {age} ago", megabytes(*size)), Action::Tell);
        }
    }
    out
}

/// The keys of results that an image type makes, what is handed on first.
fn keys(image: &str) -> &'static [&'static str] {
    match image {
        "oem" => &["disk_format_image", "disk_image"],
        "tbz" => &["root_archive"],
        "docker" | "oci" => &["container"],
        "iso" => &["live_image"],
        _ => &["filesystem_image"],
    }
}

/// `3 min`
fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The results of the last build of the description at `path`, where its verbs put them by default.
pub fn built(path: &Path) -> Vec<Built> {
    let Some(folder) = path.parent() else {
        return Vec::new();
    };
    #[derive(serde::Deserialize)]
    struct Entry {
        // How a bundle is named has none.
        filename: Option<PathBuf>,
    }
    let text = std::fs::read(folder.join("out/kiwi.result.json")).unwrap_or_default();
    let entries: BTreeMap<String, Entry> = serde_json::from_slice(&text).unwrap_or_default();
    let one = |(key, entry): (String, Entry)| {
        let meta = std::fs::metadata(entry.filename?).ok()?;
        Some((key, meta.len(), meta.modified().ok()?))
    };
    entries.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;
    use std::time::Duration;

    #[test]
    fn results_are_found_beside_how_a_bundle_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let disk = dir.path().join("out/a.raw");
        std::fs::create_dir(dir.path().join("out")).expect("it is made");
        std::fs::write(&disk, "disk").expect("it is written");
        let json = serde_json::json!({
            "bundle_format": {"pattern": "%N", "tags": {"N": "a"}},
            "disk_image": {"filename": disk, "compress": true},
        });
        let place = dir.path().join("out/kiwi.result.json");
        std::fs::write(place, json.to_string()).expect("it is written");
        let found = built(&dir.path().join("config.xml"));
        let found: Vec<_> = found.iter().map(|(key, size, _)| (key.as_str(), *size)).collect();
        assert_eq!(found, [("disk_image", 4)]);
    }

    fn titles(text: &str, built: &[(&str, u64)]) -> Vec<String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let then = now - Duration::from_secs(190);
        let built: Vec<Built> = built.iter().map(|(k, s)| (k.to_string(), *s, then)).collect();
        let all = lenses(Snapshot::of_text(text).derived(), &built, now);
        all.into_iter().map(|l| l.title).collect()
    }

    #[test]
    fn a_type_can_be_built_and_a_disk_booted_and_what_was_built_is_told() {
        let text = "<image><preferences profiles=\"A,B\"><type image=\"oem\"/></preferences><preferences><type image=\"tbz\"/></preferences></image>";
        let disk = [("disk_image", 400_000_000), ("disk_format_image", 170_500_000)];
        assert_eq!(
            titles(text, &disk),
            ["Build", "Boot", "171 MB, built 3 min ago", "Build"]
        );
        let lenses = lenses(Snapshot::of_text(text).derived(), &[], SystemTime::now());
        let first = Selection {
            profiles: vec!["A".to_owned()],
            image: Some("oem".to_owned()),
        };
        assert_eq!(lenses.first().map(|l| &l.action), Some(&Action::Build(first)));
    }

    #[test]
    fn a_result_that_several_types_may_have_made_is_told_of_none() {
        let text = "<image><preferences><type image=\"ext4\"/><type image=\"xfs\"/></preferences></image>";
        assert_eq!(titles(text, &[("filesystem_image", 1)]), ["Build", "Build"]);
        assert_eq!(titles("<image><type image=\"oem\"/></image>", &[]), [""; 0]);
    }
}
