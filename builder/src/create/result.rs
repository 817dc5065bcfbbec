//! What lies beside the images: `kiwi.result.json`, `.packages`, and the names of results.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{BuildError, IoContext};

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
pub fn to_json(entries: &BTreeMap<String, Entry>) -> String {
    let mut out = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let written = entries.serialize(&mut serde_json::Serializer::with_formatter(&mut out, format));
    written.map_or_else(
        |_| "{}".to_owned(),
        |()| String::from_utf8_lossy(&out).into_owned(),
    )
}

/// `.packages` of a tree with dpkg's database: `name|None|version|None|arch|None|None`, sorted; none for other trees.
pub fn packages(tree: &Path) -> Option<String> {
    let status = std::fs::read_to_string(tree.join("var/lib/dpkg/status")).ok()?;
    let mut lines = Vec::new();
    for paragraph in status.split("\n\n") {
        let field = |name: &str| {
            let mut values = paragraph
                .lines()
                .filter_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
            values.next().map(str::trim)
        };
        if let (Some(name), Some(version), Some(arch)) =
            (field("Package"), field("Version"), field("Architecture"))
        {
            lines.push(format!("{name}|None|{version}|None|{arch}|None|None\n"));
        }
    }
    lines.sort();
    Some(lines.concat())
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
    fn the_result_file_is_as_kiwi_writes_it() {
        let entries = BTreeMap::from([
            (
                "disk_image".to_owned(),
                entry("disk_image", "/out/a.raw".into(), true),
            ),
            (
                "container".to_owned(),
                entry("container", "/out/a.oci.tar.xz".into(), false),
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
