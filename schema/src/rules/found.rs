//! Takes the findings of the rules: words and severity come from the code, each place is named once.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::code;
use crate::description::model::{At, Element, File, Image, Item, Str};
use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Label};
use crate::text::Span;
use crate::words::Words;

pub(crate) use super::near::one_keystroke;
pub(super) use super::near::{
    Part, Searched, after_part, all_near, around_part, difference, doubled, has_part, hash, is_word, letters,
    near, offset, plural, same_digits, same_letters,
};

/// So many findings are made of one description, as of one document by the grammar.
pub(super) const MOST: usize = crate::validate::MOST;

/// Takes findings, each place once.
pub(super) struct Found<'o> {
    out: &'o mut Vec<Diagnostic>,
    files: &'o [File],
    seen: FxHashSet<(&'static str, FileId, Span)>,
    /// What `once` has told, by its code and key: which of the findings it is.
    once: FxHashMap<(&'static str, String), usize>,
    /// The profiles of each view, where there are several.
    views: Vec<Arc<[Str]>>,
    /// Which of them speaks.
    speaker: usize,
}

/// The first that stood under a key, where it is another than this one.
pub(super) fn before<'t, K: Eq + Hash, T>(
    seen: &mut FxHashMap<K, &'t T>,
    key: K,
    this: &'t T,
) -> Option<&'t T> {
    let first = *seen.entry(key).or_insert(this);
    (!std::ptr::eq(first, this)).then_some(first)
}

/// Where a finding stands.
pub(super) trait Place {
    fn place(&self) -> (FileId, Span);
}

impl<T> Place for At<T> {
    fn place(&self) -> (FileId, Span) {
        (self.file, self.span)
    }
}

impl Place for Element {
    fn place(&self) -> (FileId, Span) {
        (self.file, self.name_span)
    }
}

/// The text of an element, where it has one.
pub(super) struct Text<'a>(pub &'a Element);

impl Place for Text<'_> {
    fn place(&self) -> (FileId, Span) {
        if self.0.text.is_empty() {
            (self.0.file, self.0.name_span)
        } else {
            (self.0.file, self.0.text_span)
        }
    }
}

/// What can be taken out of the text.
pub(super) trait Whole {
    /// All its bytes and the element's name.
    fn whole(&self) -> (FileId, Span, &str);
}

impl Whole for Element {
    fn whole(&self) -> (FileId, Span, &str) {
        (self.file, self.span, &self.name)
    }
}

impl Whole for Item {
    fn whole(&self) -> (FileId, Span, &str) {
        (self.name.file, self.span, self.kind.element())
    }
}

impl<'o> Found<'o> {
    pub fn new(image: &'o Image, out: &'o mut Vec<Diagnostic>) -> Self {
        Self {
            out,
            files: &image.files,
            seen: FxHashSet::default(),
            once: FxHashMap::default(),
            views: Vec::new(),
            speaker: 0,
        }
    }

    /// From now on these views speak, by their profiles.
    pub fn of_views(&mut self, views: Vec<Arc<[Str]>>) {
        self.views = views;
    }

    /// From now on the view of that number speaks.
    pub fn speaks(&mut self, view: usize) {
        self.speaker = view;
    }

    /// Those after so many.
    pub fn since(&self, count: usize) -> &[Diagnostic] {
        self.out.get(count..).unwrap_or_default()
    }

    /// True where a finding of that code has been made there: another view's words need not be put together.
    pub fn told(&self, code: &'static str, at: &dyn Place) -> bool {
        let (file, span) = at.place();
        self.seen.contains(&(code, file, span))
    }

    /// The finding of that code there.
    pub fn at(&mut self, code: &str, at: &dyn Place) -> Option<&mut Diagnostic> {
        let (file, span) = at.place();
        let mut all = self.out.iter_mut().rev();
        all.find(|told| told.code == code && told.file == file && told.span == span)
    }

    /// The one of a number.
    pub fn number(&mut self, index: usize) -> Option<&mut Diagnostic> {
        self.out.get_mut(index)
    }

