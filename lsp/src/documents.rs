//! The open documents: a rope each, changed in wire order. Positions from a client are clamped, never trusted.
//! Nothing here parses: an edit costs microseconds.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ropey::Rope;
use rustc_hash::FxHashMap;

use crate::lines::Encoding;
use crate::lock::lock;
use crate::snapshot::{Snapshot, Texts};

/// A place as a client says it: line and column, both from 0, of any value whatever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Units of the encoding agreed on.
    pub character: u32,
}

/// One change: the range replaced (none for the whole text) and what stands there afterwards.
#[derive(Debug, Clone)]
pub struct Change {
    /// Start and end.
    pub range: Option<(Place, Place)>,
    /// The new text.
    pub text: String,
}

/// All open documents, by the URI as the client writes it.
#[derive(Debug, Default)]
pub struct Documents {
    open: FxHashMap<String, (Rope, Snapshot)>,
    texts: Texts,
    /// By file, the URI as the client writes it: the same letters can be written in several ways.
    written: FxHashMap<PathBuf, String>,
    /// What columns count, for all documents.
    pub encoding: Encoding,
}

impl Documents {
    /// A document was opened (or its text replaced whole).
    pub fn open(&mut self, uri: &str, version: i32, text: &str) -> Snapshot {
        let rope = Rope::from_str(text);
        let snapshot = Snapshot::new(
            path(uri),
            version,
            rope.clone(),
            self.texts.clone(),
            self.encoding,
        );
        if is_file(uri) {
            let path = snapshot.path().to_path_buf();
            lock(&self.texts).insert(path.clone(), rope.clone());
            self.written.insert(path, uri.to_owned());
        }
        self.open.insert(uri.to_owned(), (rope, snapshot.clone()));
        snapshot
    }

    /// Applies the changes one after the other; none where the document is not open.
    pub fn change(&mut self, uri: &str, version: i32, changes: &[Change]) -> Option<Snapshot> {
        let (rope, snapshot) = self.open.get_mut(uri)?;
        for change in changes {
            apply(rope, change, self.encoding);
        }
        *snapshot = Snapshot::new(
            snapshot.path().clone(),
            version,
            rope.clone(),
            self.texts.clone(),
            self.encoding,
        );
        if is_file(uri) {
            lock(&self.texts).insert(snapshot.path().to_path_buf(), rope.clone());
        }
        Some(snapshot.clone())
    }

    /// A document was closed. True where it was open.
    pub fn close(&mut self, uri: &str) -> bool {
        let closed = self.open.remove(uri);
        if let Some((_, snapshot)) = closed.as_ref().filter(|_| is_file(uri)) {
            lock(&self.texts).remove(&**snapshot.path());
            self.written.remove(&**snapshot.path());
        }
        closed.is_some()
    }

    /// The URI of the open document that lies at `path`, as the client writes it.
    pub fn written(&self, path: &Path) -> Option<&str> {
        self.written.get(&plain(path)).map(String::as_str)
    }

    /// The newest version of every open document.
    pub fn uris(&self) -> Vec<String> {
        self.open.keys().cloned().collect()
    }

    /// The newest version with nothing known of it: something beside its text has changed.
    pub fn afresh(&mut self, uri: &str) -> Option<Snapshot> {
        let (_, snapshot) = self.open.get_mut(uri)?;
        *snapshot = snapshot.afresh();
        Some(snapshot.clone())
    }

    /// The newest version.
    pub fn get(&self, uri: &str) -> Option<Snapshot> {
        self.open.get(uri).map(|(_, snapshot)| snapshot.clone())
    }
}

/// A file of the disk: another scheme may show an old version of it under the same path.
fn is_file(uri: &str) -> bool {
    uri.starts_with("file:")
}

/// The file of a URI; of one that is no file (a text not yet saved, say) what it would be called.
fn path(uri: &str) -> Arc<Path> {
    let Ok(url) = url::Url::parse(uri) else {
        return Path::new(uri).into();
    };
    match url.to_file_path() {
        Ok(path) => plain(&path).into(),
        Err(()) => Path::new(url.path()).into(),
    }
}

