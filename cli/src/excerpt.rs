//! What of a text miette gets to see: the lines around the places of one finding, with their numbers in the whole.
//! miette reads a source from its first byte for each label; on large texts with many findings that never ends. It
//! draws nothing itself.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Lines kept before and after each place; miette shows fewer.
const LINES: usize = 2;
/// Bytes kept on each side of a place at most: a line may be as long as the text.
const MOST: usize = 1000;
/// Bytes of a place's own line that are shown on each side of it.
const WIDE: usize = 100;
/// Of a longer line so many are: the words under the place begin where it does, and have to find room on the screen.
const NARROW: usize = 40;
/// Bytes of a place that are underlined at most.
const LONGEST: usize = 2000;

/// A stretch of the text.
#[derive(Debug)]
struct Part {
    /// What is shown of it: as many bytes, none of which steers a terminal.
    text: String,
    /// Bytes of it in the text.
    start: usize,
    end: usize,
    /// Line of its first byte, and how many characters of that line come before; from zero.
    line: usize,
    column: usize,
}

/// The stretches of a text around some places.
#[derive(Debug)]
pub struct Excerpt {
    path: String,
    parts: Vec<Part>,
}

/// A place as it is underlined: inside the text, and not endless, neither in lines nor in one line.
pub fn shown(text: &str, start: usize, end: usize) -> (usize, usize) {
    let start = text.floor_char_boundary(start.min(text.len()));
    let end = end.clamp(start, text.len()).min(start.saturating_add(LONGEST));
    let first = text
        .as_bytes()
        .get(start..end.min(start + WIDE))
        .unwrap_or_default();
    let end = match memchr::memchr(b'\n', first) {
        Some(_) => end,
        None => start + first.len(),
    };
    (start, text.floor_char_boundary(end).saturating_sub(start))
}

impl Excerpt {
    /// The lines around `places`, each with its first byte and its length.
    pub fn new(path: &str, text: &Arc<str>, places: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut ranges: Vec<(usize, usize)> = places
            .map(|(start, len)| (before(text, start), after(text, start + len)))
            .collect();
        ranges.sort_unstable();
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for (start, end) in ranges {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        let part = |(start, end): (usize, usize)| {
            let head = text.as_bytes().get(..start).unwrap_or_default();
            Part {
                text: visible(text.get(start..end).unwrap_or_default()),
                start,
                end,
                line: memchr::memchr_iter(b'\n', head).count(),
                column: characters(head.get(memchr::memrchr(b'\n', head).map_or(0, |at| at + 1)..)),
            }
        };
        Self {
            path: visible(path).replace('\n', "?"),
            parts: joined.into_iter().map(part).collect(),
        }
    }
}

/// How many characters begin in bytes of UTF-8.
fn characters(bytes: Option<&[u8]>) -> usize {
    let begins = |b: &&u8| **b & 0xc0 != 0x80;
    bytes.map_or(0, |b| b.iter().filter(begins).count())
}

/// The text without what would steer a terminal or turn its direction: each such character gives way to a visible one of
/// the same length. Tabs and line ends stay.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let line_end = c == '\r' && rest.peek() == Some(&'\n');
        out.push(match c {
            '\n' | '\t' => c,
            _ if line_end => c,
            _ if c.is_ascii_control() => '?',
            _ if c.is_control() => '¿',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ => c,
        });
    }
    out
}

/// Where what is kept before `at` begins.
fn before(text: &str, at: usize) -> usize {
    let least = at.saturating_sub(MOST);
    let head = text.as_bytes().get(least..at).unwrap_or_default();
    let mut ends = memchr::memrchr_iter(b'\n', head);
    let near = ends
        .next()
        .map_or(least == 0 && at <= WIDE, |end| head.len() - end <= WIDE);
    match ends.nth(LINES - 1) {
        _ if !near => text.floor_char_boundary(at.saturating_sub(NARROW)),
        Some(line) => least + line + 1,
        None => text.floor_char_boundary(least),
    }
}

