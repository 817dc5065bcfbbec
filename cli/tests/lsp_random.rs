//! An editor that does whatever chance says, at the real binary over stdio: what it opens, types, asks, cancels and closes
//! must leave the server where a fresh one would be. `APTERYX_LSP_SEEDS` names how many times (by default a few),
//! `APTERYX_LSP_SEED` the first.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

#[path = "../../schema/tests/chance/mod.rs"]
mod chance;
mod lsp_client;
mod random_editor;

use random_editor::editor::Editor;

#[test]
fn whatever_an_editor_does_the_server_ends_where_a_fresh_one_begins() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let first = number("APTERYX_LSP_SEED").unwrap_or(1);
    let many = number("APTERYX_LSP_SEEDS").unwrap_or(4);
    for seed in first..first + many {
        let mut editor = Editor::new(seed);
        for _ in 0..4 {
            for _ in 0..40 {
                editor.act();
            }
            editor.settle();
        }
        editor.leave();
    }
}
