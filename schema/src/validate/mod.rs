//! Matches a tree against a grammar by memoised derivatives, recovers by repair, and answers what may stand at a
//! place (for completion). Knows no KIWI rule beyond what the grammar says.
