//! The sandbox keeps its promise: whatever happens to a job (success, failure, Ctrl-C, SIGKILL at a random moment), as
//! root or not, afterwards mounts, loop devices, processes and directories are as before.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use apteryx_builder::BuildError;
use apteryx_builder::events::{Event, Reporter};
use apteryx_builder::sandbox::{self, Cmd, Sandbox, Worker};

fn main() {
    if let Some(code) = sandbox::hidden(job, |_| {}) {
        std::process::exit(code);
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    // The process that a test kills: it supervises one job, as the command line does.
    if args.first().is_some_and(|arg| arg == "supervise") {
        std::process::exit(supervise(&args[1], Path::new(&args[2])));
    }
    if args.first().is_some_and(|arg| arg == "between") {
        std::process::exit(between(&args[1], Path::new(&args[2])));
    }
    let tests: [(&str, fn(&Host)); 10] = [
        ("sees_only_what_it_should", sees_only_what_it_should),
        ("leaves_nothing_in_the_tree", leaves_nothing_in_the_tree),
        ("binds_and_network", binds_and_network),
        ("overlay_leaves_lower_alone", overlay_leaves_lower_alone),
        ("trees", trees),
        ("errors_come_back_typed", errors_come_back_typed),
        ("signals_end_all", signals_end_all),
        ("signals_between_jobs", signals_between_jobs),
        ("kill_at_random_moments", kill_at_random_moments),
        ("killed_helpers", killed_helpers),
    ];
    if args.iter().any(|arg| arg == "--list") {
        return tests.iter().for_each(|(name, _)| println!("{name}: test"));
    }
    let filter = args
        .iter()
        .find(|arg| !arg.starts_with('-'))
        .cloned()
        .unwrap_or_default();
    sweep();
    let _dir = JobsDir;
    let hosts = Host::all();
    for host in &hosts {
        for (name, test) in tests.iter().filter(|(name, _)| name.contains(&filter)) {
            let started = Instant::now();
            let before = Traces::now();
            test(host);
            before.assert_same(name);
            println!(
                "test {name} ({}) ... ok, {:.1} s",
                host.name,
                started.elapsed().as_secs_f64()
            );
        }
    }
}

/// What the worker does: a word, for each test one.
fn job(request: serde_json::Value, worker: &Worker) -> Result<serde_json::Value, BuildError> {
    let request = request.as_str().unwrap_or("").to_owned();
    let step = worker.reporter.step("test", "a test");
    let root = worker.scratch.join("root");
    let (word, rest) = request.split_once(' ').unwrap_or((&request, ""));
    let text = match word {
        "sh" => {
            make_tree(&root);
            let output = Sandbox::new(&root).run_unchecked(&script(rest), Some(&step))?;
            format!("{} {}", output.status, output.text())
        }
        "tree" => {
            make_tree(&root);
            Sandbox::new(&root).run(&script(rest), &step)?;
            let list = Cmd::new("find")
                .arg(&root)
                .args(["-mindepth", "1", "-printf", "%P\n"])
                .capture();
            sandbox::run_tool(&list, None)?.text()
        }
        "bind" => {
            make_tree(&root);
            let shared = worker.scratch.join("shared");
            std::fs::create_dir(&shared).unwrap();
            std::fs::write(shared.join("seen"), "yes").unwrap();
            let network = rest == "network";
            let inside = "cat /opt/in/seen; echo no > /opt/in/other && echo wrote-ro; echo hi > /run/out/file; \
                          grep -c : /proc/net/dev; ls /sys/class/net | tr '\\n' ' '; \
                          grep -q ' 127.0.0.1$' /proc/net/fib_trie && echo loopback";
            let run = Sandbox::new(&root)
                .bind_ro(&shared, "/opt/in")
                .bind_rw(&shared, "/run/out")
                .network(network);
            let output = run.run_unchecked(&script(inside), Some(&step))?;
            let left = root.join("opt/in").exists() || root.join("opt").exists();
            format!(
                "{} shared={} left={left}",
                output.text(),
                shared.join("file").exists()
            )
        }
        "overlay" => {
            let [lower, upper, work, at] =
                ["lower", "upper", "work", "at"].map(|name| worker.scratch.join(name));
            for dir in [&lower, &upper, &work, &at] {
                std::fs::create_dir(dir).unwrap();
            }
            make_tree(&lower);
            std::fs::write(lower.join("etc/file"), "old").unwrap();
            let mounted = sandbox::overlay(&lower, &upper, &work, &at)?;
            let inside =
                "echo new > /etc/file; rm /bin/dash; rmdir /tmp 2>/dev/null; mkdir /made; chown 7:7 /made";
            Sandbox::new(&at).run(&script(inside), &step)?;
            let seen = std::fs::read_to_string(at.join("etc/file")).unwrap();
            let refused = sandbox::remove_tree(&worker.scratch).unwrap_err();
            drop(mounted);
            format!(
                "{} {} {} {:?} {}",
                seen.trim(),
                std::fs::read_to_string(lower.join("etc/file")).unwrap(),
                lower.join("bin/dash").exists(),
                refused.kind(),
                std::fs::metadata(upper.join("made")).unwrap().uid(),
            )
        }
        "trees" => trees_in_worker(worker)?,
        "fail" => {
            let cmd = Cmd::new("sh")
                .arg("-c")
                .arg("echo its last words; exit 9")
                .doing("failing on purpose");
            sandbox::run_tool(&cmd, Some(&step))?.text()
        }
        "panic" => panic!("on purpose"),
        // Keeps busy in every way for a while: a daemon that escapes its session, mounts, files, sandboxes in it.
        "busy" => {
            make_tree(&root);
            let [upper, work, at] = ["upper", "work", "at"].map(|name| worker.scratch.join(name));
            for dir in [&upper, &work, &at] {
                std::fs::create_dir(dir).unwrap();
            }
            let _mounted = sandbox::overlay(&root, &upper, &work, &at)?;
            step.log("ready");
            for round in 0.. {
                let inside = "setsid sleep 1000 & trap '' TERM INT HUP; \
                              mkdir -p /var/a/b; echo x > /var/a/b/c; sleep 0.2";
                Sandbox::new(&at).run(&script(inside), &step)?;
                let tool = Cmd::new("sh")
                    .arg("-c")
                    .arg("setsid sleep 1000 & mkdir -p d; echo > d/f; sleep 0.1");
                sandbox::run_tool(&tool.cwd(&worker.scratch), Some(&step))?;
                step.log(format!("round {round}"));
            }
            String::new()
        }
        _ => String::new(),
    };
    Ok(text.into())
}

fn script(text: &str) -> Cmd {
    Cmd::new("/bin/sh").arg("-c").arg(text).capture()
}

/// A tree that can run a shell and the tools the tests use: the host's own, copied.
fn make_tree(root: &Path) {
    for dir in ["bin", "etc", "proc", "sys", "dev", "run", "tmp", "var", "usr/bin"] {
        std::fs::create_dir_all(root.join(dir)).unwrap();
    }
    let tools = [
        "dash", "ls", "cat", "sleep", "mkdir", "rm", "rmdir", "chown", "grep", "id", "tr", "setsid", "stat",
        "mount", "readlink", "dd", "touch", "kill",
    ];
    for tool in tools {
        let path = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(tool));
        let path = path.iter().find(|path| path.exists()).unwrap();
        std::fs::copy(path, root.join("bin").join(tool)).unwrap();
        let needs = Command::new("ldd").arg(path).output().unwrap();
        let needs = String::from_utf8_lossy(&needs.stdout).into_owned();
        for library in needs.split_whitespace().filter(|word| word.starts_with('/')) {
            let to = root.join(library.trim_start_matches('/'));
            if !to.exists() {
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(library, to).unwrap();
            }
        }
    }
    std::os::unix::fs::symlink("dash", root.join("bin/sh")).unwrap();
}

