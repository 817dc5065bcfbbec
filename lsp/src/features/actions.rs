//! Code actions: the repairs of a finding, all safe ones at once, the allowance, and the upgrade of an old description. All
//! are edits of the one text, but the upgrade, which rewrites what the description includes too; they are there as well
//! while the text is broken elsewhere.

use std::path::PathBuf;
use std::sync::Arc;

use apteryx_schema::diagnostic::FileId;
use apteryx_schema::syntax::NodeId;
use apteryx_schema::{Diagnostic, Edit, Severity, Source, Span, check, fix, migrate};

use crate::snapshot::Derived;

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind<'d> {
    /// It mends, or allows, this finding. True where it is certain to be meant.
    Mend(&'d Diagnostic, bool),
    /// It rewrites the text by the newest schema.
    Upgrade,
    /// It mends all that can be mended with certainty.
    MendAll,
}

/// One action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action<'d> {
    /// Imperative.
    pub title: String,
    /// What it is for.
    pub kind: Kind<'d>,
    /// What it writes.
    pub edits: Vec<Edit>,
    /// What it writes in other files, with their texts.
    pub beside: Vec<Beside>,
}

/// Edits of another file, with its text.
pub type Beside = (PathBuf, Arc<str>, Vec<Edit>);

/// The actions at a place, the likeliest first; `found` are the findings of the text.
pub fn actions<'d>(derived: &Derived, found: &'d [Diagnostic], at: Span) -> Vec<Action<'d>> {
    let here =
        |d: &&Diagnostic| d.file == Default::default() && d.span.start <= at.end && at.start <= d.span.end;
    let mut out = Vec::new();
    for one in found.iter().filter(here) {
        out.extend(one.fixes.iter().map(|fix| Action {
            title: fix.title.to_string(),
            kind: Kind::Mend(one, fix.safe),
            edits: fix.edits.clone(),
            beside: Vec::new(),
        }));
    }
    let mut told = Vec::new();
    for one in found.iter().filter(here).filter(|d| may_allow(d)) {
        let file = (!told.contains(&one.code))
            .then(|| allow_file(derived, one))
            .flatten();
        told.push(one.code);
        let both = [("here", allow_here(derived, one)), ("in this file", file)];
        out.extend(both.into_iter().filter_map(|(place, edit)| {
            Some(Action {
                title: format!("allow `{}` {place}", one.code),
                kind: Kind::Mend(one, false),
                edits: vec![edit?],
                beside: Vec::new(),
            })
        }));
    }
    out.extend(upgrade(derived, at));
    let all = fix::first(found, FileId::default(), false);
    out.extend((!all.is_empty()).then_some(Action {
        title: "apply all safe fixes".to_owned(),
        kind: Kind::MendAll,
        edits: all,
        beside: Vec::new(),
    }));
    out
}

/// What the grammar refuses is never allowed, and an allowance that allows nothing is no remedy for itself.
fn may_allow(found: &Diagnostic) -> bool {
    let refused = matches!(found.source, Source::Xml | Source::Schema) && found.severity == Severity::Error;
    !refused && found.code != check::UNUSED
}

/// The comment that allows a code in the whole file, before all else that may stand there.
fn allow_file(derived: &Derived, found: &Diagnostic) -> Option<Edit> {
    let tree = &derived.tree;
    let root = tree.root()?;
    let end = if derived.text.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let words = format!("apteryx: allow-file {}: reason", found.code);
    let (at, comment) = match tree.is_xml() {
        true => (tree.node(root).span.start, format!("<!-- {words} -->{end}")),
        // JSON has no comments.
        false if derived.text.trim_start().starts_with('{') => return None,
        false => (0, format!("# {words}{end}")),
    };
    Some(Edit {
        span: Span::empty(at),
        new_text: comment.into(),
    })
}

/// The comment that allows a finding, before the element that it is about; none where that is the root.
fn allow_here(derived: &Derived, found: &Diagnostic) -> Option<Edit> {
    let tree = &derived.tree;
    let root = tree.root()?;
    if !tree.is_xml() {
        return line_before(&derived.text, found);
    }
    let holds = |id: NodeId| {
        let span = tree.node(id).span;
        span.start <= found.span.start && found.span.end <= span.end
    };
    let mut element = root;
    while let Some(child) = tree.elements(element).find(|&c| holds(c)) {
        element = child;
    }
    if element == root {
        return None;
    }
    let start = tree.node(element).span.start;
    let head = derived.text.get(..start as usize)?;
    let line = head.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let indent = head.get(line..)?;
    let next = if indent.trim().is_empty() {
        format!("\n{indent}")
    } else {
        String::new()
    };
    Some(Edit {
        span: Span::empty(start),
        new_text: format!("<!-- apteryx: allow {}: reason -->{next}", found.code).into(),
    })
}

/// The same in YAML and TOML: a line of its own before the one where the finding begins. JSON has no comments.
fn line_before(text: &str, found: &Diagnostic) -> Option<Edit> {
    if text.trim_start().starts_with('{') {
        return None;
    }
    let head = text.get(..found.span.start as usize)?;
    let start = head.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?;
    let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some(Edit {
        span: Span::empty(start as u32),
        new_text: format!("{indent}# apteryx: allow {}: reason{end}", found.code).into(),
    })
}

