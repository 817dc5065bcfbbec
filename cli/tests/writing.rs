//! What `check --fix`, `fmt` and `migrate` write, and what they say where they cannot. Fixtures are written here.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr)] // A test may run programs.

mod user;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use user::{SOUND, apteryx};

fn typo() -> String {
    SOUND.replace("filesystem=", "filesytem=")
}

/// Status and standard error where standard output is a full device.
fn to_full(dir: &Path, args: &[&str], stdin: &str) -> (i32, String) {
    use std::io::Write;
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let done = child.wait_with_output().unwrap();
    (
        done.status.code().unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    )
}

#[test]
fn results_that_cannot_be_written_are_no_success() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("config.xml"), SOUND).unwrap();
    fs::write(dir.path().join("typo.kiwi"), typo()).unwrap();
    for args in [
        &["check"][..],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["check", "--format", "github", "typo.kiwi"],
        &["check", "--diff", "typo.kiwi"],
        &["check", "--fix", "-"],
        &["fmt", "-"],
        &["migrate", "-"],
        &["explain", "type"],
        &["explain", "--list"],
    ] {
        let (code, err) = to_full(dir.path(), args, &typo());
        assert!(
            code == 2 && err.contains("cannot write to standard output"),
            "{args:?} {code} {err}"
        );
        assert!(!err.contains("a fault of apteryx"), "{err}");
    }
}

#[test]
fn a_repair_that_cannot_be_written_is_told_as_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("bad.kiwi");
    fs::write(dir.path().join("good.kiwi"), typo()).unwrap();
    fs::write(&bad, typo()).unwrap();
    // As root only what cannot be changed at all is refused; for others the mode is enough.
    let immutable = |sign: &str| Command::new("chattr").arg(sign).arg(&bad).status();
    fs::set_permissions(&bad, PermissionsExt::from_mode(0o444)).unwrap();
    let _ = immutable("+i");
    if fs::OpenOptions::new().write(true).open(&bad).is_ok() {
        eprintln!("SKIPPED: this user may write everything, and the file system knows no immutable files");
        return;
    }
    let ran = apteryx(dir.path(), &["check", "--fix", "--format", "github"], b"");
    let _ = immutable("-i");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("1 problem fixed\n"), "{}", ran.err);
    assert!(
        ran.err.contains("error: cannot write `bad.kiwi`: "),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("os error"), "{}", ran.err);
    // It is as it was, and so it is told.
    assert!(
        ran.out.starts_with("::error file=bad.kiwi,line=14") && !ran.out.contains("good.kiwi"),
        "{}",
        ran.out
    );
}

#[test]
fn names_of_files_are_written_so_that_they_are_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let names: [&[u8]; 5] = [
        b"new\nline.kiwi",
        b"\xff\xfe.kiwi",
        b"esc\x1b[31m.kiwi",
        b"quo\"te\\.kiwi",
        b"50% a.kiwi",
    ];
    for name in names {
        fs::write(dir.path().join(OsStr::from_bytes(name)), typo()).unwrap();
    }
    let ran = apteryx(dir.path(), &["check", "--format", "sarif"], b"");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let results = json["runs"][0]["results"].as_array().unwrap();
    let mut uris: Vec<_> = results
        .iter()
        .map(|r| {
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
        })
        .collect();
    uris.sort_unstable();
    assert_eq!(
        uris,
        [
            "%FF%FE.kiwi",
            "50%25%20a.kiwi",
            "esc%1B%5B31m.kiwi",
            "new%0Aline.kiwi",
            "quo%22te%5C.kiwi"
        ]
    );
    // Nothing steers the terminal.
    let ran = apteryx(dir.path(), &["check"], b"");
    assert!(
        !ran.out.contains('\u{1b}') && ran.out.contains("[new?line.kiwi:14:27]"),
        "{}",
        ran.out
    );
    let ran = apteryx(dir.path(), &["check", "--diff"], b"");
    fs::write(dir.path().join("all.diff"), &ran.out).unwrap();
    let git = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(dir.path()).output();
        done.is_ok_and(|d| d.status.success())
    };
    if git(&["init", "-q"]) {
        assert!(git(&["apply", "all.diff"]), "{}", ran.out);
        for name in names {
            assert_eq!(
                fs::read_to_string(dir.path().join(OsStr::from_bytes(name))).unwrap(),
                SOUND
            );
        }
    }
}
