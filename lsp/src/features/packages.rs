//! Package names: what may be written in `<package name="…">`, and which of those written no repository has. Works on
//! lists that are open already; nothing here reads a disk or a network.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use apteryx_builder::packages::{NameHit, Universe, judge};
use apteryx_schema::description::model::Item;
use apteryx_schema::description::view::PackageKind;
use apteryx_schema::description::{Loaded, View};
use apteryx_schema::{Diagnostic, Span};
use rustc_hash::FxHashMap;

use super::completion::{Candidate, Kind};
use super::cursor::{Cursor, Quote, cursor};
use super::megabytes;
use super::values::quoted;
use crate::lock::lock;
use crate::settings::Selection;
use crate::snapshot::Snapshot;

/// Names offered at once; a client asks again as the user types.
pub const LIMIT: usize = 100;

/// The name at byte `offset`, where a package's name stands there: what is typed before the cursor, and all of it with its
/// quotes.
pub fn name_at(snapshot: &Snapshot, offset: u32) -> Option<(String, Span, Quote)> {
    let text = &*snapshot.derived().text;
    match cursor(text, offset) {
        Cursor::AttributeValue {
            element,
            name,
            value,
            quote,
            ..
        } if matches!(
            (element.of(text), name.of(text)),
            ("package" | "ignore", "name") | ("packages", "bootstrap_package")
        ) && !value.of(text).contains('\n') =>
        {
            let typed = Span::new(value.start, offset.clamp(value.start, value.end));
            Some((typed.of(text).to_owned(), value, quote))
        }
        _ => None,
    }
}

/// At most [`LIMIT`] names for what is typed, the best first; true where there may be more.
pub fn names(universe: &Universe, typed: &str, replace: Span, quote: Quote) -> (Vec<Candidate>, bool) {
    let hits = universe.complete(typed, LIMIT);
    let more = hits.len() >= LIMIT;
    let candidate = |hit: NameHit| Candidate {
        kind: Kind::Package,
        // A near name would fall through the client's own filter.
        filter: (!hit.name.contains(typed)).then(|| typed.to_owned()),
        snippet: hit.name.clone(),
        plain: hit.name.clone(),
        label: hit.name,
        replace,
        required: false,
        detail: Some(match hit.installed_size {
            0 => hit.version,
            bytes => format!("{} · {}", hit.version, megabytes(bytes)),
        }),
        doc: Some(hit.summary),
    };
    let candidates = hits.into_iter().map(candidate);
    (candidates.map(|c| quoted(c, quote, true)).collect(), more)
}

/// What the lists say of a package, as Markdown: its version, what it takes and where it comes from.
pub fn about(universe: &Universe, name: &str) -> Option<String> {
    let found = universe.lookup(name);
    let best = found.first()?;
    let size = match best.installed_size() {
        0 => String::new(),
        bytes => format!(" · {} installed", megabytes(bytes)),
    };
    let place = format!(" · `{}`", best.repository());
    Some(format!(
        "**`{name}`** {}{size}{place}\n\n{}",
        best.version(),
        best.summary()
    ))
}

/// What was found out about names: the search for near ones costs a part of a millisecond each, of many more than a
/// keystroke may.
#[derive(Debug, Default)]
pub struct Known(Mutex<FxHashMap<String, Option<Diagnostic>>>);

/// Names remembered at most; each letter typed makes one.
const KNOWN: usize = 20_000;

/// What a finding depends on beside the name and the lists: `profile `Disk`, x86_64`.
pub fn context(view: &View<'_>) -> String {
    let profiles = match &*view.profiles {
        [] => String::new(),
        [one] => format!("profile `{one}`, "),
        more => format!("profiles `{}`, ", more.join("`, `")),
    };
    format!("{profiles}{}", view.arch)
}

/// Findings told at most.
const MOST: usize = 1000;

/// The names that no repository of the view has; none where more than `most` names are not known yet (then none is looked
/// up), or where `stop` is set meanwhile: what was found out until then stays known. `known` belongs to this universe and
/// context alone.
pub fn unknown(
    view: &View<'_>,
    universe: &Universe,
    known: &Known,
    stop: &AtomicBool,
    most: Option<usize>,
) -> Option<Vec<Diagnostic>> {
    let context = context(view);
    let lists = [PackageKind::Bootstrap, PackageKind::System].map(|kind| view.list(kind));
    let items = || lists.iter().flat_map(|l| l.packages.iter().copied());
    let mut found = Vec::new();
    {
        let mut known = lock(&known.0);
        if known.len() > KNOWN {
            known.clear();
        }
        let unknown = |item: &&Item| !known.contains_key(item.name.value.trim());
        if most.is_some_and(|most| items().filter(unknown).nth(most).is_some()) {
            return None;
        }
    }
    for item in items() {
        if found.len() >= MOST {
            break;
        }
        if stop.load(Ordering::Acquire) {
            return None;
        }
        let name = item.name.value.trim();
        // Not held while it is searched: a newer judgement may go on beside this one.
        let said = lock(&known.0).get(name).cloned();
        let finding = said.unwrap_or_else(|| {
            let finding = judge([item], universe, &context).pop();
            lock(&known.0).insert(name.to_owned(), finding.clone());
            finding
        });
        if let Some(mut finding) = finding {
            // Known from elsewhere in the text, maybe: it is said here.
            (finding.file, finding.span) = (item.name.file, item.name.span);
            for edit in finding.fixes.iter_mut().flat_map(|f| &mut f.edits) {
                edit.span = item.name.span;
            }
            found.push(finding);
        }
    }
    Some(found)
}

/// The view that is judged: what the user has selected (else the profiles imported by default and the primary type), on
/// this machine's architecture.
pub fn view<'l>(loaded: &'l Loaded, selected: &Selection) -> Option<View<'l>> {
    let (profiles, image) = (&selected.profiles, selected.image.as_deref());
    View::new(
        &loaded.image,
        profiles,
        image,
        apteryx_schema::description::host_arch(),
    )
    .ok()
}
