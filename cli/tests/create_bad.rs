//! `apteryx create` and `apteryx build` on bad input: each mistake has its code, its place and its exit status, and
//! whatever ends the program leaves host and target as they were. The trees are tiny and made here: the host's bash with
//! its libraries. Needs root (mounts in a private namespace stand in for a missing tool and a full disk).
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

mod tiny;

use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use tiny::{Case, alone, ended, find, ready, run, traces, wait_for, wait_long, with_kernel};

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
            Case::new(DESCRIPTION).with(
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
            Case::new(DESCRIPTION).with("d/images.sh", "set -e\nsed -n p /nowhere\n"),
            "oci",
            5,
            vec!["status 2 at line 2", "/nowhere: No such file"],
        ),
        (
            Case::new(DESCRIPTION),
            "oem",
            1,
            vec!["error[no-kernel]: the tree has no kernel", "linux-image-amd64"],
        ),
        (
            with_kernel(Case::new(DESCRIPTION)).with("d/pre_disk_sync.sh", "exit 9\n"),
            "oem",
            5,
            vec!["`pre_disk_sync.sh` ended with status 9 at line 1"],
        ),
        (
            with_kernel(Case::new(DESCRIPTION)).with("d/images.sh", big),
            "oem",
            1,
            vec![
                "error[size-too-small]: the root file system of 3",
                "config.xml:9:",
            ],
        ),
        (
            Case::new(DESCRIPTION).with("out/thesis.tex", "x"),
            "ext4",
            2,
            vec!["error[target-not-empty]", "thesis.tex"],
        ),
        (
            Case::new(&DESCRIPTION.replace("<type image=\"ext4\"", "<type image=\"btrfs\"")),
            "btrfs",
            1,
            vec!["error[unsupported-image]", "config.xml:5:"],
        ),
        (Case::new(DESCRIPTION), "iso", 1, vec!["error[unknown-type]"]),
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
    let case = Case::new(DESCRIPTION);
    std::fs::remove_dir_all(case.path("tree")).unwrap();
    std::fs::create_dir(case.path("tree")).unwrap();
    let (status, text) = case.run("ext4");
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("error[no-tree]"), "{text}");
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
        let case = Case::new(DESCRIPTION).with("d/images.sh", "exit 1\n");
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
fn a_tool_that_fails_is_told_with_its_last_lines_and_where_the_description_asked_for_it() {
    let _alone = alone();
    if !ready(&["mke2fs"]) {
        return;
    }
    let case = Case::new(DESCRIPTION);
    let false_tool = case.path("mke2fs");
    std::fs::write(&false_tool, "#!/bin/sh\necho one; echo two >&2; exit 7\n").unwrap();
    run("chmod", &["0755", false_tool.to_str().unwrap()]);
    let hide = format!(
        "mount --bind {} {}",
        false_tool.display(),
        find("mke2fs").unwrap().display()
    );
    let before = traces();
    let (status, text, listed) = case.run_apart(&hide, &case.command("ext4"));
    assert_eq!(status, Some(2), "{text}");
    for words in [
        "error[tool-failed]: `mke2fs` ended with status 7 while ",
        "d/config.xml:5:22]",
        "asked for here",
        "  its last lines:\n    one\n    two\n",
        "  log: ",
        "  try: apteryx explain tool-failed      (",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let names: Vec<&str> = listed.lines().collect();
    assert_eq!(names, [".gitignore", "CACHEDIR.TAG", "logs"]);
    assert_eq!(traces(), before);
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
        ("oem", ""),
        ("ext4", "dd if=/dev/urandom of=/big bs=1M count=90\n"),
    ] {
        let case = with_kernel(Case::new(DESCRIPTION));
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
        assert_eq!(names, [".gitignore", "CACHEDIR.TAG", "logs"], "{kind}");
        assert_eq!(traces(), before, "{kind}");
    }
}

