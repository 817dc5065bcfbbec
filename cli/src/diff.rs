//! Unified diffs that `git apply` and `patch -p1` take: bytes as they are in the file, so that encoding, line ends and
//! a missing last line end stay. Writes no file.

use apteryx_schema::syntax::decode;
use similar::TextDiff;

/// What turns `old` into `new`; empty where they are equal. UTF-16 is shown as UTF-8, for people only.
pub fn unified(name: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    if old == new {
        return Vec::new();
    }
    let wide = |bytes: &[u8]| bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if wide(old) {
        return unified(name, decode(old).0.as_bytes(), decode(new).0.as_bytes());
    }
    let name = name.trim_start_matches('/');
    // As diff itself does: a name with blanks ends at a tab.
    let end = if name.contains(' ') { "\t" } else { "" };
    let diff = TextDiff::from_lines(old, new);
    let mut shown = diff.unified_diff();
    shown.header(&format!("a/{name}{end}"), &format!("b/{name}{end}"));
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = shown.to_writer(&mut out);
    out
}
