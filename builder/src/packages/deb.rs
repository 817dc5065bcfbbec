//! Reads a .deb: control members and a streaming, decompressed data tar. Hardened: sizes, names and member order are
//! checked; it unpacks nothing by itself.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Component, Path};

use crate::error::{BuildError, IoContext};

/// The largest control part (decompressed) that is read; the largest in Debian takes about 20 MB.
const CONTROL_LIMIT: u64 = 128 << 20;
/// The largest number of files in a control part.
const CONTROL_FILES: usize = 1000;
/// What a decompressor of the data part may need at most.
const XZ_MEMORY: u64 = 512 << 20;

/// An open package file whose control part has been read.
pub struct DebReader {
    control: Vec<(String, Vec<u8>)>,
    data: Box<dyn Read + Send>,
}

impl std::fmt::Debug for DebReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DebReader")
            .field("control", &self.control.len())
            .finish_non_exhaustive()
    }
}

impl DebReader {
    /// Files of the control part (`control`, `md5sums`, `conffiles`, `postinst`, …) by name without `./`, in the
    /// order of the archive. Names are plain: no slash, no `..`.
    pub fn control(&self) -> &[(String, Vec<u8>)] {
        &self.control
    }

    /// One file of the control part.
    pub fn member(&self, name: &str) -> Option<&[u8]> {
        self.control
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, bytes)| bytes.as_slice())
    }

    /// The data tar, decompressed as it is read; for `tar::Archive::new`. Names in it are as its maker wrote them:
    /// whoever unpacks must keep them inside the root.
    pub fn into_data(self) -> Box<dyn Read + Send> {
        self.data
    }
}

/// Opens a package file and reads its control part.
pub fn open(path: &Path) -> Result<DebReader, BuildError> {
    let file = File::open(path).at("cannot read", path)?;
    read(file).map_err(|reason| BuildError::Packages {
        code: "package-corrupt",
        message: format!("`{}` is not a sound Debian package: {reason}", path.display()),
        place: None,
        help: None,
    })
}

fn read(file: File) -> Result<DebReader, String> {
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let mut file = BufReader::with_capacity(64 << 10, file);
    let mut magic = [0; 8];
    file.read_exact(&mut magic).map_err(|_| "it is too short")?;
    if &magic != b"!<arch>\n" {
        return Err("it is no ar archive".into());
    }
    let mut left = length - 8;
    let version = member(&mut file, &mut left)?;
    if version.name != "debian-binary" || version.size > 64 {
        return Err("its first member is not `debian-binary`".into());
    }
    let text = take(&mut file, &version, &mut left)?;
    if !text.starts_with(b"2.") {
        return Err("its format version is unknown".into());
    }
    let mut control = None;
    loop {
        let next = member(&mut file, &mut left)?;
        if let Some(kind) = next.name.strip_prefix("control.tar") {
            if control.is_some() || next.size > CONTROL_LIMIT {
                return Err("its control part is out of bounds".into());
            }
            let packed = take(&mut file, &next, &mut left)?;
            control = Some(control_files(decompress(kind, Cursor::new(packed))?)?);
        } else if let Some(kind) = next.name.strip_prefix("data.tar") {
            let control = control.ok_or("its data stand before its control part")?;
            let data = decompress(kind, file.take(next.size))?;
            return Ok(DebReader { control, data });
        } else if next.name.starts_with('_') {
            take(&mut file, &next, &mut left)?;
        } else {
            return Err(format!("its member `{}` is unknown", next.name.escape_default()));
        }
    }
}

struct Member {
    name: String,
    size: u64,
}

/// The header of the next member (deb(5), ar's common format).
fn member(file: &mut impl Read, left: &mut u64) -> Result<Member, String> {
    let mut head = [0u8; 60];
    file.read_exact(&mut head).map_err(|_| "it ends too early")?;
    *left = left.checked_sub(60).ok_or("it ends too early")?;
    let field = |from: usize, to: usize| -> Option<&str> {
        Some(std::str::from_utf8(head.get(from..to)?).ok()?.trim_end())
    };
    let name = field(0, 16).ok_or("a member's name is not text")?;
    let size = field(48, 58)
        .and_then(|s| s.parse::<u64>().ok())
        .ok_or("a member's size is no number")?;
    if head.get(58..60) != Some(b"`\n") {
        return Err("a member's header is damaged".into());
    }
    if size > *left {
        return Err("it ends too early".into());
    }
    Ok(Member {
        name: name.trim_end_matches('/').to_owned(),
        size,
    })
}

