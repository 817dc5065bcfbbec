//! Files of the table in JSON, TOML, YAML and XML: what keeps them from being read, keys, elements and attributes that their
//! readers do not know. The words are `tabled`'s.

use std::borrow::Cow;

use super::tabled::{Kind, meant};
use super::texts::finding;
use crate::diagnostic::Diagnostic;
use crate::format::{Markup, Named, keys};
use crate::syntax::{NodeKind, Tree};
use crate::text::Span;

/// The elements and attributes of a text in XML, as keys.
fn elements(tree: &Tree) -> Vec<Named<'_>> {
    let mut out = Vec::new();
    for id in tree.all().filter(|id| tree.node(*id).kind == NodeKind::Element) {
        let mut inner = tree.children(id);
        let text = inner.next().filter(|c| tree.node(*c).kind == NodeKind::Text);
        let text = text.filter(|_| inner.next().is_none()).map(|c| {
            let span = tree.node(c).span;
            let whole = tree
                .text()
                .get(span.start as usize..span.end as usize)
                .unwrap_or("");
            let from = span.start + (whole.len() - whole.trim_start().len()) as u32;
            (
                Cow::Borrowed(whole.trim()),
                Span::new(from, from + whole.trim().len() as u32),
            )
        });
        out.push((Cow::Borrowed(tree.local(id)), tree.node(id).name_span, text));
        for attr in tree.attrs(id) {
            let name = tree.name(attr.name);
            if name.namespace.is_empty() {
                out.push((
                    Cow::Borrowed(&*name.local),
                    attr.name_span,
                    Some((tree.value(attr), attr.value_span)),
                ));
            }
        }
    }
    out
}

impl Kind {
    /// What keeps a text with a mark-up from being read, and names in it that are not known.
    pub(super) fn marked(&self, text: &str, markup: Markup) -> Option<Diagnostic> {
        // What another tool fills in is no such text yet.
        if text.contains("{%") || text.contains("{{") || text.starts_with("## template") {
            return None;
        }
        let tree = (markup == Markup::Xml).then(|| crate::syntax::parse(text));
        let read = match &tree {
            Some(tree) => match tree.errors().first() {
                Some(fault) => Err(fault.clone()),
                None => Ok(elements(tree)),
            },
            None => keys(text, markup),
        };
        let named = match read {
            Ok(named) => named,
            Err(fault) => return self.unread(text, &fault),
        };
        named.iter().find_map(|(key, span, value)| {
            let known = || self.words.iter().map(|w| &*w.name);
            let Some(word) = self.words.iter().find(|w| w.name == *key) else {
                let other = key.len() < 4 || !crate::rules::found::is_word(key);
                let odd = meant(key, known()).filter(|_| !other)?;
                let message = format!("{} knows no `{key}` here", self.reader);
                let key = text.get(span.start as usize..span.end as usize)?;
                return finding(
                    span.start as usize,
                    key,
                    message,
                    format!("did you mean `{odd}`?"),
                    &self.then(),
                );
            };
            let (value, place) = value.as_ref()?;
            let whole = text.get(place.start as usize..place.end as usize)?;
            let inner = whole.trim_matches(['"', '\'']);
            let lead = whole.find(inner)?;
            self.value(place.start as usize + lead, inner, word, inner)
                .filter(|_| inner == value)
        })
    }

    /// A text that its reader cannot take apart.
    fn unread(&self, text: &str, fault: &Diagnostic) -> Option<Diagnostic> {
        let reader = self.reader;
        let told = fault.message.to_string();
        let told = told
            .strip_prefix("the text is not well-formed: ")
            .unwrap_or(&told);
        let message = format!("{reader} cannot read the file: {told}");
        let mut start = (fault.span.start as usize).min(text.len());
        let mut end = (fault.span.end as usize).min(text.len());
        // One comma too many is noticed at what stands behind it.
        let head = text.get(..start).unwrap_or("").trim_end();
        if head.ends_with(',') && told.contains("expected a key") || told.contains("trailing comma") {
            (start, end) = (head.len().saturating_sub(1), head.len());
        }
        // A line without a colon goes on in the next, where that is noticed.
        let line = |at: usize| text.get(..at).map_or(0, |t| t.rfind('\n').map_or(0, |n| n + 1));
        let own = line(start);
        let before = text.get(..own).unwrap_or("").trim_end();
        let from = line(before.len());
        let lead = text.get(from..before.len()).unwrap_or("");
        let lead = lead.len() - lead.trim_start().len();
        let bare = text.get(from + lead..before.len()).unwrap_or("");
        if told.contains("mapping values are not allowed") && !bare.is_empty() && !bare.contains(':') {
            (start, end) = (from + lead, before.len());
        }
        // What is missing is missing behind what stands before.
        if start == end {
            start = text.get(..start)?.trim_end().len();
            let before = text.get(..start)?;
            end = start;
            start = before.char_indices().next_back().map_or(start, |(at, _)| at);
        }
        let label = "its reader stops here".to_owned();
        finding(start, text.get(start..end)?, message, label, &self.then())
    }
}
