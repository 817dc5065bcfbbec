//! Findings in files that are not judged by themselves: includes, scripts, `.apteryx.toml`. Several open descriptions may
//! have some for one file; it shows those of all, and loses only those of the one that goes.

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::runtime::Handle;
use tower_lsp::Client;
use tower_lsp::lsp_types as lsp;

/// Who found something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The judgement of an open description.
    Text(lsp::Url),
    /// The last job of a description.
    Job(lsp::Url),
}

/// By file, who has found what.
#[derive(Debug, Default)]
pub struct Shares(FxHashMap<lsp::Url, Vec<(Owner, Vec<lsp::Diagnostic>)>>);

impl Shares {
    /// Puts what the owner finds in the file in place of what it found before, and publishes. Waits for the client.
    pub fn give(
        &mut self,
        (client, runtime): (&Client, &Handle),
        file: &lsp::Url,
        owner: &Owner,
        found: Vec<lsp::Diagnostic>,
    ) {
        let all = self.put(file, owner, found);
        runtime.block_on(client.publish_diagnostics(file.clone(), all, None));
    }

    fn put(&mut self, file: &lsp::Url, owner: &Owner, found: Vec<lsp::Diagnostic>) -> Vec<lsp::Diagnostic> {
        let mine = self.0.entry(file.clone()).or_default();
        mine.retain(|(other, _)| other != owner);
        if !found.is_empty() {
            mine.push((owner.clone(), found));
        }
        let all = match mine.as_slice() {
            [] => Vec::new(),
            [(_, one)] => one.clone(),
            more => {
                let mut seen = FxHashSet::default();
                let each = more.iter().flat_map(|(_, found)| found);
                let new = each.filter(|d| {
                    let (start, end) = (d.range.start, d.range.end);
                    seen.insert((start.line, start.character, end.line, end.character, &d.message))
                });
                new.cloned().collect()
            }
        };
        if mine.is_empty() {
            self.0.remove(file);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_shows_what_all_have_found_once_and_loses_only_the_share_of_one() {
        let url = |name: &str| lsp::Url::parse(&format!("file:///{name}")).unwrap();
        let found = |line: u32| {
            let at = lsp::Position::new(line, 0);
            lsp::Diagnostic::new_simple(lsp::Range::new(at, at), "m".to_owned())
        };
        let lines = |all: Vec<lsp::Diagnostic>| all.iter().map(|d| d.range.start.line).collect::<Vec<_>>();
        let (file, mut shares) = (url("part"), Shares::default());
        let (a, b) = (Owner::Text(url("a")), Owner::Job(url("a")));
        assert_eq!(lines(shares.put(&file, &a, vec![found(1)])), [1]);
        assert_eq!(lines(shares.put(&file, &b, vec![found(1), found(2)])), [1, 2]);
        assert_eq!(lines(shares.put(&file, &a, Vec::new())), [1, 2]);
        assert!(shares.put(&file, &b, Vec::new()).is_empty());
        assert!(shares.0.is_empty());
    }
}
