//! Mistakes that authors make, seeded one by one into whole descriptions with their folders, and checked by the program
//! as a user runs it: each is found, once, alone, and where it stands; the untouched descriptions are clean. The
//! tables are `mistakes/*.txt`, whose form `mistakes/README.md` tells; the descriptions are `mistakes/bases/`. A part of them is
//! made in JSON too, where the same is found.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr)] // A test may.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of the tables.
fn tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}

/// One finding as the program tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// Relative to the checked folder.
    path: String,
    code: String,
    severity: String,
    message: String,
    /// Line and character where it begins and ends.
    range: [(u64, u64); 2],
}

/// Checks folders in one run. Findings by folder, in the order given.
#[allow(clippy::disallowed_methods)] // The program under test is not run by the builder.
fn check(folders: &[PathBuf]) -> Vec<Vec<Finding>> {
    let done = Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(["check", "--format", "json"])
        .args(folders)
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&done.stderr)));
    let mut out = vec![Vec::new(); folders.len()];
    for file in told["files"].as_array().unwrap() {
        let path = Path::new(file["path"].as_str().unwrap());
        let own = |f: &PathBuf| path.strip_prefix(f).is_ok();
        let Some(at) = folders.iter().position(own) else {
            continue;
        };
        let relative = path.strip_prefix(&folders[at]).unwrap();
        for one in file["diagnostics"].as_array().unwrap() {
            let text = |key: &str| one[key].as_str().unwrap_or("").to_owned();
            let point = |end: &str| {
                let of = |key: &str| one["range"][end][key].as_u64().unwrap();
                (of("line"), of("character"))
            };
            out[at].push(Finding {
                path: relative.to_string_lossy().into_owned(),
                code: text("code"),
                severity: text("severity"),
                message: text("message"),
                range: [point("start"), point("end")],
            });
        }
    }
    out
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The name of a base's main file.
fn main_file(folder: &Path) -> String {
    let names = std::fs::read_dir(folder).unwrap();
    let names = names.map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let known = |n: &String| n == "config.xml" || n.ends_with(".kiwi");
    names.into_iter().find(known).expect("a description")
}

/// `\n`, `\r`, `\t` and `\\` stand for what they name.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        out.push(match (c, c == '\\') {
            (_, true) => match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            (other, _) => other,
        });
    }
    out
}

/// A tar archive with these members: a file, or `NAME->TARGET`, a link, or `NAME/`, a folder.
fn archive(members: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members.split_whitespace() {
        let (name, target) = member.split_once("->").unwrap_or((member, ""));
        let kind = match (target.is_empty(), name.ends_with('/')) {
            (false, _) => b'2',
            (true, true) => b'5',
            _ => b'0',
        };
        let mut block = [0_u8; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..107].copy_from_slice(b"0000755");
        block[108..115].copy_from_slice(b"0000000");
        block[116..123].copy_from_slice(b"0000000");
        block[124..135].copy_from_slice(b"00000000000");
        block[136..147].copy_from_slice(b"00000000000");
        block[148..156].copy_from_slice(b"        ");
        block[156] = kind;
        block[157..157 + target.len()].copy_from_slice(target.as_bytes());
        block[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&block);
    }
    out.extend_from_slice(&[0; 1024]);
    out
}

/// The same in a gzip stream of stored blocks.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Where a finding has to touch: a file, and lines and characters in it.
type Place = (String, [(u64, u64); 2]);

/// Line and character of a byte of a text.
fn point(text: &str, at: usize) -> (u64, u64) {
    let head = &text[..at];
    let line = head.matches('\n').count() as u64;
    let start = head.rfind('\n').map_or(0, |n| n + 1);
    (line, text[start..at].encode_utf16().count() as u64)
}

/// The two sides of a replacement, the second of which may be empty.
fn split(step: &str) -> Option<(&str, &str)> {
    step.split_once(" => ")
        .or_else(|| Some((step.strip_suffix(" =>")?, "")))
}

/// Where the bars of a text stand, as if they were not in it.
fn bars(text: &str) -> Option<[usize; 2]> {
    let bars: Vec<usize> = text.match_indices(['«', '»']).map(|(at, _)| at).collect();
    let [start, end] = bars.as_slice() else {
        return None;
    };
    Some([*start, end - '«'.len_utf8()])
}

