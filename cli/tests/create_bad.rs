//! `apteryx create` and `apteryx build` on bad input: each mistake has its code, its place and its exit status, and
//! whatever ends the program leaves host and target as they were. The trees are tiny and made here: the host's bash with
//! its libraries. Needs root (mounts in a private namespace stand in for a missing tool and a full disk).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

const DESCRIPTION: &str = r#"<image schemaversion="8.5" name="Bad">
    <description type="system"><author>A</author><contact>a@b.example</contact><specification>bad</specification></description>
    <preferences>
        <version>1.2.3</version><packagemanager>apt</packagemanager>
        <type image="ext4" primary="true"/>
        <type image="tbz"/>
        <type image="squashfs"/>
        <type image="oci"><containerconfig name="bad"/></type>
        <type image="oem" filesystem="ext4" firmware="bios"><oemconfig><oem-resize>false</oem-resize></oemconfig><size unit="M">40</size></type>
    </preferences>
    <repository type="apt-deb" alias="debian" distribution="bookworm" components="main" repository_gpgcheck="true">
        <source path="https://ftp.debian.org/debian"/>
    </repository>
    <packages type="bootstrap"><package name="base-files"/></packages>
    <packages type="image"><package name="apt"/></packages>
</image>
"#;

/// One at a time: each test compares the whole host before and after.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(tool: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        .iter()
        .map(|dir| Path::new(dir).join(tool))
        .find(|path| path.is_file())
}

fn ready(tools: &[&str]) -> bool {
    let lacks = tools.iter().find(|tool| find(tool).is_none());
    let what = match lacks {
        _ if !nix::unistd::geteuid().is_root() => "root",
        Some(tool) => tool,
        None => return true,
    };
    eprintln!("SKIPPED: needs {what}");
    assert!(std::env::var_os("CI").is_none(), "CI can have {what}");
    false
}

fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap()
}

/// A tree in which bash and a few tools run, and nothing else is.
fn tiny_tree(at: &Path) {
    for dir in ["etc", "usr/bin", "usr/lib", "usr/lib64", "tmp", "var", "boot"] {
        std::fs::create_dir_all(at.join(dir)).unwrap();
    }
    for (link, to) in [
        ("bin", "usr/bin"),
        ("sbin", "usr/bin"),
        ("lib", "usr/lib"),
        ("lib64", "usr/lib64"),
    ] {
        std::os::unix::fs::symlink(to, at.join(link)).unwrap();
    }
    for tool in ["bash", "sleep", "cat", "dd", "sed", "touch", "mkdir"] {
        let from = find(tool).unwrap();
        std::fs::copy(&from, at.join("usr/bin").join(tool)).unwrap();
        let needs = run("ldd", &[from.to_str().unwrap()]);
        for word in String::from_utf8_lossy(&needs.stdout).split_whitespace() {
            if word.starts_with('/') && Path::new(word).is_file() {
                let to = at.join(word.trim_start_matches('/'));
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(word, to).unwrap();
            }
        }
    }
}

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        tiny_tree(&dir.path().join("tree"));
        let case = Self { dir };
        std::fs::create_dir(case.path("d")).unwrap();
        case.with("d/config.xml", DESCRIPTION)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn with(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn edit(self, from: &str, to: &str) -> Self {
        assert!(DESCRIPTION.contains(from));
        self.with("d/config.xml", &DESCRIPTION.replace(from, to))
    }

    fn command(&self, image: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apteryx"));
        command.arg("create").arg(self.path("d"));
        command.arg("--root").arg(self.path("tree"));
        command.arg("--target-dir").arg(self.path("out"));
        command.args(["--type", image]);
        command
    }

    /// Exit status and what was said.
    fn run(&self, image: &str) -> (Option<i32>, String) {
        ended(&self.command(image).output().unwrap())
    }

    /// The command behind `prelude` in a mount namespace of its own; standard output lists the target.
    fn run_apart(&self, prelude: &str, command: &Command) -> (Option<i32>, String, String) {
        let words: Vec<String> = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| format!("'{}'", word.to_str().unwrap()))
            .collect();
        let script = format!(
            "mount --make-rprivate / && mkdir -p {0} && {prelude} && {1} >&2; status=$?; ls -A {0}; exit $status",
            self.path("out").display(),
            words.join(" ")
        );
        let output = run("unshare", &["-m", "sh", "-c", &script]);
        let (status, said) = ended(&output);
        (status, said, String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Names in the target that are no marks of ours.
    fn left(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path("out")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names
            .filter(|name| !matches!(name.as_str(), ".gitignore" | "CACHEDIR.TAG"))
            .collect();
        names.sort();
        names
    }
}

fn ended(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Mounts, loop devices, and processes of ours.
fn traces() -> (String, String, Vec<String>) {
    let mut processes = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let ours = ["__janitor", "__worker", "__enter", "sleep 303"];
        if ours.iter().any(|word| line.contains(word)) {
            processes.push(line);
        }
    }
    (
        std::fs::read_to_string("/proc/self/mountinfo").unwrap(),
        String::from_utf8_lossy(&run("losetup", &["-a"]).stdout).into_owned(),
        processes,
    )
}

/// Waits until `done`, ten seconds at most.
fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < deadline, "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn send(pid: u32, signal: Signal) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap());
    nix::sys::signal::kill(pid, signal).unwrap();
}

