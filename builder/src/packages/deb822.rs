//! Debian's control syntax (deb822(5)): paragraphs of `Field: value`, continued on indented lines. Streaming, bounded.

use std::io::{self, BufRead};

/// The largest paragraph that is read. The largest in Debian's archive take about 300 kB.
const PARAGRAPH_LIMIT: usize = 16 << 20;

/// One paragraph: its text, and where each field lies in it.
#[derive(Debug, Default, Clone)]
pub struct Paragraph {
    text: String,
    fields: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)>,
}

impl Paragraph {
    /// The field's value as written, its first line trimmed; continuation lines keep their indentation. Empty for none.
    pub fn get(&self, name: &str) -> &str {
        for (key, value) in &self.fields {
            if self
                .text
                .get(key.clone())
                .is_some_and(|k| k.eq_ignore_ascii_case(name))
            {
                return self.text.get(value.clone()).unwrap_or("").trim();
            }
        }
        ""
    }

    /// True where it has no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
    }

    fn push_line(&mut self, line: &str) -> Result<(), &'static str> {
        if self.text.len() + line.len() > PARAGRAPH_LIMIT {
            return Err("a paragraph is too large");
        }
        let start = self.text.len();
        self.text.push_str(line);
        self.text.push('\n');
        if line.starts_with([' ', '\t']) {
            let (_, value) = self
                .fields
                .last_mut()
                .ok_or("it begins with a continuation line")?;
            value.end = self.text.len();
            return Ok(());
        }
        let colon = line.find(':').ok_or("a line has no colon")?;
        self.fields
            .push((start..start + colon, start + colon + 1..self.text.len()));
        Ok(())
    }
}

/// Reads the next paragraph into `paragraph`; false at the end. Invalid UTF-8 becomes U+FFFD.
pub fn next(reader: &mut impl BufRead, paragraph: &mut Paragraph, line: &mut Vec<u8>) -> io::Result<bool> {
    paragraph.clear();
    loop {
        line.clear();
        let limit = PARAGRAPH_LIMIT as u64;
        let read = io::Read::take(&mut *reader, limit).read_until(b'\n', line)?;
        while line.last().is_some_and(|c| *c == b'\n' || *c == b'\r') {
            line.pop();
        }
        if read == 0 || line.iter().all(|c| c.is_ascii_whitespace()) {
            if read == 0 || !paragraph.is_empty() {
                return Ok(!paragraph.is_empty());
            }
            continue;
        }
        if line.first() == Some(&b'#') {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        paragraph
            .push_line(&text)
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
    }
}

/// All paragraphs of a text; what cannot be read ends the list.
pub fn all(text: &str) -> Vec<Paragraph> {
    let (mut reader, mut line, mut found) = (text.as_bytes(), Vec::new(), Vec::new());
    let mut paragraph = Paragraph::default();
    while let Ok(true) = next(&mut reader, &mut paragraph, &mut line) {
        found.push(std::mem::take(&mut paragraph));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_continue_on_indented_lines_and_paragraphs_end_with_a_blank_one() {
        let found = all("\n# note\nPackage: a\r\nDescription: one\n two\nDepends:\n b,\n c\n\n\nPackage: d");
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].get("package"), found[0].get("Description")),
            ("a", "one\n two")
        );
        assert_eq!(found[0].get("Depends"), "b,\n c");
        assert_eq!((found[1].get("Package"), found[1].get("Depends")), ("d", ""));
        assert!(all(" floating").is_empty() && all("no colon").is_empty());
    }
}