/// Does one step of a mistake in a folder. The place that its bars name.
fn step(folder: &Path, main: &str, step: &str) -> Option<Place> {
    let path = |name: &str| folder.join(name.trim());
    if let Some((old, new)) = split(step) {
        let (file, old) = match old.split_once("# ") {
            Some((file, old)) if !file.contains(['<', ' ', '"', '=']) => (file, old),
            _ => (main, old),
        };
        let (old, new) = (unescape(old), unescape(new));
        let text = std::fs::read_to_string(path(file)).unwrap();
        let at = text
            .find(&old)
            .unwrap_or_else(|| panic!("`{old}` is not in {}", folder.display()));
        let mended = text.replacen(&old, &new.replace(['«', '»'], ""), 1);
        std::fs::write(path(file), &mended).unwrap();
        let span = bars(&new)?.map(|s| point(&mended, at + s));
        return Some((file.to_owned(), span));
    }
    let (verb, rest) = step.split_once(' ').unwrap();
    let mut words = rest.splitn(2, ' ');
    let (first, second) = (words.next().unwrap(), words.next().unwrap_or(""));
    let write = |bytes: &[u8]| {
        std::fs::create_dir_all(path(first).parent().unwrap()).unwrap();
        std::fs::write(path(first), bytes).unwrap();
    };
    match verb {
        "write" => {
            let text = unescape(second);
            let plain = text.replace(['«', '»'], "");
            write(plain.as_bytes());
            let span = bars(&text)?.map(|s| point(&plain, s));
            return Some((first.to_owned(), span));
        }
        "tar" => write(&archive(second)),
        "tgz" => write(&gzip(&archive(second))),
        "rm" if path(first).is_dir() => std::fs::remove_dir_all(path(first)).unwrap(),
        "rm" => std::fs::remove_file(path(first)).unwrap(),
        "mv" => {
            std::fs::create_dir_all(path(second).parent().unwrap()).unwrap();
            std::fs::rename(path(first), path(second)).unwrap();
        }
        "ln" => {
            std::fs::create_dir_all(path(first).parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(second, path(first)).unwrap();
        }
        "mode" => {
            use std::os::unix::fs::PermissionsExt;
            let mode = u32::from_str_radix(second, 8).unwrap();
            std::fs::set_permissions(path(first), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        _ => panic!("no such step: {step}"),
    }
    None
}

/// One mistake as it was made.
struct Made {
    line: String,
    code: String,
    base: String,
    folder: PathBuf,
    place: Option<Place>,
}

/// Makes the mistakes of the tables, one of so many, in folders of their own below `under`.
fn make(under: &Path, one_of: usize) -> Vec<Made> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(tables())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    let mut out = Vec::new();
    let mut passed = 0;
    for file in files {
        let mut base = String::new();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            if let Some(name) = line.strip_prefix('[') {
                base = name.trim_end_matches(']').to_owned();
                continue;
            }
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            passed += 1;
            if passed % one_of != 0 {
                continue;
            }
            let (code, steps) = line.split_once(": ").unwrap();
            let (steps, touched) = match steps.split_once(" ?? ") {
                Some((steps, touched)) => (steps, Some(touched)),
                None => (steps, None),
            };
            let folder = under.join(format!("{:03}-{code}", out.len()));
            copy(&tables().join("bases").join(&base), &folder);
            let main = main_file(&folder);
            let mut place = None;
            for one in steps.split(" ;; ") {
                place = step(&folder, &main, one).or(place);
            }
            if let Some(touched) = touched {
                let text = std::fs::read_to_string(folder.join(&main)).unwrap();
                let at = text.find(touched).unwrap_or_else(|| panic!("no `{touched}`"));
                let span = [at, at + touched.len()].map(|s| point(&text, s));
                place = Some((main, span));
            }
            out.push(Made {
                line: line.to_owned(),
                code: code.to_owned(),
                base: base.clone(),
                folder,
                place,
            });
        }
    }
    out
}

fn touches(finding: &Finding, place: &Place) -> bool {
    let ([start, end], [from, to]) = (finding.range, place.1);
    finding.path == place.0 && start <= to && from <= end
}

fn bases() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(tables().join("bases"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    all.sort();
    all
}

#[test]
fn the_bases_are_clean() {
    let found: Vec<Finding> = check(&bases()).concat();
    let loud: Vec<_> = found.iter().filter(|f| f.severity != "info").collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

#[test]
fn each_mistake_is_found_once_and_where_it_stands() {
    let temporary = std::env::temp_dir().join(format!("apteryx-mistakes-{}", std::process::id()));
    let made = make(&temporary, 1);
    let folders: Vec<PathBuf> = made.iter().map(|m| m.folder.clone()).collect();
    let found = check(&folders);
    let known: BTreeMap<String, Vec<Finding>> = bases()
        .iter()
        .map(|b| b.file_name().unwrap().to_string_lossy().into_owned())
        .zip(check(&bases()))
        .collect();
    std::fs::remove_dir_all(&temporary).unwrap();
    let mut wrong = Vec::new();
    let (mut hit, mut placed, mut single) = (0, 0, 0);
    for (mistake, found) in made.iter().zip(&found) {
        let before = &known[&mistake.base];
        let old = |f: &&Finding| !before.iter().any(|b| b.code == f.code && b.message == f.message);
        let new: Vec<&Finding> = found.iter().filter(old).collect();
        let here = |f: &&&Finding| mistake.place.as_ref().is_none_or(|p| touches(f, p));
        let right = new.iter().filter(|f| f.code == mistake.code);
        let is_hit = right.clone().next().is_some();
        let is_placed = right.clone().any(|f| here(&f));
        let is_single = new.len() == 1;
        hit += usize::from(is_hit);
        placed += usize::from(is_placed);
        single += usize::from(is_single);
        if !is_hit || !is_placed || !is_single {
            let told: Vec<String> = new
                .iter()
                .map(|f| {
                    format!(
                        "    {} {} {:?} {}: {}",
                        f.path, f.severity, f.range, f.code, f.message
                    )
                })
                .collect();
            let what = match (is_hit, is_placed) {
                (false, _) => "not found",
                (true, false) => "elsewhere",
                _ => "not alone",
            };
            wrong.push(format!(
                "{what} [{}] {}\n  {:?}\n{}",
                mistake.base,
                mistake.line,
                mistake.place,
                told.join("\n")
            ));
        }
    }
    let all = made.len();
    eprintln!("{all} mistakes: {hit} found, {placed} at their place, {single} alone");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all >= 150, "{all}");
}

/// What an element is in JSON: attributes as `@name`, the text as `#text` beside them, a list of those of one name.
fn as_json(element: roxmltree::Node<'_, '_>) -> Value {
    let mut out = serde_json::Map::new();
    for attribute in element.attributes() {
        out.insert(format!("@{}", attribute.name()), attribute.value().into());
    }
    for child in element.children().filter(|c| c.is_element()) {
        let value = as_json(child);
        match out.get_mut(child.tag_name().name()) {
            None => {
                out.insert(child.tag_name().name().to_owned(), value);
            }
            Some(Value::Array(all)) => all.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    let text: String = element
        .children()
        .filter_map(|c| c.text().filter(|_| c.is_text()))
        .collect();
    match (text.trim(), out.is_empty()) {
        ("", true) => Value::Null,
        ("", false) => Value::Object(out),
        (text, true) => text.into(),
        (text, false) => {
            out.insert("#text".to_owned(), text.into());
            Value::Object(out)
        }
    }
}

#[test]
fn in_json_the_same_mistakes_are_found() {
    let temporary = std::env::temp_dir().join(format!("apteryx-mistakes-json-{}", std::process::id()));
    let mut folders = Vec::new();
    for mistake in make(&temporary, 9) {
        let main = mistake.folder.join(main_file(&mistake.folder));
        let text = std::fs::read_to_string(&main).unwrap();
        // Comments, which say things too, and broken texts have no other form.
        if let Ok(document) = roxmltree::Document::parse(&text)
            && !text.contains("<!--")
        {
            let root = document.root_element();
            let whole = serde_json::json!({ root.tag_name().name(): as_json(root) });
            folders.push((
                mistake.folder,
                main,
                serde_json::to_string_pretty(&whole).unwrap(),
            ));
        }
    }
    let all: Vec<PathBuf> = folders.iter().map(|(folder, ..)| folder.clone()).collect();
    let codes = || {
        let one = |found: Vec<Finding>| {
            let mut codes: Vec<String> = found.into_iter().map(|f| f.code).collect();
            codes.sort();
            codes
        };
        check(&all).into_iter().map(one).collect::<Vec<_>>()
    };
    let in_xml = codes();
    for (_, main, json) in &folders {
        std::fs::write(main, json).unwrap();
    }
    let in_json = codes();
    std::fs::remove_dir_all(&temporary).unwrap();
    assert!(all.len() > 150, "{}", all.len());
    for ((folder, xml), json) in all.iter().zip(in_xml).zip(in_json) {
        assert_eq!(xml, json, "{}", folder.display());
    }
}
