//! Short names of packages, and what of three or four letters is a slip of one: others are near to too many. Asks no
//! repository; judges nothing.

use super::Family;
use super::lists::{has, is_known};
use crate::rules::found::difference;

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

/// Names of four letters that nearly every description has: of these each keystroke is a slip, where no package is known
/// by what it makes.
static USUAL: &[&str] = &[
    "bash", "curl", "gawk", "grep", "gzip", "kmod", "less", "lvm2", "sddm", "shim", "sudo", "udev",
];

/// Names of three letters of the same kind: of these only two letters that changed places, or one that is doubled, tell
/// which was meant.
static SHORTEST: &[&str] = &["git", "man", "tar", "vim"];

/// The short name of the family's packages that a name of three or four letters, which is none, is a slip of.
pub(super) fn slip(name: &str, family: Family) -> Option<&'static str> {
    let of = |right: &&&str| is_slip(name.as_bytes(), right.as_bytes());
    let of_shortest = |right: &&&str| is_slip_of_shortest(name.as_bytes(), right.as_bytes());
    let long = name.len() > 3;
    let short = SHORT.iter().filter(|_| long).find(of);
    let meant = short.or_else(|| SHORTEST.iter().find(of_shortest)).copied();
    let meant = meant.or_else(|| usual(name))?;
    (has(meant, family) && !is_known(name)).then_some(meant)
}

/// The usual name that one letter more has made to one of five.
pub(super) fn longer(name: &str, family: Family) -> Option<&'static str> {
    usual(name).filter(|meant| has(meant, family) && !is_known(name))
}

/// The only usual name that a word is a keystroke away from.
fn usual(name: &str) -> Option<&'static str> {
    let mut near = USUAL
        .iter()
        .filter(|right| is_letter_off(name.as_bytes(), right.as_bytes()));
    let meant = near.next()?;
    near.next().is_none().then_some(*meant)
}

/// Two letters have changed places, or one is doubled.
fn is_slip_of_shortest(name: &[u8], right: &[u8]) -> bool {
    match difference(name, right) {
        Some((_, [a, b], [c, d])) => name.len() == right.len() && (a, b) == (d, c),
        Some((at, [more], [])) => at > 0 && name.get(at - 1) == Some(more),
        _ => false,
    }
}

/// One letter is another, missing or more; another digit is another version.
fn is_letter_off(name: &[u8], right: &[u8]) -> bool {
    let one = |part: &[u8]| part.len() <= 1;
    let letters = |part: &[u8]| part.iter().all(u8::is_ascii_lowercase);
    difference(name, right).is_some_and(|(_, own, meant)| {
        one(own) && one(meant) && letters(own) && (letters(meant) || !own.is_empty())
    })
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
        assert!(SHORT.is_sorted() && SHORTEST.is_sorted());
        for (own, meant) in [("vmi", "vim"), ("gti", "git"), ("giit", "git")] {
            assert_eq!(slip(own, Family::Debian), Some(meant), "{own}");
        }
        // Other names, and words of three letters that are none of these.
        for own in [
            "gir", "gi", "ma", "mat", "vi", "vip", "vile", "trar", "git", "tam",
        ] {
            assert_eq!(slip(own, Family::Debian), None, "{own}");
        }
        assert_eq!(slip("grb2", Family::Suse), Some("grub2"));
        assert_eq!(slip("sduo", Family::Debian), Some("sudo"));
        for (own, meant) in [
            ("lesx", "less"),
            ("ude", "udev"),
            ("gawm", "gawk"),
            ("ksudo", "sudo"),
        ] {
            let told = slip(own, Family::Debian).or_else(|| longer(own, Family::Debian));
            assert_eq!(told, Some(meant), "{own}");
        }
        for own in [
            "grub", "sudo", "less", "sslh", "tar0", "bash", "dash", "lvm3", "ugrep", "slim",
        ] {
            let told = slip(own, Family::Debian).or_else(|| longer(own, Family::Debian));
            assert_eq!(told, None, "{own}");
        }
    }
}
