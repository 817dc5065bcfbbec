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
    let file = dir.join(format!("{name}_{}_{arch}.deb", version.replace(':', "%3a")));
    run(Command::new("dpkg-deb")
        .args(["--root-owner-group", "-Z", compression, "-b"])
        .arg(work.path())
        .arg(&file));
    file
}
