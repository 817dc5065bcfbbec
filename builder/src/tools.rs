//! The host's tools: which are there, which version, what is impossible without them, which package brings them.
