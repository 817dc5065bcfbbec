//! What `prepare` leaves in a tree, on packages that are made here: no mirror is needed. Needs root and the tools that
//! make packages.
#![cfg(test)]
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
        self.run_with(verb, &[])
    }

    fn run_with(&self, verb: &str, more: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args([verb, "--target-dir", "out"])
            .args(more)
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

#[test]
fn a_boot_splash_is_chosen_by_plymouths_own_tool() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new(r#"<packages type="image"><package name="plymouth"/></packages>"#);
    let text = std::fs::read_to_string(case.path("d/config.xml")).unwrap();
    let theme = |name: &str| {
        let with = format!("<bootsplash-theme>{name}</bootsplash-theme><type ");
        case.write("config.xml", &text.replacen("<type ", &with, 1));
    };
    case.package(
        "apt",
        "Depends: tiny-base\n",
        "#!/bin/sh\nmkdir -p /var/lib/apt\n",
    );
    case.package("plymouth", "", "#!/bin/sh\n");
    theme("fade-in");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(0), "{said}");
    let words =
        "warning: the boot splash `fade-in` has no effect: the tree has no `plymouth-set-default-theme`";
    assert!(said.contains(words), "{said}");

    let tool = "#!/bin/sh\nif [ \"$1\" = none ]; then echo \"$1 is no theme\"; exit 1; fi\necho \"Theme=$1\" >/etc/splash\n";
    case.write("root/usr/bin/plymouth-set-default-theme", tool);
    let tool = case.path("d/root/usr/bin/plymouth-set-default-theme");
    tiny::run("chmod", &["0755", tool.to_str().unwrap()]);
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(0), "{said}");
    let chosen = std::fs::read_to_string(case.tree("etc/splash")).unwrap();
    assert_eq!(chosen, "Theme=fade-in\n");

    theme("none");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("config.xml:3:") && said.contains("none is no theme"),
        "{said}"
    );
}

#[test]
fn certificates_are_trusted_by_the_distributions_own_tool() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new(
        r#"<certificates target_distribution="debian"><certificate name="house.pem"/><certificate name="keys/own.crt"/></certificates>
    <packages type="image"><package name="tiny-base"/></packages>"#,
    );
    case.package(
        "apt",
        "Depends: tiny-base\n",
        "#!/bin/sh\nmkdir -p /var/lib/apt\n",
    );
    case.write("house.pem", "of the house\n");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("`keys/own.crt`") && said.contains("config.xml:5:"),
        "{said}"
    );

    case.write("keys/own.crt", "own\n");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(1), "{said}");
    let words =
        "error[package-needed]: the tree has no `update-ca-certificates`, which `<certificates>` needs";
    assert!(said.contains(words) && said.contains("config.xml:5:"), "{said}");

    // The overlay comes later: the tool is there before.
    case.package("update", "", "#!/bin/sh\n");
    let tool = "#!/bin/sh\ncat /usr/local/share/ca-certificates/*.crt >/etc/trusted\n";
    case.write("before/usr/sbin/update-ca-certificates", tool);
    let folder = case.path("d/before");
    tiny::run("chmod", &["-R", "0755", folder.to_str().unwrap()]);
    let folder = folder.to_str().unwrap();
    tiny::run(
        "tar",
        &[
            "-C",
            folder,
            "-cf",
            case.path("d/before.tar").to_str().unwrap(),
            "usr",
        ],
    );
    let text = std::fs::read_to_string(case.path("d/config.xml")).unwrap();
    case.write(
        "config.xml",
        &text.replace("</packages>", "<archive name=\"before.tar\"/></packages>"),
    );
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(0), "{said}");
    let trusted = std::fs::read_to_string(case.tree("etc/trusted")).unwrap();
    assert_eq!(trusted, "of the house\nown\n");
    assert!(
        case.tree("usr/local/share/ca-certificates/house.pem.crt")
            .is_file()
    );
}

