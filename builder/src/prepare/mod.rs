//! Turns a description into an unpacked root tree, in KIWI's order: one file per package manager and per concern.

pub mod content;
mod crypt;
pub mod dpkg;
pub mod extract;
pub mod overlay;
pub mod profile;
pub mod script;
pub mod settings;
mod target;
pub mod users;

use serde::{Deserialize, Serialize};

/// A package in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Its name, with the architecture where several may be installed.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub arch: String,
}
