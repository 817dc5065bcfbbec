//! `check --fix` and `--diff`: repairs in rounds until none is left. Judging and repairing writes nothing: what a file is
//! to become is given back, so that all are judged before the first is written. Prints nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use apteryx_schema::description::load::reason;
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::fix;
use apteryx_schema::syntax::encode_as;

use crate::codes::Refused;
use crate::commands::check_judge::{Judged, Texts};
use crate::inputs::is_stdin;
use crate::{diff, replace};

/// Repairs may make a text so much longer, and by an eighth: one that is full of faults would otherwise become many times
/// as large, and as large again is what is known of it.
const ROOM: usize = 1 << 16;

/// What repairs have led to.
pub struct Mended {
    /// As it is judged after the last repair; before the first where that is what is told.
    pub judged: Judged,
    /// Files that are to change, and standard input whether or not it is.
    pub changed: Vec<Changed>,
}

/// A file that repairs change.
pub struct Changed {
    /// Where it lies; `-` is standard input.
    pub path: PathBuf,
    /// As it is named to the user.
    pub name: PathBuf,
    /// Its bytes before.
    pub old: Vec<u8>,
    /// Its bytes afterwards.
    pub new: Vec<u8>,
    /// Repairs made.
    pub fixed: usize,
}

impl Changed {
    /// What `--diff` shows.
    pub fn diff(&self) -> Vec<u8> {
        diff::unified(&self.name, &self.old, &self.new)
    }

    /// Writes it. An error is in words.
    pub fn write(&self) -> Result<(), String> {
        let refused = |e| format!("cannot write `{}`: {}", self.path.display(), reason(&e));
        replace::replace(&self.path, &self.old, &self.new).map_err(refused)
    }
}

/// Repairs a description and its includes. `look` judges them as they would be, and finds what texts of so many bytes
/// have room for. Where `first` is true, what was found before the first repair is counted; what is found between two
/// rounds is not kept beside what is found next.
pub fn mend(
    path: &Path,
    bytes: &[u8],
    all: bool,
    first: bool,
    look: &dyn Fn(&[u8], &Texts, Option<usize>) -> Result<Judged, Refused>,
) -> Result<Mended, Refused> {
    let mut included = Texts::new();
    let mut now = bytes.to_vec();
    let mut fixed = BTreeMap::new();
    let mut judged = look(bytes, &included, Some(usize::MAX))?;
    let size = judged.texts.iter().map(|(_, text)| text.len()).sum();
    let mut room = ROOM + size / 8;
    let name = judged.paths.first().cloned().unwrap_or_default();
    let mut before = None;
    for _ in 0..fix::ROUNDS {
        // The repaired text of standard input is a result, and no file is written for it.
        let files = if is_stdin(path) && !first { 1 } else { usize::MAX };
        if !round(
            &judged,
            files,
            &mut now,
            &mut included,
            (all, &mut room),
            &mut fixed,
        ) {
            break;
        }
        let mut last = judged;
        if first && before.is_none() {
            last.count_own();
            before = Some(last);
        } else {
            drop(last);
        }
        // Where there is no more room, what is left is told, not mended.
        if room == 0 {
            judged = match before.take() {
                Some(told) => told,
                None => look(&now, &included, None)?,
            };
            break;
        }
        judged = look(&now, &included, Some(size))?;
    }
    let mut changed = Vec::new();
    let mut add = |path: PathBuf, name: &Path, old: Vec<u8>, new: Vec<u8>| {
        let fixed = fixed.get(name).copied().unwrap_or(0);
        changed.push(Changed {
            path,
            name: name.to_owned(),
            old,
            new,
            fixed,
        });
    };
    if now != bytes || is_stdin(path) {
        add(path.to_owned(), &name, bytes.to_vec(), now);
    }
    for (path, new) in included {
        if let Ok(old) = std::fs::read(&path) {
            add(path.clone(), &path, old, new);
        }
    }
    Ok(Mended {
        judged: before.unwrap_or(judged),
        changed,
    })
}

/// One round of repairs of the first `files` of a description and its includes; counts them by file. False where there
/// were none.
fn round(
    judged: &Judged,
    files: usize,
    bytes: &mut Vec<u8>,
    included: &mut Texts,
    (all, room): (bool, &mut usize),
    fixed: &mut BTreeMap<PathBuf, usize>,
) -> bool {
    let mut any = false;
    for (id, path) in judged.paths.iter().enumerate().take(files) {
        let made = fix::first_within(&judged.found, FileId(id as u32), all, room);
        let Some((_, text)) = judged.texts.get(id).filter(|_| made.fixed > 0) else {
            continue;
        };
        let now = match id {
            0 => Some(bytes.clone()),
            _ => included.get(path).cloned().or_else(|| std::fs::read(path).ok()),
        };
        let new = made.apply(text);
        // What the file's encoding has no sign for is not written.
        let Some(new) = now.as_deref().and_then(|now| encode_as(now, text, &new)) else {
            continue;
        };
        if now.as_ref() == Some(&new) {
            continue;
        }
        any = true;
        *fixed.entry(path.clone()).or_default() += made.fixed;
        match id {
            0 => *bytes = new,
            _ => {
                included.insert(path.clone(), new);
            }
        }
    }
    any
}
