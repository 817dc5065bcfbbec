//! The language server: tower-lsp at the edge, features as plain functions from (snapshot, offset) to plain data.
//!
//! Text changes are applied in wire order by one owner ([`ordered`]); requests work on immutable snapshots; nothing
//! long runs on the request path. What needs no protocol knows none: `features`, `documents`, `snapshot`, `job`, `packages`.

pub mod answers;
pub mod capabilities;
pub mod carry;
pub mod commands;
pub mod convert;
pub mod disk;
pub mod documents;
pub mod features;
pub mod frames;
pub mod job;
pub mod judge;
pub mod lines;
pub mod lock;
pub mod lookup;
pub mod ordered;
mod outgoing;
pub mod packages;
pub mod publish;
pub mod server;
pub mod settings;
pub mod shared;
pub mod shares;
pub mod snapshot;
pub mod status;

pub use server::serve_stdio;