#[test]
fn mistakes_have_their_codes_and_leave_nothing() {
    let _alone = alone();
    if !ready(&["mke2fs", "mksquashfs"]) {
        return;
    }
    let big = "dd if=/dev/urandom of=/big bs=1M count=90\n";
    let cases: Vec<(Case, &str, i32, Vec<&str>)> = vec![
        (
            Case::new().with(
                "d/images.sh",
                "echo first words\necho last words\nfalse\n  exit 3\n",
            ),
            "tbz",
            5,
            vec![
                "error[script-failed]: `images.sh` ended with status 3 at line 4",
                "    last words",
                "images.sh:4:3]",
            ],
        ),
        (
            Case::new().with("d/images.sh", "set -e\nsed -n p /nowhere\n"),
            "oci",
            5,
            vec!["status 2 at line 2", "/nowhere: No such file"],
        ),
        (
            Case::new(),
            "oem",
            1,
            vec!["error[no-kernel]: the tree has no kernel", "linux-image-amd64"],
        ),
        (
            with_kernel(Case::new()).with("d/pre_disk_sync.sh", "exit 9\n"),
            "oem",
            5,
            vec!["`pre_disk_sync.sh` ended with status 9 at line 1"],
        ),
        (
            with_kernel(Case::new()).with("d/images.sh", big),
            "oem",
            1,
            vec![
                "error[size-too-small]: the root file system of 3",
                "config.xml:9:",
            ],
        ),
        (
            Case::new().with("out/thesis.tex", "x"),
            "ext4",
            2,
            vec!["error[target-not-empty]", "thesis.tex"],
        ),
        (
            Case::new().edit("<type image=\"ext4\"", "<type image=\"btrfs\""),
            "btrfs",
            1,
            vec!["error[unsupported-image]", "config.xml:5:"],
        ),
        (Case::new(), "iso", 1, vec!["error[unknown-type]"]),
    ];
    for (case, image, status, words) in cases {
        let before = (traces(), case.left());
        let (got, text) = case.run(image);
        assert_eq!(got, Some(status), "{words:?}: {text}");
        for word in &words {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert_eq!((traces(), case.left()), before, "{words:?}");
        assert!(!case.path("tree/image").exists() && !case.path("tree/big").exists());
    }
    let case = Case::new();
    std::fs::remove_dir_all(case.path("tree")).unwrap();
    std::fs::create_dir(case.path("tree")).unwrap();
    let (status, text) = case.run("ext4");
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("error[no-tree]"), "{text}");
}

/// A kernel and an initrd tool, as far as `create` looks at them.
fn with_kernel(case: Case) -> Case {
    std::fs::create_dir_all(case.path("tree/usr/lib/modules/6.1.0")).unwrap();
    let case = case.with("tree/boot/vmlinuz-6.1.0", "kernel");
    let tool = "#!/bin/bash\necho initrd >\"$2\"\n";
    let case = case.with("tree/usr/bin/mkinitramfs", tool);
    run(
        "chmod",
        &["0755", case.path("tree/usr/bin/mkinitramfs").to_str().unwrap()],
    );
    case
}

