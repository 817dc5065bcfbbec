//! What `prepare` leaves in a tree, on packages that are made here: no mirror is needed. Needs root and the tools that
//! make packages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs
)]

mod packaged;
mod tiny;

use std::path::PathBuf;
use std::process::Command;

use tiny::{alone, ready};

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    /// A tar of `tiny-base` and what the lists name.
    fn new(lists: &str) -> Self {
        let case = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        packaged::repository(&case.path("d/repository"));
        let description = format!(
            r#"<image schemaversion="8.5" name="Tiny">
    <description type="system"><author>A</author><contact>a@b.example</contact><specification>tiny</specification></description>
    <preferences><version>1.2.3</version><packagemanager>apt</packagemanager><type image="tbz"/></preferences>
    <repository type="apt-deb" alias="tiny" repository_gpgcheck="false"><source path="this://repository"/></repository>
    {lists}
</image>
"#
        );
        case.write("config.xml", &description);
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path("d").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn package(&self, name: &str, fields: &str, postinst: &str) {
        packaged::add(&self.path("d/repository"), name, fields, postinst);
    }

    /// Exit status and what was said.
    fn run(&self, verb: &str) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args([verb, "--target-dir", "out"])
            .arg(self.path("d"))
            .current_dir(self.dir.path())
            .env("APTERYX_CACHE_DIR", self.path("store"))
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    fn tree(&self, name: &str) -> PathBuf {
        self.path("out/build/image-root").join(name)
    }
}

#[test]
fn apt_knows_which_packages_nobody_asked_for() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new(
        r#"<packages type="bootstrap" bootstrap_package="bootstrap-tiny"><package name="office"/></packages>
    <packages type="image"><package name="fonts"/></packages>"#,
    );
    case.package(
        "apt",
        "Depends: tiny-base\n",
        "#!/bin/sh\nmkdir -p /var/lib/apt\n",
    );
    case.package("fonts", "", "#!/bin/sh\n");
    case.package("clips", "Priority: important\n", "#!/bin/sh\n");
    case.package("office", "Depends: fonts, clips\n", "#!/bin/sh\n");
    // The image's packages come after those that the system begins with.
    case.write("post_bootstrap.sh", "true\n");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(0), "{said}");
    let states = std::fs::read_to_string(case.tree("var/lib/apt/extended_states")).unwrap();
    assert_eq!(
        states, "Package: clips\nArchitecture: amd64\nAuto-Installed: 1\n\n",
        "`fonts` is asked for by its name"
    );
    assert!(
        said.contains("warning: `bootstrap_package=\"bootstrap-tiny\"` is not used"),
        "{said}"
    );
}

#[test]
fn what_does_not_fit_into_the_tree_is_told_by_its_place_there() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd", "tar"]) {
        return;
    }
    let case = Case::new(
        r#"<packages type="bootstrap"><package name="tiny-base"/><archive name="site.tar"/></packages>"#,
    );
    case.write("site/etc/passwd/mine", "");
    let site = case.path("d/site");
    packaged::run(
        "tar",
        &[
            "-C",
            site.to_str().unwrap(),
            "-cf",
            case.path("d/site.tar").to_str().unwrap(),
            "etc/passwd/mine",
        ],
    );
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(1), "{said}");
    for words in [
        "error[overlay-clash]: `/etc/passwd` of the archive `site.tar` does not fit into the tree: ",
        "config.xml:5:74]",
        "help: only a folder",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }

    packaged::run(
        "tar",
        &[
            "-cf",
            case.path("d/site.tar").to_str().unwrap(),
            "-T",
            "/dev/null",
        ],
    );
    case.write("root/etc", "no folder");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("`/etc` of the overlay `root` does not fit into the tree: a directory is there"),
        "{said}"
    );
    assert!(!said.contains(".tmp/"), "no scratch directory: {said}");
}

#[test]
fn a_script_that_cannot_begin_is_told_at_its_line() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new(r#"<packages type="bootstrap"><package name="tiny-base"/></packages>"#);
    case.write("config.sh", "echo gr\u{fc}n\n\nif true; then\n fi fi\n");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(5), "{said}");
    assert!(
        said.contains("`config.sh` ended with status 2 at line 4\n") && said.contains("config.sh:4:2]"),
        "{said}"
    );

    // In a text that is no UTF-8 too.
    std::fs::write(case.path("d/config.sh"), b"echo gr\xfcn\nexit 9\n").unwrap();
    let (_, said) = case.run("prepare");
    assert!(
        said.contains("status 9 at line 2\n") && said.contains("config.sh:2:1]"),
        "{said}"
    );

    case.write("config.sh", "#!/usr/bin/python3 -u\nprint(1)\n");
    let script = case.path("d/config.sh");
    packaged::run("chmod", &["0755", script.to_str().unwrap()]);
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(5), "{said}");
    assert!(
        said.contains("the tree has no `/usr/bin/python3`, which its first line names")
            && said.contains("config.sh:1:1]"),
        "{said}"
    );
}