#[test]
fn a_signal_in_any_stage_leaves_host_and_target_as_they_were() {
    let _alone = alone();
    if !ready(&["mke2fs", "mksquashfs"]) {
        return;
    }
    let waiting = || Case::new(DESCRIPTION).with("d/images.sh", "echo waiting\nsleep 303 &\nsleep 303\n");
    // Enough to pack for a while.
    let packing = || {
        let case = Case::new(DESCRIPTION);
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
    let case = Case::new(DESCRIPTION).with("d/images.sh", "sleep 303\n");
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

#[test]
fn a_build_that_is_ended_while_it_creates_keeps_its_tree_and_nothing_else() {
    let _alone = alone();
    if !ready(&["mke2fs"]) {
        return;
    }
    if !std::path::Path::new("/etc/apt").exists() {
        eprintln!("SKIPPED: needs an apt host, for its mirror");
        assert!(std::env::var_os("CI").is_none(), "CI has a mirror");
        return;
    }
    let description = DESCRIPTION
        .replace("<package name=\"apt\"/>", "<package name=\"bash\"/>")
        .replace("Bad\">", "Built\">");
    let case = Case::new(&description).with("d/images.sh", "sleep 303 &\nsleep 303\n");
    for (signal, code) in [(Signal::SIGTERM, Some(143)), (Signal::SIGKILL, None)] {
        let before = traces();
        let mut build = Command::new(env!("CARGO_BIN_EXE_apteryx"));
        build.arg("build").arg(case.path("d"));
        build.args(["--mirror", "host", "--type", "ext4", "--target-dir"]);
        let mut child = build
            .arg(case.path("out"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_long("the script", 300, || {
            assert_eq!(child.try_wait().unwrap(), None, "the build ended by itself");
            traces().2.iter().any(|line| line.contains("sleep 303"))
        });
        send(child.id(), signal);
        assert_eq!(child.wait().unwrap().code(), code, "{signal}");
        wait_for("the end of all", || {
            traces() == before && case.left() == ["build"]
        });
        assert!(case.path("out/build/image-root/etc/debian_version").is_file());
        let image = std::fs::read_dir(case.path("out/build/image-root/image")).unwrap();
        assert!(image.count() > 0, "the tree is as prepare left it");
    }
    // What is there is good for a `create` of its own.
    std::fs::remove_file(case.path("d/images.sh")).unwrap();
    let mut create = Command::new(env!("CARGO_BIN_EXE_apteryx"));
    create.arg("create").arg(case.path("d"));
    create.args(["--type", "ext4", "--target-dir"]);
    let (status, text) = ended(&create.arg(case.path("out")).output().unwrap());
    assert_eq!(status, Some(0), "{text}");
    let results = [
        "Built.x86_64-1.2.3.changes",
        "Built.x86_64-1.2.3.ext4",
        "Built.x86_64-1.2.3.packages",
    ];
    for name in results {
        assert!(
            case.left().iter().any(|left| left == name),
            "{name}: {:?}",
            case.left()
        );
    }
    run(
        "rm",
        &["-rf", "--one-file-system", case.path("out").to_str().unwrap()],
    );
}

#[test]
fn a_build_does_not_begin_in_a_folder_of_other_files_or_with_what_create_refuses() {
    let _alone = alone();
    if !ready(&["mke2fs"]) {
        return;
    }
    let foreign = Case::new(DESCRIPTION).with("out/thesis.tex", "x");
    let refused = Case::new(&DESCRIPTION.replace("firmware=\"bios\"", "firmware=\"ec2\""));
    let script = Case::new(&DESCRIPTION.replace("firmware=\"bios\"", "editbootinstall=\"no.sh\""));
    let cases = [
        (&foreign, 2, "error[target-not-empty]"),
        (&refused, 1, "error[unsupported-firmware]"),
        (&script, 1, "error[missing-file]"),
    ];
    for (case, status, words) in cases {
        let before = (traces(), case.left());
        let mut build = Command::new(env!("CARGO_BIN_EXE_apteryx"));
        build.arg("build").arg(case.path("d"));
        build.args(["--mirror", "host", "--type", "oem", "--target-dir"]);
        let (got, text) = ended(&build.arg(case.path("out")).output().unwrap());
        assert_eq!(got, Some(status), "{text}");
        assert!(text.contains(words) && !text.contains("packages"), "{text}");
        assert_eq!((traces(), case.left()), before, "{words}");
    }
}
