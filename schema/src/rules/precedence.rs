//! Which of several findings is told where one fault gave rise to all of them. Finds nothing by itself.

use rustc_hash::FxHashSet;

use super::found::{Place, Text};
use crate::description::model::{Element, Image};
use crate::diagnostic::{Diagnostic, FileId};
use crate::text::Span;

/// Orders what was found, and leaves one finding for each fault.
pub(super) fn settle(image: &Image, out: &mut Vec<Diagnostic>) {
    crate::check::sort(out);
    one_word(out);
    super::causes::settle(image, out);
    of_elements(image, out);
    if doubts_manager(image, out) {
        without_manager(image, out);
    }
    for follow in followers(out) {
        out.retain(|d| !follow.contains(&d.code));
    }
}

/// Elements by their places, none of which lies in another.
struct Places(Vec<(FileId, Span)>);

impl Places {
    fn of<'e>(elements: impl Iterator<Item = &'e Element>) -> Self {
        let mut all: Vec<_> = elements.map(|e| (e.file, e.span)).collect();
        all.sort_unstable();
        Self(all)
    }

    /// The one that a finding lies in.
    fn holding(&self, found: &Diagnostic) -> Option<usize> {
        let place = (found.file, found.span.start);
        let after = self
            .0
            .partition_point(|(file, span)| (*file, span.start) <= place);
        let at = after.checked_sub(1)?;
        let (file, span) = self.0.get(at)?;
        (*file == found.file && found.span.end <= span.end).then_some(at)
    }

    /// Those that a finding of this code lies in.
    fn told(&self, code: &str, out: &[Diagnostic]) -> FxHashSet<usize> {
        let told = out.iter().filter(|d| d.code == code);
        told.filter_map(|d| self.holding(d)).collect()
    }
}

/// Leaves out what a repository has by the type that it is meant to be of, where that is told, what is listed twice because
/// a list is of another kind than was meant, and what else is said of a repository or an account that stands there already.
fn of_elements(image: &Image, out: &mut Vec<Diagnostic>) {
    let is_told = |code: &str, out: &[Diagnostic]| out.iter().any(|d| d.code == code);
    let repositories = || Places::of(image.repositories.iter().map(|r| &r.element));
    if is_told("repository-type", out) {
        let all = repositories();
        let typed = all.told("repository-type", out);
        let follows = |d: &Diagnostic| all.holding(d).is_some_and(|at| typed.contains(&at));
        let of_type = |code: &str| matches!(code, "attribute-not-for-section" | "unsigned-repository");
        out.retain(|d| !of_type(d.code) || !follows(d));
    }
    if is_told("missing-bootstrap", out) {
        // Told at a list that was to be another: two of one kind have much in common.
        let lists = Places::of(image.packages.iter().map(|s| &s.element));
        if !lists.told("missing-bootstrap", out).is_empty() {
            out.retain(|d| d.code != "duplicate-package");
        }
    }
    let doubled: [(&str, &dyn Fn() -> Places); 2] = [
        ("duplicate-repository", &repositories),
        ("duplicate-user", &|| Places::of(image.accounts())),
    ];
    for (code, places) in doubled {
        if !is_told(code, out) {
            continue;
        }
        let all = places();
        let second = all.told(code, out);
        let follows = |d: &Diagnostic| all.holding(d).is_some_and(|at| second.contains(&at));
        out.retain(|d| d.code == code || !follows(d));
    }
}

/// Of each fault that is told, what follows from it.
fn followers(told: &[Diagnostic]) -> Vec<&'static [&'static str]> {
    let is_told = |code: &str| told.iter().any(|d| d.code == code);
    let rows = FOLLOWING.iter().filter(|(code, _)| is_told(code));
    rows.map(|(_, follow)| *follow).collect()
}

/// Leaves out of what was found in a folder what follows from a fault that the texts were told of.
pub(super) fn unless_told(image: &Image, told: &[Diagnostic], found: &mut Vec<Diagnostic>) {
    if doubts_manager(image, told) {
        without_manager(image, found);
    }
    for follow in followers(told) {
        found.retain(|d| !follow.contains(&d.code));
    }
    once(found);
}

/// A file of the overlay that was renamed is told where its old name is first used.
fn once(found: &mut Vec<Diagnostic>) {
    let of_overlay = |d: &Diagnostic| d.message.to_string().starts_with("the overlay has `/");
    if found.iter().filter(|d| of_overlay(d)).nth(1).is_none() {
        return;
    }
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(found.len());
    for one in found.drain(..) {
        let same = |k: &&mut Diagnostic| k.message == one.message;
        match kept.iter_mut().find(same).filter(|_| of_overlay(&one)) {
            Some(first) => first.notes.push(crate::diagnostic::Label {
                file: one.file,
                span: one.span,
                message: "and here".to_owned().into(),
            }),
            None => kept.push(one),
        }
    }
    *found = kept;
}

