//! Documents with as many faults as wanted, of one kind each: for the tests and the bench that hold what repair may
//! cost. Judges nothing.
#![allow(dead_code)]

use std::fmt::Write as _;

/// The kinds of faults.
pub const KINDS: &[&str] = &[
    "one wrong name",
    "wrong names, all different",
    "names near none",
    "one wrong attribute",
    "wrong attributes, all different",
    "wrong values, all different",
    "one wrong value",
    "attributes too many",
    "a missing attribute",
    "misplaced elements",
    "stray text",
    "nested wrong elements",
    "missing children",
    "values of a long list",
    "given twice",
    "all of these",
];

/// A word with one slip that depends on `n`.
fn slip(word: &str, n: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    let (at, n) = (1 + n % (word.len() - 1), n / (word.len() - 1));
    let first = char::from(LETTERS[n % 26]);
    let second = char::from(LETTERS[n / 26 % 26]);
    let third = if n < 676 {
        String::new()
    } else {
        char::from(LETTERS[n / 676 % 26]).to_string()
    };
    format!("{}{first}{second}{third}{}", &word[..at], &word[at..])
}

/// A line with a fault of that kind; the `n`th.
fn line(kind: usize, n: usize) -> String {
    let name = format!("package-with-number-{n:06}");
    match kind {
        0 => format!("<pakcage name=\"{name}\"/>"),
        1 => format!("<{} name=\"{name}\"/>", slip("package", n)),
        2 => format!("<zz{n}yyyyyyyyyyy name=\"{name}\"/>"),
        3 => format!("<package nmae=\"{name}\"/>"),
        4 => format!("<package {}=\"{name}\"/>", slip("name", n)),
        5 => format!("<package name=\"{name}\" arch=\"x 86-{n}\"/>"),
        6 => format!("<package name=\"{name}\" bootinclude=\"ture\"/>"),
        7 => format!("<package name=\"{name}\" surely-unknown=\"1\"/>"),
        8 => "<package/>".to_string(),
        9 => "<user name=\"x\" password=\"y\"/>".to_string(),
        10 => format!("<package name=\"{name}\"/> stray text"),
        11 => format!("<package name=\"{name}\"><packages><package nmae=\"x\"/></packages></package>"),
        12 => "<repository type=\"apt-deb\"/>".to_string(),
        13 => format!("<type image=\"{}\"/>", slip("overlay", n)),
        14 => "<version>1.0.0</version>".to_string(),
        _ => line(n % 15, n),
    }
}

/// A valid description with `packages` of which the first `faults` are faults of that kind.
pub fn document(packages: usize, faults: usize, kind: usize) -> String {
    let (before, after) = match kind {
        12 => ("", "<packages type=\"image\">"),
        13 | 14 => (
            "<preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image=\"oem\" filesystem=\"ext4\"/>",
            "</preferences><packages type=\"image\">",
        ),
        _ => ("<packages type=\"image\">", ""),
    };
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<image schemaversion=\"8.5\" name=\"bench\">\n    <description type=\"system\">\n        \
         <author>Example</author>\n        <contact>example@example.org</contact>\n        <specification>Many packages</specification>\n    \
         </description>\n    <preferences>\n        <version>1.0.0</version>\n        <packagemanager>apt</packagemanager>\n        \
         <type image=\"oem\" filesystem=\"ext4\" firmware=\"uefi\"/>\n    </preferences>\n    <repository>\n        \
         <source path=\"https://deb.debian.org/debian\"/>\n    </repository>\n    <packages type=\"bootstrap\"><package name=\"base-files\"/></packages>\n    ",
    );
    let _ = writeln!(out, "{before}");
    for n in 0..faults.min(packages) {
        let _ = writeln!(out, "        {}", line(kind, n));
    }
    let _ = writeln!(out, "    {after}");
    for n in faults..packages {
        let _ = writeln!(out, "        <package name=\"package-with-number-{n:06}\"/>");
    }
    out.push_str("    </packages>\n</image>\n");
    out
}
