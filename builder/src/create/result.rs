//! What lies beside the images: `kiwi.result.json`, `.packages`, `.changes`, `.verified`, and the names of results.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use apteryx_schema::description::View;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{BuildError, IoContext};
use crate::events::{Outcome, Reporter, Step, many_packages};
use crate::sandbox::{Cmd, Root, Sandbox};

/// One entry of `kiwi.result.json`. Fields in KIWI's (sorted) order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Compressed in a bundle.
    pub compress: bool,
    /// Absolute.
    pub filename: PathBuf,
    /// With a checksum file in a bundle.
    pub shasum: bool,
    /// Part of a bundle.
    pub use_for_bundle: bool,
}

/// One line of `kiwi.result.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// A file.
    File(Entry),
    /// How files are named in a bundle: the pattern and what its letters stand for, sorted.
    Bundle {
        /// `bundle_format` of the type.
        pattern: String,
        /// By letter.
        tags: BTreeMap<&'static str, String>,
    },
}

/// How the files of a view are named in a bundle; the number of the bundle is given when one is made.
pub fn bundle(pattern: &str, view: &View<'_>, version: &str) -> Line {
    let mut parts = version.splitn(3, '.');
    let mut part = || parts.next().unwrap_or("").to_owned();
    let tags = [
        ("M", part()),
        ("m", part()),
        ("p", part()),
        ("N", view.image.name.clone()),
        ("P", view.profiles.join("_")),
        ("A", view.arch.to_string()),
        ("I", String::new()),
        ("T", view.image_type.image.value.trim().to_owned()),
        ("v", version.to_owned()),
    ];
    Line::Bundle {
        pattern: pattern.to_owned(),
        tags: tags.into(),
    }
}

/// The flags that KIWI gives a result of this key; `has_format` is for a disk that is also there in a format.
pub fn entry(key: &str, filename: PathBuf, has_format: bool) -> Entry {
    let (use_for_bundle, compress, shasum) = match key {
        "disk_image" => (!has_format, true, true),
        "filesystem_image" => (true, true, true),
        "image_packages" | "image_verified" => (true, false, false),
        "image_changes" => (true, true, false),
        _ => (true, false, true),
    };
    Entry {
        compress,
        filename,
        shasum,
        use_for_bundle,
    }
}

/// As KIWI writes it: sorted keys, indented by four.
pub fn to_json(entries: &BTreeMap<String, Line>) -> String {
    let mut out = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let written = entries.serialize(&mut serde_json::Serializer::with_formatter(&mut out, format));
    written.map_or_else(
        |_| "{}".to_owned(),
        |()| String::from_utf8_lossy(&out).into_owned(),
    )
}

/// A package of dpkg's database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    arch: String,
}

/// What dpkg's database knows, sorted; none for a tree without one.
fn packages(root: &Root) -> Option<Vec<Package>> {
    let status = root.text("/var/lib/dpkg/status").ok()??;
    let mut all = Vec::new();
    for paragraph in status.split("\n\n") {
        let field = |name: &str| {
            let mut values = paragraph
                .lines()
                .filter_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
            values.next().map(|value| value.trim().to_owned())
        };
        if let (Some(name), Some(version), Some(arch)) =
            (field("Package"), field("Version"), field("Architecture"))
        {
            all.push(Package { name, version, arch });
        }
    }
    all.sort();
    Some(all)
}

/// Says what is in a tree with dpkg's database, as files of `scratch` (key, file, extension): `.packages`, `.changes`,
/// `.verified`. Nothing for other trees.
pub fn about(
    tree: &Path,
    scratch: &Path,
    reporter: &Reporter,
) -> Result<Vec<(&'static str, PathBuf, &'static str)>, BuildError> {
    let root = Root::open(tree).at("cannot open", tree)?;
    let Some(packages) = packages(&root) else {
        return Ok(Vec::new());
    };
    let step = reporter.step("create/about", "list packages, changes and changed files");
    let mut made = Vec::new();
    let line = |p: &Package| format!("{}|None|{}|None|{}|None|None\n", p.name, p.version, p.arch);
    let path = scratch.join("packages");
    let text: String = packages.iter().map(line).collect();
    std::fs::write(&path, text).at("cannot write", &path)?;
    made.push(("image_packages", path, "packages"));

    let path = scratch.join("changes");
    changes(&root, &packages, &path)?;
    made.push(("image_changes", path, "changes"));

    if let Some(found) = verified(tree, &step)? {
        let path = scratch.join("verified");
        std::fs::write(&path, found).at("cannot write", &path)?;
        made.push(("image_verified", path, "verified"));
    }
    step.finish(Outcome::Done, many_packages(packages.len()));
    Ok(made)
}

