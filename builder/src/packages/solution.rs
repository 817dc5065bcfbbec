//! What is asked of the solver and what it answers. Plain data.

use std::path::PathBuf;

use super::universe::{Package, Relation};
use crate::error::Place;

/// What to install.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Names (or `name=version`), each with its place in the description.
    pub install: Vec<(String, Place)>,
    /// Names that must not come in.
    pub ignore: Vec<String>,
    /// Recommended packages too.
    pub recommends: bool,
    /// The essential set too.
    pub essential: bool,
    /// What the tree has already: names with versions. They satisfy dependencies and are not in the answer.
    pub already: Vec<(String, String)>,
}

/// Why a package is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The description names it.
    Asked(Place),
    /// It is essential.
    Essential,
    /// The package of this name needs it.
    Needed {
        /// Who.
        by: String,
        /// How.
        relation: Relation,
    },
}

/// One package of a solution.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The package.
    pub package: Package,
    /// Why it came in first.
    pub because: Because,
}

/// What to install, in an order fit for unpacking and configuring: what a package pre-depends on stands before it, and, cycles aside,
/// what it depends on too.
#[derive(Debug, Clone, Default)]
pub struct Solution {
    /// The packages.
    pub packages: Vec<Selected>,
}

/// A package in the store.
#[derive(Debug, Clone)]
pub struct Downloaded {
    /// Which.
    pub package: Package,
    /// Its file; held until the store's hold ends, never written to.
    pub path: PathBuf,
}
