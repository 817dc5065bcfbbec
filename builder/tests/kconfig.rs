//! The helpers of `/.kconfig` as bash runs them: which there are, and what those do that scripts call most.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs
)]

use std::path::Path;
use std::process::Command;

const HELPERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/prepare/kconfig.sh");

/// What a script says that reads the helpers; `systemctl` only says how it was called.
fn said(dir: &Path, script: &str) -> (bool, String) {
    let text = format!(
        "set -eu; . {HELPERS}; _kconfig_root=$PWD; systemctl() {{ echo \"systemctl $*\"; }}\n{script}"
    );
    let output = Command::new("bash")
        .args(["-c", &text])
        .current_dir(dir)
        .output()
        .unwrap();
    let mut all = String::from_utf8_lossy(&output.stdout).into_owned();
    all.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.success(), all)
}

fn with_units(units: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for unit in units {
        let path = dir.path().join(unit);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    dir
}

#[test]
fn services_are_enabled_where_they_are_and_noted_where_they_are_not() {
    let dir = with_units(&[
        "usr/lib/systemd/system/ssh.service",
        "usr/lib/systemd/system/fstrim.timer",
        "usr/lib/systemd/system/getty@.service",
        "usr/lib/systemd/system/initrd.target",
    ]);
    let script = "baseInsertService ssh nosuch fstrim.timer getty@tty1.service; baseService ssh off; baseSetRunlevel 3; \
                  baseSetRunlevel initrd.target; echo end";
    let (ok, text) = said(dir.path(), script);
    assert!(ok, "{text}");
    let expected = "systemctl enable ssh\nsystemctl enable fstrim.timer\nsystemctl enable getty@tty1.service\nsystemctl disable ssh\n\
                    systemctl set-default multi-user.target\nsystemctl set-default initrd.target\nend\n\
                    note: there is no service `nosuch`, and nothing is done for it\n";
    assert_eq!(text, expected);
    let (ok, text) = said(
        dir.path(),
        "systemctl() { return 3; }; baseInsertService ssh; echo end",
    );
    assert!(!ok && !text.contains("end"), "{text}");
}

#[test]
fn assignments_are_quoted_and_files_kept_by_name() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("conf"),
        "# no\n\nA=\"it's\"\nB='two words'\nC=plain\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("keep-me"), "").unwrap();
    std::fs::write(dir.path().join("other"), "").unwrap();
    let script = "baseQuoteFile conf; cat conf; printf '%s\\n' keep-me other | baseStripAndKeep keep; echo *";
    let (ok, text) = said(dir.path(), script);
    assert!(ok, "{text}");
    assert_eq!(text, "A='it'\\''s'\nB='two words'\nC='plain'\nconf keep-me\n");
}

#[test]
fn every_helper_that_the_check_knows_is_there() {
    // The rule `unknown-helper` is silent on these.
    let known = include_str!("../../schema/src/rules/scripts/calls.rs");
    let list = known.split("const HELPERS: &[&str] = &[").nth(1).unwrap();
    let names = list.split("];").next().unwrap().split('"').skip(1).step_by(2);
    let script = names
        .map(|name| format!("declare -F {name} >/dev/null || echo {name}\n"))
        .collect::<String>();
    let dir = tempfile::tempdir().unwrap();
    let (_, missing) = said(dir.path(), &script);
    assert_eq!(missing, "");
}
