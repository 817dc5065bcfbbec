//! Between plain data and LSP: positions, findings, candidates. The only place that turns one into the other.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;

use apteryx_schema::{Diagnostic, Severity, Span};
use tower_lsp::lsp_types as lsp;

use crate::documents::{Change, Place};
use crate::features::actions::{self, Action, Beside};
use crate::features::completion::{Candidate, Kind};
use crate::features::hints::Hint;
use crate::lines::{Encoding, Lines};
use crate::lock::lock;

fn place(position: lsp::Position) -> Place {
    Place {
        line: position.line,
        character: position.character,
    }
}

/// A change as the client sends it.
pub fn change(change: lsp::TextDocumentContentChangeEvent) -> Change {
    Change {
        range: change.range.map(|r| (place(r.start), place(r.end))),
        text: change.text,
    }
}

/// The encoding that a client likes best of those that it takes, and its name in the protocol.
pub fn encoding(capabilities: &lsp::ClientCapabilities) -> (Encoding, lsp::PositionEncodingKind) {
    let taken = capabilities
        .general
        .as_ref()
        .and_then(|g| g.position_encodings.as_deref());
    let known = |kind: &lsp::PositionEncodingKind| {
        let encoding = match kind.as_str() {
            "utf-8" => Encoding::Utf8,
            "utf-16" => Encoding::Utf16,
            "utf-32" => Encoding::Utf32,
            _ => return None,
        };
        Some((encoding, kind.clone()))
    };
    let first = taken.unwrap_or_default().iter().find_map(known);
    first.unwrap_or((Encoding::Utf16, lsp::PositionEncodingKind::UTF16))
}

/// The byte of a position, clamped to the text.
pub fn offset(lines: &Lines, position: lsp::Position) -> u32 {
    lines.offset(place(position))
}

/// The range of a span.
pub fn range(lines: &Lines, span: Span) -> lsp::Range {
    let at = |offset| {
        let p = lines.place(offset);
        lsp::Position::new(p.line, p.character)
    };
    lsp::Range::new(at(span.start), at(span.end))
}

/// The page of a code, parsed once.
fn page(code: &'static str) -> Option<lsp::Url> {
    static PAGES: Mutex<BTreeMap<&'static str, Option<lsp::Url>>> = Mutex::new(BTreeMap::new());
    const PLACE: &str = "https://github.com/apteryx-project/apteryx/blob/main/docs/diagnostics";
    let parse = || lsp::Url::parse(&format!("{PLACE}/{code}.md")).ok();
    lock(&PAGES).entry(code).or_insert_with(parse).clone()
}

/// How bad a finding is.
pub fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Info => lsp::DiagnosticSeverity::INFORMATION,
        Severity::Hint => lsp::DiagnosticSeverity::HINT,
    }
}