/// The most that is taken of one changelog: a compressed one may be endless.
const CHANGELOG: u64 = 16 << 20;

/// The changelog of every package that has one, each after a line `NAME|`.
fn changes(root: &Root, packages: &[Package], to: &Path) -> Result<(), BuildError> {
    let mut out = BufWriter::new(File::create(to).at("cannot write", to)?);
    let mut names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    names.dedup();
    for name in names {
        // A package that is of the distribution only has no second changelog.
        let found = ["changelog.Debian.gz", "changelog.gz"]
            .iter()
            .find_map(|file| root.open_file(format!("/usr/share/doc/{name}/{file}")).ok());
        let Some(file) = found else { continue };
        let mut text = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(file).take(CHANGELOG);
        if reader.read_to_end(&mut text).is_err() {
            continue;
        }
        writeln!(out, "{name}|")
            .and_then(|()| out.write_all(&text))
            .and_then(|()| out.write_all(b"\n"))
            .at("cannot write", to)?;
    }
    out.flush().at("cannot write", to)
}

/// Files that are not as their package has them, in rpm's notation, said by the tree's own dpkg; none where that cannot
/// run.
fn verified(tree: &Path, step: &Step) -> Result<Option<Vec<u8>>, BuildError> {
    let cmd = Cmd::new("dpkg")
        .args(["--verify", "--verify-format=rpm"])
        .capture();
    let output = Sandbox::new(tree).run_unchecked(&cmd, Some(step))?;
    // 1: something is missing or changed, which is no failure here.
    Ok((output.status <= 1).then_some(output.stdout))
}

/// Lower-case hex and bytes of a file.
pub fn sha256(path: &Path) -> Result<(String, u64), BuildError> {
    let mut file = File::open(path).at("cannot read", path)?;
    let (mut hash, mut size) = (Sha256::new(), 0u64);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).at("cannot read", path)?;
        if read == 0 {
            return Ok((hex::encode(hash.finalize()), size));
        }
        hash.update(buffer.get(..read).unwrap_or(&[]));
        size += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_changelog_stands_after_its_packages_name_and_does_not_lead_out_of_the_tree() {
        let dir = tempfile::tempdir().expect("a directory");
        let tree = dir.path().join("tree");
        let doc = |name: &str| tree.join("usr/share/doc").join(name);
        let gzip = |path: PathBuf, text: &str| {
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("it is made");
            let file = File::create(path).expect("a file");
            let mut out = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            out.write_all(text.as_bytes()).expect("it is written");
            out.finish().expect("it ends");
        };
        gzip(doc("a/changelog.Debian.gz"), "a (1) x");
        gzip(doc("a/changelog.gz"), "upstream");
        gzip(doc("native/changelog.gz"), "native (2) x");
        gzip(dir.path().join("secret/changelog.gz"), "secret");
        std::os::unix::fs::symlink(dir.path().join("secret"), doc("out")).expect("it is made");
        std::fs::create_dir_all(tree.join("var/lib/dpkg")).expect("it is made");
        let status: String = ["out", "native", "a", "none"]
            .iter()
            .map(|name| format!("Package: {name}\nVersion: 1\nArchitecture: all\n\n"))
            .collect();
        std::fs::write(tree.join("var/lib/dpkg/status"), status).expect("it is written");
        let root = Root::open(&tree).expect("it opens");
        let to = dir.path().join("changes");
        changes(&root, &packages(&root).expect("a database"), &to).expect("it is written");
        let text = std::fs::read_to_string(to).expect("it reads");
        assert_eq!(text, "a|\na (1) x\nnative|\nnative (2) x\n");
    }

    #[test]
    fn the_result_file_is_as_kiwi_writes_it() {
        let entries = BTreeMap::from([
            (
                "disk_image".to_owned(),
                Line::File(entry("disk_image", "/out/a.raw".into(), true)),
            ),
            (
                "container".to_owned(),
                Line::File(entry("container", "/out/a.oci.tar.xz".into(), false)),
            ),
        ]);
        expect![[r#"
            {
                "container": {
                    "compress": false,
                    "filename": "/out/a.oci.tar.xz",
                    "shasum": true,
                    "use_for_bundle": true
                },
                "disk_image": {
                    "compress": true,
                    "filename": "/out/a.raw",
                    "shasum": true,
                    "use_for_bundle": false
                }
            }"#]]
        .assert_eq(&to_json(&entries));
    }
}
