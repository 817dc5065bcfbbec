//! Words that stand for a file or a page: includes, archives and files beside the description, scripts by their names, and the addresses of
//! repositories. Only what is there is linked: a dead link helps nobody.

use std::path::{Path, PathBuf};

use apteryx_schema::Span;
use apteryx_schema::description::load::include_path;

use crate::snapshot::Derived;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file.
    File(PathBuf),
    /// A page, as written.
    Page(String),
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The bytes that are clicked.
    pub span: Span,
    /// Where it leads.
    pub target: Target,
}

/// The links of a text that lies at `path` (none where it lies nowhere).
pub fn links(derived: &Derived, path: Option<&Path>) -> Vec<Link> {
    let tree = &derived.tree;
    let folder = path.and_then(Path::parent);
    let mut out = Vec::new();
    for id in tree.all() {
        let attribute = match tree.local(id) {
            "include" => "from",
            "archive" | "file" => "name",
            "source" => "path",
            _ => continue,
        };
        let Some(attr) = tree.attr(id, attribute) else {
            continue;
        };
        let value = tree.value(attr);
        let value = value.trim();
        let file = |folder: &Path| match attribute {
            "from" => include_path(value, folder),
            "name" => Some(folder.join(value)),
            _ => value.strip_prefix("file://").map(PathBuf::from),
        };
        let page = attribute == "path" && (value.starts_with("https://") || value.starts_with("http://"));
        let target = match folder.and_then(file).filter(|f| !value.is_empty() && f.exists()) {
            Some(file) => Target::File(file),
            None if page => Target::Page(value.to_owned()),
            None => continue,
        };
        let span = attr.value_span;
        out.push(Link { span, target });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;

    #[test]
    fn what_is_there_is_linked_and_what_is_not_is_no_link() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["part.xml", "tools.tar"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let text = "<image><include from=\"this://part.xml\"/><include from=\"this://none.xml\"/><packages><archive name=\"tools.tar\"/><archive name=\"\"/></packages><repository><source path=\"https://ftp.debian.org/debian\"/></repository><repository><source path=\"obs://a\"/></repository></image>";
        let snapshot = Snapshot::of_text(text);
        let path = folder.path().join("config.xml");
        let found = links(snapshot.derived(), Some(&path));
        let words: Vec<_> = found.iter().map(|l| l.span.of(text)).collect();
        assert_eq!(
            words,
            ["this://part.xml", "tools.tar", "https://ftp.debian.org/debian"]
        );
        let target = Target::File(folder.path().join("part.xml"));
        assert_eq!(found.first().map(|l| &l.target), Some(&target));
        let nowhere = links(snapshot.derived(), None);
        assert_eq!(nowhere.len(), 1, "only the page");
    }
}
