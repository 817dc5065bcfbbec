//! Migration on the corpus and on a text for each step: comments, order and layout stay, the result says what the
//! migrated tree says and gets its verdict, and a second time changes nothing.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.

mod shared;

use std::path::Path;

use apteryx_schema::check::{Options, check};
use apteryx_schema::description::load_text;
use apteryx_schema::diagnostic::{Diagnostic, Severity, Source};
use apteryx_schema::syntax::{NodeKind, parse};
use apteryx_schema::{fix, migrate};
use regex::Regex;
use shared::shared;

/// The migrated text; none where the version is refused.
fn migrated(text: &str) -> Option<String> {
    let edits = migrate::edits(&parse(text), None).ok()?;
    Some(fix::apply(text, &edits))
}

fn model(path: &Path, text: &str) -> String {
    let mut image = load_text(path, text.as_bytes(), &|_| {
        Err(std::io::ErrorKind::NotFound.into())
    })
    .image;
    image.files.clear();
    image.written_version.clear();
    let places = Regex::new(r"Span \{ start: \d+, end: \d+ \}").unwrap();
    places.replace_all(&format!("{image:?}"), "").into_owned()
}

/// Comments, and element names with their lines.
fn order(text: &str) -> Vec<String> {
    let tree = parse(text);
    let all = tree.all().map(|id| {
        let node = tree.node(id);
        let line = text[..node.span.start as usize].matches('\n').count();
        match node.kind {
            NodeKind::Comment => format!("{line} {}", node.span.of(text)),
            _ => format!("{line} {}", tree.local(id)),
        }
    });
    all.collect()
}

fn refused(path: &Path, text: &str) -> Vec<String> {
    let found = check(path, text.as_bytes(), Options::default()).diagnostics;
    let errors = found
        .iter()
        .filter(|d| d.severity == Severity::Error && matches!(d.source, Source::Xml | Source::Schema));
    errors.map(|d| d.message.to_string()).collect()
}

#[test]
fn every_file_of_the_corpus_is_migrated_once() {
    let Some(shared) = shared("corpus/INDEX.tsv") else {
        return;
    };
    let folder = shared.join("corpus");
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let (mut moved, mut sound) = (0, 0);
    for line in index.lines().skip(1) {
        let row: Vec<&str> = line.split('\t').collect();
        let path = folder.join(row[0]);
        let text = std::fs::read_to_string(&path).unwrap();
        let new = migrated(&text);
        // What KIWI accepts after its own migration is accepted here, and is so as it is written then.
        assert!(new.is_some() || row[4] != "yes", "{}", row[0]);
        let Some(new) = new else { continue };
        assert_eq!(migrated(&new).as_deref(), Some(new.as_str()), "{} twice", row[0]);
        assert_eq!(order(&text), order(&new), "{}", row[0]);
        assert_eq!(model(&path, &text), model(&path, &new), "{}", row[0]);
        assert_eq!(refused(&path, &text), refused(&path, &new), "{}", row[0]);
        moved += usize::from(new != text);
        sound += usize::from(row[4] == "yes" && refused(&path, &new).is_empty());
    }
    eprintln!("{moved} migrated, {sound} sound afterwards");
    assert!(moved > 60 && sound > 80, "{moved} {sound}");
}

