//! `apteryx prepare` on real packages: the tree equals mmdebstrap's, root's equals a user's, mistakes have their codes
//! and leave nothing, and whatever ends the program leaves the host as it was. Needs root and the host's mirror.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing
)]
#![allow(clippy::print_stderr)]

mod tiny;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tiny::{alone, run, traces, wait_for};

const DESCRIPTION: &str = r#"<image schemaversion="8.5" name="Small">
    <description type="system"><author>A</author><contact>a@b.example</contact><specification>small</specification></description>
    <profiles><profile name="Tar" description="t" import="true"/></profiles>
    <preferences>
        <version>1.2.3</version><packagemanager>apt</packagemanager><timezone>UTC</timezone><type image="tbz"/>
    </preferences>
    <repository type="apt-deb" alias="debian" distribution="bookworm" components="main" repository_gpgcheck="true">
        <source path="https://ftp.debian.org/debian"/>
    </repository>
    <packages type="bootstrap"><package name="base-files"/></packages>
    <packages type="image"><package name="apt"/></packages>
</image>
"#;

fn ready() -> bool {
    let mirror = Path::new("/etc/apt").exists();
    if nix::unistd::geteuid().is_root() && mirror {
        return true;
    }
    eprintln!("SKIPPED: needs root and a host whose apt has a mirror");
    assert!(std::env::var_os("CI").is_none(), "CI can run this");
    false
}

/// Packages are fetched once for all tests.
fn store() -> &'static Path {
    static STORE: OnceLock<PathBuf> = OnceLock::new();
    STORE.get_or_init(|| {
        // Nothing removes what is static at the end of a program: it lies with the build, and the next run empties it.
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prepare-store");
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        dir
    })
}

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        run("chmod", &["0755", &dir.path().to_string_lossy()]);
        std::fs::write(dir.path().join("config.xml"), DESCRIPTION).unwrap();
        Self { dir }
    }

    fn with(self, name: &str, text: &str) -> Self {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn edit(self, from: &str, to: &str) -> Self {
        assert!(DESCRIPTION.contains(from));
        self.with("config.xml", &DESCRIPTION.replace(from, to))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apteryx"));
        command
            .arg("prepare")
            .arg(self.dir.path())
            .args(["--mirror", "host"]);
        command.env("APTERYX_CACHE_DIR", store());
        command
    }

    /// Exit status and what was said.
    fn run(&self, more: &[&str]) -> (i32, String) {
        let output = self.command().args(more).output().unwrap();
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("out/build/image-root")
    }

    /// Names in the target that no finished build puts there.
    fn left(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.dir.path().join("out")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names
            .filter(|name| !matches!(name.as_str(), ".gitignore" | "CACHEDIR.TAG" | "build" | "logs"))
            .collect()
    }
}

/// Type, mode, owner, link and (of files) size of all below `root`.
fn listing(root: &Path) -> BTreeMap<String, String> {
    let format = "%P\\t%y %m %U:%G %l\\t%s\\n";
    let output = run(
        "find",
        &[&root.to_string_lossy(), "-mindepth", "1", "-printf", format],
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let entry = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let size = if fields[1].starts_with('f') { fields[2] } else { "" };
        (fields[0].to_owned(), format!("{} {size}", fields[1]))
    };
    text.lines().map(entry).collect()
}

