//! Takes the findings of the rules: words and severity come from the code, each place is named once.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::code;
use crate::description::model::{At, Element, File, Image, Item, Str};
use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Label};
use crate::text::Span;
use crate::words::Words;

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

/// Where a part of a text begins in it, in bytes.
pub(super) fn offset(part: &str, whole: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

/// True where two names have the same digits: another number is another name, and no slip.
pub(super) fn same_digits(one: &str, other: &str) -> bool {
    let digits = |name: &'_ str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    digits(one) == digits(other)
}

/// True where one of two names is the plural of the other.
pub(super) fn plural(one: &str, other: &str) -> bool {
    one.strip_suffix('s') == Some(other) || other.strip_suffix('s') == Some(one)
}

/// True where a name has this part. Without the set-up of a search, which takes longer than a name.
pub(super) fn has_part(name: &str, part: &str) -> bool {
    after_part(name, part).is_some()
}

/// What follows the first such part.
pub(super) fn after_part<'n>(name: &'n str, part: &str) -> Option<&'n str> {
    let Some((&first, rest)) = part.as_bytes().split_first() else {
        return Some(name);
    };
    let bytes = name.as_bytes();
    let starts = |at: &usize| bytes.get(at + 1..).is_some_and(|t| t.starts_with(rest));
    let at = memchr::memchr_iter(first, bytes).find(starts)?;
    name.get(at + part.len()..)
}

/// Two words have the same letters, in whatever order.
pub(super) fn same_letters(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut bytes = word.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}

/// Letters, digits, `-` and `_` alone.
pub(super) fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Which bytes a name has, a bit for each; some share a bit.
pub(super) const fn letters(name: &[u8]) -> u64 {
    let mut set = 0;
    let mut rest = name;
    while let [first, tail @ ..] = rest {
        set |= 1 << (*first & 63);
        rest = tail;
    }
    set
}

/// How far a name is from another, in keystrokes; none where it is the same or further than one (two in long names).
fn distance<'n>(name: &'n str) -> impl Fn(&str) -> Option<usize> + 'n {
    let most = if name.len() > 7 { 2 } else { 1 };
    // Bytes are letters in ASCII alone.
    let own = name.is_ascii().then(|| letters(name.as_bytes()));
    move |other| {
        if other.len().abs_diff(name.len()) > most || other == name {
            return None;
        }
        // A keystroke takes one letter away and brings one: most names need no closer look.
        let apart = own
            .filter(|_| other.is_ascii())
            .map_or(0, |own| (own ^ letters(other.as_bytes())).count_ones());
        let close = apart as usize <= 2 * most;
        close.then(|| keystrokes(name, other, most)).flatten()
    }
}

/// The distance of Damerau and Levenshtein, where it is not above `most`.
fn keystrokes(name: &str, other: &str, most: usize) -> Option<usize> {
    let distance = if name.is_ascii() && other.is_ascii() {
        // What both begin and end with takes no keystroke, and is most of what is near.
        let alike = name
            .bytes()
            .zip(other.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let (own, new) = (name.get(alike..)?, other.get(alike..)?);
        let ends = own.bytes().rev().zip(new.bytes().rev());
        let alike = ends.take_while(|(a, b)| a == b).count();
        let (own, new) = (own.get(..own.len() - alike)?, new.get(..new.len() - alike)?);
        match (own.len(), new.len()) {
            (0, rest) | (rest, 0) => rest,
            (1, 1) => 1,
            // One keystroke is about one letter, or exchanges two.
            (one, two) if most == 1 && one.max(two) > 2 => return None,
            _ if (letters(own.as_bytes()) ^ letters(new.as_bytes())).count_ones() as usize > 2 * most => {
                return None;
            }
            _ => strsim::damerau_levenshtein(own, new),
        }
    } else {
        strsim::damerau_levenshtein(name, other)
    };
    (distance <= most).then_some(distance)
}

/// True where a name is one keystroke from another.
pub(crate) fn one_keystroke(name: &str, other: &str) -> bool {
    keystrokes(name, other, 1) == Some(1)
}

/// All that are so near, by what they are known by.
pub(super) fn all_near<'n, T>(
    name: &'n str,
    among: impl Iterator<Item = (T, &'n str)>,
) -> impl Iterator<Item = T> {
    let distance = distance(name);
    among.filter_map(move |(known, other)| distance(other).map(|_| known))
}

/// The name at most one keystroke away (two in long names), if there is just one such.
pub(super) fn near<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut best: Option<(usize, &'n str)> = None;
    let mut tie = false;
    let of = distance(name);
    for other in among {
        let Some(distance) = of(other) else { continue };
        match best {
            Some((least, known)) if least == distance && known != other => tie = true,
            Some((least, _)) if least <= distance => {}
            _ => {
                best = Some((distance, other));
                tie = false;
            }
        }
    }
    best.filter(|_| !tie).map(|(_, n)| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_found_as_by_a_search() {
        for name in [
            "",
            "k",
            "kkernel",
            "kernel",
            "kernel-default",
            "ubuntu:linux-image",
            "kerne",
            "größe-kernel",
        ] {
            for part in ["kernel", "linux-image", "k", "e"] {
                assert_eq!(has_part(name, part), name.contains(part), "{part} in {name}");
            }
        }
    }

    #[test]
    fn keystrokes_are_counted_as_by_the_whole_names() {
        let alphabet = ["", "a", "b", "ab", "ba", "aab", "bab", "c", "ca", "ö"];
        let names = || {
            alphabet
                .iter()
                .flat_map(|a| alphabet.iter().map(move |b| format!("{a}{b}")))
        };
        for name in names() {
            for other in names().flat_map(|n| [format!("a{n}b"), n]) {
                let all = strsim::damerau_levenshtein(&name, &other);
                for most in [1, 2] {
                    let known = Some(all).filter(|all| *all <= most);
                    assert_eq!(keystrokes(&name, &other, most), known, "{name} {other}");
                }
            }
        }
    }

    #[test]
    fn the_letters_of_a_name_hide_no_near_one() {
        let one = |name, other: &str| near(name, std::iter::once(other)).map(str::to_owned);
        for (name, other) in [
            ("openssh-sever", "openssh-server"),
            ("opnessh-server", "openssh-server"),
            ("openzzh-server", "openssh-server"),
            ("vmi", "vim"),
            ("größer", "grösser"),
            ("größerer-name", "grosserer-name"),
        ] {
            let most = if name.len() > 7 { 2 } else { 1 };
            let by_distance =
                strsim::damerau_levenshtein(name, other) <= most && name.len().abs_diff(other.len()) <= most;
            assert_eq!(one(name, other).is_some(), by_distance, "{name} {other}");
        }
        assert_eq!(one("openssh-xyzver", "openssh-server"), None);
    }
}
