//! What the file of an open document has to say about its text: the encoding, which the text itself has no longer.
//! Reads that one file, and only where it is one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use apteryx_schema::Diagnostic;
use apteryx_schema::description::load::SIZE_LIMIT;
use apteryx_schema::syntax::{declares_other, encoding_fault};

/// Files up to this are read whole at each keystroke: that costs microseconds.
const SMALL: u64 = 64 << 10;

/// What is wrong with the encoding of the text of the document at `path`.
pub fn fault(path: &Path, text: &str) -> Option<Diagnostic> {
    encoding_fault(text, read(path, text).as_deref())
}

/// The file's bytes; of a large one whose encoding raises no question only the text's own.
fn read(path: &Path, text: &str) -> Option<Vec<u8>> {
    // A text that lies nowhere may have any name; and what is no file may never answer.
    if !path.is_absolute() || !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    (&mut file).take(SMALL).read_to_end(&mut bytes).ok()?;
    if bytes.len() < SMALL as usize {
        return Some(bytes);
    }
    let marked = matches!(bytes.as_slice(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if marked || declares_other(text) || text.contains('\u{fffd}') {
        file.take(SIZE_LIMIT).read_to_end(&mut bytes).ok()?;
        return Some(bytes);
    }
    Some(Vec::new())
}
