//! Brings a tree of schema version 7.4 or later to 8.5, step by step, in memory; spans stay those of the user's text.
//! The same steps as edits of the text keep comments, order and layout.
//!
//! The steps are KIWI's: which attribute is renamed, dropped or split at which version.

mod apply;
mod fragments;
mod outdated;
mod steps;

use crate::diagnostic::{Diagnostic, Edit, Fix, Severity, Source};
use crate::syntax::{NodeId, Tree};
use crate::text::Span;

pub use fragments::{Fragment, fragments};
pub use outdated::OUTDATED;

/// The version everything is brought to.
pub const CURRENT: &str = "8.5";
/// Hundredths, so that versions compare as the decimal numbers they are.
const OLDEST: u32 = 740;
const NEWEST: u32 = 850;

/// The version as it is written, in whatever form.
pub fn written_version(tree: &Tree) -> Option<String> {
    let root = tree.root()?;
    let attr = tree.attr(root, "schemaversion")?;
    Some(attr.value_span.of(tree.text()).trim().to_owned())
}

/// Hundredths of a decimal version: `8.5` and `8.50` are 850.
fn hundredths(version: &str) -> Option<u32> {
    let (whole, part) = version.split_once('.').unwrap_or((version, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 4 || part.len() > 2 {
        return None;
    }
    let scale = if part.len() == 1 { 10 } else { 1 };
    Some(whole.parse::<u32>().ok()? * 100 + part.parse::<u32>().ok()? * scale)
}

/// What is to change in a text, or why it cannot be brought up.
fn plan(tree: &Tree, from: Option<&str>) -> Result<Vec<steps::Change>, Diagnostic> {
    let Some(root) = tree.root().filter(|&r| tree.local(r) == "image") else {
        return Ok(Vec::new());
    };
    // A missing version is for the grammar to name.
    let Some(written) = from.map(str::to_owned).or_else(|| written_version(tree)) else {
        return Ok(Vec::new());
    };
    match hundredths(written.trim()) {
        Some(n) if (OLDEST..=NEWEST).contains(&n) => Ok(steps::changes(tree, root, n)),
        Some(n) if n < OLDEST => Err(refuse(
            tree,
            root,
            format!("schema version `{written}` is too old to be migrated"),
            "versions from `7.4` are migrated; bring older ones to `7.4` with KIWI 9 first",
        )),
        Some(_) => Err(refuse(
            tree,
            root,
            format!("schema version `{written}` is newer than `{CURRENT}`"),
            "the newest version known here is `8.5`",
        )
        .fix(to_current(tree, root, false))),
        None => Err(refuse(
            tree,
            root,
            format!("`{written}` is no schema version"),
            "the current version is `8.5`",
        )
        .fix(to_current(tree, root, true))),
    }
}

/// Writes the current version. Safe where no version was written at all, and the text fits the current one otherwise
/// (which is for the caller to see).
fn to_current(tree: &Tree, root: NodeId, safe: bool) -> Fix {
    let edit = tree.attr(root, "schemaversion").map(|a| Edit {
        span: a.value_span,
        new_text: CURRENT.to_owned().into(),
    });
    Fix {
        title: format!("change to `{CURRENT}`").into(),
        edits: edit.into_iter().collect(),
        safe,
    }
}

fn refuse(tree: &Tree, root: NodeId, message: String, help: &str) -> Diagnostic {
    let node = tree.node(root);
    let span = tree
        .attr(root, "schemaversion")
        .map_or(node.name_span, |a| a.value_span);
    Diagnostic::new("schema-version", Severity::Error, Source::Schema, span, message)
        .label("expected `7.4` to `8.5`")
        .help(help)
}

/// Migrates in place. `from` overrides the tree's own version (fragments). An error leaves the tree as it is.
pub fn migrate(tree: &mut Tree, from: Option<&str>) -> Result<(), Diagnostic> {
    migrate_telling(tree, from, false).map(|_| ())
}

/// The same; with `tell` what was in an older form is told.
pub fn migrate_telling(
    tree: &mut Tree,
    from: Option<&str>,
    tell: bool,
) -> Result<Vec<Diagnostic>, Diagnostic> {
    let changes = plan(tree, from)?;
    let told = if tell {
        outdated::told(tree, &changes)
    } else {
        Vec::new()
    };
    for change in changes {
        apply::apply(tree, &change);
    }
    Ok(told)
}

/// The same steps as edits of the text, in ascending order; none where the text is at 8.5 already. An error too where the
/// text is in another mark-up, and more than single words would change.
pub fn edits(tree: &Tree, from: Option<&str>) -> Result<Vec<Edit>, Diagnostic> {
    let mut out: Vec<Edit> = plan(tree, from)?.iter().map(|c| apply::edit(tree, c)).collect();
    out.sort_by_key(|e| e.span);
    let whole = Fix {
        title: "".into(),
        edits: out,
        safe: true,
    };
    match (tree.takes(&whole), tree.root()) {
        (false, Some(root)) => {
            let message = "more than single words would change, and only XML is rewritten so".to_owned();
            let help = "it builds as it is: every step happens in memory too";
            Err(refuse(tree, root, message, help).label(String::new()))
        }
        _ => Ok(whole.edits),
    }
}

/// What a step of an older version would rewrite in a text that says it is of a newer one: where, what it is now, and the
/// repair.
pub(crate) fn former(tree: &Tree) -> impl Iterator<Item = (Span, String, Fix)> + '_ {
    let changes = tree.root().map(|root| steps::changes(tree, root, OLDEST));
    let changes = changes.into_iter().flatten();
    changes.filter_map(|change| {
        let (span, _, label) = outdated::place(tree, &change)?;
        let fix = Fix {
            title: "write the form of now".into(),
            edits: vec![apply::edit(tree, &change)],
            safe: true,
        };
        Some((span, label, fix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_decimals() {
        assert_eq!(hundredths("8.5"), Some(850));
        assert_eq!(hundredths("7.45"), Some(745));
        assert_eq!(hundredths("8"), Some(800));
        assert_eq!(hundredths("8.x"), None);
        assert_eq!(hundredths(""), None);
    }

    const OLD: &str = r#"<image schemaversion="7.4" name="a">
    <!-- kept -->
    <preferences>
        <packagemanager>dnf</packagemanager>
        <type image="oem" vga="791" btrfs_root_is_snapshot='true'>
            <bootloader name="grub2" console="gfxterm serial"/>
            <containerconfig name="x" additionaltags="1,2"/>
        </type>
    </preferences>
    <repository type="rpm-dir" use_for_bootstrap="true"/>
</image>
"#;

    #[test]
    fn the_text_is_edited_in_place_and_only_once() {
        let tree = crate::syntax::parse(OLD);
        let edits = edits(&tree, None).unwrap();
        let mut text = OLD.to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.new_text);
        }
        expect_test::expect![[r#"
            <image schemaversion="8.5" name="a">
                <!-- kept -->
                <preferences>
                    <packagemanager>dnf4</packagemanager>
                    <type image="oem" btrfs_root_is_snapper_snapshot='true'>
                        <bootloader name="grub2" output_console="gfxterm" input_console="serial"/>
                        <containerconfig name="x" additionalnames=":1,:2"/>
                    </type>
                </preferences>
                <repository/>
            </image>
        "#]]
        .assert_eq(&text);
        assert!(
            super::edits(&crate::syntax::parse(&text), None)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn the_tree_says_the_same_with_spans_of_the_old_text() {
        let mut tree = crate::syntax::parse(OLD);
        migrate(&mut tree, None).unwrap();
        let mut seen = Vec::new();
        let mut todo = vec![tree.root().unwrap()];
        while let Some(id) = todo.pop() {
            for attr in tree.attrs(id) {
                let name = tree.name(attr.name).local.to_string();
                seen.push(format!(
                    "{name}={} <- {}",
                    tree.value(attr),
                    attr.value_span.of(OLD)
                ));
            }
            if tree.local(id) == "packagemanager" {
                seen.push(tree.element_text(id));
            }
            todo.extend(tree.elements(id));
        }
        expect_test::expect![[r#"
            schemaversion=8.5 <- 7.4
            name=a <- a
            image=oem <- oem
            btrfs_root_is_snapper_snapshot=true <- true
            name=x <- x
            additionalnames=:1,:2 <- 1,2
            name=grub2 <- grub2
            output_console=gfxterm <- gfxterm serial
            input_console=serial <- gfxterm serial
            dnf4"#]]
        .assert_eq(&seen.join("\n"));
    }

    #[test]
    fn in_another_mark_up_single_words_are_rewritten_and_no_more() {
        let yaml = "image:\n  '@schemaversion': '7.4'\n  preferences:\n    packagemanager: dnf # fast\n    type:\n      '@image': oem\n      \
                    '@btrfs_root_is_snapshot': true\n";
        let of = |text: &str| {
            let tree = crate::format::parse(std::path::Path::new("config.yaml"), text.as_bytes());
            edits(&tree, None).map(|e| crate::fix::apply(text, &e))
        };
        let new = yaml.replace("7.4", "8.5").replace("dnf", "dnf4");
        let new = new.replace("_is_snapshot", "_is_snapper_snapshot");
        assert_eq!(of(yaml).unwrap(), new);
        let more = yaml.replace("'@image': oem", "'@image': oem\n      '@vga': '791'");
        let refused = of(&more).unwrap_err();
        assert!(refused.message.contains("only XML is rewritten"), "{refused:?}");
    }

    #[test]
    fn a_version_out_of_range_is_refused_at_its_value() {
        for version in ["7.3", "8.6", "x"] {
            let text = format!("<image schemaversion=\"{version}\"/>");
            let error = migrate(&mut crate::syntax::parse(&text), None).unwrap_err();
            assert_eq!(error.span.of(&text), version);
        }
    }
}
