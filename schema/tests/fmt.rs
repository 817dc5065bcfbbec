//! Layout never changes the meaning: the model, the findings, the text and the comments of a description are the same
//! before and after, and a second time changes nothing. On the corpus and on 10,000 mutated valid documents.
#![cfg(test)]
#![allow(clippy::print_stderr)] // A test may.

mod shared;

use std::path::{Path, PathBuf};

use apteryx_schema::check::{Options, check};
use apteryx_schema::description::load_text;
use apteryx_schema::fmt::{self, format};
use apteryx_schema::syntax::{NodeKind, Tree, parse};
use regex::Regex;
use shared::shared;

const OWN: [&str; 3] = [
    r#"<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE image [<!ENTITY vendor "Example &amp; Sons">]>
<!-- apteryx: allow-file no-repository: a test -->
<image schemaversion="8.5" name="first" displayname='The "first"'>
    <description type="system">
        <author>A &amp; B</author>
        <contact>a@example.org</contact>
        <specification>
            Two
            lines of &vendor;
        </specification>
        <license><![CDATA[GPL <or later>]]></license>
    </description>
    <profiles>
        <profile name="Disk" description="disk" import="true"/>
        <profile name="Live" description="live"><requires profile="Disk"/></profile>
    </profiles>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>dnf5</packagemanager>
        <locale>en_US</locale>
        <keytable> us </keytable>
    </preferences>
    <preferences profiles="Disk">
        <type image="oem" filesystem="btrfs" firmware="uefi" kernelcmdline="console=ttyS0 rd.info rd.shell=0   systemd.unified_cgroup_hierarchy=1">
            <bootloader name="grub2" timeout="10"/>
            <oemconfig>
                <oem-resize>true</oem-resize>
                <!-- room for two -->
                <oem-systemsize>2048</oem-systemsize>
            </oemconfig>
            <systemdisk><volume name="home" size="all"/><volume name="var"/></systemdisk>
            <machine memory="512" guestOS="suse" HWversion="4">
                <vmdisk id="0" controller="ide"/>
                <vmconfig-entry>numvcpus = "4"</vmconfig-entry>
            </machine>
            <size unit="G">4</size>
        </type>
    </preferences>
    <preferences profiles="Live"><type image="iso" flags="overlay"/></preferences>
    <users>
        <user name="root" password="$1$a&#36;b" groups="root" home="/root"/>
    </users>
    <repository type="rpm-md"><source path="https://example.org/a?b=1&amp;c=2"/></repository>
    <packages type="image">
        <package name="bash"/> <!-- a shell -->
        <package name="kernel" arch="x86_64,aarch64"/>

        <archive name="files.tar.gz"/>
    </packages>
    <packages type="bootstrap"><package name="filesystem"/></packages>
</image>
"#,
    "<image schemaversion=\"7.5\" name=\"old\">\r\n\t<description type=\"system\"><author>A</author><contact>c</contact>\
     <specification>s\r\n s</specification></description>\r\n\t<preferences><version>1.0.0</version><packagemanager> dnf\
     </packagemanager>\r\n<type image=\"docker\"><containerconfig name=\"a\" additionaltags=\"1,2\"><entrypoint execute=\
     \"/bin/bash\"/><environment><env name=\"A\" value=\" b \"/></environment></containerconfig></type></preferences>\r\n\
     <repository type='rpm-dir'><source path='dir:///a'/></repository><packages type=\"bootstrap\"><package name=\"a\"/>\
     </packages></image>",
    include_str!("../../examples/debian-minimal/config.xml"),
];

/// A small generator of numbers (splitmix64): the same documents on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// What a description says, without its layout: comments, instructions, text as it stands, and the model.
fn meaning(path: &Path, text: &str) -> String {
    let tree = parse(text);
    let mut out = String::new();
    for id in tree.all() {
        let node = tree.node(id);
        match node.kind {
            NodeKind::Text if node.blank => {}
            NodeKind::Text | NodeKind::CData | NodeKind::Comment | NodeKind::Pi | NodeKind::Doctype => {
                out += node.span.of(text);
                out.push('\n');
            }
            _ => {
                out += tree.local(id);
                for a in tree.attrs(id) {
                    // The value with its quotes as written.
                    out += &format!(" {}={}", &tree.name(a.name).local, quoted(&tree, a));
                }
                out.push('\n');
            }
        }
    }
    let mut image = load_text(path, text.as_bytes(), &|_| {
        Err(std::io::ErrorKind::NotFound.into())
    })
    .image;
    image.files.clear();
    let places = Regex::new(r"Span \{ start: \d+, end: \d+ \}").unwrap();
    out + &places.replace_all(&format!("{image:?}"), "")
}

fn quoted<'t>(tree: &'t Tree, attr: &apteryx_schema::syntax::Attr) -> &'t str {
    let whole = attr.span.of(tree.text());
    whole.split_once('=').map_or("", |(_, v)| v.trim_start())
}

fn findings(path: &Path, text: &str) -> Vec<String> {
    let found = check(path, text.as_bytes(), Options::default()).diagnostics;
    let mut out: Vec<_> = found
        .iter()
        .map(|d| format!("{} {}", d.code, d.message))
        .collect();
    out.sort();
    out
}

