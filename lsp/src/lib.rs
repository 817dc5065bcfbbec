//! The language server: tower-lsp at the edge, features as plain functions from (snapshot, position) to plain data.
