//! Migration: the edits of the text say what the migration in memory does, and a second time there is nothing to do.
#![no_main]

mod bound;

use libfuzzer_sys::fuzz_target;
use apteryx_schema::{fix, migrate, syntax};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    bound::bounded("migrate", bytes, 2 << 20, || {
        let tree = syntax::parse(text);
        let edits = migrate::edits(&tree, None);
        let mut moved = syntax::parse(text);
        assert_eq!(migrate::migrate(&mut moved, None).is_ok(), edits.is_ok());
        let Ok(edits) = edits else { return };
        assert!(edits.windows(2).all(|w| w[0].span.end <= w[1].span.start), "{edits:?}");
        if tree.errors().is_empty() {
            let written = syntax::parse(&fix::apply(tree.text(), &edits));
            assert!(written.errors().is_empty(), "{:?}", written.errors());
            if let Ok(again) = migrate::edits(&written, None) {
                assert!(again.is_empty(), "{again:?}");
            }
        }
    });
});
