//! What the tests of this folder share: real packages by dpkg-deb. Compiled for tests only.
#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a tool and returns its standard output; panics with what it printed where it fails.
pub fn run(command: &mut Command) -> String {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Builds a package with dpkg-deb from the given control fields (maintainer and description are added).
pub fn build_deb(dir: &Path, control: &str, compression: &str) -> PathBuf {
    build_deb_with(dir, control, compression, &[])
}

/// The same with further control files, by name.
pub fn build_deb_with(dir: &Path, control: &str, compression: &str, more: &[(&str, &str)]) -> PathBuf {
    let field = |name: &str| {
        let line = control.lines().find_map(|l| l.strip_prefix(name)).unwrap_or("");
        line.trim_start_matches(':').trim().to_owned()
    };
    let (name, version, arch) = (field("Package"), field("Version"), field("Architecture"));
    let work = tempfile::tempdir_in(dir).unwrap();
    std::fs::create_dir_all(work.path().join("DEBIAN")).unwrap();
    let share = work.path().join("usr/share").join(&name);
    std::fs::create_dir_all(&share).unwrap();
    std::fs::write(share.join("file"), format!("{name} {version}\n")).unwrap();
    let rest = "Maintainer: Nobody <nobody@example.org>\nDescription: test package\n";
    std::fs::write(
        work.path().join("DEBIAN/control"),
        format!("{}\n{rest}", control.trim_end()),
    )
    .unwrap();
    for (member, text) in more {
        std::fs::write(work.path().join("DEBIAN").join(member), text).unwrap();
    }
    let file = dir.join(format!("{name}_{}_{arch}.deb", version.replace(':', "%3a")));
    run(Command::new("dpkg-deb")
        .args(["--root-owner-group", "-Z", compression, "-b"])
        .arg(work.path())
        .arg(&file));
    file
}

/// A universe of one repository `small` for amd64, from the text of a `Packages` file.
pub fn universe(dir: &Path, packages: &str) -> super::Universe {
    let path = dir.join("index");
    super::index::build(packages.as_bytes(), std::fs::File::create(&path).unwrap()).unwrap();
    let repo = super::universe::Repo {
        spec: spec("file:///nowhere", None),
        indexes: vec![super::index::Index::open(&path).unwrap()],
        checked: std::time::SystemTime::now(),
    };
    super::Universe::new(vec![repo], "amd64")
}

/// A repository `small`, its signature checked against the given keys.
pub fn spec(uri: &str, suite: Option<&str>) -> super::RepoSpec {
    super::RepoSpec {
        alias: "small".into(),
        uri: uri.into(),
        kind: super::RepoKind::Deb {
            suite: suite.map(str::to_owned),
            components: suite.iter().map(|_| "main".to_owned()).collect(),
        },
        signing_keys: Vec::new(),
        check_metadata: true,
        check_packages: true,
        priority: None,
        credentials: None,
        place: None,
    }
}
