//! `apteryx boot` where no system starts: its exit codes, its words, and that nothing of it stays, however it ends.
#![cfg(test)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn ready() -> bool {
    let there = Path::new("/usr/bin/qemu-system-x86_64").exists()
        && Path::new("/usr/share/OVMF/OVMF_CODE_4M.fd").exists();
    if !there {
        eprintln!("SKIPPED: needs qemu-system-x86 and ovmf");
        assert!(std::env::var_os("CI").is_none(), "CI has QEMU");
    }
    there
}

/// A disk of zeros that says it can be started, with a directory for temporary files.
fn blank() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (disk, temporary) = (dir.path().join("blank.raw"), dir.path().join("tmp"));
    let mut bytes = vec![0; 4 << 20];
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(&disk, bytes).unwrap();
    std::fs::create_dir(&temporary).unwrap();
    (dir, disk, temporary)
}

fn boot(disk: &Path, temporary: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apteryx"));
    command
        .arg("boot")
        .arg(disk)
        .args(["--until", "login"])
        .args(more)
        .env("TMPDIR", temporary)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Processes of a boot: those that have its directory for temporary files in their environment.
fn users_of(temporary: &Path) -> usize {
    let name = temporary.to_str().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter(|entry| {
            let line = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(name)
        })
        .count()
}

fn wait_for(what: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

#[test]
fn a_disk_that_does_not_start_ends_with_1_and_its_last_lines() {
    if !ready() {
        return;
    }
    let (_dir, disk, temporary) = blank();
    // The firmware's own prompt ends the wait.
    for (firmware, timeout, verdict) in [
        ("bios", "15", "no login prompt within 15 s"),
        ("uefi", "240", "the firmware found nothing to start"),
    ] {
        let output = boot(&disk, &temporary, &["--timeout", timeout, "--firmware", firmware])
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(
            words.contains(&format!("error[boot-failed]: {verdict}\n")),
            "{words}"
        );
        // OVMF speaks on the serial line, SeaBIOS does not.
        let sign = if firmware == "uefi" {
            "BdsDxe"
        } else {
            "the serial console stayed silent"
        };
        assert!(words.contains(sign), "{firmware}: {words}");
    }
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    assert_eq!(users_of(&temporary), 0);
}

#[test]
fn events_carry_the_consoles_lines_and_the_verdict() {
    if !ready() {
        return;
    }
    let (_dir, disk, temporary) = blank();
    let more = ["--timeout", "240", "--firmware", "uefi", "--events", "-"];
    let output = boot(&disk, &temporary, &more).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("every line is one event"))
        .collect();
    let kinds = |kind: &str| events.iter().filter(|e| e["event"] == kind).count();
    assert_eq!(
        (&events[0]["event"], &events[0]["step"]),
        (&"step-started".into(), &"boot".into())
    );
    let console = |e: &&serde_json::Value| e["line"].as_str().is_some_and(|line| line.contains("BdsDxe"));
    assert!(events.iter().any(|e| console(&e)) && kinds("log") > 0, "{text}");
    let [.., step, last] = events.as_slice() else {
        panic!("no end: {text}")
    };
    assert_eq!(
        (&step["event"], &step["outcome"]),
        (&"step-finished".into(), &"failed".into())
    );
    let expected = serde_json::json!({"event": "finished", "ok": false, "exit-code": 1, "message": "the firmware found nothing to start"});
    assert_eq!(last, &expected);
}

#[test]
fn what_no_machine_can_start_is_told_at_once() {
    let (_dir, disk, temporary) = blank();
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (&b"text"[..], "has neither a boot sector nor a partition table"),
        (&b"\xfd7zXZ\0"[..], "is packed with xz"),
    ] {
        std::fs::write(&disk, bytes).unwrap();
        let output = boot(&disk, &temporary, &[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let words = format!("error[no-image]: `{}` {words}\n  help: `", disk.display());
        assert!(said.starts_with(&words), "{said}");
    }
}

#[test]
fn whatever_ends_it_leaves_nothing() {
    if !ready() {
        return;
    }
    let (_dir, disk, temporary) = blank();
    for (signal, code) in [
        (Signal::SIGINT, Some(130)),
        (Signal::SIGTERM, Some(143)),
        (Signal::SIGKILL, None),
    ] {
        let mut child = boot(&disk, &temporary, &["--firmware", "uefi"]).spawn().unwrap();
        assert!(wait_for(|| users_of(&temporary) > 1), "the guest did not start");
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), code, "{signal}");
        assert!(
            wait_for(|| users_of(&temporary) == 0),
            "{signal}: the guest runs on"
        );
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "{signal}");
    }
}