/// Who runs the jobs: root, and a user without privileges.
struct Host {
    name: &'static str,
    user: Option<(u32, u32)>,
    dir: PathBuf,
    program: PathBuf,
}

/// Begins the name of a run's directory; the rest is the number of its process.
const JOBS: &str = "apteryx-sandbox-";

/// Where this run keeps its program and its targets.
fn jobs_dir() -> PathBuf {
    std::env::temp_dir().join(format!("{JOBS}{}", std::process::id()))
}

/// Removes the run's directory, also where a test fails.
struct JobsDir;

impl Drop for JobsDir {
    fn drop(&mut self) {
        let left = sandbox::remove_tree(&jobs_dir());
        if !std::thread::panicking() {
            left.unwrap();
        }
    }
}

/// Removes the directories of runs that were killed themselves.
fn sweep() {
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(Ok(pid)) = name.strip_prefix(JOBS).map(str::parse::<u32>) else {
            continue;
        };
        if !Path::new(&format!("/proc/{pid}")).exists() {
            let _ = sandbox::remove_tree(&entry.path());
        }
    }
}

impl Host {
    fn all() -> Vec<Self> {
        let dir = jobs_dir();
        let _ = sandbox::remove_tree(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
        // The test program may lie where the user has no way to.
        let program = dir.join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        if !nix::unistd::geteuid().is_root() {
            let host = Self {
                name: "user",
                user: None,
                dir: dir.join("user"),
                program,
            };
            std::fs::create_dir(&host.dir).unwrap();
            skip("the tests as root need root");
            return vec![host];
        }
        let root = Self {
            name: "root",
            user: None,
            dir: dir.join("root"),
            program: program.clone(),
        };
        std::fs::create_dir(&root.dir).unwrap();
        let mut hosts = vec![root];
        match TestUser::ids() {
            Some((uid, gid)) => {
                let user = Self {
                    name: "user",
                    user: Some((uid, gid)),
                    dir: dir.join("user"),
                    program,
                };
                std::fs::create_dir(&user.dir).unwrap();
                std::os::unix::fs::chown(&user.dir, Some(uid), Some(gid)).unwrap();
                hosts.push(user);
            }
            None => skip("`useradd` made no user with subordinate ids"),
        }
        hosts
    }

    fn command(&self, request: &str) -> Command {
        self.verb("supervise", request)
    }

    fn verb(&self, verb: &str, request: &str) -> Command {
        let mut command = match self.user {
            None => Command::new(&self.program),
            Some((uid, gid)) => {
                let mut command = Command::new("setpriv");
                command.args([
                    format!("--reuid={uid}"),
                    format!("--regid={gid}"),
                    "--clear-groups".to_owned(),
                ]);
                command.arg(&self.program);
                command
            }
        };
        command
            .arg(verb)
            .arg(request)
            .arg(&self.dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Exit status and what the job answered.
    fn run(&self, request: &str) -> (i32, String) {
        let output = self.command(request).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            self.left(),
            Vec::<String>::new(),
            "left in the target after `{request}`"
        );
        (output.status.code().unwrap_or(-1), format!("{text}{errors}"))
    }

    fn start(&self, request: &str) -> Child {
        self.command(request)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn left(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }
}

/// One user for all runs of this test, made once.
struct TestUser;

impl TestUser {
    const NAME: &'static str = "apteryx-test";

    fn ids() -> Option<(u32, u32)> {
        if nix::unistd::User::from_name(Self::NAME).ok()?.is_none() {
            Command::new("useradd")
                .args(["--no-create-home", "--shell", "/bin/sh", Self::NAME])
                .status()
                .ok()?;
        }
        let user = nix::unistd::User::from_name(Self::NAME).ok()??;
        let ranges = std::fs::read_to_string("/etc/subuid").ok()?;
        ranges
            .lines()
            .any(|line| line.starts_with(Self::NAME))
            .then_some((user.uid.as_raw(), user.gid.as_raw()))
    }
}

fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
    assert!(std::env::var_os("CI").is_none(), "{why}");
}

fn supervise(request: &str, target: &Path) -> i32 {
    let reporter = Reporter::new(|event| {
        if let Event::Warning { message, .. } = event {
            eprintln!("warning: {message}");
        }
    });
    match sandbox::supervise::<String>(&request, target, &reporter) {
        Ok(text) => {
            println!("{text}");
            0
        }
        Err(error) => {
            eprintln!("{}: {error} {error:?}", error.code());
            error.exit_code()
        }
    }
}

/// Two jobs, and a signal between them: while somebody watches (`held`), or not (`idle`).
fn between(how: &str, target: &Path) -> i32 {
    let raise = |signal| nix::sys::signal::kill(nix::unistd::getpid(), signal).unwrap();
    sandbox::Signals::exit();
    if how == "idle" {
        assert_eq!(supervise("nothing", target), 0);
        raise(nix::sys::signal::Signal::SIGINT);
        return 1;
    }
    let _watch = sandbox::Signals::watch().unwrap();
    assert_eq!(supervise("nothing", target), 0);
    raise(nix::sys::signal::Signal::SIGTERM);
    let status = supervise("nothing", target);
    println!("the second answered");
    status
}

/// What a job could leave behind.
#[derive(Debug, PartialEq)]
struct Traces {
    mounts: String,
    loops: String,
    processes: BTreeSet<String>,
}

impl Traces {
    fn now() -> Self {
        let loops = Command::new("losetup")
            .arg("-a")
            .output()
            .map(|output| output.stdout)
            .unwrap_or_default();
        let inode = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
        let program = inode(&jobs_dir().join("program"));
        let mut processes = BTreeSet::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            // Other programs come and go, other builds among them; ours are the test program's and what the jobs start.
            let own = program.is_some() && inode(&entry.path().join("exe")) == program;
            let ours = ["__janitor", "__worker", "__enter"]
                .iter()
                .any(|verb| command.contains(verb));
            if (own && ours) || command.contains("sleep 1000") {
                processes.insert(format!("{} {command}", entry.file_name().to_string_lossy()));
            }
        }
        Self {
            mounts: std::fs::read_to_string("/proc/self/mountinfo").unwrap(),
            loops: String::from_utf8_lossy(&loops).into_owned(),
            processes,
        }
    }

    fn assert_same(&self, when: &str) {
        assert_eq!(*self, Self::now(), "after {when}");
    }
}

fn sees_only_what_it_should(host: &Host) {
    let inside = "echo pid $$; id -u; ls /dev | tr '\\n' ' '; echo; ls /proc | grep -c '^[0-9]'; \
                  echo x > /dev/null; dd if=/dev/zero of=/dev/full count=1 2>/dev/null || echo full; \
                  readlink /dev/fd; echo $PATH $LANG; ls -A /run | tr '\\n' ' '; touch /sys/x || echo sys-ro";
    let (status, text) = host.run(&format!("sh {inside}"));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(status, 0, "{text}");
    assert_eq!(lines[0], "0 pid 2", "{text}");
    assert_eq!(lines[1], "0");
    assert_eq!(
        lines[2].trim(),
        "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero"
    );
    assert_eq!(
        &lines[4..7],
        ["full", "/proc/self/fd", &format!("{} C.UTF-8", sandbox::PATH)],
        "{text}"
    );
    assert!(text.contains("sys-ro"), "{text}");
    // A script that ends itself by force does not end with success, nor does one that is process 1 elsewhere.
    assert!(host.run("sh kill -9 $$").1.starts_with("137"));
    assert!(host.run("sh exit 7").1.starts_with("7 "));
}

fn leaves_nothing_in_the_tree(host: &Host) {
    let plain = host.run("tree true");
    let busy = host.run(
        "tree echo > /dev/x; echo > /run/x; echo > /dev/shm/x; mount -t tmpfs none /tmp && echo > /tmp/x",
    );
    assert_eq!(plain, busy);
    assert!(
        plain.1.contains("bin/dash\n") && !plain.1.contains("dev/"),
        "{}",
        plain.1
    );
}

fn binds_and_network(host: &Host) {
    let (_, alone) = host.run("bind none");
    assert!(
        alone.starts_with("yes1\n") && alone.contains("shared=true left=false"),
        "{alone}"
    );
    assert!(!alone.contains("wrote-ro"), "{alone}");
    assert!(alone.contains("loopback"), "{alone}");
    let (_, network) = host.run("bind network");
    let count: usize = network
        .trim_start_matches("yes")
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        count >= std::fs::read_dir("/sys/class/net").unwrap().count(),
        "{network}"
    );
}

