//! The one binary, `apteryx`: thin verbs over the three libraries. Only this crate prints.

fn main() {}