#[test]
fn each_step_changes_what_it_is_about_and_nothing_else() {
    let steps = [
        (
            "7.4",
            "<containerconfig  name='a'\n  additionaltags='1,2' />",
            "<containerconfig  name='a'\n  additionalnames=':1,:2' />",
        ),
        (
            "7.5",
            "<packagemanager>dnf</packagemanager>",
            "<packagemanager>dnf4</packagemanager>",
        ),
        (
            "7.5",
            "<packagemanager><![CDATA[dnf]]><!-- old --></packagemanager>",
            "<packagemanager>dnf4<!-- old --></packagemanager>",
        ),
        (
            "8.0",
            "<repository  type='rpm-dir' alias='a'/>",
            "<repository alias='a'/>",
        ),
        (
            "8.1",
            "<repository use_for_bootstrap='true'  alias='a'/>",
            "<repository  alias='a'/>",
        ),
        (
            "8.2",
            "<type btrfs_root_is_snapshot = 'true'/>",
            "<type btrfs_root_is_snapper_snapshot = 'true'/>",
        ),
        (
            "8.3",
            "<bootloader console='serial gfxterm'/>",
            "<bootloader output_console='serial' input_console='gfxterm'/>",
        ),
        (
            "8.3",
            "<bootloader console='serial'/>",
            "<bootloader output_console='serial'/>",
        ),
        (
            "8.3",
            "<bootloader console='gfxterm serial console'/>",
            "<bootloader output_console='gfxterm' input_console='serial console'/>",
        ),
        ("8.4", "<type image='oem' vga='0x1'/>", "<type image='oem'/>"),
        // What has its newer name as well is overruled by the older, as in KIWI.
        (
            "8.2",
            "<type btrfs_root_is_snapshot='true' btrfs_root_is_snapper_snapshot='false'/>",
            "<type btrfs_root_is_snapper_snapshot='true'/>",
        ),
        (
            "8.3",
            "<bootloader input_console='none' console='serial gfxterm'/>",
            "<bootloader input_console='gfxterm' output_console='serial'/>",
        ),
        // KIWI takes these as they are written.
        (
            "7.4",
            "<containerconfig additionaltags='1, 2'/>",
            "<containerconfig additionalnames=':1,: 2'/>",
        ),
        (
            "7.5",
            "<packagemanager> dnf\n</packagemanager>",
            "<packagemanager> dnf\n</packagemanager>",
        ),
        (
            "8.0",
            "<repository type=' rpm-dir'/>",
            "<repository type=' rpm-dir'/>",
        ),
        (
            "8.3",
            "<bootloader console=' serial'/>",
            "<bootloader output_console='' input_console='serial'/>",
        ),
        // The version after a step is not touched by it.
        (
            "7.6",
            "<packagemanager>dnf</packagemanager>",
            "<packagemanager>dnf</packagemanager>",
        ),
        (
            "8.4",
            "<bootloader console='serial'/>",
            "<bootloader console='serial'/>",
        ),
    ];
    for (version, old, new) in steps {
        let whole = |v: &str, part: &str| {
            format!(
                "<!-- a -->\r\n<image  schemaversion='{v}'\n name=\"n\"><!-- b -->\t{part}<!-- c --></image>\n\n"
            )
        };
        let got = migrated(&whole(version, old)).unwrap();
        assert_eq!(got, whole("8.5", new), "{version}");
        assert_eq!(migrated(&got).as_ref(), Some(&got), "{version} twice");
    }
}

/// What is told of a text as outdated, by what is underlined.
fn outdated(text: &str) -> Vec<(String, Diagnostic)> {
    let found = check(Path::new("config.xml"), text.as_bytes(), Options::default()).diagnostics;
    let old = found.into_iter().filter(|d| d.code == migrate::OUTDATED);
    old.map(|d| (d.span.of(text).to_owned(), d)).collect()
}

#[test]
fn each_outdated_form_is_told_where_it_stands_and_mended_by_the_migration() {
    let forms = [
        (
            "7.4",
            "<preferences><type image=\"docker\"><containerconfig name=\"a\" additionaltags=\"1,2\"/></type></preferences>",
            "additionaltags",
        ),
        (
            "7.5",
            "<preferences><packagemanager>dnf</packagemanager></preferences>",
            "dnf",
        ),
        ("8.0", "<repository type=\"rpm-dir\"/>", "type"),
        (
            "8.1",
            "<repository use_for_bootstrap=\"true\"/>",
            "use_for_bootstrap",
        ),
        (
            "8.2",
            "<preferences><type image=\"oem\" btrfs_root_is_snapshot=\"true\"/></preferences>",
            "btrfs_root_is_snapshot",
        ),
        (
            "8.3",
            "<preferences><type image=\"oem\"><bootloader name=\"grub2\" console=\"serial\"/></type></preferences>",
            "console",
        ),
        (
            "8.4",
            "<preferences><type image=\"oem\" vga=\"0x1\"/></preferences>",
            "vga",
        ),
    ];
    for (version, form, marked) in forms {
        let text = format!("<image schemaversion=\"{version}\" name=\"n\">{form}</image>");
        let found = outdated(&text);
        let [(at, told)] = found.as_slice() else {
            panic!("{form}: {found:?}")
        };
        assert_eq!(at, marked, "{form}");
        assert!(told.fixes[0].safe, "{form}");
        let new = fix::apply(&text, &told.fixes[0].edits);
        assert_eq!(Some(&new), migrated(&text).as_ref(), "{form}");
        assert!(outdated(&new).is_empty(), "{form}");
        let current = text.replace(version, "8.5");
        assert!(outdated(&current).is_empty(), "{form}");
    }
    // A form that the newest schema has too, and one that is wrong in any.
    assert!(
        outdated("<image schemaversion=\"7.5\"><packagemanager>dnf4</packagemanager></image>").is_empty()
    );
    let wrong = "<image schemaversion=\"7.5\"><preferences><type image=\"oem\"><bootloader name=\"grub2\" console=\"nowhere\"/></type></preferences></image>";
    assert!(outdated(wrong).is_empty());
}

#[test]
fn thousands_of_outdated_forms_are_told_with_one_repair() {
    let many = "<repository use_for_bootstrap=\"true\"/>".repeat(5000);
    let found = outdated(&format!("<image schemaversion=\"8.1\">{many}</image>"));
    let edits: usize = found
        .iter()
        .flat_map(|(_, d)| &d.fixes)
        .map(|f| f.edits.len())
        .sum();
    assert_eq!((found.len(), edits), (5000, 5001));
}
