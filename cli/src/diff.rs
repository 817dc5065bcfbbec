//! Unified diffs that `git apply` and `patch -p1` take: bytes as they are in the file, so that encoding, line ends and
//! a missing last line end stay. Writes no file.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use apteryx_schema::syntax::decode;
use similar::TextDiff;

use crate::report::short;

/// What turns `old` into `new`; empty where they are equal. UTF-16 is shown as UTF-8, for people only.
pub fn unified(path: &Path, old: &[u8], new: &[u8]) -> Vec<u8> {
    if old == new {
        return Vec::new();
    }
    let wide = |bytes: &[u8]| bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if wide(old) {
        return unified(path, decode(old).0.as_bytes(), decode(new).0.as_bytes());
    }
    let diff = TextDiff::from_lines(old, new);
    let mut shown = diff.unified_diff();
    shown.header(&header("a", path), &header("b", path));
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = shown.to_writer(&mut out);
    out
}

/// The name of a file behind a side's letter: as diff itself has it, a name with blanks ends at a tab, and as git has
/// it, one that a line cannot hold stands in quotes.
fn header(side: &str, path: &Path) -> String {
    let path = short(path);
    let bytes = path.as_os_str().as_bytes();
    let start = bytes.iter().take_while(|b| **b == b'/').count();
    let bytes = bytes.get(start..).unwrap_or_default();
    let plain = |b: &u8| !b.is_ascii_control() && !matches!(b, b'"' | b'\\');
    match std::str::from_utf8(bytes) {
        Ok(name) if bytes.iter().all(plain) => {
            let end = if name.contains(' ') { "\t" } else { "" };
            format!("{side}/{name}{end}")
        }
        _ => {
            let mut quoted = format!("\"{side}/");
            for byte in bytes {
                match byte {
                    b'"' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
                    b' '..=b'~' => quoted.push(char::from(*byte)),
                    _ => quoted += &format!("\\{byte:03o}"),
                }
            }
            quoted + "\""
        }
    }
}
