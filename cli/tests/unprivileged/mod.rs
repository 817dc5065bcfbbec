//! The binary as a user without privileges runs it. The user is `nobody`, whose subordinate ids, and whatever else a test
//! changes of the host, exist in a mount namespace of that one run only: nothing of the host is changed. Needs root.
#![allow(dead_code)] // Each test uses a part of it.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `nobody` on every distribution that packages are made for.
pub const ID: u32 = 65_534;

/// A folder of the user's: `d` for a description, `out`, `store`, `tmp`.
pub struct User {
    pub dir: tempfile::TempDir,
    /// Lines of `/etc/subuid` and `/etc/subgid`.
    pub ranges: String,
}

impl User {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let user = Self {
            dir,
            ranges: "nobody:200000:65536\n".to_owned(),
        };
        std::fs::set_permissions(user.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["d", "store", "tmp"] {
            std::fs::create_dir(user.path(name)).unwrap();
            user.own(name);
        }
        // Where the binary lies the user may have no way to.
        let (binary, program) = (env!("CARGO_BIN_EXE_apteryx"), user.path("apteryx"));
        if std::fs::hard_link(binary, &program).is_err() {
            std::fs::copy(binary, &program).unwrap();
        }
        user
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes a file or folder the user's.
    pub fn own(&self, name: &str) {
        chown(self.path(name), Some(ID), Some(ID)).unwrap();
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
        self.own(name);
    }

    /// The binary with these words in the description's folder, after `prelude` (shell, as root). The process is the
    /// binary's own: signals reach it.
    pub fn command(&self, prelude: &str, args: &[&str]) -> Command {
        self.behind(prelude, "exec", args)
    }

    /// As [`Self::command`], with `before` in front of the binary in the shell's line.
    pub fn behind(&self, prelude: &str, before: &str, args: &[&str]) -> Command {
        let ranges = self.path("ranges");
        std::fs::write(&ranges, &self.ranges).unwrap();
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let script = format!(
            "set -e; mount --make-rprivate /; mount --bind {0} /etc/subuid; mount --bind {0} /etc/subgid; {prelude}\n\
             cd {1}; {before} setpriv --reuid={ID} --regid={ID} --clear-groups {2} \"$@\"",
            ranges.display(),
            path("d"),
            path("apteryx"),
        );
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", &script, "sh"]).args(args);
        command
            .env("APTERYX_CACHE_DIR", path("store"))
            .env("TMPDIR", path("tmp"))
            .env("HOME", path("tmp"))
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Exit status, standard output, standard error.
    pub fn run(&self, prelude: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(prelude, args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// Names in one of its folders, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }
}

/// Names in a folder, sorted.
pub fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