/// At the root's tag of a description of an older schema.
fn upgrade<'d>(derived: &Derived, at: Span) -> Option<Action<'d>> {
    let tree = &derived.tree;
    let root = tree.root().filter(|&r| tree.local(r) == "image")?;
    let tag = tree.node(root).open;
    if !tree.errors().is_empty() || tag.start > at.end || at.start > tag.end {
        return None;
    }
    let (edits, beside) = upgraded(derived).ok()?;
    (!edits.is_empty() || !beside.is_empty()).then(|| Action {
        title: format!("upgrade to {}", migrate::CURRENT),
        kind: Kind::Upgrade,
        edits,
        beside,
    })
}

/// What brings a description and all that it includes to the newest schema, or why that cannot be.
pub fn upgraded(derived: &Derived) -> Result<(Vec<Edit>, Vec<Beside>), Diagnostic> {
    let edits = migrate::edits(&derived.tree, None)?;
    let beside = match derived.includes() {
        true => migrate::fragments(derived.model())?,
        false => Vec::new(),
    };
    let beside = beside.into_iter();
    let beside = beside.map(|one| (one.path.to_owned(), one.text.clone(), one.edits));
    Ok((edits, beside.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;

    /// Titles of the actions at `$0`, and the text after the one of that title.
    fn check(marked: &str, title: &str) -> (Vec<String>, String) {
        let (snapshot, at) = crate::features::at_cursor(marked);
        let derived = snapshot.derived();
        let found = derived.judged();
        let all = actions(derived, found, Span::empty(at));
        let mut text = derived.text.to_string();
        for action in all.iter().filter(|a| a.title == title) {
            let mut edits = action.edits.clone();
            edits.sort_by_key(|e| std::cmp::Reverse(e.span));
            for edit in edits {
                text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.new_text);
            }
        }
        (all.into_iter().map(|a| a.title).collect(), text)
    }

    fn description(preferences: &str, packages: &str) -> String {
        format!(
            "<image schemaversion=\"8.5\" name=\"a\">\n  <description type=\"system\"><author>A</author>\
             <contact>a@example.org</contact><specification>s</specification></description>\n  <preferences>\
             <version>1.0.0</version><packagemanager>apt</packagemanager>{preferences}</preferences>\n  \
             <packages type=\"image\">\n    {packages}\n  </packages>\n</image>\n"
        )
    }

    #[test]
    fn an_allowance_stands_before_the_element_and_silences_the_finding() {
        let twice = "<package name=\"bash\"/>\n    <package name=\"ba$0sh\"/>";
        let marked = description("<type image=\"tbz\"/>", twice);
        let (titles, text) = check(&marked, "allow `duplicate-package` here");
        assert!(titles.len() >= 2, "a repair comes first: {titles:?}");
        let allow: Vec<_> = titles.iter().filter(|t| t.starts_with("allow")).collect();
        assert_eq!(
            allow,
            [
                "allow `duplicate-package` here",
                "allow `duplicate-package` in this file"
            ]
        );
        let (_, whole) = check(&marked, "allow `duplicate-package` in this file");
        assert!(
            whole.starts_with("<!-- apteryx: allow-file duplicate-package: reason -->\n<image "),
            "{whole}"
        );
        let judged = Snapshot::of_text(&whole);
        assert!(
            judged
                .derived()
                .judged()
                .iter()
                .all(|d| d.code != "duplicate-package")
        );
        let wanted = "    <!-- apteryx: allow duplicate-package: reason -->\n    <package name=\"bash\"/>\n  </packages>";
        assert!(text.contains(wanted), "{text}");
        let judged = Snapshot::of_text(&text);
        let codes: Vec<_> = judged.derived().judged().iter().map(|d| d.code).collect();
        assert!(
            !codes.contains(&"duplicate-package") && !codes.contains(&"unused-allowance"),
            "{codes:?}"
        );
    }

    #[test]
    fn an_allowance_in_other_mark_ups_is_a_line_before() {
        let yaml = "image:\n  \"@schemaversion\": \"8.5\"\n  \"@name\": a\n  description:\n    \"@type\": system\n    \
                    author: A\n    contact: a@example.org\n    specification: s\n  preferences:\n    version: 1.0.0\n    \
                    packagemanager: apt\n    type:\n      \"@image\": tbz\n  packages:\n    - \"@type\": image\n      \
                    package:\n        - \"@name\": bash\n        - \"@name\": bash\n";
        let toml = "[image]\n\"@schemaversion\" = \"8.5\"\n\"@name\" = \"a\"\n[image.description]\n\"@type\" = \"system\"\n\
                    author = \"A\"\ncontact = \"a@example.org\"\nspecification = \"s\"\n[image.preferences]\nversion = \"1.0.0\"\n\
                    packagemanager = \"apt\"\n[image.preferences.type]\n\"@image\" = \"tbz\"\n[[image.packages]]\n\"@type\" = \"image\"\n\
                    [[image.packages.package]]\n\"@name\" = \"bash\"\n[[image.packages.package]]\n\"@name\" = \"bash\"\n";
        for (path, text, line) in [
            (
                "config.yaml",
                yaml,
                "        # apteryx: allow duplicate-package: reason\n        - \"@name\": bash\n",
            ),
            (
                "config.toml",
                toml,
                "# apteryx: allow duplicate-package: reason\n\"@name\" = \"bash\"\n",
            ),
        ] {
            let open = |text: &str| {
                let path = std::path::Path::new(path).into();
                Snapshot::new(
                    path,
                    0,
                    ropey::Rope::from_str(text),
                    Default::default(),
                    Default::default(),
                )
            };
            let codes =
                |text: &str| -> Vec<&str> { open(text).derived().judged().iter().map(|d| d.code).collect() };
            assert!(codes(text).contains(&"duplicate-package"), "{path}");
            let snapshot = open(text);
            let derived = snapshot.derived();
            let found = derived.judged();
            let one = found.iter().find(|d| d.code == "duplicate-package").unwrap();
            let all = actions(derived, found, one.span);
            let file = all.iter().find(|a| a.title.ends_with("in this file")).unwrap();
            let whole = fix::apply(text, &file.edits);
            assert!(
                whole.starts_with("# apteryx: allow-file duplicate-package: reason\n"),
                "{whole}"
            );
            assert!(!codes(&whole).contains(&"duplicate-package"), "{path}");
            let edit = &all.iter().find(|a| a.title.starts_with("allow")).unwrap().edits[0];
            let mut allowed = text.to_owned();
            allowed.insert_str(edit.span.start as usize, &edit.new_text);
            assert!(allowed.contains(line), "{allowed}");
            let left = codes(&allowed);
            assert!(
                !left.contains(&"duplicate-package") && !left.contains(&"unused-allowance"),
                "{left:?}"
            );
        }
    }

    #[test]
    fn a_repair_is_offered_while_the_text_is_broken_elsewhere() {
        let marked = description(
            "<type imag$0e=\"tbz\" imagee=\"x\"/>",
            "<package name=\"bash\"/>\n    <pack",
        );
        let broken = marked.replacen(
            "imag$0e=\"tbz\" imagee=\"x\"",
            "image=\"tbz\" filesy$0tem=\"ext4\"",
            1,
        );
        let (titles, text) = check(&broken, "rename to `filesystem`");
        assert!(text.contains("filesystem=\"ext4\""), "{titles:?}");
    }

    #[test]
    fn all_safe_fixes_are_one_action_wherever_the_cursor_is() {
        let marked = description(
            "<type image=\"tbz\" displayame=\"x\"/><type image=\"oem\" filesytem=\"ext4\"/>",
            "<pack$0age nam=\"bash\"/>",
        );
        let (titles, text) = check(&marked, "apply all safe fixes");
        assert!(titles.contains(&"apply all safe fixes".to_owned()), "{titles:?}");
        assert!(text.contains("filesystem=\"ext4\""), "{text}");
        assert!(text.contains("<package name=\"bash\"/>"), "{text}");
    }

    #[test]
    fn an_old_description_can_be_upgraded_at_its_root_and_a_new_one_not() {
        let new = description("<type image=\"tbz\"/>", "<package name=\"bash\"/>")
            .replacen("<image", "<im$0age", 1);
        let upgrade = format!("upgrade to {}", migrate::CURRENT);
        assert!(!check(&new, &upgrade).0.contains(&upgrade));
        let old = new.replacen("schemaversion=\"8.5\"", "schemaversion=\"7.4\"", 1);
        let (titles, text) = check(&old, &upgrade);
        assert!(titles.contains(&upgrade), "{titles:?}");
        assert!(text.contains("schemaversion=\"8.5\""), "{text}");
    }

    #[test]
    fn an_upgrade_takes_along_what_the_description_includes() {
        let dir = tempfile::tempdir().unwrap();
        let part = "<image><repository type=\"rpm-dir\"><source path=\"dir:///a\"/></repository></image>\n";
        std::fs::write(dir.path().join("part.xml"), part).unwrap();
        let text = description("<type image=\"tbz\"/>", "<package name=\"bash\"/>")
            .replacen("8.5", "7.4", 1)
            .replacen(
                "  <packages",
                "  <include from=\"this://part.xml\"/>\n  <packages",
                1,
            );
        let path = dir.path().join("config.xml");
        let rope = ropey::Rope::from_str(&text);
        let snapshot = Snapshot::new(path.into(), 0, rope, Default::default(), Default::default());
        let all = actions(snapshot.derived(), &[], Span::empty(3));
        let upgrade = all.iter().find(|a| a.kind == Kind::Upgrade).unwrap();
        let [(place, old, edits)] = upgrade.beside.as_slice() else {
            panic!("{upgrade:?}")
        };
        assert!(place.ends_with("part.xml"), "{place:?}");
        assert_eq!(fix::apply(old, edits), part.replace(" type=\"rpm-dir\"", ""));
    }
}
