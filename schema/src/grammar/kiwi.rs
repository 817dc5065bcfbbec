//! The embedded grammar of KIWI descriptions. Its words and patterns are in `schema/grammar/*.rng`; what is read at
//! run time is `kiwi.bin`, made of them by a test here.

use super::{Grammar, stored};

/// The grammar; a test holds that it is there and is that of the schema files, so that the empty one never shows.
pub fn load() -> Grammar {
    stored::read(include_bytes!("../../grammar/kiwi.bin")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Set `UPDATE_EXPECT=1` to write the file anew after a change of the grammar or of its stored form.
    #[test]
    fn the_stored_grammar_is_that_of_the_schema_files() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("grammar");
        let grammar = super::super::load_file(&folder.join("kiwi.rng")).unwrap();
        assert!(grammar.element_names().len() > 100);
        let fresh = stored::write(&grammar).unwrap();
        let file = folder.join("kiwi.bin");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&file, &fresh).unwrap();
        }
        let same = std::fs::read(&file).is_ok_and(|there| there == fresh);
        assert!(
            same,
            "schema/grammar/kiwi.bin is not up to date: UPDATE_EXPECT=1 cargo test -p apteryx-schema --lib stored"
        );
    }

    #[test]
    fn what_is_read_back_is_what_was_written() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("grammar");
        let source = super::super::load_file(&folder.join("kiwi.rng")).unwrap();
        let read = stored::read(&stored::write(&source).unwrap()).unwrap();
        assert_eq!(stored::write(&read), stored::write(&source));
        assert_eq!(format!("{:?}", read.data), format!("{:?}", source.data));
        assert!(stored::read(b"something else").is_none());
    }
}