    /// What stands in a file.
    pub fn text(&self, file: FileId) -> Option<&'o str> {
        self.files.get(file.0 as usize).map(|f| &*f.text)
    }

    /// The one that was made last.
    pub fn last(&mut self) -> Option<&mut Diagnostic> {
        self.out.last_mut()
    }

    /// Takes the one back that was made last: another finding says it.
    pub fn withdraw(&mut self) -> Option<Diagnostic> {
        let last = self.out.pop()?;
        let told = self.out.len();
        self.once.retain(|_, index| *index != told);
        Some(last)
    }

    /// One finding that was made elsewhere.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// One finding; its severity, source and consequence come from the code. None where it has been made already.
    pub fn add(
        &mut self,
        name: &str,
        at: &dyn Place,
        message: String,
        label: impl Into<Words>,
    ) -> Option<&mut Diagnostic> {
        let known = code(name)?;
        let (file, span) = at.place();
        if self.out.len() >= MOST || !self.seen.insert((known.code, file, span)) {
            return None;
        }
        let mut found = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
        found.file = file;
        let profiles = self.views.get(self.speaker).map_or(&[][..], |view| view);
        found.help = Some(match profiles {
            [] => Words::fixed(known.consequence),
            [one] => format!("{} (profile `{one}`)", known.consequence).into(),
            [one, rest @ ..] => format!("{} (profile `{one}` with {})", known.consequence, rest.len()).into(),
        });
        self.out.push(found);
        self.out.last_mut()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.out.len()
    }

    /// Tells in a note of another finding what would be one under a key of its own. False where that has been made.
    pub fn joins(&mut self, other: usize, name: &str, key: &str, at: &dyn Place, message: &str) -> bool {
        let Some(known) = code(name) else { return false };
        let key = (known.code, key.to_owned());
        if self.once.contains_key(&key) {
            return false;
        }
        let (file, span) = at.place();
        let Some(told) = self.out.get_mut(other) else {
            return false;
        };
        let message = message.to_owned().into();
        told.notes.push(Label { file, span, message });
        self.once.insert(key, other);
        self.seen.insert((known.code, file, span));
        true
    }

    /// One finding on what several types of a description share: the first tells it, the others are named in notes,
    /// four at most. `key` says what is missing.
    pub fn once(
        &mut self,
        name: &str,
        key: &str,
        at: &dyn Place,
        message: String,
        label: impl Into<Words>,
    ) -> Option<&mut Diagnostic> {
        let known = code(name)?;
        let key = (known.code, key.to_owned());
        if let Some(&index) = self.once.get(&key) {
            let (file, span) = at.place();
            let first = self.seen.insert((known.code, file, span));
            let told = self
                .out
                .get_mut(index)
                .filter(|told| first && told.notes.len() < 4)?;
            told.notes.push(Label {
                file,
                span,
                message: super::ALSO.to_owned().into(),
            });
            return None;
        }
        let index = self.out.len();
        self.add(name, at, message, label)?;
        self.once.insert(key, index);
        self.out.get_mut(index)
    }

    /// One finding with another place that explains it.
    pub fn pair(
        &mut self,
        name: &str,
        at: &dyn Place,
        message: String,
        label: impl Into<Words>,
        other: &dyn Place,
        note: &str,
    ) -> Option<&mut Diagnostic> {
        let (file, span) = other.place();
        let found = self.add(name, at, message, label)?;
        let message = note.to_owned().into();
        // One, and room for no more.
        found.notes = vec![Label { file, span, message }];
        Some(found)
    }

    /// One finding about a value that has a likely other spelling: its fix replaces the value.
    pub fn instead(
        &mut self,
        name: &str,
        at: &dyn Place,
        message: String,
        near: Option<&str>,
        safe: bool,
        otherwise: &str,
    ) {
        let label = near.map_or_else(|| otherwise.to_owned(), |n| format!("did you mean `{n}`?"));
        let edit = near.and_then(|n| self.replace(at, n, safe));
        if let Some(found) = self.add(name, at, message, label) {
            found.fixes.extend(edit);
        }
    }

    /// The fix that puts a value in place of the one there. None where the text is not what it means (references,
    /// another mark-up).
    pub fn replace(&self, at: &dyn Place, new: &str, safe: bool) -> Option<Fix> {
        let (file, span) = at.place();
        let old = span.of(self.text(file)?);
        let plain = |s: &str| !s.contains(['&', '<', '"', '\'', '\n']);
        (plain(old) && plain(new)).then(|| Fix::change(span, new, safe))
    }

    /// The fix that gives an element one more attribute. A guess: it is never safe. None in another mark-up.
    pub fn insert_attribute(&self, element: &Element, name: &str, value: &str) -> Option<Fix> {
        let text = self.text(element.file)?;
        element.span.of(text).starts_with('<').then(|| Fix {
            title: format!("add `{name}=\"{value}\"`").into(),
            edits: vec![Edit {
                span: Span::new(element.name_span.end, element.name_span.end),
                new_text: format!(" {name}=\"{value}\"").into(),
            }],
            safe: false,
        })
    }

    /// The fix that takes an element out, with the line it stands on where it stands there alone.
    pub fn remove(&self, element: &impl Whole, safe: bool) -> Option<Fix> {
        let (file, span, name) = element.whole();
        let text = self.text(file)?;
        if !span.of(text).starts_with('<') {
            return None;
        }
        let head = text.get(..span.start as usize)?;
        let kept = head.trim_end_matches([' ', '\t']);
        let tail = text.get(span.end as usize..)?;
        let alone = kept.ends_with('\n') && tail.starts_with(['\n', '\r']);
        let start = if alone {
            let line = kept.strip_suffix('\n').unwrap_or(kept);
            line.strip_suffix('\r').unwrap_or(line).len() as u32
        } else {
            span.start
        };
        Some(Fix {
            title: format!("remove this `<{name}>`").into(),
            edits: vec![Edit {
                span: Span::new(start, span.end),
                new_text: String::new().into(),
            }],
            safe,
        })
    }
}
