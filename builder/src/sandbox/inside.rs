//! The helper behind [`super::enter`]: a process with one thread that makes the namespaces, starts an init in them,
//! mounts what the command is to see, makes the tree its root, and starts the command. Mounts are made detached before
//! the root changes and attached after it, so that links in the tree cannot lead them elsewhere.
#![allow(clippy::disallowed_methods)] // Mounts and processes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, chdir, pivot_root};

use super::cmd::PATH as SEARCH_PATH;
use super::enter::{FAULT, FAULT_STATUS, Sandbox, Spec};
use super::janitor::{exit_status, make_private, reap_until};
use super::sys;

/// Device nodes in the sandbox: name, major, minor.
const NODES: [(&str, u64, u64); 6] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
];
const LINKS: [(&str, &str); 6] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
    ("core", "/proc/kcore"),
];

/// The helper's whole life. Gives its exit status.
pub(super) fn enter() -> i32 {
    match run() {
        Ok(status) => status,
        Err(error) => {
            fault(&error);
            FAULT_STATUS
        }
    }
}

#[allow(clippy::print_stderr)] // Standard error is the pipe to the parent.
fn fault(error: &io::Error) {
    eprintln!("{FAULT}{error}");
}

/// The error with what was being done.
fn doing<E: Into<io::Error>>(what: impl std::fmt::Display) -> impl FnOnce(E) -> io::Error {
    move |error| {
        let error = error.into();
        io::Error::new(error.kind(), format!("{what}: {error}"))
    }
}

fn run() -> io::Result<i32> {
    sys::die_with_parent()?;
    sys::close_on_exec_from(3);
    let spec = read_spec().map_err(doing("reading the command"))?;
    let mut kinds = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWUTS;
    if !spec.sandbox.network {
        kinds |= CloneFlags::CLONE_NEWNET;
    }
    unshare(kinds).map_err(doing("making namespaces"))?;
    let child = sys::fork_single_threaded()?;
    if child == 0 {
        let status = inside(&spec).unwrap_or_else(|error| {
            fault(&error);
            FAULT_STATUS
        });
        sys::exit_now(status);
    }
    Ok(exit_status(waitpid(Pid::from_raw(child), None)?))
}

fn read_spec() -> io::Result<Spec> {
    let mut input = File::from(unbuffered_stdin()?);
    let mut length = [0u8; 16];
    input.read_exact(&mut length)?;
    let length = std::str::from_utf8(&length)
        .ok()
        .and_then(|text| u64::from_str_radix(text, 16).ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut spec = Vec::new();
    input.take(length).read_to_end(&mut spec)?;
    serde_json::from_slice(&spec).map_err(io::Error::from)
}

/// Standard input without a buffer: the command goes on where this stops.
fn unbuffered_stdin() -> io::Result<OwnedFd> {
    nix::unistd::dup(io::stdin()).map_err(io::Error::from)
}

/// Process 1 of the command's namespace.
fn inside(spec: &Spec) -> io::Result<i32> {
    sys::die_with_parent()?;
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC).map_err(doing("making namespaces"))?;
    make_private().map_err(doing("making mounts private"))?;
    let _ = nix::unistd::sethostname("localhost");
    if !spec.sandbox.network {
        // Some packages (postfix) cannot be configured where there is no address at all.
        sys::start_loopback().map_err(doing("starting the interface `lo`"))?;
    }
    let sandbox = &spec.sandbox;
    let mounts = detached_mounts(sandbox)?;
    make_root(&sandbox.root).map_err(doing(format!("entering `{}`", sandbox.root.display())))?;
    let mut made = Vec::new();
    for (mount, at) in mounts {
        attach(&mount, &at, &mut made).map_err(doing(format!("mounting `{}`", at.display())))?;
    }
    fill_dev().map_err(doing("filling `/dev`"))?;
    sys::drop_harmful_capabilities();
    if sandbox.ignore_sync {
        // Only speed is lost where the kernel has no filters.
        let _ = sys::ignore_sync();
    }
    let status = start(spec);
    // Mount points that were missing in the tree; the mounts on them end with this namespace.
    for path in made.iter().rev() {
        let _ = umount2(path, MntFlags::MNT_DETACH);
        let _ = if path.is_dir() {
            fs::remove_dir(path)
        } else {
            fs::remove_file(path)
        };
    }
    Ok(status)
}

