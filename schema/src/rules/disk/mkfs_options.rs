//! Options that the root's file system is made with, where they are another file system's, or slips. Knows the options by
//! which the tools differ; all others are left alone.

use crate::description::model::{At, Image};
use crate::rules::found::{Found, near};

const EXT: &[&str] = &["ext2", "ext3", "ext4"];
const XFS: &[&str] = &["xfs"];
const BTRFS: &[&str] = &["btrfs"];

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let attrs = &kind.element.attrs;
        if let Some(at) = attrs.at("fscreateoptions")
            && let Some(filesystem) = attrs.get("filesystem")
        {
            judge(at, filesystem, found);
        }
    }
}

fn judge(at: &At, filesystem: &str, found: &mut Found<'_>) {
    let value = at.value.trim();
    if value.contains(['$', '{', '"', '\'']) {
        return;
    }
    let known = EXT.iter().chain(XFS).chain(BTRFS).any(|f| *f == filesystem);
    let words: Vec<&str> = value.split_whitespace().collect();
    if let Some(first) = words.first().filter(|w| !w.starts_with('-') || **w == "-") {
        let message = format!("`{first}` is no option, and would be taken for the device");
        found.add("filesystem-option", at, message, "options begin with `-`");
        return;
    }
    for (index, word) in words.iter().enumerate() {
        let next = words
            .get(index + 1)
            .copied()
            .filter(|n| !n.starts_with('-'))
            .unwrap_or("");
        if let Some((own, meant)) = feature(filesystem, word, next) {
            let message = format!("`{filesystem}` has no feature `{own}`");
            found.instead_of("filesystem-option", at, message, (own, meant), false);
            return;
        }
        if let Some(message) = switch(filesystem, word, next) {
            found.add("filesystem-option", at, message, "`0` or `1`");
            return;
        }
        let Some(of) = owners(word, next).filter(|of| known && !of.contains(&filesystem)) else {
            continue;
        };
        let option = if next.is_empty() {
            (*word).to_owned()
        } else {
            format!("{word} {next}")
        };
        let message = format!("`{filesystem}` is not made with `{option}`");
        let label = format!("an option of {}", crate::rules::words(of, "and"));
        found.add("filesystem-option", at, message, label);
        return;
    }
}

/// Features of ext4 and its elders.
const FEATURES: &[&str] = &[
    "64bit",
    "bigalloc",
    "casefold",
    "dir_index",
    "dir_nlink",
    "ea_inode",
    "encrypt",
    "ext_attr",
    "extent",
    "extents",
    "extra_isize",
    "fast_commit",
    "filetype",
    "flex_bg",
    "has_journal",
    "huge_file",
    "inline_data",
    "large_dir",
    "large_file",
    "meta_bg",
    "metadata_csum",
    "metadata_csum_seed",
    "mmp",
    "orphan_file",
    "project",
    "quota",
    "resize_inode",
    "sparse_super",
    "sparse_super2",
    "stable_inodes",
    "uninit_bg",
    "verity",
];

/// A feature of ext4 under a slip of its name, in the value of `-O`.
fn feature(filesystem: &str, option: &str, value: &str) -> Option<(String, &'static str)> {
    let list = match option.strip_prefix("-O")? {
        "" => value,
        rest => rest,
    };
    if !EXT.contains(&filesystem) {
        return None;
    }
    list.split(',').find_map(|one| {
        let bare = one.trim_start_matches('^');
        let known = FEATURES.contains(&bare) || matches!(bare, "none" | "journal_dev");
        let meant = near(bare, FEATURES.iter().copied()).filter(|_| !known)?;
        Some((bare.to_owned(), meant))
    })
}

/// A value of a switch of XFS that is neither on nor off.
fn switch(filesystem: &str, option: &str, value: &str) -> Option<String> {
    let list = match option.strip_prefix("-m").or(option.strip_prefix("-n"))? {
        "" => value,
        rest => rest,
    };
    let switches = [
        "crc",
        "finobt",
        "reflink",
        "rmapbt",
        "bigtime",
        "inobtcount",
        "ftype",
        "autofsck",
    ];
    let mut all = list.split(',').filter_map(|one| one.split_once('='));
    let (key, value) = all.find(|(key, value)| switches.contains(key) && !matches!(*value, "0" | "1"))?;
    (filesystem == "xfs").then(|| format!("`{key}` of XFS is on or off, and not `{value}`"))
}

/// The file systems whose tool has the option with such a value, where others surely have not.
fn owners(option: &str, value: &str) -> Option<&'static [&'static str]> {
    let number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let (letter, value) = match option.strip_prefix('-') {
        Some(long) if long.starts_with('-') => {
            let name = long.trim_start_matches('-').split('=').next().unwrap_or(long);
            let own = [
                "csum",
                "checksum",
                "nodesize",
                "sectorsize",
                "metadata",
                "mixed",
                "subvol",
                "rootdir",
            ];
            return own.contains(&name).then_some(BTRFS);
        }
        // The value may follow at once.
        Some(short) => match short.split_at_checked(1) {
            Some((letter, "")) => (letter, value),
            Some((letter, rest)) => (letter, rest),
            None => return None,
        },
        None => return None,
    };
    let key = value.split_once('=').map(|(key, _)| key);
    match (letter, key) {
        ("m", Some("crc" | "finobt" | "reflink" | "rmapbt" | "bigtime" | "inobtcount" | "autofsck"))
        | ("n", Some("ftype" | "version" | "size"))
        | ("i", Some("size" | "maxpct" | "sparse" | "nrext64" | "attr" | "align"))
        | ("d", Some("agcount" | "agsize" | "su" | "sw" | "sunit" | "swidth"))
        | ("l", Some("size" | "version" | "internal" | "su" | "sunit" | "lazy-count"))
        | ("b" | "s", Some("size")) => Some(XFS),
        ("E" | "T" | "J" | "I" | "G" | "N", _) => Some(EXT),
        ("m", None) if number => Some(EXT),
        ("m" | "d", None) if matches!(value, "single" | "dup" | "DUP" | "raid0" | "raid1" | "raid10") => {
            Some(BTRFS)
        }
        ("O", None) => {
            let ext = |f: &str| FEATURES.contains(&f.trim_start_matches('^'));
            value.split(',').any(ext).then_some(EXT)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_told_from_another_tools() {
        for (option, value, of) in [
            ("-m", "crc=1", Some(XFS)),
            ("-m", "0", Some(EXT)),
            ("-m", "single", Some(BTRFS)),
            ("-mdup", "", Some(BTRFS)),
            ("-n", "ftype=1", Some(XFS)),
            ("-n", "16384", None),
            ("-O", "^has_journal,64bit", Some(EXT)),
            ("-O", "block-group-tree", None),
            ("-b", "4096", None),
            ("-b", "size=4096", Some(XFS)),
            ("-L", "ROOT", None),
            ("--csum", "xxhash", Some(BTRFS)),
            ("-I", "256", Some(EXT)),
        ] {
            assert_eq!(owners(option, value), of, "{option} {value}");
        }
    }
}