fn in_tree(root: &Path, args: &[&str]) -> String {
    let output = Command::new("chroot").arg(root).args(args).output().unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_tree_equals_mmdebstraps() {
    let _alone = alone();
    if !ready() {
        return;
    }
    let peer = tempfile::tempdir().unwrap();
    let tree = peer.path().join("tree");
    // The same mirror, found by the same host configuration.
    let sources = std::fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten()
        .flatten();
    let mut texts: Vec<String> = sources
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .collect();
    texts.extend(std::fs::read_to_string("/etc/apt/sources.list"));
    let mirror = texts
        .iter()
        .flat_map(|text| text.split_whitespace())
        .find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"))
        .unwrap_or("http://deb.debian.org/debian");
    let made = Command::new("mmdebstrap")
        .args(["--variant=apt", "--mode=root", "bookworm"])
        .arg(&tree)
        .arg(mirror)
        .output();
    let Ok(made) = made else {
        eprintln!("SKIPPED: the host has no mmdebstrap");
        return;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let case = Case::new();
    let (status, said) = case.run(&[]);
    assert_eq!(status, 0, "{said}");
    let query = [
        "dpkg-query",
        "-W",
        "-f",
        "${db:Status-Abbrev} ${binary:Package} ${Version}\\n",
    ];
    assert_eq!(in_tree(&tree, &query), in_tree(&case.root(), &query));
    assert_eq!(in_tree(&case.root(), &["dpkg", "--audit"]), "");
    assert_eq!(in_tree(&case.root(), &["dpkg", "-V"]), "");
    // What mmdebstrap makes beside the packages, what only a build of ours has, and what differs with every run.
    let other = |path: &str| {
        [
            "dev",
            "image",
            ".profile",
            ".kconfig",
            "run",
            "var/log",
            "var/cache/debconf",
            "var/cache/ldconfig",
        ]
        .iter()
        .any(|top| path == *top || path.starts_with(&format!("{top}/")))
            || [
                "etc/apt/sources.list",
                "etc/fstab",
                "etc/hostname",
                "etc/resolv.conf",
                "etc/machine-id",
            ]
            .contains(&path)
            || ["etc/localtime", "etc/timezone"].contains(&path)
            // mmdebstrap lets apt install nothing beyond what it names; apt itself would note this as we do.
            || path == "var/lib/apt/extended_states"
            || path.starts_with("var/lib/dpkg/status")
            || path.starts_with("var/lib/dpkg/diversions-old")
            || path.ends_with("/partial")
            || path.ends_with("apt/archives/lock")
            || path.ends_with("apt/lists/lock")
    };
    let (mut theirs, mut ours) = (listing(&tree), listing(&case.root()));
    theirs.retain(|path, _| !other(path));
    ours.retain(|path, _| !other(path));
    let differ: Vec<_> = theirs
        .keys()
        .chain(ours.keys())
        .filter(|path| theirs.get(*path) != ours.get(*path))
        .map(|path| (path, theirs.get(path), ours.get(path)))
        .collect();
    assert!(ours.len() > 5000 && differ.is_empty(), "{differ:#?}");
    run("rm", &["-rf", "--one-file-system", &tree.to_string_lossy()]);
}

#[test]
fn a_user_gets_the_same_tree() {
    let _alone = alone();
    if !ready() {
        return;
    }
    let name = "apteryx-prep";
    run("useradd", &["--no-create-home", name]);
    let ranges = std::fs::read_to_string("/etc/subuid").unwrap_or_default();
    if !ranges.lines().any(|line| line.starts_with(&format!("{name}:"))) {
        eprintln!("SKIPPED: `useradd` made no user with subordinate ids");
        assert!(std::env::var_os("CI").is_none());
        return;
    }
    let (root, user) = (Case::new(), Case::new());
    assert_eq!(root.run(&[]).0, 0);
    let program = user.dir.path().join("apteryx");
    std::fs::copy(env!("CARGO_BIN_EXE_apteryx"), &program).unwrap();
    let before = traces();
    run("chown", &["-R", name, &user.dir.path().to_string_lossy()]);
    let line = format!(
        "APTERYX_CACHE_DIR={0}/cache {0}/apteryx prepare {0} --mirror host",
        user.dir.path().display()
    );
    let output = run("su", &[name, "-s", "/bin/sh", "-c", &line]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    wait_for("the end of all", || traces() == before);
    assert_eq!(user.left(), Vec::<String>::new());
    let unowned = |root: &Path| -> BTreeMap<String, String> {
        let strip = |value: String| {
            value
                .split(' ')
                .enumerate()
                .filter(|(i, _)| *i != 2)
                .map(|(_, w)| w.to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        listing(root)
            .into_iter()
            .map(|(path, value)| (path, strip(value)))
            .collect()
    };
    let (ours, theirs) = (unowned(&root.root()), unowned(&user.root()));
    let differ: Vec<_> = ours
        .iter()
        .filter(|(path, value)| theirs.get(*path) != Some(*value))
        .collect();
    assert!(ours.len() == theirs.len() && differ.is_empty(), "{differ:#?}");
    run("userdel", &[name]);
}

#[test]
fn mistakes_have_their_codes_and_leave_nothing() {
    let _alone = alone();
    if !ready() {
        return;
    }
    let archive = "<package name=\"apt\"/><archive name=\"missing.tar\"/>";
    let disk = "<type image=\"oem\" filesystem=\"ext4\"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>";
    let cases: Vec<(Case, &[&str], i32, &str)> = vec![
        (Case::new(), &["--profile", "Tra"], 1, "error[unknown-profile]"),
        (Case::new(), &["--type", "iso"], 1, "error[unknown-type]"),
        (
            Case::new().edit("<packagemanager>apt", "<packagemanager>zypper"),
            &[],
            1,
            "error[package-manager-unsupported]",
        ),
        (
            Case::new().edit("repository_gpgcheck", "imageonly=\"true\" repository_gpgcheck"),
            &[],
            1,
            "error[no-repository]",
        ),
        (
            Case::new().edit("name=\"apt\"", "name=\"atp\""),
            &[],
            3,
            "error[package-not-found]",
        ),
        (
            // Told before the packages of the bootstrap are installed.
            Case::new()
                .edit("name=\"apt\"", "name=\"atp\"")
                .with("post_bootstrap.sh", "exit 7\n"),
            &[],
            3,
            "error[package-not-found]",
        ),
        (
            Case::new().edit("<type image=\"tbz\"/>", disk),
            &[],
            1,
            "error[no-kernel]: none of the packages is a kernel",
        ),
        (
            Case::new().edit("<package name=\"apt\"/>", archive),
            &[],
            1,
            "error[missing-file]",
        ),
        (
            Case::new().edit("<package name=\"apt\"/>", &archive.replace("missing.tar", "../x")),
            &[],
            1,
            "error[path-outside]",
        ),
        (
            Case::new().with("config.sh", "echo last words\nfalse\n  exit 3\n"),
            &[],
            5,
            "`config.sh` ended with status 3 at line 3",
        ),
        (
            Case::new().with("config.sh", "set -e\n. /.kconfig\necho x\ntest -e /nope\n"),
            &[],
            5,
            "status 1 at line 4",
        ),
        (
            Case::new().with("post_bootstrap.sh", "exit 7\n"),
            &[],
            5,
            "`post_bootstrap.sh` ended with status 7",
        ),
        (
            Case::new()
                .with("out/build/image-root/precious", "x")
                .with("out/CACHEDIR.TAG", ""),
            &[],
            2,
            "error[target-not-empty]",
        ),
    ];
    for (case, args, status, said) in cases {
        let before = traces();
        let (got, text) = case.run(args);
        assert_eq!(got, status, "{said}: {text}");
        assert!(text.contains(said), "{said}: {text}");
        // The promise is said only of work that began, and not where another program's build began or ended meanwhile.
        let promised = text.contains("nothing was left behind (mounts, loop devices, processes)");
        assert!(text.contains(" packages ") || !promised, "{said}: {text}");
        let early = ["package-not-found", "no-kernel"]
            .iter()
            .any(|code| text.contains(code));
        assert!(!early || !text.contains(". prepare "), "{said}: {text}");
        // The janitor may be seen for a moment after it has told of its end.
        wait_for("the end of all", || traces() == before);
        assert_eq!(case.left(), Vec::<String>::new(), "{said}");
        let precious = case.root().join("precious").exists();
        assert_eq!(case.root().exists(), precious, "{said}");
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let _alone = alone();
    if !ready() {
        return;
    }
    store();
    let case = Case::new();
    let out = case.dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let before = traces();
    // The small disk exists in a mount namespace of its own only.
    let script = format!(
        "mount --make-rprivate / && mount -t tmpfs -o size=40m none {0} && \
         {1} prepare {2} --mirror host; status=$?; ls -A {0}; exit $status",
        out.display(),
        env!("CARGO_BIN_EXE_apteryx"),
        case.dir.path().display()
    );
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .env("APTERYX_CACHE_DIR", store())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("error[disk-full]"), "{text}");
    let left = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!left.contains(".apteryx-") && !left.contains("build"), "{left}");
    wait_for("the end of all", || traces() == before);
}

#[test]
fn whatever_ends_it_leaves_nothing() {
    let _alone = alone();
    if !ready() {
        return;
    }
    let case = Case::new().with("config.sh", "setsid sleep 300 &\nsleep 0.4\n");
    assert_eq!(
        case.run(&[]).0,
        0,
        "fills the store, and makes a tree that must survive what follows"
    );
    let kept = listing(&case.root());
    let mut seed = u64::from(std::process::id()) | 1;
    for round in 0..14u64 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let delay = Duration::from_millis((seed >> 33) % 3000);
        let before = traces();
        let mut child = case
            .command()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(delay);
        let (signal, code) = if round % 2 == 0 {
            (nix::sys::signal::Signal::SIGKILL, None)
        } else {
            (nix::sys::signal::Signal::SIGINT, Some(130))
        };
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        let ended_before = child.try_wait().unwrap();
        if ended_before.is_none() {
            nix::sys::signal::kill(pid, signal).unwrap();
        }
        let status = child.wait().unwrap();
        if ended_before.is_none() && delay > Duration::from_millis(100) && status.code() != Some(0) {
            assert_eq!(status.code(), code, "{signal} after {delay:?}");
        }
        wait_for(&format!("{signal} after {delay:?}: the end of all"), || {
            traces() == before && case.left().is_empty()
        });
        assert_eq!(
            listing(&case.root()).len(),
            kept.len(),
            "{signal} after {delay:?}: the finished tree is whole"
        );
    }
}
