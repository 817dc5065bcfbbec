//! Turns a description into an unpacked root tree, in KIWI's order: one file per package manager and per concern.

pub mod dpkg;
pub mod extract;
