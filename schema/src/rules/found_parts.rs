//! Repairs of a part of a value, where the text has references in it and the whole is not written as it means. Finds nothing.

use super::found::Found;
use crate::description::model::At;
use crate::diagnostic::Fix;
use crate::text::Span;

impl Found<'_> {
    /// One finding about a part of a value that has a likely other spelling: its fix replaces the part where it first stands.
    pub fn instead_of(
        &mut self,
        name: &str,
        at: &At,
        message: String,
        (part, new): (impl AsRef<str>, impl AsRef<str>),
        safe: bool,
    ) {
        let whole = at.value.trim().replacen(part.as_ref(), new.as_ref(), 1);
        let pair = (part.as_ref(), new.as_ref());
        let edit = self
            .replace(at, &whole, safe)
            .or_else(|| self.replace_part(at, pair));
        if let Some(found) = self.add(name, at, message, format!("did you mean `{whole}`?")) {
            found.fixes.extend(edit);
        }
    }

    /// The fix that puts another text in place of a part of a value, where that is written as it means.
    pub fn replace_part(&self, at: &At, (part, new): (&str, &str)) -> Option<Fix> {
        let written = at.span.of(self.text(at.file)?);
        let mut places = written.match_indices(part).map(|(from, _)| from);
        let from = places.next()?;
        (places.next().is_none() && at.value.matches(part).count() == 1)
            .then(|| edit(at, from, part, new))
            .flatten()
    }

    /// The same of a part that begins at this byte of the value.
    pub fn replace_at(&self, at: &At, from: usize, (part, new): (&str, &str)) -> Option<Fix> {
        let written = at.span.of(self.text(at.file)?);
        let there = written.get(from..)?.starts_with(part) && at.value.get(..from) == written.get(..from);
        there.then(|| edit(at, from, part, new)).flatten()
    }
}

/// What takes the place of a part that begins there.
fn edit(at: &At, from: usize, part: &str, new: &str) -> Option<Fix> {
    let plain = |s: &str| !s.is_empty() && !s.contains(['&', '<', '"', '\'', '\n']);
    let start = at.span.start + from as u32;
    (plain(part) && plain(new)).then(|| Fix::change(Span::new(start, start + part.len() as u32), new, false))
}