fn overlay_leaves_lower_alone(host: &Host) {
    let (status, text) = host.run("overlay");
    assert_eq!((status, text.trim()), (0, "new old true CrossesDevices 7"));
}

fn trees_in_worker(worker: &Worker) -> Result<String, BuildError> {
    let from = worker.scratch.join("from");
    let make = "mkdir -p a/b; echo one > a/b/one; ln a/b/one a/two; ln -s /etc/passwd a/link; mkfifo a/pipe; \
                chown 3:4 a/b/one; chmod 4711 a/b/one; touch -d 2001-02-03 a/b/one a/b; chmod 0555 a/b; \
                dd if=/dev/zero of=a/hole bs=1M count=0 seek=64 2>/dev/null; printf x >> a/hole; \
                setfattr -n user.note -v yes a/hole 2>/dev/null || true; chmod 1777 a";
    std::fs::create_dir(&from).unwrap();
    sandbox::run_tool(&Cmd::new("sh").arg("-ec").arg(make).cwd(&from), None)?;
    let to = worker.scratch.join("to");
    sandbox::copy_tree(&from, &to).unwrap();
    let list = |dir: &Path| {
        let cmd = Cmd::new("find")
            .arg(".")
            .args(["-printf", "%p %y %m %U:%G %n %s %k %l %T@\n"])
            .cwd(dir)
            .capture();
        let mut lines: Vec<_> = sandbox::run_tool(&cmd, None)
            .unwrap()
            .text()
            .lines()
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(list(&from), list(&to));
    assert_eq!(
        xattr::get(from.join("a/hole"), "user.note").unwrap(),
        xattr::get(to.join("a/hole"), "user.note").unwrap()
    );
    let kept = worker.scratch.join("kept");
    std::fs::create_dir(&kept).unwrap();
    std::fs::write(kept.join("file"), "x").unwrap();
    std::os::unix::fs::symlink(&kept, to.join("a/out")).unwrap();
    sandbox::remove_tree(&to).unwrap();
    sandbox::remove_tree(&to).unwrap();
    Ok(format!(
        "removed {} kept {}",
        !to.exists(),
        kept.join("file").exists()
    ))
}

fn trees(host: &Host) {
    assert_eq!(host.run("trees"), (0, "removed true kept true\n".to_owned()));
}

fn errors_come_back_typed(host: &Host) {
    let (status, text) = host.run("fail");
    assert_eq!(status, 2);
    assert!(
        text.contains("`sh` ended with status 9 while failing on purpose") && text.contains("its last words")
    );
    let (status, text) = host.run("panic");
    assert_eq!(status, 70);
    assert!(text.contains("on purpose"), "{text}");
    // A target that is not there.
    let mut command = Command::new(&host.program);
    let output = command
        .arg("supervise")
        .arg("fail")
        .arg(host.dir.join("missing"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

fn wait_clean(host: &Host, before: &Traces, when: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline && (Traces::now() != *before || !host.left().is_empty()) {
        std::thread::sleep(Duration::from_millis(10));
    }
    before.assert_same(when);
    assert_eq!(host.left(), Vec::<String>::new(), "{when}");
}

fn signals_end_all(host: &Host) {
    for (signal, expected) in [(libc::SIGINT, 130), (libc::SIGTERM, 143), (libc::SIGHUP, 129)] {
        let before = Traces::now();
        let mut child = host.start("busy");
        std::thread::sleep(Duration::from_millis(600));
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(child.id() as i32),
            nix::sys::signal::Signal::try_from(signal).unwrap(),
        )
        .unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(expected));
        // Clean when it ends, not some time later.
        before.assert_same("a signal");
        assert_eq!(host.left(), Vec::<String>::new());
    }
}

/// The exit status is the same as in the middle of a job, and the second one does not begin.
fn signals_between_jobs(host: &Host) {
    for (how, expected, said) in [("held", 143, "\nthe second answered\n"), ("idle", 130, "\n")] {
        let before = Traces::now();
        let output = host.verb("between", how).output().unwrap();
        let said_now = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            (output.status.code(), said_now.as_str()),
            (Some(expected), said),
            "{how}"
        );
        before.assert_same("a signal between jobs");
        assert_eq!(host.left(), Vec::<String>::new());
    }
}

fn kill_at_random_moments(host: &Host) {
    let mut seed = u64::from(std::process::id());
    for round in 0..12 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let delay = Duration::from_millis(if round < 5 {
            (seed >> 33) % 60
        } else {
            (seed >> 33) % 1500
        });
        let before = Traces::now();
        let mut child = host.start("busy");
        std::thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
        wait_clean(host, &before, &format!("SIGKILL after {delay:?}"));
    }
}

/// Even with janitor and supervisor killed together nothing runs on, and the next run removes what is left.
fn killed_helpers(host: &Host) {
    let before = Traces::now();
    let mut child = host.start("busy");
    std::thread::sleep(Duration::from_millis(800));
    for line in &Traces::now().processes {
        if line.contains("__janitor") && !before.processes.contains(line) {
            let pid: i32 = line.split(' ').next().unwrap().parse().unwrap();
            let _ =
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline && Traces::now() != before {
        std::thread::sleep(Duration::from_millis(10));
    }
    before.assert_same("killing all helpers");
    assert_eq!(host.run("nothing"), (0, "\n".to_owned()));
}
