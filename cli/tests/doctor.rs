//! `apteryx doctor` tries what builds and boots need and says what to do where it is not there. Hosts that lack something
//! are made for one run, in namespaces; that needs root.
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
mod unprivileged;

use std::process::{Command, Stdio};

use serde_json::Value;
use tiny::{alone, find, ready, traces};
use unprivileged::User;

/// The checks of a run, and its exit status.
fn checks(user: &User, prelude: &str) -> (Option<i32>, Value) {
    let (status, out, err) = user.run(prelude, &["doctor", "--json"]);
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(
        status,
        Some(if document["ok"] == true { 0 } else { 4 }),
        "{document}"
    );
    (status, document["checks"].clone())
}

fn one<'v>(checks: &'v Value, name: &str) -> &'v Value {
    let mut checks = checks.as_array().unwrap().iter();
    checks
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("{name}"))
}

fn state<'v>(checks: &'v Value, name: &str) -> &'v str {
    one(checks, name)["state"].as_str().unwrap()
}

#[test]
fn all_is_named_with_what_it_is_for_and_what_to_do() {
    // The others look at the processes that there are.
    let _alone = alone();
    let output = Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(["doctor", "--json"])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let human = Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .arg("doctor")
        .output()
        .unwrap();
    let human = String::from_utf8(human.stdout).unwrap();
    for check in document["checks"].as_array().unwrap() {
        assert!(!check["needed-for"].as_str().unwrap().is_empty(), "{check}");
        assert!(human.contains(check["name"].as_str().unwrap()), "{check}");
        if check["state"] == "missing" {
            assert!(check["message"].is_string(), "{check}");
            assert!(human.contains(check["message"].as_str().unwrap()), "{human}");
        }
    }
    for name in [
        "mke2fs",
        "newuidmap",
        "user namespaces",
        "subordinate ids",
        "sandbox",
        "kvm",
    ] {
        one(&document["checks"], name);
    }
}

#[test]
fn a_user_is_told_what_builds_without_root_lack() {
    let _alone = alone();
    if !ready(&["newuidmap", "setpriv"]) {
        return;
    }
    let before = traces();
    let user = User::new();
    let (_, found) = checks(&user, "");
    for name in ["user namespaces", "subordinate ids", "newuidmap", "sandbox"] {
        assert_eq!(state(&found, name), "ok", "{found:#}");
    }
    assert_eq!(one(&found, "subordinate ids")["found"], "200000 to 265535");

    let without = User {
        ranges: "nobody:200000:1000\n".to_owned(),
        ..User::new()
    };
    let (status, found) = checks(&without, "");
    assert_eq!(status, Some(4));
    assert_eq!(state(&found, "user namespaces"), "ok");
    let ids = one(&found, "subordinate ids");
    assert_eq!(
        ids["message"],
        "`/etc/subuid` has no range of 65536 ids for `nobody`"
    );
    assert!(
        ids["help"].as_str().unwrap().contains("`nobody:201000:65536`"),
        "{ids}"
    );
    assert_eq!(state(&found, "sandbox"), "missing");

    let newuidmap = find("newuidmap").unwrap();
    let (status, found) = checks(&user, &format!("mount --bind /dev/null {}", newuidmap.display()));
    assert_eq!(status, Some(4));
    let tool = one(&found, "newuidmap");
    assert!(
        tool["help"].as_str().unwrap().contains("`uidmap` (Debian)"),
        "{tool}"
    );
    assert_eq!(state(&found, "sandbox"), "missing");

    // There, but no longer allowed to set the ids of others: only the trial shows it.
    let weak = user.path("newuidmap");
    std::fs::copy(&newuidmap, &weak).unwrap();
    let weak = format!(
        "chmod 0755 {0}; mount --bind {0} {1}",
        weak.display(),
        newuidmap.display()
    );
    let (status, found) = checks(&user, &weak);
    assert_eq!((status, state(&found, "newuidmap")), (Some(4), "ok"));
    let sandbox = one(&found, "sandbox");
    assert!(
        sandbox["message"]
            .as_str()
            .unwrap()
            .contains("`newuidmap` refused"),
        "{sandbox}"
    );
    assert!(
        sandbox["help"].as_str().unwrap().contains("set-user-id root"),
        "{sandbox}"
    );
    assert_eq!((traces(), user.names("tmp")), (before, Vec::<String>::new()));
}

#[test]
fn a_kernel_that_refuses_user_namespaces_is_found_out() {
    let _alone = alone();
    if !ready(&["nsenter", "setpriv"]) {
        return;
    }
    let user = User::new();
    // A user namespace with all ids in which no further one may be made: the limit is its own.
    let mut space = Command::new("unshare")
        .args(["-U", "sleep", "303"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let map = |file: &str| std::fs::write(format!("/proc/{}/{file}", space.id()), "0 0 65536\n");
    tiny::wait_for("the namespace", || map("uid_map").is_ok());
    map("gid_map").unwrap();
    let script = format!(
        "echo 0 >/proc/sys/user/max_user_namespaces && \
         exec setpriv --reuid={0} --regid={0} --clear-groups {1} doctor",
        unprivileged::ID,
        user.path("apteryx").display(),
    );
    let output = Command::new("nsenter")
        .args(["-U", "-t", &space.id().to_string(), "sh", "-c", &script])
        .env("TMPDIR", user.path("tmp"))
        .output();
    space.kill().unwrap();
    space.wait().unwrap();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{text}");
    for words in [
        "  missing user namespaces      builds without root\n",
        "          the kernel refuses a new namespace: its limit of them is reached\n",
        "`sudo sysctl user.max_user_namespaces=15000` allows it, or build as root\n",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
