//! What an editor shows of a description beside its findings: the profiles and the type that a build takes, what else
//! could be chosen, and the state of the package lists. Told to clients that ask for it (`status` in their options), and
//! only what is new. Nothing here reads a network.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use apteryx_schema::description::{Loaded, View, host_arch};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tower_lsp::lsp_types as lsp;
use tower_lsp::lsp_types::notification::Notification;

use crate::lock::lock;
use crate::lookup;
use crate::settings::Selection;
use crate::shared::Shared;
use crate::snapshot::Snapshot;

/// Choices told at most.
const MOST: usize = 200;

/// The package lists of a description's repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Packages {
    /// Some were never fetched.
    Missing,
    /// They are being fetched.
    Fetching,
    /// All are on disk.
    Ready {
        /// Packages in all of them.
        count: usize,
        /// When the oldest was compared with its mirror, in seconds since 1970.
        fetched: u64,
    },
}

/// What `apteryx/status` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusParams {
    /// The description.
    pub uri: lsp::Url,
    /// The profiles in force, those selected and those that they require.
    pub profiles: Vec<String>,
    /// The type in force; none where the description has none for these profiles.
    #[serde(rename = "type")]
    pub image: Option<String>,
    /// The machine name (`uname -m`).
    pub arch: String,
    /// What `apteryx.select` could be given, at most 200.
    pub choices: Vec<Selection>,
    /// None where no repository can be looked up.
    pub packages: Option<Packages>,
}

/// `apteryx/status`
#[derive(Debug)]
pub enum Status {}

impl Notification for Status {
    type Params = StatusParams;
    const METHOD: &'static str = "apteryx/status";
}

/// What was selected for which description, and what its editor knows.
#[derive(Debug, Default)]
pub struct Statuses {
    selected: Mutex<FxHashMap<lsp::Url, Selection>>,
    told: Mutex<FxHashMap<lsp::Url, StatusParams>>,
}

impl Statuses {
    /// What was selected for the description, as far as it still has it: a text may lose a profile while it is edited.
    pub fn selected(&self, uri: &lsp::Url, loaded: &Loaded) -> Selection {
        let Some(kept) = lock(&self.selected).get(uri).cloned() else {
            return Selection::default();
        };
        let image = kept.image.as_deref();
        match View::new(&loaded.image, &kept.profiles, image, host_arch()) {
            Ok(_) => kept,
            Err(_) => Selection::default(),
        }
    }

    /// Selects, for as long as the server lives.
    pub fn select(&self, uri: &lsp::Url, selection: Selection) {
        lock(&self.selected).insert(uri.clone(), selection);
    }

    /// A closed document: whoever opens it again is told anew.
    pub fn forget(&self, uri: &lsp::Url) {
        lock(&self.told).remove(uri);
    }
}

/// All that can be built: each profile alone and none, with each of the types that are active then.
pub fn choices(loaded: &Loaded) -> Vec<Selection> {
    let mut all = Vec::new();
    let alone = loaded
        .image
        .profiles
        .iter()
        .map(|p| vec![p.name.value.to_string()]);
    for profiles in std::iter::once(Vec::new()).chain(alone) {
        let Ok(view) = View::new(&loaded.image, &profiles, None, host_arch()) else {
            continue;
        };
        for one in view.preferences.iter().flat_map(|p| &p.types) {
            let choice = Selection {
                profiles: profiles.clone(),
                image: Some(one.image.value.trim().to_owned()),
            };
            if all.len() < MOST && !all.contains(&choice) {
                all.push(choice);
            }
        }
    }
    all
}

fn packages(shared: &Shared, uri: &lsp::Url, snapshot: &Snapshot) -> Option<Packages> {
    let wanted = lookup::wanted(shared, uri, snapshot)?;
    if wanted.specs.is_empty() {
        return None;
    }
    if shared.lookup.fetching() {
        return Some(Packages::Fetching);
    }
    let Some(universe) = shared.lookup.lists.open(&wanted.specs) else {
        return Some(Packages::Missing);
    };
    let then = SystemTime::now().checked_sub(universe.age());
    let fetched = then.and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    Some(Packages::Ready {
        count: universe.len(),
        fetched: fetched.unwrap_or_default().as_secs(),
    })
}

/// Tells the state of a version where it is another than was told. What is broken is not told: it would flicker.
pub async fn tell(shared: &Arc<Shared>, uri: &lsp::Url, snapshot: &Snapshot) {
    let derived = snapshot.derived();
    if !shared.settings().status || !derived.tree.errors().is_empty() {
        return;
    }
    let loaded = derived.model();
    let selected = shared.statuses.selected(uri, loaded);
    let view = View::new(
        &loaded.image,
        &selected.profiles,
        selected.image.as_deref(),
        host_arch(),
    );
    let view = view.ok();
    let status = StatusParams {
        uri: uri.clone(),
        profiles: view
            .as_ref()
            .map(|v| v.profiles.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        image: view.map(|v| v.image_type.image.value.trim().to_owned()),
        arch: host_arch().to_owned(),
        choices: choices(loaded),
        packages: packages(shared, uri, snapshot),
    };
    let told = lock(&shared.statuses.told).insert(uri.clone(), status.clone());
    if told.as_ref() != Some(&status) {
        shared.client().send_notification::<Status>(status).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_has_its_types_and_what_has_none_is_no_choice() {
        let text = r#"<image schemaversion="8.5" name="a">
<profiles><profile name="Disk" description="d"/><profile name="Both" description="b"/><profile name="None" description="n"/></profiles>
<preferences profiles="Disk,Both"><type image="oem"/></preferences>
<preferences profiles="Both"><type image="docker"/></preferences>
</image>"#;
        let snapshot = Snapshot::of_text(text);
        let found = choices(snapshot.derived().model());
        let words: Vec<_> = found
            .iter()
            .map(|c| format!("{} {}", c.profiles.join(","), c.image.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(words, ["Disk oem", "Both oem", "Both docker"]);
    }

    #[test]
    fn what_is_selected_holds_until_the_text_has_it_no_longer() {
        let uri = lsp::Url::parse("file:///d/config.xml").unwrap();
        let text = r#"<image schemaversion="8.5" name="a"><profiles><profile name="A" description="a"/></profiles>
<preferences><type image="oem"/></preferences></image>"#;
        let statuses = Statuses::default();
        let chosen = Selection {
            profiles: vec!["A".to_owned()],
            image: None,
        };
        statuses.select(&uri, chosen.clone());
        let selected = |text: &str| statuses.selected(&uri, Snapshot::of_text(text).derived().model());
        assert_eq!(selected(text), chosen);
        assert_eq!(
            selected(&text.replace("name=\"A\"", "name=\"B\"")),
            Selection::default()
        );
    }
}
