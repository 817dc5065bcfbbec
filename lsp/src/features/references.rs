//! Profiles by name: every place that names one, and another name for all of them.

use apteryx_schema::diagnostic::FileId;
use apteryx_schema::syntax::Tree;
use apteryx_schema::{Edit, Span};

use super::definition::{names_profiles, profile_at};
use crate::snapshot::{Derived, Snapshot};

/// A place that names a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The document, or one that it includes.
    pub file: FileId,
    /// The name.
    pub span: Span,
    /// It is the declaration.
    pub declares: bool,
}

/// Every place that names the profile at byte `offset`, in the document and in what it includes.
pub fn references(snapshot: &Snapshot, offset: u32) -> Vec<Place> {
    let Some((profile, _)) = profile_at(snapshot, offset) else {
        return Vec::new();
    };
    let derived = snapshot.derived();
    let mut out = here(&derived.tree, FileId::default(), &profile.name);
    if derived.includes() {
        for (id, tree) in (0..).map(FileId).zip(&derived.model().trees).skip(1) {
            out.extend(here(tree, id, &profile.name));
        }
    }
    out
}

/// The places in one text.
fn here(tree: &Tree, file: FileId, name: &str) -> Vec<Place> {
    let mut out = Vec::new();
    for id in tree.all() {
        let element = tree.local(id);
        for attr in tree.attrs(id) {
            let attribute = &*tree.name(attr.name).local;
            let declares = element == "profile" && attribute == "name";
            if !declares && !names_profiles(element, attribute) {
                continue;
            }
            let written = attr.value_span.of(tree.text());
            let mut at = attr.value_span.start;
            for item in written.split(',') {
                if item.trim() == name {
                    let start = at + (item.len() - item.trim_start().len()) as u32;
                    let span = Span::new(start, start + name.len() as u32);
                    out.push(Place { file, span, declares });
                }
                at += item.len() as u32 + 1;
            }
        }
    }
    out
}

/// The name at byte `offset` that can be given anew: a profile whose places all lie in the document itself.
pub fn renamed(snapshot: &Snapshot, offset: u32) -> Result<Span, String> {
    let Some((profile, span)) = profile_at(snapshot, offset) else {
        return Err("only a profile that the description declares can be renamed here".to_owned());
    };
    if references(snapshot, offset)
        .iter()
        .any(|p| p.file != FileId::default())
    {
        return Err(format!("an included file names `{}` too", profile.name));
    }
    Ok(span)
}

/// The edits that give the profile at byte `offset` the name `new`.
pub fn rename(snapshot: &Snapshot, offset: u32, new: &str) -> Result<Vec<Edit>, String> {
    renamed(snapshot, offset)?;
    let derived = snapshot.derived();
    if !is_name(derived, new) {
        return Err(format!("`{new}` is no name of a profile"));
    }
    if super::definition::profiles(derived).iter().any(|p| p.name == new) {
        return Err(format!("there is a profile `{new}` already"));
    }
    let places = references(snapshot, offset).into_iter();
    Ok(places
        .map(|p| Edit {
            span: p.span,
            new_text: new.into(),
        })
        .collect())
}

/// What stands between commas and in quotes of any kind, in any mark-up.
fn is_name(derived: &Derived, new: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    !new.is_empty()
        && new
            .chars()
            .all(|c| plain(c) || (derived.tree.is_xml() && c == ' '))
        && new.trim() == new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::at_cursor;

    const TEXT: &str = "<image><profiles><profile name=\"A\"><requires profile=\"B\"/></profile><profile name=\"B\"/></profiles><packages profiles=\"A, $0B\"/><users profiles=\"BB,B\"/></image>";

    #[test]
    fn every_place_is_found_and_only_whole_names() {
        let (snapshot, at) = at_cursor(TEXT);
        let places = references(&snapshot, at);
        let text = &snapshot.derived().text;
        assert_eq!(places.len(), 4, "{places:?}");
        assert!(places.iter().all(|p| p.span.of(text) == "B"));
        assert_eq!(places.iter().filter(|p| p.declares).count(), 1);
    }

    #[test]
    fn a_profile_gets_another_name_wherever_it_is_named() {
        let (snapshot, at) = at_cursor(TEXT);
        let mut text = snapshot.derived().text.to_string();
        let mut edits = rename(&snapshot, at, "Disk").unwrap();
        edits.sort_by_key(|e| std::cmp::Reverse(e.span));
        for e in &edits {
            text.replace_range(e.span.start as usize..e.span.end as usize, &e.new_text);
        }
        let wanted = TEXT
            .replace("$0", "")
            .replace("\"B\"", "\"Disk\"")
            .replace("A, B", "A, Disk")
            .replace("BB,B", "BB,Disk");
        assert_eq!(text, wanted);
        assert!(rename(&snapshot, at, "A").is_err(), "it is taken");
        assert!(rename(&snapshot, at, "x,y").is_err() && rename(&snapshot, at, "").is_err());
        assert!(rename(&snapshot, 2, "C").is_err(), "no profile stands there");
    }
}
