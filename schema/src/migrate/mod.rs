//! Brings a tree of schema version 7.4 or later to 8.5, step by step, in memory; spans stay those of the user's text.
