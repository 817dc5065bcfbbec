//! Time and faults of large broken texts: no shape of one costs more than in proportion to its size.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::recovery_tests::assert_whole;
use super::*;

/// Without optimisation; in proportion it is a tenth of that. What grows with the square of the
/// size takes minutes.
const LONG: Duration = Duration::from_secs(8);
const SIZE: usize = 1 << 20;

fn repeat(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

/// The pieces for 0, 1, 2, ...
fn count(piece: impl Fn(usize) -> String, size: usize) -> String {
    let mut out = String::new();
    for n in 0.. {
        if out.len() >= size {
            break;
        }
        out.push_str(&piece(n));
    }
    out
}

/// The time that this thread has had of a processor: what else the machine does is no part of it.
fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

fn in_time(name: &str, text: &str) -> Tree {
    let start = used();
    let tree = parse(text);
    for id in tree.all() {
        for attr in tree.attrs(id) {
            let _ = tree.value(attr);
        }
        if tree.node(id).kind == NodeKind::Text {
            let _ = tree.text_value(id);
        }
    }
    let took = used() - start;
    assert!(took < LONG, "{name}: {took:?} for {} bytes", text.len());
    tree
}

#[test]
fn a_million_levels_do_not_matter() {
    let text = "<a>".repeat(1_000_000);
    let tree = parse(&text);
    assert_whole(&tree);
    assert_eq!(tree.errors().len(), 2);
}

#[test]
fn end_tags_that_match_nothing_are_quick() {
    let half = SIZE / 2;
    let open = |n: usize| format!("<a{n}>");
    let cases = [
        ("one name", "<a>".repeat(half / 3) + &"</b>".repeat(half / 4)),
        (
            "many names",
            count(open, half) + &count(|n| format!("</b{n}>"), half),
        ),
        ("in turn", repeat("<a></b>")),
        ("in turn, many names", count(|n| format!("<a{n}></b{n}>"), SIZE)),
        (
            "the outer ones",
            count(open, half) + &count(|n| format!("</a{n}>"), half),
        ),
        ("broken", "<a ".repeat(half / 3) + &"</b>".repeat(half / 4)),
        (
            "broken, the last of them",
            "<a ".repeat(half / 3) + &"</a>".repeat(half / 4),
        ),
        (
            "broken, many names",
            count(|n| format!("<a{n} "), half) + &count(|n| format!("</a{n}>"), half),
        ),
    ];
    for (name, text) in cases {
        let tree = in_time(name, &format!("<r>{text}</r>"));
        assert!(!tree.errors().is_empty(), "{name}");
    }
}

#[test]
fn white_space_before_the_end_of_many_is_looked_at_once() {
    let text = format!("<r>{}{}</r>", "<a>".repeat(SIZE / 6), " ".repeat(SIZE / 2));
    assert!(!in_time("blank", &text).errors().is_empty());
}

#[test]
fn namespaces_without_number_are_quick() {
    let half = SIZE / 2;
    let declared = count(|n| format!("xmlns:a{n}='b{n}' "), half);
    let used = count(|n| format!("<a{n}:x/>"), half / 3);
    assert_eq!(in_time("used", &format!("<r {declared}>{used}</r>")).errors(), []);
    let strange = count(|n| format!("<q{n}:x/>"), half);
    assert!(
        !in_time("strange", &format!("<r {declared}>{strange}</r>"))
            .errors()
            .is_empty()
    );
}

#[test]
fn references_cannot_become_endless() {
    let laugh: String = (0..9)
        .map(|n| format!("<!ENTITY l{} \"{}\">", n + 1, format!("&l{n};").repeat(10)))
        .collect();
    let laugh = format!("<!DOCTYPE a [<!ENTITY l0 \"lol\">{laugh}]>");
    for (name, body) in [
        ("beyond 1 MB", format!("<a>{}</a>", repeat("&l9;"))),
        ("in content", format!("<a>{}</a>", repeat("&l4;"))),
        ("in one value", format!("<a b='{}'/>", repeat("&l4;"))),
        ("in values", format!("<a>{}</a>", repeat("<b c='&l4;'/>"))),
    ] {
        let tree = in_time(name, &format!("{laugh}{body}"));
        assert_eq!(
            tree.errors().first().map(|e| e.code),
            Some("entity-expansion"),
            "{name}"
        );
        let texts = tree.all().filter(|&id| tree.node(id).kind == NodeKind::Text);
        let value: usize = texts.map(|id| tree.text_value(id).len()).sum();
        assert!(value < 16 * SIZE, "{name}: {value}");
    }
    // What a text of this size may hold is expanded.
    let tree = parse("<!DOCTYPE a [<!ENTITY e 'x&#38;amp;'>]><a b='&e;&e;'>&e;</a>");
    assert_eq!(tree.errors(), []);
    assert_eq!(tree.element_text(tree.root().unwrap()), "x&");
}

#[test]
fn a_declaration_of_sections_without_end_is_quick() {
    let text = format!("<!DOCTYPE a [{}]><a/>", repeat("<![ x >"));
    assert!(!in_time("sections", &text).errors().is_empty());
}

#[test]
fn text_full_of_one_character_is_quick() {
    for piece in [
        "&",
        "&lt",
        "&#1",
        "<",
        "< ",
        "</",
        "<!",
        "<?",
        "]]>",
        "]",
        "<!--",
        "<!-- -- ",
        "<a b=\"",
        "&x;",
        "<!DOCTYPE a>",
    ] {
        in_time(piece, &format!("<r>{}</r>", repeat(piece)));
        in_time(piece, &format!("<r a='{}'/>", repeat(piece)));
        in_time(piece, &format!("<r {}/>", repeat(piece)));
    }
}
