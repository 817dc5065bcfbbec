//! Options that the root is mounted with: of another file system, misspelt, or parted by blanks. Knows the options by
//! which file systems differ; all others are left alone.

use crate::description::model::At;
use crate::rules::found::{Found, near};
use crate::rules::scope::Scope;

/// Options of one kind of file system.
const OWN: &[(&[&str], &[&str])] = &[
    (
        &["btrfs"],
        &[
            "autodefrag",
            "clear_cache",
            "compress",
            "compress-force",
            "degraded",
            "flushoncommit",
            "max_inline",
            "nodatacow",
            "nodatasum",
            "noautodefrag",
            "nospace_cache",
            "space_cache",
            "ssd",
            "ssd_spread",
            "subvol",
            "subvolid",
            "thread_pool",
            "user_subvol_rm_allowed",
        ],
    ),
    (
        &["ext3", "ext4"],
        &[
            "auto_da_alloc",
            "data",
            "delalloc",
            "dioread_nolock",
            "journal_async_commit",
            "journal_checksum",
            "nodelalloc",
            "noload",
        ],
    ),
    (
        &["xfs"],
        &[
            "allocsize",
            "filestreams",
            "inode32",
            "inode64",
            "largeio",
            "logbsize",
            "logbufs",
            "pquota",
            "swalloc",
            "wsync",
        ],
    ),
];

/// Options that every file system has.
const GENERAL: &[&str] = &[
    "async",
    "auto",
    "defaults",
    "diratime",
    "discard",
    "lazytime",
    "noatime",
    "nodev",
    "nodiratime",
    "noexec",
    "nofail",
    "nosuid",
    "relatime",
    "strictatime",
    "sync",
    "x-systemd.growfs",
    "x-systemd.makefs",
];

/// The option of every file system that is meant by one which is a slip of it.
pub(in crate::rules) fn general_slip(option: &str) -> Option<&'static str> {
    let own = || {
        GENERAL
            .iter()
            .chain(OWN.iter().flat_map(|(_, names)| *names))
            .copied()
    };
    let close = |k: &&str| k.len() > 5 && crate::rules::found::one_keystroke(k, option);
    let odd =
        option.len() > 4 && !own().any(|k| k == option) && option.bytes().all(|b| b.is_ascii_lowercase());
    GENERAL.iter().copied().filter(|_| odd).find(close)
}

/// The options that this kind of file system has alone.
fn own_options(filesystem: &str) -> impl Iterator<Item = &'static str> {
    let own = OWN
        .iter()
        .filter(move |(systems, _)| systems.contains(&filesystem));
    own.flat_map(|(_, names)| *names).copied()
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let (Some(at), Some(filesystem)) = (attrs.at("fsmountoptions"), attrs.get("filesystem")) else {
        return;
    };
    let value = at.value.trim();
    if value.contains(['$', '{', '"']) {
        return;
    }
    if value.contains(char::is_whitespace) {
        let words: Vec<&str> = value.split([' ', '\t', ',']).collect();
        let words = words.into_iter().filter(|w| !w.is_empty() && *w != "-o");
        let whole = words.collect::<Vec<_>>().join(",");
        let message = format!("the options `{value}` have a blank");
        found.instead("mount-option", at, message, Some(&whole), true, "");
        return;
    }
    if value.contains(';') && !value.contains(',') {
        let message = format!("the options `{value}` are not parted by commas");
        found.instead(
            "mount-option",
            at,
            message,
            Some(&value.replace(';', ",")),
            true,
            "",
        );
        return;
    }
    for option in value.split(',') {
        let name = option.split('=').next().unwrap_or(option);
        if let Some((_, meant)) = MISNAMED
            .iter()
            .find(|(slip, _)| *slip == name)
            .filter(|_| filesystem == "btrfs")
        {
            let message = format!("no file system is mounted with `{name}`");
            found.instead_of("mount-option", at, message, (name, meant), false);
            return;
        }
        let of = OWN.iter().find(|(_, names)| names.contains(&name));
        if let Some((systems, _)) = of {
            // Attributes of Btrfs say that it is the file system which is wrong.
            if !systems.contains(&filesystem) && crate::rules::misfit::of_btrfs(scope.kind()) {
                return;
            }
            if !systems.contains(&filesystem) {
                let message = format!("`{filesystem}` is not mounted with `{name}`");
                let label = format!("an option of {}", crate::rules::words(systems, "and"));
                found.add("mount-option", at, message, label);
                return;
            }
            if name.starts_with("compress") {
                compression(at, option, found);
            }
            continue;
        }
        let sign = |rest: &str| rest.starts_with([':', '-', ';', '.']) && !rest.starts_with("-o");
        let cut = own_options(filesystem).find(|k| name.strip_prefix(k).is_some_and(sign));
        if let Some(known) = cut.filter(|_| name.contains(':')) {
            let rest = option.get(known.len() + 1..).unwrap_or("").replace('=', ":");
            let message = format!("no file system is mounted with `{option}`");
            let whole = value.replacen(option, &format!("{known}={rest}"), 1);
            found.instead("mount-option", at, message, Some(&whole), false, "");
            return;
        }
        if GENERAL.contains(&name) || name.len() < 5 || OTHERS.contains(&name) {
            continue;
        }
        let own = OWN.iter().filter(|(systems, _)| systems.contains(&filesystem));
        let known = own.flat_map(|(_, names)| *names).chain(GENERAL).copied();
        if let Some(meant) = near(name, known.filter(|k| k.len() > 4)) {
            let message = format!("no file system is mounted with `{name}`");
            let whole = value.replacen(name, meant, 1);
            found.instead("mount-option", at, message, Some(&whole), false, "");
            return;
        }
    }
}