/// Codes that say of one value what is the matter with it, the surest first: of each row one is told at a place.
const KIN: &[&[&str]] = &[
    &[
        "missing-dracut-module",
        "package-name",
        "repository-type",
        "manager-of-other-distribution",
        "package-of-other-distribution",
        "package-for-other-machine",
    ],
    &[
        "unknown-timezone",
        "unknown-locale",
        "unknown-keymap",
        "contradicting-preferences",
    ],
];

/// Leaves one finding of each kin at a place. They are sorted by place.
fn one_word(out: &mut Vec<Diagnostic>) {
    let rank = |code: &str| {
        let mut rows = KIN.iter().enumerate();
        rows.find_map(|(row, codes)| Some((row, codes.iter().position(|c| *c == code)?)))
    };
    let mut at = 0;
    while at < out.len() {
        let place = |d: &Diagnostic| (d.file, d.span);
        let own = out.get(at).map(place);
        let end = out.iter().skip(at).take_while(|d| Some(place(d)) == own).count() + at;
        if end > at + 1 {
            let ranks: Vec<_> = out.iter().take(end).skip(at).map(|d| rank(d.code)).collect();
            let second = |r: &Option<(usize, usize)>| {
                r.is_some_and(|(row, own)| ranks.iter().flatten().any(|(r, o)| *r == row && *o < own))
            };
            let mut dropped = ranks.iter().map(second);
            let mut index = 0;
            out.retain(|_| {
                let inside = index >= at && index < end;
                index += 1;
                !inside || !dropped.next().unwrap_or(false)
            });
            let gone = ranks.iter().filter(|r| second(r)).count();
            at = end - gone;
        } else {
            at = end.max(at + 1);
        }
    }
}

/// What is missing because of a fault that is told: the code of that, and what follows.
const FOLLOWING: &[(&str, &[&str])] = &[
    (
        "undefined-profile",
        &["missing-version", "missing-package-manager"],
    ),
    ("no-repository", &["unused-profile"]),
    // A part of the description is not there.
    ("missing-element", &["unused-profile"]),
    ("repository-architecture", &["no-repository"]),
    // The section of a type is for another profile than it was, which nothing is for then.
    ("no-primary-type", &["unused-profile"]),
    ("duplicate-type", &["unused-profile"]),
    ("duplicate-profile", &["unused-profile"]),
    // Two lists of one profile have much in common.
    ("list-for-other-profile", &["duplicate-package"]),
    (
        "missing-bootstrap",
        &[
            "missing-boot-loader",
            "missing-disk-tool",
            "missing-dracut-module",
            "missing-filesystem-tool",
            "missing-initrd-tool",
            "missing-kernel",
        ],
    ),
];

/// What says of the package manager that it is not the distribution's.
const DOUBTS: &[&str] = &[
    "manager-of-other-distribution",
    "package-of-other-distribution",
    "repository-type",
];

/// What depends on whose packages are installed.
const BY_MANAGER: &[&str] = &[
    "attribute-not-for-manager",
    "command-of-other-distribution",
    "entry-not-for-manager",
    "kernel-parameter",
    "machine-setting",
    "missing-boot-loader",
    "missing-bootstrap",
    "missing-dracut-module",
    "missing-filesystem-tool",
    "missing-initrd-tool",
    "missing-kernel",
    "missing-theme",
    "mount-point",
    "package-name",
    "package-of-other-distribution",
    "repository-components",
    "repository-suite",
    "repository-type",
    "script-command",
    "unknown-group",
    "unknown-unit",
    "unused-setting",
    "untrusted-certificate",
    "user-shell",
];

/// The finding is about the name of a package manager.
fn names_manager(image: &Image, found: &Diagnostic) -> bool {
    let place = (found.file, found.span);
    let managers = image.preferences.iter();
    let mut managers = managers.filter_map(|p| p.element.child("packagemanager"));
    managers.any(|m| Text(m).place() == place)
}

/// The finding says that the package manager is not the distribution's, or that it does not read the only repository.
fn doubts(image: &Image, found: &Diagnostic) -> bool {
    let only = || found.code == "repository-type" && image.repositories.len() == 1;
    DOUBTS.contains(&found.code) && (names_manager(image, found) || only())
}

/// True where one of the findings says that.
fn doubts_manager(image: &Image, told: &[Diagnostic]) -> bool {
    told.iter().any(|d| doubts(image, d))
}

/// Leaves out what follows from a package manager that is not the distribution's. Where the manager itself is told, the
/// repository that it does not read is not told besides.
fn without_manager(image: &Image, out: &mut Vec<Diagnostic>) {
    let named = out
        .iter()
        .any(|d| DOUBTS.contains(&d.code) && names_manager(image, d));
    let stays = |d: &Diagnostic| doubts(image, d) && (!named || names_manager(image, d));
    out.retain(|d| !BY_MANAGER.contains(&d.code) || stays(d));
}
