//! The validator with repair, on KIWI's grammar: fixes are edits that can be applied, and mending never adds faults
//! of the mark-up.
#![no_main]

mod bound;

use libfuzzer_sys::fuzz_target;
use apteryx_schema::grammar::Grammar;
use apteryx_schema::syntax::NodeKind;
use apteryx_schema::{fix, syntax, validate};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let grammar = Grammar::kiwi();
    // What is learnt of the grammar is kept from input to input, within bounds: the constant is the doubling of those tables.
    let (tree, found) = bound::bounded("validate", bytes, 24 << 20, || {
        let tree = syntax::parse(text);
        let found = validate::validate(grammar, &tree);
        (tree, found)
    });
    let text = tree.text();
    for d in &found {
        assert!(text.get(d.span.start as usize..d.span.end as usize).is_some(), "{d:?}");
        for f in &d.fixes {
            assert!(f.edits.windows(2).all(|w| w[0].span.end <= w[1].span.start), "{f:?}");
            for e in &f.edits {
                assert!(text.get(e.span.start as usize..e.span.end as usize).is_some(), "{f:?}");
            }
            if tree.errors().is_empty() && f.safe {
                let mended = syntax::parse(&fix::apply(text, &f.edits));
                assert!(mended.errors().is_empty(), "{f:?} {:?}", mended.errors());
            }
        }
    }
    for id in tree.all().filter(|&i| tree.node(i).kind == NodeKind::Element).take(4) {
        validate::expected(grammar, &tree, id, tree.node(id).open.end);
        validate::expected_attributes(grammar, &tree, id);
        validate::expected_text(grammar, &tree, id);
    }
});
