//! Slips of the pen in paths that begin with the folders that every system has. Knows their names; asks no tree.

use crate::rules::found::{difference, doubled, near, same_digits, same_letters};

/// Folders at the top of a system.
const TOP: &[&str] = &[
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run",
    "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// Folders below these, which volumes are often made for.
const BELOW: &[(&str, &[&str])] = &[
    ("usr", &["local", "share", "lib", "lib64", "bin", "sbin"]),
    (
        "var",
        &["lib", "log", "cache", "tmp", "spool", "opt", "crash", "mail"],
    ),
    ("boot", &["efi", "grub", "grub2", "loader"]),
];

/// The path that is likely meant where its first or second folder is a slip of one that every system has.
pub(in crate::rules) fn top(path: &str) -> Option<String> {
    let (slash, bare) = path.strip_prefix('/').map_or(("", path), |bare| ("/", bare));
    let mut parts = bare.splitn(3, '/');
    let (first, second, rest) = (parts.next()?, parts.next(), parts.next());
    let tail = |rest: Option<&str>| rest.map_or(String::new(), |r| format!("/{r}"));
    // The stroke between two of them is missing.
    let glued = BELOW.iter().find_map(|(folder, below)| {
        let rest = first.strip_prefix(folder)?;
        below.contains(&rest).then(|| format!("{folder}/{rest}"))
    });
    if let Some(right) = glued.filter(|_| !first.starts_with("boot")) {
        return Some(format!("{slash}{right}{}{}", tail(second), tail(rest)));
    }
    if let Some(right) = slip(first, TOP) {
        return Some(format!("{slash}{right}{}{}", tail(second), tail(rest)));
    }
    let of_usr = || {
        BELOW
            .iter()
            .any(|(folder, below)| *folder == "usr" && second.is_some_and(|s| below.contains(&s)))
    };
    if first == "user" && of_usr() {
        return Some(format!("{slash}usr{}{}", tail(second), tail(rest)));
    }
    let (_, below) = BELOW.iter().find(|(folder, _)| *folder == first)?;
    let right = slip(second?, below)?;
    Some(format!("{slash}{first}/{right}{}", tail(rest)))
}

/// A name that is a slip of one of these: of short ones only with two letters exchanged, one lost, or one doubled, for there
/// are many such words, and no plural.
fn slip(name: &str, among: &[&'static str]) -> Option<&'static str> {
    if among.contains(&name) || name.contains('@') {
        return None;
    }
    let lost = |other: &str| matches!(difference(name.as_bytes(), other.as_bytes()), Some((_, [], [_])));
    let alike = |other: &&str| match (name.len(), other.len()) {
        _ if same_letters(other, name) || lost(other) || doubled(name, other) => true,
        (_, ..4) | (..4, _) | (4, 4) => false,
        _ => name.strip_suffix('s') != Some(*other),
    };
    let alike = |other: &&str| same_digits(other, name) && alike(other);
    near(name, among.iter().copied().filter(alike))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_folders_of_systems_are_told_from_other_words() {
        for (path, right) in [
            ("/vra/log", Some("/var/log")),
            ("/hmoe", Some("/home")),
            ("hmoe", Some("home")),
            ("/var/lgo", Some("/var/log")),
            ("usr/lcoal", Some("usr/local")),
            ("/medai", Some("/media")),
            ("/hom", Some("/home")),
            ("varr", Some("var")),
            ("/pt/tools", Some("/opt/tools")),
            ("/bn/bash", Some("/bin/bash")),
            ("usrlocal", Some("usr/local")),
            ("/varlog/app", Some("/var/log/app")),
            ("/boot/grbu2/x86_64-efi", Some("/boot/grub2/x86_64-efi")),
            ("/boot/efi", None),
            ("/lib32", None),
            ("/boots", None),
            ("/prod", None),
            ("/homes", None),
            ("/book", None),
            ("/users", None),
            ("/data", None),
            ("/var/lib/pgsql", None),
            ("/bin", None),
            ("/home2", None),
            ("/temp", None),
            ("/etcd", None),
            ("/opt", None),
            ("/user/local/share", Some("/usr/local/share")),
            ("/user/alice", None),
            ("@root", None),
        ] {
            assert_eq!(top(path).as_deref(), right, "{path}");
        }
    }
}
