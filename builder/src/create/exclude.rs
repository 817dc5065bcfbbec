//! What a tree's `/image/exclude_files.yaml` keeps out of every image: paths from the tree's root, with `*` and `?`
//! within a name. Takes them away from the tree it is given, an overlay of the prepared one.
//!
//! Of YAML it reads what such a list needs: `exclude:` and a sequence of plain or quoted words.

use std::path::{Path, PathBuf};

use crate::error::{BuildError, IoContext};
use crate::sandbox::{Root, relative};

/// Where scripts and overlays leave the list.
const LIST: &str = "/image/exclude_files.yaml";

/// Takes away what the list names.
pub fn apply(root: &mut Root) -> Result<(), BuildError> {
    let tree = root.path().to_owned();
    let text = root.text(LIST).at("cannot read", tree.join(&LIST[1..]))?;
    for pattern in text.as_deref().map(patterns).unwrap_or_default() {
        // The tree itself is no file of it.
        let Some(pattern) = relative(Path::new(&pattern)).filter(|path| !path.as_os_str().is_empty()) else {
            continue;
        };
        for path in found(root, &pattern) {
            root.remove_all(&path).at("cannot remove", tree.join(&path))?;
        }
    }
    Ok(())
}

/// The words of the sequence `exclude`.
fn patterns(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut within = false;
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let word = |word: &str| {
            let word = word.trim().trim_matches(['"', '\'']).trim_start_matches('/');
            (!word.is_empty()).then(|| word.to_owned())
        };
        if let Some(rest) = line.strip_prefix("exclude:") {
            within = true;
            let row = rest
                .trim()
                .strip_prefix('[')
                .and_then(|row| row.strip_suffix(']'));
            out.extend(row.unwrap_or("").split(',').filter_map(word));
        } else if let Some(item) = line.strip_prefix('-').filter(|_| within) {
            out.extend(word(item));
        } else if !line.is_empty() && !line.starts_with(['#', '-']) {
            within = false;
        }
    }
    out
}

/// The paths of the tree that a pattern stands for; no link is followed.
fn found(root: &mut Root, pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for part in pattern.components() {
        let part = part.as_os_str().to_string_lossy();
        let mut next = Vec::new();
        for path in paths {
            if !part.contains(['*', '?']) {
                next.push(path.join(&*part));
                continue;
            }
            let names = root.names(Path::new("/").join(&path)).unwrap_or_default();
            let fitting = names
                .into_iter()
                .filter(|name| fits(part.as_bytes(), name.to_string_lossy().as_bytes()));
            next.extend(fitting.map(|name| path.join(name)));
        }
        paths = next;
    }
    paths.retain(|path| root.stat(path).is_ok());
    paths
}

/// True where `*` stands for any letters of the name and `?` for one. Only the last `*` is tried anew, so that no
/// pattern takes more than the product of both lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star = None;
    while let Some(letter) = name.get(seen) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == letter => (at, seen) = (at + 1, seen + 1),
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (at, seen) = (after, from + 1);
            }
        }
    }
    pattern
        .get(at..)
        .is_none_or(|rest| rest.iter().all(|letter| *letter == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_in_the_forms_that_people_write() {
        let text =
            "# ours\nother:\n  - no\nexclude:\n  - usr/lib/getconf\n- \"/var/*\"   # all\nmore: 1\n- no\n";
        assert_eq!(patterns(text), ["usr/lib/getconf", "var/*"]);
        assert_eq!(patterns("exclude: [a, 'b/c']\n"), ["a", "b/c"]);
        assert_eq!(patterns("exclude:\n"), Vec::<String>::new());
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, fit) in [
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?.so", ".so", false),
            ("*.so", "a.so.so", true),
            ("a", "ab", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), fit, "{pattern} {name}");
        }
    }

    #[test]
    fn what_it_names_is_taken_away_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a directory");
        let outside = dir.path().join("outside");
        std::fs::create_dir(&outside).expect("it is made");
        std::fs::write(outside.join("kept"), "").expect("it is written");
        let tree = dir.path().join("tree");
        std::fs::create_dir(&tree).expect("it is made");
        let mut root = Root::open(&tree).expect("it opens");
        for name in ["usr/lib/a.so", "usr/lib/b.so", "usr/share/doc/x/y", "var/z"] {
            root.make_dirs(Path::new(name).parent().expect("a folder"))
                .expect("it is made");
            root.write(name, b"", 0o644).expect("it is written");
        }
        root.symlink(&outside, "link").expect("it is made");
        root.make_dirs(Path::new("image")).expect("it is made");
        let list = "exclude:\n- usr/lib/?.so\n- usr/share/doc\n- ../outside\n- link/kept\n- gone\n- /\n";
        root.write(LIST, list.as_bytes(), 0o644).expect("it is written");
        apply(&mut root).expect("they are removed");
        let there = |name: &str| tree.join(name).symlink_metadata().is_ok();
        assert!(!there("usr/lib/a.so") && !there("usr/lib/b.so") && !there("usr/share/doc"));
        assert!(there("usr/lib") && there("usr/share") && there("var/z") && there("link"));
        assert!(outside.join("kept").exists());
    }
}
