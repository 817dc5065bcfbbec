//! A text as a client of the protocol counts it: lines end with CR, LF or both, columns are UTF-16 units. Written by the
//! protocol's words alone, so that the server is held against them and not against itself.

use serde_json::{Value, json};

/// Start and end of each line, its end mark left out, in bytes.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let mark = match (bytes[at], bytes.get(at + 1)) {
            (b'\r', Some(b'\n')) => 2,
            (b'\r' | b'\n', _) => 1,
            _ => 0,
        };
        if mark > 0 {
            out.push((start, at));
            start = at + mark;
        }
        at += mark.max(1);
    }
    out.push((start, bytes.len()));
    out
}

/// The byte of a position. A column beyond the line is its end, a line beyond the text is the text's end.
pub fn offset(text: &str, line: u64, character: u64) -> usize {
    let all = lines(text);
    let Some(&(start, end)) = all.get(line as usize) else {
        return text.len();
    };
    let mut units = 0;
    for (at, c) in text[start..end].char_indices() {
        units += c.len_utf16() as u64;
        // Inside a pair of surrogates is before it.
        if units > character {
            return start + at;
        }
    }
    end
}

/// The position of a byte that begins a character; between CR and LF there is none: the line's end is given.
pub fn position(text: &str, offset: usize) -> Value {
    let all = lines(text);
    let line = all.partition_point(|(start, _)| *start <= offset) - 1;
    let (start, end) = all[line];
    let units = text[start..offset.min(end)].encode_utf16().count();
    json!({"line":line,"character":units})
}

/// The bytes of a range, where it is one of the text: in order, no line and no column too far, no half character.
pub fn exact(text: &str, range: &Value) -> Option<(usize, usize)> {
    let at = |place: &Value| {
        let (line, character) = (place["line"].as_u64()?, place["character"].as_u64()?);
        let at = offset(text, line, character);
        (position(text, at) == *place).then_some(at)
    };
    let (start, end) = (at(&range["start"])?, at(&range["end"])?);
    (start <= end).then_some((start, end))
}

/// The text after edits that do not overlap; none where they do, or are out of the text.
pub fn edited(text: &str, edits: &[Value]) -> Option<String> {
    let mut all = Vec::new();
    for edit in edits {
        let (start, end) = exact(text, &edit["range"])?;
        all.push((start, end, edit["newText"].as_str()?));
    }
    all.sort_by_key(|(start, end, _)| (*start, *end));
    if all.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return None;
    }
    let mut out = text.to_owned();
    for (start, end, new) in all.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    Some(out)
}