/// A finding. `data` carries its repairs.
pub fn diagnostic(uri: &lsp::Url, lines: &Lines, found: &Diagnostic) -> lsp::Diagnostic {
    let mut message = found.message.to_string();
    for more in [Some(&found.label), found.help.as_ref()].into_iter().flatten() {
        if !more.is_empty() {
            message.push('\n');
            message.push_str(more);
        }
    }
    let related: Vec<_> = found
        .notes
        .iter()
        .filter(|n| n.file == found.file)
        .map(|n| lsp::DiagnosticRelatedInformation {
            location: lsp::Location::new(uri.clone(), range(lines, n.span)),
            message: n.message.to_string(),
        })
        .collect();
    lsp::Diagnostic {
        range: range(lines, found.span),
        severity: Some(severity(found.severity)),
        code: Some(lsp::NumberOrString::String(found.code.to_owned())),
        code_description: page(found.code).map(|href| lsp::CodeDescription { href }),
        source: Some("apteryx".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        tags: (found.code == apteryx_schema::migrate::OUTDATED).then(|| vec![lsp::DiagnosticTag::DEPRECATED]),
        data: (!found.fixes.is_empty())
            .then(|| {
                let fixes: Vec<_> = found
                    .fixes
                    .iter()
                    .map(|f| serde_json::json!({"title": f.title, "edits": edits(lines, &f.edits), "safe": f.safe}))
                    .collect();
                serde_json::json!({ "fixes": fixes })
            }),
    }
}

/// The kind of the action that mends all that is certain.
pub const FIX_ALL: &str = "source.fixAll.apteryx";

/// The edits of a text and of others by their places, which `of` names.
pub fn changes(
    uri: &lsp::Url,
    lines: &Lines,
    own: &[apteryx_schema::Edit],
    beside: Vec<Beside>,
    of: &dyn Fn(&Path) -> Option<lsp::Url>,
) -> HashMap<lsp::Url, Vec<lsp::TextEdit>> {
    let mut out: HashMap<_, _> = [(uri.clone(), edits(lines, own))].into_iter().collect();
    for (path, text, others) in beside {
        let lines = Lines::new(text, lines.encoding());
        out.extend(of(&path).map(|uri| (uri, edits(&lines, &others))));
    }
    out.retain(|_, edits| !edits.is_empty());
    out
}

/// An action as the client shows it; `of` names other files.
pub fn action(
    uri: &lsp::Url,
    lines: &Lines,
    action: Action<'_>,
    of: &dyn Fn(&Path) -> Option<lsp::Url>,
) -> lsp::CodeActionOrCommand {
    let edit = lsp::WorkspaceEdit::new(changes(uri, lines, &action.edits, action.beside, of));
    let (kind, diagnostics, preferred) = match action.kind {
        actions::Kind::Mend(found, safe) => {
            let found = diagnostic(uri, lines, found);
            (lsp::CodeActionKind::QUICKFIX, Some(vec![found]), Some(safe))
        }
        actions::Kind::Upgrade => (lsp::CodeActionKind::REFACTOR_REWRITE, None, None),
        actions::Kind::MendAll => (lsp::CodeActionKind::new(FIX_ALL), None, None),
    };
    lsp::CodeActionOrCommand::CodeAction(lsp::CodeAction {
        title: action.title,
        kind: Some(kind),
        diagnostics,
        edit: Some(edit),
        is_preferred: preferred,
        ..lsp::CodeAction::default()
    })
}

/// True where an action is of one of these kinds or below it.
pub fn of_kind(action: &lsp::CodeActionOrCommand, only: &[lsp::CodeActionKind]) -> bool {
    let lsp::CodeActionOrCommand::CodeAction(action) = action else {
        return false;
    };
    let kind = action.kind.as_ref().map_or("", |k| k.as_str());
    only.iter().any(|wanted| {
        let rest = kind.strip_prefix(wanted.as_str());
        rest.is_some_and(|r| r.is_empty() || r.starts_with('.') || wanted.as_str().is_empty())
    })
}

/// A hint behind its place.
pub fn hint(lines: &Lines, hint: Hint) -> lsp::InlayHint {
    lsp::InlayHint {
        position: range(lines, Span::empty(hint.at)).start,
        label: lsp::InlayHintLabel::String(hint.text),
        kind: None,
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// Replacements.
pub fn edits(lines: &Lines, edits: &[apteryx_schema::Edit]) -> Vec<lsp::TextEdit> {
    edits
        .iter()
        .map(|e| lsp::TextEdit::new(range(lines, e.span), e.new_text.to_string()))
        .collect()
}

/// Candidates in the order given, which `sortText` keeps.
pub fn completions(lines: &Lines, found: Vec<Candidate>, snippets: bool) -> Vec<lsp::CompletionItem> {
    found
        .into_iter()
        .enumerate()
        .map(|(rank, c)| {
            let bracket = c.replace.of(lines.text()).starts_with('<');
            lsp::CompletionItem {
                kind: Some(match c.kind {
                    Kind::Element => lsp::CompletionItemKind::STRUCT,
                    Kind::Attribute => lsp::CompletionItemKind::PROPERTY,
                    Kind::Value => lsp::CompletionItemKind::ENUM_MEMBER,
                    Kind::Profile => lsp::CompletionItemKind::REFERENCE,
                    Kind::Package => lsp::CompletionItemKind::MODULE,
                    Kind::Template => lsp::CompletionItemKind::SNIPPET,
                }),
                detail: c.detail.or_else(|| c.required.then(|| "required".to_owned())),
                documentation: c.doc.map(|value| {
                    lsp::Documentation::MarkupContent(lsp::MarkupContent {
                        kind: lsp::MarkupKind::Markdown,
                        value,
                    })
                }),
                sort_text: Some(format!("{}{rank:05}", u8::from(!c.required))),
                filter_text: c.filter.or_else(|| bracket.then(|| format!("<{}", c.label))),
                label: c.label,
                insert_text_format: snippets.then_some(lsp::InsertTextFormat::SNIPPET),
                text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit::new(
                    range(lines, c.replace),
                    if snippets { c.snippet } else { c.plain },
                ))),
                ..lsp::CompletionItem::default()
            }
        })
        .collect()
}
