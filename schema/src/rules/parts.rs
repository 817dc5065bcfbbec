//! Parts of names that rules look for in whole lists of packages: found in one walk, since a list may have a hundred
//! thousand names. A part that a rule wants is put here first.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// The parts.
pub(super) const PARTS: &[&str] = &[
    "kernel",
    "linux-image",
    "dracut",
    "grub",
    "xfs",
    "btrfs",
    "snapper",
    "systemd-boot",
    "sdbootutil",
];

static ANY: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(PARTS).ok());

/// True where a name has one of them.
pub(super) fn any(name: &str) -> bool {
    ANY.as_ref().is_none_or(|parts| parts.is_match(name))
}
