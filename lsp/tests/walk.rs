//! The cursor at every byte of a description, whole, cut off there, and with one character deleted: an answer always, edits
//! that hold the cursor, and nothing doubled. Bounded; `APTERYX_WALK=all` walks every byte of the whole corpus.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

use apteryx_lsp::features::completion::{Candidate, completion};
use apteryx_lsp::features::definition::definition;
use apteryx_lsp::features::hover::hover;
use apteryx_lsp::snapshot::Snapshot;
use apteryx_schema::{Edit, fix, syntax};

const EXAMPLE: &str = include_str!("../../examples/debian-minimal/config.xml");

fn all() -> bool {
    std::env::var_os("APTERYX_WALK").is_some_and(|w| w == "all")
}

/// Descriptions to walk: the example, and some (or all) of the corpus.
fn texts() -> Vec<(String, String)> {
    let mut out = vec![("example".to_owned(), EXAMPLE.to_owned())];
    let shared = std::env::var_os("APTERYX_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(shared.join("corpus")) else {
        eprintln!(
            "SKIPPED: no corpus at {}, only the example is walked",
            shared.display()
        );
        return out;
    };
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "kiwi" || e == "xml"));
    paths.sort();
    let step = if all() { 1 } else { paths.len().div_ceil(4).max(1) };
    for path in paths.iter().step_by(step) {
        if let Ok(text) = std::fs::read_to_string(path) {
            out.push((path.display().to_string(), text));
        }
    }
    out
}

/// Bytes to stop at: all of them, or about `most`, spread so that every kind of place is met.
fn stops(text: &str, most: usize) -> Vec<usize> {
    let step = if all() { 1 } else { (text.len() / most).max(1) };
    let stops = (0..=text.len()).step_by(step);
    stops.filter(|&at| text.is_char_boundary(at)).collect()
}

/// Asks everything at the cursor. Gives the candidates.
fn ask(text: &str, at: usize, what: &str) -> Vec<Candidate> {
    let snapshot = Snapshot::of_text(text);
    let at = at as u32;
    hover(&snapshot, at);
    definition(&snapshot, at);
    let found = completion(&snapshot, at);
    for one in &found {
        let (start, end) = (one.replace.start, one.replace.end);
        assert!(start <= at && at <= end, "{what} at {at}: {one:?}");
        let there = text.get(start as usize..end as usize);
        assert!(
            there.is_some_and(|t| !t.contains('\n')),
            "{what} at {at}: {one:?}"
        );
    }
    found
}

#[test]
fn a_candidate_leaves_a_sound_text_sound() {
    for (name, text) in texts() {
        if !syntax::parse(&text).errors().is_empty() {
            continue;
        }
        for at in stops(&text, 500) {
            let found = ask(&text, at, &name);
            let some = [found.first(), found.get(found.len() / 2), found.last()];
            for one in some.into_iter().flatten() {
                let edit = Edit {
                    span: one.replace,
                    new_text: one.plain.clone().into(),
                };
                let new = fix::apply(&text, &[edit]);
                let mut faults = syntax::parse(&new).errors().to_vec();
                // A name of another element, at its start tag or its end tag, needs its twin changed too.
                let renames = one.plain.starts_with('<') && !one.plain.ends_with('>');
                faults.retain(|f| !renames || f.code == "duplicate-attribute");
                let near: String = new
                    .chars()
                    .skip(text[..at].chars().count().saturating_sub(40))
                    .take(100)
                    .collect();
                assert!(faults.is_empty(), "{name} at {at}: {one:?}\n{near}\n{faults:?}");
            }
        }
    }
}

#[test]
fn a_text_cut_off_or_with_a_letter_less_is_answered_at_every_byte() {
    for (name, text) in texts() {
        for at in stops(&text, 300) {
            let head = text.get(..at).unwrap_or("");
            ask(head, at, &format!("{name}, cut"));
            let Some(next) = text.get(at..).and_then(|t| t.chars().next()) else {
                continue;
            };
            let rest = text.get(at + next.len_utf8()..).unwrap_or("");
            let less = format!("{head}{rest}");
            for cursor in [at, at.saturating_sub(1), (at + 1).min(less.len())] {
                if less.is_char_boundary(cursor) {
                    ask(&less, cursor, &format!("{name}, {next:?} deleted at {at}"));
                }
            }
        }
    }
}
