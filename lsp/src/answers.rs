//! The features' data as the protocol wants them, for the requests that show where things are. Decides nothing.

use std::time::SystemTime;

use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{Edit, Span};
use tower_lsp::lsp_types as lsp;

use crate::convert::{self, offset, range};
use crate::features::lenses::{self, Action};
use crate::features::links::{self, Target};
use crate::features::references::{self, Place};
use crate::features::symbols::Symbol;
use crate::features::{folding, selection, symbols};
use crate::judge::file_uri;
use crate::lines::Lines;
use crate::settings::Selection;
use crate::snapshot::{Derived, Snapshot};

/// A place in the document or in a file that it includes.
pub fn location(derived: &Derived, uri: &lsp::Url, file: FileId, span: Span) -> Option<lsp::Location> {
    if file == FileId::default() {
        return Some(lsp::Location::new(uri.clone(), range(&derived.lines, span)));
    }
    let file = derived.model().image.files.get(file.0 as usize)?;
    let lines = Lines::new(file.text.clone(), derived.lines.encoding());
    Some(lsp::Location::new(file_uri(&file.path)?, range(&lines, span)))
}

/// Every place that names the profile.
pub fn references(
    snapshot: &Snapshot,
    uri: &lsp::Url,
    position: lsp::Position,
    declaration: bool,
) -> Vec<lsp::Location> {
    let derived = snapshot.derived();
    let places = references::references(snapshot, offset(&derived.lines, position)).into_iter();
    let wanted = places.filter(|p| declaration || !p.declares);
    wanted
        .filter_map(|p| location(derived, uri, p.file, p.span))
        .collect()
}

/// The places of the document itself.
pub fn highlights(snapshot: &Snapshot, position: lsp::Position) -> Vec<lsp::DocumentHighlight> {
    let lines = &snapshot.derived().lines;
    let places = references::references(snapshot, offset(lines, position)).into_iter();
    let own = places.filter(|p| p.file == FileId::default());
    own.map(|Place { span, declares, .. }| lsp::DocumentHighlight {
        range: range(lines, span),
        kind: Some(match declares {
            true => lsp::DocumentHighlightKind::WRITE,
            false => lsp::DocumentHighlightKind::READ,
        }),
    })
    .collect()
}

/// The edit that gives a profile another name.
pub fn rename(uri: &lsp::Url, lines: &Lines, edits: &[Edit]) -> lsp::WorkspaceEdit {
    lsp::WorkspaceEdit::new(
        [(uri.clone(), convert::edits(lines, edits))]
            .into_iter()
            .collect(),
    )
}

/// The outline.
pub fn symbols(derived: &Derived) -> lsp::DocumentSymbolResponse {
    let all = symbols::symbols(derived).into_iter();
    lsp::DocumentSymbolResponse::Nested(all.map(|s| symbol(&derived.lines, s)).collect())
}

fn symbol(lines: &Lines, symbol: Symbol) -> lsp::DocumentSymbol {
    let children: Vec<_> = symbol
        .children
        .into_iter()
        .map(|c| self::symbol(lines, c))
        .collect();
    #[allow(deprecated)] // The type has the field, and no constructor without it.
    lsp::DocumentSymbol {
        name: symbol.name,
        detail: (!symbol.detail.is_empty()).then_some(symbol.detail),
        kind: lsp::SymbolKind::FIELD,
        tags: None,
        deprecated: None,
        range: range(lines, symbol.span),
        selection_range: range(lines, symbol.head),
        children: (!children.is_empty()).then_some(children),
    }
}

/// What can be folded.
pub fn folds(derived: &Derived) -> Vec<lsp::FoldingRange> {
    let all = folding::folds(derived).into_iter();
    let one = |fold: folding::Fold| {
        let range = range(&derived.lines, fold.span);
        lsp::FoldingRange {
            start_line: range.start.line,
            end_line: range.end.line,
            kind: fold.comment.then_some(lsp::FoldingRangeKind::Comment),
            ..lsp::FoldingRange::default()
        }
    };
    all.map(one).filter(|f| f.start_line < f.end_line).collect()
}

/// What a selection takes in as it grows, for each place.
pub fn selections(derived: &Derived, places: &[lsp::Position]) -> Vec<lsp::SelectionRange> {
    let one = |&position: &lsp::Position| {
        let spans = selection::around(derived, offset(&derived.lines, position));
        let mut found = None;
        for span in spans.into_iter().rev() {
            found = Some(lsp::SelectionRange {
                range: range(&derived.lines, span),
                parent: found.map(Box::new),
            });
        }
        let nothing = lsp::Range::new(position, position);
        found.unwrap_or(lsp::SelectionRange {
            range: nothing,
            parent: None,
        })
    };
    places.iter().map(one).collect()
}

/// Files and pages that the text names.
pub fn links(derived: &Derived, uri: &lsp::Url) -> Vec<lsp::DocumentLink> {
    let path = uri.to_file_path().ok();
    let one = |link: links::Link| {
        let target = match link.target {
            Target::File(file) => file_uri(&file)?,
            Target::Page(page) => lsp::Url::parse(&page).ok()?,
        };
        Some(lsp::DocumentLink {
            range: range(&derived.lines, link.span),
            target: Some(target),
            tooltip: None,
            data: None,
        })
    };
    let all = links::links(derived, path.as_deref()).into_iter();
    all.filter_map(one).collect()
}

/// What stands above each `<type>`.
pub fn lenses(derived: &Derived, uri: &lsp::Url) -> Vec<lsp::CodeLens> {
    // What lies in no file cannot be built.
    let Ok(path) = uri.to_file_path() else {
        return Vec::new();
    };
    let all = lenses::lenses(derived, &lenses::built(&path), SystemTime::now());
    let argument = |s: &Selection| serde_json::json!({"uri":uri,"profiles":s.profiles,"type":s.image});
    let one = |lens: lenses::Lens| {
        let (command, arguments) = match &lens.action {
            Action::Build(selection) => ("apteryx.build", Some(vec![argument(selection)])),
            Action::Boot(selection) => ("apteryx.boot", Some(vec![argument(selection)])),
            // No command: clients show the words alone.
            Action::Tell => ("", None),
        };
        lsp::CodeLens {
            range: range(&derived.lines, lens.span),
            command: Some(lsp::Command {
                title: lens.title,
                command: command.to_owned(),
                arguments,
            }),
            data: None,
        }
    };
    all.into_iter().map(one).collect()
}