#[test]
fn a_missing_tool_stops_create_and_build_before_they_start() {
    let _alone = alone();
    if !ready(&["mke2fs", "mksquashfs", "grub-mkimage", "qemu-img"]) {
        return;
    }
    let cases = [
        ("ext4", "mke2fs", ["e2fsprogs", "e2fsprogs", "e2fsprogs"]),
        (
            "squashfs",
            "mksquashfs",
            ["squashfs-tools", "squashfs", "squashfs-tools"],
        ),
        ("oem", "grub-mkimage", ["grub-common", "grub2", "grub2-tools"]),
    ];
    for (image, tool, [debian, suse, fedora]) in cases {
        let case = Case::new().with("d/images.sh", "exit 1\n");
        let hide = format!("mount --bind /dev/null {}", find(tool).unwrap().display());
        let mut build = Command::new(env!("CARGO_BIN_EXE_apteryx"));
        build.arg("build").arg(case.path("d"));
        build.args(["--mirror", "host", "--type", image, "--target-dir"]);
        build.arg(case.path("out"));
        for command in [case.command(image), build] {
            let before = traces();
            let (status, text, listed) = case.run_apart(&hide, &command);
            assert_eq!(status, Some(4), "{text}");
            let words = format!("error[missing-tool]: this host has no `{tool}`, needed for ");
            assert!(text.contains(&words), "{text}");
            let help = format!("install `{debian}` (Debian), `{suse}` (openSUSE) or `{fedora}` (Fedora)");
            assert!(text.contains(&help), "{text}");
            assert_eq!((listed.as_str(), traces()), ("", before));
        }
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let _alone = alone();
    if !ready(&["mke2fs", "mksquashfs"]) {
        return;
    }
    for (image, script) in [
        ("tbz", ""),
        ("ext4", ""),
        ("squashfs", ""),
        ("oci", ""),
        ("ext4", "dd if=/dev/urandom of=/big bs=1M count=90\n"),
    ] {
        let case = Case::new();
        // Random bytes do not become smaller by packing.
        let tree = case.path("tree/noise");
        let noise = run("head", &["-c", "12000000", "/dev/urandom"]).stdout;
        std::fs::write(tree, noise).unwrap();
        if !script.is_empty() {
            std::fs::write(case.path("d/images.sh"), script).unwrap();
        }
        let before = traces();
        let small = format!("mount -t tmpfs -o size=8m none {}", case.path("out").display());
        let (status, text, listed) = case.run_apart(&small, &case.command(image));
        let kind = format!("{image} {script}");
        if script.is_empty() {
            assert_eq!(status, Some(2), "{kind}: {text}");
            assert!(text.contains("error[disk-full]"), "{kind}: {text}");
        } else {
            assert_eq!(status, Some(5), "{kind}: {text}");
        }
        assert!(text.contains("No space left on device"), "{kind}: {text}");
        let names: Vec<&str> = listed.lines().collect();
        assert_eq!(names, [".gitignore", "CACHEDIR.TAG"], "{kind}");
        assert_eq!(traces(), before, "{kind}");
    }
}

#[test]
fn a_signal_in_any_stage_leaves_host_and_target_as_they_were() {
    let _alone = alone();
    if !ready(&["mke2fs", "mksquashfs"]) {
        return;
    }
    let waiting = || Case::new().with("d/images.sh", "echo waiting\nsleep 303 &\nsleep 303\n");
    // Enough to pack for a while.
    let packing = || {
        let case = Case::new();
        let noise = run("head", &["-c", "40000000", "/dev/urandom"]).stdout;
        std::fs::write(case.path("tree/noise"), noise).unwrap();
        case
    };
    let signals = [
        (Signal::SIGINT, Some(130)),
        (Signal::SIGTERM, Some(143)),
        (Signal::SIGKILL, None),
    ];
    for (round, (signal, code)) in signals.iter().cycle().take(12).enumerate() {
        let (case, image) = match round / 3 {
            0 => (waiting(), "tbz"),
            1 => (packing(), "tbz"),
            2 => (packing(), "squashfs"),
            _ => (packing(), "oci"),
        };
        let before = traces();
        let mut child = case
            .command(image)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if round < 3 {
            wait_for("the script", || {
                traces().2.iter().any(|line| line.contains("sleep 303"))
            });
        } else {
            wait_for("the scratch directory", || !case.left().is_empty());
            std::thread::sleep(Duration::from_millis(300));
        }
        assert_eq!(
            child.try_wait().unwrap(),
            None,
            "{image}: it was over before the signal"
        );
        send(child.id(), *signal);
        assert_eq!(child.wait().unwrap().code(), *code, "{signal} {image}");
        wait_for("the end of all", || traces() == before && case.left().is_empty());
    }
}

#[test]
fn what_a_killed_janitor_leaves_goes_with_the_next_run() {
    let _alone = alone();
    if !ready(&["mke2fs"]) {
        return;
    }
    let case = Case::new().with("d/images.sh", "sleep 303\n");
    let before = traces();
    let mut child = case
        .command("ext4")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("the script", || {
        traces().2.iter().any(|line| line.contains("sleep 303"))
    });
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let janitor = std::fs::read_to_string(children).unwrap();
    // Stopped first, so that neither can clean up after the other.
    send(child.id(), Signal::SIGSTOP);
    send(janitor.trim().parse().unwrap(), Signal::SIGKILL);
    send(child.id(), Signal::SIGKILL);
    child.wait().unwrap();
    wait_for("the end of all", || traces() == before);
    assert_eq!(case.left().len(), 1, "nobody was there to remove it");
    std::fs::remove_file(case.path("d/images.sh")).unwrap();
    let (status, text) = case.run("ext4");
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(case.left(), ["Bad.x86_64-1.2.3.ext4", "kiwi.result.json"]);
}
