//! What the server offers, and what the client can: read once, at `initialize`.

use tower_lsp::lsp_types as lsp;

use crate::commands::COMMANDS;
use crate::convert;

/// What of a client's abilities the server's answers depend on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Abilities {
    /// Completion may have places to fill in.
    pub snippets: bool,
    /// The client shows progress that the server begins.
    pub progress: bool,
    /// It takes edits of a certain version of a document.
    pub versioned_edits: bool,
    /// It watches files that the server names.
    pub watchers: bool,
    /// It asks for lenses anew when it is told to.
    pub refreshes_lenses: bool,
    /// The same for hints.
    pub refreshes_hints: bool,
}

impl Abilities {
    /// Those of a client.
    pub fn of(client: &lsp::ClientCapabilities) -> Self {
        let workspace = client.workspace.as_ref();
        let completion = client.text_document.as_ref().and_then(|t| t.completion.as_ref());
        let item = completion.and_then(|c| c.completion_item.as_ref());
        let flag = |found: Option<bool>| found.unwrap_or(false);
        Self {
            snippets: flag(item.and_then(|i| i.snippet_support)),
            progress: flag(client.window.as_ref().and_then(|w| w.work_done_progress)),
            versioned_edits: flag(
                workspace
                    .and_then(|w| w.workspace_edit.as_ref())
                    .and_then(|e| e.document_changes),
            ),
            watchers: flag(
                workspace
                    .and_then(|w| w.did_change_watched_files)
                    .and_then(|w| w.dynamic_registration),
            ),
            refreshes_lenses: flag(
                workspace
                    .and_then(|w| w.code_lens.as_ref())
                    .and_then(|l| l.refresh_support),
            ),
            refreshes_hints: flag(
                workspace
                    .and_then(|w| w.inlay_hint.as_ref())
                    .and_then(|h| h.refresh_support),
            ),
        }
    }
}

/// What the server offers.
pub fn offered(position_encoding: lsp::PositionEncodingKind) -> lsp::ServerCapabilities {
    let triggers = ["<", "/", " ", "\"", "'", ","];
    let plain = lsp::WorkDoneProgressOptions::default;
    lsp::ServerCapabilities {
        position_encoding: Some(position_encoding),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Kind(
            lsp::TextDocumentSyncKind::INCREMENTAL,
        )),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(triggers.map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        definition_provider: Some(lsp::OneOf::Left(true)),
        references_provider: Some(lsp::OneOf::Left(true)),
        document_highlight_provider: Some(lsp::OneOf::Left(true)),
        rename_provider: Some(lsp::OneOf::Right(lsp::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: plain(),
        })),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        folding_range_provider: Some(lsp::FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(lsp::SelectionRangeProviderCapability::Simple(true)),
        document_link_provider: Some(lsp::DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: plain(),
        }),
        code_lens_provider: Some(lsp::CodeLensOptions {
            resolve_provider: Some(false),
        }),
        inlay_hint_provider: Some(lsp::OneOf::Left(true)),
        document_formatting_provider: Some(lsp::OneOf::Left(true)),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(
            lsp::CodeActionOptions {
                code_action_kinds: Some(vec![
                    lsp::CodeActionKind::QUICKFIX,
                    lsp::CodeActionKind::REFACTOR_REWRITE,
                    lsp::CodeActionKind::new(convert::FIX_ALL),
                ]),
                ..lsp::CodeActionOptions::default()
            },
        )),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: COMMANDS.map(str::to_owned).to_vec(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}
