//! What is wrong with the encoding of a text that an editor holds: the text itself has none, its file has. Reads no file.

use super::decode::declared_encoding;
use super::{decode, encode};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// What [`super::parse_bytes`] would tell of the encoding if `text` were saved as its `file` is: these bytes, or none
/// where it has no file yet. Then nothing is said of what an editor may choose.
pub fn encoding_fault(text: &str, file: Option<&[u8]>) -> Option<Diagnostic> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut fault = match file {
        Some(file) => as_file(bare, file),
        None => unsaved(bare),
    }?;
    let mark = (text.len() - bare.len()) as u32;
    fault.span = Span::new(fault.span.start + mark, fault.span.end + mark);
    Some(fault)
}

/// True where the text's first line names an encoding that is not UTF-8.
pub fn declares_other(text: &str) -> bool {
    declared(text).is_some_and(|name| !matches!(name.as_str(), "utf-8" | "utf8"))
}

/// The encoding that the first line names, in lower case.
fn declared(text: &str) -> Option<String> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = bare.as_bytes().get(..bare.len().min(200))?;
    declared_encoding(head).map(|name| name.to_ascii_lowercase())
}

fn as_file(text: &str, file: &[u8]) -> Option<Diagnostic> {
    let (decoded, fault) = decode(file);
    let latin = |text: &str| text.chars().map(u32::from).eq(file.iter().map(|&b| u32::from(b)));
    if decoded == text || (fault.is_some() && latin(text)) {
        return fault;
    }
    // It was changed since: the mark stays, for no editor takes it away by itself.
    let bytes = match file {
        [0xFF, 0xFE, ..] => encode::utf16(text, u16::to_le_bytes),
        [0xFE, 0xFF, ..] => encode::utf16(text, u16::to_be_bytes),
        [0xEF, 0xBB, 0xBF, ..] => ["\u{feff}", text].concat().into_bytes(),
        _ => return decode(text.as_bytes()).1,
    };
    decode(&bytes).1
}

fn unsaved(text: &str) -> Option<Diagnostic> {
    let name = declared(text)?;
    if name.starts_with("utf-16") {
        return None;
    }
    decode(text.as_bytes()).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str, file: Option<&[u8]>) -> Option<&'static str> {
        encoding_fault(text, file).map(|d| d.code)
    }

    #[test]
    fn a_text_is_judged_as_its_file_is_written() {
        let declared =
            |name: &str, b: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>\n<a b=\"{b}\"/>");
        let wrong = Some("wrong-encoding");
        // As it lies on disk.
        for (bytes, fault) in [
            (declared("koi8-r", "a").into_bytes(), Some("unknown-encoding")),
            (declared("utf-16", "a").into_bytes(), wrong),
            (declared("us-ascii", "ä").into_bytes(), wrong),
            (b"<a b=\"\xe4\"/>".to_vec(), wrong),
            (encode::utf16(&declared("utf-8", "a"), u16::to_le_bytes), wrong),
            (encode::utf16(&declared("utf-16", "a"), u16::to_be_bytes), None),
            (
                b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a b=\"\xe4\"/>".to_vec(),
                None,
            ),
            (declared("utf-8", "ä").into_bytes(), None),
        ] {
            let (text, told) = decode(&bytes);
            assert_eq!(told.as_ref().map(|d| d.code), fault);
            assert_eq!(encoding_fault(&text, Some(&bytes)), told, "{text}");
            let marked = format!("\u{feff}{text}");
            let shifted = encoding_fault(&marked, Some(&bytes)).map(|d| d.span.start);
            assert_eq!(shifted, told.map(|d| d.span.start + 3), "{text}");
        }
        // An editor that shows the bytes as Latin letters is told the same.
        assert_eq!(code("<a b=\"ä\"/>", Some(b"<a b=\"\xe4\"/>")), wrong);
        // Changed since: the mark of the file stays.
        let utf16 = encode::utf16(&declared("utf-16", "a"), u16::to_le_bytes);
        assert_eq!(code(&declared("utf-16", "ax"), Some(&utf16)), None);
        assert_eq!(code(&declared("utf-8", "ax"), Some(&utf16)), wrong);
        assert_eq!(code(&declared("utf-16", "ax"), Some(b"<a/>")), wrong);
        assert_eq!(code("<a b=\"x\"/>", Some(b"<a b=\"\xe4\"/>")), None);
    }

    #[test]
    fn what_has_no_file_may_be_saved_as_it_says() {
        let declared = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a b=\"ä\"/>");
        assert_eq!(code(&declared("utf-16"), None), None);
        assert_eq!(code(&declared("utf-8"), None), None);
        assert_eq!(code(&declared("iso-8859-1"), None), None);
        assert_eq!(code(&declared("ebcdic-x"), None), Some("unknown-encoding"));
        assert!(declares_other(&declared("utf-16")) && !declares_other(&declared("UTF-8")));
        assert!(!declares_other("<a/>"));
    }
}
