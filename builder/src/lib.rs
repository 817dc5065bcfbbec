//! What a KIWI image description becomes: package metadata, root tree, image, boot.
//!
//! This crate knows no terminal and no editor: it speaks typed events and errors. Processes, namespaces and mounts
//! are made in `sandbox` only.

pub mod archive;
pub mod boot;
pub mod create;
pub mod doctor;
pub mod error;
pub mod events;
pub mod jobs;
pub mod packages;
pub mod plan;
pub mod prepare;
pub mod sandbox;
pub mod shell;
pub mod store;
pub mod tools;

pub use error::BuildError;
