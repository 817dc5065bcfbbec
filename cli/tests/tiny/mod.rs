//! For tests of `create` that build no packages: a tiny tree (the host's bash with its libraries, a kernel and an initrd
//! tool in name only), a description, and what the host looks like before and after.
#![allow(clippy::print_stderr)] // A test may.
#![allow(dead_code)] // Each test uses a part of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One at a time: each test compares the whole host before and after.
pub fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn find(tool: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        .iter()
        .map(|dir| Path::new(dir).join(tool))
        .find(|path| path.is_file())
}

pub fn ready(tools: &[&str]) -> bool {
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

pub fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap()
}

/// A tree in which bash and a few tools run, and nothing else is.
pub fn tiny_tree(at: &Path) {
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

/// A description of that name with these preferences, which builds no packages.
pub fn description(name: &str, preferences: &str) -> String {
    format!(
        r#"<image schemaversion="8.5" name="{name}">
    <description type="system"><author>A</author><contact>a@b.example</contact><specification>tiny</specification></description>
    <preferences>
        {preferences}
    </preferences>
    <repository type="apt-deb"><source path="https://ftp.debian.org/debian"/></repository>
    <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#
    )
}

/// A description in `d`, a tree in `tree`, results in `out`.
pub struct Case {
    pub dir: tempfile::TempDir,
}

impl Case {
    pub fn new(description: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        tiny_tree(&dir.path().join("tree"));
        let case = Self { dir };
        std::fs::create_dir(case.path("d")).unwrap();
        case.with("d/config.xml", description)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn with(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn command(&self, image: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apteryx"));
        command.arg("create").arg(self.path("d"));
        command.arg("--root").arg(self.path("tree"));
        command.arg("--target-dir").arg(self.path("out"));
        command.args(["--type", image]);
        command
    }

    /// Exit status and what was said.
    pub fn run(&self, image: &str) -> (Option<i32>, String) {
        ended(&self.command(image).output().unwrap())
    }

    /// The command behind `prelude` in a mount namespace of its own; standard output lists the target.
    pub fn run_apart(&self, prelude: &str, command: &Command) -> (Option<i32>, String, String) {
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
    pub fn left(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path("out")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names
            .filter(|name| !matches!(name.as_str(), ".gitignore" | "CACHEDIR.TAG" | "logs"))
            .collect();
        names.sort();
        names
    }
}

pub fn ended(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// What this thread starts from here on lives in a mount namespace of its own: what other programs of the host mount and
/// unmount meanwhile is not seen in it, and a mount that a job leaves is.
fn apart() {
    use nix::mount::{MsFlags, mount};
    thread_local!(static DONE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    if DONE.replace(true) || !nix::unistd::geteuid().is_root() {
        return;
    }
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).unwrap();
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
}

/// Mounts, loop devices, and processes that this test began, whoever is their parent now. What other programs of the host
/// do at the same time is not seen.
pub fn traces() -> (String, String, Vec<String>) {
    apart();
    // From here on what loses its parent becomes a child of this process.
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        if let Some(parent) = parent.and_then(|number| number.trim().parse::<u32>().ok()) {
            parents.insert(pid, parent);
        }
    }
    let own = |pid: &u32| {
        let ancestors = std::iter::successors(parents.get(pid), |pid| parents.get(pid));
        ancestors.take(64).any(|pid| *pid == std::process::id())
    };
    let mut processes = Vec::new();
    for pid in parents.keys().filter(|pid| own(pid)) {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // One that has ended and waits to be asked has none; a server that was started for the test stays.
        if !line.is_empty() && !line.contains("apteryx lsp") {
            processes.push(line);
        }
    }
    // Those of this run; a loop device of another program has its file elsewhere.
    let own = std::env::temp_dir();
    let loops = String::from_utf8_lossy(&run("losetup", &["-a"]).stdout)
        .lines()
        .filter(|line| line.contains(own.to_str().unwrap()) || line.contains("apteryx"))
        .fold(String::new(), |all, line| all + line + "\n");
    (
        std::fs::read_to_string("/proc/thread-self/mountinfo").unwrap(),
        loops,
        processes,
    )
}

/// Waits until `done`, ten seconds at most.
pub fn wait_for(what: &str, done: impl FnMut() -> bool) {
    wait_long(what, 10, done);
}

/// As [`wait_for`], with so many seconds.
pub fn wait_long(what: &str, seconds: u64, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < deadline, "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A kernel and an initrd tool, as far as `create` looks at them.
pub fn with_kernel(case: Case) -> Case {
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
