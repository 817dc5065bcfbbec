//! Values that a tool fills in before the build: what they will be is not known, and they are not judged.

/// The signs of such a value: `${X}`, `{{X}}`, `@X@`, `%X%`.
pub(super) const SIGNS: [char; 4] = ['$', '{', '@', '%'];

/// A tool puts something in place of the value, or of a part of it.
pub(super) fn filled(value: &str) -> bool {
    value.contains(SIGNS)
}
