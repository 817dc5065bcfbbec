//! For the tests of this folder that build images from a real mirror and boot them.

use std::path::Path;
use std::process::{Command, Output};

fn missing() -> Option<&'static str> {
    let there = |tool: &str| {
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .any(|dir| dir.join(tool).exists())
    };
    let apt = ["/etc/apt/sources.list.d", "/etc/apt/sources.list"];
    match () {
        () if !apt.iter().any(|path| Path::new(path).exists()) => Some("an apt host, for its mirror"),
        () if !there("qemu-system-x86_64") => Some("qemu-system-x86"),
        () if !Path::new("/usr/share/OVMF/OVMF_CODE_4M.fd").exists() => Some("ovmf"),
        () if !Path::new("/usr/lib/grub/i386-pc/boot.img").exists() => Some("grub-pc-bin"),
        () => None,
    }
}

/// True where images can be built and booted; with `root`, as root only. Says loudly what is missing, and fails then
/// in CI.
pub fn ready(root: bool) -> bool {
    let user = root && !nix::unistd::geteuid().is_root();
    let Some(what) = user.then_some("root, to remove the trees").or_else(missing) else {
        return true;
    };
    assert!(
        std::env::var_os("CI").is_none(),
        "CI has {what}, this test must run there"
    );
    eprintln!("SKIPPED: needs {what}");
    false
}

pub fn apteryx(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(args)
        .output()
        .unwrap()
}

/// Boots an image until its login prompt. An emulated guest that shows none in time gets one more try, and that is said:
/// on a host that is a guest itself one stands still now and then.
#[allow(dead_code, reason = "not every test that builds boots")]
pub fn boot(image: &str, firmware: &[&str]) -> Output {
    let end = ["--until", "login", "--timeout", "300"];
    let args = [&["boot", image], firmware, &end].concat();
    let first = apteryx(&args);
    if !String::from_utf8_lossy(&first.stderr).contains("no login prompt within") {
        return first;
    }
    eprintln!("TRIED AGAIN: {image} showed no login prompt in time");
    apteryx(&args)
}
