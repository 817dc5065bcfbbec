//! The solver on small universes, and against apt itself on the host's mirror.
use super::*;
use crate::packages::testing;

fn request(install: &[&str]) -> Request {
    Request {
        install: install.iter().map(|n| ((*n).to_owned(), None)).collect(),
        ..Request::default()
    }
}

fn names(universe: &Universe, install: &[&str]) -> Vec<String> {
    let solution = run(universe, &request(install)).unwrap();
    solution
        .packages
        .iter()
        .map(|s| s.package.name().to_owned())
        .collect()
}

const SMALL: &str = "\
Package: app
Version: 2
Depends: mailer, lib (>= 1.1), gone | tool

Package: lib
Version: 1.2
Pre-Depends: base

Package: base
Version: 1
Essential: yes

Package: tool
Version: 1
Recommends: extra

Package: extra
Version: 1

Package: mail-small
Version: 1
Priority: optional
Provides: mailer
Conflicts: mailer

Package: mail-big
Version: 1
Priority: standard
Provides: mailer
Conflicts: mailer

Package: app
Version: 1
Depends: gone

Package: torn
Version: 1
Depends: lib (>= 9)

Package: foe
Version: 1
Conflicts: tool

Package: either
Version: 1
Depends: tool | extra
";

#[test]
fn alternatives_providers_and_versions_are_taken_as_apt_takes_them() {
    let dir = tempfile::tempdir().unwrap();
    let universe = testing::universe(dir.path(), SMALL);
    assert_eq!(
        names(&universe, &["app"]),
        ["base", "mail-big", "lib", "tool", "app"]
    );
    // What is asked for satisfies a dependency before its better provider does.
    assert_eq!(
        names(&universe, &["app", "mail-small"]),
        ["base", "mail-small", "lib", "tool", "app"]
    );
    let with = Request {
        recommends: true,
        essential: true,
        ..request(&["tool"])
    };
    let mut got: Vec<String> = run(&universe, &with)
        .unwrap()
        .packages
        .iter()
        .map(|s| s.package.name().to_owned())
        .collect();
    got.sort();
    assert_eq!(got, ["base", "extra", "tool"]);
    // A conflict with what is asked for moves a choice to its next alternative, whichever comes first.
    for order in [["either", "foe"], ["foe", "either"]] {
        let mut got = names(&universe, &order);
        got.sort();
        assert_eq!(got, ["either", "extra", "foe"]);
    }
    let already = Request {
        already: vec![("lib".into(), "1.2".into()), ("tool".into(), "1".into())],
        ..request(&["app"])
    };
    let got = run(&universe, &already).unwrap();
    assert_eq!(got.packages.len(), 2, "{got:?}");
}

#[test]
fn what_cannot_be_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let universe = testing::universe(dir.path(), SMALL);
    let fails = |install: &[&str]| match run(&universe, &request(install)).unwrap_err() {
        BuildError::Packages {
            code, message, help, ..
        } => format!("{code}: {message}\n{}", help.unwrap_or_default()),
        other => panic!("{other}"),
    };
    expect_test::expect![[r#"
        package-not-found: no enabled repository has a package `toool`
        did you mean `tool`? searched `small` (11 packages), amd64"#]]
    .assert_eq(&fails(&["toool"]));
    expect_test::expect![[r#"
        dependencies-unsolvable: `torn` cannot be installed together with the rest
        `torn` needs `lib (>= 9)`; the repositories offer `lib` 1.2"#]]
    .assert_eq(&fails(&["torn"]));
    expect_test::expect![[r#"
        dependencies-unsolvable: `foe` cannot be installed together with the rest
        `foe` conflicts with `tool`"#]]
    .assert_eq(&fails(&["tool", "foe"]));
    expect_test::expect![[r#"
        package-not-found: `mailer` is not a package, but a name that 2 packages provide
        did you mean `mail-small`, `mail-big`? searched `small` (11 packages), amd64"#]]
    .assert_eq(&fails(&["mailer"]));
    expect_test::expect![[r#"
        package-not-found: no enabled repository has version `9` of `lib`
        did you mean `lib=1.2`? searched `small` (11 packages), amd64"#]]
    .assert_eq(&fails(&["lib=9"]));
}

#[test]
fn a_chain_of_any_length_is_solved() {
    let dir = tempfile::tempdir().unwrap();
    let text: String = (0..5000)
        .map(|i| format!("Package: p{i}\nVersion: 1\nDepends: p{}\n\n", i + 1))
        .chain(["Package: p5000\nVersion: 1\n".to_owned()])
        .collect();
    let universe = testing::universe(dir.path(), &text);
    assert_eq!(names(&universe, &["p0"]).len(), 5001);
}
