//! What an archive beside a description holds, by its headers alone: bounded in bytes and entries, nothing is unpacked.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use std::time::SystemTime;

use apteryx_schema::description::folder::{Disk, Entry, Folder, Listing, Member};

/// Of an archive no more than this is looked through, in bytes of its content.
const MOST_BYTES: u64 = 256 << 20;
/// And no more entries than these.
const MOST_MEMBERS: usize = 50_000;

/// The folder of a description, with a view into the archives that lie in it.
#[derive(Debug)]
pub struct Beside(Disk);

impl Beside {
    /// The folder that a description's file lies in; none where it cannot be found.
    pub fn of(description: &Path) -> Option<Self> {
        Disk::of(description).map(Self)
    }
}

impl Folder for Beside {
    fn names(&self, below: &str) -> Option<Vec<String>> {
        self.0.names(below)
    }

    fn entry(&self, path: &str) -> Option<Entry> {
        self.0.entry(path)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.read(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.0.link(path)
    }

    fn elsewhere(&self, path: &str) -> Option<bool> {
        self.0.elsewhere(path)
    }

    fn members(&self, path: &str) -> Option<Listing> {
        let file = self.0.file(path)?;
        let metadata = file.metadata().ok()?;
        let key = (file.clone(), metadata.modified().ok()?, metadata.len());
        if let Some(known) = SEEN.lock().ok().and_then(|seen| seen.get(&key).cloned()) {
            return known;
        }
        let listed = list(&file);
        if let Ok(mut seen) = SEEN.lock() {
            if seen.len() > 256 {
                seen.clear();
            }
            seen.insert(key, listed.clone());
        }
        listed
    }
}

/// A file as it was when it was looked through.
type Stamp = (PathBuf, SystemTime, u64);

/// Archives that were looked through, so that an editor's next key stroke does not do it again.
static SEEN: LazyLock<Mutex<HashMap<Stamp, Option<Listing>>>> = LazyLock::new(Mutex::default);

/// Beginnings of files that are no tar archives, whatever they are called.
const OTHERS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a ZIP archive, which tar does not read"),
    (b"PK\x05\x06", "a ZIP archive, which tar does not read"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which tar does not read"),
    (b"Rar!", "a RAR archive, which tar does not read"),
    (b"\xed\xab\xee\xdb", "a package of RPM, and no archive"),
    (
        b"!<arch>",
        "a package of Debian or an `ar` archive, and no tar archive",
    ),
    (b"070701", "a cpio archive, which tar does not read"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS: the archive itself was not fetched",
    ),
    (b"<!DOCTYPE", "a web page, and no archive"),
    (b"<html", "a web page, and no archive"),
];

/// What an archive holds. None where that cannot be said: another compression, or too much to look through.
fn list(path: &Path) -> Option<Listing> {
    let mut file = File::open(path).ok()?;
    let mut start = [0_u8; 24];
    let mut got = 0;
    while got < start.len() {
        match file.read(start.get_mut(got..)?).ok()? {
            0 => break,
            more => got += more,
        }
    }
    let start = start.get(..got)?;
    if start.is_empty() {
        return Some(Err("an empty file".to_owned()));
    }
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(Err((*what).to_owned()));
    }
    file.seek(SeekFrom::Start(0)).ok()?;
    let file = BufReader::new(file);
    match start {
        [0x1f, 0x8b, ..] => members(flate2::read::MultiGzDecoder::new(file)),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => members(liblzma::read::XzDecoder::new_multi_decoder(file)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => members(zstd::Decoder::with_buffer(file).ok()?),
        // Others that tar knows by their beginning: bzip2, lzip, lzop, compress, lzma.
        [b'B', b'Z', b'h', ..] | [b'L', b'Z', b'I', b'P', ..] | [0x89, b'L', b'Z', b'O', ..] => None,
        [0x1f, 0x9d, ..] | [0x5d, 0, 0, ..] => None,
        _ => members(file),
    }
}

fn members(content: impl Read) -> Option<Listing> {
    let mut archive = tar::Archive::new(content.take(MOST_BYTES));
    let mut out = Vec::new();
    let broken = |why: std::io::Error, before: usize| {
        Some(Err(match before {
            0 => "no tar archive".to_owned(),
            _ => format!("damaged after {before} entries: {why}"),
        }))
    };
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(why) => return broken(why, 0),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => return broken(why, out.len()),
        };
        if out.len() == MOST_MEMBERS || entry.raw_file_position() + entry.size() > MOST_BYTES {
            return None;
        }
        let link = entry.link_name_bytes().filter(|l| !l.is_empty());
        let kind = entry.header().entry_type();
        out.push(Member {
            name: String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
            link: link
                .filter(|_| kind.is_symlink())
                .map(|l| String::from_utf8_lossy(&l).into_owned()),
            folder: kind.is_dir(),
        });
    }
    Some(Ok(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, bytes: &[u8]) -> Option<Listing> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        list(&path)
    }

    #[test]
    fn what_is_no_archive_is_told() {
        for bytes in [
            &b""[..],
            b"PK\x03\x04rest",
            b"just a text that is no archive\n",
            b"\x1f\x8bxx",
        ] {
            assert!(written("a.tar.gz", bytes).unwrap().is_err(), "{bytes:?}");
        }
        // Compressions that this does not read are tar's own affair.
        assert_eq!(written("a.tar.bz2", b"BZh91AY"), None);
    }

    #[test]
    fn entries_are_listed_through_each_compression() {
        let mut plain = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o755);
        header.set_entry_type(tar::EntryType::Directory);
        plain.append_data(&mut header.clone(), "bin/", &[][..]).unwrap();
        header.set_entry_type(tar::EntryType::Symlink);
        plain.append_link(&mut header, "lib", "usr/lib").unwrap();
        let plain = plain.into_inner().unwrap();
        let names = |listing: Option<Listing>| {
            let all = listing.unwrap().unwrap().into_iter();
            all.map(|m| (m.name, m.link, m.folder)).collect::<Vec<_>>()
        };
        let expected = vec![
            ("bin/".to_owned(), None, true),
            ("lib".to_owned(), Some("usr/lib".to_owned()), false),
        ];
        assert_eq!(names(written("a.tar", &plain)), expected);
        let packed = zstd::encode_all(&plain[..], 1).unwrap();
        assert_eq!(names(written("a.tar.zst", &packed)), expected);
    }
}
