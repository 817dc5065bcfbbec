//! The grammar loader: text of a schema, then after a zero byte each the texts it includes as `1`, `2`, ..., the last
//! of them also a document to judge by it.
#![no_main]

mod bound;

use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};

use apteryx_schema::grammar::{Resolver, load_str};
use apteryx_schema::{syntax, validate};

struct Parts<'a>(Vec<&'a str>);

impl Resolver for Parts<'_> {
    fn resolve(&self, _: &Path, href: &str) -> Result<(PathBuf, String), String> {
        let part = href.parse().ok().and_then(|n: usize| self.0.get(n));
        let text = part.ok_or_else(|| "there is none".to_string())?;
        Ok((PathBuf::from(href), (*text).to_string()))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parts = Parts(text.split('\0').collect());
    bound::bounded("grammar", bytes, 1 << 20, || {
        let first = parts.0.first().copied().unwrap_or("");
        match load_str(first, &parts) {
            Ok(grammar) => {
                let tree = syntax::parse(parts.0.last().copied().unwrap_or(""));
                for found in validate::validate(&grammar, &tree) {
                    assert!(tree.text().get(found.span.start as usize..found.span.end as usize).is_some());
                }
            }
            Err(error) => assert!(!error.reason.is_empty()),
        }
    });
});
