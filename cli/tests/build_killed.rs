//! A whole build, by root and by a user without privileges, ended at random moments of every stage by Ctrl-C, SIGTERM and
//! SIGKILL: afterwards mounts, loop devices, processes and temporary directories are as before, and what was finished is
//! whole. The packages are made here; needs root and the tools of a disk.
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
mod unprivileged;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use tiny::{alone, ready, traces, wait_for};
use unprivileged::{User, names};

/// Every step that a build tells of, in its order; the empty one is before the first.
const STEPS: [&str; 12] = [
    "",
    "check",
    "packages/metadata",
    "packages/download",
    "prepare/unpack",
    "prepare/configure",
    "prepare/config.sh",
    "create/images.sh",
    "create/about",
    "initrd",
    "create/pre_disk_sync.sh",
    "convert",
];

/// Who builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Root,
    User,
}

const ARGS: [&str; 6] = ["build", ".", "--target-dir", "../out", "--events", "-"];

fn command(case: &User, who: Who) -> Command {
    if who == Who::User {
        return case.command("", &ARGS);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_apteryx"));
    command.args(ARGS).current_dir(case.path("d"));
    command.env("APTERYX_CACHE_DIR", case.path("store"));
    command.env("TMPDIR", case.path("tmp"));
    command
}

/// Waits until the step begins. False where the build ended before.
fn reach(child: &mut Child, step: &str) -> bool {
    if step.is_empty() {
        return true;
    }
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let word = format!("{{\"event\":\"step-started\",\"step\":\"{step}\"");
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        if line.starts_with(&word) {
            // Somebody goes on to read, so that the build is not held up.
            std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
            return true;
        }
        line.clear();
    }
    false
}

/// Parts that a fetch has begun and not finished, and lists of what is in use.
fn unfinished(store: &Path) -> Vec<String> {
    let folders = ["v1/tmp", "v1/holds"];
    folders
        .iter()
        .flat_map(|folder| names(&store.join(folder)))
        .collect()
}

#[test]
fn a_build_ended_in_any_stage_leaves_nothing() {
    ended_in_any_stage(Who::Root);
}

#[test]
fn a_users_build_ended_in_any_stage_leaves_nothing() {
    ended_in_any_stage(Who::User);
}

fn ended_in_any_stage(who: Who) {
    let _alone = alone();
    if !ready(&[
        "mke2fs",
        "grub-mkimage",
        "qemu-img",
        "dpkg-deb",
        "ldd",
        "newuidmap",
    ]) {
        return;
    }
    let case = User::new();
    let dir = case.dir.path();
    std::fs::create_dir(dir.join("out")).unwrap();
    case.own("out");
    std::fs::write(dir.join("d/config.xml"), packaged::disk("Killed")).unwrap();
    for script in ["config.sh", "images.sh", "pre_disk_sync.sh"] {
        std::fs::write(dir.join("d").join(script), "sleep 0.2 &\nsleep 0.2\nwait\n").unwrap();
    }
    packaged::repository(&dir.join("d/repository"));

    // What a whole one leaves; and that every step is told of.
    let output = command(&case, who).output().unwrap();
    let (events, words) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{words}");
    for step in STEPS.iter().filter(|step| !step.is_empty()) {
        assert!(
            events.contains(&format!("\"step\":\"{step}\"")),
            "{step}: {events}"
        );
    }
    let whole = names(&dir.join("out"));
    assert!(whole.iter().any(|name| name.ends_with(".qcow2")), "{whole:?}");

    let mut seed = u64::from(std::process::id()) | 1;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let signals = [
        (Signal::SIGINT, Some(130)),
        (Signal::SIGTERM, Some(143)),
        (Signal::SIGKILL, None),
    ];
    for step in STEPS {
        for (signal, code) in signals {
            // A store of its own, so that there is something to fetch.
            let store = dir.join("store");
            std::fs::remove_dir_all(&store).unwrap();
            std::fs::create_dir(&store).unwrap();
            case.own("store");
            let delay = Duration::from_millis(random(220));
            let when = format!("{who:?}: {signal} {delay:?} after the begin of `{step}`");
            let before = traces();
            let mut child = command(&case, who)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            assert!(reach(&mut child, step), "{when}: it ended before");
            std::thread::sleep(delay);
            let over = child.try_wait().unwrap().is_some();
            if !over {
                let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
                nix::sys::signal::kill(pid, signal).unwrap();
            }
            let status = child.wait().unwrap();
            // Before the program has begun, a signal does what it does to any.
            let too_early = step.is_empty() && status.signal() == Some(signal as i32);
            assert!(
                too_early || status.code() == code || status.code() == Some(0),
                "{when}: {status:?}"
            );
            let clean =
                || traces() == before && names(&dir.join("out")) == whole && unfinished(&store).is_empty();
            wait_for(&format!("{when}: the end of all"), clean);
            assert_eq!(names(&dir.join("tmp")), Vec::<String>::new(), "{when}");
            assert!(dir.join("out/build/image-root/usr/bin/bash").is_file(), "{when}");
            let index = std::fs::read(dir.join("out/kiwi.result.json")).unwrap();
            serde_json::from_slice::<serde_json::Value>(&index).unwrap();
        }
    }
    // And the next one is not in the way of anything.
    let output = command(&case, who).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // A user's tree belongs to ids that only root reaches.
    packaged::run(
        "rm",
        &["-rf", "--one-file-system", dir.join("out").to_str().unwrap()],
    );
}
