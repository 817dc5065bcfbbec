//! What stands in files of the overlay that programs of the running system read: keys, sections and words that are slips of
//! those which their readers know. Knows the usual ones by name; says nothing about others, and runs nothing.

use super::judges::{JUDGES, Judge, Origin, Place};
use super::names::each;
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::rules::code;
use crate::rules::files::Here;
use crate::rules::found::Found;
use crate::text::Span;
use crate::words::Words;

/// Judges the texts of one overlay.
pub(in crate::rules) fn check(here: &Here<'_>, overlay: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    for judge in JUDGES {
        for folder in judge.folders(here) {
            each(here, overlay, &folder, found, files, |name, text| {
                let (folder, origin) = (&*folder, Origin::Overlay);
                judge.first(here, &Place { folder, name, origin }, text)
            });
        }
    }
}

/// What is wrong with a line that a script adds to a file of the system.
pub(in crate::rules) fn added(here: &Here<'_>, path: &str, line: &str) -> Option<Diagnostic> {
    let (folder, name) = path.strip_prefix('/')?.rsplit_once('/')?;
    if super::tabled::is_whole(folder, name) || super::statements::is_whole(folder, name) {
        return None;
    }
    let origin = Origin::Lines;
    let place = Place { folder, name, origin };
    let told = judges_of(here, &place).find_map(|judge| judge.first(here, &place, line));
    told.filter(|d| !of_others(name, d))
}

/// What is wrong with a text that a script writes to a file of the system.
pub(in crate::rules) fn written(here: &Here<'_>, path: &str, text: &str) -> Vec<Diagnostic> {
    let parts = path.strip_prefix('/').and_then(|p| p.rsplit_once('/'));
    let Some((folder, name)) = parts else {
        return Vec::new();
    };
    let origin = Origin::Script;
    let place = Place { folder, name, origin };
    judges_of(here, &place)
        .flat_map(|judge| super::rounds::all(text, |text| judge.first(here, &place, text)))
        .filter(|d| !of_others(name, d))
        .collect()
}

fn judges_of(here: &Here<'_>, place: &Place<'_>) -> impl Iterator<Item = &'static Judge> {
    JUDGES.iter().filter(move |judge| judge.is_for(here, place))
}

/// What one line adds says little of the accounts that others make.
fn of_others(name: &str, one: &Diagnostic) -> bool {
    name == "sudoers" && one.message.to_string().starts_with("nothing makes")
}

/// The lines that say something, without the space around them, with where they begin.
pub(in crate::rules) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start + line.len() - line.trim_start().len();
        start += line.len();
        let bare = line.trim();
        (!bare.is_empty() && !bare.starts_with(['#', ';'])).then_some((at, bare))
    })
}

/// The same of a word of a line, which begins at `at`.
pub(in crate::rules) fn at_word(
    at: usize,
    line: &str,
    word: &str,
    message: String,
    label: String,
    then: &str,
) -> Option<Diagnostic> {
    finding(
        at + crate::rules::found::offset(word, line),
        word,
        message,
        label,
        then,
    )
}

/// What is told of a file of the overlay at the word that begins at `at`.
pub(in crate::rules) fn finding(
    at: usize,
    word: &str,
    message: String,
    label: String,
    then: &str,
) -> Option<Diagnostic> {
    told("overlay-file", at, word.len(), message, label, Some(then))
}

/// What is told under a code at so many bytes from `at` on, with what comes of it, where that is not what the code says.
pub(in crate::rules) fn told(
    name: &str,
    at: usize,
    len: usize,
    message: String,
    label: impl Into<Words>,
    then: Option<&str>,
) -> Option<Diagnostic> {
    let known = code(name)?;
    let span = Span::new(at as u32, (at + len) as u32);
    let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
    one.help = Some(match then {
        Some(then) => then.to_owned().into(),
        None => known.consequence.into(),
    });
    Some(one)
}

/// The name of a section that its reader does not know, which begins at `at`.
pub(super) fn section(at: usize, name: &str, meant: &str, reader: &str, then: &str) -> Option<Diagnostic> {
    let message = format!("{reader} knows no section `{name}`");
    finding(at, name, message, format!("did you mean `{meant}`?"), then)
}

/// A line with the name of a section that has no second bracket.
pub(super) fn unclosed(at: usize, line: &str, reader: &str, then: &str) -> Option<Diagnostic> {
    let message = format!("{reader} reads no name of a section without its second bracket");
    finding(at, line, message, format!("did you mean `{line}]`?"), then)
}
