//! Short names of packages, and what of four letters is a slip of one: others are near to too many. Asks no repository; judges
//! nothing.

use super::Family;
use super::lists::{difference, has, is_known};

/// Short names that many descriptions have, and that no other package differs from by a letter which is missing inside,
/// doubled, or exchanged with the next.
pub(super) static SHORT: &[&str] = &[
    "acpid", "audit", "bash", "chrony", "clevis", "cron", "cups", "curl", "dbus", "dialog", "docker",
    "dracut", "fdisk", "file", "gawk", "gdisk", "glibc", "gnome", "gnupg", "grep", "grub", "grub2", "grubby",
    "gzip", "htop", "icewm", "init", "kernel", "less", "linux", "login", "lvm2", "mdadm", "nano", "nginx",
    "pacman", "parted", "passwd", "podman", "procps", "psmisc", "rsync", "samba", "screen", "shadow", "shim",
    "snapd", "strace", "sudo", "swtpm", "tmux", "tzdata", "udev", "unzip", "vsftpd", "wget", "which",
    "whois", "wicked", "xorg", "xterm", "yast2", "zstd", "zypper",
];

/// The short name of the family's packages that a name of four letters, which is none, is a slip of.
pub(super) fn slip(name: &str, family: Family) -> Option<&'static str> {
    let meant = SHORT
        .iter()
        .find(|right| is_slip(name.as_bytes(), right.as_bytes()))?;
    (has(meant, family) && !is_known(name)).then_some(meant)
}

/// A letter is missing inside, or two have changed places.
fn is_slip(name: &[u8], right: &[u8]) -> bool {
    if right.len().abs_diff(name.len()) > 1 {
        return false;
    }
    let Some((at, own, meant)) = difference(name, right) else {
        return false;
    };
    match (own, meant) {
        ([], [_]) => at > 0 && at + 1 < right.len(),
        ([a, b], [c, d]) => (a, b) == (d, c),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_letters_are_a_slip_of_a_short_name_alone() {
        assert!(SHORT.is_sorted());
        assert_eq!(slip("grb2", Family::Suse), Some("grub2"));
        assert_eq!(slip("sduo", Family::Debian), Some("sudo"));
        for own in ["grub", "sudo", "less", "sslh", "tar0", "bash"] {
            assert_eq!(slip(own, Family::Debian), None, "{own}");
        }
    }
}
