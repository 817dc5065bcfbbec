//! Thin, typed wrappers of the Linux calls that neither `std` nor `nix` offers: `openat2`, the mount calls that work on
//! descriptors, pidfds, capability bounding, a seccomp filter. Nothing here decides anything.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// `openat2`: a link or mount on the way is refused (`EXDEV`).
pub const RESOLVE_NO_XDEV: u64 = 0x01;
/// `openat2`: no link is followed at all (`ELOOP`).
pub const RESOLVE_NO_SYMLINKS: u64 = 0x04;
/// `openat2`: the path never leaves the directory it starts from (`EXDEV`).
pub const RESOLVE_BENEATH: u64 = 0x08;
/// `openat2`: the directory it starts from is `/` for every link on the way.
pub const RESOLVE_IN_ROOT: u64 = 0x10;

/// Attribute of a mount: read-only.
pub const MOUNT_ATTR_RDONLY: u64 = 0x01;
/// Attribute of a mount: no set-user-id programs.
pub const MOUNT_ATTR_NOSUID: u64 = 0x02;
/// Attribute of a mount: no device nodes.
pub const MOUNT_ATTR_NODEV: u64 = 0x04;
/// Attribute of a mount: no programs.
pub const MOUNT_ATTR_NOEXEC: u64 = 0x08;

#[repr(C)]
struct OpenHow {
    flags: u64,
    mode: u64,
    resolve: u64,
}

#[repr(C)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

/// The path as the kernel takes it.
pub fn cstring(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))
}

fn cstr(text: &str) -> io::Result<CString> {
    CString::new(text).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))
}

fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

fn owned(result: libc::c_long) -> io::Result<OwnedFd> {
    let fd = check(result)? as RawFd;
    // SAFETY: the call that gave `fd` succeeded, so that it is open and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Opens `path` below `dir`; `resolve` says what the way may cross. `O_CLOEXEC` is added.
pub fn openat2(dir: impl AsFd, path: &Path, flags: i32, mode: u32, resolve: u64) -> io::Result<OwnedFd> {
    let path = cstring(path)?;
    let how = OpenHow {
        flags: (flags | libc::O_CLOEXEC) as u64,
        mode: u64::from(mode),
        resolve,
    };
    loop {
        // SAFETY: `path` and `how` live through the call and have the size that is passed.
        let result = owned(unsafe {
            libc::syscall(
                libc::SYS_openat2,
                dir.as_fd().as_raw_fd(),
                path.as_ptr(),
                &raw const how,
                size_of::<OpenHow>(),
            )
        });
        match result {
            // The kernel asks to try again where a rename raced with `..`.
            Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => continue,
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => continue,
            other => return other,
        }
    }
}

/// A detached copy of the mount at `path`, with what is mounted below it where `recursive`.
pub fn open_tree(path: &Path, recursive: bool) -> io::Result<OwnedFd> {
    const OPEN_TREE_CLONE: libc::c_uint = 1;
    const AT_RECURSIVE: libc::c_uint = 0x8000;
    let path = cstring(path)?;
    let mut flags = OPEN_TREE_CLONE | libc::O_CLOEXEC as libc::c_uint;
    if recursive {
        flags |= AT_RECURSIVE;
    }
    // SAFETY: `path` lives through the call.
    owned(unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags) })
}

/// Attaches a detached mount at `path`.
pub fn move_mount(mount: impl AsFd, path: &Path) -> io::Result<()> {
    const MOVE_MOUNT_F_EMPTY_PATH: libc::c_uint = 4;
    const MOVE_MOUNT_T_SYMLINKS: libc::c_uint = 0x10;
    let path = cstring(path)?;
    // SAFETY: both paths live through the call; the empty one is a literal.
    check(unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            mount.as_fd().as_raw_fd(),
            c"".as_ptr(),
            libc::AT_FDCWD,
            path.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS,
        )
    })
    .map(drop)
}

/// Sets attributes on a detached mount (and on all below it where `recursive`).
pub fn mount_setattr(mount: impl AsFd, set: u64, recursive: bool) -> io::Result<()> {
    const AT_RECURSIVE: libc::c_uint = 0x8000;
    let attr = MountAttr {
        attr_set: set,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let flags = libc::AT_EMPTY_PATH as libc::c_uint | if recursive { AT_RECURSIVE } else { 0 };
    // SAFETY: `attr` lives through the call and has the size that is passed.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_fd().as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    })
    .map(drop)
}

/// A new, detached file system: `fsopen`, options, `fsmount`.
pub fn new_mount(kind: &str, options: &[(&str, &str)], attributes: u64) -> io::Result<OwnedFd> {
    const FSCONFIG_SET_FLAG: libc::c_uint = 0;
    const FSCONFIG_SET_STRING: libc::c_uint = 1;
    const FSCONFIG_CMD_CREATE: libc::c_uint = 6;
    let kind = cstr(kind)?;
    // SAFETY: `kind` lives through the call.
    let context = owned(unsafe { libc::syscall(libc::SYS_fsopen, kind.as_ptr(), 1 as libc::c_uint) })?;
    for (key, value) in options {
        let key = cstr(key)?;
        let value_text = cstr(value)?;
        let (command, pointer) = if value.is_empty() {
            (FSCONFIG_SET_FLAG, std::ptr::null())
        } else {
            (FSCONFIG_SET_STRING, value_text.as_ptr())
        };
        // SAFETY: key and value live through the call.
        check(unsafe {
            libc::syscall(
                libc::SYS_fsconfig,
                context.as_raw_fd(),
                command,
                key.as_ptr(),
                pointer,
                0 as libc::c_int,
            )
        })?;
    }
    let none = std::ptr::null::<libc::c_char>();
    // SAFETY: no pointer is passed.
    check(unsafe {
        libc::syscall(
            libc::SYS_fsconfig,
            context.as_raw_fd(),
            FSCONFIG_CMD_CREATE,
            none,
            none,
            0 as libc::c_int,
        )
    })?;
    // SAFETY: no pointer is passed.
    owned(unsafe {
        libc::syscall(
            libc::SYS_fsmount,
            context.as_raw_fd(),
            1 as libc::c_uint,
            attributes as libc::c_uint,
        )
    })
}

/// A descriptor that becomes readable when the process ends.
pub fn pidfd_open(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: no pointer is passed.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0 as libc::c_uint) })
}