/// Where what is kept after `at` ends.
fn after(text: &str, at: usize) -> usize {
    let most = at.saturating_add(MOST).min(text.len());
    let tail = text.as_bytes().get(at..most).unwrap_or_default();
    let mut ends = memchr::memchr_iter(b'\n', tail);
    let near = ends.next().map_or(tail.len() <= WIDE, |end| end <= WIDE);
    match ends.nth(LINES - 1) {
        _ if !near => text.ceil_char_boundary(at.saturating_add(NARROW).min(text.len())),
        Some(line) => at + line + 1,
        None => text.ceil_char_boundary(most),
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let holds = |part: &&Part| part.start <= span.offset() && end <= part.end;
        let part = self.parts.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let text = part.text.as_str();
        let inner = SourceSpan::from((span.offset() - part.start, span.len()));
        let read = text.read_span(&inner, lines_before, lines_after)?;
        let at = read.span().offset();
        // The line before says where one is; the one after would only lengthen what is shown.
        let (from, all) = (inner.offset() + inner.len(), at + read.data().len());
        let rest = text.as_bytes().get(from..all).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(all, |n| from + n + 1);
        let data = text.as_bytes().get(at..end.min(all)).unwrap_or_default();
        // Characters, as people count them.
        let (line, before) = match text.get(..at).and_then(|head| head.rfind('\n')) {
            Some(end) => (text.get(end + 1..at), 0),
            None => (text.get(..at), part.column),
        };
        let column = line.map_or(0, |l| l.chars().count()) + before;
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            data,
            SourceSpan::from((part.start + at, data.len())),
            part.line + read.line(),
            column,
            read.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::{Excerpt, shown};
    use miette::SourceCode;

    #[test]
    fn a_place_has_its_line_and_column_of_the_whole() {
        let mut text = "filler\n".repeat(5000);
        let at = text.len() + 4;
        text.push_str("one two three\nlast\n");
        let text = text.into();
        let excerpt = Excerpt::new("a.xml", &text, std::iter::once((at, 3)));
        let read = excerpt.read_span(&(at, 3).into(), 0, 0).expect("it is there");
        assert_eq!((read.line(), read.column(), read.data()), (5000, 4, &b"two"[..]));
        let read = excerpt.read_span(&(at, 3).into(), 1, 1).expect("it is there");
        assert_eq!(
            (read.line(), read.data()),
            (4999, &b"filler\none two three\n"[..])
        );
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let text = "<a\u{1b}[2J b=\u{85}\u{202e}\r'\t'>\r\n";
        let shown = super::visible(text);
        assert_eq!(
            (shown.as_str(), shown.len()),
            ("<a?[2J b=¿\u{fffd}?'\t'>\r\n", text.len())
        );
    }

    #[test]
    fn columns_are_characters() {
        let text = "<!-- 日本 --><a b='c'/>\n".into();
        let at = 5 + 6 + 4 + 3;
        let excerpt = Excerpt::new("a.xml", &text, std::iter::once((at, 1)));
        let read = excerpt.read_span(&(at, 1).into(), 0, 0).expect("it is there");
        assert_eq!((read.column(), read.data()), (14, &b"b"[..]));
    }

    #[test]
    fn of_a_line_without_end_a_stretch_is_kept() {
        let text = format!("{}<here>{}", "ä".repeat(50_000), "ö".repeat(50_000)).into();
        let excerpt = Excerpt::new("a.xml", &text, std::iter::once((100_000, 6)));
        let read = excerpt
            .read_span(&(100_000, 6).into(), 1, 1)
            .expect("it is there");
        assert!(read.data().len() < 2100 && read.data().windows(6).any(|w| w == b"<here>"));
        assert_eq!(
            excerpt
                .read_span(&(100_000, 6).into(), 0, 0)
                .expect("it is there")
                .column(),
            50_000
        );
        assert_eq!(shown(&text, 0, 200_000).1, 100);
        assert_eq!(shown("<a>\n</a>", 0, 8).1, 8);
    }

    #[test]
    fn the_words_under_a_place_in_a_long_line_begin_near_the_margin() {
        let text = format!("<a>{}<here/>{}", "<b/>".repeat(60), "<c/>".repeat(60)).into();
        let excerpt = Excerpt::new("a.xml", &text, std::iter::once((244, 4)));
        let read = excerpt.read_span(&(244, 4).into(), 1, 1).expect("it is there");
        assert_eq!(read.data().windows(4).position(|w| w == b"here"), Some(40));
        assert_eq!((read.data().len(), read.column()), (84, 204));
    }

    #[test]
    fn places_far_apart_are_stretches_of_their_own() {
        let text = format!("<a>\n{}</b>\n", "x\n".repeat(100_000)).into();
        let excerpt = Excerpt::new("a.xml", &text, [(0, 3), (200_004, 4)].into_iter());
        let line = |at: usize| {
            excerpt
                .read_span(&(at, 3).into(), 1, 1)
                .expect("it is there")
                .line()
        };
        assert_eq!((line(0), line(200_004)), (0, 100_000));
        assert!(excerpt.read_span(&(0, 200_000).into(), 1, 1).is_err());
    }
}