/// A member's bytes, and the padding after them.
fn take(file: &mut impl Read, member: &Member, left: &mut u64) -> Result<Vec<u8>, String> {
    if member.size > CONTROL_LIMIT {
        return Err(format!(
            "its member `{}` is too large",
            member.name.escape_default()
        ));
    }
    let mut bytes = Vec::new();
    let padded = (member.size + member.size % 2).min(*left);
    file.take(padded)
        .read_to_end(&mut bytes)
        .map_err(|e| e.to_string())?;
    *left -= bytes.len() as u64;
    bytes.truncate(member.size as usize);
    Ok(bytes)
}

/// The reader for a member's suffix: none, gz, xz, zst, bz2 is not made since dpkg 1.18 and not read here.
fn decompress(suffix: &str, reader: impl Read + Send + 'static) -> Result<Box<dyn Read + Send>, String> {
    Ok(match suffix {
        "" => Box::new(reader),
        ".gz" => Box::new(flate2::read::MultiGzDecoder::new(reader)),
        ".xz" => {
            let stream =
                liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)
                    .map_err(|e| e.to_string())?;
            Box::new(liblzma::read::XzDecoder::new_stream(reader, stream))
        }
        ".zst" => {
            let mut decoder = zstd::Decoder::new(reader).map_err(|e| e.to_string())?;
            decoder.window_log_max(27).map_err(|e| e.to_string())?;
            Box::new(decoder)
        }
        other => {
            return Err(format!(
                "its compression `{}` is not supported",
                other.escape_default()
            ));
        }
    })
}

fn control_files(tar: Box<dyn Read + Send>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut archive = tar::Archive::new(tar.take(CONTROL_LIMIT));
    let mut files = Vec::new();
    for entry in archive.entries().map_err(|e| e.to_string())? {
        let mut entry = entry.map_err(|e| e.to_string())?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(|e| e.to_string())?.into_owned();
        let mut parts = path.components().filter(|c| *c != Component::CurDir);
        let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else {
            return Err(format!("its control part holds `{}`", path.display()));
        };
        let name = name
            .to_str()
            .ok_or("a control file's name is not text")?
            .to_owned();
        if files.len() >= CONTROL_FILES {
            return Err("its control part holds too many files".into());
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        files.push((name, bytes));
    }
    if !files.iter().any(|(name, _)| name == "control") {
        return Err("its control part has no `control` file".into());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::testing;

    #[test]
    fn control_files_and_data_come_out_of_every_compression() {
        let dir = tempfile::tempdir().unwrap();
        for compression in ["none", "gzip", "xz", "zstd"] {
            let deb = testing::build_deb(
                dir.path(),
                "Package: peer\nVersion: 1\nArchitecture: all\n",
                compression,
            );
            let reader = open(&deb).unwrap();
            assert!(String::from_utf8_lossy(reader.member("control").unwrap()).contains("Package: peer"));
            let mut tar = tar::Archive::new(reader.into_data());
            let names: Vec<String> = tar
                .entries()
                .unwrap()
                .map(|e| e.unwrap().path().unwrap().display().to_string())
                .collect();
            assert!(
                names.iter().any(|n| n.ends_with("usr/share/peer/file")),
                "{compression}: {names:?}"
            );
        }
    }

    #[test]
    fn damage_is_refused_with_a_reason_and_never_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        let deb = testing::build_deb(
            dir.path(),
            "Package: peer\nVersion: 1\nArchitecture: all\n",
            "gzip",
        );
        let whole = std::fs::read(&deb).unwrap();
        let bad = dir.path().join("bad.deb");
        for cut in (0..whole.len().min(400)).chain([whole.len() - 1]) {
            std::fs::write(&bad, &whole[..cut]).unwrap();
            if let Ok(reader) = open(&bad) {
                let mut out = Vec::new();
                assert!(
                    reader.into_data().read_to_end(&mut out).is_err() || cut + 1 == whole.len(),
                    "cut at {cut}"
                );
            }
        }
        for at in 0..whole.len().min(600) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            std::fs::write(&bad, &bytes).unwrap();
            if let Ok(reader) = open(&bad) {
                let _ = std::io::copy(&mut reader.into_data(), &mut std::io::sink());
            }
        }
        std::fs::write(&bad, b"<html>not found</html>").unwrap();
        let error = open(&bad).unwrap_err();
        assert_eq!(error.code(), "package-corrupt");
        assert!(error.to_string().contains("no ar archive"), "{error}");
    }
}
