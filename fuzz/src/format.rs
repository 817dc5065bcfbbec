//! The layout: changes white space only, and a second time nothing.
#![no_main]

mod bound;

use libfuzzer_sys::fuzz_target;
use apteryx_schema::grammar::Grammar;
use apteryx_schema::{fmt, syntax};

fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Loaded once, not for this input.
    Grammar::kiwi();
    let tree = syntax::parse(text);
    let done = bound::bounded("format", bytes, 1 << 20, || fmt::format(&tree, fmt::Options::default()));
    let Ok(done) = done else { return };
    assert_eq!(solid(&done), solid(tree.text()));
    let again = syntax::parse(&done);
    assert!(again.errors().is_empty(), "{:?}", again.errors());
    assert_eq!(fmt::format(&again, fmt::Options::default()).ok().as_ref(), Some(&done));
    let sorted = fmt::Options { sort_packages: true };
    let sorted = fmt::format(&tree, sorted).map(|s| syntax::parse(&s));
    assert!(sorted.is_ok_and(|s| s.errors().is_empty()));
});
