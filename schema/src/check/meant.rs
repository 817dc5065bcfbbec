//! What is found in a description's folder: its scripts, overlays and archives, by what the description means where its
//! texts have faults. Reads no file but through the folder it is given.

use std::path::Path;

use super::allow::silence_beside;
use super::mended::{MOST, Places, is_sure};
use super::moved::moved;
use crate::description::folder::Folder;
use crate::description::load::load_tree;
use crate::description::model::Image;
use crate::diagnostic::{Diagnostic, FileId, Source};
use crate::fix::first_round;
use crate::format::parse_text;
use crate::migrate::OUTDATED;
use crate::rules::{self, Beside, Fault};
use crate::syntax::Tree;

/// The texts of a description by file id, with what they have been told of.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Its own and its includes', with their paths.
    pub texts: &'a [(&'a Path, &'a Tree)],
    /// Their model.
    pub image: &'a Image,
    /// What was found in them.
    pub told: &'a [Diagnostic],
}

/// Judges the folder of a description; `syntax` gives the faults of a bash script without running it.
pub fn beside(
    judged: Judged<'_>,
    folder: &dyn Folder,
    syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
) -> Beside {
    // What a misspelt word means is there for the scripts.
    let meant = Meant::of(judged);
    let image = meant.as_ref().map_or(judged.image, |m| &m.image);
    let mut beside = rules::beside(image, folder, syntax);
    if let Some(meant) = &meant {
        beside.diagnostics.retain_mut(|d| meant.told(d));
    }
    rules::unless_told(judged.image, judged.told, &mut beside.diagnostics);
    for (id, (_, tree)) in (0..).zip(judged.texts) {
        silence_beside(tree, FileId(id), &mut beside.diagnostics);
    }
    beside
}

/// A description as it is meant where it is sure what each of its faults means.
struct Meant {
    image: Image,
    /// By file id.
    places: Vec<Places>,
}

impl Meant {
    /// None where no text has a fault, or one whose meaning is not sure.
    fn of(judged: Judged<'_>) -> Option<Self> {
        let faults = judged
            .told
            .iter()
            .filter(|d| matches!(d.source, Source::Xml | Source::Schema) && d.code != OUTDATED);
        let faults: Vec<_> = faults.take(MOST + 1).cloned().collect();
        let tree = |d: &Diagnostic| judged.texts.get(d.file.0 as usize).map(|(_, tree)| *tree);
        let sure = |d: &Diagnostic| tree(d).is_some_and(|tree| is_sure(tree, d));
        if faults.is_empty() || faults.len() > MOST || !faults.iter().all(sure) {
            return None;
        }
        let files = (0..).map(FileId).zip(judged.texts);
        let rounds: Vec<_> = files.map(|(file, _)| first_round(&faults, file, true)).collect();
        if rounds.iter().map(|r| r.fixed).sum::<usize>() < faults.len() {
            return None;
        }
        let mended = |at: usize| {
            let ((path, tree), round) = judged.texts.get(at).zip(rounds.get(at))?;
            Some(parse_text(path, round.apply(tree.text()).into()))
        };
        let read = |path: &Path| {
            let at = judged.texts.iter().position(|(own, _)| *own == path);
            at.and_then(mended)
                .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
        };
        let (path, _) = judged.texts.first()?;
        let image = load_tree(path, mended(0)?, &read).image;
        // A slip that hid an include: of that file nothing is known.
        let paths = judged.texts.iter().map(|(path, _)| *path);
        paths
            .eq(image.files.iter().map(|f| f.path.as_path()))
            .then(|| Self {
                image,
                places: rounds.iter().map(Places::of).collect(),
            })
    }

    /// Moves what is found in the mended texts to the texts as they are; false where it has no place there. What is found
    /// in other files stays.
    fn told(&self, found: &mut Diagnostic) -> bool {
        moved(found, &|file, span| match self.places.get(file.0 as usize) {
            Some(places) => Some((file, places.back(span)?)),
            None => Some((file, span)),
        })
    }
}
