//! From the use of a profile to its declaration.

use apteryx_schema::Span;
use apteryx_schema::syntax::Tree;

use super::completion::list_item;
use super::cursor::{Cursor, cursor};
use crate::snapshot::Snapshot;

/// A profile that the description declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// The name between its quotes.
    pub span: Span,
}

/// The profiles declared in `<image><profiles>`, in the order of the text.
pub fn profiles(tree: &Tree) -> Vec<Profile> {
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
                    span: name.value_span,
                });
            }
        }
    }
    found
}

/// Where the profile named at byte `offset` is declared.
pub fn definition(snapshot: &Snapshot, offset: u32) -> Option<Span> {
    let derived = snapshot.derived();
    let text = &*derived.text;
    let Cursor::AttributeValue {
        element, name, value, ..
    } = cursor(text, offset)
    else {
        return None;
    };
    let use_of_profile =
        name.of(text) == "profiles" || (element.of(text) == "requires" && name.of(text) == "profile");
    if !use_of_profile {
        return None;
    }
    let wanted = list_item(text, value, offset).of(text);
    profiles(&derived.tree)
        .into_iter()
        .find(|p| p.name == wanted)
        .map(|p| p.span)
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
        let span = definition(&snapshot, offset).unwrap();
        let text = &snapshot.derived().text;
        assert_eq!(span.of(text), "B");
        assert!(span.end < text.find("</profiles>").unwrap() as u32);
    }
}
