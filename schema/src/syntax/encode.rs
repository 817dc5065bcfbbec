//! From text back to bytes, in the encoding that a file had before. Chooses no encoding of its own: what cannot be
//! written in the old one is not written.

use super::decode;

/// A way to write a text.
type Encoding = fn(&str) -> Option<Vec<u8>>;

const ENCODINGS: [Encoding; 5] = [
    |text| Some(text.as_bytes().to_vec()),
    |text| Some(["\u{feff}", text].concat().into_bytes()),
    |text| Some(utf16(text, u16::to_le_bytes)),
    |text| Some(utf16(text, u16::to_be_bytes)),
    |text| text.chars().map(|c| u8::try_from(c).ok()).collect(),
];

/// The bytes of `new` in the encoding, and with the byte order mark, in which `bytes` are `old`. None where `bytes` are
/// not `old` in any encoding that is read here, or `new` would not be read back from them.
pub fn encode_as(bytes: &[u8], old: &str, new: &str) -> Option<Vec<u8>> {
    let mut fitting = ENCODINGS.iter().filter(|e| e(old).as_deref() == Some(bytes));
    fitting.find_map(|encoding| {
        let out = encoding(new)?;
        let (back, fault) = decode(&out);
        (fault.is_none() && back == new).then_some(out)
    })
}

/// With its byte order mark.
pub(super) fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(unit)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "<?xml version=\"1.0\" encoding=\"E\"?>\r\n<a b=\"ä\"/>";

    #[test]
    fn mark_and_encoding_stay() {
        for (encoding, name) in ENCODINGS
            .iter()
            .zip(["utf-8", "utf-8", "utf-16", "utf-16", "iso-8859-1"])
        {
            let (old, new) = (OLD.replace('E', name), OLD.replace('E', name).replace("b=", "c="));
            let bytes = encoding(&old).unwrap();
            assert_eq!(decode(&bytes), (old.clone(), None), "{name}");
            assert_eq!(encode_as(&bytes, &old, &new), encoding(&new), "{name}");
        }
    }

    #[test]
    fn what_the_encoding_has_no_sign_for_is_not_written() {
        let old = OLD.replace('E', "iso-8859-1");
        let bytes = ENCODINGS[4](&old).unwrap();
        assert_eq!(encode_as(&bytes, &old, &old.replace('ä', "日")), None);
        let ascii = OLD.replace('E', "us-ascii").replace('ä', "a");
        assert_eq!(
            encode_as(ascii.as_bytes(), &ascii, &ascii.replace("\"a\"", "\"ä\"")),
            None
        );
        let (lossy, _) = decode(b"<a>\xff</a>");
        assert_eq!(encode_as(b"<a>\xff</a>", &lossy, "<a/>"), None);
    }
}