/// A path without `.` and `..`, so that one file has one name. Follows no link.
pub fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

fn apply(rope: &mut Rope, change: &Change, encoding: Encoding) {
    let Some((start, end)) = change.range else {
        *rope = Rope::from_str(&change.text);
        return;
    };
    let (a, b) = (char_at(rope, start, encoding), char_at(rope, end, encoding));
    let (start, end) = (a.min(b), a.max(b));
    rope.remove(start..end);
    rope.insert(start, &change.text);
}

/// The character index of a place: a column beyond the line gives the line's end, a line beyond the text its end.
fn char_at(rope: &Rope, place: Place, encoding: Encoding) -> usize {
    let line = place.line as usize;
    if line >= rope.len_lines() {
        return rope.len_chars();
    }
    let slice = rope.line(line);
    let mut length = slice.len_chars();
    while length > 0 && matches!(slice.get_char(length - 1), Some('\n' | '\r')) {
        length -= 1;
    }
    let text = slice.slice(..length);
    let units = place.character as usize;
    let at = match encoding {
        Encoding::Utf8 => text.byte_to_char(units.min(text.len_bytes())),
        Encoding::Utf16 => text.utf16_cu_to_char(units.min(text.len_utf16_cu())),
        Encoding::Utf32 => units.min(length),
    };
    rope.line_to_char(line) + at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, from: (u32, u32), to: (u32, u32), new: &str) -> String {
        edit_in(Encoding::Utf16, text, from, to, new)
    }

    fn edit_in(encoding: Encoding, text: &str, from: (u32, u32), to: (u32, u32), new: &str) -> String {
        let mut documents = Documents {
            encoding,
            ..Documents::default()
        };
        documents.open("u", 1, text);
        let place = |(line, character)| Place { line, character };
        let change = Change {
            range: Some((place(from), place(to))),
            text: new.into(),
        };
        let snapshot = documents.change("u", 2, &[change]).unwrap();
        snapshot.derived().text.to_string()
    }

    #[test]
    fn columns_are_utf16_units_or_what_was_agreed_on() {
        assert_eq!(edit("ä😀b\nc", (0, 3), (0, 4), "X"), "ä😀X\nc");
        assert_eq!(edit_in(Encoding::Utf8, "ä😀b\nc", (0, 6), (0, 7), "X"), "ä😀X\nc");
        assert_eq!(
            edit_in(Encoding::Utf32, "ä😀b\nc", (0, 2), (0, 3), "X"),
            "ä😀X\nc"
        );
    }

    #[test]
    fn only_the_line_ends_of_the_protocol_count() {
        assert_eq!(edit("a\u{2028}b\nc", (1, 0), (1, 1), "X"), "a\u{2028}b\nX");
        assert_eq!(edit("a\r\nb", (0, 99), (0, 99), "X"), "aX\r\nb");
    }

    #[test]
    fn an_old_version_of_a_file_does_not_count_as_the_file() {
        let mut documents = Documents::default();
        documents.open("file:///a%2Bb", 1, "new");
        documents.open("git:///a+b", 1, "old");
        let path = Path::new("/a+b");
        let text = |d: &Documents| lock(&d.texts).get(path).map(Rope::to_string);
        assert_eq!(text(&documents).as_deref(), Some("new"));
        assert_eq!(documents.written(path), Some("file:///a%2Bb"));
        documents.close("git:///a+b");
        assert_eq!(text(&documents).as_deref(), Some("new"));
        documents.close("file:///a%2Bb");
        assert_eq!((text(&documents), documents.written(path)), (None, None));
    }

    #[test]
    fn a_place_outside_the_text_is_clamped() {
        assert_eq!(edit("ab", (9, 9), (u32::MAX, u32::MAX), "X"), "abX");
        assert_eq!(edit("ab", (0, 2), (0, 0), "X"), "X");
        assert_eq!(edit("", (0, 1), (3, 0), "X"), "X");
    }
}
