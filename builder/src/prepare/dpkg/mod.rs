//! Debian packages become a tree: the engine unpacks them itself, writes dpkg's database, and lets the tree's own dpkg
//! run the maintainer scripts. The host's dpkg, its state and its locks are never touched.
//!
//! - `stream`: packages decompressed in parallel, handed over in order.
//! - `unpack`: their files into the tree, in order, with dpkg's rules for what is there already.
//! - `owners`: whose a file is that two of them have.
//! - `database`: dpkg's files below `/var/lib/dpkg`, read and written.
//! - `triggers`: who of the packages before is to hear of new files.
//! - `order`: which package must be configured before another's script runs.
//! - `configure`: the scripts, in the sandbox.

pub mod configure;
pub mod database;
pub mod order;
mod owners;
mod stream;
mod triggers;
pub mod unpack;