#[test]
fn what_prepare_does_not_do_yet_is_refused_before_work_at_its_place() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let packages = r#"<packages type="image"><package name="tiny-base"/></packages>"#;
    let cases = [
        (
            r#"<containers source="registry.example" backend="podman"><container name="a"/></containers>"#,
            "unsupported-containers",
        ),
        (
            r#"<certificates target_distribution="suse"><certificate name="house.pem"/></certificates>"#,
            "unsupported-certificates",
        ),
        (
            r#"<repository type="apt-deb" customize="change.sh"><source path="https://deb.example"/></repository>"#,
            "unsupported-customize",
        ),
    ];
    let foreign = std::fs::read_dir("/proc/sys/fs/binfmt_misc").is_ok_and(|mut d| d.next().is_some());
    if !foreign {
        let case = Case::new(packages);
        let (status, said) = case.run_with("prepare", &["--arch", "s390x"]);
        assert_eq!(status, Some(4), "{said}");
        assert!(
            said.contains("error[foreign-machine]: this host runs no programs for `s390x`"),
            "{said}"
        );
        assert!(
            said.contains("`qemu-s390x`") && !case.path("store").exists(),
            "{said}"
        );
    }
    for (list, code) in cases {
        let case = Case::new(&format!("{list}\n    {packages}"));
        case.write("house.pem", "of the house\n");
        case.write("change.sh", "#!/bin/sh\n");
        tiny::run("chmod", &["0755", case.path("d/change.sh").to_str().unwrap()]);
        let (status, said) = case.run("prepare");
        assert_eq!(status, Some(1), "{said}");
        assert!(
            said.contains(&format!("error[{code}]")) && said.contains("config.xml:5:"),
            "{said}"
        );
        assert!(!case.path("store").exists() && !case.tree("").exists(), "{said}");
    }
}

#[test]
fn the_images_own_repositories_have_their_keys_priorities_and_credentials() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new("");
    let packages = r#"<packages type="image"><package name="tiny-base"/></packages>"#;
    let text = std::fs::read_to_string(case.path("d/config.xml")).unwrap();
    let with = |source: &str| {
        let repository = format!(
            r#"<repository type="apt-deb" alias="own" imageonly="true" priority="700" architectures="amd64,arm64"
        distribution="stable" components="main extra" username="me" password="pw"><source path="{source}">
        <signing key="file://{0}"/></source></repository>"#,
            case.path("d/own.asc").display()
        );
        case.write(
            "config.xml",
            &text.replace("</image>", &format!("{repository}\n{packages}</image>")),
        );
    };
    case.package(
        "apt",
        "Depends: tiny-base\n",
        "#!/bin/sh\nmkdir -p /var/lib/apt\n",
    );
    case.write("own.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
    with("https://deb.example:8443/x/");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(0), "{said}");
    let read = |name: &str| std::fs::read_to_string(case.tree("etc/apt").join(name)).unwrap();
    assert_eq!(
        read("sources.list.d/own.sources"),
        "Types: deb\nURIs: https://deb.example:8443/x\nArchitectures: amd64 arm64\nSuites: stable\n\
         Components: main extra\nSigned-By: /etc/apt/keyrings/own-1.asc\n"
    );
    assert!(read("keyrings/own-1.asc").starts_with("-----BEGIN"));
    assert_eq!(
        read("preferences.d/own.pref"),
        "Package: *\nPin: origin \"deb.example\"\nPin-Priority: 700\n"
    );
    assert_eq!(
        read("auth.conf.d/own.conf"),
        "machine https://deb.example:8443/x login me password pw\n"
    );
    use std::os::unix::fs::PermissionsExt;
    let secret = std::fs::metadata(case.tree("etc/apt/auth.conf.d/own.conf")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);

    with("obs://Own:Project/deb");
    let (code, said) = case.run("prepare");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("config.xml:7:") && said.contains("https://"),
        "{said}"
    );
}