/// The kernel sends `SIGKILL` to this process when its parent thread ends.
pub fn die_with_parent() -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL).map_err(io::Error::from)
}

/// Starts the interface `lo` of this process's network namespace.
pub fn start_loopback() -> io::Result<()> {
    // Any socket of the namespace takes the request.
    let socket = std::net::UdpSocket::bind((std::net::Ipv4Addr::UNSPECIFIED, 0))?;
    // SAFETY: all bytes zero are a valid `ifreq`: numbers, characters and null pointers.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the socket is open, and `request` lives through the call, which only reads it.
    check(libc::c_long::from(unsafe {
        libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request)
    }))
    .map(drop)
}

/// `fork` of a process that has one thread. Gives the child's process id, or 0 in the child.
pub fn fork_single_threaded() -> io::Result<i32> {
    // SAFETY: only the hidden helper processes call this; they start no thread before it, so that no lock of another
    // thread can be held in the child.
    check(libc::c_long::from(unsafe { libc::fork() })).map(|pid| pid as i32)
}

/// Ends the process at once, without destructors or flushing.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` has no precondition.
    unsafe { libc::_exit(code) }
}

/// Capabilities that no tool or script of an image build needs, but with which one run as root could harm the host
/// (numbers of linux/capability.h): they leave the bounding set and with the next `exec` all sets.
const HARMFUL_CAPABILITIES: [libc::c_ulong; 9] = [
    16, // SYS_MODULE
    17, // SYS_RAWIO
    20, // SYS_PACCT
    22, // SYS_BOOT
    25, // SYS_TIME
    30, // AUDIT_CONTROL
    34, // SYSLOG
    35, // WAKE_ALARM
    36, // BLOCK_SUSPEND
];

/// Drops `HARMFUL_CAPABILITIES` from the bounding set; those that are not there are no error.
pub fn drop_harmful_capabilities() {
    for capability in HARMFUL_CAPABILITIES {
        // SAFETY: no pointer is passed.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
}

/// From here on `fsync`, `fdatasync`, `sync`, `syncfs` and `sync_file_range` of this process and its children do
/// nothing and succeed: a tree that is thrown away on failure needs no barrier on the way. Other calls are untouched.
/// Does nothing on architectures other than the one this was compiled for.
pub fn ignore_sync() -> io::Result<()> {
    #[cfg(target_arch = "x86_64")]
    const ARCH: u32 = 0xC000_003E;
    #[cfg(target_arch = "aarch64")]
    const ARCH: u32 = 0xC000_00B7;
    #[cfg(target_arch = "riscv64")]
    const ARCH: u32 = 0xC000_00F3;
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
    return Ok(());
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
    {
        // Classic BPF: load word = 0x20, jump if equal = 0x15, return = 0x06.
        const fn op(code: u16, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
            libc::sock_filter { code, jt, jf, k }
        }
        const ALLOW: u32 = 0x7fff_0000;
        const SUCCEED: u32 = 0x0005_0000;
        let mut program = vec![
            op(0x20, 0, 0, 4),
            op(0x15, 1, 0, ARCH),
            op(0x06, 0, 0, ALLOW),
            op(0x20, 0, 0, 0),
        ];
        let calls = [
            libc::SYS_fsync,
            libc::SYS_fdatasync,
            libc::SYS_sync,
            libc::SYS_syncfs,
            libc::SYS_sync_file_range,
        ];
        for (index, call) in calls.iter().enumerate() {
            program.push(op(0x15, (calls.len() - index) as u8, 0, *call as u32));
        }
        program.push(op(0x06, 0, 0, ALLOW));
        program.push(op(0x06, 0, 0, SUCCEED));
        let filter = libc::sock_fprog {
            len: program.len() as u16,
            filter: program.as_mut_ptr(),
        };
        // SAFETY: `filter` points to a program that lives through the call; the kernel copies and checks it.
        check(unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                1 as libc::c_uint,
                0 as libc::c_uint,
                &raw const filter,
            )
        })
        .map(drop)
    }
}

/// Shares the blocks of `from` with `to` where the file system can (`FICLONE`).
pub fn reflink(from: impl AsFd, to: impl AsFd) -> io::Result<()> {
    const FICLONE: libc::c_ulong = 0x4004_9409;
    // SAFETY: both descriptors are open; the request takes a descriptor number and no pointer.
    check(libc::c_long::from(unsafe {
        libc::ioctl(to.as_fd().as_raw_fd(), FICLONE as _, from.as_fd().as_raw_fd())
    }))
    .map(drop)
}

/// The highest descriptor of the process gets `FD_CLOEXEC`, as do all from `first` on.
pub fn close_on_exec_from(first: RawFd) {
    const CLOSE_RANGE_CLOEXEC: libc::c_uint = 4;
    // SAFETY: no pointer is passed; descriptors stay open until the next `exec`.
    unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first as libc::c_uint,
            libc::c_uint::MAX,
            CLOSE_RANGE_CLOEXEC,
        )
    };
}
