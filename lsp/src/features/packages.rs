//! Package names: what may be written in `<package name="…">`, and which of those written no repository has. Works on
//! lists that are open already; nothing here reads a disk or a network.

use apteryx_builder::packages::{Universe, judge};
use apteryx_schema::description::view::PackageKind;
use apteryx_schema::description::{Loaded, View};
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{Diagnostic, Span};

use super::completion::{Candidate, Kind};
use super::cursor::{Cursor, cursor};
use crate::snapshot::Snapshot;

/// Names offered at once; a client asks again as the user types.
pub const LIMIT: usize = 100;

/// The name at byte `offset`, where a package's name stands there: what is typed before the cursor, and all of it.
pub fn name_at(snapshot: &Snapshot, offset: u32) -> Option<(String, Span)> {
    let text = &*snapshot.derived().text;
    match cursor(text, offset) {
        Cursor::AttributeValue {
            element, name, value, ..
        } if matches!(element.of(text), "package" | "ignore") && name.of(text) == "name" => {
            let typed = Span::new(value.start, offset.clamp(value.start, value.end));
            Some((typed.of(text).to_owned(), value))
        }
        _ => None,
    }
}

/// At most [`LIMIT`] names for what is typed, the best first; true where there may be more.
pub fn names(universe: &Universe, typed: &str, replace: Span) -> (Vec<Candidate>, bool) {
    let hits = universe.complete(typed, LIMIT);
    let more = hits.len() >= LIMIT;
    let candidates = hits.into_iter().map(|hit| Candidate {
        kind: Kind::Package,
        // A near name would fall through the client's own filter.
        filter: (!hit.name.contains(typed)).then(|| typed.to_owned()),
        snippet: hit.name.clone(),
        plain: hit.name.clone(),
        label: hit.name,
        replace,
        required: false,
        detail: Some(hit.version),
        doc: Some(hit.summary),
    });
    (candidates.collect(), more)
}

/// The names in the main file that no repository of the view has.
pub fn unknown(view: &View<'_>, universe: &Universe) -> Vec<Diagnostic> {
    let profiles = match view.profiles.as_slice() {
        [] => String::new(),
        [one] => format!("profile `{one}`, "),
        more => format!("profiles `{}`, ", more.join("`, `")),
    };
    let context = format!("{profiles}{}", view.arch);
    let lists = [PackageKind::Bootstrap, PackageKind::System].map(|kind| view.packages(kind));
    let items = lists.iter().flat_map(|l| l.packages.iter().copied());
    let mut found = judge(items, universe, &context);
    found.retain(|d| d.file == FileId::default());
    found
}

/// The view that is judged: the profiles imported by default, the primary type, this machine's architecture.
pub fn view(loaded: &Loaded) -> Option<View<'_>> {
    View::new(&loaded.image, &[], None, apteryx_schema::description::host_arch()).ok()
}
