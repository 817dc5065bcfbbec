//! What the grammar cannot say, as one declarative table. Each rule has a code, a page under docs/diagnostics/ and a test.
