//! Whether this host can run the programs of a tree, asked before any package is fetched: scripts of packages run in it.
//! Registers nothing.

use std::path::Path;

use apteryx_schema::description::host_arch;

use crate::error::BuildError;

/// Where the kernel lists what it starts other machines' programs with.
const BINFMT: &str = "/proc/sys/fs/binfmt_misc";
/// Where an ELF header says its machine.
const MACHINE: usize = 18;

/// Machines by KIWI's names, the bytes that their programs say it with, and QEMU's name for them.
const MACHINES: [(&[&str], [u8; 2], &str); 8] = [
    (&["x86_64"], [0x3e, 0], "x86_64"),
    (&["i586", "i686", "ix86"], [0x03, 0], "i386"),
    (&["aarch64"], [0xb7, 0], "aarch64"),
    (
        &["armv5el", "armv5tel", "armv6l", "armv6hl", "armv7l", "armv7hl"],
        [0x28, 0],
        "arm",
    ),
    (&["ppc64le"], [0x15, 0], "ppc64le"),
    (&["riscv64"], [0xf3, 0], "riscv64"),
    (&["s390x"], [0, 0x16], "s390x"),
    (&["loongarch64"], [0x02, 0x01], "loongarch64"),
];

/// Refuses a machine whose programs nothing here can run. What is not known is let through.
pub fn check(arch: &str) -> Result<(), BuildError> {
    let of = |arch: &str| MACHINES.iter().find(|(names, ..)| names.contains(&arch));
    let (Some(wanted), Some(host)) = (of(arch), of(host_arch())) else {
        return Ok(());
    };
    let alike = wanted.1 == host.1 || (wanted.2, host.2) == ("i386", "x86_64");
    // Many such machines run the older kind as well.
    if alike || (wanted.2, host.2) == ("arm", "aarch64") || registered(Path::new(BINFMT), wanted.1) {
        return Ok(());
    }
    Err(BuildError::Host {
        code: "foreign-machine",
        message: format!("this host runs no programs for `{arch}`, and packages have some that must run"),
        help: Some(format!(
            "install `qemu-user-static` (Debian, Fedora) or `qemu-linux-user` (openSUSE), which registers `qemu-{}`, or build on such a machine",
            wanted.2
        )),
    })
}

/// True where an enabled entry of a folder of the kernel's takes programs of that machine.
fn registered(folder: &Path, machine: [u8; 2]) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .any(|text| takes(&text, machine))
}

/// True where an entry is enabled and its first bytes are those of such a program.
fn takes(entry: &str, machine: [u8; 2]) -> bool {
    let value = |name: &str| entry.lines().find_map(|line| line.strip_prefix(name));
    let magic = value("magic ").and_then(|text| hex::decode(text.trim()).ok());
    entry.lines().next() == Some("enabled")
        && magic.is_some_and(|magic| magic.get(MACHINE..MACHINE + 2) == Some(&machine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_the_programs_of_its_machine() {
        let entry = "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OCF\noffset 0\n\
                     magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n";
        assert!(takes(entry, [0xb7, 0]));
        assert!(!takes(entry, [0xf3, 0]));
        assert!(!takes(&entry.replace("enabled", "disabled"), [0xb7, 0]));
        assert!(!takes("enabled\n", [0xb7, 0]));
    }

    #[test]
    fn the_hosts_own_machine_needs_nothing() {
        assert!(check(host_arch()).is_ok());
        assert!(check("of-another-world").is_ok());
    }
}