/// What options of Btrfs are called by those who remember them by half.
const MISNAMED: &[(&str, &str)] = &[
    ("compression", "compress"),
    ("compression-force", "compress-force"),
    ("force-compress", "compress-force"),
    ("subvolume", "subvol"),
    ("nocow", "nodatacow"),
];

/// How Btrfs compresses, and the highest level of each; none where there are no levels.
const COMPRESSIONS: &[(&str, Option<u32>)] = &[
    ("zlib", Some(9)),
    ("zstd", Some(15)),
    ("lzo", None),
    ("no", None),
    ("none", None),
    ("yes", None),
    ("true", None),
    ("on", None),
];

/// A compression that Btrfs does not have: it refuses the mount.
fn compression(at: &At, option: &str, found: &mut Found<'_>) {
    let Some((name, value)) = option.split_once('=') else {
        return;
    };
    let (kind, level) = value
        .split_once(':')
        .map_or((value, None), |(kind, level)| (kind, Some(level)));
    let Some((_, most)) = COMPRESSIONS.iter().find(|(known, _)| *known == kind) else {
        let meant = near(kind, COMPRESSIONS.iter().map(|(known, _)| *known));
        let message = format!("Btrfs has no compression `{kind}`");
        let whole = meant.map(|m| at.value.trim().replacen(value, &value.replacen(kind, m, 1), 1));
        found.instead(
            "mount-option",
            at,
            message,
            whole.as_deref(),
            false,
            "`zstd`, `zlib` or `lzo`",
        );
        return;
    };
    // Kernels of late have faster ones below zero.
    let number = level.and_then(|l| l.parse::<i32>().ok());
    if let (Some(level), Some(most)) = (level, most)
        && number.is_none_or(|n| n > *most as i32 || n < -15)
    {
        let message = format!("`{name}` has no level `{level}` for `{kind}`");
        found.add("mount-option", at, message, format!("1 to {most}"));
    }
}

/// Options that are a keystroke away from another.
const OTHERS: &[&str] = &[
    "nocompress",
    "datacow",
    "datasum",
    "nossd",
    "noauto",
    "nosync",
    "dirsync",
    "nodiscard",
    "norelatime",
    "nolazytime",
    "nostrictatime",
    "barrier",
    "nobarrier",
    "nolargeio",
    "commit",
    "quota",
    "uquota",
    "gquota",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_is_a_slip_of_another() {
        let own = OWN.iter().flat_map(|(_, names)| *names);
        let all: Vec<&str> = own.chain(GENERAL).chain(OTHERS).copied().collect();
        for (systems, names) in OWN {
            for option in *names {
                let others = OWN.iter().filter(|(s, _)| s != systems);
                assert!(!others.flat_map(|(_, n)| *n).any(|n| n == option), "{option}");
            }
        }
        assert!(all.len() > 50);
    }
}
