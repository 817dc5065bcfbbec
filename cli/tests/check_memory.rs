//! How much memory `apteryx check` takes for large texts full of faults: at most 30 times their size beyond what
//! the program takes for a small text (50 are promised). The only test of
//! its program, because the system counts the largest of all children.

#[path = "../../schema/tests/dense/mod.rs"]
mod dense;
mod user;

use std::fs;

use nix::sys::resource::{UsageWho, getrusage};

/// The largest resident size that any child has had, in bytes.
fn peak() -> usize {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as usize * 1024
}

#[test]
fn a_megabyte_of_faults_takes_at_most_thirty_times_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut texts: Vec<(&str, String)> = Vec::new();
    for (kind, name) in (0..).zip(dense::KINDS) {
        let line = dense::document(20_000, 20_000, kind).len() / 20_000;
        let lines = 1_000_000 / line.max(1) + 20;
        texts.push((name, dense::document(lines, lines, kind)));
    }
    for (kind, name) in (0..).zip(dense::SHAPES) {
        texts.push((name, dense::shape(kind, 1_000_000)));
    }
    // What the program takes for a small text is no part of it.
    fs::write(dir.path().join("a.kiwi"), user::SOUND).unwrap();
    user::apteryx(dir.path(), &["check", "a.kiwi"], b"");
    let own = peak();
    let mut before = own;
    let mut wrong = Vec::new();
    for (name, text) in texts {
        fs::write(dir.path().join("a.kiwi"), &text).unwrap();
        for format in ["human", "json"] {
            let ran = user::apteryx(dir.path(), &["check", "--format", format, "a.kiwi"], b"");
            assert_eq!(ran.code, 1, "{name}: {}", ran.err);
            let peak = peak();
            // Below the largest so far a child's own figure is not to be had, nor needed: all texts are of one size.
            if peak > before && peak > 30 * text.len() + own {
                wrong.push(format!(
                    "{name}, {format}: {} bytes of text took {peak}",
                    text.len()
                ));
            }
            before = before.max(peak);
        }
    }
    eprintln!("{own} bytes for a small text, at most {before} for 1 MB");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
