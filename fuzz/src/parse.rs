//! The parser (XML, YAML, TOML, JSON): never fails, every span lies in the text, elements nest.
#![no_main]

mod bound;

use libfuzzer_sys::fuzz_target;
use std::path::Path;

use apteryx_schema::format;
use apteryx_schema::syntax::Tree;

fn sound(tree: &Tree) {
    let text = tree.text();
    for id in tree.all() {
        let node = tree.node(id);
        for span in [node.span, node.open, node.close, node.name_span, node.close_name()] {
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{node:?}");
        }
        if let Some(parent) = tree.parent(id) {
            assert!(parent < id, "{node:?}");
        }
        for attr in tree.attrs(id) {
            for span in [attr.span, attr.name_span, attr.value_span] {
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{attr:?}");
            }
            let _ = tree.value(attr);
        }
        let _ = tree.text_value(id);
    }
    for error in tree.errors() {
        assert!(text.get(error.span.start as usize..error.span.end as usize).is_some(), "{error:?}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    for name in ["config.xml", "config.yaml", "config.toml", "config.json"] {
        let tree = bound::bounded(name, bytes, 1 << 20, || format::parse(Path::new(name), bytes));
        sound(&tree);
    }
});
