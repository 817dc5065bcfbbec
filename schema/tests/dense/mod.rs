//! Documents with as many faults as wanted, of one kind each: for the tests and the bench that hold what repair may
//! cost. Judges nothing.
#![allow(clippy::indexing_slicing, clippy::write_with_newline)] // A test may.
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

/// Other documents that are wrong throughout, by what is wrong with them.
pub const SHAPES: &[&str] = &[
    "unknown children of the root",
    "tiny unknown elements",
    "unknown elements in each other",
    "known elements in each other",
    "unknown attributes on one element",
    "one long name",
    "one long value",
    "long names",
    "long text",
    "other namespaces",
    "each name misspelt",
    "each attribute misspelt",
    "each end tag of another",
    "a long name with many attributes",
    "missing before each",
    "deeply indented",
    "moved with all that is in them",
    "bad words in elements",
    "names beyond ASCII",
    "values beyond ASCII",
    "text between elements",
    "attributes of a namespace",
    "many attributes on each",
    "far values with blanks",
    "blanks before the first of many",
    "eight bad values on each",
    "three attributes of a long list misspelt",
    "near names in each other",
    "values with references",
    "each misspelt in a namespace of its own",
    "an attribute and text too many",
    "several kinds in turn",
];

/// A document of that shape with about `size` bytes.
pub fn shape(kind: usize, size: usize) -> String {
    let head = "<image schemaversion=\"8.5\" name=\"x\"><description type=\"system\"><author>a</author><contact>c</contact><specification>s</specification></description><preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image=\"oem\" filesystem=\"ext4\"/></preferences>";
    let many = |one: &mut dyn FnMut(usize) -> String| {
        let mut out = String::with_capacity(size + 100);
        let mut n = 0;
        while out.len() < size {
            out.push_str(&one(n));
            n += 1;
        }
        out
    };
    let in_root = |body: String| format!("{head}{body}</image>");
    let preferences = |body: String| in_root(format!("<preferences>{body}</preferences>"));
    let deep = |names: &[&str]| {
        let mut out = String::new();
        while out.len() < size {
            let depth = 200;
            for n in 0..depth {
                let _ = write!(out, "<{}>\n", names[n % names.len()]);
            }
            for n in (0..depth).rev() {
                let _ = write!(out, "</{}>\n", names[n % names.len()]);
            }
        }
        out
    };
    match kind {
        0 => in_root(many(&mut |n| format!("<nothing-like-it-{n}/>\n"))),
        1 => in_root(many(&mut |_| "<a/>".into())),
        2 => in_root(deep(&["nothing", "like", "it"])),
        3 => in_root(deep(&["packages", "users", "preferences", "package", "type"])),
        4 => format!("<image {}/>", many(&mut |n| format!("surely-unknown-{n}=\"\" "))),
        5 => in_root(format!("<{0}/><{0}/>", "n".repeat(size / 2))),
        6 => format!("{head}<repository type=\"{}\"/></image>", "v".repeat(size)),
        7 => in_root(many(&mut |n| format!("<{}{n}/>", "long-name".repeat(200)))),
        8 => format!("{head}{}</image>", "text and ".repeat(size / 9)),
        9 => in_root(many(&mut |n| {
            format!("<p:package xmlns:p=\"urn:example:{}\" name=\"{n}\"/>\n", n % 50)
        })),
        10 => in_root(many(&mut |n| {
            format!(
                "<{0} typ=\"image\"><{1} nam=\"x\"/></{0}>\n",
                slip("packages", n % 2000),
                slip("package", n)
            )
        })),
        11 => in_root(format!(
            "<packages type=\"image\">{}</packages>",
            many(&mut |n| {
                format!(
                    "<package {}=\"x\" {}=\"y\"/>\n",
                    slip("name", n),
                    slip("arch", n + 1)
                )
            })
        )),
        12 => in_root(many(&mut |_| {
            "<packages type=\"image\"><package name=\"x\"></packages>\n".into()
        })),
        13 => {
            let name = "long-name".repeat(size / 20);
            let attributes = "a b c d e f g h i j"
                .split(' ')
                .map(|a| format!(" {a}=\"\""))
                .collect::<String>();
            let more = (0..size / 20).map(|n| format!(" a{n}=\"\"")).collect::<String>();
            format!("{head}<{name}{attributes}{more}/></image>")
        }
        14 => in_root(format!(
            "<packages type=\"image\">{}</packages>",
            many(&mut |n| format!("<archive/><namedCollection/><product name=\"p{n}\"/>"))
        )),
        15 => in_root(format!(
            "\n{}<repository/>{}",
            " ".repeat(size / 2),
            "<repository/>".repeat(size / 26)
        )),
        16 => in_root(deep(&["description", "packages", "description", "users"])),
        17 => format!(
            "<image schemaversion=\"8.5\" name=\"x\">{}</image>",
            many(&mut |n| format!(
                "<preferences><packagemanager>ap{n}</packagemanager><rpm-check-signatures>tru{n}</rpm-check-signatures></preferences>"
            ))
        ),
        18 => in_root(format!(
            "<packages type=\"image\">{}</packages>",
            many(&mut |n| format!("<{} name=\"x\"/>\n", slip("package", n).replace('a', "ä")))
        )),
        19 => in_root(format!(
            "<preferences>{}</preferences>",
            many(&mut |n| format!("<type image=\"{}\"/>\n", slip("overlay", n).replace('a', "ä")))
        )),
        20 => in_root(format!(
            "<packages type=\"image\">{}</packages>",
            many(&mut |n| format!("<package name=\"p{n}\"/> text <archive name=\"a{n}\"/> &amp;\n"))
        )),
        21 => in_root(format!(
            "<packages type=\"image\" xmlns:p=\"urn:example:p\">{}</packages>",
            many(&mut |n| format!("<package p:name=\"p{n}\" p:arch=\"x\"/>\n"))
        )),
        22 => in_root(format!(
            "<packages type=\"image\">{}</packages>",
            many(&mut |n| format!(
                "<package name=\"p{n}\" a{n}=\"\" b{n}=\"\" c{n}=\"\" d{n}=\"\" e{n}=\"\" f{n}=\"\" g{n}=\"\" h{n}=\"\"/>\n"
            ))
        )),
        23 => in_root(format!(
            "<preferences>{}</preferences>",
            many(&mut |n| format!("<type image=\"{n} quite other words\" boottimeout=\"{n} s\"/>\n"))
        )),
        25 => preferences(many(&mut |n| {
            format!(
                "<type image=\"oe{n}\" filesystem=\"ex{n}\" firmware=\"uef{n}\" format=\"qcow{n}\" bootpartition=\"tru{n}\" installiso=\"fals{n}\" btrfs_root_is_snapshot=\"yes{n}\" compressed=\"no{n}\"/>\n"
            )
        })),
        26 => preferences(many(&mut |n| {
            let [a, b, c] = ["bootpartition", "efiparttable", "kernelcmdline"].map(|w| slip(w, n));
            format!("<type image=\"oem\" {a}=\"true\" {b}=\"gpt\" {c}=\"x\"/>\n")
        })),
        27 => preferences(many(&mut |n| {
            let [a, b, c] = ["oem-boot-title", "oem-multipath-scan", "oem-swap"].map(|w| slip(w, n));
            format!(
                "<type image=\"oem\"><oemconfig><{a}>x</{a}><{b}>true</{b}><{c}>true</{c}></oemconfig></type>\n"
            )
        })),
        28 => preferences(many(&mut |n| {
            format!("<type image=\"o&amp;m{n}\"/><locale>a&amp;{n}</locale>")
        })),
        29 => in_root(many(&mut |n| {
            format!(
                "<p:{} xmlns:p=\"urn:example:{n}\" name=\"x\"/>\n",
                slip("packages", n)
            )
        })),
        30 => in_root(format!(
            "<packages type=\"image\">{}</packages>",
            many(&mut |n| format!("<package name=\"a\" nam=\"b{n}\">text {n}</package>\n"))
        )),
        31 => in_root(many(&mut |n| match n % 5 {
            0 => format!(
                "<{0} type=\"image\"><{1} name=\"x\"/></{0}>\n",
                slip("packages", n),
                slip("package", n)
            ),
            1 => format!("<pakages type=\"imag{n}\"/>"),
            2 => format!("text{n}<users><user/></users>"),
            3 => format!("<repository typ=\"x{n}\"/>"),
            _ => format!("<preferences><versoin>{n}</versoin></preferences>"),
        })),
        _ => format!(
            "{}\n{}<packages type=\"image\"><archive/><archive/></packages>{}</image>",
            head.replace(
                "><description",
                &format!(">\n{}<description", " ".repeat(size / 2))
            ),
            " ".repeat(100),
            many(&mut |_| "<packages/><repository/>".into())
        ),
    }
}
