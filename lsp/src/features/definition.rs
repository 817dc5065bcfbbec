//! From the use of a profile to its declaration.

use apteryx_schema::Span;
use apteryx_schema::diagnostic::FileId;

use super::cursor::{Cursor, cursor};
use super::values::list_item;
use crate::snapshot::{Derived, Snapshot};

/// A profile that the description declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// The file that declares it: the document, or one that it includes.
    pub file: FileId,
    /// The name between its quotes.
    pub span: Span,
}

/// The profiles declared in `<image><profiles>`, here and in included files, in that order. Also of a broken text.
pub fn profiles(derived: &Derived) -> Vec<Profile> {
    let tree = &derived.tree;
    let mut found = Vec::new();
    let Some(root) = tree.root() else {
        return found;
    };
    for list in tree.elements(root).filter(|id| tree.local(*id) == "profiles") {
        for id in tree.elements(list).filter(|id| tree.local(*id) == "profile") {
            if let Some(name) = tree.attr(id, "name") {
                found.push(Profile {
                    name: tree.value(name).trim().to_owned(),
                    description: tree.attr_value(id, "description").map(|d| d.into_owned()),
                    file: FileId::default(),
                    span: name.value_span,
                });
            }
        }
    }
    if tree.elements(root).any(|id| tree.local(id) == "include") {
        let all = derived.model().image.profiles.iter();
        found.extend(all.filter(|p| p.name.file != FileId::default()).map(|p| Profile {
            name: p.name.value.trim().to_owned(),
            description: Some(p.description.clone()).filter(|d| !d.is_empty()),
            file: p.name.file,
            span: p.name.span,
        }));
    }
    found
}

/// True where an attribute names profiles.
pub fn names_profiles(element: &str, attribute: &str) -> bool {
    attribute == "profiles" || (element == "requires" && attribute == "profile")
}

/// The profile named at byte `offset`, and the bytes that name it.
pub fn profile_at(snapshot: &Snapshot, offset: u32) -> Option<(Profile, Span)> {
    let derived = snapshot.derived();
    let text = &*derived.text;
    let Cursor::AttributeValue {
        element, name, value, ..
    } = cursor(text, offset)
    else {
        return None;
    };
    let own = element.of(text) == "profile" && name.of(text) == "name";
    if !own && !names_profiles(element.of(text), name.of(text)) {
        return None;
    }
    let named = list_item(text, value, offset);
    let wanted = named.of(text);
    let found = profiles(derived).into_iter().find(|p| p.name == wanted)?;
    Some((found, named))
}

/// Where the profile named at byte `offset` is declared.
pub fn definition(snapshot: &Snapshot, offset: u32) -> Option<(FileId, Span)> {
    profile_at(snapshot, offset).map(|(profile, _)| (profile.file, profile.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::at_cursor;

    #[test]
    fn a_use_leads_to_its_declaration() {
        let (snapshot, offset) = at_cursor(
            "<image><profiles><profile name=\"A\"/><profile name=\"B\"/></profiles><packages profiles=\"A,$0B\"/></image>",
        );
        let (file, span) = definition(&snapshot, offset).unwrap();
        assert_eq!(file, FileId::default());
        let text = &snapshot.derived().text;
        assert_eq!(span.of(text), "B");
        assert!(span.end < text.find("</profiles>").unwrap() as u32);
    }
}