/// Lays out and compares; gives the new text.
fn judged(path: &Path, text: &str, deep: bool) -> String {
    let tree = parse(text);
    let new = format(&tree, fmt::Options::default()).unwrap();
    assert_eq!(
        format(&parse(&new), fmt::Options::default()).unwrap(),
        new,
        "twice:\n{text}"
    );
    assert_eq!(meaning(path, text), meaning(path, &new), "{text}\n----\n{new}");
    if deep {
        assert_eq!(findings(path, text), findings(path, &new), "{text}\n----\n{new}");
    }
    let sorted = format(&tree, fmt::Options { sort_packages: true }).unwrap();
    let again = format(&parse(&sorted), fmt::Options { sort_packages: true }).unwrap();
    assert_eq!(again, sorted, "sorted twice:\n{text}");
    let lines = |t: &str| {
        let mut lines: Vec<_> = t.lines().map(|l| l.trim().to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&new), lines(&sorted));
    new
}

/// The same document with other white space, quotes, comments and empty-element tags.
fn mutated(text: &str, random: &mut Random) -> String {
    let tree = parse(text);
    // Places in the text, from the last to the first, so that the earlier ones stay where they are.
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let blank = |r: &mut Random| {
        let parts = ["", " ", "\n", "\t", "\r\n", "\n\n\n", "    ", " \n  "];
        (0..=r.below(3)).map(|_| r.pick(&parts)).collect::<String>()
    };
    for id in tree.all() {
        let node = tree.node(id);
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let in_list = tree.parent(id).is_some_and(|p| tree.elements(p).next().is_some());
        match node.kind {
            NodeKind::Text if node.blank && in_list && start > 0 => {
                let mut new = blank(random);
                if random.below(6) == 0 {
                    new += random.pick(&[
                        "<!-- c -->",
                        "<!--\n  <a  b='c'/>\n-->",
                        "<?p  q?>",
                        "<!-- a --> <!-- b -->",
                    ]);
                    new += &blank(random);
                }
                edits.push((start, end, new));
            }
            NodeKind::Element => {
                for a in tree.attrs(id) {
                    let (from, to) = (a.span.start as usize, a.span.end as usize);
                    let mut gap = blank(random);
                    if gap.is_empty() {
                        gap.push(' ');
                    }
                    // The gap before it: one blank is always there.
                    edits.push((from - 1, from, gap));
                    let value = a.value_span.of(text);
                    if random.below(4) == 0 && !value.contains(['"', '\'']) {
                        let name = a.name_span.of(text);
                        let (x, y) = (blank(random), blank(random));
                        edits.push((from, to, format!("{name}{x}={y}'{value}'")));
                    }
                }
                if random.below(4) == 0 {
                    let at = node.open.end as usize - if node.self_closing { 2 } else { 1 };
                    edits.push((at, at, blank(random)));
                }
                if node.self_closing && random.below(8) == 0 {
                    let name = node.name_span.of(text);
                    edits.push((end - 2, end, format!("></{name}{}>", blank(random))));
                }
            }
            _ => {}
        }
    }
    edits.sort();
    let mut out = String::new();
    let mut at = 0;
    for (start, end, new) in edits {
        if start >= at {
            out += &text[at..start];
            out += &new;
            at = end;
        }
    }
    out + &text[at..]
}

fn corpus() -> Vec<(PathBuf, String)> {
    let Some(shared) = shared("corpus/INDEX.tsv") else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(shared.join("corpus")).unwrap();
    let mut out = Vec::new();
    for path in entries.map(|e| e.unwrap().path()) {
        if path.extension().is_some_and(|e| e == "xml" || e == "kiwi") {
            let text = std::fs::read_to_string(&path).unwrap();
            // Some are no descriptions.
            if fmt::edits(&parse(&text)).is_ok() {
                out.push((path, text));
            }
        }
    }
    out.sort();
    assert!(out.len() > 90, "{}", out.len());
    out
}

#[test]
fn the_corpus_means_the_same_when_laid_out() {
    let (mut kept, mut lines, mut touched) = (0, 0, 0);
    for (path, text) in corpus() {
        let new = judged(&path, &text, true);
        kept += usize::from(new == text);
        lines += text.lines().count();
        let old: std::collections::HashSet<_> = text.lines().collect();
        touched += new.lines().filter(|l| !old.contains(l)).count();
    }
    eprintln!("{kept} files of the corpus stay as they are; {touched} new lines for {lines}");
}

#[test]
fn ten_thousand_mutated_documents_mean_the_same_when_laid_out() {
    let mut random = Random(7);
    let own = OWN.map(|t| (PathBuf::from("config.xml"), t.to_owned()));
    // The small ones: what differs is the layout, and that is the mutator's.
    let corpus = corpus().into_iter().filter(|(_, t)| t.len() < 4000);
    let bases: Vec<_> = own.into_iter().chain(corpus).collect();
    for n in 0..10_000 {
        let (path, text) = &bases[n % bases.len()];
        let text = mutated(text, &mut random);
        assert!(parse(&text).errors().is_empty(), "{text}");
        judged(path, &text, n % 20 == 0);
    }
}
