//! Every code of the rules with its severity, its line for lists, and what would happen: a table for each subject. The
//! pages are docs/diagnostics/CODE.md.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::table::Code;

mod containers;
mod disk;
mod files;
mod form;
mod packages;
mod repositories;
mod system;

const REFUSED: &str = "KIWI refuses the description before it does any work";
const START: &str = "KIWI stops the build as it starts";

/// All of them, sorted by code.
pub static CODES: LazyLock<Vec<&Code>> = LazyLock::new(|| {
    let tables = [
        containers::CODES,
        disk::CODES,
        files::CODES,
        form::CODES,
        packages::CODES,
        repositories::CODES,
        system::CODES,
    ];
    let mut all: Vec<&Code> = tables.into_iter().flatten().collect();
    all.sort_unstable_by_key(|known| known.code);
    all
});

/// The same by code: each finding asks.
static BY_CODE: LazyLock<FxHashMap<&str, &Code>> =
    LazyLock::new(|| CODES.iter().map(|known| (known.code, *known)).collect());

/// What is known of a code.
pub fn code(name: &str) -> Option<&'static Code> {
    BY_CODE.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_kebab_case_and_unique() {
        for pair in CODES.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} {}", pair[0].code, pair[1].code);
        }
        for c in CODES.iter() {
            assert!(
                c.code.chars().all(|x| x.is_ascii_lowercase() || x == '-'),
                "{}",
                c.code
            );
        }
    }

    #[test]
    fn every_rule_has_a_code() {
        for rule in crate::rules::cooccurrence::RULES {
            assert!(code(rule.code).is_some(), "{}", rule.code);
        }
    }
}
