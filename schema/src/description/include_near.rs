//! The file that is meant by the address of an include which leads nowhere: one that lies there and is called nearly so. Looks
//! into the folders on the way alone.

use std::path::{Path, PathBuf};

/// The path that is meant, where just one name is near.
pub(super) fn meant(path: &Path) -> Option<PathBuf> {
    let (parent, name) = (path.parent()?, path.file_name()?.to_str()?);
    if parent.is_dir() {
        return Some(parent.join(near(parent, name)?));
    }
    // The folder is misspelt, and the file is there.
    let folder = meant(parent)?.join(name);
    folder.is_file().then_some(folder)
}

/// The only entry whose name is near to this one.
fn near(folder: &Path, name: &str) -> Option<String> {
    let entries = std::fs::read_dir(folder).ok()?.take(1000);
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let stem = |n: &str| n.rsplit_once('.').map_or(n, |(s, _)| s).to_owned();
    let close = |n: &String| {
        let slips = strsim::damerau_levenshtein(n, name);
        n != name
            && (slips == 1
                || slips == 2 && name.len() > 7
                || stem(n) == name
                || stem(n) == stem(name) && n.ends_with(".xml"))
    };
    let mut all = names.filter(close);
    let only = all.next()?;
    all.next().is_none().then_some(only)
}
