//! The parts of the random editor: what it is, its texts, and how it counts.

pub mod editor;
pub mod samples;
pub mod text;