fn detached_mounts(sandbox: &Sandbox) -> io::Result<Vec<(OwnedFd, PathBuf)>> {
    let strict = sys::MOUNT_ATTR_NOSUID | sys::MOUNT_ATTR_NODEV | sys::MOUNT_ATTR_NOEXEC;
    let mut mounts = vec![(
        sys::new_mount("proc", &[], strict).map_err(doing("mounting proc"))?,
        "/proc".into(),
    )];
    // A user namespace may show sys only together with a net namespace of its own; tools cope without.
    if let Ok(sysfs) = sys::new_mount("sysfs", &[], strict | sys::MOUNT_ATTR_RDONLY) {
        mounts.push((sysfs, "/sys".into()));
    }
    let small = sys::MOUNT_ATTR_NOSUID | sys::MOUNT_ATTR_NOEXEC;
    let tmpfs = |mode: &str, attributes| {
        sys::new_mount("tmpfs", &[("mode", mode)], attributes).map_err(doing("mounting tmpfs"))
    };
    mounts.push((tmpfs("0755", small)?, "/dev".into()));
    let options = [
        ("newinstance", ""),
        ("ptmxmode", "0666"),
        ("mode", "0620"),
        ("gid", "5"),
    ];
    let devpts = sys::new_mount("devpts", &options, small).map_err(doing("mounting devpts"))?;
    mounts.push((devpts, "/dev/pts".into()));
    mounts.push((tmpfs("1777", strict)?, "/dev/shm".into()));
    mounts.push((
        tmpfs("0755", sys::MOUNT_ATTR_NOSUID | sys::MOUNT_ATTR_NODEV)?,
        "/run".into(),
    ));
    for (name, _, _) in NODES {
        // Kept for where nodes cannot be made (a user namespace): the host's single nodes, never its /dev.
        let node = Path::new("/dev").join(name);
        if let Ok(tree) = sys::open_tree(&node, false) {
            mounts.push((tree, Path::new(NODE_DIR).join(name)));
        }
    }
    for bind in &sandbox.binds {
        let tree =
            sys::open_tree(&bind.from, true).map_err(doing(format!("binding `{}`", bind.from.display())))?;
        if bind.read_only {
            sys::mount_setattr(&tree, sys::MOUNT_ATTR_RDONLY, true)
                .map_err(doing(format!("binding `{}`", bind.from.display())))?;
        }
        mounts.push((tree, bind.to.clone()));
    }
    Ok(mounts)
}

/// Device nodes are attached at their final names.
const NODE_DIR: &str = "/dev";

/// Makes `root` the root of this mount namespace; the old one is gone after it.
fn make_root(root: &Path) -> io::Result<()> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(root), root, None::<&str>, flags, None::<&str>)?;
    chdir(root)?;
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    chdir("/")?;
    Ok(())
}

/// Attaches a mount, making its mount point where it is missing (noted in `made`, outermost first).
fn attach(mount: &OwnedFd, at: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let in_memory = ["/dev", "/run"]
        .iter()
        .any(|top| at.starts_with(top) && at != Path::new(top));
    if in_memory && is_node(at) {
        return attach_node(mount, at);
    }
    if !at.exists() {
        let is_dir = File::from(mount.try_clone()?).metadata()?.is_dir();
        let mut path = PathBuf::from("/");
        let parts: Vec<_> = at
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        for (index, part) in parts.iter().enumerate() {
            path.push(part);
            if path.exists() {
                continue;
            }
            if index + 1 == parts.len() && !is_dir {
                File::create(&path)?;
            } else {
                fs::create_dir(&path)?;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            }
            if !in_memory {
                made.push(path.clone());
            }
        }
    }
    sys::move_mount(mount, at)
}

fn is_node(at: &Path) -> bool {
    at.parent() == Some(Path::new(NODE_DIR)) && NODES.iter().any(|(name, _, _)| at.ends_with(name))
}

fn attach_node(mount: &OwnedFd, at: &Path) -> io::Result<()> {
    let wanted = NODES.iter().find(|(name, _, _)| at.ends_with(name));
    if let Some((_, major, minor)) = wanted {
        let mode = Mode::from_bits_truncate(0o666);
        if mknod(at, SFlag::S_IFCHR, mode, makedev(*major, *minor)).is_ok() {
            fs::set_permissions(at, fs::Permissions::from_mode(0o666))?;
            // A node of a user namespace can be made on some kernels, but not opened.
            if at.ends_with("tty") || File::open(at).is_ok() {
                return Ok(());
            }
            fs::remove_file(at)?;
        }
    }
    File::create(at)?;
    sys::move_mount(mount, at)
}

fn fill_dev() -> io::Result<()> {
    for (name, target) in LINKS {
        symlink(target, Path::new("/dev").join(name))?;
    }
    fs::create_dir_all("/run/lock")?;
    fs::set_permissions("/run/lock", fs::Permissions::from_mode(0o1777))
}

fn start(spec: &Spec) -> i32 {
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).current_dir(&spec.cwd).env_clear();
    command
        .env("PATH", SEARCH_PATH)
        .env("LANG", "C.UTF-8")
        .env("HOME", "/root")
        .env("TERM", "dumb");
    command.envs(spec.sandbox.env.iter().map(|(name, value)| (name, value)));
    command.envs(spec.env.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::inherit()).process_group(0);
    match command.spawn() {
        Ok(child) => reap_until(Pid::from_raw(i32::try_from(child.id()).unwrap_or(0))),
        Err(error) => {
            not_started(&spec.program.to_string_lossy(), &error);
            if error.kind() == io::ErrorKind::NotFound {
                127
            } else {
                126
            }
        }
    }
}

#[allow(clippy::print_stderr)] // Standard error is the pipe to the parent.
fn not_started(program: &str, error: &io::Error) {
    eprintln!("{program}: {error}");
}
